//! Workflow commands of GitHub Actions, which annotate lines of files.
//!
//! GitHub shows the first ten annotations of each level and step. Any others are
//! listed in a group of the log.

use std::fmt::Write;

use super::basics::{plural, printable, printable_lines};
use super::model::{Data, Entry, EntryKind, Item, Place, Report};
use crate::text::severity::Severity;

/// The number of annotations per level that GitHub shows for a step.
const SHOWN: usize = 10;

/// The report.
pub(crate) fn report(report: &Report<'_>) -> String {
    let annotations: Vec<Annotation<'_>> = report
        .items()
        .map(|(entry, item)| Annotation::new(entry, item))
        .collect();
    let mut text = commands(&annotations);
    // A check prints its counts to standard error.
    if !matches!(report.data, Data::Items(_)) {
        let log = report.summary.log();
        text.extend(log.iter().map(|line| log_line(line)));
    }
    text
}

/// The annotation of an item.
struct Annotation<'a> {
    severity: Severity,
    place: &'a Place,
    title: String,
    message: String,
}

impl<'a> Annotation<'a> {
    fn new(entry: &Entry<'_>, item: &'a Item) -> Self {
        Self {
            severity: item.severity,
            place: &item.place,
            title: match entry.kind {
                EntryKind::Finding => item.rule.to_string(),
                _ => format!("{} ({})", entry.id, item.rule),
            },
            message: match entry.help_for(item) {
                Some(help) => format!("{}\nhelp: {help}", item.message),
                None => item.message.clone(),
            },
        }
    }

    /// The workflow command. GitHub accepts columns only if the annotation is
    /// within one line.
    fn command(&self) -> String {
        let command = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let Place { file, line, range } = self.place;
        let last = range.map_or(*line, |(_, end)| end.line);
        let mut text = format!(
            "::{command} file={},line={line},endLine={last}",
            property(file),
        );
        if let Some((start, end)) = range.filter(|_| *line == last) {
            // Writing to a string does not fail.
            let _ = write!(text, ",col={},endColumn={}", start.column, end.column);
        }
        let _ = write!(text, ",title={}::", property(&self.title));
        text += &data(&self.message);
        text
    }

    /// The annotation as lines of the log.
    fn log_lines(&self) -> String {
        let Place { file, line, .. } = self.place;
        let (title, message) = (&self.title, &self.message);
        let text = format!("{file}:{line}: {title}: {message}");
        printable_lines(&text).lines().map(log_line).collect()
    }
}

/// As many annotations as GitHub shows, then the others in a group.
fn commands(annotations: &[Annotation<'_>]) -> String {
    let mut text = String::new();
    let mut rest = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let of_level = annotations.iter().filter(|one| one.severity == severity);
        for (at, annotation) in of_level.enumerate() {
            if at < SHOWN {
                let _ = writeln!(text, "{}", annotation.command());
            } else {
                rest.push(annotation);
            }
        }
    }
    if !rest.is_empty() {
        let rest_count = plural(rest.len(), "more annotation");
        let _ = writeln!(
            text,
            "::group::{rest_count} (GitHub shows {SHOWN} per level)"
        );
        for annotation in rest {
            text += &annotation.log_lines();
        }
        text += "::endgroup::\n";
    }
    text
}

/// A line of the log that contains no command. A command starts a line with
/// `::`, or starts anywhere with `##[`.
fn log_line(text: &str) -> String {
    format!("| {}\n", printable(&text.replace("##[", "# #[")))
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::finding::Diagnostic;
    use crate::text::rules::URL_SYNTAX;
    use crate::text::source::{Page, Span};

    fn item(start: usize, end: usize, message: &str, help: Option<&str>) -> Item {
        let page = Page::new("a,b:c.md", "one\ntwo".to_owned());
        let finding = Diagnostic::at(&page, &URL_SYNTAX, Span::new(start, end), message);
        Item {
            help: help.map(str::to_owned),
            ..Item::from(&finding)
        }
    }

    fn written(items: &[Item]) -> String {
        let entries: Vec<Entry<'_>> = items.iter().cloned().map(Entry::of_finding).collect();
        let pairs = entries.iter().zip(items);
        let annotations: Vec<_> = pairs
            .map(|(entry, item)| Annotation::new(entry, item))
            .collect();
        commands(&annotations)
    }

    #[test]
    fn escapes_text_that_could_end_a_command() {
        assert_eq!(
            written(&[item(0, 2, "50%\n::error::x", Some("y\r"))]),
            "::error file=a%2Cb%3Ac.md,line=1,endLine=1,col=1,endColumn=3,title=url-syntax\
             ::50%25%0A::error::x%0Ahelp: y%0D\n",
        );
        assert_eq!(
            written(&[item(0, 6, "x", None)]),
            "::error file=a%2Cb%3Ac.md,line=1,endLine=2,title=url-syntax::x\n",
        );
    }

    #[test]
    fn lists_what_github_does_not_show_without_commands() {
        let items = vec![item(0, 6, "x\n::error::y ##[error]z\u{1b}", None); SHOWN + 2];
        let text = written(&items);
        let commands = text.lines().filter(|line| line.starts_with("::error"));
        assert_eq!(commands.count(), SHOWN);
        assert!(text.contains("::group::2 more annotations"), "{text}");
        let plain = "| a,b:c.md:1: url-syntax: x\n| ::error::y # #[error]z\\u{1b}\n";
        assert!(
            text.ends_with(&format!("{plain}{plain}::endgroup::\n")),
            "{text}"
        );
    }
}
