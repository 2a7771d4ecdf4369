//! Compares a response with the accepted snapshot, and gives the verdict on
//! page, snapshot and response.

use std::collections::BTreeSet;

use super::{Judge, Observation, shape_line};
use crate::check::types::{ShapeKind, Skeleton};
use crate::http::message::{ActualResponse, Content, Response};
use crate::page::case::Case;
use crate::run::compare::{Difference, DifferenceKind};
use crate::run::observation::{promised, renewed, with_usual_status};
use crate::run::outcome::{Accepted, CaseResult, Proof, Verdict};
use crate::run::snapshot::{
    self, Deviation, Handling, Kept, Observed, SnapshotError, State, Update,
};
use crate::text::rules::SNAPSHOT_SYNTAX;

/// Splits an observation into the lines of its status and header fields, and
/// those of its body.
fn parts(text: &str) -> (Vec<&str>, BTreeSet<&str>) {
    let is_shape = |line: &&str| line.starts_with("body $");
    let head = text.lines().filter(|line| !is_shape(line)).collect();
    (head, text.lines().filter(is_shape).collect())
}

/// Whether a line about the accepted body is also true of the actual body.
fn has_line(outline: &Skeleton, line: &str) -> bool {
    let parsed = line
        .strip_prefix("body ")
        .and_then(|line| line.rsplit_once(": "));
    let Some((path, what)) = parsed else {
        return false;
    };
    let (kind, observed) = match what.split_once(' ') {
        Some((kind, observed)) => (kind, Some(observed)),
        None => (what, None),
    };
    match ShapeKind::of_name(kind) {
        // The line does not contain what was observed instead.
        None | Some(ShapeKind::CollectionExpected | ShapeKind::ErrorObjectExpected) => false,
        Some(kind) => outline.has(kind, path, observed) == Some(true),
    }
}

