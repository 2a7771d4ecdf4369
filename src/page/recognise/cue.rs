//! What the text around a block says about it: cues of responses and of requests,
//! headings that name no operation, and statuses.

use crate::text::source::{Page, Span};

/// What a line says about the block below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// It announces a response.
    Response,
    /// It announces a result, perhaps of something else.
    Result,
    /// It announces the content of a request.
    Request,
    /// Nothing.
    None,
}

/// Words that announce a response, by their start.
const RESPONSE: [&str; 7] = [
    "respon", "return", "replies", "reply", "answers", "receive", "yields",
];
/// Words that announce a result, which may be that of another command.
const RESULT: [&str; 7] = [
    "result",
    "output",
    "success",
    "produces",
    "gives",
    "get back",
    "looks like",
];
/// Words that announce the content of a request.
const REQUEST: [&str; 12] = [
    "request",
    "payload",
    "body",
    "input",
    "parameter",
    "schema",
    "config",
    "post data",
    "submit",
    "sending",
    "send ",
    "definition",
];

/// What a line says about the block below it. `own` are the configured cues.
pub(super) fn cue(line: &str, own: &[String]) -> Cue {
    let line = line.to_lowercase();
    let first = |words: &[&str]| words.iter().filter_map(|word| find_word(&line, word)).min();
    if own.iter().any(|word| line.contains(&word.to_lowercase())) {
        return Cue::Response;
    }
    match (first(&RESPONSE), first(&REQUEST), first(&RESULT)) {
        (Some(_), _, _) => Cue::Response,
        (None, Some(request), Some(result)) if result < request => Cue::Result,
        (None, Some(_), _) => Cue::Request,
        (None, None, Some(_)) => Cue::Result,
        (None, None, None) => Cue::None,
    }
}

/// The index of a word's start in a line.
fn find_word(line: &str, word: &str) -> Option<usize> {
    let starts = |at: &usize| {
        let before = line[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '/')
    };
    line.match_indices(word).map(|(at, _)| at).find(starts)
}

/// Words of headings that name no operation.
const GENERIC: [&str; 88] = [
    "request",
    "requests",
    "response",
    "responses",
    "example",
    "examples",
    "sample",
    "samples",
    "parameter",
    "parameters",
    "params",
    "param",
    "header",
    "headers",
    "body",
    "bodies",
    "query",
    "path",
    "url",
    "uri",
    "http",
    "https",
    "curl",
    "json",
    "xml",
    "result",
    "results",
    "return",
    "returns",
    "returned",
    "output",
    "usage",
    "code",
    "codes",
    "error",
    "errors",
    "success",
    "successful",
    "payload",
    "schema",
    "attributes",
    "fields",
    "properties",
    "property",
    "arguments",
    "options",
    "notes",
    "note",
    "description",
    "permissions",
    "prerequisites",
    "api",
    "call",
    "content",
    "data",
    "format",
    "input",
    "form",
    "the",
    "a",
    "an",
    "of",
    "for",
    "with",
    "and",
    "or",
    "in",
    "on",
    "to",
    "optional",
    "required",
    "endpoint",
    "method",
    "syntax",
    "command",
    "shell",
    "copy",
    "as",
    "string",
    "type",
    "types",
    "details",
    "values",
    "value",
    "status",
    "rest",
    "name",
    "supported",
];

/// The text of a heading, without its markers, anchors and markup.
pub(super) fn heading_text(page: &Page, span: Span) -> String {
    let line = page.slice(span).lines().next().unwrap_or_default();
    let line = line.trim_matches(|c: char| c == '#' || c.is_whitespace());
    let line = line.split(" {#").next().unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut is_target = false;
    let mut previous = ' ';
    for c in line.chars() {
        match c {
            '(' if previous == ']' => is_target = true,
            ')' if is_target => is_target = false,
            '`' | '*' | '[' | ']' => {}
            _ if is_target => {}
            c => text.push(c),
        }
        previous = c;
    }
    text.trim().to_owned()
}

/// Whether a heading names something: it has other words than "Request",
/// "Response", "Example" and the like, and no status.
pub(super) fn names_something(heading: &str) -> bool {
    if heading_status(heading).is_some() {
        return false;
    }
    let lower = heading.to_lowercase();
    let is_response = |word: &str| word == "response" || word == "responses";
    let mut ends = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|it| !it.is_empty());
    if ends.next().is_some_and(is_response) || ends.next_back().is_some_and(is_response) {
        return false;
    }
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let mut words = words.filter(|word| !word.is_empty());
    words.any(|word| !GENERIC.contains(&word) && !word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The status of a heading such as `200: OK` or "Response 404".
pub(super) fn heading_status(heading: &str) -> Option<u16> {
    let start = heading.trim_start_matches(|c: char| !c.is_alphanumeric());
    let leading = start.get(..3).and_then(code);
    let is_alone = start
        .get(3..)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()));
    let leading = leading.filter(|code| is_alone && is_known(*code));
    leading.or_else(|| statuses(heading).first().copied())
}

