//! A request that can be sent, and the checks of its parts.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::skip::{Skip, SkipReason, skip};
use super::target::{Live, bind};
use crate::http::message::{Response, is_field_value, is_framing, is_token};
use crate::http::url::{Component, UrlTemplate};
use crate::page::case::Case;

/// The request header that tells a mock which of several equal cases to use.
pub const CASE_HEADER: &str = "docproof-case";

/// The response header of the mock for "no such route". It distinguishes them
/// from a documented 404.
pub(crate) const MISS_HEADER: &str = "docproof-miss";

/// Maximum number of header fields of a message. HTTP clients and servers
/// refuse more, and add some themselves.
const HEADER_LIMIT: usize = 90;

/// A request that is ready to be sent.
#[derive(Debug, Clone)]
pub struct Step {
    /// The method.
    pub method: Method,
    /// The absolute URL, percent-encoded.
    pub url: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The content.
    pub body: Option<Vec<u8>>,
    /// Names of headers that are final, whether they are set or removed. The
    /// client does not replace them with the target's.
    pub settled: Vec<HeaderName>,
}

/// Returns the documented response if a client can receive it.
pub(super) fn check_response(case: &Case) -> Result<&Response, Skip> {
    let Some(response) = &case.response else {
        return skip(SkipReason::NoResponse, "the page documents no response");
    };
    let status = response.message.status;
    if !(1..=9).contains(&status.class()) {
        return skip(
            SkipReason::InvalidStatus,
            format!("{status} is not a status code"),
        );
    }
    if status.class() < 2 {
        return skip(
            SkipReason::InterimStatus,
            format!("{status} is an interim status"),
        );
    }
    for headers in [&case.request.headers, &response.message.headers] {
        if headers.0.len() > HEADER_LIMIT {
            let detail = format!(
                "{} header fields; at most {HEADER_LIMIT} are sent",
                headers.0.len()
            );
            return skip(SkipReason::InvalidHeader, detail);
        }
    }
    Ok(&response.message)
}

pub(super) fn bind_query<E>(
    url: &UrlTemplate,
    value: &mut impl FnMut(&str) -> Result<String, E>,
) -> Result<Option<String>, E> {
    let query = url.query.as_ref();
    query
        .map(|query| bind(query, Component::Query, value))
        .transpose()
}

/// Whether a method is safe (RFC 9110, 9.2.1).
pub(crate) fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

pub(super) fn check_write(method: &Method, live: &Live) -> Result<(), Skip> {
    if live.allow_writes || is_safe(method) {
        return Ok(());
    }
    skip(
        SkipReason::WriteNotAllowed,
        format!("{method} requests need `--allow-writes`, or `writes = true` in the target"),
    )
}

pub(super) fn sendable_method(method: &str) -> Result<Method, Skip> {
    match Method::from_bytes(method.as_bytes()) {
        // CONNECT is for proxies (RFC 9110, 9.3.6).
        Ok(Method::CONNECT) | Err(_) => skip(SkipReason::InvalidMethod, method),
        Ok(method) => Ok(method),
    }
}

/// Whether a documented header is sent. The client adds the others itself.
pub(super) fn is_sent(name: &str) -> bool {
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    !is_framing(name) && !is("host") && !is(CASE_HEADER)
}

/// Returns the host of a request: from its target, or from its `Host` header.
pub(crate) fn documented_host(case: &Case, url: &UrlTemplate) -> Option<String> {
    match &url.origin {
        Some(origin) => Some(origin.authority.clone()),
        None => case.request.headers.get("host").map(str::to_owned),
    }
}

pub(super) fn check_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Skip> {
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
                "the value of `{}` contains a control character",
                name.escape_debug()
            ),
        ),
        _ => skip(
            SkipReason::InvalidHeader,
            format!("`{}` is not a header name", name.escape_debug()),
        ),
    }
}
