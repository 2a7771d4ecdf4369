//! Compares a response with the documented one.

mod body;
mod headers;
mod text;

use std::ops::Range;
use std::sync::Arc;

use crate::check::types::ShapeKind;
use crate::http::message::{ActualResponse, Response};
use crate::http::policy::Policies;
use crate::page::alternatives::Documented;
use crate::run::observation::status_line;
pub use body::compare_body;
pub(crate) use body::{Bodies, NotCompared};
use headers::{Fault, HeaderDifference};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// There was no response.
    Transport,
    /// The head of a response came, but not its whole body.
    CutBody,
    /// The body is a stream that did not end, so it was not compared.
    EndlessBody,
    /// The mock has no matching request.
    NoRoute,
    /// The status code.
    Status,
    /// A documented header is missing.
    MissingHeader,
    /// A header has a different value.
    Header,
    /// The media type, or one of its documented parameters.
    MediaType,
    /// The content could not be read, so it was not compared.
    Content,
    /// The documented body cannot be read, so it was not compared.
    Documented,
    /// The body does not have the documented shape or value.
    Body(ShapeKind),
    /// The body is another text than the documented one.
    Text,
    /// Nothing of the body was compared.
    NotChecked,
    /// The observation differs from the accepted snapshot.
    Snapshot,
    /// No snapshot is accepted, but the run requires one.
    MissingSnapshot,
    /// A set-up step of a scenario failed.
    Setup,
    /// An expectation of a scenario is not met.
    Expectation,
    /// A capture of a scenario found nothing.
    Capture,
    /// A polled operation did not finish.
    Poll,
    /// A tear-down step of a scenario failed.
    Teardown,
    /// The response matches the page, but a deviation is accepted.
    StaleDeviation,
}

impl DifferenceKind {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transport | Self::CutBody => "transport",
            Self::EndlessBody => "endless-body",
            Self::NoRoute => "no-route",
            Self::Status => "status",
            Self::MissingHeader => "missing-header",
            Self::Header => "header",
            Self::MediaType => "media-type",
            Self::Content => "content",
            Self::Documented => "documented-body",
            Self::Body(kind) => kind.name(),
            Self::Text => "body-text",
            Self::NotChecked => "not-checked",
            Self::Snapshot => "snapshot",
            Self::MissingSnapshot => "missing-snapshot",
            Self::Setup => "setup",
            Self::Expectation => "expectation",
            Self::Capture => "capture",
            Self::Poll => "poll",
            Self::Teardown => "teardown",
            Self::StaleDeviation => "stale-deviation",
        }
    }
}

/// A difference between the documented and the actual response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// The name of the header, as documented.
    pub header: Option<String>,
    /// The member of the body.
    pub member: Option<Member>,
    /// Where a scenario requires it.
    pub scenario: Option<ScenarioPlace>,
    /// The other response of the request that has the actual status.
    pub alternative: Option<Documented>,
    /// The documented value. For a snapshot: the accepted observation; for a
    /// deviation: its reason; for a scenario: what it expects.
    pub documented: String,
    /// The actual value, if there is one.
    pub observed: Option<String>,
}

/// A member of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, as `JSONPath` (RFC 9535).
    pub path: String,
    /// The byte range of the documented body that documents it, if any.
    pub place: Option<Range<usize>>,
}

/// A place in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioPlace {
    /// The file, relative to the folder of scenarios.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// The name of the step.
    pub step: String,
}

impl Difference {
    /// Creates a difference of the whole response.
    pub fn new(
        kind: DifferenceKind,
        documented: impl Into<String>,
        observed: Option<String>,
    ) -> Self {
        Self {
            kind,
            header: None,
            member: None,
            scenario: None,
            alternative: None,
            documented: documented.into(),
            observed,
        }
    }
}

/// Compares status and header fields with the documented response.
pub(crate) fn compare(
    documented: &Response,
    actual: &ActualResponse,
    policies: &Policies,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    if !documented.status.matches(actual.status) {
        differences.push(Difference::new(
            DifferenceKind::Status,
            documented_status(documented),
            Some(status_line(actual.status)),
        ));
    }
    let headers = headers::compare(documented, actual, policies);
    differences.extend(headers.into_iter().map(Difference::from));
    differences
}

/// Formats a documented status with the page's reason phrase.
pub(crate) fn documented_status(documented: &Response) -> String {
    match &documented.reason {
        Some(reason) => format!("{} {reason}", documented.status),
        None => status_line(documented.status),
    }
}

impl From<HeaderDifference> for Difference {
    fn from(found: HeaderDifference) -> Self {
        let kind = match found.fault {
            Fault::Missing => DifferenceKind::MissingHeader,
            Fault::MediaType => DifferenceKind::MediaType,
            Fault::Value => DifferenceKind::Header,
        };
        Self {
            header: Some(found.name),
            ..Self::new(kind, found.documented, found.observed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::status::Status;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        Response {
            status: status.into(),
            reason: None,
            headers: headers.iter().copied().collect(),
            body: None,
        }
    }

    fn actual(status: u16, headers: &[(&str, &str)]) -> ActualResponse {
        ActualResponse {
            status,
            headers: response(status, headers).headers,
            ..ActualResponse::default()
        }
    }

    #[test]
    fn compares_the_status() {
        let policies = Policies::default();
        let found = compare(&response(201, &[]), &actual(200, &[]), &policies);
        assert_eq!(found[0].documented, "201 Created");
        assert_eq!(found[0].observed.as_deref(), Some("200 OK"));
        assert_eq!(
            compare(&response(201, &[]), &actual(201, &[]), &policies),
            []
        );
    }

    #[test]
    fn any_status_of_a_documented_class_conforms() {
        let policies = Policies::default();
        let documented = Response {
            status: Status::Class(2),
            ..response(200, &[])
        };
        for code in [200, 201, 204, 299] {
            assert_eq!(compare(&documented, &actual(code, &[]), &policies), []);
        }
        for code in [199, 302, 404] {
            let found = compare(&documented, &actual(code, &[]), &policies);
            assert_eq!(found[0].kind, DifferenceKind::Status, "{code}");
            assert_eq!(found[0].documented, "2xx");
        }
    }
}
