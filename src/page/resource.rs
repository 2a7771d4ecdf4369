//! A resource as a page documents it: the JSON representation of a type,
//! whose values say what each member is.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::text::source::Span;

/// A block that is annotated as a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The page, relative to the docs root, with `/`.
    pub page: Arc<str>,
    /// The line of the opening fence, from 1.
    pub line: usize,
    /// The fenced block, its fences included.
    pub block: Span,
    /// The annotation's comment.
    pub annotation: Span,
    /// The annotation's keys, less `blockType`.
    pub keys: Map<String, Value>,
    /// The content of the fence, its line ends as `\n`. It is meant as JSON,
    /// and not yet read as such: most runs never ask.
    pub text: String,
}
