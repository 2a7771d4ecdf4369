//! Tables that are not read as they are written (GFM 4.10): rows of another
//! number of cells than the header, tables that are none, and cells in which
//! something opens that no longer closes.

use std::collections::HashMap;
use std::ops::Range;

use super::{Parsed, shortened};
use crate::diagnostic::{Diagnostic, Severity, TABLE_MALFORMED};
use crate::markdown::{Row, Table};
use crate::source::{Page, Span};

/// Checks the tables of a page.
pub fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for table in &parsed.document.tables {
        rows(parsed.page, table, found);
    }
    for span in &parsed.document.barred {
        found.extend(no_table(parsed.page, *span));
    }
}

/// Checks the rows of a table. Neighbours that lack the same cells are one
/// finding.
fn rows(page: &Page, table: &Table, found: &mut Vec<Diagnostic>) {
    unclosed_cells(
        page,
        &table.header,
        &cells(page.slice(table.header.span)),
        found,
    );
    let mut few: Option<(usize, Vec<&Row>)> = None;
    for row in &table.rows {
        let written = cells(page.slice(row.span));
        let lacks = written.len() < table.header.cells.len();
        if !lacks
            || few
                .as_ref()
                .is_some_and(|(count, _)| *count != written.len())
        {
            found.extend(few.take().and_then(|few| too_few(page, table, &few)));
        }
        if lacks {
            few.get_or_insert((written.len(), Vec::new())).1.push(row);
        }
        match too_many(page, table, row, &written) {
            Some(finding) => found.push(finding),
            None => unclosed_cells(page, row, &written, found),
        }
    }
    found.extend(few.and_then(|few| too_few(page, table, &few)));
}

/// Rows whose last cells are empty, as they have fewer than the header.
fn too_few(page: &Page, table: &Table, (count, rows): &(usize, Vec<&Row>)) -> Option<Diagnostic> {
    let row = rows.first()?;
    let columns = table.header.cells.len();
    if let Some(row) = rows.iter().find(|row| !has_bar(page.slice(row.span))) {
        let message = "this line is read as a row of the table above it";
        let help = "put a blank line above it; where it belongs to the last cell, write that row on one line, with `<br>` for a line end";
        let finding = Diagnostic::at(page, &TABLE_MALFORMED, row.span, message).help(help);
        return Some(finding.severity(Severity::Error));
    }
    let names = || {
        table.header.cells[*count..]
            .iter()
            .map(|cell| cell.text.trim())
    };
    // A column without a name lacks nothing. A row that has only a word in bold
    // heads those under it.
    if names().all(str::is_empty) || rows.iter().all(|row| is_heading(page.slice(row.span))) {
        return None;
    }
    let names: Vec<String> = names()
        .filter(|name| !name.is_empty())
        .map(|name| format!("`{name}`"))
        .collect();
    let names = names.join(" and ");
    let others = match rows.len() - 1 {
        0 => String::new(),
        1 => ", as has the next one".to_owned(),
        others => format!(", as have the next {others}"),
    };
    Some(
        Diagnostic::at(
            page,
            &TABLE_MALFORMED,
            row.span,
            format!(
                "this row has {}{others}, and the table has {columns} columns, so {names} stays empty",
                counted(*count)
            ),
        )
        .help(format!(
            "write a cell for {names}, or an empty one before the others if it is another that is missing"
        )),
    )
}

/// A row of which the last cells are left out.
fn too_many(page: &Page, table: &Table, row: &Row, cells: &[Range<usize>]) -> Option<Diagnostic> {
    let columns = table.header.cells.len();
    let (first, last) = (cells.get(columns)?, cells.last()?);
    let span = Span::new(row.span.start + first.start, row.span.start + last.end);
    let lost = page
        .slice(span)
        .trim_matches(|c: char| c.is_whitespace() || c == '|');
    let message = format!(
        "this row has {}, and the table has {columns} columns",
        counted(cells.len())
    );
    Some(if lost.is_empty() {
        Diagnostic::at(page, &TABLE_MALFORMED, row.span, message)
            .help("take out the bars that are too many")
    } else {
        let message = format!("{message}, so `{}` is left out", shortened(lost));
        Diagnostic::at(page, &TABLE_MALFORMED, span, message)
            .help("write `\\|` for a bar that is part of a cell, within code too")
            .severity(Severity::Error)
    })
}

