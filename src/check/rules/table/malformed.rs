//! `table-malformed`: tables that do not parse as written (GFM 4.10): rows with
//! another number of cells than the header, text that is not a table, and
//! unclosed markup in cells.

use std::collections::HashMap;
use std::ops::Range;

use crate::check::rules::site::Parsed;
use crate::page::markdown::{Row, Table};
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::TABLE_MALFORMED;
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// Checks the tables of a page.
pub(super) fn check(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    for table in &parsed.document.tables {
        rows(parsed.page, table, found);
    }
    for span in &parsed.document.barred {
        found.extend(no_table(parsed.page, *span));
    }
}

/// Checks the rows of a table. Adjacent rows that miss the same cells are one
/// finding, as are the lines of a row that is broken over several.
fn rows(page: &Page, table: &Table, found: &mut Vec<Diagnostic>) {
    let header = cells(page.slice(table.header.span));
    unclosed_cells(page, &table.header, &header, found);
    let rows: Vec<(&Row, Vec<Range<usize>>)> = table
        .rows
        .iter()
        .filter(|row| !is_directive(page.slice(row.span)))
        .map(|row| (row, cells(page.slice(row.span))))
        .collect();
    let torn: Vec<bool> = rows
        .iter()
        .map(|(row, cells)| is_torn(page, table, row, cells))
        .collect();
    let mut few: Option<(usize, Vec<&Row>)> = None;
    for (at, (row, cells)) in rows.iter().enumerate() {
        let lacks = cells.len() < table.header.cells.len() && !torn[at];
        let ends = |(count, _): &(usize, _)| !lacks || *count != cells.len();
        if few.as_ref().is_some_and(ends) {
            found.extend(few.take().and_then(|few| too_few(page, table, &few)));
        }
        if torn[at] {
            if at == 0 || !torn[at - 1] {
                found.push(torn_off(page, row));
            }
            continue;
        }
        if lacks {
            few.get_or_insert((cells.len(), Vec::new())).1.push(row);
        }
        if let Some(finding) = too_many(page, table, row, cells) {
            found.push(finding);
        } else if !torn.get(at + 1).is_some_and(|torn| *torn) {
            unclosed_cells(page, row, cells, found);
        }
    }
    found.extend(few.and_then(|few| too_few(page, table, &few)));
}

/// Whether a line is syntax of the publishing system: a Docs zone, an include,
/// a Liquid tag, kramdown attributes, a condition of API Doctor.
fn is_directive(row: &str) -> bool {
    [":::", "[!", "{%", "{{", "{:", "[TAGS=", "[END]"]
        .iter()
        .any(|mark| row.trim_start().starts_with(mark))
}

/// Whether a row continues the row above it or is a paragraph after the table:
/// it starts unlike all rows, and misses cells.
fn is_torn(page: &Page, table: &Table, row: &Row, cells: &[Range<usize>]) -> bool {
    let (header, row) = (page.slice(table.header.span), page.slice(row.span));
    let begins = |row: &str| row.trim_start().starts_with('|');
    cells.len() < table.header.cells.len() && (!has_bar(row) || begins(header) && !begins(row))
}

fn torn_off(page: &Page, row: &Row) -> Diagnostic {
    let message = "line is read as a row of the table above it";
    Diagnostic::at(page, &TABLE_MALFORMED, row.span, message)
        .help("keep a row on one line, with `<br>` for line breaks; add a blank line above a paragraph")
        .severity(Severity::Error)
}

/// Reports rows with fewer cells than the header.
fn too_few(page: &Page, table: &Table, (count, rows): &(usize, Vec<&Row>)) -> Option<Diagnostic> {
    let row = rows.first()?;
    let columns = table.header.cells.len();
    let lacking = table.header.cells[*count..].iter();
    let names: Vec<String> = lacking
        .map(|cell| cell.text.trim())
        .filter(|name| !name.is_empty())
        .map(|name| format!("`{}`", cut(name)))
        .take(5)
        .collect();
    // Unnamed columns may be omitted. A row with a single emphasised cell is a
    // heading.
    if names.is_empty() || rows.iter().all(|row| is_heading(page.slice(row.span))) {
        return None;
    }
    let names = names.join(" and ");
    let others = match rows.len() - 1 {
        0 => String::new(),
        1 => " (also the next row)".to_owned(),
        others => format!(" (also the next {others} rows)"),
    };
    let message = format!(
        "row has {}, but the table has {columns} columns; missing {names}{others}",
        counted(*count)
    );
    let help = format!("add a cell for {names}, or an empty cell (`| |`) where one is missing");
    Some(Diagnostic::at(page, &TABLE_MALFORMED, row.span, message).help(help))
}

