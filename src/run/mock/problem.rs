//! The response to a request that gets no documented one: problem details (RFC
//! 9457) with the closest cases.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Value, json};

use super::problem_type::ProblemType;
use super::reply::{Close, Reply, Verdict};
use crate::page::case::Case;
use crate::project::plan::MISS_HEADER;

/// Why a request gets no documented response.
#[derive(Debug)]
pub(super) struct Problem {
    /// The type.
    pub kind: ProblemType,
    /// One sentence about the problem.
    pub detail: String,
    /// What the request violates, if it is refused.
    pub violations: Vec<String>,
    /// The closest cases.
    pub closest: Vec<Close>,
    /// The methods that are documented for the path.
    pub allow: BTreeSet<String>,
}

impl Problem {
    /// A problem that names no case.
    pub(super) fn of(kind: ProblemType, detail: String) -> Self {
        Self {
            kind,
            detail,
            violations: Vec::new(),
            closest: Vec::new(),
            allow: BTreeSet::new(),
        }
    }

    /// Builds the response.
    pub(super) fn reply(self, cases: &[Case]) -> Reply {
        let status = self.kind.status();
        let marker = if self.violations.is_empty() {
            "no documented request matches"
        } else {
            "the request violates the documentation"
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static(MISS_HEADER),
            HeaderValue::from_static(marker),
        );
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if !self.allow.is_empty() {
            let methods: Vec<&str> = self.allow.iter().map(String::as_str).collect();
            if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
                headers.insert(header::ALLOW, methods);
            }
        }
        let closest = self.closest.iter().map(|close| {
            let case = &cases[close.case];
            json!({
                "case": case.id,
                "page": &*case.page,
                "line": case.line,
                "method": case.request.method,
                "target": case.request.target,
                "differs": close.differs,
            })
        });
        let mut details = self.kind.details(status, &self.detail);
        if !self.violations.is_empty() {
            details.insert("violations".to_owned(), json!(self.violations));
        }
        details.insert("closest".to_owned(), closest.collect());
        Reply {
            status,
            headers,
            body: Bytes::from(format!("{:#}\n", Value::Object(details))),
            verdict: Verdict::Missed {
                closest: self.closest,
            },
        }
    }
}
