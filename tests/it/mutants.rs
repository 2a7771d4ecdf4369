//! `docproof mutants`: which broken responses a live run would detect.

use quick_junit::{Report, TestCaseStatus};
use serde_json::{Value, json};

use crate::reports::FORMATS;
use crate::support::{Project, Ran, page, repository, run, sarif_schema};

const THING: (&str, &str) = (
    "GET /thing",
    "HTTP/1.1 200 OK\nContent-Type: application/json\nLocation: /a\n\n{\n  \"id\": \"a\",\n  \"tags\": [1]\n}",
);

/// A truncated number is a number, so nothing detects that.
const HOLE: (&str, &str) = (
    "GET /count",
    "HTTP/1.1 200 OK\nContent-Type: application/json\n\n12",
);

/// The added header is documented here, and another value of it is detected.
const ALARM: (&str, &str) = ("GET /alarm", "HTTP/1.1 200 OK\nX-Docproof-Extra: 7");

/// No response of the mock can be compared with this.
const BROKEN: (&str, &str) = (
    "GET /broken",
    "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\": 1,}",
);

/// A report with every kind of result.
#[track_caller]
fn report(format: &str) -> String {
    let project = Project::with(&[
        ("a.md", &page(&[THING])),
        ("p.md", &page(&[HOLE, ALARM, BROKEN])),
    ]);
    let to = format!("{format}=out/r");
    // A false alarm fails the run.
    let ran = project.run(&["mutants", "--report", &to]).exits(1);
    ran.says("1 missed of")
        .says("of 3 cases, 1 false alarm in ");
    project.read("out/r")
}

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

/// The line of a mutant: its place, its outcome, and its policy.
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
fn json_has_one_object_per_mutant_with_its_line() {
    check("status-same-class", "status 200", 10, "killed", false);
    check("header-dropped", "Location", 12, "killed", false);
    check("header-changed", "Location", 12, "survived", true);
    check("media-type-changed", "Content-Type", 11, "killed", false);
    check("member-dropped", "$.id", 15, "killed", false);
    check("array-emptied", "$.tags", 16, "survived", true);
    check("member-extra", "$.docproofExtra", 14, "survived", true);
}

