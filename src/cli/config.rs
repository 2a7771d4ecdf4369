//! `docproof config`: prints the effective settings and where they come from.

use std::collections::BTreeMap;

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Value as Json, json};

use super::args::{ConfigArgs, ConfigFormat, LiveArgs};
use super::exit::{Exit, Failure};
use super::live::{self, HEADER_VARIABLE, TIMEOUT, variable_header};
use super::output::Output;
use super::test;
use crate::project::config::{
    Config, FILE, Reference, Service, Setting, Shown, Source, Sources, Written, names_a_secret,
    parse_header, parse_host,
};
use crate::project::plan::Limits;
use crate::report::settings;
use crate::run::environment::{PREFIX, update_variable, variable, variables};
use crate::text::secret::Secrets;

pub(super) fn run(
    args: &ConfigArgs,
    given: &ArgMatches,
    config: &Config,
    output: &mut Output,
) -> Result<Exit, Failure> {
    live::reject_user_information(&args.live)?;
    let target = args.live.target.as_deref();
    if let Some(name) = target {
        config.target(name)?;
    }
    let groups = [
        ("project".to_owned(), project(&args.live, given, config)),
        ("run".to_owned(), of_run(args, given, config)),
        ("other targets".to_owned(), others(target, config)),
    ];
    match args.format {
        ConfigFormat::Table => {
            let path = config.project.join(FILE);
            output.line(&if path.is_file() {
                format!("configuration: {}\n", path.display())
            } else {
                format!("no {FILE} in this folder or its parents; using the defaults\n")
            })?;
            output.text(&settings::table(&groups))?;
        }
        ConfigFormat::Json => {
            for setting in groups.iter().flat_map(|(_, settings)| settings) {
                output.line(&settings::json(setting))?;
            }
        }
    }
    Ok(Exit::Passed)
}

/// The settings of the project, without those of runs.
fn project(args: &LiveArgs, given: &ArgMatches, config: &Config) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (name, value) in [
        ("root", Json::from(config.docs_name.as_str())),
        ("service", services(&config.services)),
    ] {
        let line = config.written.iter().find(|w| w.keys == ["docs", name]);
        settings.push(Setting {
            key: format!("docs.{name}"),
            value: Shown::Plain(value),
            source: line.map_or(Source::Default, |written| Source::File(written.line)),
        });
    }
    if let (Some(source), [_, service]) = (source(given, "service"), settings.as_mut_slice()) {
        service.value = Shown::Plain(services(&args.service));
        service.source = source;
    }
    let unannotated = ["extract", "unannotated"];
    let line = config.written.iter().find(|w| w.keys == unannotated);
    settings.push(Setting {
        key: unannotated.join("."),
        value: Shown::Plain(config.extract.unannotated.name().into()),
        source: source(given, "unannotated")
            .or_else(|| Some(Source::File(line?.line)))
            .unwrap_or(Source::Default),
    });
    let of_file = config.written.iter();
    let of_file = of_file.filter(|w| w.keys[0] != "docs" && w.keys != unannotated);
    settings.extend(
        of_file
            .filter(|written| written.keys[0] != "target")
            .map(|w| of_file_as(w, dotted(&w.keys), config)),
    );
    settings
}

