//! `docproof.toml`: what the person wrote, and what it means.

mod auth;
mod check;
mod raw_auth;
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

use crate::diagnostic::{help_for_unknown_key, nearest};
use crate::policy::{Policies, PolicyError};
use crate::template::{Origin, Part, TargetError, UrlTemplate};
pub use auth::{Auth, Grant, KeyPlace, OAuth2};
pub use check::CheckConfig;
use check::RawCheck;
use target::{Fault, PolicyWord, RawTarget};
pub use target::{
    Rates, ResolveError, Resolved, TargetConfig, has_user_information, parse_base_url,
    names_a_secret, parse_header, parse_host, parse_seconds,
};
pub use setting::{Setting, Shown, Source};
pub use value::{Reference, Sources, Value, ValueError};
pub use written::Written;

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

/// The configuration of docproof; all of it may be left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename = "Configuration")]
struct RawConfig {
    /// Where the pages stand, and what they document.
    docs: RawDocs,
    /// How the documented headers of an answer are compared, by name; a name may hold `*`.
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
    /// The folder of the pages, inside of the project; `specs/docs` where it is not said.
    root: Option<String>,
    /// The URL under which the pages know the service, such as https://api.example.com/v1.0.
    service: Option<String>,
}

/// The JSON Schema of `docproof.toml`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(RawConfig);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
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
mod tests {
    use super::*;
    use crate::diagnostic::{BROKEN_LINK, ORPHAN_PAGE};

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
    fn levels_are_of_known_rules() {
        for (text, expected) in [
            (
                "[check.rules]\nbroken-lnk = \"warn\"",
                "docproof.toml:2:1`: [check]: `broken-lnk` is no rule; did you mean `broken-link`?",
            ),
            (
                "[check]\nrules = { broken-link = \"warning\" }",
                "docproof.toml:2:25`: [check]: `warning` is no level; write `error`, `warn`",
            ),
            (
                "[[check.override]]\npages = [\"a/{b\"]\nrules = {}",
                "docproof.toml:2:10`: [check]: error parsing glob",
            ),
            (
                "[[check.override]]\npages = [\"a\"]\nrules = { a-b-c-d = \"off\" }",
                "docproof.toml:3:11`: [check]: `a-b-c-d` is no rule",
            ),
            ("[[check.override]]\nrules = {}", "missing field `pages`"),
            ("[check]\nrequired = []", "did you mean `required-keys`?"),
        ] {
            check_refused(text, expected);
        }
    }

