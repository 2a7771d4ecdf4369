//! Placeholders in documented field values: `{…}`, `<…>` and an ellipsis stand
//! for any text.

use crate::text::elision::{Part, matches, split};

/// Whether an observed value is the documented one, in which each placeholder
/// stands for one or more characters.
pub(crate) fn fits(documented: &str, observed: &str) -> bool {
    documented == observed || (is_open(documented) && matches(parts(documented), observed))
}

/// Whether the whole documented value is one placeholder.
pub(crate) fn is_any(documented: &str) -> bool {
    matches!(parts(documented.trim()).as_slice(), [Part::Any(_)])
}

/// Whether a documented value may contain a placeholder.
fn is_open(documented: &str) -> bool {
    documented.contains(['{', '<', '…']) || documented.contains("...")
}

/// Splits a documented value. Unlike in URLs, a name may contain any text that
/// is neither JSON nor a URL: `<https://a.example/>` is a link, and `{"a": 1}` an
/// object.
fn parts(documented: &str) -> Vec<Part<'_>> {
    split(documented, |rest| {
        placeholder(rest).map(|length| (length, 1))
    })
}

/// The longest placeholder name in bytes. It bounds the search for a bracket.
const LONGEST: usize = 200;

/// The length of the placeholder at the start of a text.
fn placeholder(text: &str) -> Option<usize> {
    let (close, is_name): (u8, fn(&str) -> bool) = match text.as_bytes().first()? {
        b'{' => (b'}', |name| !name.contains('"')),
        b'<' => (b'>', |name| {
            !name.contains(['"', '/', ':', '@', '=', '?', '#'])
        }),
        b'.' => return text.starts_with("...").then_some(3),
        _ => return text.starts_with('…').then_some('…'.len_utf8()),
    };
    let inner = text.as_bytes().iter().skip(1).take(LONGEST);
    let mut brackets = inner.enumerate();
    let (length, bracket) = brackets.find(|(_, byte)| matches!(byte, b'{' | b'<' | b'}' | b'>'))?;
    let name = text.get(1..=length)?;
    (*bracket == close && !name.trim().is_empty() && is_name(name)).then_some(length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(documented: &str, observed: &str, expected: bool) {
        let found = fits(documented, observed);
        assert_eq!(found, expected, "{documented} ~ {observed}");
    }

    #[test]
    fn placeholders_stand_for_any_text() {
        check("{any}", "a/b, c; d=\"e\"", true);
        check("{any}", "", false);
        check("<the entity tag>", "W/\"7\"", true);
        check("{yyyy-MM-ddTHH:mm:ss}", "2026-01-02T03:04:05", true);
        check("{…}", "a", true);
        check("Bearer <token>", "Bearer abc", true);
        check("Bearer <token>", "Basic abc", false);
        check(
            "https://a.example/items/{id}",
            "https://a.example/items/7",
            true,
        );
        check(
            "https://a.example/items/{id}",
            "https://b.example/items/7",
            false,
        );
        check("v{major}.{minor}", "v1.2", true);
        check("v{major}.{minor}", "v12", false);
        check(
            "https://a.example/34FF...",
            "https://a.example/34FF49D6",
            true,
        );
        check("a…z", "abcz", true);
        check("a…z", "abc", false);
    }

    #[test]
    fn brackets_around_urls_and_json_are_literal() {
        check("<https://a.example/>", "<https://b.example/>", false);
        check("<https://a.example/{id}>", "<https://a.example/7>", true);
        check("<https://a.example/{id}>", "<https://b.example/7>", false);
        check("</items?page=2>", "</items?page=3>", false);
        check("{\"a\": 1}", "b", false);
        check("{}", "b", false);
        check("< >", "b", false);
        check("{a", "b", false);
        check("{a>", "b", false);
    }

    #[test]
    fn recognizes_values_that_are_one_placeholder() {
        assert!(is_any(" {a b} "));
        assert!(is_any("<etag>"));
        assert!(is_any("..."));
        assert!(!is_any("{a}{b}"));
        assert!(!is_any("\"{a}\""));
        assert!(!is_any(""));
    }
}
