//! `docproof import`: converts tests of API Doctor to scenarios and targets.

use std::collections::BTreeSet;
use std::fs;

use docproof::internals::page::collect;
use docproof::internals::page::reader::Extraction;
use docproof::internals::project::scenario;

use crate::support::{Project, repository};

const SCENARIOS: &str = r#"{
  // Json.NET takes comments, and so do we.
  "scenarios": [
    { "method": "get-item", "enabled": true, "request-parameters": { "{id}": "7" } },
    { "method": "get-item", "name": "other", "enabled": true, "request-parameters": { "!url": "/x" } },
  ]
}"#;
const ACCOUNTS: &str = r#"{ "accounts": [{
  "name": "cloud", "enabled": true, "serviceUrl": "https://api.example/v1.0",
  "tokenService": "https://login.example/token", "refreshToken": "a secret"
}] }"#;
const PAGE: &str = "<!-- { \"blockType\": \"request\", \"name\": \"get-item\" } -->\n```http\nGET /items/{id}\n```\n";

fn project() -> Project {
    let project = Project::new();
    project.write("old/tests/items.json", SCENARIOS);
    project.write("old/tests/more/accounts.json", ACCOUNTS);
    project.write("old/tests/notes.md", "nothing");
    project.write("old/docs/item.md", PAGE);
    project
}

#[test]
fn converts_files_to_scenarios_and_targets() {
    let project = project();
    project.write("docproof.toml", "# mine\n[docs]\nroot = \"pages\"\n");
    let ran = project.run(&["import", "api-doctor", "old/tests"]).exits(0);
    assert_eq!(
        ran.out,
        "\
old/tests/more/accounts.json:3:50: accounts[0].refreshToken: secrets are not converted; set the \
environment variable CLOUD_REFRESH_TOKEN
wrote specs/scenarios/items.yaml
wrote docproof.toml
2 files (0 unreadable): 2 of 2 scenarios (0 with `skip`), 0 of 0 shared steps, 1 of 1 targets; 1 note
"
    );
    assert_eq!(
        project.read("specs/scenarios/items.yaml"),
        "\
scenarios:
- case: item::get-item
  vars:
    id: '7'
- case: item::get-item
  name: other
  url: /x
"
    );
    let configuration = project.read("docproof.toml");
    assert!(configuration.starts_with("# mine\n[docs]\nroot = \"pages\"\n\n[target.cloud]\n"));
    assert!(!configuration.contains("a secret"), "{configuration}");
}

#[test]
fn does_not_overwrite_existing_files() {
    let project = project();
    project.write("specs/scenarios/items.yaml", "mine\n");
    let ran = project.run(&["import", "api-doctor", "old/tests"]).exits(2);
    assert!(
        ran.err.contains("items.yaml` already exists"),
        "{}",
        ran.err
    );
    assert_eq!(project.read("specs/scenarios/items.yaml"), "mine\n");
    assert!(!project.exists("docproof.toml"));
    // Another folder has no such file.
    project
        .run(&["import", "api-doctor", "old/tests", "--out", "elsewhere"])
        .exits(0);
    assert!(project.exists("elsewhere/items.yaml"));
}

#[test]
fn writes_other_files_when_one_is_unreadable() {
    let project = project();
    project.write("old/tests/broken.json", "{ \"scenarios\": [ }");
    project.write("old/tests/latin.json", [b'"', 0xe4, b'"']);
    let ran = project.run(&["import", "api-doctor", "old/tests"]).exits(1);
    assert!(
        ran.out
            .contains("broken.json:1:18: the file: not valid JSON"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("latin.json:1:1: the file: "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("4 files (2 unreadable)"), "{}", ran.out);
    assert!(project.exists("specs/scenarios/items.yaml"));
    // A single file can be named; a folder without any is an error.
    let project = self::project();
    project
        .run(&[
            "import",
            "api-doctor",
            "old/tests/items.json",
            "--out",
            "one",
        ])
        .exits(0);
    assert!(project.exists("one/items.yaml"));
    project.run(&["import", "api-doctor", "old/docs"]).exits(2);
}

/// The scenarios of a real service; skipped where they are missing.
#[test]
fn converts_the_scenarios_of_onedrive() {
    let corpus = repository().join("../shared/corpus/onedrive");
    if !corpus.is_dir() {
        eprintln!("skipped: there is no corpus at {}", corpus.display());
        return;
    }
    let project = Project::new();
    let tests = corpus.join("tests").to_string_lossy().into_owned();
    let ran = project.run(&["import", "api-doctor", &tests]).exits(0);
    let summary = ran.out.lines().last().expect("a summary");
    assert!(
        summary.starts_with(
            "12 files (0 unreadable): 136 of 136 scenarios (27 with `skip`), 7 of 7 shared steps, \
             6 of 9 targets"
        ),
        "{summary}"
    );
    let first = project.read("specs/scenarios/test-scenarios.yaml");
    fs::remove_dir_all(project.path("specs")).expect("removed");
    fs::remove_file(project.path("docproof.toml")).expect("removed");
    project.run(&["import", "api-doctor", &tests]).exits(0);
    assert_eq!(project.read("specs/scenarios/test-scenarios.yaml"), first);

    let (files, findings) = scenario::read_all(&project.path("specs/scenarios"));
    assert_eq!(findings, []);
    assert_eq!(files.len(), 10);
    let threads = std::num::NonZeroUsize::MIN;
    let cases = collect::collect(
        &corpus.join("docs"),
        &Extraction::default(),
        threads,
        |_| true,
    )
    .expect("docs")
    .cases;
    let (scenarios, findings) = scenario::resolve(&files, &cases, &BTreeSet::new());
    let unknown = findings
        .iter()
        .filter(|finding| finding.rule.name == "scenario-unknown-case");
    assert_eq!(unknown.count(), findings.len(), "{findings:#?}");
    assert_eq!((scenarios.len(), findings.len()), (95, 61));
}
