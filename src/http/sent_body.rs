//! The bytes of a documented body, as they are sent.
//!
//! Pages break lines and write spaces for legibility. Where these belong to the
//! syntax of the media type, the body is sent as the type requires.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::media_type::MediaType;
use super::message::Headers;
use super::url::{Part, Template};

/// The media type of HTML forms.
const FORM: &str = "application/x-www-form-urlencoded";

/// The characters of a field name beside letters and digits.
const NAME_SYMBOLS: &str = "_-.$@[]%";

/// The characters of a documented form that are encoded. Delimiters, escapes and
/// placeholders are kept.
const NOT_IN_FORM: &AsciiSet = &CONTROLS.add(b'"').add(b'<').add(b'>').add(b'`');

/// Returns the bytes of a body. `value` returns the values of placeholders;
/// those of JSON are not bound.
pub(crate) fn sent_body(
    headers: &Headers,
    text: &str,
    mut value: impl FnMut(&str) -> Option<String>,
) -> Vec<u8> {
    let Some(media_type) = MediaType::of(headers) else {
        return text.into();
    };
    let kind = media_type.essence.as_str();
    let bytes = if kind == FORM && is_form(text) {
        form(&Template::bind(text, |name| {
            Some(form_value(&value(name)?))
        }))
    } else if has_crlf(kind) {
        Template::bind_braces(text, value).replace('\n', "\r\n")
    } else if kind.starts_with("text/") || media_type.is_xml() {
        Template::bind_braces(text, value)
    } else {
        text.to_owned()
    };
    bytes.into_bytes()
}

/// Whether the line ends of a type are CRLF by its syntax (RFC 2046, 4 and 5.1;
/// RFC 9112, 2.2).
fn has_crlf(kind: &str) -> bool {
    kind.starts_with("multipart/") || kind.starts_with("message/") || kind == "application/http"
}

/// The value of a placeholder in a form.
fn form_value(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// Whether a text is a form: it begins with the name of a field. curl names the
/// type of forms for all data whose type a command does not name, such as JSON.
fn is_form(text: &str) -> bool {
    let name = text.trim_start().split(['=', '&', '\n']).next();
    let name = name.unwrap_or_default().trim_end();
    let is_of_name = |c: char| c.is_alphanumeric() || NAME_SYMBOLS.contains(c);
    let is_literal = |part: &Part| match part {
        Part::Literal(text) => text.chars().all(is_of_name),
        Part::Placeholder(_) => true,
    };
    !name.starts_with('[') && Template::parse(name).0.iter().all(is_literal)
}

/// A form without the line breaks and spaces around its parts. Other spaces
/// become `+`.
fn form(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let is_apart = !joined.is_empty() && !joined.ends_with('&') && !line.starts_with('&');
        if is_apart && begins_field(line) {
            joined.push('&');
        }
        joined += line;
    }
    let fields = joined.split('&').map(|field| {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let equals = if field.contains('=') { "=" } else { "" };
        let text = format!("{}{equals}{}", name.trim(), value.trim());
        utf8_percent_encode(&text, NOT_IN_FORM)
            .to_string()
            .replace(' ', "+")
    });
    fields.collect::<Vec<_>>().join("&")
}

/// Whether a line starts with the name of a field, not within a value. Base64
/// ends with `=` as well.
fn begins_field(line: &str) -> bool {
    line.split_once('=').is_some_and(|(name, value)| {
        let name = name.trim_end();
        !name.is_empty()
            && !value.is_empty()
            && value != "="
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || NAME_SYMBOLS.contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(media_type: &str, text: &str, expected: &str) {
        let mut headers = Headers::default();
        if !media_type.is_empty() {
            headers.push("Content-Type", media_type);
        }
        let value = |name: &str| (name == "v").then(|| "a b&{v}".to_owned());
        let bytes = sent_body(&headers, text, value);
        assert_eq!(str::from_utf8(&bytes), Ok(expected), "{text}");
    }

    #[test]
    fn joins_the_lines_of_forms() {
        for (text, expected) in [
            ("a=1&b=2", "a=1&b=2"),
            ("a=1\n&b=2\n&c=3\n", "a=1&b=2&c=3"),
            ("a=1&\n  b=2&\n\n  c=3", "a=1&b=2&c=3"),
            ("a=1\nb=2", "a=1&b=2"),
            ("a=1\n &b = 2 & c= 3", "a=1&b=2&c=3"),
            ("token=abc\ndef\n&b=2", "token=abcdef&b=2"),
            ("token=abc\ndef==\n&b=2", "token=abcdef==&b=2"),
            ("scope=a b%20c+d", "scope=a+b%20c+d"),
            ("a=ä&b=\"c\"", "a=%C3%A4&b=%22c%22"),
            ("a&b=", "a&b="),
            ("a=b=c", "a=b=c"),
            ("{v}=b c", "a+b%26%7Bv%7D=b+c"),
            ("a={v}&b={w}", "a=a+b%26%7Bv%7D&b={w}"),
            ("payload={\n  \"t\": \"x\"\n}", "payload={%22t%22:+%22x%22}"),
            ("", ""),
        ] {
            check(FORM, text, expected);
        }
        check(
            "Application/X-WWW-Form-Urlencoded; charset=utf-8",
            "a=1\n&b=2",
            "a=1&b=2",
        );
    }

    #[test]
    fn ends_lines_of_multipart_with_crlf() {
        for media_type in [
            "multipart/form-data; boundary=B",
            "Multipart/Mixed",
            "message/rfc822",
            "application/http",
        ] {
            check(media_type, "--B\n\n{v} <v>\n", "--B\r\n\r\na b&{v} <v>\r\n");
        }
    }

    #[test]
    fn keeps_other_bodies() {
        let text = "a=1\n&b=c d\n";
        for media_type in ["", "text/plain", "application/octet-stream", "text/csv"] {
            check(media_type, text, text);
        }
        for text in [
            "{\n  \"a\": \"b c\"\n}",
            "\n[1, 2]\n",
            "\n[\n  {\"a\": \"b\"}\n]",
            "\"a b\"",
            "<a b=\"c\">d e</a>",
            "// a b\n{}",
            "{}",
            "cpu,host=a value=1\nmem value=2\n",
            "a b",
        ] {
            check(FORM, text, text);
        }
        check("application/json", "{\"a\": {v}}", "{\"a\": {v}}");
        check("application/graphql", "{v}", "{v}");
        check("", "{v}", "{v}");
    }

    #[test]
    fn binds_placeholders_in_text() {
        check("text/plain", "x {v} {w}", "x a b&{v} {w}");
        check("application/atom+xml", "<v>{v}</v>", "<v>a b&{v}</v>");
        check("application/xml", "<v>1</v>", "<v>1</v>");
    }
}
