//! `docproof fix`: writes responses into the pages.

use crate::support::{Project, Ran, RawServer, page};

const RESPONSE: &str = "HTTP/1.1 202 Accepted\r\nContent-Type: application/json; charset=utf-8\r\n\
                      X-A: 2\r\nX-Id: 00ff00ff-00ff-00ff-00ff-00ff00ff00ff\r\n\
                      Content-Length: 2\r\nConnection: close\r\n\r\n{}";

const DOCUMENTED: &str =
    "HTTP/1.1 200 OK\nContent-Type: text/plain\nx-a:  1\nX-Gone: 1\nX-Id: 7\n\n{ \"a\": 1 }";

fn project(pairs: &[(&str, &str)]) -> Project {
    Project::with(&[("p.md", &page(pairs))])
}

fn fix(project: &Project, server: &RawServer, arguments: &[&str]) -> Ran {
    let live = ["fix", "--from", "live", "--base-url", &server.base];
    project.run(&[&live, arguments].concat())
}

fn written(project: &Project) -> String {
    project.read("specs/docs/p.md")
}

#[test]
fn writes_responses_where_they_differ() {
    let server = RawServer::responding(RESPONSE);
    let project = project(&[("GET /a", DOCUMENTED)]);
    let before = written(&project);
    let expected = before
        .replace("200 OK", "202 Accepted")
        .replace("text/plain", "application/json")
        .replace("x-a:  1", "x-a:  2")
        .replace("X-Gone: 1\n", "")
        .replace("{ \"a\": 1 }", "{}")
        .replace("X-Id: 7", "X-Id: 00ff00ff-00ff-00ff-00ff-00ff00ff00ff");
    fix(&project, &server, &["--dry-run"])
        .exits(0)
        .says("--- specs/docs/p.md\n+++ specs/docs/p.md\n")
        .says("-HTTP/1.1 200 OK\n")
        .says("+HTTP/1.1 202 Accepted\n")
        .says("1 page to fix, 0 left");
    assert_eq!(written(&project), before);
    fix(&project, &server, &[])
        .exits(0)
        .says("fixed specs/docs/p.md: lines 10, 11, 12, 13, 14, 16")
        .says("1 page fixed, 0 left");
    assert_eq!(written(&project), expected);
    fix(&project, &server, &[])
        .exits(0)
        .says("0 pages fixed, 0 left");
    assert_eq!(written(&project), expected);
    let arguments = ["--base-url", &server.base, "--no-snapshots"];
    project.test(&arguments).exits(0);
}

#[test]
fn writes_changed_members() {
    let body = r#"{"name": 7, "gone": null, "list": [{"size": "big"}], "new": 1}"#;
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let server = RawServer::start(move |_, stream| drop(stream.write_all(response.as_bytes())));
    let shown = "{\n  \"list\": [\n    { \"size\" : 1 }\n  ],\n  \"name\": \"x\",\n  \"gone\": \"y\",\n  \"lost\": true\n}";
    let documented = format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{shown}");
    let project = project(&[("GET /a", &documented)]);
    let before = written(&project).replace('\n', "\r\n");
    project.write("specs/docs/p.md", &before);
    fix(&project, &server, &[]).exits(0);
    let expected = before
        .replace("\"size\" : 1", "\"size\" : \"big\"")
        .replace("\"x\"", "7")
        .replace("\"y\",\r\n  \"lost\": true", "null");
    assert_eq!(written(&project), expected);
    fix(&project, &server, &[]).exits(0).says("0 pages fixed");
    let arguments = ["--base-url", &server.base, "--no-snapshots"];
    project.test(&arguments).exits(0);
}

