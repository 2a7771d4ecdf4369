//! `--changed-since`: which files a run or a check depends on.

use crate::support::{Project, Ran, git, page, request_block};

const PAIR: (&str, &str) = ("GET /a", "HTTP/1.1 200 OK");

/// A committed project with a page that includes a file outside the docs.
fn project() -> Option<Project> {
    let text = page(&[PAIR]);
    let includes = format!("{text}\n[!INCLUDE [note](../../includes/note.md)]\n");
    let project = Project::with(&[
        ("api/a.md", &text),
        ("api/b.md", &includes),
        ("c.md", &text),
    ]);
    project.write("specs/includes/note.md", "A note.\n");
    project.write("docproof.toml", "");
    project.write(".gitignore", "ignored/\nspecs/cases/\n");
    project.write("specs/scenarios/s.yaml", "scenarios: []\n");
    project.test(&["--update", "always"]).exits(0);
    git(&project, &["init", "-q", "-b", "main"]).then(|| {
        commit(&project);
        project
    })
}

fn commit(project: &Project) {
    git(project, &["add", "-A"]);
    git(project, &["commit", "-q", "-m", "x"]);
}

/// The ids that `list --changed-since main` prints.
fn listed(project: &Project) -> (Vec<String>, Ran) {
    let ran = project.run(&["list", "--format", "json", "--changed-since", "main"]);
    let ran = ran.exits(0);
    let ids = ran.json();
    let ids = ids.iter().map(|case| case["id"].as_str().expect("an id"));
    (ids.map(str::to_owned).collect(), ran)
}

#[track_caller]
fn check(project: &Project, ids: &[&str], says: &str) {
    let (found, ran) = listed(project);
    assert_eq!(found, ids, "{}", ran.err);
    ran.says(says);
}

const ALL: [&str; 3] = ["api/a::1", "api/b::1", "c::1"];
const NONE: &str = "no selected case is affected by changes since main: nothing to test";

#[test]
fn sees_changed_snapshots() {
    let Some(project) = project() else { return };
    check(&project, &[], NONE);
    let snapshot = project.read("snapshots/c__1.snap");
    project.write("snapshots/c__1.snap", snapshot + "\n");
    check(&project, &["c::1"], "");
    std::fs::remove_file(project.path("snapshots/api__a__1.snap")).expect("removed");
    check(&project, &["api/a::1", "c::1"], "");
    // A check reads no snapshots.
    project
        .run(&["check", "--changed-since", "main"])
        .exits(0)
        .says("no selected page is affected by changes since main: nothing to check");
}

#[test]
fn sees_changed_includes_outside_the_docs() {
    let Some(project) = project() else { return };
    project.write("specs/includes/other.md", "Not included.\n");
    check(&project, &[], NONE);
    project.write("specs/includes/note.md", "Another note.\n");
    check(&project, &["api/b::1"], "");
    project
        .run(&["check", "--changed-since", "main"])
        .exits(0)
        .says("on 1 page");
}

#[test]
fn leaves_nothing_out_if_the_project_changed() {
    let Some(project) = project() else { return };
    project.write("specs/scenarios/t.yaml", "scenarios: []\n");
    check(
        &project,
        &ALL,
        "the scenarios in `t.yaml` changed: no case is left out",
    );
    // A check does not read scenarios.
    let ran = project.run(&["check", "--changed-since", "main"]).exits(0);
    ran.says("nothing to check");
    commit(&project);
    check(&project, &[], NONE);
    project.write("docproof.toml", "[headers]\netag = \"exact\"\n");
    check(
        &project,
        &ALL,
        "`docproof.toml` changed: no case is left out",
    );
    project
        .run(&["check", "--changed-since", "main"])
        .exits(0)
        .says("`docproof.toml` changed: no page is left out")
        .says("on 3 pages");
    commit(&project);
    let config = "specs/docs/schema.json";
    project.write(config, "{\"schemaConfig\": {\"foldersToSkip\": [\"zzz\"]}}");
    check(
        &project,
        &ALL,
        "`specs/docs/schema.json` may change the settings",
    );
    commit(&project);
    std::fs::remove_file(project.path(config)).expect("removed");
    check(
        &project,
        &ALL,
        "`specs/docs/schema.json` may change the settings",
    );
}

#[test]
fn counts_ignored_pages_as_changed() {
    let Some(project) = project() else { return };
    project.write("specs/docs/ignored/d.md", page(&[PAIR]));
    check(
        &project,
        &["ignored/d::1"],
        "1 page ignored by git: counted as changed, because git does not know",
    );
}

#[test]
fn sees_pages_in_repositories_below_the_docs() {
    let Some(project) = project() else { return };
    let inner = Project::new();
    inner.write("s.md", page(&[PAIR]));
    inner.write("t.md", page(&[PAIR]));
    git(&inner, &["init", "-q", "-b", "main"]);
    commit(&inner);
    let from = inner.path("").to_string_lossy().into_owned();
    let local = ["-c", "protocol.file.allow=always"];
    let add = ["submodule", "--quiet", "add", &from, "specs/docs/sub"];
    git(&project, &[&local[..], &add].concat());
    commit(&project);
    check(&project, &[], NONE);
    project.write("specs/docs/sub/s.md", page(&[PAIR, PAIR]));
    check(&project, &["sub/s::1", "sub/s::2"], "");
    project.write("specs/docs/sub/new.md", page(&[PAIR]));
    check(&project, &["sub/new::1", "sub/s::1", "sub/s::2"], "");
    // The submodule has a new commit.
    git(&project, &["-C", "specs/docs/sub", "add", "-A"]);
    git(
        &project,
        &["-C", "specs/docs/sub", "commit", "-q", "-m", "y"],
    );
    git(&project, &["checkout", "-q", "-b", "topic"]);
    commit(&project);
    check(&project, &["sub/new::1", "sub/s::1", "sub/s::2"], "");
    git(&project, &["branch", "-q", "-f", "main"]);
    check(&project, &[], NONE);
    // A repository that is no submodule has no earlier state.
    git(&project, &["clone", "-q", &from, "specs/docs/clone"]);
    check(&project, &["clone/s::1", "clone/t::1"], "");
}

#[test]
fn leaves_nothing_out_if_the_project_is_in_another_repository() {
    let Some(docs) = project() else { return };
    let project = Project::new();
    let folder = docs.path("specs/docs").to_string_lossy().into_owned();
    let listed = |project: &Project| {
        let ran = project.run(&["list", &folder, "--changed-since", "main"]);
        ran.exits(0)
    };
    let ran = listed(&project).says(NONE);
    assert_eq!(ran.out, "");
    project.write("docproof.toml", "");
    let ran = listed(&project);
    let ran = ran.says("`docproof.toml` is not in the git repository of the docs");
    assert_eq!(ran.out.lines().count(), 3);
}

#[test]
fn a_revision_that_changes_nothing_selected_is_no_empty_selection() {
    let Some(project) = project() else { return };
    project.write("specs/docs/c.md", page(&[PAIR]) + &request_block("GET /b"));
    check(&project, &["c::1", "c::2"], "");
    let run = |arguments: &[&str]| {
        project.run(&[&["test", "--changed-since", "main"], arguments].concat())
    };
    run(&["--page", "api/*"]).exits(0).says(NONE);
    run(&["--page", "zzz"]).exits(4);
    // The case without a response is the only one that changed.
    run(&["--filter", "c::2"])
        .exits(4)
        .says("1 selected case, all skipped (1 no-response)");
}
