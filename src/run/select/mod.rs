//! Which cases are meant: expressions over cases, and the share of one machine
//! of many. Everything here is a function of what is documented, written in
//! scenarios, and known of the last run; nothing is read or sent.

mod expression;
mod last_run;
mod matcher;
mod order;
mod parse;
pub(crate) mod partition;
mod subject;

pub(crate) use expression::{Expression, Predicate};
pub(crate) use last_run::LastRun;
pub(crate) use matcher::Matcher;
pub(crate) use order::shuffled;
pub(crate) use partition::Partition;
pub(crate) use subject::Subject;

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
