//! Parses HTTP messages as pages write them: a start line, header lines, a blank
//! line, and a body. Ranges are byte ranges of the parsed text.
//!
//! What a page gets wrong is reported, and the rest is read: a bad header line
//! does not hide the headers below it, and a second message in the text is not
//! the body of the first.

mod fields;
mod further;
mod line;
mod problem;
mod start_line;

use std::borrow::Cow;
use std::ops::Range;

use crate::http::message::{Headers, Request, Response};
use crate::http::status::Status;
use crate::text::rules::{REQUEST_SYNTAX, RESPONSE_SYNTAX, STATUS_LINE, UNKNOWN_METHOD};
use crate::text::severity::Severity;
use fields::{Rest, rest_of_message};
use further::{Side, continued_target};
use line::offset_in;
pub(crate) use problem::Problem;
use start_line::{
    StatusLineProblem, bare_status, is_method, is_request, is_request_line, method_and_rest,
    status_line, strip_version, wrong_status_code,
};

/// The ranges of the parts of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranges {
    /// The request line or the status line.
    pub start_line: Range<usize>,
    /// The target of a request, or the status code of a response.
    pub subject: Range<usize>,
    /// The header lines, in order.
    pub headers: Vec<Range<usize>>,
    /// The body.
    pub body: Option<Range<usize>>,
}

/// A parsed message, if it is valid, and the findings about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The message.
    pub message: Option<(T, Ranges)>,
    /// The findings.
    pub problems: Vec<Problem>,
}

impl<T> Read<T> {
    fn nothing(problems: Vec<Problem>) -> Self {
        Self {
            message: None,
            problems,
        }
    }
}

/// Parses a request: `METHOD target [HTTP/x.y]`, headers, a blank line, a body.
pub fn request(text: &str) -> Read<Request> {
    const HELP: &str = "write a request line, such as `GET https://api.example.com/items`";
    let refuse = |range, message: String| Problem::new(&REQUEST_SYNTAX, range, message, HELP);
    let Some(first) = first_line(text, 0) else {
        return Read::nothing(vec![refuse(0..0, "this request is empty".to_owned())]);
    };
    let line = &text[first.clone()];
    let (method, rest) = method_and_rest(line);
    if !is_method(method) {
        let message = format!("`{}` is not a method", shorten(method));
        return Read::nothing(vec![refuse(first, message)]);
    }
    let target = strip_version(rest.trim());
    if target.is_empty() {
        let message = format!("the request line has no target after `{method}`");
        return Read::nothing(vec![refuse(first, message)]);
    }
    let mut problems = Vec::new();
    let target_at = first.start + offset_in(line, target);
    let mut subject = target_at..target_at + target.len();
    let mut start_line = first.clone();
    let mut target = Cow::Borrowed(target);
    if let Some((end, whole)) = continued_target(text, &first, &target) {
        start_line.end = end;
        subject.end = end;
        let one_line = format!("{method} {whole}");
        problems.push(
            Problem::new(
                &REQUEST_SYNTAX,
                subject.clone(),
                "the request target is on several lines; it is read as one line",
                format!("write `{one_line}`"),
            )
            .severity(Severity::Warning)
            .fix(start_line.clone(), one_line),
        );
        target = Cow::Owned(whole);
    }
    let rest = rest_of_message(text, start_line.end, Side::Request);
    problems.extend(rest.problems);
    if let Some(next) = rest.next.and_then(|next| next.start) {
        problems.push(further::of_request(text, next));
    }
    if method.contains(|c: char| c.is_ascii_lowercase()) {
        let range = first.start..first.start + method.len();
        let capitals = method.to_ascii_uppercase();
        problems.push(
            Problem::new(
                &UNKNOWN_METHOD,
                range.clone(),
                format!("`{method}` is not a registered method: HTTP methods are case-sensitive"),
                format!("write `{capitals}`"),
            )
            .fix(range, capitals),
        );
    }
    let ranges = Ranges {
        subject,
        start_line,
        headers: rest.header_ranges,
        body: rest.body,
    };
    let request = Request {
        method: method.to_owned(),
        target: target.into_owned(),
        headers: rest.headers,
        body: ranges.body.clone().map(|range| text[range].to_owned()),
    };
    Read {
        message: Some((request, ranges)),
        problems,
    }
}

