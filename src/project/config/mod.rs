//! `docproof.toml`: what the person wrote, and what it means.

mod auth;
mod check;
mod raw_auth;
mod schema;
mod setting;
mod target;
mod value;
mod written;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;
use thiserror::Error;

use crate::http::policy::{Policies, PolicyError};
use crate::http::url::{Origin, Part, TargetError, UrlTemplate};
use crate::text::finding::{help_for_unknown_key, nearest};
pub use auth::{Auth, KeyPlace};
pub(crate) use auth::{Grant, OAuth2};
pub(crate) use check::CheckConfig;
use check::RawCheck;
pub(crate) use schema::schema;
pub(crate) use setting::{Setting, Shown, Source};
use target::{Fault, PolicyWord, RawTarget};
pub(crate) use target::{
    Rates, ResolveError, TargetConfig, has_user_information, names_a_secret, parse_base_url,
    parse_header, parse_host, parse_seconds,
};
pub(crate) use value::{Reference, Sources, Value};
pub(crate) use written::Written;

/// The name of the configuration file, at the root of a project.
pub(crate) const FILE: &str = "docproof.toml";

/// A project: where its parts stand, and how its answers are compared.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of `docproof.toml`, or the working folder.
    pub project: PathBuf,
    /// The docs root.
    pub docs: PathBuf,
    /// The docs root as the project names it, for files that are committed.
    pub docs_name: String,
    /// The folder of case files.
    pub cases: PathBuf,
    /// The folder of scenarios.
    pub scenarios: PathBuf,
    /// The folder of snapshots.
    pub snapshots: PathBuf,
    /// The documented service.
    pub service: Option<Service>,
    /// How response headers are compared.
    pub policies: Policies,
    /// The services to send to, by name.
    pub targets: BTreeMap<String, TargetConfig>,
    /// How pages are checked.
    pub check: CheckConfig,
    /// What stands in the file, in its order.
    pub written: Vec<Written>,
}

/// The URL under which the docs know the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its origin.
    pub origin: Origin,
    /// Its path, without a slash at the end.
    pub path: String,
}

impl fmt::Display for Service {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}://{}{}",
            self.origin.scheme, self.origin.authority, self.path
        )
    }
}

impl Service {
    /// Reads the URL of a service.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let url = UrlTemplate::parse(text)?;
        let (Some(origin), None) = (url.origin, url.query) else {
            return Err(ServiceError::Relative(text.to_owned()));
        };
        if url
            .path
            .0
            .iter()
            .any(|part| matches!(part, Part::Placeholder(_)))
        {
            return Err(ServiceError::Relative(text.to_owned()));
        }
        let path = url.path.as_literal().unwrap_or("/").trim_end_matches('/');
        Ok(Self {
            origin,
            path: path.to_owned(),
        })
    }
}

/// A service that is no absolute URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// No URL at all.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A URL without an origin, or with a query or placeholders.
    #[error("`{0}` is not the URL of a service, such as https://api.example.com/v1.0")]
    Relative(String),
}

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no configuration.
    #[error("failed to read `{}:{line}:{column}`: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// What is wrong, and what to write instead.
        message: String,
    },
    /// `[docs] service` is no URL.
    #[error("failed to read `[docs] service` in `{}`: {source}", path.display())]
    Service {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ServiceError,
    },
    /// `[docs] root` or another folder leads out of the project.
    #[error("`{folder}` in `{}` is not a folder below it", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: String,
    },
    /// A header policy that cannot be read.
    #[error("failed to read `[headers]` in `{}`: {source}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// A target that does not exist.
    #[error("there is no `[target.{name}]` in `{}`; {help}", path.display())]
    NoTarget {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The nearest name, and all of them.
        help: String,
    },
}

/// The configuration of docproof, `docproof.toml` in the project's root. All of it may be left
/// out; an argument and a variable (`docproof config` shows which) come before it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "Configuration")]
struct RawConfig {
    /// Where the pages stand, and what they document.
    docs: RawDocs,
    /// How the documented headers of an answer are compared, by name, case aside. A name may hold
    /// `*`; of several that fit, a whole name comes first, and then the longest.
    #[schemars(with = "BTreeMap<String, PolicyWord>")]
    headers: BTreeMap<String, String>,
    /// The services to send to, by the name that `--target` gives.
    target: BTreeMap<String, RawTarget>,
    /// How pages are checked.
    check: RawCheck,
}

