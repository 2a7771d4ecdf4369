//! `docproof merge`: merges the partitions of a run.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::reports::{RESPONSE, live, project};
use crate::support::{Project, Ran, RawServer, git, repository, request_block};

/// A third of the run of a project: every third case.
fn part(project: &Project, index: usize) {
    let partition = format!("count:{index}/3");
    let to = format!("json={index}.json");
    let arguments = ["test", "--partition", &partition, "--report", &to];
    project.run(&arguments).exits(0);
}

#[track_caller]
fn merged(project: &Project, files: &[&str]) -> Ran {
    let arguments = [&["merge", "--format", "json"], files].concat();
    project.run(&arguments)
}

#[test]
fn merges_partitions_in_any_order() {
    let project = project();
    for index in 1..=3 {
        part(&project, index);
    }
    let ran = merged(&project, &["3.json", "1.json", "2.json"]).exits(0);
    let ids = ran.outcomes();
    let expected = [
        "api/p::1 pass  off",
        "api/p::2 pass  off",
        "api/p::3 pass  off",
    ];
    assert_eq!(ids.len(), 3);
    for (id, expected) in ids.iter().zip(expected) {
        let (id, _) = id.rsplit_once(' ').expect("a state");
        assert!(expected.starts_with(id), "{id}");
    }
    assert_eq!(ran.summary()["pass"], 3);
    assert_eq!(ran.summary()["cases"], 3);
    let other = merged(&project, &["1.json", "2.json", "3.json"]).exits(0);
    assert_eq!(ran.out, other.out);
    // A merged run can be reported like any other run.
    let to = [
        "merge",
        "1.json",
        "2.json",
        "3.json",
        "--report",
        "html=m.html",
    ];
    let ran = project.run(&to).exits(0);
    assert!(
        ran.out
            .starts_with("3 passed, 0 failed, 0 skipped of 3 cases")
    );
    assert!(project.read("m.html").contains("All 3 cases passed"));
}

#[test]
fn reports_missing_and_duplicate_partitions() {
    let project = project();
    for index in [1, 3] {
        part(&project, index);
    }
    project
        .run(&["merge", "1.json", "3.json"])
        .exits(1)
        .says("partition count:2/3 is missing");
    project
        .run(&["merge", "1.json", "1.json"])
        .exits(2)
        .says("duplicate partition count:1/3");
    project.write("4.json", "{\"id\": 1}\n");
    let ran = project.run(&["merge", "4.json"]).exits(2);
    ran.says("failed to read `4.json`: line 1 is neither a case nor the summary");
    let cut = project.read("1.json");
    project.write("5.json", cut.lines().next().expect("a case"));
    project
        .run(&["merge", "5.json"])
        .exits(2)
        .says("the run did not finish");
    project.run(&["merge", "6.json"]).exits(3);
}

#[test]
fn refuses_parts_with_other_selections() {
    let project = project();
    let part = |index: usize, more: &[&str]| {
        let (to, partition) = (format!("json={index}.json"), format!("count:{index}/2"));
        let arguments = ["test", "--partition", &partition, "--report", &to];
        project.run(&[&arguments[..], more].concat()).exits(0);
    };
    part(1, &["--filter", "p::"]);
    part(2, &["--method", "GET"]);
    project.run(&["merge", "1.json", "2.json"]).exits(2).says(
        "`1.json` and `2.json` belong to different runs: their selections differ \
         (`--filter p::`, `--method GET`)",
    );
    part(2, &[]);
    project
        .run(&["merge", "1.json", "2.json"])
        .exits(2)
        .says("their selections differ (`--filter p::`, `all cases`)");
    part(2, &["--filter", "p::"]);
    project.run(&["merge", "1.json", "2.json"]).exits(0);
    // The same options select something else in other docs.
    let pages = project.read("specs/docs/api/p.md");
    project.write("specs/docs/api/q.md", pages.replace("/a", "/q"));
    part(1, &["--page", "api/*"]);
    project.write("specs/docs/api/r.md", pages.replace("/a", "/r"));
    part(2, &["--page", "api/*"]);
    project
        .run(&["merge", "1.json", "2.json"])
        .exits(2)
        .says("their selected cases differ (`6 cases, digest ");
}

#[test]
fn refuses_parts_that_lost_lines() {
    let project = project();
    project.run(&["test", "--report", "json=1.json"]).exits(0);
    let whole = project.read("1.json");
    project.run(&["merge", "1.json"]).exits(0);
    let (first, rest) = whole.split_once('\n').expect("lines");
    let complete = "`1.json` is not complete: its lines are";
    project.write("1.json", rest);
    project.run(&["merge", "1.json"]).exits(2).says(&format!(
        "{complete} 2 passed, 0 failed, 0 skipped, its summary says 3 passed"
    ));
    let other = first.replace("\"outcome\":\"pass\"", "\"outcome\":\"skip\"");
    assert_ne!(other, first);
    for line in [other, format!("{first}\n{first}")] {
        project.write("1.json", format!("{line}\n{rest}"));
        project.run(&["merge", "1.json"]).exits(2).says(complete);
    }
}

