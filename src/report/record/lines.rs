//! The JSON of a record: one object per line, one per case, then the summary.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{CaseRecord, Summary};
use crate::report::basics::json_line;
use crate::report::version;

/// A run: its cases, by page and line, and its summary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunRecord {
    /// The cases.
    pub cases: Vec<CaseRecord>,
    /// The summary.
    pub summary: Summary,
}

/// A text that is not the record of a run.
#[derive(Debug, Error)]
pub(crate) enum RecordError {
    /// The report has a version that cannot be read.
    #[error("{}", version::message(.0))]
    Version(String),
    /// A line is neither a case nor a summary.
    #[error("line {line} is neither a case nor the summary of a run: {message}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The last line is missing.
    #[error("the summary at the end is missing: the run did not finish")]
    Cut,
    /// Something follows the summary.
    #[error("line {line} follows the summary: expected one run only")]
    More {
        /// The number of the line, from 1.
        line: usize,
    },
}

#[derive(Deserialize)]
struct Last {
    summary: Summary,
}

/// How a summary starts. No case does.
const SUMMARY: &str = "{\"summary\":";

/// The line of a case.
pub(crate) fn case_line(case: &CaseRecord) -> String {
    json_line(case)
}

/// The line of the summary, which is the last one.
pub(crate) fn summary_line(summary: &Summary) -> String {
    version::summary_line(summary)
}

impl RunRecord {
    /// The record as lines.
    pub(crate) fn lines(&self) -> String {
        let mut text = String::new();
        for case in &self.cases {
            text += &case_line(case);
            text.push('\n');
        }
        text += &summary_line(&self.summary);
        text.push('\n');
        text
    }

    /// Reads a record.
    pub(crate) fn read(text: &str) -> Result<Self, RecordError> {
        let (cases, summary) = read(text)?;
        Ok(Self { cases, summary })
    }
}

/// Reads a record. `C` may be a part of a [`CaseRecord`].
pub(crate) fn read<C: DeserializeOwned>(text: &str) -> Result<(Vec<C>, Summary), RecordError> {
    // Lines of another version need not be valid in this one.
    if let Some(version) = version::unsupported(text) {
        return Err(RecordError::Version(version));
    }
    let mut cases = Vec::new();
    let mut summary = None;
    for (at, text) in text.lines().enumerate() {
        let line = at + 1;
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if summary.is_some() {
            return Err(RecordError::More { line });
        }
        let unread = |error: serde_json::Error| RecordError::Line {
            line,
            message: error.to_string(),
        };
        if text.starts_with(SUMMARY) {
            let last: Last = serde_json::from_str(text).map_err(unread)?;
            summary = Some(last.summary);
        } else {
            cases.push(serde_json::from_str(text).map_err(unread)?);
        }
    }
    Ok((cases, summary.ok_or(RecordError::Cut)?))
}
