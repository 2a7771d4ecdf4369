//! The explanation of each rule: `docproof check` reports the wrong example as the
//! explanation shows it, and accepts the right one, which is a near miss.
//!
//! Each rule has one page. The sections `## Wrong` and `## Right` have the files
//! of a project, each in a fence of four tildes with its language and its path.
//! The docs are the files in `docs/`. Under `## Wrong`
//! a fence with `text` is the output of `docproof check docs --info`.

use docproof::internals::page::markdown::{self, Block};
use docproof::internals::text::rules::{Family, RULES, Rule};
use docproof::internals::text::source::Page;

use crate::support::Project;

/// The fences of a section: info string and content.
fn fences(rule: &Rule, section: &str) -> Vec<(String, String)> {
    let page = Page::new("explanation.md", rule.explanation.to_owned());
    let (document, _) = markdown::document(&page);
    let mut headings = document
        .headings
        .iter()
        .skip_while(|heading| heading.text != section);
    let Some(heading) = headings.next() else {
        return Vec::new();
    };
    let end = headings
        .next()
        .map_or(page.text.len(), |next| next.span.start);
    let within = heading.span.start..end;
    let fences = document.blocks.iter().filter_map(|block| match block {
        Block::Fence(fence) if within.contains(&fence.span.start) => Some(fence),
        _ => None,
    });
    fences
        .map(|fence| {
            let info = page.slice(fence.opening).trim_start_matches(['~', '`']);
            (info.trim().to_owned(), format!("{}\n", fence.text.text))
        })
        .collect()
}

/// A project with the files of a section.
fn project(files: &[(String, String)]) -> Project {
    let project = Project::new();
    for (info, text) in files {
        if let Some((_, path)) = info.split_once(' ') {
            project.write(path, text);
        }
    }
    project
}

fn faults(rule: &Rule) -> Vec<String> {
    let (wrong, right) = (fences(rule, "Wrong"), fences(rule, "Right"));
    if wrong.is_empty() && matches!(rule.family, Family::Page | Family::Project) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let printed = wrong.iter().find(|(info, _)| info == "text");
    let expected = printed.map_or("", |(_, text)| text);
    let out = project(&wrong).run(&["check", "docs", "--info"]).out;
    if out.trim() != expected.trim() || !out.contains(&format!("[{}]", rule.name)) {
        faults.push(format!("{}, wrong:\n{out}", rule.name));
    }
    let out = project(&right)
        .run(&["check", "docs", "--format", "short", "--info"])
        .out;
    let is_flagged = out.contains(": error[")
        || out.contains(": warning[")
        || out.contains(&format!("[{}]", rule.name));
    if right.is_empty() || is_flagged {
        faults.push(format!("{}, right:\n{out}", rule.name));
    }
    faults
}

#[track_caller]
fn check(family: Family) {
    let rules = RULES.iter().filter(|rule| rule.family == family);
    let faults: Vec<String> = rules.flat_map(|rule| faults(rule)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn page_rules_match_their_explanations() {
    check(Family::Page);
}

#[test]
fn annotation_rules_match_their_explanations() {
    check(Family::Annotation);
}

#[test]
fn http_rules_match_their_explanations() {
    check(Family::Http);
}

#[test]
fn pairing_rules_match_their_explanations() {
    check(Family::Pairing);
}

#[test]
fn json_rules_match_their_explanations() {
    check(Family::Json);
}

#[test]
fn schema_rules_match_their_explanations() {
    check(Family::Schema);
}

#[test]
fn table_rules_match_their_explanations() {
    check(Family::Table);
}

#[test]
fn structure_rules_match_their_explanations() {
    check(Family::Structure);
}

#[test]
fn link_rules_match_their_explanations() {
    check(Family::Link);
}

#[test]
fn suppression_rules_match_their_explanations() {
    check(Family::Suppression);
}
