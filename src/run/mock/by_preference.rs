//! The answer that a request, or whoever runs the mock, asks for by name. It is
//! chosen among the cases of the operation; what else the request says does not
//! matter then.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::documented_request::Entry;
use super::preferences::{Preferences, decoded};
use super::printable::{name, quoted};
use super::request::Request;
use crate::page::case::Case;

/// How many of an operation's cases a warning names.
const NAMED: usize = 8;

/// What came of asking for an answer.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The index of the case, if one is chosen.
    pub case: Option<usize>,
    /// The preferences that were honoured (RFC 7240, 3).
    pub applied: Vec<String>,
    /// Why others were not.
    pub warnings: Vec<String>,
}

/// Chooses among the entries of an operation, of which there may be none:
/// by the preferences of the request, by the header that names a case, or by
/// the status that is set for all.
pub(super) fn choose<'r>(
    entries: &(impl Iterator<Item = &'r Entry> + Clone),
    cases: &[Case],
    request: &Request<'_>,
    named: Option<&str>,
    status: Option<u16>,
) -> Choice {
    let mut choice = Choice::default();
    let preferences = Preferences::read(request.incoming.headers);
    if entries.clone().next().is_none() {
        return choice;
    }
    let by_id = |id: &str| {
        entries
            .clone()
            .find_map(|entry| entry.cases.get(id))
            .copied()
    };
    if let Some(id) = &preferences.case {
        choice.case = by_id(id).or_else(|| by_id(&decoded(id)));
        match choice.case {
            Some(case) => {
                let id = utf8_percent_encode(&cases[case].id, NON_ALPHANUMERIC);
                choice.applied.push(format!("case={id}"));
            }
            None => choice.warnings.push(no_case(entries.clone(), id)),
        }
    }
    if choice.case.is_none()
        && let Some(id) = named
    {
        choice.case = by_id(id);
        if choice.case.is_none() {
            choice.warnings.push(no_case(entries.clone(), id));
        }
    }
    let by_status = |status: u16| {
        let of_status = entries.clone().flat_map(|entry| {
            let cases = entry.cases.values();
            cases.map(move |case| (entry, *case))
        });
        of_status
            .filter(|(_, case)| status_of(&cases[*case]) == Some(status))
            .max_by_key(|(entry, case)| (entry.fits(request), entry.specificity, Reverse(*case)))
            .map(|(_, case)| case)
    };
    if let Some(wanted) = &preferences.status {
        let status = wanted.parse().ok();
        match choice.case {
            Some(case) if status_of(&cases[case]) == status => {
                choice.applied.push(format!("status={wanted}"));
            }
            Some(case) => choice.warnings.push(format!(
                "status {} is not that of the case {}",
                quoted(wanted),
                quoted(&cases[case].id)
            )),
            None => {
                choice.case = status.and_then(by_status);
                match choice.case {
                    Some(_) => choice.applied.push(format!("status={wanted}")),
                    None => choice
                        .warnings
                        .push(no_status(entries.clone(), cases, wanted)),
                }
            }
        }
    }
    if choice.case.is_none() {
        choice.case = status.and_then(by_status);
    }
    choice
}

fn status_of(case: &Case) -> Option<u16> {
    Some(case.response.as_ref()?.message.status)
}

fn no_case<'r>(entries: impl Iterator<Item = &'r Entry>, id: &str) -> String {
    let ids: BTreeSet<&str> = entries
        .flat_map(|entry| entry.cases.keys().map(String::as_str))
        .collect();
    let more = ids.len().saturating_sub(NAMED);
    let mut names: Vec<String> = ids.into_iter().take(NAMED).map(name).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let id = quoted(id);
    format!(
        "no case {id} is documented here; there are {}",
        names.join(", ")
    )
}

fn no_status<'r>(entries: impl Iterator<Item = &'r Entry>, cases: &[Case], wanted: &str) -> String {
    let statuses: BTreeSet<u16> = entries
        .flat_map(|entry| entry.cases.values())
        .filter_map(|case| status_of(&cases[*case]))
        .collect();
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let wanted = quoted(wanted);
    format!(
        "no status {wanted} is documented here; there are {}",
        statuses.join(", ")
    )
}