/// The text of a paragraph that labels what follows, as a heading does:
/// `**Response:**`, `Example response:`.
pub(super) fn label(text: &str) -> Option<&str> {
    let first = text.trim().lines().next()?;
    let line = first.trim_matches(['>', ' ', '\t', '\\']);
    let inner = line.trim_matches(['*', '_', ':', ' ']);
    let is_bold = line.starts_with("**") && line.trim_end_matches(':').ends_with("**");
    let is_line = line.ends_with(':') && line.len() == text.trim().len();
    let is_short = !inner.is_empty() && inner.len() <= 60 && !inner.contains("**");
    (is_short && (is_bold || (is_line && !names_something(inner)))).then_some(inner)
}

/// The reasons of statuses, by their first word in lower case.
const REASONS: [(u16, &str); 37] = [
    (100, "continue"),
    (101, "switching"),
    (200, "ok"),
    (201, "created"),
    (202, "accepted"),
    (203, "non"),
    (204, "no"),
    (205, "reset"),
    (206, "partial"),
    (207, "multi"),
    (300, "multiple"),
    (301, "moved"),
    (302, "found"),
    (303, "see"),
    (304, "not"),
    (307, "temporary"),
    (308, "permanent"),
    (400, "bad"),
    (401, "unauthorized"),
    (402, "payment"),
    (403, "forbidden"),
    (404, "not"),
    (405, "method"),
    (406, "not"),
    (408, "request"),
    (409, "conflict"),
    (410, "gone"),
    (411, "length"),
    (412, "precondition"),
    (413, "payload"),
    (415, "unsupported"),
    (416, "requested"),
    (422, "unprocessable"),
    (429, "too"),
    (500, "internal"),
    (502, "bad"),
    (503, "service"),
];

fn is_known(code: u16) -> bool {
    REASONS.iter().any(|(known, _)| *known == code)
}

fn code(text: &str) -> Option<u16> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let code = text.parse().ok().filter(|_| is_number && text.len() == 3)?;
    (100..600).contains(&code).then_some(code)
}

/// The statuses that a text states: a code with its reason, or after a word such as
/// "status".
pub(super) fn statuses(text: &str) -> Vec<u16> {
    const BEFORE: [&str; 9] = [
        "status",
        "code",
        "http",
        "returns",
        "return",
        "response",
        "responds",
        "with",
        "statuscode",
    ];
    let mut found = Vec::new();
    let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_');
    let mut words = text
        .split(|c: char| !is_of_word(c))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .peekable();
    let mut previous = String::new();
    while let Some(word) = words.next() {
        if let Some(code) = code(word) {
            let next = words.peek().map(|next| next.to_lowercase());
            let is_reason =
                |(known, reason): &&(u16, &str)| *known == code && next.as_deref() == Some(*reason);
            let is_stated = REASONS.iter().any(|it| is_reason(&it))
                || (is_known(code) && BEFORE.contains(&previous.as_str()));
            if is_stated && !found.contains(&code) {
                found.push(code);
            }
        }
        previous = word.to_lowercase();
        if previous == "1.1" {
            "http".clone_into(&mut previous);
        }
    }
    found
}

/// The status of a table's row whose first cell is one.
pub(super) fn row_status(row: &str) -> Option<u16> {
    let cell = row.trim().trim_start_matches('|').split('|').next()?;
    let cell = cell.trim_matches(|c: char| !c.is_alphanumeric());
    let first = cell.split(' ').next().and_then(code)?;
    is_known(first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Cue) {
        assert_eq!(cue(line, &["Wynik".to_owned()]), expected, "{line}");
    }

    #[test]
    fn tells_responses_from_requests() {
        for line in [
            "Example response:",
            "Returns the created item:",
            "#### Response body",
            "A successful request returns:",
            "Wynik",
        ] {
            check(line, Cue::Response);
        }
        for line in ["Sample output", "On success:", "Result of the request"] {
            check(line, Cue::Result);
        }
        for line in [
            "Request body",
            "### Sample Payload",
            "Parameters",
            "Send this JSON:",
        ] {
            check(line, Cue::Request);
        }
        for line in ["An item has these members:", "/responses", ""] {
            check(line, Cue::None);
        }
    }

    #[test]
    fn tells_names_from_generic_headings() {
        for heading in [
            "Request",
            "Example response",
            "200: OK",
            "HTTP headers",
            "Example 1",
            "First response",
        ] {
            assert!(!names_something(heading), "{heading}");
        }
        for heading in ["Create an item", "Example 2: Filter", "Items"] {
            assert!(names_something(heading), "{heading}");
        }
    }

    #[test]
    fn finds_statuses_in_prose() {
        assert_eq!(
            statuses("It returns `201 Created`, or 404 (Not Found)."),
            [201, 404]
        );
        assert_eq!(statuses("with the HTTP status code 204."), [204]);
        assert!(statuses("at most 200 items, port 404").is_empty());
        assert_eq!(row_status("| `201` | Created |"), Some(201));
        assert_eq!(row_status("| id | 200 |"), None);
        assert_eq!(heading_status("200: OK {#ok}"), Some(200));
        assert_eq!(heading_status("Get 200 items"), None);
    }
}
