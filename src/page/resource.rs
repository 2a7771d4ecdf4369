//! Resources: documented types. A resource is a JSON object whose values name
//! the type of each member.

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
    /// The block with its fences.
    pub block: Span,
    /// The annotation's comment.
    pub annotation: Span,
    /// The keys of the annotation, without `blockType`.
    pub keys: Map<String, Value>,
    /// The content of the fence, with `\n` as line ends. It is parsed as JSON
    /// only where that is needed.
    pub text: String,
}
