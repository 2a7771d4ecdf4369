//! API Doctor messages used as suppressions: their subject, and the
//! corresponding rules.
//!
//! API Doctor compares a suppression with the text of a finding, `Error:
//! SOURCE: MESSAGE`, ignoring white space and case (`IssueLogger.cs`). The
//! source is a path, the name of a block or type, or both, with optional steps.

use crate::text::rules::{
    ANNOTATION_LENIENT, ANNOTATION_SYNTAX, BROKEN_ANCHOR, BROKEN_INCLUDE, BROKEN_LINK,
    COLLECTION_EMPTY, COLLECTION_EXPECTED, DUPLICATE_RESOURCE, ENUM_VALUE, ERROR_OBJECT_EXPECTED,
    FORMAT_DATE_TIME, FORMAT_GUID, FORMAT_URL, FRONT_MATTER, HEADING_MISSING, HEADING_MISSPELT,
    HEADING_ORDER, JSON_SYNTAX, LINK_CASE, LINK_OUTSIDE_DOCS, MISSING_PROPERTY, NULL_VALUE,
    ORPHAN_PAGE, ORPHAN_RESPONSE, PROPERTY_NOT_IN_RESOURCE, PROPERTY_NOT_IN_TABLE,
    RESPONSE_NAME_UNKNOWN, Rule, TABLE_MALFORMED, TYPE_DISAGREES, TYPE_MISMATCH,
    UNDEFINED_REFERENCE, UNDOCUMENTED_PROPERTY, UNKNOWN_RESOURCE,
};

/// An API Doctor message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The corresponding rules; empty if there are none.
    pub rules: &'static [&'static Rule],
    /// Whether one of the rules always reports what API Doctor reports. False
    /// for API Doctor's own faults.
    pub is_counterpart: bool,
    /// The path of the page that it names, in lower case.
    pub page: Option<String>,
    /// The request or type that it names.
    pub block: Option<String>,
    /// Its subjects in lower case: properties, types or links. A finding has to
    /// match one of them. Empty if it names none.
    pub subjects: Vec<String>,
}

