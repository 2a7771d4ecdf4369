//! A documented request, as far as a request is held against it.

use std::collections::HashMap;
use std::sync::OnceLock;

use http::HeaderMap;

use super::body::Body;
use super::preferences::{PREFER, is_preferred};
use super::printable::{got, name as shown_name, quoted};
use super::request::{Parameter, Request};
use super::tree::written;
use crate::check::types::Expectation;
use crate::http::message::is_framing;
use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::project::plan::CASE_HEADER;

/// Cases with equal requests, as far as a request decides on them.
#[derive(Debug)]
pub(super) struct Entry {
    /// The indices of the cases by id.
    pub cases: HashMap<String, usize>,
    /// The first of them in page order.
    pub first: usize,
    /// Host and port, in lower case.
    pub host: Option<String>,
    /// The parameters of the query, names and values.
    pub query: Vec<(Template, Template)>,
    /// The header fields that decide, their names in lower case.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Body,
    /// The order among entries that fit: the larger comes first.
    pub specificity: Specificity,
    /// What the page promises of the body, once it is asked for.
    pub expectation: OnceLock<Expectation<'static>>,
}

/// How much of a request an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Specificity {
    /// How many segments have no placeholder, and the bytes of the path that
    /// stand for themselves.
    path: (usize, usize),
    has_host: bool,
    headers: usize,
    /// The bytes of the query's values that stand for themselves.
    query: usize,
}

impl Specificity {
    /// The same, header fields aside.
    #[must_use]
    pub(super) fn without_headers(self) -> Self {
        Self { headers: 0, ..self }
    }
}

/// What a request decides on, its path and method aside.
pub(super) type Key = (
    Option<String>,
    Vec<(Template, Template)>,
    Vec<(String, Template)>,
    Option<String>,
);

/// What a case's request decides on.
pub(super) fn key(case: &Case, url: &UrlTemplate, host: Option<String>) -> Key {
    (
        host.map(|host| host.to_lowercase()),
        query_pairs(url.query.as_ref()),
        documented_headers(case),
        case.request.body.clone(),
    )
}

impl Entry {
    /// The entry of a case, which is the first with this request. Of its path,
    /// so many segments and bytes stand for themselves.
    pub(super) fn new(index: usize, case: &Case, key: Key, path: (usize, usize)) -> Self {
        let (host, mut query, headers, body) = key;
        // What fits least comes first, so that it gets the parameter it fits.
        query.sort_by_key(|(name, value)| {
            let has_placeholder = |part: &Template| part.as_literal().is_none();
            (has_placeholder(name), has_placeholder(value))
        });
        Self {
            cases: HashMap::from([(case.id.clone(), index)]),
            first: index,
            specificity: Specificity {
                path,
                has_host: host.is_some(),
                headers: headers.len(),
                query: query.iter().map(|(_, value)| value.literal_length()).sum(),
            },
            host,
            query,
            headers,
            body: Body::read(body.as_deref().unwrap_or_default().as_bytes()),
            expectation: OnceLock::new(),
        }
    }

    /// Whether a request to this path is the documented one.
    pub(super) fn fits(&self, request: &Request<'_>) -> bool {
        self.query_fits(request.query())
            && self
                .headers
                .iter()
                .all(|(name, value)| header_fits(name, value, request.incoming.headers))
            && self.body == *request.body()
    }

    /// Each documented parameter is there, and no other, in whatever order.
    pub(super) fn query_fits(&self, query: &[Parameter<'_>]) -> bool {
        if self.query.len() != query.len() {
            return false;
        }
        let (missing, _) = self.pair_up(query);
        missing.is_empty()
    }

    /// The documented parameters that are not there, and those that are not
    /// documented.
    fn pair_up<'q>(
        &self,
        query: &'q [Parameter<'q>],
    ) -> (Vec<&(Template, Template)>, Vec<&'q Parameter<'q>>) {
        let mut open: Vec<_> = query.iter().collect();
        let mut missing = Vec::new();
        for pair in &self.query {
            let (name, value) = pair;
            let at = open.iter().position(|(found_name, found_value)| {
                name.matches(found_name) && value.matches(found_value)
            });
            match at {
                Some(at) => {
                    open.remove(at);
                }
                None => missing.push(pair),
            }
        }
        (missing, open)
    }

    /// How many parameters of a query are not as documented, and one of them
    /// in words.
    pub(super) fn query_difference(&self, query: &[Parameter<'_>]) -> Option<(usize, String)> {
        let (missing, open) = self.pair_up(query);
        let count = missing.len().max(open.len());
        let text = if let Some((name, documented)) = missing.first() {
            let found = open.iter().find(|(found, _)| name.matches(found));
            let (name, documented) = (written(name), quoted(&written(documented)));
            let found = got(&name, found.map(|(_, value)| &**value));
            format!("query parameter {name}: documented {documented}, got {found}")
        } else {
            let (name, found) = open.first()?;
            let found = got(name, Some(found));
            format!(
                "query parameter {}: documented none, got {found}",
                shown_name(name)
            )
        };
        Some((count, text))
    }
}

/// Whether a request has a documented header field.
pub(super) fn header_fits(name: &str, documented: &Template, headers: &HeaderMap) -> bool {
    headers
        .get_all(name)
        .iter()
        .any(|found| documented.matches(&String::from_utf8_lossy(found.as_bytes())))
        || (name == PREFER && is_preferred(documented, headers))
}

fn query_pairs(query: Option<&Template>) -> Vec<(Template, Template)> {
    let Some(query) = query else {
        return Vec::new();
    };
    query
        .split('&')
        .iter()
        .filter(|pair| !pair.0.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=');
            (name.decoded(), value.unwrap_or_default().decoded())
        })
        .collect()
}

/// The documented request headers that decide: not those of the connection,
/// nor credentials, which are never the documented ones.
fn documented_headers(case: &Case) -> Vec<(String, Template)> {
    case.request
        .headers
        .iter()
        .filter(|header| {
            !is_framing(&header.name)
                && !header.name.eq_ignore_ascii_case("host")
                && !header.name.eq_ignore_ascii_case("authorization")
                && !header.name.eq_ignore_ascii_case(CASE_HEADER)
        })
        .map(|header| (header.name.to_lowercase(), Template::parse(&header.value)))
        .collect()
}
