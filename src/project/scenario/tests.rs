//! Tests of reading and resolving scenario files.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::body::Content;
use super::data::FileData;
use super::var::VarTemplate;
use super::*;
use crate::http::message::{Headers, Request};
use crate::http::status::Status;
use crate::page::case::{Annotation, Case};
use crate::text::finding::Diagnostic;

fn case(id: &str, name: &str, target: &str) -> Case {
    Case {
        recognised: None,
        id: id.to_owned(),
        name: Some(name.to_owned()),
        page: "api/p.md".into(),
        line: 1,
        request: Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: Headers::default(),
            body: None,
        },
        response: None,
        annotation: Annotation::default(),
    }
}

fn cases() -> Vec<Case> {
    vec![
        case("api/a::get_item", "get_item", "/items/{item-id}"),
        case("api/a::add_item", "add_item", "/items"),
        case("api/b::same", "same", "/b"),
        case("api/c::same", "same", "/c"),
    ]
}

fn resolved(texts: &[&str]) -> (Vec<Scenario>, Vec<Diagnostic>) {
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match read(&format!("{index}.yaml"), text) {
            Ok(file) => files.push(file),
            Err(finding) => findings.push(*finding),
        }
    }
    let known = BTreeSet::from(["tenant".to_owned()]);
    let (scenarios, more) = resolve(&files, &cases(), &known);
    findings.extend(more);
    (scenarios, findings)
}

#[track_caller]
fn check_fine(text: &str) -> Vec<Scenario> {
    let (scenarios, findings) = resolved(&[text]);
    assert_eq!(findings, [], "{text}");
    scenarios
}

#[track_caller]
fn check_finding(text: &str, rule: &str, line: usize, message: &str) {
    let (_, findings) = resolved(&[text]);
    let [finding] = findings.as_slice() else {
        panic!("{text}: {findings:#?}");
    };
    let whole = format!(
        "{}; {}",
        finding.message,
        finding.help.clone().unwrap_or_default()
    );
    assert!(whole.contains(message), "{whole}");
    assert_eq!(
        (finding.rule.name, finding.start.line),
        (rule, line),
        "{whole}"
    );
}

/// A file with one scenario with `extra` keys.
fn scenario(extra: &str) -> String {
    format!("scenarios:\n- case: add_item\n  {extra}\n")
}

const WHOLE: &str = "\
steps:
  create-folder:
    case: api/a::add_item
    vars: { parent: root }
    set: { '$.name': 'f-${uuid}' }
    capture: { folder-id: $.id }

scenarios:
  - case: api/a::get_item
    name: in a new folder
    tags: [drive]
    scopes: [files.read]
    serial: drive
    vars:
      item-id: ${folder-id}
      item-path: { path: 'Documents/${tenant}' }
    headers: { If-Match: '${etag}', Prefer: null }
    query: { $top: 5, $skip: null }
    set: { $.displayName: 'x ${now}' }
    setup:
      - use: create-folder
        vars: { parent: other }
        capture: { etag: 'header:ETag' }
      - request: POST /things/${folder-id}
        name: prime it
        body: { json: null }
    capture: { op: { from: 'header:Location', url: 'segment:-1', secret: true } }
    expect: { status: 2xx, $.id: { type: string } }
    retry: { attempts: 5, on: [429, connect], delay: 500ms }
    poll: { until: { $.status: completed } }
    teardown:
      - request: DELETE /things/${last}
      - case: add_item
        capture: { last: $.id }
";

