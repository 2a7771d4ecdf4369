//! Cases: a documented request with its documented response.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::http::message::{Request, Response};

/// A documented example.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The unique id, `<page path without .md>::<name>`. It does not change when
    /// other pages change.
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

/// The part of an id that identifies the page: its path without `.md`.
pub(crate) fn page_stem(page: &str) -> &str {
    // `b.MD` keeps its extension, because `b.md` is another page.
    page.strip_suffix(".md").unwrap_or(page)
}

/// The page stem of a case's id.
pub(crate) fn stem_of_id(id: &str) -> Option<&str> {
    id.split_once("::").map(|(stem, _)| stem)
}
