//! Typed results as text: one small file a format. Everything here takes
//! values and returns strings; nothing is printed.

pub(crate) mod check;
pub(crate) mod curl;
pub(crate) mod excerpt;
pub(crate) mod github;
pub(crate) mod history;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod merge;
pub(crate) mod mutants;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod pretty;
pub(crate) mod record;
pub(crate) mod rules;
mod said;
pub(crate) mod sarif;
pub(crate) mod settings;
pub(crate) mod tap;
pub(crate) mod test;

use thiserror::Error;

/// The formats of other tools, in which each command that judges can report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `JUnit`'s XML.
    Junit,
    /// One file to look at.
    Html,
    /// One JSON object a line.
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
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Junit,
        Self::Html,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Tap,
        Self::Markdown,
    ];

    /// Its name.
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

/// Why a report cannot be made.
#[derive(Debug, Error)]
pub(crate) enum ReportError {
    /// What the writer of XML said.
    #[error("failed to make the JUnit report: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// What the template said.
    #[error("failed to make the HTML report: {0}")]
    Html(#[from] askama::Error),
}

/// Makes text from a page or a service safe to print on a line of its own: a
/// control character could move the cursor or rewrite what stands above.
pub(crate) fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    let harmful = |c: char| c.is_control() && c != '\t';
    if !text.contains(harmful) {
        return text.into();
    }
    let escape = |c: char| {
        if harmful(c) {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect::<String>().into()
}

/// Like [`printable`], but keeps the line ends: a message of several lines is
/// printed as lines.
pub(crate) fn printable_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_messages_of_several_lines_as_lines() {
        let text = "the scenarios are invalid\nerror: a\u{1b}[2J\r\n  --> a.yaml:1\n";
        assert_eq!(
            printable_lines(text),
            "the scenarios are invalid\nerror: a\\u{1b}[2J\n  --> a.yaml:1"
        );
        assert_eq!(printable("a\nb"), "a\\nb");
    }
}
