//! The running units of a run, for progress reports.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The running units and their start times.
#[derive(Debug)]
pub struct Running {
    ids: Vec<String>,
    since: Mutex<BTreeMap<usize, Instant>>,
}

/// Marks a unit as running until it is dropped.
pub struct UnderWay<'a> {
    running: &'a Running,
    index: usize,
}

impl Running {
    /// Creates the view; no unit is running yet.
    pub fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            since: Mutex::default(),
        }
    }

    /// Marks a unit as running.
    pub fn begin(&self, index: usize) -> UnderWay<'_> {
        self.with(|since| since.insert(index, Instant::now()));
        UnderWay {
            running: self,
            index,
        }
    }

    /// The unit that has been running for longest, and its duration.
    pub fn slowest(&self) -> Option<(&str, Duration)> {
        let slowest = |since: &mut BTreeMap<usize, Instant>| {
            let slowest = since.iter().min_by_key(|(_, since)| **since)?;
            Some((*slowest.0, slowest.1.elapsed()))
        };
        let (index, elapsed) = self.with(slowest)?;
        Some((self.ids.get(index)?, elapsed))
    }

    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<usize, Instant>) -> T) -> T {
        look(&mut self.since.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.running.with(|since| since.remove(&self.index));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_the_longest_running_unit() {
        let running = Running::new(vec!["a".to_owned(), "b".to_owned()]);
        assert!(running.slowest().is_none());
        let first = running.begin(1);
        let _second = running.begin(0);
        assert_eq!(running.slowest().map(|(id, _)| id), Some("b"));
        drop(first);
        assert_eq!(running.slowest().map(|(id, _)| id), Some("a"));
    }
}
