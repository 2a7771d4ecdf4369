//! Reports for people: failures with the lines of their page, then the summary.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Style};

use super::basics::{plural, printable, printable_lines};
use super::model::{Cell, Entry, Item, Section, Status, Summary, Table, Weight};
use super::record::{DeviationRecord, DiffRecord};
use crate::run::outcome::KnownDeviation;
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RENDERER: Renderer = Renderer::styled();

/// A failed case: each item with the lines of its page, then the diffs of the
/// response.
pub(crate) fn failure(entry: &Entry<'_>) -> String {
    let help = match &entry.help {
        Some(help) => format!("  {}", printable(help)),
        None => String::new(),
    };
    let tried = match &entry.attempts.tally {
        Some(tally) => format!("  ({tally})"),
        None => String::new(),
    };
    let mut text = format!(
        "{RED}FAIL{RED:#} {BOLD}{}{BOLD:#}{help}{tried}\n",
        printable(&entry.id)
    );
    if let Some((method, target)) = &entry.request {
        put(
            &mut text,
            format_args!("{} {}\n", printable(method), printable(target)),
        );
    }
    for found in entry.errors() {
        text += &item(found);
        text.push('\n');
    }
    for diff in entry.diffs {
        text += &colored(diff);
    }
    text
}

/// A case that passed after it had failed: what was wrong each time.
pub(crate) fn flaky(entry: &Entry<'_>) -> String {
    let mut text = format!(
        "{YELLOW}FLAKY{YELLOW:#} {BOLD}{}{BOLD:#}  {}\n",
        printable(&entry.id),
        entry.attempts.tally.as_deref().unwrap_or_default()
    );
    for (number, found) in entry.attempts.failures() {
        let message = printable(&found.message);
        put(&mut text, format_args!("  {number}: {message}\n"));
    }
    text
}

/// A case on one line.
pub(crate) fn short(entry: &Entry<'_>) -> String {
    let (style, word, text) = match (entry.status, &entry.skip) {
        (Status::Pass, _) => (GREEN, "PASS", duration(entry)),
        (Status::Skip, skip) => {
            let why = skip.as_ref().map(ToString::to_string);
            (YELLOW, "SKIP", why.unwrap_or_default())
        }
        (Status::Fail, _) => {
            let first = entry.errors().next();
            let message = first.map(|item| item.message.clone());
            (RED, "FAIL", message.unwrap_or_default())
        }
    };
    let id = printable(&entry.id);
    format!(
        "{style}{word:>5}{style:#} {id}  {DIM}{}{DIM:#}\n",
        printable(&text)
    )
}

/// The duration of a case.
pub(crate) fn duration(entry: &Entry<'_>) -> String {
    entry
        .ms
        .map_or_else(String::new, |ms| format!("{ms:.0} ms"))
}

/// The request that was sent for a case and its response, line by line.
pub(crate) fn exchange(entry: &Entry<'_>) -> String {
    let Some(exchange) = entry.exchange else {
        return String::new();
    };
    let messages = [
        ('>', exchange.request.text()),
        ('<', exchange.response_text()),
    ];
    let mut text = String::new();
    for (sign, message) in messages {
        for line in printable_lines(&message).split('\n') {
            put(&mut text, format_args!("{DIM}{sign}{DIM:#} {line}\n"));
        }
    }
    text
}

/// A finding with the lines of its page and its help.
pub(crate) fn finding(finding: &Diagnostic) -> String {
    item(&Item::from(finding))
}

/// A finding on one line: `path:line:column: error[rule]: message; help`.
pub(crate) fn short_finding(finding: &Diagnostic) -> String {
    short_item(&Item::from(finding))
}

/// An item with the lines of its page, and its help.
fn item(item: &Item) -> String {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message = printable(&item.message);
    let file = printable(&item.place.file);
    let title = level.primary_title(&*message).id(&*item.rule);
    let mut group = if let Some(excerpt) = &item.excerpt {
        let start = excerpt.before.len();
        let mark = AnnotationKind::Primary
            .span(start..start + excerpt.marked.len())
            .label(item.mark.as_deref().map(printable));
        let source = Snippet::source(excerpt.text())
            .line_start(excerpt.line)
            .path(&*file)
            .annotation(mark);
        title.element(source)
    } else {
        let mut origin = Origin::path(&*file).line(item.place.line);
        if let Some((start, _)) = item.place.range {
            origin = origin.char_column(start.column);
        }
        Group::with_title(title).element(origin)
    };
    if let Some(help) = &item.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    RENDERER.render(&[group])
}

