//! `docproof mock`: the stand-alone server, tested through sockets.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use docproof::internals::page::collect;
use docproof::internals::page::reader::Extraction;
use docproof::internals::project::plan::{Planned, Step, Target, plan};
use docproof::internals::run::mock::RunningMock;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::support::{Project, WATCHDOG, page, repository, send_signal};

/// A server that ends with the test.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The line that the server prints when it is ready.
    ready: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn start(command: &mut Command) -> Served {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the command");
    let mut out = BufReader::new(process.stdout.take().expect("standard output"));
    let mut ready = String::new();
    out.read_line(&mut ready).expect("a line");
    let address = ready.split("http://").nth(1);
    let address = address.and_then(|rest| rest.split(';').next());
    let address = address.and_then(|address| address.parse().ok());
    let address = address.unwrap_or_else(|| panic!("no address in {ready:?}"));
    Served {
        process,
        address,
        ready,
    }
}

impl Served {
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(WATCHDOG)).expect("a timeout");
        stream
    }

    /// Sends bytes, and reads until the connection closes.
    pub(crate) fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server that rejects a request does not have to read all of it.
        let _ = stream.write_all(request);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        response
    }

    /// The response to a request line and header fields.
    pub(crate) fn ask(&self, head: &str) -> String {
        let head = head.replace('\n', "\r\n");
        let host = self.address;
        let request = format!("{head}\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        String::from_utf8(self.exchange(request.as_bytes())).expect("UTF-8")
    }

    /// Stops the process; returns its exit code and its log.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        send_signal(self.process.id(), "-TERM");
        self.end()
    }

    fn end(&mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        let mut err = self.process.stderr.take().expect("standard error");
        err.read_to_string(&mut log).expect("UTF-8");
        (self.process.wait().expect("the process exits").code(), log)
    }
}

const LIST: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n";

/// A project with a few cases; the response with the list is long.
fn project() -> Project {
    let list = format!("{LIST}{{\"value\": [\"{}\"]}}", "long ".repeat(100));
    Project::with(&[(
        "a.md",
        &page(&[
            ("GET /users", &list),
            ("DELETE /users/{id}", "HTTP/1.1 204 No Content"),
            (
                "GET /short",
                "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello, world",
            ),
            (
                "POST /users\nContent-Type: application/json\n\n{\"name\": \"a\"}",
                "HTTP/1.1 201 Created\nContent-Type: application/json\n\n{\"id\": \"7\"}",
            ),
        ]),
    )])
}

fn served(arguments: &[&str]) -> Served {
    let project = project();
    start(&mut project.command(&[&["mock", "--port", "0", "--no-reload"], arguments].concat()))
}

#[track_caller]
pub(crate) fn check(served: &Served, head: &str, expected: &[&str]) -> String {
    let response = served.ask(head);
    for part in expected {
        assert!(response.contains(part), "`{part}` is not in\n{response}");
    }
    response
}

#[test]
fn prints_its_address_and_its_limits() {
    let served = served(&[]);
    for part in [
        "serving 4 examples of specs/docs at",
        "/__docproof/",
        "not from the service",
    ] {
        assert!(served.ready.contains(part), "{}", served.ready);
    }
}

#[test]
fn responds_to_documented_requests_and_suggests_near_misses() {
    let served = served(&[]);
    check(
        &served,
        "GET /short HTTP/1.1",
        &["HTTP/1.1 200 OK", "docproof-case: a%3A%3A3", "hello"],
    );
    check(
        &served,
        "GET /shirt HTTP/1.1",
        &["HTTP/1.1 404", "application/problem+json", "/short"],
    );
    check(
        &served,
        "PUT /users HTTP/1.1",
        &["HTTP/1.1 405", "allow: GET, HEAD, OPTIONS, POST"],
    );
    let (code, log) = served.stop();
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("GET /short 200 a.md:"), "{log}");
    assert!(lines[0].ends_with(" ms"), "{log}");
    assert!(lines[1].starts_with("GET /shirt 404 - "), "{log}");
    assert!(lines[1].contains("documented \"short\""), "{log}");
}

