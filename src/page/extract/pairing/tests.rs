//! Tests of pairing with small pages.

use crate::page::extract::extract;
use crate::text::severity::Severity;
use crate::text::source::Page;

fn page(text: &str) -> Page {
    Page::new("api/p.md", text.to_owned())
}

/// A page of blocks: `q:name` is a request, `r:name` a response. The name is
/// optional. Other text is kept.
fn script(blocks: &[&str]) -> Page {
    let mut text = String::new();
    for (number, block) in blocks.iter().enumerate() {
        let (kind, name) = block.split_once(':').unwrap_or((block, ""));
        let name = match name {
            "" => String::new(),
            list if list.starts_with('[') => format!(", \"name\": {list}"),
            name => format!(", \"name\": \"{name}\""),
        };
        text += &match kind {
            "q" => format!(
                "<!-- {{\"blockType\": \"request\"{name}}} -->\n```http\nGET /{number}\n```\n\n"
            ),
            "r" => format!(
                "<!-- {{\"blockType\": \"response\"{name}}} -->\n```http\nHTTP/1.1 2{number:02} X\n```\n\n"
            ),
            _ => format!("{block}\n\n"),
        };
    }
    page(&text)
}

#[track_caller]
fn check_pairs(blocks: &[&str], expected: &[&str]) {
    let extracted = extract(&script(blocks), None);
    let mut found: Vec<String> = extracted
        .cases
        .iter()
        .map(|case| {
            let outcome = case
                .response
                .as_ref()
                .and_then(|response| response.message.status.code())
                .map_or("-".to_owned(), |code| (code - 200).to_string());
            format!("{} {outcome}", case.id.trim_start_matches("api/p::"))
        })
        .collect();
    found.extend(extracted.diagnostics.iter().map(|d| d.rule.name.to_owned()));
    assert_eq!(found, expected, "{blocks:?}");
}

#[test]
fn pairs_responses_by_name() {
    check_pairs(&["q:a", "q:b", "r:a", "r:b"], &["a 2", "b 3"]);
    check_pairs(&["q:a", "q:a", "r:a"], &["a 2", "a~2 2"]);
    check_pairs(&["q:a", "q:a", "r:a", "r:a"], &["a 2", "a~2 3"]);
    check_pairs(
        &["q:a", "q:b", "q:a", "r:b", "r:a", "q:a", "r:a", "r:a"],
        &["a 4", "b 3", "a~2 4", "a~3 6", "a~3.2 7"],
    );
    check_pairs(&["q:a", "q:b", "r:[\"a\", \"b\"]"], &["a 2", "b 2"]);
    check_pairs(
        &["r:a", "q:a"],
        &["a -", "orphan-response", "unpaired-request"],
    );
}

#[test]
fn pairs_unknown_names_with_the_nearest_unpaired_request() {
    let unknown = "response-name-unknown";
    check_pairs(
        &["q:a", "q:b", "r:c"],
        &["a -", "b 2", "unpaired-request", unknown],
    );
    check_pairs(&["q:a", "q:b", "r:b", "r:c"], &["a 3", "b 2", unknown]);
    check_pairs(&["q:a", "r:c", "r:d"], &["a 1", unknown, unknown]);
    check_pairs(
        &["q:a", "q:a", "r:a", "q:a", "r:a", "r:c"],
        &["a 2", "a~2 2", "a~3 4", unknown],
    );
    check_pairs(&["q:a", "r:[\"a\", \"b\"]"], &["a 1", unknown]);
    // Without named requests, position decides.
    check_pairs(&["q", "r:ok", "r:lost"], &["1 1", "1.2 2"]);
}

#[test]
fn pairs_further_responses_with_their_request() {
    check_pairs(&["q:a", "r:a", "r:a", "r:a"], &["a 1", "a.2 2", "a.3 3"]);
    check_pairs(&["q:a", "r:a", "r", "r"], &["a 1", "a.2 2", "a.3 3"]);
    check_pairs(&["q", "r", "r", "q", "r"], &["1 1", "1.2 2", "2 4"]);
    check_pairs(
        &["q:a", "q:b", "r:a", "r:b", "r:a"],
        &["a 2", "a.2 4", "b 3"],
    );
    check_pairs(
        &["q:a", "q:b", "r:a", "r:[\"a\", \"b\"]"],
        &["a 2", "a.2 3", "b 3"],
    );
    check_pairs(
        &["q:a", "r", "r", "q:a.2", "r"],
        &["a 1", "a.2~2 2", "a.2 4"],
    );
    check_pairs(
        &["q:a", "q:b", "r:b", "r:b"],
        &["a -", "b 2", "b.2 3", "unpaired-request"],
    );
}

