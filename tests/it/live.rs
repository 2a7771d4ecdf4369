//! Runs of the command against well-behaved and broken servers.

use std::time::Duration;

use crate::support::{
    FOREVER, Project, RawServer, closed_address, finish, page, run, send_signal, wait_until,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn project(requests: &[&str]) -> Project {
    let pairs: Vec<_> = requests
        .iter()
        .map(|request| (*request, "HTTP/1.1 200 OK"))
        .collect();
    Project::with(&[("p.md", &page(&pairs))])
}

#[test]
fn sends_documented_urls_unchanged() {
    let server = RawServer::responding(OK);
    let project = project(&[
        "GET https://api.example.com/v1/a b/f(x='1',y=2);$v:@?$filter=name eq 'a'&q=\"b\"&p=1,2",
        "GET https://api.example.com/v1/%41/ä",
        "GET /me/drive",
        "GET me/{id | name}",
        "GET https://other.example.com/x",
        "GET https://up.example.com/u",
        "GET /unbound/{thing}",
        "POST /write",
        "HEAD /h",
        "OPTIONS /o",
    ]);
    let host = format!("up.example.com={}/mapped", server.base);
    let base = format!("{}/base", server.base);
    let ran = project
        .test(&[
            "--base-url",
            &base,
            "--host",
            &host,
            "--var",
            "id | name=7/8",
            "--no-snapshots",
        ])
        .exits(0);
    assert_eq!(
        server.request_lines(),
        [
            "GET /base/me/7%2F8 HTTP/1.1",
            "GET /base/me/drive HTTP/1.1",
            "GET /base/v1/%41/%C3%A4 HTTP/1.1",
            "GET /base/v1/a%20b/f(x='1',y=2);$v:@?$filter=name%20eq%20'a'&q=%22b%22&p=1,2 HTTP/1.1",
            "GET /mapped/u HTTP/1.1",
            "HEAD /base/h HTTP/1.1",
            "OPTIONS /base/o HTTP/1.1",
        ]
    );
    let summary = ran.summary();
    assert_eq!(
        summary["skip_reasons"],
        serde_json::json!({"other-host": 1, "unbound-placeholder": 1, "write-not-allowed": 1})
    );
    assert_eq!(summary["proves"], "conformance");
    assert_eq!(summary["target"], base);
}

#[test]
fn replaces_the_service_prefix_as_a_whole() {
    let server = RawServer::responding(OK);
    let project = project(&[
        "GET https://api.example.com/v1.0/a",
        "GET https://api.example.com/beta/b",
    ]);
    project.write(
        "docproof.toml",
        "[docs]\nservice = \"https://api.example.com/v1.0\"\n",
    );
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(0);
    assert_eq!(server.request_lines(), ["GET /a HTTP/1.1"]);
    assert_eq!(ran.outcomes()[1], "p::2 skip outside-service off");
}

#[test]
fn sends_documented_headers_and_those_of_the_user() {
    let server = RawServer::responding(OK);
    let project = project(&[
        "POST /a\nHost: api.example.com\nContent-Length: 99\nAuthorization: Bearer {token}\nX-A: {id}\n\nbody",
    ]);
    let mut command = project.command(&[
        "test",
        "--base-url",
        &server.base,
        "--allow-writes",
        "--var",
        "id=7",
        "--header",
        "X-B: from-flag",
        "--no-snapshots",
    ]);
    command
        .env("DOCPROOF_HEADER_AUTHORIZATION", "Bearer s3cret")
        .env("DOCPROOF_HEADER_X_B", "from-variable");
    run(&mut command).exits(0);
    let head = server.heads()[0].to_lowercase();
    for line in [
        "content-length: 4",
        "authorization: bearer s3cret",
        "x-a: 7",
        "x-b: from-flag",
    ] {
        assert!(
            head.contains(&format!("{line}\r\n")),
            "{line} is not in {head}"
        );
    }
    assert!(!head.contains("api.example.com"), "{head}");
    assert!(!head.contains("docproof-case"), "{head}");
}

#[test]
fn a_refused_connection_fails_only_its_case() {
    let server = RawServer::responding(OK);
    let closed = closed_address();
    let project = project(&["GET https://up.example.com/u", "GET /a", "GET /b"]);
    let host = format!("up.example.com=http://{closed}");
    let ran = project.test(&[
        "--base-url",
        &server.base,
        "--host",
        &host,
        "--no-snapshots",
    ]);
    assert_eq!(
        ran.exits(1).outcomes(),
        [
            "p::1 fail transport off",
            "p::2 pass  off",
            "p::3 pass  off"
        ]
    );
}

#[cfg(unix)]
#[test]
fn stops_sending_on_a_broken_pipe() {
    let server = RawServer::start(|_, stream| {
        std::thread::sleep(Duration::from_millis(20));
        let _ = stream.write_all(OK.as_bytes());
    });
    let requests: Vec<String> = (0..500).map(|number| format!("GET /{number}")).collect();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    let project = project(&requests);
    let arguments = [
        "test",
        "--format",
        "json",
        "--base-url",
        &server.base,
        "--no-snapshots",
        "-j",
        "2",
    ];
    let mut child = project
        .command(&arguments)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the command");
    drop(child.stdout.take());
    assert_eq!(finish(child).status.code(), Some(141));
    assert!(server.heads().len() < 100, "{}", server.heads().len());
}

#[test]
fn reports_runs_without_requests() {
    let project = project(&["POST /a"]);
    let ran = project.run(&["test", "--base-url", "http://127.0.0.1:1", "--no-snapshots"]);
    ran.exits(4)
        .says("No requests sent: every case was skipped.");
}

#[test]
fn ignores_mock_headers_from_a_service() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\ndocproof-miss: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let ran = project(&["GET /a"]).test(&["--base-url", &server.base, "--no-snapshots"]);
    assert_eq!(ran.exits(0).outcomes(), ["p::1 pass  off"]);
}

