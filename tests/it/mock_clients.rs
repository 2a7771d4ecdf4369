//! `docproof mock` with clients as people write them, and with invalid ones.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;

use docproof::internals::page::collect;
use docproof::internals::page::reader::Extraction;
use docproof::internals::run::mock::RunningMock;
use serde_json::Value;

use crate::mock::{Served, check, start};
use crate::support::{Project, WATCHDOG, page};

const OK: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\": \"1\"}";

fn project() -> Project {
    Project::with(&[(
        "a.md",
        &page(&[
            ("GET https://a.example/x?q=\"a b\"", OK),
            ("GET https://a.example/x?where={\"key\": true}", OK),
            ("PUT https://a.example/y\nIf-Match: \"abc\"", OK),
            ("GET https://a.example/drive/root:/{item-path}:/content", OK),
            (
                "POST https://a.example/z\nContent-Type: application/json\n\n{\"a\": 1}",
                OK,
            ),
        ]),
    )])
}

fn served(project: &Project) -> Served {
    start(&mut project.command(&["mock", "--port", "0", "--no-reload"]))
}

/// The problem in a response.
#[track_caller]
fn problem(response: &str) -> Value {
    assert!(
        response.contains("content-type: application/problem+json\r\n"),
        "{response}"
    );
    let (_, content) = response.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(content).unwrap_or_else(|error| panic!("{error}: {content}"))
}

#[test]
fn responds_to_requests_as_clients_write_them() {
    let served = served(&project());
    for head in [
        "GET /x?q=%22a+b%22 HTTP/1.1",
        "GET /x?q=%22a%20b%22 HTTP/1.1",
        "GET /x?where=%7B%22key%22%3A+true%7D HTTP/1.1\nAccept: */*",
        "GET /drive/root:/dir/a.txt:/content HTTP/1.1",
    ] {
        let response = check(&served, head, &["HTTP/1.1 200 OK", "\"id\""]);
        assert!(!response.contains("docproof-warning"), "{response}");
    }
    check(
        &served,
        "PUT /y HTTP/1.1\nIf-Match: \"xyz\"",
        &[
            "HTTP/1.1 200 OK",
            "docproof-warning: header if-match: documented \"\\\"abc\\\"\", got \"\\\"xyz\\\"\"",
        ],
    );
}

#[test]
fn explains_requests_that_are_not_valid_http() {
    let served = served(&project());
    for (request, status, detail) in [
        (
            "GET /x?access_token=s3cret&q=\"a\" HTTP/1.1\r\nHost: a\r\n\r\n",
            400,
            "the request target contains '\"'; percent-encode it as %22",
        ),
        (
            "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
            400,
            "the request target contains ' '; percent-encode it as %20",
        ),
        (
            "GET /x HTTP/1.1\r\nHost a\r\n\r\n",
            400,
            "the header line \"Host a\" has no colon",
        ),
        (
            // A pipelined one.
            "GET /y HTTP/1.1\r\nHost: a\r\n\r\nGET /x?q=\" HTTP/1.1\r\n\r\n",
            400,
            "invalid URI",
        ),
    ] {
        let response = served.exchange(request.as_bytes());
        let response = String::from_utf8(response).expect("UTF-8");
        let last = response.rfind("HTTP/1.1 ").expect("a response");
        let problem = problem(&response[last..]);
        assert_eq!(problem["status"], status, "{request}");
        assert_eq!(problem["type"], "/__docproof/problems#invalid-request");
        assert_eq!(problem["detail"], detail, "{request}");
    }
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000));
    let response = String::from_utf8(served.exchange(long.as_bytes())).expect("UTF-8");
    assert!(response.starts_with("HTTP/1.1 4"), "{response}");
    assert_eq!(
        problem(&response)["type"],
        "/__docproof/problems#invalid-request"
    );
    // A valid request is not affected.
    check(&served, "GET /x?q=%22a+b%22 HTTP/1.1", &["200 OK"]);
    let (_, log) = served.stop();
    assert!(!log.contains("s3cret"), "{log}");
    let lines: Vec<&str> = log.lines().collect();
    let first = "GET /x?access_token=[secret]&q=\"a\" 400 - ";
    assert!(lines[0].starts_with(first), "{log}");
    assert!(lines[0].contains("percent-encode it as %22"), "{log}");
    assert!(lines[1].starts_with("GET /a b 400 - "), "{log}");
    assert!(
        log.contains("the header line \"Host a\" has no colon"),
        "{log}"
    );
}