#[test]
fn the_summary_counts_mutants_by_outcome() {
    let ran = mutants(&[THING, HOLE, BROKEN], &[]).exits(0);
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
fn fails_below_the_minimum_score() {
    mutants(&[THING], &["--min-score", "100"]).exits(0);
    mutants(&[HOLE], &["--min-score", "80"]).exits(0);
    mutants(&[HOLE], &["--min-score", "99.5"])
        .exits(1)
        .says("is below --min-score 99.5");
    mutants(&[HOLE], &["--min-score", "101"]).exits(2);
    mutants(&[BROKEN], &[]).exits(4);
    mutants(&[BROKEN], &["--min-score", "0"]).exits(1);
}

#[test]
fn shows_missed_and_allowed_mutants() {
    let project = Project::with(&[("p.md", &page(&[THING, HOLE]))]);
    project
        .run(&["mutants"])
        .exits(0)
        .says("specs/docs/p.md:30  body-cut-short  the body  p::2")
        .says("header-changed: the header policy `present` asks only that the header is there")
        .says("such as specs/docs/p.md:12  Location")
        .says("This run shows what a live run would detect.");
}

#[test]
fn header_policies_decide_which_mutants_are_killed() {
    let project = Project::with(&[("p.md", &page(&[THING]))]);
    let changed = |ran: &Ran| find(ran, "header-changed", "Location")["outcome"].clone();
    project.write("docproof.toml", "[headers]\nLocation = \"exact\"\n");
    let arguments = ["mutants", "--format", "json"];
    assert_eq!(changed(&project.run(&arguments)), "killed");
    project.write("docproof.toml", "[headers]\nLocation = \"present\"\n");
    assert_eq!(changed(&project.run(&arguments)), "survived");
}

#[test]
fn compares_bodies_as_requested() {
    let emptied = |body: &str| {
        let ran = mutants(&[THING], &["--body", body]).exits(0);
        find(&ran, "array-emptied", "$.tags")["reason"].clone()
    };
    assert_eq!(emptied("off"), "bodies are not compared (--body off)");
    assert_eq!(emptied("exact"), "value");
}

#[test]
fn writes_files_that_equal_standard_output() {
    let project = Project::with(&[("p.md", &page(&[THING, HOLE, ALARM, BROKEN]))]);
    // Durations differ.
    let steady = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    for format in FORMATS {
        let out = project.run(&["mutants", "--report", format]).exits(1).out;
        let said = project.run(&["mutants", "--format", format]).exits(1).out;
        let to = format!("{format}=r");
        let ran = project.run(&["mutants", "--report", &to]).exits(1);
        ran.says("MISSED")
            .says("This run shows what a live run would detect.");
        let file = project.read("r");
        assert_eq!(steady(out.trim_end()), steady(file.trim_end()), "{format}");
        assert_eq!(steady(&out), steady(&said), "{format}");
    }
    let arguments = ["mutants", "--format", "json", "--report", "json=r"];
    let out = project.run(&arguments).exits(1).out;
    assert_eq!(project.read("r"), out);
}

#[test]
fn each_report_has_the_failures_and_the_conclusion() {
    for format in FORMATS {
        let text = report(format);
        // The id in each format.
        let ids = match format {
            "github" => ["p%3A%3A1", "p%3A%3A2"],
            "html" => ["</code>&#32;p::1<", "</code>&#32;p::2<"],
            _ => ["p::1", "p::2"],
        };
        for sign in ["body-cut-short", "header-extra"].into_iter().chain(ids) {
            assert!(text.contains(sign), "{format} {sign}: {text}");
        }
        // The case that is not judged, and the reason.
        if format != "sarif" {
            assert!(text.contains("json-syntax"), "{format}: {text}");
        }
        let shows = match format {
            "json" => "\"proves\":\"comparison\"",
            _ => "It says nothing about a service.",
        };
        assert!(text.contains(shows), "{format}: {text}");
    }
}

#[test]
fn junit_has_one_suite_per_page_and_one_for_the_counts() {
    let text = report("junit");
    let report = Report::deserialize_from_str(&text).expect("JUnit");
    let [first, second, counts] = report.test_suites.as_slice() else {
        panic!("{text}");
    };
    let tests = |suite: &quick_junit::TestSuite| (suite.tests, suite.failures, suite.skipped);
    assert_eq!((first.name.as_str(), tests(first)), ("a.md", (1, 0, 0)));
    assert_eq!((second.name.as_str(), tests(second)), ("p.md", (3, 2, 1)));
    let name = counts.name.as_str();
    assert_eq!((name, tests(counts)), ("docproof mutants", (1, 0, 0)));
    let property = |suite: &quick_junit::TestSuite, name: &str| {
        let mut properties = suite.properties.iter();
        let found = properties.find(|property| property.name.as_str() == name);
        found
            .unwrap_or_else(|| panic!("{name}: {text}"))
            .value
            .as_str()
            .to_owned()
    };
    assert_eq!(property(second, "holes"), "1");
    assert_eq!(property(second, "proves"), "comparison");
    assert_eq!(property(counts, "holes"), "1");
    assert_eq!(property(counts, "false-alarms"), "1");
    let of_kind = property(counts, "body-cut-short");
    assert_eq!(of_kind, "1 killed, 0 allowed, 1 missed");
    let [hole, alarm, broken] = second.test_cases.as_slice() else {
        panic!("{text}");
    };
    let (said, why) = match (&hole.status, &broken.status) {
        (
            TestCaseStatus::NonSuccess {
                ty: Some(ty),
                message: Some(said),
                description: Some(text),
                ..
            },
            TestCaseStatus::Skipped {
                message: Some(why), ..
            },
        ) => {
            let start = "specs/docs/p.md:13  body-cut-short  missed: the body: ";
            assert!(text.as_str().starts_with(start), "{text:?}");
            assert_eq!(ty.as_str(), "body-cut-short");
            (said.as_str(), why.as_str())
        }
        other => panic!("{other:?}"),
    };
    assert!(said.starts_with("missed: the body: no rule"), "{said}");
    assert!(why.starts_with("json-syntax: "), "{why}");
    match &alarm.status {
        TestCaseStatus::NonSuccess { ty: Some(ty), .. } => assert_eq!(ty.as_str(), "header-extra"),
        other => panic!("{other:?}"),
    }
    let survivors = first.test_cases[0].system_out.as_ref().expect("survivors");
    let group = "1 header-changed allowed: the header policy `present` asks only that the \
                 header is there, such as specs/docs/a.md:12  Location";
    let survivors = survivors.as_str();
    assert!(survivors.lines().any(|line| line == group), "{survivors}");
}

#[test]
fn reports_show_a_score_below_the_minimum() {
    let project = Project::with(&[("p.md", &page(&[BROKEN]))]);
    let said = "no mutants, so there is no score to compare with 90";
    for format in ["junit", "html", "github", "tap", "markdown"] {
        let ran = project.run(&["mutants", "--min-score", "90", "--report", format]);
        assert!(ran.exits(1).out.contains(said), "{format}");
    }
    let arguments = ["mutants", "--min-score", "90", "--report", "junit"];
    let report = Report::deserialize_from_str(&project.run(&arguments).out).expect("JUnit");
    let failures: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| suite.failures)
        .collect();
    assert_eq!(failures, [0, 1]);
}

#[test]
fn sarif_is_valid_and_has_one_result_per_failure() {
    let report: Value = serde_json::from_str(&report("sarif")).expect("JSON");
    let validator = jsonschema::validator_for(&sarif_schema()).expect("a schema");
    let errors = validator.iter_errors(&report);
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &report["runs"][0];
    let results = run["results"].as_array().expect("a list").iter();
    let places: Vec<_> = results
        .map(|result| {
            let rule = result["ruleIndex"].as_u64().expect("an index");
            let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule).expect("small")];
            assert_eq!(rule["id"], result["ruleId"]);
            let physical = &result["locations"][0]["physicalLocation"];
            let file = &physical["artifactLocation"]["uri"];
            let line = &physical["region"]["startLine"];
            json!([rule["id"], result["level"], file, line])
        })
        .collect();
    let expected = [
        json!(["body-cut-short", "error", "specs/docs/p.md", 13]),
        json!(["header-extra", "error", "specs/docs/p.md", 23]),
    ];
    assert_eq!(places, expected);
}

