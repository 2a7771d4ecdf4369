//! What a case's answer is held against beside its page: what was accepted
//! last. With both, it has a verdict.

use std::collections::BTreeSet;

use super::{Judge, Observation, shape_line};
use crate::check::types::{ShapeKind, Skeleton};
use crate::http::message::{ActualResponse, Content, Response};
use crate::page::case::Case;
use crate::run::compare::{Difference, DifferenceKind};
use crate::run::observation::promised;
use crate::run::outcome::{Accepted, CaseResult, Proof, Verdict};
use crate::run::snapshot::{self, Deviation, Kept, Observed, SnapshotError, State, Update};
use crate::text::rules::SNAPSHOT_SYNTAX;

/// An observation as the lines of its status and headers, and those of its body.
fn parts(text: &str) -> (Vec<&str>, BTreeSet<&str>) {
    let is_shape = |line: &&str| line.starts_with("body $");
    let head = text.lines().filter(|line| !is_shape(line)).collect();
    (head, text.lines().filter(is_shape).collect())
}

/// Whether what a line says of an accepted body is so of one that came.
fn has_line(came: &Skeleton, line: &str) -> bool {
    let said = line
        .strip_prefix("body ")
        .and_then(|line| line.rsplit_once(": "));
    let Some((path, what)) = said else {
        return false;
    };
    let (kind, observed) = match what.split_once(' ') {
        Some((kind, observed)) => (kind, Some(observed)),
        None => (what, None),
    };
    match ShapeKind::of_name(kind) {
        // What there was instead is not in the line.
        None | Some(ShapeKind::CollectionExpected | ShapeKind::ErrorObjectExpected) => false,
        Some(kind) => came.has(kind, path, observed) == Some(true),
    }
}

impl Judge {
    /// Holds an observation against the accepted one, if that is asked for, and
    /// gives the verdict. Returns the differences that make the case fail.
    pub(super) fn accepted(
        &self,
        case: &Case,
        documented: &Response,
        mut differences: Vec<Difference>,
        observation: Observation<'_>,
        result: &mut CaseResult,
    ) -> Result<Vec<Difference>, SnapshotError> {
        let (deviation, kept) = match self.snapshots {
            Some(update) => self.snapshot(case, &observation, update, result)?,
            None => (None, None),
        };
        let kept = kept.filter(|_| !differences.is_empty());
        let kept = kept.and_then(|kept| kept.outline().map(Skeleton::from_kept));
        let accepted = match &result.snapshot {
            State::Off | State::New => Accepted::Nothing,
            State::Match if !self.has_grown(kept.as_ref(), &differences) => Accepted::Response,
            State::Mismatch { accepted }
                if self.is_same_body(kept.as_ref(), accepted, &observation, &differences) =>
            {
                Accepted::Response
            }
            State::Match if promised(documented, &self.policies) == observation.text => {
                Accepted::Promise
            }
            State::Mismatch { accepted } if promised(documented, &self.policies) == *accepted => {
                Accepted::Promise
            }
            State::Match | State::Mismatch { .. } => Accepted::Other,
        };
        // Where the body was not looked at, it is not known to have come round.
        let kept = result.observation.get_or_insert(observation.text);
        let is_unseen = deviation.is_some()
            && !self.is_mock
            && !observation.has_shape
            && result.snapshot == State::Match
            && kept.contains("\nbody $");
        let conforms = differences.is_empty() && !is_unseen;
        let proof = self.proof();
        let mut verdict = Verdict::of(conforms, accepted);
        // What the page says of the body since is no part of a deviation.
        let is_new = verdict == Verdict::DocsChanged && result.snapshot != State::Match;
        if let Some(deviation) = deviation.as_ref().filter(|_| !is_new) {
            let has_ended = deviation.ended(self.today).is_some();
            verdict = verdict.deviating(conforms, has_ended, proof);
        }
        match (verdict, &result.snapshot) {
            (Verdict::KnownDeviation, _) => differences.clear(),
            (Verdict::StaleDeviation, _) => {
                let reason = deviation.as_ref().map(|known| known.reason.clone());
                let reason = reason.unwrap_or_default();
                differences.push(Difference::new(
                    DifferenceKind::StaleDeviation,
                    reason,
                    None,
                ));
            }
            // What was accepted is what the page says, or what came, and what
            // differs between these two is said.
            (Verdict::ServiceDrifted, _) => {}
            (Verdict::DocsChanged, _) if !self.is_mock => {}
            (_, State::Mismatch { accepted }) => differences.push(Difference::new(
                DifferenceKind::Snapshot,
                accepted.clone(),
                result.observation.clone(),
            )),
            _ => {}
        }
        // Of what cannot be read it is not known what was accepted.
        let is_known = !matches!(result.snapshot, State::Mismatch { .. })
            || result
                .finding
                .as_ref()
                .is_none_or(|finding| finding.rule != &SNAPSHOT_SYNTAX);
        result.verdict = is_known.then_some(verdict);
        result.deviation = deviation;
        Ok(differences)
    }