#[test]
fn explains_an_invalid_request_on_a_kept_connection() {
    let served = served(&project());
    let mut stream = served.connect();
    let host = served.address;
    let valid = format!("GET /x?q=%22a+b%22 HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut buffer = [0; 4096];
    for _ in 0..2 {
        stream.write_all(valid.as_bytes()).expect("sent");
        let length = stream.read(&mut buffer).expect("a response");
        let response = String::from_utf8_lossy(&buffer[..length]);
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    }
    stream
        .write_all(format!("GET /x?q=\" HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
        .expect("sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    let problem = problem(&response);
    assert_eq!(
        problem["detail"],
        "the request target contains '\"'; percent-encode it as %22"
    );
}

#[test]
fn names_the_way_out_where_the_host_is_unknown() {
    let served = served(&project());
    let ask = |host: &str| {
        let request = format!(
            "PUT /y HTTP/1.1\r\nHost: {host}\r\nIf-Match: \"abc\"\r\nConnection: close\r\n\r\n"
        );
        String::from_utf8(served.exchange(request.as_bytes())).expect("UTF-8")
    };
    let response = ask("mock:8080");
    let problem = problem(&response);
    let detail = problem["detail"].as_str().expect("a text");
    assert!(
        detail.contains("at host mock:8080") && detail.contains("--any-host"),
        "{detail}"
    );
    assert_eq!(problem["type"], "/__docproof/problems#unknown-host");
    for host in ["a.example", "a.example:443", "A.EXAMPLE:80"] {
        let response = ask(host);
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    }
}

#[test]
fn shows_its_pages_only_at_its_own_address() {
    let project = project();
    let ask = |served: &Served, host: &str| {
        let request =
            format!("GET /__docproof/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        String::from_utf8(served.exchange(request.as_bytes())).expect("UTF-8")
    };
    let closed = served(&project);
    let port = closed.address.port();
    for host in [format!("127.0.0.1:{port}"), format!("LOCALHOST:{port}")] {
        let response = ask(&closed, &host);
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    }
    // A name that an attacker lets resolve to this machine.
    for host in ["evil.example", "a.example", "evil.example:80"] {
        let response = ask(&closed, host);
        assert!(response.starts_with("HTTP/1.1 404"), "{response}");
        assert!(response.contains("--any-host"), "{response}");
        assert!(!response.contains("<html"), "{response}");
    }
    let mut command = project.command(&["mock", "--port", "0", "--no-reload", "--any-host"]);
    let open = start(&mut command);
    let response = ask(&open, "mock:8080");
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
}

#[test]
fn serves_the_documentation_of_problem_types() {
    let served = served(&project());
    let response = served.ask("GET /none HTTP/1.1");
    let problem = problem(&response);
    let uri = problem["type"].as_str().expect("a text");
    let (path, name) = uri.split_once('#').expect("a fragment");
    check(
        &served,
        &format!("GET {path} HTTP/1.1"),
        &["HTTP/1.1 200 OK", "text/html", &format!("id=\"{name}\"")],
    );
}

#[test]
fn the_mock_of_a_run_decides_as_the_server_does() {
    let project = project();
    let cores = docproof::internals::text::parallel::cores();
    let cases = collect::collect(
        &project.path("specs/docs"),
        &Extraction::default(),
        cores,
        |_| true,
    );
    let cases = cases.expect("pages").cases;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mock = runtime.block_on(RunningMock::start(cases.into()));
    let base = mock.base();
    let served = served(&project);
    for head in [
        "GET /x?q=%22a+b%22",
        "GET /x?where=%7B%22key%22%3Atrue%7D",
        "GET /x?where=%7B%22key%22%3Afalse%7D",
        "GET /x/?q=%22a+b%22",
        "PUT /y\r\nIf-Match: \"xyz\"",
        "PUT /y",
        "PUT /y\r\nIf-Match: x\r\nAccept: text/*",
        "PUT /y\r\nIf-Match: x\r\nAccept: text/*, application/*;q=0.1",
        "DELETE /y",
        "GET /drive/root:/a/b.txt:/content",
        "GET /drive/root:/a/b.txt:/contnet",
        "POST /z\r\nContent-Type: text/xml\r\nContent-Length: 1\r\n\r\n7",
        "POST /z\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"a\": \"b\"}",
    ] {
        let (line, rest) = head.split_once("\r\n").unwrap_or((head, ""));
        let rest = match rest {
            "" => "\r\n".to_owned(),
            rest if rest.contains("\r\n\r\n") => rest.to_owned(),
            rest => format!("{rest}\r\n\r\n"),
        };
        let request = format!("{line} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n{rest}");
        let address = base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the mock of a run");
        stream.set_read_timeout(Some(WATCHDOG)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut theirs = Vec::new();
        stream.read_to_end(&mut theirs).expect("a response");
        let ours = served.exchange(request.as_bytes());
        let summary = |response: &[u8]| {
            let text = String::from_utf8_lossy(response).into_owned();
            let (head, content) = text.split_once("\r\n\r\n").expect("a head");
            let marks = ["HTTP/", "docproof-"];
            let lines = head
                .lines()
                .filter(|line| marks.iter().any(|mark| line.starts_with(mark)));
            (
                lines.map(str::to_owned).collect::<Vec<_>>(),
                content.to_owned(),
            )
        };
        assert_eq!(summary(&ours), summary(&theirs), "{head}");
    }
}
