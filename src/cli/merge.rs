//! `docproof merge`: merges the JSON reports of a partitioned run.

use super::args::{Merge, TestFormat};
use super::exit::{Exit, Failure, explain_nothing};
use super::output::Output;
use super::reports::Reports;
use crate::report::adapters;
use crate::report::merge::{Part, merge};
use crate::report::record::{OutcomeName, RunRecord, case_line, summary_line};
use crate::report::terminal;

pub(super) fn run(args: &Merge, output: &mut Output) -> Result<Exit, Failure> {
    let format = args.format.and_then(TestFormat::report);
    let reports = Reports::new(&args.report, format, args.format.is_some())?;
    let mut parts = Vec::with_capacity(args.files.len());
    for path in &args.files {
        let name = path.display().to_string();
        let failed = |exit, error: &dyn std::fmt::Display| {
            Failure::new(exit, format!("failed to read `{name}`: {error}"))
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(Exit::NotDone, &error))?;
        let run = RunRecord::read(&text).map_err(|error| {
            failed(Exit::Usage, &error).help("create it with `docproof test --report json=FILE`")
        })?;
        parts.push(Part { name, run });
    }
    let run = merge(parts).map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    let summary = &run.summary;
    if reports.is_pretty() {
        for case in &run.cases {
            let entry = adapters::test::entry(case);
            if case.outcome == OutcomeName::Fail {
                output.text(&(terminal::failure(&entry) + "\n"))?;
            } else if case.flaky {
                output.text(&terminal::flaky(&entry))?;
            }
        }
        output.text(&terminal::summary(&adapters::test::summary(summary)))?;
    } else if reports.is_json() {
        for case in &run.cases {
            output.line(&case_line(case))?;
        }
        output.line(&summary_line(summary))?;
    } else {
        for partition in &summary.missing_partitions {
            output.note(&format!("partition {partition} is missing"));
        }
    }
    reports.write_run(&run, None, output)?;
    let exit = Exit::of(summary);
    if exit == Exit::NoCase {
        explain_nothing(summary, output);
    }
    Ok(exit)
}
