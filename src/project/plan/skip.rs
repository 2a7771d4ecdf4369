//! Reasons to skip a case.

use std::fmt;

/// Reasons to skip a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The reason. Skipped cases are counted by it.
    pub reason: SkipReason,
    /// The details.
    pub detail: String,
}

/// The reasons to skip a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// The page documents no response.
    NoResponse,
    /// The documented status is not a status code.
    InvalidStatus,
    /// The documented status is an interim one.
    InterimStatus,
    /// The target is not a valid URL.
    InvalidUrl,
    /// The method cannot be sent to an origin server.
    InvalidMethod,
    /// A header is invalid.
    InvalidHeader,
    /// The documented host is not mapped.
    OtherHost,
    /// The documented URL is outside of the service's base URL.
    OutsideService,
    /// A placeholder has no value.
    UnboundPlaceholder,
    /// The method is not safe, and writes are not allowed.
    WriteNotAllowed,
    /// The scenario has a `skip`.
    Scenario,
    /// The target lacks a scope that the scenario needs.
    MissingScope,
    /// The target lacks a tag that the scenario needs.
    MissingTag,
    /// The maximum number of requests has been sent.
    RequestLimit,
    /// A service sends another response of the same request unbidden.
    AlternativeResponse,
}

impl SkipReason {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoResponse => "no-response",
            Self::InvalidStatus => "invalid-status",
            Self::InterimStatus => "interim-status",
            Self::InvalidUrl => "invalid-url",
            Self::InvalidMethod => "invalid-method",
            Self::InvalidHeader => "invalid-header",
            Self::OtherHost => "other-host",
            Self::OutsideService => "outside-service",
            Self::UnboundPlaceholder => "unbound-placeholder",
            Self::WriteNotAllowed => "write-not-allowed",
            Self::Scenario => "scenario",
            Self::MissingScope => "missing-scope",
            Self::MissingTag => "missing-tag",
            Self::RequestLimit => "request-limit",
            Self::AlternativeResponse => "alternative-response",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason.name(), self.detail)
    }
}

/// Skips a case.
pub(super) fn skip<T>(reason: SkipReason, detail: impl Into<String>) -> Result<T, Skip> {
    Err(Skip {
        reason,
        detail: detail.into(),
    })
}
