//! The observed response, and the edits of a page.

use std::ops::Range;

use crate::http::message::Headers;
use crate::json::edit::Change;
use crate::run::observation::contains_mask;
use crate::text::source::{Edit, Span};
use crate::text::value_form::contains_jwt;

/// What a response block should document.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Observed {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The changes of the documented body.
    pub members: Vec<Change>,
    /// Why other differences of the body are not fixed.
    pub refused: Vec<String>,
}

/// A part of a page that is not fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The part of the page that is unchanged.
    pub span: Span,
    /// The reason.
    pub message: String,
}

/// The fixes of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fix {
    /// The edits by span, without overlaps.
    pub edits: Vec<Edit>,
    /// What is not fixed.
    pub refusals: Vec<Refusal>,
    /// The documented body after the edits, if it is edited.
    pub body: Option<String>,
}

impl Fix {
    pub(super) fn write(&mut self, span: Span, text: impl Into<String>) {
        let text = text.into();
        self.edits.push(Edit { span, text });
    }

    pub(super) fn refuse(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        self.refusals.push(Refusal { span, message });
    }
}

/// The reason not to edit a block whose lines have a prefix.
pub(super) const NESTED: &str = "is in a list or quote with an unsupported form; \
                      edit it by hand";

/// Whether a text contains what must not be published: a masked secret or a
/// JSON Web Token.
pub(super) fn contains_credential(text: &str) -> bool {
    contains_mask(text) || contains_jwt(text)
}

/// The range of `part`, which is a slice of `whole`.
pub(super) fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
