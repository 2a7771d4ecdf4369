//! Why a case is left out.

use std::fmt;

/// Why a case is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The reason, by which skips are counted.
    pub reason: SkipReason,
    /// What it is about.
    pub detail: String,
}

/// The reasons to leave a case out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SkipReason {
    /// The page documents no response.
    NoResponse,
    /// The documented status is none.
    InvalidStatus,
    /// The documented status is an interim one, which ends no exchange.
    InterimStatus,
    /// The target cannot be made a URL.
    InvalidUrl,
    /// The method cannot be sent to an origin server.
    InvalidMethod,
    /// A header may not be sent.
    InvalidHeader,
    /// The docs name another host, which is not mapped.
    OtherHost,
    /// The documented URL is not below that of the service.
    OutsideService,
    /// A placeholder has no value.
    UnboundPlaceholder,
    /// It would change something, which was not allowed.
    WriteNotAllowed,
    /// Its scenario says so.
    Scenario,
    /// The target lacks a scope that the scenario needs.
    MissingScope,
    /// The target lacks a tag that the scenario needs.
    MissingTag,
    /// As many requests were sent as are allowed.
    RequestLimit,
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
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.reason.name(), self.detail)
    }
}

/// Leaves a case out.
pub(super) fn skip<T>(reason: SkipReason, detail: impl Into<String>) -> Result<T, Skip> {
    Err(Skip {
        reason,
        detail: detail.into(),
    })
}
