//! Scenarios on a stateful service: set-up, captures, expectations, retries,
//! polling, cookies, uploads, tear-down, and the messages of failures.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::support::{Project, RawServer, finish, page, send_signal, wait_until};

#[derive(Default)]
struct Store {
    things: BTreeMap<u32, Value>,
    made: u32,
    flaky: u32,
    polled: u32,
    hung: u32,
    log: Vec<String>,
    /// The number of concurrent requests to `/serial`, and its maximum so far.
    under_way: (u32, u32),
}

type Shared = Arc<Mutex<Store>>;

/// A stateful service. It exits with the test process.
struct Service {
    base: String,
    store: Shared,
}

impl Service {
    fn start() -> Self {
        let store = Shared::default();
        let router = Router::new()
            .fallback(respond)
            .with_state(Arc::clone(&store));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        listener.set_nonblocking(true).expect("not blocking");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                axum::serve(listener, router).await.expect("served");
            });
        });
        Self { base, store }
    }

    fn log(&self) -> Vec<String> {
        self.store.lock().expect("not poisoned").log.clone()
    }

    fn left(&self) -> usize {
        self.store.lock().expect("not poisoned").things.len()
    }
}

async fn respond(
    State(store): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().to_owned();
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    if path == "/serial" {
        {
            let mut store = store.lock().expect("not poisoned");
            store.under_way.0 += 1;
            store.under_way.1 = store.under_way.1.max(store.under_way.0);
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        store.lock().expect("not poisoned").under_way.0 -= 1;
        return StatusCode::OK.into_response();
    }
    if path == "/hang" {
        store.lock().expect("not poisoned").hung += 1;
        tokio::time::sleep(Duration::from_millis(500)).await;
        return StatusCode::OK.into_response();
    }
    let mut store = store.lock().expect("not poisoned");
    store.log.push(format!("{method} {uri}"));
    let id = path
        .strip_prefix("/things/")
        .and_then(|id| id.parse::<u32>().ok());
    let json_of = |value: &Value| ([("content-type", "application/json")], value.to_string());
    match (method.as_str(), path.as_str(), id) {
        ("POST", "/things", _) => {
            store.made += 1;
            let id = store.made;
            let name = serde_json::from_slice::<Value>(&body)
                .map_or(Value::Null, |body| body["name"].clone());
            let thing = json!({"id": id, "name": name});
            store.things.insert(id, thing.clone());
            let location = format!("/things/{id}");
            (
                StatusCode::CREATED,
                [("location", location)],
                json_of(&thing),
            )
                .into_response()
        }
        ("GET", _, Some(id)) => match store.things.get(&id) {
            Some(thing) => json_of(thing).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        ("DELETE", _, Some(id)) => match store.things.remove(&id) {
            Some(_) => StatusCode::NO_CONTENT.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        ("GET", "/flaky", _) => {
            store.flaky += 1;
            match store.flaky {
                1 | 2 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                _ => StatusCode::OK.into_response(),
            }
        }
        ("POST", "/jobs", _) => {
            (StatusCode::ACCEPTED, [("operation-location", "/jobs/1")]).into_response()
        }
        ("GET", "/jobs/1", _) => {
            store.polled += 1;
            let status = if store.polled > 2 { "done" } else { "running" };
            json_of(&json!({"status": status})).into_response()
        }
        ("GET", "/login", _) => (
            StatusCode::NO_CONTENT,
            [("set-cookie", "sid=abc; Path=/; HttpOnly")],
        )
            .into_response(),
        ("GET", "/me", _) => match header("cookie").as_str() {
            "sid=abc" => StatusCode::OK.into_response(),
            _ => StatusCode::UNAUTHORIZED.into_response(),
        },
        ("POST", "/echo", _) => json_of(&json!({
            "type": header("content-type"),
            "body": String::from_utf8_lossy(&body),
        }))
        .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

const THING: &str =
    "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\": 1, \"name\": \"a\"}";

fn project(scenarios: &str) -> Project {
    let project = Project::with(&[(
        "p.md",
        &page(&[
            (
                "POST /things\nContent-Type: application/json\n\n{\"name\": \"a\", \"kept\": true}",
                "HTTP/1.1 201 Created\nLocation: /things/1\n\n{\"id\": 1, \"name\": \"a\"}",
            ),
            ("GET /things/{id}", THING),
            ("DELETE /things/{id}", "HTTP/1.1 204 No Content"),
            ("GET /flaky", "HTTP/1.1 200 OK"),
            (
                "POST /jobs",
                "HTTP/1.1 202 Accepted\nOperation-Location: /jobs/1",
            ),
            ("GET /me", "HTTP/1.1 200 OK"),
            ("GET /login", "HTTP/1.1 204 No Content"),
            ("POST /echo", "HTTP/1.1 200 OK"),
            ("GET /serial", "HTTP/1.1 200 OK"),
            ("GET /hang", "HTTP/1.1 200 OK"),
        ]),
    )]);
    project.write("specs/scenarios/all.yaml", scenarios);
    project
}

/// Runs the selected cases; returns the results by id.
fn results(project: &Project, service: &Service, code: i32) -> Vec<Value> {
    let ran = project
        .test(&[
            "--base-url",
            &service.base,
            "--allow-writes",
            "--no-snapshots",
        ])
        .exits(code);
    ran.json()
}

#[track_caller]
fn result(results: &[Value], id: &str) -> Value {
    let found = results.iter().find(|result| result["id"] == id);
    found
        .unwrap_or_else(|| panic!("{id} of {results:?}"))
        .clone()
}

const CREATE: &str = "
steps:
  create:
    case: p::1
    set: { $.name: 'n-${uuid}' }
    capture: { id: $.id, name: $.name }
";

#[test]
fn runs_set_up_captures_and_tear_down() {
    let service = Service::start();
    let project = project(&format!(
        "{CREATE}
scenarios:
  - case: p::2
    setup: [ {{ use: create }} ]
    expect:
      status: 200
      $.id: {{ type: integer }}
      $.name: '${{name}}'
    teardown: [ {{ case: p::3 }} ]
"
    ));
    let results = results(&project, &service, 1);
    let read = result(&results, "p::2");
    assert_eq!(read["outcome"], "pass", "{read}");
    let log = service.log();
    let position = |line: &str| log.iter().position(|sent| sent == line);
    let (get, delete) = (position("GET /things/2"), position("DELETE /things/2"));
    let made_first = get.or(position("GET /things/1"));
    assert!(made_first.is_some(), "{log:?}");
    assert!(
        delete.or(position("DELETE /things/1")) > made_first,
        "{log:?}"
    );
    // The case that only creates leaves its thing in the store.
    assert_eq!(service.left(), 1);
}

#[test]
fn reports_unmet_expectations_at_their_line() {
    let service = Service::start();
    let project = project(&format!(
        "{CREATE}
scenarios:
  - case: p::2
    name: of another name
    setup: [ {{ use: create }} ]
    expect:
      $.name: other
      $.id: {{ greater-than: 1000 }}
    teardown: [ {{ case: p::3 }} ]
"
    ));
    let ran = project
        .run(&[
            "test",
            "--base-url",
            &service.base,
            "--allow-writes",
            "--no-snapshots",
            "--filter",
            "p::2",
        ])
        .exits(1);
    assert!(ran.out.contains("FAIL p::2@of another name"), "{}", ran.out);
    assert!(
        ran.out.contains("specs/scenarios/all.yaml:13"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("specs/scenarios/all.yaml:14"),
        "{}",
        ran.out
    );
    assert_eq!(service.left(), 0, "torn down after a failure too");
}

#[test]
fn a_failed_set_up_fails_the_case() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::2
    vars: { id: 7 }
    setup: [ { request: GET /nowhere } ]
    teardown: [ { request: 'DELETE /things/${id}', expect: { status: 404 } } ]
",
    );
    let results = results(&project, &service, 1);
    let failed = result(&results, "p::2");
    assert_eq!(failed["differences"][0]["kind"], "setup", "{failed}");
    assert_eq!(failed["differences"].as_array().map(Vec::len), Some(1));
    let log = service.log();
    assert!(!log.contains(&"GET /things/7".to_owned()), "{log:?}");
    assert!(log.contains(&"DELETE /things/7".to_owned()), "{log:?}");
}

#[test]
fn reports_failed_tear_downs() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::4
    retry: { attempts: 3, delay: 1ms }
    teardown: [ { request: DELETE /things/9 } ]
",
    );
    let results = results(&project, &service, 1);
    let failed = result(&results, "p::4");
    assert_eq!(failed["differences"][0]["kind"], "teardown", "{failed}");
}

#[test]
fn retries_requests_and_polls_operations() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::4
    retry: { attempts: 3, delay: 1ms }
  - case: p::5
    poll: { until: { $.status: done }, interval: 1ms, timeout: 10s }
    expect: { $.status: done }
",
    );
    let results = results(&project, &service, 1);
    assert_eq!(result(&results, "p::4")["outcome"], "pass");
    assert_eq!(result(&results, "p::5")["outcome"], "pass");
    let log = service.log();
    let times = |line: &str| log.iter().filter(|sent| *sent == line).count();
    assert_eq!((times("GET /flaky"), times("GET /jobs/1")), (3, 3));
}

