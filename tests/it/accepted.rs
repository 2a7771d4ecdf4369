//! Accepted snapshots are not lost: missing and orphaned ones fail under CI, each id
//! has its own file, and line ends do not matter.

use std::fs;

use crate::support::{Project, Ran, git, page, run};

const PAIRS: [(&str, &str); 2] = [
    ("GET /a", "HTTP/1.1 200 OK\nContent-Type: text/plain"),
    ("GET /b", "HTTP/1.1 200 OK"),
];

/// A project with accepted snapshots.
fn accepted() -> Project {
    let project = Project::with(&[("p.md", &page(&PAIRS))]);
    project.test(&["--update", "always"]).exits(0);
    assert_eq!(project.names("snapshots"), ["p__1.snap", "p__2.snap"]);
    project
}

/// Commits the project; returns whether git is installed.
fn commit(project: &Project) -> bool {
    git(project, &["init", "-q"])
        && git(project, &["add", "-A"])
        && git(project, &["commit", "-q", "-m", "a"])
}

/// Runs a test as CI does.
fn in_ci(project: &Project, arguments: &[&str]) -> Ran {
    let arguments = [&["test", "--format", "json"], arguments].concat();
    run(project.command(&arguments).env("CI", "true"))
}

fn remove(project: &Project, name: &str) {
    fs::remove_file(project.path(&format!("snapshots/{name}"))).expect("removed");
}

#[test]
fn missing_snapshots_fail_under_ci() {
    let project = accepted();
    if !commit(&project) {
        return;
    }
    in_ci(&project, &[]).exits(0);
    remove(&project, "p__2.snap");
    let ran = in_ci(&project, &[]).exits(1);
    assert_eq!(
        ran.outcomes(),
        ["p::1 pass  match", "p::2 fail missing-snapshot missing"]
    );
    assert_eq!(ran.summary()["no_snapshot"], 1);
    assert_eq!(project.names("snapshots"), ["p__1.snap"]);
    // Also in a run of some cases.
    in_ci(&project, &["--filter", "p::2"]).exits(1);
    in_ci(&project, &["--filter", "p::1"]).exits(0);
    let mut pretty = project.command(&["test"]);
    run(pretty.env("CI", "true"))
        .exits(1)
        .says("no snapshot `p__2.snap` is accepted (p.md:21)")
        .says("snapshots: 1 match, 1 missing");
    // Not outside CI, without snapshots, or if they are accepted at once.
    project.test(&[]).exits(0);
    in_ci(&project, &["--no-snapshots"]).exits(0);
    in_ci(&project, &["--update", "always"]).exits(0);
    in_ci(&project, &[]).exits(0);
}

#[test]
fn all_snapshots_missing_from_the_working_tree_fail_under_ci() {
    let project = accepted();
    if !commit(&project) {
        return;
    }
    fs::remove_dir_all(project.path("snapshots")).expect("removed");
    in_ci(&project, &[]).exits(1);
}

#[test]
fn renamed_snapshots_fail_under_ci() {
    let project = accepted();
    if !commit(&project) {
        return;
    }
    git(
        &project,
        &["mv", "snapshots/p__2.snap", "snapshots/p__3.snap"],
    );
    in_ci(&project, &[])
        .exits(1)
        .says("orphaned file snapshots/p__3.snap: the snapshot of `p::2` is `p__2.snap`");
}

#[test]
fn orphaned_snapshots_fail_a_whole_run_under_ci() {
    let project = accepted();
    if !commit(&project) {
        return;
    }
    project.write("specs/docs/p.md", page(&PAIRS[..1]));
    let ran = in_ci(&project, &[]).exits(1);
    assert_eq!(ran.summary()["orphaned_snapshots"], 1);
    assert_eq!(ran.summary()["fail"], 0);
    let mut pretty = project.command(&["test", "--failures-only"]);
    run(pretty.env("CI", "true"))
        .exits(1)
        .says("error: orphaned file snapshots/p__2.snap: no case `p::2`")
        .says("1 orphaned snapshot");
    for part in [
        &["--filter", "p::1"][..],
        &["--page", "p"],
        &["--partition", "hash:1/1"],
        &["--changed-since", "HEAD"],
        &["--no-snapshots"],
        &["specs/docs/p.md"],
    ] {
        in_ci(&project, part).exits(0);
    }
    project.test(&[]).exits(0).says("orphaned file");
    project.run(&["accept", "--prune"]).exits(0);
    in_ci(&project, &[]).exits(0);
}

#[test]
fn tells_how_to_accept_the_first_snapshot() {
    let project = Project::with(&[("p.md", &page(&PAIRS))]);
    if !commit(&project) {
        return;
    }
    let note = "2 responses without an accepted snapshot; to accept, run `docproof test`";
    in_ci(&project, &[]).exits(0).says(note);
    assert!(!project.exists("snapshots"));
    // Files that git ignores were never accepted.
    project.write(".gitignore", "snapshots\n");
    project.test(&["--update", "always"]).exits(0);
    remove(&project, "p__2.snap");
    in_ci(&project, &[]).exits(0);
}

