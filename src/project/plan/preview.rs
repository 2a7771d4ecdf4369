//! The requests of a run, as far as they are known before it. Previews send
//! nothing and contain no secrets.
//!
//! Values that come from a response are rendered as marks. Then the rendered
//! request is split at marks and secrets, so a value is shown wherever it would
//! be sent, whatever its encoding.

use std::collections::BTreeMap;
use std::time::SystemTime;

use http::HeaderValue;
use url::Url;

use super::credentials::Credentials;
use super::deferred::{DeferredPart, DeferredText, Splitter, mark, mark_as_url};
use super::request::Step;
use super::script::{StepError, render};
use super::target::{Live, LiveTarget, Target};
use super::unit::{Planned, Unit};
use crate::page::case::Case;
use crate::project::scenario::{Context, Scenario, StepRequest, Variable, Variables};
use crate::text::secret::Secrets;

/// The environment of a preview.
pub(crate) struct Given<'a> {
    /// Returns the value of an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file of the project, by its path from the root.
    pub files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// Returns the environment variable whose value is exactly this text, by
    /// the name of the secret.
    pub source: &'a dyn Fn(&str, &str) -> Option<String>,
    /// The current time.
    pub now: SystemTime,
    /// Returns 128 random bits.
    pub random: &'a mut dyn FnMut() -> u128,
}

/// A request that a run would send.
#[derive(Debug, Clone)]
pub(crate) struct Preview {
    /// The label of the scenario step; `None` for a plain case.
    pub label: Option<String>,
    /// The request, or the error.
    pub request: Result<PreviewRequest, String>,
    /// The captures: variable name and source.
    pub captures: Vec<(String, String)>,
    /// Whether further requests poll for the end of its operation.
    pub polls: bool,
}

/// A request, as far as it is known.
#[derive(Debug, Clone)]
pub struct PreviewRequest {
    /// The method.
    pub method: String,
    /// The URL.
    pub url: DeferredText,
    /// The header fields, including those of the target.
    pub headers: Vec<(String, DeferredText)>,
    /// The content.
    pub body: Option<PreviewBody>,
}

/// The content of a request.
#[derive(Debug, Clone)]
pub enum PreviewBody {
    /// Text.
    Text(DeferredText),
    /// Bytes that are not text.
    Bytes(Vec<u8>),
    /// The length of bytes that are not text and contain a secret or a late
    /// value.
    Withheld(usize),
}

/// Returns the requests of a unit, in order; none if it is skipped. Requests to
/// a mock have the documented target, since the mock has no address yet.
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
                    url: DeferredText(vec![DeferredPart::Literal(case.request.target.clone())]),
                    ..split(step, &Secrets::default(), given)
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

/// Returns the requests of a scenario, in order.
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

/// Renders a step and masks the secrets that it used.
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

/// A request with the headers of the target, split.
fn request(sent: &Step, live: &Live, given: &Given<'_>) -> PreviewRequest {
    let mut sent = sent.clone();
    add_target(&mut sent, live);
    split(&sent, &live.secrets, given)
}

/// A request that was sent, split at secrets.
pub(crate) fn sent(step: &Step, secrets: &Secrets) -> PreviewRequest {
    read(
        step,
        &Splitter {
            secrets,
            source: &|_, _| None,
        },
    )
}

fn split(sent: &Step, secrets: &Secrets, given: &Given<'_>) -> PreviewRequest {
    let source = given.source;
    read(sent, &Splitter { secrets, source })
}

fn read(sent: &Step, splitter: &Splitter<'_>) -> PreviewRequest {
    let headers = sent.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), splitter.split(&value))
    });
    PreviewRequest {
        method: sent.method.to_string(),
        url: splitter.split(&sent.url),
        headers: headers.collect(),
        body: sent.body.as_ref().map(|bytes| {
            let text = str::from_utf8(bytes);
            let text_parts = splitter.split(&String::from_utf8_lossy(bytes));
            // Terminals and shell commands support no other control characters.
            let is_text = text
                .is_ok_and(|text| !text.contains(|c: char| c.is_control() && !"\n\t".contains(c)));
            match (is_text, text_parts.is_plain()) {
                (true, _) => PreviewBody::Text(text_parts),
                (false, true) => PreviewBody::Bytes(bytes.clone()),
                (false, false) => PreviewBody::Withheld(bytes.len()),
            }
        }),
    }
}

/// Adds the target's headers and credentials to requests to its own URLs, and
/// removes credentials from requests to other URLs.
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
