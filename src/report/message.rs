//! What is said of a failed case, in words: the same in every report.

use crate::check::types::ShapeKind;
use crate::page::case::Case;
use crate::run::compare::{Difference, DifferenceKind};
use crate::run::outcome::{CaseResult, Outcome, Proof, Verdict};
use crate::run::snapshot::{Deviation, State};

/// The verdict of a failed case in words, and what to do about it.
pub(super) fn advice(id: &str, result: &CaseResult, proof: Proof) -> Option<String> {
    let Outcome::Fail(differences) = &result.outcome else {
        return None;
    };
    let who = proof.who();
    let noun = who.trim_start_matches("the ");
    let deviation = result.deviation.as_ref();
    // Of a body a snapshot has only the outline, and what came is the same.
    let is_body = differences
        .iter()
        .any(|found| matches!(found.kind, DifferenceKind::Body(_)));
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
        Verdict::SnapshotOutdated => format!(
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

/// A difference in a sentence. `line` is that of the page.
pub(super) fn message(case: &Case, difference: &Difference, line: usize, who: &str) -> String {
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
        DifferenceKind::Body(ShapeKind::NullValue) => {
            format!("docs say `{path}` is {documented} ({place}), {who} sent null")
        }
        DifferenceKind::Body(ShapeKind::UndocumentedProperty) => {
            format!("docs do not document `{path}` ({place}), {who} sent {observed}")
        }
        DifferenceKind::Body(_) => {
            format!("docs say `{path}` is {documented} ({place}), {who} sent {observed}")
        }
        DifferenceKind::Capture => {
            let step = difference.scenario.as_ref();
            let step = step.map_or("", |place| place.step.as_str());
            format!("{step}: failed to capture `{documented}`: {observed}")
        }
        DifferenceKind::Setup
        | DifferenceKind::Expectation
        | DifferenceKind::Poll
        | DifferenceKind::Teardown => {
            let step = difference.scenario.as_ref();
            let step = step.map_or("", |place| place.step.as_str());
            // Without an observed value, the other text says what went wrong.
            match observed {
                "" => format!("{step}: {documented}"),
                observed => format!("{step}: expected {documented}, got {observed}"),
            }
        }
        DifferenceKind::Transport => {
            format!("docs say {documented} ({place}), {who} gave no answer: {observed}")
        }
        DifferenceKind::NoRoute => {
            format!("the request ({place}) reached no documented route of the mock")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::page::extract::extract;
    use crate::run::compare::ScenarioPlace;
    use crate::text::source::Page;

    #[track_caller]
    fn check(kind: DifferenceKind, documented: &str, observed: Option<&str>, expected: &str) {
        let text = "<!-- { \"blockType\": \"request\" } -->\n```http\nGET /a\n```\n";
        let page = extract(&Page::new("p.md", text.to_owned()));
        let place = ScenarioPlace {
            file: Arc::from("a.yaml"),
            line: 1,
            step: "request".to_owned(),
        };
        let difference = Difference {
            scenario: Some(place),
            ..Difference::new(kind, documented, observed.map(str::to_owned))
        };
        assert_eq!(
            message(&page.cases[0], &difference, 1, "the mock"),
            expected
        );
    }

    #[test]
    fn describes_failed_captures_once() {
        check(
            DifferenceKind::Capture,
            "name",
            Some("the response has no `$.nam`"),
            "request: failed to capture `name`: the response has no `$.nam`",
        );
    }

    #[test]
    fn describes_errors_without_an_expected_value() {
        check(
            DifferenceKind::Setup,
            "failed to read `a.txt`: not found",
            None,
            "request: failed to read `a.txt`: not found",
        );
        check(
            DifferenceKind::Setup,
            "201 Created",
            Some("404 Not Found"),
            "request: expected 201 Created, got 404 Not Found",
        );
    }
}
