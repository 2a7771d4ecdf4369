//! Which cases are run: expressions, last failures, changed pages and partitions.

use std::collections::BTreeSet;

use crate::support::{Project, Ran, RawServer, git, page, repository, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const OOPS: &str = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A project with two pages of three cases each.
fn project() -> Project {
    let text = page(&[
        ("GET /a", "HTTP/1.1 200 OK"),
        ("DELETE /b", "HTTP/1.1 204 No Content"),
        ("GET /c", "HTTP/1.1 404 Not Found"),
    ]);
    Project::with(&[("api/p.md", &text), ("q.md", &text)])
}

fn ids(ran: &Ran) -> Vec<String> {
    let lines = ran.json().into_iter();
    let ids = lines.filter_map(|line| Some(line["id"].as_str()?.to_owned()));
    ids.collect()
}

/// The ids that `list` prints and `test` runs.
#[track_caller]
fn check(project: &Project, arguments: &[&str], expected: &[&str]) {
    let listed = project.run(&[&["list", "--format", "json"], arguments].concat());
    assert_eq!(ids(&listed.exits(0)), expected);
    assert_eq!(ids(&project.test(arguments).exits(0)), expected);
    let planned = project.run(&[&["plan", "--format", "json"], arguments].concat());
    assert_eq!(ids(&planned.exits(0)), expected);
}

#[test]
fn expressions_narrow_the_selection() {
    let project = project();
    check(
        &project,
        &["-E", "page(api/*) & !status(4xx)"],
        &["api/p::1", "api/p::2"],
    );
    check(
        &project,
        &["-E", "id(q::1)", "--filter-expr", "id(=api/p::3)"],
        &["api/p::3", "q::1"],
    );
    check(
        &project,
        &[
            "-E",
            "method(get)",
            "--page",
            "q",
            "--filter",
            "::1",
            "--method",
            "GET,DELETE",
        ],
        &["q::1"],
    );
    project
        .test(&["-E", "none()"])
        .exits(4)
        .says("no case selected");
    project
        .run(&["list", "-E", "page(a) | nmae(x)"])
        .exits(2)
        .says("--filter-expr: column 11: unknown predicate `nmae`")
        .says("did you mean `name`?");
}

#[test]
fn selects_by_tags_of_annotations_and_scenarios() {
    let project = project();
    let text = project.read("specs/docs/q.md").replacen(
        "\"blockType\": \"request\"",
        "\"blockType\": \"request\", \"tags\": \"slow\"",
        1,
    );
    project.write("specs/docs/q.md", text);
    project.write(
        "specs/scenarios/s.yaml",
        "scenarios:\n  - case: api/p::3\n    name: one\n    tags: [slow]\n  - case: api/p::3\n    name: two\n",
    );
    check(&project, &["-E", "tag(slow)"], &["api/p::3", "q::1"]);
    // Part of the docs is read with the scenarios too.
    check(
        &project,
        &["specs/docs/api", "-E", "tag(slow)"],
        &["api/p::3"],
    );
    project.run(&["list", "-E", "tag(slo)"]).exits(4);
    // The scenarios belong to a page that is not selected.
    check(
        &project,
        &["specs/docs", "--page", "q"],
        &["q::1", "q::2", "q::3"],
    );
    let server = RawServer::responding(OK);
    let live = [
        "--base-url",
        &server.base,
        "--no-snapshots",
        "-E",
        "tag(slow)",
    ];
    // The target does not provide the tag, so the case is skipped.
    let ran = project.test(&live).exits(0);
    assert_eq!(ids(&ran), ["api/p::3@one", "q::1"]);
    let live = [
        "--base-url",
        &server.base,
        "--no-snapshots",
        "-E",
        "id(p::3) - tag(slow)",
    ];
    assert_eq!(ids(&project.test(&live).exits(1)), ["api/p::3@two"]);
}

#[test]
fn selecting_docs_by_path_makes_no_orphans() {
    let project = project();
    project.test(&[]).exits(0);
    project.run(&["accept"]).exits(0).says("6 accepted");
    for arguments in [&["--page", "q"][..], &["specs/docs", "--page", "q"]] {
        let ran = project.test(arguments).exits(0);
        assert_eq!(ids(&ran), ["q::1", "q::2", "q::3"]);
        assert!(!ran.err.contains("orphaned file"), "{}", ran.err);
    }
}

#[test]
fn records_failures_on_request_and_runs_only_those() {
    let project = project();
    let server = RawServer::start(|head, stream| {
        let response = if head.contains("/c ") { OOPS } else { OK };
        let _ = stream.write_all(response.as_bytes());
    });
    let live = |arguments: &[&str]| {
        let to = ["--base-url", &server.base, "--no-snapshots"];
        project.test(&[&to[..], arguments].concat())
    };
    live(&[]).exits(1);
    assert!(!project.exists("last.json"), "nothing is kept unasked");
    live(&["--last-failed"])
        .exits(2)
        .says("--last-failed and failed() require --last-run")
        .says("--last-run FILE");
    let kept = ["--last-run", "last.json"];
    live(&[&kept[..], &["--last-failed"]].concat())
        .exits(2)
        .says("`last.json` does not exist yet");
    live(&kept).exits(1);
    assert_eq!(
        project.read("last.json"),
        "{\n  \"failed\": [\n    \"api/p::3\",\n    \"q::3\"\n  ]\n}\n"
    );
    let failed = [&kept[..], &["--last-failed"]].concat();
    assert_eq!(ids(&live(&failed).exits(1)), ["api/p::3", "q::3"]);
    // A case that passes now is removed; a case that was not run stays.
    let written = [&kept[..], &["-E", "failed() & page(q)"]].concat();
    assert_eq!(ids(&project.test(&written).exits(0)), ["q::3"]);
    assert!(!project.read("last.json").contains("q::3"));
    assert_eq!(ids(&live(&failed).exits(1)), ["api/p::3"]);
    project.test(&failed).exits(0);
    project
        .test(&failed)
        .exits(0)
        .says("no selected case failed in the last run");
    let mut command = project.command(&["list", "--last-failed"]);
    command.env("DOCPROOF_LAST_RUN", "last.json");
    run(&mut command).exits(0);
    project.write("last.json", "{\"mine\": 1}");
    live(&kept)
        .exits(2)
        .says("`last.json` is not a record of a run");
    assert_eq!(project.read("last.json"), "{\"mine\": 1}");
}

#[test]
fn runs_only_cases_of_changed_pages() {
    let project = project();
    if !git(&project, &["init", "-q"]) {
        return;
    }
    git(&project, &["add", "specs/docs"]);
    git(&project, &["commit", "-q", "-m", "x"]);
    let ran = project.test(&["--changed-since", "HEAD"]).exits(0);
    let ran = ran.says("no selected case is affected by changes since HEAD");
    assert_eq!(ran.summary()["cases"], 0);
    project.write(
        "specs/docs/q.md",
        project.read("specs/docs/q.md") + "\nMore.\n",
    );
    check(
        &project,
        &["--changed-since", "HEAD"],
        &["q::1", "q::2", "q::3"],
    );
    check(
        &project,
        &["--changed-since", "HEAD", "--method", "DELETE"],
        &["q::2"],
    );
    project
        .test(&["--changed-since", "HEAD", "--method", "PUT"])
        .exits(4);
    project
        .test(&["--changed-since", "nothing"])
        .exits(2)
        .says("unknown git revision");
}

#[test]
fn eight_partitions_are_disjoint_and_make_the_whole() {
    let docs = repository()
        .join("specs/docs")
        .to_string_lossy()
        .into_owned();
    let project = Project::new();
    let whole: Vec<String> = ids(&project.test(&[&docs]).exits(0));
    assert!(whole.len() > 8, "docs that are worth it");
    for kind in ["hash", "count"] {
        let mut joined = Vec::new();
        for index in 1..=8 {
            let partition = format!("{kind}:{index}/8");
            let ran = project.test(&[&docs, "--partition", &partition]).exits(0);
            let said = format!(
                "partition {partition}: {} of {} selected",
                ids(&ran).len(),
                whole.len()
            );
            joined.extend(ids(&ran.says(&said)));
        }
        assert_eq!(joined.len(), whole.len(), "{kind}: disjoint");
        let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(set(&joined), set(&whole), "{kind}: whole");
    }
}

#[test]
fn partitions_scenarios_of_a_case_separately() {
    let project = project();
    let scenario = |name: &str| format!("  - case: api/p::1\n    name: {name}\n");
    let scenarios: String = ["a", "b", "c", "d"].map(scenario).concat();
    project.write("specs/scenarios/s.yaml", format!("scenarios:\n{scenarios}"));
    let server = RawServer::responding(OK);
    let run = |partition: &str| {
        let to = [
            "--base-url",
            &server.base,
            "--no-snapshots",
            "--filter",
            "p::1",
        ];
        let ran = project.test(&[&to[..], &["--partition", partition]].concat());
        ids(&ran.exits(0))
    };
    assert_eq!(run("count:1/2"), ["api/p::1@a", "api/p::1@c"]);
    assert_eq!(run("count:2/2"), ["api/p::1@b", "api/p::1@d"]);
}

#[test]
fn an_empty_selection_fails_and_an_empty_partition_passes() {
    let project = project();
    let ran = project.test(&["--filter", "q::1", "--partition", "count:2/2"]);
    let ran = ran
        .exits(0)
        .says("partition count:2/2: 0 of 1 selected case");
    assert_eq!(ran.summary()["cases"], 0);
    project
        .run(&["test", "--filter", "q::1", "--partition", "count:2/2"])
        .exits(0)
        .says("No requests sent: no case was selected.");
    project
        .test(&["--filter", "zzz", "--partition", "count:2/2"])
        .exits(4);
    project
        .test(&["--partition", "hash:3/2"])
        .exits(2)
        .says("share 3 of 2 does not exist");
}
