//! Earlier runs: which cases are flaky, and which are newly failing.

use std::collections::HashMap;

use serde::Deserialize;

use super::record::{CaseRecord, OutcomeName, RecordError, RunRecord, Summary};

/// The number of earlier runs that are read.
pub(crate) const LOOKED_AT: usize = 20;

/// The outcomes of the cases in earlier runs, the oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    /// The number of runs.
    pub runs: usize,
    outcomes: HashMap<String, Vec<OutcomeName>>,
}

/// The part of a record that a history needs.
#[derive(Debug, Clone)]
pub(crate) struct PastRun {
    target: String,
    cases: Vec<(String, OutcomeName)>,
}

#[derive(Deserialize)]
struct PastCase {
    id: String,
    outcome: OutcomeName,
}

impl PastRun {
    /// Reads the part of a record.
    pub(crate) fn read(text: &str) -> Result<Self, RecordError> {
        let (cases, summary): (Vec<PastCase>, Summary) = super::record::read(text)?;
        Ok(Self {
            target: summary.target,
            cases: cases
                .into_iter()
                .map(|case| (case.id, case.outcome))
                .collect(),
        })
    }
}

impl History {
    /// The history of a run: the runs of `past`, the oldest first, with the same
    /// target.
    pub(crate) fn of(run: &RunRecord, past: &[PastRun]) -> Self {
        let mut history = Self::default();
        for one in past {
            if one.target != run.summary.target {
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

    /// The outcomes of a case in earlier runs, the oldest first.
    pub(crate) fn outcomes(&self, case: &CaseRecord) -> &[OutcomeName] {
        self.outcomes.get(&case.id).map_or(&[], Vec::as_slice)
    }

    /// Whether a case fails that passed when it was last sent.
    pub(crate) fn is_newly_failing(&self, case: &CaseRecord) -> bool {
        let mut sent = self.sent(case).rev();
        case.outcome == OutcomeName::Fail && sent.next() == Some(OutcomeName::Pass)
    }

    /// Whether the outcome of a case changed more than once.
    pub(crate) fn is_flaky(&self, case: &CaseRecord) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id":"p::1","scenario":null,"page":"p.md","line":1,"method":"GET","target":"/","outcome":"OUTCOME","verdict":null,"reason":null,"detail":null,"deviation":null,"differences":[],"warnings":[],"snapshot":"off","ms":1.0}"#;
    const SUMMARY: &str = r#"{"summary":{"cases":1,"pass":1,"fail":0,"skip":0,"skip_reasons":{},"warnings":{},"snapshots":{},"verdicts":{},"deviations":[],"pages":1,"pages_unread":0,"diagnostics":{},"errors":0,"target":"TARGET","proves":"conformance","interrupted":false,"ms":1.0}}"#;

    fn text(outcome: &str, target: &str) -> String {
        let case = CASE.replace("OUTCOME", outcome);
        format!("{case}\n{}\n", SUMMARY.replace("TARGET", target))
    }

    #[track_caller]
    fn check(past: &[&str], now: &str, (is_newly_failing, is_flaky): (bool, bool)) {
        let past: Vec<PastRun> = past
            .iter()
            .map(|outcome| PastRun::read(&text(outcome, "a")).expect("a record"))
            .collect();
        let run = RunRecord::read(&text(now, "a")).expect("a record");
        let history = History::of(&run, &past);
        let case = &run.cases[0];
        assert_eq!(
            history.is_newly_failing(case),
            is_newly_failing,
            "newly failing"
        );
        assert_eq!(history.is_flaky(case), is_flaky, "is flaky");
    }

    #[test]
    fn a_case_that_passed_when_it_was_last_sent_is_newly_failing() {
        check(&[], "fail", (false, false));
        check(&["pass"], "fail", (true, false));
        check(&["pass", "skip"], "fail", (true, false));
        check(&["pass", "fail"], "fail", (false, false));
        check(&["fail"], "pass", (false, false));
    }

    #[test]
    fn a_case_whose_outcome_alternates_is_flaky() {
        check(&["pass", "fail"], "pass", (false, true));
        check(&["fail", "pass"], "fail", (true, true));
        check(&["fail", "fail"], "pass", (false, false));
        check(&["pass", "skip", "pass"], "pass", (false, false));
    }

    #[test]
    fn ignores_runs_of_other_targets() {
        let past = [PastRun::read(&text("pass", "b")).expect("a record")];
        let run = RunRecord::read(&text("fail", "a")).expect("a record");
        let history = History::of(&run, &past);
        assert_eq!(history.runs, 0);
        assert!(!history.is_newly_failing(&run.cases[0]));
    }
}
