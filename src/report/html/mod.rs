//! HTML: one self-contained file. It loads nothing, only its own style and script
//! run (their hashes are in its Content-Security-Policy), and all text is escaped.

use std::sync::LazyLock;

use crate::text::digest::sha256;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::basics::{plural, printable, printable_lines};
use super::model::{Cell, Data, Entry, EntryKind, Item, List, Report, Status, Summary, Weight};
use super::record::{Excerpt, OutcomeName};
use super::terminal::duration;
use crate::text::severity::Severity;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
static STYLE_HASH: LazyLock<String> = LazyLock::new(|| hash(STYLE));
static SCRIPT_HASH: LazyLock<String> = LazyLock::new(|| hash(SCRIPT));

/// The hash source of a text (CSP level 3, section 2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(sha256(text.as_bytes())))
}

/// The number of bytes of details, estimated. It keeps a file below 6 MB.
const DETAILS_LIMIT: usize = 3_500_000;

#[derive(Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
struct Page<'a> {
    title: &'a str,
    summary: &'a Summary,
    counts: String,
    warnings: Vec<String>,
    bar: Vec<Part>,
    noun: &'a str,
    filters: Vec<Filter>,
    start: &'a str,
    rows: Vec<Row>,
    footer: String,
    style: &'static str,
    style_hash: &'a str,
    script: &'static str,
    script_hash: &'a str,
}

/// The report. If there are too many details, some are omitted and a warning
/// says so.
pub(crate) fn report(report: &Report<'_>) -> Result<String, askama::Error> {
    let summary = &report.summary;
    let entries = report.entries();
    let entries = entries.filter(|entry| entry.kind != EntryKind::CleanPage);
    let mut rows: Vec<Row> = entries.map(row).collect();
    let notes = summary.notes.iter();
    let notes = notes.filter(|note| note.weight >= Weight::Warning);
    let mut warnings: Vec<String> = notes
        .map(|note| printable(&format!("{}.", note.text)).into_owned())
        .collect();
    let cut = limit_details(&mut rows);
    if cut > 0 {
        let rows = plural(cut, report.list.noun);
        warnings.push(format!(
            "Some details of {rows} are omitted to limit the size; the JSON report has them."
        ));
    }
    let secrets = match report.data {
        Data::Run(_) => " Secrets are replaced by their names.",
        Data::Items(_) | Data::Lines(_) => "",
    };
    let version = printable(&summary.version);
    let footer = format!("Written by docproof {version}.{secrets}");
    Page {
        title: report.title,
        summary,
        counts: printable(&summary.counts()).into_owned(),
        warnings,
        bar: bar(&summary.bar),
        noun: report.list.noun,
        filters: filters(&rows, &report.list),
        start: report.list.start,
        rows,
        footer,
        style: STYLE,
        style_hash: &STYLE_HASH,
        script: SCRIPT,
        script_hash: &SCRIPT_HASH,
    }
    .render()
}

/// Omits the details that exceed the limit. Returns how many rows have fewer.
fn limit_details(rows: &mut [Row]) -> usize {
    let mut size = 0;
    let mut cut = 0;
    for row in rows {
        let count = row.details.len();
        row.details.retain(|detail| {
            size += detail.size();
            size <= DETAILS_LIMIT
        });
        cut += usize::from(row.details.len() < count);
    }
    cut
}

/// A part of the bar, in thousandths.
#[derive(Debug)]
struct Part {
    class: &'static str,
    from: usize,
    width: usize,
}

/// The parts of the bar, from their counts.
fn bar(counts: &[(Status, usize)]) -> Vec<Part> {
    let all: usize = counts.iter().map(|(_, count)| count).sum();
    let mut parts = Vec::new();
    let mut seen = 0;
    for (status, count) in counts {
        let from = seen * 1000 / all.max(1);
        seen += count;
        let end = seen * 1000 / all.max(1);
        if *count > 0 {
            parts.push(Part {
                class: status.name(),
                from,
                // One failure among thousands must be visible.
                width: (end - from).max(4),
            });
        }
    }
    parts
}

/// A class that the list can be filtered by, or `all`.
#[derive(Debug)]
struct Filter {
    key: &'static str,
    label: &'static str,
    count: usize,
}

