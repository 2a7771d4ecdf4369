//! Each comparison finds a planted error of a page at its line, and reports
//! nothing else. The pages are compared with a service of this repository.

use std::fs;
use std::sync::OnceLock;

use walkdir::WalkDir;

use crate::service_under_test;
use crate::support::{Project, Ran, repository};

/// The pages of this repository, with one text replaced on one page.
fn project(page: &str, truth: &str, lie: &str) -> Project {
    let project = Project::new();
    let docs = repository().join("specs/docs");
    let mut told = false;
    for entry in WalkDir::new(&docs) {
        let entry = entry.expect("a page");
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry
            .path()
            .strip_prefix(&docs)
            .expect("below")
            .to_string_lossy()
            .replace('\\', "/");
        let mut text = fs::read_to_string(entry.path()).expect("a page");
        if path == page {
            assert_eq!(
                text.matches(truth).count(),
                1,
                "`{truth}` stands once in {page}"
            );
            text = text.replace(truth, lie);
            told = true;
        }
        project.write(&format!("specs/docs/{path}"), text);
    }
    assert!(told || page.is_empty(), "there is no page {page}");
    project
}

fn test(project: &Project, format: &str) -> Ran {
    static BASE: OnceLock<String> = OnceLock::new();
    let base = BASE.get_or_init(service_under_test::start);
    project.run(&[
        "test",
        "--format",
        format,
        "--base-url",
        base,
        "--service",
        "https://sync.example.com/v1.0",
        "--var",
        "id=3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10",
        "--allow-writes",
        "--no-snapshots",
    ])
}

#[test]
fn passes_correct_pages() {
    let ran = test(&project("", "", ""), "json").exits(0);
    assert_eq!(ran.summary()["pass"], 17);
    assert_eq!(ran.summary()["cases"], 17);
}

#[track_caller]
fn check(page: &str, truth: &str, lie: &str, kind: &str, shown: &str) {
    let page = format!("api/synchronizationprofile-{page}.md");
    let project = project(&page, truth, lie);
    let ran = test(&project, "json").exits(1);
    let failed: Vec<String> = ran
        .outcomes()
        .into_iter()
        .filter(|line| line.contains(" fail "))
        .collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(
        failed[0].contains(&format!(" fail {kind} off")),
        "{failed:?}"
    );
    let text = project.read(&format!("specs/docs/{page}"));
    let at = text.find(shown).expect("the line that is shown");
    let line = text[..at].matches('\n').count() + 1;
    test(&project, "pretty")
        .exits(1)
        .says(&format!("--> specs/docs/{page}:{line}:"));
}

#[test]
fn reports_a_wrong_status() {
    let lie = "HTTP/1.1 202 Accepted";
    check("resume", "HTTP/1.1 200 OK", lie, "status", lie);
    let lie = "HTTP/1.1 422 Unprocessable Content";
    check("create", "HTTP/1.1 400 Bad Request", lie, "status", lie);
}

#[test]
fn reports_a_wrong_media_type() {
    let truth = "Content-Type: application/json";
    for lie in [
        "Content-Type: text/csv",
        "Content-Type: application/json; odata=verbose",
    ] {
        check("resume", truth, lie, "media-type", lie);
    }
}

#[test]
fn reports_a_missing_header() {
    let lie = "Retry-After: 30\nX-Queue: nightly";
    check("reset", "Retry-After: 30", lie, "missing-header", "X-Queue");
    let lie = "HTTP/1.1 200 OK\nLocation: /elsewhere";
    check(
        "resume",
        "HTTP/1.1 200 OK",
        lie,
        "missing-header",
        "Location: /",
    );
}

#[test]
fn reports_a_wrong_header_value() {
    let page = "api/synchronizationprofile-reset.md";
    let lie = "Retry-After: 31";
    let project = project(page, "Retry-After: 30", lie);
    // The policy is `present`: any delay conforms.
    test(&project, "json").exits(0);
    project.write("docproof.toml", "[headers]\nRetry-After = \"exact\"\n");
    let ran = test(&project, "json").exits(1);
    let failed: Vec<_> = ran
        .outcomes()
        .into_iter()
        .filter(|line| line.contains(" fail "))
        .collect();
    assert_eq!(
        failed,
        ["api/synchronizationprofile-reset::reset_profile fail header off"]
    );
}

#[test]
fn reports_a_wrong_request() {
    let (truth, lie) = ("0c7be1935a61/resume", "0c7be1935a60/resume");
    check("resume", truth, lie, "status", "HTTP/1.1 200 OK");
}
