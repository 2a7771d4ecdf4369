//! Results for people: failures under the page's own lines, then one line
//! that says what the run has shown.

use std::fmt::Write as _;
use std::time::Duration;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet as Source};
use anstyle::{AnsiColor, Style};
use similar::TextDiff;

use super::json::DocsSummary;
use super::place::{Located, line, place};
use super::printable;
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind};
use crate::diagnostic::Snippet;
use crate::observation::promised;
use crate::outcome::{CaseResult, Finished, KnownDeviation, Outcome, Proof, Verdict, verdict};
use crate::policy::Policies;
use crate::schema::ShapeKind;
use crate::snapshot::{Deviation, State};

const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const BOLD: Style = Style::new().bold();
const RENDERER: Renderer = Renderer::styled();

/// A case for a person who looks over the docs.
pub fn case(case: &Case) -> String {
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
pub fn failure(
    case: &Case,
    result: &CaseResult,
    located: Option<Located<'_>>,
    policies: &Policies,
    proof: Proof,
) -> String {
    let who = proof.who();
    let Outcome::Fail(differences) = &result.outcome else {
        return String::new();
    };
    let id = result.id(case);
    let verdict = match verdict_text(&id, result, proof) {
        Some(text) => format!("  {}", printable(&text)),
        None => String::new(),
    };
    let tried = if result.earlier.is_empty() {
        String::new()
    } else {
        format!("  ({})", tried(result))
    };
    let mut text = format!(
        "{RED}FAIL{RED:#} {BOLD}{}{BOLD:#}{verdict}{tried}\n{} {}\n",
        printable(&id),
        printable(&case.request.method),
        printable(&case.request.target)
    );
    for difference in differences {
        text += &render(case, difference, located, who);
        text.push('\n');
    }
    text += &diffs(case, result, differences, policies);
    text
}

/// A case that passed and failed before: why it failed, each time.
pub fn flaky(case: &Case, result: &CaseResult, proof: Proof) -> String {
    let mut text = format!(
        "{YELLOW}FLAKY{YELLOW:#} {BOLD}{}{BOLD:#}  {}\n",
        printable(&result.id(case)),
        tried(result)
    );
    for (attempt, number) in result.earlier.iter().zip(1..) {
        let Outcome::Fail(differences) = &attempt.outcome else {
            continue;
        };
        for difference in differences {
            let line = match &difference.scenario {
                Some(place) => place.line,
                None => line(case, difference, None),
            };
            let message = message(case, difference, line, proof.who());
            writeln!(text, "  {number}: {}", printable(&message)).expect("a string takes all");
        }
    }
    text
}

/// How a case went that was run more than once.
fn tried(result: &CaseResult) -> String {
    let times = plural(result.earlier.len() + 1, "time");
    format!("failed {} of {times}", result.failures())
}

/// The verdict of a failed case in words, and what to do about it.
fn verdict_text(id: &str, result: &CaseResult, proof: Proof) -> Option<String> {
    let who = proof.who();
    let noun = who.trim_start_matches("the ");
    let deviation = result.deviation.as_ref();
    // Of a body a snapshot has only the outline, and what came is the same.
    let is_body = matches!(&result.outcome, Outcome::Fail(differences) if differences
        .iter()
        .any(|found| matches!(found.kind, DifferenceKind::Body(_))));
    let from = if is_body { "live" } else { "snapshot" };
    let mend = format!("`docproof fix {id} --from {from}` mends the page");
    // A deviation of the page as it was is none of the page as it is.
    let ended = deviation.filter(|_| proof == Proof::Parsing || result.snapshot == State::Match);
    Some(match result.verdict? {
        // A case that conforms and has no deviation does not fail.
        Verdict::Conforms | Verdict::KnownDeviation => return None,
        Verdict::ServiceDrifted => {
            format!("{noun} drifted: it left both its page and what was accepted")
        }
        Verdict::DocsAndServiceMoved => format!(
            "docs and {noun} moved: both left what was accepted; `docproof accept {id}` takes the new answer"
        ),
        Verdict::DocsChanged => match ended.and_then(|known| Some((known, known.until?))) {
            Some((Deviation { reason, .. }, until)) => format!(
                "docs changed: the deviation that was accepted ({reason}) ended on {until}; {mend}, `docproof accept --deviation` renews it"
            ),
            None => format!(
                "docs changed: {who} answers what was accepted, and the page says otherwise; {mend}"
            ),
        },
        Verdict::StaleDeviation => format!(
            "stale deviation: {who} answers as its page says; `docproof accept {id}` ends the deviation"
        ),
        Verdict::AllDiffer => {
            "all differ: the page, what was accepted and the answer say three things".to_owned()
        }
        Verdict::ServiceDiffers => format!(
            "{noun} differs: it does not answer as its page says; `docproof fix {id} --from live` mends the page"
        ),
    })
}

fn render(case: &Case, difference: &Difference, located: Option<Located<'_>>, who: &str) -> String {
    if let Some(place) = &difference.scenario {
        let message = message(case, difference, place.line, who);
        let title = Level::ERROR
            .primary_title(printable(&message))
            .id(difference.kind.name());
        let origin = Origin::path(format!("specs/scenarios/{}", place.file)).line(place.line);
        return RENDERER.render(&[Group::with_title(title).element(origin)]);
    }
    let line = line(case, difference, located);
    let message = message(case, difference, line, who);
    let title = Level::ERROR
        .primary_title(printable(&message))
        .id(difference.kind.name());
    let Some(located) = located else {
        let group = Group::with_title(title).element(Origin::path(&*case.page).line(line));
        return RENDERER.render(&[group]);
    };
    let span = place(case, difference, located);
    let group = match Snippet::of(located.page, span) {
        Some(snippet) => title.element(
            Source::source(snippet.text)
                .line_start(snippet.first_line)
                .path(located.file)
                .annotation(
                    AnnotationKind::Primary
                        .span(snippet.span.range())
                        .label(label(difference).map(|label| printable(&label).into_owned())),
                ),
        ),
        None => Group::with_title(title).element(Origin::path(located.file).line(line)),
    };
    RENDERER.render(&[group])
}

fn message(case: &Case, difference: &Difference, line: usize, who: &str) -> String {
    let place = format!("{}:{line}", case.page);
    let Difference {
        header,
        documented,
        observed,
        ..
    } = difference;
    let header = header.as_deref().unwrap_or_default();
    let path = difference.member.as_ref();
    let path = path.map_or("", |member| member.path.as_str());
    let observed = observed.as_deref().unwrap_or_default();
    match difference.kind {
        DifferenceKind::Status => {
            format!("docs say {documented} ({place}), {who} answered {observed}")
        }
        DifferenceKind::MissingHeader => {
            format!("docs say `{header}: {documented}` ({place}), {who} sent no such header")
        }
        DifferenceKind::Header | DifferenceKind::MediaType => {
            format!(
                "docs say `{header}: {documented}` ({place}), {who} sent `{header}: {observed}`"
            )
        }
        DifferenceKind::Snapshot => format!("{who} answered otherwise than was accepted ({place})"),
        DifferenceKind::StaleDeviation => format!(
            "{who} answers as documented ({place}), where a deviation was accepted: {documented}"
        ),
        DifferenceKind::Documented => format!("docs show {documented} ({place})"),
        DifferenceKind::Content => {
            format!("docs show a body ({place}), and that of {who} could not be read: {observed}")
        }
        DifferenceKind::Body(ShapeKind::MissingProperty) => {
            format!("docs show `{path}` ({place}), {who} sent no such member")
        }
        DifferenceKind::Body(_) => {
            format!("docs say `{path}` is {documented} ({place}), {who} sent {observed}")
        }
        DifferenceKind::Setup
        | DifferenceKind::Expectation
        | DifferenceKind::Capture
        | DifferenceKind::Poll
        | DifferenceKind::Teardown => {
            let step = difference.scenario.as_ref();
            let step = step.map_or("", |place| place.step.as_str());
            let got = if observed.is_empty() { "" } else { ", got " };
            format!("{step}: expected {documented}{got}{observed}")
        }
        DifferenceKind::Transport => {
            format!("docs say {documented} ({place}), {who} gave no answer: {observed}")
        }
        DifferenceKind::NoRoute => {
            format!("the request ({place}) reached no documented route of the mock")
        }
    }
}

fn label(difference: &Difference) -> Option<String> {
    match (difference.kind, &difference.observed) {
        (DifferenceKind::MissingHeader, _) => Some("not there".to_owned()),
        (
            DifferenceKind::Status | DifferenceKind::Header | DifferenceKind::MediaType,
            Some(observed),
        ) => Some(observed.clone()),
        _ => None,
    }
}

/// The answer beside the documented one, and beside the accepted one.
fn diffs(
    case: &Case,
    result: &CaseResult,
    differences: &[Difference],
    policies: &Policies,
) -> String {
    let mut text = String::new();
    let (Some(observation), Some(response)) = (&result.observation, &case.response) else {
        return text;
    };
    let documented = promised(&response.message, policies);
    let is_of_page = |found: &Difference| {
        let kinds = [DifferenceKind::Snapshot, DifferenceKind::StaleDeviation];
        !kinds.contains(&found.kind) && found.scenario.is_none()
    };
    if differences.iter().any(is_of_page) {
        text += &diff("documented", &documented, observation);
    }
    for difference in differences {
        if difference.kind == DifferenceKind::Snapshot {
            text += &diff("accepted", &difference.documented, observation);
        }
    }
    text
}

fn diff(name: &str, before: &str, after: &str) -> String {
    let (before, after) = (format!("{before}\n"), format!("{after}\n"));
    let diff = TextDiff::from_lines(&before, &after);
    let unified = diff.unified_diff().header(name, "answered").to_string();
    let mut text = String::new();
    for line in unified.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => GREEN,
            Some(b'-') => RED,
            _ => Style::new(),
        };
        writeln!(text, "{style}{}{style:#}", printable(line)).expect("a string takes all");
    }
    text
}

