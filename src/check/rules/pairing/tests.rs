//! Tests of the pairing rules.

use super::*;
use crate::check::rules::test_support::found;
use crate::check::rules::{Files, Settings};
use crate::text::source::Page;

fn request(keys: &str, text: &str) -> String {
    format!("<!-- {{\"blockType\": \"request\"{keys}}} -->\n```\n{text}\n```\n\n")
}

fn response(keys: &str, text: &str) -> String {
    format!("<!-- {{\"blockType\": \"response\"{keys}}} -->\n```\n{text}\n```\n\n")
}

/// The rules of the findings of check and extraction, and the text under each.
#[track_caller]
fn check_names(text: &str, expected: &[(&str, &str)]) {
    let page = Page::new("p.md", text.to_owned());
    let found = found(check, &page);
    let found: Vec<_> = found
        .iter()
        .map(|finding| {
            (
                finding.rule.name,
                page.slice(finding.span.expect("a place")),
            )
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn reports_duplicate_request_names() {
    let named = |name: &str| request(&format!(", \"name\": \"{name}\""), "GET /a");
    check_names(
        &[named("a"), named("b"), named("a"), named("a")].concat(),
        &[("duplicate-name", "\"a\""), ("duplicate-name", "\"a\"")],
    );
    check_names(
        &[named("a"), named("A"), named(""), named("")].concat(),
        &[],
    );
    check_names(
        &[request("", "GET /a"), request("", "GET /a")].concat(),
        &[],
    );
}

/// The severities of the findings of two examples, each on its own page.
#[track_caller]
fn check_examples(first: (&str, &str), second: (&str, &str), expected: &[&str]) {
    let page = |path: &str, (sent, answered): (&str, &str)| {
        let (keys, answered) = answered.split_once('|').unwrap_or(("", answered));
        let text = request("", sent) + &response(keys, answered);
        Page::new(path, text)
    };
    let pages = [page("a.md", first), page("b.md", second)];
    let (files, settings) = (Files::default(), Settings::default());
    let parsed: Vec<_> = pages.iter().map(Parsed::of).collect();
    let site = Site::new(&parsed, &files, &settings);
    let found = check_site(&site);
    let shown: Vec<_> = found
        .iter()
        .map(|finding| finding.severity.name())
        .collect();
    assert_eq!(shown, expected, "{first:?} {second:?}");
    for finding in found {
        assert_eq!((&*finding.file, finding.start.line), ("b.md", 3));
        assert!(
            finding.message.contains("`a.md`, line 3"),
            "{}",
            finding.message
        );
    }
}

const OK: &str = "HTTP/1.1 200 OK";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content";

#[test]
fn reports_equal_requests_with_different_status() {
    for (first, second) in [
        ("GET /a", "GET /a"),
        (
            "GET https://a.example/b?c=1&d=2",
            "GET https://A.example/b?d=2&c=%31",
        ),
        ("GET /a\nHost: a.example", "GET http://a.example/a"),
        ("GET /a\nB: c\nD: e", "GET /a\nd: e\nb: c"),
        (
            "GET /a\nAuthorization: Bearer b",
            "GET /a\nAuthorization: bearer {c}",
        ),
        (
            "POST /a\n\n{\"a\": 1, \"b\": 2}",
            "POST /a\n\n{ \"b\": 2, \"a\": 1 }",
        ),
        ("GET /a/{id}", "GET /a/{id}"),
    ] {
        check_examples((first, OK), (second, NO_CONTENT), &["error"]);
        check_examples((first, OK), (second, OK), &[]);
    }
}

#[test]
fn accepts_different_requests_with_different_responses() {
    for (first, second) in [
        ("GET /a", "PUT /a"),
        ("GET /a", "GET /A"),
        ("GET /a?b=1", "GET /a?b=2"),
        ("GET https://a.example/b", "GET https://b.example/b"),
        ("GET /a/{id}", "GET /a/{name}"),
        ("GET /a", "GET /a\nPrefer: b"),
        ("GET /a", "GET /a\nAuthorization: Bearer b"),
        (
            "GET /a\nAuthorization: Basic b",
            "GET /a\nAuthorization: Bearer b",
        ),
        ("POST /a\n\n{\"a\": 1}", "POST /a\n\n{\"a\": 2}"),
    ] {
        check_examples((first, OK), (second, NO_CONTENT), &[]);
    }
}

#[test]
fn accepts_alternatives() {
    const LOST: &str = "HTTP/1.1 404 Not Found";
    check_examples(("GET /a", OK), ("GET /a", LOST), &[]);
    check_examples(("GET /a", LOST), ("GET /a", NO_CONTENT), &[]);
    check_examples(("GET /a", OK), ("GET /a", "HTTP/1.1 304 Not Modified"), &[]);
    check_examples(
        ("GET /a", LOST),
        ("GET /a", "HTTP/1.1 410 Gone"),
        &["error"],
    );
    check_examples(("GET /a", "HTTP/1.1 202 Accepted"), ("GET /a", OK), &[]);
    let accepted = "HTTP/1.1 202 Accepted";
    check_examples(("POST /a", accepted), ("POST /a", OK), &["error"]);
}

#[test]
fn compares_responses_of_one_class_across_requests() {
    let page = |blocks: &[String]| Page::new("a.md", blocks.concat());
    let ambiguous = |page: &Page| {
        let (files, settings) = (Files::default(), Settings::default());
        let parsed = [Parsed::of(page)];
        check_site(&Site::new(&parsed, &files, &settings)).len()
    };
    let get = || request("", "GET /a");
    let sent = |status: &str| response("", &format!("HTTP/1.1 {status}"));
    // The responses of one request are alternatives.
    assert_eq!(
        ambiguous(&page(&[get(), sent("200 OK"), sent("204 No Content")])),
        0
    );
    assert_eq!(
        ambiguous(&page(&[
            get(),
            sent("404 Not Found"),
            sent("401 Unauthorized")
        ])),
        0
    );
    let two = [
        get(),
        sent("200 OK"),
        get(),
        sent("404 Not Found"),
        get(),
        sent("204 No Content"),
    ];
    assert_eq!(ambiguous(&page(&two)), 1);
}

#[test]
fn reports_bodies_that_contradict_each_other() {
    let json = |body: &str| format!("{OK}\nContent-Type: application/json\n\n{body}");
    for (first, second) in [
        (r#"{"a": 1}"#, r#"{"value": [1]}"#),
        (r#"{"a": 1}"#, "[1]"),
        (r#"{"a": 1}"#, r#"{"a": "1"}"#),
        (r#"{"a": {"b": true}}"#, r#"{"a": {"b": []}}"#),
        (r#"{"a": 1, "b": 2}"#, r#"{"a": 1, "b": {}}"#),
        (r#"{"a": 1}"#, r#"{"b": 1}"#),
        (r#"{"a": {"b": 1}}"#, r#"{"a": {"c": 1}}"#),
    ] {
        check_examples(
            ("GET /a", &json(first)),
            ("GET /a", &json(second)),
            &["error"],
        );
        check_examples(("GET /a", &json(first)), ("GET /b", &json(second)), &[]);
        check_examples(("GET /a", &json(first)), ("GET /a", &json(first)), &[]);
    }
    let text = format!("{OK}\nContent-Type: text/csv\n\na,b");
    check_examples(("GET /a", &json("{}")), ("GET /a", &text), &["error"]);
    let accepts = "GET /a\nAccept: text/csv";
    check_examples(("GET /a", &json("{}")), (accepts, &text), &[]);
}

#[test]
fn accepts_shortened_bodies_and_other_values() {
    let answer = |body: &str| format!("{OK}\n\n{body}");
    for (first, second) in [
        (r#"{"a": 1, "b": "x"}"#, r#"{"a": 2}"#),
        (r#"{"a": 1}"#, r#"{"a": null}"#),
        (r#"{"a": 1}"#, r#"{"a": "..."}"#),
        (r#"{"a": 1}"#, r#"{"a": <a>}"#),
        (r#"{"a": 1}"#, r#"{"...": "...", "b": 1}"#),
        (r#"{"a": 1}"#, "{}"),
        (r#"{"a": [1]}"#, r#"{"a": ["b", {}]}"#),
        (r#"{"a": 1}"#, "{ ... }"),
        (r#"{"a": 1}"#, ""),
        ("a", "b"),
    ] {
        check_examples(("GET /a", &answer(first)), ("GET /a", &answer(second)), &[]);
        check_examples(("GET /a", &answer(second)), ("GET /a", &answer(first)), &[]);
    }
    let typed = |media_type: &str| format!("{OK}\nContent-Type: {media_type}\n\n{{}}");
    for other in ["application/json;charset=utf-8", "{type}"] {
        let (one, other) = (typed("application/json"), typed(other));
        check_examples(("GET /a", &one), ("GET /a", &other), &[]);
        check_examples(("GET /a", &other), ("GET /a", &one), &[]);
    }
}
