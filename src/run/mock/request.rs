//! A request whose parts are parsed on first use.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::{HeaderMap, header};

use super::body::{Body, Fingerprint, MAX_JSON, fingerprint};
use crate::http::url::decode_form;
use crate::json::{Node, Unreadable, read_strict};

/// A request as the table receives it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query, percent-encoded.
    pub query: Option<&'a str>,
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// The host that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// Matches any documented host.
    Any,
    /// The host that the request names, if any.
    Named(Option<&'a str>),
}

impl Host<'_> {
    /// Whether a documented host matches. The scheme of the docs is not that of
    /// the mock, so the default ports of both are ignored.
    pub(super) fn fits(self, documented: Option<&str>) -> bool {
        match (documented, self) {
            (None, _) | (_, Self::Any) => true,
            (Some(documented), Self::Named(host)) => host.is_some_and(|host| {
                without_default_port(host).eq_ignore_ascii_case(without_default_port(documented))
            }),
        }
    }
}

/// A host without the default port of `http` and `https` (RFC 9110, 4.2.3).
fn without_default_port(host: &str) -> &str {
    let port = [":443", ":80"]
        .iter()
        .find_map(|port| host.strip_suffix(port));
    port.unwrap_or(host)
}

/// The value of a request's `Host` field.
pub(super) fn host_field(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// How a request has a documented field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// With the documented value.
    AsDocumented,
    /// With another value.
    Other,
    /// Not at all.
    Missing,
}

/// A decoded query parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter<'a> {
    /// The name.
    pub name: Cow<'a, str>,
    /// The value.
    pub value: Cow<'a, str>,
    /// The value as JSON, if it is an array or an object.
    pub json: Option<Fingerprint>,
}

impl<'a> Parameter<'a> {
    fn of(pair: &'a str) -> Self {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode_form(value);
        Self {
            name: decode_form(name),
            json: json_value(&value),
            value,
        }
    }
}

/// The fingerprint of an array or an object in the value of a query parameter.
pub(super) fn json_value(text: &str) -> Option<Fingerprint> {
    let is_json = text.trim_ascii_start().starts_with(['{', '[']);
    let json = is_json.then(|| read_strict(text.as_bytes()).ok());
    Some(fingerprint(&json??))
}

/// A request whose parts are parsed once.
pub(super) struct Request<'a> {
    /// The request as received.
    pub incoming: Incoming<'a>,
    /// The host that it is for.
    pub host: Host<'a>,
    query: OnceCell<Vec<Parameter<'a>>>,
    json: OnceCell<Result<Node<'a>, Unreadable>>,
    body: OnceCell<Body>,
}

impl<'a> Request<'a> {
    /// Wraps a request; nothing is parsed yet.
    pub(super) fn new(incoming: &Incoming<'a>, host: Host<'a>) -> Self {
        Self {
            incoming: *incoming,
            host,
            query: OnceCell::new(),
            json: OnceCell::new(),
            body: OnceCell::new(),
        }
    }

    /// Returns the query parameters.
    pub(super) fn query(&self) -> &[Parameter<'a>] {
        self.query.get_or_init(|| {
            let pairs = self.incoming.query.unwrap_or_default().split('&');
            pairs
                .filter(|pair| !pair.is_empty())
                .map(Parameter::of)
                .collect()
        })
    }

    /// The body as JSON, or why it is not; `None` if it is too long to be read.
    pub(super) fn json(&self) -> Option<&Result<Node<'a>, Unreadable>> {
        let body = self.incoming.body;
        (body.len() <= MAX_JSON).then(|| self.json.get_or_init(|| read_strict(body)))
    }

    /// The body.
    pub(super) fn body(&self) -> Body {
        *self.body.get_or_init(|| {
            let json = self.json().and_then(|json| json.as_ref().ok());
            Body::of(self.incoming.body, json)
        })
    }
}
