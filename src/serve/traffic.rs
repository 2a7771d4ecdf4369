//! What was asked for, and what came of it: hits a case, and the last requests.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How many of the last requests are kept.
const KEPT: usize = 200;

/// What was asked for since the start.
#[derive(Debug, Default)]
pub struct Traffic {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How often each case was answered, by its id.
    hits: HashMap<Arc<str>, u64>,
    recent: VecDeque<Record>,
    count: u64,
}

/// A request, and what came of it.
#[derive(Debug, Clone)]
pub struct Record {
    /// When it came.
    pub at: SystemTime,
    /// The method.
    pub method: String,
    /// The path and query, as they were sent.
    pub target: String,
    /// The status that it was answered with.
    pub status: u16,
    /// The id of the case that answered it.
    pub case: Option<Arc<str>>,
    /// What of it is not as documented, or why nothing fits.
    pub remarks: Vec<String>,
    /// How long the answer took to make.
    pub elapsed: Duration,
}

impl Traffic {
    /// Adds a request.
    pub fn add(&self, record: Record) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        if let Some(case) = &record.case {
            *kept.hits.entry(Arc::clone(case)).or_default() += 1;
        }
        if kept.recent.len() == KEPT {
            kept.recent.pop_front();
        }
        kept.recent.push_back(record);
    }

    /// How often a case was answered.
    pub fn hits(&self, id: &str) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.hits.get(id).copied().unwrap_or_default()
    }

    /// How many requests there were.
    pub fn count(&self) -> u64 {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count
    }

    /// The last requests, the latest first.
    pub fn recent(&self) -> Vec<Record> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.recent.iter().rev().cloned().collect()
    }
}
