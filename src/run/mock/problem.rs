//! The response to a request that matches no case or violates its
//! documentation: problem details (RFC 9457) with the closest cases.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::closest_path::nearest;
use super::documented_request::Entry;
use super::printable::{name, quoted};
use super::reply::{Reply, Verdict};
use super::request::{Host, Request};
use super::routes::Routes;
use super::tree::Id;
use crate::http::message::is_token;
use crate::http::url::decode;
use crate::page::case::Case;
use crate::project::plan::MISS_HEADER;

/// Maximum number of cases in the response.
const MAX_RESULTS: usize = 3;

/// Why a request gets no documented response.
#[derive(Debug)]
pub(super) struct Problem {
    /// The status of the response.
    pub status: StatusCode,
    /// One sentence about the problem.
    pub detail: String,
    /// The closest cases by index, and how each differs.
    pub closest: Vec<(usize, String)>,
    /// The methods that are documented for the path.
    pub allow: BTreeSet<String>,
}

impl Problem {
    /// Explains why no route matches, or no case of the route because of its
    /// query.
    pub(super) fn new(routes: &Routes, ends: &[Id], request: &Request<'_>) -> Self {
        let method = name(request.incoming.method);
        let path = quoted(request.incoming.path);
        let mut miss = Self {
            status: StatusCode::NOT_FOUND,
            detail: format!("no documented request matches {method} {path}"),
            closest: Vec::new(),
            allow: BTreeSet::new(),
        };
        if ends.is_empty() {
            miss.closest = by_path(routes, request);
            return miss;
        }
        if routes.operation(ends, request).next().is_some() {
            miss.detail += " with this query";
            miss.closest = by_query(routes.operation(ends, request), request);
            return miss;
        }
        for entry in of_all(routes, ends) {
            if request.host.fits(entry.1.host.as_deref()) && is_token(entry.0) {
                miss.allow.insert(entry.0.to_owned());
            }
        }
        if !miss.allow.is_empty() {
            miss.status = StatusCode::METHOD_NOT_ALLOWED;
            let methods: Vec<&str> = miss.allow.iter().map(String::as_str).collect();
            miss.detail = format!("{path} documents only {}", methods.join(", "));
        }
        miss.closest = by_method_or_host(routes, ends, request);
        miss
    }

    /// Builds the response.
    pub(super) fn reply(self, cases: &[Case]) -> Reply {
        let is_refused = self.status != StatusCode::NOT_FOUND && self.allow.is_empty();
        let marker = if is_refused {
            "the request violates the documentation"
        } else {
            "no documented request matches"
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(MISS_HEADER),
            HeaderValue::from_static(marker),
        );
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if !self.allow.is_empty() {
            let methods: Vec<&str> = self.allow.iter().map(String::as_str).collect();
            if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
                headers.insert(header::ALLOW, methods);
            }
        }
        let closest: Vec<Value> = self
            .closest
            .iter()
            .map(|(index, differs)| {
                let case = &cases[*index];
                json!({
                    "case": case.id,
                    "page": &*case.page,
                    "line": case.line,
                    "method": case.request.method,
                    "target": case.request.target,
                    "differs": differs,
                })
            })
            .collect();
        let problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "closest": closest,
        });
        Reply {
            status: self.status,
            headers,
            body: Bytes::from(format!("{problem:#}\n")),
            verdict: Verdict::Missed {
                closest: self.closest,
            },
        }
    }
}

/// The entries at the ends of a path, with their methods.
fn of_all<'r>(routes: &'r Routes, ends: &'r [Id]) -> impl Iterator<Item = (&'r str, &'r Entry)> {
    ends.iter()
        .flat_map(|end| &routes.tree.node(*end).operations)
        .flat_map(move |operation| {
            let method = operation.method.as_str();
            let entries = operation.entries.iter();
            entries.map(move |entry| (method, &routes.entries[*entry]))
        })
}

/// The first case of each operation with a similar path.
fn by_path(routes: &Routes, request: &Request<'_>) -> Vec<(usize, String)> {
    let segments: Vec<Cow<'_, str>> = request.incoming.path.split('/').map(decode).collect();
    let mut near = nearest(&routes.tree, &segments);
    let of_method = |end: Id| {
        let node = routes.tree.node(end);
        node.entries(request.incoming.method).first()
    };
    // Paths that are documented with this method come first.
    near.sort_by_key(|near| of_method(near.end).is_none());
    near.truncate(MAX_RESULTS);
    let first = |end: Id| routes.tree.node(end).operations.first()?.entries.first();
    near.into_iter()
        .filter_map(|near| {
            let entry = of_method(near.end).or_else(|| first(near.end))?;
            Some((routes.entries[*entry].first, near.differs))
        })
        .collect()
}

/// The cases of an operation with similar queries.
fn by_query<'r>(
    entries: impl Iterator<Item = &'r Entry>,
    request: &Request<'_>,
) -> Vec<(usize, String)> {
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let (count, differs) = entry.query_difference(request.query())?;
            Some((count, Reverse(entry.specificity), entry.first, differs))
        })
        .collect();
    found.sort_unstable();
    found.truncate(MAX_RESULTS);
    let found = found.into_iter();
    found.map(|(_, _, case, differs)| (case, differs)).collect()
}

/// The first case of each method and host that the path has.
fn by_method_or_host(routes: &Routes, ends: &[Id], request: &Request<'_>) -> Vec<(usize, String)> {
    let own = request.incoming.method;
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for (method, entry) in of_all(routes, ends) {
        let host = entry.host.as_deref();
        if !known.insert((method, host)) {
            continue;
        }
        let is_other_host = !request.host.fits(host);
        let differs = if method == own {
            let sent = match request.host {
                Host::Named(Some(sent)) => name(sent),
                Host::Named(None) | Host::Any => "none".to_owned(),
            };
            format!("host: documented {}, got {sent}", host.unwrap_or("any"))
        } else {
            format!("method: documented {}, got {}", name(method), name(own))
        };
        found.push((is_other_host, method != own, entry.first, differs));
    }
    found.sort_unstable();
    found.truncate(MAX_RESULTS);
    let found = found.into_iter();
    found.map(|(_, _, case, differs)| (case, differs)).collect()
}
