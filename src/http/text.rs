//! Parses HTTP messages as pages write them: a start line, header lines, a blank
//! line, and a body. Ranges are byte ranges of the parsed text.

use std::borrow::Cow;
use std::ops::Range;

use crate::http::message::{Headers, Request, Response, is_field_value, is_token};
use crate::text::rules::{
    HEADER_SYNTAX, REQUEST_SYNTAX, RESPONSE_SYNTAX, Rule, STATUS_LINE, UNKNOWN_METHOD,
};

/// A finding about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The bytes with the problem.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Cow<'static, str>,
    /// The bytes to replace and their replacement, if there is exactly one fix.
    pub fix: Option<(Range<usize>, String)>,
}

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
    fn nothing(
        rule: &'static Rule,
        range: Range<usize>,
        message: String,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            message: None,
            problems: vec![Problem {
                rule,
                range,
                message,
                help: help.into(),
                fix: None,
            }],
        }
    }
}

/// Parses a request: `METHOD target [HTTP/x.y]`, headers, a blank line, a body.
pub fn request(text: &str) -> Read<Request> {
    const HELP: &str = "write a request line, such as `GET https://api.example.com/items`";
    let Some(first) = first_line(text) else {
        return Read::nothing(
            &REQUEST_SYNTAX,
            0..0,
            "this request is empty".to_owned(),
            HELP,
        );
    };
    let line = &text[first.clone()];
    let (method, rest) = method_and_rest(line);
    let refuse = |message| Read::nothing(&REQUEST_SYNTAX, first.clone(), message, HELP);
    if !is_method(method) {
        return refuse(format!("`{}` is not a method", shorten(method)));
    }
    let target = strip_version(rest.trim());
    if target.is_empty() {
        return refuse(format!("the request line has no target after `{method}`"));
    }
    let target_at = first.start + offset_in(line, target);
    let mut rest = rest_of_message(text, first.end);
    if method.contains(|c: char| c.is_ascii_lowercase()) {
        let range = first.start..first.start + method.len();
        let capitals = method.to_ascii_uppercase();
        rest.problems.push(Problem {
            rule: &UNKNOWN_METHOD,
            message: format!(
                "`{method}` is not a registered method: HTTP methods are case-sensitive"
            ),
            help: format!("write `{capitals}`").into(),
            fix: Some((range.clone(), capitals)),
            range,
        });
    }
    let ranges = Ranges {
        subject: target_at..target_at + target.len(),
        start_line: first,
        headers: rest.header_ranges,
        body: rest.body,
    };
    let request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: rest.headers,
        body: ranges.body.clone().map(|range| text[range].to_owned()),
    };
    Read {
        message: Some((request, ranges)),
        problems: rest.problems,
    }
}

fn method_and_rest(line: &str) -> (&str, &str) {
    line.split_once(char::is_whitespace).unwrap_or((line, ""))
}

/// Whether a line is a request line.
pub(crate) fn is_request_line(line: &str) -> bool {
    let (method, rest) = method_and_rest(line);
    is_method(method) && !strip_version(rest.trim()).is_empty()
}

/// Parses a response: a status line, headers, a blank line, a body.
pub fn response(text: &str) -> Read<Response> {
    const HELP: &str = "write a status line, such as `HTTP/1.1 200 OK`";
    let Some(first) = first_line(text) else {
        return Read::nothing(
            &RESPONSE_SYNTAX,
            0..0,
            "this response is empty".to_owned(),
            HELP,
        );
    };
    let line = &text[first.clone()];
    let Some(parsed) = status_line(line) else {
        let message = format!("`{}` is not a status line", shorten(line));
        let help = if is_request_line(line) {
            "this is a request: annotate it as `request`"
        } else {
            HELP
        };
        return Read::nothing(&RESPONSE_SYNTAX, first, message, help);
    };
    let mut problems = Vec::new();
    if let Some(StatusLineProblem { part, message, fix }) = parsed.problem {
        let at = |part: Range<usize>| first.start + part.start..first.start + part.end;
        let help = fix.as_ref().map(|(_, line)| format!("write `{line}`"));
        problems.push(Problem {
            rule: &STATUS_LINE,
            range: at(part),
            message,
            help: help.map_or(Cow::Borrowed(HELP), Cow::Owned),
            fix: fix.map(|(part, text)| (at(part), text)),
        });
    }
    let status_at = first.start + parsed.status_at;
    let rest = rest_of_message(text, first.end);
    problems.extend(rest.problems);
    let ranges = Ranges {
        subject: status_at..status_at + 3,
        start_line: first,
        headers: rest.header_ranges,
        body: rest.body,
    };
    let response = Response {
        status: parsed.status,
        reason: parsed.reason.map(str::to_owned),
        headers: rest.headers,
        body: ranges.body.clone().map(|range| text[range].to_owned()),
    };
    Read {
        message: Some((response, ranges)),
        problems,
    }
}

/// The headers of a message and the range of its body. The start line is not
/// checked.
pub fn content(text: &str) -> Option<(Headers, Range<usize>)> {
    let first = first_line(text)?;
    let rest = rest_of_message(text, first.end);
    Some((rest.headers, rest.body?))
}

struct StatusLine<'a> {
    status: u16,
    status_at: usize,
    reason: Option<&'a str>,
    problem: Option<StatusLineProblem>,
}

/// A problem in a status line. Ranges are relative to the line.
struct StatusLineProblem {
    part: Range<usize>,
    message: String,
    fix: Option<(Range<usize>, String)>,
}

