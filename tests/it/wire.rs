//! What goes over the wire: the bytes of requests, and responses that are
//! framed in unusual ways, broken, late or endless.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{FOREVER, Project, Ran, page};

/// What a server does after its response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Waits for the next request on the connection.
    Keep,
    /// Closes the connection.
    Close,
    /// Sends nothing more.
    Stall,
    /// Sends chunks without end.
    Chunks,
}

/// A server that reads whole requests and responds with raw bytes.
struct Server {
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `respond` gets a request and its number on the connection, from 0.
    fn start(respond: impl Fn(&str, usize) -> (String, Then) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (known, respond) = (Arc::clone(&requests), Arc::new(respond));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (known, respond) = (Arc::clone(&known), Arc::clone(&respond));
                std::thread::spawn(move || {
                    for number in 0.. {
                        let Some(request) = read_request(&mut stream) else {
                            return;
                        };
                        known.lock().expect("not poisoned").push(request.clone());
                        let (response, then) = respond(&request, number);
                        let _ = stream.write_all(response.as_bytes());
                        match then {
                            Then::Keep => {}
                            Then::Close => return,
                            Then::Stall => std::thread::sleep(FOREVER),
                            Then::Chunks => {
                                while stream.write_all(b"3\r\n 1 \r\n").is_ok() {
                                    std::thread::sleep(Duration::from_millis(20));
                                }
                                return;
                            }
                        }
                    }
                });
            }
        });
        Self { base, requests }
    }

    /// A server that always responds in this way.
    fn responding(response: &str, then: Then) -> Self {
        let response = response.to_owned();
        Self::start(move |_, _| (response.clone(), then))
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").clone()
    }
}

/// Reads a request with its body.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    let mut read_until = |bytes: &mut Vec<u8>, is_end: &dyn Fn(&[u8]) -> bool| {
        while !is_end(bytes) {
            match stream.read(&mut byte) {
                Ok(1) => bytes.push(byte[0]),
                _ => return None,
            }
        }
        Some(())
    };
    read_until(&mut bytes, &|bytes| bytes.ends_with(b"\r\n\r\n"))?;
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| {
        let length = line.strip_prefix("content-length:")?;
        length.trim().parse::<usize>().ok()
    });
    let end = bytes.len() + length.unwrap_or(0);
    read_until(&mut bytes, &|bytes| bytes.len() == end)?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const JSON: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\": \"1\"}";
const STREAM: &str = "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\ndata: 1";

fn run(server: &Server, pairs: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let project = Project::with(&[("p.md", &page(pairs))]);
    let mut all = vec!["--base-url", &server.base, "--no-snapshots"];
    for (option, value) in [("--timeout", "2"), ("--body-timeout", "0.3")] {
        if !arguments.contains(&option) {
            all.extend([option, value]);
        }
    }
    project.test(&[&all, arguments].concat())
}

/// A request with a documented response, sent to a server that responds in this
/// way. The outcome contains `expected`: `pass`, or the message of the failure.
#[track_caller]
fn check(
    (method, documented): (&str, &str),
    (sent, then): (&str, Then),
    arguments: &[&str],
    expected: &str,
) {
    let server = Server::responding(sent, then);
    let request = format!("{method} /a");
    let ran = run(&server, &[(&request, documented)], arguments);
    let result = &ran.json()[0];
    let difference = &result["differences"][0];
    let observed = difference["observed"].as_str().unwrap_or_default();
    let kind = difference["kind"].as_str().unwrap_or_default();
    let outcome = result["outcome"].as_str().expect("an outcome");
    let found = format!("{outcome} {kind}: {observed}");
    assert!(
        found.contains(expected),
        "{expected} is not {found}\n{ran:?}"
    );
    assert_eq!(ran.code, Some(i32::from(expected != "pass")), "{ran:?}");
}

