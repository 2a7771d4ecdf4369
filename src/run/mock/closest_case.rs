//! Chooses the case that responds among those of a method, a path and a host.
//!
//! The header fields, what the client accepts and the body decide. A request
//! with other values, without a documented field or with a wrong body gets the
//! closest case or is refused, as the settings say.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::body::MAX_JSON;
use super::documented_request::{Entry, RouteSpecificity};
use super::problem::Problem;
use super::reply::Close;
use super::request::Request;
use super::settings::{Settings, Validate};
use super::violations::{DocumentedCase, Judged, judge, not_compared, refusal, shape};
use crate::page::case::Case;

/// Maximum number of cases and of violations in a refusal.
const MAX_CASES: usize = 3;
const MAX_VIOLATIONS: usize = 8;
/// Maximum number of bytes of a body that are compared by shape for one
/// request: the length of the body for each entry.
const MAX_COMPARED: usize = 8 * MAX_JSON;

/// The result of matching a request.
#[derive(Debug)]
pub(super) enum Fit {
    /// A case responds to it.
    Matched {
        /// The index of the case.
        case: usize,
        /// How the request differs from the documentation.
        warnings: Vec<String>,
    },
    /// The request violates the documentation and is refused.
    Refused(Problem),
}

/// The cases that may respond, and their responses.
#[derive(Clone, Copy)]
pub(super) struct Documented<'d, R> {
    /// The cases.
    pub cases: &'d [Case],
    /// The media type of the response of a case.
    pub response_type: R,
    /// The case that the request names.
    pub named: Option<&'d str>,
}

/// An entry, and how well it fits.
#[derive(Debug)]
pub(super) struct Candidate<'d> {
    documented: DocumentedCase<'d>,
    judged: Judged,
    named: Option<usize>,
}

/// The order of candidates, the best first.
type Rank = (
    bool,
    Reverse<RouteSpecificity>,
    Reverse<u16>,
    usize,
    usize,
    bool,
    Reverse<usize>,
    Reverse<usize>,
    bool,
    usize,
);

impl<'d> Candidate<'d> {
    /// Cases that the request does not violate come first, then those with the
    /// most specific path, with the response that the client prefers, and with
    /// the values of the request.
    fn rank(&self) -> Rank {
        let DocumentedCase { entry, .. } = self.documented;
        let judged = &self.judged;
        (
            !judged.violations.is_empty(),
            Reverse(entry.route),
            Reverse(judged.weight),
            judged.warnings.len(),
            judged.unlike,
            !judged.has_body,
            Reverse(entry.fields.len()),
            Reverse(entry.query_length),
            self.named.is_none(),
            entry.first,
        )
    }

    /// The entry.
    pub(super) fn entry(&self) -> &'d Entry {
        self.documented.entry
    }

    /// What the request violates, as text.
    pub(super) fn violations(&self) -> impl Iterator<Item = String> {
        let violations = self.judged.violations.iter().take(MAX_VIOLATIONS);
        violations.map(|violation| violation.text.clone())
    }

    /// The case that responds.
    pub(super) fn case(&self) -> usize {
        self.named.unwrap_or(self.documented.entry.first)
    }
}

impl<'d, R: Fn(usize) -> Option<&'d str>> Documented<'d, R> {
    /// Ranks entries, the best first. The shape of bodies is not compared.
    pub(super) fn ranked(
        &self,
        entries: impl Iterator<Item = &'d Entry>,
        request: &Request<'_>,
    ) -> Vec<Candidate<'d>> {
        let candidates = entries.map(|entry| {
            let documented = DocumentedCase {
                entry,
                case: &self.cases[entry.first],
                response_type: (self.response_type)(entry.first),
            };
            Candidate {
                documented,
                judged: judge(documented, request),
                named: self.named.and_then(|id| entry.cases.get(id)).copied(),
            }
        });
        let mut candidates: Vec<_> = candidates.collect();
        candidates.sort_by_cached_key(Candidate::rank);
        candidates
    }

    /// Chooses among the entries of an operation. Returns `None` if no query
    /// matches.
    pub(super) fn fit(
        &self,
        operation: impl Iterator<Item = &'d Entry>,
        request: &Request<'_>,
        settings: &Settings,
    ) -> Option<Fit> {
        let entries = operation.filter(|entry| entry.query_fits(request.query()));
        let mut candidates = self.ranked(entries, request);
        if settings.validate != Validate::Off {
            compare_shapes(&mut candidates, request, settings);
        }
        let mut closest: Vec<&Candidate<'_>> = candidates.iter().collect();
        closest.sort_by_key(|one| one.judged.violations.len());
        let best = *closest.first()?;
        let violations: Vec<String> = best.violations().collect();
        let more = best.judged.violations.len() - violations.len();
        Some(
            match (settings.validate, refusal(&best.judged.violations)) {
                (Validate::Off, _) => Fit::Matched {
                    case: best.case(),
                    warnings: Vec::new(),
                },
                (Validate::Strict, Some(kind)) => {
                    let mut detail = violations.join("; ");
                    if more > 0 {
                        detail += &format!("; and {more} more");
                    }
                    let closest = closest.into_iter().take(MAX_CASES).map(|one| Close {
                        case: one.case(),
                        differs: one.violations().collect::<Vec<_>>().join("; "),
                    });
                    Fit::Refused(Problem {
                        kind,
                        detail,
                        violations,
                        closest: closest.collect(),
                        allow: BTreeSet::new(),
                    })
                }
                (_, _) => Fit::Matched {
                    case: best.case(),
                    warnings: [violations, best.judged.warnings.clone()].concat(),
                },
            },
        )
    }
}

/// Compares the shape of the body with the candidates, until one fits or the
/// limit is reached. Candidates that were not compared are dropped.
fn compare_shapes(candidates: &mut Vec<Candidate<'_>>, request: &Request<'_>, settings: &Settings) {
    let length = request.incoming.body.len().max(1);
    let mut left = (MAX_COMPARED / length).max(1);
    for at in 0..candidates.len() {
        let Candidate {
            documented, judged, ..
        } = &mut candidates[at];
        if judged.has_shape && request.json().is_none() {
            judged.warnings.push(not_compared());
        } else if judged.has_shape {
            if left == 0 {
                candidates.truncate(at);
                return;
            }
            left -= 1;
            judged
                .violations
                .extend(shape(*documented, request, &settings.types));
        }
        if candidates[at].judged.violations.is_empty() {
            return;
        }
    }
}