/// Parses a response: a status line, headers, a blank line, a body. Of several
/// status lines, the last is that of the response: interim responses come before
/// the final one (RFC 9110, 15.2).
pub fn response(text: &str) -> Read<Response> {
    const HELP: &str = "write a status line, such as `HTTP/1.1 200 OK`";
    let refuse = |range, message: String, help: &'static str| {
        Problem::new(&RESPONSE_SYNTAX, range, message, help)
    };
    let mut problems = Vec::new();
    let mut from = 0;
    loop {
        let Some(first) = first_line(text, from) else {
            problems.push(refuse(0..0, "this response is empty".to_owned(), HELP));
            return Read::nothing(problems);
        };
        let line = &text[first.clone()];
        let Some(parsed) = status_line(line).or_else(|| bare_status(line)) else {
            if let Some(code) = wrong_status_code(line) {
                let at = first.start + offset_in(line, code);
                let message = format!("`{}` is not a status code", shorten(code));
                let help = "write a status code of three digits, such as `HTTP/1.1 200 OK`";
                problems.push(refuse(at..at + code.len(), message, help));
                // The rest is read for its own findings.
                problems.extend(rest_of_message(text, first.end, Side::Response).problems);
                return Read::nothing(problems);
            }
            let message = format!("`{}` is not a status line", shorten(line));
            let help = if is_request_line(line) {
                "this is a request: annotate it as `request`"
            } else {
                HELP
            };
            problems.push(refuse(first, message, help));
            return Read::nothing(problems);
        };
        let at = |part: Range<usize>| first.start + part.start..first.start + part.end;
        if let Some(StatusLineProblem { part, message, fix }) = parsed.problem {
            let help = fix.as_ref().map(|(_, line)| format!("write `{line}`"));
            let help = help.map_or(Cow::Borrowed(HELP), Cow::Owned);
            let mut problem = Problem::new(&STATUS_LINE, at(part), message, help);
            problem.fix = fix.map(|(part, text)| (at(part), text));
            problems.push(problem);
        }
        let rest = rest_of_message(text, first.end, Side::Response);
        problems.extend(rest.problems);
        if let Some(next) = rest.next.and_then(|next| next.start) {
            if parsed.status >= 200 {
                problems.push(further::of_response(next.clone()));
            }
            from = next.start;
            continue;
        }
        let subject = first.start + parsed.status_at;
        let ranges = Ranges {
            subject: subject..subject + 3,
            start_line: first,
            headers: rest.header_ranges,
            body: rest.body,
        };
        let response = Response {
            status: Status::Code(parsed.status),
            reason: parsed.reason.map(str::to_owned),
            headers: rest.headers,
            body: ranges.body.clone().map(|range| text[range].to_owned()),
        };
        return Read {
            message: Some((response, ranges)),
            problems,
        };
    }
}

/// Whether a text begins with a request line: a registered method, and a path or a
/// URL.
pub(crate) fn begins_with_request(text: &str) -> bool {
    first_line(text, 0).is_some_and(|line| is_request(&text[line]))
}

/// Whether a text begins with a status line, or with a status alone.
pub(crate) fn begins_with_status(text: &str) -> bool {
    first_line(text, 0).is_some_and(|line| {
        let line = &text[line];
        status_line(line).or_else(|| bare_status(line)).is_some()
    })
}

/// The end of the request that a text begins with, and the start of the message
/// below it.
pub(crate) fn below_request(text: &str) -> Option<(usize, usize)> {
    let first = first_line(text, 0)?;
    let (_, rest) = method_and_rest(&text[first.clone()]);
    let continued = continued_target(text, &first, strip_version(rest.trim()));
    let from = continued.map_or(first.end, |(end, _)| end);
    let next = rest_of_message(text, from, Side::Request).next?;
    Some((next.end, next.start?.start))
}

/// Reads a body without a status line.
pub(crate) fn body_alone(text: &str, status: Status) -> Read<Response> {
    let Some(first) = first_line(text, 0) else {
        return Read::nothing(Vec::new());
    };
    let body = first.start..text.trim_end().len();
    Read {
        message: Some((
            Response {
                status,
                reason: None,
                headers: Headers::default(),
                body: Some(text[body.clone()].to_owned()),
            },
            Ranges {
                start_line: first.clone(),
                subject: first,
                headers: Vec::new(),
                body: Some(body),
            },
        )),
        problems: Vec::new(),
    }
}

/// The headers of a message and the range of its body. The start line is not
/// checked.
pub fn content(text: &str) -> Option<(Headers, Range<usize>)> {
    let mut from = 0;
    loop {
        let first = first_line(text, from)?;
        let line = &text[first.clone()];
        let (end, side) = if status_line(line).is_some() {
            (first.end, Side::Response)
        } else {
            let (_, rest) = method_and_rest(line);
            let continued = continued_target(text, &first, strip_version(rest.trim()));
            let end = continued.map_or(first.end, |(end, _)| end);
            (end, Side::Request)
        };
        let Rest {
            headers,
            body,
            next,
            ..
        } = rest_of_message(text, end, side);
        match next.and_then(|next| next.start) {
            Some(next) if side == Side::Response => from = next.start,
            _ => return Some((headers, body?)),
        }
    }
}

/// The first line from an offset that is not blank, without the white space
/// around it.
fn first_line(text: &str, from: usize) -> Option<Range<usize>> {
    let start = text.len() - text[from..].trim_start().len();
    let line = text[start..].lines().next()?.trim_end();
    (!line.is_empty()).then(|| start..start + line.len())
}

fn shorten(text: &str) -> String {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
