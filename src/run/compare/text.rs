//! Bodies as text.

use std::borrow::Cow;
use std::ops::Range;

use super::{Difference, DifferenceKind, Member};
use crate::http::media_type::MediaType;
use crate::text::elision;
use crate::text::finding::cut;

/// Whether content of a media type can be read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readable {
    /// It is text.
    Always,
    /// It may be text or binary data.
    Perhaps,
    /// It is binary data.
    Never,
    /// It is divided into parts by a boundary that each message chooses.
    Parts,
}

impl Readable {
    /// Whether content of this media type is text.
    pub(super) fn of(media_type: Option<&MediaType>) -> Self {
        let Some(media_type) = media_type else {
            return Self::Always;
        };
        let (kind, subtype) = media_type.essence.split_once('/').unwrap_or_default();
        match (kind, subtype) {
            _ if media_type.is_text() => Self::Always,
            ("multipart", _) => Self::Parts,
            ("image" | "audio" | "video" | "font" | "model", _)
            | ("application", "pdf" | "zip" | "gzip") => Self::Never,
            _ => Self::Perhaps,
        }
    }
}

/// The text of a body, or what it is instead. A byte order mark or the parameter
/// `charset` names its encoding.
pub(super) fn decode<'b>(
    body: &'b [u8],
    media_type: Option<&MediaType>,
) -> Result<Cow<'b, str>, &'static str> {
    let charset = media_type.and_then(|media_type| media_type.parameter("charset"));
    let utf_16 = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        let text: Result<String, _> = char::decode_utf16(units).collect();
        match text {
            Ok(text) if bytes.len().is_multiple_of(2) => Ok(Cow::Owned(text)),
            _ => Err("text that is not UTF-16"),
        }
    };
    match (body, charset) {
        ([0xef, 0xbb, 0xbf, rest @ ..], _) => utf_8(rest),
        ([0xff, 0xfe, rest @ ..], _) => utf_16(rest, u16::from_le_bytes),
        ([0xfe, 0xff, rest @ ..], _) => utf_16(rest, u16::from_be_bytes),
        ([0x1f, 0x8b, ..], _) => Err("gzip data without `Content-Encoding: gzip`"),
        (body, Some("utf-16le")) => utf_16(body, u16::from_le_bytes),
        (body, Some("utf-16be" | "utf-16")) => utf_16(body, u16::from_be_bytes),
        (body, Some("iso-8859-1" | "latin1" | "windows-1252")) => {
            Ok(body.iter().map(|byte| char::from(*byte)).collect())
        }
        (body, _) => utf_8(body),
    }
}

fn utf_8(body: &[u8]) -> Result<Cow<'_, str>, &'static str> {
    str::from_utf8(body)
        .map(Cow::Borrowed)
        .map_err(|_| "text that is not UTF-8")
}

/// Whether a body is the documented text.
pub(super) fn are_same(documented: &str, body: &[u8]) -> bool {
    str::from_utf8(body).is_ok_and(|sent| plain(documented) == plain(sent))
}

/// A text with `\n` as line ends, and without the last one: pages cannot show
/// whether there is one.
fn plain(text: &str) -> Cow<'_, str> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The difference between a documented and an actual text: the first lines that
/// differ. Placeholders and ellipses of the page match any text.
pub(super) fn difference(documented: &str, sent: &str) -> Option<Difference> {
    // Only line feeds end the lines of pages.
    let shown = documented.strip_suffix('\n').unwrap_or(documented);
    let sent = plain(sent);
    if elision::fits(shown, &sent) {
        return None;
    }
    let mut at = 0;
    let mut lines = sent.split('\n');
    for line in shown.split('\n') {
        let place = at..at + line.len();
        at = place.end + 1;
        let other = lines.next();
        if other.is_none_or(|other| !elision::fits(line, other)) {
            return Some(lines_differ(Some(line), other, Some(place)));
        }
    }
    Some(lines_differ(None, lines.next(), None))
}

/// The difference between a documented text and a body that is something else.
pub(super) fn whole(documented: &str, what: &str) -> Difference {
    let first = documented.split('\n').next().unwrap_or_default();
    Difference {
        member: Some(Member::root(None)),
        ..Difference::new(DifferenceKind::Text, quoted(first), Some(what.to_owned()))
    }
}

fn lines_differ(
    documented: Option<&str>,
    sent: Option<&str>,
    place: Option<Range<usize>>,
) -> Difference {
    const END: &str = "the end of the body";
    let shown = |line: Option<&str>| line.map_or_else(|| END.to_owned(), quoted);
    Difference {
        member: Some(Member::root(place)),
        ..Difference::new(DifferenceKind::Text, shown(documented), Some(shown(sent)))
    }
}

fn quoted(line: &str) -> String {
    format!("`{}`", cut(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the differing lines of two texts, and the place of the first.
    #[track_caller]
    fn check(documented: &str, sent: &str, expected: Option<(&str, &str, Option<&str>)>) {
        let found = difference(documented, sent);
        let found = found.as_ref().map(|found| {
            let place = found.member.as_ref();
            let place = place.and_then(|member| documented.get(member.place.clone()?));
            (
                found.documented.as_str(),
                found.observed.as_deref().expect("a line"),
                place,
            )
        });
        assert_eq!(found, expected, "{documented:?} {sent:?}");
    }

    #[test]
    fn compares_texts_up_to_line_ends() {
        for (documented, sent) in [
            ("hello", "hello"),
            ("hello", "hello\n"),
            ("hello", "hello\r\n"),
            ("hello\n", "hello"),
            ("a\nb", "a\r\nb\r\n"),
            ("a\n\nb\n", "a\n\nb"),
            ("hello {name}", "hello Ada"),
            ("a\n...\nb", "a\n1\n2\nb"),
        ] {
            check(documented, sent, None);
        }
        check("hello", "bye", Some(("`hello`", "`bye`", Some("hello"))));
        check("a\nb", "a\nc", Some(("`b`", "`c`", Some("b"))));
        check("a\nb", "a", Some(("`b`", "the end of the body", Some("b"))));
        check("a", "a\nb", Some(("the end of the body", "`b`", None)));
        check("a", "a\n\n", Some(("the end of the body", "``", None)));
        check("a b", "a  b", Some(("`a b`", "`a  b`", Some("a b"))));
    }

    #[test]
    fn decodes_declared_encodings() {
        let check = |body: &[u8], media_type: &str, expected: Result<&str, &str>| {
            let media_type = MediaType::parse(media_type);
            let found = decode(body, Some(&media_type));
            assert_eq!(found.as_deref().map_err(|what| *what), expected);
        };
        check(b"\xc3\xa9", "text/plain", Ok("é"));
        check(b"\xef\xbb\xbfa", "text/plain", Ok("a"));
        check(b"\xe9", "text/plain; charset=ISO-8859-1", Ok("é"));
        check(b"\xe9", "text/plain", Err("text that is not UTF-8"));
        check(b"\xff\xfea\0", "text/plain", Ok("a"));
        check(b"\0a", "text/plain; charset=utf-16be", Ok("a"));
        check(b"\xfe\xff\0", "text/plain", Err("text that is not UTF-16"));
        check(
            b"\x1f\x8b\x08",
            "text/csv",
            Err("gzip data without `Content-Encoding: gzip`"),
        );
    }
}