/// The settings of a run. Each option has its own name, whatever its source.
fn of_run(args: &ConfigArgs, given: &ArgMatches, config: &Config) -> Vec<Setting> {
    let live = &args.live;
    // The settings of the target, by the keys below its name.
    let mut of_target: Vec<(&[String], &Written)> = config
        .written
        .iter()
        .filter(|written| written.keys[0] == "target")
        .filter(|written| Some(&written.keys[1]) == live.target.as_ref())
        .map(|written| (&written.keys[2..], written))
        .collect();
    let mut settings = Vec::new();
    let scalar = |id: &str, value: Json, written: Option<&Written>| {
        let key = id.replace('_', "-");
        match (source(given, id), written) {
            (None, Some(written)) => of_file_as(written, key, config),
            (source, _) => Setting {
                key,
                value: Shown::Plain(value),
                source: source.unwrap_or(Source::Default),
            },
        }
    };
    let mut take = |key: &str| {
        let at = of_target.iter().position(|(keys, _)| *keys == [key])?;
        Some(of_target.remove(at).1)
    };
    settings.push(scalar("target", json!(live.target), None));
    settings.push(scalar(
        "base_url",
        text(live.base_url.as_ref()),
        take("base-url"),
    ));
    let writes = json!(live.allow_writes.unwrap_or(false));
    settings.push(scalar("allow_writes", writes, take("writes")));
    let timeout = json!(live.timeout.unwrap_or(TIMEOUT).as_secs_f64());
    settings.push(scalar("timeout", timeout, take("timeout")));
    settings.push(scalar("var_default", json!(live.var_default), None));
    settings.push(scalar("body", raw(given, "body"), None));
    settings.push(scalar("strict", json!(live.strict), None));
    settings.push(scalar("max_requests", json!(live.max_requests), None));
    let body = live.max_body.unwrap_or(Limits::default().body);
    settings.push(scalar("max_body", json!(body), None));
    let stream = live.body_timeout.unwrap_or(Limits::default().stream);
    settings.push(scalar("body_timeout", json!(stream.as_secs_f64()), None));
    let jobs = args.run.jobs.unwrap_or_else(test::jobs);
    settings.push(scalar("jobs", json!(jobs), None));
    settings.push(scalar("update", raw(given, "update"), None));

    // Later sources override earlier ones.
    let mut named: BTreeMap<String, Setting> = BTreeMap::new();
    let mut set = |setting: Setting| named.insert(setting.key.clone(), setting);
    for (keys, written) in of_target {
        let key = match keys {
            [table, name] if table == "hosts" => {
                format!("host.{}", parse_host(name).unwrap_or_else(|_| name.clone()))
            }
            [table, name] if table == "vars" => format!("var.{name}"),
            [table, name] if table == "headers" => format!("header.{}", name.to_lowercase()),
            keys => dotted(keys),
        };
        set(of_file_as(written, key, config));
    }
    for (host, url) in &live.host {
        set(of_argument(
            format!("host.{host}"),
            "--host",
            text(Some(url)),
        ));
    }
    for (name, value) in &live.var {
        let setting = of_argument(format!("var.{name}"), "--var", json!(value));
        set(if names_a_secret(name) {
            hidden(setting, "--var".to_owned(), None)
        } else {
            setting
        });
    }
    for (variable, value) in variables(HEADER_VARIABLE) {
        let name = variable[HEADER_VARIABLE.len()..]
            .replace('_', "-")
            .to_lowercase();
        let problem = variable_header(&variable, &value).err();
        let setting = Setting {
            key: format!("header.{name}"),
            value: Shown::Plain(Json::Null),
            source: Source::Variable(variable.clone()),
        };
        set(hidden(setting, variable, problem));
    }
    for header in &live.header {
        // A header without a colon may be a secret value; do not show it.
        let (name, value) = header.split_once(':').unwrap_or(("?", header));
        let key = format!("header.{}", name.trim().to_lowercase());
        let setting = of_argument(key, "--header", Json::Null);
        let problem = parse_header(name, value).err();
        set(hidden(setting, "--header".to_owned(), problem));
    }
    settings.extend(named.into_values());
    settings
}

/// The settings of the targets that are not selected.
fn others(selected: Option<&str>, config: &Config) -> Vec<Setting> {
    config
        .written
        .iter()
        .filter(|written| written.keys[0] == "target")
        .filter(|written| Some(written.keys[1].as_str()) != selected)
        .map(|written| of_file_as(written, dotted(&written.keys), config))
        .collect()
}

fn of_argument(key: String, name: &str, value: Json) -> Setting {
    Setting {
        key,
        value: Shown::Plain(value),
        source: Source::Argument(name.to_owned()),
    }
}

fn hidden(setting: Setting, by: String, problem: Option<String>) -> Setting {
    Setting {
        value: Shown::Secret { by, problem },
        ..setting
    }
}

/// A value of docproof.toml, under this key. Referenced values are secrets.
fn of_file_as(written: &Written, key: String, config: &Config) -> Setting {
    let setting = Setting {
        key,
        value: Shown::Plain(written.value.clone()),
        source: Source::File(written.line),
    };
    let Some(value) = written.reference() else {
        return setting;
    };
    let by: Vec<String> = value
        .references()
        .map(|reference| match reference {
            Reference::Variable(name) => name.to_owned(),
            Reference::File(path) => format!("the file {path}"),
        })
        .collect();
    let sources = Sources {
        project: &config.project,
        variable: &variable,
        secrets: &Secrets::default(),
    };
    hidden(setting, by.join(" and "), value.resolve(sources).err())
}

/// The argument or variable that sets an option.
fn source(given: &ArgMatches, id: &str) -> Option<Source> {
    let name = id.replace('_', "-");
    match given.value_source(id)? {
        ValueSource::CommandLine => Some(Source::Argument(format!("--{name}"))),
        ValueSource::EnvVariable => Some(Source::Variable(match id {
            "update" => update_variable().to_owned(),
            id => format!("{PREFIX}{}", id.to_uppercase()),
        })),
        _ => None,
    }
}

/// The value of an option as given.
fn raw(given: &ArgMatches, id: &str) -> Json {
    let written = given.get_raw(id).and_then(|mut values| values.next());
    written.map_or(Json::Null, |text| text.to_string_lossy().into())
}

/// The URL of the service, or the list of several.
fn services(services: &[Service]) -> Json {
    match services {
        [] => Json::Null,
        [one] => json!(one.to_string()),
        all => all.iter().map(ToString::to_string).collect(),
    }
}

fn text(value: Option<&impl ToString>) -> Json {
    json!(value.map(ToString::to_string))
}

/// Joins keys as TOML writes them.
fn dotted(keys: &[String]) -> String {
    let is_bare = |key: &str| {
        let is_bare_char = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        !key.is_empty() && key.chars().all(is_bare_char)
    };
    let keys = keys.iter().map(|key| {
        if is_bare(key) {
            key.clone()
        } else {
            format!("{key:?}")
        }
    });
    keys.collect::<Vec<_>>().join(".")
}
