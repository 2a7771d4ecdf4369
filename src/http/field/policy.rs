//! How strictly a header field is compared.

/// How a response header has to match the documented one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    /// It has the same value, as the specification of the field defines it.
    Exact,
    /// It has a value of the same form.
    Form,
    /// It has the same type and subtype, and each documented parameter (RFC
    /// 9110, 8.3.1).
    MediaType,
    /// It is present, with any value.
    Present,
    /// It is not compared.
    Ignore,
}

impl Policy {
    /// All policies.
    pub const ALL: [Self; 5] = [
        Self::Exact,
        Self::Form,
        Self::MediaType,
        Self::Present,
        Self::Ignore,
    ];

    /// Its name in `docproof.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Form => "form",
            Self::MediaType => "media-type",
            Self::Present => "present",
            Self::Ignore => "ignore",
        }
    }
}
