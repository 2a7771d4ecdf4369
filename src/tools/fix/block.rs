//! Fixes one response block of a page.

use http::StatusCode;

use super::change::{Fix, NESTED, Observed};
use super::field;
use crate::http::message::Response;
use crate::http::policy::Policies;
use crate::json::edit::{self, Change};
use crate::page::extract::{Places, in_body};
use crate::text::source::{Edit, Page, Span};

/// Finds the edits after which a documented response, at `places` of its page,
/// matches the observed one.
pub(super) fn fix(
    page: &Page,
    places: &Places,
    documented: &Response,
    observed: &Observed,
    policies: &Policies,
) -> Fix {
    let mut fix = Fix::default();
    if !documented.status.matches(observed.status) {
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

/// Writes the status code. An existing reason phrase is replaced by the
/// registered one; version and spaces are kept. HTTP/1.1 has a reason phrase
/// after each code (RFC 9112, 4), so it is never removed.
fn status(page: &Page, places: &Places, documented: &Response, status: u16, fix: &mut Fix) {
    let is_body_alone = places
        .body
        .is_some_and(|body| body.start == places.start_line.start);
    if documented.status.code().is_none() || is_body_alone {
        let message = "the response has no status line; write one by hand";
        return fix.refuse(places.block, message);
    }
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
        let message = format!("{status} has no registered reason phrase; write one by hand");
        return fix.refuse(places.start_line, message);
    };
    fix.write(code, status.to_string());
    if registered != reason {
        let start = after.end - page.slice(after).trim_start().len();
        fix.write(Span::new(start, start + reason.len()), registered);
    }
}

/// Changes a body, entirely or not at all. Returns the edits and the resulting
/// body. Lines are only added if the lines of the page begin as those of the
/// body do.
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

#[cfg(test)]
mod body_tests;
#[cfg(test)]
mod tests;
