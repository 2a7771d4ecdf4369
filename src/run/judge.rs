//! What a case's answer is held against: its page, and what was accepted last.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::{Bodies, Options};
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, compare, compare_body, documented_status};
use crate::config::Config;
use crate::diagnostic::Severity;
use crate::exchange::Exchange;
use crate::message::{Answer, Response};
use crate::observation::observe;
use crate::outcome::{CaseResult, Outcome};
use crate::plan::{MISS_HEADER, Skip};
use crate::policy::Policies;
use crate::scenario::{self, Scenario};
use crate::schema::{self, Against, Expectation, Mode, ShapeKind};
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
    bodies: Bodies,
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
            bodies: options.bodies.clone(),
            secrets: options.secrets(),
        }
    }

    /// The two questions: does it conform, and is it what was accepted last?
    /// `found` is what a scenario found of itself.
    pub fn judge(
        &self,
        case: &Case,
        exchange: Exchange,
        scenario: Option<&Scenario>,
        found: Vec<Difference>,
    ) -> Result<CaseResult, SnapshotError> {
        let documented = &case
            .response
            .as_ref()
            .expect("a case without a response is not sent")
            .message;
        let mut result = CaseResult {
            scenario: name_of(scenario),
            outcome: Outcome::Pass,
            warnings: Vec::new(),
            snapshot: State::Off,
            observation: None,
            elapsed: exchange.elapsed,
            finding: None,
        };
        let nothing_to_compare = |kind, observed| {
            vec![Difference::new(
                kind,
                documented_status(documented),
                observed,
            )]
        };
        let mut differences = match exchange.answer {
            Err(error) => nothing_to_compare(DifferenceKind::Transport, Some(error.message)),
            Ok(answer) if self.is_miss(&answer) => {
                nothing_to_compare(DifferenceKind::NoRoute, None)
            }
            Ok(answer) => {
                let mut observation = observe(documented, &answer, &self.policies);
                // A scenario may ask for another answer than the documented one.
                let is_other = answer.status != documented.status
                    && scenario.is_some_and(|scenario| {
                        let mut expect = scenario.main.expect.iter();
                        expect.any(scenario::Expectation::is_about_status)
                    });
                let (mut differences, bodies) = if is_other {
                    (Vec::new(), Vec::new())
                } else {
                    (
                        compare(documented, &answer, &self.policies),
                        self.compare_bodies(case, documented, &answer, &mut result),
                    )
                };
                for difference in &bodies {
                    if let Some(member) = &difference.member {
                        let kind = difference.kind.name();
                        write!(observation, "\nbody {}: {kind}", member.path)
                            .expect("a string takes all that is written");
                    }
                }
                differences.extend(bodies);
                self.secrets.mask(&mut observation);
                differences.extend(self.snapshot(case, &observation, &mut result)?);
                result.observation = Some(observation);
                differences
            }
        };
        differences.extend(found);
        // Only what is shown is masked: a value that the page documents too
        // must still be compared as it is.
        self.mask(&mut differences);
        if !differences.is_empty() {
            result.outcome = Outcome::Fail(differences);
        }
        Ok(result)
    }

    /// What of an answer's body is wrong, if bodies are compared.
    fn compare_bodies(
        &self,
        case: &Case,
        documented: &Response,
        answer: &Answer,
        result: &mut CaseResult,
    ) -> Vec<Difference> {
        let Some(mode) = self.bodies.mode.filter(|_| !self.is_mock) else {
            return Vec::new();
        };
        let types = &self.bodies.types;
        let (mut errors, mut warnings) = compare_body(case, documented, answer, types, mode);
        if self.bodies.strict {
            errors.append(&mut warnings);
        }
        self.mask(&mut warnings);
        result.warnings = warnings;
        errors
    }

    /// The result of a scenario that did not come to the documented request.
    pub fn not_come_to(
        &self,
        mut found: Vec<Difference>,
        scenario: &Scenario,
        elapsed: Duration,
    ) -> CaseResult {
        self.mask(&mut found);
        CaseResult {
            scenario: name_of(Some(scenario)),
            outcome: Outcome::Fail(found),
            warnings: Vec::new(),
            snapshot: State::Off,
            observation: None,
            elapsed,
            finding: None,
        }
    }

    /// Takes the secrets out of what is shown. What a page says stands in the
    /// page; what a scenario asks for may hold a secret.
    fn mask(&self, differences: &mut [Difference]) {
        for found in differences {
            if let Some(observed) = &mut found.observed {
                self.secrets.mask(observed);
            }
            if found.scenario.is_some() {
                self.secrets.mask(&mut found.documented);
            }
        }
    }

    /// Keeps a value from view.
    pub fn keep_secret(&self, name: &str, value: &str) {
        self.secrets.add(name, value);
    }

    /// What is wrong with a value by a documented resource.
    pub fn fits_resource(&self, name: &str, value: &Json) -> Result<(), String> {
        let types = &self.bodies.types;
        let keys = Map::from_iter([("@odata.type".to_owned(), Json::from(name))]);
        let expectation = Expectation::new(&keys, None, "", Against::Page, types);
        let body = value.to_string();
        let found = schema::check(body.as_bytes(), &expectation, types, Mode::Shape);
        let Some(finding) = found.list.into_iter().find(|finding| {
            finding.severity == Severity::Error || finding.kind == ShapeKind::UnknownResource
        }) else {
            return Ok(());
        };
        let observed = finding.observed.unwrap_or_default();
        let (path, kind) = (finding.path, finding.kind.name());
        Err(format!(
            "{kind} at {path}: {} {observed}",
            finding.documented
        ))
    }

    /// The result of a case that is not sent. A bound value may stand in the
    /// reason.
    pub fn skipped(&self, mut skip: Skip, scenario: Option<&Scenario>) -> CaseResult {
        self.secrets.mask(&mut skip.detail);
        CaseResult {
            scenario: name_of(scenario),
            warnings: Vec::new(),
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
            id: &result.id(case),
            source: &source,
            line: case.line,
            expression: &format!("{} {}", case.request.method, case.request.target),
            contents: observation,
        };
        let (state, finding) = snapshot::check(&self.folder, &observed, update)?;
        let difference = match &state {
            State::Mismatch { accepted } => Some(Difference::new(
                DifferenceKind::Snapshot,
                accepted,
                Some(observation.to_owned()),
            )),
            _ => None,
        };
        result.snapshot = state;
        result.finding = finding;
        Ok(difference)
    }
}

fn name_of(scenario: Option<&Scenario>) -> Option<String> {
    scenario.and_then(|scenario| scenario.name.clone())
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
            bodies: Bodies::default(),
        };
        let exchange = Exchange {
            url: String::new(),
            answer: Ok(answer),
            elapsed: Duration::ZERO,
        };
        judge
            .judge(case, exchange, None, Vec::new())
            .expect("no snapshots are read")
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
