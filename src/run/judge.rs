//! What a case's answer is held against: its page, and what was accepted last.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::{Bodies, Options};
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, compare, compare_body, documented_status};
use crate::config::Config;
use crate::diagnostic::{SNAPSHOT_SYNTAX, Severity};
use crate::exchange::Exchange;
use crate::message::{Answer, Content, Response};
use crate::observation::{observe, promised};
use crate::outcome::{Accepted, CaseResult, Outcome, Proof, Verdict};
use crate::plan::{MISS_HEADER, Skip};
use crate::policy::Policies;
use crate::scenario::{self, Scenario};
use crate::schema::{self, Against, Expectation, Mode, ShapeKind};
use crate::secret::Secrets;
use crate::snapshot::{self, Day, Deviation, Observed, SnapshotError, State, Update};

/// What a case's answer is held against.
#[derive(Debug)]
pub struct Judge {
    policies: Policies,
    snapshots: Option<Update>,
    folder: PathBuf,
    docs_name: String,
    today: Day,
    keep_answers: bool,
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
            today: options.today,
            keep_answers: options.keep_answers,
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
        let mut result = result(scenario, Outcome::Pass, exchange.elapsed);
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
                // A scenario may ask for another answer than the documented one.
                let is_other = answer.status != documented.status
                    && scenario.is_some_and(|scenario| {
                        let mut expect = scenario.main.expect.iter();
                        expect.any(scenario::Expectation::is_about_status)
                    });
                let compares_bodies = !is_other && !self.is_mock && self.bodies.mode.is_some();
                let (mut differences, bodies) = if is_other {
                    (Vec::new(), Vec::new())
                } else {
                    (
                        compare(documented, &answer, &self.policies),
                        self.compare_bodies(case, documented, &answer, &mut result),
                    )
                };
                let shape = bodies.iter().filter_map(shape_line);
                let mut observation = observe(documented, &answer, &self.policies, shape);
                differences.extend(bodies);
                self.secrets.mask(&mut observation);
                if self.keep_answers && !is_other {
                    result.answer = Some(self.masked(answer));
                }
                let observation = Observation {
                    text: observation,
                    has_shape: compares_bodies,
                };
                self.accepted(case, documented, differences, observation, &mut result)?
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
        result(Some(scenario), Outcome::Fail(found), elapsed)
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

    /// An answer without the secrets in it.
    fn masked(&self, mut answer: Answer) -> Answer {
        for header in &mut answer.headers.0 {
            self.secrets.mask(&mut header.value);
        }
        if let Content::Whole(body) = &mut answer.body
            && let Ok(text) = str::from_utf8(body)
            && let Cow::Owned(masked) = self.secrets.masked(text)
        {
            *body = masked.into_bytes();
        }
        answer
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
        result(scenario, Outcome::Skip(skip), Duration::ZERO)
    }

    /// Holds an observation against the accepted one, if that is asked for, and
    /// gives the verdict. Returns the differences that make the case fail.
    fn accepted(
        &self,
        case: &Case,
        documented: &Response,
        mut differences: Vec<Difference>,
        observation: Observation,
        result: &mut CaseResult,
    ) -> Result<Vec<Difference>, SnapshotError> {
        let deviation = match self.snapshots {
            Some(update) => self.snapshot(case, &observation, update, result)?,
            None => None,
        };
        let accepted = match &result.snapshot {
            State::Off | State::New => Accepted::Nothing,
            State::Match => Accepted::Answer,
            State::Mismatch { accepted } if promised(documented, &self.policies) == *accepted => {
                Accepted::Promise
            }
            State::Mismatch { .. } => Accepted::Other,
        };
        // Where the body was not looked at, it is not known to have come round.
        let kept = result.observation.get_or_insert(observation.text);
        let is_unseen = deviation.is_some()
            && !self.is_mock
            && !observation.has_shape
            && result.snapshot == State::Match
            && kept.contains("\nbody $");
        let conforms = differences.is_empty() && !is_unseen;
        let proof = self.proof();
        let mut verdict = Verdict::of(conforms, accepted);
        if let Some(deviation) = &deviation {
            let has_ended = deviation.ended(self.today).is_some();
            verdict = verdict.deviating(conforms, has_ended, proof);
        }
        match (verdict, &result.snapshot) {
            (Verdict::KnownDeviation, _) => differences.clear(),
            (Verdict::StaleDeviation, _) => {
                let reason = deviation.as_ref().map(|known| known.reason.clone());
                let reason = reason.unwrap_or_default();
                differences.push(Difference::new(
                    DifferenceKind::StaleDeviation,
                    reason,
                    None,
                ));
            }
            // What was accepted is what the page says, and that is said.
            (Verdict::ServiceDrifted, _) => {}
            (_, State::Mismatch { accepted }) => differences.push(Difference::new(
                DifferenceKind::Snapshot,
                accepted.clone(),
                result.observation.clone(),
            )),
            _ => {}
        }
        // Of what cannot be read it is not known what was accepted.
        let is_known = !matches!(result.snapshot, State::Mismatch { .. })
            || result
                .finding
                .as_ref()
                .is_none_or(|finding| finding.rule != &SNAPSHOT_SYNTAX);
        result.verdict = is_known.then_some(verdict);
        result.deviation = deviation;
        Ok(differences)
    }

