//! Tests of extraction with small pages.

use serde_json::Value;

use super::*;
use crate::text::severity::Severity;

fn page(text: &str) -> Page {
    Page::new("api/p.md", text.to_owned())
}

#[test]
fn counts_and_pairs_invalid_requests() {
    let text = "<!-- {\"blockType\": \"request\"} -->\n```\njust prose\n```\n\n<!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 200 OK\n```\n\n<!-- {\"blockType\": \"request\"} -->\n```\nGET /a\n```\n\n<!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 200 OK\n```\n";
    let extracted = extract(&page(text), None);
    let ids: Vec<_> = extracted
        .cases
        .iter()
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(ids, ["api/p::2"]);
    let rules: Vec<_> = extracted.diagnostics.iter().map(|d| d.rule.name).collect();
    assert_eq!(rules, ["request-syntax"]);
}

#[track_caller]
fn check_rules(text: &str, expected: &[&str]) {
    let page = page(text);
    let extracted = extract(&page, None);
    let found: Vec<String> = extracted
        .diagnostics
        .iter()
        .map(|d| format!("{} {:?}", d.rule.name, page.slice(d.span.expect("a span"))))
        .collect();
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn reports_dangling_annotations() {
    check_rules(
        "<!-- {\"blockType\": \"ignored\"} -->\n\ntext\n",
        &["annotation-dangling \"<!-- {\\\"blockType\\\": \\\"ignored\\\"} -->\""],
    );
    check_rules(
        "<!-- {\"blockType\": \"ignored\"} -->\n<!-- {\"blockType\": \"ignored\"} -->\n```\n```\n",
        &["annotation-dangling \"<!-- {\\\"blockType\\\": \\\"ignored\\\"} -->\""],
    );
    check_rules(
        "<!-- {\"blockType\": \"ignored\"} -->\n<!-- a -->\n\n```\n```\n",
        &[],
    );
}

#[test]
fn tells_invalid_annotations_from_lenient_ones() {
    check_rules(
        "<!-- {\"blockType\": \"request\", \"name\": } -->\n```\nGET /\n```\n",
        &["annotation-syntax \"}\""],
    );
    check_rules(
        "<!-- {\"blockType\": \"ignored\",} -->\n```\n```\n",
        &["annotation-lenient \",\""],
    );
    check_rules(
        "<!-- {\"blockType\": \"reqest\"} -->\n```\nGET /\n```\n",
        &["annotation-unknown-type \"reqest\""],
    );
    check_rules("<!-- mind the blockType below -->\n", &[]);
    check_rules("<!-- such as {\"blockType\": \"request\"} -->\n", &[]);
    for text in [
        "{ “blockType”: “request” }",
        "[{\"blockType\": \"request\"}]",
        "{\"BlockType\": \"request\"}",
    ] {
        let page = page(&format!("<!-- {text} -->\n```\nGET /\n```\n"));
        let rules: Vec<_> = extract(&page, None)
            .diagnostics
            .iter()
            .map(|d| d.rule.name)
            .collect();
        assert_eq!(rules, ["annotation-syntax"], "{text}");
    }
    check_rules(
        "text <!-- {\"blockType\": \"request\"} -->\n",
        &["annotation-dangling \"<!-- {\\\"blockType\\\": \\\"request\\\"} -->\""],
    );
    check_rules(
        "<!-- {\"type\": \"#page.annotation\", \"a\": 1,} -->\n",
        &["annotation-lenient \",\""],
    );
}

#[test]
fn ignores_the_case_of_block_types() {
    check_rules(
        "<!-- {\"blockType\": \"Ignore\"} -->\n```\n```\n",
        &["annotation-lenient \"Ignore\""],
    );
    check_rules("<!-- {\"blockType\": \"Ignored\"} -->\n```\n```\n", &[]);
    check_rules(
        "<!-- {\"blockType\": \"SIMULATEDresponse\"} -->\n```\n```\n",
        &[],
    );
}

#[test]
fn reports_a_forbidden_body_once() {
    let text = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /\n```\n<!-- {\"blockType\": \"request\", \"name\": \"b\"} -->\n```\nGET /b\n```\n<!-- {\"blockType\": \"response\", \"name\": [\"a\", \"b\"]} -->\n```\nHTTP/1.1 204 No Content\n\n{}\n```\n";
    check_rules(text, &["body-not-allowed \"{}\""]);
}

#[test]
fn locates_parts_with_crlf_bom_and_quotes() {
    let text = "\u{feff}é\r\n\r\n> <!-- {\"blockType\": \"request\"} -->\r\n> ```http\r\n> POST /ä\r\n> A: é\r\n>\r\n> b\r\n> c\r\n> ```\r\n> <!-- {\"blockType\": \"response\"} -->\r\n> ```\r\n> HTTP/1.1 200 OK\r\n> ```\r\n";
    let page = page(text);
    let extracted = extract(&page, None);
    assert_eq!(extracted.diagnostics, []);
    let case = &extracted.cases[0];
    assert_eq!(
        (case.line, case.response.as_ref().expect("paired").line),
        (4, 12)
    );
    assert_eq!(case.request.body.as_deref(), Some("b\nc"));
    let places = &extracted.places[0].request;
    assert_eq!(page.slice(places.subject), "/ä");
    assert_eq!(page.slice(places.headers[0]), "A: é");
    assert_eq!(page.slice(places.body.expect("a body")), "b\r\n> c");
}

#[test]
fn keeps_other_annotation_keys() {
    let text = "<!-- {\"blockType\": \"request\", \"name\": \"a\", \"scopes\": \"x\"} -->\n```\nGET /\n```\n<!-- {\"blockType\": \"response\", \"truncated\": true} -->\n```\nHTTP/1.1 200 OK\n```\n";
    let extracted = extract(&page(text), None);
    let annotation = &extracted.cases[0].annotation;
    assert_eq!(
        Value::Object(annotation.request.clone()),
        serde_json::json!({"scopes": "x"})
    );
    assert_eq!(
        Value::Object(annotation.response.clone()),
        serde_json::json!({"truncated": true})
    );
}

#[test]
fn reports_invalid_urls() {
    check_rules(
        "<!-- {\"blockType\": \"request\"} -->\n```\nGET https://[a/b\n```\n<!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 200 OK\n```\n",
        &["url-syntax \"https://[a/b\""],
    );
}

