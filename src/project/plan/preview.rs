//! What a run would send, as far as it is known before it: nothing is asked of
//! a service, and no secret is in what comes out.
//!
//! A value that only an answer gives is put into its step as a mark, and the
//! rendered request is taken apart where marks and secrets stand in it. So a
//! value is shown just where it would be sent, whatever encodes it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http::HeaderValue;
use url::Url;

use super::credentials::Credentials;
use super::deferred::{Reading, Word, Words, mark, mark_as_url};
use super::script::{StepError, render};
use super::{Live, LiveTarget, Planned, Step, Target, Unit};
use crate::page::case::Case;
use crate::project::scenario::{Context, Scenario, StepRequest, Variable, Variables};
use crate::text::secret::Secrets;

/// What previews take from outside.
pub(crate) struct Given<'a> {
    /// A variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The files of the project, by their path from its root.
    pub files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// The variable of the environment that holds just this text, by the name
    /// of the secret that it is.
    pub source: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The time.
    pub now: SystemTime,
    /// 128 random bits a call.
    pub random: &'a mut dyn FnMut() -> u128,
}

/// A request that a run would send.
#[derive(Debug, Clone)]
pub(crate) struct Preview {
    /// What of a scenario it is, as messages call it; nothing where a case is
    /// sent as it is documented.
    pub label: Option<String>,
    /// The request, or why there is none.
    pub request: Result<PreviewRequest, String>,
    /// What it gives to later steps: a name, and where in the answer it is.
    pub captures: Vec<(String, String)>,
    /// Whether the end of its operation is awaited by further requests.
    pub polls: bool,
}

/// A request, as far as it is known.
#[derive(Debug, Clone)]
pub struct PreviewRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: Words,
    /// The header fields, those of the target included.
    pub headers: Vec<(String, Words)>,
    /// The content.
    pub body: Option<PreviewBody>,
}

/// The content of a request.
#[derive(Debug, Clone)]
pub enum PreviewBody {
    /// Text.
    Text(Words),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// That many bytes that are no text, with a value in them that is not known
    /// yet, or not shown.
    Withheld(usize),
}

/// The requests of a piece of a run, in order; none where it is skipped. Those
/// to a mock, whose address is not known, have the documented target.
pub(crate) fn preview(
    case: &Case,
    unit: &Unit,
    all_cases: &[Case],
    target: &Target,
    given: &mut Given<'_>,
) -> Vec<Preview> {
    match (&unit.planned, &unit.scenario, target) {
        (Planned::Send(step), _, target) => vec![Preview {
            label: None,
            request: Ok(match target {
                Target::Live(target) => request(step, &target.live, given),
                Target::Mock { .. } => PreviewRequest {
                    url: Words(vec![Word::Text(case.request.target.clone())]),
                    ..taken_apart(step, &Secrets::default(), given)
                },
            }),
            captures: Vec::new(),
            polls: false,
        }],
        (Planned::Script, Some(scenario), Target::Live(target)) => {
            script(scenario, all_cases, target, given)
        }
        (Planned::Script | Planned::Skip(_), ..) => Vec::new(),
    }
}

