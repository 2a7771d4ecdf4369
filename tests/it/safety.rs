//! What a live run never does: send credentials or requests to other hosts, write
//! without permission, send or read without a bound, or show secrets.

use std::io::Write as _;
use std::time::Duration;

use docproof::internals::http::message::{ActualResponse, Content};
use docproof::internals::project::config::{Auth, KeyPlace};
use docproof::internals::project::plan::{Live, Step, Target};
use docproof::internals::run::exchange::{BodyWait, Client, Exchange, TransportKind};
use docproof::internals::text::secret::Secret;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use crate::support::{Project, RawServer, page, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn live(base: &str) -> Live {
    Live::new(Url::parse(base).expect("a URL"))
}

fn get(url: &str) -> Step {
    Step {
        method: Method::GET,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body: None,
        settled: Vec::new(),
    }
}

/// Sends steps in order.
fn send(live: &Live, steps: &[Step]) -> Vec<Exchange> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let target: Target = live.target(Vec::new(), &[]);
    let client = Client::new(&target, Duration::from_secs(10)).expect("a client");
    runtime.block_on(async {
        let mut exchanges = Vec::new();
        for step in steps {
            exchanges.push(client.exchange(step, BodyWait::Whole).await);
        }
        exchanges
    })
}

fn error(exchange: &Exchange) -> (TransportKind, String) {
    let error = exchange.response.as_ref().expect_err("no response");
    (error.kind, error.message.clone())
}

fn response(exchange: &Exchange) -> &ActualResponse {
    exchange.response.as_ref().expect("a response")
}

/// A live target with credentials of each kind.
fn with_credentials(base: &str, auth: Auth<Secret>) -> Live {
    let mut live = live(base);
    for (name, value) in [
        ("x-tenant", "t3nant-1"),
        ("cookie", "session=s3ssion"),
        ("x-api-key", "k3y-123"),
        ("accept-language", "en"),
    ] {
        live.headers.insert(name, HeaderValue::from_static(value));
    }
    live.auth = Some(auth);
    live
}

#[test]
fn sends_credentials_only_to_urls_of_the_target() {
    let bearer = || Auth::Bearer {
        token: Secret("s3cret-token".to_owned()),
    };
    let key = || Auth::ApiKey {
        place: KeyPlace::Query("key".to_owned()),
        value: Secret("s3cret-key".to_owned()),
    };
    for auth in [bearer(), key()] {
        let own = RawServer::responding(OK);
        let mapped = RawServer::responding(OK);
        let elsewhere = RawServer::responding(OK);
        let mut live = with_credentials(&own.base, auth);
        let mapped_url = Url::parse(&mapped.base).expect("a URL");
        live.hosts.insert("up.example".to_owned(), mapped_url);
        // The same host with another port is another origin.
        let mut step = get(&format!("{}/x?a=b", elsewhere.base));
        for (name, value) in [
            ("authorization", "Bearer {token}"),
            ("x-own", "t3nant-1"),
            ("x-functions-key", "a"),
            ("x-kept", "kept"),
        ] {
            step.headers.insert(name, HeaderValue::from_static(value));
        }
        let steps = [
            get(&format!("{}/x?a=b", own.base)),
            get(&format!("{}/x?a=b", mapped.base)),
            step,
        ];
        for exchange in send(&live, &steps) {
            response(&exchange);
        }
        for server in [&own, &mapped] {
            let head = server.heads()[0].to_lowercase();
            assert!(head.contains("s3cret"), "{head}");
            for value in ["t3nant-1", "s3ssion", "k3y-123", "accept-language: en"] {
                assert!(head.contains(value), "{value}: {head}");
            }
        }
        let head = elsewhere.heads()[0].to_lowercase();
        assert!(head.contains("x-kept: kept"), "{head}");
        assert!(head.contains("accept-language: en"), "{head}");
        for value in [
            "authorization",
            "s3cret",
            "t3nant",
            "s3ssion",
            "k3y-123",
            "functions-key",
        ] {
            assert!(!head.contains(value), "{value}: {head}");
        }
    }
}

