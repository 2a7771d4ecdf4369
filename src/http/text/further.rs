//! Text that goes on after the first message: a target on several lines, a
//! second request, the final response after an interim one.

use std::ops::Range;

use super::line::{Line, header};
use super::problem::Problem;
use super::start_line::{begins_request, begins_response, strip_version};
use crate::http::media_type::MediaType;
use crate::http::message::Headers;
use crate::text::rules::{REQUEST_SYNTAX, RESPONSE_SYNTAX};

/// Whether a text is a request or a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// The next message of a text.
pub(super) struct Next {
    /// Where the message before it ends.
    pub end: usize,
    /// Its start line; none if only a separator follows.
    pub start: Option<Range<usize>>,
}

impl Side {
    /// Whether a line begins another message. A request may be followed by its
    /// response, but not vice versa.
    fn begins_message(self, line: &str) -> bool {
        begins_response(line) || (self == Self::Request && begins_request(line))
    }

    /// The next message, if it starts at a line or after the separator there:
    /// `###` in `.http` files.
    pub(super) fn message_at(self, text: &str, line: Line<'_>) -> Option<Next> {
        let end = line.start;
        if self.begins_message(line.trimmed()) {
            let start = Some(line.range());
            return Some(Next { end, start });
        }
        if self != Self::Request || !line.trimmed().starts_with("###") {
            return None;
        }
        let mut below = Line::at(text, line.next);
        while let Some(blank) = below
            && blank.is_blank()
        {
            below = Line::at(text, blank.next);
        }
        match below {
            None => Some(Next { end, start: None }),
            Some(below) => self.begins_message(below.trimmed()).then(|| Next {
                end,
                start: Some(below.range()),
            }),
        }
    }
}

/// The end of a target that goes on over several lines, and the whole target. A
/// line goes on if it ends with `?` or `&`, or if the next one starts so.
pub(super) fn continued_target(
    text: &str,
    first: &Range<usize>,
    target: &str,
) -> Option<(usize, String)> {
    let mut whole = String::new();
    let mut end = first.end;
    while let Some(line) = Line::after(text, end) {
        let part = line.trimmed();
        let so_far = if whole.is_empty() { target } else { &whole };
        let is_open = so_far.ends_with(['?', '&'])
            && !part.is_empty()
            && header(part).is_none()
            && !part.starts_with(['{', '[', '<', '"', '#']);
        if !part.starts_with(['?', '&']) && !is_open {
            break;
        }
        if whole.is_empty() {
            target.clone_into(&mut whole);
        }
        whole.push_str(strip_version(part));
        end = line.range().end;
    }
    (!whole.is_empty()).then_some((end, whole))
}

/// The message that follows the body of another one. The body may itself show
/// messages if its media type says so, or if it is text.
pub(super) fn next_in_body(text: &str, from: usize, side: Side, headers: &Headers) -> Option<Next> {
    let may_show_messages = match MediaType::of(headers) {
        Some(media_type) => {
            let (kind, _) = media_type.essence.split_once('/').unwrap_or_default();
            !media_type.is_json() && matches!(kind, "text" | "message" | "multipart")
                || media_type.essence == "application/http"
        }
        None => text[from..].trim_start().starts_with("--"),
    };
    if may_show_messages {
        return None;
    }
    let mut is_after_blank = true;
    let mut next = Line::at(text, from);
    while let Some(line) = next {
        if is_after_blank || line.text.starts_with('#') {
            let found = side.message_at(text, line);
            if found.is_some() {
                return found;
            }
        }
        is_after_blank = line.is_blank();
        next = Line::at(text, line.next);
    }
    None
}

/// The finding about a second message in the block of a request.
pub(super) fn of_request(text: &str, next: Range<usize>) -> Problem {
    let (message, help) = if begins_response(&text[next.clone()]) {
        (
            "a response in the block of a request; it is not read",
            "move it to a separate block, annotated as `response`",
        )
    } else {
        (
            "two requests in one block; only the first is read",
            "move it to a separate block with its own annotation",
        )
    };
    Problem::new(&REQUEST_SYNTAX, next, message, help)
}

/// The finding about a second response in a block.
pub(super) fn of_response(next: Range<usize>) -> Problem {
    Problem::new(
        &RESPONSE_SYNTAX,
        next,
        "two responses in one block; only the last is read",
        "move each response to a separate block with its own annotation",
    )
}
