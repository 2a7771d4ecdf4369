//! Header fields of a live service: equal values, values of the same form, and
//! accepted snapshots of earlier versions.

use crate::support::{Project, RawServer, page};

/// A server that sends these header lines for `/0`, `/1`, ….
fn server(status: &'static str, sent: &[&'static str]) -> RawServer {
    let sent = sent.to_vec();
    RawServer::start(move |head, stream| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let lines: &str = path[1..].parse().map_or("", |at: usize| sent[at]);
        let lines = lines.replace('\n', "\r\n");
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\n{lines}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    })
}

/// Runs an example for each documented header with its response.
fn project(status: &str, documented: &[&str]) -> Project {
    let pairs: Vec<(String, String)> = documented
        .iter()
        .enumerate()
        .map(|(at, lines)| (format!("GET /{at}"), format!("HTTP/1.1 {status}\n{lines}")))
        .collect();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(request, response)| (request.as_str(), response.as_str()))
        .collect();
    Project::with(&[("p.md", &page(&pairs))])
}

/// Pairs of documented and sent lines, which all pass or all fail.
#[track_caller]
fn check(config: &str, pairs: &[(&'static str, &'static str)], passes: bool) {
    let documented: Vec<&str> = pairs.iter().map(|(documented, _)| *documented).collect();
    let sent: Vec<&'static str> = pairs.iter().map(|(_, sent)| *sent).collect();
    let project = project("200 OK", &documented);
    project.write("docproof.toml", config);
    let server = server("200 OK", &sent);
    let ran = project.test(&["--base-url", &server.base, "--no-snapshots"]);
    let outcomes = ran.exits(i32::from(!passes)).outcomes();
    let expected = if passes {
        "pass  off"
    } else {
        "fail header off"
    };
    assert_eq!(outcomes.len(), pairs.len());
    for (outcome, pair) in outcomes.iter().zip(pairs) {
        assert!(outcome.ends_with(expected), "{outcome}: {pair:?}");
    }
}

#[test]
fn accepts_values_that_mean_the_same() {
    check(
        "",
        &[
            ("Allow: GET, HEAD", "Allow: HEAD,GET"),
            ("Vary: Accept, Origin", "Vary: origin\nVary: accept"),
            (
                "Cache-Control: no-store, max-age=60",
                "Cache-Control: max-age=\"60\",no-store",
            ),
            (
                "WWW-Authenticate: Bearer realm=\"a\"",
                "WWW-Authenticate: bearer Realm=b",
            ),
            ("X-A: v{version}", "X-A: v7"),
        ],
        true,
    );
    check(
        "",
        &[
            ("Allow: GET, HEAD", "Allow: GET"),
            ("Vary: Accept, Origin", "Vary: origin"),
            (
                "Cache-Control: no-store, max-age=60",
                "Cache-Control: max-age=61,no-store",
            ),
            (
                "WWW-Authenticate: Bearer realm=\"a\"",
                "WWW-Authenticate: Basic realm=\"a\"",
            ),
            ("X-A: v{version}", "X-A: 7"),
        ],
        false,
    );
}

#[test]
fn accepts_other_values_of_the_same_form() {
    check(
        "",
        &[
            (
                "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
                "Last-Modified: Mon, 16 Nov 2026 08:00:00 GMT",
            ),
            ("X-RateLimit-Remaining: 42", "X-RateLimit-Remaining: 7"),
            (
                "Link: </a?page=2>; rel=\"next\"",
                "Link: </a?page=3>; rel=\"next\", </a>; rel=first",
            ),
            (
                "Strict-Transport-Security: max-age=60",
                "Strict-Transport-Security: max-age=7",
            ),
        ],
        true,
    );
    check(
        "",
        &[
            (
                "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
                "Last-Modified: 784111777",
            ),
            ("X-RateLimit-Remaining: 42", "X-RateLimit-Remaining: many"),
            ("Link: </a?page=2>; rel=\"next\"", "Link: /a?page=3"),
            (
                "Strict-Transport-Security: max-age=60",
                "Strict-Transport-Security: preload",
            ),
        ],
        false,
    );
}

#[test]
fn projects_choose_the_policy() {
    let exact = "[headers]\nLink = \"exact\"\nETag = \"exact\"\nX-A = \"form\"\n";
    check(
        exact,
        &[
            ("Link: </a>; rel=a; title=b", "Link: </a>;title=\"b\";rel=A"),
            ("ETag: W/\"1\"", "ETag: \"1\""),
            ("X-A: 7", "X-A: 8"),
        ],
        true,
    );
    check(
        exact,
        &[
            ("Link: </a>; rel=a", "Link: </b>; rel=a"),
            ("ETag: \"1\"", "ETag: W/\"1\""),
            ("X-A: 7", "X-A: b"),
        ],
        false,
    );
}

#[test]
fn requires_no_media_type_without_content() {
    for status in ["204 No Content", "205 Reset Content"] {
        let project = project(status, &["Content-Type: text/plain\nX-A: 1"; 2]);
        let server = server(status, &["X-A: 1", "X-A: 1\nContent-Type: text/csv"]);
        let ran = project.test(&["--base-url", &server.base, "--no-snapshots"]);
        assert_eq!(
            ran.exits(1).outcomes(),
            ["p::1 pass  off", "p::2 fail media-type off"]
        );
    }
}

#[test]
fn keeps_snapshots_of_earlier_versions() {
    let documented = "Age: 12\nAllow: GET, HEAD\nETag: \"1\"\nRequest-Id: a\nRetry-After: 5\n\
                      Vary: A, B\nX-Request-Id: 00ff00ff-00ff-00ff-00ff-00ff00ff00ff";
    let sent = "Age: 7\nAllow: HEAD, GET\nETag: \"2\"\nRequest-Id: b\nRetry-After: 6\n\
                Vary: b, a\nX-Request-Id: 5e0b2bb1-fb7d-4b4b-9a8f-5e4f2b4f9a11";
    let project = project("200 OK", &[documented]);
    let snapshot = |lines: &str| {
        let text = format!(
            "---\nsource: \"p.md\"\ndescription: \"p::1\"\nexpression: \"GET /0\"\n---\n200 OK\n{lines}\n"
        );
        project.write("snapshots/p__1.snap", text);
    };
    let server = server("200 OK", &[sent]);
    let outcomes = |code| {
        let ran = project.test(&["--base-url", &server.base]);
        ran.exits(code).outcomes()
    };
    snapshot(
        "age: 11\nallow: GET,HEAD\netag: [entity-tag]\nrequest-id: [uuid]\nretry-after: [delay]\n\
         vary: B, A\nx-request-id: [uuid]",
    );
    assert_eq!(outcomes(0), ["p::1 pass  match"]);
    snapshot(
        "age: soon\nallow: GET\netag: [entity-tag]\nrequest-id: [uuid]\nretry-after: [delay]\n\
         vary: B, A\nx-request-id: [uuid]",
    );
    assert_eq!(outcomes(1), ["p::1 fail snapshot mismatch"]);
}
