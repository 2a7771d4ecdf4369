//! What a case's answer is held against: its page, and what was accepted last.

use std::path::PathBuf;
use std::time::Duration;

use super::Options;
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, compare, documented_status};
use crate::config::Config;
use crate::exchange::Exchange;
use crate::message::Answer;
use crate::observation::observe;
use crate::outcome::{CaseResult, Outcome};
use crate::plan::{MISS_HEADER, Skip};
use crate::policy::Policies;
use crate::secret::Secrets;
use crate::snapshot::{self, Observed, SnapshotError, State, Update};

/// What a case's answer is held against.
#[derive(Debug)]
pub struct Judge {
    policies: Policies,
    snapshots: Option<Update>,
    folder: PathBuf,
    docs_name: String,
    is_mock: bool,
    secrets: Secrets,
}

impl Judge {
    /// What the answers of a run are held against.
    pub fn new(config: &Config, docs_name: &str, options: &Options) -> Self {
        Self {
            policies: config.policies.clone(),
            snapshots: options.snapshots,
            folder: config.snapshots.clone(),
            docs_name: docs_name.to_owned(),
            is_mock: options.live.is_none(),
            secrets: options.secrets(),
        }
    }

    /// The two questions: does it conform, and is it what was accepted last?
    pub fn judge(&self, case: &Case, exchange: Exchange) -> Result<CaseResult, SnapshotError> {
        let documented = &case
            .response
            .as_ref()
            .expect("a case without a response is not sent")
            .message;
        let mut result = CaseResult {
            outcome: Outcome::Pass,
            snapshot: State::Off,
            observation: None,
            elapsed: exchange.elapsed,
            finding: None,
        };
        let nothing_to_compare = |kind, observed| {
            vec![Difference {
                kind,
                header: None,
                documented: documented_status(documented),
                observed,
            }]
        };
        let mut differences = match exchange.answer {
            Err(error) => nothing_to_compare(DifferenceKind::Transport, Some(error.message)),
            Ok(answer) if self.is_miss(&answer) => {
                nothing_to_compare(DifferenceKind::NoRoute, None)
            }
            Ok(answer) => {
                let mut observation = observe(documented, &answer, &self.policies);
                self.secrets.mask(&mut observation);
                let mut differences = compare(documented, &answer, &self.policies);
                differences.extend(self.snapshot(case, &observation, &mut result)?);
                result.observation = Some(observation);
                differences
            }
        };
        // Only what is shown is masked: a value that the page documents too
        // must still be compared as it is.
        for observed in differences
            .iter_mut()
            .filter_map(|found| found.observed.as_mut())
        {
            self.secrets.mask(observed);
        }
        if !differences.is_empty() {
            result.outcome = Outcome::Fail(differences);
        }
        Ok(result)
    }

    /// The result of a case that is not sent. A bound value may stand in the
    /// reason.
    pub fn skipped(&self, mut skip: Skip) -> CaseResult {
        self.secrets.mask(&mut skip.detail);
        CaseResult {
            outcome: Outcome::Skip(skip),
            snapshot: State::Off,
            observation: None,
            elapsed: Duration::ZERO,
            finding: None,
        }
    }

    /// Whether the mock itself answered that it has no such route.
    fn is_miss(&self, answer: &Answer) -> bool {
        self.is_mock && answer.headers.get(MISS_HEADER).is_some()
    }

    /// Holds an observation against the accepted one, if that is asked for.
    fn snapshot(
        &self,
        case: &Case,
        observation: &str,
        result: &mut CaseResult,
    ) -> Result<Option<Difference>, SnapshotError> {
        let Some(update) = self.snapshots else {
            return Ok(None);
        };
        let source = match self.docs_name.as_str() {
            "" => case.page.to_string(),
            docs => format!("{docs}/{}", case.page),
        };
        let observed = Observed {
            id: &case.id,
            source: &source,
            line: case.line,
            expression: &format!("{} {}", case.request.method, case.request.target),
            contents: observation,
        };
        let (state, finding) = snapshot::check(&self.folder, &observed, update)?;
        let difference = match &state {
            State::Mismatch { accepted } => Some(Difference {
                kind: DifferenceKind::Snapshot,
                header: None,
                documented: accepted.clone(),
                observed: Some(observation.to_owned()),
            }),
            _ => None,
        };
        result.snapshot = state;
        result.finding = finding;
        Ok(difference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract;
    use crate::message::Headers;
    use crate::source::Page;

    fn judge(is_mock: bool, answer: Answer) -> CaseResult {
        let text = "<!-- {\"blockType\": \"request\"} -->\n```\nGET /a\n```\n\
                    <!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 404 Not Found\n```\n";
        let case = &extract::extract(&Page::new("p.md", text.to_owned())).cases[0];
        let judge = Judge {
            policies: Policies::default(),
            snapshots: None,
            folder: PathBuf::new(),
            docs_name: String::new(),
            is_mock,
            secrets: Secrets::default(),
        };
        let exchange = Exchange {
            answer: Ok(answer),
            elapsed: Duration::ZERO,
        };
        judge.judge(case, exchange).expect("no snapshots are read")
    }

    #[test]
    fn a_miss_of_the_mock_is_no_documented_404() {
        let mut headers = Headers::default();
        headers.push(MISS_HEADER, "1");
        let miss = Answer {
            status: 404,
            headers,
            ..Answer::default()
        };
        let Outcome::Fail(differences) = judge(true, miss.clone()).outcome else {
            panic!("a miss passed");
        };
        assert_eq!(differences[0].kind, DifferenceKind::NoRoute);
        assert_eq!(judge(false, miss).outcome, Outcome::Pass);
    }
}
