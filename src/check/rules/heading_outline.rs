//! The headings that each type of page requires, as API Doctor's
//! `document-outline.json` defines them.
//!
//! The current format has a key for each type of page ([`KEYS`]); the former
//! has one key for all pages, `allowedDocumentHeaders`. Each contains a list of
//! headings with `title`, `level`, `required` and nested `headers` (formerly
//! `childHeaders`), or of conditions `{"condition": "OR", "arguments": [..]}`.
//! `*` in a title matches any text. `multiple` and `allowMultiple` allow
//! repeated headings, which docproof always allows.

use std::collections::HashMap;

use crate::json::{Node, NodeValue};
use crate::page::markdown::Heading;
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::{HEADING_MISSING, HEADING_MISSPELT, HEADING_ORDER};
use crate::text::source::{Edit, Page, Span};

/// The keys of the file. All but the last are values of `doc_type` in front
/// matter.
pub(crate) const KEYS: [&str; 5] = [
    "apiPageType",
    "resourcePageType",
    "conceptualPageType",
    "enumPageType",
    ALL_PAGES,
];

/// The key for all pages.
const ALL_PAGES: &str = "allowedDocumentHeaders";

/// The required headings by page type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    by_key: HashMap<String, Vec<Requirement>>,
}

/// A requirement for a page.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Requirement {
    /// A heading.
    Heading(ExpectedHeading),
    /// At least one of these.
    Any(Vec<Requirement>),
    /// All of these.
    All(Vec<Requirement>),
}

/// A heading of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ExpectedHeading {
    /// `*` matches any text.
    title: String,
    /// From 1 to 6; nothing for any level.
    level: Option<usize>,
    required: bool,
    under: Vec<Requirement>,
}

/// A value in the file that has the wrong type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unexpected {
    /// Its span in the file.
    pub span: Span,
    /// What API Doctor expects there.
    pub expected: &'static str,
}

impl Outline {
    /// Adds the value of one of the [`KEYS`].
    pub fn add(&mut self, key: &str, value: &Node<'_>) -> Result<(), Unexpected> {
        let wanted = list(value)?;
        self.by_key.insert(key.to_owned(), wanted);
        Ok(())
    }

    /// Whether it has no requirements.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Checks the headings of a page with this `doc_type`.
    pub(super) fn check(
        &self,
        page: &Page,
        doc_type: Option<&str>,
        headings: &[Heading],
        found: &mut Vec<Diagnostic>,
    ) {
        for key in [Some(ALL_PAGES), doc_type].into_iter().flatten() {
            if let Some(wanted) = self.by_key.get(key) {
                let within = Section {
                    page,
                    headings,
                    above: None,
                };
                found.extend(within.check(wanted));
            }
        }
    }
}

fn unexpected(node: &Node<'_>, expected: &'static str) -> Unexpected {
    Unexpected {
        span: node.range.clone().into(),
        expected,
    }
}

fn list(node: &Node<'_>) -> Result<Vec<Requirement>, Unexpected> {
    match &node.value {
        NodeValue::Array(items) => items.iter().map(wanted).collect(),
        NodeValue::Null => Ok(Vec::new()),
        _ => Err(unexpected(node, "a list of headings")),
    }
}

