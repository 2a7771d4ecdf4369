//! The mdBook in `docs/`, and the paths that `CONTRIBUTING.md` names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{Project, repository};

fn read(path: &str) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn is_page(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "md")
}

/// The targets of the links that end in `.md`, in their order.
fn linked_pages(text: &str) -> Vec<&str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.split('#').next().expect("a target"))
        .filter(|target| is_page(target) && !target.contains("://"))
        .collect()
}

#[test]
fn summary_lists_each_page_once() {
    let summary = read("docs/SUMMARY.md");
    let listed = linked_pages(&summary);
    let pages: BTreeSet<String> = fs::read_dir(repository().join("docs"))
        .expect("the folder of the book")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .filter(|name| is_page(name) && name != "SUMMARY.md")
        .collect();
    let once: BTreeSet<String> = listed.iter().map(|page| (*page).to_owned()).collect();
    assert_eq!(once, pages);
    assert_eq!(listed.len(), pages.len(), "a page is listed twice");
}

#[test]
fn pages_have_the_titles_of_the_summary() {
    let summary = read("docs/SUMMARY.md");
    let entries = summary.lines().filter_map(|line| line.strip_prefix("- ["));
    for (title, page) in entries.filter_map(|entry| entry.split_once("](")) {
        let text = read(&format!("docs/{}", page.trim_end_matches(')')));
        let heading = text.lines().next().and_then(|line| line.strip_prefix("# "));
        assert_eq!(heading, Some(title), "{page}");
    }
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let table = read("docs/exit-codes.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = rows.filter_map(|row| row.strip_suffix(" |")?.split_once(" | "));
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_digit());
    let documented: Vec<_> = rows.filter(|(code, _)| is_code(code)).collect();
    let help = Project::new().run(&["--help"]).exits(0).out;
    let (_, help) = help.split_once("Exit codes:\n").expect("the exit codes");
    let lines = help.lines().map(str::trim);
    let printed: Vec<_> = lines.filter_map(|line| line.split_once(' ')).collect();
    let printed: Vec<_> = printed
        .iter()
        .map(|(code, text)| (*code, text.trim()))
        .collect();
    assert_eq!(documented, printed);
    assert!(printed.len() > 5, "{printed:?}");
}

#[test]
fn rustdoc_includes_each_page() {
    let guide = read("src/guide.rs");
    for page in linked_pages(&read("docs/SUMMARY.md")) {
        let include = format!("include_str!(\"../docs/{page}\")");
        assert!(guide.contains(&include), "src/guide.rs lacks {page}");
    }
}

#[test]
fn links_between_pages_lead_to_pages() {
    let pages = read("docs/SUMMARY.md");
    for page in linked_pages(&pages) {
        let text = read(&format!("docs/{page}"));
        for target in linked_pages(&text) {
            let path = repository().join("docs").join(target);
            assert!(path.is_file(), "docs/{page} links to {target}");
        }
    }
    for target in linked_pages(&read("README.md")) {
        assert!(repository().join(target).is_file(), "README: {target}");
    }
}

#[test]
fn contributing_names_existing_paths() {
    let text = read("CONTRIBUTING.md");
    let roots = ["src/", "tests/", "docs/", "benches/", ".ci/", "snapshots/"];
    let paths: Vec<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| roots.iter().any(|root| code.starts_with(root)))
        // A placeholder, such as the name of a new rule.
        .filter(|code| !code.contains(|c: char| c.is_ascii_uppercase() || c == '*'))
        .collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        assert!(repository().join(path).exists(), "{path} does not exist");
    }
}