#[test]
fn resolves_a_scenario() {
    let scenarios = check_fine(WHOLE);
    let [scenario] = scenarios.as_slice() else {
        panic!("{scenarios:#?}");
    };
    assert_eq!((scenario.case, scenario.line), (0, 9));
    let labels: Vec<&str> = scenario
        .setup
        .iter()
        .chain([&scenario.main])
        .chain(&scenario.teardown)
        .map(|step| step.label.as_str())
        .collect();
    assert_eq!(
        labels,
        [
            "setup 1 (create-folder)",
            "setup 2 (prime it)",
            "request",
            "teardown 1 (DELETE /things/${last})",
            "teardown 2 (add_item)",
        ]
    );
    let first = &scenario.setup[0];
    let captured: Vec<&str> = first.capture.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(captured, ["folder-id", "etag"]);
    assert_eq!(first.vars.len(), 1);
    assert!(matches!(&first.vars[0].template, VarTemplate::Json(value) if value == "other"));
    let retry = scenario.main.retry.as_ref().expect("a retry");
    assert_eq!(retry.delay, Duration::from_millis(500));
    assert!(retry.connect && retry.statuses == BTreeSet::from([429]));
    let body = scenario.setup[1].body.as_ref().expect("a body");
    assert!(matches!(&body.content, Content::Json(Json::Null)));
    assert_eq!(scenario.main.query[0].1, Some(Text::literal("5")));
    assert_eq!(scenario.main.query[1], ("$skip".to_owned(), None));
}

#[test]
fn writing_and_reading_a_file_round_trips() {
    let file = read("a.yaml", WHOLE).expect("a file");
    let again = read("a.yaml", &write(&file.data)).expect("a file");
    assert_eq!(again.data, file.data);
    let empty = read("a.yaml", "# nothing yet\n").expect("a file");
    assert_eq!(empty.data, FileData::default());
}

#[test]
fn reports_syntax_errors() {
    let rule = "scenario-syntax";
    check_finding("scenarios: [", rule, 2, "");
    check_finding("scenario: []", rule, 1, "did you mean `scenarios`?");
    check_finding(&scenario("expct: {}"), rule, 3, "did you mean `expect`?");
    let expect = scenario("expect: { $.a: { macthes: x } }");
    check_finding(&expect, rule, 3, "did you mean `matches`?");
    let capture = scenario("capture: { a: { form: x } }");
    check_finding(&capture, rule, 3, "did you mean `from`?");
    check_finding(
        &scenario("expect: { $.a: { type: string, exists: } }"),
        rule,
        3,
        "expected a boolean",
    );
    check_finding(&scenario("vars: { a: [1] }"), rule, 3, "`{ path: … }`");
    check_finding(&scenario("vars: { a: 1, a: 2 }"), rule, 3, "duplicate key");
    check_finding(
        "scenarios: []\n---\nscenarios: []",
        rule,
        2,
        "more than one",
    );
    check_finding(&" ".repeat((1 << 20) + 1), rule, 1, "bytes");
    let (scenarios, findings) = resolved(&["a: [", &scenario("skip: never")]);
    assert_eq!((scenarios.len(), findings.len()), (1, 1));
}

#[test]
fn finds_cases_by_id_or_name() {
    let rule = "scenario-unknown-case";
    check_fine("scenarios: [{case: add_item}, {case: 'api/b::same'}]");
    check_finding(
        "scenarios:\n- case: api/a::get_itm",
        rule,
        2,
        "did you mean `api/a::get_item`?",
    );
    check_finding(
        "scenarios: [{case: same}]",
        rule,
        1,
        "`api/b::same`, `api/c::same`",
    );
    check_finding(
        &scenario("setup: [{case: zzz}]"),
        rule,
        3,
        "unknown case `zzz`",
    );
    check_finding(
        "scenarios: [{case: add_item},\n{case: 'api/a::add_item'}]",
        "scenario-value",
        2,
        "duplicate scenario",
    );
}

