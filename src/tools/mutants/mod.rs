//! Would anybody notice? Each documented answer is broken on purpose, one fact
//! at a time, and held against its page as a service's answer is.
//!
//! The answers are those of the mock, had in memory. What notices a mutant is
//! the comparison of a live run: a survivor shows what such a run lets through,
//! by a rule of the comparison or by a hole in it.

mod body;
mod change;
mod judge;
mod kind;
mod tally;

use std::ops::Range;

pub(crate) use judge::{Trial, Tried};
pub(crate) use kind::Kind;
pub(crate) use tally::{Counts, Group, Named, Tally, Unjudged};

use crate::check::types::Allowance;
use crate::http::policy::Policy;
use crate::run::compare::DifferenceKind;

/// A documented fact that was broken, and whether that was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// How it was broken.
    pub kind: Kind,
    /// What was broken: a header's name, the path of a member (RFC 9535).
    pub fact: String,
    /// Where the response says it.
    pub place: Place,
    /// Whether that was noticed.
    pub outcome: Outcome,
}

/// Where a documented response says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the status line.
    Status,
    /// In the header of this name.
    Header(String),
    /// In these bytes of the documented body.
    Body(Range<usize>),
    /// Nowhere: it says nothing of it.
    Nowhere,
}

/// Whether a mutant was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// By these differences, each kind once.
    Killed(Vec<DifferenceKind>),
    /// It was not, by this rule; without one, the comparison has a hole.
    Survived(Option<Reason>),
}

/// The rule of the comparison that lets a mutant through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// The policy of the header.
    Policy(Policy),
    /// A placeholder in the documented value.
    Placeholder,
    /// Bodies are not to be compared.
    BodiesOff,
    /// The page promises no JSON.
    NoJson,
    /// A rule of shapes.
    Shape(Allowance),
    /// What no page documents is allowed, as it should be.
    Undocumented,
}

impl Reason {
    /// The rule in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Policy(Policy::Ignore) => {
                "the header policy `ignore` does not look at the header"
            }
            Self::Policy(Policy::Present) => {
                "the header policy `present` asks only that the header is there"
            }
            Self::Policy(Policy::MediaType) => {
                "the header policy `media-type` asks only for the type and the documented parameters"
            }
            Self::Policy(Policy::Exact) | Self::Placeholder => {
                "the documented value has a placeholder, which stands for anything"
            }
            Self::BodiesOff => "bodies are not compared (--body off)",
            Self::NoJson => "the page promises no JSON body, and only those are compared",
            Self::Shape(allowance) => allowance.describe(),
            Self::Undocumented => "what the page does not document is allowed",
        }
    }
}

/// What is said of a survivor that no rule lets through.
pub(crate) const MISSED: &str =
    "no rule of the comparison lets it through: it should have been noticed";
/// What is said of a control that was noticed.
pub(crate) const FALSE_ALARM: &str = "what no page documents is allowed, and this was noticed";

impl Mutant {
    /// Why it was killed or survived, in words.
    pub(crate) fn reason(&self) -> String {
        match &self.outcome {
            Outcome::Killed(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                names.join(", ")
            }
            Outcome::Survived(reason) => reason.map_or(MISSED, Reason::describe).to_owned(),
        }
    }

    /// Whether it survived by a rule.
    pub(crate) fn is_by_policy(&self) -> bool {
        matches!(self.outcome, Outcome::Survived(Some(_)))
    }
}

#[cfg(test)]
mod tests;
