//! Checks of single values of `docproof.toml` and of options: URLs, headers,
//! times, and values that may be secrets.

use std::ops::Range;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use toml::Spanned;
use url::Url;

use super::service::Service;
use super::value::Value;
use crate::http::message::is_framing;

/// A problem in the configuration, and its offset in the file. The message
/// never contains a value that may be a secret.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            at: span.start,
            message: message.into(),
        }
    }
}

pub(super) const WRITE_REFERENCE: &str =
    "use `${env:NAME}` or `${file:PATH}` to keep it out of the file";

/// Parses a value that must be a reference.
pub(super) fn reference(key: &str, text: &Spanned<String>) -> Result<Value, Fault> {
    let value = value(key, text)?;
    if value.is_reference() && value.literal_is_empty() {
        return Ok(value);
    }
    let message = format!("`{key}` is a secret in plain text; {WRITE_REFERENCE}");
    Err(Fault::new(text.span(), message))
}

/// Parses a value that may be written in the file if it does not look like a
/// secret.
pub(super) fn value(key: &str, text: &Spanned<String>) -> Result<Value, Fault> {
    let value = Value::parse(text.get_ref())
        .map_err(|error| Fault::new(text.span(), format!("`{key}`: {error}")))?;
    match value.looks_like_token() {
        Some(what) => {
            let message = format!("`{key}` looks like {what}; {WRITE_REFERENCE}");
            Err(Fault::new(text.span(), message))
        }
        None => Ok(value),
    }
}

/// Whether the name of a variable suggests a secret.
pub(crate) fn names_a_secret(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "token",
        "secret",
        "password",
        "passwd",
        "apikey",
        "credential",
        "signature",
    ];
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    NAMES.iter().any(|secret| plain.contains(secret))
}

/// Parses a base URL: `http` or `https`, without a query and a fragment.
pub(crate) fn parse_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| {
        format!(
            "{error}; expected an http:// or https:// \
             URL"
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "unsupported scheme `{}`; expected `http` or `https`",
            url.scheme()
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a base URL cannot have a query or a fragment".to_owned());
    }
    Ok(url)
}

/// Whether a URL contains user information (RFC 3986, 3.2.1).
pub(crate) fn has_user_information(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// Parses a host as it occurs in documented URLs, without the default port of
/// its scheme.
pub(crate) fn parse_host(host: &str) -> Result<String, String> {
    let scheme = if host.ends_with(":80") {
        "http"
    } else {
        "https"
    };
    if host.contains(['/', '?', '#', '@']) {
        return Err(format!(
            "`{}` is not a host name; remove everything but the host",
            host.escape_debug()
        ));
    }
    let documented = Service::parse(&format!("{scheme}://{host}")).map_err(|e| e.to_string())?;
    Ok(documented.origin.authority)
}

/// Parses a header. The error does not contain the value, which may be a
/// secret.
pub(crate) fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("`{}` is not a header name", name.trim().escape_debug()))?;
    if is_framing(parsed.as_str()) {
        return Err(format!("`{parsed}` is set by the client; remove it"));
    }
    let mut value = HeaderValue::from_bytes(value.trim().as_bytes())
        .map_err(|_| format!("the value of `{parsed}` contains a control character"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// Parses a time in seconds.
pub(crate) fn parse_seconds(seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}