impl Judge {
    /// Compares an observation with the accepted one, if snapshots are enabled,
    /// and gives the verdict. Returns the differences that make the case fail.
    pub(super) fn accepted(
        &self,
        case: &Case,
        documented: &Response,
        mut differences: Vec<Difference>,
        observation: Observation<'_>,
        result: &mut CaseResult,
    ) -> Result<Vec<Difference>, SnapshotError> {
        let (deviation, kept) = match self.snapshots {
            Some(handling) => self.snapshot(case, documented, &observation, handling, result)?,
            None => (None, None),
        };
        let kept = kept.filter(|_| !differences.is_empty());
        let kept = kept.and_then(|kept| kept.outline().map(Skeleton::from_kept));
        let accepted = match &result.snapshot {
            State::Off | State::New | State::Missing => Accepted::Nothing,
            State::Match if !self.has_grown(kept.as_ref(), &differences) => Accepted::Response,
            State::Mismatch { accepted }
                if self.is_same_body(kept.as_ref(), accepted, &observation, &differences) =>
            {
                Accepted::Response
            }
            State::Match if self.promises(documented, &observation.text) => Accepted::Promise,
            State::Mismatch { accepted } if self.promises(documented, accepted) => {
                Accepted::Promise
            }
            State::Match | State::Mismatch { .. } => Accepted::Other,
        };
        // If the body was not compared, it is unknown whether it conforms.
        let kept = result.observation.get_or_insert(observation.text);
        let is_unseen = deviation.is_some()
            && !self.is_mock
            && !observation.has_shape
            && result.snapshot == State::Match
            && kept.contains("\nbody $");
        let conforms = differences.is_empty() && !is_unseen;
        let proof = self.proof();
        let mut verdict = Verdict::of(conforms, accepted);
        // A deviation does not cover later changes of the page's body.
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
            // The accepted snapshot equals the page or the response, and the
            // difference between these two is already reported.
            (Verdict::ServiceDrifted, _) => {}
            (Verdict::DocsChanged, _) if !self.is_mock => {}
            (_, State::Mismatch { accepted }) => differences.push(Difference::new(
                DifferenceKind::Snapshot,
                accepted.clone(),
                result.observation.clone(),
            )),
            _ => {}
        }
        if result.snapshot == State::Missing {
            let file = self.file_names.name(&result.id(case));
            differences.push(Difference::new(DifferenceKind::MissingSnapshot, file, None));
        }
        // If the snapshot cannot be read, the accepted response is unknown.
        let is_known = !matches!(result.snapshot, State::Mismatch { .. })
            || result
                .finding
                .as_ref()
                .is_none_or(|finding| finding.rule != &SNAPSHOT_SYNTAX);
        let is_of_page = result.replaced.is_none();
        result.verdict = (is_known && is_of_page).then_some(verdict);
        result.deviation = deviation;
        Ok(differences)
    }

    /// Whether a response that matches the page gives this observation.
    fn promises(&self, documented: &Response, observation: &str) -> bool {
        promised(documented, &self.policies, observation) == observation
    }

    fn proof(&self) -> Proof {
        if self.is_mock {
            Proof::Parsing
        } else {
            Proof::Conformance
        }
    }

    /// Whether the body has an undocumented member that the accepted body did
    /// not have. Snapshots do not record such members.
    fn has_grown(&self, kept: Option<&Skeleton>, differences: &[Difference]) -> bool {
        kept.is_some_and(|kept| {
            differences.iter().any(|found| {
                found.kind == DifferenceKind::Body(ShapeKind::UndocumentedProperty)
                    && self.had(kept, found) == Some(false)
            })
        })
    }

    /// Whether the response equals the accepted one, and only the page's body
    /// has changed: every difference now would have been a difference then, and
    /// the reverse.
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
        let mut missing = shape_then.difference(&shape_now).peekable();
        if missing.peek().is_none() {
            return true;
        }
        let Some(outline) = self.outline(observation.response) else {
            return false;
        };
        missing.all(|line| has_line(&outline, line))
    }

    /// Whether the accepted body had the same difference.
    fn had(&self, kept: &Skeleton, found: &Difference) -> Option<bool> {
        let DifferenceKind::Body(kind) = found.kind else {
            return None;
        };
        let path = self.secrets.masked(&found.member.as_ref()?.path);
        kept.has(kind, &path, found.observed.as_deref())
    }

    /// The outline of a response body, secrets masked.
    fn outline(&self, response: &ActualResponse) -> Option<Skeleton> {
        let Content::Whole(body) = &response.body else {
            return None;
        };
        let outline = Skeleton::of(body)?;
        Some(outline.with_paths(|path| self.secrets.masked(path)))
    }

    /// Compares an observation with the accepted one. Returns the accepted
    /// deviation, and the metadata of the accepted snapshot.
    fn snapshot(
        &self,
        case: &Case,
        documented: &Response,
        observation: &Observation<'_>,
        handling: Handling,
        result: &mut CaseResult,
    ) -> Result<(Option<Deviation>, Option<Kept>), SnapshotError> {
        let id = result.id(case);
        let path = self.file_names.path(&self.folder, &id);
        let (deviation, broken) = snapshot::deviation(&path, &id)?;
        let update = handling.update;
        let update = match &deviation {
            None => update,
            // The mock's response says nothing about the service.
            Some(_) if self.is_mock => Update::No,
            // A deviation is only replaced by one with a reason.
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
        let handling = Handling { update, ..handling };
        let renew = |accepted: &str| {
            let accepted = renewed(accepted, documented, &self.policies);
            if self.is_mock {
                with_usual_status(accepted, documented)
            } else {
                accepted
            }
        };
        let checked = snapshot::check(&path, &observed, handling, renew, outline)?;
        result.snapshot = checked.state;
        result.finding = checked.finding.or(broken);
        result.observation = Some(checked.contents);
        Ok((deviation, checked.kept))
    }
}

#[cfg(test)]
mod tests;