    fn proof(&self) -> Proof {
        if self.is_mock {
            Proof::Parsing
        } else {
            Proof::Conformance
        }
    }

    /// Whether the mock itself answered that it has no such route.
    fn is_miss(&self, answer: &Answer) -> bool {
        self.is_mock && answer.headers.get(MISS_HEADER).is_some()
    }

    /// Holds an observation against the accepted one. Returns the deviation that
    /// was accepted for the case.
    fn snapshot(
        &self,
        case: &Case,
        observation: &Observation,
        update: Update,
        result: &mut CaseResult,
    ) -> Result<Option<Deviation>, SnapshotError> {
        let id = result.id(case);
        let (deviation, broken) = snapshot::deviation(&self.folder, &id)?;
        let update = match &deviation {
            None => update,
            // What the mock answers is no news of the service.
            Some(_) if self.is_mock => Update::No,
            // What was accepted for a reason is not replaced without one.
            Some(_) if update == Update::No => Update::No,
            Some(_) => Update::New,
        };
        let source = match self.docs_name.as_str() {
            "" => case.page.to_string(),
            docs => format!("{docs}/{}", case.page),
        };
        let observed = Observed {
            id: &id,
            source: &source,
            line: case.line,
            expression: &format!("{} {}", case.request.method, case.request.target),
            contents: &observation.text,
            has_shape: observation.has_shape,
        };
        let checked = snapshot::check(&self.folder, &observed, update)?;
        result.snapshot = checked.state;
        result.finding = checked.finding.or(broken);
        result.observation = Some(checked.contents);
        Ok(deviation)
    }
}

/// What is held against the accepted answer.
struct Observation {
    text: String,
    /// Whether the shape of the body was looked at.
    has_shape: bool,
}

/// What a snapshot keeps of a difference of the body: neither values, nor what
/// only `--strict` counts, so that every run keeps the same.
fn shape_line(found: &Difference) -> Option<(&str, String)> {
    let DifferenceKind::Body(kind) = found.kind else {
        return None;
    };
    if kind == ShapeKind::Value || kind.severity() != Severity::Error {
        return None;
    }
    let what = match (kind, &found.observed) {
        (ShapeKind::TypeMismatch, Some(observed)) => format!("{} {observed}", kind.name()),
        _ => kind.name().to_owned(),
    };
    Some((found.member.as_ref()?.path.as_str(), what))
}