#[test]
fn finds_shared_steps() {
    let rule = "scenario-unknown-step";
    let with = |steps: &str| format!("{}steps:\n{steps}", scenario("setup: [{use: a-step}]"));
    check_fine(&with("  a-step: { case: add_item }"));
    check_fine(&with("  a-step: { use: b }\n  b: { case: add_item }"));
    check_finding(
        &with("  a-stpe: { case: add_item }"),
        rule,
        3,
        "did you mean `a-stpe`?",
    );
    let (scenarios, findings) = resolved(&[&with("  a-step: { use: b }\n  b: { use: a-step }")]);
    assert_eq!(scenarios.len(), 0);
    assert!(
        findings
            .iter()
            .any(|finding| finding.message.contains("uses itself")),
        "{findings:?}"
    );
    let other = "steps:\n  a-step: { case: add_item }";
    let (scenarios, findings) = resolved(&[&with("  a-step: { case: add_item }"), other]);
    assert_eq!((scenarios.len(), findings.len()), (1, 1));
    assert_eq!((&*findings[0].file, findings[0].start.line), ("1.yaml", 2));
    assert!(findings[0].message.contains("duplicate shared step"));
    let more =
        scenario("setup: [{use: a-step, query: {a: 1}}]") + "steps: {a-step: {case: add_item}}";
    check_finding(&more, "scenario-value", 3, "allowed next to `use`");
}

#[test]
fn reports_variables_that_are_not_set() {
    let rule = "scenario-unknown-variable";
    let fine = |extra: &str| {
        check_fine(&scenario(extra));
    };
    let unset = |extra: &str, message: &str| check_finding(&scenario(extra), rule, 3, message);
    fine("headers: { A: '${tenant}' }");
    unset("headers: { A: '${tenent}' }", "did you mean `${tenant}`?");
    fine("setup: [{case: add_item, capture: {a: $.id}}, {request: 'GET /${a}'}]");
    unset(
        "setup: [{request: 'GET /${a}'}, {case: add_item, capture: {a: $.id}}]",
        "a later step captures it",
    );
    unset("query: { a: '${a}' }\n  capture: { a: $.id }", "is not set");
    fine("capture: { a: $.id }\n  teardown: [{request: 'GET /${a}'}]");
    fine("capture: { a: $.id }\n  vars: { b: '${a}' }\n  teardown: [{request: 'GET /${b}'}]");
    unset(
        "vars: { b: '${a}' }\n  query: { b: '${b}' }\n  capture: { a: $.id }",
        "is not set",
    );
    fine("vars: { a: '${tenant}', b: '${a}' }\n  set: { $.x: [{y: '${b}'}] }");
    let (scenarios, findings) = resolved(&[&scenario("vars: { a: '${b}', b: '${a}' }")]);
    assert_eq!((scenarios.len(), findings.len()), (0, 2));
    assert!(findings[0].message.contains("refers to itself"));
    unset("vars: { unused: '${b}' }", "is not set");
    fine("vars: { tenant: 'x-${tenant}' }");
    unset("vars: { a: 'x-${a}' }", "refers to itself");
    fine("setup: [{case: add_item, vars: {a: '${tenant}'}, query: {b: '${a}'}}]");
    unset(
        "query: {b: '${a}'}\n  setup: [{case: add_item, vars: {a: 1}}]",
        "is not set",
    );
    unset("expect: { $.a: '${b}' }", "is not set");
    unset(
        "body: { multipart: { type: related, parts: [{ text: '${b}' }] } }",
        "is not set",
    );
    let chain = |length: usize| {
        let vars = (1..length).map(|n| format!("v{n}: '${{v{}}}'", n - 1));
        let vars: Vec<String> = vars.chain(["v0: x".to_owned()]).collect();
        format!(
            "vars: {{ {} }}\n  query: {{ a: '${{v{}}}' }}",
            vars.join(", "),
            length - 1
        )
    };
    fine(&chain(32));
    let (scenarios, findings) = resolved(&[&scenario(&chain(60))]);
    assert!(scenarios.is_empty());
    assert!(
        findings
            .iter()
            .all(|finding| finding.message.contains("deep")),
        "{findings:?}"
    );
}

#[test]
fn checks_captures_that_placeholders_need() {
    let text = "scenarios:\n- case: get_item\n  vars: { item-id: '${a}' }\n  ";
    check_fine(&format!(
        "{text}setup: [{{case: add_item, capture: {{a: $.id}}}}]"
    ));
    check_finding(
        &format!("{text}capture: {{a: $.id}}"),
        "scenario-unknown-variable",
        3,
        "a later step captures it",
    );
}

