//! Where steps go, and what a documented URL becomes there.

use std::collections::{BTreeMap, BTreeSet};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use url::Url;

use super::skip::{Skip, SkipReason, skip};
use crate::http::url::{Component, Origin, Part, Template, UrlTemplate, encode_literal};
use crate::page::case::Case;
use crate::project::config::{Auth, OAuth2, Rates, ResolveError, Service, Sources, TargetConfig};
use crate::text::secret::{Secret, Secrets, is_public_header};

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
    /// Headers that each request gets; those that hold credentials only go to
    /// the base URLs.
    pub headers: HeaderMap,
    /// How requests to the base URLs are authenticated.
    pub auth: Option<Auth<Secret>>,
    /// Certificates (PEM) of authorities that are trusted too.
    pub ca: Option<Vec<u8>>,
    /// How fast requests follow each other.
    pub rates: Rates,
    /// How much is sent and read at most.
    pub limits: Limits,
    /// What the credentials may do.
    pub scopes: BTreeSet<String>,
    /// What the service has.
    pub tags: BTreeSet<String>,
    /// What is shown nowhere.
    pub secrets: Secrets,
}

/// How much a run sends and reads at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests in all.
    pub requests: Option<u64>,
    /// Bytes of an answer's content, before and after its coding is undone.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests: None,
            body: 16 << 20,
        }
    }
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
            auth: None,
            ca: None,
            rates: Rates::default(),
            limits: Limits::default(),
            scopes: BTreeSet::new(),
            tags: BTreeSet::new(),
            secrets: Secrets::default(),
        }
    }

    /// A service as the configuration names it, its references resolved.
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

    /// The value of a placeholder.
    pub fn var(&self, name: &str) -> Option<&String> {
        alternatives(name).find_map(|name| self.vars.get(name))
    }

    /// How access tokens are had, if they are: a header that is given goes
    /// before the target's own way.
    pub fn oauth2(&self) -> Option<&OAuth2<Secret>> {
        match &self.auth {
            Some(Auth::OAuth2(oauth2)) if !self.headers.contains_key(AUTHORIZATION) => Some(oauth2),
            _ => None,
        }
    }

    /// The target that it is for these docs. What its headers hold is secret
    /// from now on, but for those that hold no credentials.
    pub fn target(&self, service: Option<Service>, all_cases: &[Case]) -> Target {
        for (name, value) in &self.headers {
            if !is_public_header(name.as_str()) {
                let value = String::from_utf8_lossy(value.as_bytes());
                self.secrets.add_header(name.as_str(), &value);
            }
        }
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

/// The host that most cases name; of several, the first in the alphabet.
pub(crate) fn main_host<'a>(cases: impl IntoIterator<Item = &'a Case>) -> Option<String> {
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

/// The base URL for a documented origin, and how much of the path it replaces.
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

/// A template's text, percent-encoded, its placeholders replaced by what
/// `value` says, which is percent-encoded already.
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

/// The names by which a placeholder is bound: `{id | userPrincipalName}` is
/// either of the two, so a value for one of them will do.
pub(super) fn alternatives(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.split('|').map(str::trim))
}

/// The URL below a base URL.
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
        // `.` and `..` are resolved before anything is sent, so the service
        // would see another path than the documented one.
        Ok(parsed) => skip(
            SkipReason::InvalidUrl,
            format!("the path would be sent as {}", parsed.path()),
        ),
        Err(error) => skip(SkipReason::InvalidUrl, error.to_string()),
    }
}
