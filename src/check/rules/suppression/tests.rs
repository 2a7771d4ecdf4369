//! Tests of suppressions with synthetic findings.

use std::num::NonZeroUsize;

use super::super::{Files, Settings, parse};
use super::*;
use crate::text::rules::{
    BROKEN_LINK, DUPLICATE_RESOURCE, JSON_SYNTAX, NULL_VALUE, PROPERTY_NOT_IN_TABLE, Rule,
    TYPE_MISMATCH,
};

/// Creates a finding at each occurrence of its word, applies suppressions, and
/// checks the remaining findings by line and the findings about suppressions.
fn suppressed(pages: &[(&str, &str)], found: &[(&'static Rule, &str)]) -> Vec<String> {
    let pages: Vec<Page> = pages
        .iter()
        .map(|(path, text)| Page::new(*path, (*text).to_owned()))
        .collect();
    let (files, settings) = (Files::default(), Settings::default());
    let parsed = parse(&pages, &Settings::default(), NonZeroUsize::MIN);
    let site = Site::new(&parsed, &files, &settings);
    let messages = Messages::new(&site);
    let mut left = Vec::new();
    for (at, parsed) in site.pages.iter().enumerate() {
        let findings = found.iter().flat_map(|(rule, word)| {
            let places = parsed.page.text.match_indices(word);
            places.map(|(start, word)| {
                let span = Span::new(start, start + word.len());
                let mut finding = Diagnostic::at(parsed.page, rule, span, format!("`{word}`"));
                finding.case = parsed.case_at(span);
                finding
            })
        });
        let levels = site.settings.levels.of(&parsed.page.path);
        let (findings, said) = apply(&messages, at, parsed, findings.collect(), &levels);
        left.extend(findings.into_iter().chain(said));
    }
    left.extend(messages.unused(&site, |_| true));
    left.sort_by(|a, b| (&a.file, a.start).cmp(&(&b.file, b.start)));
    let shown = |finding: &Diagnostic| {
        let Diagnostic {
            file,
            start,
            rule,
            severity,
            ..
        } = finding;
        format!(
            "{file}:{}:{} {}[{}]",
            start.line,
            start.column,
            severity.name(),
            rule.name
        )
    };
    left.iter().map(shown).collect()
}

#[track_caller]
fn check(text: &str, found: &[(&'static Rule, &str)], expected: &[&str]) {
    assert_eq!(suppressed(&[("api/a.md", text)], found), expected);
}

#[test]
fn off_lasts_until_on() {
    check(
        "X\n\n<!-- docproof: off broken-link, null-value: a reason: with colons -->\n\nX\n\n\
         <!-- docproof: on broken-link -->\n\nX\n",
        &[(&BROKEN_LINK, "X")],
        &[
            "api/a.md:1:1 error[broken-link]",
            "api/a.md:3:33 warning[unused-suppression]",
            "api/a.md:9:1 error[broken-link]",
        ],
    );
    // A second `off` is unused; other rules are not suppressed.
    check(
        "<!-- docproof: off broken-link -->\n\nX\n\n<!-- docproof: off broken-link -->\n\nX\n",
        &[(&BROKEN_LINK, "X"), (&NULL_VALUE, "X")],
        &[
            "api/a.md:3:1 error[null-value]",
            "api/a.md:5:20 warning[unused-suppression]",
            "api/a.md:7:1 error[null-value]",
        ],
    );
}

#[test]
fn off_next_applies_to_one_block() {
    const FOUND: [(&Rule, &str); 1] = [(&BROKEN_LINK, "X")];
    // A paragraph.
    check(
        "<!-- docproof: off-next broken-link -->\n\nX\nX\n\nX\n",
        &FOUND,
        &["api/a.md:6:1 error[broken-link]"],
    );
    // A fence with blank lines, and its annotation.
    check(
        "<!-- docproof: off-next broken-link -->\n<!-- {\"blockType\": \"ignored\", \"X\": 1} -->\n\n\
         ```\nX\n\nX\n```\nX\n",
        &FOUND,
        &["api/a.md:9:1 error[broken-link]"],
    );
    // A table.
    check(
        "<!-- docproof: off-next broken-link -->\n\n|X|b|\n|-|-|\n|X|b|\n\nX\n",
        &FOUND,
        &["api/a.md:7:1 error[broken-link]"],
    );
    // Two directives above one block; then one above nothing.
    check(
        "<!-- docproof: off-next broken-link -->\n<!-- docproof: off-next null-value -->\nX\n\n\
         <!-- docproof: off-next broken-link -->\n",
        &[(&BROKEN_LINK, "X"), (&NULL_VALUE, "X")],
        &["api/a.md:5:25 warning[unused-suppression]"],
    );
    // Within `off`, which continues.
    check(
        "<!-- docproof: off broken-link -->\n\n<!-- docproof: off-next broken-link -->\n\nY\n\nX\n",
        &FOUND,
        &["api/a.md:3:25 warning[unused-suppression]"],
    );
    // Text between two comments is a block.
    check(
        "<!-- docproof: off-next broken-link -->\n\nX\n\n<!-- a comment -->\n\nX\n",
        &FOUND,
        &["api/a.md:7:1 error[broken-link]"],
    );
}

#[test]
fn reports_invalid_suppressions() {
    check(
        "<!-- docproof: off nul-value -->\n\n<!-- docproof: of null-value -->\n\n\
         <!-- docproof: off -->\n\n<!-- docproof: on null-value -->\n\n\
         <!-- docproof: off unclosed-fence -->\n\n```\n<!-- docproof: of -->\n```\n",
        &[],
        &[
            "api/a.md:1:20 warning[suppression-syntax]",
            "api/a.md:3:16 warning[suppression-syntax]",
            "api/a.md:5:16 warning[suppression-syntax]",
            "api/a.md:7:19 warning[suppression-syntax]",
            "api/a.md:9:20 warning[suppression-syntax]",
        ],
    );
}

fn annotated(suppressions: &str) -> String {
    format!(
        "X\n\n<!-- {{ \"type\": \"#page.annotation\", \"suppressions\": {suppressions} }} -->\n"
    )
}

#[test]
fn page_annotation_suppresses_a_rule() {
    let found: [(&'static Rule, &str); 1] = [(&BROKEN_LINK, "X")];
    check(&annotated("[\"broken-link\"]"), &found, &[]);
    check(&annotated("[\"broken-link: why: so\"]"), &found, &[]);
    check(&annotated("[]"), &[], &[]);
    check(&annotated("null"), &[], &[]);
    check(
        &annotated("[\"null-value: why\", 7, \"a text\", \"nul-value\"]"),
        &[],
        &[
            "api/a.md:3:54 warning[unused-suppression]",
            "api/a.md:3:72 warning[suppression-syntax]",
            "api/a.md:3:75 warning[suppression-syntax]",
            "api/a.md:3:86 warning[suppression-syntax]",
        ],
    );
    check(
        &annotated("\"broken-link\""),
        &found,
        &[
            "api/a.md:1:1 error[broken-link]",
            "api/a.md:3:52 warning[suppression-syntax]",
        ],
    );
}

const TABLE: &str = "\"Warning: /v1.0/api/A.md:\n   Property 'X' found in resource definition for 'b', \
     but not described in markdown table.\"";

#[test]
fn api_doctor_message_suppresses_matching_findings() {
    let text = annotated(&format!("[{TABLE}]"));
    check(&text, &[(&PROPERTY_NOT_IN_TABLE, "X\n\n")], &[]);
    // For another property or another rule.
    check(
        &text.replace("X\n\n", "Y\n\n"),
        &[(&PROPERTY_NOT_IN_TABLE, "Y"), (&NULL_VALUE, "Y")],
        &[
            "api/a.md:1:1 warning[property-not-in-table]",
            "api/a.md:1:1 error[null-value]",
            "api/a.md:3:53 warning[unused-suppression]",
        ],
    );
    // A message without a corresponding rule.
    check(
        &annotated("[\"Warning: /api/a.md: Found potential enums in a table\"]"),
        &[],
        &["api/a.md:3:53 info[unused-suppression]"],
    );
}

#[test]
fn message_applies_to_the_page_it_names() {
    let text = annotated(&format!("[{TABLE}]"));
    let found: [(&'static Rule, &str); 1] = [(&PROPERTY_NOT_IN_TABLE, "X\n\n")];
    let expected = ["b/a.md:1:1 warning[property-not-in-table]"];
    let pages = [
        ("api/a.md", "X\n\n"),
        ("b/a.md", "X\n\n"),
        ("c.md", &*text.replace("X\n\n", "\n")),
    ];
    assert_eq!(suppressed(&pages, &found), expected);
}

#[test]
fn message_applies_to_the_type_it_names() {
    let resource = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"x.lamp\"} -->\n\
                    ```json\n{\"id\": \"string\"}\n```\n";
    let message = "[\"Warning: Resource x.lamp is defined in multiple files: /api/a.md, /b.md\"]";
    let text = format!("{resource}\n{}", annotated(message).replace("X\n\n", ""));
    let pages = [
        ("api/a.md", &*text),
        ("b.md", resource),
        ("c.md", "x.lamp\n"),
    ];
    let found: [(&'static Rule, &str); 1] = [(&DUPLICATE_RESOURCE, "x.lamp")];
    let left = suppressed(&pages, &found);
    assert_eq!(left, ["c.md:1:1 warning[duplicate-resource]"]);
}

#[test]
fn message_applies_to_the_request_it_names() {
    let block = |name: &str| {
        format!(
            "<!-- {{\"blockType\": \"request\", \"name\": \"{name}\"}} -->\n```http\nGET /X\n```\n\n"
        )
    };
    let message = "[\"Error: get_b/X:\\r\\n  Expected type String but actual was Int64. \
                   Property: X, actual value: '1'\"]";
    let text = format!(
        "{}{}{}",
        block("get_a"),
        block("get_b"),
        annotated(message).replace("X\n\n", "")
    );
    check(
        &text,
        &[(&TYPE_MISMATCH, "X\n"), (&JSON_SYNTAX, "X\n")],
        &[
            "api/a.md:3:6 error[type-mismatch]",
            "api/a.md:3:6 error[json-syntax]",
            "api/a.md:8:6 error[json-syntax]",
        ],
    );
}