#[test]
fn reports_invalid_values() {
    let check = |extra: &str, message: &str| {
        check_finding(&scenario(extra), "scenario-value", 3, message);
    };
    check("headers: { 'a b': x }", "not a header name");
    check("headers: { Content-Length: 5 }", "set by the client");
    check("set: { a: 1 }", "RFC 9535");
    check("set: { $.a: '${en:x}' }", "did you mean `env`?");
    check("set: { $.a: 1 }\n  body: { text: x }", "remove one of them");
    check("body: { text: x, json: 1 }", "exactly one kind of content");
    check("body: {}", "exactly one kind of content");
    check("body: { file: ../x }", "within the project");
    check("body: { base64: 'a-b' }", "invalid Base64");
    check(
        "body: { multipart: { type: form-data, parts: [{ text: x }] } }",
        "needs a name",
    );
    check(
        "body: { multipart: { type: related, parts: [] } }",
        "needs at least one part",
    );
    check("capture: { 'a b': $.a }", "not a valid variable name");
    check(
        "capture: { a: { from: $.a, matches: '(' } }",
        "invalid regular expression",
    );
    check(
        "capture: { a: { from: $.a, url: hots } }",
        "did you mean `host`?",
    );
    check("expect: { stats: 200 }", "did you mean `status`?");
    check("expect: { status: 20 }", "not a status");
    check("expect: { status: [] }", "list of statuses is empty");
    check(
        "expect: { status: { length: 3 } }",
        "do not apply to `status`",
    );
    check("expect: { 'header:A': null }", "exists: false");
    check("expect: { $.a: {} }", "{ equals: {} }");
    check("expect: { $.a: { one-of: [] } }", "the list is empty");
    check(
        "expect: { $.a: { exists: false, type: string } }",
        "excludes other operators",
    );
    check("expect: { $.a: { length: {} } }", "invalid bounds");
    check(
        "expect: { $.a: { length: { at-least: 2, at-most: 1 } } }",
        "invalid bounds",
    );
    check(
        "expect: { $.a: { matches: '[' } }",
        "invalid regular expression",
    );
    check("expect: { $.a: { matches: } }", "matches everything");
    check("retry: { attempts: 1 }", "2 to 20");
    check(
        "retry: { attempts: 2, on: [] }",
        "`on` is empty, so nothing is retried",
    );
    check("retry: { attempts: 2, on: [conect] }", "or `connect`");
    check(
        "retry: { attempts: 2, delay: 1m }",
        "longer than `max-delay`",
    );
    check("retry: { attempts: 2, delay: 1 }", "not a valid time");
    check(
        "poll: { until: {} }",
        "`until` is empty, so the poll never ends",
    );
    check(
        "poll: { header: Locations, until: { $.a: 1 } }",
        "did you mean `Location`?",
    );
    check("vars: { a: { path: /x } }", "not a valid path");
    check("setup: [{ name: x }]", "exactly one of");
    check("setup: [{ use: a, case: b }]", "exactly one of");
}

#[test]
fn reports_invalid_targets() {
    let check = |request: &str, message: Option<&str>| {
        let text = scenario(&format!("setup: [{{ request: '{request}' }}]"));
        match message {
            None => {
                check_fine(&text);
            }
            Some(message) => check_finding(&text, "scenario-value", 3, message),
        }
    };
    check("GET /a/${tenant}?b=${tenant}", None);
    check("GET https://a.example/${tenant}", None);
    check("GET https://[::1]:8080/a", None);
    check("GET https://a.example", None);
    check("GET ${tenant}", None);
    check("GET", Some("use a path"));
    check("G(T /a", Some("not a valid method"));
    check("CONNECT /a", Some("not a valid method"));
    check("GET a/b", Some("neither a path nor an `http`"));
    check("GET //a.example/b", Some("names a host"));
    check(
        "GET ftp://a.example/b",
        Some("neither a path nor an `http`"),
    );
    check(
        "GET https://a.${tenant}/b",
        Some("the host of a target cannot contain variables"),
    );
    check(
        "GET https://${tenant}/b",
        Some("the host of a target cannot contain variables"),
    );
    check("GET ${tenant}/b", Some("start of a target must be literal"));
    check("GET https://u:p@a.example/b", Some("user information"));
    check("GET /a#b", Some("fragment"));
    check("GET /a/{id}", Some("use `${name}`"));
}

