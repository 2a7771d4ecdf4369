//! `--baseline`: what is known and put up with.

use std::num::NonZeroUsize;

use crate::check::baseline::{self, Baseline, Compared, Key};
use crate::cli::args::DebtArgs;
use crate::cli::output::Output;
use crate::cli::{Exit, Failure};
use crate::run::environment;
use crate::text::files;
use crate::text::finding::Diagnostic;
use crate::text::source::Page;

/// The most entries that are named one by one.
const MOST_NAMED: usize = 20;

/// What is left once the baseline is taken out.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// The findings that are new.
    pub findings: Vec<Diagnostic>,
    /// How many are frozen.
    pub frozen: usize,
    /// Whether entries that went away fail the run.
    pub fails: bool,
}

/// Takes the findings of the baseline out, or writes it anew; then none is left.
/// The pages are sorted, and the findings too.
pub(super) fn settle(
    args: &DebtArgs,
    findings: Vec<Diagnostic>,
    pages: &[Page],
    is_checked: impl Fn(&str) -> bool,
    threads: NonZeroUsize,
    output: &mut Output,
) -> Result<Settled, Failure> {
    let Some(path) = &args.baseline else {
        return Ok(Settled {
            findings,
            ..Settled::default()
        });
    };
    let fail = |what: &str, error: &dyn std::fmt::Display| {
        let message = format!(
            "failed to {what} the baseline `{}`: {error}",
            path.display()
        );
        Failure::new(Exit::Usage, message)
    };
    let text = files::read_if_there(path).map_err(|error| fail("read", &error))?;
    let before = text
        .as_deref()
        .map(Baseline::parse)
        .transpose()
        .map_err(|error| {
            fail("read", &error).help("mend the line, or write the file anew: `--write-baseline`")
        });
    let known = baseline::known(pages, &findings, threads);
    if args.write_baseline {
        // A file that is broken is not written over: its days would be lost.
        let before = before?.unwrap_or_default();
        let today = environment::written_on().to_string();
        let after = before.refreeze(&known, &today, &is_checked);
        files::write(path, &after.text()).map_err(|error| fail("write", &error))?;
        let Compared { gone, .. } = before.compare(findings, &known, &is_checked);
        name(&gone, output);
        output.note(&format!("the baseline `{}` is written", path.display()));
        return Ok(Settled {
            frozen: after.count(),
            ..Settled::default()
        });
    }
    let Some(before) = before? else {
        let message = format!("there is no baseline `{}`", path.display());
        return Err(Failure::new(Exit::Usage, message)
            .help("write it: the same command with `--write-baseline`"));
    };
    let compared = before.compare(findings, &known, &is_checked);
    name(&compared.gone, output);
    if !compared.gone.is_empty() {
        output.note(
            "take what is gone out of the baseline: the same command with `--write-baseline`",
        );
    }
    Ok(Settled {
        findings: compared.fresh,
        frozen: compared.frozen,
        fails: args.strict_baseline && !compared.gone.is_empty(),
    })
}

fn name(gone: &[(Key, usize)], output: &mut Output) {
    for (Key { page, rule, at, .. }, count) in gone.iter().take(MOST_NAMED) {
        let place = if at.is_empty() {
            String::new()
        } else {
            format!(" in `{at}`")
        };
        let times = if *count == 1 {
            String::new()
        } else {
            format!(" ({count} times)")
        };
        output.note(&format!(
            "gone from the baseline: {page}: {rule}{place}{times}"
        ));
    }
    if gone.len() > MOST_NAMED {
        let more = gone.len() - MOST_NAMED;
        output.note(&format!("gone from the baseline: {more} more"));
    }
}
