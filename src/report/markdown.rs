//! Markdown for a job summary or a comment, within the length that GitHub
//! accepts.

use super::basics::plural;
use super::model::{Cell, Column, Entry, EntryKind, Item, Report, Status, Table, Weight};
use crate::text::severity::Severity;

/// The longest text, in characters: GitHub accepts 65,536 in a comment.
const LIMIT: usize = 65_000;
/// What is reserved for the line that counts the omitted rows.
const RESERVE: usize = 200;
/// The longest text of a cell or a paragraph.
const CELL: usize = 300;

/// The report: the outcome, notes, tables of counts, and a table of what is
/// wrong.
pub(crate) fn report(report: &Report<'_>) -> String {
    let summary = &report.summary;
    let mark = if summary.is_good { "✅" } else { "❌" };
    let mut paragraphs = vec![format!("{mark} **{}**", escaped(&summary.counts(), CELL))];
    if !summary.sentence.is_empty() {
        paragraphs.push(escaped(&summary.sentence, CELL));
    }
    let notes = summary.notes.iter();
    let notes = notes.filter(|note| note.weight >= Weight::Info);
    paragraphs.extend(notes.map(|note| escaped(&note.text, CELL)));
    paragraphs.extend(summary.tables.iter().map(count_table));
    let columns = report.list.columns;
    let entries = || report.entries().filter(|entry| is_listed(entry));
    let is_per_item = columns.contains(&Column::Mutant);
    let rows: Vec<Vec<String>> = if is_per_item {
        let items = report.items();
        items
            .map(|(entry, item)| row(columns, entry, Some(item)))
            .collect()
    } else {
        let of = |rank: u8| entries().filter(move |entry| self::rank(entry) == rank);
        let sorted = of(0).chain(of(1)).chain(of(2));
        sorted.map(|entry| row(columns, entry, None)).collect()
    };
    let headings: Vec<&str> = columns.iter().map(|column| column.heading()).collect();
    document(&Digest {
        title: report.title,
        paragraphs,
        columns: &headings,
        rows,
        noun: if is_per_item {
            "failure"
        } else {
            report.list.noun
        },
    })
}

/// Whether an entry is worth a row: failures, flaky cases and findings.
fn is_listed(entry: &Entry<'_>) -> bool {
    match entry.kind {
        EntryKind::Finding => true,
        EntryKind::CleanPage => false,
        EntryKind::Case | EntryKind::MutatedCase => {
            entry.status == Status::Fail || entry.attempts.is_flaky
        }
    }
}

/// Failures come first, then warnings and flaky cases.
fn rank(entry: &Entry<'_>) -> u8 {
    let severity = entry.items.first().map(|item| item.severity);
    match (entry.kind, severity) {
        (EntryKind::Finding, Some(Severity::Info)) => 2,
        _ if entry.status == Status::Fail => 0,
        _ => 1,
    }
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::Page => "Page",
            Self::Case => "Case",
            Self::Rule => "Rule",
            Self::Mutant => "Mutant",
            Self::Message(heading) => heading,
        }
    }
}

/// The row of an item, or of an entry with its first item.
fn row(columns: &[Column], entry: &Entry<'_>, item: Option<&Item>) -> Vec<String> {
    let first = || {
        if entry.kind == EntryKind::Finding {
            return entry.items.first();
        }
        let earlier = || entry.attempts.failures().map(|(_, item)| item).next();
        entry.errors().next().or_else(earlier)
    };
    let shown = item.or_else(first);
    let cell = |column: &Column| match column {
        Column::Page => {
            let place = shown.map_or(&entry.place, |item| &item.place);
            escaped(&format!("{}:{}", place.file, place.line), CELL)
        }
        Column::Case => escaped(&entry.id, CELL),
        Column::Rule => {
            let severity = shown.map_or("", |item| item.severity.name());
            escaped(&format!("{severity} {}", entry.id), CELL)
        }
        Column::Mutant => escaped(shown.map_or("", |item| &item.rule), CELL),
        Column::Message(_) => message(entry, shown, item.is_none()),
    };
    columns.iter().map(cell).collect()
}

/// The message of an item, with the number of items that are not shown.
fn message(entry: &Entry<'_>, shown: Option<&Item>, counts_others: bool) -> String {
    let message = match shown {
        Some(Item {
            message,
            help: Some(help),
            ..
        }) => format!("{message}; {help}"),
        Some(item) => item.message.clone(),
        None => String::new(),
    };
    let flaky = match (&entry.attempts.tally, entry.attempts.is_flaky) {
        (Some(tally), true) => format!("flaky, {tally}: "),
        _ => String::new(),
    };
    let more = match entry.errors().count() {
        count if count > 1 && counts_others => format!(" (and {} more)", count - 1),
        _ => String::new(),
    };
    format!("{flaky}{}{more}", escaped(&message, CELL))
}

