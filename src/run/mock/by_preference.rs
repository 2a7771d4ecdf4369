//! Chooses the response that the request, or the operator of the mock, asks for
//! by name. Only cases of the operation are considered; the rest of the request
//! is ignored.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::closest_case::Documented;
use super::documented_request::Entry;
use super::preferences::Preferences;
use super::printable::{name, quoted};
use super::request::Request;
use crate::http::url::decode;
use crate::page::case::Case;

/// Maximum number of cases named in a warning.
const MAX_NAMED: usize = 8;

/// The result of asking for a particular response.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// The index of the chosen case, if any.
    pub case: Option<usize>,
    /// The preferences that were applied (RFC 7240, 3).
    pub applied: Vec<String>,
    /// Why other preferences were not applied.
    pub warnings: Vec<String>,
}

/// Chooses among the entries of an operation: by the preferences of the
/// request, by the header that names a case, or by the default status of the
/// mock. `entries` may be empty.
pub(super) fn choose<'r, R: Fn(usize) -> Option<&'r str>>(
    entries: &(impl Iterator<Item = &'r Entry> + Clone),
    documented: &Documented<'r, R>,
    request: &Request<'_>,
    named: Option<&str>,
    status: Option<u16>,
) -> Choice {
    let cases = documented.cases;
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
        choice.case = by_id(id).or_else(|| by_id(&decode(id)));
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
        let of_status = |entry: &'r Entry| {
            let of_entry = entry.cases.values().copied();
            of_entry.filter(move |case| status_of(&cases[*case]) == Some(status))
        };
        let entries = entries
            .clone()
            .filter(|entry| of_status(entry).next().is_some());
        let fitting = entries
            .clone()
            .filter(|entry| entry.query_fits(request.query()));
        let mut ranked = documented.ranked(fitting, request);
        if ranked.is_empty() {
            ranked = documented.ranked(entries, request);
        }
        of_status(ranked.first()?.entry()).min()
    };
    if let Some(requested) = &preferences.status {
        let status = requested.parse().ok();
        match choice.case {
            Some(case) if status_of(&cases[case]) == status => {
                choice.applied.push(format!("status={requested}"));
            }
            Some(case) => choice.warnings.push(format!(
                "status {} does not match the case {}",
                quoted(requested),
                quoted(&cases[case].id)
            )),
            None => {
                choice.case = status.and_then(by_status);
                match choice.case {
                    Some(_) => choice.applied.push(format!("status={requested}")),
                    None => choice
                        .warnings
                        .push(no_status(entries.clone(), cases, requested)),
                }
            }
        }
    }
    if choice.case.is_none() {
        choice.case = status.and_then(by_status);
    }
    choice
}

/// The status code that a case is responded to with.
fn status_of(case: &Case) -> Option<u16> {
    Some(case.response.as_ref()?.message.sent_status())
}

fn no_case<'r>(entries: impl Iterator<Item = &'r Entry>, id: &str) -> String {
    let ids: BTreeSet<&str> = entries
        .flat_map(|entry| entry.cases.keys().map(String::as_str))
        .collect();
    let more = ids.len().saturating_sub(MAX_NAMED);
    let mut names: Vec<String> = ids.into_iter().take(MAX_NAMED).map(name).collect();
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let id = quoted(id);
    format!(
        "case {id} is not documented; available: {}",
        names.join(", ")
    )
}

fn no_status<'r>(
    entries: impl Iterator<Item = &'r Entry>,
    cases: &[Case],
    requested: &str,
) -> String {
    let statuses: BTreeSet<u16> = entries
        .flat_map(|entry| entry.cases.values())
        .filter_map(|case| status_of(&cases[*case]))
        .collect();
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let requested = quoted(requested);
    format!(
        "status {requested} is not documented; available: {}",
        statuses.join(", ")
    )
}
