//! Header lines, and what pages write in their place.

use std::ops::Range;

use super::further::{self, Next, Side};
use super::line::{Line, header};
use super::problem::Problem;
use crate::http::message::{Headers, is_field_value, is_token};
use crate::text::rules::HEADER_SYNTAX;
use crate::text::severity::Severity;

/// What follows the start line.
pub(super) struct Rest {
    pub headers: Headers,
    pub header_ranges: Vec<Range<usize>>,
    pub body: Option<Range<usize>>,
    /// The next message of the text, if there is one.
    pub next: Option<Next>,
    pub problems: Vec<Problem>,
}

/// Parses what follows the start line: headers up to a blank line, then the
/// body. A line that is not a header is left out, unless the body starts there.
pub(super) fn rest_of_message(text: &str, from: usize, side: Side) -> Rest {
    let mut rest = Rest {
        headers: Headers::default(),
        header_ranges: Vec::new(),
        body: None,
        next: None,
        problems: Vec::new(),
    };
    let mut next = Line::after(text, from);
    if let Some((blank, field)) = next.and_then(|line| fields_below_blank(text, line)) {
        rest.problems.push(
            Problem::new(
                &HEADER_SYNTAX,
                field.range(),
                "this header follows a blank line, so HTTP reads it as the body",
                "remove the blank line above it",
            )
            .severity(Severity::Error)
            .fix(blank..field.start, ""),
        );
        next = Some(field);
    }
    // Computed once it is needed.
    let mut below = None;
    let mut body = text.len();
    while let Some(line) = next {
        next = Line::at(text, line.next);
        if line.is_blank() {
            body = line.next;
            break;
        }
        let Some((name, value)) = field(&line, &rest) else {
            rest.next = side.message_at(text, line);
            if rest.next.is_some() {
                return rest;
            }
            if is_folded(&line, &rest) {
                next = unfold(text, line, &mut rest);
                continue;
            }
            let is_body = match kind_of(line.trimmed()) {
                Kind::Body => true,
                Kind::Ellipsis => {
                    rest.problems.push(Problem::new(
                        &HEADER_SYNTAX,
                        line.range(),
                        "this line is not a header field; left out",
                        "remove it",
                    ));
                    continue;
                }
                Kind::Field => false,
                Kind::Other => {
                    let below = below.get_or_insert_with(|| Below::of(text, line));
                    !below.shows_field_after(line, &rest.headers)
                }
            };
            if is_body {
                rest.problems.push(Problem::new(
                    &HEADER_SYNTAX,
                    line.range(),
                    "this line is not a header field; the body starts here",
                    "write a blank line between the headers and the body",
                ));
                body = line.start;
                break;
            }
            rest.problems.push(
                Problem::new(
                    &HEADER_SYNTAX,
                    line.range(),
                    "this line is not a header field, so its header is not read",
                    "write the name of the field, a colon and its value",
                )
                .severity(Severity::Error),
            );
            continue;
        };
        rest.problems.extend(faults(&line, name, value));
        rest.headers.push(name.trim_end(), value);
        rest.header_ranges.push(line.range());
    }
    rest.next = further::next_in_body(text, body, side, &rest.headers);
    let end = rest.next.as_ref().map_or(text.len(), |next| next.end);
    if !text[body..end].trim().is_empty() {
        rest.body = Some(body..end);
    }
    rest
}

/// The name and the value of a header line; `None` for a line that continues the
/// header above it.
fn field<'t>(line: &Line<'t>, above: &Rest) -> Option<(&'t str, &'t str)> {
    let found = header(line.trimmed())?;
    let is_open = |value: &str| value.ends_with([',', ';']);
    let last = above.headers.iter().next_back();
    let goes_on = is_indented(line) && last.is_some_and(|last| is_open(&last.value));
    (!goes_on).then_some(found)
}

/// What is wrong with a header line that can be read.
fn faults(line: &Line<'_>, name: &str, value: &str) -> Vec<Problem> {
    let mut faults = Vec::new();
    if name.len() != name.trim_end().len() || is_indented(line) {
        faults.push(Problem::new(
            &HEADER_SYNTAX,
            line.range(),
            "white space before or after the name of a header field",
            "start the line with the name, directly followed by the colon",
        ));
    }
    if !is_field_value(value) {
        let name = name.trim_end();
        faults.push(Problem::new(
            &HEADER_SYNTAX,
            line.range(),
            format!("the value of `{name}` contains a control character and cannot be sent"),
            "remove the character",
        ));
    }
    faults
}

fn is_indented(line: &Line<'_>) -> bool {
    line.text.starts_with([' ', '\t'])
}

/// Whether a line continues the header above it (RFC 9112, 5.2).
fn is_folded(line: &Line<'_>, above: &Rest) -> bool {
    is_indented(line) && !above.headers.is_empty() && kind_of(line.trimmed()) != Kind::Body
}

