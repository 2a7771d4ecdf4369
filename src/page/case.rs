//! Cases: a documented request with its documented response.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::http::message::{Request, Response};
use crate::page::recognise::RecognitionRule;
use crate::text::source::is_mdx;

/// A documented example.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The unique id, `<page path without .md>::<name>`. It does not change when
    /// other pages change.
    pub id: String,
    /// The request annotation's `name`; for a further response of the request,
    /// with its number: `name.2`.
    pub name: Option<String>,
    /// The page, relative to the docs root, with `/`.
    pub page: Arc<str>,
    /// The line of the request's opening fence, from 1.
    pub line: usize,
    /// The rule that recognised the example; `None` if it is annotated.
    pub recognised: Option<RecognitionRule>,
    /// The documented request.
    pub request: Request,
    /// The documented response; a request may have none.
    pub response: Option<ExpectedResponse>,
    /// The other keys of the annotations.
    pub annotation: Annotation,
}

/// The documented response of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedResponse {
    /// The line of the response's opening fence, from 1.
    pub line: usize,
    /// The documented response.
    pub message: Response,
}

/// The keys of the two annotations, without `blockType` and `name`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotation {
    /// The annotation of the request.
    pub request: Map<String, Value>,
    /// The annotation of the response.
    pub response: Map<String, Value>,
}

/// The path of a page without `.md`. Those of MDX keep their extension.
pub(crate) fn page_stem(page: &str) -> &str {
    // `b.MD` keeps its extension, because `b.md` is another page.
    page.strip_suffix(".md").unwrap_or(page)
}

/// The part of an id that identifies the page: its path without `.md`. Colons that
/// could be part of the separator `::` are percent-encoded.
pub(crate) fn id_stem(page: &str) -> Cow<'_, str> {
    let stem = page_stem(page);
    if stem.contains("::") || stem.ends_with(':') {
        stem.replace(':', "%3A").into()
    } else {
        stem.into()
    }
}

/// The page of a case's id. Other paths with this stem have no case with the id.
pub(crate) fn page_of_id(id: &str) -> Option<String> {
    let (stem, _) = id.split_once("::")?;
    if is_mdx(stem) {
        return Some(stem.replace("%3A", ":"));
    }
    let page = format!("{}.md", stem.replace("%3A", ":"));
    // The stem itself may contain `%3A`.
    if id_stem(&page) == stem {
        Some(page)
    } else {
        Some(format!("{stem}.md"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the stem of a page's ids, and that the page is found by it.
    #[track_caller]
    fn check(page: &str, stem: &str) {
        assert_eq!(id_stem(page), stem);
        assert_eq!(page_of_id(&format!("{stem}::a::b")).as_deref(), Some(page));
    }

    #[test]
    fn stems_end_before_the_first_separator() {
        check("a/b.md", "a/b");
        check("a:b.md", "a:b");
        check("a::b.md", "a%3A%3Ab");
        check("a:.md", "a%3A");
        check("a%3Ab.md", "a%3Ab");
        check("a/b.mdx", "a/b.mdx");
        assert_eq!(page_of_id("a"), None);
    }
}