#[test]
fn keeps_headers_that_a_step_sets() {
    let server = RawServer::responding(OK);
    let live = with_credentials(
        &server.base,
        Auth::Bearer {
            token: Secret("s3cret-token".to_owned()),
        },
    );
    let mut step = get(&format!("{}/x", server.base));
    step.settled = ["authorization", "x-tenant"]
        .map(HeaderName::from_static)
        .to_vec();
    step.headers
        .insert("x-tenant", HeaderValue::from_static("other"));
    send(&live, &[step]);
    let head = server.heads()[0].to_lowercase();
    assert!(!head.contains("authorization"), "{head}");
    assert!(head.contains("x-tenant: other"), "{head}");
    assert!(head.contains("x-api-key: k3y-123"), "{head}");
}

/// A server whose response to `GET /session` has this body.
fn session_server(session: String) -> RawServer {
    RawServer::start(move |head, stream| {
        let body = if head.starts_with("GET /session") {
            session.as_str()
        } else {
            ""
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    })
}

/// A scenario that sends to a captured URL.
#[test]
fn sends_no_credentials_to_captured_urls() {
    let elsewhere = RawServer::responding(OK);
    let upload = serde_json::json!({"uploadUrl": format!("{}/up", elsewhere.base)}).to_string();
    let server = session_server(upload);
    let project = Project::with(&[("p.md", &page(&[("GET /a", "HTTP/1.1 200 OK")]))]);
    project.write(
        "docproof.toml",
        format!(
            "[target.a]\nbase-url = \"{}\"\n[target.a.auth]\ntype = \"bearer\"\n\
             token = \"${{env:KEY}}\"\n",
            server.base
        ),
    );
    project.write(
        "specs/scenarios/a.yaml",
        "scenarios:\n\
         - case: p::1\n\
         \x20 headers: { Authorization: null }\n\
         \x20 setup:\n\
         \x20 - request: GET /session\n\
         \x20   capture: { url: $.uploadUrl }\n\
         \x20 - request: GET ${url}\n\
         \x20   headers: { Authorization: 'Bearer ${env:KEY}', X-Kept: a, X-Own: '${env:KEY}' }\n",
    );
    let arguments = [
        "test",
        "--target",
        "a",
        "--format",
        "json",
        "--no-snapshots",
    ];
    let mut command = project.command(&arguments);
    run(command.env("KEY", "s3cret-token")).exits(0);
    let heads = server.heads();
    assert!(heads[0].starts_with("GET /session "), "{heads:?}");
    assert!(heads[0].contains("Bearer s3cret-token"), "{heads:?}");
    assert!(heads[1].starts_with("GET /a "), "{heads:?}");
    assert!(!heads[1].contains("s3cret"), "{heads:?}");
    let foreign = elsewhere.heads()[0].to_lowercase();
    assert!(foreign.contains("x-kept: a"), "{foreign}");
    assert!(!foreign.contains("s3cret"), "{foreign}");
    assert!(!foreign.contains("authorization"), "{foreign}");

    let mut command = project.command(&[&arguments[..], &["--max-requests", "1"]].concat());
    let ran = run(command.env("KEY", "s3cret-token")).exits(4);
    assert_eq!(ran.outcomes(), ["p::1 skip request-limit off"]);
}

/// A step that sends to a captured URL, with this line of the scenario. The
/// outcome is `expected`: `pass`, or a part of the message.
#[track_caller]
fn check_captured(line: &str, expected: &str) {
    let elsewhere = RawServer::responding(OK);
    let upload = format!(
        "{{\"url\": \"{}/up\", \"key\": \"up+load-key\"}}",
        elsewhere.base
    );
    let server = session_server(upload);
    let project = Project::with(&[("p.md", &page(&[("GET /a", "HTTP/1.1 200 OK")]))]);
    project.write(
        "specs/scenarios/a.yaml",
        format!(
            "scenarios:\n\
             - case: p::1\n\
             \x20 vars: {{ wrapped: 'x-${{env:KEY}}' }}\n\
             \x20 setup:\n\
             \x20 - request: GET /session\n\
             \x20   capture: {{ url: $.url, key: {{ from: $.key, secret: true }} }}\n\
             \x20 - request: POST ${{url}}\n\
             \x20   {line}\n"
        ),
    );
    let mut command = project.command(&[
        "test",
        "--base-url",
        &server.base,
        "--allow-writes",
        "--format",
        "json",
        "--no-snapshots",
    ]);
    let ran = run(command.env("KEY", "s3cret/token"));
    let result = &ran.json()[0];
    let message = result["differences"][0]["message"].as_str();
    let found = message.unwrap_or_else(|| result["outcome"].as_str().expect("an outcome"));
    assert!(found.contains(expected), "{line}: {ran:?}");
    assert_eq!(elsewhere.heads().len(), usize::from(expected == "pass"));
    assert!(!ran.out.contains("s3cret"), "{ran:?}");
}

#[test]
fn sends_no_secrets_in_queries_and_bodies_to_captured_urls() {
    let query = "its query contains a secret, and the target does not name http://127.0.0.1:";
    check_captured("query: { k: '${env:KEY}' }", query);
    check_captured("query: { k: '${wrapped}' }", query);
    let body = "its body contains a secret";
    check_captured("body: { form: { k: '${env:KEY}' } }", body);
    check_captured("body: { json: { k: 'a ${env:KEY}' } }", body);
    check_captured("body: { text: '${base64:${env:KEY}}' }", body);
    check_captured("body: { form: { k: '${key}' } }", "pass");
    check_captured("query: { k: '${key}', l: m }", "pass");
    check_captured("body: { text: plain }", "pass");
}

#[test]
fn redirects_send_no_credentials_to_other_hosts() {
    let elsewhere = RawServer::responding(OK);
    let location = elsewhere.base.clone();
    let server = RawServer::start(move |_, stream| {
        let head =
            format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
    });
    let live = with_credentials(
        &server.base,
        Auth::Bearer {
            token: Secret("s3cret-token".to_owned()),
        },
    );
    let exchanges = send(&live, &[get(&server.base)]);
    assert_eq!(response(&exchanges[0]).status, 302);
    assert!(elsewhere.heads().is_empty());
}

#[test]
fn sends_to_private_addresses_only_if_the_target_names_them() {
    let server = RawServer::responding(OK);
    let port = server.base.rsplit(':').next().expect("a port");
    let by_name = format!("http://localhost:{port}/a");
    let by_address = format!("http://127.0.0.1:{port}/a");
    for (base, step, expected) in [
        (
            "http://127.0.0.1:1",
            &by_name,
            "localhost is a loopback address",
        ),
        (
            "http://localhost:1",
            &by_address,
            "127.0.0.1 is a loopback address",
        ),
        (
            "http://127.0.0.1:1",
            &"http://169.254.169.254/latest/meta-data/".to_owned(),
            "169.254.169.254 is a link-local address, such as those of metadata services",
        ),
    ] {
        let exchanges = send(&live(base), &[get(step)]);
        let (kind, message) = error(&exchanges[0]);
        assert_eq!(kind, TransportKind::NotSent, "{message}");
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("`hosts`"), "{message}");
    }
    assert!(server.heads().is_empty());
    for (base, step) in [
        ("http://localhost:1", &by_name),
        ("http://127.0.0.1:1", &by_address),
    ] {
        response(&send(&live(base), &[get(step)])[0]);
    }
    assert_eq!(server.heads().len(), 2);
}

