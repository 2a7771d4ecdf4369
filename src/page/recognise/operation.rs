//! Operations as pages state them outside of examples: in a heading, a paragraph, a
//! table or a component.

use crate::text::source::{Excerpt, Page, Span};

/// A method and a template of its targets, with their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The method, in upper case.
    pub method: String,
    /// Where the method is.
    pub method_span: Span,
    /// The path or the URL, as written.
    pub template: String,
    /// Where the template is.
    pub template_span: Span,
}

/// An operation that the page states outside of its examples.
pub(super) struct Stated {
    /// Its part of the page.
    pub at: usize,
    pub operation: Operation,
    /// Whether no other is stated beside it.
    pub is_only: bool,
}

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

impl Operation {
    /// The first operation that a part of a page states.
    pub(super) fn first(page: &Page, within: Span) -> Option<Self> {
        let text = page.slice(within);
        if text.trim_start().starts_with('<') {
            return Self::of_component(text, within.start);
        }
        Self::next(text, within.start).map(|(operation, _)| operation)
    }

    /// The number of operations that a part of a page states.
    pub(super) fn count(page: &Page, within: Span) -> usize {
        let mut text = page.slice(within);
        let mut count = 0;
        while let Some((_, end)) = Self::next(text, 0) {
            count += 1;
            text = &text[end..];
        }
        count
    }

    /// The next operation of a text, and where it ends: a method, markup, and a path
    /// or a URL.
    fn next(text: &str, base: usize) -> Option<(Self, usize)> {
        let mut from = 0;
        while let Some((at, method)) = METHODS
            .iter()
            .filter_map(|method| Some((text[from..].find(method)? + from, *method)))
            .min()
        {
            let end = at + method.len();
            from = end;
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/')) {
                continue;
            }
            let is_markup = |c: char| c.is_whitespace() || "`*|:-–_\"'".contains(c);
            let start = end + text[end..].len() - text[end..].trim_start_matches(is_markup).len();
            let rest = &text[start..];
            let length = target_length(rest);
            let template = rest[..length].trim_end_matches(['.', ',', ':', ';', ')', '_']);
            let is_target = template.starts_with('/') || template.starts_with("http");
            if start == end || !is_target || template.starts_with("//") {
                continue;
            }
            let span = |start, length| Span::new(base + start, base + start + length);
            let operation = Self {
                method: method.to_owned(),
                method_span: span(at, method.len()),
                template: template.to_owned(),
                template_span: span(start, template.len()),
            };
            return Some((operation, start + template.len()));
        }
        None
    }

    /// The operation in the attributes of a component: `<Endpoint method="get"
    /// path="/items" />`.
    fn of_component(text: &str, base: usize) -> Option<Self> {
        let value = |names: &[&str]| {
            names.iter().find_map(|name| {
                let open = format!(" {name}=\"");
                let start = text.find(&open)? + open.len();
                let length = text[start..].find('"')?;
                Some((start, &text[start..start + length]))
            })
        };
        let (method_at, method) = value(&["method", "verb", "type"])?;
        let (at, template) = value(&["path", "url", "route", "endpoint", "uri"])?;
        let span = |start: usize, text: &str| Span::new(base + start, base + start + text.len());
        let known = METHODS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(method))?;
        Some(Self {
            method: (*known).to_owned(),
            method_span: span(method_at, method),
            template: template.to_owned(),
            template_span: span(at, template),
        })
    }

    /// The request line of the operation.
    pub(super) fn request_line<'a>(&self, page: &'a Page) -> Excerpt<'a> {
        let mut line = Excerpt::empty_at(self.method_span.start);
        line.push(&page.text, &self.method, self.method_span.start);
        line.push("", " ", self.method_span.end);
        line.push(&page.text, &self.template, self.template_span.start);
        line
    }

    /// Whether a target is one of the operation: its path ends with the template.
    pub(super) fn has(&self, target: &str) -> bool {
        let path = |target: &str| {
            let rest = target.split_once("://").map_or(target, |(_, rest)| {
                rest.find('/').map_or("", |at| &rest[at..])
            });
            let path = rest.split(['?', '#']).next().unwrap_or_default();
            let path = path.trim_matches('/');
            path.split('/').map(str::to_owned).collect::<Vec<_>>()
        };
        let template = path(&super::with_placeholders(&self.template));
        let target = path(target);
        let is_open = |segment: &str| segment.contains(['{', '<', '(', '*', '[', '$']);
        // Templates show the ids of examples: `/items/1.json`.
        let id = |segment: &str| {
            let rest = segment.trim_start_matches(|c: char| c.is_ascii_digit());
            (rest.len() < segment.len()).then(|| rest.to_owned())
        };
        let are_ids = |wanted: &str, own: &str| id(wanted).is_some() && id(wanted) == id(own);
        target.len() >= template.len()
            && template
                .iter()
                .rev()
                .zip(target.iter().rev())
                .all(|(wanted, own)| {
                    wanted == own || is_open(wanted) || is_open(own) || are_ids(wanted, own)
                })
    }
}

