//! Links, images and anchors in the HTML of a page.

use std::ops::Range;

/// An attribute value of an HTML tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LinkAttribute {
    /// The `id` of any element, or the `name` of an `<a>`.
    Anchor(Range<usize>),
    /// The `href` of an `<a>`.
    Link(Range<usize>),
    /// The `src` of an `<img>`.
    Image(Range<usize>),
}

/// The ranges of attribute values in HTML, in order. Comments are skipped.
/// Parsing stops at an unclosed tag or quote.
pub(super) fn link_attributes(html: &str) -> Vec<LinkAttribute> {
    let bytes = html.as_bytes();
    let mut link_attributes = Vec::new();
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
                link_attributes.push(LinkAttribute::Anchor(value));
            } else if is(&attribute, "href") && is(&name, "a") {
                link_attributes.push(LinkAttribute::Link(value));
            } else if is(&attribute, "src") && is(&name, "img") {
                link_attributes.push(LinkAttribute::Image(value));
            }
        }) else {
            break;
        };
        at = end;
    }
    link_attributes
}

/// Reads the attributes of a tag. Returns the offset after its `>`, if it has
/// one.
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

/// The range from `from` on for which `taken` is true.
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
        let found: Vec<String> = link_attributes(html)
            .into_iter()
            .map(|piece| match piece {
                LinkAttribute::Anchor(value) => format!("#{}", &html[value]),
                LinkAttribute::Link(value) => format!("a {}", &html[value]),
                LinkAttribute::Image(value) => format!("img {}", &html[value]),
            })
            .collect();
        assert_eq!(found, expected, "{html}");
    }

    #[test]
    fn finds_links_images_and_anchors() {
        check(
            "<p id=one><a href=\"a.md\" name='x'>y</a><IMG alt='>' SRC = b.png/>",
            &["#one", "a a.md", "#x", "img b.png/"],
        );
        check("<a disabled href='x y.md' >", &["a x y.md"]);
    }

    #[test]
    fn ignores_text_that_is_not_a_tag() {
        check("<!-- <a href='a.md'> --> 1 < 2 <b name='x'>", &[]);
        check("<a href='a.md", &[]);
        check("<!-- <a href='a.md'>", &[]);
        check("<a title='<a href=b.md>'>", &[]);
    }
}
