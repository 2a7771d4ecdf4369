//! Documented texts with parts left out: placeholders (`{name}`, `<name>`) and
//! ellipses (`...`, `…`).

use serde::de::IgnoredAny;

/// Whether a text that was sent is the documented one, where a placeholder
/// stands for at least one character and an ellipsis for any text.
pub(crate) fn fits(documented: &str, sent: &str) -> bool {
    documented == sent || matches(parts(documented), sent)
}

/// Whether a text is nothing but a placeholder or an ellipsis.
pub(crate) fn is_any(text: &str) -> bool {
    matches!(parts(text.trim()).as_slice(), [Part::Any(_)])
}

/// Whether a text only stands for a body: `[binary content]`, `{file}`, `<file>`,
/// `{ … }`, `...`.
pub(crate) fn is_stand_in(text: &str) -> bool {
    let text = text.trim();
    let is_dots = |text: &str| !text.is_empty() && text.trim_matches(['.', '…']).is_empty();
    let (inner, is_angle) = match text.as_bytes() {
        [b'[', .., b']'] | [b'{', .., b'}'] => (text[1..text.len() - 1].trim(), false),
        [b'<', .., b'>'] => (text[1..text.len() - 1].trim(), true),
        _ => return is_dots(text),
    };
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    let is_syntax = |c: char| {
        matches!(c, '"' | '\'' | ':' | '{' | '}' | '[' | ']' | '\n')
            || (is_angle && matches!(c, '<' | '>' | '/' | '=' | '!' | '?'))
    };
    let is_prose = inner.contains(char::is_alphabetic)
        && !inner.contains(is_syntax)
        && !inner.ends_with(',')
        && !is_json();
    is_prose || is_dots(inner)
}

/// A part of a documented text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// This text.
    Literal(&'a str),
    /// Any text with at least so many characters.
    Any(usize),
}

/// Splits a text at its placeholders and ellipses.
fn parts(text: &str) -> Vec<Part<'_>> {
    // A name in angle brackets is a tag where others are closed.
    let is_markup = text.contains("</") || text.contains("/>");
    split(text, |rest| {
        let placeholder = placeholder(rest, is_markup).map(|length| (length, 1));
        placeholder.or_else(|| ellipsis(rest).map(|length| (length, 0)))
    })
}

/// Splits a text at what stands for other text. `left_out` returns the length in
/// bytes of such a part at the start of a text, and the number of characters that
/// it stands for at least.
pub(crate) fn split(
    text: &str,
    left_out: impl Fn(&str) -> Option<(usize, usize)>,
) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut literal, mut at) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        let Some((length, least)) = left_out(&text[at..]) else {
            at += next.len_utf8();
            continue;
        };
        if literal < at {
            parts.push(Part::Literal(&text[literal..at]));
        }
        parts.push(Part::Any(least));
        at += length;
        literal = at;
    }
    if literal < text.len() {
        parts.push(Part::Literal(&text[literal..]));
    }
    parts
}

/// The length of the placeholder that begins here.
fn placeholder(text: &str, is_markup: bool) -> Option<usize> {
    let close = match text.as_bytes().first()? {
        b'{' => '}',
        b'<' if !is_markup => '>',
        _ => return None,
    };
    let is_of_name =
        |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '|' | '.' | '$' | '/');
    let inner = &text[1..];
    let name = &inner[..inner.find(|c| !is_of_name(c))?];
    // `1 < 2 > 1` is not a placeholder.
    let is_name = name.contains(char::is_alphanumeric) && (close == '}' || !name.starts_with(' '));
    let is_here = inner[name.len()..].starts_with(close) && is_name;
    is_here.then_some(name.len() + 2)
}

/// The length of the ellipsis that begins here.
fn ellipsis(text: &str) -> Option<usize> {
    let dots = text.bytes().take_while(|byte| *byte == b'.').count();
    match dots {
        0 => text.starts_with('…').then_some('…'.len_utf8()),
        1 | 2 => None,
        dots => Some(dots),
    }
}

