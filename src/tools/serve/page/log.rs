//! The last requests, and what came of each.

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

/// The entries without what stands around them.
#[derive(Template)]
#[template(
    path = "entries.html",
    config = "src/tools/serve/templates/askama.toml"
)]
struct Part<'a> {
    entries: Entries<'a>,
}

struct Entries<'a> {
    count: u64,
    list: Vec<Entry<'a>>,
}

struct Entry<'a> {
    logged: &'a Logged,
    verdict: Verdict,
    class: &'static str,
    place: Option<Place<'a>>,
    /// Milliseconds since 1970, for the browser to show in its own time.
    millis: u128,
    time: String,
    elapsed: String,
}

/// Where the case of an answer stands.
struct Place<'a> {
    href: String,
    page: &'a str,
    line: usize,
}

/// What came of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Verdict {
    Answered,
    Warned,
    Unfit,
    Refused,
    Derived,
}

impl Verdict {
    fn of(logged: &Logged) -> Self {
        match (&logged.case, logged.status) {
            (Some(_), _) if logged.remarks.is_empty() => Self::Answered,
            (Some(_), _) => Self::Warned,
            (None, 404 | 405) => Self::Unfit,
            (None, 400 | 406 | 415) => Self::Refused,
            (None, _) => Self::Derived,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Answered | Self::Derived => "answered",
            Self::Warned => "warned",
            Self::Unfit | Self::Refused => "refused",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Warned => "answered, with remarks,",
            Self::Unfit => "no example fits",
            Self::Refused => "not as documented",
            Self::Derived => "answered by the mock itself",
        }
    }
}

/// The last requests; where a number is given, those after it, without what
/// stands around them.
pub(super) fn log(state: &State, after: Option<u64>) -> String {
    let count = state.traffic.count();
    // A number that is not reached is of a server that ran before.
    let number = after.filter(|number| *number <= count).unwrap_or_default();
    let logged = state.traffic.after(number);
    let table = state.table();
    let answered = answered(&logged, table.cases());
    let entries = Entries {
        count: logged.first().map_or(count, |latest| latest.number),
        list: logged
            .iter()
            .map(|logged| {
                let id = logged.case.as_deref();
                Entry::new(logged, id.and_then(|id| answered.get(id).copied()))
            })
            .collect(),
    };
    if after.is_some() {
        return text(&Part { entries });
    }
    let stale = state.stale();
    text(&Log {
        frame: Frame::new(state, &stale, "requests"),
        most: KEPT,
        entries,
    })
}

/// The cases that requests were answered by, found in one pass.
fn answered<'c>(logged: &[Logged], cases: &'c [Case]) -> HashMap<&'c str, &'c Case> {
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
            verdict: Verdict::of(logged),
            class: class(logged.status),
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