#[test]
fn finds_all_pages_with_annotations_by_bytes() {
    let escaped = "<!-- {\"block\\u0054ype\": \"request\"} -->\n```\nGET /\n```\n";
    assert!(may_hold_cases(escaped.as_bytes()));
    assert_eq!(extract(&page(escaped), None).cases.len(), 1);
    for key in ["blockType", "BlockType", "blocktype"] {
        assert!(may_hold_cases(key.as_bytes()), "{key}");
    }
    assert!(may_hold_cases(b"<!--\n { \"blokType\": \"request\" } -->"));
    for text in ["# A page\n\n```http\nGET /\n```\n", "<!-- a -->", "a\\b"] {
        assert!(!may_hold_cases(text.as_bytes()), "{text}");
    }
}

/// Checks the first finding of a page, with its help.
#[track_caller]
fn check_finding(text: &str, rule: &str, message: &str, help: &str) {
    let extracted = extract(&page(text), None);
    let found = &extracted.diagnostics[0];
    assert_eq!(found.rule.name, rule, "{text:?}");
    assert_eq!(found.message, message);
    assert_eq!(found.help.as_deref(), Some(help));
}

#[test]
fn reports_invalid_names() {
    let request = "<!-- {\"blockType\": \"request\"} -->\n```\nGET /\n```\n";
    for name in ["7", "[\"a\", 7]"] {
        let response = format!(
            "<!-- {{\"blockType\": \"response\", \"name\": {name}}} -->\n```\nHTTP/1.1 200 OK\n```\n"
        );
        let text = format!("{request}{response}");
        let shown = name.replace(", ", ",");
        let message = format!("`name` is {shown}; the block is treated as unnamed");
        let help = "write a string or an array of strings";
        check_finding(&text, "annotation-value", &message, help);
        assert!(extract(&page(&text), None).cases[0].response.is_some());
    }
    let numbered = request.replace('}', ", \"name\": 7}");
    let message = "`name` is 7; the block is treated as unnamed";
    let help = "write a string or an array of strings";
    check_finding(&numbered, "annotation-value", message, help);
}

