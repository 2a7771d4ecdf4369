//! What a run records for the next one: the results that failed.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::run::outcome::Outcome;

/// The results that failed in the last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
// Refuses other files, which would be overwritten.
#[serde(deny_unknown_fields)]
pub(crate) struct LastRun {
    failed: BTreeSet<String>,
}

impl LastRun {
    /// Parses what [`LastRun::text`] returns.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Serializes the record: JSON, one id a line.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("ids are JSON") + "\n"
    }

    /// Records the outcome of a result. A skipped result keeps its last
    /// outcome.
    pub(crate) fn add(&mut self, id: &str, outcome: &Outcome) {
        match outcome {
            Outcome::Pass => {
                self.failed.remove(id);
            }
            Outcome::Fail(_) => {
                self.failed.insert(id.to_owned());
            }
            Outcome::Skip(_) => {}
        }
    }

    /// Drops results that no longer exist.
    pub(crate) fn retain(&mut self, subjects: &[Subject<'_>]) {
        let ids: HashSet<Cow<'_, str>> = subjects.iter().flat_map(Subject::ids).collect();
        self.failed.retain(|id| ids.contains(id.as_str()));
    }

    /// Whether a result failed.
    pub(crate) fn failed(&self, id: &str) -> bool {
        self.failed.contains(id)
    }
}