#[test]
fn accepts_each_framing_of_a_response() {
    let bare = "HTTP/1.1 200 OK";
    for (method, documented, sent, then) in [
        // Without a length, the body ends with the connection (RFC 9112, 6.3).
        (
            "GET",
            JSON,
            "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"id\":\"1\"}",
            Then::Close,
        ),
        (
            "GET",
            bare,
            "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            bare,
            "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            JSON,
            "HTTP/1.1 200 OK\r\nCONTENT-type: application/json\r\ncontent-LENGTH:10\r\n\r\n{\"id\":\"1\"}",
            Then::Keep,
        ),
        (
            "GET",
            bare,
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
            Then::Keep,
        ),
        // Interim responses (RFC 9110, 15.2).
        (
            "GET",
            JSON,
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}",
            Then::Keep,
        ),
        (
            "HEAD",
            bare,
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            "HTTP/1.1 204 No Content",
            "HTTP/1.1 204 No Content\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            "HTTP/1.1 304 Not Modified",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            JSON,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{\"id\"\r\n5\r\n:\"1\"}\r\n0\r\nX-Sum: 1\r\n\r\n",
            Then::Keep,
        ),
        // Folded lines (RFC 9112, 5.2).
        (
            "GET",
            "HTTP/1.1 200 OK\nX-A: 1, 2",
            "HTTP/1.1 200 OK\r\nX-A: 1,\r\n 2\r\nContent-Length: 0\r\n\r\n",
            Then::Keep,
        ),
        (
            "GET",
            "HTTP/1.1 301 Moved Permanently\nLocation: /b",
            "HTTP/1.1 301 Moved Permanently\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
            Then::Keep,
        ),
        // The response comes before the server has read the request.
        (
            "GET",
            "HTTP/1.1 413 Content Too Large",
            "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n",
            Then::Close,
        ),
    ] {
        check((method, documented), (sent, then), &[], "pass");
    }
    let many: String = (0..300)
        .map(|number| format!("X-{number}: a\r\n"))
        .collect();
    let many = format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 0\r\n\r\n");
    check(("GET", bare), (&many, Then::Keep), &[], "pass");
}

#[test]
fn names_the_fault_of_a_broken_response() {
    let bare = "HTTP/1.1 200 OK";
    let many: String = (0..2000)
        .map(|number| format!("X-{number}: a\r\n"))
        .collect();
    let many = format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 0\r\n\r\n");
    for (sent, then, expected) in [
        (
            "",
            Then::Close,
            "fail transport: the connection was closed before the head of a response was complete",
        ),
        (
            "HTTP/1.1 200 OK\r\nX-A",
            Then::Close,
            "fail transport: the connection was closed before the head",
        ),
        (
            "HTTP/1.1 200 OK\r\nX-A",
            Then::Stall,
            "fail transport: timed out: the head of a response did not come within 2 s",
        ),
        (
            "",
            Then::Stall,
            "fail transport: timed out: the head of a response did not come within 2 s",
        ),
        (
            "hello\r\n\r\n",
            Then::Close,
            "fail transport: what came is not HTTP/1",
        ),
        (
            "HTTP/1.1 abc OK\r\n\r\n",
            Then::Close,
            "fail transport: the status line that came has no valid status code",
        ),
        (
            "HTTP/1.1 200 OK\r\nX-A 1\r\n\r\n",
            Then::Close,
            "fail transport: a line of the head that came is not a header field",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
            Then::Close,
            "fail transport: the `Content-Length` that came",
        ),
        (
            many.as_str(),
            Then::Keep,
            "fail transport: the head that came is too large, or has more than 1000 header fields",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab",
            Then::Close,
            "fail transport: 200 OK came, its body ended after 2 of 10 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab",
            Then::Stall,
            "fail transport: 200 OK came, its body did not end within 2 s (2 of 10 bytes came)",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            Then::Close,
            "fail transport: 200 OK came, its body broke off after 3 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
            Then::Close,
            "fail transport: 200 OK came, its body broke off after 0 bytes",
        ),
    ] {
        check(("GET", bare), (sent, then), &[], expected);
    }
}