#[test]
fn the_book_shows_the_response_to_a_miss() {
    let page = fs::read_to_string(repository().join("docs/mock.md")).expect("a page");
    let shown = page.split("```json\n").nth(1).expect("an example");
    let shown = shown.split("```").next().expect("the end of the example");
    let docs = repository().join("specs/docs");
    let mut command = Command::new(env!("CARGO_BIN_EXE_docproof"));
    let served = start(command.args(["mock", "--port", "0"]).arg(docs));
    let response = served.ask("GET /v1.0/synchronizationProfiles?$top=5 HTTP/1.1");
    let (_, content) = response.split_once("\r\n\r\n").expect("a body");
    assert_eq!(content, shown);
}

#[test]
fn derives_head_and_options() {
    let served = served(&[]);
    let got = check(&served, "GET /short HTTP/1.1", &["content-length: 12"]);
    let head = check(
        &served,
        "HEAD /short HTTP/1.1",
        &["HTTP/1.1 200 OK", "content-length: 12"],
    );
    assert!(
        head.ends_with("\r\n\r\n") && !got.ends_with("\r\n\r\n"),
        "{head}"
    );
    let options = ["HTTP/1.1 204", "allow: GET, HEAD, OPTIONS, POST"];
    check(&served, "OPTIONS /users HTTP/1.1", &options);
    check(&served, "HEAD /none HTTP/1.1", &["HTTP/1.1 404"]);
    check(&served, "OPTIONS /none HTTP/1.1", &["HTTP/1.1 404"]);
}

#[test]
fn allows_other_origins_only_on_request() {
    let preflight = "OPTIONS /users HTTP/1.1\nOrigin: https://app.example\n\
        Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: authorization, x-a";
    let closed = served(&[]);
    for head in [
        "GET /short HTTP/1.1\nOrigin: https://app.example",
        preflight,
    ] {
        let response = closed.ask(head).to_lowercase();
        assert!(!response.contains("access-control-"), "{response}");
    }
    let open = served(&["--cors"]);
    check(
        &open,
        preflight,
        &[
            "HTTP/1.1 204",
            "access-control-allow-origin: *",
            "access-control-allow-methods: POST",
            "access-control-allow-headers: authorization, x-a",
        ],
    );
    let exposed = [
        "access-control-allow-origin: *",
        "access-control-expose-headers: *",
    ];
    check(&open, "GET /short HTTP/1.1", &exposed);
}

#[test]
fn compresses_long_text_for_clients_that_accept_it() {
    let served = served(&[]);
    let plain = check(
        &served,
        "GET /users HTTP/1.1",
        &["content-type: application/json"],
    );
    assert!(!plain.contains("content-encoding"), "{plain}");
    let (_, content) = plain.split_once("\r\n\r\n").expect("a head");
    for _ in 0..2 {
        let request = format!(
            "GET /users HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: br, gzip\r\nConnection: close\r\n\r\n",
            served.address
        );
        let response = served.exchange(request.as_bytes());
        let at = response
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("a head");
        let head = String::from_utf8_lossy(&response[..at]);
        assert!(head.contains("content-encoding: gzip"), "{head}");
        assert!(head.contains("vary: accept-encoding"), "{head}");
        let mut unpacked = String::new();
        let mut decoder = GzDecoder::new(&response[at + 4..]);
        decoder.read_to_string(&mut unpacked).expect("gzip");
        assert_eq!(unpacked, content);
    }
    let short = check(
        &served,
        "GET /short HTTP/1.1\nAccept-Encoding: gzip",
        &["hello"],
    );
    assert!(!short.contains("content-encoding"), "{short}");
}

