//! The runs before this one: which cases are flaky, and which fail anew.

use std::collections::HashMap;

use serde::Deserialize;

use super::record::{CaseRecord, OutcomeName, RecordError, RunRecord, Summary};
use crate::outcome::Proof;

/// How many runs are looked back at.
pub const LOOKED_AT: usize = 20;

/// How the cases came out before, the oldest run first.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// How many runs are in it.
    pub runs: usize,
    outcomes: HashMap<String, Vec<OutcomeName>>,
}

/// What of a run a history needs.
#[derive(Debug, Clone)]
pub struct PastRun {
    proves: Proof,
    target: String,
    cases: Vec<(String, OutcomeName)>,
}

#[derive(Deserialize)]
struct PastCase {
    id: String,
    outcome: OutcomeName,
}

impl PastRun {
    /// Reads what is needed of a run's record.
    pub fn read(text: &str) -> Result<Self, RecordError> {
        let (cases, summary): (Vec<PastCase>, Summary) = super::record::read(text)?;
        Ok(Self {
            proves: summary.proves,
            target: summary.target,
            cases: cases.into_iter().map(|case| (case.id, case.outcome)).collect(),
        })
    }
}

impl History {
    /// The history of a run: those of `past`, the oldest first, that were made
    /// of the same target.
    pub fn of(run: &RunRecord, past: &[PastRun]) -> Self {
        let mut history = Self::default();
        for one in past {
            if one.proves != run.summary.proves || one.target != run.summary.target {
                continue;
            }
            history.runs += 1;
            for (id, outcome) in &one.cases {
                match history.outcomes.get_mut(id) {
                    Some(outcomes) => outcomes.push(*outcome),
                    None => {
                        history.outcomes.insert(id.clone(), vec![*outcome]);
                    }
                }
            }
        }
        history
    }

    /// How a case came out before, the oldest run first.
    pub fn outcomes(&self, case: &CaseRecord) -> &[OutcomeName] {
        self.outcomes.get(&case.id).map_or(&[], Vec::as_slice)
    }

    /// Whether a case fails that passed when it was last sent.
    pub fn fails_anew(&self, case: &CaseRecord) -> bool {
        let mut sent = self.sent(case).rev();
        case.outcome == OutcomeName::Fail && sent.next() == Some(OutcomeName::Pass)
    }

    /// Whether a case came out otherwise than before more than once: it passes
    /// and fails by turns.
    pub fn is_flaky(&self, case: &CaseRecord) -> bool {
        let mut turns = 0;
        let mut last = None;
        let now = Some(case.outcome).filter(|now| *now != OutcomeName::Skip);
        for outcome in self.sent(case).chain(now) {
            if last.is_some_and(|last| last != outcome) {
                turns += 1;
            }
            last = Some(outcome);
        }
        turns > 1
    }

    fn sent(&self, case: &CaseRecord) -> impl DoubleEndedIterator<Item = OutcomeName> + '_ {
        let outcomes = self.outcomes(case).iter().copied();
        outcomes.filter(|outcome| *outcome != OutcomeName::Skip)
    }
}
