//! Mutation testing of the comparison: each documented response is changed, one
//! fact at a time, and compared with its page as the response of a service is.
//!
//! The responses are those of the mock, made in memory. A mutant is killed if the
//! comparison of a live run reports it. A survivor shows what such a run does not
//! report: a rule of the comparison allows it, or the comparison missed it.

mod body;
mod change;
mod draft;
mod judge;
mod kind;
mod mutant;
mod tally;

pub(crate) use judge::Trial;
pub(crate) use kind::Kind;
pub(crate) use mutant::{FALSE_ALARM, MISSED, Mutant, Outcome, Place, Reason, Tried};
pub(crate) use tally::{Counts, Group, Named, Tally};

#[cfg(test)]
mod tests;
