//! `docproof list`: lists the documented examples.

use std::sync::Arc;

use super::args::{List, ListFormat};
use super::docs::{Docs, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::select::{Available, Selector};
use super::test;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::report::listing;

pub(super) fn run(args: &List, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let selector = Selector::new(&args.selection)?;
    let docs = Docs::find(args.docs.as_deref(), config)?;
    docs.note_fallback(output);
    // A scenario can use a case of any page.
    let needs_scenarios = selector.asks_for_scenarios();
    let needs_all = needs_scenarios && docs.is_own(config);
    let wanted = |page: &str| needs_all || (docs.takes(page) && selector.takes_page(page));
    let collected = docs.collect(threads(args.threads.jobs), wanted)?;
    docs.note_recognised(&collected.cases, output);
    output.findings(&collected.diagnostics, true);
    let unread = collected.unread().next().is_some();
    let all: Arc<[Case]> = collected.cases.into();
    let scenarios = if needs_scenarios {
        test::scenarios(config, &docs, &all, None, true, output)?
    } else {
        Vec::new()
    };
    let from = Available {
        docs: &docs,
        config,
        cases: &all,
        scenarios: &scenarios,
        is_live: false,
    };
    let selected = match selector.select(from, output) {
        // The case may be on an unreadable page.
        Err(failure) if unread && failure.exit == Exit::NoCase => return Ok(Exit::Failed),
        selected => selected?,
    };
    for case in &*selected.cases {
        output.line(&match args.format {
            ListFormat::Table => listing::line(case),
            ListFormat::Json => listing::json(case),
        })?;
    }
    // Cases of unreadable pages are missing from the list.
    Ok(if unread { Exit::Failed } else { Exit::Passed })
}
