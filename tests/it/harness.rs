//! The harness and the command send the same requests, and read and write the
//! same snapshot files.

use std::process::{Command, ExitCode};

use docproof::harness::Harness;

use crate::support::{Project, Ran, RawServer, page, run, without_variables};

const PROJECT: &str = "HARNESS_PROJECT";
const ARGUMENTS: &str = "HARNESS_ARGUMENTS";
const TARGET: &str = "HARNESS_TARGET";
const PANICS: &str = "HARNESS_SERVICE_PANICS";

/// The harness in a separate process with its own environment: this test
/// binary, which runs only [`child`].
fn harness(project: &Project, arguments: &str) -> Ran {
    run(&mut command(project, arguments))
}

fn command(project: &Project, arguments: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    without_variables(&mut command);
    command
        .args(["--exact", "harness::child", "--nocapture"])
        .env(PROJECT, project.path("."))
        .env(ARGUMENTS, arguments);
    command
}

/// Runs a harness if the variables ask for one; does nothing otherwise.
#[test]
fn child() {
    let (Ok(project), Ok(arguments)) = (std::env::var(PROJECT), std::env::var(ARGUMENTS)) else {
        return;
    };
    let arguments = ["docs"].into_iter().chain(arguments.split_whitespace());
    let mut harness = Harness::new(project);
    if std::env::var_os(PANICS).is_some() {
        harness = harness.base_url(|| panic!("the service has no port"));
    }
    if let Ok(target) = std::env::var(TARGET) {
        harness = harness.target(target);
    }
    let code = harness.run_with(arguments.map(Into::into));
    assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
}

#[test]
fn harness_and_command_share_deviations() {
    let project = Project::with(&[("p.md", &page(&[PAIR]))]);
    project.test(&[]).exits(0);
    project
        .run(&["accept", "--deviation", "for now", "p::1"])
        .exits(0);
    let snapshot = project.read("snapshots/p__1.snap");
    project.write(
        "snapshots/p__1.snap",
        snapshot.replace("200 OK", "410 Gone"),
    );
    harness(&project, "")
        .exits(0)
        .says("docproof: known deviation: p::1: for now");
}

#[test]
fn prints_scenario_errors_as_lines() {
    let project = Project::with(&[("p.md", &page(&[PAIR]))]);
    project.write("specs/scenarios/a.yaml", "scenarios:\n- cse: p::1\n");
    let ran = harness(&project, "")
        .exits(101)
        .says("\nerror")
        .says("--> specs/scenarios/a.yaml:2");
    assert!(!ran.err.contains("\\n"), "{}", ran.err);
}

#[test]
fn missing_and_orphaned_snapshots_fail_under_ci() {
    let pairs = [PAIR, ("GET /b", "HTTP/1.1 200 OK")];
    let project = Project::with(&[("p.md", &page(&pairs))]);
    let in_ci = |arguments: &str| run(command(&project, arguments).env("CI", "true"));
    in_ci("").exits(0).says("2 passed");
    project.test(&["--update", "always"]).exits(0);
    in_ci("").exits(0).says("2 passed");
    // The page of the second snapshot is renamed.
    let text = page(&[PAIR])
        + &page(&pairs[1..]).replacen("\"request\"", "\"request\", \"name\": \"b\"", 1);
    project.write("specs/docs/p.md", text);
    in_ci("")
        .exits(101)
        .says("1 passed; 2 failed")
        .says("no snapshot `p__b.snap` is accepted")
        .says("orphaned file snapshots/p__2.snap: no case `p::2`");
    in_ci("p::1").exits(0).says("1 passed; 0 failed");
    in_ci("--skip p::b").exits(0).says("1 passed; 0 failed");
    in_ci("--exact p::b").exits(101).says("0 passed; 1 failed");
    in_ci("--exact orphaned-snapshots").exits(101);
    in_ci("--list").exits(0).says("orphaned-snapshots: test");
    harness(&project, "").exits(0).says("2 passed; 0 failed");
}

const PAIR: (&str, &str) = ("GET /a", "HTTP/1.1 200 OK\nETag: \"1\"");

#[test]
fn harness_and_command_write_the_same_snapshots() {
    let pages = [("api/p.md", &*page(&[PAIR]))];
    let (by_command, by_harness) = (Project::with(&pages), Project::with(&pages));
    by_command.test(&[]).exits(0);
    harness(&by_harness, "")
        .exits(0)
        .says("1 passed")
        .says("Mock run: checks only");
    assert_eq!(by_harness.names("snapshots"), ["api__p__1.snap.new"]);
    for name in by_command.names("snapshots") {
        let path = format!("snapshots/{name}");
        assert_eq!(by_command.read(&path), by_harness.read(&path));
    }
}

#[test]
fn harness_and_command_read_snapshots_of_each_other() {
    let project = Project::with(&[("p.md", &page(&[PAIR]))]);
    harness(&project, "").exits(0);
    project.run(&["accept"]).exits(0).says("accepted p::1");
    harness(&project, "").exits(0);
    project.write(
        "specs/docs/p.md",
        page(&[("GET /a", "HTTP/1.1 201 Created")]),
    );
    let failed = harness(&project, "").exits(101);
    failed
        .says("--> specs/docs/p.md:10:1")
        .says("-200 OK")
        .says("+201 Created");
    project.test(&[]).exits(1);
}

