//! Tests of the rules about annotations.

use super::*;
use crate::check::rules::tests::found;

/// The findings of both rules, as the text that they point to and their
/// severity.
#[track_caller]
fn check_keys(annotation: &str, expected: &[(&str, &str, &str)]) {
    let text = format!("<!-- {annotation} -->\n```json\n{{}}\n```\n");
    check_page(&text, expected);
}

#[track_caller]
fn check_page(text: &str, expected: &[(&str, &str, &str)]) {
    let page = Page::new("p.md", text.to_owned());
    let found = found(check, &page);
    let found: Vec<_> = found
        .iter()
        .map(|finding| {
            let span = finding.span.expect("a place");
            (finding.rule.name, page.slice(span), finding.severity.name())
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_keys_are_sorted() {
    assert!(KEYS.is_sorted_by_key(|(name, ..)| name));
}

#[test]
fn each_known_key_is_right_above_its_block() {
    for (name, block) in [
        ("request", REQUEST),
        ("response", RESPONSE),
        ("resource", RESOURCE),
        ("example", EXAMPLE),
    ] {
        let keys: Vec<String> = KEYS
            .iter()
            .chain([&TARGET])
            .filter(|(key, _, of)| of & block != 0 && *key != "blockType")
            .map(|(key, kind, _)| {
                let value = match kind {
                    Kind::Flag => "true",
                    Kind::Text | Kind::TextOrTexts => "\"a\"",
                    Kind::Texts => "[\"a\"]",
                    Kind::Objects => "[{}]",
                    Kind::Target => "\"action\"",
                };
                format!("\"{key}\": {value}")
            })
            .collect();
        check_keys(
            &format!("{{\"blockType\": \"{name}\", {}}}", keys.join(", ")),
            &[],
        );
    }
}

#[test]
fn an_unknown_key_is_named_where_it_stands() {
    let rule = "annotation-unknown-key";
    check_keys(
        "{\"blockType\": \"request\", \"scope\": \"a\", \"id\": \"b\"}",
        &[(rule, "\"scope\"", "warning"), (rule, "\"id\"", "warning")],
    );
    check_keys(
        "{\"blockType\": \"response\", \"Truncated\": true}",
        &[(rule, "\"Truncated\"", "warning")],
    );
    check_keys(
        "{\"blockType\": \"response\", \"scopes\": \"a\"}",
        &[(rule, "\"scopes\"", "info")],
    );
    check_keys("{\"blockType\": \"ignored\", \"scope\": \"a\"}", &[]);
    check_keys("{\"blockType\": \"request\", \"acme.owner\": \"a\"}", &[]);
    check_keys(
        "{\"blockType\": \"request\", \"@odata.typ\": \"a\"}",
        &[(rule, "\"@odata.typ\"", "warning")],
    );
}

#[test]
fn a_page_may_have_keys_of_its_own() {
    check_page(
        "<!-- {\"type\": \"#page.annotation\", \"owner\": 1, \"suppresions\": []} -->\n",
        &[("annotation-unknown-key", "\"suppresions\"", "warning")],
    );
}

#[test]
fn a_value_of_the_wrong_type_is_named_where_it_stands() {
    let rule = "annotation-value";
    check_keys(
        "{\"blockType\": \"response\", \"truncated\": \"true\", \"isEmpty\": 1}",
        &[(rule, "\"true\"", "info"), (rule, "1", "warning")],
    );
    check_keys(
        "{\"blockType\": \"resource\", \"optionalProperties\": \"a\", \"baseType\": null}",
        &[(rule, "\"a\"", "warning")],
    );
    check_keys(
        "{\"blockType\": \"request\", \"target\": \"actoin\", \"sampleKeys\": [1]}",
        &[(rule, "\"actoin\"", "warning"), (rule, "[1]", "warning")],
    );
}

#[test]
fn an_example_without_an_annotation_is_named() {
    let rule = "missing-annotation";
    for (fence, is_flagged) in [
        ("```http\nGET /a\n```", true),
        ("```json\n{}\n```", true),
        ("```\nPOST /a\n```", true),
        ("```\nHTTP/1.1 200 OK\n```", true),
        ("```\nDELETE FROM a\n```", false),
        ("```\n{}\n```", false),
        ("```bash\nGET /a\n```", false),
        (
            "<!-- {\"blockType\": \"ignored\"} -->\n```json\n{}\n```",
            false,
        ),
        ("<!-- {\"blockType\": } -->\n```json\n{}\n```", false),
        (
            "<!-- {\"blockType\": \"ignored\"} -->\nText.\n```json\n{}\n```",
            false,
        ),
        ("<!-- a note -->\n```json\n{}\n```", true),
    ] {
        let opening = fence.lines().find(|line| line.starts_with("```"));
        let expected = (rule, opening.expect("a fence"), "info");
        let expected = [expected];
        check_page(fence, if is_flagged { &expected } else { &[] });
    }
    // One finding where the page has no annotation at all.
    let two = "```json\n{}\n```\n\n```http\nGET /a\n```\n";
    check_page(two, &[(rule, "```json", "info")]);
    let annotated = "\n<!-- {\"blockType\": \"ignored\"} -->\n```\n```\n";
    let expected = [(rule, "```json", "info"), (rule, "```http", "info")];
    check_page(&format!("{two}{annotated}"), &expected);
}