#[test]
fn the_first_of_several_names_is_that_of_a_request() {
    let request =
        "<!-- {\"blockType\": \"request\", \"name\": [\"a\", \"b\"]} -->\n```\nGET /\n```\n";
    for name in ["\"a\"", "[\"a\"]"] {
        let response = format!(
            "<!-- {{\"blockType\": \"response\", \"name\": {name}}} -->\n```\nHTTP/1.1 200 OK\n```\n"
        );
        let extracted = extract(&page(&format!("{request}{response}")), None);
        assert_eq!(extracted.cases[0].name.as_deref(), Some("a"));
        assert!(extracted.cases[0].response.is_some(), "{name}");
        assert_eq!(extracted.diagnostics, [], "{name}");
    }
}

#[test]
fn reports_long_targets_by_their_own_rule() {
    let target = format!("/a?b={}", "c".repeat(8_000));
    let text = format!("<!-- {{\"blockType\": \"request\"}} -->\n```\nGET {target}\n```\n");
    check_rules(
        &text,
        &[
            &format!("unpaired-request {:?}", format!("GET {target}")),
            &format!("url-too-long {target:?}"),
        ],
    );
}

#[test]
fn suggests_similar_block_types() {
    let fence = "```\n```\n";
    for (written, shown, help) in [
        ("\"reqest\"", "reqest", "did you mean `request`?"),
        ("\"ignroe\"", "ignroe", "did you mean `ignored`?"),
    ] {
        check_finding(
            &format!("<!-- {{\"blockType\": {written}}} -->\n{fence}"),
            "annotation-unknown-type",
            &format!("`{shown}` is not a block type"),
            help,
        );
    }
    for (written, place) in [("7", "7"), ("\"\"", ""), ("\"x\"", "x")] {
        let text = format!("<!-- {{\"blockType\": {written}}} -->\n{fence}");
        check_rules(&text, &[&format!("annotation-unknown-type {place:?}")]);
    }
}

/// Checks the severities of the findings about an annotation above a request.
#[track_caller]
fn check_annotation(annotation: &str, expected: &[(&str, Severity)]) {
    let text = format!("<!-- {annotation} -->\n```\nGET /\n```\n");
    assert!(may_hold_cases(text.as_bytes()), "{annotation}");
    let extracted = extract(&page(&text), None);
    let found: Vec<_> = extracted
        .diagnostics
        .iter()
        .map(|finding| (finding.rule.name, finding.severity))
        .filter(|(rule, _)| *rule != "unpaired-request")
        .collect();
    assert_eq!(found, expected, "{annotation}");
}

#[test]
fn reports_misspelt_keys_and_types_as_errors() {
    for key in [
        "blokType",
        "block_type",
        "block-type",
        "BlockType",
        "blockTyp",
        "bolckType",
        "blcokTyep",
    ] {
        check_annotation(
            &format!("{{ \"{key}\": \"request\" }}"),
            &[("annotation-syntax", Severity::Error)],
        );
    }
    check_annotation(
        "{ \"blokType\": \"reqest\", \"name\": \"a\" }",
        &[("annotation-syntax", Severity::Error)],
    );
    for name in [
        "reqest",
        "respnse",
        "requests",
        "Reqeust",
        "resorce",
        "ignord",
        "exampel",
        "simulatedRespons",
    ] {
        check_annotation(
            &format!("{{ \"blockType\": \"{name}\" }}"),
            &[("annotation-unknown-type", Severity::Error)],
        );
    }
    for name in ["table", "x"] {
        check_annotation(
            &format!("{{ \"blockType\": \"{name}\" }}"),
            &[("annotation-unknown-type", Severity::Warning)],
        );
    }
    for other in [
        "{ \"type\": \"request\" }",
        "{ \"lockType\": \"shared\" }",
        "{ \"blockName\": \"request\" }",
        "{ \"blockType\": \"request\" }",
        "{ \"blockType\": \"Request\" }",
    ] {
        check_annotation(other, &[]);
    }
}