/// A table of counts.
fn count_table(table: &Table) -> String {
    let rows = table.rows.iter().map(|row| {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => escaped(text, CELL),
            Cell::Number(number) => number.to_string(),
        });
        cells.collect::<Vec<_>>()
    });
    let mut text = head(table.columns);
    text.extend(rows.map(|row| line(&row)));
    text.truncate(text.trim_end().len());
    text
}

/// What a document consists of, in Markdown.
#[derive(Debug)]
struct Digest<'a> {
    /// The heading.
    title: &'a str,
    /// The paragraphs below it.
    paragraphs: Vec<String>,
    /// The headings of the columns.
    columns: &'a [&'a str],
    /// The rows of the table.
    rows: Vec<Vec<String>>,
    /// What a row is called.
    noun: &'a str,
}

/// The document, with as many rows as fit.
fn document(digest: &Digest<'_>) -> String {
    let mut text = format!("### {}\n", digest.title);
    for paragraph in &digest.paragraphs {
        text += &format!("\n{paragraph}\n");
    }
    if digest.rows.is_empty() {
        return text;
    }
    text += &format!("\n{}", head(digest.columns));
    let mut length = text.chars().count();
    for (at, row) in digest.rows.iter().enumerate() {
        let row = line(row);
        length += row.chars().count();
        if length > LIMIT - RESERVE {
            let rest = digest.rows.len() - at;
            let noun = format!("more {}", digest.noun);
            text += &format!("\n{} omitted to limit the length.\n", plural(rest, &noun));
            break;
        }
        text += &row;
    }
    text
}

fn head(columns: &[&str]) -> String {
    format!(
        "| {} |\n|{}\n",
        columns.join(" | "),
        "---|".repeat(columns.len())
    )
}

fn line(row: &[String]) -> String {
    format!("| {} |\n", row.join(" | "))
}

/// A text on one line, escaped: it contains no Markdown, HTML, mention, reference
/// or link. At most `longest` characters are shown.
fn escaped(text: &str, longest: usize) -> String {
    let text = text.trim();
    let mut shown = String::with_capacity(text.len());
    for (at, (start, c)) in text.char_indices().enumerate() {
        if at == longest {
            shown.push('…');
            break;
        }
        let rest = &text[start..];
        let is_link = match c {
            ':' => rest.starts_with("://"),
            '.' => text[..start].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        match c {
            '&' | '<' | '>' | '@' | '#' | '$' => shown += &format!("&#{};", u32::from(c)),
            ':' | '.' if is_link => shown += &format!("&#{};", u32::from(c)),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                shown.push('\\');
                shown.push(c);
            }
            c if c.is_control() || c.is_whitespace() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// Checks what a cell of a table shows, and that all of it is text.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let table = format!("| a |\n|---|\n| {} |\n", escaped(text, 500));
        let mut shown = String::new();
        let parser = Parser::new_ext(&table, Options::all());
        for event in parser {
            match event {
                Event::Text(text) => shown += &text,
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
                | Event::End(_) => {}
                other => panic!("{other:?} in {table}"),
            }
        }
        assert_eq!(shown, format!("a{expected}"), "{table}");
    }

    #[test]
    fn escapes_markdown_and_html() {
        let text = "<b>x</b> @all #1 | [a](http://b.c) ![a](b) `d` **e** __f__ ~~g~~ $h$ \\| i\\";
        check(text, text);
        check("a\n\n# b\n| c |", "a  # b | c |");
        check("<script>alert(1)</script>", "<script>alert(1)</script>");
        assert_eq!(escaped("abcdef", 3), "abc…");
    }

    #[test]
    fn breaks_links_mentions_and_references_of_github() {
        let shown = escaped("http://a.b www.c.d @e #2", 500);
        for sign in ["://", "www.", "@", "#2"] {
            assert!(!shown.contains(sign), "{sign}: {shown}");
        }
    }

    #[test]
    fn counts_rows_that_do_not_fit() {
        let digest = Digest {
            title: "x",
            paragraphs: Vec::new(),
            columns: &["a", "b"],
            rows: vec![vec!["ö".repeat(100), "y".repeat(900)]; 100],
            noun: "failure",
        };
        let text = document(&digest);
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        assert!(text.contains("more failures omitted"), "no note");
        let rows = text.matches("| öö").count();
        assert!(text.contains(&format!("\n{} more failures", 100 - rows)));
    }
}