/// Where the pages stand, and what they document.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "Docs")]
struct RawDocs {
    /// The folder of the pages, a path inside of the project; `specs/docs` where it is left out.
    root: Option<String>,
    /// The URL under which the pages know the service, such as `https://api.example.com/v1.0`.
    service: Option<String>,
}

impl Config {
    /// Reads the configuration of the project that `folder` belongs to: the
    /// nearest folder upwards with a `docproof.toml`, or else `folder` itself.
    pub fn find(folder: &Path) -> Result<Self, ConfigError> {
        let project = folder
            .ancestors()
            .find(|folder| folder.join(FILE).is_file())
            .unwrap_or(folder);
        Self::load(project)
    }

    /// Reads the configuration in `project`; without a file, the defaults.
    pub fn load(project: &Path) -> Result<Self, ConfigError> {
        let path = project.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        let raw = parse(&path, &text)?;
        let mut targets = BTreeMap::new();
        for (name, target) in raw.target {
            let target = target
                .validate(name.clone())
                .map_err(|Fault { at, message }| {
                    syntax(&path, &text, at, format!("[target.{name}]: {message}"))
                })?;
            targets.insert(name, target);
        }
        let check = raw.check.validate().map_err(|Fault { at, message }| {
            syntax(&path, &text, at, format!("[check]: {message}"))
        })?;
        let docs_name = raw.docs.root.unwrap_or_else(|| "specs/docs".to_owned());
        if Path::new(&docs_name).is_absolute()
            || docs_name.split(['/', '\\']).any(|part| part == "..")
        {
            return Err(ConfigError::Folder {
                path,
                folder: docs_name,
            });
        }
        let service = raw
            .docs
            .service
            .map(|text| Service::parse(&text))
            .transpose()
            .map_err(|source| ConfigError::Service {
                path: path.clone(),
                source,
            })?;
        let mut policies = Policies::default();
        for (pattern, policy) in &raw.headers {
            policy
                .parse()
                .and_then(|policy| policies.add(pattern, policy))
                .map_err(|source| ConfigError::Policy {
                    path: path.clone(),
                    source,
                })?;
        }
        Ok(Self {
            project: project.to_owned(),
            docs: project.join(&docs_name),
            docs_name: docs_name.trim_end_matches('/').to_owned(),
            cases: project.join("specs/cases"),
            scenarios: project.join("specs/scenarios"),
            snapshots: project.join("snapshots"),
            service,
            policies,
            targets,
            check,
            written: written::written(&text),
        })
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Result<&TargetConfig, ConfigError> {
        self.targets.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.targets.keys().map(String::as_str).collect();
            let near = nearest(name, names.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let all = match names.as_slice() {
                [] => "it has no targets".to_owned(),
                names => format!("its targets are {}", names.join(", ")),
            };
            ConfigError::NoTarget {
                path: self.project.join(FILE),
                name: name.to_owned(),
                help: near + &all,
            }
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<RawConfig, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let message = without_value(error.message());
        let help = help_for_unknown_key(error.message())
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        syntax(path, text, at, format!("{message}{help}"))
    })
}

/// A message of serde's about a value of a wrong type, without the value,
/// which may be a secret.
fn without_value(message: &str) -> String {
    let quoted = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| Some((rest, rest.rfind(", expected ")?)));
    let Some((rest, expected)) = quoted else {
        return message.to_owned();
    };
    let found = &rest[..expected];
    let kind = found.find([' ', '`', '"']).map_or(found, |at| &found[..at]);
    format!("{kind} is not right here{}", &rest[expected..])
}

fn syntax(path: &Path, text: &str, at: usize, message: String) -> ConfigError {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    ConfigError::Syntax {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        message,
    }
}

#[cfg(test)]
mod tests;
