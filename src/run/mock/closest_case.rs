//! The case that answers a request that is none of the documented ones to the
//! letter: other values, a header less, a member more.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::documented_request::Entry;
use super::problem::Miss;
use super::request::Request;
use super::settings::{Settings, Validate};
use super::violations::{Documented, Violation, refusal, violations};
use crate::page::case::Case;

/// How many cases a refusal names, and how many violations.
const CASES: usize = 3;
const VIOLATIONS: usize = 8;

/// What becomes of a request.
#[derive(Debug)]
pub(super) enum Fit {
    /// A case answers it.
    Matched {
        /// Its index.
        case: usize,
        /// What of the request is not as documented.
        warnings: Vec<String>,
    },
    /// It is not as documented.
    Refused(Miss),
}

/// Chooses among the entries of an operation: its method, path and host are
/// those of the request. None where none has its query.
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
        // More headers are no better reason then.
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
        let documented = Documented {
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
    let more = texts.len().saturating_sub(VIOLATIONS);
    let mut detail = texts[..texts.len() - more].join("; ");
    if more > 0 {
        detail += &format!("; and {more} more");
    }
    let closest = judged.iter().take(CASES).filter_map(|(case, found)| {
        let status = refusal(found)?;
        let telling = found.iter().find(|one| one.status == status)?;
        Some((*case, telling.text.clone()))
    });
    Some(Fit::Refused(Miss {
        status,
        detail,
        closest: closest.collect(),
        allow: BTreeSet::new(),
    }))
}