#[test]
fn sends_content_length_zero_for_a_post_without_a_body() {
    let server = RawServer::responding(OK);
    let project = project(&["POST /a", "GET /b"]);
    project
        .test(&[
            "--base-url",
            &server.base,
            "--no-snapshots",
            "--allow-writes",
        ])
        .exits(0);
    for head in server.heads() {
        let says = head.to_lowercase().contains("content-length: 0\r\n");
        assert_eq!(says, head.starts_with("POST"), "{head}");
    }
}

#[test]
fn compares_redirects_and_does_not_follow_them() {
    let server = RawServer::responding(
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = Project::with(&[(
        "p.md",
        &page(&[(
            "GET /a",
            "HTTP/1.1 302 Found\nLocation: https://cdn.example.com/x",
        )]),
    )]);
    let ran = project.test(&["--base-url", &server.base]).exits(0);
    assert_eq!(ran.outcomes(), ["p::1 pass  new"]);
    assert_eq!(server.request_lines(), ["GET /a HTTP/1.1"]);
}

#[test]
fn mock_and_service_share_snapshots() {
    let documented = "HTTP/1.1 201 Created\nLocation: https://api.example.com/a/1\nContent-Type: application/json\nETag: \"1\"\nDate: x\n\n{}";
    let project = Project::with(&[("p.md", &page(&[("GET /a", documented)]))]);
    project.test(&["--update", "always"]).exits(0);
    let server = RawServer::responding(
        "HTTP/1.1 201 Whatever\r\nServer: x\r\nlocation: /a/2\r\ncontent-type: application/json; charset=utf-8\r\netag: W/\"9\"\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
    );
    let ran = project.test(&["--base-url", &server.base]).exits(0);
    assert_eq!(ran.outcomes(), ["p::1 pass  match"]);
}

#[test]
fn reports_a_service_that_drifted() {
    let server = RawServer::responding(
        "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nX-A: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let documented = "HTTP/1.1 200 OK\nContent-Type: application/json\nX-A: 1\nETag: \"1\"";
    let project = Project::with(&[("p.md", &page(&[("GET /a", documented)]))]);
    let ran = project
        .test(&["--base-url", &server.base, "--no-snapshots"])
        .exits(1);
    assert_eq!(
        ran.outcomes(),
        ["p::1 fail status+media-type+header+missing-header off"]
    );
    project
        .run(&["test", "--base-url", &server.base, "--no-snapshots"])
        .exits(1)
        .says("docs say 200 OK (p.md:10), the service sent 500 Internal Server Error")
        .says("10 | HTTP/1.1 200 OK\n   |          ^^^ 500 Internal Server Error")
        .says("11 | Content-Type: application/json\n   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ text/html")
        .says("the service did not send this header")
        .says("-x-a: 1\n")
        .says("+x-a: 2\n")
        .says("Not conformant: 1 of ");
}

#[test]
fn ends_the_run_when_the_target_is_unreachable() {
    let closed = closed_address();
    let project = project(&["GET /a"]);
    let ran = project
        .run(&["test", "--base-url", &format!("http://{closed}")])
        .exits(3);
    ran.says("failed to reach").says("refused");
}

/// Broken and malicious servers: each response fails only its case, and each
/// read is bounded.
#[test]
fn malformed_responses_fail_only_their_case() {
    let server = RawServer::start(|head, stream| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        let mut send = |text: &str| stream.write_all(text.as_bytes()).is_ok();
        match path {
            "/garbage" => drop(send("\u{1}\u{2}garbage\r\n\r\n")),
            "/early" => drop(send(
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nab",
            )),
            "/nothing" => {}
            "/headers" => {
                send("HTTP/1.1 200 OK\r\n");
                for number in 0..10_000 {
                    send(&format!("X-{number}: a\r\n"));
                }
                send("\r\n");
            }
            "/endless" => {
                send("HTTP/1.1 200 OK\r\n\r\n");
                let chunk = "x".repeat(1 << 16);
                while send(&chunk) {}
            }
            "/drip" => {
                send("HTTP/1.1 200 OK\r\n\r\n");
                while send("x") {
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            "/stall" => std::thread::sleep(FOREVER),
            _ => drop(send(OK)),
        }
    });
    let paths = [
        "garbage", "early", "nothing", "headers", "endless", "drip", "stall", "good",
    ];
    let requests: Vec<String> = paths.iter().map(|path| format!("GET /{path}")).collect();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    let ran = project(&requests)
        .test(&[
            "--base-url",
            &server.base,
            "--no-snapshots",
            "--timeout",
            "1",
        ])
        .exits(1);
    let outcomes = ran.outcomes();
    let expected = [
        "fail transport",
        "fail transport",
        "fail transport",
        "fail transport",
        // The status and the headers are known, and 16 MiB of the body are read.
        "pass ",
        // A stream that is not compared.
        "pass ",
        "fail transport",
        "pass ",
    ];
    for (outcome, expected) in outcomes.iter().zip(expected) {
        assert!(outcome.contains(expected), "{outcomes:?}");
    }
    let results = ran.json();
    assert!(
        results[6]["differences"][0]["observed"]
            .as_str()
            .expect("text")
            .contains("timed out")
    );
}

#[cfg(unix)]
#[test]
fn prints_known_results_on_interrupt() {
    let server = RawServer::start(|head, stream| {
        if head.starts_with("GET /slow") {
            std::thread::sleep(FOREVER);
        }
        let _ = stream.write_all(OK.as_bytes());
    });
    let project = project(&["GET /a", "GET /b", "GET /slow", "GET /c"]);
    let unpaired = crate::support::request_block("GET /d");
    project.write(
        "specs/docs/p.md",
        project.read("specs/docs/p.md") + &unpaired,
    );
    let child = project
        .command(&[
            "test",
            "--format",
            "json",
            "--base-url",
            &server.base,
            "--no-snapshots",
            "-j",
            "1",
        ])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the command");
    wait_until(|| server.heads().len() == 3);
    send_signal(child.id(), "-INT");
    let output = finish(child);
    assert_eq!(output.status.code(), Some(130));
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<&str> = out.lines().collect();
    // Two responses, and the skip that was known before the first request.
    assert_eq!(lines.len(), 4, "{out}");
    assert!(lines[2].contains("no-response"), "{out}");
    assert!(lines[3].contains("\"cases\":5"), "{out}");
    assert!(lines[3].contains("\"interrupted\":true"), "{out}");
}
