//! Retries, repetitions, the order of cases, and failure limits.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::support::{FOREVER, Project, Ran, RawServer, page};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const OOPS: &str = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A project with a page of this many cases: `GET /1`, `GET /2`, …
fn project(count: usize) -> Project {
    let requests: Vec<String> = (1..=count).map(|number| format!("GET /{number}")).collect();
    let pairs: Vec<(&str, &str)> = requests
        .iter()
        .map(|request| (request.as_str(), "HTTP/1.1 200 OK"))
        .collect();
    Project::with(&[("p.md", &page(&pairs))])
}

/// A service that fails the attempts of a request for which `fails` is true.
fn service(fails: impl Fn(&str, usize) -> bool + Send + Sync + 'static) -> RawServer {
    let counts: Mutex<HashMap<String, usize>> = Mutex::default();
    RawServer::start(move |head, stream| {
        let target = head.split(' ').nth(1).expect("a target").to_owned();
        let time = {
            let mut counts = counts.lock().expect("not poisoned");
            let count = counts.entry(target.clone()).or_insert(0);
            *count += 1;
            *count
        };
        let response = if fails(&target, time) { OOPS } else { OK };
        let _ = stream.write_all(response.as_bytes());
    })
}

/// Runs cases one after the other, so that the test knows which were started.
fn test(project: &Project, server: &RawServer, arguments: &[&str]) -> Ran {
    let to = ["--base-url", &server.base, "--no-snapshots", "--jobs", "1"];
    project.test(&[&to[..], arguments].concat())
}

/// The counts of the last line: passed, flaky, failed, not run.
#[track_caller]
fn check(ran: &Ran, expected: [u64; 4]) {
    let summary = ran.summary();
    let counts = ["pass", "flaky", "fail", "not_run"];
    assert_eq!(
        counts.map(|name| summary[name].as_u64().expect(name)),
        expected
    );
}

#[test]
fn a_case_that_passes_on_retry_is_flaky() {
    let project = project(3);
    let server = service(|target, time| target == "/2" && time < 3);
    let ran = test(&project, &server, &["--retries", "2"]).exits(0);
    check(&ran, [3, 1, 0, 0]);
    let lines = ran.json();
    assert_eq!(lines[1]["flaky"], true);
    assert_eq!(lines[1]["outcome"], "pass");
    let earlier = lines[1]["earlier"].as_array().expect("attempts");
    assert_eq!(earlier.len(), 2);
    assert_eq!(earlier[0]["outcome"], "fail");
    assert_eq!(earlier[0]["differences"][0]["kind"], "status");
    assert_eq!(lines[0]["flaky"], false);
    assert_eq!(lines[0]["earlier"], serde_json::json!([]));
    assert_eq!(server.heads().len(), 5);

    let server = service(|target, time| target == "/2" && time < 3);
    let to = [
        "test",
        "--base-url",
        &server.base,
        "--no-snapshots",
        "--retries",
        "2",
    ];
    project
        .run(&to)
        .exits(0)
        .says("FLAKY p::2  failed 2 of 3 times\n  1: docs say 200")
        .says("3 passed (1 flaky), 0 failed");
}

#[test]
fn a_case_that_fails_each_attempt_fails() {
    let project = project(2);
    let server = service(|target, _| target == "/1");
    let ran = test(&project, &server, &["--retries", "2"]).exits(1);
    check(&ran, [1, 0, 1, 0]);
    assert_eq!(server.heads().len(), 4);
    let server = service(|target, time| target == "/1" && time < 3);
    check(
        &test(&project, &server, &["--retries", "1"]).exits(1),
        [1, 0, 1, 0],
    );
    let server = service(|target, _| target == "/1");
    let to = ["test", "--base-url", &server.base, "--no-snapshots"];
    project
        .run(&[&to[..], &["--retries", "1"]].concat())
        .exits(1)
        .says("(failed 2 of 2 times)");
}

