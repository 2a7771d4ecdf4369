//! One JSON object a line: one a finding, then the summary.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::json::line;
use crate::text::finding::{Diagnostic, counts};
use crate::text::severity::Severity;

#[derive(Serialize)]
struct Finding<'a> {
    page: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    case: Option<&'a str>,
}

/// The findings, and what they come to.
pub(crate) fn lines(findings: &[Diagnostic], counted: &Summary<'_>) -> String {
    let mut text = String::new();
    for found in findings {
        text += &finding(found);
        text.push('\n');
    }
    text + &summary(counted) + "\n"
}

/// A finding. Lines and columns count from 1, columns in characters; the end is
/// the place after the last character.
fn finding(finding: &Diagnostic) -> String {
    line(&Finding {
        page: &finding.file,
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        rule: finding.rule.name,
        severity: finding.severity.name(),
        message: &finding.message,
        help: finding.help.as_deref(),
        case: finding.case.as_deref(),
    })
}

#[derive(Serialize)]
struct Last<'a> {
    summary: &'a Summary<'a>,
}

/// What a check came to.
#[derive(Debug, Serialize)]
pub(crate) struct Summary<'a> {
    /// How many pages were checked.
    pub pages: usize,
    /// How many findings there are, suppressed ones aside.
    pub findings: usize,
    /// How many there are of each severity.
    pub severities: BTreeMap<&'a str, usize>,
    /// How many there are of each rule.
    pub rules: BTreeMap<&'a str, usize>,
    /// How many the pages suppress.
    pub suppressed: usize,
}

impl Summary<'_> {
    /// Counts the findings of so many pages.
    pub(crate) fn of(findings: &[Diagnostic], pages: usize, suppressed: usize) -> Self {
        let severities = [Severity::Error, Severity::Warning, Severity::Info];
        let of = |severity| {
            let findings = findings.iter();
            findings
                .filter(|finding| finding.severity == severity)
                .count()
        };
        Self {
            pages,
            findings: findings.len(),
            severities: severities
                .into_iter()
                .map(|severity| (severity.name(), of(severity)))
                .collect(),
            rules: counts(findings),
            suppressed,
        }
    }
}

/// The last line.
fn summary(summary: &Summary<'_>) -> String {
    line(&Last { summary })
}
