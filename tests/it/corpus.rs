//! Runs on large published references. The tests are skipped where the corpora
//! are missing; they are not part of this repository.

use std::path::PathBuf;

use docproof::internals::check::types::{
    Against, Expectation, Mode, ShapeKind, Types, check as check_body,
};
use docproof::internals::page::collect;
use docproof::internals::page::markdown;
use docproof::internals::text::parallel::cores;

use crate::support::{Project, repository};

fn corpus(name: &str) -> Option<PathBuf> {
    let folder = repository().join("../shared/corpus").join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no corpus at {}", folder.display());
    None
}

/// Checks a run on a corpus: the number of cases and of pages, how many of the
/// cases are alternatives, and the number of errors in pages.
#[track_caller]
fn check(name: &str, cases: usize, pages: usize, alternatives: usize, errors: usize) {
    let Some(folder) = corpus(name) else { return };
    let folder = folder.to_string_lossy().into_owned();
    let project = Project::new();
    let ran = project
        .test(&[&folder, "--no-snapshots"])
        .exits(i32::from(errors > 0));
    let summary = ran.summary();
    let passed = cases - alternatives;
    assert_eq!(summary["pass"], passed, "{summary}");
    assert_eq!(summary["cases"], cases, "{summary}");
    assert_eq!(summary["pages"], pages, "{summary}");
    assert_eq!(summary["errors"], errors, "{summary}");
    let out = project.path("cases").to_string_lossy().into_owned();
    project.run(&["extract", &folder, "--out", &out]).exits(0);
    project
        .run(&["extract", &folder, "--out", &out, "--check"])
        .exits(0);
    let from_files = project.test(&[&out, "--no-snapshots"]).exits(0);
    assert_eq!(from_files.summary()["pass"], passed);
}

#[test]
fn replays_each_pair_of_graph() {
    check("graph-v1.0", 1477, 3341, 4, 6);
}

#[test]
fn replays_each_pair_of_onedrive() {
    check("onedrive", 95, 189, 0, 0);
}

/// Each documented body, sent as a response, has the shape that its page
/// documents, whatever the resource declares.
#[track_caller]
fn check_shapes(name: &str, resources: usize, bodies: usize) {
    let Some(folder) = corpus(name) else { return };
    let collected =
        collect::collect_with_resources(&folder, cores(), |_| true).expect("a folder of pages");
    assert_eq!(collected.resources.len(), resources);
    let (types, _) = Types::new(&collected.resources);
    let mut checked = 0;
    for case in &collected.cases {
        let body = case
            .response
            .as_ref()
            .and_then(|response| response.message.body.as_ref());
        let Some(body) = body else { continue };
        for against in [Against::Page, Against::Resource] {
            let expectation = Expectation::of_case(case, against, &types).expect("a response");
            let found = check_body(body.as_bytes(), &expectation, &types, Mode::Shape);
            if against == Against::Resource {
                continue;
            }
            checked += 1;
            // Many documented bodies are not valid JSON: they have trailing commas.
            let wrong = found
                .list
                .iter()
                .find(|finding| finding.kind != ShapeKind::JsonSyntax);
            assert_eq!(wrong, None, "{}", case.id);
        }
    }
    assert_eq!(checked, bodies);
}

#[test]
fn bodies_of_graph_have_their_documented_shape() {
    check_shapes("graph-v1.0", 1024, 1085);
}

#[test]
fn bodies_of_onedrive_have_their_documented_shape() {
    check_shapes("onedrive", 92, 75);
}

/// Each placeholder is in a draft or in the list, and the drafts are valid.
fn check_drafts(name: &str, drafts: usize, open: usize) {
    let Some(folder) = corpus(name) else { return };
    let project = Project::new();
    project.write(
        "docproof.toml",
        "[docs]\nservice = \"https://graph.microsoft.com/v1.0\"\n",
    );
    let folder = folder.to_string_lossy().into_owned();
    // The command fails if it cannot read the drafts back.
    let ran = project.run(&["plan", &folder, "--suggest"]).exits(0);
    let count = ran
        .out
        .lines()
        .filter(|line| line.starts_with("- case: "))
        .count();
    assert_eq!(count, drafts, "{}", ran.err);
    let summary = format!("{drafts} drafts for {open} cases with unbound placeholders");
    assert!(ran.err.contains(&summary), "{}", ran.err);
}

#[test]
fn reads_back_drafts_of_graph() {
    check_drafts("graph-v1.0", 322, 734);
}

#[test]
fn reads_back_drafts_of_onedrive() {
    check_drafts("onedrive", 15, 67);
}

/// A page has the same cases whether its tables are read or not.
#[test]
fn finds_the_same_blocks_in_whole_documents() {
    for name in ["graph-v1.0", "onedrive", "seed"] {
        let Some(folder) = corpus(name) else { return };
        let (files, _) = collect::find(&folder).expect("a folder of pages");
        let (pages, _) = collect::read_all(&files, cores());
        for page in &pages {
            let (blocks, _) = markdown::blocks(page);
            let (document, _) = markdown::document(page);
            assert_eq!(blocks, document.blocks, "{}", page.path);
        }
    }
}