#[test]
fn sends_no_writes_without_permission() {
    let server = RawServer::responding(OK);
    let mut live = live(&server.base);
    let steps: Vec<Step> = ["DELETE", "POST", "PUT", "PATCH", "MERGE", "GET", "HEAD"]
        .map(|method| Step {
            method: Method::from_bytes(method.as_bytes()).expect("a method"),
            ..get(&server.base)
        })
        .to_vec();
    for exchange in &send(&live, &steps)[..5] {
        let (kind, message) = error(exchange);
        assert_eq!(kind, TransportKind::NotSent);
        assert!(message.contains("may change data"), "{message}");
    }
    assert_eq!(server.heads().len(), 2);
    live.allow_writes = true;
    for exchange in send(&live, &steps) {
        response(&exchange);
    }
    assert_eq!(server.heads().len(), 9);
}

#[test]
fn keeps_to_the_request_limit() {
    let server = RawServer::responding(OK);
    let requests = ["GET /a", "GET /b", "GET /c"].map(|request| (request, "HTTP/1.1 200 OK"));
    let project = Project::with(&[("p.md", &page(&requests))]);
    let base = server.base.as_str();
    let arguments = [
        "--base-url",
        base,
        "--no-snapshots",
        "-j",
        "1",
        "--max-requests",
    ];
    let ran = project.test(&[&arguments[..], &["2"]].concat()).exits(0);
    assert_eq!(server.heads().len(), 2);
    assert_eq!(ran.outcomes()[2], "p::3 skip request-limit off");
    let ran = project.test(&[&arguments[..], &["3"]].concat()).exits(0);
    assert_eq!(ran.outcomes()[2], "p::3 pass  off");
}

