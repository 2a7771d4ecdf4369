//! `docproof plan`: shows what a run would send.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use super::args::{Plan, PlanFormat};
use super::docs::{Docs, shown};
use super::exit::{Exit, Failure};
use super::live::HEADER_VARIABLE;
use super::output::Output;
use super::select::{Available, Selected, Selector};
use super::{live, suggest, test};
use crate::page::case::Case;
use crate::project::config::{Auth, Config};
use crate::project::plan::{Given, Target, plan, preview};
use crate::report::curl;
use crate::report::plan::{Piece, Tally, json, pretty};
use crate::run::environment::{outside, variable};
use crate::text::parallel::cores;

/// How a plan names the mock, which has no address.
const MOCK: &str = "the mock of the same pages (use --base-url or --target to plan for a service)";

pub(super) fn run(args: &Plan, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let selector = Selector::new(&args.selection)?;
    let mut config = config.clone();
    let live = live::prepare(&args.live, &mut config, output.secrets())?.service;
    if args.format == PlanFormat::Curl && live.is_none() {
        let message = "--format curl requires a service, because the mock has no address";
        return Err(Failure::new(Exit::Usage, message).help("name one with --base-url or --target"));
    }
    let docs = Docs::find(args.docs.as_deref(), &config)?;
    docs.note_fallback(output);
    // The main host depends on all pages, and a scenario can use a case of any page.
    let collected = docs.collect(cores(), |_| true)?;
    docs.note_recognised(&collected.cases, output);
    output.findings(&collected.diagnostics, false);
    let unread = collected.unread().next().is_some();
    if collected.cases.is_empty() && unread {
        return Ok(Exit::Failed);
    }
    let all: Arc<[Case]> = collected.cases.into();
    // `--suggest` reads the existing scenarios itself.
    let needs_scenarios = selector.asks_for_scenarios();
    let scenarios = if args.suggest && !needs_scenarios {
        Vec::new()
    } else {
        test::scenarios(&config, &docs, &all, live.as_ref(), needs_scenarios, output)?
    };
    if live.is_some() && !unread && !args.suggest {
        live::require_matches(&args.live, &all, &scenarios)?;
    }
    let from = Available {
        docs: &docs,
        config: &config,
        cases: &all,
        scenarios: &scenarios,
        is_live: live.is_some(),
    };
    let Selected {
        cases, scenarios, ..
    } = selector.select(from, output)?;
    if args.suggest {
        let ids: HashSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let takes = |case: &Case| ids.contains(case.id.as_str());
        let drafted = suggest::run(&config, &docs, &all, takes, live.as_ref(), output)?;
        return Ok(if unread { Exit::Failed } else { drafted });
    }
    let target = match &live {
        Some(live) => live.target(config.services.clone(), &all),
        None => Target::unreached(),
    };
    let mut tally = Tally {
        target: match &live {
            Some(live) => live.base.as_str().trim_end_matches('/').to_owned(),
            None => MOCK.to_owned(),
        },
        max_requests: args.live.max_requests,
        token_url: match live.as_ref().and_then(|live| live.auth.as_ref()) {
            Some(Auth::OAuth2(oauth2)) => Some(oauth2.token_url.to_string()),
            _ => None,
        },
        ..Tally::default()
    };
    let outside = outside(&config.project);
    // curl commands need unique names each time; the other formats are reproducible.
    let mut random = match args.format {
        PlanFormat::Curl => outside.random,
        _ => || 0,
    };
    let mut given = Given {
        env: &outside.env,
        files: &*outside.files,
        source: &source,
        now: SystemTime::now(),
        random: &mut random,
    };
    let folder = shown(&config.scenarios);
    for unit in &plan(&cases, &all, &scenarios, &target) {
        let case = &cases[unit.case];
        let previews = preview(case, unit, &all, &target, &mut given);
        let piece = Piece {
            case,
            unit,
            previews: &previews,
            folder: &folder,
        };
        tally.add(piece);
        match args.format {
            PlanFormat::Pretty => output.text(&pretty(piece))?,
            PlanFormat::Json => output.line(&json(piece))?,
            PlanFormat::Curl => output.text(&curl::piece(piece))?,
        }
    }
    match args.format {
        PlanFormat::Pretty => output.line(&tally.pretty())?,
        PlanFormat::Json => output.line(&tally.json())?,
        PlanFormat::Curl => output.line(&format!("# {}", tally.pretty()))?,
    }
    Ok(if unread { Exit::Failed } else { Exit::Passed })
}

/// Finds an environment variable with exactly this value.
fn source(secret: &str, text: &str) -> Option<String> {
    let header = format!(
        "{HEADER_VARIABLE}{}",
        secret.to_uppercase().replace('-', "_")
    );
    [secret.to_owned(), header].into_iter().find(|name| {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit());
        is_name && variable(name).is_some_and(|value| value == text)
    })
}
