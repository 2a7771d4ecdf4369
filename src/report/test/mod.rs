//! The reports of a run of `docproof test`, in the formats of other tools, each
//! made from its record.

mod github;
mod html;
mod junit;
mod markdown;
mod sarif;
mod tap;

use super::history::History;
use super::record::RunRecord;
use super::{Format, ReportError};

/// A run in a format.
pub(crate) fn report(
    format: Format,
    run: &RunRecord,
    history: Option<&History>,
) -> Result<String, ReportError> {
    Ok(match format {
        Format::Json => run.lines(),
        Format::Junit => junit::report(run)?,
        Format::Sarif => sarif::report(run),
        Format::Github => github::report(run),
        Format::Tap => tap::report(run),
        Format::Markdown => markdown::report(run),
        Format::Html => html::report(run, history)?,
    })
}
