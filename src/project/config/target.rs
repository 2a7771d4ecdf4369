//! `[target.NAME]`: a service to send to, as the person wrote it and as it is
//! meant. References to secrets are resolved later, when a target is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;
use url::Url;

use super::Service;
use super::auth::Auth;
use super::raw_auth::RawAuth;
use super::value::{Sources, Value};
use crate::http::message::is_framing;
use crate::http::policy::{Policies, Policy};
use crate::text::secret::{Secret, is_credential_header, is_public_header};

/// A target as it is meant.
#[derive(Debug, Clone)]
pub struct TargetConfig {
    /// Its name.
    pub name: String,
    /// Its base URL.
    pub base: Url,
    /// Base URLs of other documented hosts.
    pub hosts: BTreeMap<String, Url>,
    /// Headers of each request.
    pub headers: Vec<(HeaderName, Value)>,
    /// Values of placeholders.
    pub vars: BTreeMap<String, Value>,
    /// Whether requests that change something are sent.
    pub writes: bool,
    /// What its credentials may do.
    pub scopes: BTreeSet<String>,
    /// What it has.
    pub tags: BTreeSet<String>,
    /// How long one exchange may take in all.
    pub timeout: Option<Duration>,
    /// A file with certificates (PEM) of authorities that are trusted too.
    pub ca: Option<PathBuf>,
    /// How fast requests follow each other.
    pub rates: Rates,
    /// Its own header policies, which come before the project's.
    pub policies: Policies,
    /// How requests are authenticated.
    pub auth: Option<Auth<Value>>,
}

/// How many requests a second are sent at most.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// In all.
    pub all: Option<f64>,
    /// To each host.
    pub per_host: Option<f64>,
}

/// What a target holds, once its references are resolved.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Headers of each request.
    pub headers: HeaderMap,
    /// Values of placeholders.
    pub vars: BTreeMap<String, String>,
    /// How requests are authenticated.
    pub auth: Option<Auth<Secret>>,
    /// Certificates (PEM).
    pub ca: Option<Vec<u8>>,
}

/// Why a target cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("failed to use the target `{target}`: `{key}`: {message}")]
pub struct ResolveError {
    /// Its name.
    pub target: String,
    /// Where in it.
    pub key: String,
    /// What is wrong, and what to do; no value stands here.
    pub message: String,
}

impl TargetConfig {
    /// Resolves what the target refers to.
    pub fn resolve(&self, sources: Sources<'_>) -> Result<Resolved, ResolveError> {
        let error = |key: String, message: String| ResolveError {
            target: self.name.clone(),
            key,
            message,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let key = || format!("headers.{name}");
            let text = value
                .resolve(sources)
                .map_err(|message| error(key(), message))?;
            let (name, value) =
                parse_header(name.as_str(), &text).map_err(|message| error(key(), message))?;
            headers.insert(name, value);
        }
        let mut vars = BTreeMap::new();
        for (name, value) in &self.vars {
            let value = value
                .resolve(sources)
                .map_err(|message| error(format!("vars.{name}"), message))?;
            vars.insert(name.clone(), value);
        }
        let auth = self.auth.as_ref().map(|auth| {
            auth.resolve(|key, value| {
                let key = format!("auth.{key}");
                value
                    .resolve(sources)
                    .map(Secret)
                    .map_err(|message| error(key, message))
            })
        });
        let ca = self.ca.as_ref().map(|path| {
            fs::read(sources.project.join(path)).map_err(|cause| {
                let message = format!("failed to read `{}`: {cause}", path.display());
                error("ca".to_owned(), message)
            })
        });
        Ok(Resolved {
            headers,
            vars,
            auth: auth.transpose()?,
            ca: ca.transpose()?,
        })
    }
}

