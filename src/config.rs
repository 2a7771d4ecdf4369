//! `docproof.toml`: what the person wrote, and what it means.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::diagnostic::help_for_unknown_key;
use crate::policy::{Policies, PolicyError};
use crate::template::{Origin, Part, TargetError, UrlTemplate};

/// The name of the configuration file, at the root of a project.
pub const FILE: &str = "docproof.toml";

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
}

/// The URL under which the docs know the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its origin.
    pub origin: Origin,
    /// Its path, without a slash at the end.
    pub path: String,
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
}

/// The file as the person wrote it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawConfig {
    docs: RawDocs,
    headers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawDocs {
    root: Option<String>,
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
        let raw = match fs::read_to_string(&path) {
            Ok(text) => parse(&path, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => RawConfig::default(),
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
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
        })
    }
}

fn parse(path: &Path, text: &str) -> Result<RawConfig, ConfigError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let help = help_for_unknown_key(error.message())
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        ConfigError::Syntax {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: format!("{}{help}", error.message()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), text).expect("written");
        let error = Config::load(folder.path())
            .expect_err("refused")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_wrong_configuration_is_named_and_placed() {
        check_refused(
            "[docs]\nrot = \"x\"\n",
            "docproof.toml:2:1`: unknown field `rot`",
        );
        check_refused("[docs]\nrot = \"x\"\n", "did you mean `root`?");
        check_refused("[docs\n", "docproof.toml:1:");
        check_refused("[docs]\nroot = \"../x\"\n", "not a folder below it");
        check_refused("[docs]\nservice = \"x\"\n", "not the URL of a service");
        check_refused(
            "[headers]\netag = \"exakt\"\n",
            "`exakt` is not a header policy",
        );
    }

    #[test]
    fn without_a_file_the_defaults_hold() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::load(folder.path()).expect("defaults");
        assert_eq!(config.docs, folder.path().join("specs/docs"));
        assert_eq!(config.service, None);
    }

    #[test]
    fn a_service_is_an_absolute_url() {
        let service = Service::parse("https://A.example/v1.0/").expect("a service");
        assert_eq!(service.origin.authority, "a.example");
        assert_eq!(service.path, "/v1.0");
    }
}
