//! What was asked for, and what came of it: hits a case, and the last requests.
//!
//! Every request passes here, so a slot of the ring is written over where it
//! stands, and once the ring is full a request allocates nothing.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::page::case::Case;

/// How many of the last requests are kept.
pub(crate) const KEPT: usize = 200;
/// The most bytes that are kept of a method, a target or a remark.
const MOST_BYTES: usize = 500;
/// The most remarks that are kept of a request.
const MOST_REMARKS: usize = 10;

/// What was asked for since the start.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How often each case was answered, by its id.
    hits: HashMap<String, u64>,
    /// The request of number `n`, from 1, stands at `(n - 1) % KEPT`.
    ring: Vec<Logged>,
    count: u64,
}

/// A request, and what came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// When it came.
    pub at: SystemTime,
    /// The method.
    pub method: &'a str,
    /// The path and query, as they were sent.
    pub target: &'a str,
    /// The status that it was answered with.
    pub status: u16,
    /// The id of the case that answered it.
    pub case: Option<&'a str>,
    /// What of it is not as documented, or why nothing fits.
    pub remarks: &'a [String],
    /// How long the answer took to make.
    pub elapsed: Duration,
}

/// A request as it is kept: long texts are cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    /// How many requests there were with it.
    pub number: u64,
    /// When it came.
    pub at: SystemTime,
    /// The method.
    pub method: String,
    /// The path and query, as they were sent.
    pub target: String,
    /// The status that it was answered with.
    pub status: u16,
    /// The id of the case that answered it.
    pub case: Option<String>,
    /// What of it is not as documented, or why nothing fits.
    pub remarks: Vec<String>,
    /// How long the answer took to make.
    pub elapsed: Duration,
}

impl Traffic {
    /// Adds a request.
    pub(crate) fn add(&self, record: &Record<'_>) {
        let mut kept = self.lock();
        let kept = &mut *kept;
        let at = usize::try_from(kept.count % KEPT as u64).expect("less than what is kept");
        kept.count += 1;
        if let Some(case) = record.case {
            match kept.hits.get_mut(case) {
                Some(hits) => *hits += 1,
                None => drop(kept.hits.insert(case.to_owned(), 1)),
            }
        }
        if kept.ring.len() == at {
            kept.ring.push(Logged::empty());
        }
        kept.ring[at].set(kept.count, record);
    }

    /// How often a case was answered.
    pub(crate) fn hits(&self, id: &str) -> u64 {
        self.lock().hits.get(id).copied().unwrap_or_default()
    }

    /// How many requests there were.
    pub(crate) fn count(&self) -> u64 {
        self.lock().count
    }

    /// The last requests after that of a number, the latest first.
    pub(crate) fn after(&self, number: u64) -> Vec<Logged> {
        let kept = self.lock();
        let mut recent: Vec<Logged> = kept
            .ring
            .iter()
            .filter(|logged| logged.number > number)
            .cloned()
            .collect();
        drop(kept);
        recent.sort_unstable_by_key(|logged| Reverse(logged.number));
        recent
    }

    /// Forgets the hits of cases that are none of these.
    pub(crate) fn keep_hits_of(&self, cases: &[Case]) {
        let ids: HashSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        self.lock().hits.retain(|id, _| ids.contains(id.as_str()));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Logged {
    fn empty() -> Self {
        Self {
            number: 0,
            at: SystemTime::UNIX_EPOCH,
            method: String::new(),
            target: String::new(),
            status: 0,
            case: None,
            remarks: Vec::new(),
            elapsed: Duration::ZERO,
        }
    }

    fn set(&mut self, number: u64, record: &Record<'_>) {
        self.number = number;
        self.at = record.at;
        set(&mut self.method, record.method);
        set(&mut self.target, record.target);
        self.status = record.status;
        match (&mut self.case, record.case) {
            (Some(slot), Some(case)) => {
                slot.clear();
                slot.push_str(case);
            }
            (slot, case) => *slot = case.map(str::to_owned),
        }
        self.remarks.clear();
        let remarks = record.remarks.iter().take(MOST_REMARKS);
        self.remarks.extend(remarks.map(|remark| {
            let mut slot = String::new();
            set(&mut slot, remark);
            slot
        }));
        self.elapsed = record.elapsed;
    }
}

/// Writes over a text with another, which is cut where it is too long.
fn set(slot: &mut String, text: &str) {
    slot.clear();
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    slot.push_str(&text[..end]);
    if end < text.len() {
        slot.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: Record<'static> = Record {
        at: SystemTime::UNIX_EPOCH,
        method: "GET",
        target: "/a?b=c",
        status: 200,
        case: Some("p::1"),
        remarks: &[],
        elapsed: Duration::from_micros(7),
    };

    #[test]
    fn the_last_requests_are_kept_in_their_slots() {
        let traffic = Traffic::default();
        let most = KEPT as u64 + 3;
        for number in 1..=most {
            let target = format!("/{number}");
            let case = (number % 2 == 0).then_some("p::even");
            let remarks = [format!("remark {number}")];
            traffic.add(&Record {
                target: &target,
                case,
                remarks: &remarks,
                ..RECORD
            });
        }
        let recent = traffic.after(0);
        assert_eq!((recent.len(), traffic.count()), (KEPT, most));
        for (logged, number) in recent.iter().zip((1..=most).rev()) {
            assert_eq!(logged.number, number);
            assert_eq!(logged.target, format!("/{number}"));
            assert_eq!(logged.case.is_some(), number % 2 == 0);
            assert_eq!(logged.remarks, [format!("remark {number}")]);
        }
        assert_eq!(traffic.hits("p::even"), most / 2);
        let late = traffic.after(most - 2);
        assert_eq!(late, recent[..2]);
        assert_eq!(traffic.after(most), []);
    }

    #[test]
    fn what_is_kept_of_a_request_is_bounded() {
        let traffic = Traffic::default();
        let long = "ä".repeat(100_000);
        let remarks = vec![long.clone(); 1000];
        traffic.add(&Record {
            method: &long,
            target: &long,
            remarks: &remarks,
            ..RECORD
        });
        let logged = &traffic.after(0)[0];
        assert_eq!(logged.target, format!("{}…", "ä".repeat(MOST_BYTES / 2)));
        assert_eq!(logged.method, logged.target);
        assert_eq!(logged.remarks, vec![logged.target.clone(); MOST_REMARKS]);
    }

    #[test]
    fn hits_stay_with_the_cases_that_stay() {
        let traffic = Traffic::default();
        for case in ["p::1", "p::1", "q::1"] {
            traffic.add(&Record {
                case: Some(case),
                ..RECORD
            });
        }
        let text = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /\n```\n";
        let page = crate::text::source::Page::new("p.md", text.to_owned());
        traffic.keep_hits_of(&crate::page::extract::extract(&page).cases);
        assert_eq!((traffic.hits("p::1"), traffic.hits("q::1")), (2, 0));
    }
}