/// What a documented header promises: `exact`, the very value; `media-type`, its type, subtype
/// and documented parameters (RFC 9110, 8.3.1); `present`, that it is there; `ignore`, nothing.
#[derive(JsonSchema)]
#[schemars(transparent, rename = "Policy")]
pub(super) struct PolicyWord(
    #[schemars(extend("enum" = Policy::ALL.map(Policy::name)))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// A service to send to. A value of `headers`, `vars` and `auth` may hold references,
/// `${env:NAME}` (a variable of the environment) and `${file:PATH}` (a file, whose path is meant
/// from the project); a secret must be one. A literal `${` is written `$${`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename = "Target")]
pub(super) struct RawTarget {
    /// The `http` or `https` URL that requests go to, in the place of `[docs] service`; without
    /// a query, a fragment and user information.
    #[schemars(with = "String")]
    base_url: Spanned<String>,
    /// The base URLs that stand in the place of other documented hosts, by the host's name. The
    /// cases of hosts that are not named are skipped.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    hosts: BTreeMap<String, Spanned<String>>,
    /// Headers of each request, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    headers: BTreeMap<String, Spanned<String>>,
    /// Values of placeholders, by name; the second `{id}` of a URL is `id.2`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    vars: BTreeMap<String, Spanned<String>>,
    /// Whether requests of all methods are sent, and not only GET, HEAD and OPTIONS.
    #[serde(default)]
    writes: bool,
    /// What the credentials may do; a scenario with a scope that is not among them is skipped.
    #[serde(default)]
    scopes: BTreeSet<String>,
    /// What the service has; a scenario with a tag that is not among them is skipped.
    #[serde(default)]
    tags: BTreeSet<String>,
    /// How many seconds one exchange may take in all, above 0; 30 where it is left out.
    #[schemars(with = "Option<f64>")]
    timeout: Option<Spanned<f64>>,
    /// A file with certificates (PEM) of authorities that are trusted too, a path inside of the
    /// project.
    #[schemars(with = "Option<String>")]
    ca: Option<Spanned<String>>,
    /// How many requests a second are sent at most, such as 10 or 0.5; no limit where it is left
    /// out.
    #[schemars(with = "Option<f64>")]
    rate: Option<Spanned<f64>>,
    /// How many requests a second are sent to each host at most; no limit where it is left out.
    #[schemars(with = "Option<f64>")]
    rate_per_host: Option<Spanned<f64>>,
    /// How headers are compared here, before what `[headers]` says.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, PolicyWord>")]
    policies: BTreeMap<String, Spanned<String>>,
    /// How requests are authenticated; not at all where it is left out.
    #[schemars(with = "Option<RawAuth>")]
    auth: Option<Spanned<RawAuth>>,
}

/// What is wrong with a target, and where in the file. A text that may be a
/// secret does not stand in the message.
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

impl RawTarget {
    pub(super) fn validate(self, name: String) -> Result<TargetConfig, Fault> {
        let base = url("base-url", &self.base_url)?;
        let mut hosts = BTreeMap::new();
        for (host, to) in &self.hosts {
            let host = parse_host(host)
                .map_err(|error| Fault::new(to.span(), format!("`hosts`: {error}")))?;
            hosts.insert(host, url("hosts", to)?);
        }
        let mut headers: Vec<(HeaderName, Value)> = Vec::new();
        for (name, text) in &self.headers {
            let (name, value) = header(name, text)?;
            if headers.iter().any(|(known, _)| *known == name) {
                let message = format!("the header `{name}` stands twice");
                return Err(Fault::new(text.span(), message));
            }
            headers.push((name, value));
        }
        let mut vars = BTreeMap::new();
        for (name, text) in &self.vars {
            vars.insert(name.clone(), var(name, text)?);
        }
        let mut policies = Policies::default();
        for (pattern, policy) in &self.policies {
            policy
                .get_ref()
                .parse()
                .and_then(|parsed| policies.add(pattern, parsed))
                .map_err(|error| Fault::new(policy.span(), format!("`policies`: {error}")))?;
        }
        let timeout = self.timeout.as_ref().map(|timeout| {
            parse_seconds(*timeout.get_ref())
                .map_err(|error| Fault::new(timeout.span(), format!("`timeout`: {error}")))
        });
        let ca = self.ca.as_ref().map(|ca| {
            let path = Path::new(ca.get_ref());
            let leads_out =
                path.is_absolute() || ca.get_ref().split(['/', '\\']).any(|p| p == "..");
            if leads_out {
                let message = "`ca`: write the path of a file inside of the project";
                return Err(Fault::new(ca.span(), message));
            }
            Ok(path.to_owned())
        });
        Ok(TargetConfig {
            name,
            base,
            hosts,
            headers,
            vars,
            writes: self.writes,
            scopes: self.scopes,
            tags: self.tags,
            timeout: timeout.transpose()?,
            ca: ca.transpose()?,
            rates: Rates {
                all: rate("rate", self.rate.as_ref())?,
                per_host: rate("rate-per-host", self.rate_per_host.as_ref())?,
            },
            policies,
            auth: self.auth.map(RawAuth::validate).transpose()?,
        })
    }
}

fn url(key: &str, text: &Spanned<String>) -> Result<Url, Fault> {
    parse_base_url(text.get_ref())
        .and_then(|url| {
            if has_user_information(&url) {
                return Err("it holds user information; write `auth` instead".to_owned());
            }
            Ok(url)
        })
        .map_err(|error| Fault::new(text.span(), format!("`{key}`: {error}")))
}

fn rate(key: &str, rate: Option<&Spanned<f64>>) -> Result<Option<f64>, Fault> {
    const MOST: f64 = 1e6;
    let Some(rate) = rate else { return Ok(None) };
    let number = *rate.get_ref();
    // Under one request in an hour nobody means.
    if number.is_finite() && (1.0 / 3600.0..=MOST).contains(&number) {
        return Ok(Some(number));
    }
    let message = format!("`{key}`: write how many requests a second, such as 10 or 0.5");
    Err(Fault::new(rate.span(), message))
}

const WRITE_REFERENCE: &str =
    "write `${env:NAME}` or `${file:PATH}`, so that it stays out of the file";

/// A value that may only be referred to.
pub(super) fn reference(key: &str, text: &Spanned<String>) -> Result<Value, Fault> {
    let value = value(key, text)?;
    if value.is_reference() && value.literal_is_empty() {
        return Ok(value);
    }
    let message = format!("`{key}` is a secret and stands here as it is; {WRITE_REFERENCE}");
    Err(Fault::new(text.span(), message))
}

/// A value that may stand in the file, if it does not look like a secret.
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

fn header(name: &str, text: &Spanned<String>) -> Result<(HeaderName, Value), Fault> {
    let key = format!("headers.{name}");
    // What is known of the value now; the rest is checked when it is resolved.
    let (parsed, _) = parse_header(name, text.get_ref())
        .map_err(|error| Fault::new(text.span(), format!("`headers`: {error}")))?;
    let value = value(&key, text)?;
    let message = if is_credential_header(parsed.as_str()) && !value.is_reference() {
        format!("`{key}` holds credentials as they are; {WRITE_REFERENCE}")
    } else if !is_public_header(parsed.as_str()) && value.looks_random() {
        format!("`{key}` looks like a secret; {WRITE_REFERENCE}")
    } else {
        return Ok((parsed, value));
    };
    Err(Fault::new(text.span(), message))
}

/// Whether a variable of this name is there to hold a secret.
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

/// The ids of a service look as random as its secrets do, so the name decides.
fn var(name: &str, text: &Spanned<String>) -> Result<Value, Fault> {
    let key = format!("vars.{name}");
    let value = value(&key, text)?;
    if names_a_secret(name) && value.looks_random() {
        let message = format!("`{key}` looks like a secret; {WRITE_REFERENCE}");
        return Err(Fault::new(text.span(), message));
    }
    Ok(value)
}

/// A base URL: of HTTP, without a query and a fragment.
pub(crate) fn parse_base_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write http://… or https://…"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}` is not a scheme of HTTP", url.scheme()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a base URL has no query and no fragment".to_owned());
    }
    Ok(url)
}

