//! The order of a shuffled run, and the hash that it shares with partitions.

use std::borrow::Cow;

use crate::text::digest::sha256;

/// Returns the indices of the results in a pseudo-random order, which depends
/// only on `seed` and the ids. Adding a result does not change the order of the
/// others.
pub(crate) fn shuffled<'i>(ids: impl Iterator<Item = Cow<'i, str>>, seed: u64) -> Vec<usize> {
    let keys: Vec<u64> = ids.map(|id| hash(&format!("{seed}:{id}"))).collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| (keys[*index], *index));
    order
}

/// The first 8 bytes of SHA-256, which is stable across releases.
pub(super) fn hash(text: &str) -> u64 {
    let digest = sha256(text.as_bytes());
    u64::from_be_bytes(digest[..8].try_into().expect("8 bytes"))
}