    #[test]
    fn levels_are_as_they_are_configured() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "[check]\nrequired-keys = [\"title\"]\n\
                    rules = { broken-link = \"warn\", orphan-page = \"info\" }\n\
                    [[check.override]]\npages = [\"beta/**\"]\nrules = { broken-link = \"off\" }\n";
        fs::write(folder.path().join(FILE), text).expect("written");
        let check = Config::load(folder.path()).expect("a configuration").check;
        let (page, beta) = (check.levels.of("a.md"), check.levels.of("beta/b/a.md"));
        assert!(!page.is_off(&BROKEN_LINK) && beta.is_off(&BROKEN_LINK));
        assert!(!page.is_off(&ORPHAN_PAGE) && !beta.is_off(&ORPHAN_PAGE));
        assert_eq!(check.required_keys, Some(vec!["title".to_owned()]));
        assert_eq!(check.ignored_links, None);
    }

    #[track_caller]
    fn check_target_refused(lines: &str, expected: &str) {
        let text = format!("[target.a]\nbase-url = \"http://127.0.0.1:1\"\n{lines}\n");
        check_refused(&text, expected);
    }

    #[test]
    fn a_secret_in_the_file_is_refused_and_not_shown() {
        const SECRET: &str = "9fQz2LmX7vTb4RkW8cYdJ3nH";
        for (lines, expected) in [
            (
                "[target.a.auth]\ntype = \"bearer\"\ntoken = \"SECRET\"",
                "toml:5:9`: [target.a]: `token` is a secret and stands here as it is; write `${env:NAME}`",
            ),
            (
                "[target.a.auth]\ntype = \"bearer\"\ntoken = \"SECRET${env:A}\"",
                "`token` is a secret",
            ),
            (
                "[target.a.auth]\ntype = \"basic\"\nusername = \"a\"\npassword = \"SECRET\"",
                "`password` is a secret",
            ),
            (
                "[target.a.auth]\ntype = \"api-key\"\nquery = \"a\"\nvalue = \"SECRET\"",
                "`value` is a secret",
            ),
            (
                "[target.a.auth]\ntype = \"oauth2\"\ngrant = \"refresh-token\"\nrefresh-token = \"SECRET\"",
                "`refresh-token` is a secret",
            ),
            (
                "headers.X-Api-Key = \"SECRET\"",
                "toml:3:21`: [target.a]: `headers.X-Api-Key` holds credentials",
            ),
            (
                "headers.X-Tenant = \"SECRET\"",
                "`headers.X-Tenant` looks like a secret",
            ),
            (
                "vars.api-token = \"SECRET\"",
                "`vars.api-token` looks like a secret",
            ),
            (
                "vars.a = \"ghp_SECRET\"",
                "`vars.a` looks like an access token",
            ),
            ("vars.a = \"a ${SECRET}\"", "only `${env:NAME}`"),
            (
                "headers = \"SECRET\"",
                "string is not right here, expected a map",
            ),
            (
                "hosts = { \"a.example\" = \"http://me:SECRET@127.0.0.1\" }",
                "`hosts`: it holds user information",
            ),
        ] {
            let text = lines.replace("SECRET", SECRET);
            check_target_refused(&text, expected);
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(
                folder.path().join(FILE),
                format!("[target.a]\nbase-url = \"http://127.0.0.1:1\"\n{text}\n"),
            )
            .expect("written");
            let error = Config::load(folder.path()).expect_err("refused");
            assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_target_is_named() {
        let oauth2 = "[target.a.auth]\ntype = \"oauth2\"\ngrant = \"client-credentials\"\n\
                      client-id = \"a\"\n";
        for (lines, expected) in [
            ("bas-url = \"x\"", "did you mean `base-url`?"),
            ("rate = 0", "`rate`: write how many requests a second"),
            ("rate-per-host = inf", "`rate-per-host`: write"),
            (
                "timeout = -1",
                "`timeout`: write a number of seconds above 0",
            ),
            (
                "ca = \"../ca.pem\"",
                "`ca`: write the path of a file inside",
            ),
            (
                "hosts = { \"a/b\" = \"http://a.example\" }",
                "more than a host",
            ),
            (
                "hosts = { \"a\" = \"ftp://a.example\" }",
                "not a scheme of HTTP",
            ),
            ("policies = { \"a\" = \"exakt\" }", "not a header policy"),
            (
                "headers = { X-A = \"a\", x-a = \"b\" }",
                "`x-a` stands twice",
            ),
            ("headers = { Content-Length = \"1\" }", "frames a message"),
            ("auth = { type = \"baerer\" }", "did you mean `bearer`?"),
            (
                "auth = { type = \"bearer\" }",
                "type = \"bearer\" needs `token`",
            ),
            (
                "auth = { type = \"bearer\", token = \"${env:A}\", query = \"a\" }",
                "`query` does not belong to type = \"bearer\"",
            ),
            (
                "auth = { type = \"api-key\", value = \"${env:A}\" }",
                "needs one of `header` and `query`",
            ),
            (oauth2, "grant = \"client-credentials\" needs `token-url`"),
            (
                &format!("{oauth2}token-url = \"http://127.0.0.1/#a\""),
                "a fragment",
            ),
            (
                &format!("{oauth2}token-url = \"http://127.0.0.1\"\nusername = \"a\""),
                "`username` does not belong to grant = \"client-credentials\"",
            ),
        ] {
            check_target_refused(lines, expected);
        }
        check_refused("[target.a]\n", "missing field `base-url`");
    }

    #[test]
    fn a_target_is_what_it_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = r#"
[target.staging]
base-url = "https://staging.example.com/v1.0"
writes = true
scopes = ["files.read"]
timeout = 30
rate = 0.5
hosts = { "Upload.example.com:443" = "https://up.staging.example.com" }
[target.staging.headers]
Accept-Language = "en"
Idempotency-Key = "one"
X-Api-Key = "${env:UNSET}"
[target.staging.vars]
id = "01BYE5RZ6QN3ZWBTUFOFD3GSPGOHDJD36K"
[target.staging.auth]
type = "oauth2"
grant = "password"
username = "me@example.com"
password = "${file:/run/secrets/password}"
token-url = "http://127.0.0.1:9/token?tenant=a"
client-id = "3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10"
"#;
        fs::write(folder.path().join(FILE), text).expect("written");
        let config = Config::load(folder.path()).expect("a configuration");
        let target = config.target("staging").expect("a target");
        assert!(target.writes);
        assert_eq!(target.timeout, Some(std::time::Duration::from_secs(30)));
        assert_eq!(target.rates.all, Some(0.5));
        assert!(target.hosts.contains_key("upload.example.com"));
        let Some(Auth::OAuth2(oauth2)) = &target.auth else {
            panic!("{:?}", target.auth);
        };
        assert_eq!(oauth2.token_url.query(), Some("tenant=a"));
        assert!(matches!(oauth2.grant, Grant::Password { .. }));
        let error = config.target("stagign").expect_err("unknown").to_string();
        assert!(error.contains("did you mean `staging`? its targets are staging"));
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
