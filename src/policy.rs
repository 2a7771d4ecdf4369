//! How strictly each documented response header is compared.

use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use thiserror::Error;

/// What a documented response header promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The very value.
    Exact,
    /// The same type and subtype, and each documented parameter (RFC 9110,
    /// 8.3.1).
    MediaType,
    /// That the header is there, with whatever value.
    Present,
    /// Nothing.
    Ignore,
}

impl Policy {
    /// Its name in `docproof.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::MediaType => "media-type",
            Self::Present => "present",
            Self::Ignore => "ignore",
        }
    }
}

/// A policy or a pattern that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// A policy of an unknown name.
    #[error("`{0}` is not a header policy; write exact, media-type, present or ignore")]
    Unknown(String),
    /// A pattern that is no glob.
    #[error("`{pattern}` is not a pattern of header names: {message}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        [Self::Exact, Self::MediaType, Self::Present, Self::Ignore]
            .into_iter()
            .find(|policy| policy.name() == text)
            .ok_or_else(|| PolicyError::Unknown(text.to_owned()))
    }
}

/// The policies of a project: its own first, then the defaults.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    own: Vec<(GlobMatcher, Policy)>,
}

const DEFAULTS: [(Policy, &[&str]); 3] = [
    (Policy::Ignore, &["date", "server", "host"]),
    (Policy::MediaType, &["content-type"]),
    (
        Policy::Present,
        &[
            "location",
            "etag",
            "request-id",
            "client-request-id",
            "content-location",
            "operation-location",
            "retry-after",
        ],
    ),
];

impl Policies {
    /// Adds a policy for the header names that `pattern` matches, case aside.
    /// Of several, the first that matches holds.
    pub fn add(&mut self, pattern: &str, policy: Policy) -> Result<(), PolicyError> {
        let glob = GlobBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| PolicyError::Pattern {
                pattern: pattern.to_owned(),
                message: error.kind().to_string(),
            })?;
        self.own.push((glob.compile_matcher(), policy));
        Ok(())
    }

    /// The policy of a header.
    pub fn of(&self, name: &str) -> Policy {
        if let Some((_, policy)) = self.own.iter().find(|(glob, _)| glob.is_match(name)) {
            return *policy;
        }
        if crate::message::is_framing(name) {
            return Policy::Ignore;
        }
        DEFAULTS
            .iter()
            .find(|(_, names)| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
            .map_or(Policy::Exact, |(policy, _)| *policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projects_own_policy_comes_before_the_defaults() {
        let mut policies = Policies::default();
        policies.add("X-Trace-*", Policy::Ignore).expect("a glob");
        policies.add("etag", Policy::Exact).expect("a glob");
        assert_eq!(policies.of("x-trace-ID"), Policy::Ignore);
        assert_eq!(policies.of("ETag"), Policy::Exact);
        assert_eq!(policies.of("Location"), Policy::Present);
        assert_eq!(policies.of("Content-Length"), Policy::Ignore);
        assert_eq!(policies.of("content-type"), Policy::MediaType);
        assert_eq!(policies.of("X-Other"), Policy::Exact);
    }

    #[test]
    fn an_unknown_policy_is_named() {
        let error = "exakt".parse::<Policy>().expect_err("unknown");
        assert!(error.to_string().contains("exakt"));
    }
}