/// Reports a row with more cells than the header, which are dropped.
fn too_many(page: &Page, table: &Table, row: &Row, cells: &[Range<usize>]) -> Option<Diagnostic> {
    let columns = table.header.cells.len();
    let (first, last) = (cells.get(columns)?, cells.last()?);
    let span = Span::new(row.span.start + first.start, row.span.start + last.end);
    let lost = page
        .slice(span)
        .trim_matches(|c: char| c.is_whitespace() || c == '|');
    let message = format!(
        "row has {}, but the table has {columns} columns",
        counted(cells.len())
    );
    Some(if lost.is_empty() {
        Diagnostic::at(page, &TABLE_MALFORMED, row.span, message).help("remove the extra pipes")
    } else {
        let message = format!("{message}; `{}` is dropped", cut(lost));
        Diagnostic::at(page, &TABLE_MALFORMED, span, message)
            .help("escape a literal pipe as `\\|`, also inside code")
            .severity(Severity::Error)
    })
}

/// Reports unclosed markup in cells.
fn unclosed_cells(page: &Page, row: &Row, cells: &[Range<usize>], found: &mut Vec<Diagnostic>) {
    let source = page.slice(row.span);
    for cell in cells {
        let text = &source[cell.clone()];
        let Some(unclosed) = unclosed(text) else {
            continue;
        };
        let span = Span::new(row.span.start + cell.start, row.span.start + cell.end);
        let (what, severity, closing) = match unclosed {
            Unclosed::Parenthesis => ("parenthesis", Severity::Warning, ")"),
            Unclosed::Bracket => ("bracket", Severity::Warning, "]"),
            Unclosed::Strong => ("bold text", Severity::Warning, "**"),
            Unclosed::Link => ("link destination", Severity::Error, ")"),
            Unclosed::Code => ("code span", Severity::Error, "`"),
        };
        let message = format!("{what} is not closed in this cell");
        found.push(
            Diagnostic::at(page, &TABLE_MALFORMED, span, message)
                .help(format!("close it with `{closing}`").replace("```", "a backtick"))
                .severity(severity),
        );
    }
}

/// Reports a paragraph that should be a table or rows of one.
fn no_table(page: &Page, paragraph: Span) -> Option<Diagnostic> {
    let first = page.line(paragraph.start);
    let last = page.line(paragraph.end.saturating_sub(1).max(paragraph.start));
    let mut above: Option<&str> = None;
    let mut are_rows = true;
    for line in first..=last {
        let span = page.line_span(line);
        let span = Span::new(span.start.max(paragraph.start), span.end.min(paragraph.end));
        let shown = page.slice(span).trim_start_matches([' ', '\t', '>']);
        let start = span.end - shown.len();
        let shown = shown.trim_end();
        // Excludes `|x|`, an absolute value.
        let bars = memchr::memchr_iter(b'|', shown.as_bytes()).count();
        are_rows &= shown == "|" || bars > 2 && shown.starts_with('|') && shown.ends_with('|');
        let header = above.replace(shown).filter(|above| has_bar(above));
        let (Some(header), Some(delimiters)) = (header, delimiters(shown)) else {
            continue;
        };
        let columns = cells(header).len();
        if columns == delimiters {
            return None;
        }
        let message = format!(
            "header has {}, but the delimiter row has {delimiters}; not a table, so the pipes render as text",
            counted(columns)
        );
        let row = Span::new(start, start + shown.len());
        return Some(
            Diagnostic::at(page, &TABLE_MALFORMED, row, message)
                .help(format!("write `|{}`", "---|".repeat(columns.min(20))))
                .severity(Severity::Error),
        );
    }
    are_rows.then(|| {
        let message = "not a table; the pipes render as text";
        let first = page.line_span(first);
        let row = Span::new(paragraph.start, paragraph.end.min(first.end));
        Diagnostic::at(page, &TABLE_MALFORMED, row, message)
            .help("put rows directly below a header and a delimiter row (`|---|---|`), without a blank line")
            .severity(Severity::Error)
    })
}

/// The number of cells of a delimiter row, if the line is one (GFM 4.10).
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

/// Whether a row has a single, emphasised cell.
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

/// The ranges of the cells of a row, without surrounding spaces. A pipe
/// separates cells unless escaped, also in code; the first and the last may be
/// omitted (GFM 4.10).
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

/// Unclosed markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unclosed {
    Parenthesis,
    Bracket,
    /// The parenthesis of a link.
    Link,
    Code,
    Strong,
}

/// Finds markup that is opened but not closed in a cell. Characters that stand
/// for themselves, such as in a list of special characters, are ignored.
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
    // The number of open parentheses and of open brackets.
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
                // Excludes `:(` and lists of characters.
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
                // A half-open interval is closed by the other kind.
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

/// The length of the run of the byte at `index`.
fn run(bytes: &[u8], index: usize) -> usize {
    let rest = &bytes[index..];
    rest.iter().take_while(|byte| **byte == rest[0]).count()
}

