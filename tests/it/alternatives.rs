//! One request with several responses.

use crate::support::{Project, RawServer, page, run};

const PAGE: &str = "# A page

<!-- { \"blockType\": \"request\", \"name\": \"get\" } -->

```http
GET /a/7
```

<!-- { \"blockType\": \"response\", \"name\": \"get\" } -->

```http
HTTP/1.1 200 OK
X-A: 1
```

<!-- { \"blockType\": \"response\", \"name\": \"get\" } -->

```http
HTTP/1.1 404 Not Found
```

<!-- { \"blockType\": \"response\" } -->

```http
HTTP/1.1 401 Unauthorized
```
";

/// A service that has `/a/7` if its status is `status`, and no `/a/0`.
fn service(status: &'static str) -> RawServer {
    RawServer::start(move |head, stream| {
        let status = if head.starts_with("GET /a/0") {
            "404 Not Found"
        } else {
            status
        };
        let sent = format!(
            "HTTP/1.1 {status}\r\nX-A: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let _ = stream.write_all(sent.as_bytes());
    })
}

#[test]
fn skips_alternatives_and_counts_them() {
    let project = Project::with(&[("p.md", PAGE)]);
    let expected = [
        "p::get pass  off",
        "p::get.2 skip alternative-response off",
        "p::get.3 skip alternative-response off",
    ];
    let mocked = project.test(&["--no-snapshots"]).exits(0);
    assert_eq!(mocked.outcomes(), expected);
    let server = service("200 OK");
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(ran.outcomes(), expected);
    assert_eq!(ran.summary()["skip_reasons"]["alternative-response"], 2);
    assert_eq!(server.request_lines(), ["GET /a/7 HTTP/1.1"]);
    let planned = project.run(&["plan", "--base-url", &server.base]).exits(0);
    let planned = planned.says("2 skipped (2 alternative-response)");
    assert!(planned.out.contains("p::get.3"), "{}", planned.out);
}

#[test]
fn names_the_alternative_that_a_service_sends() {
    let project = Project::with(&[("p.md", PAGE)]);
    let fails = |status, says: &str| {
        let server = service(status);
        let arguments = ["test", "--base-url", &server.base, "--no-snapshots"];
        let ran = project.run(&arguments).exits(1).says(says);
        ran.out.contains("alternative `")
    };
    let line = "the service sent 404 Not Found, which is the alternative `p::get.2` (p.md:18)";
    assert!(fails("404 Not Found", line));
    assert!(!fails("500 Internal Server Error", "the service sent 500"));
}

#[test]
fn scenarios_provoke_alternatives() {
    let project = Project::with(&[("p.md", PAGE)]);
    project.write(
        "specs/scenarios/a.yaml",
        "scenarios:\n  - case: get.2\n    url: /a/0\n",
    );
    let server = service("200 OK");
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(
        ran.outcomes(),
        [
            "p::get pass  off",
            "p::get.2 pass  off",
            "p::get.3 skip alternative-response off"
        ]
    );
    // The scenario expects the alternative.
    project.write(
        "specs/scenarios/a.yaml",
        "scenarios:\n  - case: get.2\n    url: /a/7\n",
    );
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(1);
    assert_eq!(ran.outcomes()[1], "p::get.2 fail status off");
}

#[test]
fn targets_ask_for_alternatives() {
    let project = Project::with(&[("p.md", PAGE)]);
    let server = service("404 Not Found");
    project.write(
        "docproof.toml",
        format!(
            "[target.lost]\nbase-url = \"{}\"\nheaders = {{ Prefer = \"status=404\" }}\n",
            server.base
        ),
    );
    let ran = project
        .test(&["--target", "lost", "--no-snapshots"])
        .exits(0);
    assert_eq!(ran.outcomes()[1], "p::get.2 pass  off");
    assert_eq!(ran.summary()["skip_reasons"]["alternative-response"], 2);
}

#[test]
fn case_files_keep_alternatives() {
    let project = Project::with(&[("p.md", PAGE)]);
    project.run(&["extract"]).exits(0);
    let cases = project.read("specs/cases/p.yaml");
    for id in ["id: p::get\n", "id: p::get.2\n", "id: p::get.3\n"] {
        assert!(cases.contains(id), "{cases}");
    }
    project.run(&["extract", "--check"]).exits(0);
    let listed = project.run(&["list"]).exits(0);
    std::fs::remove_dir_all(project.path("specs/docs")).expect("removed");
    assert_eq!(project.run(&["list"]).exits(0).out, listed.out);
    let ran = project.test(&["--no-snapshots"]).exits(0);
    assert_eq!(ran.summary()["skip_reasons"]["alternative-response"], 2);
}

#[test]
fn equal_requests_of_different_classes_are_alternatives() {
    let with = |status: &str| {
        let block = |kind: &str, text: &str| {
            format!("<!-- {{ \"blockType\": \"{kind}\" }} -->\n```http\n{text}\n```\n\n")
        };
        let request = block("request", "GET /a/7");
        let first = block("response", "HTTP/1.1 200 OK");
        let second = block("response", &format!("HTTP/1.1 {status}"));
        Project::with(&[("p.md", &[request.clone(), first, request, second].concat())])
    };
    let server = service("200 OK");
    let project = with("404 Not Found");
    project.run(&["check"]).exits(0);
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(ran.outcomes()[1], "p::2 skip alternative-response off");
    let project = with("204 No Content");
    project.run(&["check"]).exits(1).says("ambiguous-example");
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(1);
    assert_eq!(ran.outcomes()[1], "p::2 fail status off");
}

#[test]
fn sends_requests_that_differ_by_their_credentials() {
    const OK: &str = "HTTP/1.1 200 OK\nX-A: 1";
    const UNAUTHORIZED: &str = "HTTP/1.1 401 Unauthorized";
    let bearer = "GET /a\nAuthorization: Bearer {token}";
    let basic = "GET /a\nAuthorization: Basic YTpi";
    let server = RawServer::start(|head, stream| {
        let is_right = head
            .to_lowercase()
            .contains("authorization: bearer s3cret-token");
        let status = if is_right {
            "200 OK"
        } else {
            "401 Unauthorized"
        };
        let sent = format!(
            "HTTP/1.1 {status}\r\nX-A: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let _ = stream.write_all(sent.as_bytes());
    });
    let check = |pairs: &[(&str, &str)], expected: &[&str]| {
        let project = Project::with(&[("p.md", &page(pairs))]);
        let mocked = project.test(&["--no-snapshots"]).exits(0);
        assert!(!mocked.out.contains("alternative-response"), "{pairs:?}");
        project.write(
            "docproof.toml",
            format!(
                "[target.local]\nbase-url = \"{}\"\n[target.local.auth]\ntype = \"bearer\"\n\
                 token = \"${{env:TOKEN}}\"\n",
                server.base
            ),
        );
        let arguments = [
            "test",
            "--format",
            "json",
            "--target",
            "local",
            "--no-snapshots",
        ];
        let ran = run(project.command(&arguments).env("TOKEN", "s3cret-token"));
        assert_eq!(ran.outcomes(), expected, "{pairs:?} {}", ran.out);
    };
    let passes = ["p::1 pass  off", "p::2 pass  off"];
    check(&[(bearer, OK), ("GET /a", UNAUTHORIZED)], &passes);
    check(&[("GET /a", UNAUTHORIZED), (bearer, OK)], &passes);
    check(&[(bearer, OK), (basic, UNAUTHORIZED)], &passes);
    // A page may leave out the credentials that all requests need.
    check(&[(bearer, OK), ("GET /a", OK)], &passes);
    check(
        &[(bearer, UNAUTHORIZED), ("GET /a", UNAUTHORIZED)],
        &["p::1 fail status off", "p::2 fail status off"],
    );
}
