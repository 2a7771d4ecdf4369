//! The mock responses of cases, and whether the comparison of a live run detects
//! their changes.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use url::Url;

use super::change::drafts;
use super::draft::{Change, Draft, RunSettings};
use super::kind::Kind;
use super::mutant::{Mutant, Outcome, Place, Reason, Tried, Unjudged};
use crate::check::types::{Altered, Expectation, Mode, Types, allowance};
use crate::http::field::value::conforms;
use crate::http::message::{ActualResponse, Content, Headers, Response, is_framing, may_omit};
use crate::http::policy::{Policies, Policy};
use crate::http::status::Status;
use crate::page::case::Case;
use crate::project::plan::{Planned, Step, Target, Unit, plan};
use crate::project::scenario;
use crate::run::compare::{Bodies, Difference, DifferenceKind, NotCompared, compare};
use crate::run::mock::{Incoming, Settings, Table, Verdict};
use crate::text::elision;

/// Cases that are ready to be judged.
#[derive(Debug)]
pub(crate) struct Trial {
    table: Table,
    units: Vec<Unit>,
    policies: Policies,
    types: Types,
    /// How bodies are compared, if at all.
    mode: Option<Mode>,
}

impl Trial {
    /// Makes the mock's answers ready, and plans a request for each case.
    pub(crate) fn new(
        cases: Arc<[Case]>,
        policies: Policies,
        types: Types,
        mode: Option<Mode>,
    ) -> Self {
        let base = Url::parse("http://mock.invalid").expect("a URL");
        Self {
            units: plan(&cases, &[], &[], &Target::Mock { base }),
            table: Table::new(
                cases,
                Settings {
                    replays: true,
                    ..Settings::default()
                },
            ),
            policies,
            types,
            mode,
        }
    }

    /// What is to be tried, in the order of the cases.
    pub(crate) fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The case of a unit.
    pub(crate) fn case(&self, unit: &Unit) -> &Case {
        &self.table.cases()[unit.case]
    }

    /// Breaks the answer of a case, fact by fact, and judges what it has become.
    pub(crate) fn run(&self, unit: &Unit) -> Tried {
        let case = self.case(unit);
        let unjudged = |reason: &str, detail: String| Tried {
            mutants: Err(Unjudged {
                reason: reason.to_owned(),
                detail,
            }),
            left_out: 0,
        };
        let step = match &unit.planned {
            Planned::Send(step) => step,
            Planned::Skip(skip) => return unjudged(skip.reason.name(), skip.detail.clone()),
            Planned::Script => unreachable!("the mock is sent no scenario"),
        };
        let Some(response) = &case.response else {
            return unjudged("no-response", String::new());
        };
        let documented = &response.message;
        let base = match self.actual(step, unit.case, documented) {
            Ok(base) => base,
            Err((reason, detail)) => return unjudged(reason, detail),
        };
        let promised = OnceCell::new();
        let project = RunSettings::Project;
        let (differences, _) = self.differences(case, documented, &base, &promised, project);
        if let Some(found) = differences.first() {
            let place = found.member.as_ref().map(|member| member.path.as_str());
            let place = place.or(found.header.as_deref()).unwrap_or("the answer");
            let observed = found.observed.as_deref().unwrap_or("nothing");
            let detail = format!(
                "the page's own answer fails: {place} should be {}, and is {observed}",
                found.documented
            );
            return unjudged(found.kind.name(), detail);
        }
        let body = match &base.body {
            Content::Whole(body) => str::from_utf8(body).unwrap_or_default(),
            _ => "",
        };
        let (drafts, left_out) = drafts(documented, body, self.mode);
        let judge = Judge {
            trial: self,
            case,
            documented,
            body,
            promised,
        };
        let mutants = drafts.into_iter().filter_map(|draft| {
            let actual = draft.change.apply(&base);
            (actual != base).then(|| judge.mutant(draft, &actual))
        });
        Tried {
            mutants: Ok(mutants.collect()),
            left_out,
        }
    }

    /// What the mock answers to a case's request, as a client takes it.
    fn actual(
        &self,
        step: &Step,
        case: usize,
        documented: &Response,
    ) -> Result<ActualResponse, (&'static str, String)> {
        let url = Url::parse(&step.url).map_err(|error| ("invalid-url", error.to_string()))?;
        let reply = self.table.reply(&Incoming {
            method: step.method.as_str(),
            path: url.path(),
            query: url.query(),
            headers: &step.headers,
            body: step.body.as_deref().unwrap_or_default(),
        });
        match reply.verdict {
            Verdict::Matched { case: found, .. } if found == case => {}
            Verdict::Matched { case: found, .. } => {
                let id = &self.table.cases()[found].id;
                let detail = format!("the mock answers its request as {id}");
                return Err(("other-case", detail));
            }
            Verdict::Missed { .. } => {
                let detail = "the mock has no documented request that fits".to_owned();
                return Err((DifferenceKind::NoRoute.name(), detail));
            }
        }
        let mut headers = Headers::from(&reply.headers);
        // The carrier of a message makes its framing. Here there is none, and
        // documented fields of it can be broken like all others.
        let framing = documented.headers.iter();
        for header in framing.filter(|header| is_framing(&header.name)) {
            headers.push(&header.name, &header.value);
        }
        Ok(ActualResponse {
            status: reply.status.as_u16(),
            headers,
            body: Content::Whole(reply.body.to_vec()),
        })
    }