#[test]
fn a_merged_run_that_sent_nothing_exits_with_4() {
    let project = Project::with(&[("p.md", &request_block("GET /a"))]);
    project.run(&["test", "--report", "json=1.json"]).exits(4);
    let ran = merged(&project, &["1.json"]).exits(4);
    assert_eq!(ran.summary()["proves"], "nothing");
    ran.says("nothing was tested: 1 selected case, all skipped (1 no-response)");
}

/// The cases of a run by id, without their durations, and the counts.
fn without_times(ran: &Ran) -> (BTreeMap<String, Value>, Vec<Value>) {
    let mut cases = BTreeMap::new();
    for mut case in ran.json() {
        let Some(id) = case["id"].as_str().map(str::to_owned) else {
            continue;
        };
        case["ms"] = Value::Null;
        assert!(cases.insert(id, case).is_none(), "a case is there twice");
    }
    let counts = ["cases", "pass", "flaky", "fail", "skip", "not_run", "pages"];
    let summary = ran.summary();
    (cases, counts.map(|name| summary[name].clone()).to_vec())
}

#[test]
fn eight_partitions_make_the_whole_run() {
    let docs = repository().join("specs/docs");
    let docs = docs.to_str().expect("a path");
    let project = Project::new();
    let whole = without_times(&project.test(&[docs]).exits(0));
    assert!(whole.0.len() > 8, "docs that are worth it");
    for kind in ["hash", "count"] {
        let mut files: Vec<String> = Vec::new();
        for index in 1..=8 {
            let partition = format!("{kind}:{index}/8");
            let file = format!("{kind}-{index}.json");
            let to = format!("json={file}");
            let arguments = ["test", docs, "--partition", &partition, "--report", &to];
            project.run(&arguments).exits(0);
            let written =
                format!("\"partition\":{{\"kind\":\"{kind}\",\"index\":{index},\"count\":8}}");
            assert!(project.read(&file).contains(&written), "{file}");
            files.push(file);
        }
        let mut files: Vec<&str> = files.iter().map(String::as_str).collect();
        let joined = merged(&project, &files).exits(0);
        assert_eq!(without_times(&joined), whole, "{kind}");
        assert_eq!(joined.summary()["partition"], Value::Null);
        files.remove(4);
        let partial = merged(&project, &files).exits(1);
        let missing = &partial.summary()["missing_partitions"];
        let expected = serde_json::json!([{ "kind": kind, "index": 5, "count": 8 }]);
        assert_eq!(*missing, expected);
        let said = format!("partition {kind}:5/8 is missing");
        let arguments = [&["merge"], &files[..]].concat();
        project.run(&arguments).exits(1).says(&said);
    }
}

#[test]
fn merges_empty_partitions() {
    let project = project();
    let run = |index: usize, more: &[&str]| {
        let (to, partition) = (format!("json={index}.json"), format!("count:{index}/2"));
        let arguments = ["test", "--partition", &partition, "--report", &to];
        project.run(&[&arguments[..], more].concat()).exits(0);
    };
    run(1, &["--filter", "::1"]);
    run(2, &["--filter", "::1"]);
    let ran = project.run(&["merge", "2.json"]).exits(1);
    ran.says("partition count:1/2 is missing");
    let ran = project.run(&["merge", "2.json", "1.json"]).exits(0);
    ran.says("1 passed, 0 failed, 0 skipped of 1 case");
    // Without a change no machine has a case.
    if !git(&project, &["init", "-q"]) {
        return;
    }
    git(&project, &["add", "specs/docs"]);
    git(&project, &["commit", "-q", "-m", "x"]);
    run(1, &["--changed-since", "HEAD"]);
    run(2, &["--changed-since", "HEAD"]);
    let ran = project.run(&["merge", "2.json", "1.json"]).exits(0);
    ran.says("No requests sent: no case was selected.");
}

#[test]
fn failures_of_partitions_fail_the_merged_run() {
    let server = RawServer::responding(RESPONSE);
    let project = project();
    project
        .run(&live(&server.base, &["--report", "json=a.json"]))
        .exits(1);
    let ran = project.run(&["merge", "a.json"]).exits(1);
    let page = "  --> specs/docs/api/p.md:10:10\n";
    ran.says("FAIL api/p::1").says(page);
}

#[test]
fn reports_of_another_version_are_refused_by_name() {
    let project = project();
    part(&project, 1);
    let text = project.read("1.json");
    assert!(text.ends_with(",\"version\":1}\n"), "{text}");
    let refused = "report version 2 is not supported; this docproof reads version 1";
    project.write(
        "2.json",
        text.replace(",\"version\":1}\n", ",\"version\":2}\n"),
    );
    project.run(&["merge", "2.json"]).exits(2).says(refused);
    project.write("runs/run-000001.json", project.read("2.json"));
    let history = ["test", "--no-snapshots", "--history", "runs"];
    project.run(&history).exits(3).says(refused);
    // A report from before there were versions.
    let old = text.replace(",\"version\":1}\n", "}\n");
    project.write("3.json", &old);
    project.run(&["merge", "3.json"]).exits(1).says("1 passed");
    project.write("runs/run-000001.json", old);
    project.run(&history).exits(0);
}
