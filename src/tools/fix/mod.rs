//! What came back, written into its page: which bytes of the page have to say
//! something else. Only what is documented is written, where it stands; every
//! other byte stays.

mod response;
mod field;
mod page;
mod snapshot;

use std::ops::Range;

use http::StatusCode;

use crate::http::message::{Headers, Response};
use crate::http::policy::Policies;
use crate::json::edit;
pub(crate) use crate::json::edit::{Change, To};
use crate::page::extract::{Places, in_body};
use crate::run::observation::holds_token;
use crate::text::source::{Edit, Page, Span};
use crate::text::value_form::contains_jwt;
pub(crate) use page::{ObservedCase, fix_page};
pub(crate) use response::read_response;
pub(crate) use snapshot::read_snapshot;

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
    fn write(&mut self, span: Span, text: impl Into<String>) {
        let text = text.into();
        self.edits.push(Edit { span, text });
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        let message = message.into();
        self.refusals.push(Refusal { span, message });
    }
}

/// Finds what has to be done to a documented response, which stands at `places`
/// of its page, so that it says what was observed.
pub(crate) fn fix(
    page: &Page,
    places: &Places,
    documented: &Response,
    observed: &Observed,
    policies: &Policies,
) -> Fix {
    let mut fix = Fix::default();
    if documented.status != observed.status {
        status(page, places, documented, observed.status, &mut fix);
    }
    for name in documented.headers.names() {
        field::fix(page, places, documented, observed, name, policies, &mut fix);
    }
    for why in &observed.refused {
        fix.refuse(places.body.unwrap_or(places.block), why);
    }
    if let (Some(body), Some(span)) = (&documented.body, places.body)
        && !observed.members.is_empty()
    {
        match members(page, body, span, &observed.members) {
            Err(message) => fix.refuse(span, message),
            Ok((edits, body)) => {
                fix.edits.extend(edits);
                fix.body = Some(body);
            }
        }
    }
    fix.edits.sort();
    fix
}

/// What there is to say of a block whose lines are not the page's own.
const NESTED: &str = "stands in a list or a quote in a way that is not written into; \
                      write it by hand";

/// The status code, and where there is one the reason phrase, with the
/// registered one; the version and the spaces stay. HTTP/1.1 has a phrase after
/// each code (RFC 9112, 4), so none is taken out.
fn status(page: &Page, places: &Places, documented: &Response, status: u16, fix: &mut Fix) {
    let code = places.subject;
    let line = page.slice(places.start_line);
    let after = Span::new(code.end, places.start_line.end.max(code.end));
    let reason = page.slice(after).trim();
    let is_there = page.slice(code) == documented.status.to_string()
        && !line.contains('\n')
        && reason == documented.reason.as_deref().unwrap_or_default();
    if !is_there {
        return fix.refuse(places.start_line, format!("the status line {NESTED}"));
    }
    let registered = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    if reason.is_empty() {
        return fix.write(code, status.to_string());
    }
    let Some(registered) = registered else {
        let message = format!("no reason phrase is registered for {status}; write one by hand");
        return fix.refuse(places.start_line, message);
    };
    fix.write(code, status.to_string());
    if registered != reason {
        let start = after.end - page.slice(after).trim_start().len();
        fix.write(Span::new(start, start + reason.len()), registered);
    }
}

/// Changes a body, as a whole or not at all: what is written, and what it says
/// then. Lines are added only where those of the page begin as those of the body
/// do.
fn members(
    page: &Page,
    body: &str,
    span: Span,
    changes: &[Change],
) -> Result<(Vec<Edit>, String), String> {
    let slice = page.slice(span);
    let is_plain = slice.replace("\r\n", "\n") == body;
    let edits = edit::edits(body, changes)?;
    let placed = edits.iter().map(|(range, text)| {
        let place = in_body(page, span, body, range.clone());
        let span = place.filter(|_| is_plain || !text.contains('\n'))?;
        let text = if slice.contains("\r\n") {
            text.replace('\n', "\r\n")
        } else {
            text.clone()
        };
        Some(Edit { span, text })
    });
    let placed: Option<Vec<Edit>> = placed.collect();
    let placed = placed.ok_or_else(|| format!("a value of this body {NESTED}"))?;
    Ok((placed, edit::apply(body, &edits)))
}

/// Whether a text holds what must not be published: a masked secret, or a JSON
/// Web Token.
fn holds_credential(text: &str) -> bool {
    holds_token(text) || contains_jwt(text)
}

/// The range of `part`, which is a slice of `whole`.
fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod tests;