#[test]
fn masks_secrets_in_each_encoding_and_place() {
    const FORMS: [&str; 7] = [
        "s3cret/+token?",
        "s3cret%2F%2Btoken%3F",
        "s3cret%2f%2btoken%3f",
        r"s3cret\/+token?",
        // The value, the value after `me:`, and the value in base64url.
        "czNjcmV0Lyt0b2tlbj8=",
        "bWU6czNjcmV0Lyt0b2tlbj8=",
        "bWU6czNjcmV0Lyt0b2tlbj8",
    ];
    let server = RawServer::start(|_, stream| {
        let mut head = String::from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        for (at, form) in FORMS.iter().enumerate() {
            head += &format!("X-{at}: before {form} after\r\n");
        }
        let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    });
    let documented = (0..FORMS.len()).fold("HTTP/1.1 200 OK".to_owned(), |text, at| {
        format!("{text}\nX-{at}: documented")
    });
    let project = Project::with(&[(
        "p.md",
        &page(&[
            ("GET /a", &documented),
            ("GET /{unbound}/../a", "HTTP/1.1 200 OK"),
        ]),
    )]);
    project.write(
        "docproof.toml",
        format!(
            "[target.a]\nbase-url = \"{}\"\nvars = {{ unbound = \"${{env:KEY}}\" }}\n\
             [target.a.auth]\ntype = \"api-key\"\nquery = \"key\"\nvalue = \"${{env:KEY}}\"\n",
            server.base
        ),
    );
    for format in ["pretty", "json"] {
        let mut command = project.command(&["test", "--target", "a", "--format", format]);
        let ran = run(command.env("KEY", FORMS[0])).exits(1);
        let snapshot = project.read("snapshots/p__1.snap.new");
        for text in [&ran.out, &ran.err, &snapshot] {
            for form in FORMS {
                assert!(!text.contains(form), "{form}: {text}");
            }
            assert!(!text.contains("s3c") && !text.contains("czNj"), "{text}");
        }
        assert!(ran.out.contains("before [secret:KEY] after"), "{}", ran.out);
        assert!(
            snapshot.contains("x-6: before bWU6[secret:KEY] after"),
            "{snapshot}"
        );
    }
}

#[test]
fn bounds_what_is_read() {
    let server = RawServer::start(|head, stream| {
        let mut send = |bytes: &[u8]| stream.write_all(bytes).is_ok();
        match head.split(' ').nth(1).unwrap_or_default() {
            "/endless" => {
                send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
                while send(&[b'x'; 1 << 12]) {}
            }
            "/bomb" => {
                let mut encoder =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                encoder.write_all(&vec![0; 1 << 24]).expect("written");
                let bomb = encoder.finish().expect("the encoder finishes");
                let head = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
                    bomb.len()
                );
                send(head.as_bytes());
                send(&bomb);
            }
            "/unknown" => {
                send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: zstd\r\nContent-Length: 1\r\n\r\nx");
            }
            _ => {
                send(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n");
                send(&vec![b'x'; 100_000]);
            }
        }
    });
    let mut live = live(&server.base);
    live.limits.body = 100_000;
    let steps =
        ["endless", "bomb", "unknown", "whole"].map(|path| get(&format!("{}/{path}", server.base)));
    let exchanges = send(&live, &steps);
    for (exchange, expected) in exchanges.iter().zip([
        Some("it exceeds 100000 bytes; raise --max-body"),
        Some("it exceeds 100000 bytes after decoding `gzip`"),
        Some("unknown content coding `zstd`"),
        None,
    ]) {
        let response = response(exchange);
        assert_eq!(response.status, 200);
        match (&response.body, expected) {
            (Content::Lost(why), Some(expected)) => assert!(why.contains(expected), "{why}"),
            (Content::Whole(content), None) => assert_eq!(content.len(), 100_000),
            (body, _) => panic!("{body:?}"),
        }
    }
    // The documented coding is still compared.
    assert_eq!(
        response(&exchanges[1]).headers.get("content-encoding"),
        Some("gzip")
    );
}
