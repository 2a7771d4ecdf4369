//! A case: one documented request, and the response that the page promises.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::http::message::{Request, Response};

/// One documented example.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// `<page path without .md>::<name>`: unique, and stable when other pages
    /// change.
    pub id: String,
    /// The request annotation's `name`.
    pub name: Option<String>,
    /// The page, relative to the docs root, with `/`.
    pub page: Arc<str>,
    /// The line of the request's opening fence, from 1.
    pub line: usize,
    /// The documented request.
    pub request: Request,
    /// The documented response; a request may have none.
    pub response: Option<ExpectedResponse>,
    /// What else the annotations said.
    pub annotation: Annotation,
}

/// The response that a page promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedResponse {
    /// The line of the response's opening fence, from 1.
    pub line: usize,
    /// The documented response.
    pub message: Response,
}

/// The keys of the two annotations, less those that a case has as its own
/// (`blockType`, `name`).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotation {
    /// From above the request.
    pub request: Map<String, Value>,
    /// From above the response.
    pub response: Map<String, Value>,
}

/// The part of an id that names its page: the page's path without `.md`.
pub(crate) fn page_stem(page: &str) -> &str {
    // `b.MD` keeps its ending: beside it, `b.md` is another page.
    page.strip_suffix(".md").unwrap_or(page)
}

/// The page stem of a case's id.
pub(crate) fn stem_of_id(id: &str) -> Option<&str> {
    id.split_once("::").map(|(stem, _)| stem)
}