/// Whether a text that was sent consists of these parts. Matches from left to
/// right without backtracking, so the time is never exponential: after a gap the
/// first occurrence of the next literal is taken, and the last one has to end the
/// text.
pub(crate) fn matches<'a>(parts: impl IntoIterator<Item = Part<'a>>, sent: &str) -> bool {
    let mut rest = sent;
    let mut gap: Option<usize> = None;
    let mut parts = parts.into_iter().peekable();
    while let Some(part) = parts.next() {
        match (part, gap) {
            (Part::Any(least), before) => gap = Some(before.unwrap_or(0) + least),
            (Part::Literal(literal), None) => match rest.strip_prefix(literal) {
                Some(after) => rest = after,
                None => return false,
            },
            (Part::Literal(literal), Some(least)) => {
                let Some(after) = skip(rest, least) else {
                    return false;
                };
                if parts.peek().is_none() {
                    return after.ends_with(literal);
                }
                let Some(at) = after.find(literal) else {
                    return false;
                };
                rest = &after[at + literal.len()..];
                gap = None;
            }
        }
    }
    match gap {
        Some(least) => skip(rest, least).is_some(),
        None => rest.is_empty(),
    }
}

/// The text behind its first characters, if it has that many.
fn skip(text: &str, count: usize) -> Option<&str> {
    let mut chars = text.chars();
    (0..count)
        .all(|_| chars.next().is_some())
        .then_some(chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(documented: &str, fitting: &[&str], others: &[&str]) {
        for sent in fitting {
            assert!(fits(documented, sent), "{documented:?} {sent:?}");
        }
        for sent in others {
            assert!(!fits(documented, sent), "{documented:?} {sent:?}");
        }
    }

    #[test]
    fn placeholders_stand_for_some_text() {
        check("a", &["a"], &["", "b", "aa"]);
        check("{id}", &["7", "a b", "{id}"], &[""]);
        check(
            "/items/{id}/x",
            &["/items/7/x"],
            &["/items//x", "/item/7/x", "/items/7/y"],
        );
        check("<a> and <b>", &["1 and 2"], &["1 and ", " and 2", "1 or 2"]);
        check("{a}{b}", &["12"], &["1"]);
    }

    #[test]
    fn ellipses_stand_for_any_text() {
        check("eyJ0...", &["eyJ0", "eyJ0abc"], &["eyJ"]);
        check("a…z", &["az", "a to z"], &["a to y"]);
        check("a\n...\nb", &["a\nx\ny\nb"], &["a\nx\ny"]);
        check("v1..2", &["v1..2"], &["v1x2"]);
    }

    #[test]
    fn other_brackets_are_text() {
        check("{\"a\": 1}", &["{\"a\": 1}"], &["{\"a\": 2}"]);
        check("<b>bold</b>", &["<b>bold</b>"], &["<i>bold</i>"]);
        check("<br/>", &["<br/>"], &["<hr/>"]);
        check("1 < 2 > 1, {}, { }", &[], &["1 < 3 > 1, {}, { }"]);
        check("{", &["{"], &["}"]);
    }

    #[test]
    fn recognizes_stand_ins() {
        for text in [
            "[binary data]",
            "{file content}",
            "<file>",
            "{ … }",
            "[...]",
            "...",
            " {a} ",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
        for text in [
            "",
            "a",
            "{}",
            "[1, 2]",
            "[true, null]",
            "[null, 0]",
            "[1e3]",
            "{\"a\": 1}",
            "<a/>",
            "<a>1</a>",
            "{a,}",
        ] {
            assert!(!is_stand_in(text), "{text}");
        }
    }

    #[test]
    fn takes_linear_time() {
        let many = "{a}b".repeat(20_000);
        assert!(!fits(&many, &"c".repeat(100_000)));
        assert!(!fits(&"{".repeat(100_000), &"b".repeat(100_000)));
    }
}
