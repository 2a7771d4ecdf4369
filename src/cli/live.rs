//! What the command line, the environment and `[target.NAME]` say of a live
//! service, put together. What is nearer to the run holds: an argument, then a
//! variable, then the file.

use std::time::Duration;

use http::HeaderMap;
use url::Url;

use super::args::LiveArgs;
use super::{Exit, Failure};
use crate::config::{Config, Sources, has_user_information, parse_header};
use crate::environment::variable;
use crate::plan::Live;
use crate::secret::Secrets;

/// What names a variable that holds a header field's value begins with.
pub const HEADER_VARIABLE: &str = "DOCPROOF_HEADER_";
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where a run sends to.
pub struct Prepared {
    /// The service; the mock where there is none.
    pub service: Option<Live>,
    /// How long one exchange may take in all.
    pub timeout: Duration,
}

/// Puts together what is said of a live service. What of it is about comparing
/// goes into `config`. `secrets` learns what is resolved.
pub fn prepare(
    args: &LiveArgs,
    config: &mut Config,
    secrets: &Secrets,
) -> Result<Prepared, Failure> {
    if let Some(service) = &args.service {
        config.service = Some(service.clone());
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
            config.policies.lay_over(&target.policies);
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
        live.base = without_user(base, "--base-url")?;
    }
    for (host, url) in &args.host {
        live.hosts
            .insert(host.clone(), without_user(url, "--host")?);
    }
    live.vars.extend(args.var.iter().cloned());
    live.var_default.clone_from(&args.var_default);
    live.allow_writes |= args.allow_writes;
    live.headers.extend(headers(args)?);
    live.limits.requests = args.max_requests;
    if let Some(bytes) = args.max_body {
        live.limits.body = bytes;
    }
    prepared.service = Some(live);
    Ok(prepared)
}

/// Not clap's to refuse: it would print the password.
fn without_user(url: &Url, argument: &str) -> Result<Url, Failure> {
    if has_user_information(url) {
        return Err(
            Failure::new(Exit::Usage, format!("{argument} holds user information"))
                .help("use DOCPROOF_HEADER_AUTHORIZATION, --header or `[target.NAME.auth]`"),
        );
    }
    Ok(url.clone())
}

/// The headers of variables, then those of arguments.
fn headers(args: &LiveArgs) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name
            .to_str()
            .and_then(|name| name.strip_prefix(HEADER_VARIABLE))
        else {
            continue;
        };
        let value = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        let (name, value) = value
            .and_then(|value| parse_header(&name.replace('_', "-"), value))
            .map_err(|error| {
                Failure::new(Exit::Usage, format!("{HEADER_VARIABLE}{name}: {error}"))
            })?;
        headers.insert(name, value);
    }
    for text in &args.header {
        // Not clap's to refuse: it would print the value, which may be a secret.
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| "write 'Name: value'".to_owned())
            .and_then(|(name, value)| parse_header(name, value))
            .map_err(|error| Failure::new(Exit::Usage, format!("--header: {error}")))?;
        headers.insert(name, value);
    }
    Ok(headers)
}
