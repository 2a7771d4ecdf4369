//! Percent-encoding for the path and the query of a URL.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

/// Percent-decodes. Invalid UTF-8 becomes U+FFFD. Text without escapes is not
/// copied.
pub fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// Decodes a name or a value of a query as a form: `+` is a space (WHATWG URL,
/// 5.1).
pub(crate) fn decode_form(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        Cow::Owned(decode(&text.replace('+', " ")).into_owned())
    } else {
        decode(text)
    }
}

/// A component of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    /// The path.
    Path,
    /// The query.
    Query,
}

/// Percent-encodes the characters of documented text that the component does not
/// allow (RFC 3986, 3.3 and 3.4). Sub-delimiters, `:`, `@` and existing escapes
/// are kept.
pub(crate) fn encode_literal(text: &str, component: Component) -> String {
    let bytes = text.as_bytes();
    let mut encoded = String::with_capacity(text.len());
    for (at, &byte) in bytes.iter().enumerate() {
        let allowed = byte.is_ascii_alphanumeric()
            || b"-._~!$&'()*+,;=:@/".contains(&byte)
            || (byte == b'?' && component == Component::Query)
            || (byte == b'%'
                && bytes.get(at + 1).is_some_and(u8::is_ascii_hexdigit)
                && bytes.get(at + 2).is_some_and(u8::is_ascii_hexdigit));
        push_byte(&mut encoded, byte, allowed);
    }
    encoded
}

/// Percent-encodes the value of a placeholder. It cannot change the structure of
/// the URL: only unreserved characters (RFC 3986, 2.3) and `@`, `:`, `,`, `$`
/// and `'` are kept.
pub fn encode_value(value: &str) -> String {
    // `.` and `..` as a segment would be resolved away.
    let dots = matches!(value, "." | "..");
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        let allowed = byte.is_ascii_alphanumeric() || b"-._~@:,$'".contains(&byte);
        push_byte(&mut encoded, byte, allowed && !dots);
    }
    encoded
}

fn push_byte(encoded: &mut String, byte: u8, keep: bool) {
    if keep {
        encoded.push(char::from(byte));
    } else {
        write!(encoded, "%{byte:02X}").expect("a string takes all that is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_documented_text_once() {
        assert_eq!(
            encode_literal("/a b/f(x='y')/%20/100%/ä|", Component::Path),
            "/a%20b/f(x='y')/%20/100%25/%C3%A4%7C"
        );
        assert_eq!(
            encode_literal("$filter=a eq 'b'&q=\"c\"?[]", Component::Query),
            "$filter=a%20eq%20'b'&q=%22c%22?%5B%5D"
        );
        assert_eq!(encode_value("a/b?c#d..{}"), "a%2Fb%3Fc%23d..%7B%7D");
        assert_eq!(encode_value(".."), "%2E%2E");
    }

    #[test]
    fn a_plus_in_a_query_is_a_space() {
        assert_eq!(decode_form("a+b%2Bc%20d"), "a b+c d");
        assert_eq!(decode_form("%C3%A4+%FF"), "ä \u{fffd}");
        assert_eq!(decode("a+b%2Bc%20d"), "a+b+c d");
    }
}