#[test]
fn compares_status_and_headers_of_streams() {
    let chunked = "HTTP/1.1 200 OK\r\nContent-Type: TYPE\r\nTransfer-Encoding: chunked\r\n\r\n";
    let events = chunked.replace("TYPE", "text/event-stream");
    let json = chunked.replace("TYPE", "application/json");
    let until_close = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
    for (documented, sent, then, arguments, expected) in [
        (STREAM, events.as_str(), Then::Chunks, &[][..], "pass"),
        (STREAM, &events, Then::Stall, &[], "pass"),
        (STREAM, until_close, Then::Stall, &[], "pass"),
        (
            STREAM,
            until_close,
            Then::Stall,
            &["--body", "exact"],
            "pass",
        ),
        // The time limit of the exchange is shorter.
        (
            STREAM,
            &events,
            Then::Chunks,
            &["--timeout", "0.2", "--body-timeout", "9"],
            "pass",
        ),
        (
            "HTTP/1.1 200 OK",
            &json,
            Then::Chunks,
            &["--body-timeout", "0.3"],
            "pass",
        ),
        (JSON, &json, Then::Chunks, &["--body", "off"], "pass"),
        (
            JSON,
            &json,
            Then::Chunks,
            &[],
            "fail transport: 200 OK came, its body did not end within 2 s",
        ),
        (
            JSON,
            &events,
            Then::Chunks,
            &[],
            "fail transport: 200 OK came, its body did not end within 2 s",
        ),
        (
            "HTTP/1.1 201 Created\nContent-Type: text/event-stream",
            &events,
            Then::Chunks,
            &[],
            "fail status: 200 OK",
        ),
        (
            "HTTP/1.1 200 OK\nContent-Type: text/event-stream",
            &json,
            Then::Chunks,
            &[],
            "fail media-type: application/json",
        ),
    ] {
        check(("GET", documented), (sent, then), arguments, expected);
    }
}

#[test]
fn reports_streams_that_did_not_end() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
    let endless = Server::responding(head, Then::Stall);
    let ended = Server::responding(head, Then::Close);
    let project = Project::with(&[("p.md", &page(&[("GET /a", STREAM)]))]);
    let arguments = |server: &Server| {
        let live = [
            "--base-url",
            &server.base,
            "--no-snapshots",
            "--body-timeout",
            "0.2",
        ];
        live.map(str::to_owned)
    };
    let test = |server: &Server, more: &[&str]| {
        let live = arguments(server);
        let live: Vec<&str> = live.iter().map(String::as_str).collect();
        project.run(&[&["test"], &live[..], more].concat()).exits(0)
    };
    test(&endless, &[]).says("1 stream did not end within --body-timeout");
    test(&endless, &["--strict"]);
    let json = test(&endless, &["--format", "json"]);
    assert_eq!(json.json()[0]["warnings"][0]["kind"], "endless-body");
    let ran = test(&ended, &[]);
    assert!(
        !ran.err.contains("did not end") && !ran.out.contains("did not end"),
        "{ran:?}"
    );
}

/// A server may close a kept connection at any time (RFC 9112, 9.3.1).
#[test]
fn a_closed_kept_connection_is_no_failure() {
    let server = Server::start(|_, number| match number {
        0 => (OK.to_owned(), Then::Keep),
        _ => (String::new(), Then::Close),
    });
    let requests: Vec<String> = (0..20).map(|number| format!("GET /{number}")).collect();
    let writes = ["POST /p", "POST /q", "PATCH /r", "PUT /s", "DELETE /t"].map(str::to_owned);
    let all: Vec<String> = requests.into_iter().chain(writes).collect();
    let pairs: Vec<(&str, &str)> = all
        .iter()
        .map(|one| (one.as_str(), "HTTP/1.1 200 OK"))
        .collect();
    for jobs in ["1", "8"] {
        run(&server, &pairs, &["-j", jobs, "--allow-writes"]).exits(0);
    }
    let posts = server.requests();
    let posts = posts.iter().filter(|request| request.starts_with("POST"));
    assert_eq!(posts.count(), 4, "a POST is sent once a run");
}

#[test]
fn a_closed_new_connection_is_a_failure() {
    let server = Server::responding("", Then::Close);
    let pairs = [
        ("GET /a", "HTTP/1.1 200 OK"),
        ("POST /b", "HTTP/1.1 200 OK"),
    ];
    let ran = run(&server, &pairs, &["-j", "1", "--allow-writes"]).exits(1);
    assert_eq!(
        ran.outcomes(),
        ["p::1 fail transport off", "p::2 fail transport off"]
    );
    assert_eq!(server.requests().len(), 2, "neither is repeated");
    let results = ran.json();
    let observed = results[1]["differences"][0]["observed"].as_str();
    let expected = "the service may have acted on it, so a POST is not sent again";
    assert!(observed.expect("text").contains(expected), "{observed:?}");
}

#[test]
fn a_repeated_request_counts_for_max_requests() {
    let server = Server::start(|_, number| match number {
        0 => (OK.to_owned(), Then::Keep),
        _ => (String::new(), Then::Close),
    });
    let pairs = [("GET /a", "HTTP/1.1 200 OK"), ("GET /b", "HTTP/1.1 200 OK")];
    let ran = run(&server, &pairs, &["-j", "1", "--max-requests", "2"]).exits(1);
    assert_eq!(
        ran.outcomes(),
        ["p::1 pass  off", "p::2 fail transport off"]
    );
    assert_eq!(server.requests().len(), 2);
}

