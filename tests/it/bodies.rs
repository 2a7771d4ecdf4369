//! Response bodies of a live service: errors, warnings, and their places.

use crate::support::{Project, Ran, RawServer};

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
    let (ran, text) = in_both_formats(&project, &server, &[], 0);
    assert_eq!(ran.summary()["warnings"]["documented-body"], 1);
    assert_eq!(ran.json()[0]["body"], "unreadable-documented-body");
    text.says("(0 bodies compared, 1 not: 1 unreadable documented body)");
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

/// The results of a run against a service, as JSON and as text.
fn in_both_formats(
    project: &Project,
    server: &RawServer,
    arguments: &[&str],
    code: i32,
) -> (Ran, Ran) {
    let live = ["--base-url", server.base.as_str(), "--no-snapshots"];
    let arguments = [&live, arguments].concat();
    let json = project.test(&arguments).exits(code);
    let text = project.run(&[&["test"], arguments.as_slice()].concat());
    (json, text.exits(code))
}

/// A service that sends a body of a media type.
fn sending(media_type: &'static str, body: &'static str) -> RawServer {
    RawServer::start(move |_, stream| {
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        );
    })
}

/// A run with a documented text, and a service that sends another one.
fn text_run(sent: &'static str, arguments: &[&str], code: i32) -> (Ran, Ran) {
    let response = "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello\n1,2";
    let project = Project::with(&[("p.md", &crate::support::page(&[("GET /a", response)]))]);
    in_both_formats(&project, &sending("text/plain", sent), arguments, code)
}

#[test]
fn compares_text_with_body_exact() {
    let exact = &["--body", "exact"][..];
    let (_, text) = text_run("hello\r\n1,2\r\n", exact, 0);
    text.says("match the docs (1 body compared)");
    let (json, text) = text_run("hello\n1,3", exact, 1);
    text.says("error[body-text]: docs show `1,2` (p.md:14), the service sent `1,3`");
    let difference = &json.json()[0]["differences"][0];
    assert_eq!(difference["kind"], "body-text");
    assert_eq!(difference["line"], 14);
    let (_, text) = text_run("bye", exact, 1);
    text.says("docs show `hello` (p.md:13), the service sent `bye`");
}

#[test]
fn counts_bodies_that_are_not_compared() {
    let (json, text) = text_run("bye", &[], 0);
    text.says("match the docs (0 bodies compared, 1 not: 1 text)");
    assert_eq!(json.json()[0]["body"], "text");
    let counts = &json.summary()["bodies_not_compared"];
    assert_eq!(counts, &serde_json::json!({"text": 1}));
    let (_, text) = text_run("", &[], 1);
    text.says("docs show a body (p.md:13), the service sent an empty body");
    let (_, text) = text_run("bye", &["--body", "off"], 0);
    text.says("(0 bodies compared, 1 not: 1 by --body off)");
}

#[test]
fn compares_bodies_if_the_media_type_is_ignored() {
    for policy in ["ignore", "present"] {
        let project = Project::with(&[("p.md", PAGE)]);
        let config = format!("[headers]\n\"Content-Type\" = \"{policy}\"\n");
        project.write("docproof.toml", config);
        let server = sending("text/html", "{\"id\": 77}");
        let (_, text) = in_both_formats(&project, &server, &[], 1);
        text.says("error[type-mismatch]")
            .says("error[missing-property]");
        let server = sending("text/html", "{\"id\": \"b\", \"size\": 1}");
        in_both_formats(&project, &server, &[], 0);
    }
}

#[test]
fn strict_runs_fail_for_bodies_that_prove_nothing() {
    let response = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"value\": [{\"id\": 1}]}";
    let project = Project::with(&[("p.md", &crate::support::page(&[("GET /a", response)]))]);
    let check = |body: &'static str, arguments: &[&str], code| {
        let server = sending("application/json", body);
        in_both_formats(&project, &server, arguments, code).1
    };
    let (one, none) = ("{\"value\": [{\"id\": 7}]}", "{\"value\": []}");
    check(one, &["--strict"], 0).says("(1 body compared)");
    check(none, &[], 0).says("(0 bodies compared, 1 not: 1 without a documented member)");
    check(none, &["--strict"], 1).says("error[not-checked]");
}

/// What pages may leave open, responses may not.
#[test]
fn reports_ellipses_and_unknown_types_in_responses() {
    let check = |documented: &str, body: &'static str, code: i32, rule: &str| {
        let response = format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{documented}");
        let page = crate::support::page(&[("GET /a", response.as_str())]);
        let project = Project::with(&[("p.md", &page)]);
        let server = sending("application/json", body);
        let (_, text) = in_both_formats(&project, &server, &[], code);
        text.says(rule);
    };
    check("{\"a\": 1}", "\"...\"", 1, "error[type-mismatch]");
    check(
        "{\"a\": <a>, ...}",
        "{\"a\": 7, \"b\": 1}",
        0,
        "(1 body compared)",
    );
    check(
        "{\"a\": <a>, ...}",
        "{\"b\": 1}",
        1,
        "error[missing-property]",
    );
    let tagged = "{\"@odata.type\": \"#x.a\", \"id\": 1}";
    check(
        tagged,
        "{\"@odata.type\": \"#zzz.nope\", \"b\": true}",
        1,
        "error[type-name]",
    );
    check(
        tagged,
        "{\"@odata.type\": \"#x.a\", \"id\": 2}",
        0,
        "(1 body compared)",
    );
}

#[test]
fn compares_numbers_of_any_length() {
    let documented = "{\"n\": 123456789012345678901234567890, \"m\": 1.50}";
    let response = format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{documented}");
    let project = Project::with(&[("p.md", &crate::support::page(&[("GET /a", &response)]))]);
    let check = |body: &'static str, code: i32| {
        let server = sending("application/json", body);
        in_both_formats(&project, &server, &["--body", "exact"], code).1
    };
    check("{\"n\": 123456789012345678901234567890, \"m\": 1.5}", 0);
    check("{\"n\": 123456789012345678901234567891, \"m\": 1.5}", 1).says("`$.n`");
}
