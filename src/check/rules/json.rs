//! Documented bodies and resources as JSON.

use std::collections::HashMap;
use std::ops::Range;

use super::{Parsed, Site};
use crate::http::media_type::MediaType;
use crate::http::text as message_text;
use crate::json::Unreadable;
use crate::json::faults::{DuplicateKey, faults};
use crate::json::leniency::{Leniency, LeniencyKind, by_kind};
use crate::page::extract::{Annotated, BlockType};
use crate::page::markdown::Fence;
use crate::text::finding::Diagnostic;
use crate::text::rules::{JSON_DUPLICATE_KEY, JSON_SYNTAX};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page};

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for annotated in &parsed.annotated {
        let block_type = annotated.annotation.block_type;
        if let Some(range) = meant_as_json(block_type, &annotated.fence.text.text) {
            let body = Body {
                page: parsed.page,
                annotated,
                at: range.start,
                text: &annotated.fence.text.text[range],
            };
            body.check(found);
        }
    }
}

/// The part of a block that is meant as JSON.
fn meant_as_json(block_type: BlockType, text: &str) -> Option<Range<usize>> {
    let may_be_bare = match block_type {
        BlockType::Resource | BlockType::Example => true,
        BlockType::Request | BlockType::Response | BlockType::SimulatedResponse => false,
        BlockType::Ignored | BlockType::Samples | BlockType::TestParams | BlockType::Unknown => {
            return None;
        }
    };
    if opens_json(text) {
        return may_be_bare.then_some(0..text.len());
    }
    let (headers, body) = message_text::content(text)?;
    let says_json = MediaType::of(&headers).is_none_or(|media_type| media_type.is_json());
    let text = &text[body.clone()];
    (says_json && opens_json(text) && !is_stand_in(text)).then_some(body)
}

fn opens_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Whether a body only stands for one: `[binary content]`, `{file}`, `{ … }`.
fn is_stand_in(text: &str) -> bool {
    let text = text.trim();
    let inner = text[1..]
        .strip_suffix(['}', ']'])
        .unwrap_or_default()
        .trim();
    let is_prose = inner.contains(char::is_alphabetic)
        && !inner.contains(['"', '\'', ':', '{', '}', '[', ']', '\n'])
        && !inner.ends_with(',');
    is_prose || (!inner.is_empty() && inner.trim_matches(['.', '…']).is_empty())
}

/// A text that is meant as JSON, and where it stands.
struct Body<'p> {
    page: &'p Page,
    annotated: &'p Annotated<'p>,
    /// Where it begins in the fence.
    at: usize,
    text: &'p str,
}

