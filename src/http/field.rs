//! Lists, parameters and quoted strings in field values (RFC 9110, 5.6).

use std::borrow::Cow;

/// The pieces between separators that stand outside of quoted strings, without
/// the white space around them; empty ones are none (RFC 9110, 5.6.1.2).
pub(crate) fn pieces(value: &str, separator: u8) -> impl Iterator<Item = &str> {
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
    .map(str::trim)
    .filter(|piece| !piece.is_empty())
}

/// A name and its value, if it has one: a token, or what a quoted string holds
/// (RFC 9110, 5.6.4).
pub(crate) fn pair(text: &str) -> (&str, Option<Cow<'_, str>>) {
    let Some((name, value)) = text.split_once('=') else {
        return (text.trim(), None);
    };
    let value = value.trim();
    let inner = value
        .strip_prefix('"')
        .map(|inner| inner.strip_suffix('"').unwrap_or(inner));
    let value = match inner {
        Some(inner) if inner.contains('\\') => {
            let mut text = String::with_capacity(inner.len());
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                text.push(if c == '\\' {
                    chars.next().unwrap_or(c)
                } else {
                    c
                });
            }
            Cow::Owned(text)
        }
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(value),
    };
    (name.trim(), Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        assert_eq!(pieces(value, b',').collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lists_are_cut_outside_of_quotes() {
        check("a, b;c=\"d,e\" ,, f", &["a", "b;c=\"d,e\"", "f"]);
        check("a=\"\\\",b\", c", &["a=\"\\\",b\"", "c"]);
        check("a=\"b, c", &["a=\"b, c"]);
        check("a\\, b", &["a\\", "b"]);
        check(" , ", &[]);
    }

    #[test]
    fn values_are_taken_out_of_quotes() {
        assert_eq!(pair("a = \"b\\\"c\""), ("a", Some("b\"c".into())));
        assert_eq!(pair("a=b=c"), ("a", Some("b=c".into())));
        assert_eq!(pair("a"), ("a", None));
        assert_eq!(pair("a=\"b"), ("a", Some("b".into())));
    }
}
