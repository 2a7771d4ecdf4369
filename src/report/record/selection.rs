//! What a run selected, to tell whether two parts belong together.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::text::digest::sha256;

/// The selection of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SelectionRecord {
    /// The options, as the user could write them; empty if all cases are selected.
    pub options: String,
    /// The number of selected results.
    pub cases: usize,
    /// A digest of their ids.
    pub digest: String,
    /// Whether a run of all its partitions sends a request.
    pub can_send: bool,
}

impl SelectionRecord {
    /// The record of a selection with these options and ids, of which something can be
    /// sent.
    pub(crate) fn of<'i>(
        options: String,
        ids: impl ExactSizeIterator<Item = Cow<'i, str>>,
    ) -> Self {
        let cases = ids.len();
        let mut text = String::new();
        for id in ids {
            text += &id;
            text.push('\n');
        }
        let digest = sha256(text.as_bytes());
        Self {
            options,
            cases,
            digest: digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            can_send: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_depend_on_the_ids() {
        let of = |ids: &[&'static str]| {
            let ids: Vec<Cow<'_, str>> = ids.iter().map(|id| Cow::from(*id)).collect();
            SelectionRecord::of(String::new(), ids.into_iter())
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_eq!(of(&["a", "b"]).cases, 2);
        for other in [&["a"][..], &["b", "a"], &["ab", ""], &["a", "c"]] {
            assert_ne!(of(&["a", "b"]).digest, of(other).digest, "{other:?}");
        }
    }
}
