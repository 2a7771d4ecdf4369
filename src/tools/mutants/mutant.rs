//! A mutant, and what became of it.

use std::ops::Range;

use super::kind::Kind;
use crate::check::types::Allowance;
use crate::http::policy::Policy;
use crate::run::compare::{DifferenceKind, NotCompared};

/// A changed response, and whether the change was detected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// The kind of change.
    pub kind: Kind,
    /// What was changed: the status, a header, or the path of a member (RFC 9535).
    pub fact: String,
    /// Where the response documents it.
    pub place: Place,
    /// Whether it was detected.
    pub outcome: Outcome,
}

/// A place in a documented response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The status line.
    Status,
    /// The header with this name.
    Header(String),
    /// These bytes of the documented body.
    Body(Range<usize>),
    /// None: the response does not document it.
    Nowhere,
}

/// Whether a mutant was detected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Detected by these differences, each kind once.
    Killed(Vec<DifferenceKind>),
    /// Not detected, because of this rule. Without a rule it was missed.
    Survived(Option<Reason>),
}

/// The rule of the comparison that allows a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// The policy of the header.
    Policy(Policy),
    /// A placeholder in the documented value.
    Placeholder,
    /// The response has no content that the media type describes.
    NoContent,
    /// The body is not compared.
    NotCompared(NotCompared),
    /// A rule of types.
    Shape(Allowance),
    /// Undocumented additions are allowed.
    Undocumented,
}

impl Reason {
    /// The rule as a phrase.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Policy(Policy::Ignore) => "the header policy `ignore` skips the header",
            Self::Policy(Policy::Present) => {
                "the header policy `present` asks only that the header is there"
            }
            Self::Policy(Policy::Form) => {
                "the header policy `form` compares only the form of the value"
            }
            Self::Policy(Policy::MediaType) => {
                "the header policy `media-type` compares only the type and the documented parameters"
            }
            Self::Policy(Policy::Exact) | Self::Placeholder => {
                "the documented value has a placeholder, which matches any text"
            }
            Self::NoContent => "a 204, 205 or 304 has no content for the media type to describe",
            Self::NotCompared(reason) => reason.describe(),
            Self::Shape(allowance) => allowance.describe(),
            Self::Undocumented => "undocumented additions are allowed",
        }
    }
}

/// Why a missed mutant is a failure.
pub(crate) const MISSED: &str = "no rule of the comparison allows it, but it was not detected";
/// Why a killed control is a failure.
pub(crate) const FALSE_ALARM: &str =
    "undocumented additions are allowed, but this one was reported";

impl Mutant {
    /// Why it was killed or survived.
    pub(crate) fn reason(&self) -> String {
        match &self.outcome {
            Outcome::Killed(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                names.join(", ")
            }
            Outcome::Survived(reason) => reason.map_or(MISSED, Reason::describe).to_owned(),
        }
    }

    /// Whether a rule allows it.
    pub(crate) fn is_by_policy(&self) -> bool {
        matches!(self.outcome, Outcome::Survived(Some(_)))
    }
}

/// Why a case has no mutants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unjudged {
    /// The reason of a skip, or the kind of difference that the documented
    /// response itself has.
    pub reason: String,
    /// What the reason refers to.
    pub detail: String,
}

/// The result of a case.
#[derive(Debug)]
pub(crate) struct Tried {
    /// Its mutants, or why it has none.
    pub mutants: Result<Vec<Mutant>, Unjudged>,
    /// The number of facts that were left out of a long body.
    pub left_out: usize,
}
