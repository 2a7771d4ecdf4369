//! Real pages, where they are at hand: a run on them is a run at size. They
//! are not part of this repository.

use std::path::PathBuf;

use crate::support::{Project, repository};

fn corpus(name: &str) -> Option<PathBuf> {
    let folder = repository().join("../shared/corpus").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no corpus at {}", folder.display());
    None
}

fn check(name: &str, cases: usize, pages: usize) {
    let Some(folder) = corpus(name) else { return };
    let folder = folder.to_string_lossy().into_owned();
    let project = Project::new();
    let ran = project.test(&[&folder, "--no-snapshots"]).exits(0);
    let summary = ran.summary();
    assert_eq!(summary["pass"], cases, "{summary}");
    assert_eq!(summary["cases"], cases, "{summary}");
    assert_eq!(summary["pages"], pages, "{summary}");
    let out = project.path("cases").to_string_lossy().into_owned();
    project.run(&["extract", &folder, "--out", &out]).exits(0);
    project
        .run(&["extract", &folder, "--out", &out, "--check"])
        .exits(0);
    let from_files = project.test(&[&out, "--no-snapshots"]).exits(0);
    assert_eq!(from_files.summary()["pass"], cases);
}

#[test]
fn every_documented_pair_of_graph_is_replayed() {
    check("graph-v1.0", 1474, 3341);
}

#[test]
fn every_documented_pair_of_onedrive_is_replayed() {
    check("onedrive", 95, 189);
}