#[test]
fn reports_dangling_ignored_annotations_as_info() {
    let severity = |kind: &str| {
        let text = format!("<!-- {{\"blockType\": \"{kind}\"}} -->\n\ntext\n");
        extract(&page(&text), None).diagnostics[0].severity
    };
    assert_eq!(severity("ignored"), Severity::Info);
    for kind in ["request", "response", "resource", "example"] {
        assert_eq!(severity(kind), Severity::Error, "{kind}");
    }
    assert_eq!(severity("samples"), Severity::Warning);
}

#[test]
fn ignores_comments_of_other_tools() {
    check_rules("<!-- {\"type\": \"#a\", : } -->\n", &[]);
    check_rules("<!-- {\"a\": \"#page.annotation\", : } -->\n", &[]);
    check_rules(
        "<!-- {\"type\": \"#page.annotation\", : } -->\n",
        &["annotation-syntax \":\""],
    );
}

#[test]
fn locates_ranges_of_bodies() {
    let text = "text\r\n\r\n> <!-- {\"blockType\": \"request\"} -->\r\n> ```http\r\n> POST /a\r\n>\r\n> {\r\n>   \"b\": \"c\",\r\n>   \"d\": 1\r\n> }\r\n> ```\r\n";
    let page = page(text);
    let extracted = extract(&page, None);
    let body = extracted.cases[0].request.body.clone().expect("a body");
    let place = extracted.places[0].request.body.expect("a body");
    for part in ["{", "\"b\"", "\"c\"", "\"d\"", "1", "}"] {
        let at = body.find(part).expect("in the body");
        let span = in_body(&page, place, &body, at..at + part.len()).expect("in the page");
        assert_eq!(page.slice(span), part);
    }
    let two = body.find("\"b\"").expect("in the body")..body.find(" 1").expect("in the body");
    let span = in_body(&page, place, &body, two).expect("in the page");
    assert_eq!(page.slice(span), "\"b\": \"c\",\r\n>   \"d\":");
    assert_eq!(in_body(&page, place, &body, 0..body.len() + 1), None);
}

#[test]
fn keeps_resources_as_written() {
    let annotation = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"example.a\"} -->";
    let fence = "```json\n{\n  \"b\": \"string\", // c\n}\n```";
    let page = page(&format!("# A\n\n{annotation}\n\n{fence}\n"));
    let extracted = extract(&page, None);
    assert_eq!(extracted.diagnostics, []);
    let [resource] = extracted.resources.as_slice() else {
        panic!("one resource");
    };
    assert_eq!(resource.line, 5);
    assert_eq!(resource.text, "{\n  \"b\": \"string\", // c\n}");
    assert_eq!(page.slice(resource.block), fence);
    assert_eq!(page.slice(resource.annotation), annotation);
    assert_eq!(
        Value::Object(resource.keys.clone()),
        serde_json::json!({"@odata.type": "example.a"})
    );
}

#[test]
fn reports_annotations_without_block_type() {
    let page = |keys: &str, fence: &str| format!("<!-- {{{keys}}} -->\n```\n{fence}\n```\n");
    for (fence, block_type) in [
        ("GET /a", "request"),
        ("HTTP/1.1 200 OK", "response"),
        ("{ \"id\": \"String\" }", "resource"),
    ] {
        check_finding(
            &page("\"name\": \"a\"", fence),
            "annotation-syntax",
            "annotation has no `blockType`, so the block below is not read",
            &format!("add `\"blockType\": \"{block_type}\"`"),
        );
    }
    check_rules(&page("\"name\": \"a\"", "text"), &[]);
    check_rules(&page("\"other\": \"a\"", "GET /a"), &[]);
    check_rules(
        "<!-- {\"name\": \"a\"} -->\n\ntext\n\n```\nGET /a\n```\n",
        &[],
    );
}
