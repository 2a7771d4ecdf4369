//! What is kept of a run for the next one: which results failed.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::run::outcome::Outcome;

/// The results that failed when they were last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
// Another file that is named by mistake is not taken for one, and written over.
#[serde(deny_unknown_fields)]
pub(crate) struct LastRun {
    failed: BTreeSet<String>,
}

impl LastRun {
    /// Reads what [`LastRun::text`] wrote.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text of the file: JSON, an id a line.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("ids are JSON") + "\n"
    }

    /// Takes in what came of a result. What was left out stays as it was known.
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

    /// Forgets the results of what is no longer there.
    pub(crate) fn retain(&mut self, subjects: &[Subject<'_>]) {
        let ids: HashSet<Cow<'_, str>> = subjects.iter().flat_map(Subject::ids).collect();
        self.failed.retain(|id| ids.contains(id.as_str()));
    }

    /// Whether a result failed.
    pub(crate) fn failed(&self, id: &str) -> bool {
        self.failed.contains(id)
    }

    /// Whether none failed.
    pub(crate) fn is_empty(&self) -> bool {
        self.failed.is_empty()
    }
}
