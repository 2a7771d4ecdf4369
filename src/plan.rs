//! What a run sends, in order, and why it leaves a case out.
//!
//! A target is a base URL: a step to the mock and a step to a live service are
//! the same but for two headers, which only a mock understands.

use std::collections::BTreeMap;
use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::case::Case;
use crate::config::Service;
use crate::message::{is_field_value, is_framing, is_token};
use crate::template::{
    Component, Origin, Part, Template, UrlTemplate, encode_literal, encode_value,
};

/// The header by which a mock is told which of equal cases is meant.
pub const CASE_HEADER: &str = "docproof-case";

/// The header that marks an answer as the mock's own "no such route", so that
/// a documented 404 is never mistaken for one.
pub const MISS_HEADER: &str = "docproof-miss";

/// The most header fields that a message may have: HTTP clients and servers
/// refuse more, and add some of their own.
const HEADER_LIMIT: usize = 90;

/// Where the steps go.
#[derive(Debug, Clone)]
pub enum Target {
    /// The mock that is made from the same cases.
    Mock {
        /// Its base URL.
        base: Url,
    },
    /// A service.
    Live(Box<LiveTarget>),
}

/// A live service, as the user names it.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its base URL.
    pub base: Url,
    /// Base URLs of other documented hosts.
    pub hosts: BTreeMap<String, Url>,
    /// Values of placeholders.
    pub vars: BTreeMap<String, String>,
    /// The value of all other placeholders.
    pub var_default: Option<String>,
    /// Whether requests that change something are sent.
    pub allow_writes: bool,
    /// Headers that each request gets.
    pub headers: HeaderMap,
}

impl Live {
    /// A service at this base URL, with nothing else said.
    pub fn new(base: Url) -> Self {
        Self {
            base,
            hosts: BTreeMap::new(),
            vars: BTreeMap::new(),
            var_default: None,
            allow_writes: false,
            headers: HeaderMap::new(),
        }
    }

    /// The value of a placeholder. `{id | userPrincipalName}` is either of the
    /// two, so a value for one of them will do.
    fn var(&self, name: &str) -> Option<&String> {
        let mut names = std::iter::once(name).chain(name.split('|').map(str::trim));
        names.find_map(|name| self.vars.get(name))
    }

    /// The target that it is for these docs.
    pub fn target(&self, service: Option<Service>, all_cases: &[Case]) -> Target {
        let main_host = match service {
            Some(_) => None,
            None => main_host(all_cases),
        };
        Target::Live(Box::new(LiveTarget {
            live: self.clone(),
            service,
            main_host,
        }))
    }
}

/// A service that is sent to, and how the docs know it.
#[derive(Debug, Clone)]
pub struct LiveTarget {
    /// The service.
    pub live: Live,
    /// The URL under which the docs know it.
    pub service: Option<Service>,
    /// The host that most cases name, which the base URL stands for where no
    /// service is named.
    pub main_host: Option<String>,
}

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Step {
    /// The method.
    pub method: Method,
    /// The absolute URL, percent-encoded.
    pub url: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<String>,
}

/// What becomes of a case.
#[derive(Debug, Clone)]
pub enum Planned {
    /// It is sent.
    Send(Box<Step>),
    /// It is left out.
    Skip(Skip),
}

/// Why a case is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The reason, by which skips are counted.
    pub reason: SkipReason,
    /// What it is about.
    pub detail: String,
}

/// The reasons to leave a case out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// The page documents no response.
    NoResponse,
    /// The documented status is none.
    InvalidStatus,
    /// The documented status is an interim one, which ends no exchange.
    InterimStatus,
    /// The target cannot be made a URL.
    InvalidUrl,
    /// The method cannot be sent to an origin server.
    InvalidMethod,
    /// A header may not be sent.
    InvalidHeader,
    /// The docs name another host, which is not mapped.
    OtherHost,
    /// The documented URL is not below that of the service.
    OutsideService,
    /// A placeholder has no value.
    UnboundPlaceholder,
    /// It would change something, which was not allowed.
    WriteNotAllowed,
}

impl SkipReason {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoResponse => "no-response",
            Self::InvalidStatus => "invalid-status",
            Self::InterimStatus => "interim-status",
            Self::InvalidUrl => "invalid-url",
            Self::InvalidMethod => "invalid-method",
            Self::InvalidHeader => "invalid-header",
            Self::OtherHost => "other-host",
            Self::OutsideService => "outside-service",
            Self::UnboundPlaceholder => "unbound-placeholder",
            Self::WriteNotAllowed => "write-not-allowed",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason.name(), self.detail)
    }
}

/// The host that most cases name; of several, the first in the alphabet.
pub fn main_host<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        if let Ok(url) = UrlTemplate::parse(&case.request.target)
            && let Some(origin) = url.origin
        {
            *counts.entry(origin.authority).or_default() += 1;
        }
    }
    let most = counts.values().max().copied()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(host, _)| host)
}

/// Plans the cases, in their order.
pub fn plan(cases: &[Case], target: &Target) -> Vec<Planned> {
    cases
        .iter()
        .map(|case| match plan_case(case, target) {
            Ok(step) => Planned::Send(Box::new(step)),
            Err(skip) => Planned::Skip(skip),
        })
        .collect()
}