#[test]
fn json_lists_and_counts_missed_mutants() {
    let text = report("json");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (summary, mutants) = lines.split_last().expect("a summary");
    assert_eq!(summary["summary"]["holes"], 1);
    let is_hole = |mutant: &&Value| {
        let is_control = ["header-extra", "member-extra"].map(Value::from);
        mutant["outcome"] == "survived"
            && mutant["by_policy"] == false
            && !is_control.contains(&mutant["mutant"])
    };
    let holes: Vec<_> = mutants.iter().filter(is_hole).collect();
    let lines: Vec<_> = holes.iter().map(|hole| &hole["line"]).collect();
    assert_eq!(lines, [13]);
}

#[test]
fn tap_has_one_point_per_case_and_the_counts() {
    let text = report("tap");
    let points: Vec<&str> = text.lines().filter(|line| line.contains("ok ")).collect();
    let why = points.last().expect("a point").split_once(" # SKIP ");
    let expected = [
        "ok 1 - a::1",
        "not ok 2 - p::1",
        "not ok 3 - p::2",
        "ok 4 - p::3",
    ];
    assert_eq!(points[..3], expected[..3], "{text}");
    let (point, why) = why.expect("a skip");
    assert_eq!(point, expected[3]);
    assert!(why.starts_with("json-syntax: "), "{text}");
    let block = text.split("  ---\n").nth(1).expect("a block");
    let block = block.split("  ...\n").next().expect("its end");
    let yaml: Value = serde_yaml::from_str(block).expect("YAML");
    assert_eq!(yaml["failures"][0]["mutant"], "body-cut-short");
    assert_eq!(yaml["failures"][0]["at"], "specs/docs/p.md:13");
    assert!(text.contains("\n# score "), "{text}");
    let group = "\n# 1 header-changed allowed: the header policy `present` asks";
    assert!(text.contains(group), "{text}");
}

#[test]
fn github_gets_failures_and_a_job_summary() {
    let project = Project::with(&[("p.md", &page(&[HOLE; 12]))]);
    let mut command = project.command(&["mutants", "--report", "github"]);
    let ran = run(command.env("GITHUB_STEP_SUMMARY", project.path("summary.md"))).exits(0);
    let first =
        "::error file=specs/docs/p.md,line=13,endLine=13,title=p%3A%3A1 (body-cut-short)::missed";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    let errors = ran.out.lines().filter(|line| line.starts_with("::error"));
    assert_eq!(errors.count(), 10, "{}", ran.out);
    let ran = ran.says("::group::2 more annotations").says("| score ");
    let summary = project.read("summary.md");
    assert!(
        summary.starts_with("### docproof mutants\n\n❌ **score "),
        "{ran:?}"
    );
    let row = "| specs/docs/p.md:13 | p::1 | body-cut-short | missed: the body: no rule";
    assert!(summary.contains(row), "{summary}");
    assert!(
        summary.contains("\n| body-cut-short | 12 | 0 | 0 | 12 |\n"),
        "{summary}"
    );
}

#[test]
fn html_shows_missed_and_allowed_mutants() {
    let text = report("html");
    assert!(text.contains("<mark>12</mark>"), "{text}");
    assert!(text.contains("specs/docs/p.md:13"), "{text}");
    assert!(
        text.contains("<td>header-extra (must survive)</td>"),
        "{text}"
    );
    assert!(text.contains("specs/docs/a.md:12  Location</td>"), "{text}");
    assert!(text.contains("<strong>Comparison.</strong>"), "{text}");
    for class in ["pass policy", "fail", "skip"] {
        assert!(
            text.contains(&format!("<li class=\"{class}\">")),
            "{class}: {text}"
        );
    }
}

/// On real pages all required mutants are killed, and no others.
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
    // Only headers that a policy ignores, or that describe no content, may be missing.
    assert_eq!(kinds["header-dropped"]["holes"], 0);
    for survivors in summary["survivors"].as_array().expect("a list") {
        if survivors["mutant"] == "header-dropped" {
            let reason = survivors["reason"].as_str().expect("a reason");
            let is_allowed = ["`ignore`", "has no content"]
                .iter()
                .any(|why| reason.contains(why));
            assert!(is_allowed, "{reason}");
        }
    }
    for control in ["header-extra", "member-extra"] {
        assert_ne!(kinds[control]["made"], 0, "{control}");
        assert_eq!(kinds[control]["killed"], 0, "{control}");
    }
    assert_eq!(summary["holes"], 0, "{summary}");
}

#[test]
fn detects_required_mutants_on_graph() {
    check_corpus("graph-v1.0", "**/u*.md");
}

#[test]
fn detects_required_mutants_on_onedrive() {
    check_corpus("onedrive", "**");
}
