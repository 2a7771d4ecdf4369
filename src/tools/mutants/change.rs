//! What is changed of an answer, one documented fact at a time.

use std::ops::Range;

use super::{Kind, Place, body};
use crate::check::types::{Mode, PathStep};
use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Content, Response};
use crate::run::observation::joined;

/// A mutant that is to be made.
#[derive(Debug)]
pub(super) struct Draft {
    /// How the answer is broken.
    pub kind: Kind,
    /// What is broken.
    pub fact: String,
    /// Where the response says it.
    pub place: Place,
    /// What that takes.
    pub change: Change,
    /// The way to the value that is broken, if it is one of the body.
    pub steps: Vec<PathStep>,
}

/// A change of an answer.
#[derive(Debug)]
pub(super) enum Change {
    /// Another status code.
    Status(u16),
    /// A header with another value, or without any.
    Header(String, Option<String>),
    /// These bytes of the body, replaced by a text.
    Body(Range<usize>, String),
}

impl Change {
    /// The answer with the change.
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

/// A value that no page documents.
const OTHER_VALUE: &str = "docproof-changed";
/// A header that no page documents.
const EXTRA_HEADER: &str = "x-docproof-extra";

/// The mutants of an answer, and how many facts of a long body are left out.
/// Where bodies are compared by their values, an extra member is a difference,
/// and so no control.
pub(super) fn drafts(documented: &Response, body: &str, mode: Option<Mode>) -> (Vec<Draft>, usize) {
    let mut drafts = vec![
        status(
            Kind::StatusSameClass,
            documented.status,
            same_class(documented.status),
        ),
        status(
            Kind::StatusOtherClass,
            documented.status,
            other_class(documented.status),
        ),
    ];
    for name in documented.headers.names() {
        let value = joined(&documented.headers, name);
        drafts.push(header(Kind::HeaderDropped, name, name, None));
        if name.eq_ignore_ascii_case("content-type") {
            media_type(name, &value, &mut drafts);
        } else {
            let other = Some(OTHER_VALUE.to_owned());
            drafts.push(header(Kind::HeaderChanged, name, name, other));
        }
    }
    let left_out = body::drafts(body, mode != Some(Mode::Exact), &mut drafts);
    let mut extra = header(
        Kind::HeaderExtra,
        EXTRA_HEADER,
        EXTRA_HEADER,
        Some("1".to_owned()),
    );
    extra.place = Place::Nowhere;
    drafts.push(extra);
    (drafts, left_out)
}

fn status(kind: Kind, documented: u16, other: u16) -> Draft {
    Draft {
        kind,
        fact: format!("status {documented}"),
        place: Place::Status,
        change: Change::Status(other),
        steps: Vec::new(),
    }
}

fn same_class(status: u16) -> u16 {
    let first = status - status % 100;
    if status == first { first + 1 } else { first }
}

fn other_class(status: u16) -> u16 {
    if status / 100 == 5 { 200 } else { 500 }
}

fn header(kind: Kind, name: &str, fact: &str, value: Option<String>) -> Draft {
    Draft {
        kind,
        fact: fact.to_owned(),
        place: Place::Header(name.to_owned()),
        change: Change::Header(name.to_owned(), value),
        steps: Vec::new(),
    }
}

/// Another type for the content, and another value for each parameter.
fn media_type(name: &str, value: &str, drafts: &mut Vec<Draft>) {
    let documented = MediaType::parse(value);
    let essence = if documented.essence == "text/plain" {
        "application/octet-stream"
    } else {
        "text/plain"
    };
    let other = MediaType {
        essence: essence.to_owned(),
        ..documented.clone()
    };
    let other = Some(other.to_string());
    drafts.push(header(Kind::MediaTypeChanged, name, name, other));
    for (changed, _) in &documented.parameters {
        let mut other = documented.clone();
        for (parameter, value) in &mut other.parameters {
            if parameter == changed {
                OTHER_VALUE.clone_into(value);
            }
        }
        let fact = format!("{name}; {changed}");
        let other = Some(other.to_string());
        drafts.push(header(Kind::HeaderChanged, name, &fact, other));
    }
}
