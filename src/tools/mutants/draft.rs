//! A change of a response, and the mutant that it makes.

use std::ops::Range;

use super::kind::Kind;
use super::mutant::Place;
use crate::check::types::PathStep;
use crate::http::message::{ActualResponse, Content};

/// A mutant before it is judged.
#[derive(Debug)]
pub(super) struct Draft {
    /// The kind of change.
    pub kind: Kind,
    /// What is changed.
    pub fact: String,
    /// Where the response documents it.
    pub place: Place,
    /// The change.
    pub change: Change,
    /// The path to the changed value of the body.
    pub steps: Vec<PathStep>,
}

/// A change of a response.
#[derive(Debug)]
pub(super) enum Change {
    /// Another status code.
    Status(u16),
    /// A header with another value, or without the header.
    Header(String, Option<String>),
    /// These bytes of the body, replaced with a text.
    Body(Range<usize>, String),
}

impl Change {
    /// The response with the change.
    pub(super) fn apply(&self, response: &ActualResponse) -> ActualResponse {
        let mut changed = response.clone();
        match self {
            Self::Status(status) => changed.status = *status,
            Self::Header(name, value) => {
                let headers = &mut changed.headers;
                headers
                    .0
                    .retain(|header| !header.name.eq_ignore_ascii_case(name));
                if let Some(value) = value {
                    headers.push(name, value);
                }
            }
            Self::Body(range, text) => {
                if let Content::Whole(body) = &mut changed.body {
                    body.splice(range.clone(), text.bytes());
                }
            }
        }
        changed
    }
}
