//! Explains why a request matches no case: the closest cases, and how each
//! differs.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::closest_case::Documented;
use super::closest_path::nearest;
use super::documented_request::Entry;
use super::printable::{name, quoted};
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Close;
use super::request::{Host, Request};
use super::routes::Routes;
use super::tree::Id;
use crate::http::message::is_token;

/// Maximum number of cases that are named.
const MAX_RESULTS: usize = 3;

/// Explains why no route matches, or no case of the route because of its
/// query.
pub(super) fn miss<'d, R: Fn(usize) -> Option<&'d str>>(
    routes: &'d Routes,
    documented: &Documented<'d, R>,
    ends: &'d [Id],
    segments: &[Cow<'_, str>],
    request: &'d Request<'_>,
) -> Problem {
    let method = name(request.incoming.method);
    let path = quoted(request.incoming.path);
    let detail = format!("no documented request matches {method} {path}");
    let mut miss = Problem::of(ProblemType::UnknownPath, detail);
    if ends.is_empty() {
        miss.closest = by_path(routes, segments, request);
        return miss;
    }
    if routes.operation(ends, request).next().is_some() {
        miss.kind = ProblemType::UnknownQuery;
        miss.detail += " with this query";
        miss.closest = by_query(documented, routes.operation(ends, request), request);
        return miss;
    }
    for entry in of_all(routes, ends) {
        if request.host.fits(entry.1.host.as_deref()) && is_token(entry.0) {
            miss.allow.insert(entry.0.to_owned());
        }
    }
    if miss.allow.is_empty() {
        miss.kind = ProblemType::UnknownHost;
        let host = sent_host(request);
        miss.detail +=
            &format!(" at host {host}; `docproof mock --any-host` ignores the host of requests");
    } else {
        miss.kind = ProblemType::UnknownMethod;
        let methods: Vec<&str> = miss.allow.iter().map(String::as_str).collect();
        miss.detail = format!("{path} documents only {}", methods.join(", "));
    }
    miss.closest = by_method_or_host(routes, ends, request);
    miss
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
fn by_path(routes: &Routes, segments: &[Cow<'_, str>], request: &Request<'_>) -> Vec<Close> {
    let mut near = nearest(&routes.tree, segments);
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
            Some(Close {
                case: routes.entries[*entry].first,
                differs: near.differs,
            })
        })
        .collect()
}

/// The cases of an operation with similar queries. What else the request
/// violates is named too.
fn by_query<'d, R: Fn(usize) -> Option<&'d str>>(
    documented: &Documented<'d, R>,
    entries: impl Iterator<Item = &'d Entry>,
    request: &Request<'_>,
) -> Vec<Close> {
    let mut candidates = documented.ranked(entries, request);
    candidates.sort_by_cached_key(|one| one.entry().query_distance(request.query()));
    let closest = candidates.iter().take(MAX_RESULTS).map(|one| {
        let mut differences = one.entry().query_differences(request.query());
        differences.extend(one.violations());
        Close {
            case: one.case(),
            differs: differences.join("; "),
        }
    });
    closest.collect()
}

/// The first case of each method and host that the path has.
fn by_method_or_host(routes: &Routes, ends: &[Id], request: &Request<'_>) -> Vec<Close> {
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
            let sent = sent_host(request);
            format!("host: documented {}, got {sent}", host.unwrap_or("any"))
        } else {
            format!("method: documented {}, got {}", name(method), name(own))
        };
        found.push((is_other_host, method != own, entry.first, differs));
    }
    found.sort_unstable();
    found.truncate(MAX_RESULTS);
    let found = found.into_iter();
    found
        .map(|(_, _, case, differs)| Close { case, differs })
        .collect()
}

/// The host of a request, as text.
fn sent_host(request: &Request<'_>) -> String {
    match request.host {
        Host::Named(Some(sent)) => name(sent),
        Host::Named(None) | Host::Any => "none".to_owned(),
    }
}