#[test]
fn locates_unknown_response_names() {
    let check = |name: &str, shown: &str| {
        let request = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /\n```\n";
        let response = format!(
            "<!-- {{\"blockType\": \"response\", \"name\": {name},}} -->\n```\nHTTP/1.1 200 OK\n```\n"
        );
        let page = page(&format!("{request}{response}"));
        let extracted = extract(&page, None);
        let mut found = extracted.diagnostics.iter();
        let found = found.find(|found| found.rule.name == "response-name-unknown");
        let found = found.expect("a finding");
        assert_eq!(found.severity, Severity::Error);
        assert_eq!(page.slice(found.span.expect("a span")), shown);
    };
    check("\"b\"", "\"b\"");
    check("[\"a\", \"b\"]", "[\"a\", \"b\"]");
}

#[test]
fn reports_names_of_other_examples() {
    // `b` has no response: the name of its response was copied.
    check_pairs(
        &["q:a", "r:a", "q:b", "r:a"],
        &["a 1", "b 3", "response-name-unknown"],
    );
    check_pairs(
        &["q:a", "r:a", "q:b", "r:a", "r:b"],
        &["a 1", "a.2 3", "b 4"],
    );
}

#[test]
fn pairs_no_responses_of_requests_that_are_not_tested() {
    let ignored = "<!-- {\"blockType\": \"ignored\", \"name\": \"i\"} -->\n```http\nGET /i\n```";
    let bare = "```http\nGET /i\n```";
    for untested in [ignored, bare] {
        for name in ["r:a", "r", "r:x"] {
            let blocks = ["q:a", "r:a", untested, name];
            let extracted = extract(&script(&blocks), None);
            assert_eq!(extracted.cases.len(), 1, "{blocks:?}");
            let found: Vec<_> = extracted
                .diagnostics
                .iter()
                .map(|d| (d.rule.name, d.severity))
                .collect();
            assert_eq!(found, [("orphan-response", Severity::Info)], "{blocks:?}");
        }
    }
    check_pairs(&["q:a", ignored, "r:i", "r:a"], &["a 3", "orphan-response"]);
    // A request that is annotated as something else.
    for kind in ["example", "response", "x"] {
        let other = ignored
            .replace("ignored", kind)
            .replace(", \"name\": \"i\"", "");
        let blocks = ["q:a", "r:a", &other, "r"];
        let extracted = extract(&script(&blocks), None);
        assert_eq!(extracted.cases.len(), 1, "{blocks:?}");
        let last = extracted.diagnostics.last().expect("a finding");
        assert_eq!(
            (last.rule.name, last.severity),
            ("orphan-response", Severity::Info)
        );
    }
}

#[test]
fn keeps_the_place_of_an_invalid_response() {
    let wrong =
        "<!-- {\"blockType\": \"response\", \"name\": \"a\"} -->\n```http\nHTTP/1.1 2000 OK\n```";
    check_pairs(&["q:a", wrong], &["a -", "response-syntax"]);
    check_pairs(
        &["q:a", wrong, "q:b", "r:b"],
        &["a -", "b 3", "response-syntax"],
    );
}

#[test]
fn pairs_unnamed_responses_with_the_previous_request_only() {
    check_pairs(&["q", "q", "r"], &["1 -", "2 2", "unpaired-request"]);
    check_pairs(
        &["q", "q", "r", "r"],
        &["1 -", "2 2", "2.2 3", "unpaired-request"],
    );
    check_pairs(
        &["q:a", "q:b", "r:b", "r:a", "r"],
        &["a 3", "b 2", "orphan-response"],
    );
    check_pairs(&["r"], &["orphan-response"]);
}

#[test]
fn makes_ids_unique() {
    check_pairs(
        &["q:a", "r", "q:a", "r", "q:a~2", "r"],
        &["a 1", "a~2 3", "a~2~2 5"],
    );
    check_pairs(&["q:2", "r", "q", "r"], &["2 1", "2~2 3"]);
}

#[test]
fn reports_what_precedes_an_orphan_response() {
    let response = "<!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 200 OK\n```\n";
    let ignored = "<!-- {\"blockType\": \"ignored\"} -->\n";
    for (above, message, severity) in [
        (
            "```\nGET /\n```\n",
            "the one above it, on line 1, has no annotation",
            "info",
        ),
        ("```\ntext\n```\n", "no request precedes it", "error"),
        (
            &format!("{ignored}```\nGET /\n```\n"),
            "the one above it, on line 2, is annotated as `ignored`",
            "info",
        ),
        (
            &format!("{ignored}```\nGET /\n```\n\n```\nGET /a\n```\n"),
            "the one above it, on line 6, has no annotation",
            "info",
        ),
        (
            &format!("{ignored}```\n{{}}\n```\n"),
            "no request precedes it",
            "error",
        ),
    ] {
        let page = Page::new("p.md", format!("{above}\n{response}"));
        let found = extract(&page, None).diagnostics;
        let found: Vec<_> = found
            .iter()
            .filter(|finding| finding.rule.name == "orphan-response")
            .map(|finding| (finding.message.as_str(), finding.severity.name()))
            .collect();
        let message = format!("this response has no request: {message}");
        assert_eq!(found, [(message.as_str(), severity)], "{above}");
    }
}