/// Adds folded lines to the header above them. Returns the line after them.
fn unfold<'t>(text: &'t str, first: Line<'t>, rest: &mut Rest) -> Option<Line<'t>> {
    let mut next = Some(first);
    let (Some(header), Some(range)) = (rest.headers.0.last_mut(), rest.header_ranges.last_mut())
    else {
        return Line::at(text, first.next);
    };
    while let Some(line) = next
        && is_indented(&line)
        && !line.is_blank()
    {
        header.value.push(' ');
        header.value.push_str(line.trimmed());
        range.end = line.range().end;
        next = Line::at(text, line.next);
    }
    let one_line = format!("{}: {}", header.name, header.value);
    rest.problems.push(
        Problem::new(
            &HEADER_SYNTAX,
            first.range().start..range.end,
            format!(
                "folded header field: `{}` continues on this line, which HTTP no longer allows",
                header.name
            ),
            "write the header on one line",
        )
        .fix(range.clone(), one_line),
    );
    next
}

/// What a line that is not a header seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The start of a body.
    Body,
    /// A mark for headers that are left out.
    Ellipsis,
    /// A header with a fault.
    Field,
    /// Neither is certain.
    Other,
}

fn kind_of(line: &str) -> Kind {
    if matches!(line, "..." | "…" | ". . .") {
        return Kind::Ellipsis;
    }
    let text = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    // A name in several words: `Content Type: text/plain`.
    if let Some((name, _)) = text.split_once([':', '：']) {
        let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
        if is_known(&name.replace(' ', "-")) {
            return Kind::Field;
        }
    }
    if line.starts_with(['{', '[', '<', '"']) {
        return Kind::Body;
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let name = &text[..text.find(|c| !is_of_name(c)).unwrap_or(text.len())];
    let value = text[name.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
    // Names such as `Accept` and `Date` also begin sentences.
    let is_name = name.contains('-') || name.len() > 8 || !value.trim().contains(' ');
    if is_known(name) && is_name {
        Kind::Field
    } else {
        Kind::Other
    }
}

/// Whether a name is that of a header field: a registered one, or a name in the
/// form of one, such as `X-Id` and `Request-Id`.
fn is_known(name: &str) -> bool {
    const KNOWN: [&str; 44] = [
        "accept",
        "accept-charset",
        "accept-encoding",
        "accept-language",
        "accept-ranges",
        "age",
        "allow",
        "authorization",
        "cache-control",
        "client-request-id",
        "connection",
        "consistencylevel",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "etag",
        "expect",
        "expires",
        "host",
        "idempotency-key",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "last-modified",
        "link",
        "location",
        "origin",
        "prefer",
        "preference-applied",
        "range",
        "request-id",
        "retry-after",
        "server",
        "set-cookie",
        "user-agent",
        "vary",
        "www-authenticate",
    ];
    let lower = name.to_ascii_lowercase();
    let is_shaped = || {
        let mut parts = name.split('-');
        let is_part = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
        name.contains('-') && is_token(name) && parts.all(is_part)
    };
    KNOWN.binary_search(&lower.as_str()).is_ok()
        || (lower.len() > 2 && lower.starts_with("x-"))
        || is_shaped()
}

/// The headers that a page shows below a blank line: where the blank lines
/// start, and the first header. Each line up to the next blank line is one.
fn fields_below_blank<'t>(text: &'t str, first: Line<'t>) -> Option<(usize, Line<'t>)> {
    let mut line = first;
    while line.is_blank() {
        line = Line::at(text, line.next)?;
    }
    let (name, _) = header(line.trimmed())?;
    if line.start == first.start || !is_known(name.trim_end()) {
        return None;
    }
    let mut next = Some(line);
    while let Some(line) = next
        && !line.is_blank()
    {
        header(line.trimmed())?;
        next = Line::at(text, line.next);
    }
    Some((first.start, line))
}

/// What is below a line that is not a header.
struct Below {
    /// Where the last known header before the next blank line starts.
    last_field: usize,
    /// Whether a blank line and a body that is not text follow.
    has_content: bool,
}

impl Below {
    fn of(text: &str, line: Line<'_>) -> Self {
        let mut last_field = 0;
        let mut next = Some(line);
        while let Some(line) = next
            && !line.is_blank()
        {
            if header(line.trimmed()).is_some_and(|(name, _)| is_known(name.trim_end())) {
                last_field = line.start;
            }
            next = Line::at(text, line.next);
        }
        let body = next.map_or("", |blank| &text[blank.next..]);
        Self {
            last_field,
            has_content: body.trim_start().starts_with(['{', '[', '<']),
        }
    }

    /// Whether a line stands among headers, and not at the start of a text.
    fn shows_field_after(&self, line: Line<'_>, headers: &Headers) -> bool {
        let is_text = |value: &str| value.trim_start().starts_with("text/");
        let is_text = headers.get("content-type").is_some_and(is_text);
        self.last_field > line.start || (self.has_content && !is_text)
    }
}
