//! The hits of each case, and the last requests.
//!
//! Every request is recorded, so slots of the ring are overwritten in place,
//! and a full ring allocates nothing.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::page::case::Case;

/// Number of requests that are kept.
pub(crate) const KEPT: usize = 200;
/// Maximum size of a kept method, target or note, in bytes.
const MAX_BYTES: usize = 500;
/// Maximum number of notes kept for a request.
const MAX_NOTES: usize = 10;

/// The traffic since the start.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Number of responses of each case, by id.
    hits: HashMap<String, u64>,
    /// Request number `n`, from 1, is at `(n - 1) % KEPT`.
    ring: Vec<Logged>,
    count: u64,
}

/// A request and its result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    /// When it was received.
    pub at: SystemTime,
    /// The method.
    pub method: &'a str,
    /// The path and query, as sent.
    pub target: &'a str,
    /// The status of the response.
    pub status: u16,
    /// The id of the case that responded.
    pub case: Option<&'a str>,
    /// How the request violates the documentation, or why no case matches.
    pub notes: &'a [String],
    /// The time to create the response.
    pub elapsed: Duration,
}

/// A recorded request; long texts are shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    /// The number of the request, from 1.
    pub number: u64,
    /// When it was received.
    pub at: SystemTime,
    /// The method.
    pub method: String,
    /// The path and query, as sent.
    pub target: String,
    /// The status of the response.
    pub status: u16,
    /// The id of the case that responded.
    pub case: Option<String>,
    /// How the request violates the documentation, or why no case matches.
    pub notes: Vec<String>,
    /// The time to create the response.
    pub elapsed: Duration,
}

impl Traffic {
    /// Records a request.
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

    /// Returns how often a case responded.
    pub(crate) fn hits(&self, id: &str) -> u64 {
        self.lock().hits.get(id).copied().unwrap_or_default()
    }

    /// Returns the number of requests.
    pub(crate) fn count(&self) -> u64 {
        self.lock().count
    }

    /// Returns the kept requests after a number, the latest first.
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

    /// Drops the hits of other cases.
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
            notes: Vec::new(),
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
        self.notes.clear();
        let notes = record.notes.iter().take(MAX_NOTES);
        self.notes.extend(notes.map(|note| {
            let mut slot = String::new();
            set(&mut slot, note);
            slot
        }));
        self.elapsed = record.elapsed;
    }
}

/// Overwrites a text in place with another, which is shortened.
fn set(slot: &mut String, text: &str) {
    slot.clear();
    let mut end = text.len().min(MAX_BYTES);
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
        notes: &[],
        elapsed: Duration::from_micros(7),
    };

    #[test]
    fn keeps_the_last_requests() {
        let traffic = Traffic::default();
        let most = KEPT as u64 + 3;
        for number in 1..=most {
            let target = format!("/{number}");
            let case = (number % 2 == 0).then_some("p::even");
            let notes = [format!("note {number}")];
            traffic.add(&Record {
                target: &target,
                case,
                notes: &notes,
                ..RECORD
            });
        }
        let recent = traffic.after(0);
        assert_eq!((recent.len(), traffic.count()), (KEPT, most));
        for (logged, number) in recent.iter().zip((1..=most).rev()) {
            assert_eq!(logged.number, number);
            assert_eq!(logged.target, format!("/{number}"));
            assert_eq!(logged.case.is_some(), number % 2 == 0);
            assert_eq!(logged.notes, [format!("note {number}")]);
        }
        assert_eq!(traffic.hits("p::even"), most / 2);
        let late = traffic.after(most - 2);
        assert_eq!(late, recent[..2]);
        assert_eq!(traffic.after(most), []);
    }

    #[test]
    fn limits_the_size_of_kept_requests() {
        let traffic = Traffic::default();
        let long = "ä".repeat(100_000);
        let notes = vec![long.clone(); 1000];
        traffic.add(&Record {
            method: &long,
            target: &long,
            notes: &notes,
            ..RECORD
        });
        let logged = &traffic.after(0)[0];
        assert_eq!(logged.target, format!("{}…", "ä".repeat(MAX_BYTES / 2)));
        assert_eq!(logged.method, logged.target);
        assert_eq!(logged.notes, vec![logged.target.clone(); MAX_NOTES]);
    }

    #[test]
    fn remaining_cases_keep_their_hits() {
        let traffic = Traffic::default();
        for case in ["p::1", "p::1", "q::1"] {
            traffic.add(&Record {
                case: Some(case),
                ..RECORD
            });
        }
        let text = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /\n```\n";
        let page = crate::text::source::Page::new("p.md", text.to_owned());
        traffic.keep_hits_of(&crate::page::extract::extract(&page, None).cases);
        assert_eq!((traffic.hits("p::1"), traffic.hits("q::1")), (2, 0));
    }
}