/// Where a message contains its subject.
enum Subject {
    /// It has no subject.
    None,
    /// Within the first pair of `'`.
    Quoted,
    /// The destination in `'[destination](text)'`.
    Link,
    /// After this text, up to white space or punctuation.
    Behind(&'static str),
    /// After this text, separated by commas.
    List(&'static str),
    /// The last step of the source.
    Source,
}

/// Text in a message, the corresponding rules, and the location of the subject.
/// The first match is used.
const MESSAGES: [(&str, &[&Rule], Subject); 31] = [
    (
        "Link Definition was null",
        &[
            &UNDEFINED_REFERENCE,
            &BROKEN_INCLUDE,
            &BROKEN_LINK,
            &LINK_OUTSIDE_DOCS,
            &LINK_CASE,
        ],
        Subject::Behind("Link text:"),
    ),
    (
        "used in document but not defined",
        &[&UNDEFINED_REFERENCE],
        Subject::Quoted,
    ),
    (
        "FileNotFound:",
        &[&BROKEN_LINK, &BROKEN_INCLUDE, &LINK_CASE],
        Subject::Link,
    ),
    ("BookmarkMissing:", &[&BROKEN_ANCHOR], Subject::Link),
    (
        "Relative link outside of doc set",
        &[&LINK_OUTSIDE_DOCS, &BROKEN_LINK, &BROKEN_INCLUDE],
        Subject::Link,
    ),
    ("InvalidUrlFormat", &[&BROKEN_LINK], Subject::Link),
    ("has no incoming links", &[&ORPHAN_PAGE], Subject::None),
    // API Doctor distinguishes integers from other numbers; docproof does not.
    (
        "Expected type Single but actual was Int",
        &[],
        Subject::None,
    ),
    (
        "Expected type Double but actual was Int",
        &[],
        Subject::None,
    ),
    (
        "Expected type Decimal but actual was Int",
        &[],
        Subject::None,
    ),
    (
        "Expected type",
        &[
            &TYPE_MISMATCH,
            &FORMAT_DATE_TIME,
            &FORMAT_URL,
            &FORMAT_GUID,
            &ENUM_VALUE,
            &COLLECTION_EXPECTED,
        ],
        Subject::Behind("Property:"),
    ),
    (
        "Non-nullable property",
        &[&NULL_VALUE],
        Subject::Behind("property"),
    ),
    (
        "was missing these required properties",
        &[&MISSING_PROPERTY],
        Subject::List("required properties:"),
    ),
    (
        "Undocumented property",
        &[&UNDOCUMENTED_PROPERTY],
        Subject::Quoted,
    ),
    (
        "found in markdown table but not in resource definition",
        &[&PROPERTY_NOT_IN_RESOURCE],
        Subject::Quoted,
    ),
    (
        "but not described in markdown table",
        &[&PROPERTY_NOT_IN_TABLE],
        Subject::Quoted,
    ),
    (
        "Type mismatch between example and table",
        &[&TYPE_DISAGREES],
        Subject::Behind("Parameter name:"),
    ),
    (
        "Inconsistent types between parameter",
        &[&TYPE_DISAGREES],
        Subject::Source,
    ),
    (
        "Referenced type",
        &[&UNKNOWN_RESOURCE],
        Subject::Behind("Referenced type"),
    ),
    (
        "is defined in multiple files",
        &[&DUPLICATE_RESOURCE],
        Subject::Behind("Resource"),
    ),
    (
        "Failed to parse json string",
        &[&JSON_SYNTAX],
        Subject::None,
    ),
    (
        "Failed to locate collection property",
        &[&COLLECTION_EXPECTED],
        Subject::None,
    ),
    ("empty array that was", &[&COLLECTION_EMPTY], Subject::None),
    (
        "Expected an error object",
        &[&ERROR_OBJECT_EXPECTED],
        Subject::None,
    ),
    ("required YAML header", &[&FRONT_MATTER], Subject::None),
    ("YAML header", &[&FRONT_MATTER], Subject::None),
    (
        "document header",
        &[&HEADING_MISSING, &HEADING_ORDER, &HEADING_MISSPELT],
        Subject::Behind("document:"),
    ),
    (
        "Unable to locate the corresponding request",
        &[&ORPHAN_RESPONSE, &RESPONSE_NAME_UNKNOWN],
        Subject::None,
    ),
    (
        "Unable to parse page annotation",
        &[&ANNOTATION_SYNTAX, &ANNOTATION_LENIENT],
        Subject::None,
    ),
    (
        "Unable to parse annotation",
        &[&ANNOTATION_SYNTAX, &ANNOTATION_LENIENT],
        Subject::None,
    ),
    ("Failed to parse table", &[&TABLE_MALFORMED], Subject::None),
];

/// Parses an API Doctor message.
pub(super) fn read(text: &str) -> Option<Message> {
    let text = text.trim();
    let (severity, rest) = text.split_once(':')?;
    if !["error", "warning", "message"]
        .iter()
        .any(|known| severity.eq_ignore_ascii_case(known))
    {
        return None;
    }
    let rest = one_spaced(rest);
    // A message without a source has spaces before its first colon.
    let (source, said) = rest
        .split_once(": ")
        .filter(|(source, _)| !source.contains(' '))
        .unwrap_or(("", &rest));
    let (page, steps) = place(source);
    let known = MESSAGES.iter().find(|(part, ..)| contains(said, part));
    let (rules, subjects) = known.map_or((&[][..], Vec::new()), |(_, rules, subject)| {
        (*rules, subjects(said, &steps, subject))
    });
    Some(Message {
        rules,
        is_counterpart: !rules.is_empty() && !contains(said, "Exception processing links"),
        page: page.map(str::to_lowercase),
        block: steps.first().map(|step| (*step).to_owned()),
        subjects: subjects
            .into_iter()
            .map(|subject| subject.to_lowercase())
            .collect(),
    })
}

/// Collapses white space.
fn one_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find(text: &str, part: &str) -> Option<usize> {
    // The parts are ASCII, so offsets do not change.
    text.to_ascii_lowercase().find(&part.to_ascii_lowercase())
}

fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// The page and the steps of a source, such as `/api/a.md/get_a/name`.
fn place(source: &str) -> (Option<&str>, Vec<&str>) {
    let lower = source.to_ascii_lowercase();
    let (page, steps) = match lower.find(".md") {
        Some(at) if source.starts_with('/') => {
            (Some(source[..at + 3].trim_matches('/')), &source[at + 3..])
        }
        _ => (None, source),
    };
    let steps = steps.split('/').filter(|step| !step.is_empty());
    (page, steps.collect())
}

fn subjects(said: &str, steps: &[&str], subject: &Subject) -> Vec<String> {
    let behind = |words: &str| {
        let at = find(said, words)?;
        Some(said[at + words.len()..].trim_start())
    };
    let one = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let found = match subject {
        Subject::None => None,
        Subject::Source => steps.last().and_then(|step| one(step)),
        Subject::Quoted => said
            .split('\'')
            .nth(1)
            .and_then(|quoted| one(quoted.trim_matches(['[', ']']))),
        Subject::Link => said
            .split_once("'[")
            .and_then(|(_, link)| one(link.split_once("](")?.0)),
        // Only the text of the link is known; a stack trace follows it.
        Subject::Behind("Link text:") => behind("Link text:").and_then(|text| {
            let text = text.split(" at ApiDoctor").next()?.trim();
            let destination = text
                .rsplit_once("](")
                .map(|(_, link)| link.trim_end_matches(')'));
            one(destination.unwrap_or(text))
        }),
        // A heading may have several words.
        Subject::Behind("document:") => behind("document:").and_then(one),
        Subject::Behind(words) => behind(words)
            .and_then(|text| text.split([' ', ',', ';']).next())
            .and_then(|word| one(word.trim_matches(['\'', '.', '(', ')', '!']))),
        Subject::List(words) => {
            let list = behind(words).unwrap_or("");
            let names = list
                .split(',')
                .map(|name| name.trim().trim_end_matches('.'));
            return names.filter_map(one).collect();
        }
    };
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, rule: Option<&str>, page: &str, block: &str, subjects: &[&str]) {
        let message = read(text).expect("a message");
        assert_eq!(message.rules.first().map(|rule| rule.name), rule);
        assert_eq!(message.page.as_deref().unwrap_or(""), page);
        assert_eq!(message.block.as_deref().unwrap_or(""), block);
        assert_eq!(message.subjects, subjects);
    }

    #[test]
    fn guide_lists_all_messages_with_their_rules() {
        let guide = include_str!("../../../../docs/api-doctor.md");
        let rows: Vec<&str> = guide.lines().filter(|row| row.contains(" … | ")).collect();
        let expected = MESSAGES.iter().map(|(part, rules, _)| {
            let names = rules.iter().map(|rule| format!("`{}`", rule.name));
            let names = match names.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => "none".to_owned(),
                names => names,
            };
            format!("| {} … | {names} |", part.trim_end_matches(':'))
        });
        assert_eq!(rows, expected.collect::<Vec<_>>());
    }