#[test]
fn exhausted_attempts_and_polls_fail() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::4
    retry: { attempts: 2, delay: 1ms }
  - case: p::5
    poll: { until: { $.status: never }, interval: 1ms, timeout: 50ms }
",
    );
    let results = results(&project, &service, 1);
    assert_eq!(result(&results, "p::4")["differences"][0]["kind"], "status");
    assert_eq!(result(&results, "p::5")["differences"][0]["kind"], "poll");
}

#[test]
fn cookies_stay_within_a_scenario() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::6
    name: logged in
    setup: [ { case: p::7 } ]
  - case: p::6
    name: a stranger
    expect: { status: 401 }
",
    );
    let results = results(&project, &service, 1);
    assert_eq!(result(&results, "p::6@logged in")["outcome"], "pass");
    assert_eq!(result(&results, "p::6@a stranger")["outcome"], "pass");
}

#[test]
fn sends_cookies_of_the_target_and_the_scenario() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = Project::with(&[("p.md", &page(&[("GET /a", "HTTP/1.1 200 OK")]))]);
    project.write(
        "specs/scenarios/s.yaml",
        "scenarios:
  - case: p::1
    setup: [ { request: GET /login } ]
    teardown: [ { request: GET /own, headers: { Cookie: mine=1 } }, { request: GET /none, headers: { Cookie: null } } ]
",
    );
    let arguments = [
        "test",
        "--no-snapshots",
        "--base-url",
        &server.base,
        "--header",
        "Cookie: gate=open; sid=old",
    ];
    project.run(&arguments).exits(0);
    let cookies: Vec<String> = server
        .heads()
        .iter()
        .flat_map(|head| {
            let cookies = head
                .lines()
                .filter(|line| line.to_ascii_lowercase().starts_with("cookie:"));
            cookies.map(str::to_ascii_lowercase).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        cookies,
        [
            "cookie: gate=open; sid=old",
            "cookie: gate=open; sid=abc",
            "cookie: mine=1",
        ]
    );
}

