//! What a body is, as far as anybody sees at once, and what its `Content-Type`
//! says that it is.

use serde::de::IgnoredAny;

use crate::http::media_type::MediaType;

/// A format that a body may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON (RFC 8259).
    Json,
    /// XML.
    Xml,
    /// HTML.
    Html,
    /// Values between commas (RFC 4180).
    Csv,
    /// The fields of a form.
    Urlencoded,
}

impl Form {
    /// How a text calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Xml => "XML",
            Self::Html => "HTML",
            Self::Csv => "CSV",
            Self::Urlencoded => "the fields of a form",
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

    /// What a body is that is said to be `claim`; none where that is not clear.
    /// What looks like JSON and is said to be it is not read.
    pub(super) fn of(body: &str, claim: Self) -> Option<Self> {
        let body = body.trim();
        match body.bytes().next()? {
            b'{' | b'[' if claim == Self::Json => None,
            _ => Self::of_any(body),
        }
    }

    /// What a body is; none where that is not clear.
    pub(super) fn of_any(body: &str) -> Option<Self> {
        let body = body.trim();
        match body.bytes().next()? {
            b'{' | b'[' => serde_json::from_str::<IgnoredAny>(body)
                .is_ok()
                .then_some(Self::Json),
            b'<' => markup(body),
            _ if is_csv(body) => Some(Self::Csv),
            _ if is_urlencoded(body) => Some(Self::Urlencoded),
            _ => None,
        }
    }

    /// Whether a body of this form is also one of the other.
    pub(super) fn may_be(self, other: Self) -> bool {
        let markup = [Self::Xml, Self::Html];
        self == other || (markup.contains(&self) && markup.contains(&other))
    }
}

/// What a `Content-Type` says of a body; none where it may be anything.
pub(super) fn claimed(content_type: &str) -> Option<Form> {
    let media_type = MediaType::parse(content_type);
    match media_type.essence.as_str() {
        _ if media_type.is_json() => Some(Form::Json),
        _ if media_type.is_xml() => Some(Form::Xml),
        "text/html" => Some(Form::Html),
        "text/csv" => Some(Form::Csv),
        "application/x-www-form-urlencoded" => Some(Form::Urlencoded),
        _ => None,
    }
}

/// `<file content>` is a placeholder: markup has an end tag, or says what it is.
fn markup(body: &str) -> Option<Form> {
    let starts_with = |start: &str| {
        body.get(..start.len())
            .is_some_and(|text| text.eq_ignore_ascii_case(start))
    };
    let has_end = body.ends_with('>') && (body.contains("</") || body.contains("/>"));
    if starts_with("<!doctype html") || (starts_with("<html") && has_end) {
        Some(Form::Html)
    } else if starts_with("<?xml") || (has_end && body[1..].starts_with(char::is_alphabetic)) {
        Some(Form::Xml)
    } else {
        None
    }
}

/// How many lines of a body are looked at.
const LINES: usize = 20;

/// Rows of equally many values; or one row of names, if they are many.
fn is_csv(body: &str) -> bool {
    // Part of a JSON text has members, and a list of words ends like a sentence.
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

/// `name=value&name=value`, of which one alone would not be clear.
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
    fn check(body: &str, expected: Option<Form>) {
        assert_eq!(Form::of_any(body), expected, "{body:?}");
    }

    #[test]
    fn a_form_is_told_by_the_body() {
        check(" {\"a\": [1]}\n", Some(Form::Json));
        check("<?xml version=\"1.0\"?>", Some(Form::Xml));
        check("<a><b/></a>", Some(Form::Xml));
        check("<!DOCTYPE html>\n<p>", Some(Form::Html));
        check("<html><body></body></html>", Some(Form::Html));
        check("Date,User\n2020-01-01,\"a, b\"\n", Some(Form::Csv));
        check("Report Date,User Name,Is Deleted,Size", Some(Form::Csv));
        check("a=1&b=x%20y", Some(Form::Urlencoded));
    }

    #[test]
    fn what_may_be_anything_has_no_form() {
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
    fn a_media_type_claims_a_form() {
        assert_eq!(claimed("Application/JSON;odata=full"), Some(Form::Json));
        assert_eq!(claimed("application/problem+json"), Some(Form::Json));
        assert_eq!(claimed("application/atom+xml"), Some(Form::Xml));
        assert_eq!(claimed("application/octet-stream"), None);
        assert_eq!(claimed("multipart/form-data; boundary=a"), None);
    }
}
