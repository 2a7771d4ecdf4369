//! Percent-encoding, by where a text is going to stand.

use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

/// Percent-decodes; bytes that are no UTF-8 become U+FFFD.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Where a text is going to stand in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Component {
    /// In the path.
    Path,
    /// In the query.
    Query,
}

/// Percent-encodes documented text: what a URL may not hold there (RFC 3986,
/// 3.3 and 3.4) is encoded, sub-delimiters, `:`, `@` and what is encoded
/// already stay as they are.
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

/// Percent-encodes a value that takes a placeholder's place, so that it cannot
/// change the shape of the URL: only unreserved characters (RFC 3986, 2.3) and
/// `@`, `:`, `,`, `$` and `'` stay.
pub fn encode_value(value: &str) -> String {
    // A segment of dots alone would be taken for `.` or `..`.
    let dots = matches!(value, "." | "..");
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        let allowed = byte.is_ascii_alphanumeric() || b"-._~@:,$'".contains(&byte);
        push_byte(&mut encoded, byte, allowed && !dots);
    }
    encoded
}

fn push_byte(encoded: &mut String, byte: u8, as_it_is: bool) {
    if as_it_is {
        encoded.push(char::from(byte));
    } else {
        write!(encoded, "%{byte:02X}").expect("a string takes all that is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_text_is_encoded_once() {
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
}