#[test]
fn sends_bodies_of_each_kind() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::8
    name: form
    body: { form: { a: 'x y', b: '&' } }
    expect:
      $.type: { matches: '^application/x-www-form-urlencoded' }
      $.body: a=x+y&b=%26
  - case: p::8
    name: file
    body: { file: data/hello.txt, content-type: text/plain }
    expect: { $.body: hello, $.type: text/plain }
  - case: p::8
    name: outside
    body: { file: data/link.txt }
  - case: p::8
    name: multipart
    body:
      multipart:
        type: form-data
        parts:
          - { name: note, text: hi }
          - { name: file, filename: a.txt, file: data/hello.txt }
    expect:
      $.type: { matches: '^multipart/form-data; boundary=' }
      $.body: { matches: 'filename=\"a.txt\"(.|\\s)*hello' }
",
    );
    project.write("data/hello.txt", "hello");
    let outside = tempfile::NamedTempFile::new().expect("a file");
    std::os::unix::fs::symlink(outside.path(), project.path("data/link.txt")).expect("a link");
    let results = results(&project, &service, 1);
    for name in ["form", "file", "multipart"] {
        let one = result(&results, &format!("p::8@{name}"));
        assert_eq!(one["outcome"], "pass", "{one}");
    }
    let refused = result(&results, "p::8@outside");
    assert!(
        refused.to_string().contains("outside the project"),
        "{refused}"
    );
}

