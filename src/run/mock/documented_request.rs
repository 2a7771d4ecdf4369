//! A documented request, as far as requests are matched against it.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::body::{Body, Fingerprint};
use super::documented_fields::DocumentedField;
use super::printable::{got, name as shown_name, quoted};
use super::request::{Parameter, json_value};
use super::tree::written;
use crate::check::types::Expectation;
use crate::http::sent_body::sent_body;
use crate::http::url::{Template, UrlTemplate};
use crate::json::read_strict;
use crate::page::alternatives::scheme_of;
use crate::page::case::Case;

/// Maximum number of parameters of a request that are described.
const MAX_DESCRIBED: usize = 8;
/// Maximum number of parameters of a request that are compared, unless the page
/// documents more.
const MAX_COMPARED: usize = 256;

/// Cases whose requests are equal in everything that is matched.
#[derive(Debug)]
pub(super) struct Entry {
    /// Case indices by id.
    pub cases: HashMap<String, usize>,
    /// The index of the case that is served unbidden: the first success in page
    /// order, or else the first.
    pub first: usize,
    /// Host and port, in lower case.
    pub host: Option<String>,
    /// The query parameters.
    pub query: Vec<DocumentedParameter>,
    /// The header fields that are matched.
    pub fields: Vec<DocumentedField>,
    /// The scheme of the credentials.
    pub scheme: Option<String>,
    /// The documented body.
    pub body: Body,
    /// How specific the path and the host are.
    pub route: RouteSpecificity,
    /// The number of literal bytes in the query values.
    pub query_length: usize,
    /// What the page documents about the body; computed on first use.
    pub expectation: OnceLock<Expectation<'static>>,
}

/// How specific path and host are: the number of segments without placeholders,
/// the number of literal bytes in the path, and whether there is a host.
pub(super) type RouteSpecificity = (usize, usize, bool);

/// A documented query parameter.
#[derive(Debug)]
pub(super) struct DocumentedParameter {
    name: Template,
    value: Template,
    /// The value as JSON, if it is an array or an object.
    json: Option<Fingerprint>,
}

impl DocumentedParameter {
    fn is(&self, sent: &Parameter<'_>) -> bool {
        self.name.matches(&sent.name)
            && (self.value.matches(&sent.value) || (self.json.is_some() && self.json == sent.json))
    }

    /// Describes the parameter, which no sent one is.
    fn describe(&self, sent: Option<&Parameter<'_>>) -> String {
        let (name, documented) = (written(&self.name), written(&self.value));
        let value = sent.map(|sent| &*sent.value);
        // The sender meant a plus, or the page did.
        let is_plus = |one: &str, other: &str| one.contains('+') && one.replace('+', " ") == other;
        let hint = match value {
            Some(value) if is_plus(value, &documented) || is_plus(&documented, value) => {
                " (in a query, `+` is a space and %2B a plus)"
            }
            _ => "",
        };
        let got = got(&name, value);
        let documented = quoted(&documented);
        format!("query parameter {name}: documented {documented}, got {got}{hint}")
    }
}

/// What a request is matched on, apart from path and method: host, query,
/// header fields, scheme of the credentials, body.
pub(super) type Key = (
    Option<String>,
    Vec<(Template, Template)>,
    Vec<DocumentedField>,
    Option<String>,
    Option<String>,
);

/// Returns what a case's request is matched on.
pub(super) fn key(case: &Case, url: &UrlTemplate, host: Option<String>) -> Key {
    (
        host.map(|host| host.to_lowercase()),
        query_pairs(url.query.as_ref()),
        DocumentedField::of(case),
        scheme_of(case),
        case.request.body.clone(),
    )
}

impl Entry {
    /// Creates the entry of the first case with this request. `path` is the
    /// path's part of the specificity.
    pub(super) fn new(index: usize, case: &Case, key: Key, path: (usize, usize)) -> Self {
        let (host, mut query, fields, scheme, body) = key;
        // The most restrictive parameter comes first, so that it is paired
        // first.
        query.sort_by_key(|(name, value)| {
            let has_placeholder = |part: &Template| part.as_literal().is_none();
            (has_placeholder(name), has_placeholder(value))
        });
        let body = body.map_or_else(Vec::new, |body| {
            sent_body(&case.request.headers, &body, |_| None)
        });
        let json = read_strict(&body).ok();
        Self {
            cases: HashMap::from([(case.id.clone(), index)]),
            first: index,
            route: (path.0, path.1, host.is_some()),
            query_length: query.iter().map(|(_, value)| value.literal_length()).sum(),
            host,
            query: query
                .into_iter()
                .map(|(name, value)| DocumentedParameter {
                    json: value.as_literal().and_then(json_value),
                    name,
                    value,
                })
                .collect(),
            fields,
            scheme,
            body: Body::of(&body, json.as_ref()),
            expectation: OnceLock::new(),
        }
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
    /// that are not documented, among the first ones.
    fn pair_up<'q>(
        &self,
        query: &'q [Parameter<'q>],
    ) -> (Vec<&DocumentedParameter>, Vec<&'q Parameter<'q>>) {
        let query = &query[..query.len().min(self.query.len().max(MAX_COMPARED))];
        let mut is_open = vec![true; query.len()];
        let mut missing = Vec::new();
        for documented in &self.query {
            let mut sent = query.iter().zip(&is_open);
            match sent.position(|(sent, is_open)| *is_open && documented.is(sent)) {
                Some(at) => is_open[at] = false,
                None => missing.push(documented),
            }
        }
        let open = query.iter().zip(is_open).filter(|(_, is_open)| *is_open);
        (missing, open.map(|(sent, _)| sent).collect())
    }

    /// The number of parameters that differ.
    pub(super) fn query_distance(&self, query: &[Parameter<'_>]) -> usize {
        let (missing, open) = self.pair_up(query);
        let more = query
            .len()
            .saturating_sub(self.query.len().max(MAX_COMPARED));
        missing.len().max(open.len() + more)
    }

    /// Describes the first parameters that differ.
    pub(super) fn query_differences(&self, query: &[Parameter<'_>]) -> Vec<String> {
        let (missing, mut open) = self.pair_up(query);
        let mut texts = Vec::new();
        for documented in missing.into_iter().take(MAX_DESCRIBED) {
            let at = open
                .iter()
                .position(|sent| documented.name.matches(&sent.name));
            texts.push(documented.describe(at.map(|at| open.remove(at))));
        }
        let room = MAX_DESCRIBED - texts.len();
        texts.extend(open.into_iter().take(room).map(|sent| {
            let name = shown_name(&sent.name);
            let got = got(&sent.name, Some(&sent.value));
            format!("query parameter {name}: documented none, got {got}")
        }));
        texts
    }
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
            (
                name.decoded_form(),
                value.unwrap_or_default().decoded_form(),
            )
        })
        .collect()
}
