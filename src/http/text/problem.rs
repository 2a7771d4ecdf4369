//! Findings about the text of a message.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::rules::Rule;
use crate::text::severity::Severity;

/// A finding about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// How severe it is.
    pub severity: Severity,
    /// The bytes with the problem.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Cow<'static, str>,
    /// The bytes to replace and their replacement, if there is exactly one fix.
    pub fix: Option<(Range<usize>, String)>,
}

impl Problem {
    pub(crate) fn new(
        rule: &'static Rule,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            range,
            message: message.into(),
            help: help.into(),
            fix: None,
        }
    }

    /// Sets another severity than that of the rule.
    pub(super) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets the replacement of a range.
    pub(super) fn fix(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.fix = Some((range, text.into()));
        self
    }
}