/// An item on one line.
pub(super) fn short_item(item: &Item) -> String {
    let help = item.help.as_ref();
    let help = help.map_or_else(String::new, |help| format!("; {help}"));
    let line = format!(
        "{}: {}[{}]: {}{help}",
        item.place,
        item.severity.name(),
        item.rule,
        item.message,
    );
    printable(&line).into_owned()
}

/// A unified diff, its lines coloured by their signs.
fn colored(diff: &DiffRecord) -> String {
    let mut text = String::new();
    for line in diff.text.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => GREEN,
            Some(b'-') => RED,
            _ => Style::new(),
        };
        put(
            &mut text,
            format_args!("{style}{}{style:#}\n", printable(line)),
        );
    }
    text
}

/// The summary of a run: tables, lists, counts, notes and the verdict.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut text = String::new();
    let tables = summary.tables.iter();
    for table in tables.filter(|table| !table.is_wide) {
        text += &table_text(table);
    }
    for section in &summary.sections {
        text += &section_text(section);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text + &end(summary, Weight::Info)
}

/// The counts of a run, its failures as a whole, and the verdict.
pub(crate) fn short_summary(summary: &Summary) -> String {
    end(summary, Weight::Failure)
}

/// The counts, the notes that weigh enough, and the verdict.
fn end(summary: &Summary, least: Weight) -> String {
    let color = if summary.is_good { GREEN } else { RED };
    let mut text = format!("{color}{}{color:#}{}\n", summary.outcome, summary.scope);
    for note in summary.notes.iter().filter(|note| note.weight >= least) {
        let style = match note.weight {
            Weight::Failure => RED,
            _ => Style::new(),
        };
        put(
            &mut text,
            format_args!("{style}{}{style:#}\n", printable(&note.text)),
        );
    }
    text + &printable(&summary.sentence) + "\n"
}

/// A table: texts are aligned to the left, numbers to the right.
fn table_text(table: &Table) -> String {
    let headings = table.columns.iter().map(|name| (*name).to_owned());
    let mut lines: Vec<Vec<String>> = vec![headings.collect()];
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => printable(text).into_owned(),
            Cell::Number(number) => number.to_string(),
        });
        lines.push(cells.collect());
    }
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let style = if number == 0 { BOLD } else { Style::new() };
        let cells = line.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, &width))| {
            if table.is_number(column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let cells: Vec<String> = cells.collect();
        let line = cells.join("  ");
        put(
            &mut text,
            format_args!("{style}{}{style:#}\n", line.trim_end()),
        );
    }
    text
}

fn section_text(section: &Section) -> String {
    let style = if section.is_bad { RED } else { Style::new() };
    let Section { title, text, .. } = section;
    let mut shown = format!("\n{style}{title}{style:#}{text}\n");
    for line in &section.lines {
        put(&mut shown, format_args!("  {}\n", printable(line)));
    }
    shown
}

/// The slowest cases, the slowest first.
pub(crate) fn slowest(entries: &[Entry<'_>]) -> String {
    let mut text = format!("the {} that took longest:\n", plural(entries.len(), "case"));
    for entry in entries {
        let id = printable(&entry.id);
        put(&mut text, format_args!("{:>9}  {id}\n", duration(entry)));
    }
    text
}

/// How to accept the first snapshots of a project.
pub(crate) fn unaccepted(count: usize) -> String {
    format!(
        "{} without an accepted snapshot; to accept, run `docproof test` and `docproof accept` \
         outside CI and commit `snapshots`",
        plural(count, "response")
    )
}

/// A known deviation, on one line.
pub(crate) fn deviation(known: &KnownDeviation) -> String {
    let record = DeviationRecord::of(Some(&known.id), &known.deviation);
    printable(&record.text()).into_owned()
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a string accepts all text");
}
