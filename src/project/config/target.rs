//! `[target.NAME]`: a service to send requests to, as written and as checked.
//! References to secrets are resolved later, when the target is used.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;
use url::Url;

use super::auth::Auth;
use super::parse::{
    Fault, WRITE_REFERENCE, has_user_information, names_a_secret, parse_base_url, parse_header,
    parse_host, parse_seconds, value,
};
use super::raw_auth::RawAuth;
use super::value::{Sources, Value};
use crate::http::policy::{Policies, Policy};
use crate::text::secret::{Secret, is_credential_header, is_public_header};

/// A target, checked.
#[derive(Debug, Clone)]
pub struct TargetConfig {
    /// Its name.
    pub name: String,
    /// Its base URL.
    pub base: Url,
    /// Base URLs for other documented hosts, by host.
    pub hosts: BTreeMap<String, Url>,
    /// Headers for each request.
    pub headers: Vec<(HeaderName, Value)>,
    /// Values for placeholders.
    pub vars: BTreeMap<String, Value>,
    /// Whether requests with unsafe methods are sent.
    pub writes: bool,
    /// Scopes of its credentials.
    pub scopes: BTreeSet<String>,
    /// Its features.
    pub tags: BTreeSet<String>,
    /// Timeout of one exchange.
    pub timeout: Option<Duration>,
    /// A file with additional trusted certificates (PEM).
    pub ca: Option<PathBuf>,
    /// Rate limits.
    pub rates: Rates,
    /// Its own header policies; they override those of the project.
    pub policies: Policies,
    /// How requests are authenticated.
    pub auth: Option<Auth<Value>>,
}

/// Rate limits, in requests per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rates {
    /// In total.
    pub all: Option<f64>,
    /// Per host.
    pub per_host: Option<f64>,
}

/// The values of a target, with its references resolved.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Headers for each request.
    pub headers: HeaderMap,
    /// Values for placeholders.
    pub vars: BTreeMap<String, String>,
    /// How requests are authenticated.
    pub auth: Option<Auth<Secret>>,
    /// Additional trusted certificates (PEM).
    pub ca: Option<Vec<u8>>,
}

/// An error of resolving a target.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("failed to use the target `{target}`: `{key}`: {message}")]
pub struct ResolveError {
    /// Its name.
    pub target: String,
    /// The key within the target.
    pub key: String,
    /// What is wrong, and what to do. Contains no value.
    pub message: String,
}

impl TargetConfig {
    /// Resolves the references of the target.
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

/// How a documented header is compared. `exact`: the values are equal. `form`: the values have the
/// same form, such as a date or a number. `media-type`: type, subtype and the documented parameters
/// are equal (RFC 9110, 8.3.1). `present`: the header exists. `ignore`: not compared.
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[cfg_attr(feature = "cli", schemars(transparent, rename = "Policy"))]
pub(super) struct PolicyWord(
    #[cfg_attr(feature = "cli", schemars(extend("enum" = Policy::ALL.map(Policy::name))))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// A service to send requests to. Values in `headers`, `vars` and `auth` may contain references:
/// `${env:NAME}` (an environment variable) and `${file:PATH}` (a file, relative to the project). A
/// secret must be a reference. Write `$${` for a literal `${`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename = "Target")]
pub(super) struct RawTarget {
    /// The `http` or `https` URL that replaces `[docs] service`, without a query, a fragment and
    /// user information.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    base_url: Spanned<String>,
    /// Base URLs that replace other documented hosts, by host. Cases of other hosts are skipped.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, String>"))]
    hosts: BTreeMap<String, Spanned<String>>,
    /// Headers for each request, by name.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, String>"))]
    headers: BTreeMap<String, Spanned<String>>,
    /// Values for placeholders, by name. The second `{id}` of a URL is `id.2`.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, String>"))]
    vars: BTreeMap<String, Spanned<String>>,
    /// Whether to send requests with any method. By default, only GET, HEAD and OPTIONS requests
    /// are sent.
    #[serde(default)]
    writes: bool,
    /// Scopes of the credentials. A scenario that needs another scope is skipped.
    #[serde(default)]
    scopes: BTreeSet<String>,
    /// Features of the service. A scenario that needs another tag is skipped.
    #[serde(default)]
    tags: BTreeSet<String>,
    /// Timeout of one exchange in seconds, above 0. Default: 30.
    #[cfg_attr(feature = "cli", schemars(with = "Option<f64>"))]
    timeout: Option<Spanned<f64>>,
    /// A file with additional trusted certificates (PEM), relative to the project: authorities,
    /// or the certificate of the service itself if it is self-signed.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    ca: Option<Spanned<String>>,
    /// Maximum requests per second in total, such as 10 or 0.5. Default: no limit.
    #[cfg_attr(feature = "cli", schemars(with = "Option<f64>"))]
    rate: Option<Spanned<f64>>,
    /// Maximum requests per second to each host. Default: no limit.
    #[cfg_attr(feature = "cli", schemars(with = "Option<f64>"))]
    rate_per_host: Option<Spanned<f64>>,
    /// How headers are compared for this target. Overrides `[headers]`.
    #[serde(default)]
    #[cfg_attr(feature = "cli", schemars(with = "BTreeMap<String, PolicyWord>"))]
    policies: BTreeMap<String, Spanned<String>>,
    /// How requests are authenticated. Default: no authentication.
    #[cfg_attr(feature = "cli", schemars(with = "Option<RawAuth>"))]
    auth: Option<Spanned<RawAuth>>,
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
                let message = format!("duplicate header `{name}`");
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
                let message = "`ca`: expected the path of a file within the project";
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
                return Err("it contains user information; use `auth` instead".to_owned());
            }
            Ok(url)
        })
        .map_err(|error| Fault::new(text.span(), format!("`{key}`: {error}")))
}

fn rate(key: &str, rate: Option<&Spanned<f64>>) -> Result<Option<f64>, Fault> {
    const MOST: f64 = 1e6;
    let Some(rate) = rate else { return Ok(None) };
    let number = *rate.get_ref();
    // Less than one request per hour is a mistake.
    if number.is_finite() && (1.0 / 3600.0..=MOST).contains(&number) {
        return Ok(Some(number));
    }
    let message = format!("`{key}`: expected a number of requests per second, such as 10 or 0.5");
    Err(Fault::new(rate.span(), message))
}

fn header(name: &str, text: &Spanned<String>) -> Result<(HeaderName, Value), Fault> {
    let key = format!("headers.{name}");
    // Checks the literal part; the whole value is checked when it is resolved.
    let (parsed, _) = parse_header(name, text.get_ref())
        .map_err(|error| Fault::new(text.span(), format!("`headers`: {error}")))?;
    let value = value(&key, text)?;
    let message = if is_credential_header(parsed.as_str()) && !value.is_reference() {
        format!("`{key}` contains credentials in plain text; {WRITE_REFERENCE}")
    } else if !is_public_header(parsed.as_str()) && value.looks_random() {
        format!("`{key}` looks like a secret; {WRITE_REFERENCE}")
    } else {
        return Ok((parsed, value));
    };
    Err(Fault::new(text.span(), message))
}

/// Ids look as random as secrets, so the name decides.
fn var(name: &str, text: &Spanned<String>) -> Result<Value, Fault> {
    let key = format!("vars.{name}");
    let value = value(&key, text)?;
    if names_a_secret(name) && value.looks_random() {
        let message = format!("`{key}` looks like a secret; {WRITE_REFERENCE}");
        return Err(Fault::new(text.span(), message));
    }
    Ok(value)
}
