//! Judges responses: compares them with the page and with the accepted
//! snapshot.

mod accepted;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::check::types::{self, Against, Expectation, Mode, ShapeKind};
use crate::http::message::{ActualResponse, Content, Response};
use crate::http::policy::Policies;
use crate::page::alternatives::Alternatives;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::project::plan::{
    self, DeferredPart, DeferredText, MISS_HEADER, PreviewBody, PreviewRequest, Skip,
};
use crate::project::scenario::Scenario;
use crate::run::compare::{
    self, Difference, DifferenceKind, NotCompared, compare, documented_status,
};
use crate::run::exchange::{Exchange, TransportKind};
use crate::run::observation::observe;
use crate::run::options::{Bodies, Options};
use crate::run::outcome::{CaseResult, Exchanged, Exchanges, Outcome, Replaced};
use crate::run::snapshot::{Day, FileNames, Handling, SnapshotError, State};
use crate::text::issued;
use crate::text::secret::Secrets;
use crate::text::severity::Severity;

/// Settings for judging the responses of a run.
#[derive(Debug)]
pub(super) struct Judge {
    policies: Policies,
    snapshots: Option<Handling>,
    folder: PathBuf,
    file_names: FileNames,
    docs_name: String,
    today: Day,
    keep_responses: bool,
    exchanges: Exchanges,
    is_mock: bool,
    secrets: Secrets,
    bodies: Bodies,
    all_cases: Arc<[Case]>,
    /// Their alternatives, once they are needed.
    alternatives: OnceLock<Alternatives>,
}

/// What is compared with the accepted snapshot.
struct Observation<'a> {
    /// The observation.
    pub text: String,
    /// Whether the observation covers the shape of the body.
    pub has_shape: bool,
    /// The response.
    pub response: &'a ActualResponse,
}

impl Judge {
    /// Creates the judge of a run.
    /// `all_cases` are those of the whole docs.
    pub(super) fn new(
        config: &Config,
        docs_name: &str,
        all_cases: &Arc<[Case]>,
        options: &Options,
    ) -> Self {
        let ids = all_cases.iter().map(|case| case.id.as_str());
        Self {
            policies: config.policies.clone(),
            snapshots: options.snapshots,
            folder: config.snapshots.clone(),
            file_names: FileNames::of(ids),
            docs_name: docs_name.to_owned(),
            today: options.today,
            keep_responses: options.keep_responses,
            exchanges: options.exchanges,
            is_mock: options.live.is_none(),
            bodies: options.bodies.clone(),
            secrets: options.secrets(),
            all_cases: Arc::clone(all_cases),
            alternatives: OnceLock::new(),
        }
    }

    /// Judges an exchange: does the response match the page, and does it match
    /// the accepted snapshot? `found` are the differences that a scenario
    /// found.
    pub(super) fn judge(
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
        let mut differences = match &exchange.response {
            Err(error) => {
                let kind = match error.kind {
                    TransportKind::Body => DifferenceKind::CutBody,
                    _ => DifferenceKind::Transport,
                };
                nothing_to_compare(kind, Some(error.message.clone()))
            }
            Ok(actual) if self.is_miss(actual) => nothing_to_compare(DifferenceKind::NoRoute, None),
            Ok(actual) => {
                result.replaced = scenario.and_then(|scenario| replaced(scenario, documented));
                let is_replaced = result.replaced.is_some();
                result.is_status_undocumented = !is_replaced && documented.status.code().is_none();
                let compares_bodies = !is_replaced && !self.is_mock && self.bodies.mode.is_some();
                let (mut differences, bodies) = if is_replaced {
                    (Vec::new(), Vec::new())
                } else {
                    (
                        compare(documented, actual, &self.policies),
                        self.compare_bodies(case, documented, actual, &mut result),
                    )
                };
                self.add_alternative(case, actual, &mut differences);
                let shape = bodies.iter().filter_map(shape_line);
                let mut observation = observe(documented, actual, &self.policies, shape);
                differences.extend(bodies);
                self.secrets.mask(&mut observation);
                let observation = Observation {
                    text: observation,
                    has_shape: compares_bodies,
                    response: actual,
                };
                let differences =
                    self.accepted(case, documented, differences, observation, &mut result)?;
                if let Content::Endless(_) = actual.body {
                    let text = "the body of a stream";
                    let warning = Difference::new(DifferenceKind::EndlessBody, text, None);
                    result.warnings.push(warning);
                }
                if self.keep_responses && !is_replaced {
                    result.response = Some(self.masked(actual.clone()));
                }
                differences
            }
        };
        differences.extend(found);
        // Masked only now: values must be compared unmasked, because the page
        // may document them.
        self.mask(&mut differences);
        let keeps = match self.exchanges {
            Exchanges::None => false,
            Exchanges::Failed => !differences.is_empty(),
            Exchanges::All => true,
        };
        if keeps && let Some(sent) = &exchange.sent {
            result.exchange = Some(Box::new(Exchanged {
                request: self.sent(sent),
                response: match exchange.response {
                    Ok(actual) => Ok(self.masked(actual)),
                    Err(error) => Err(self.secrets.masked(&error.response()).into_owned()),
                },
            }));
        }
        if !differences.is_empty() {
            result.outcome = Outcome::Fail(differences);
        }
        Ok(result)
    }

