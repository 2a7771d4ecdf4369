//! Partitions, such as `hash:2/8`: one of eight shares of a run.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::order::hash;
use super::subject::Subject;

/// How results are distributed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PartitionKind {
    /// By a hash of the id: adding or removing results does not move the
    /// others.
    Hash,
    /// Round-robin in the order of the run: sizes differ by at most one.
    Count,
}

impl PartitionKind {
    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Count => "count",
        }
    }
}

/// One share of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Partition {
    /// How results are distributed.
    pub kind: PartitionKind,
    /// The number of the share, from 1.
    pub index: NonZeroU32,
    /// The number of shares.
    pub count: NonZeroU32,
}

impl Partition {
    /// Selects the results of this share, in their order.
    pub(crate) fn share(self, subjects: Vec<Subject<'_>>) -> Vec<Subject<'_>> {
        let count = u64::from(self.count.get());
        let mine = u64::from(self.index.get() - 1);
        let dealt = subjects.into_iter().zip(0_u64..);
        let kept = dealt.filter(|(subject, turn)| match self.kind {
            PartitionKind::Hash => hash(&subject.id) % count == mine,
            PartitionKind::Count => turn % count == mine,
        });
        kept.map(|(subject, _)| subject).collect()
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, index, count } = self;
        write!(formatter, "{}:{index}/{count}", kind.name())
    }
}

/// Why a text is not a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum PartitionError {
    /// Its syntax is invalid.
    #[error("write hash:M/N or count:M/N, such as hash:2/8")]
    Syntax,
    /// The share does not exist.
    #[error("share {index} of {count} does not exist; use 1 to {count}")]
    Index {
        /// The requested share.
        index: u32,
        /// The number of shares.
        count: NonZeroU32,
    },
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let parts = text.split_once(':');
        let (kind, share) = parts.ok_or(PartitionError::Syntax)?;
        let kind = [PartitionKind::Hash, PartitionKind::Count]
            .into_iter()
            .find(|known| known.name() == kind)
            .ok_or(PartitionError::Syntax)?;
        let (index, count) = share.split_once('/').ok_or(PartitionError::Syntax)?;
        let index: u32 = index.parse().map_err(|_| PartitionError::Syntax)?;
        let count: NonZeroU32 = count.parse().map_err(|_| PartitionError::Syntax)?;
        NonZeroU32::new(index)
            .filter(|index| *index <= count)
            .map(|index| Self { kind, index, count })
            .ok_or(PartitionError::Index { index, count })
    }
}