/// API Doctor ignores the case of keys.
fn wanted(node: &Node<'_>) -> Result<Requirement, Unexpected> {
    let NodeValue::Object(members) = &node.value else {
        return Err(unexpected(node, "a heading"));
    };
    let member = |names: &[&str]| {
        let mut members = members.iter();
        let found = members.find(|member| {
            names
                .iter()
                .any(|name| member.key.eq_ignore_ascii_case(name))
        });
        found.map(|member| &member.value)
    };
    let text = |value: &Node<'_>| match &value.value {
        NodeValue::String(text) => Ok(text.to_string()),
        _ => Err(unexpected(value, "a string")),
    };
    if let Some(condition) = member(&["condition"]) {
        let arguments = member(&["arguments"]).map_or(Ok(Vec::new()), list)?;
        return match text(condition)?.to_ascii_uppercase().as_str() {
            "OR" => Ok(Requirement::Any(arguments)),
            "AND" => Ok(Requirement::All(arguments)),
            _ => Err(unexpected(condition, "`OR` or `AND`")),
        };
    }
    let Some(title) = member(&["title"]) else {
        return Err(unexpected(node, "a heading with a `title`, or a condition"));
    };
    let level = match member(&["level"]).map(|level| (level, &level.value)) {
        None => None,
        Some((_, NodeValue::Number(number))) => number.to_json().and_then(|it| it.as_u64()),
        Some((level, _)) => return Err(unexpected(level, "a number")),
    };
    let required = match member(&["required"]).map(|required| (required, &required.value)) {
        None => false,
        Some((_, NodeValue::Boolean(required))) => *required,
        Some((required, _)) => return Err(unexpected(required, "`true` or `false`")),
    };
    Ok(Requirement::Heading(ExpectedHeading {
        title: text(title)?.trim().to_owned(),
        level: level.and_then(|level| usize::try_from(level).ok()),
        required,
        under: member(&["headers", "childHeaders"]).map_or(Ok(Vec::new()), list)?,
    }))
}

impl ExpectedHeading {
    fn is_titled(&self, heading: &Heading) -> bool {
        matches(&self.title, heading.text.trim())
    }

    fn is(&self, heading: &Heading) -> bool {
        self.is_titled(heading) && self.level.is_none_or(|level| level == heading.level)
    }

    /// The heading as Markdown.
    fn markdown(&self) -> String {
        format!("{} {}", "#".repeat(self.level.unwrap_or(2)), self.title)
    }

    /// The corrected text of a heading that is a likely misspelling of this
    /// one.
    fn corrected(&self, text: &str) -> Option<String> {
        /// Minimum similarity, from 0 to 1.
        const ALIKE: f64 = 0.8;
        const LONGEST: usize = 100;
        let literal = self.title.trim_start_matches('*');
        if text.len() > LONGEST || literal.len() < 3 || literal.contains('*') {
            return None;
        }
        // Compares as many trailing words as the title has after its `*`.
        let words = literal.split_whitespace().count();
        let start = if literal.len() == self.title.len() {
            0
        } else {
            let (at, _) = text.rmatch_indices(' ').nth(words - 1)?;
            at + 1
        };
        let (kept, nearly) = text.split_at(start);
        let (lower, wanted) = (nearly.to_lowercase(), literal.trim().to_lowercase());
        // The number of words has to match. In short headings, only one edit is
        // allowed.
        let is_near = lower == wanted
            || (lower.split_whitespace().count() == words
                && (strsim::normalized_damerau_levenshtein(&lower, &wanted) >= ALIKE
                    || (wanted.len() > 3 && strsim::damerau_levenshtein(&lower, &wanted) == 1)));
        is_near.then(|| format!("{kept}{}", literal.trim()))
    }
}

/// Whether a title with `*` matches a text.
fn matches(title: &str, text: &str) -> bool {
    let mut parts = title.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The headings of a section, and the heading above them.
#[derive(Clone, Copy)]
struct Section<'a> {
    page: &'a Page,
    headings: &'a [Heading],
    above: Option<&'a Heading>,
}