    #[test]
    fn recognizes_messages() {
        check(
            "Error: get_lamp/container/colour:\r\n      Expected type String but actual was Int64. Property: colour, actual value: '1'",
            Some("type-mismatch"),
            "",
            "get_lamp",
            &["colour"],
        );
        check(
            "Error: get_lamp/weight: Expected type Single but actual was Int64. Property: weight, actual value: '1'",
            None,
            "",
            "get_lamp",
            &[],
        );
        check(
            " Warning: /docs/v1.0/resources/Lamp.md:\n   Property 'colour' found in resource definition for 'a.lamp', but not described in markdown table.",
            Some("property-not-in-table"),
            "docs/v1.0/resources/lamp.md",
            "",
            &["colour"],
        );
        check(
            "Warning: /resources/lamp.md/a.lamp: Property 'colour' found in markdown table but not in resource definition.",
            Some("property-not-in-resource"),
            "resources/lamp.md",
            "a.lamp",
            &["colour"],
        );
        check(
            "Warning: /resources/lamp.md/a.lamp/colour: Inconsistent types between parameter (String) and table (Object)",
            Some("type-disagrees"),
            "resources/lamp.md",
            "a.lamp",
            &["colour"],
        );
        check(
            "Error: a.lamp/shade: Referenced type a.shade is not defined in the doc set! Potential suggestion: UNKNOWN",
            Some("unknown-resource"),
            "",
            "a.lamp",
            &["a.shade"],
        );
        check(
            "Warning: Resource a.lamp is defined in multiple files: /a.md, /b.md",
            Some("duplicate-resource"),
            "",
            "",
            &["a.lamp"],
        );
        check(
            "ERROR: /a.md: FileNotFound: '[../b.md#c](the b)'. Did you mean: c.md",
            Some("broken-link"),
            "a.md",
            "",
            &["../b.md#c"],
        );
        check(
            "Error: list_lamps: Missing properties: response was missing these required properties: id, colour",
            Some("missing-property"),
            "",
            "list_lamps",
            &["id", "colour"],
        );
        check(
            "Error: /a.md:\r\n Exception processing links.\r\n System.ArgumentException: Link Definition was null. Link text: !INCLUDE [x](../x.md)\r\n   at ApiDoctor.Validation.DocFile.get_LinkDestinations()",
            Some("undefined-reference"),
            "a.md",
            "",
            &["../x.md"],
        );
        check(
            "Warning: /a.md: Found potential enums in resource example",
            None,
            "a.md",
            "",
            &[],
        );
    }

    #[test]
    fn rejects_other_texts() {
        for text in ["null-value", "null-value: Error: no", "", "Errors: a: b"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
