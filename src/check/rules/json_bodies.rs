//! `json-syntax` and `json-duplicate-key`: documented bodies and resources as
//! JSON.

use std::collections::HashMap;
use std::ops::Range;

use super::body_format::InsteadOfJson;
use super::json_text::JsonText;
use super::multipart::Multipart;
use super::site::{Parsed, Site};
use crate::http::media_type::MediaType;
use crate::json::faults::{DuplicateKey, duplicate_keys};
use crate::json::leniency::{Leniency, LeniencyKind, by_kind};
use crate::json::{Layout, TOO_DEEP, Unreadable};
use crate::page::extract::{Annotated, BlockType};
use crate::page::markdown::Fence;
use crate::text::elision;
use crate::text::finding::Diagnostic;
use crate::text::rules::{JSON_DUPLICATE_KEY, JSON_SYNTAX};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page};

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for (annotated, json) in site.blocks(parsed) {
        if let Some(json) = json.filter(|json| is_meant_as_json(annotated, json)) {
            let body = JsonBody {
                page: parsed.page,
                annotated,
                json,
            };
            body.check(found);
        }
        let parts = Multipart::of(annotated).map(|multipart| multipart.json_parts());
        for range in parts.into_iter().flatten() {
            let body = JsonBody {
                page: parsed.page,
                annotated,
                json: &JsonText::read(&annotated.fence.text.text, range),
            };
            body.check(found);
        }
    }
}

/// Whether the text of a block should be JSON.
fn is_meant_as_json(block: &Annotated<'_>, json: &JsonText<'_>) -> bool {
    let is_bare = json.range.start == 0;
    let headers = block.message.content().map(|(headers, _)| headers);
    let media_type = headers.and_then(MediaType::of);
    let says_json = media_type.map(|media_type| media_type.is_json());
    if says_json.is_none() && Layout::of(json.text) == Layout::Lines {
        return false;
    }
    if json.is_object_or_array() {
        is_bare || (says_json != Some(false) && !elision::is_stand_in(json.text))
    } else if says_json == Some(true) {
        json.node().is_some() || InsteadOfJson::of(json) == Some(InsteadOfJson::Fragment)
    } else {
        is_bare && json.node().is_some()
    }
}

/// A text that should be JSON, and its position.
struct JsonBody<'p> {
    page: &'p Page,
    annotated: &'p Annotated<'p>,
    json: &'p JsonText<'p>,
}

