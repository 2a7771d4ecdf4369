//! Marks of site generators that `CommonMark` reads as something else.
//!
//! The components of MDX and the tags of templates hide the code between them;
//! the content of `=== "tab"` is indented as code is. They are masked before a
//! page is parsed, with as many bytes, so that all offsets stay.

use std::borrow::Cow;
use std::ops::Range;

/// A page's text without the marks.
pub(super) struct Masked<'t> {
    /// The text, of the same length.
    pub text: Cow<'t, str>,
    /// The marks, in order.
    pub marks: Vec<Range<usize>>,
}

/// What a line is replaced with.
enum Mask {
    /// Spaces.
    Blank,
    /// The start of a list item, whose content may be indented.
    Item,
}

/// Masks the marks in a text.
pub(super) fn mask(text: &str) -> Masked<'_> {
    let mut masked = Masked {
        text: Cow::Borrowed(text),
        marks: Vec::new(),
    };
    // The character and the length of the open fence.
    let mut open: Option<(char, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let range = at..at + line.trim_end().len();
        at += line.len();
        let shown = line.trim_start_matches([' ', '\t', '>']).trim_end();
        if let Some((mark, length)) = fence(shown) {
            match open {
                None => open = Some((mark, length)),
                Some((other, least)) if mark == other && length >= least => {
                    if shown.trim_start_matches(mark).is_empty() {
                        open = None;
                    }
                }
                Some(_) => {}
            }
            continue;
        }
        let start = range.end - shown.len();
        let Some(how) = mask_of(shown).filter(|_| open.is_none()) else {
            continue;
        };
        let written = match how {
            Mask::Blank => " ".repeat(shown.len()),
            Mask::Item => format!("*   {}", &shown[4..]),
        };
        masked
            .text
            .to_mut()
            .replace_range(start..range.end, &written);
        masked.marks.push(start..range.end);
    }
    masked
}

/// The character and the length of a fence at the start of a line.
pub(super) fn fence(line: &str) -> Option<(char, usize)> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    let is_code = mark == '`' && line[length..].contains('`');
    (length >= 3 && !is_code).then_some((mark, length))
}

fn mask_of(line: &str) -> Option<Mask> {
    let is_between = |open: &str, close: &str| {
        line.len() >= open.len() + close.len() && line.starts_with(open) && line.ends_with(close)
    };
    if ["=== ", "!!! ", "??? "]
        .iter()
        .any(|mark| line.starts_with(mark))
    {
        return Some(Mask::Item);
    }
    if is_between("{%", "%}") || is_between("{{<", ">}}") || line.starts_with(":::") {
        return Some(Mask::Blank);
    }
    is_component(line).then_some(Mask::Blank)
}

/// Whether a line is one tag of a component, such as `<TabItem value="x">`.
fn is_component(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('<').and_then(|it| it.strip_suffix('>')) else {
        return false;
    };
    let name = inner.strip_prefix('/').unwrap_or(inner);
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && !name.contains("</")
        && (inner.ends_with('/') || !inner.contains('>') || inner.contains(['=', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let masked = mask(text);
        assert_eq!(masked.text, expected);
        assert_eq!(masked.text.len(), text.len());
    }

    #[test]
    fn masks_components_and_tabs_outside_of_code() {
        check(
            "<CodeGroup>\na\n</CodeGroup>\n",
            "           \na\n            \n",
        );
        check("  <TabItem value=\"x\">\n", "                     \n");
        check("{% tab %}\n", "         \n");
        check("=== \"A\"\n\n    x\n", "*   \"A\"\n\n    x\n");
        check(
            "```xml\n<Group>\n```\n<Group>",
            "```xml\n<Group>\n```\n       ",
        );
        check("<div>\n<b>a</b>\n", "<div>\n<b>a</b>\n");
        check("a <Tab> b\n", "a <Tab> b\n");
    }
}