/// Parses `HTTP-version SP status-code SP [reason-phrase]` (RFC 9112, 4). The
/// reason phrase and the space before it are optional: editors remove trailing
/// spaces, and HTTP/2 has no reason phrases (RFC 9113, 8.3.2).
fn status_line(line: &str) -> Option<StatusLine<'_>> {
    let (version, rest) = line.split_once(char::is_whitespace)?;
    let protocol = version.get(..4)?;
    let number = match &version[4..] {
        "" => None,
        number => Some(number.strip_prefix('/').filter(|n| is_version_number(n))?),
    };
    if !protocol.eq_ignore_ascii_case("HTTP") {
        return None;
    }
    let after = rest.trim_start();
    let (code, reason) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let status: u16 = code.parse().ok().filter(|status| *status >= 100)?;
    let spaced_reason = reason;
    let reason = reason.trim();
    let status_at = offset_in(line, code);
    let right = |number: &str| {
        let parts = format!("HTTP/{number} {code} {reason}");
        Some((0..line.len(), parts.trim_end().to_owned()))
    };
    let problem = |part, message: &str, fix| {
        Some(StatusLineProblem {
            part,
            message: message.to_owned(),
            fix,
        })
    };
    let problem = if status > 599 {
        let message = format!("{status} is not an HTTP status code");
        problem(status_at..status_at + code.len(), &message, None)
    } else if number.is_none() {
        let message = "the status line has no version after `HTTP`";
        problem(0..version.len(), message, right("1.1"))
    } else if protocol != "HTTP" {
        let message = "`HTTP` must be in upper case";
        problem(0..protocol.len(), message, number.and_then(right))
    } else if rest.len() != after.len()
        || spaced_reason.trim_start().len() != spaced_reason.len()
        || line.contains('\t')
    {
        let message = "the parts of a status line are separated by one space";
        problem(0..line.len(), message, number.and_then(right))
    } else {
        None
    };
    Some(StatusLine {
        status,
        status_at,
        reason: (!reason.is_empty()).then_some(reason),
        problem,
    })
}

fn is_version_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((major, minor)) => digits(major) && digits(minor),
        None => digits(text),
    }
}

fn is_version(word: &str) -> bool {
    word.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("HTTP/") && is_version_number(&word[5..]))
}

/// Removes the HTTP version at the end, or directly after the method.
fn strip_version(rest: &str) -> &str {
    let (before, last) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
    if is_version(last) {
        return before.trim_end();
    }
    let (first, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if is_version(first) {
        return after.trim_start();
    }
    rest
}

/// Whether a word is a method: a token (RFC 9110, 9.1) that is registered, or in
/// upper case. Other words are prose.
fn is_method(word: &str) -> bool {
    const METHODS: [&str; 9] = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ];
    is_token(word)
        && (METHODS
            .iter()
            .any(|method| word.eq_ignore_ascii_case(method))
            || (word.starts_with(|c: char| c.is_ascii_uppercase())
                && !word.contains(|c: char| c.is_ascii_lowercase())))
}

struct Rest {
    headers: Headers,
    header_ranges: Vec<Range<usize>>,
    body: Option<Range<usize>>,
    problems: Vec<Problem>,
}

/// Parses what follows the start line: headers up to a blank line or the first
/// invalid header line, then the body.
fn rest_of_message(text: &str, from: usize) -> Rest {
    let mut rest = Rest {
        headers: Headers::default(),
        header_ranges: Vec::new(),
        body: None,
        problems: Vec::new(),
    };
    // After the line end of the start line.
    let mut at = text[from..]
        .find('\n')
        .map_or(text.len(), |end| from + end + 1);
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
        let line = &text[at..end];
        if line.trim().is_empty() {
            at = (end + 1).min(text.len());
            break;
        }
        let trimmed = line.trim();
        let start = at + offset_in(line, trimmed);
        let range = start..start + trimmed.len();
        let Some((name, value)) = header(trimmed) else {
            rest.problems.push(Problem {
                rule: &HEADER_SYNTAX,
                range,
                message: "this line is not a header field; the body starts here".to_owned(),
                help: "write a blank line between the headers and the body".into(),
                fix: None,
            });
            break;
        };
        if name.len() != name.trim_end().len() || line.starts_with([' ', '\t']) {
            rest.problems.push(Problem {
                rule: &HEADER_SYNTAX,
                range: range.clone(),
                message: "white space before or after the name of a header field".to_owned(),
                help: "start the line with the name, directly followed by the colon".into(),
                fix: None,
            });
        }
        if !is_field_value(value) {
            rest.problems.push(Problem {
                rule: &HEADER_SYNTAX,
                range: range.clone(),
                message: format!(
                    "the value of `{}` contains a control character and cannot be sent",
                    name.trim_end()
                ),
                help: "remove the character".into(),
                fix: None,
            });
        }
        rest.headers.push(name.trim_end(), value);
        rest.header_ranges.push(range);
        at = (end + 1).min(text.len());
    }
    if !text[at..].trim().is_empty() {
        rest.body = Some(at..text.len());
    }
    rest
}

/// The name and the value of a header line.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_url = value.starts_with("//")
        && (name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("https"));
    (is_token(name.trim_end()) && !is_url).then_some((name, value.trim()))
}

/// The first line that is not blank, without the white space around it.
fn first_line(text: &str) -> Option<Range<usize>> {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next()?.trim_end();
    (!line.is_empty()).then(|| start..start + line.len())
}

/// The offset of `part` in `whole`. `part` must be a slice of `whole`.
fn offset_in(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
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