#[test]
fn scenarios_of_one_group_do_not_overlap() {
    let service = Service::start();
    let scenario = |name: &str, serial: &str| {
        format!(
            "  - {{ case: p::9, name: {name}, {serial} setup: [ {{ request: GET /serial }} ] }}\n"
        )
    };
    let alone: String = ["a", "b", "c"]
        .map(|name| scenario(name, "serial: g,"))
        .concat();
    let project_alone = project(&format!("scenarios:\n{alone}"));
    results(&project_alone, &service, 1);
    assert_eq!(service.store.lock().expect("not poisoned").under_way.1, 1);
    let beside: String = ["a", "b", "c"].map(|name| scenario(name, "")).concat();
    results(&project(&format!("scenarios:\n{beside}")), &service, 1);
    assert!(service.store.lock().expect("not poisoned").under_way.1 > 1);
}

#[test]
fn tears_down_after_an_interrupt() {
    let service = Service::start();
    let project = project(&format!(
        "{CREATE}
scenarios:
  - case: p::10
    setup: [ {{ use: create }}, {{ request: GET /hang }} ]
    teardown: [ {{ case: p::3 }} ]
"
    ));
    let mut command = project.command(&[
        "test",
        "--base-url",
        &service.base,
        "--allow-writes",
        "--no-snapshots",
        "--filter",
        "p::10",
    ]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    wait_until(|| service.left() > 0);
    send_signal(child.id(), "-INT");
    let output = finish(child);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(service.left(), 0, "torn down");
    assert!(!service.log().contains(&"GET /hang".to_owned()));
}

#[test]
fn skips_scenarios_with_a_reason() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - { case: p::2, skip: the sandbox has no things }
  - { case: p::4, scopes: [things.read] }
  - { case: p::6, tags: [browser] }
",
    );
    let ran = project
        .test(&[
            "--base-url",
            &service.base,
            "--no-snapshots",
            "--filter",
            "p::2",
            "--filter",
            "p::4",
            "--filter",
            "p::6",
        ])
        .exits(4);
    assert_eq!(
        ran.summary()["skip_reasons"],
        json!({"scenario": 1, "missing-scope": 1, "missing-tag": 1})
    );
    assert_eq!(service.log(), [""; 0]);
}

#[test]
fn scenarios_that_write_need_permission() {
    let service = Service::start();
    let project = project("scenarios:\n  - { case: p::4, setup: [ { request: POST /things } ] }\n");
    let ran = project
        .test(&[
            "--base-url",
            &service.base,
            "--no-snapshots",
            "--filter",
            "p::4",
        ])
        .exits(4);
    assert_eq!(
        ran.summary()["skip_reasons"],
        json!({"write-not-allowed": 1})
    );
    assert_eq!(service.log(), [""; 0]);
}

#[test]
fn unknown_names_in_scenarios_end_the_run_early() {
    let service = Service::start();
    for (scenarios, rule) in [
        ("scenarios: [ { case: p::99 } ]", "scenario-unknown-case"),
        ("scenarios: [ { case: p::2, cse: x } ]", "scenario-syntax"),
        (
            "scenarios: [ { case: p::2, vars: { id: '${nothing}' } } ]",
            "scenario-unknown-variable",
        ),
    ] {
        let ran = project(scenarios)
            .test(&["--base-url", &service.base, "--no-snapshots"])
            .exits(2);
        assert!(ran.err.contains(rule), "{}", ran.err);
    }
    assert_eq!(service.log(), [""; 0]);
    // The mock replays the cases as they are documented.
    project("scenarios: [ { case: p::2, vars: { id: '${nothing}' } } ]")
        .test(&[])
        .exits(0);
}

#[test]
fn tears_down_what_a_failed_set_up_created() {
    let service = Service::start();
    let project = project(
        "
steps:
  gone: { case: p::3, vars: { id: '${id}' } }
scenarios:
  - case: p::2
    name: never set up
    setup: [ { request: GET /nowhere, capture: { id: $.id } } ]
    teardown: [ { use: gone } ]
  - case: p::2
    name: set up wrong
    setup: [ { case: p::1, capture: { id: $.id }, expect: { status: 200 } } ]
    teardown: [ { use: gone } ]
",
    );
    let ran = project.test(&[
        "--base-url",
        &service.base,
        "--allow-writes",
        "--no-snapshots",
        "--filter",
        "p::2",
    ]);
    let results = ran.exits(1).json();
    for name in ["never set up", "set up wrong"] {
        let failed = result(&results, &format!("p::2@{name}"));
        assert_eq!(
            failed["differences"].as_array().map(Vec::len),
            Some(1),
            "{failed}"
        );
    }
    assert_eq!(service.left(), 0);
}

