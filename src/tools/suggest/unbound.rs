//! Placeholders that stay unbound, and why.

/// A placeholder that stays unbound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unbound {
    /// The case, by its index.
    pub case: usize,
    /// The placeholder.
    pub placeholder: String,
    /// Why.
    pub reason: Reason,
    /// Details.
    pub detail: String,
}

/// Why a placeholder stays unbound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Reason {
    /// Nothing is documented at the URL of its collection.
    NoProducer,
    /// The documented requests of its collection do not provide it.
    NoKey,
    /// The request writes and needs a new resource, but nothing creates one.
    OnlyListed,
    /// It is listed below a new resource, whose lists are empty.
    ListedUnderMade,
    /// It is the path of a file, which the user chooses.
    Path,
    /// It is the argument of a function.
    Argument,
    /// It is only part of a segment.
    PartOfSegment,
    /// It is in the query.
    Query,
    /// It is in the host.
    Host,
    /// The target has too many placeholders.
    TooMany,
    /// A variable cannot have its name.
    Name,
}

impl Reason {
    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoProducer => "no-producer",
            Self::NoKey => "no-key",
            Self::OnlyListed => "only-listed",
            Self::ListedUnderMade => "listed-under-made",
            Self::Path => "path",
            Self::Argument => "function-argument",
            Self::PartOfSegment => "part-of-segment",
            Self::Query => "query",
            Self::Host => "host",
            Self::TooMany => "too-many",
            Self::Name => "name",
        }
    }

    /// A description.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::NoProducer => "no POST or GET of its collection is documented",
            Self::NoKey => "no documented POST or GET of its collection provides it",
            Self::OnlyListed => {
                "the request writes, and no documented request creates the resource"
            }
            Self::ListedUnderMade => "a list below a new resource would be empty",
            Self::Path => "choose a path",
            Self::Argument => "choose the argument of the function",
            Self::PartOfSegment => "only part of a segment",
            Self::Query => "choose the value of the query parameter",
            Self::Host => "part of the host",
            Self::TooMany => "too many placeholders in the URL",
            Self::Name => "not a valid variable name; remove `$`, `{` and `}`",
        }
    }
}
