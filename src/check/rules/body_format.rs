//! The format of a body, guessed from its text, and the one that its
//! `Content-Type` declares.

use super::json_text::JsonText;
use crate::http::media_type::MediaType;
use crate::http::text as message_text;

/// A format that a body may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFormat {
    /// JSON (RFC 8259).
    Json,
    /// XML.
    Xml,
    /// HTML.
    Html,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// URL-encoded form fields.
    Urlencoded,
}

impl BodyFormat {
    /// The name for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Html => "HTML",
            Self::Csv => "CSV",
            Self::Urlencoded => "URL-encoded form data",
        }
    }

    /// Its media type.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Html => "text/html",
            Self::Csv => "text/csv",
            Self::Urlencoded => "application/x-www-form-urlencoded",
        }
    }

    /// The format of a body whose `Content-Type` declares `claim`, or nothing
    /// if unclear. A body that looks like JSON and is declared as JSON is not
    /// parsed.
    pub(super) fn of(body: &JsonText<'_>, claim: Self) -> Option<Self> {
        if claim == Self::Json && body.is_object_or_array() {
            return None;
        }
        Self::of_any(body)
    }

    /// The format of a body, or nothing if unclear.
    pub(super) fn of_any(body: &JsonText<'_>) -> Option<Self> {
        let text = body.text.trim();
        match text.bytes().next()? {
            b'{' | b'[' => body.strict().map(|_| Self::Json),
            b'<' => markup(text),
            _ if is_csv(text) => Some(Self::Csv),
            _ if is_urlencoded(text) => Some(Self::Urlencoded),
            _ => None,
        }
    }

    /// Whether a body of this format may be declared as the other.
    pub(super) fn may_be(self, other: Self) -> bool {
        let markup = [Self::Xml, Self::Html];
        self == other || (markup.contains(&self) && markup.contains(&other))
    }
}

/// What a body is that should be JSON, but does not begin like an object or an
/// array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InsteadOfJson {
    /// A part of a JSON text, such as `"a": 1`.
    Fragment,
    /// Prose.
    Text,
}

impl InsteadOfJson {
    /// What a body that is declared as JSON is instead. Nothing for JSON, for
    /// placeholders, and for other formats.
    pub(super) fn of(body: &JsonText<'_>) -> Option<Self> {
        let is_other = body.is_object_or_array()
            || body.node().is_some()
            || BodyFormat::of_any(body).is_some()
            || is_placeholder(body.text.trim())
            || is_message(body.text.trim());
        if is_other {
            return None;
        }
        let is_fragment = body.text.contains(['{', '[']) || body.text.contains("\":");
        Some(if is_fragment {
            Self::Fragment
        } else {
            Self::Text
        })
    }
}

/// Whether a body stands for one: `<file content>`, `(none)`, `...`.
fn is_placeholder(body: &str) -> bool {
    let pairs = [('<', '>'), ('(', ')')];
    let is_enclosed =
        |(open, close): &(char, char)| body.starts_with(*open) && body.ends_with(*close);
    pairs.iter().any(is_enclosed) || body.trim_matches(['.', '…']).is_empty()
}

/// Whether a body is another message, which another rule reports.
fn is_message(body: &str) -> bool {
    let first = body.lines().next().unwrap_or_default();
    message_text::request(first).message.is_some()
        || message_text::response(first).message.is_some()
}

/// The format that a `Content-Type` declares, or nothing for types that allow
/// any content.
pub(super) fn declared(content_type: &str) -> Option<BodyFormat> {
    let media_type = MediaType::parse(content_type);
    match media_type.essence.as_str() {
        _ if media_type.is_json() => Some(BodyFormat::Json),
        _ if media_type.is_xml() => Some(BodyFormat::Xml),
        "text/html" => Some(BodyFormat::Html),
        "text/csv" => Some(BodyFormat::Csv),
        "application/x-www-form-urlencoded" => Some(BodyFormat::Urlencoded),
        _ => None,
    }
}

/// The kind of markup. `<file content>` is a placeholder: markup has an end tag
/// or a declaration.
fn markup(body: &str) -> Option<BodyFormat> {
    let starts_with = |start: &str| {
        body.get(..start.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(start))
    };
    let has_end = body.ends_with('>') && (body.contains("</") || body.contains("/>"));
    if starts_with("<!doctype html") || (starts_with("<html") && has_end) {
        Some(BodyFormat::Html)
    } else if starts_with("<?xml") || (has_end && body[1..].starts_with(char::is_alphabetic)) {
        Some(BodyFormat::Xml)
    } else {
        None
    }
}

