//! The rules that allow a body to deviate from the documented one.

/// A rule that allows a deviation from the documented body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Allowance {
    /// Annotations are always allowed, never required, and nullable.
    Annotation,
    /// The type or the annotation declares the member as optional.
    Optional,
    /// The request does not select the member.
    NotSelected,
    /// The page shows objects with and without the member.
    NotAlways,
    /// The type or the annotation declares the member as nullable.
    Nullable,
    /// The page shows `null` at this place too.
    ShownNull,
    /// The type of the value is unknown.
    AnyValue,
    /// The page shows a value of that type at this place too.
    ShownType,
    /// The resource declares that type; the page shows another.
    DeclaredType,
    /// Collections may be empty unless the annotation forbids it.
    EmptyCollection,
    /// Undocumented members are only a warning.
    Undocumented,
}

impl Allowance {
    /// The rule as text for reports.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Annotation => "annotations (`@…`) are optional and nullable",
            Self::Optional => "the resource or annotation declares it optional or nullable",
            Self::NotSelected => "the request's $select does not include it",
            Self::NotAlways => "not every object that the page shows there has it",
            Self::Nullable => "the resource or annotation declares it nullable",
            Self::ShownNull => "the page shows null there too",
            Self::AnyValue => {
                "its type is unknown: the page shows only null, or the resource does not name a known type"
            }
            Self::ShownType => "the page shows a value of that type there too",
            Self::DeclaredType => "the resource declares that type",
            Self::EmptyCollection => {
                "collections may be empty, unless the annotation has `\"isEmpty\": false`"
            }
            Self::Undocumented => "undocumented members are only a warning",
        }
    }
}
