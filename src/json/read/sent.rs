//! Bodies as they were sent: JSON in UTF-8, or what they are instead.

use super::{Layout, Mode, Reader};
use crate::json::Node;
use crate::json::unreadable::{Cause, Unreadable};

/// Reads a body as it was sent, which must be JSON. A byte order mark is
/// ignored (RFC 8259, section 8.1).
pub(crate) fn read_sent(body: &[u8], layout: Layout) -> Result<Node<'_>, Unreadable> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let rest = body.strip_prefix(MARK).unwrap_or(body);
    let text = text(rest, layout).and_then(|text| {
        let mut reader = Reader::new(text, Mode::Strict);
        match layout {
            Layout::Value => reader.root(),
            Layout::Lines => reader.lines(),
        }
    });
    text.map_err(|error| Unreadable {
        at: match error.at {
            // A text that is something else has no byte where that begins.
            0 if error.cause == Cause::Foreign => 0,
            at => at + body.len() - rest.len(),
        },
        ..error
    })
}

/// Reads a body as it was sent, which must be one JSON value.
pub(crate) fn read_strict(body: &[u8]) -> Result<Node<'_>, Unreadable> {
    read_sent(body, Layout::Value)
}

/// The text of a body, if it is UTF-8 and may be JSON.
fn text(body: &[u8], layout: Layout) -> Result<&str, Unreadable> {
    let is = |message| {
        Err(Unreadable {
            at: 0,
            message,
            cause: Cause::Foreign,
        })
    };
    match body {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, 1..=255, ..] => {
            return is("UTF-32 text");
        }
        // The first two characters of JSON are ASCII and not NUL.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=255, ..] | [1..=255, 0, ..] => {
            return is("UTF-16 text");
        }
        [0x1f, 0x8b, ..] => return is("gzip data without `Content-Encoding: gzip`"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            return is("Zstandard data without `Content-Encoding: zstd`");
        }
        _ => {}
    }
    match str::from_utf8(body) {
        Ok(text) if text.trim().is_empty() && layout == Layout::Value => is("empty"),
        Ok(text) if text.trim_start().starts_with('<') => is("HTML or XML"),
        Ok(text) => Ok(text),
        Err(error) => Err(Unreadable {
            at: error.valid_up_to(),
            message: "text that is not UTF-8, such as Latin-1",
            cause: Cause::Foreign,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], expected: Result<&str, &str>) {
        check_in(Layout::Value, body, expected);
    }

    #[track_caller]
    fn check_in(layout: Layout, body: &[u8], expected: Result<&str, &str>) {
        let found = read_sent(body, layout)
            .map(|node| node.to_value().to_string())
            .map_err(|error| error.describe_sent());
        let found = found.as_ref().map(String::as_str).map_err(String::as_str);
        assert_eq!(found, expected, "{body:?}");
    }

    #[test]
    fn says_what_a_body_is_instead_of_json() {
        check(b"{\"a\": \"\xc3\xa9\"}", Ok("{\"a\":\"é\"}"));
        check(b"\xef\xbb\xbf{}", Ok("{}"));
        check(
            b"\xef\xbb\xbf{",
            Err("invalid JSON: an object is not closed at byte 4"),
        );
        check(b"", Err("empty"));
        check(b" \r\n", Err("empty"));
        check(b"\xef\xbb\xbf", Err("empty"));
        check(b"<html></html>", Err("HTML or XML"));
        check(
            b"\x1f\x8b\x08\x00",
            Err("gzip data without `Content-Encoding: gzip`"),
        );
        check(b"\xff\xfe{\0}\0", Err("UTF-16 text"));
        check(b"{\0}\0", Err("UTF-16 text"));
        check(b"\0{\0}", Err("UTF-16 text"));
        check(b"\xfe\xff\0{\0}", Err("UTF-16 text"));
        check(b"{\0\0\0}\0\0\0", Err("UTF-16 text"));
        check(b"\0\0\0{", Err("UTF-32 text"));
        check(
            b"{\"a\": \"\xe9\"}",
            Err("text that is not UTF-8, such as Latin-1 (byte 7)"),
        );
        check(
            b"{\"a\": x}",
            Err("invalid JSON: expected a value at byte 6"),
        );
    }

    #[test]
    fn reads_a_value_on_each_line() {
        let lines = Layout::Lines;
        check_in(lines, b"{\"a\": 1}\n\n[2]\r\n3", Ok("[{\"a\":1},[2],3]"));
        check_in(lines, b"", Ok("[]"));
        check_in(lines, b"\x1e1\n\x1e2\n", Ok("[1,2]"));
        check_in(
            lines,
            b"1 2",
            Err("invalid JSON: expected the end of the line at byte 2"),
        );
        check_in(
            lines,
            b"1\n{\n}",
            Err("invalid JSON: a value does not end on its line at byte 3"),
        );
        check_in(
            lines,
            b"1\n...",
            Err("invalid JSON: expected a value at byte 2"),
        );
    }
}
