//! The types of JSON values, as sets.

use std::ops::{BitOr, BitOrAssign};

use super::tree::{Node, NodeValue};

/// A set of JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Kinds(u8);

impl Kinds {
    /// The empty set.
    pub(crate) const NONE: Self = Self(0);
    /// `null`.
    pub(crate) const NULL: Self = Self(1);
    /// `true` or `false`.
    pub(crate) const BOOLEAN: Self = Self(2);
    /// Numbers.
    pub(crate) const NUMBER: Self = Self(4);
    /// Strings.
    pub(crate) const STRING: Self = Self(8);
    /// Arrays.
    pub(crate) const ARRAY: Self = Self(16);
    /// Objects.
    pub(crate) const OBJECT: Self = Self(32);

    /// The type of a value; a placeholder has none.
    pub(crate) fn of(node: &Node<'_>) -> Self {
        match node.value {
            NodeValue::Null => Self::NULL,
            NodeValue::Boolean(_) => Self::BOOLEAN,
            NodeValue::Number(_) => Self::NUMBER,
            NodeValue::String(_) => Self::STRING,
            NodeValue::Array(_) => Self::ARRAY,
            NodeValue::Object(_) => Self::OBJECT,
            NodeValue::Placeholder => Self::NONE,
        }
    }

    /// Whether the set contains all of `other`.
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set contains a type other than `null`.
    pub(crate) fn has_type(self) -> bool {
        self.0 & !Self::NULL.0 != 0
    }

    /// The names of the types, such as `string or null`.
    pub(crate) fn describe(self) -> String {
        let names: Vec<_> = [
            (Self::STRING, "string"),
            (Self::NUMBER, "number"),
            (Self::BOOLEAN, "boolean"),
            (Self::OBJECT, "object"),
            (Self::ARRAY, "array"),
            (Self::NULL, "null"),
        ]
        .into_iter()
        .filter(|(kind, _)| self.has(*kind))
        .map(|(_, name)| name)
        .collect();
        names.join(" or ")
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Kinds {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}