#[test]
fn does_not_use_the_mock_when_the_service_does_not_start() {
    let project = Project::with(&[("p.md", &page(&[PAIR, ("GET /b", "HTTP/1.1 200 OK")]))]);
    let mut command = command(&project, "--test-threads 1");
    let ran = run(command.env(PANICS, "1")).exits(101);
    ran.says("0 passed; 2 failed")
        .says("No requests sent: the run is incomplete.");
}

#[test]
fn sends_to_the_configured_target() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nX-Echo: s3cret-token\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let project = Project::with(&[(
        "p.md",
        &page(&[("GET /{id}", "HTTP/1.1 200 OK\nX-Echo: a")]),
    )]);
    project.write(
        "docproof.toml",
        format!(
            "[target.a]\nbase-url = \"{}\"\nvars = {{ id = \"7\" }}\n\
             auth = {{ type = \"bearer\", token = \"${{env:HARNESS_TOKEN}}\" }}\n\
             [target.ignoring]\nbase-url = \"{}\"\nvars = {{ id = \"8\" }}\n\
             policies = {{ X-Echo = \"ignore\" }}\n",
            server.base, server.base
        ),
    );
    let with = |target: &str| {
        let mut command = command(&project, "");
        command
            .env(TARGET, target)
            .env("HARNESS_TOKEN", "s3cret-token");
        run(&mut command)
    };
    let ran = with("a").exits(101).says("[secret:HARNESS_TOKEN]");
    assert!(
        !ran.out.contains("s3cret") && !ran.err.contains("s3cret"),
        "{ran:?}"
    );
    with("ignoring").exits(0).says("Conformant");
    with("b").exits(101).says("has no `[target.b]`");
    assert_eq!(
        server.request_lines(),
        ["GET /7 HTTP/1.1", "GET /8 HTTP/1.1"]
    );
    assert!(
        server.heads()[0]
            .to_lowercase()
            .contains("authorization: bearer s3cret-token")
    );
}

#[test]
fn prints_findings_in_test_output() {
    let text = page(&[PAIR]) + &crate::support::request_block("prose that is no request");
    let project = Project::with(&[("p.md", &text)]);
    // What the error loses is not tested, so its page is a failing test.
    harness(&project, "")
        .exits(101)
        .says("p.md:16:1: error[request-syntax]")
        .says("test p.md")
        .says("1 passed; 1 failed");
    harness(&project, "p::1").exits(0).says("1 passed");
    let listed = harness(&project, "--list").exits(0);
    assert!(!listed.err.contains("request-syntax"), "{}", listed.err);
}

#[test]
fn selects_and_lists_by_arguments() {
    let text =
        page(&[PAIR, ("GET /b", "HTTP/1.1 200 OK")]) + &crate::support::request_block("GET /c");
    let project = Project::with(&[("api/p.md", &text), ("broken.md", "")]);
    harness(&project, "--list")
        .exits(0)
        .says("api/p::1: test\napi/p::2: test\n");
    harness(&project, "p::2")
        .exits(0)
        .says("1 passed; 0 failed; 0 ignored");
    // A request without a documented response is an ignored test.
    harness(&project, "")
        .exits(0)
        .says("2 passed; 0 failed; 1 ignored");
    harness(&project, "--ignored")
        .exits(101)
        .says("no-response");
}

#[test]
fn the_verdict_claims_only_what_was_sent() {
    let server =
        RawServer::responding("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let ok = "HTTP/1.1 200 OK";
    let text = page(&[("GET /a", ok), ("GET /b", ok), ("POST /c", ok)]);
    let project = Project::with(&[("p.md", &text)]);
    let target = format!("[target.a]\nbase-url = \"{}\"\n", server.base);
    project.write("docproof.toml", target);
    let live = |arguments: &str| run(command(&project, arguments).env(TARGET, "a"));
    let all = "docproof: Conformant: 2 of 2 responses from the service match the docs; ";
    live("")
        .exits(0)
        .says(&format!("{all}1 case was not sent."));
    let one = "docproof: Conformant: 1 of 1 response from the service match the docs; ";
    live("p::1")
        .exits(0)
        .says(&format!("{one}2 cases were not sent."));
    let none = live("p::3").exits(0);
    let none = none.says("docproof: No requests sent: every case was skipped.");
    assert!(!none.err.contains("Conformant"), "{}", none.err);
    let none = live("zzz").exits(0);
    none.says("docproof: No requests sent: no case was selected.");
}

#[test]
fn an_unreadable_page_makes_the_run_incomplete() {
    let project = Project::with(&[("p.md", &page(&[PAIR]))]);
    project.write("specs/docs/broken.md", b"\xff\xfe");
    let ran = harness(&project, "").exits(101);
    ran.says("docproof: Incomplete mock run: checks only");
    std::fs::remove_file(project.path("specs/docs/p.md")).expect("removed");
    let ran = harness(&project, "").exits(101);
    ran.says("docproof: No requests sent: the run is incomplete.");
}

#[test]
fn exact_test_names_read_only_their_page() {
    let project = Project::with(&[("p.md", &page(&[PAIR]))]);
    project.write("specs/docs/broken.md", b"\xff\xfe");
    harness(&project, "--exact p::1").exits(0).says("1 passed");
    harness(&project, "").exits(101).says("UTF-16");
}

#[test]
fn ignores_alternatives() {
    let lost = "<!-- { \"blockType\": \"response\" } -->\n```http\nHTTP/1.1 404 Not Found\n```\n";
    let project = Project::with(&[("p.md", &(page(&[PAIR]) + lost))]);
    harness(&project, "")
        .exits(0)
        .says("1 passed; 0 failed; 1 ignored");
    harness(&project, "--list").exits(0).says("p::1.2: test");
}
