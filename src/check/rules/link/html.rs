//! The HTML in a page, as far as it links or can be linked to.

use std::ops::Range;

/// What an HTML tag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// The `id` of any element, or the `name` of an `<a>`.
    Anchor(Range<usize>),
    /// The `href` of an `<a>`.
    Link(Range<usize>),
    /// The `src` of an `<img>`.
    Image(Range<usize>),
}

/// The pieces of some HTML, in its order: the bytes of the attributes' values.
/// Comments are left out, and all that follows a tag or a quote without an end.
pub(super) fn pieces(html: &str) -> Vec<Piece> {
    let bytes = html.as_bytes();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', &bytes[at..]) {
        let start = at + open + 1;
        if html[start..].starts_with("!--") {
            let Some(close) = html[start..].find("-->") else {
                break;
            };
            at = start + close;
            continue;
        }
        let name = run(bytes, start, |byte| byte.is_ascii_alphanumeric());
        if name.is_empty() {
            at = start;
            continue;
        }
        let Some(end) = attributes(bytes, name.end, |attribute, value| {
            let is = |range: &Range<usize>, word: &str| {
                bytes[range.clone()].eq_ignore_ascii_case(word.as_bytes())
            };
            if is(&attribute, "id") || (is(&attribute, "name") && is(&name, "a")) {
                pieces.push(Piece::Anchor(value));
            } else if is(&attribute, "href") && is(&name, "a") {
                pieces.push(Piece::Link(value));
            } else if is(&attribute, "src") && is(&name, "img") {
                pieces.push(Piece::Image(value));
            }
        }) else {
            break;
        };
        at = end;
    }
    pieces
}

/// Reads the attributes of a tag. The place after its `>`, if it has one.
fn attributes(
    bytes: &[u8],
    from: usize,
    mut found: impl FnMut(Range<usize>, Range<usize>),
) -> Option<usize> {
    let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == b'/';
    let mut at = from;
    loop {
        at = run(bytes, at, is_space).end;
        if *bytes.get(at)? == b'>' {
            return Some(at + 1);
        }
        let name = run(bytes, at, |byte| !is_space(byte) && !b"=>".contains(&byte));
        at = run(bytes, name.end, |byte| byte.is_ascii_whitespace()).end;
        if bytes.get(at) != Some(&b'=') {
            continue;
        }
        at = run(bytes, at + 1, |byte| byte.is_ascii_whitespace()).end;
        let quote = *bytes.get(at)?;
        let value = if matches!(quote, b'"' | b'\'') {
            let length = memchr::memchr(quote, &bytes[at + 1..])?;
            at += 1;
            let value = at..at + length;
            at = value.end + 1;
            value
        } else {
            let value = run(bytes, at, |byte| {
                !byte.is_ascii_whitespace() && byte != b'>'
            });
            at = value.end;
            value
        };
        found(name, value);
    }
}

/// The bytes from `from` that are `taken`.
fn run(bytes: &[u8], from: usize, taken: impl Fn(u8) -> bool) -> Range<usize> {
    let length = bytes[from..]
        .iter()
        .take_while(|byte| taken(**byte))
        .count();
    from..from + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &[&str]) {
        let found: Vec<String> = pieces(html)
            .into_iter()
            .map(|piece| match piece {
                Piece::Anchor(value) => format!("#{}", &html[value]),
                Piece::Link(value) => format!("a {}", &html[value]),
                Piece::Image(value) => format!("img {}", &html[value]),
            })
            .collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn links_images_and_anchors() {
        check(
            "<p id=one><a href=\"a.md\" name='x'>y</a><IMG alt='>' SRC = b.png/>",
            &["#one", "a a.md", "#x", "img b.png/"],
        );
        check("<a disabled href='x y.md' >", &["a x y.md"]);
    }

    #[test]
    fn what_is_no_tag_says_nothing() {
        check("<!-- <a href='a.md'> --> 1 < 2 <b name='x'>", &[]);
        check("<a href='a.md", &[]);
        check("<!-- <a href='a.md'>", &[]);
        check("<a title='<a href=b.md>'>", &[]);
    }
}
