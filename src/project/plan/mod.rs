//! What a run sends, in order, and why it leaves a case out.
//!
//! A target is a base URL: a step to the mock and a step to a live service are
//! the same but for two headers, which only a mock understands.

mod credentials;
mod preview;
mod script;
mod skip;
mod target;
mod deferred;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::message::{Response, is_field_value, is_framing, is_token};
use crate::http::url::{Component, Template, UrlTemplate, encode_value};
use crate::page::case::Case;
use crate::project::scenario::Scenario;
pub(crate) use credentials::Credentials;
pub(crate) use deferred::{Word, Words};
pub(crate) use preview::{Given, Preview, PreviewBody, PreviewRequest, preview, sent};
pub(crate) use script::{StepError, render};
use skip::skip;
pub(crate) use skip::{Skip, SkipReason};
pub(crate) use target::{Limits, LiveTarget, main_host};
pub use target::{Live, Target};
use target::{bind, join, place};

/// The header by which a mock is told which of equal cases is meant.
pub const CASE_HEADER: &str = "docproof-case";

/// The header that marks an answer as the mock's own "no such route", so that
/// a documented 404 is never mistaken for one.
pub(crate) const MISS_HEADER: &str = "docproof-miss";

/// The most header fields that a message may have: HTTP clients and servers
/// refuse more, and add some of their own.
const HEADER_LIMIT: usize = 90;

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Step {
    /// The method.
    pub method: Method,
    /// The absolute URL, percent-encoded.
    pub url: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The content.
    pub body: Option<Vec<u8>>,
    /// The names of headers that are as they should be, there or not: of these
    /// the client adds none of the target's.
    pub settled: Vec<HeaderName>,
}

/// A piece of a run: a case, and what becomes of it.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The index of the case among those that were selected.
    pub case: usize,
    /// How it is run, where that is written.
    pub scenario: Option<Arc<Scenario>>,
    /// What becomes of it.
    pub planned: Planned,
}

impl Unit {
    /// The id of its result: a case with named scenarios has several.
    pub fn id<'c>(&self, case: &'c Case) -> Cow<'c, str> {
        let scenario = self.scenario.as_ref();
        result_id(case, scenario.and_then(|scenario| scenario.name.as_deref()))
    }
}

/// The id of a case's result by a scenario of this name.
pub(crate) fn result_id<'c>(case: &'c Case, scenario: Option<&str>) -> Cow<'c, str> {
    match scenario {
        Some(name) => format!("{}@{name}", case.id).into(),
        None => case.id.as_str().into(),
    }
}

/// What becomes of a case.
#[derive(Debug, Clone)]
pub enum Planned {
    /// It is sent.
    Send(Box<Step>),
    /// Its scenario is run, step by step.
    Script,
    /// It is left out.
    Skip(Skip),
}

/// Plans the cases, in their order. The scenarios are those of all cases of the
/// docs, by whose indexes they name theirs; a mock is sent the cases alone.
pub fn plan(
    cases: &[Case],
    all_cases: &[Case],
    scenarios: &[Arc<Scenario>],
    target: &Target,
) -> Vec<Unit> {
    let mut by_case: HashMap<&str, Vec<&Arc<Scenario>>> = HashMap::new();
    if let Target::Live(_) = target {
        for scenario in scenarios {
            let id = all_cases[scenario.case].id.as_str();
            by_case.entry(id).or_default().push(scenario);
        }
    }
    let mut units = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let of_case = by_case.get(case.id.as_str()).map_or(&[][..], Vec::as_slice);
        if of_case.is_empty() {
            units.push(Unit {
                case: index,
                scenario: None,
                planned: match plan_case(case, target) {
                    Ok(step) => Planned::Send(Box::new(step)),
                    Err(skip) => Planned::Skip(skip),
                },
            });
        }
        for scenario in of_case {
            let skip = match target {
                Target::Live(target) => script::skip_of(scenario, all_cases, &target.live),
                Target::Mock { .. } => None,
            };
            units.push(Unit {
                case: index,
                scenario: Some(Arc::clone(scenario)),
                planned: skip.map_or(Planned::Script, Planned::Skip),
            });
        }
    }
    units
}

/// Whether the documented response can come back at all.
fn check_response(case: &Case) -> Result<&Response, Skip> {
    let Some(response) = &case.response else {
        return skip(SkipReason::NoResponse, "the page documents no response");
    };
    let status = response.message.status;
    if !(100..=999).contains(&status) {
        return skip(
            SkipReason::InvalidStatus,
            format!("{status} is not a status code"),
        );
    }
    if status < 200 {
        return skip(
            SkipReason::InterimStatus,
            format!("{status} ends no exchange"),
        );
    }
    for headers in [&case.request.headers, &response.message.headers] {
        if headers.0.len() > HEADER_LIMIT {
            let detail = format!("{} header fields are over {HEADER_LIMIT}", headers.0.len());
            return skip(SkipReason::InvalidHeader, detail);
        }
    }
    Ok(&response.message)
}