    /// Whether the body of a response to this case is compared or kept.
    pub(super) fn compares_body(&self, case: &Case) -> bool {
        let documented = case.response.as_ref();
        let has_body = case.annotation.response.contains_key("@odata.type")
            || documented.is_some_and(|response| response.message.body.is_some());
        self.keep_responses || (!self.is_mock && self.bodies.mode.is_some() && has_body)
    }

    /// Adds the response that the docs show with this status for the same request.
    fn add_alternative(
        &self,
        case: &Case,
        actual: &ActualResponse,
        differences: &mut [Difference],
    ) {
        let mut differences = differences.iter_mut();
        if let Some(found) = differences.find(|found| found.kind == DifferenceKind::Status) {
            let alternatives = self
                .alternatives
                .get_or_init(|| Alternatives::of(&self.all_cases));
            let other = alternatives.with_status(&case.id, actual.status);
            found.alternative = other.cloned();
        }
    }

    /// Compares the body with the page, if bodies are compared.
    fn compare_bodies(
        &self,
        case: &Case,
        documented: &Response,
        actual: &ActualResponse,
        result: &mut CaseResult,
    ) -> Vec<Difference> {
        let Some(mode) = self.bodies.mode.filter(|_| !self.is_mock) else {
            result.body = Some(Err(NotCompared::Off));
            return Vec::new();
        };
        let bodies = compare::Bodies {
            types: &self.bodies.types,
            mode,
            policies: &self.policies,
        };
        let compared = bodies.compare(case, documented, actual, &OnceCell::new());
        result.body = Some(compared.not.map_or(Ok(()), Err));
        let (mut errors, mut warnings) = (compared.errors, compared.warnings);
        if self.bodies.strict {
            errors.append(&mut warnings);
        }
        self.mask(&mut warnings);
        result.warnings = warnings;
        errors
    }

    /// The result of a scenario that failed before the documented request.
    pub(super) fn failed_before_main(
        &self,
        mut found: Vec<Difference>,
        scenario: &Scenario,
        elapsed: Duration,
    ) -> CaseResult {
        self.mask(&mut found);
        result(Some(scenario), Outcome::Fail(found), elapsed)
    }

    /// Masks secrets in reported values. Documented values are public, unless a
    /// scenario rendered them.
    fn mask(&self, differences: &mut [Difference]) {
        for found in differences {
            if let Some(observed) = &mut found.observed {
                self.secrets.mask(observed);
                match (&found.header, &found.member) {
                    // What the mock sends is documented.
                    _ if self.is_mock => {}
                    (Some(name), _) => issued::mask_field(name, observed),
                    (_, Some(member)) => issued::mask_member(&member.path, observed),
                    _ => issued::mask(observed),
                }
            }
            if found.scenario.is_some() {
                self.secrets.mask(&mut found.documented);
            }
        }
    }

    /// Masks secrets and issued credentials in a response.
    fn masked(&self, mut actual: ActualResponse) -> ActualResponse {
        for header in &mut actual.headers.0 {
            self.secrets.mask(&mut header.value);
            if !self.is_mock {
                issued::mask_field(&header.name, &mut header.value);
            }
        }
        if let Content::Whole(body) | Content::Endless(body) = &mut actual.body
            && let Ok(text) = str::from_utf8(body)
        {
            let mut masked = self.secrets.masked(text).into_owned();
            if !self.is_mock {
                issued::mask(&mut masked);
            }
            if masked != text {
                *body = masked.into_bytes();
            }
        }
        actual
    }

    /// A request that was sent, with secrets and issued credentials masked.
    fn sent(&self, sent: &plan::Step) -> PreviewRequest {
        let mut request = plan::sent(sent, &self.secrets);
        if self.is_mock {
            return request;
        }
        for (name, value) in &mut request.headers {
            let mut text = value.to_string();
            issued::mask_field(name, &mut text);
            *value = DeferredText(vec![DeferredPart::Literal(text)]);
        }
        let mut url = request.url.to_string();
        issued::mask(&mut url);
        request.url = DeferredText(vec![DeferredPart::Literal(url)]);
        if let Some(PreviewBody::Text(body)) = &mut request.body {
            let mut text = body.to_string();
            issued::mask(&mut text);
            *body = DeferredText(vec![DeferredPart::Literal(text)]);
        }
        request
    }

