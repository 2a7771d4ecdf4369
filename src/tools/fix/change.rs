//! What a page has to say, and the edits that make it say so.

use std::ops::Range;

use crate::http::message::Headers;
use crate::json::edit::Change;
use crate::run::observation::holds_token;
use crate::text::source::{Edit, Span};
use crate::text::value_form::contains_jwt;

/// What a page has to say of a response.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Observed {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// Where the documented body has to say something else.
    pub members: Vec<Change>,
    /// Why it cannot say more of the body.
    pub refused: Vec<String>,
}

/// Something that is not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The part of the page that stays as it is.
    pub span: Span,
    /// Why.
    pub message: String,
}

/// What has to be done to a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fix {
    /// What is written, by span; no two overlap.
    pub edits: Vec<Edit>,
    /// What is not.
    pub refusals: Vec<Refusal>,
    /// What the documented body says then, where it is written into.
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

/// What there is to say of a block whose lines are not the page's own.
pub(super) const NESTED: &str = "stands in a list or a quote in a way that is not written into; \
                      write it by hand";

/// Whether a text holds what must not be published: a masked secret, or a JSON
/// Web Token.
pub(super) fn holds_credential(text: &str) -> bool {
    holds_token(text) || contains_jwt(text)
}

/// The range of `part`, which is a slice of `whole`.
pub(super) fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