#[test]
fn retries_scenarios_from_their_beginning() {
    let project = project(2);
    project.write(
        "specs/scenarios/s.yaml",
        "scenarios:\n  - case: p::2\n    setup:\n      - case: p::1\n    teardown:\n      - request: GET /end\n",
    );
    let server = service(|target, time| target == "/2" && time == 1);
    let ran = test(&project, &server, &["--filter", "p::2", "--retries", "1"]).exits(0);
    check(&ran, [1, 1, 0, 0]);
    let targets = server.heads().into_iter();
    let targets = targets.map(|head| head.split(' ').nth(1).expect("a target").to_owned());
    let sent: Vec<String> = targets.collect();
    assert_eq!(sent, ["/1", "/2", "/end", "/1", "/2", "/end"]);
}

#[test]
fn repeated_cases_must_pass_each_time() {
    let project = project(2);
    let server = service(|target, time| target == "/2" && time == 3);
    let ran = test(&project, &server, &["--repeat", "5"]).exits(1);
    check(&ran, [1, 0, 1, 0]);
    assert_eq!(ran.json().len(), 3, "a line a case, and the summary");
    let of = |target: &str| {
        let heads = server.heads();
        heads.iter().filter(|head| head.contains(target)).count()
    };
    assert_eq!((of("/1 "), of("/2 ")), (5, 3));
    let ran = project.test(&["--repeat", "3"]).exits(0);
    check(&ran, [2, 0, 0, 0]);
    assert_eq!(
        ran.json()[0]["earlier"].as_array().expect("attempts").len(),
        2
    );
}

#[test]
fn counts_cases_not_run_after_the_failure_limit() {
    let project = project(9);
    let server = service(|target, _| target != "/1");
    let ran = test(&project, &server, &["--fail-fast"]).exits(1);
    check(&ran, [1, 0, 1, 7]);
    assert_eq!(ran.summary()["interrupted"], false);
    assert_eq!(server.heads().len(), 2);
    check(
        &test(&project, &server, &["--max-fail", "3"]).exits(1),
        [1, 0, 3, 5],
    );
    check(
        &test(&project, &server, &["--max-fail", "8"]).exits(1),
        [1, 0, 8, 0],
    );
    check(&test(&project, &server, &[]).exits(1), [1, 0, 8, 0]);
    // A retry does not count as another failure.
    let arguments = ["--max-fail", "2", "--retries", "1"];
    check(&test(&project, &server, &arguments).exits(1), [1, 0, 2, 6]);
    let to = [
        "test",
        "--base-url",
        &server.base,
        "--no-snapshots",
        "--jobs",
        "1",
        "--fail-fast",
    ];
    project
        .run(&to)
        .exits(1)
        .says("1 passed, 1 failed, 0 skipped, 7 not run of 9 cases");
    project.test(&["--fail-fast", "--max-fail", "2"]).exits(2);
    project.test(&["--max-fail", "0"]).exits(2);
}

#[test]
fn fail_fast_does_not_wait_for_slow_cases() {
    let project = project(6);
    let server = RawServer::start(|head, stream| {
        if head.contains("/1 ") {
            std::thread::sleep(FOREVER);
        }
        let _ = stream.write_all(OOPS.as_bytes());
    });
    let to = [
        "--base-url",
        &server.base,
        "--no-snapshots",
        "--jobs",
        "2",
        "--fail-fast",
    ];
    let ran = project.test(&to).exits(1);
    check(&ran, [0, 0, 1, 5]);
    assert_eq!(ran.json()[0]["id"], "p::2");
}

#[test]
fn a_seed_shuffles_requests_and_not_the_report() {
    let project = project(12);
    let run = |arguments: &[&str]| {
        let server = service(|_, _| false);
        let ran = test(&project, &server, arguments).exits(0);
        let heads = server.heads().into_iter();
        let targets = heads.map(|head| head.split(' ').nth(1).expect("a target").to_owned());
        (ran.outcomes(), targets.collect::<Vec<_>>())
    };
    let (report, straight) = run(&[]);
    let (first_report, first) = run(&["--shuffle", "1"]);
    assert_ne!(first, straight);
    assert_eq!(first_report, report);
    assert_eq!(run(&["--shuffle", "1"]).1, first);
    assert_ne!(run(&["--shuffle", "2"]).1, first);
    // Every request is sent, in any order.
    let sorted = |mut targets: Vec<String>| {
        targets.sort();
        targets
    };
    assert_eq!(sorted(first), sorted(straight));
}