fn skip<T>(reason: SkipReason, detail: impl Into<String>) -> Result<T, Skip> {
    Err(Skip {
        reason,
        detail: detail.into(),
    })
}

fn plan_case(case: &Case, target: &Target) -> Result<Step, Skip> {
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
    let method = sendable_method(&case.request.method)?;
    let url = match UrlTemplate::parse(&case.request.target) {
        Ok(url) => url,
        Err(error) => return skip(SkipReason::InvalidUrl, error.to_string()),
    };
    let mut headers = documented_headers(case, target)?;
    let url = match target {
        Target::Mock { base } => {
            for header in &response.message.headers {
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
            join(base, &bind(&url.path, Component::Path, None)?, &url, None)?
        }
        Target::Live(target) => {
            let live = &target.live;
            if !live.allow_writes && !matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS") {
                return skip(
                    SkipReason::WriteNotAllowed,
                    format!("{method} may change something; --allow-writes sends it"),
                );
            }
            for (name, value) in &live.headers {
                headers.insert(name, value.clone());
            }
            let (base, from) = place(target, url.origin.as_ref(), &url.path)?;
            let path = bind(&url.path, Component::Path, Some(live))?;
            join(base, &path[from..], &url, Some(live))?
        }
    };
    Ok(Step {
        method,
        url,
        headers,
        body: case.request.body.clone(),
    })
}

/// The base URL for a documented origin, and how much of the path it replaces.
fn place<'a>(
    target: &'a LiveTarget,
    origin: Option<&Origin>,
    path: &Template,
) -> Result<(&'a Url, usize), Skip> {
    let Some(origin) = origin else {
        return Ok((&target.live.base, 0));
    };
    let host = &origin.authority;
    if let Some(base) = target.live.hosts.get(host) {
        return Ok((base, 0));
    }
    let Some(service) = &target.service else {
        if target.main_host.as_ref() == Some(host) {
            return Ok((&target.live.base, 0));
        }
        return skip(SkipReason::OtherHost, host.clone());
    };
    if service.origin.authority != *host {
        return skip(SkipReason::OtherHost, host.clone());
    }
    let start = match path.0.first() {
        Some(Part::Literal(text)) => text.as_str(),
        _ => "",
    };
    match start.strip_prefix(service.path.as_str()) {
        Some(rest) if rest.starts_with('/') || (rest.is_empty() && path.0.len() == 1) => Ok((
            &target.live.base,
            encode_literal(&service.path, Component::Path).len(),
        )),
        _ => skip(
            SkipReason::OutsideService,
            format!("{host}{start} is not below {host}{}", service.path),
        ),
    }
}

/// A template's text, percent-encoded, its placeholders bound. A mock gets them
/// as they are documented: its routes take anything there.
fn bind(template: &Template, component: Component, live: Option<&Live>) -> Result<String, Skip> {
    let mut text = String::new();
    for part in &template.0 {
        match (part, live) {
            (Part::Literal(literal), _) => text += &encode_literal(literal, component),
            (Part::Placeholder(name), None) => text += &encode_value(&format!("{{{name}}}")),
            (Part::Placeholder(name), Some(live)) => {
                match live.var(name).or(live.var_default.as_ref()) {
                    Some(value) => text += &encode_value(value),
                    None => return skip(SkipReason::UnboundPlaceholder, format!("{{{name}}}")),
                }
            }
        }
    }
    Ok(text)
}

fn join(base: &Url, path: &str, url: &UrlTemplate, live: Option<&Live>) -> Result<String, Skip> {
    let mut path = format!("{}{path}", base.path().trim_end_matches('/'));
    if path.is_empty() {
        path.push('/');
    }
    let origin = base.origin().ascii_serialization();
    let mut text = format!("{origin}{path}");
    if let Some(query) = &url.query {
        text.push('?');
        text += &bind(query, Component::Query, live)?;
    }
    match Url::parse(&text) {
        Ok(parsed) if parsed.path() == path => Ok(text),
        // `.` and `..` are resolved before anything is sent, so the service
        // would see another path than the documented one.
        Ok(parsed) => skip(
            SkipReason::InvalidUrl,
            format!("the path would be sent as {}", parsed.path()),
        ),
        Err(error) => skip(SkipReason::InvalidUrl, error.to_string()),
    }
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
        if is_framing(&header.name) || name == header::HOST || name == CASE_HEADER {
            continue;
        }
        let value = match target {
            // A default for all placeholders is for URLs: `Bearer {token}` is
            // not to become `Bearer 7`.
            Target::Live(target) => {
                let bound = Template::bind(&header.value, |name| {
                    target.live.var(name).map(String::as_str)
                });
                check_header(&header.name, &bound)?.1
            }
            Target::Mock { .. } => value,
        };
        headers.append(name, value);
    }
    Ok(headers)
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
pub fn documented_host(case: &Case, url: &UrlTemplate) -> Option<String> {
    match &url.origin {
        Some(origin) => Some(origin.authority.clone()),
        None => case.request.headers.get("host").map(str::to_owned),
    }
}

#[cfg(test)]
mod tests;
