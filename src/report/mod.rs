//! Typed results as text: an adapter per command builds the [`model`], and a
//! writer per format turns it into text. Nothing is printed here.

pub(crate) mod adapters;
mod basics;
pub(crate) mod curl;
mod github;
pub(crate) mod history;
mod html;
mod json;
mod junit;
pub(crate) mod listing;
mod markdown;
pub(crate) mod merge;
mod message;
pub(crate) mod model;
pub(crate) mod mutant_lines;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod rules;
mod sarif;
pub(crate) mod settings;
mod tap;
pub(crate) mod terminal;
mod version;

use thiserror::Error;

pub(crate) use basics::{plural, printable, printable_lines};
use model::Report;

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
