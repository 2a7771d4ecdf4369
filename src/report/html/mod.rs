//! One file to look at: no network, nothing but its own style and script runs
//! (their hashes stand in its Content-Security-Policy), and all text is escaped.
//!
//! The page knows rows and details; what they are of, each command says.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::printable;
use super::record::{Excerpt, OutcomeName};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(STYLE));
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));

/// How a policy names a text (CSP level 3, 2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// About how many bytes of details a page gets: with these, it is under 6 MB.
const DETAILS_LIMIT: usize = 3_500_000;

/// What is shown.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    /// The command.
    pub title: String,
    /// The outcome in a line.
    pub headline: String,
    /// Whether it is a good one.
    pub is_good: bool,
    /// The counts in words.
    pub counts: String,
    /// What a green run has shown, in a word or two.
    pub proves: Option<&'static str>,
    /// The same in a sentence.
    pub sentence: String,
    /// What is to be known of the run before it is believed.
    pub warnings: Vec<String>,
    /// What else there is to say: a name, a value.
    pub facts: Vec<(&'static str, String)>,
    /// The parts of the whole, as [`bar`] makes them.
    pub bar: Vec<Part>,
    /// Counts that stand above the rows.
    pub tables: Vec<Table>,
    /// What a row is called.
    pub noun: &'static str,
    /// By what rows can be chosen.
    pub filters: Vec<Filter>,
    /// What is chosen first.
    pub start: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
    /// The last line.
    pub footer: String,
}

/// A part of the bar, in thousandths.
#[derive(Debug)]
pub(crate) struct Part {
    class: &'static str,
    from: usize,
    width: usize,
}

/// A table that can be folded.
#[derive(Debug)]
pub(crate) struct Table {
    /// What it is of.
    pub title: &'static str,
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// The rows, a cell a column: a number is aligned as one.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    fn is_number(&self, column: usize) -> bool {
        let first = self.rows.first().and_then(|row| row.get(column));
        matches!(first, Some(Cell::Number(_)))
    }
}

/// A cell of a table.
#[derive(Debug)]
pub(crate) enum Cell {
    /// A text.
    Text(String),
    /// A number.
    Number(usize),
}

/// A choice of rows: those with a class, or `all`.
#[derive(Debug)]
pub(crate) struct Filter {
    /// The class.
    pub key: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// How many rows have it.
    pub count: usize,
}

/// A case or a finding.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// Its classes: the first says how it is coloured.
    pub classes: String,
    /// What became of it.
    pub word: &'static str,
    /// A short code: a method, a rule.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What else is true of it.
    pub badges: Vec<&'static str>,
    /// Where it stands.
    pub place: String,
    /// How long it took.
    pub took: String,
    /// What there is to say, in a line.
    pub said: String,
    /// How it came out before, the oldest first.
    pub past: Vec<OutcomeName>,
    /// What is shown where it is opened.
    pub details: Vec<Detail>,
}

/// Something of a row.
#[derive(Debug)]
pub(crate) enum Detail {
    /// A sentence, under a label.
    Said {
        /// The label.
        label: String,
        /// The sentence.
        text: String,
    },
    /// Lines of a page.
    Excerpt {
        /// Where they stand.
        place: String,
        /// The lines.
        lines: Vec<Line>,
    },
    /// A unified diff.
    Diff {
        /// Of what.
        title: String,
        /// Its lines.
        lines: Vec<DiffLine>,
    },
    /// A request and its answer.
    Exchange {
        /// The request.
        request: String,
        /// The answer.
        answer: String,
    },
    /// A command for a shell.
    Command {
        /// The command.
        text: String,
    },
}

/// A line of a page, of which a part is meant.
#[derive(Debug)]
pub(crate) struct Line {
    number: usize,
    before: String,
    marked: String,
    after: String,
}

/// A line of a diff.
#[derive(Debug)]
pub(crate) struct DiffLine {
    class: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
struct Page<'a> {
    sheet: &'a Sheet,
    style: &'static str,
    style_hash: &'a str,
    script: &'static str,
    script_hash: &'a str,
}