    /// Adds a secret to mask in reports.
    pub(super) fn keep_secret(&self, name: &str, value: &str) {
        self.secrets.add(name, value);
    }

    /// Checks a value against a documented resource.
    pub(super) fn fits_resource(&self, name: &str, value: &Json) -> Result<(), String> {
        let types = &self.bodies.types;
        let keys = Map::from_iter([("@odata.type".to_owned(), Json::from(name))]);
        let expectation = Expectation::new(&keys, None, "", Against::Page, types);
        let body = value.to_string();
        let found = types::check(body.as_bytes(), &expectation, types, Mode::Shape);
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

    /// The result of a skipped case. The reason may contain a bound value, so
    /// it is masked.
    pub(super) fn skipped(&self, mut skip: Skip, scenario: Option<&Scenario>) -> CaseResult {
        self.secrets.mask(&mut skip.detail);
        result(scenario, Outcome::Skip(skip), Duration::ZERO)
    }

    /// Whether the mock responded that no request matches.
    fn is_miss(&self, actual: &ActualResponse) -> bool {
        self.is_mock && actual.headers.get(MISS_HEADER).is_some()
    }
}

/// The expectation of a scenario that replaces the documented response, if there
/// is one.
fn replaced(scenario: &Scenario, documented: &Response) -> Option<Replaced> {
    let expectation = scenario.replacement(documented.status)?;
    Some(Replaced {
        documented: documented_status(documented),
        expected: expectation.to_string(),
        file: Arc::clone(&scenario.main.file),
        line: expectation.line,
    })
}

/// The line of a snapshot for a difference of the body. It contains no values
/// and ignores what only `--strict` reports, so that every run records the
/// same.
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

/// Creates a result with an outcome; the other fields are empty.
fn result(scenario: Option<&Scenario>, outcome: Outcome, elapsed: Duration) -> CaseResult {
    CaseResult {
        scenario: scenario.and_then(|scenario| scenario.name.clone()),
        outcome,
        verdict: None,
        deviation: None,
        warnings: Vec::new(),
        body: None,
        is_status_undocumented: false,
        snapshot: State::Off,
        replaced: None,
        observation: None,
        exchange: None,
        response: None,
        elapsed,
        finding: None,
        earlier: Vec::new(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::http::message::Headers;
    use crate::page::extract;
    use crate::run::snapshot::{self, Update};
    use crate::text::source::Page;

    pub(crate) const PAGE: &str = "<!-- {\"blockType\": \"request\"} -->\n```\nGET /a\n```\n\
                        <!-- {\"blockType\": \"response\"} -->\n```\nHTTP/1.1 404 Not Found\n```\n";

    pub(crate) fn judge(folder: Option<&Path>, update: Update, is_mock: bool) -> Judge {
        Judge {
            policies: Policies::default(),
            snapshots: folder.map(|_| Handling {
                update,
                is_required: false,
            }),
            folder: folder.map(Path::to_owned).unwrap_or_default(),
            file_names: FileNames::default(),
            docs_name: String::new(),
            today: snapshot::day("2027-01-15").expect("a day"),
            keep_responses: false,
            exchanges: Exchanges::None,
            is_mock,
            secrets: Secrets::default(),
            bodies: Bodies::default(),
            all_cases: Arc::default(),
            alternatives: OnceLock::new(),
        }
    }

    pub(crate) fn judge_in(judge: &Judge, page: &str, actual: ActualResponse) -> CaseResult {
        let case = &extract::extract(&Page::new("p.md", page.to_owned()), None).cases[0];
        judge_case(judge, case, actual)
    }

    pub(crate) fn judge_case(judge: &Judge, case: &Case, actual: ActualResponse) -> CaseResult {
        let exchange = Exchange {
            url: String::new(),
            sent: None,
            response: Ok(actual),
            elapsed: Duration::ZERO,
        };
        judge
            .judge(case, exchange, None, Vec::new())
            .expect("snapshots can be read")
    }

    #[test]
    fn distinguishes_a_mock_miss_from_a_documented_404() {
        let mut headers = Headers::default();
        headers.push(MISS_HEADER, "1");
        let miss = ActualResponse {
            status: 404,
            headers,
            ..ActualResponse::default()
        };
        let missed = judge_in(&judge(None, Update::No, true), PAGE, miss.clone());
        let Outcome::Fail(differences) = missed.outcome else {
            panic!("a miss passed");
        };
        assert_eq!(differences[0].kind, DifferenceKind::NoRoute);
        assert_eq!(missed.verdict, None);
        assert_eq!(
            judge_in(&judge(None, Update::No, false), PAGE, miss).outcome,
            Outcome::Pass
        );
    }
}