/// The position of the last run of backticks of each length, which keeps the
/// search linear.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::site::Parsed;

    /// Checks the text and severity of the findings of a page.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, Severity)]) {
        let page = Page::new("page.md", text.to_owned());
        let mut found = Vec::new();
        super::check(&Parsed::of(&page), &mut found);
        let flagged: Vec<(&str, Severity)> = found
            .iter()
            .map(|finding| {
                let span = finding.span.expect("a place");
                (page.slice(span), finding.severity)
            })
            .collect();
        assert_eq!(flagged, expected, "{text}");
    }

    /// Checks the findings of a cell in a table with two columns.
    #[track_caller]
    fn check_cell(cell: &str, expected: Option<Severity>) {
        let text = format!("| a | b |\n|---|---|\n| {cell} | x |\n");
        let expected: Vec<_> = expected
            .map(|severity| (cell, severity))
            .into_iter()
            .collect();
        check(&text, &expected);
    }

    #[test]
    fn reports_rows_with_wrong_number_of_cells() {
        use Severity::{Error, Warning};
        let table = |row: &str| format!("| a | b |\n|---|---|\n{row}\n");
        for row in [
            "| 1 | 2 |",
            "1 | 2",
            "| 1 | 2",
            "1 | 2 |",
            "|1||",
            "| 1 \\| one | 2 |",
            "| `1 \\| one` | 2 |",
            "| **1** |",
            "::: zone-end",
            "[!INCLUDE [rows](rows.md)]",
        ] {
            check(&table(row), &[]);
        }
        check(&table("| 1 | 2 | 3 |"), &[("3", Error)]);
        check(&table("| 1 | `2 | 3` | 4"), &[("3` | 4", Error)]);
        check(&table("| 1 \\\\| 2 | 3 |"), &[("3", Error)]);
        check(&table("| 1 | 2 | | |"), &[("| 1 | 2 | | |", Warning)]);
        check(
            &table("| 1 |\n| 2 |\n| 3 | 4 |\n| 5 |"),
            &[("| 1 |", Warning), ("| 5 |", Warning)],
        );
        check(&table("| 1 (one | 2,\nthree) |"), &[("three) |", Error)]);
        check(
            &table("| 1 | 2 |\nA note\nof two lines."),
            &[("A note", Error)],
        );
        check(&table("| 1 | 2 |\n\nA note."), &[]);
        check("| a | |\n|---|---|\n| 1 |\n", &[]);
        check("> | a | b |\n> |---|---|\n> | 1 |\n", &[("| 1 |", Warning)]);
    }

    #[test]
    fn reports_text_that_is_not_a_table() {
        use Severity::Error;
        check(
            "| a | b |\n|:--|---|---|\n| 1 | 2 |\n",
            &[("|:--|---|---|", Error)],
        );
        check("> Text.\n> a | b\n> :- | - | -\n", &[(":- | - | -", Error)]);
        check("| a |\n|---|---|\n", &[("|---|---|", Error)]);
        check(
            "| a | b |\n|---|---|\n\n| 1 | 2 |\n",
            &[("| 1 | 2 |", Error)],
        );
        check("|\n\nText.\n", &[("|", Error)]);
        for text in [
            "a | b\nc | d\n",
            "|x| is a number.\n",
            "|x|\n",
            "| a line\n| and one more\n",
            "```\n| a | b |\n|---|\n```\n",
            "<table>\n| a | b |\n|---|\n</table>\n",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn reports_unclosed_markup_in_cells() {
        use Severity::{Error, Warning};
        for cell in [
            "Delegated (personal account",
            "[a (b",
            "(see [x](y.md)",
            "**bold",
            "(a, `)`",
        ] {
            check_cell(cell, Some(Warning));
        }
        for cell in ["[x](y.md", "`code", "a, `b", "``code`"] {
            check_cell(cell, Some(Error));
        }
        for cell in [
            "(a) [b] [c](d.md) `e` **f**",
            "a) b]",
            "`(`",
            "\\(",
            "( ) [ ]",
            "[0, 1)",
            "(0, 1]",
            ":(",
            "\"(\", \"[\"",
            "note **",
            "2 ** 3",
            "*.json",
            "` (a backtick)",
            "``a ` b``",
        ] {
            check_cell(cell, None);
        }
        check("| a (b | c |\n|---|---|\n", &[("a (b", Warning)]);
    }

    #[test]
    fn reads_hostile_cells_in_linear_time() {
        for unit in ["(", "[", "(]", "`", "`a ``", "**a", "\\"] {
            let cell = unit.repeat(200_000);
            unclosed(&cell);
            cells(&cell);
        }
        let runs: String = (1..1000).map(|length| "`".repeat(length) + " ").collect();
        assert_eq!(unclosed(&runs), None);
        unclosed(&("(".repeat(200_000) + &"]".repeat(200_000)));
    }
}