#[test]
fn writes_accepted_responses_without_tokens() {
    let server = RawServer::responding(RESPONSE);
    let project = project(&[("GET /a", DOCUMENTED), ("GET /b", "HTTP/1.1 200 OK")]);
    let from_snapshot = ["fix", "--from", "snapshot", "p::1"];
    project
        .run(&from_snapshot)
        .exits(0)
        .says("1 case without a snapshot");
    let arguments = ["--base-url", &server.base, "--filter", "p::1"];
    project.test(&arguments).exits(1);
    project.run(&["accept"]).exits(0);
    let before = written(&project);
    project
        .run(&from_snapshot)
        .exits(1)
        .says("specs/docs/p.md:14: not written: the actual value of `X-Id` is only recorded as [uuid]")
        .says("1 page fixed, 1 left");
    let expected = before
        .replacen("200 OK", "202 Accepted", 1)
        .replace("text/plain", "application/json")
        .replace("x-a:  1", "x-a:  2")
        .replace("X-Gone: 1\n", "");
    assert_eq!(written(&project), expected);
    project
        .run(&from_snapshot)
        .exits(1)
        .says("0 pages fixed, 1 left");
}

#[test]
fn fixed_pages_match_the_accepted_snapshots() {
    let server = RawServer::responding(
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = project(&[("GET /a", "HTTP/1.1 200 OK")]);
    project.test(&["--base-url", &server.base]).exits(1);
    project.run(&["accept"]).exits(0);
    let ran = project.test(&["--base-url", &server.base]).exits(1);
    assert_eq!(ran.json()[0]["verdict"], "docs-changed");
    project.run(&["fix", "--from", "snapshot"]).exits(0);
    let ran = project.test(&["--base-url", &server.base]).exits(0);
    assert_eq!(ran.json()[0]["verdict"], "conforms");
}

#[test]
fn keeps_known_deviations_unless_requested() {
    let server = RawServer::responding(
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = project(&[("GET /a", "HTTP/1.1 200 OK")]);
    project.test(&["--base-url", &server.base]).exits(1);
    project
        .run(&["accept", "--deviation", "late", "p::1"])
        .exits(0);
    for from in ["snapshot", "live"] {
        let mut arguments = vec!["fix", "--from", from];
        if from == "live" {
            arguments.extend(["--base-url", &server.base]);
        }
        let ran = project.run(&arguments);
        ran.exits(0).says("p::1: skipped, known deviation: late");
        assert!(written(&project).contains("200 OK"));
    }
    project.run(&["fix", "p::1", "--from", "snapshot"]).exits(0);
    assert!(written(&project).contains("202 Accepted"));
}

#[test]
fn keeps_responses_that_belong_to_two_requests_that_differ() {
    let server = RawServer::start(|head, stream| {
        let status = if head.starts_with("GET /a") {
            "200 OK"
        } else {
            "202 Accepted"
        };
        let response =
            format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(response.as_bytes());
    });
    let text = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /a\n```\n\n\
                <!-- {\"blockType\": \"request\", \"name\": \"b\"} -->\n```\nGET /b\n```\n\n\
                <!-- {\"blockType\": \"response\", \"name\": [\"a\", \"b\"]} -->\n```\nHTTP/1.1 200 OK\n```\n";
    let project = Project::with(&[("p.md", text)]);
    fix(&project, &server, &[])
        .exits(1)
        .says("this response documents both `p::a` and `p::b`, but their actual responses differ");
    assert_eq!(written(&project), text);
}

#[test]
fn keeps_pages_that_changed_meanwhile() {
    let project = std::sync::Arc::new(project(&[("GET /a", "HTTP/1.1 200 OK")]));
    let page = project.path("specs/docs/p.md");
    let server = RawServer::start(move |_, stream| {
        let text = std::fs::read_to_string(&page).expect("a page");
        std::fs::write(&page, text + "More.\n").expect("written");
        let _ = stream
            .write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    fix(&project, &server, &[])
        .exits(1)
        .says("specs/docs/p.md: not written: the file changed during the run")
        .says("0 pages fixed, 1 left");
    assert!(written(&project).contains("200 OK"));
}

#[test]
fn writes_no_secrets() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nX-A: Bearer s3cret-token\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = project(&[("GET /a", "HTTP/1.1 200 OK\nX-A: 1")]);
    let before = written(&project);
    let ran = fix(
        &project,
        &server,
        &["--header", "Authorization: Bearer s3cret-token"],
    );
    let ran = ran.exits(1).says("is only recorded as [secret:");
    assert!(!ran.out.contains("s3cret-token") && !ran.err.contains("s3cret-token"));
    assert_eq!(written(&project), before);
}

#[test]
fn reports_cases_that_cannot_be_fixed() {
    let server = RawServer::responding(
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = project(&[("POST /a", "HTTP/1.1 200 OK")]);
    let before = written(&project);
    fix(&project, &server, &[])
        .exits(4)
        .says("no request was sent for 1 case (1 write-not-allowed)");
    assert_eq!(written(&project), before);
    project.run(&["fix"]).exits(2).says("--from");
    project
        .run(&["fix", "--from", "live"])
        .exits(2)
        .says("--base-url");
    fix(&project, &server, &["other"])
        .exits(4)
        .says("no case matches `other`");
    let arguments = ["fix", "--from", "snapshot", "--base-url", &server.base];
    project.run(&arguments).exits(2).says("sends no requests");
}

#[cfg(unix)]
#[test]
fn keeps_the_permissions_of_pages() {
    use std::os::unix::fs::PermissionsExt;
    let server = RawServer::responding(
        "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = project(&[("GET /a", "HTTP/1.1 200 OK")]);
    let page = project.path("specs/docs/p.md");
    std::fs::set_permissions(&page, std::fs::Permissions::from_mode(0o640)).expect("set");
    fix(&project, &server, &[]).exits(0).says("1 page fixed");
    let mode = std::fs::metadata(&page)
        .expect("a page")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
}

/// Two scenarios of one case, which get different responses.
const TWO: &str = "
scenarios:
  - { case: p::1, name: one, headers: { X-Scenario: one } }
  - { case: p::1, name: two, headers: { X-Scenario: two } }
";

fn two_scenarios(one: &'static str, two: &'static str) -> (Project, RawServer) {
    let server = RawServer::start(move |head, stream| {
        let is_one = head.to_lowercase().contains("x-scenario: one");
        let status = if is_one { one } else { two };
        let response =
            format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = stream.write_all(response.as_bytes());
    });
    let project = project(&[("GET /a", "HTTP/1.1 200 OK")]);
    project.write("specs/scenarios/all.yaml", TWO);
    (project, server)
}

#[test]
fn keeps_pages_whose_scenarios_got_different_responses() {
    let (project, server) = two_scenarios("202 Accepted", "203 Non-Authoritative Information");
    let before = written(&project);
    let says = "this response documents both `p::1@one` and `p::1@two`, \
                but their actual responses differ";
    fix(&project, &server, &[]).exits(1).says(says);
    project.test(&["--base-url", &server.base]).exits(1);
    project.run(&["accept"]).exits(0);
    project
        .run(&["fix", "--from", "snapshot"])
        .exits(1)
        .says(says);
    assert_eq!(written(&project), before);
    project
        .run(&["fix", "--from", "snapshot", "p::1@one"])
        .exits(0);
    assert_eq!(written(&project), before.replace("200 OK", "202 Accepted"));
    fix(&project, &server, &["p::1@two"]).exits(0);
    let expected = before.replace("200 OK", "203 Non Authoritative Information");
    assert_eq!(written(&project), expected);
    fix(&project, &server, &["p::1@three"])
        .exits(4)
        .says("no case matches `p::1@three`");
}

#[test]
fn keeps_known_deviations_of_scenarios() {
    let (project, server) = two_scenarios("202 Accepted", "200 OK");
    let before = written(&project);
    project.test(&["--base-url", &server.base]).exits(1);
    project
        .run(&["accept", "--deviation", "late", "p::1@one"])
        .exits(0);
    let note = "p::1@one: skipped, known deviation: late";
    fix(&project, &server, &[]).exits(0).says(note);
    let ran = project.run(&["fix", "--from", "snapshot"]);
    ran.exits(0).says(note);
    assert_eq!(written(&project), before);
}

#[test]
fn writes_responses_accepted_before_scenarios_existed() {
    let (project, server) = two_scenarios("202 Accepted", "202 Accepted");
    std::fs::remove_file(project.path("specs/scenarios/all.yaml")).expect("removed");
    project.test(&["--base-url", &server.base]).exits(1);
    project.run(&["accept"]).exits(0);
    project.write("specs/scenarios/all.yaml", TWO);
    project.run(&["fix", "--from", "snapshot"]).exits(0);
    assert!(written(&project).contains("202 Accepted"));
}
