//! `docproof list`.

use super::args::{List, ListFormat};
use super::docs::{Docs, Selector, threads};
use super::output::Output;
use super::{Exit, Failure};
use crate::config::Config;
use crate::report::{json, pretty};

pub fn run(args: &List, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let selector = Selector::new(&args.selection)?;
    let docs = Docs::find(args.docs.as_deref(), config)?;
    let wanted = |page: &str| docs.takes(page) && selector.takes_page(page);
    let collected = docs.collect(threads(args.jobs), wanted)?;
    output.findings(&collected.diagnostics, true);
    let unread = collected.unread().next().is_some();
    let mut found = false;
    for case in collected.cases.iter().filter(|case| selector.takes(case)) {
        found = true;
        output.line(&match args.format {
            ListFormat::Table => pretty::case(case),
            ListFormat::Json => json::case(case),
        })?;
    }
    if !found && !unread {
        selector.select(&docs, &collected.cases.into())?;
    }
    // A page that could not be read is a page whose cases are missing here.
    Ok(if unread { Exit::Failed } else { Exit::Passed })
}