#[test]
fn sends_a_case_to_another_url() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - case: p::2
    url: ${made}
    setup: [ { case: p::1, capture: { made: { from: header:Location, secret: false } } } ]
  - case: p::4
    url: /things/1
    expect: { status: 404 }
",
    );
    let ran = project.test(&[
        "--base-url",
        &service.base,
        "--allow-writes",
        "--no-snapshots",
        "--filter",
        "p::2",
        "--filter",
        "p::4",
    ]);
    let results = ran.json();
    // The captured text is not an absolute URL, so it cannot be a target.
    assert_eq!(result(&results, "p::2")["outcome"], "fail");
    assert!(service.log().contains(&"GET /things/1".to_owned()));
}

#[test]
fn snapshots_of_named_scenarios_belong_to_their_case() {
    let service = Service::start();
    let project = project(
        "
scenarios:
  - { case: p::4, name: patient, retry: { attempts: 3, delay: 1ms } }
  - { case: p::9, name: quick }
",
    );
    let ran = project.run(&["test", "--base-url", &service.base, "--filter", "p::4"]);
    let _ = ran.exits(0);
    let ran = project.run(&["accept", "--prune"]).exits(0);
    assert!(ran.out.contains("1 accepted, 0 removed"), "{}", ran.out);
    let ran = project.run(&["test"]).exits(0);
    assert!(!ran.err.contains("orphaned file"), "{}", ran.err);
    // Without its scenario the snapshot is orphaned.
    project.write("specs/scenarios/all.yaml", "scenarios: []");
    let ran = project.run(&["accept", "--prune"]).exits(0);
    assert!(ran.out.contains("removed snapshots/"), "{}", ran.out);
}

#[test]
fn an_interrupt_of_the_last_case_exits_with_130() {
    let service = Service::start();
    let project = project("scenarios: [ { case: p::10 } ]");
    let mut command = project.command(&[
        "test",
        "--base-url",
        &service.base,
        "--no-snapshots",
        "--filter",
        "p::10",
    ]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    wait_until(|| service.store.lock().expect("not poisoned").hung > 0);
    send_signal(child.id(), "-INT");
    let output = finish(child);
    assert_eq!(output.status.code(), Some(130), "{output:?}");
}

#[test]
fn binds_placeholders_of_one_name_separately() {
    const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n\
                        {\"n\":\"x\"}";
    let server = RawServer::responding(JSON);
    let page = page(&[(
        "GET /groups/{id}/threads/{id}?after={id}",
        "HTTP/1.1 200 OK",
    )]);
    let project = Project::with(&[("p.md", &page)]);
    project.write(
        "docproof.toml",
        format!(
            "[target.t]\nbase-url = \"{}\"\nvars = {{ id = \"7\" }}\n",
            server.base
        ),
    );
    let run = |arguments: &[&str]| {
        let live = ["test", "--target", "t", "--no-snapshots"];
        project.run(&[&live[..], arguments].concat())
    };
    run(&[]).exits(4).says("unbound-placeholder");
    assert_eq!(server.request_lines(), [""; 0]);
    let config = project.read("docproof.toml");
    let config = config.replace("id = \"7\"", "id = \"7\", \"id.2\" = \"8\"");
    project.write("docproof.toml", config);
    run(&["--var", "id.3=9"]).exits(0).says("1 passed");
    project.write(
        "specs/scenarios/s.yaml",
        "scenarios:
  - case: p::1
    vars: { id.2: \"${id}-t\" }
    setup:
      - request: GET /last/${id.2}
        capture: { id.3: $.n }
",
    );
    run(&[]).exits(0).says("1 passed");
    assert_eq!(
        server.request_lines(),
        [
            "GET /groups/7/threads/7-t?after=x HTTP/1.1",
            "GET /groups/7/threads/8?after=9 HTTP/1.1",
            "GET /last/7-t HTTP/1.1",
        ]
    );
}