    fn proof(&self) -> Proof {
        if self.is_mock {
            Proof::Parsing
        } else {
            Proof::Conformance
        }
    }

    /// Whether a body has a member that its page does not document and that the
    /// accepted one had not. Snapshots keep nothing of such members.
    fn has_grown(&self, kept: Option<&Skeleton>, differences: &[Difference]) -> bool {
        kept.is_some_and(|kept| {
            differences.iter().any(|found| {
                found.kind == DifferenceKind::Body(ShapeKind::UndocumentedProperty)
                    && self.had(kept, found) == Some(false)
            })
        })
    }

    /// Whether what was accepted is what came, and only the page says something
    /// else of its body than it did then: what is different now would have been
    /// different then, and what was then would be now.
    fn is_same_body(
        &self,
        kept: Option<&Skeleton>,
        accepted: &str,
        observation: &Observation<'_>,
        differences: &[Difference],
    ) -> bool {
        let Some(kept) = kept.filter(|_| observation.has_shape && !differences.is_empty()) else {
            return false;
        };
        let (then, shape_then) = parts(accepted);
        let (now, shape_now) = parts(&observation.text);
        if then != now || self.has_grown(Some(kept), differences) {
            return false;
        }
        let had_all = differences.iter().all(|found| {
            let Some((path, what)) = shape_line(found) else {
                return true;
            };
            let line = self
                .secrets
                .masked(&format!("body {path}: {what}"))
                .into_owned();
            shape_then.contains(line.as_str()) || self.had(kept, found) == Some(true)
        });
        if !had_all {
            return false;
        }
        let mut gone = shape_then.difference(&shape_now).peekable();
        if gone.peek().is_none() {
            return true;
        }
        let Some(came) = self.outline(observation.response) else {
            return false;
        };
        gone.all(|line| has_line(&came, line))
    }

    /// Whether the same was different of the accepted body.
    fn had(&self, kept: &Skeleton, found: &Difference) -> Option<bool> {
        let DifferenceKind::Body(kind) = found.kind else {
            return None;
        };
        let path = self.secrets.masked(&found.member.as_ref()?.path);
        kept.has(kind, &path, found.observed.as_deref())
    }

    /// The outline of an answer's body, without the secrets in it.
    fn outline(&self, response: &ActualResponse) -> Option<Skeleton> {
        let Content::Whole(body) = &response.body else {
            return None;
        };
        let outline = Skeleton::of(body)?;
        Some(outline.with_paths(|path| self.secrets.masked(path)))
    }

    /// Holds an observation against the accepted one. Returns the deviation that
    /// was accepted for the case, and what was kept of the accepted body.
    fn snapshot(
        &self,
        case: &Case,
        observation: &Observation<'_>,
        update: Update,
        result: &mut CaseResult,
    ) -> Result<(Option<Deviation>, Option<Kept>), SnapshotError> {
        let id = result.id(case);
        let (deviation, broken) = snapshot::deviation(&self.folder, &id)?;
        let update = match &deviation {
            None => update,
            // What the mock answers is no news of the service.
            Some(_) if self.is_mock => Update::No,
            // What was accepted for a reason is not replaced without one.
            Some(_) if update == Update::No => Update::No,
            Some(_) => Update::New,
        };
        let source = match self.docs_name.as_str() {
            "" => case.page.to_string(),
            docs => format!("{docs}/{}", case.page),
        };
        let observed = Observed {
            id: &id,
            source: &source,
            line: case.line,
            expression: &format!("{} {}", case.request.method, case.request.target),
            contents: &observation.text,
            has_shape: observation.has_shape,
        };
        let outline = || {
            let outline = self.outline(observation.response)?;
            observation.has_shape.then(|| outline.into_kept())
        };
        let checked = snapshot::check(&self.folder, &observed, update, outline)?;
        result.snapshot = checked.state;
        result.finding = checked.finding.or(broken);
        result.observation = Some(checked.contents);
        Ok((deviation, checked.kept))
    }
}

#[cfg(test)]
mod tests;
