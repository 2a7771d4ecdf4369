//! Runs on large published references. The tests are skipped where the corpora
//! are missing; they are not part of this repository.

use std::fs;
use std::path::{Path, PathBuf};

use docproof::internals::check::types::{
    Against, Expectation, Mode, ShapeFinding, ShapeKind, Types, check as check_body,
};
use docproof::internals::page::collect;
use docproof::internals::page::extract::extract;
use docproof::internals::page::markdown;
use docproof::internals::page::reader::Extraction;
use docproof::internals::page::recognise::Recognition;
use docproof::internals::page::survey;
use docproof::internals::text::parallel::cores;
use docproof::internals::text::source::Page;

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

/// The Markdown pages below a folder, in order.
fn pages_below(folder: &Path) -> Vec<Page> {
    let mut pages = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("a folder");
        let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("an entry").path()).collect();
        paths.sort();
        for path in paths {
            let extension = path.extension().unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if extension == "md" || extension == "mdx" {
                let text = fs::read_to_string(&path).expect("a page");
                pages.push(Page::new(path.to_string_lossy(), text));
            }
        }
    }
    pages
}

/// A page's text with line ends in the place of its annotations.
fn without_annotations(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<!--") {
        let Some(length) = rest[start..].find("-->") else {
            break;
        };
        let end = start + length + 3;
        let comment = &rest[start..end];
        written.push_str(&rest[..start]);
        if comment[4..].trim_start().starts_with('{') || comment.contains("blockType") {
            written.push_str(&"\n".repeat(comment.matches('\n').count()));
        } else {
            written.push_str(comment);
        }
        rest = &rest[end..];
    }
    written + rest
}

/// Checks how many annotated pairs are recognised without their annotations, and
/// that the status of each is right.
#[track_caller]
fn check_recognition(name: &str, least: usize) {
    let Some(folder) = corpus(name) else { return };
    let recognition = Recognition::default();
    let (mut found, mut all) = (0, 0);
    for page in pages_below(&folder) {
        let annotated = extract(&page, None).cases;
        if annotated.is_empty() {
            continue;
        }
        let bare = Page::new(&*page.path, without_annotations(&page.text));
        let recognised = extract(&bare, Some(&recognition)).cases;
        for case in annotated {
            let Some(response) = &case.response else {
                continue;
            };
            all += 1;
            let same = recognised.iter().find(|other| {
                let line = other.response.as_ref().map(|response| response.line);
                other.line == case.line && line == Some(response.line)
            });
            if let Some(same) = same {
                found += 1;
                assert!(same.recognised.is_some());
                let same = same.response.as_ref().expect("a response");
                assert_eq!(same.message.status, response.message.status, "{}", case.id);
            }
        }
    }
    assert!(found >= least, "{name}: {found} of {all}");
}

#[test]
fn recognises_the_pairs_of_graph_without_annotations() {
    check_recognition("graph-v1.0", 1470);
}

#[test]
fn recognises_the_pairs_of_onedrive_without_annotations() {
    check_recognition("onedrive", 94);
}

/// The projects without annotations, and their recognised pairs.
const UNANNOTATED: [(&str, usize); 17] = [
    ("docker-engine", 196),
    ("wild/apisix", 31),
    ("wild/basecamp3", 9),
    ("wild/consul", 122),
    ("wild/docker-registry", 134),
    ("wild/gitlab-ce8", 156),
    ("wild/home-assistant", 0),
    ("wild/kong-1.0", 0),
    ("wild/mastodon", 626),
    ("wild/meilisearch", 7),
    ("wild/parse-rest", 36),
    ("wild/plutono-grafana7", 154),
    ("wild/prometheus", 24),
    ("wild/rubygems", 17),
    ("wild/rundeck", 103),
    ("wild/slate-sample", 3),
    ("wild/tailscale", 18),
];

#[test]
fn recognises_pairs_on_pages_without_annotations() {
    let recognition = Recognition::default();
    let mut wrong = Vec::new();
    for (name, expected) in UNANNOTATED {
        let Some(folder) = corpus(name) else { return };
        let pages = pages_below(&folder);
        let pairs = pages.iter().map(|page| {
            let found = extract(page, Some(&recognition)).recognised;
            found.pairs.values().sum::<usize>()
        });
        let pairs: usize = pairs.sum();
        if pairs != expected {
            wrong.push(format!("{name}: {pairs}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
