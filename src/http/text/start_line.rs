//! Request lines and status lines.

use std::ops::Range;

use super::line::offset_in;
use crate::http::message::is_token;

/// The registered methods that pages use (RFC 9110, 9; RFC 5789).
const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

pub(super) fn method_and_rest(line: &str) -> (&str, &str) {
    line.split_once(char::is_whitespace).unwrap_or((line, ""))
}

/// Whether a line is a request line.
pub(super) fn is_request_line(line: &str) -> bool {
    let (method, rest) = method_and_rest(line);
    is_method(method) && !strip_version(rest.trim()).is_empty()
}

/// A parsed status line. Offsets are relative to the line.
pub(super) struct StatusLine<'a> {
    pub status: u16,
    pub status_at: usize,
    pub reason: Option<&'a str>,
    pub problem: Option<StatusLineProblem>,
}

/// A problem in a status line. Ranges are relative to the line.
pub(super) struct StatusLineProblem {
    pub part: Range<usize>,
    pub message: String,
    pub fix: Option<(Range<usize>, String)>,
}

/// Parses `HTTP-version SP status-code SP [reason-phrase]` (RFC 9112, 4). The
/// reason phrase and the space before it are optional: editors remove trailing
/// spaces, and HTTP/2 has no reason phrases (RFC 9113, 8.3.2).
pub(super) fn status_line(line: &str) -> Option<StatusLine<'_>> {
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

/// Parses a status without a version: `200 OK`, `Status: 200 OK`.
pub(super) fn bare_status(line: &str) -> Option<StatusLine<'_>> {
    let labels = [
        "Status:",
        "status:",
        "Status code:",
        "HTTP status:",
        "HTTP Status:",
    ];
    let label = labels.iter().find_map(|label| line.strip_prefix(label));
    let rest = label.unwrap_or(line).trim();
    let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word
                .chars()
                .all(|c| c.is_ascii_alphabetic() || "-'".contains(c))
    };
    let is_reason = match reason {
        "" => label.is_some(),
        reason => reason.split(' ').count() <= 6 && reason.split(' ').all(is_word),
    };
    let status = code.parse().ok().filter(|code| (100..600).contains(code));
    Some(StatusLine {
        status: status.filter(|_| is_code && is_reason)?,
        status_at: offset_in(line, code),
        reason: (!reason.is_empty()).then_some(reason),
        problem: None,
    })
}

fn is_version_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((major, minor)) => digits(major) && digits(minor),
        None => digits(text),
    }
}

pub(super) fn is_version(word: &str) -> bool {
    word.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("HTTP/") && is_version_number(&word[5..]))
}

/// Removes the HTTP version at the end, or directly after the method.
pub(super) fn strip_version(rest: &str) -> &str {
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
pub(super) fn is_method(word: &str) -> bool {
    is_token(word)
        && (METHODS
            .iter()
            .any(|method| word.eq_ignore_ascii_case(method))
            || (word.starts_with(|c: char| c.is_ascii_uppercase())
                && !word.contains(|c: char| c.is_ascii_lowercase())))
}

/// The word in the place of the status code, if a line is a status line apart
/// from it.
pub(super) fn wrong_status_code(line: &str) -> Option<&str> {
    let (version, rest) = line.split_once(char::is_whitespace)?;
    let code = rest.split_whitespace().next()?;
    let is_number = code.bytes().all(|byte| byte.is_ascii_digit());
    (is_version(version) && is_number && status_line(line).is_none()).then_some(code)
}

/// Whether a line begins a response: a status line with a version. Prose has
/// none.
pub(super) fn begins_response(line: &str) -> bool {
    line.starts_with("HTTP/") && status_line(line).is_some()
}

/// Whether a line is a request line and nothing else: a registered method and a
/// target that is a path or a URL.
pub(super) fn is_request(line: &str) -> bool {
    let (method, rest) = method_and_rest(line);
    let target = strip_version(rest.trim());
    if !METHODS.contains(&method) || target.is_empty() || target.contains('`') {
        return false;
    }
    // White space is in a query, in a call, or in brackets.
    let mut open = 0_usize;
    let mut has_query = false;
    for c in target.chars() {
        match c {
            '{' | '<' | '(' | '[' => open += 1,
            '}' | '>' | ')' | ']' => open = open.saturating_sub(1),
            '?' => has_query = true,
            c if c.is_whitespace() && open == 0 && !has_query => return false,
            _ => {}
        }
    }
    target.starts_with(['/', '{', '<', '$', ':']) || target.contains('/')
}

/// Whether a line begins a request: a registered method in upper case, and an
/// absolute URL or a path.
pub(super) fn begins_request(line: &str) -> bool {
    let (method, rest) = method_and_rest(line);
    let target = strip_version(rest.trim());
    let is_absolute = || {
        let scheme = target.split("://").next().unwrap_or_default();
        scheme.len() < target.len() && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    METHODS.contains(&method) && (target.starts_with('/') || is_absolute())
}
