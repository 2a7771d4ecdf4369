//! Lists, parameters and quoted strings in field values (RFC 9110, 5.6). The
//! modules compare the values of response header fields.

mod challenge;
mod date;
mod equal;
pub(crate) mod form;
mod link;
pub(crate) mod placeholder;
pub(crate) mod policy;
pub(crate) mod syntax;
pub(crate) mod table;
pub(crate) mod value;

use std::borrow::Cow;

use super::message::is_token;

/// The most items with placeholders, challenges and directives of a field that
/// are compared in any order. Only a malicious page has more.
const MOST: usize = 100;

/// Joins the lines of a field (RFC 9110, 5.3); empty list elements are dropped
/// (RFC 9110, 5.6.1).
pub(crate) fn joined<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(", ")
}

/// The parts of a value between separators outside quoted strings, white space
/// included.
pub(crate) fn split(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut is_quoted = false;
        let mut is_escaped = false;
        let end = text.bytes().position(|byte| {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                _ => return byte == separator && !is_quoted,
            }
            false
        });
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// The elements of a list, trimmed, without the empty ones (RFC 9110, 5.6.1.2).
/// The separator is `,` in lists and `;` between parameters.
pub(crate) fn elements(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    split(value, separator)
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

/// What comes before the first `;`, and the parameters after it (RFC 9110,
/// 5.6.6). Values are unquoted; a name without `=` has no value.
pub(crate) fn parameters(
    value: &str,
) -> (
    &str,
    impl Iterator<Item = (&str, Option<Cow<'_, str>>)> + '_,
) {
    let mut parts = split(value, b';');
    let first = parts.next().unwrap_or_default().trim();
    let parameters = parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(parameter);
    (first, parameters)
}

/// A name and its value, if it has one: a token, or the content of a quoted
/// string.
pub(crate) fn parameter(text: &str) -> (&str, Option<Cow<'_, str>>) {
    match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
        None => (text.trim(), None),
    }
}

/// The content of a quoted string, its quoted pairs resolved (RFC 9110, 5.6.4).
/// Other text is returned as it is.
fn unquote(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"') else {
        return Cow::Borrowed(value);
    };
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.strip_suffix('"').unwrap_or(inner));
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().unwrap_or(c)),
            // The closing quote; nothing may follow it.
            '"' if chars.as_str().is_empty() => {}
            c => text.push(c),
        }
    }
    Cow::Owned(text)
}

/// A parameter's value as a message writes it: a token, or a quoted string.
pub(crate) fn quote(value: &str) -> Cow<'_, str> {
    if is_token(value) {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        assert_eq!(elements(value, b',').collect::<Vec<_>>(), expected);
    }

    #[test]
    fn splits_lists_outside_quotes() {
        check("a, b;c=\"d,e\" ,, f", &["a", "b;c=\"d,e\"", "f"]);
        check("a=\"\\\",b\", c", &["a=\"\\\",b\"", "c"]);
        check("a=\"b, c", &["a=\"b, c"]);
        check("a\\, b", &["a\\", "b"]);
        check(" , ", &[]);
    }

    #[test]
    fn unquotes_parameter_values() {
        assert_eq!(parameter("a = \"b\\\"c\""), ("a", Some("b\"c".into())));
        assert_eq!(parameter("a=\"b\\\\\""), ("a", Some("b\\".into())));
        assert_eq!(parameter("a=b=c"), ("a", Some("b=c".into())));
        assert_eq!(parameter("a"), ("a", None));
        assert_eq!(parameter("a=\"b"), ("a", Some("b".into())));
        assert_eq!(parameter("a=\"\""), ("a", Some("".into())));
    }

    #[test]
    fn reads_parameters_after_the_first_part() {
        let (first, parameters) = parameters(" a/b ; c=\"d;e\" ;; f ; g = h");
        assert_eq!(first, "a/b");
        let found: Vec<_> = parameters.collect();
        let expected = [
            ("c", Some("d;e".into())),
            ("f", None),
            ("g", Some("h".into())),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn quotes_what_is_not_a_token() {
        for value in ["a", "a;b", "", "a\"b\\", "é"] {
            let written = format!("x={}", quote(value));
            assert_eq!(parameter(&written), ("x", Some(value.into())), "{written}");
        }
        assert_eq!(quote("utf-8"), "utf-8");
        assert_eq!(quote("a b"), "\"a b\"");
    }
}
