//! Renders the steps of a scenario to requests.

use std::collections::BTreeSet;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;
use thiserror::Error;
use url::Url;

use super::credentials::Credentials;
use super::request::{
    Step, bind_query, check_header, check_response, check_write, is_sent, sendable_method,
};
use super::skip::{Skip, SkipReason};
use super::target::{Live, LiveTarget, alternatives, bind, join, place};
use crate::http::sent_body::sent_body;
use crate::http::url::{Component, TargetError, Template, UrlTemplate, decode, encode_value};
use crate::page::case::Case;
use crate::project::scenario::{self, Context, RenderError, Scenario, SetError, StepRequest, Text};
use crate::text::secret::Secrets;

/// Errors of rendering a step.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    /// A template has no value.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The documented target is not a URL.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The request cannot be sent.
    #[error("{0}")]
    Request(Skip),
    /// The documented body is not JSON.
    #[error("cannot apply `set`: the documented body is not valid JSON: {0}")]
    Body(#[from] serde_json::Error),
    /// A member cannot be set.
    #[error(transparent)]
    Set(#[from] SetError),
    /// A secret would be sent to another origin.
    #[error(
        "not sent: its {place} contains a secret, and the target does not name {origin}; to \
         permit it, add it to the target's `hosts` (or use --host)"
    )]
    Secret {
        /// The part of the request.
        place: &'static str,
        /// The origin.
        origin: String,
    },
}

impl From<Skip> for StepError {
    fn from(skip: Skip) -> Self {
        Self::Request(skip)
    }
}

/// Returns why a scenario is skipped, if it is.
pub(super) fn skip_of(scenario: &Scenario, all_cases: &[Case], live: &Live) -> Option<Skip> {
    let missing_from = |reason, wanted: &[String], provided: &BTreeSet<String>| {
        let missing = wanted.iter().find(|name| !provided.contains(*name))?;
        let detail = format!("the target does not have `{missing}`");
        Some(Skip { reason, detail })
    };
    let skipped = scenario.skip.as_ref().map(|why| Skip {
        reason: SkipReason::Scenario,
        detail: why.clone(),
    });
    skipped
        .or_else(|| missing_from(SkipReason::MissingScope, &scenario.scopes, &live.scopes))
        .or_else(|| missing_from(SkipReason::MissingTag, &scenario.tags, &live.tags))
        .or_else(|| check_response(&all_cases[scenario.case]).err())
        .or_else(|| {
            let steps = [&scenario.setup, &scenario.teardown];
            let mut steps = steps.into_iter().flatten().chain([&scenario.main]);
            steps.find_map(|step| {
                let method = match &step.request {
                    StepRequest::Case(index) => &all_cases[*index].request.method,
                    StepRequest::Raw { method, .. } => method,
                };
                let method = sendable_method(method);
                method.and_then(|method| check_write(&method, live)).err()
            })
        })
}

/// Renders a step to a request.
pub(crate) fn render(
    step: &scenario::Step,
    all_cases: &[Case],
    target: &LiveTarget,
    context: &mut Context<'_>,
) -> Result<Step, StepError> {
    let mut request = match &step.request {
        StepRequest::Case(index) => documented(&all_cases[*index], step, target, context)?,
        StepRequest::Raw { method, target: to } => Step {
            method: sendable_method(method)?,
            url: absolute(to, target, context)?,
            headers: HeaderMap::new(),
            body: None,
            settled: Vec::new(),
        },
    };
    request.url = with_query(&request.url, step, context)?;
    if let Some(body) = &step.body {
        let body = body.render(context)?;
        request.body = Some(body.bytes);
        if let Some(media_type) = body.content_type {
            let (name, value) = check_header(CONTENT_TYPE.as_str(), &media_type)?;
            request.headers.insert(name, value);
        }
    } else if !step.set.is_empty() {
        let text = request.body.take().unwrap_or_default();
        let mut json: Json = serde_json::from_slice(&text)?;
        for set in &step.set {
            let value = scenario::render_json(&set.value, context)?;
            scenario::apply_set(&mut json, &set.path, value)?;
        }
        request.body = Some(serde_json::to_vec(&json)?);
    }
    for (name, value) in &step.headers {
        if let Some(text) = value {
            let (name, value) = check_header(name, &text.render_field(context, name)?)?;
            request.headers.insert(name.clone(), value);
            request.settled.push(name);
        } else {
            let (name, _) = check_header(name, "")?;
            request.headers.remove(&name);
            request.settled.push(name);
        }
        // Headers of the scenario override the target's own.
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            request.settled.push(name);
        }
    }
    Ok(request)
}

