//! Finds the case for a request that equals no documented one: other values, a
//! missing header field, an additional member.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::documented_request::Entry;
use super::problem::Problem;
use super::request::Request;
use super::settings::{Settings, Validate};
use super::violations::{DocumentedCase, Violation, refusal, violations};
use crate::page::case::Case;

/// Maximum number of cases and of violations in a refusal.
const MAX_CASES: usize = 3;
const MAX_VIOLATIONS: usize = 8;

/// The result of matching a request.
#[derive(Debug)]
pub(super) enum Fit {
    /// A case responds to it.
    Matched {
        /// The index of the case.
        case: usize,
        /// How the request violates the documentation.
        warnings: Vec<String>,
    },
    /// The request violates the documentation and is refused.
    Refused(Problem),
}

/// Chooses among the entries of an operation, whose method, path and host match
/// the request. Returns `None` if no query matches.
pub(super) fn fit<'r>(
    operation: impl Iterator<Item = &'r Entry>,
    cases: &'r [Case],
    response_type: impl Fn(usize) -> Option<&'r str>,
    request: &Request<'_>,
    settings: &Settings,
) -> Option<Fit> {
    let mut entries: Vec<&Entry> = operation
        .filter(|entry| entry.query_fits(request.query()))
        .collect();
    if settings.validate == Validate::Off {
        // Header fields are not validated, so they do not make an entry more
        // specific.
        let by_path = |entry: &&Entry| {
            let specificity = entry.specificity.without_headers();
            (specificity, Reverse(entry.first))
        };
        let entry = entries.into_iter().max_by_key(by_path)?;
        return Some(Fit::Matched {
            case: entry.first,
            warnings: Vec::new(),
        });
    }
    entries.sort_unstable_by_key(|entry| (Reverse(entry.specificity), entry.first));
    let mut judged: Vec<(usize, Vec<Violation>)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let documented = DocumentedCase {
            entry,
            case: &cases[entry.first],
            response_type: response_type(entry.first),
        };
        let found = violations(documented, request, &settings.types);
        if found.is_empty() {
            return Some(Fit::Matched {
                case: entry.first,
                warnings: Vec::new(),
            });
        }
        judged.push((entry.first, found));
    }
    judged.sort_by_key(|(_, found)| found.len());
    let (case, found) = judged.first()?;
    if settings.validate == Validate::Warn {
        let warnings = found.iter().map(|one| one.text.clone()).collect();
        return Some(Fit::Matched {
            case: *case,
            warnings,
        });
    }
    let status = refusal(found)?;
    let texts: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
    let more = texts.len().saturating_sub(MAX_VIOLATIONS);
    let mut detail = texts[..texts.len() - more].join("; ");
    if more > 0 {
        detail += &format!("; and {more} more");
    }
    let closest = judged.iter().take(MAX_CASES).filter_map(|(case, found)| {
        let status = refusal(found)?;
        let decisive = found.iter().find(|one| one.status == status)?;
        Some((*case, decisive.text.clone()))
    });
    Some(Fit::Refused(Problem {
        status,
        detail,
        closest: closest.collect(),
        allow: BTreeSet::new(),
    }))
}