/// The page. Where there is very much to show, some details are left out, and
/// it says so.
pub(crate) fn document(mut sheet: Sheet) -> Result<String, askama::Error> {
    let mut size = 0;
    let mut bare = 0;
    for row in &mut sheet.rows {
        let details = std::mem::take(&mut row.details);
        let had_details = details.len();
        for detail in details {
            size += detail.size();
            if size <= DETAILS_LIMIT {
                row.details.push(detail);
            }
        }
        bare += usize::from(row.details.len() < had_details);
    }
    if bare > 0 {
        let nouns = super::pretty::plural(bare, sheet.noun);
        sheet.warnings.push(format!(
            "This page shows not all of {nouns}, which would make it too long; the JSON report does."
        ));
    }
    Page {
        sheet: &sheet,
        style: STYLE,
        style_hash: &STYLE_HASH,
        script: SCRIPT,
        script_hash: &SCRIPT_HASH,
    }
    .render()
}

/// All rows, and those of each class that some have, by what it is called.
pub(crate) fn filters(rows: &[Row], classes: &[(&'static str, &'static str)]) -> Vec<Filter> {
    let of = |key: &str| {
        let has = |row: &&Row| row.classes.split(' ').any(|class| class == key);
        rows.iter().filter(has).count()
    };
    let all = Filter {
        key: "all",
        label: "All",
        count: rows.len(),
    };
    let classes = classes.iter().map(|(key, label)| Filter {
        key,
        label,
        count: of(key),
    });
    let filters = [all].into_iter();
    filters
        .chain(classes.filter(|filter| filter.count > 0))
        .collect()
}

/// The parts of a whole, by class and count.
pub(crate) fn bar(counts: &[(&'static str, usize)]) -> Vec<Part> {
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let mut parts = Vec::new();
    let mut seen = 0;
    for (class, count) in counts {
        let from = seen * 1000 / all.max(1);
        seen += count;
        let end = seen * 1000 / all.max(1);
        if *count > 0 {
            parts.push(Part {
                class,
                from,
                // A single failure of thousands is seen too.
                width: (end - from).max(4),
            });
        }
    }
    parts
}

impl Detail {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        const MARKUP: usize = 120;
        const LINE: usize = 40;
        MARKUP
            + match self {
                Self::Said { text, .. } | Self::Command { text } => text.len(),
                Self::Excerpt { lines, .. } => lines
                    .iter()
                    .map(|line| LINE + line.before.len() + line.marked.len() + line.after.len())
                    .sum(),
                Self::Diff { lines, .. } => lines.iter().map(|line| LINE + line.text.len()).sum(),
                // Much of JSON is quotation marks, which are escaped.
                Self::Exchange { request, answer } => (request.len() + answer.len()) * 3 / 2,
            }
    }

    /// The lines of a page.
    pub(crate) fn excerpt(file: &str, excerpt: &Excerpt) -> Self {
        let mut lines = vec![Line::new(excerpt.line)];
        for (part, text) in [&excerpt.before, &excerpt.marked, &excerpt.after]
            .into_iter()
            .enumerate()
        {
            for (at, text) in text.split('\n').enumerate() {
                if at > 0 {
                    lines.push(Line::new(excerpt.line + lines.len()));
                }
                let line = lines.last_mut().expect("it begins with one");
                let into = match part {
                    0 => &mut line.before,
                    1 => &mut line.marked,
                    _ => &mut line.after,
                };
                *into += &printable(text.trim_end_matches('\r'));
            }
        }
        Self::Excerpt {
            place: printable(&format!("{file}:{}", excerpt.line)).into_owned(),
            lines,
        }
    }

    /// The lines of a unified diff.
    pub(crate) fn diff(title: String, text: &str) -> Self {
        let line = |line: &str| DiffLine {
            class: match line.as_bytes().first() {
                Some(b'+') => "add",
                Some(b'-') => "del",
                Some(b'@') => "hunk",
                _ => "same",
            },
            text: printable(line).into_owned(),
        };
        Self::Diff {
            title,
            lines: text.lines().map(line).collect(),
        }
    }
}

impl Line {
    fn new(number: usize) -> Self {
        Self {
            number,
            before: String::new(),
            marked: String::new(),
            after: String::new(),
        }
    }
}

/// What a case is called on its page, whose path stands beside it; its target,
/// where it is only counted there.
pub(crate) fn name<'c>(id: &'c str, page: &str, target: &'c str) -> &'c str {
    let stem = page.strip_suffix(".md").unwrap_or(page);
    let name = id.strip_prefix(stem);
    match name.and_then(|name| name.strip_prefix("::")) {
        None => id,
        Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => target,
        Some(name) => name,
    }
}

/// A text of several lines, safe to show.
pub(crate) fn block(text: &str) -> String {
    let lines = text.split('\n');
    let lines = lines.map(|line| printable(line.trim_end_matches('\r')).into_owned());
    lines.collect::<Vec<_>>().join("\n")
}
