//! `docproof check --baseline`: leaves out known findings.

use std::num::NonZeroUsize;

use crate::check::baseline::{self as file, Baseline, Key};
use crate::cli::args::BaselineArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::run::environment;
use crate::text::files;
use crate::text::finding::Diagnostic;
use crate::text::source::Page;

/// Maximum number of fixed findings that are listed.
const MAX_LISTED: usize = 20;

/// The findings compared with the baseline.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// The findings that are new.
    pub findings: Vec<Diagnostic>,
    /// Number of findings in the baseline.
    pub known: usize,
    /// Whether fixed findings in the baseline fail the run.
    pub fails: bool,
}

/// Removes the findings of the baseline. With `--write-baseline`, records all findings
/// and leaves none. Pages and findings must be sorted.
pub(super) fn apply(
    args: &BaselineArgs,
    findings: Vec<Diagnostic>,
    pages: &[Page],
    is_checked: impl Fn(&str) -> bool,
    threads: NonZeroUsize,
    output: &mut Output,
) -> Result<Compared, Failure> {
    let Some(path) = &args.baseline else {
        return Ok(Compared {
            findings,
            ..Compared::default()
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
            fail("read", &error).help("fix the line, or delete the file and use `--write-baseline`")
        });
    let known = file::identities(pages, &findings, threads);
    if args.write_baseline {
        // A broken file is not overwritten, because its dates would be lost.
        let before = before?.unwrap_or_default();
        let today = environment::written_on().to_string();
        let after = before.refreeze(&known, &today, &is_checked);
        files::write(path, &after.text()).map_err(|error| fail("write", &error))?;
        let compared = before.compare(findings, &known, &is_checked);
        list_fixed(&compared.gone, output);
        output.note(&format!("wrote the baseline `{}`", path.display()));
        return Ok(Compared {
            known: after.count(),
            ..Compared::default()
        });
    }
    let Some(before) = before? else {
        let message = format!("the baseline `{}` does not exist", path.display());
        return Err(Failure::new(Exit::Usage, message).help("create it with `--write-baseline`"));
    };
    let compared = before.compare(findings, &known, &is_checked);
    list_fixed(&compared.gone, output);
    if !compared.gone.is_empty() {
        output.note(
            "run the command with `--write-baseline` to remove fixed findings from the baseline",
        );
    }
    Ok(Compared {
        findings: compared.fresh,
        known: compared.frozen,
        fails: args.strict_baseline && !compared.gone.is_empty(),
    })
}

/// Lists findings of the baseline that no longer occur.
fn list_fixed(fixed: &[(Key, usize)], output: &mut Output) {
    for (Key { page, rule, at, .. }, count) in fixed.iter().take(MAX_LISTED) {
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
            "fixed since the baseline: {page}: {rule}{place}{times}"
        ));
    }
    if fixed.len() > MAX_LISTED {
        let more = fixed.len() - MAX_LISTED;
        output.note(&format!("fixed since the baseline: {more} more"));
    }
}