    /// What is wrong with an answer, as a live run judges it, and why its body was
    /// not compared.
    fn differences<'c>(
        &self,
        case: &'c Case,
        documented: &Response,
        actual: &ActualResponse,
        promised: &OnceCell<Option<Expectation<'c>>>,
        run: RunSettings,
    ) -> (Vec<Difference>, Option<NotCompared>) {
        if run == RunSettings::ExpectedClass
            && class_of(documented).excludes_status(documented.status)
        {
            // The expectation replaces the documented response.
            return (Vec::new(), None);
        }
        let policies = match run {
            RunSettings::MediaType(policy) => Cow::Owned(self.policies.with_media_type(policy)),
            RunSettings::Project | RunSettings::ExpectedClass => Cow::Borrowed(&self.policies),
        };
        let mut found = compare(documented, actual, &policies);
        let Some(mode) = self.mode else {
            return (found, Some(NotCompared::Off));
        };
        let bodies = Bodies {
            types: &self.types,
            mode,
            policies: &policies,
        };
        let compared = bodies.compare(case, documented, actual, promised);
        found.extend(compared.errors);
        (found, compared.not)
    }
}

/// The expectation of a scenario that takes any status of the documented class.
fn class_of(documented: &Response) -> scenario::Expectation {
    let code = *documented.status.codes().start();
    // The first digit of a status code.
    let class = u8::try_from(code / 100).unwrap_or_default();
    scenario::Expectation {
        source: scenario::Source::Status,
        operators: vec![scenario::Operator::Status(vec![Status::Class(class)])],
        line: 0,
    }
}

/// What the mutants of one case are held against.
struct Judge<'t> {
    trial: &'t Trial,
    case: &'t Case,
    documented: &'t Response,
    body: &'t str,
    /// What the page promises of the body.
    promised: OnceCell<Option<Expectation<'t>>>,
}

impl Judge<'_> {
    fn mutant(&self, draft: Draft, actual: &ActualResponse) -> Mutant {
        let trial = self.trial;
        let (case, documented) = (self.case, self.documented);
        let (found, not) = trial.differences(case, documented, actual, &self.promised, draft.run);
        let mut kinds: Vec<DifferenceKind> = found.iter().map(|found| found.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let outcome = if kinds.is_empty() {
            Outcome::Survived(self.reason(&draft, not))
        } else {
            Outcome::Killed(kinds)
        };
        Mutant {
            kind: draft.kind,
            fact: draft.fact,
            place: draft.place,
            outcome,
        }
    }

    /// The rule that lets a mutant through.
    fn reason(&self, draft: &Draft, not: Option<NotCompared>) -> Option<Reason> {
        match (&draft.change, &draft.place) {
            _ if draft.kind.is_control() => Some(Reason::Undocumented),
            (Change::Header(name, value), Place::Header(_)) => {
                self.reason_of_header(name, value.as_deref())
            }
            (Change::Body(_, text), _) => self.reason_of_body(draft, text, not),
            (Change::Content(_, text), _) => self.reason_of_body(draft, text, not),
            _ => None,
        }
    }

    fn reason_of_header(&self, name: &str, value: Option<&str>) -> Option<Reason> {
        let headers = &self.documented.headers;
        match (self.trial.policies.of(name), value) {
            (Policy::Ignore, _) => Some(Reason::Policy(Policy::Ignore)),
            (_, None) => may_omit(self.documented.status, name).then_some(Reason::NoContent),
            (Policy::Exact, Some(value)) => {
                let lines: Vec<&str> = headers.get_all(name).collect();
                conforms(name, Policy::Exact, &lines, &[value]).then_some(Reason::Placeholder)
            }
            (policy, Some(_)) => Some(Reason::Policy(policy)),
        }
    }

    /// Whether a text was replaced whose placeholder stands for the other one.
    fn is_placeholder(&self, draft: &Draft) -> bool {
        let Change::Body(range, text) = &draft.change else {
            return false;
        };
        let documented = self.body.get(range.clone()).unwrap_or_default();
        let texts = [documented, text].map(serde_json::from_str::<String>);
        matches!(&texts, [Ok(documented), Ok(sent)] if elision::fits(documented, sent))
    }

    fn reason_of_body(
        &self,
        draft: &Draft,
        text: &str,
        not: Option<NotCompared>,
    ) -> Option<Reason> {
        let trial = self.trial;
        // A body without a documented member was read.
        if let Some(reason) = not.filter(|reason| *reason != NotCompared::NoMember) {
            return Some(Reason::NotCompared(reason));
        }
        let mode = trial.mode?;
        let altered = match draft.kind {
            // Where values are compared, no rule of shapes lets one through.
            _ if mode == Mode::Exact => {
                return self.is_placeholder(draft).then_some(Reason::Placeholder);
            }
            Kind::MemberDropped => Altered::Dropped,
            Kind::ArrayEmptied | Kind::ListEmptied => Altered::Emptied,
            Kind::MemberType
            | Kind::MemberNull
            | Kind::TypeRenamed
            | Kind::Ellipsis
            | Kind::NumberPrecision => Altered::Replaced(text),
            _ => return None,
        };
        let expectation = self.promised.get()?.as_ref()?;
        let body = self.body.as_bytes();
        allowance(body, &draft.steps, altered, expectation, &trial.types).map(Reason::Shape)
    }
}
