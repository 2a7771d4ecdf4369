//! Applies the fixes of findings to their page.

use crate::text::finding::Diagnostic;
use crate::text::source::{Edit, Page, apply};

/// The text of a page with the fixes of its findings applied, and the number of
/// fixed findings. Of overlapping fixes, the first is applied; the next check
/// finds the others.
pub(crate) fn apply_fixes(page: &Page, findings: &[Diagnostic]) -> Option<(String, usize)> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut fixed = 0;
    for finding in findings.iter().filter(|finding| !finding.fix.is_empty()) {
        let fits = finding
            .fix
            .iter()
            .all(|edit| edits.iter().all(|made| are_apart(edit, made)));
        if fits {
            edits.extend(finding.fix.iter().cloned());
            fixed += 1;
        }
    }
    if fixed == 0 {
        return None;
    }
    edits.sort();
    Some((apply(&page.text, &edits), fixed))
}

/// Whether two edits can both be applied. Two insertions at the same offset
/// cannot, because their order is undefined.
fn are_apart(a: &Edit, b: &Edit) -> bool {
    let (a, b) = (a.span, b.span);
    a != b && (a.end <= b.start || b.end <= a.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::rules::JSON_SYNTAX;
    use crate::text::source::Span;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit {
            span: Span::new(start, end),
            text: text.to_owned(),
        }
    }

    #[track_caller]
    fn check(fixes: &[&[Edit]], expected: Option<(&str, usize)>) {
        let page = Page::new("p.md", "0123456789".to_owned());
        let found = fixes.iter().map(|edits| {
            Diagnostic::at(&page, &JSON_SYNTAX, Span::new(0, 1), "x").fix(edits.to_vec())
        });
        let fixed = apply_fixes(&page, &found.collect::<Vec<_>>());
        let fixed = fixed.as_ref().map(|(text, count)| (text.as_str(), *count));
        assert_eq!(fixed, expected);
    }

    #[test]
    fn applies_all_edits_of_a_finding_or_no_edit() {
        check(&[&[]], None);
        check(
            &[&[edit(2, 3, "")], &[edit(0, 1, "ab")]],
            Some(("ab13456789", 2)),
        );
        check(
            &[&[edit(2, 4, "x")], &[edit(3, 5, "y"), edit(8, 9, "y")]],
            Some(("01x456789", 1)),
        );
        check(
            &[&[edit(2, 2, "x")], &[edit(2, 2, "y")]],
            Some(("01x23456789", 1)),
        );
        check(
            &[&[edit(2, 3, "x")], &[edit(3, 3, "y")]],
            Some(("01xy3456789", 2)),
        );
    }
}
