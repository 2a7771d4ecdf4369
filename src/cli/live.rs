//! Merges the settings of a live service: arguments override environment
//! variables, and those override `[target.NAME]` of docproof.toml.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::args::LiveArgs;
use super::exit::{Exit, Failure};
use crate::page::case::Case;
use crate::project::config::{Config, Sources, has_user_information, parse_header};
use crate::project::plan::{Live, Mappings};
use crate::project::scenario::Scenario;
use crate::run::environment::{variable, variables};
use crate::text::secret::Secrets;

/// Prefix of variables that set a header field.
pub(super) const HEADER_VARIABLE: &str = "DOCPROOF_HEADER_";
/// Default timeout of one exchange.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Where a run sends its requests.
pub(super) struct Prepared {
    /// The service; the mock if `None`.
    pub service: Option<Live>,
    /// Timeout of one exchange.
    pub timeout: Duration,
}

/// Merges the settings of a live service. Header policies go into `config`, and
/// resolved secrets into `secrets`.
pub(super) fn prepare(
    args: &LiveArgs,
    config: &mut Config,
    secrets: &Secrets,
) -> Result<Prepared, Failure> {
    reject_user_information(args)?;
    if !args.service.is_empty() {
        config.services.clone_from(&args.service);
    }
    let mut prepared = Prepared {
        service: None,
        timeout: args.timeout.unwrap_or(TIMEOUT),
    };
    let mut live = match (&args.target, &args.base_url) {
        (Some(name), _) => {
            let target = config.target(name)?.clone();
            let sources = Sources {
                project: &config.project,
                variable: &variable,
                secrets,
            };
            let live = Live::of(&target, sources)
                .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
            config.policies.override_with(&target.policies);
            if let (None, Some(timeout)) = (args.timeout, target.timeout) {
                prepared.timeout = timeout;
            }
            live
        }
        (None, Some(base)) => Live {
            secrets: secrets.clone(),
            ..Live::new(base.clone())
        },
        (None, None) => return Ok(prepared),
    };
    if let Some(base) = &args.base_url {
        live.base = base.clone();
    }
    for (host, url) in &args.host {
        live.hosts.insert(host.clone(), url.clone());
    }
    live.vars.extend(args.var.iter().cloned());
    live.var_default.clone_from(&args.var_default);
    live.allow_writes = args.allow_writes.unwrap_or(live.allow_writes);
    live.headers.extend(headers(args)?);
    live.limits.requests = args.max_requests;
    if let Some(bytes) = args.max_body {
        live.limits.body = bytes;
    }
    if let Some(timeout) = args.body_timeout {
        live.limits.stream = timeout;
    }
    prepared.service = Some(live);
    Ok(prepared)
}

/// Whether the arguments map hosts, URLs or placeholders of the docs.
pub(super) fn has_mappings(args: &LiveArgs) -> bool {
    !args.service.is_empty() || !args.host.is_empty() || !args.var.is_empty()
}

/// Fails if an argument maps something that is not in the docs. `cases` are those of the
/// whole docs.
pub(super) fn require_matches(
    args: &LiveArgs,
    cases: &[Case],
    scenarios: &[Arc<Scenario>],
) -> Result<(), Failure> {
    let hosts: Vec<&str> = args.host.iter().map(|(host, _)| host.as_str()).collect();
    let vars: Vec<&str> = args.var.iter().map(|(name, _)| name.as_str()).collect();
    let mappings = Mappings {
        services: &args.service,
        hosts: &hosts,
        vars: &vars,
    };
    let Some(idle) = mappings.first_idle(cases, scenarios) else {
        return Ok(());
    };
    let (option, name) = (idle.option, &idle.name);
    let message = format!("`--{option} {name}` {}", idle.message);
    let failure = Failure::new(Exit::Usage, message);
    Err(match idle.help {
        Some(help) => failure.help(help),
        None => failure,
    })
}

/// Rejects user information in URLs. clap does not do this, because its error
/// would print the password.
pub(super) fn reject_user_information(args: &LiveArgs) -> Result<(), Failure> {
    let base = args.base_url.iter().map(|url| ("--base-url", url));
    let hosts = args.host.iter().map(|(_, url)| ("--host", url));
    match base.chain(hosts).find(|(_, url)| has_user_information(url)) {
        Some((argument, _)) => Err(Failure::new(
            Exit::Usage,
            format!("{argument} must not contain user information"),
        )
        .help("use DOCPROOF_HEADER_AUTHORIZATION, --header or `[target.NAME.auth]`")),
        None => Ok(()),
    }
}

/// The header field of a variable: `DOCPROOF_HEADER_X_A` sets `x-a`.
pub(super) fn variable_header(
    variable: &str,
    value: &OsStr,
) -> Result<(HeaderName, HeaderValue), String> {
    let name = variable.trim_start_matches(HEADER_VARIABLE);
    let value = value.to_str().ok_or("the value is not UTF-8")?;
    parse_header(&name.replace('_', "-"), value)
}

/// The header fields of variables and arguments; arguments override variables.
fn headers(args: &LiveArgs) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (variable, value) in variables(HEADER_VARIABLE) {
        let (name, value) = variable_header(&variable, &value)
            .map_err(|error| Failure::new(Exit::Usage, format!("{variable}: {error}")))?;
        headers.insert(name, value);
    }
    for text in &args.header {
        // clap does not parse this: its error would print the value, maybe a secret.
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| "expected 'Name: value'".to_owned())
            .and_then(|(name, value)| parse_header(name, value))
            .map_err(|error| Failure::new(Exit::Usage, format!("--header: {error}")))?;
        headers.insert(name, value);
    }
    Ok(headers)
}