fn plan_case(case: &Case, target: &Target) -> Result<Step, Skip> {
    let response = check_response(case)?;
    let method = sendable_method(&case.request.method)?;
    let url = match UrlTemplate::parse(&case.request.target) {
        Ok(url) => url,
        Err(error) => return skip(SkipReason::InvalidUrl, error.to_string()),
    };
    let mut headers = documented_headers(case, target)?;
    let url = match target {
        Target::Mock { base } => {
            for header in &response.headers {
                check_header(&header.name, &header.value)?;
            }
            let id = utf8_percent_encode(&case.id, NON_ALPHANUMERIC).to_string();
            if let Ok(id) = HeaderValue::from_str(&id) {
                headers.insert(HeaderName::from_static(CASE_HEADER), id);
            }
            if let Some(host) = documented_host(case, &url)
                && let Ok(host) = HeaderValue::from_str(&host)
            {
                headers.insert(header::HOST, host);
            }
            // A mock gets placeholders as they are documented: its routes take
            // anything there.
            let mut value = |name: &str| Ok::<_, Skip>(encode_value(&format!("{{{name}}}")));
            let path = bind(&url.path, Component::Path, &mut value)?;
            join(base, &path, bind_query(&url, &mut value)?.as_deref())?
        }
        Target::Live(target) => {
            let live = &target.live;
            check_write(&method, live)?;
            let url = url.named();
            let (base, from) = place(target, url.origin.as_ref(), &url.path)?;
            let mut value = |name: &str| match live.var(name).or(live.var_default.as_ref()) {
                Some(value) => Ok(encode_value(value)),
                None => skip(SkipReason::UnboundPlaceholder, format!("{{{name}}}")),
            };
            let path = bind(&url.path, Component::Path, &mut value)?;
            join(
                base,
                &path[from..],
                bind_query(&url, &mut value)?.as_deref(),
            )?
        }
    };
    Ok(Step {
        method,
        url,
        headers,
        body: case.request.body.clone().map(String::into_bytes),
        settled: Vec::new(),
    })
}

fn bind_query<E>(
    url: &UrlTemplate,
    value: &mut impl FnMut(&str) -> Result<String, E>,
) -> Result<Option<String>, E> {
    let query = url.query.as_ref();
    query
        .map(|query| bind(query, Component::Query, value))
        .transpose()
}

/// Whether a method changes nothing (RFC 9110, 9.2.1).
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn check_write(method: &Method, live: &Live) -> Result<(), Skip> {
    if live.allow_writes || is_safe(method) {
        return Ok(());
    }
    skip(
        SkipReason::WriteNotAllowed,
        format!(
            "{method} may change something; --allow-writes, or `writes = true` in the target, sends it"
        ),
    )
}

fn sendable_method(method: &str) -> Result<Method, Skip> {
    match Method::from_bytes(method.as_bytes()) {
        // CONNECT asks a proxy for a tunnel (RFC 9110, 9.3.6).
        Ok(Method::CONNECT) | Err(_) => skip(SkipReason::InvalidMethod, method),
        Ok(method) => Ok(method),
    }
}

/// The documented headers, less those that the client makes itself.
fn documented_headers(case: &Case, target: &Target) -> Result<HeaderMap, Skip> {
    let mut headers = HeaderMap::with_capacity(case.request.headers.0.len() + 2);
    for header in &case.request.headers {
        let (name, value) = check_header(&header.name, &header.value)?;
        if !is_sent(&header.name) {
            continue;
        }
        let value = match target {
            // A default for all placeholders is for URLs: `Bearer {token}` is
            // not to become `Bearer 7`.
            Target::Live(target) => {
                let bound = Template::bind(&header.value, |name| target.live.var(name).cloned());
                check_header(&header.name, &bound)?.1
            }
            Target::Mock { .. } => value,
        };
        headers.append(name, value);
    }
    Ok(headers)
}

/// Whether a documented header is the page's to send, and not the client's.
fn is_sent(name: &str) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    !is_framing(name) && !is("host") && !is(CASE_HEADER)
}

fn check_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Skip> {
    let parsed = (
        HeaderName::from_bytes(name.as_bytes()),
        HeaderValue::from_bytes(value.as_bytes()),
    );
    match parsed {
        (Ok(name), Ok(value)) if is_token(name.as_str()) => {
            debug_assert!(value.as_bytes().iter().all(|byte| *byte != b'\n'));
            Ok((name, value))
        }
        _ if !is_field_value(value) => skip(
            SkipReason::InvalidHeader,
            format!(
                "the value of `{}` holds a control character",
                name.escape_debug()
            ),
        ),
        _ => skip(
            SkipReason::InvalidHeader,
            format!("`{}` is not a header name", name.escape_debug()),
        ),
    }
}

/// The host that a request names: by its target, or by its `Host` header.
pub(crate) fn documented_host(case: &Case, url: &UrlTemplate) -> Option<String> {
    match &url.origin {
        Some(origin) => Some(origin.authority.clone()),
        None => case.request.headers.get("host").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests;
