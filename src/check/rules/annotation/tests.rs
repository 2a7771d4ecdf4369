//! Tests of the annotation rules.

use super::*;
use crate::check::rules::test_support::found;

/// The findings as the text under each and its severity.
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
fn keys_are_sorted() {
    assert!(KEYS.is_sorted_by_key(|(name, ..)| name));
}

#[test]
fn accepts_known_keys_above_their_blocks() {
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
                    ValueKind::Flag => "true",
                    ValueKind::Text | ValueKind::TextOrTexts => "\"a\"",
                    ValueKind::Texts => "[\"a\"]",
                    ValueKind::Objects => "[{}]",
                    ValueKind::Status => "201",
                    ValueKind::Target => "\"action\"",
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
fn reports_unknown_keys_at_their_position() {
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
fn accepts_custom_page_keys() {
    check_page(
        "<!-- {\"type\": \"#page.annotation\", \"owner\": 1, \"suppresions\": []} -->\n",
        &[("annotation-unknown-key", "\"suppresions\"", "warning")],
    );
}

#[test]
fn reports_values_of_the_wrong_type_at_their_position() {
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
fn reports_examples_without_annotation() {
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
    // A page without any annotation gets one finding.
    let two = "```json\n{}\n```\n\n```http\nGET /a\n```\n";
    check_page(two, &[(rule, "```json", "info")]);
    let annotated = "\n<!-- {\"blockType\": \"ignored\"} -->\n```\n```\n";
    let expected = [(rule, "```json", "info"), (rule, "```http", "info")];
    check_page(&format!("{two}{annotated}"), &expected);
}

#[test]
fn checks_annotations_of_permissions() {
    const TABLE: &str = "|Permission type|Least|\n|:--|:--|\n|Application|a.b|\n";
    let page = |keys: &str, content: &str| {
        format!("# A\n\n<!-- {{\"blockType\": \"permissions\"{keys}}} -->\n{content}\n# B\n")
    };
    let keys = ", \"name\": \"a\", \"requestUrls\": [\"GET /a\"], \"mergePermissions\": true";
    check_page(&page(keys, TABLE), &[]);
    check_page(&page(keys, "[!INCLUDE [a](permissions.md)]\n"), &[]);
    check_page(
        &page(", \"requestUrl\": \"GET /a\"", TABLE),
        &[("annotation-unknown-key", "\"requestUrl\"", "warning")],
    );
    let whole = "<!-- {\"blockType\": \"permissions\"} -->";
    let dangling = [("annotation-dangling", whole, "warning")];
    check_page(&page("", "Text.\n"), &dangling);
    check_page(&format!("{}\n{TABLE}", page("", "Text.\n")), &dangling);
    let text = format!(
        "<!-- {{\"blockType\": \"request\", {} -->\n```http\nGET /\n```\n",
        &keys[2..]
    );
    check_page(
        &text.replace("true -->", "true} -->"),
        &[
            ("annotation-unknown-key", "\"requestUrls\"", "info"),
            ("annotation-unknown-key", "\"mergePermissions\"", "info"),
        ],
    );
}

#[test]
fn reports_sample_keys_that_are_not_in_the_url() {
    let page = |keys: &str| {
        format!(
            "<!-- {{\"blockType\": \"request\", \"sampleKeys\": {keys}}} -->\n```http\n\
             GET /users/a%20b/items/1\n```\n"
        )
    };
    check_page(&page("[\"a b\", \"1\"]"), &[]);
    check_page(&page("[\"a%20b\"]"), &[]);
    check_page(&page("[]"), &[]);
    check_page(
        &page("[\"1\", \"c\"]"),
        &[("annotation-value", "[\"1\", \"c\"]", "warning")],
    );
}
