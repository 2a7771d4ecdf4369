//! Targets, and how documented URLs are mapped to them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use url::Url;

use super::skip::{Skip, SkipReason, skip};
use crate::http::field::{elements, parameter};
use crate::http::url::{Component, Origin, Part, Template, UrlTemplate, encode_literal};
use crate::page::case::Case;
use crate::project::config::{Auth, OAuth2, Rates, ResolveError, Service, Sources, TargetConfig};
use crate::text::secret::{Secret, Secrets, is_public_header};

/// The target of a run.
#[derive(Debug, Clone)]
pub enum Target {
    /// The mock of the same cases.
    Mock {
        /// Its base URL.
        base: Url,
    },
    /// A live service.
    Live(Box<LiveTarget>),
}

/// A live service, as configured.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its base URL.
    pub base: Url,
    /// Base URLs for other documented hosts, by host.
    pub hosts: BTreeMap<String, Url>,
    /// Values for placeholders.
    pub vars: BTreeMap<String, String>,
    /// The value for all other placeholders.
    pub var_default: Option<String>,
    /// Whether requests with unsafe methods are sent.
    pub allow_writes: bool,
    /// Headers for each request. Those with credentials are sent only to the
    /// base URLs.
    pub headers: HeaderMap,
    /// How requests to the base URLs are authenticated.
    pub auth: Option<Auth<Secret>>,
    /// Additional trusted certificates (PEM).
    pub ca: Option<Vec<u8>>,
    /// Rate limits.
    pub rates: Rates,
    /// Limits of a run.
    pub limits: Limits,
    /// Scopes of the credentials.
    pub scopes: BTreeSet<String>,
    /// Features of the service.
    pub tags: BTreeSet<String>,
    /// The secrets to mask.
    pub secrets: Secrets,
}

/// Limits of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum number of requests.
    pub requests: Option<u64>,
    /// Maximum size of a response's content in bytes, before and after
    /// decoding.
    pub body: usize,
    /// How long to wait for the end of a body that is not compared and whose
    /// length is not announced.
    pub stream: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: None,
            body: 16 << 20,
            stream: Duration::from_secs(3),
        }
    }
}

impl Target {
    /// The mock before it has an address, to plan a run that sends nothing.
    pub(crate) fn unreached() -> Self {
        Self::Mock {
            base: Url::parse("http://mock.invalid").expect("a URL"),
        }
    }
}

impl Live {
    /// A service at this base URL, with defaults for the rest.
    pub fn new(base: Url) -> Self {
        Self {
            base,
            hosts: BTreeMap::new(),
            vars: BTreeMap::new(),
            var_default: None,
            allow_writes: false,
            headers: HeaderMap::new(),
            auth: None,
            ca: None,
            rates: Rates::default(),
            limits: Limits::default(),
            scopes: BTreeSet::new(),
            tags: BTreeSet::new(),
            secrets: Secrets::default(),
        }
    }

    /// Resolves a configured service.
    pub fn of(target: &TargetConfig, sources: Sources<'_>) -> Result<Self, ResolveError> {
        let resolved = target.resolve(sources)?;
        Ok(Self {
            base: target.base.clone(),
            hosts: target.hosts.clone(),
            vars: resolved.vars,
            var_default: None,
            allow_writes: target.writes,
            headers: resolved.headers,
            auth: resolved.auth,
            ca: resolved.ca,
            rates: target.rates,
            limits: Limits::default(),
            scopes: target.scopes.clone(),
            tags: target.tags.clone(),
            secrets: sources.secrets.clone(),
        })
    }

    /// Returns the value of a placeholder.
    pub fn var(&self, name: &str) -> Option<&String> {
        alternatives(name).find_map(|name| self.vars.get(name))
    }

    /// Returns the status that the target's `Prefer` header asks a mock for.
    pub(super) fn preferred_status(&self) -> Option<u16> {
        let fields = self.headers.get_all("prefer").iter();
        let mut fields = fields.filter_map(|field| field.to_str().ok());
        fields.find_map(|field| {
            let mut preferences = elements(field, b',').map(parameter);
            preferences.find_map(|(name, value)| {
                let status = value.filter(|_| name.eq_ignore_ascii_case("status"))?;
                status.parse().ok()
            })
        })
    }

