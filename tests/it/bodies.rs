//! Response bodies of a live service: errors, warnings, and their places.

use crate::support::{Project, RawServer};

const PAGE: &str = "# A page

<!-- { \"blockType\": \"resource\", \"@odata.type\": \"sync.thing\" } -->
```json
{ \"id\": \"String (identifier)\", \"size\": \"Int32\", \"made\": \"timestamp\" }
```

<!-- { \"blockType\": \"request\", \"name\": \"get\" } -->
```http
GET /thing
```

<!-- { \"blockType\": \"response\", \"@odata.type\": \"sync.thing\", \"truncated\": true } -->
```http
HTTP/1.1 200 OK
Content-Type: application/json

{
  \"id\": \"a\",
  \"size\": 7
}
```
";

fn responding(body: &'static str, arguments: &[&str]) -> (Project, crate::support::Ran) {
    let server = RawServer::start(move |_, stream| {
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
    });
    let project = Project::with(&[("p.md", PAGE)]);
    let arguments = [&["--base-url", &server.base, "--no-snapshots"], arguments].concat();
    let ran = project.test(&arguments);
    (project, ran)
}

/// The kind, path and line of each difference, and the exit code.
#[track_caller]
fn check(body: &'static str, arguments: &[&str], code: i32, expected: &[(&str, &str, u64)]) {
    let (_, ran) = responding(body, arguments);
    let ran = ran.exits(code);
    let result = &ran.json()[0];
    let found: Vec<_> = result["differences"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            (
                one["kind"].as_str().expect("a kind"),
                one["path"].as_str().unwrap_or_default(),
                one["line"].as_u64().expect("a line"),
            )
        })
        .collect();
    assert_eq!(found, expected, "{result}");
}

#[test]
fn reports_body_shape_differences_at_their_line() {
    check("{\"id\": \"b\", \"size\": 8}", &[], 0, &[]);
    check(
        "{\"id\": \"b\"}",
        &[],
        1,
        &[("missing-property", "$.size", 20)],
    );
    check(
        "{\"id\": \"b\", \"size\": \"8\"}",
        &[],
        1,
        &[("type-mismatch", "$.size", 20)],
    );
    check(
        "{\"id\": \"b\", \"size\": 8, \"made\": \"soon\"}",
        &[],
        1,
        &[("format-date-time", "$.made", 18)],
    );
    check("{\"id\": ", &[], 1, &[("json-syntax", "$", 18)]);
}

#[test]
fn compares_bodies_as_the_mode_says() {
    check("{\"id\": ", &["--body", "off"], 0, &[]);
    check(
        "{\"id\": \"b\", \"size\": 7}",
        &["--body", "exact"],
        1,
        &[("value", "$.id", 19)],
    );
}

#[test]
fn warns_about_undocumented_members() {
    const MORE: &str = "{\"id\": \"b\", \"size\": 8, \"more\": 1}";
    let (_, ran) = responding(MORE, &[]);
    let ran = ran.exits(0);
    assert_eq!(ran.json()[0]["warnings"][0]["path"], "$.more");
    assert_eq!(ran.summary()["warnings"]["undocumented-property"], 1);
    check(
        MORE,
        &["--strict"],
        1,
        &[("undocumented-property", "$.more", 18)],
    );
}

/// Snapshots keep bodies in every run, also in one that does not compare them.
#[test]
fn accepted_bodies_stay_accepted_when_bodies_are_not_compared() {
    let server = RawServer::start(|_, stream| {
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\
             Connection: close\r\n\r\n{{\"id\": 1, \"size\": 8, \"more\": true}}"
        );
    });
    let project = Project::with(&[("p.md", PAGE)]);
    let live = ["--base-url", server.base.as_str()];
    project.test(&live).exits(1);
    project
        .run(&["accept", "--deviation", "ids are numbers here", "p::get"])
        .exits(0);
    let known = |arguments: &[&str]| {
        let ran = project.test(&[&live[..], arguments].concat()).exits(0);
        ran.summary()["snapshots"].clone()
    };
    for arguments in [&[][..], &["--body", "off"]] {
        assert_eq!(known(arguments), serde_json::json!({"match": 1}));
    }
    project.test(&[]).exits(0);
    let snapshot = project.read("snapshots/p__get.snap");
    assert!(
        snapshot.contains("body $.id: type-mismatch number"),
        "{snapshot}"
    );
    let (_, contents) = snapshot.rsplit_once("---\n").expect("contents");
    assert!(!contents.contains("more"), "{snapshot}");
}

#[test]
fn reports_changed_docs_when_a_page_shows_more_than_was_accepted() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\
         Connection: close\r\n\r\n{\"id\": \"b\", \"size\": 8}",
    );
    let project = Project::with(&[("p.md", PAGE)]);
    let live = ["test", "--base-url", server.base.as_str()];
    project.run(&live).exits(0);
    project.run(&["accept"]).exits(0);
    let snapshot = project.read("snapshots/p__get.snap");
    assert!(
        snapshot.contains("\ninfo:\n  body:\n    $: object\n    $.id: string\n"),
        "{snapshot}"
    );
    let page = PAGE.replace(
        "\"size\": 7",
        "\"size\": 7,\n  \"made\": \"2027-01-02T03:04:05Z\"",
    );
    project.write("specs/docs/p.md", page);
    let ran = project.run(&live).exits(1);
    let ran = ran
        .says("FAIL p::get  docs changed: the response matches the accepted snapshot")
        .says("`docproof fix p::get --from live` fixes the page")
        .says("error[missing-property]");
    assert!(!ran.out.contains("error[snapshot]"), "{}", ran.out);
    let fix = [
        "fix",
        "p::get",
        "--from",
        "live",
        "--base-url",
        &server.base,
    ];
    project.run(&fix).exits(0);
    project.run(&live).exits(0);
}

#[test]
fn warns_about_documented_bodies_that_are_not_valid_json() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    );
    let page = crate::support::page(&[("GET /a", "HTTP/1.1 200 OK\n\n{\"a\": }")]);
    let project = Project::with(&[("p.md", &page)]);
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(ran.summary()["warnings"]["documented-body"], 1);
}

/// `text/json` is JSON: such a body is compared, and a run without its members
/// does not conform.
#[test]
fn compares_bodies_of_text_json() {
    let page = "<!-- { \"blockType\": \"request\" } -->\n```http\nGET /thing\n```\n\n\
        <!-- { \"blockType\": \"response\" } -->\n```http\nHTTP/1.1 200 OK\n\
        Content-Type: text/json\n\n{\"id\": \"a\", \"size\": 1}\n```\n";
    let check = |body: &'static str, code: i32, expected: &[&str]| {
        let server = RawServer::start(move |_, stream| {
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/json\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            );
        });
        let project = Project::with(&[("p.md", page)]);
        let ran = project.test(&["--base-url", &server.base, "--no-snapshots"]);
        let ran = ran.exits(code);
        let result = &ran.json()[0];
        let differences = result["differences"].as_array();
        let paths = differences.into_iter().flatten();
        let paths = paths.map(|one| one["path"].as_str().expect("a path"));
        assert_eq!(paths.collect::<Vec<_>>(), expected, "{body}");
    };
    check("{\"id\": \"b\", \"size\": 2}", 0, &[]);
    check("{\"nothing\": true}", 1, &["$.id", "$.size"]);
}
