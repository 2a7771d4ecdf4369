//! The place of a difference in its page.

use crate::page::case::Case;
use crate::page::extract::{CasePlaces, in_body};
use crate::run::compare::{Difference, DifferenceKind};
use crate::text::source::{Page, Span};

/// The page of a case, and the places of its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<'a> {
    /// The page.
    pub page: &'a Page,
    /// How the user names the page.
    pub file: &'a str,
    /// The case's places in it.
    pub places: &'a CasePlaces,
}

/// The part of the page that a difference is about.
pub(crate) fn place(case: &Case, difference: &Difference, located: Located<'_>) -> Span {
    let places = located.places;
    let Some(response) = &places.response else {
        return places.request.start_line;
    };
    if let Some(member) = &difference.member
        && let Some(body) = &response.body
    {
        let shown = case.response.as_ref();
        let shown = shown.and_then(|shown| shown.message.body.as_deref());
        let place = member.place.clone().zip(shown);
        return place
            .and_then(|(range, shown)| in_body(located.page, *body, shown, range))
            .unwrap_or(*body);
    }
    match (difference.kind, &difference.header) {
        (DifferenceKind::Documented | DifferenceKind::NotChecked, _) => {
            response.body.unwrap_or(response.start_line)
        }
        (DifferenceKind::Transport | DifferenceKind::NoRoute, _) => places.request.start_line,
        (DifferenceKind::Status, _) => response.subject,
        (_, Some(name)) => case
            .response
            .as_ref()
            .and_then(|documented| {
                let mut headers = documented.message.headers.iter();
                headers.position(|header| header.name == *name)
            })
            .and_then(|at| response.headers.get(at).copied())
            .unwrap_or(response.start_line),
        _ => response.start_line,
    }
}

/// The line of the page that a difference is about, from 1. Without the page, it is
/// the line of a fence of the case.
pub(crate) fn line(case: &Case, difference: &Difference, located: Option<Located<'_>>) -> usize {
    match (located, difference.kind, &case.response) {
        (Some(located), ..) => {
            let span = place(case, difference, located);
            located.page.line(span.start)
        }
        (None, DifferenceKind::Transport | DifferenceKind::NoRoute, _) | (None, _, None) => {
            case.line
        }
        (None, _, Some(response)) => response.line,
    }
}
