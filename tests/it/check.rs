//! `docproof check`: formats, exit codes and fixes.

use serde_json::Value;

use crate::support::{Project, Ran, sarif_schema};

/// A page with one error, at 4:1, and one warning.
const PAGE: &str = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```http\nGET /a\n```\n\
<!-- {\"blockType\": \"response\", \"name\": \"a\"} -->\n```http\nHTTP 200 OK\n```\n\
<!-- {\"blockType\": \"response\", \"name\": \"b\"} -->\n```http\nnothing\n```\n";

fn project() -> Project {
    Project::with(&[("api/a,b.md", PAGE), ("good.md", "# Good\n")])
}

#[track_caller]
fn check(format: &str) -> Ran {
    project().run(&["check", "--format", format]).exits(1)
}

#[test]
fn json_has_one_object_per_finding_and_a_summary() {
    let lines = check("json").json();
    let found = lines
        .iter()
        .find(|line| line["rule"] == "response-syntax")
        .expect("an error");
    let expected = [
        ("page", "specs/docs/api/a,b.md"),
        ("severity", "error"),
        ("rule", "response-syntax"),
    ];
    for (key, value) in expected {
        assert_eq!(found[key], value);
    }
    let place = ["line", "column", "end_line", "end_column"].map(|key| found[key].as_u64());
    assert_eq!(place, [Some(11), Some(1), Some(11), Some(8)]);
    assert!(found["message"].is_string() && found["help"].is_string());
    let status = lines
        .iter()
        .find(|line| line["rule"] == "status-line")
        .expect("a warning");
    assert_eq!(status["case"], "api/a,b::a");
    let summary = &lines.last().expect("a summary")["summary"];
    assert_eq!(summary["pages"], 2);
    assert_eq!(summary["severities"]["error"], 1);
    assert_eq!(summary["rules"]["response-syntax"], 1);
    assert_eq!(summary["findings"], lines.len() - 1);
}

#[test]
fn short_format_prints_lines_that_editors_parse() {
    let out = check("short").out;
    let error = out.lines().find(|line| line.contains("error")).expect("it");
    assert!(
        error.starts_with("specs/docs/api/a,b.md:11:1: error[response-syntax]: "),
        "{error}"
    );
}

#[test]
fn counts_info_findings_and_shows_them_on_request() {
    let annotated = "<!-- {\"blockType\": \"ignored\"} -->\n```http\nGET /b\n```\n";
    let project = Project::with(&[
        ("a.md", "```http\nGET /a HTTP/1.1\n```\n"),
        ("b.md", annotated),
    ]);
    let ran = project.run(&["check", "--format", "short"]).exits(0);
    assert_eq!(ran.out, "");
    ran.says("0 errors, 0 warnings, 1 info finding on 2 pages");
    for flag in ["--info", "--remarks"] {
        let ran = project.run(&["check", "--format", "short", flag]);
        assert!(
            ran.out.contains(": info[missing-annotation]: "),
            "{flag}: {}",
            ran.out
        );
    }
    let lines = project.run(&["check", "--format", "json"]).exits(0).json();
    assert_eq!(lines[0]["rule"], "missing-annotation");
}

#[test]
fn shows_fixes_and_applies_them_once() {
    let page = "<!-- {\"blockType\": \"request\", \"name\": \"a\",} -->\r\n```http\r\nPOST /a\r\n\
                Content-Type: application/json\r\n\r\n{\"a\": [1,],}\r\n```\r\n\
                <!-- {\"blockType\": \"response\"} -->\r\n```http\r\nHTTP/1.1 201 Creatd\r\n```\r\n";
    let fixed = page.replace(",} -->", "} -->").replace("[1,],}", "[1]}");
    let fixed = fixed.replace("Creatd", "Created");
    let project = Project::with(&[("a.md", page)]);
    let shown = project.run(&["check", "--fix", "--dry-run"]).exits(0).out;
    assert!(shown.contains("-HTTP/1.1 201 Creatd"), "{shown}");
    assert!(shown.contains("+HTTP/1.1 201 Created"), "{shown}");
    assert_eq!(project.read("specs/docs/a.md"), page);
    let ran = project.run(&["check", "--fix"]).exits(0);
    ran.says("specs/docs/a.md: fixed 3 findings");
    assert_eq!(project.read("specs/docs/a.md"), fixed);
    let ran = project.run(&["check", "--fix"]).exits(0);
    assert!(!ran.err.contains("fixed"), "{}", ran.err);
    assert_eq!(project.read("specs/docs/a.md"), fixed);
}

#[test]
fn github_format_prints_one_command_per_finding() {
    let out = check("github").out;
    let error = "::error file=specs/docs/api/a%2Cb.md,line=11,endLine=11,col=1,endColumn=8,\
                 title=response-syntax::";
    assert!(out.contains(error), "{out}");
    assert!(out.lines().all(|line| line.starts_with("::")), "{out}");
}

#[test]
fn junit_has_one_suite_per_page() {
    let report = check("junit").out;
    let report = quick_junit::Report::deserialize_from_str(&report).expect("JUnit");
    let suites: Vec<_> = report
        .test_suites
        .iter()
        .map(|suite| (suite.name.as_str(), suite.failures))
        .collect();
    assert_eq!(
        suites,
        [("specs/docs/api/a,b.md", 1), ("specs/docs/good.md", 0)]
    );
}

#[test]
fn sarif_is_valid_against_its_schema() {
    let schema = sarif_schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut report: Value = serde_json::from_str(&check("sarif").out).expect("JSON");
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &report["runs"][0];
    let results = run["results"].as_array().expect("results");
    let error = results
        .iter()
        .find(|result| result["level"] == "error")
        .expect("an error");
    let rule = error["ruleIndex"].as_u64().expect("an index");
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule).expect("small")];
    assert_eq!(rule["id"], error["ruleId"]);
    let physical = &error["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "specs/docs/api/a,b.md");
    assert_eq!(physical["region"]["startLine"], 11);
    // The schema rejects an invalid log.
    report["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&report));
}

#[test]
fn lists_and_explains_rules() {
    let project = Project::new();
    project
        .run(&["rules"])
        .exits(0)
        .says("  response-syntax            error ");
    let rules = project.run(&["rules", "--format", "json"]).exits(0).json();
    for rule in &rules {
        let name = rule["rule"].as_str().expect("a name");
        let title = format!("# {name}\n");
        assert!(
            project
                .run(&["explain", name])
                .exits(0)
                .out
                .starts_with(&title)
        );
    }
    project
        .run(&["explain", "status-reasons"])
        .exits(2)
        .says("did you mean `status-reason`?");
}

#[test]
fn explains_how_headers_are_compared() {
    let project = Project::new();
    let text = project.run(&["explain", "headers"]).exits(0).out;
    assert!(text.starts_with("# headers\n"), "{text}");
    for policy in ["exact", "form", "media-type", "present", "ignore"] {
        assert!(text.contains(&format!("| `{policy}` ")), "{policy}: {text}");
    }
    assert!(text.contains("| all others "), "{text}");
    project
        .run(&["explain", "header"])
        .exits(2)
        .says("did you mean `headers`?");
}