#[test]
fn limits_the_size_of_shared_steps() {
    let body = "x".repeat(700_000);
    let steps = format!("steps:\n  a: {{ request: POST /a, body: {{ text: {body} }} }}\n");
    let uses = vec!["{ use: a }"; 200].join(", ");
    let text = format!("{steps}scenarios:\n- case: add_item\n  setup: [{uses}]\n");
    let (scenarios, findings) = resolved(&[&text]);
    assert!(scenarios.is_empty());
    assert!(
        findings[0].message.contains("the uses of shared steps"),
        "{}",
        findings[0].message
    );
}

#[test]
fn reads_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, findings) = read_all(&folder.path().join("absent"));
    assert!(files.is_empty() && findings.is_empty());
    std::fs::create_dir(folder.path().join("b")).expect("a folder");
    for (name, text) in [
        ("b/x.yml", scenario("skip: x")),
        ("a.yaml", scenario("skip: y")),
        ("c.yaml", "a: [".to_owned()),
        ("notes.txt", "a: [".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let (files, findings) = read_all(folder.path());
    let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
    assert_eq!(paths, ["a.yaml", "b/x.yml"]);
    assert_eq!(findings.len(), 1);
    assert_eq!(&*findings[0].file, "c.yaml");
}

#[test]
fn schema_defines_each_shape() {
    let schema: Json = serde_json::from_str(&schema()).expect("JSON");
    let shapes = schema["$defs"].as_object().expect("shapes");
    for name in ["Scenario", "Step", "Body", "Capture", "Operators", "Poll"] {
        assert!(shapes.contains_key(name), "{name}");
    }
}

proptest! {
    #[test]
    fn reads_or_rejects_any_text(text in "\\PC{0,80}") {
        let _ = read("a.yaml", &text);
    }

    #[test]
    fn reads_or_rejects_any_yaml(
        words in proptest::collection::vec(
            prop_oneof![
                Just("scenarios:"), Just("- "), Just("case: add_item"), Just("\n"), Just("  "),
                Just("&a "), Just("*a"), Just("{"), Just("}"), Just("["), Just("]"), Just(", "),
                Just("expect:"), Just("'$.a'"), Just(": "), Just("? "), Just("| "), Just("!x "),
                Just("---"), Just("\t"), Just("steps:"), Just("'"), Just("\""), Just("#"),
                Just("setup: [{use: a}]"), Just("${a}"), Just("1e999"), Just("~"),
            ],
            0..40,
        )
    ) {
        resolved(&[&words.concat()]);
    }
}

#[test]
fn expectations_replace_a_status_that_they_exclude() {
    let check = |expect: &str, replaced: &[Status]| {
        let scenarios = check_fine(&scenario(&format!("expect: {{ status: {expect} }}")));
        for status in [
            Status::Code(201),
            Status::Class(2),
            Status::Code(404),
            Status::Class(4),
        ] {
            let is_replaced = scenarios[0].replacement(status).is_some();
            assert_eq!(is_replaced, replaced.contains(&status), "{expect} {status}");
        }
    };
    let errors = [Status::Code(404), Status::Class(4)];
    check("2xx", &errors);
    check("201", &errors);
    check("404", &[Status::Code(201), Status::Class(2)]);
    check(
        "200",
        &[Status::Code(201), Status::Code(404), Status::Class(4)],
    );
}