/// A scenario's requests, in the order in which they are sent.
fn script(
    scenario: &Scenario,
    all_cases: &[Case],
    target: &LiveTarget,
    given: &mut Given<'_>,
) -> Vec<Preview> {
    let vars = target.live.vars.iter();
    let vars: BTreeMap<String, Variable> = vars
        .map(|(name, value)| (name.clone(), Variable::text(value)))
        .collect();
    let mut variables = Variables::new(vars, &scenario.vars);
    let mut captured: Vec<&str> = Vec::new();
    let setup = scenario.setup.iter();
    let steps = setup
        .chain([&scenario.main])
        .chain(scenario.teardown.iter().rev());
    let mut previews = Vec::new();
    for step in steps {
        variables.start_step(&step.vars);
        let is_url = matches!(
            &step.request,
            StepRequest::Raw { target, .. } if target.as_variable().is_some()
        );
        for name in &captured {
            let mark = if is_url {
                mark_as_url(name)
            } else {
                mark(name)
            };
            variables.capture(*name, Variable::text(mark));
        }
        let rendered = in_context(&mut variables, target, given, |context| {
            render(step, all_cases, target, context)
        });
        previews.push(Preview {
            label: Some(step.label.clone()),
            request: rendered
                .map(|sent| request(&sent, &target.live, given))
                .map_err(|error| target.live.secrets.masked(&error.to_string()).into_owned()),
            captures: step
                .capture
                .iter()
                .map(|capture| (capture.name.clone(), capture.source.to_string()))
                .collect(),
            polls: step.poll.is_some(),
        });
        for capture in &step.capture {
            if !captured.contains(&capture.name.as_str()) {
                captured.push(&capture.name);
            }
        }
    }
    previews
}

/// Renders, and keeps from view what was taken of secrets.
fn in_context(
    variables: &mut Variables,
    target: &LiveTarget,
    given: &mut Given<'_>,
    render: impl FnOnce(&mut Context<'_>) -> Result<Step, StepError>,
) -> Result<Step, StepError> {
    let mut context = Context::new(
        variables,
        given.env,
        given.files,
        given.now,
        &mut *given.random,
    );
    let rendered = render(&mut context);
    for (name, secret) in std::mem::take(&mut context.secrets) {
        target.live.secrets.add(&name, &secret);
    }
    rendered
}

/// A request with what the target adds, taken apart.
fn request(sent: &Step, live: &Live, given: &Given<'_>) -> PreviewRequest {
    let mut sent = sent.clone();
    add_target(&mut sent, live);
    taken_apart(&sent, &live.secrets, given)
}

/// A request that was sent, taken apart where secrets stand in it.
pub(crate) fn sent(step: &Step, secrets: &Secrets) -> PreviewRequest {
    read(
        step,
        &Reading {
            secrets,
            source: &|_, _| None,
        },
    )
}

fn taken_apart(sent: &Step, secrets: &Secrets, given: &Given<'_>) -> PreviewRequest {
    let source = given.source;
    read(sent, &Reading { secrets, source })
}

fn read(sent: &Step, reading: &Reading<'_>) -> PreviewRequest {
    let headers = sent.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), reading.words(&value))
    });
    PreviewRequest {
        method: sent.method.to_string(),
        url: reading.words(&sent.url),
        headers: headers.collect(),
        body: sent.body.as_ref().map(|bytes| {
            let text = str::from_utf8(bytes);
            let words = reading.words(&String::from_utf8_lossy(bytes));
            // A command and a terminal take no other control characters.
            let is_text = text
                .is_ok_and(|text| !text.contains(|c: char| c.is_control() && !"\n\t".contains(c)));
            match (is_text, words.is_plain()) {
                (true, _) => PreviewBody::Text(words),
                (false, true) => PreviewBody::Bytes(bytes.clone()),
                (false, false) => PreviewBody::Withheld(bytes.len()),
            }
        }),
    }
}

/// Adds what the target gives to its own URLs, and takes what may hold
/// credentials from a request to somewhere else.
fn add_target(sent: &mut Step, live: &Live) {
    let credentials = Credentials::new(live);
    let Ok(url) = Url::parse(&sent.url) else {
        credentials.take_from(&mut sent.headers, &sent.settled);
        return;
    };
    let tokens = live
        .oauth2()
        .filter(|_| credentials.takes_token(&url, sent));
    let token = tokens.and_then(|_| {
        let token = format!("Bearer {}", mark("access-token"));
        HeaderValue::from_str(&token).ok()
    });
    if let Some(with_key) = credentials.url(&sent.url, &url) {
        sent.url = with_key;
    }
    credentials.add_to(&mut sent.headers, &url, &sent.settled, token.as_ref());
}
