//! The messages about a failed case, which all reports share.

use crate::check::types::ShapeKind;
use crate::page::case::Case;
use crate::run::compare::{Difference, DifferenceKind};
use crate::run::outcome::{CaseResult, Outcome, Proof, Verdict};
use crate::run::snapshot::{Deviation, State};

/// The verdict of a failed case as a sentence, and what to do about it.
pub(super) fn advice(id: &str, result: &CaseResult, proof: Proof) -> Option<String> {
    let Outcome::Fail(differences) = &result.outcome else {
        return None;
    };
    let who = proof.who();
    let noun = who.trim_start_matches("the ");
    let deviation = result.deviation.as_ref();
    // A snapshot has only the outline of a body, so it cannot fix one.
    let is_body = differences
        .iter()
        .any(|found| matches!(found.kind, DifferenceKind::Body(_) | DifferenceKind::Text));
    let from = if is_body { "live" } else { "snapshot" };
    let by = |from: &str| {
        // A text is not written into a page.
        let is_text = |found: &Difference| found.kind == DifferenceKind::Text;
        if differences.iter().all(is_text) {
            "fix the page or the service".to_owned()
        } else {
            format!("`docproof fix {id} --from {from}` fixes the page")
        }
    };
    let (live, fix) = (by("live"), by(from));
    // A deviation from an earlier state of the page is not one from its present state.
    let ended = deviation.filter(|_| proof == Proof::Parsing || result.snapshot == State::Match);
    Some(match result.verdict? {
        // A case that conforms fails only if its snapshot is missing.
        Verdict::Conforms | Verdict::KnownDeviation => return None,
        Verdict::ServiceDrifted => format!(
            "{noun} drifted: the response matches neither the page nor the accepted snapshot"
        ),
        Verdict::SnapshotOutdated => format!(
            "page and {noun} both changed since the snapshot was accepted; run `docproof accept {id}` to accept the new response"
        ),
        Verdict::DocsChanged => match ended.and_then(|known| Some((known, known.until?))) {
            Some((Deviation { reason, .. }, until)) => format!(
                "docs changed: the accepted deviation ({reason}) ended on {until}; {fix}, `docproof accept --deviation` renews it"
            ),
            None => format!(
                "docs changed: the response matches the accepted snapshot, but not the page; {fix}"
            ),
        },
        Verdict::StaleDeviation => format!(
            "stale deviation: the response of {who} matches the page; `docproof accept {id}` ends the deviation"
        ),
        Verdict::AllDiffer => {
            "all differ: page, accepted snapshot and response are all different".to_owned()
        }
        Verdict::ServiceDiffers => {
            format!("{noun} differs: the response of {who} does not match the page; {live}")
        }
    })
}

/// A difference as a sentence. `line` is the line of the page.
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
            let other = difference.alternative.as_ref();
            let other = other.map_or_else(String::new, |other| {
                let (id, page, line) = (&other.id, &other.page, other.line);
                format!(", which is the alternative `{id}` ({page}:{line})")
            });
            format!("docs say {documented} ({place}), {who} sent {observed}{other}")
        }
        DifferenceKind::MissingHeader => {
            format!("docs say `{header}: {documented}` ({place}), {who} did not send this header")
        }
        DifferenceKind::Header | DifferenceKind::MediaType => {
            format!(
                "docs say `{header}: {documented}` ({place}), {who} sent `{header}: {observed}`"
            )
        }
        DifferenceKind::Snapshot => {
            let (accepted, sent) = (first_line(documented), first_line(observed));
            if accepted == sent || sent.is_empty() {
                format!("response differs from the accepted snapshot ({place})")
            } else {
                format!(
                    "response differs from the accepted snapshot ({place}): {accepted} → {sent}"
                )
            }
        }
        DifferenceKind::MissingSnapshot => format!(
            "no snapshot `{documented}` is accepted ({place}); run `docproof test` and \
             `docproof accept` outside CI, and commit the file"
        ),
        DifferenceKind::StaleDeviation => format!(
            "{who} sent the documented response ({place}), but a deviation is accepted: {documented}"
        ),
        DifferenceKind::Documented => format!("docs show {documented} ({place})"),
        DifferenceKind::Content => {
            format!("docs show a body ({place}), but that of {who} could not be read: {observed}")
        }
        DifferenceKind::Text => format!("docs show {documented} ({place}), {who} sent {observed}"),
        DifferenceKind::NotChecked => {
            format!("the body of {who} was not checked: {documented} ({place})")
        }
        DifferenceKind::Body(ShapeKind::JsonSyntax) => {
            format!("docs show JSON ({place}), but the body of {who} is {observed}")
        }
        DifferenceKind::Body(ShapeKind::MissingProperty) => {
            format!("docs show `{path}` ({place}), {who} did not send this member")
        }
        DifferenceKind::Body(ShapeKind::NullValue) => {
            format!("docs say `{path}` is {documented} ({place}), {who} sent null")
        }
        DifferenceKind::Body(ShapeKind::UndocumentedProperty) => {
            format!("docs do not document `{path}` ({place}), {who} sent {observed}")
        }
        DifferenceKind::Body(_) => {
            let sent = match observed {
                "" => String::new(),
                observed => format!(", {who} sent {observed}"),
            };
            format!("docs say `{path}` is {documented} ({place}){sent}")
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
            format!("docs say {documented} ({place}), {who} sent no response: {observed}")
        }
        DifferenceKind::CutBody => format!("docs say {documented} ({place}); {observed}"),
        DifferenceKind::EndlessBody => format!(
            "the body of {who} ({place}) did not end within --body-timeout, so only status and \
             header fields were compared"
        ),
        DifferenceKind::NoRoute => {
            format!("the request ({place}) matches no documented route of the mock")
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
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
        let page = extract(&Page::new("p.md", text.to_owned()), None);
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