    /// Returns how to request access tokens, if so. A configured
    /// `Authorization` header wins.
    pub fn oauth2(&self) -> Option<&OAuth2<Secret>> {
        match &self.auth {
            Some(Auth::OAuth2(oauth2)) if !self.headers.contains_key(AUTHORIZATION) => Some(oauth2),
            _ => None,
        }
    }

    /// Returns the target for these docs. The values of its headers become
    /// secrets, except public ones.
    pub fn target(&self, services: Vec<Service>, all_cases: &[Case]) -> Target {
        for (name, value) in &self.headers {
            if !is_public_header(name.as_str()) {
                let value = String::from_utf8_lossy(value.as_bytes());
                self.secrets.add_header(name.as_str(), &value);
            }
        }
        let main_host = if services.is_empty() {
            main_host(all_cases)
        } else {
            None
        };
        Target::Live(Box::new(LiveTarget {
            live: self.clone(),
            services,
            main_host,
        }))
    }
}

/// A live service and its name in the docs.
#[derive(Debug, Clone)]
pub struct LiveTarget {
    /// The service.
    pub live: Live,
    /// The base URLs of the service in the docs.
    pub services: Vec<Service>,
    /// The host that most cases name; without a configured service, the base
    /// URL replaces it.
    pub main_host: Option<String>,
}

/// Returns the host that most cases name. On a tie, the first in alphabetical
/// order.
pub(crate) fn main_host<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        if let Ok(url) = UrlTemplate::of_request(&case.request)
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

/// Returns the base URL for a documented origin, and the length of the path
/// prefix that it replaces.
pub(super) fn place<'a>(
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
    if target.main_host.as_ref() == Some(host) {
        return Ok((&target.live.base, 0));
    }
    if let Some(service) = longest(&target.services, origin, path) {
        let prefix = encode_literal(&service.path, Component::Path).len();
        return Ok((&target.live.base, prefix));
    }
    let mut services = target.services.iter();
    match services.find(|service| service.origin.authority == *host) {
        Some(service) => skip(
            SkipReason::OutsideService,
            format!("{host}{} is not below {host}{}", start(path), service.path),
        ),
        None => skip(SkipReason::OtherHost, host.clone()),
    }
}

/// The longest base URL of the service that a documented URL begins with.
fn longest<'s>(services: &'s [Service], origin: &Origin, path: &Template) -> Option<&'s Service> {
    let services = services.iter().filter(|service| service.has(origin, path));
    services.max_by_key(|service| service.path.len())
}

/// The literal text that a path starts with.
fn start(path: &Template) -> &str {
    match path.0.first() {
        Some(Part::Literal(text)) => text,
        _ => "",
    }
}

/// Renders a template, percent-encoded. `value` returns encoded values for the
/// placeholders.
pub(super) fn bind<E>(
    template: &Template,
    component: Component,
    value: &mut impl FnMut(&str) -> Result<String, E>,
) -> Result<String, E> {
    let mut text = String::new();
    for part in &template.0 {
        match part {
            Part::Literal(literal) => text += &encode_literal(literal, component),
            Part::Placeholder(name) => text += &value(name)?,
        }
    }
    Ok(text)
}

/// Returns the names that can bind a placeholder: `{id | userPrincipalName}` is
/// bound by either.
pub(super) fn alternatives(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.split('|').map(str::trim))
}

/// Joins a base URL, a path and a query.
pub(super) fn join(base: &Url, path: &str, query: Option<&str>) -> Result<String, Skip> {
    let mut path = format!("{}{path}", base.path().trim_end_matches('/'));
    if path.is_empty() {
        path.push('/');
    }
    let origin = base.origin().ascii_serialization();
    let mut text = format!("{origin}{path}");
    if let Some(query) = query {
        text.push('?');
        text += query;
    }
    match Url::parse(&text) {
        Ok(parsed) if parsed.path() == path => Ok(text),
        // Clients resolve `.` and `..`, so the service would get another path
        // than documented.
        Ok(parsed) => skip(
            SkipReason::InvalidUrl,
            format!("the path would be sent as {}", parsed.path()),
        ),
        Err(error) => skip(SkipReason::InvalidUrl, error.to_string()),
    }
}
