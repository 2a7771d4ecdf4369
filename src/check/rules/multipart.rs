//! `multipart-syntax`: documented multipart bodies (RFC 2046, 5.1).

use std::ops::Range;

use super::site::{Parsed, Site};
use crate::http::media_type::MediaType;
use crate::page::extract::Annotated;
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::MULTIPART_SYNTAX;
use crate::text::source::Page;

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for block in &parsed.annotated {
        if let Some(multipart) = Multipart::of(block) {
            found.extend(multipart.fault(parsed.page, block));
        }
    }
}

/// A multipart body.
#[derive(Debug)]
pub(super) struct Multipart<'b> {
    /// The text of the block.
    text: &'b str,
    /// The body in it.
    body: Range<usize>,
    /// The `boundary` of `Content-Type`, if there is one.
    boundary: Option<String>,
}

impl<'b> Multipart<'b> {
    /// The body of a message that is declared as multipart and is not a
    /// placeholder.
    pub(super) fn of(block: &'b Annotated<'_>) -> Option<Self> {
        let (headers, body) = block.message.content()?;
        let media_type = MediaType::of(headers)?;
        let text = &*block.fence.text.text;
        let body = body?;
        let is_multipart = media_type.essence.starts_with("multipart/");
        let has_lines = text[body.clone()].trim().contains('\n');
        (is_multipart && has_lines).then(|| Self {
            text,
            body,
            boundary: media_type.parameter("boundary").map(str::to_owned),
        })
    }

    /// The parts that are declared as JSON: the range of each content in the
    /// text of the block.
    pub(super) fn json_parts(&self) -> Vec<Range<usize>> {
        let Some(boundary) = &self.boundary else {
            return Vec::new();
        };
        let mut parts = Vec::new();
        let mut open: Option<usize> = None;
        for (line, kind) in self.delimiters(boundary) {
            if let Some(start) = open.take() {
                parts.extend(json_content(self.text, start..line.start));
            }
            open = (kind == Delimiter::Part).then_some(line.end);
        }
        if let Some(start) = open {
            parts.extend(json_content(self.text, start..self.body.end));
        }
        parts
    }

    /// The delimiter lines of the body.
    fn delimiters<'s>(
        &'s self,
        boundary: &'s str,
    ) -> impl Iterator<Item = (Range<usize>, Delimiter)> + 's {
        let mut at = self.body.start;
        let lines = self.text[self.body.clone()].split_inclusive('\n');
        lines.filter_map(move |line| {
            let start = at;
            at += line.len();
            let rest = line.trim_end().strip_prefix("--")?.strip_prefix(boundary)?;
            let kind = match rest {
                "" => Delimiter::Part,
                "--" => Delimiter::End,
                _ => return None,
            };
            Some((start..at, kind))
        })
    }

    /// The fault of the body, if there is one.
    fn fault(&self, page: &Page, block: &Annotated<'_>) -> Option<Diagnostic> {
        let at = |range: Range<usize>, message: String| {
            let span = block.fence.text.span(range);
            Diagnostic::at(page, &MULTIPART_SYNTAX, span, message)
        };
        let first = self.line_at(self.body.start);
        let Some(boundary) = &self.boundary else {
            let message = "body is multipart, but `Content-Type` has no boundary".to_owned();
            let help =
                "add the parameter, such as `boundary=part`, and begin each part with `--part`";
            return Some(at(first, message).help(help));
        };
        let shown = cut(boundary);
        let mut delimiters = self.delimiters(boundary).peekable();
        if delimiters.peek().is_none() {
            let message = format!("body has no part: no line is `--{shown}`");
            return Some(at(first, message).help(format!("begin each part with `--{shown}`")));
        }
        if delimiters.any(|(_, kind)| kind == Delimiter::End) {
            return None;
        }
        let end = self.body.start + self.text[self.body.clone()].trim_end().len();
        let last = self.text[..end].rfind('\n').map_or(0, |at| at + 1);
        let message = format!("body is not closed: the last line is not `--{shown}--`");
        let help = format!("end the body with a line `--{shown}--`");
        Some(at(last..end, message).help(help))
    }

    /// The first line that is not blank from a byte on, without the white space
    /// around it.
    fn line_at(&self, start: usize) -> Range<usize> {
        let rest = &self.text[start..self.body.end];
        let start = start + rest.len() - rest.trim_start().len();
        let line = self.text[start..self.body.end]
            .lines()
            .next()
            .unwrap_or_default();
        start..start + line.trim_end().len()
    }
}

/// A line between parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delimiter {
    /// A part begins.
    Part,
    /// The body ends.
    End,
}

/// The content of a part whose header says that it is JSON.
fn json_content(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let mut is_json = false;
    let mut at = part.start;
    for line in text[part.clone()].split_inclusive('\n') {
        at += line.len();
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.trim().eq_ignore_ascii_case("content-type")
        {
            is_json = MediaType::parse(value.trim()).is_json();
        }
    }
    let content = at..part.end;
    let opens = text[content.clone()].trim_start().starts_with(['{', '[']);
    (is_json && opens).then_some(content)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;

    const JSON: &str = "--a\nContent-Type: application/json\n\n{\"b\": 1}\n";

    #[track_caller]
    fn check_body(media_type: &str, body: &str, expected: &[(&str, &str)]) {
        let text = format!(
            "<!-- {{\"blockType\": \"request\"}} -->\n```http\nPOST /a\n\
             Content-Type: {media_type}\n\n{body}\n```\n\n\
             <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 204 No Content\n```\n"
        );
        check(&text, expected);
    }

    #[test]
    fn accepts_delimited_parts() {
        for media_type in [
            "multipart/mixed; boundary=a",
            "multipart/related; boundary=\"a\"",
        ] {
            check_body(media_type, &format!("{JSON}--a--"), &[]);
            check_body(
                media_type,
                &format!("preamble\n{JSON}{JSON}--a--\nepilogue"),
                &[],
            );
        }
        check_body("multipart/mixed; boundary=a", "<the parts>", &[]);
        check_body("text/plain; boundary=a", "b\nc", &[]);
    }

    #[test]
    fn reports_missing_boundaries_and_delimiters() {
        const RULE: &str = "multipart-syntax";
        check_body("multipart/mixed", &format!("{JSON}--a--"), &[(RULE, "--a")]);
        check_body(
            "multipart/mixed; boundary=b",
            &format!("{JSON}--a--"),
            &[(RULE, "--a")],
        );
        check_body("multipart/mixed; boundary=a", JSON, &[(RULE, "{\"b\": 1}")]);
        check_body(
            "multipart/mixed; boundary=a",
            &format!("{JSON}--a-"),
            &[(RULE, "--a-")],
        );
    }
}
