//! Header policies: how strictly each documented response header is compared.

use std::cmp::Reverse;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};
use thiserror::Error;

pub(crate) use super::field::policy::Policy;
use super::field::table::Row;
use super::message::is_framing;

/// An invalid header policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// An unknown policy name.
    #[error("`{0}` is not a header policy; write exact, form, media-type, present or ignore")]
    Unknown(String),
    /// A name or a pattern with more than one policy.
    #[error("duplicate policy for `{0}`")]
    Duplicate(String),
    /// An invalid glob.
    #[error("`{pattern}` is not a valid pattern of header names: {message}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// The error of the glob parser.
        message: String,
    },
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.name() == text)
            .ok_or_else(|| PolicyError::Unknown(text.to_owned()))
    }
}

/// The policies of a project, and the defaults.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    own: Vec<Own>,
}

#[derive(Debug, Clone)]
struct Own {
    /// The precedence: a higher layer overrides a lower one.
    layer: usize,
    /// In lower case.
    pattern: String,
    matcher: GlobMatcher,
    policy: Policy,
}

impl Own {
    /// The sort key. A name precedes a pattern, a longer pattern a shorter one.
    fn weight(&self) -> (usize, bool, usize) {
        let is_name = !self.pattern.contains(['*', '?', '[', '{']);
        (self.layer, is_name, self.pattern.len())
    }
}

impl Policies {
    /// Adds a policy for the header names that `pattern` matches, ignoring case.
    /// If several patterns match a name, the name itself wins, then the longest
    /// pattern.
    pub fn add(&mut self, pattern: &str, policy: Policy) -> Result<(), PolicyError> {
        let glob = GlobBuilder::new(pattern)
            .case_insensitive(true)
            .build()
            .map_err(|error| PolicyError::Pattern {
                pattern: pattern.to_owned(),
                message: error.kind().to_string(),
            })?;
        let pattern = pattern.to_lowercase();
        if self.own.iter().any(|own| own.pattern == pattern) {
            return Err(PolicyError::Duplicate(pattern));
        }
        self.own.push(Own {
            layer: 0,
            pattern,
            matcher: glob.compile_matcher(),
            policy,
        });
        self.own.sort_by_key(|own| Reverse(own.weight()));
        Ok(())
    }

    /// Adds the policies of a target. They override these policies, even where
    /// their patterns are less specific.
    pub fn override_with(&mut self, over: &Self) {
        let layer = self.own.iter().map(|own| own.layer + 1).max().unwrap_or(0);
        self.own.extend(over.own.iter().map(|own| Own {
            layer: layer + own.layer,
            ..own.clone()
        }));
        self.own.sort_by_key(|own| Reverse(own.weight()));
    }

    /// These policies, with another one for the media type.
    pub fn with_media_type(&self, policy: Policy) -> Self {
        let mut over = Self::default();
        let mut policies = self.clone();
        if over.add("content-type", policy).is_ok() {
            policies.override_with(&over);
        }
        policies
    }

    /// The policy of a header.
    pub fn of(&self, name: &str) -> Policy {
        if let Some(own) = self.own.iter().find(|own| own.matcher.is_match(name)) {
            return own.policy;
        }
        if is_framing(name) {
            return Policy::Ignore;
        }
        Row::of(name).policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn project_policies_override_defaults() {
        let mut policies = Policies::default();
        policies.add("X-Trace-*", Policy::Ignore).expect("a glob");
        policies.add("*-ID", Policy::Present).expect("a glob");
        policies.add("x-trace-kept", Policy::Exact).expect("a glob");
        policies.add("etag", Policy::Exact).expect("a glob");
        assert!(policies.add("ETag", Policy::Ignore).is_err());
        assert_eq!(policies.of("X-Trace-Kept"), Policy::Exact);
        assert_eq!(policies.of("Some-Id"), Policy::Present);
        assert_eq!(policies.of("x-trace-ID"), Policy::Ignore);
        assert_eq!(policies.of("ETag"), Policy::Exact);
        assert_eq!(policies.of("Location"), Policy::Present);
        assert_eq!(policies.of("Content-Length"), Policy::Ignore);
        assert_eq!(policies.of("content-type"), Policy::MediaType);
        assert_eq!(policies.of("X-Other"), Policy::Exact);
    }

    #[test]
    fn target_policies_override_project_policies() {
        let mut policies = Policies::default();
        policies.add("x-trace-id", Policy::Exact).expect("a glob");
        policies.add("x-other", Policy::Present).expect("a glob");
        let mut target = Policies::default();
        target.add("X-Trace-*", Policy::Ignore).expect("a glob");
        policies.override_with(&target);
        assert_eq!(policies.of("X-Trace-Id"), Policy::Ignore);
        assert_eq!(policies.of("X-Other"), Policy::Present);
        assert_eq!(policies.of("ETag"), Policy::Form);
    }

    #[test]
    fn reports_unknown_policies() {
        let error = "exakt".parse::<Policy>().expect_err("unknown");
        assert!(error.to_string().contains("exakt"));
    }
}