/// The last lines of a run: counts, skips by reason, and what it has shown.
pub fn summary(finished: &Finished, docs: &DocsSummary, elapsed: Duration) -> String {
    let counts = &finished.counts;
    let mut text = String::new();
    let color = if counts.fail == 0 && docs.unread == 0 {
        GREEN
    } else {
        RED
    };
    let flaky = match counts.flaky {
        0 => String::new(),
        flaky => format!(" ({flaky} flaky)"),
    };
    write!(
        text,
        "{color}{} passed{flaky}, {} failed, {} skipped{color:#}",
        counts.pass,
        counts.fail,
        counts.skipped()
    )
    .expect("a string takes all");
    if !counts.skip.is_empty() {
        let reasons: Vec<String> = counts
            .skip
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        write!(text, " ({})", reasons.join(", ")).expect("a string takes all");
    }
    if finished.not_run() > 0 {
        write!(text, ", {} not run", finished.not_run()).expect("a string takes all");
    }
    write!(
        text,
        " of {} on {} in {:.2} s",
        plural(finished.selected, "case"),
        plural(docs.pages, "page"),
        elapsed.as_secs_f64()
    )
    .expect("a string takes all");
    if docs.unread > 0 {
        let pages = plural(docs.unread, "page");
        write!(text, "; {pages} could not be read").expect("a string takes all");
    }
    if finished.interrupted {
        text += "; interrupted";
    }
    text.push('\n');
    let snapshots: Vec<String> = ["match", "new", "mismatch"]
        .into_iter()
        .filter_map(|state| {
            let count = counts.snapshots.get(state)?;
            Some(format!("{count} {state}"))
        })
        .collect();
    if !snapshots.is_empty() {
        let hint = match counts.snapshots.get("new") {
            Some(_) => "; nothing was accepted before for what is new",
            None => "",
        };
        writeln!(text, "snapshots: {}{hint}", snapshots.join(", ")).expect("a string takes all");
    }
    if counts
        .verdicts
        .keys()
        .any(|name| *name != Verdict::Conforms.name())
    {
        let verdicts: Vec<String> = counts
            .verdicts
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        writeln!(text, "verdicts: {}", verdicts.join(", ")).expect("a string takes all");
    }
    for known in &finished.deviations {
        writeln!(text, "{}", deviation(known)).expect("a string takes all");
    }
    if !counts.warnings.is_empty() {
        let warnings: Vec<String> = counts
            .warnings
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let warnings = warnings.join(", ");
        writeln!(
            text,
            "warnings: {warnings}; --format json shows each, --strict fails on them"
        )
        .expect("a string takes all");
    }
    let errors = docs.errors;
    if errors > 0 {
        let errors = plural(errors, "error");
        writeln!(
            text,
            "{RED}{errors} in the pages{RED:#}: what is lost there was not tested"
        )
        .expect("a string takes all");
    }
    let all_passed = counts.fail == 0 && !finished.interrupted;
    let verdict = verdict(finished.proof, counts.pass, all_passed, &finished.target);
    text + &verdict + "\n"
}

/// A known deviation, on a line.
pub fn deviation(known: &KnownDeviation) -> String {
    let until = known
        .deviation
        .until
        .map(|until| format!(" until {until}"))
        .unwrap_or_default();
    let line = format!(
        "known deviation{until}: {}: {}",
        known.id, known.deviation.reason
    );
    printable(&line).into_owned()
}

/// `1 page`, `2 pages`.
pub fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
