//! The kinds of changes.

/// How a response was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// Another status of the same class (RFC 9110, 15).
    StatusSameClass,
    /// A status of another class.
    StatusOtherClass,
    /// Another status of the same class, where a scenario expects that class.
    StatusWithExpectation,
    /// A documented header is missing.
    HeaderDropped,
    /// A documented header, or a parameter of the media type, has another value.
    HeaderChanged,
    /// The first item of a documented list is missing.
    HeaderItemDropped,
    /// The content is of another media type.
    MediaTypeChanged,
    /// A member of the body is missing.
    MemberDropped,
    /// A member has a value of another JSON type.
    MemberType,
    /// A member is `null`.
    MemberNull,
    /// The `@odata.type` of an object is a type that nothing documents.
    TypeRenamed,
    /// A value is the text `...`.
    Ellipsis,
    /// A number differs by its last digit, beyond the precision of a double.
    NumberPrecision,
    /// The list of the response has no elements.
    ListEmptied,
    /// Another array has no elements.
    ArrayEmptied,
    /// The second half of the body is missing.
    BodyCutShort,
    /// The body is another text, with and without a media type of its own.
    BodyReplaced,
    /// The body is another text, where a policy does not compare the media type.
    HeaderPolicy,
    /// An undocumented header was added. It must not be reported.
    HeaderExtra,
    /// An undocumented member was added. It must not be reported.
    MemberExtra,
}

impl Kind {
    /// All kinds, in the order of a response, controls last.
    pub(crate) const ALL: [Self; 20] = [
        Self::StatusSameClass,
        Self::StatusOtherClass,
        Self::StatusWithExpectation,
        Self::HeaderDropped,
        Self::HeaderChanged,
        Self::HeaderItemDropped,
        Self::MediaTypeChanged,
        Self::MemberDropped,
        Self::MemberType,
        Self::MemberNull,
        Self::TypeRenamed,
        Self::Ellipsis,
        Self::NumberPrecision,
        Self::ListEmptied,
        Self::ArrayEmptied,
        Self::BodyCutShort,
        Self::BodyReplaced,
        Self::HeaderPolicy,
        Self::HeaderExtra,
        Self::MemberExtra,
    ];

    /// The stable kebab-case name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::StatusSameClass => "status-same-class",
            Self::StatusOtherClass => "status-other-class",
            Self::StatusWithExpectation => "status-with-expectation",
            Self::HeaderDropped => "header-dropped",
            Self::HeaderChanged => "header-changed",
            Self::HeaderItemDropped => "header-item-dropped",
            Self::MediaTypeChanged => "media-type-changed",
            Self::MemberDropped => "member-dropped",
            Self::MemberType => "member-type",
            Self::MemberNull => "member-null",
            Self::TypeRenamed => "type-renamed",
            Self::Ellipsis => "ellipsis",
            Self::NumberPrecision => "number-precision",
            Self::ListEmptied => "list-emptied",
            Self::ArrayEmptied => "array-emptied",
            Self::BodyCutShort => "body-cut-short",
            Self::BodyReplaced => "body-replaced",
            Self::HeaderPolicy => "header-policy",
            Self::HeaderExtra => "header-extra",
            Self::MemberExtra => "member-extra",
        }
    }

    /// Whether it must not be reported.
    pub(crate) fn is_control(self) -> bool {
        matches!(self, Self::HeaderExtra | Self::MemberExtra)
    }
}