#[test]
fn the_configuration_decides_about_missing_snapshots() {
    // Not in a git repository: the existing files count.
    let project = accepted();
    remove(&project, "p__2.snap");
    in_ci(&project, &[]).exits(1);
    project.write("docproof.toml", "[snapshots]\nrequired = false\n");
    in_ci(&project, &[]).exits(0);
    fs::remove_dir_all(project.path("snapshots")).expect("removed");
    project.write("docproof.toml", "");
    in_ci(&project, &[]).exits(0);
    project.write("docproof.toml", "[snapshots]\nrequired = true\n");
    in_ci(&project, &[]).exits(1);
    project.test(&["--update", "no"]).exits(0);
    project.write("docproof.toml", "[snapshots]\nrequired = \"yes\"\n");
    in_ci(&project, &[]).exits(2).says("docproof.toml:2");
}

#[test]
fn other_docs_need_no_snapshots() {
    let project = accepted();
    project.write("other/q.md", page(&PAIRS));
    in_ci(&project, &["other"]).exits(0);
}

/// Checks that the cases of these pages have distinct snapshots, which differ not only
/// in case.
#[track_caller]
fn check_distinct(pages: &[(&str, &str)]) {
    let project = Project::with(pages);
    let cases = project.test(&["--update", "always"]).exits(0);
    let names = project.names("snapshots");
    let mut lower: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    lower.dedup();
    assert_eq!(lower.len(), cases.outcomes().len(), "{names:?}");
    let again = in_ci(&project, &[]).exits(0);
    assert!(
        again.outcomes().iter().all(|line| line.ends_with("match")),
        "{:?}",
        again.outcomes()
    );
    project.run(&["accept", "--deviation", "x", "::"]).exits(0);
    let files = project.names("snapshots");
    assert_eq!(files.len(), 2 * names.len(), "{files:?}");
}

fn named(name: &str, target: &str, status: &str) -> String {
    page(&[(target, status)]).replacen(
        "\"request\"",
        &format!("\"request\", \"name\": \"{name}\""),
        1,
    )
}

#[test]
fn ids_with_the_separator_have_distinct_snapshots() {
    check_distinct(&[
        ("a::b.md", &named("c", "GET /a", "HTTP/1.1 200 OK")),
        ("a.md", &named("b::c", "GET /b", "HTTP/1.1 201 Created")),
    ]);
}

#[test]
fn ids_that_differ_only_in_case_have_distinct_snapshots() {
    let both = named("getThing", "GET /a", "HTTP/1.1 200 OK")
        + &named("getthing", "GET /b", "HTTP/1.1 201 Created");
    check_distinct(&[("p.md", &both)]);
    let mixed =
        named("aB", "GET /a", "HTTP/1.1 200 OK") + &named("Ab", "GET /b", "HTTP/1.1 201 Created");
    check_distinct(&[("p.md", &mixed)]);
}

#[test]
fn the_name_of_a_scenario_cannot_make_the_id_of_another_case() {
    let text = named("a", "GET /a", "HTTP/1.1 200 OK") + &named("a@b", "GET /b", "HTTP/1.1 200 OK");
    let project = Project::with(&[("p.md", &text)]);
    let scenario = |name: &str| format!("scenarios:\n  - {{ case: 'p::a', name: {name} }}\n");
    project.write("specs/scenarios/s.yaml", scenario("b"));
    project
        .run(&["test"])
        .exits(2)
        .says("`p::a@b` is the id of another case");
    project.write("specs/scenarios/s.yaml", scenario("c"));
    project.run(&["test"]).exits(0);
}

#[test]
fn line_ends_of_case_files_and_snapshots_are_not_compared() {
    let body = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\n  \"id\": \"1\"\n}";
    let project = Project::with(&[("p.md", &page(&[("GET /a", body)]))]);
    project.test(&["--update", "always"]).exits(0);
    let files = [
        "specs/cases/p.yaml",
        "specs/cases/case.schema.json",
        "snapshots/p__1.snap",
    ];
    let texts = files.map(|file| project.read(file));
    for (file, text) in files.iter().zip(&texts) {
        project.write(file, text.replace('\n', "\r\n"));
    }
    project.run(&["extract", "--check"]).exits(0);
    let ran = project.test(&["--locked"]).exits(0);
    assert_eq!(ran.outcomes(), ["p::1 pass  match"]);
    // They are not rewritten.
    for (file, text) in files.iter().zip(&texts) {
        assert_eq!(project.read(file), text.replace('\n', "\r\n"));
    }
    let listed = |project: &Project| {
        let ran = project.run(&["list", "--format", "json", "specs/cases"]);
        ran.exits(0).out
    };
    let crlf = listed(&project);
    for (file, text) in files.iter().zip(&texts) {
        project.write(file, text);
    }
    assert_eq!(crlf, listed(&project));
    // Other differences count.
    for changed in [
        texts[0].replace("status: 200", "status: 201"),
        texts[0].replace('\n', "\r"),
    ] {
        project.write(files[0], changed);
        project
            .run(&["extract", "--check"])
            .exits(1)
            .says("stale case file specs/cases/p.yaml");
    }
}