/// Refuses a rendered request that carries a secret in its query or body to an
/// origin that the target does not name, such as that of a captured URL. Values
/// that were captured from responses are sent: they are for that origin.
pub(crate) fn check_secrets(
    request: &Step,
    live: &Live,
    context: &Context<'_>,
) -> Result<(), StepError> {
    if context.secrets.is_empty() {
        return Ok(());
    }
    let url = match Url::parse(&request.url) {
        Ok(url) if !Credentials::new(live).is_own(&url) => url,
        _ => return Ok(()),
    };
    let captured = Secrets::default();
    for text in context.captured_secrets() {
        captured.add("captured", &text);
    }
    let own = Secrets::default();
    for (name, value) in &context.secrets {
        if !captured.stand_in(value) {
            own.add(name, value);
        }
    }
    let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default());
    let parts = [("query", url.query().unwrap_or_default()), ("body", &*body)];
    match parts.iter().find(|(_, text)| own.stand_in(text)) {
        Some((place, _)) => Err(StepError::Secret {
            place,
            origin: url.origin().ascii_serialization(),
        }),
        None => Ok(()),
    }
}

/// Renders a target to an absolute URL.
fn absolute(
    target: &Text,
    live: &LiveTarget,
    context: &mut Context<'_>,
) -> Result<String, StepError> {
    let url = target.render_url(context)?;
    if url.contains("://") {
        return Ok(url);
    }
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (url.as_str(), None),
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(join(&live.live.base, &format!("{slash}{path}"), query)?)
}

/// Renders the documented URL of a case.
fn documented_url(
    case: &Case,
    step: &scenario::Step,
    target: &LiveTarget,
    context: &mut Context<'_>,
) -> Result<String, StepError> {
    let url = UrlTemplate::of_request(&case.request)?.named();
    let (base, from) = place(target, url.origin.as_ref(), &url.path)?;
    // Documented query parameters that the step sets or removes need no values.
    let replaced = |name: &str| step.query.iter().any(|(set, _)| set == name);
    let query = url.query.as_ref().map(|query| {
        let kept = query.split('&').into_iter().filter(|parameter| {
            let (name, _) = parameter.split_once('=');
            !name
                .as_literal()
                .is_some_and(|name| replaced(&decode(name)))
        });
        Template::joined(kept, "&")
    });
    let url = UrlTemplate { query, ..url };
    let mut value = |name: &str| -> Result<String, StepError> {
        for name in alternatives(name) {
            if let Some(variable) = context.variable(name)? {
                return Ok(variable.value.encode_for_url(name)?);
            }
        }
        match &target.live.var_default {
            Some(value) => Ok(encode_value(value)),
            None => Err(Skip {
                reason: SkipReason::UnboundPlaceholder,
                detail: format!("{{{name}}}"),
            }
            .into()),
        }
    };
    let path = bind(&url.path, Component::Path, &mut value)?;
    let query = bind_query(&url, &mut value)?;
    let query = query.filter(|query| !query.is_empty());
    Ok(join(base, &path[from..], query.as_deref())?)
}

/// Renders the documented request of a case.
fn documented(
    case: &Case,
    step: &scenario::Step,
    target: &LiveTarget,
    context: &mut Context<'_>,
) -> Result<Step, StepError> {
    let url = match &step.url {
        Some(url) => absolute(url, target, context)?,
        None => documented_url(case, step, target, context)?,
    };
    let mut failed = None;
    let mut value = |name: &str| {
        alternatives(name).find_map(|name| match context.variable(name) {
            Ok(variable) => variable.map(|variable| variable.value.to_text()),
            Err(error) => {
                failed.get_or_insert(error);
                None
            }
        })
    };
    let mut headers = HeaderMap::new();
    for header in &case.request.headers {
        let is_set = step
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case(&header.name));
        if is_set || !is_sent(&header.name) {
            continue;
        }
        let bound = Template::bind(&header.value, &mut value);
        let (name, value): (HeaderName, HeaderValue) = check_header(&header.name, &bound)?;
        headers.append(name, value);
    }
    // The body of a step replaces the documented one.
    let body = case.request.body.as_ref().filter(|_| step.body.is_none());
    let body = body.map(|body| sent_body(&case.request.headers, body, &mut value));
    if let Some(error) = failed {
        return Err(error.into());
    }
    Ok(Step {
        method: sendable_method(&case.request.method)?,
        url,
        headers,
        body,
        settled: Vec::new(),
    })
}

/// Sets the query parameters of a step in a URL.
fn with_query(
    url: &str,
    step: &scenario::Step,
    context: &mut Context<'_>,
) -> Result<String, StepError> {
    if step.query.is_empty() {
        return Ok(url.to_owned());
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let is_set = |pair: &&str| {
        let name = decode(pair.split('=').next().unwrap_or_default());
        step.query.iter().any(|(set, _)| *set == *name)
    };
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_set(pair))
        .map(str::to_owned)
        .collect();
    for (name, value) in &step.query {
        if let Some(value) = value {
            let value = encode_value(&value.render(context)?);
            pairs.push(format!("{}={value}", encode_value(name)));
        }
    }
    if pairs.is_empty() {
        return Ok(path.to_owned());
    }
    Ok(format!("{path}?{}", pairs.join("&")))
}
