//! The order of a shuffled run, and the hash that it and partitions use.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// The indexes of results in an order that looks like chance and is the same for
/// a seed, whatever the machine and the release. A result that is added changes
/// nothing of the order of the others.
pub(crate) fn shuffled<'i>(ids: impl Iterator<Item = Cow<'i, str>>, seed: u64) -> Vec<usize> {
    let keys: Vec<u64> = ids.map(|id| hash(&format!("{seed}:{id}"))).collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|index| (keys[*index], *index));
    order
}

/// The first 8 bytes of SHA-256, which no release of a library changes.
pub(super) fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text);
    u64::from_be_bytes(digest[..8].try_into().expect("8 bytes"))
}
