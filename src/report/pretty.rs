//! Results for people: failures under the page's own lines, then one line
//! that says what the run has shown.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet as Source};
use anstyle::{AnsiColor, Style};

use super::printable;
use super::record::{
    CaseRecord, DeviationRecord, DiffRecord, DifferenceRecord, OutcomeName, Summary, Tally,
};
use crate::page::case::Case;
use crate::run::outcome::{KnownDeviation, Verdict};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RENDERER: Renderer = Renderer::styled();

/// A case for a person who looks over the docs.
pub(crate) fn case(case: &Case) -> String {
    let status = case.response.as_ref().map_or_else(
        || "-".to_owned(),
        |response| response.message.status.to_string(),
    );
    printable(&format!(
        "{:<7} {status:>3}  {}:{}  {}  {}",
        case.request.method, case.page, case.line, case.id, case.request.target
    ))
    .into_owned()
}

/// A failed case: each difference under the page's own lines, then the answer
/// beside the documented one.
pub(crate) fn failure(case: &CaseRecord) -> String {
    let advice = match &case.advice {
        Some(advice) => format!("  {}", printable(advice)),
        None => String::new(),
    };
    let tried = match case.tried() {
        Some(tried) => format!("  ({tried})"),
        None => String::new(),
    };
    let mut text = format!(
        "{RED}FAIL{RED:#} {BOLD}{}{BOLD:#}{advice}{tried}\n{} {}\n",
        printable(&case.id),
        printable(&case.method),
        printable(&case.target)
    );
    for difference in &case.differences {
        text += &render(case, difference);
        text.push('\n');
    }
    for diff in &case.diffs {
        text += &styled(diff);
    }
    text
}

/// A case that passed and failed before: why it failed, each time.
pub(crate) fn flaky(case: &CaseRecord) -> String {
    let mut text = format!(
        "{YELLOW}FLAKY{YELLOW:#} {BOLD}{}{BOLD:#}  {}\n",
        printable(&case.id),
        case.tried().unwrap_or_default()
    );
    for (number, difference) in case.failed_before() {
        let message = printable(&difference.message);
        writeln!(text, "  {number}: {message}").expect("a string takes all");
    }
    text
}

/// A case on one line.
pub(crate) fn short(case: &CaseRecord) -> String {
    let (style, word, said) = match case.outcome {
        OutcomeName::Pass => (GREEN, "PASS", took(case)),
        OutcomeName::Skip => (YELLOW, "SKIP", case.skipped_for()),
        OutcomeName::Fail => {
            let difference = case.differences.first();
            let message = difference.map(|found| found.message.clone());
            (RED, "FAIL", message.unwrap_or_default())
        }
    };
    let id = printable(&case.id);
    format!(
        "{style}{word:>5}{style:#} {id}  {DIM}{}{DIM:#}\n",
        printable(&said)
    )
}

/// How long a case took.
pub(crate) fn took(case: &CaseRecord) -> String {
    format!("{:.0} ms", case.ms)
}

/// What was sent for a case and what came back, line by line.
pub(crate) fn exchange(case: &CaseRecord) -> String {
    let Some(exchange) = &case.exchange else {
        return String::new();
    };
    let answer = match (&exchange.answer, &exchange.error) {
        (Some(answer), _) => answer.text(),
        (None, error) => format!("no answer: {}", error.as_deref().unwrap_or_default()),
    };
    let mut text = String::new();
    for (sign, message) in [('>', exchange.request.text()), ('<', answer)] {
        for line in message.split('\n') {
            let line = printable(line.trim_end_matches('\r'));
            writeln!(text, "{DIM}{sign}{DIM:#} {line}").expect("a string takes all");
        }
    }
    text
}

fn render(case: &CaseRecord, difference: &DifferenceRecord) -> String {
    let message = printable(&difference.message);
    let title = Level::ERROR.primary_title(&*message).id(&*difference.kind);
    if let Some(place) = &difference.scenario {
        let origin = Origin::path(format!("specs/scenarios/{}", place.file)).line(place.line);
        return RENDERER.render(&[Group::with_title(title).element(origin)]);
    }
    let file = printable(case.file());
    let Some(excerpt) = &difference.excerpt else {
        let origin = Origin::path(&*file).line(difference.line);
        return RENDERER.render(&[Group::with_title(title).element(origin)]);
    };
    let start = excerpt.before.len();
    let label = label(difference).map(printable);
    let annotation = AnnotationKind::Primary
        .span(start..start + excerpt.marked.len())
        .label(label);
    let source = Source::source(excerpt.text())
        .line_start(excerpt.line)
        .path(&*file)
        .annotation(annotation);
    RENDERER.render(&[title.element(source)])
}

