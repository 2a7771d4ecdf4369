//! Workflow commands of GitHub Actions, which show a message beside its line.
//!
//! Of each level GitHub shows the first ten a step; what is over that is listed
//! in a group of the log.

use std::fmt::Write;

use super::pretty::plural;
use super::printable;
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

/// How many annotations of a level GitHub shows of a step.
const SHOWN: usize = 10;

/// A message at a line.
#[derive(Debug, Clone)]
pub(crate) struct Annotation {
    /// How bad it is.
    pub severity: Severity,
    /// The file, from the root of the repository.
    pub file: String,
    /// The first and the last line, from 1.
    pub lines: (usize, usize),
    /// The first column and that after the last, where it is known.
    pub columns: Option<(usize, usize)>,
    /// What it is called.
    pub title: String,
    /// The message.
    pub message: String,
}

impl Annotation {
    /// A finding of a page.
    pub(crate) fn of(finding: &Diagnostic) -> Self {
        let (start, end) = (finding.start, finding.end);
        let message = match &finding.help {
            Some(help) => format!("{}\nhelp: {help}", finding.message),
            None => finding.message.clone(),
        };
        Self {
            severity: finding.severity,
            file: finding.file.to_string(),
            lines: (start.line, end.line),
            columns: Some((start.column, end.column)),
            title: finding.rule.name.to_owned(),
            message,
        }
    }

    /// The annotation as a workflow command. Columns are left out where it spans
    /// lines, as GitHub takes them for one line only.
    fn command(&self) -> String {
        let command = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (line, last) = self.lines;
        let mut text = format!(
            "::{command} file={},line={line},endLine={last}",
            property(&self.file),
        );
        if let Some((column, end)) = self.columns.filter(|_| line == last) {
            // Writing to a string does not fail.
            let _ = write!(text, ",col={column},endColumn={end}");
        }
        let _ = write!(text, ",title={}::", property(&self.title));
        text += &data(&self.message);
        text
    }

    /// The annotation as a line of the log.
    fn plain(&self) -> String {
        line(&format!(
            "{}:{}: {}: {}",
            self.file, self.lines.0, self.title, self.message
        ))
    }
}

/// The annotations: as many as GitHub shows, then the others in a group.
pub(crate) fn report(annotations: &[Annotation]) -> String {
    let mut text = String::new();
    let mut left = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let of_level = annotations.iter().filter(|one| one.severity == severity);
        for (at, annotation) in of_level.enumerate() {
            if at < SHOWN {
                let _ = writeln!(text, "{}", annotation.command());
            } else {
                left.push(annotation);
            }
        }
    }
    if !left.is_empty() {
        let more = plural(left.len(), "annotation");
        let _ = writeln!(
            text,
            "::group::{more} more, where GitHub shows {SHOWN} of each level"
        );
        for annotation in left {
            text += &annotation.plain();
        }
        text += "::endgroup::\n";
    }
    text
}

/// The lines of a text for the log, none of which is a command: a command begins
/// a line, or begins with `##[` anywhere.
pub(crate) fn line(text: &str) -> String {
    let lines = text.lines().map(|line| line.replace("##[", "# #["));
    lines
        .map(|line| format!("| {}\n", printable(&line)))
        .collect()
}

/// The message of a command, with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command, with what would end it escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::rules::URL_SYNTAX;
    use crate::text::source::{Page, Span};

    fn finding(start: usize, end: usize, message: &str) -> Diagnostic {
        let page = Page::new("a,b:c.md", "one\ntwo".to_owned());
        Diagnostic::at(&page, &URL_SYNTAX, Span::new(start, end), message)
    }

    #[track_caller]
    fn check(findings: &[Diagnostic], expected: &str) {
        let annotations: Vec<Annotation> = findings.iter().map(Annotation::of).collect();
        assert_eq!(report(&annotations), expected);
    }

    #[test]
    fn what_a_page_says_ends_no_command() {
        check(
            &[finding(0, 2, "50%\n::error::x").help("y\r")],
            "::error file=a%2Cb%3Ac.md,line=1,endLine=1,col=1,endColumn=3,title=url-syntax\
             ::50%25%0A::error::x%0Ahelp: y%0D\n",
        );
        check(
            &[finding(0, 6, "x")],
            "::error file=a%2Cb%3Ac.md,line=1,endLine=2,title=url-syntax::x\n",
        );
    }

    #[test]
    fn what_github_does_not_show_is_in_the_log_and_no_command() {
        let findings = vec![finding(0, 6, "x\n::error::y ##[error]z"); SHOWN + 2];
        let annotations: Vec<Annotation> = findings.iter().map(Annotation::of).collect();
        let text = report(&annotations);
        let commands = text.lines().filter(|line| line.starts_with("::error"));
        assert_eq!(commands.count(), SHOWN);
        assert!(text.contains("::group::2 annotations more"), "{text}");
        let plain = "| a,b:c.md:1: url-syntax: x\n| ::error::y # #[error]z\n";
        assert!(
            text.ends_with(&format!("{plain}{plain}::endgroup::\n")),
            "{text}"
        );
    }
}
