//! A record as JSON: one object a line, one a case, then the summary.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{CaseRecord, Summary};
use crate::report::json::line;

/// A run: its cases, by page and line, and what it came to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunRecord {
    /// The cases.
    pub cases: Vec<CaseRecord>,
    /// What they came to.
    pub summary: Summary,
}

/// Why a text is no record of a run.
#[derive(Debug, Error)]
pub(crate) enum RecordError {
    /// A line is neither a case nor a summary.
    #[error("line {line} is neither a case nor the summary of a run: {message}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The last line is not there.
    #[error("the summary at its end is missing: the run did not come to its end")]
    Cut,
    /// Something follows the summary.
    #[error("line {line} follows a summary: this is more than one run")]
    More {
        /// The number of the line, from 1.
        line: usize,
    },
}

#[derive(Serialize)]
struct WrittenLast<'a> {
    summary: &'a Summary,
}

#[derive(Deserialize)]
struct Last {
    summary: Summary,
}

/// What a summary begins with, and no case does.
const SUMMARY: &str = "{\"summary\":";

/// A case as a line.
pub(crate) fn case_line(case: &CaseRecord) -> String {
    line(case)
}

/// The summary, which is the last line.
pub(crate) fn summary_line(summary: &Summary) -> String {
    line(&WrittenLast { summary })
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

/// Reads a record, of whose cases only a part may be wanted.
pub(crate) fn read<C: DeserializeOwned>(text: &str) -> Result<(Vec<C>, Summary), RecordError> {
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
