//! What of a run is under way, for whoever watches it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The pieces that are under way, and since when.
#[derive(Debug)]
pub struct Running {
    ids: Vec<String>,
    since: Mutex<BTreeMap<usize, Instant>>,
}

/// A piece that is under way until this is dropped.
pub struct UnderWay<'a> {
    running: &'a Running,
    index: usize,
}

impl Running {
    /// Nothing yet of the pieces with these ids.
    pub fn new(ids: Vec<String>) -> Self {
        Self {
            ids,
            since: Mutex::default(),
        }
    }

    /// Begins a piece.
    pub fn begin(&self, index: usize) -> UnderWay<'_> {
        self.with(|since| since.insert(index, Instant::now()));
        UnderWay {
            running: self,
            index,
        }
    }

    /// The piece that is under way for longest, and for how long.
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
    fn the_slowest_is_the_one_that_was_begun_first_and_has_not_ended() {
        let running = Running::new(vec!["a".to_owned(), "b".to_owned()]);
        assert!(running.slowest().is_none());
        let first = running.begin(1);
        let _second = running.begin(0);
        assert_eq!(running.slowest().map(|(id, _)| id), Some("b"));
        drop(first);
        assert_eq!(running.slowest().map(|(id, _)| id), Some("a"));
    }
}
