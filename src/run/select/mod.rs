//! Selects cases: expressions over cases, and partitions. Everything here is a
//! pure function of documented cases, scenarios and the last run.

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