#[test]
fn clients_observe_each_fault() {
    let served = served(&[
        "--fault",
        "/short=slow-body",
        "--fault",
        "GET /users=truncate",
        "--fault",
        "POST /users=503",
        "--fault",
        "DELETE /users/r=reset",
        "--fault",
        "DELETE /users/t=truncate",
        "--fault",
        "DELETE /users/w=wrong-media-type",
    ]);
    let start = Instant::now();
    check(
        &served,
        "GET /short HTTP/1.1",
        &["docproof-fault: slow-body", "hello, world"],
    );
    assert!(
        start.elapsed() > Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );

    let half = check(
        &served,
        "GET /users HTTP/1.1",
        &["HTTP/1.1 200", "docproof-fault: truncate"],
    );
    let (head, content) = half.split_once("\r\n\r\n").expect("a head");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    assert_eq!(content.len(), length / 2, "{half}");

    let failed = check(
        &served,
        "POST /users HTTP/1.1",
        &["HTTP/1.1 503", "docproof-fault: 503"],
    );
    assert!(failed.ends_with("\r\n\r\n"), "{failed}");
    check(
        &served,
        "DELETE /users/w HTTP/1.1",
        &["content-type: text/html"],
    );

    let cut = |id: &str| {
        let mut stream = served.connect();
        let request = format!(
            "DELETE /users/{id} HTTP/1.1\r\nHost: {}\r\n\r\n",
            served.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut response = Vec::new();
        (
            stream
                .read_to_end(&mut response)
                .map_err(|error| error.kind()),
            response,
        )
    };
    assert_eq!(
        cut("r"),
        (Err(std::io::ErrorKind::ConnectionReset), Vec::new())
    );
    assert_eq!(cut("t"), (Ok(0), Vec::new()));
    let (_, log) = served.stop();
    assert!(
        log.contains("DELETE /users/r 204") && log.contains("fault reset"),
        "{log}"
    );
}

#[test]
fn a_seed_repeats_the_same_faults() {
    let struck = |seed: &str| {
        let served = served(&["--fault", "30%:500", "--seed", seed]);
        let responses = (0..30).map(|_| served.ask("GET /short HTTP/1.1"));
        let struck: Vec<bool> = responses
            .map(|response| response.contains(" 500 "))
            .collect();
        struck
    };
    let first = struck("7");
    assert!(first.contains(&true) && first.contains(&false), "{first:?}");
    assert_eq!(first, struck("7"));
    assert_ne!(first, struck("8"));
}

#[test]
fn delays_responses_of_selected_paths() {
    let delayed = served(&["--latency", "/short=300ms..400ms"]);
    let start = Instant::now();
    check(&delayed, "GET /short HTTP/1.1", &["HTTP/1.1 200"]);
    let delay = start.elapsed();
    assert!(delay >= Duration::from_millis(300), "{delay:?}");
    // The response of another path comes although this one would take too long.
    let stalled = served(&["--latency", "/short=10m"]);
    check(&stalled, "GET /users HTTP/1.1", &["HTTP/1.1 200"]);
}

#[test]
fn rejects_invalid_faults_and_used_ports() {
    let project = project();
    project
        .run(&["mock", "--fault", "explode"])
        .exits(2)
        .says("use a status from 200 to 599");
    project
        .run(&["mock", "--latency", "5"])
        .exits(2)
        .says("such as 50ms or 1.5s");
    project
        .run(&["mock", "--filter", "none", "--port", "0"])
        .exits(4)
        .says("no case selected");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    project
        .run(&["mock", "--port", &port])
        .exits(3)
        .says("--port 0 picks a free one");
}

#[test]
fn completes_pending_responses_before_it_exits() {
    let served = served(&["--latency", "2s", "--seed", "1"]);
    let mut stream = served.connect();
    let request = format!("GET /short HTTP/1.1\r\nHost: {}\r\n\r\n", served.address);
    stream.write_all(request.as_bytes()).expect("sent");
    let idle = served.connect();
    std::thread::sleep(Duration::from_secs(1));
    let address = served.address;
    let (code, log) = served.stop();
    assert_eq!(code, Some(0));
    // It does not wait until its grace period ends, nor for the idle connection.
    assert!(!log.contains(" 5 seconds"), "{log}");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    assert!(response.ends_with("hello, world"), "{response}");
    assert!(TcpStream::connect(address).is_err());
    drop(idle);
}

#[test]
fn logs_json_without_credentials() {
    let served = served(&["--log", "json"]);
    served.ask("GET /short?access_token=s3cret HTTP/1.1\nAuthorization: Bearer s3cret");
    served.ask("GET /short HTTP/1.1");
    let (_, log) = served.stop();
    assert!(!log.contains("s3cret"), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert_eq!(lines[0]["target"], "/short?access_token=[secret]");
    assert!(lines[0]["remarks"].is_string(), "{log}");
    assert_eq!(
        (&lines[1]["status"], &lines[1]["method"]),
        (&200.into(), &"GET".into())
    );
    assert!(
        lines[1]["ms"].is_number() && lines[1]["remarks"].is_null(),
        "{log}"
    );
}

/// The bytes of a planned request.
fn bytes(step: &Step, address: &str) -> Vec<u8> {
    let target = step.url.split_once(address).expect("the base").1;
    let mut text = format!("{} {target} HTTP/1.1\r\n", step.method);
    for (name, value) in &step.headers {
        text += &format!("{name}: {}\r\n", value.to_str().expect("ASCII"));
    }
    if !step.headers.contains_key("host") {
        text += &format!("host: {address}\r\n");
    }
    let content = step.body.as_deref().unwrap_or_default();
    text += &format!(
        "content-length: {}\r\nconnection: close\r\n\r\n",
        content.len()
    );
    [text.as_bytes(), content].concat()
}

/// The response without its date and its connection fields.
fn timeless(response: &[u8]) -> String {
    let text = String::from_utf8_lossy(response);
    let (head, content) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines: Vec<&str> = head.lines().collect();
    lines.retain(|line| !line.starts_with("date: ") && !line.starts_with("connection: "));
    lines[1..].sort_unstable();
    format!("{}\n\n{content}", lines.join("\n"))
}

#[test]
fn responds_like_the_mock_of_a_run() {
    let project = Project::new();
    let root = repository().join("specs/docs");
    let root_name = root.to_str().expect("UTF-8");
    let served = start(&mut project.command(&["mock", root_name, "--port", "0", "--no-reload"]));
    let cores = docproof::internals::text::parallel::cores();
    let cases = collect::collect(&root, &Extraction::default(), cores, |_| true)
        .expect("pages")
        .cases;
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mock = runtime.block_on(RunningMock::start(cases.clone().into()));
    let base = mock.base();
    let target = Target::Mock {
        base: base.parse().expect("a URL"),
    };
    let units = plan(&cases, &cases, &[], &target);
    let mut compared = 0;
    for unit in &units {
        let Planned::Send(step) = &unit.planned else {
            continue;
        };
        let address = base.trim_start_matches("http://");
        let request = bytes(step, address);
        let mut stream = TcpStream::connect(address).expect("the mock of a run");
        stream.write_all(&request).expect("sent");
        let mut response = Vec::new();
        stream.read_to_end(&mut response).expect("a response");
        let ours = timeless(&served.exchange(&request));
        assert_eq!(ours, timeless(&response), "{}", cases[unit.case].id);
        assert!(ours.contains("docproof-case: "), "{ours}");
        compared += 1;
    }
    assert!(compared > 10, "{compared} cases");
}

#[test]
fn rejects_malicious_clients_and_serves_the_others() {
    let served = served(&["--log", "off"]);
    let host = served.address;
    // A client that stalls.
    let mut stalled = served.connect();
    stalled
        .write_all(b"GET /short HTTP/1.1\r\nHo")
        .expect("sent");
    let mut waiting = served.connect();
    let head = format!("POST /users HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\n\r\n{{");
    waiting.write_all(head.as_bytes()).expect("sent");
    // A header line of 1 MB.
    let long = format!(
        "GET /short HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let response = String::from_utf8_lossy(&served.exchange(long.as_bytes())).into_owned();
    assert!(response.starts_with("HTTP/1.1 431 "), "{response}");
    // Content whose declared length is too long.
    let head = format!("POST /users HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999\r\n\r\n");
    let response = String::from_utf8_lossy(&served.exchange(head.as_bytes())).into_owned();
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    assert!(response.contains("exceeds 16 MiB"), "{response}");
    // Endless content.
    let mut endless = served.connect();
    let head =
        format!("POST /users HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n");
    endless.write_all(head.as_bytes()).expect("sent");
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let sent = (0..1000)
        .take_while(|_| endless.write_all(chunk.as_bytes()).is_ok())
        .count();
    assert!(sent < 1000, "{sent} chunks of 64 KiB were taken");
    // Pipelined requests, and a connection that is dropped during a response.
    let one = format!("GET /short HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let last = one.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let responses = served.exchange((one.repeat(99) + &last).as_bytes());
    let responses = String::from_utf8(responses).expect("UTF-8");
    assert_eq!(responses.matches("HTTP/1.1 200 OK").count(), 100);
    for _ in 0..300 {
        let mut stream = served.connect();
        stream.write_all(one.as_bytes()).expect("sent");
    }
    check(
        &served,
        "GET /short HTTP/1.1",
        &["HTTP/1.1 200 OK", "hello, world"],
    );
}