impl Body<'_> {
    fn check(&self, found: &mut Vec<Diagnostic>) {
        let faults = faults(self.text);
        found.extend(faults.unreadable.as_ref().map(|it| self.unreadable(it)));
        let leniencies = by_kind(faults.leniencies);
        found.extend(leniencies.iter().map(|leniency| self.lenient(leniency)));
        found.extend(faults.ellipses.first().map(|range| self.ellipsis(range)));
        self.repeated(&faults.duplicates, found);
    }

    fn finding(&self, range: Range<usize>, message: String) -> Diagnostic {
        let span = self.fence().text.span(self.in_fence(&range));
        Diagnostic::at(self.page, &JSON_SYNTAX, span, message)
    }

    fn unreadable(&self, unreadable: &Unreadable) -> Diagnostic {
        let message = format!("{} is no JSON: {}", self.name(), unreadable.message);
        self.finding(unreadable.range(self.text), message)
            .help(unreadable.help(self.text))
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
            // It may be meant, or a line that an editor broke.
            return finding.help("write the string on one line, a line end in it as \\n");
        }
        let finding = finding.fix(fix.unwrap_or_default());
        // Pages explain what they show in comments, which is no fault of what
        // is shown. A request is there to be sent.
        let is_sent = self.annotated.annotation.block_type == BlockType::Request;
        if leniency.kind == LeniencyKind::Comment && !is_sent {
            return finding.severity(Severity::Warning);
        }
        finding
    }

    fn ellipsis(&self, range: &Range<usize>) -> Diagnostic {
        let keys = &self.annotated.annotation.keys;
        let help = if keys.get("truncated").is_some_and(|it| it != false) {
            "take it out: the annotation says already that there is more"
        } else {
            "take it out, and say `\"truncated\": true` in the annotation"
        };
        let message = format!("{} has an ellipsis, so it is no JSON", self.name());
        self.finding(range.clone(), message)
            .severity(Severity::Warning)
            .help(help)
    }

    /// One finding a key, however many objects have it twice.
    fn repeated(&self, repeated: &[DuplicateKey], found: &mut Vec<Diagnostic>) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for it in repeated {
            *counts.entry(&self.text[it.key.clone()]).or_insert(0) += 1;
        }
        for it in repeated {
            let key = &self.text[it.key.clone()];
            // Only its first place still has its count.
            let Some(count) = counts.remove(key) else {
                continue;
            };
            let text = &self.fence().text;
            let first = self.page.line(text.offset(self.in_fence(&it.first).start));
            let more = match count {
                1 => String::new(),
                count => format!(" (so {count} times in this body)"),
            };
            let message = format!("this object has the key {key} already, on line {first}{more}");
            let help = if it.is_same {
                "take one of the two out"
            } else {
                "take one of the two out, or rename it: readers keep but one of them"
            };
            let span = text.span(self.in_fence(&it.key));
            found.push(Diagnostic::at(self.page, &JSON_DUPLICATE_KEY, span, message).help(help));
        }
    }

    fn fence(&self) -> &Fence<'_> {
        &self.annotated.fence
    }

    fn in_fence(&self, range: &Range<usize>) -> Range<usize> {
        self.at + range.start..self.at + range.end
    }

    fn name(&self) -> &'static str {
        match self.annotated.annotation.block_type {
            BlockType::Request => "this request body",
            BlockType::Resource => "this resource",
            BlockType::Example => "this example",
            _ => "this response body",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::tests::found;
    use crate::text::source;

    /// The findings in a page, as severity and the text that they point to;
    /// and the page with their fixes.
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
    fn what_is_meant_as_json_is_looked_at() {
        let comma = [("error", ",")];
        for (block_type, content, expected) in [
            ("request", "POST /a\n\n{\"a\": 1,}", &comma[..]),
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
            ("response", "HTTP/1.1 200 OK\n\n{ ... }", &[]),
            ("response", "HTTP/1.1 200 OK\n\n[Binary data]", &[]),
            ("response", "HTTP/1.1 200 OK\n\n{file content}", &[]),
            ("response", "HTTP/1.1 200 OK", &[]),
            ("ignored", "{\"a\": 1,}", &[]),
            ("samples", "{\"a\": 1,}", &[]),
            ("response", "{\"a\": 1,}", &[]),
        ] {
            check_page(&block(block_type, content), expected);
        }
    }

    #[test]
    fn a_mend_changes_nothing_else() {
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
            let mended = check_page(&block("resource", before), &expected);
            assert_eq!(mended, block("resource", after));
            check_page(&mended, &[]);
        }
    }

    #[test]
    fn a_quote_or_other_line_ends_do_not_move_a_finding() {
        let page = block("resource", "{\"a\": 1, // b\n\"c\": [1,]}");
        let findings = [("warning", "// b"), ("error", ",")];
        let lines = page.replace('\n', "\r\n");
        let mended = check_page(&lines, &findings);
        assert_eq!(
            mended,
            block("resource", "{\"a\": 1,\n\"c\": [1]}").replace('\n', "\r\n")
        );
        let quoted: String = page.lines().map(|line| format!("> {line}\n")).collect();
        let mended = check_page(&quoted, &findings);
        assert!(
            mended.contains("\n> {\"a\": 1,\n> \"c\": [1]}\n"),
            "{mended}"
        );
    }

    #[test]
    fn what_has_no_one_answer_is_not_mended() {
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
    fn a_comment_in_what_is_sent_is_an_error() {
        let request = block("request", "POST /a\n\n{\"a\": 1 /* b */}");
        check_page(&request, &[("error", "/* b */")]);
    }

    #[test]
    fn the_same_fault_in_each_element_is_one_finding() {
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