/// The maximum number of rows that are checked.
const LINES: usize = 20;

/// Whether a body consists of rows with equally many values, or of one row of
/// many names.
fn is_csv(body: &str) -> bool {
    // Excludes JSON fragments and lists in prose.
    let mut lines = body
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    let Some(names) = lines.next() else {
        return false;
    };
    let fields = |line: &str| {
        let mut is_quoted = false;
        let commas = line.bytes().filter(|byte| {
            is_quoted ^= *byte == b'"';
            *byte == b',' && !is_quoted
        });
        commas.count() + 1
    };
    let width = fields(names);
    let are_names = width > 1
        && !names.contains([':', '{', '}', '[', ']', ';', '='])
        && names.split(',').all(|name| {
            let name = name.trim();
            !name.is_empty() && !name.ends_with('.') && name.split(' ').count() < 6
        });
    if !are_names {
        return false;
    }
    let mut rows = lines.take(LINES).peekable();
    if rows.peek().is_none() {
        return width > 3;
    }
    rows.all(|row| fields(row) == width && !row.starts_with(['{', '}', '[', ']']))
}

/// Whether a body looks like `name=value&name=value`. A single pair is
/// ambiguous.
fn is_urlencoded(body: &str) -> bool {
    const FIELD: &[u8] = b"-._~%+*";
    body.contains('&')
        && body.split('&').all(|field| {
            let mut parts = field.trim().splitn(2, '=');
            let name = parts.next().unwrap_or_default();
            let value = parts.next();
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || FIELD.contains(&byte);
            !name.is_empty()
                && name.bytes().all(is_name)
                && value.is_some_and(|value| !value.contains(char::is_whitespace))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Option<BodyFormat>) {
        let text = JsonText::of_body(body);
        assert_eq!(BodyFormat::of_any(&text), expected, "{body:?}");
    }

    #[test]
    fn guesses_the_format_from_the_body() {
        check(" {\"a\": [1]}\n", Some(BodyFormat::Json));
        check("<?xml version=\"1.0\"?>", Some(BodyFormat::Xml));
        check("<a><b/></a>", Some(BodyFormat::Xml));
        check("<!DOCTYPE html>\n<p>", Some(BodyFormat::Html));
        check("<html><body></body></html>", Some(BodyFormat::Html));
        check("Date,User\n2020-01-01,\"a, b\"\n", Some(BodyFormat::Csv));
        check(
            "Report Date,User Name,Is Deleted,Size",
            Some(BodyFormat::Csv),
        );
        check("a=1&b=x%20y", Some(BodyFormat::Urlencoded));
    }

    #[test]
    fn ignores_ambiguous_bodies() {
        for body in [
            "",
            "{\"a\": 1,}",
            "[Zip file]",
            "<binary data>",
            "<file content>",
            "\"a\": 1,\n\"b\": 2",
            "Hello, world",
            "One, two, three and four, as we know.",
            "first, second",
            "a=1",
            "a, b\nc",
            "\"text\"",
        ] {
            check(body, None);
        }
    }

    #[test]
    fn recognizes_what_is_not_json() {
        use InsteadOfJson::{Fragment, Text};
        for (body, expected) in [
            ("\"a\": 1", Some(Fragment)),
            ("json {\"a\": 1}", Some(Fragment)),
            ("The body of the item.", Some(Text)),
            ("{\"a\": 1", None),
            ("\"a\"", None),
            ("12", None),
            ("// a\n{}", None),
            ("<the item>", None),
            ("(none)", None),
            ("...", None),
            ("<a><b/></a>", None),
            ("GET /a", None),
            ("HTTP/1.1 200 OK", None),
            ("json: {\"a\": 1}", Some(Fragment)),
            ("Note: none", Some(Text)),
        ] {
            let text = JsonText::of_body(body);
            assert_eq!(InsteadOfJson::of(&text), expected, "{body:?}");
        }
    }

    #[test]
    fn maps_media_types_to_formats() {
        assert_eq!(
            declared("Application/JSON;odata=full"),
            Some(BodyFormat::Json)
        );
        assert_eq!(declared("application/problem+json"), Some(BodyFormat::Json));
        assert_eq!(declared("application/atom+xml"), Some(BodyFormat::Xml));
        assert_eq!(declared("application/octet-stream"), None);
        assert_eq!(declared("multipart/form-data; boundary=a"), None);
    }
}