/// What stands at the carets.
fn label(difference: &DifferenceRecord) -> Option<&str> {
    match &*difference.kind {
        "missing-header" => Some("not there"),
        "status" | "header" | "media-type" => difference.observed.as_deref(),
        _ => None,
    }
}

/// A diff with the colours of its signs.
fn styled(diff: &DiffRecord) -> String {
    let mut text = String::new();
    for line in diff.text.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => GREEN,
            Some(b'-') => RED,
            _ => Style::new(),
        };
        writeln!(text, "{style}{}{style:#}", printable(line)).expect("a string takes all");
    }
    text
}

/// `1 match, 2 new`.
fn counted(tally: &Tally) -> String {
    let counts: Vec<String> = tally
        .iter()
        .map(|(name, count)| format!("{count} {}", printable(name)))
        .collect();
    counts.join(", ")
}

/// The last lines of a run: counts, skips by reason, and what it has shown.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut text = first_line(summary);
    let snapshots: Vec<String> = ["match", "new", "mismatch"]
        .into_iter()
        .filter_map(|state| {
            let count = summary.snapshots.get(state)?;
            Some(format!("{count} {state}"))
        })
        .collect();
    if !snapshots.is_empty() {
        let hint = match summary.snapshots.get("new") {
            Some(_) => "; nothing was accepted before for what is new",
            None => "",
        };
        writeln!(text, "snapshots: {}{hint}", snapshots.join(", ")).expect("a string takes all");
    }
    if summary
        .verdicts
        .keys()
        .any(|name| *name != Verdict::Conforms.name())
    {
        let verdicts = counted(&summary.verdicts);
        writeln!(text, "verdicts: {verdicts}").expect("a string takes all");
    }
    for known in &summary.deviations {
        writeln!(text, "{}", deviation_record(known)).expect("a string takes all");
    }
    if !summary.warnings.is_empty() {
        let warnings = counted(&summary.warnings);
        writeln!(
            text,
            "warnings: {warnings}; --format json shows each, --strict fails on them"
        )
        .expect("a string takes all");
    }
    text += &page_errors(summary);
    for partition in &summary.missing_partitions {
        let partition = partition.to_string();
        let partition = printable(&partition);
        writeln!(text, "{RED}partition {partition} is missing{RED:#}").expect("a string takes all");
    }
    text + &proof(summary)
}

/// The counts of a run, what it was not about because pages have errors, and
/// what it has shown.
pub(crate) fn short_summary(summary: &Summary) -> String {
    first_line(summary) + &page_errors(summary) + &proof(summary)
}

/// What a run has shown, parsing or conformance: no summary goes without it.
fn proof(summary: &Summary) -> String {
    printable(&summary.sentence()).into_owned() + "\n"
}

fn page_errors(summary: &Summary) -> String {
    if summary.errors == 0 {
        return String::new();
    }
    let errors = plural(summary.errors, "error");
    format!("{RED}{errors} in the pages{RED:#}: what is lost there was not tested\n")
}

/// The counts of a run, on a line.
fn first_line(summary: &Summary) -> String {
    let color = if summary.has_failed() { RED } else { GREEN };
    let mut text = format!("{color}{}{color:#}", summary.outcomes());
    if !summary.skip_reasons.is_empty() {
        text += &format!(" ({})", counted(&summary.skip_reasons));
    }
    write!(
        text,
        "{} on {} in {:.2} s",
        summary.of_cases(),
        plural(summary.pages, "page"),
        summary.ms / 1e3
    )
    .expect("a string takes all");
    if summary.pages_unread > 0 {
        let pages = plural(summary.pages_unread, "page");
        write!(text, "; {pages} could not be read").expect("a string takes all");
    }
    if summary.interrupted {
        text += "; interrupted";
    }
    text + "\n"
}

/// The cases that took longest, the longest first.
pub(crate) fn slowest(cases: &[&CaseRecord]) -> String {
    let mut text = format!("the {} that took longest:\n", plural(cases.len(), "case"));
    for case in cases {
        let id = printable(&case.id);
        writeln!(text, "{:>9}  {id}", took(case)).expect("a string takes all");
    }
    text
}

/// A known deviation, on a line.
pub(crate) fn deviation(known: &KnownDeviation) -> String {
    deviation_record(&DeviationRecord::of(Some(&known.id), &known.deviation))
}

fn deviation_record(known: &DeviationRecord) -> String {
    let until = known.until.as_ref();
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    let id = known.id.as_deref().unwrap_or_default();
    let line = format!("known deviation{until}: {id}: {}", known.reason);
    printable(&line).into_owned()
}

/// `1 page`, `2 pages`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