impl Section<'_> {
    fn check(self, wanted: &[Requirement]) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut known = Vec::new();
        titles(wanted, &mut known);
        // The previous heading of the outline that was found, and its position.
        let mut last: Option<(&ExpectedHeading, usize)> = None;
        for wanted in wanted {
            let expected = match wanted {
                Requirement::Any(list) => {
                    let alternatives = list.iter().map(|one| self.check(std::slice::from_ref(one)));
                    // Reports the alternative with the fewest findings.
                    found.extend(alternatives.min_by_key(Vec::len).unwrap_or_default());
                    continue;
                }
                Requirement::All(list) => {
                    found.extend(self.check(list));
                    continue;
                }
                Requirement::Heading(expected) => expected,
            };
            let places: Vec<usize> = (0..self.headings.len())
                .filter(|at| expected.is(&self.headings[*at]))
                .collect();
            let (Some(first), Some(end)) = (places.first(), places.last()) else {
                found.extend(self.absent(expected, &known));
                continue;
            };
            match last {
                Some((before, at)) if *end < at => {
                    found.push(self.misplaced(*first, before));
                }
                _ => last = Some((expected, *first)),
            }
            for at in places {
                found.extend(self.under(at).check(&expected.under));
            }
        }
        found
    }

    /// The section under a heading.
    fn under(self, at: usize) -> Self {
        let above = &self.headings[at];
        let after = &self.headings[at + 1..];
        let end = after.iter().position(|next| next.level <= above.level);
        Self {
            headings: &after[..end.unwrap_or(after.len())],
            above: Some(above),
            ..self
        }
    }

    /// Reports a heading of the outline that was not found.
    fn absent(self, expected: &ExpectedHeading, known: &[&ExpectedHeading]) -> Option<Diagnostic> {
        if let Some(heading) = self
            .headings
            .iter()
            .find(|heading| expected.is_titled(heading))
        {
            let level = expected.level?;
            let message = format!(
                "heading `{}` has level {}; pages of this type use level {level}",
                cut(heading.text.trim()),
                heading.level,
            );
            let finding = Diagnostic::at(self.page, &HEADING_ORDER, heading.span, message);
            return Some(finding.help(format!("write `{}`", marked(level, &heading.text))));
        }
        let misspelled = self.headings.iter().find_map(|heading| {
            let is_known = known.iter().any(|known| known.is_titled(heading));
            let text = (!is_known).then(|| expected.corrected(heading.text.trim()))??;
            Some((heading, text))
        });
        if let Some((heading, text)) = misspelled {
            let message = format!(
                "heading `{}` is misspelled; expected `{text}`",
                heading.text.trim()
            );
            let span = self.text_span(heading);
            let fix = self.page.slice(span) == heading.text.trim();
            let help = format!("write `{}`", marked(heading.level, &text));
            let edits = fix.then_some(Edit { span, text });
            let finding = Diagnostic::at(self.page, &HEADING_MISSPELT, span, message);
            return Some(finding.help(help).fix(edits.into_iter().collect()));
        }
        expected.required.then(|| {
            let place = self
                .above
                .map(|above| format!("section `{}`", cut(above.text.trim())));
            let place = place.unwrap_or_else(|| "page".to_owned());
            let shown = self.above.or(self.headings.first());
            let span = shown.map_or(Span::default(), |heading| heading.span);
            let message = format!("{place} has no heading `{}`", expected.title);
            let finding = Diagnostic::at(self.page, &HEADING_MISSING, span, message);
            finding.help(format!("add `{}`", expected.markdown()))
        })
    }

    fn misplaced(self, at: usize, before: &ExpectedHeading) -> Diagnostic {
        let heading = &self.headings[at];
        let message = format!(
            "heading `{}` must come after `{}`",
            cut(heading.text.trim()),
            before.title,
        );
        let help = format!("move it and its content below `{}`", before.markdown());
        Diagnostic::at(self.page, &HEADING_ORDER, heading.span, message).help(help)
    }

    /// The span of a heading's text, or of the whole heading if the text has
    /// markup.
    fn text_span(self, heading: &Heading) -> Span {
        let text = heading.text.trim();
        let at = self.page.slice(heading.span).find(text);
        at.filter(|_| !text.is_empty()).map_or(heading.span, |at| {
            Span::new(
                heading.span.start + at,
                heading.span.start + at + text.len(),
            )
        })
    }
}

fn marked(level: usize, text: &str) -> String {
    format!("{} {}", "#".repeat(level), cut(text.trim()))
}

