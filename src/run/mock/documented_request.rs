//! A documented request, as far as requests are matched against it.

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
use crate::http::sent_body::sent_body;
use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::project::plan::CASE_HEADER;

/// Cases whose requests are equal in everything that is matched.
#[derive(Debug)]
pub(super) struct Entry {
    /// Case indices by id.
    pub cases: HashMap<String, usize>,
    /// The index of the first case in page order.
    pub first: usize,
    /// Host and port, in lower case.
    pub host: Option<String>,
    /// Query parameters: names and values.
    pub query: Vec<(Template, Template)>,
    /// Header fields that are matched; names in lower case.
    pub headers: Vec<(String, Template)>,
    /// The documented body.
    pub body: Body,
    /// The sort key among matching entries: the largest wins.
    pub specificity: Specificity,
    /// What the page documents about the body; computed on first use.
    pub expectation: OnceLock<Expectation<'static>>,
}

/// How specific an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Specificity {
    /// The number of segments without placeholders, and the number of literal
    /// bytes in the path.
    path: (usize, usize),
    has_host: bool,
    headers: usize,
    /// The number of literal bytes in the query values.
    query: usize,
}

impl Specificity {
    /// The same specificity without header fields.
    #[must_use]
    pub(super) fn without_headers(self) -> Self {
        Self { headers: 0, ..self }
    }
}

/// What a request is matched on, apart from path and method: host, query,
/// header fields, body.
pub(super) type Key = (
    Option<String>,
    Vec<(Template, Template)>,
    Vec<(String, Template)>,
    Option<String>,
);

/// Returns what a case's request is matched on.
pub(super) fn key(case: &Case, url: &UrlTemplate, host: Option<String>) -> Key {
    (
        host.map(|host| host.to_lowercase()),
        query_pairs(url.query.as_ref()),
        documented_headers(case),
        case.request.body.clone(),
    )
}

impl Entry {
    /// Creates the entry of the first case with this request. `path` is the
    /// path's part of the specificity.
    pub(super) fn new(index: usize, case: &Case, key: Key, path: (usize, usize)) -> Self {
        let (host, mut query, headers, body) = key;
        // The most restrictive parameter comes first, so that it is paired
        // first.
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
            body: Body::read(&body.map_or_else(Vec::new, |body| {
                sent_body(&case.request.headers, &body, |_| None)
            })),
            expectation: OnceLock::new(),
        }
    }

    /// Whether a request to this path equals the documented one.
    pub(super) fn fits(&self, request: &Request<'_>) -> bool {
        self.query_fits(request.query())
            && self
                .headers
                .iter()
                .all(|(name, value)| header_fits(name, value, request.incoming.headers))
            && self.body == *request.body()
    }

    /// Whether the query has each documented parameter and no other, in any
    /// order.
    pub(super) fn query_fits(&self, query: &[Parameter<'_>]) -> bool {
        if self.query.len() != query.len() {
            return false;
        }
        let (missing, _) = self.pair_up(query);
        missing.is_empty()
    }

    /// Returns the documented parameters that are missing, and the parameters
    /// that are not documented.
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

    /// Counts the parameters that differ, and describes one of them.
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

/// The documented header fields that are matched: those of the connection and
/// credentials are not.
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