/// A result of which nothing more is known yet.
fn result(scenario: Option<&Scenario>, outcome: Outcome, elapsed: Duration) -> CaseResult {
    CaseResult {
        scenario: scenario.and_then(|scenario| scenario.name.clone()),
        outcome,
        verdict: None,
        deviation: None,
        warnings: Vec::new(),
        snapshot: State::Off,
        observation: None,
        answer: None,
        elapsed,
        finding: None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::extract;
    use crate::message::Headers;
    use crate::source::Page;

    const PAGE: &str = "<!-- {\"blockType\": \"request\"} -->\n```\nGET /a\n```\n\
                        <!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 404 Not Found\n```\n";

    fn judge_in(folder: Option<&Path>, is_mock: bool, answer: Answer) -> CaseResult {
        let case = &extract::extract(&Page::new("p.md", PAGE.to_owned())).cases[0];
        let judge = Judge {
            policies: Policies::default(),
            snapshots: folder.map(|_| Update::No),
            folder: folder.map(Path::to_owned).unwrap_or_default(),
            docs_name: String::new(),
            today: snapshot::day("2027-01-15").expect("a day"),
            keep_answers: false,
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
            .expect("snapshots can be read")
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
        let missed = judge_in(None, true, miss.clone());
        let Outcome::Fail(differences) = missed.outcome else {
            panic!("a miss passed");
        };
        assert_eq!(differences[0].kind, DifferenceKind::NoRoute);
        assert_eq!(missed.verdict, None);
        assert_eq!(judge_in(None, false, miss).outcome, Outcome::Pass);
    }

    /// The last day of a deviation; today is the 15th.
    #[derive(Clone, Copy)]
    enum Known {
        No,
        Until(&'static str),
    }

    /// What comes of an answer to a page that documents 404.
    #[track_caller]
    fn check(who: &str, accepted: Option<&str>, answered: u16, known: Known, expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(contents) = accepted {
            let observed = Observed {
                id: "p::1",
                source: "p.md",
                line: 1,
                expression: "GET /a",
                contents,
                has_shape: true,
            };
            snapshot::check(folder.path(), &observed, Update::Always).expect("accepted");
        }
        if let Known::Until(day) = known {
            let deviation = Deviation {
                reason: "known".to_owned(),
                until: Some(snapshot::day(day).expect("a day")),
            };
            snapshot::deviate(folder.path(), "p::1", &deviation).expect("written");
        }
        let answer = Answer {
            status: answered,
            ..Answer::default()
        };
        let result = judge_in(Some(folder.path()), who == "mock", answer);
        let kinds: Vec<_> = match &result.outcome {
            Outcome::Fail(differences) => differences.iter().map(|d| d.kind.name()).collect(),
            _ => vec![],
        };
        let verdict = result.verdict.map_or("none", Verdict::name);
        assert_eq!(format!("{verdict} {}", kinds.join("+")), expected);
    }

    const SAME: Option<&str> = Some("404 Not Found");
    const OTHER: Option<&str> = Some("410 Gone");
    const THIRD: Option<&str> = Some("403 Forbidden");

    #[test]
    fn page_snapshot_and_answer_give_a_verdict() {
        check("service", SAME, 404, Known::No, "conforms ");
        check("service", SAME, 410, Known::No, "service-drifted status");
        check(
            "service",
            OTHER,
            404,
            Known::No,
            "docs-and-service-moved snapshot",
        );
        check("service", OTHER, 410, Known::No, "docs-changed status");
        check(
            "service",
            THIRD,
            410,
            Known::No,
            "all-differ status+snapshot",
        );
        check("service", None, 404, Known::No, "conforms ");
        check("service", None, 410, Known::No, "service-differs status");
        check("mock", SAME, 404, Known::No, "conforms ");
        check(
            "mock",
            OTHER,
            404,
            Known::No,
            "docs-and-service-moved snapshot",
        );
    }

    #[test]
    fn a_known_deviation_passes_until_its_last_day() {
        let held = Known::Until("2027-01-15");
        let ended = Known::Until("2027-01-14");
        check("service", OTHER, 410, held, "known-deviation ");
        check("service", OTHER, 410, ended, "docs-changed status");
        check("service", OTHER, 403, held, "all-differ status+snapshot");
        check("service", SAME, 410, held, "service-drifted status");
        // The mock says what the page says: that ends no deviation.
        check("mock", OTHER, 404, held, "known-deviation ");
        check("mock", OTHER, 404, ended, "docs-changed snapshot");
    }

    #[test]
    fn a_deviation_is_stale_when_the_answer_conforms() {
        let held = Known::Until("2027-01-15");
        let ended = Known::Until("2027-01-14");
        for known in [held, ended] {
            check(
                "service",
                OTHER,
                404,
                known,
                "stale-deviation stale-deviation",
            );
            check(
                "service",
                SAME,
                404,
                known,
                "stale-deviation stale-deviation",
            );
            check(
                "service",
                None,
                404,
                known,
                "stale-deviation stale-deviation",
            );
            check("mock", SAME, 404, known, "conforms ");
        }
        check("service", None, 410, held, "service-differs status");
    }

    #[test]
    fn a_snapshot_that_cannot_be_read_gives_no_verdict() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("p__1.snap"), "404 Not Found\n").expect("written");
        let answer = Answer {
            status: 404,
            ..Answer::default()
        };
        let result = judge_in(Some(folder.path()), false, answer);
        assert_eq!((result.verdict, result.outcome.name()), (None, "fail"));
    }
}