impl JsonBody<'_> {
    fn check(&self, found: &mut Vec<Diagnostic>) {
        match self.json.sketch() {
            Err(unreadable) => found.push(self.unreadable(unreadable)),
            Ok(sketch) => {
                let leniencies = by_kind(sketch.leniencies.clone());
                found.extend(leniencies.iter().map(|leniency| self.lenient(leniency)));
                found.extend(sketch.ellipses.first().map(|range| self.ellipsis(range)));
                self.repeated(&duplicate_keys(self.json.text, sketch), found);
            }
        }
    }

    fn finding(&self, range: Range<usize>, message: String) -> Diagnostic {
        let span = self.fence().text.span(self.in_fence(&range));
        Diagnostic::at(self.page, &JSON_SYNTAX, span, message)
    }

    fn unreadable(&self, unreadable: &Unreadable) -> Diagnostic {
        if unreadable.is_too_deep() {
            let message = format!("{} is not checked: {TOO_DEEP}", self.name());
            return self
                .finding(unreadable.range(self.json.text), message)
                .severity(Severity::Info);
        }
        let message = format!("{} is not valid JSON: {}", self.name(), unreadable.message);
        self.finding(unreadable.range(self.json.text), message)
            .help(unreadable.help(self.json.text))
    }

    fn lenient(&self, leniency: &Leniency) -> Diagnostic {
        let edits = leniency.fix.iter().map(|(range, instead)| {
            let text = &self.fence().text;
            text.edit(&self.page.text, self.in_fence(range), instead)
        });
        let fix: Option<Vec<Edit>> = edits.collect();
        let message = format!("{} has {}", self.name(), leniency.describe());
        let finding = self
            .finding(leniency.range.clone(), message)
            .help(leniency.kind.help());
        if leniency.kind == LeniencyKind::LineBreak {
            // No fix: the line break may be intended, or an editor wrapped the
            // line.
            return finding.help("write the string on one line; escape line breaks as \\n");
        }
        let finding = finding.fix(fix.unwrap_or_default());
        // Comments that explain an example are only a warning. In a request,
        // which is sent, they are an error.
        let is_sent = self.annotated.annotation.block_type == BlockType::Request;
        if leniency.kind == LeniencyKind::Comment && !is_sent {
            return finding.severity(Severity::Warning);
        }
        finding
    }

    fn ellipsis(&self, range: &Range<usize>) -> Diagnostic {
        let keys = &self.annotated.annotation.keys;
        let help = if keys.get("truncated").is_some_and(|it| it != false) {
            "remove it; the annotation already says that the body is truncated"
        } else {
            "remove it, and add `\"truncated\": true` to the annotation"
        };
        let message = format!("{} has an ellipsis, which is not valid JSON", self.name());
        self.finding(range.clone(), message)
            .severity(Severity::Warning)
            .help(help)
    }

    /// Reports each duplicate key once, however many objects repeat it.
    fn repeated(&self, repeated: &[DuplicateKey], found: &mut Vec<Diagnostic>) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for it in repeated {
            *counts.entry(&self.json.text[it.key.clone()]).or_insert(0) += 1;
        }
        for it in repeated {
            let key = &self.json.text[it.key.clone()];
            // The count is removed with the first report.
            let Some(count) = counts.remove(key) else {
                continue;
            };
            let text = &self.fence().text;
            let first = self.page.line(text.offset(self.in_fence(&it.first).start));
            let more = match count {
                1 => String::new(),
                count => format!(" ({count} times in this body)"),
            };
            let message = format!(
                "duplicate key `{}`; first on line {first}{more}",
                key.trim_matches('"')
            );
            let help = if it.is_same {
                "remove one of them"
            } else {
                "remove or rename one of them; parsers keep only one value"
            };
            let span = text.span(self.in_fence(&it.key));
            found.push(Diagnostic::at(self.page, &JSON_DUPLICATE_KEY, span, message).help(help));
        }
    }

    fn fence(&self) -> &Fence<'_> {
        &self.annotated.fence
    }

    fn in_fence(&self, range: &Range<usize>) -> Range<usize> {
        let at = self.json.range.start;
        at + range.start..at + range.end
    }

    fn name(&self) -> &'static str {
        match self.annotated.annotation.block_type {
            BlockType::Request => "request body",
            BlockType::Resource => "resource",
            BlockType::Example => "example",
            _ => "response body",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::test_support::found;
    use crate::text::source;

    /// Checks the findings of a page (severity and text), and returns the page
    /// with all fixes applied.
    #[track_caller]
    fn check_page(text: &str, expected: &[(&str, &str)]) -> String {
        let page = Page::new("p.md", text.to_owned());
        let found = found(check, &page);
        let shown: Vec<_> = found
            .iter()
            .map(|finding| {
                let span = finding.span.expect("a place");
                (finding.severity.name(), page.slice(span))
            })
            .collect();
        assert_eq!(shown, expected, "{text}");
        let mut edits: Vec<Edit> = found.into_iter().flat_map(|finding| finding.fix).collect();
        edits.sort();
        source::apply(text, &edits)
    }

    fn block(block_type: &str, content: &str) -> String {
        format!("<!-- {{\"blockType\": \"{block_type}\"}} -->\n```\n{content}\n```\n")
    }

    #[test]
    fn checks_everything_that_should_be_json() {
        let comma = [("error", ",")];
        for (block_type, content, expected) in [
            ("request", "POST /a\n\n{\"a\": 1,}", &comma[..]),
            ("request", "curl /a --json '{\"a\": 1,}'", &comma),
            ("response", "{\"a\": 1,}", &comma),
            ("response", "{\"a\": 1}", &[]),
            ("response", "{\"a\": 1}\n{\"a\": 2}", &[]),
            (
                "request",
                "POST /a\nContent-Type: application/json; charset=utf-8\n\n[1,]",
                &comma,
            ),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-type: application/problem+json\n\n[1,]",
                &comma,
            ),
            ("simulatedResponse", "HTTP/1.1 200 OK\n\n[1,]", &comma),
            ("resource", "{\"a\": 1,}", &comma),
            ("example", "{\"a\": 1,}", &comma),
            ("example", "HTTP/1.1 200 OK\n\n{\"a\": 1,}", &comma),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n[1,]",
                &[],
            ),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n<a/>",
                &[],
            ),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n\"a\": 1",
                &[("error", ":")],
            ),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n// a\n{\"a\": 1}",
                &[("warning", "// a")],
            ),
            (
                "response",
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n\"a\"",
                &[],
            ),
            ("response", "HTTP/1.1 200 OK\n\n\"a\": 1", &[]),
            ("response", "HTTP/1.1 200 OK\n\n{ ... }", &[]),
            ("response", "HTTP/1.1 200 OK\n\n[Binary data]", &[]),
            ("response", "HTTP/1.1 200 OK\n\n{file content}", &[]),
            ("response", "HTTP/1.1 200 OK", &[]),
            ("ignored", "{\"a\": 1,}", &[]),
            ("samples", "{\"a\": 1,}", &[]),
            ("request", "{\"a\": 1,}", &[]),
        ] {
            check_page(&block(block_type, content), expected);
        }
    }

    #[test]
    fn fixes_change_nothing_else() {
        for (before, after, expected) in [
            ("{\"a\": [1, 2,],\n}", "{\"a\": [1, 2]\n}", [("error", ",")]),
            (
                "{\"a\": 1\n \"b\": 2}",
                "{\"a\": 1,\n \"b\": 2}",
                [("error", "")],
            ),
            ("{a: 1}", "{\"a\": 1}", [("error", "a")]),
            ("{'a': 'b\"'}", "{\"a\": \"b\\\"\"}", [("error", "'a'")]),
            ("{\u{a0}\"a\": 1}", "{ \"a\": 1}", [("error", "\u{a0}")]),
            ("{\"a\": 1 // b\n}", "{\"a\": 1\n}", [("warning", "// b")]),
            (
                "{\n  /* b */\n\"a\": 1}",
                "{\n\"a\": 1}",
                [("warning", "/* b */")],
            ),
        ] {
            let fixed = check_page(&block("resource", before), &expected);
            assert_eq!(fixed, block("resource", after));
            check_page(&fixed, &[]);
        }
    }

    #[test]
    fn keeps_positions_in_quotes_and_with_crlf() {
        let page = block("resource", "{\"a\": 1, // b\n\"c\": [1,]}");
        let findings = [("warning", "// b"), ("error", ",")];
        let lines = page.replace('\n', "\r\n");
        let fixed = check_page(&lines, &findings);
        assert_eq!(
            fixed,
            block("resource", "{\"a\": 1,\n\"c\": [1]}").replace('\n', "\r\n")
        );
        let quoted: String = page.lines().map(|line| format!("> {line}\n")).collect();
        let fixed = check_page(&quoted, &findings);
        assert!(fixed.contains("\n> {\"a\": 1,\n> \"c\": [1]}\n"), "{fixed}");
    }

    #[test]
    fn does_not_fix_ambiguous_faults() {
        for (content, expected) in [
            ("{\"a\": \"b\n c\"}", ("error", "\"b\n c\"")),
            ("{\"a\": 1, ...}", ("warning", "...")),
            ("{\"a\": <id>}", ("error", "<")),
            ("{\"a\": \u{201c}b\u{201d}}", ("error", "\u{201c}")),
            ("{\"a\": 1, \"a\": 1}", ("error", "\"a\"")),
        ] {
            let page = block("resource", content);
            assert_eq!(check_page(&page, &[expected]), page);
        }
    }

    #[test]
    fn deep_json_and_long_numbers_are_valid() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        check_page(
            &block(
                "example",
                "{\"a\": 1E400, \"b\": -0.10000000000000000000001}",
            ),
            &[],
        );
        check_page(&block("example", &nested(200)), &[]);
        check_page(&block("example", &nested(512)), &[]);
        check_page(&block("example", &nested(513)), &[("info", "[")]);
        check_page(&block("example", &"[".repeat(200)), &[("error", "[")]);
    }

    #[test]
    fn reports_comments_in_requests_as_errors() {
        let request = block("request", "POST /a\n\n{\"a\": 1 /* b */}");
        check_page(&request, &[("error", "/* b */")]);
    }

    #[test]
    fn groups_the_same_fault_in_all_elements() {
        let elements = ["{\"a\": 1, \"a\": 2}"; 9].join(",\n");
        check_page(
            &block("example", &format!("[{elements}]")),
            &[("error", "\"a\"")],
        );
        let elements = ["{\"a\": 1,}"; 9].join(",\n");
        check_page(
            &block("example", &format!("[{elements}]")),
            &[("error", ",")],
        );
    }
}