/// Whether a URL holds a user's name or password (RFC 3986, 3.2.1).
pub(crate) fn has_user_information(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// A host as documented URLs name it, without the scheme's own port.
pub(crate) fn parse_host(host: &str) -> Result<String, String> {
    let scheme = if host.ends_with(":80") {
        "http"
    } else {
        "https"
    };
    if host.contains(['/', '?', '#', '@']) {
        return Err(format!(
            "`{}` is more than a host; write its name alone",
            host.escape_debug()
        ));
    }
    let documented = Service::parse(&format!("{scheme}://{host}")).map_err(|e| e.to_string())?;
    Ok(documented.origin.authority)
}

/// A header from its parts; the value does not stand in the error, for it may
/// be a secret.
pub(crate) fn parse_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::from_bytes(name.trim().as_bytes())
        .map_err(|_| format!("`{}` is not a header name", name.trim().escape_debug()))?;
    if is_framing(parsed.as_str()) {
        return Err(format!(
            "`{parsed}` frames a message, and is the client's to write"
        ));
    }
    let mut value = HeaderValue::from_bytes(value.trim().as_bytes())
        .map_err(|_| format!("the value of `{parsed}` holds a control character"))?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// A time in seconds.
pub(crate) fn parse_seconds(seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "write a number of seconds above 0".to_owned())
}
