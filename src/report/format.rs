//! The formats of reports, and the one function that writes them.

use thiserror::Error;

use super::model::Report;
use super::{github, html, json, junit, markdown, sarif, tap};

/// The formats for other tools. Every command that judges can report in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `JUnit`'s XML.
    Junit,
    /// One self-contained file.
    Html,
    /// One JSON object per line.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// Markdown for a job summary or a comment.
    Markdown,
}

impl Format {
    /// All formats.
    pub(crate) const ALL: [Self; 7] = [
        Self::Junit,
        Self::Html,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Tap,
        Self::Markdown,
    ];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Html => "html",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Tap => "tap",
            Self::Markdown => "markdown",
        }
    }
}

/// A report that could not be written.
#[derive(Debug, Error)]
pub(crate) enum ReportError {
    /// An error of the XML writer.
    #[error("failed to write the JUnit report: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// An error of the template.
    #[error("failed to write the HTML report: {0}")]
    Html(#[from] askama::Error),
}

/// Writes a report in a format.
pub(crate) fn write(format: Format, report: &Report<'_>) -> Result<String, ReportError> {
    Ok(match format {
        Format::Json => json::report(report),
        Format::Junit => junit::report(report)?,
        Format::Sarif => sarif::report(report),
        Format::Github => github::report(report),
        Format::Tap => tap::report(report),
        Format::Markdown => markdown::report(report),
        Format::Html => html::report(report)?,
    })
}
