//! Expectations of scenarios add to the documented response. Only one that excludes
//! the documented status replaces it.

use serde_json::Value;

use crate::support::{Project, Ran, RawServer, page};

const DOCUMENTED: &str =
    "HTTP/1.1 200 OK\nContent-Type: application/json\nX-A: 1\n\n{\"id\": 1, \"name\": \"a\"}";

/// The response of the service: a status, and whether the header and the body are the
/// documented ones.
#[derive(Clone, Copy)]
struct Sent(&'static str, bool, bool);

fn run(expect: &str, Sent(status, has_header, has_body): Sent, format: &str) -> Ran {
    let header = if has_header { "X-A: 1\r\n" } else { "" };
    let body = if has_body {
        "{\"id\": 2, \"name\": \"b\"}"
    } else {
        "{\"id\": \"2\"}"
    };
    let server = RawServer::start(move |_, stream| {
        let response = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{header}\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let _ = stream.write_all(response.as_bytes());
    });
    let project = Project::with(&[("p.md", &page(&[("GET /a", DOCUMENTED)]))]);
    project.write(
        "specs/scenarios/a.yaml",
        format!("scenarios:\n  - case: p::1\n    expect: {expect}\n"),
    );
    project.run(&["test", "--format", format, "--base-url", &server.base])
}

/// Checks the kinds of the differences, and whether the documented response was
/// replaced.
#[track_caller]
fn check(expect: &str, sent: Sent, kinds: &[&str], is_replaced: bool) {
    let ran = run(expect, sent, "json").exits(i32::from(!kinds.is_empty()));
    let result = &ran.json()[0];
    let differences = result["differences"].as_array().expect("a list");
    let found: Vec<&str> = differences
        .iter()
        .map(|difference| difference["kind"].as_str().expect("a kind"))
        .collect();
    assert_eq!(found, kinds, "{expect}: {result}");
    assert_eq!(result["replaced"] != Value::Null, is_replaced, "{result}");
}

const ALL: Sent = Sent("200 OK", true, true);

/// Expectations that admit the documented 200.
const ADMITTING: [&str; 9] = [
    "{ status: 200 }",
    "{ status: 2xx }",
    "{ status: [200, 201] }",
    "{ status: [4xx, 200] }",
    "{ status: { at-least: 200 } }",
    "{ status: { exists: true } }",
    "{ status: { matches: '^2' } }",
    "{ status: { one-of: [200, 404], less-than: 500 } }",
    "{ $.id: { type: integer } }",
];

#[test]
fn admitting_the_documented_status_adds_to_the_page() {
    for expect in ADMITTING {
        check(expect, ALL, &[], false);
        check(
            expect,
            Sent("200 OK", false, true),
            &["missing-header"],
            false,
        );
    }
    check(
        "{ status: 2xx }",
        Sent("200 OK", true, false),
        &["type-mismatch", "missing-property"],
        false,
    );
    // The expectation admits 201 too, but the page documents 200.
    check(
        "{ status: 2xx }",
        Sent("201 Created", true, true),
        &["status"],
        false,
    );
    check(
        "{ status: { exists: true } }",
        Sent("404 Not Found", true, true),
        &["status"],
        false,
    );
    check(
        "{ status: 2xx }",
        Sent("404 Not Found", true, true),
        &["status", "expectation"],
        false,
    );
}

#[test]
fn excluding_the_documented_status_replaces_the_page() {
    let missing = Sent("404 Not Found", false, false);
    for expect in [
        "{ status: 404 }",
        "{ status: 4xx }",
        "{ status: { greater-than: 200 } }",
        "{ status: { at-least: 200, matches: '^4' } }",
    ] {
        check(expect, missing, &[], true);
        check(expect, ALL, &["expectation"], true);
    }
    check(
        "{ status: 4xx, header:X-A: 1 }",
        missing,
        &["expectation"],
        true,
    );
}

#[test]
fn reports_say_that_the_page_was_replaced() {
    let missing = Sent("404 Not Found", false, false);
    let ran = run("{ status: 4xx }", missing, "json").exits(0);
    let replaced = &ran.json()[0]["replaced"];
    assert_eq!(replaced["documented"], "200 OK");
    assert_eq!(replaced["expected"], "status 4xx");
    assert_eq!(replaced["scenario"]["line"], 3, "{replaced}");
    assert_eq!(ran.json()[0]["verdict"], Value::Null);
    assert_eq!(ran.summary()["replaced"], 1);
    run("{ status: 4xx }", missing, "pretty")
        .exits(0)
        .says("1 case compared with a scenario that excludes the documented status")
        .says("Not compared: 0 of 1 response");
    run("{ status: 200 }", ALL, "pretty")
        .exits(0)
        .says("Conformant: 1 of 1 response");
}

#[test]
fn fixes_write_no_response_that_replaced_the_page() {
    let server = RawServer::responding(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let text = page(&[("GET /a", "HTTP/1.1 200 OK")]);
    let fixed = |expect: &str| {
        let project = Project::with(&[("p.md", &text)]);
        project.write(
            "specs/scenarios/a.yaml",
            format!("scenarios:\n  - case: p::1\n    expect: {expect}\n"),
        );
        let live = ["--base-url", &server.base];
        project.test(&[&["--update", "always"], &live[..]].concat());
        project.run(&["fix", "--from", "snapshot"]);
        let by_snapshot = project.read("specs/docs/p.md") != text;
        project.write("specs/docs/p.md", &text);
        project.run(&[&["fix", "--from", "live"], &live[..]].concat());
        (by_snapshot, project.read("specs/docs/p.md") != text)
    };
    assert_eq!(fixed("{ status: 404 }"), (false, false));
    assert_eq!(fixed("{ status: { exists: true } }"), (true, true));
}

/// After polling, expectations are about the last response, not the documented one.
#[test]
fn expectations_after_polling_do_not_replace_the_page() {
    let check = |location: &'static str, code: i32| {
        let server = RawServer::start(move |head, stream| {
            let response = if head.starts_with("GET /jobs/1") {
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\
                 Connection: close\r\n\r\n{\"state\": \"done\"}"
                    .to_owned()
            } else {
                format!(
                    "HTTP/1.1 202 Accepted\r\n{location}\r\nContent-Length: 0\r\n\
                     Connection: close\r\n\r\n"
                )
            };
            let _ = stream.write_all(response.as_bytes());
        });
        let documented = "HTTP/1.1 202 Accepted\nLocation: /jobs/1\nX-A: 1";
        let project = Project::with(&[("p.md", &page(&[("GET /a", documented)]))]);
        project.write(
            "specs/scenarios/a.yaml",
            "scenarios:\n  - case: p::1\n    expect: { status: 200 }\n    \
             poll: { until: { $.state: done }, interval: 1ms }\n",
        );
        let ran = project.test(&["--base-url", &server.base]).exits(code);
        assert_eq!(ran.json()[0]["replaced"], Value::Null);
    };
    check("Location: /jobs/1\r\nX-A: 1", 0);
    check("Location: /jobs/1", 1);
}
