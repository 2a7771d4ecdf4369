//! `docproof.toml`: reading and checking the configuration.

mod auth;
mod check;
mod error;
mod extract;
mod parse;
mod raw;
mod raw_auth;
#[cfg(feature = "cli")]
mod schema;
mod service;
mod setting;
mod target;
mod value;
mod written;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::http::policy::Policies;
use crate::page::reader::Extraction;
use crate::text::finding::nearest;
pub use auth::{Auth, KeyPlace};
pub(crate) use auth::{Grant, OAuth2};
pub(crate) use check::CheckConfig;
pub(crate) use error::ConfigError;
use parse::Fault;
pub(crate) use parse::{
    has_user_information, names_a_secret, parse_base_url, parse_header, parse_host, parse_seconds,
};
use raw::RawServices;
#[cfg(feature = "cli")]
pub(crate) use schema::schema;
pub(crate) use service::Service;
pub(crate) use setting::{Setting, Shown, Source};
pub(crate) use target::{Rates, ResolveError, TargetConfig};
pub(crate) use value::{Reference, Sources, Value};
pub(crate) use written::Written;

/// Name of the configuration file, in the root of the project.
pub(crate) const FILE: &str = "docproof.toml";

/// A project: its folders, and how responses are compared.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of `docproof.toml`, or the current folder.
    pub project: PathBuf,
    /// The folder of the pages.
    pub docs: PathBuf,
    /// The folder of the pages, relative to the project, for files that are
    /// committed.
    pub docs_name: String,
    /// The folder of case files.
    pub cases: PathBuf,
    /// The folder of scenarios.
    pub scenarios: PathBuf,
    /// The folder of snapshots.
    pub snapshots: PathBuf,
    /// Whether a response without an accepted snapshot fails a run under CI;
    /// `None` if that depends on the committed snapshots.
    pub requires_snapshots: Option<bool>,
    /// The base URLs of the documented service.
    pub services: Vec<Service>,
    /// Which examples are read from the pages.
    pub extract: Extraction,
    /// How response headers are compared.
    pub policies: Policies,
    /// The services to send to, by name.
    pub targets: BTreeMap<String, TargetConfig>,
    /// How pages are checked.
    pub check: CheckConfig,
    /// The values in the file, in file order.
    pub written: Vec<Written>,
}

impl Config {
    /// Loads the configuration of the project that contains `folder`: the
    /// nearest ancestor with a `docproof.toml`, or `folder` itself.
    pub fn find(folder: &Path) -> Result<Self, ConfigError> {
        let project = folder
            .ancestors()
            .find(|folder| folder.join(FILE).is_file())
            .unwrap_or(folder);
        Self::load(project)
    }

    /// Loads the configuration in `project`. Without a file, returns the
    /// defaults.
    pub fn load(project: &Path) -> Result<Self, ConfigError> {
        let path = project.join(FILE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        let raw = raw::parse(&path, &text)?;
        let mut targets = BTreeMap::new();
        for (name, target) in raw.target {
            let target = target
                .validate(name.clone())
                .map_err(|Fault { at, message }| {
                    raw::syntax(&path, &text, at, format!("[target.{name}]: {message}"))
                })?;
            targets.insert(name, target);
        }
        let check = raw.check.validate().map_err(|Fault { at, message }| {
            raw::syntax(&path, &text, at, format!("[check]: {message}"))
        })?;
        let extract = raw.extract.validate().map_err(|Fault { at, message }| {
            raw::syntax(&path, &text, at, format!("[extract]: {message}"))
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
        let services = raw.docs.service.iter().flat_map(RawServices::list);
        let services = services
            .map(|text| Service::parse(text))
            .collect::<Result<_, _>>()
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
            requires_snapshots: raw.snapshots.required,
            services,
            extract,
            policies,
            targets,
            check,
            written: written::written(&text),
        })
    }

    /// The line of `root` in the file, if it is set.
    pub(crate) fn root_line(&self) -> Option<usize> {
        let mut written = self.written.iter();
        let root = written.find(|written| written.keys == ["docs", "root"])?;
        Some(root.line)
    }

    /// Returns the target with this name.
    pub fn target(&self, name: &str) -> Result<&TargetConfig, ConfigError> {
        self.targets.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.targets.keys().map(String::as_str).collect();
            let near = nearest(name, names.iter().copied());
            let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let all = match names.as_slice() {
                [] => "no targets are configured".to_owned(),
                names => format!("the targets are {}", names.join(", ")),
            };
            ConfigError::NoTarget {
                path: self.project.join(FILE),
                name: name.to_owned(),
                help: near + &all,
            }
        })
    }
}

#[cfg(test)]
mod tests;