/// The headings of a list, without nested ones.
fn titles<'w>(wanted: &'w [Requirement], known: &mut Vec<&'w ExpectedHeading>) {
    for wanted in wanted {
        match wanted {
            Requirement::Heading(expected) => known.push(expected),
            Requirement::Any(list) | Requirement::All(list) => titles(list, known),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::settings::Settings;
    use crate::check::rules::test_support::check_with;
    use crate::json;

    const OUTLINE: &str = r#"[
        {"title": "* type", "level": 1, "required": true, "headers": [
            {"title": "Members", "level": 2, "required": true},
            {"title": "Example*", "level": 2, "allowMultiple": true},
            {"condition": "or", "arguments": [
                {"title": "Notes", "level": 2, "required": true},
                {"title": "See also", "level": 2, "required": true}
            ]}
        ]}
    ]"#;

    #[track_caller]
    fn check(headings: &str, expected: &[(&str, &str)]) {
        let mut settings = Settings::default();
        let outline = json::read(OUTLINE).expect("JSON");
        settings
            .outline
            .add("enumPageType", &outline)
            .expect("an outline");
        let text = format!("---\ndoc_type: enumPageType\n---\n\n{headings}\n");
        check_with(&settings, &text, expected);
    }

    #[test]
    fn reports_missing_headings() {
        check("# a type\n\n## Members\n\n## Notes", &[]);
        check(
            "# a type\n## Members\n## Example 1\n## Example 2\n## Other\n## See also",
            &[],
        );
        check("# a type\n\n## Notes", &[("heading-missing", "# a type")]);
        check("# a type\n\n## Members", &[("heading-missing", "# a type")]);
        check("# a\n\n## Members", &[("heading-missing", "# a")]);
    }

    #[test]
    fn reports_misspelled_headings() {
        check(
            "# a type\n\n## Membres\n\n## Notes",
            &[("heading-misspelt", "Membres")],
        );
        check(
            "# a type\n\n## members\n\n## Notes",
            &[("heading-misspelt", "members")],
        );
        check(
            "# a tyep\n\n## Members\n\n## Notes",
            &[("heading-misspelt", "a tyep")],
        );
        check(
            "# a type\n\n## Numbers\n\n## Notes",
            &[("heading-missing", "# a type")],
        );
    }

    #[test]
    fn reports_wrong_level_and_order() {
        check(
            "# a type\n## Other\n### Members\n## Notes",
            &[("heading-order", "### Members")],
        );
        check(
            "# a type\n## Example\n## Members\n## Notes",
            &[("heading-order", "## Example")],
        );
    }

    #[test]
    fn ignores_pages_of_other_types() {
        let mut settings = Settings::default();
        let outline = json::read(OUTLINE).expect("JSON");
        settings
            .outline
            .add("apiPageType", &outline)
            .expect("an outline");
        check_with(&settings, "---\ndoc_type: enumPageType\n---\n\n# a\n", &[]);
        settings
            .outline
            .add(ALL_PAGES, &outline)
            .expect("an outline");
        check_with(&settings, "# a\n", &[("heading-missing", "# a")]);
    }

    #[test]
    fn reports_invalid_outlines() {
        for (text, part, expected) in [
            ("{}", "{}", "a list of headings"),
            ("[1]", "1", "a heading"),
            (
                "[{\"level\": 1}]",
                "{\"level\": 1}",
                "a heading with a `title`, or a condition",
            ),
            ("[{\"title\": 1}]", "1", "a string"),
            ("[{\"condition\": \"NOT\"}]", "\"NOT\"", "`OR` or `AND`"),
        ] {
            let node = json::read(text).expect("JSON");
            let error = Outline::default()
                .add(KEYS[0], &node)
                .expect_err("no outline");
            assert_eq!(
                (&text[error.span.range()], error.expected),
                (part, expected)
            );
        }
    }

    #[test]
    fn star_matches_any_text() {
        for (title, text, is_one) in [
            ("Members", "Members", true),
            ("Members", "Members of it", false),
            ("* values", "a values", true),
            ("* values", "values", false),
            ("Example*", "Example", true),
            ("a*b*c", "a b b c", true),
            ("a*b*c", "a c b", false),
            ("*", "", true),
        ] {
            assert_eq!(matches(title, text), is_one, "{title} {text}");
        }
    }
}