/// The request line and the body that are sent for a documented request.
#[track_caller]
fn check_sent(documented: &str, arguments: &[&str], expected: (&str, &str)) {
    let server = Server::responding(OK, Then::Keep);
    let arguments = [&["-j", "1", "--allow-writes", "--var", "v=a b"], arguments].concat();
    // A variable has to be used.
    let pairs = [
        (documented, "HTTP/1.1 200 OK"),
        ("GET /{v}", "HTTP/1.1 200 OK"),
    ];
    let ran = run(&server, &pairs, &arguments);
    let requests = server.requests();
    let request = requests
        .first()
        .unwrap_or_else(|| panic!("nothing was sent: {ran:?}"));
    let (head, body) = request.split_once("\r\n\r\n").expect("a head");
    let line = head.lines().next().unwrap_or_default();
    assert_eq!((line, body), expected);
}

#[test]
fn sends_bodies_as_their_type_requires() {
    for (documented, body) in [
        (
            "Content-Type: application/x-www-form-urlencoded\n\ngrant_type=a\n&client_id={v}\n&scope=b c",
            "grant_type=a&client_id=a+b&scope=b+c",
        ),
        (
            "Content-Type: multipart/form-data; boundary=B\n\n--B\nContent-Disposition: form-data; name=\"a\"\n\n{v}\n--B--",
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na b\r\n--B--",
        ),
        ("Content-Type: text/plain\n\nx\n{v} {w}", "x\na b {w}"),
        (
            "Content-Type: application/json\n\n{\n \"a\": \"{v}\"\n}",
            "{\n \"a\": \"{v}\"\n}",
        ),
    ] {
        check_sent(
            &format!("POST /x\n{documented}"),
            &[],
            ("POST /x HTTP/1.1", body),
        );
    }
}

#[test]
fn does_not_send_fragments() {
    check_sent("GET /x#f", &[], ("GET /x HTTP/1.1", ""));
    check_sent(
        "GET https://a.example/x?a=1#f?b",
        &[],
        ("GET /x?a=1 HTTP/1.1", ""),
    );
    check_sent("GET /x?a=%23f", &[], ("GET /x?a=%23f HTTP/1.1", ""));
}

#[test]
fn does_not_send_user_information() {
    let server = Server::responding(OK, Then::Keep);
    let pairs = [("GET https://user:pw@a.example/x", "HTTP/1.1 200 OK")];
    let ran = run(&server, &pairs, &[])
        .says("url-syntax")
        .says("user information");
    assert_eq!(ran.outcomes(), ["p::1 skip invalid-url off"]);
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[test]
fn reads_the_documented_host_field() {
    let service = ["--service", "https://a.example/v1"];
    let origin_form = "GET /v1/x\nHost: A.example";
    check_sent(origin_form, &service, ("GET /x HTTP/1.1", ""));
    check_sent(origin_form, &[], ("GET /v1/x HTTP/1.1", ""));

    let main = Server::responding(OK, Then::Keep);
    let other = Server::responding(OK, Then::Keep);
    let pairs = [
        ("GET https://a.example/x", "HTTP/1.1 200 OK"),
        ("GET /y\nHost: b.example", "HTTP/1.1 200 OK"),
        ("GET /z\nHost: a.example", "HTTP/1.1 200 OK"),
    ];
    let ran = run(&main, &pairs, &[]).exits(0);
    assert_eq!(
        ran.outcomes(),
        [
            "p::1 pass  off",
            "p::2 skip other-host off",
            "p::3 pass  off"
        ]
    );
    let host = format!("b.example={}/w", other.base);
    run(&main, &pairs, &["--host", &host]).exits(0);
    let lines = |server: &Server| {
        let requests = server.requests();
        let mut lines: Vec<String> = requests
            .iter()
            .filter_map(|request| Some(request.lines().next()?.to_owned()))
            .collect();
        lines.sort();
        lines.dedup();
        lines
    };
    assert_eq!(lines(&main), ["GET /x HTTP/1.1", "GET /z HTTP/1.1"]);
    assert_eq!(lines(&other), ["GET /w/y HTTP/1.1"]);
}
