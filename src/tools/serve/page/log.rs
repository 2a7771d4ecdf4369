//! The page with the last requests.

use std::collections::{HashMap, HashSet};
use std::time::UNIX_EPOCH;

use askama::Template;

use super::frame::{Frame, case_href, class, text};
use crate::page::case::Case;
use crate::tools::serve::state::State;
use crate::tools::serve::traffic::{KEPT, Logged};

#[derive(Template)]
#[template(path = "log.html", config = "src/tools/serve/templates/askama.toml")]
struct Log<'a> {
    frame: Frame<'a>,
    most: usize,
    entries: Entries<'a>,
}

/// The entries alone, for the script.
#[derive(Template)]
#[template(
    path = "entries.html",
    config = "src/tools/serve/templates/askama.toml"
)]
struct EntriesOnly<'a> {
    entries: Entries<'a>,
}

struct Entries<'a> {
    count: u64,
    list: Vec<Entry<'a>>,
}

struct Entry<'a> {
    logged: &'a Logged,
    outcome: RequestOutcome,
    class: &'static str,
    place: Option<Place<'a>>,
    /// Milliseconds since 1970; the browser formats them in local time.
    millis: u128,
    time: String,
    elapsed: String,
}

/// The place of the case that responded.
struct Place<'a> {
    href: String,
    page: &'a str,
    line: usize,
}

/// The result of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum RequestOutcome {
    Matched,
    Warned,
    Unmatched,
    Refused,
    Derived,
}

impl RequestOutcome {
    fn of(logged: &Logged) -> Self {
        match (&logged.case, logged.status) {
            (Some(_), _) if logged.notes.is_empty() => Self::Matched,
            (Some(_), _) => Self::Warned,
            (None, 404 | 405) => Self::Unmatched,
            (None, 400 | 406 | 415) => Self::Refused,
            (None, _) => Self::Derived,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Matched | Self::Derived => "matched",
            Self::Warned => "warned",
            Self::Unmatched | Self::Refused => "refused",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Warned => "matched, with warnings,",
            Self::Unmatched => "no match",
            Self::Refused => "violates the documentation",
            Self::Derived => "built-in response",
        }
    }
}

/// Renders the last requests, or only the entries after a number.
pub(super) fn log(state: &State, after: Option<u64>) -> String {
    let count = state.traffic.count();
    // A number that was not reached yet is from an earlier server process.
    let number = after.filter(|number| *number <= count).unwrap_or_default();
    let logged = state.traffic.after(number);
    let table = state.table();
    let matched = matched_cases(&logged, table.cases());
    let entries = Entries {
        count: logged.first().map_or(count, |latest| latest.number),
        list: logged
            .iter()
            .map(|logged| {
                let id = logged.case.as_deref();
                Entry::new(logged, id.and_then(|id| matched.get(id).copied()))
            })
            .collect(),
    };
    if after.is_some() {
        return text(&EntriesOnly { entries });
    }
    let stale = state.stale();
    text(&Log {
        frame: Frame::new(state, &stale, "requests"),
        most: KEPT,
        entries,
    })
}

/// The cases that responded to requests, found in one pass.
fn matched_cases<'c>(logged: &[Logged], cases: &'c [Case]) -> HashMap<&'c str, &'c Case> {
    let ids = logged.iter().filter_map(|logged| logged.case.as_deref());
    let ids: HashSet<&str> = ids.collect();
    let cases = cases.iter().map(|case| (case.id.as_str(), case));
    cases.filter(|(id, _)| ids.contains(id)).collect()
}

impl<'a> Entry<'a> {
    fn new(logged: &'a Logged, case: Option<&'a Case>) -> Self {
        let since = logged.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = since.as_secs();
        Self {
            outcome: RequestOutcome::of(logged),
            class: class(logged.status / 100),
            place: case.map(|case| Place {
                href: case_href(&case.id),
                page: &case.page,
                line: case.line,
            }),
            millis: since.as_millis(),
            time: format!(
                "{:02}:{:02}:{:02} UTC",
                seconds / 3600 % 24,
                seconds / 60 % 60,
                seconds % 60
            ),
            elapsed: format!("{:.2}", logged.elapsed.as_secs_f64() * 1000.0),
            logged,
        }
    }
}