/// The filter for all rows, and those that select any.
fn filters(rows: &[Row], list: &List) -> Vec<Filter> {
    let count = |key: &str| {
        let has = |row: &&Row| row.classes.split(' ').any(|class| class == key);
        rows.iter().filter(has).count()
    };
    let all = Filter {
        key: "all",
        label: "All",
        count: rows.len(),
    };
    let classes = list.filters.iter().map(|(key, label)| Filter {
        key,
        label,
        count: count(key),
    });
    let filters = [all].into_iter();
    filters
        .chain(classes.filter(|filter| filter.count > 0))
        .collect()
}

/// The row of an entry.
#[derive(Debug)]
struct Row {
    /// Its classes. The first one sets the colour.
    classes: String,
    /// The result in a word.
    word: &'static str,
    /// The method of a case.
    code: String,
    /// The name.
    name: String,
    /// Badges beside the name.
    badges: Vec<&'static str>,
    /// The place.
    place: String,
    /// The duration.
    took: String,
    /// The result in a line.
    text: String,
    /// The results of earlier runs, the oldest first.
    past: Vec<OutcomeName>,
    /// What an open row shows.
    details: Vec<Detail>,
}

fn row(entry: &Entry<'_>) -> Row {
    let severity = match entry.kind {
        EntryKind::Finding => entry.items.first().map(|item| item.severity),
        _ => None,
    };
    let (class, word) = match (severity, entry.status) {
        (Some(Severity::Error), _) => ("error", "Error"),
        (Some(Severity::Warning), _) => ("warning", "Warning"),
        (Some(Severity::Info), _) => ("info", "Info"),
        (None, Status::Pass) => ("pass", "Pass"),
        (None, Status::Fail) => ("fail", "Fail"),
        (None, Status::Skip) => ("skip", "Skip"),
    };
    let tags = entry.tags.iter().filter_map(|tag| tag.class);
    let classes: Vec<&str> = [class].into_iter().chain(tags).collect();
    let (method, target) = match &entry.request {
        Some((method, target)) => (&**method, &**target),
        None => ("", ""),
    };
    Row {
        classes: classes.join(" "),
        word,
        code: printable(method).into_owned(),
        name: printable(name(&entry.id, &entry.page, target)).into_owned(),
        badges: entry.tags.iter().filter_map(|tag| tag.badge).collect(),
        place: printable(&entry.first_place().to_string()).into_owned(),
        took: match entry.status {
            Status::Skip => String::new(),
            _ => duration(entry),
        },
        text: printable(&text(entry)).into_owned(),
        past: entry.past.clone(),
        details: details(entry),
    }
}

/// The short name of a case on its page, whose path is shown beside it. A case
/// without a name of its own is named by its target.
fn name<'c>(id: &'c str, page: &str, target: &'c str) -> &'c str {
    let stem = page.strip_suffix(".md").unwrap_or(page);
    let name = id.strip_prefix(stem);
    match name.and_then(|name| name.strip_prefix("::")) {
        None => id,
        Some(name) if name.bytes().all(|byte| byte.is_ascii_digit()) => target,
        Some(name) => name,
    }
}

/// The result of an entry in a line.
fn text(entry: &Entry<'_>) -> String {
    if entry.kind == EntryKind::Finding {
        let item = entry.items.first();
        return item.map_or_else(String::new, |item| item.message.clone());
    }
    let note = |label: &str| {
        let mut notes = entry.notes.iter();
        notes.find(|(known, _)| known == label)
    };
    match (entry.status, &entry.skip) {
        (Status::Skip, skip) => skip.as_ref().map(ToString::to_string).unwrap_or_default(),
        (Status::Fail, _) => {
            let mut errors = entry.errors();
            let first = errors.next().map(|item| item.message.clone());
            let more = match errors.count() {
                count if count > 0 && entry.kind == EntryKind::MutatedCase => {
                    format!(" (and {count} more)")
                }
                _ => String::new(),
            };
            first.unwrap_or_default() + &more
        }
        (Status::Pass, _) if entry.kind == EntryKind::MutatedCase => {
            note("counts").map_or_else(String::new, |(_, text)| text.clone())
        }
        (Status::Pass, _) => {
            let tally = entry.attempts.tally.clone();
            tally
                .filter(|_| entry.attempts.is_flaky)
                .unwrap_or_default()
        }
    }
}

/// A detail of a row.
#[derive(Debug)]
enum Detail {
    /// A labelled text.
    Text {
        /// The label.
        label: String,
        /// The text.
        text: String,
    },
    /// Lines of a page.
    Excerpt {
        /// Where they are.
        place: String,
        /// The lines.
        lines: Vec<Line>,
    },
    /// A unified diff.
    Diff {
        /// What is compared.
        title: String,
        /// Its lines.
        lines: Vec<DiffLine>,
    },
    /// A request and its response.
    Exchange {
        /// The request.
        request: String,
        /// The response.
        response: String,
    },
    /// A shell command.
    Command {
        /// The command.
        text: String,
    },
}