/// Cells in which something opens that no longer closes.
fn unclosed_cells(page: &Page, row: &Row, cells: &[Range<usize>], found: &mut Vec<Diagnostic>) {
    let source = page.slice(row.span);
    for cell in cells {
        let text = &source[cell.clone()];
        let Some(unclosed) = unclosed(text) else {
            continue;
        };
        let span = Span::new(row.span.start + cell.start, row.span.start + cell.end);
        let (what, severity, mend) = match unclosed {
            Unclosed::Parenthesis => ("a parenthesis", Severity::Warning, ")"),
            Unclosed::Bracket => ("a bracket", Severity::Warning, "]"),
            Unclosed::Strong => ("bold text", Severity::Warning, "**"),
            Unclosed::Link => ("the destination of a link", Severity::Error, ")"),
            Unclosed::Code => ("code", Severity::Error, "`"),
        };
        let message = format!("{what} begins in this cell, and does not end in it");
        found.push(
            Diagnostic::at(page, &TABLE_MALFORMED, span, message)
                .help(format!("close it with `{mend}`").replace("```", "a backtick"))
                .severity(severity),
        );
    }
}

/// A paragraph that is meant as a table.
fn no_table(page: &Page, paragraph: Span) -> Option<Diagnostic> {
    let first = page.line(paragraph.start);
    let last = page.line(paragraph.end.saturating_sub(1).max(paragraph.start));
    let mut above: Option<&str> = None;
    for line in first..=last {
        let span = page.line_span(line);
        let span = Span::new(span.start.max(paragraph.start), span.end.min(paragraph.end));
        let text = page.slice(span);
        let shown = text.trim_start_matches([' ', '\t', '>']);
        if let Some(header) = above.filter(|above| has_bar(above))
            && let Some(delimiters) = delimiters(shown)
        {
            let columns = cells(header).len();
            if columns == delimiters {
                return None;
            }
            let start = span.end - shown.len();
            let span = Span::new(start, start + shown.trim_end().len());
            let message = format!(
                "the row above this line has {}, and this line has {delimiters}, so this is no table, and its bars are shown as text",
                counted(columns)
            );
            let help = format!("write `{}`", format!("|{}", "---|".repeat(columns.min(20))));
            return Some(
                Diagnostic::at(page, &TABLE_MALFORMED, span, message)
                    .help(help)
                    .severity(Severity::Error),
            );
        }
        above = Some(shown);
    }
    None
}

/// How many cells a delimiter row has, if the line is one (GFM 4.10).
fn delimiters(line: &str) -> Option<usize> {
    if !has_bar(line) || !line.bytes().all(|byte| b"|-: \t".contains(&byte)) {
        return None;
    }
    let cells = cells(line);
    let is_delimiter = |cell: &Range<usize>| {
        let dashes = &line[cell.clone()];
        let dashes = dashes.strip_prefix(':').unwrap_or(dashes);
        let dashes = dashes.strip_suffix(':').unwrap_or(dashes);
        !dashes.is_empty() && dashes.bytes().all(|byte| byte == b'-')
    };
    (!cells.is_empty() && cells.iter().all(is_delimiter)).then_some(cells.len())
}

fn has_bar(text: &str) -> bool {
    text.contains('|')
}

/// Whether a row has only one cell, all of it emphasised.
fn is_heading(row: &str) -> bool {
    let text = row.trim_matches(|c: char| c.is_whitespace() || c == '|');
    let is_emphasised = |mark| text.len() > 2 && text.starts_with(mark) && text.ends_with(mark);
    !has_bar(text) && (is_emphasised('*') || is_emphasised('_'))
}

fn counted(cells: usize) -> String {
    match cells {
        1 => "1 cell".to_owned(),
        count => format!("{count} cells"),
    }
}