/// The length of the target at the start of a text. A placeholder in brackets may
/// have spaces: `/items/[ITEM NAME]`.
fn target_length(text: &str) -> usize {
    const LONGEST: usize = 40;
    let mut is_open = false;
    let end = text.char_indices().find(|(at, c)| {
        match c {
            '[' => {
                let mut name = text[at + 1..].chars().take(LONGEST);
                is_open = name.find(|c| "]`\n".contains(*c)) == Some(']');
            }
            ']' => is_open = false,
            ' ' if is_open => return false,
            _ => {}
        }
        c.is_whitespace() || "`|\"*".contains(*c)
    });
    end.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, &str)>) {
        let page = Page::new("a.md", text.to_owned());
        let found = Operation::first(&page, Span::new(0, text.len()));
        let spans = |found: &Operation| [found.method_span, found.template_span];
        for span in found.iter().flat_map(spans) {
            assert!(page.text.get(span.range()).is_some());
        }
        let found = found.as_ref();
        let shown = found.map(|it| (it.method.as_str(), it.template.as_str()));
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn finds_operations_in_the_forms_of_authors() {
        check("## GET /items/:id", Some(("GET", "/items/:id")));
        check("### POST - `/items`", Some(("POST", "/items")));
        check("| `PUT` | `/items` | a |", Some(("PUT", "/items")));
        check(
            "* `GET /items.json` returns all.",
            Some(("GET", "/items.json")),
        );
        check("<Api path=\"/a\" method=\"get\">", Some(("GET", "/a")));
        check(
            "### GET - `/items/[ITEM NAME].json`",
            Some(("GET", "/items/[ITEM NAME].json")),
        );
        check("GET /items/[ITEM NAME", Some(("GET", "/items/[ITEM")));
        check("Use GET to read.", None);
        check("Use TARGET /a.", None);
        check("# Items", None);
    }

    #[test]
    fn compares_targets_with_the_end_of_their_path() {
        let page = Page::new("a.md", "GET /items/:id".to_owned());
        let operation = Operation::first(&page, Span::new(0, 14)).expect("an operation");
        assert!(operation.has("https://a.example/v1/items/2?a=b"));
        assert!(operation.has("/items/{item}"));
        assert!(!operation.has("https://a.example/v1/users/2"));
        assert!(!operation.has("/items"));
    }

    #[test]
    fn ids_of_examples_match_others() {
        let page = Page::new("a.md", "GET /items/1.json".to_owned());
        let operation = Operation::first(&page, Span::new(0, 17)).expect("an operation");
        assert!(operation.has("/items/20.json"));
        assert!(!operation.has("/items/20.xml"));
        assert!(!operation.has("/items/latest.json"));
        assert!(!operation.has("/parts/1.json"));
    }
}
