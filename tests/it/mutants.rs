//! What a live run would notice of broken answers.

use serde_json::{Value, json};

use crate::support::{Project, Ran, page, repository};

const THING: (&str, &str) = (
    "GET /thing",
    "HTTP/1.1 200 OK\nContent-Type: application/json\nLocation: /a\n\n{\n  \"id\": \"a\",\n  \"tags\": [1]\n}",
);

/// A number that is cut short is a number: nothing notices that.
const HOLE: (&str, &str) = (
    "GET /count",
    "HTTP/1.1 200 OK\nContent-Type: application/json\n\n12",
);

fn mutants(pairs: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let project = Project::with(&[("p.md", &page(pairs))]);
    project.run(&[&["mutants", "--format", "json"], arguments].concat())
}

fn find(ran: &Ran, kind: &str, fact: &str) -> Value {
    let found = ran
        .json()
        .into_iter()
        .find(|line| line["mutant"] == kind && line["fact"] == fact);
    found.unwrap_or_else(|| panic!("no {kind} of {fact} in {}", ran.out))
}

/// A mutant's line: where it stands, what became of it, and whether by a rule.
#[track_caller]
fn check(kind: &str, fact: &str, line: u64, outcome: &str, by_policy: bool) {
    let found = find(&mutants(&[THING], &[]).exits(0), kind, fact);
    assert_eq!(found["id"], "p::1");
    assert_eq!(found["page"], "p.md");
    let told = (&found["line"], &found["outcome"], &found["by_policy"]);
    assert_eq!(
        told,
        (&json!(line), &json!(outcome), &json!(by_policy)),
        "{found}"
    );
    assert_ne!(found["reason"], "");
}

#[test]
fn each_mutant_is_an_object_with_the_line_of_its_fact() {
    check("status-same-class", "status 200", 10, "killed", false);
    check("header-dropped", "Location", 12, "killed", false);
    check("header-changed", "Location", 12, "survived", true);
    check("media-type-changed", "Content-Type", 11, "killed", false);
    check("member-dropped", "$.id", 15, "killed", false);
    check("array-emptied", "$.tags", 16, "survived", true);
    check("member-extra", "$.docproofExtra", 14, "survived", true);
}

#[test]
fn the_summary_counts_what_became_of_the_mutants() {
    let broken = (
        "GET /broken",
        "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\": 1,}",
    );
    let ran = mutants(&[THING, HOLE, broken], &[]).exits(0);
    let summary = ran.summary();
    assert_eq!(summary["cases"], 3);
    assert_eq!(summary["judged"], 2);
    assert_eq!(summary["not_judged"], json!({"json-syntax": 1}));
    assert_eq!(summary["not_judged_cases"][0]["id"], "p::3");
    assert_eq!(summary["holes"], 1);
    assert_eq!(summary["false_alarms"], 0);
    assert_eq!(summary["proves"], "comparison");
    let made = |name: &str| {
        ran.json()
            .iter()
            .filter(|line| line["mutant"] == name)
            .count()
    };
    for (name, counts) in summary["kinds"].as_object().expect("an object") {
        assert_eq!(counts["made"], made(name), "{name}");
    }
    let (killed, holes) = (&summary["killed"], &summary["holes"]);
    let (killed, holes) = (killed.as_f64(), holes.as_f64().expect("a number"));
    let killed = killed.expect("a number");
    let score = (100.0 * killed / (killed + holes) * 100.0).floor() / 100.0;
    assert_eq!(summary["score"], score);
    assert_eq!(summary["weak_cases"][0]["name"], "p::2");
}

#[test]
fn a_score_that_is_too_low_fails() {
    mutants(&[THING], &["--min-score", "100"]).exits(0);
    mutants(&[HOLE], &["--min-score", "80"]).exits(0);
    mutants(&[HOLE], &["--min-score", "99.5"])
        .exits(1)
        .says("is below --min-score 99.5");
    mutants(&[HOLE], &["--min-score", "101"]).exits(2);
    let broken = ("GET /b", "HTTP/1.1 200 OK\n\n{\"a\": 1,}");
    mutants(&[broken], &[]).exits(0);
    mutants(&[broken], &["--min-score", "0"]).exits(1);
}

#[test]
fn a_person_is_shown_holes_survivors_and_what_it_means() {
    let project = Project::with(&[("p.md", &page(&[THING, HOLE]))]);
    project
        .run(&["mutants"])
        .exits(0)
        .says("specs/docs/p.md:30  body-cut-short  the body  p::2")
        .says("header-changed: the header policy `present` asks only that the header is there")
        .says("such as specs/docs/p.md:12  Location")
        .says("This run shows what a live run would notice.");
}

#[test]
fn a_project_says_by_its_policies_what_is_noticed() {
    let project = Project::with(&[("p.md", &page(&[THING]))]);
    let changed = |ran: &Ran| find(ran, "header-changed", "Location")["outcome"].clone();
    project.write("docproof.toml", "[headers]\nLocation = \"exact\"\n");
    let arguments = ["mutants", "--format", "json"];
    assert_eq!(changed(&project.run(&arguments)), "killed");
    project.write("docproof.toml", "[headers]\nLocation = \"present\"\n");
    assert_eq!(changed(&project.run(&arguments)), "survived");
}

#[test]
fn bodies_are_compared_as_is_asked_for() {
    let emptied = |body: &str| {
        let ran = mutants(&[THING], &["--body", body]).exits(0);
        find(&ran, "array-emptied", "$.tags")["reason"].clone()
    };
    assert_eq!(emptied("off"), "bodies are not compared (--body off)");
    assert_eq!(emptied("exact"), "value");
}

/// On real pages: what must be noticed is, and what must not be is not.
#[track_caller]
fn check_corpus(name: &str, pages: &str) {
    let folder = repository().join("../shared/corpus").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: there is no corpus at {}", folder.display());
        return;
    }
    let folder = folder.to_string_lossy().into_owned();
    let project = Project::new();
    let ran = project.run(&["mutants", &folder, "--page", pages, "--format", "json"]);
    let summary = ran.exits(0).summary();
    let kinds = &summary["kinds"];
    for kind in [
        "status-same-class",
        "status-other-class",
        "media-type-changed",
    ] {
        assert_ne!(kinds[kind]["made"], 0, "{kind}");
        assert_eq!(kinds[kind]["made"], kinds[kind]["killed"], "{kind}");
    }
    // Only what a policy ignores may be missing.
    assert_eq!(kinds["header-dropped"]["holes"], 0);
    for survivors in summary["survivors"].as_array().expect("a list") {
        if survivors["mutant"] == "header-dropped" {
            let reason = survivors["reason"].as_str().expect("a reason");
            assert!(reason.contains("`ignore`"), "{reason}");
        }
    }
    for control in ["header-extra", "member-extra"] {
        assert_ne!(kinds[control]["made"], 0, "{control}");
        assert_eq!(kinds[control]["killed"], 0, "{control}");
    }
    assert_eq!(summary["holes"], 0, "{summary}");
}

#[test]
fn on_graph_what_must_be_noticed_is() {
    check_corpus("graph-v1.0", "**/u*.md");
}

#[test]
fn on_onedrive_what_must_be_noticed_is() {
    check_corpus("onedrive", "**");
}
