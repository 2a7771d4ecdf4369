//! A change of a response, and the mutant that it makes.

use std::ops::Range;

use super::kind::Kind;
use super::mutant::Place;
use crate::check::types::PathStep;
use crate::http::message::{ActualResponse, Content};
use crate::http::policy::Policy;

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
    /// The run that judges it.
    pub run: RunSettings,
}

/// The settings of the run that judges a mutant. None of them may keep it from
/// being detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunSettings {
    /// Those of the project.
    Project,
    /// A scenario expects any status of the documented class.
    ExpectedClass,
    /// The media type has this policy.
    MediaType(Policy),
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
    /// Another media type with a text for a body.
    Content(&'static str, &'static str),
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
            Self::Content(media_type, text) => {
                let header =
                    Self::Header("Content-Type".to_owned(), Some((*media_type).to_owned()));
                changed = header.apply(&changed);
                changed.body = Content::Whole(text.as_bytes().to_vec());
            }
        }
        changed
    }
}