/// A line of a page; a part may be marked.
#[derive(Debug, Default)]
struct Line {
    number: usize,
    before: String,
    marked: String,
    after: String,
}

/// A line of a diff.
#[derive(Debug)]
struct DiffLine {
    class: &'static str,
    text: String,
}

/// What an open row shows.
fn details(entry: &Entry<'_>) -> Vec<Detail> {
    let mut details = Vec::new();
    if entry.kind == EntryKind::Finding {
        entry.items.iter().for_each(|item| {
            details.extend(item.excerpt.as_ref().map(|lines| excerpt(item, lines)));
            details.extend(item.help.as_deref().map(|help| labelled("help", help)));
        });
        return details;
    }
    let has_failed = entry.status == Status::Fail;
    if has_failed {
        details.push(labelled("case", &entry.id));
    }
    let is_shown = |label: &str| has_failed || label != "counts";
    let notes = entry.notes.iter().filter(|(label, _)| is_shown(label));
    details.extend(notes.map(|(label, text)| labelled(label, text)));
    for item in &entry.items {
        details.push(labelled(&item.rule, &item.message));
        details.extend(item.excerpt.as_ref().map(|lines| excerpt(item, lines)));
    }
    for (number, item) in entry.attempts.failures() {
        details.push(labelled(&format!("time {number}"), &item.message));
    }
    for diff in entry.diffs {
        let title = match &*diff.against {
            "documented" => "Documented and actual response",
            _ => "Accepted and actual response",
        };
        details.push(self::diff(title, &diff.text));
    }
    if let Some(exchange) = entry.exchange {
        details.push(Detail::Exchange {
            request: printable_lines(&exchange.request.text()),
            response: printable_lines(&exchange.response_text()),
        });
    }
    let curl = entry.curl.map(|curl| Detail::Command {
        text: printable_lines(curl),
    });
    details.extend(curl);
    details
}

fn labelled(label: &str, text: &str) -> Detail {
    Detail::Text {
        label: printable(label).into_owned(),
        text: printable(text).into_owned(),
    }
}

/// The lines of a page that an item is about.
fn excerpt(item: &Item, excerpt: &Excerpt) -> Detail {
    let line = |number| Line {
        number,
        ..Line::default()
    };
    let mut lines = vec![line(excerpt.line)];
    let parts = [&excerpt.before, &excerpt.marked, &excerpt.after];
    for (part, text) in parts.into_iter().enumerate() {
        for (at, text) in text.split('\n').enumerate() {
            if at > 0 {
                lines.push(line(excerpt.line + lines.len()));
            }
            let Some(line) = lines.last_mut() else {
                continue;
            };
            let into = match part {
                0 => &mut line.before,
                1 => &mut line.marked,
                _ => &mut line.after,
            };
            *into += &printable(text.trim_end_matches('\r'));
        }
    }
    Detail::Excerpt {
        place: printable(&format!("{}:{}", item.place.file, excerpt.line)).into_owned(),
        lines,
    }
}

/// The lines of a unified diff.
fn diff(title: &str, text: &str) -> Detail {
    let line = |line: &str| DiffLine {
        class: match line.as_bytes().first() {
            Some(b'+') => "add",
            Some(b'-') => "del",
            Some(b'@') => "hunk",
            _ => "same",
        },
        text: printable(line).into_owned(),
    };
    Detail::Diff {
        title: title.to_owned(),
        lines: text.lines().map(line).collect(),
    }
}

impl Detail {
    /// The estimated number of bytes.
    fn size(&self) -> usize {
        const MARKUP: usize = 120;
        const LINE: usize = 40;
        MARKUP
            + match self {
                Self::Text { text, .. } | Self::Command { text } => text.len(),
                Self::Excerpt { lines, .. } => lines
                    .iter()
                    .map(|line| LINE + line.before.len() + line.marked.len() + line.after.len())
                    .sum(),
                Self::Diff { lines, .. } => lines.iter().map(|line| LINE + line.text.len()).sum(),
                // JSON has many quotation marks, which are escaped.
                Self::Exchange { request, response } => (request.len() + response.len()) * 3 / 2,
            }
    }
}
