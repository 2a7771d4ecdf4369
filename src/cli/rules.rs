//! `docproof rules` and `docproof explain`: the rules of `docproof check`, and the
//! comparison of header fields.

use super::args::{Explain, Rules, RulesFormat};
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::http::field::table;
use crate::report::rules;
use crate::text::finding::{is_slip, rule_named};
use crate::text::rules::page_rules;

pub(super) fn rules(args: &Rules, output: &mut Output) -> Result<Exit, Failure> {
    match args.format {
        RulesFormat::Table => output.text(&rules::table(page_rules()))?,
        RulesFormat::Json => {
            for rule in page_rules() {
                output.line(&rules::json(rule))?;
            }
        }
    }
    Ok(Exit::Passed)
}

/// What `docproof explain` explains beside the rules.
const HEADERS: &str = "headers";

pub(super) fn explain(args: &Explain, output: &mut Output) -> Result<Exit, Failure> {
    let named = args.rule.trim();
    if named == HEADERS {
        output.line(table::explanation().trim_end())?;
        return Ok(Exit::Passed);
    }
    let rule = rule_named(named).map_err(|help| {
        let help = if is_slip(named, HEADERS) {
            format!("did you mean `{HEADERS}`?")
        } else {
            help
        };
        Failure::new(Exit::Usage, format!("unknown rule `{named}`")).help(help)
    })?;
    output.line(rule.explanation.trim_end())?;
    Ok(Exit::Passed)
}
