//! No example is lost: an error in a page that hides a block, a header or a
//! pairing fails the run.

use crate::support::{Project, RawServer, page};

fn block(kind: &str, text: &str) -> String {
    format!("<!-- {kind} -->\n```http\n{text}\n```\n\n")
}

fn request(text: &str) -> String {
    block("{ \"blockType\": \"request\", \"name\": \"a\" }", text)
}

fn response(text: &str) -> String {
    block("{ \"blockType\": \"response\", \"name\": \"a\" }", text)
}

/// Checks a run on a project with this page: its exit code, and the rules of the
/// findings on standard error.
#[track_caller]
fn check(text: &str, code: i32, rules: &[&str]) {
    let pages = [
        ("p.md", text),
        ("q.md", &page(&[("GET /q", "HTTP/1.1 200 OK")])),
    ];
    let project = Project::with(&pages);
    let ran = project.test(&["--no-snapshots"]).exits(code);
    let mut found: Vec<&str> = ran
        .err
        .lines()
        .filter_map(|line| line.split_once('[')?.1.split_once("]: "))
        .map(|(rule, _)| rule)
        .collect();
    found.sort_unstable();
    assert_eq!(found, rules, "{text}\n{}", ran.err);
    let errors = ran.summary()["errors"].as_u64().expect("a number");
    assert_eq!(errors > 0, code == 1, "{text}");
}

const GET: &str = "GET /a\nAccept: text/plain";
const OK: &str = "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nx";

#[test]
fn fails_for_lost_blocks() {
    check(&[request(GET), response(OK)].concat(), 0, &[]);
    let whole = [request(GET), response(OK)].concat();
    let misspelt = |from: &str, to: &str| whole.replacen(from, to, 1);
    check(
        &misspelt("\"response\"", "\"respnse\""),
        1,
        &["annotation-unknown-type", "unpaired-request"],
    );
    check(
        &misspelt("\"request\"", "\"reqest\""),
        1,
        &["annotation-unknown-type", "orphan-response"],
    );
    check(
        &misspelt("\"blockType\"", "\"blokType\""),
        1,
        &["annotation-syntax", "orphan-response"],
    );
    check(
        &misspelt("\"blockType\"", "\"block_type\""),
        1,
        &["annotation-syntax", "orphan-response"],
    );
    check(
        &misspelt("-->\n", "-->\n\nThe request:\n\n"),
        1,
        &["annotation-dangling", "orphan-response"],
    );
    check(&misspelt("200 OK", "2000 OK"), 1, &["response-syntax"]);
    check(&misspelt("200 OK", "20 OK"), 1, &["response-syntax"]);
    // A comment of another tool.
    let other = format!("<!-- {{ \"lockType\": \"shared\" }} -->\n\n{whole}");
    check(&other, 0, &[]);
}

#[test]
fn fails_for_lost_pairings() {
    let named = |name: &str, text: &str| response(text).replace("\"a\"", &format!("\"{name}\""));
    check(
        &[request(GET), named("b", OK)].concat(),
        1,
        &["response-name-unknown"],
    );
    check(
        &[response(OK), request(GET)].concat(),
        1,
        &["orphan-response", "unpaired-request"],
    );
    check(
        &[request(GET), response(OK).replace("\"a\"", "7")].concat(),
        1,
        &["annotation-value"],
    );
    let ignored = request(GET).replace("request", "ignored");
    check(&[ignored, response(OK)].concat(), 0, &["orphan-response"]);
    let bare = format!("```http\n{GET}\n```\n\n");
    check(&[bare, response(OK)].concat(), 0, &["orphan-response"]);
    // Two requests and two responses of one name.
    let twice = [
        request("GET /b"),
        request(GET),
        response("HTTP/1.1 204 No Content"),
        response(OK),
    ];
    let project = Project::with(&[("p.md", &twice.concat())]);
    let listed = project.run(&["list"]).exits(0);
    assert!(
        listed.out.contains("GET     204  p.md:2  p::a  /b"),
        "{}",
        listed.out
    );
    assert!(
        listed.out.contains("GET     200  p.md:7  p::a~2  /a"),
        "{}",
        listed.out
    );
}

#[test]
fn fails_for_lost_headers() {
    for lost in [
        "HTTP/1.1 200 OK\nContent-Type text/plain\nX-A: 1\n\nx",
        "HTTP/1.1 200 OK\n\nContent-Type: text/plain\n\nx",
        "HTTP/1.1 200 OK\nContent-Type: text/plain\nX-A 1\n\nx",
    ] {
        check(
            &[request(GET), response(lost)].concat(),
            1,
            &["header-syntax"],
        );
    }
    let folded = "HTTP/1.1 200 OK\nContent-Type: text/plain\nX-A: 1,\n 2\n\nx";
    check(
        &[request(GET), response(folded)].concat(),
        0,
        &["header-syntax"],
    );
}

#[test]
fn fails_for_several_messages_in_one_block() {
    for (sent, received, code, rules) in [
        ("GET /a\n\n###\n\nGET /b", OK, 1, &["request-syntax"][..]),
        ("GET /a\n\nGET /b", OK, 1, &["request-syntax"]),
        ("GET /a\n\nHTTP/1.1 200 OK", OK, 1, &["request-syntax"]),
        ("GET /a\n  ?b=1\n  &c=2", OK, 0, &["request-syntax"]),
        (
            GET,
            "HTTP/1.1 302 Found\n\nHTTP/1.1 200 OK",
            1,
            &["response-syntax"],
        ),
        (GET, "HTTP/1.1 100 Continue\n\nHTTP/1.1 201 Created", 0, &[]),
    ] {
        check(&[request(sent), response(received)].concat(), code, rules);
    }
}

#[test]
fn sends_a_target_of_several_lines_as_one() {
    let server = RawServer::responding("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    let text = [
        request("GET /a\n  ?b=1\n  &c=2"),
        response("HTTP/1.1 100 Continue\n\nHTTP/1.1 201 Created"),
    ];
    let project = Project::with(&[("p.md", &text.concat())]);
    project
        .run(&["test", "--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(server.request_lines(), ["GET /a?b=1&c=2 HTTP/1.1"]);
}

#[test]
fn counts_errors_in_selected_pages_only() {
    let lost = [request(GET), response("HTTP/1.1 20 OK")].concat();
    let other = page(&[("GET /q", "HTTP/1.1 200 OK")]);
    let project = Project::with(&[("p.md", &lost), ("q.md", &other)]);
    let exits = |arguments: &[&str], code| {
        let all = [&["--no-snapshots"], arguments].concat();
        project.test(&all).exits(code);
    };
    exits(&[], 1);
    exits(&["--page", "q"], 0);
    exits(&["--page", "p"], 1);
    exits(&["--filter", "q::"], 0);
    exits(&["specs/docs/q.md"], 0);
    exits(&["specs/docs/p.md"], 1);
}

#[test]
fn suppressed_errors_do_not_fail_a_run() {
    let lost = [request(GET), response("HTTP/1.1 20 OK")].concat();
    let suppressed = format!(
        "{lost}<!-- {{ \"type\": \"#page.annotation\", \"suppressions\": [\"response-syntax: why\"] }} -->\n"
    );
    check(&suppressed, 0, &[]);
    let other = page(&[("GET /q", "HTTP/1.1 200 OK")]);
    let project = Project::with(&[("p.md", &lost), ("q.md", &other)]);
    project.test(&["--no-snapshots"]).exits(1);
    project.write(
        "docproof.toml",
        "[check.rules]\nresponse-syntax = \"warning\"\n",
    );
    project.test(&["--no-snapshots"]).exits(0);
}
