//! A request whose parts are parsed on first use.

use std::borrow::Cow;
use std::cell::OnceCell;

use http::{HeaderMap, header};

use super::body::Body;
use crate::http::url::decode;

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
    /// Returns the parsed body.
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
    /// Whether a documented host matches.
    pub(super) fn fits(self, documented: Option<&str>) -> bool {
        match (documented, self) {
            (None, _) | (_, Self::Any) => true,
            (Some(documented), Self::Named(host)) => {
                host.is_some_and(|host| host.eq_ignore_ascii_case(documented))
            }
        }
    }
}

/// The value of a request's `Host` field.
pub(super) fn host_field(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// A decoded query parameter.
pub(super) type Parameter<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A request whose parts are parsed once.
pub(super) struct Request<'a> {
    /// The request as received.
    pub incoming: Incoming<'a>,
    /// The host that it is for.
    pub host: Host<'a>,
    query: OnceCell<Vec<Parameter<'a>>>,
    body: OnceCell<Body>,
}

impl<'a> Request<'a> {
    /// Wraps a request; nothing is parsed yet.
    pub(super) fn new(incoming: &Incoming<'a>, host: Host<'a>) -> Self {
        Self {
            incoming: *incoming,
            host,
            query: OnceCell::new(),
            body: OnceCell::new(),
        }
    }

    /// Returns the query parameters.
    pub(super) fn query(&self) -> &[Parameter<'a>] {
        self.query.get_or_init(|| {
            let pairs = self.incoming.query.unwrap_or_default().split('&');
            pairs
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect()
        })
    }

    /// The body.
    pub(super) fn body(&self) -> &Body {
        self.body.get_or_init(|| Body::read(self.incoming.body))
    }
}