/// The cells of a row as it is written, without the spaces around them. A bar
/// parts cells unless a backslash stands before it, in code too; the first and
/// the last one may be left out (GFM 4.10).
fn cells(row: &str) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let mut start = row.len() - row.trim_start().len();
    start += usize::from(row[start..].starts_with('|'));
    let mut is_escaped = false;
    let mut add = |range: Range<usize>| {
        let text = &row[range.clone()];
        let from = range.start + text.len() - text.trim_start().len();
        cells.push(from.min(range.end)..from + text.trim().len());
    };
    let from = start;
    for (at, byte) in row.bytes().enumerate().skip(from) {
        if byte == b'|' && !is_escaped {
            add(start..at);
            start = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    if !row[start..].trim().is_empty() {
        add(start..row.len());
    }
    cells
}

/// What opens and does not close.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unclosed {
    Parenthesis,
    Bracket,
    /// The parenthesis of a link.
    Link,
    Code,
    Strong,
}

/// What of a cell's Markdown opens in it and does not close. What looks as if
/// it stood for itself (a list of special characters, a footnote's mark) opens
/// nothing.
fn unclosed(text: &str) -> Option<Unclosed> {
    if !text.bytes().any(|byte| b"([`*".contains(&byte)) {
        return None;
    }
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(b' ');
    let before = |index: usize| index.checked_sub(1).map_or(b' ', at);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80;
    let mut last_run = None;
    let mut open: Vec<(u8, Unclosed)> = Vec::new();
    // How many of them are parentheses, and how many brackets.
    let mut counts = [0_usize; 2];
    let mut strong = false;
    let mut index = 0;
    while index < bytes.len() {
        match bytes[index] {
            b'\\' => index += 1,
            b'`' => {
                let length = run(bytes, index);
                let last = last_run.get_or_insert_with(|| last_runs(bytes, index));
                if last.get(&length).is_some_and(|last| *last > index) {
                    index = closing_run(bytes, index + length, length);
                    continue;
                }
                let is_meant = !is_word(before(index)) && is_word(at(index + length));
                if is_meant {
                    return Some(Unclosed::Code);
                }
                index += length - 1;
            }
            b'*' => {
                let length = run(bytes, index);
                let (left, right) = (before(index), at(index + length));
                if length >= 2 {
                    let closes = strong && !left.is_ascii_whitespace();
                    strong = !closes && (strong || (!is_word(left) && is_word(right)));
                }
                index += length - 1;
            }
            byte @ (b'(' | b'[') => {
                // `:(`, and characters that are listed.
                let is_meant = before(index) != b':'
                    && !(at(index + 1).is_ascii_whitespace() || b"\"',;".contains(&at(index + 1)));
                if is_meant {
                    let kind = match byte {
                        b'[' => Unclosed::Bracket,
                        _ if before(index) == b']' => Unclosed::Link,
                        _ => Unclosed::Parenthesis,
                    };
                    open.push((byte, kind));
                    counts[usize::from(byte == b'[')] += 1;
                }
            }
            byte @ (b')' | b']') => {
                let opening = if byte == b')' { b'(' } else { b'[' };
                // A half-open interval is closed by the other sort.
                let has_own = counts[usize::from(opening == b'[')] > 0;
                while let Some((byte, _)) = open.pop() {
                    counts[usize::from(byte == b'[')] -= 1;
                    if !has_own || byte == opening {
                        break;
                    }
                }
            }
            _ => {}
        }
        index += 1;
    }
    match open.first() {
        Some((_, kind)) => Some(*kind),
        None => strong.then_some(Unclosed::Strong),
    }
}

/// How often the byte at `index` stands there in a row.
fn run(bytes: &[u8], index: usize) -> usize {
    let rest = &bytes[index..];
    rest.iter().take_while(|byte| **byte == rest[0]).count()
}

/// Where the last run of backticks of each length is, so that a cell full of
/// runs that do not close is read once.
fn last_runs(bytes: &[u8], from: usize) -> HashMap<usize, usize> {
    let mut last = HashMap::new();
    let mut index = from;
    while let Some(found) = memchr::memchr(b'`', &bytes[index..]) {
        let length = run(bytes, index + found);
        last.insert(length, index + found);
        index += found + length;
    }
    last
}

/// The end of the next run of backticks of this length.
fn closing_run(bytes: &[u8], from: usize, length: usize) -> usize {
    let mut index = from;
    while let Some(found) = memchr::memchr(b'`', &bytes[index..]) {
        let found_length = run(bytes, index + found);
        index += found + found_length;
        if found_length == length {
            return index;
        }
    }
    bytes.len()
}
