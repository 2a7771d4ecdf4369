//! Runs on large published references. The tests are skipped where the corpora
//! are missing; they are not part of this repository.

use std::path::PathBuf;

use docproof::internals::check::types::{
    Against, Expectation, Mode, ShapeFinding, ShapeKind, Types, check as check_body,
};
use docproof::internals::page::collect;
use docproof::internals::page::markdown;
use docproof::internals::page::reader::Extraction;
use docproof::internals::page::survey;
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

/// Type names that stand for a value on the pages of the corpora.
const TYPE_NAMES: [&str; 5] = [
    "Boolean",
    "Date",
    "String",
    "String (timestamp)",
    "timestamp",
];

/// A value of each type that the names stand for.
const VALUES: [(&str, &str); 3] = [
    ("boolean", "true"),
    ("string (date)", "\"2024-05-01\""),
    ("string (date-time)", "\"2024-05-01T08:00:00Z\""),
];

/// The body with values in place of the type names at the findings.
fn with_values(body: &str, findings: &[ShapeFinding]) -> String {
    let mut sent = body.to_owned();
    for finding in findings {
        let Some(member) = finding.place.clone().map(|place| &body[place]) else {
            continue;
        };
        let mut names = TYPE_NAMES.iter().map(|name| format!("\"{name}\""));
        let start = names.find_map(|name| member.strip_suffix(name.as_str()));
        let value = VALUES.iter().find(|(of, _)| *of == finding.documented);
        if let (Some(start), Some((_, value))) = (start, value) {
            sent = sent.replace(member, &format!("{start}{value}"));
        }
    }
    sent
}

/// Each documented body, sent as a response with its placeholders replaced, has
/// the shape that its page documents, whatever the resource declares.
#[track_caller]
fn check_shapes(name: &str, resources: usize, bodies: usize) {
    let Some(folder) = corpus(name) else { return };
    let collected =
        collect::collect_with_resources(&folder, &Extraction::default(), cores(), |_| true)
            .expect("a folder of pages");
    assert_eq!(collected.resources.len(), resources);
    let (types, _) = Types::new(&collected.resources);
    let mut checked = 0;
    for case in &collected.cases {
        let body = case
            .response
            .as_ref()
            .and_then(|response| response.message.body.as_ref());
        let Some(body) = body else { continue };
        let found = |sent: &str, against| {
            let expectation = Expectation::of_case(case, against, &types).expect("a response");
            check_body(sent.as_bytes(), &expectation, &types, Mode::Shape).list
        };
        let sent = with_values(body, &found(body, Against::Page));
        // Many documented bodies are not valid JSON: they have trailing commas.
        let wrong = found(&sent, Against::Page)
            .into_iter()
            .find(|finding| finding.kind != ShapeKind::JsonSyntax);
        assert_eq!(wrong, None, "{}", case.id);
        // The comparison with the resource does not panic.
        found(&sent, Against::Resource);
        checked += 1;
    }
    assert_eq!(checked, bodies);
}

#[test]
fn bodies_of_graph_have_their_documented_shape() {
    check_shapes("graph-v1.0", 1024, 1088);
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
        let (files, _) = survey::find(&folder).expect("a folder of pages");
        let (pages, _) = survey::read_all(&files, cores());
        for page in &pages {
            let (blocks, _) = markdown::blocks(page);
            let (document, _) = markdown::document(page);
            assert_eq!(blocks, document.blocks, "{}", page.path);
        }
    }
}
