//! Compares a response with the documented one.

mod headers;

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use crate::check::types::{self, Against, Expectation, Mode, ShapeFinding, ShapeKind, Types};
use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Content, Response, has_no_content};
use crate::http::policy::Policies;
use crate::page::alternatives::Documented;
use crate::page::case::Case;
use crate::run::observation::status_line;
use crate::text::severity::Severity;
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
    if documented.status != actual.status {
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

/// Compares the body with the documented one. Returns errors and warnings. A
/// body is compared if the page documents JSON and the status is the documented
/// one.
pub fn compare_body(
    case: &Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
) -> (Vec<Difference>, Vec<Difference>) {
    compare_body_by(case, documented, actual, types, mode, &OnceCell::new())
}

/// Like [`compare_body`], for several responses to one case: the expectation is
/// computed once.
pub(crate) fn compare_body_by<'c>(
    case: &'c Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
    promised: &OnceCell<Option<Expectation<'c>>>,
) -> (Vec<Difference>, Vec<Difference>) {
    compare_body_if_documented(case, documented, actual, types, mode, promised).unwrap_or_default()
}

/// The same, or `None` if the body is not compared at all.
pub(crate) fn compare_body_if_documented<'c>(
    case: &'c Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
    promised: &OnceCell<Option<Expectation<'c>>>,
) -> Option<(Vec<Difference>, Vec<Difference>)> {
    let has_same_status =
        documented.status == actual.status && !has_no_content(&case.request.method, actual.status);
    // A different media type is reported by the comparison of header fields.
    let is_other = documented.headers.get("content-type").is_some()
        && MediaType::of(&actual.headers).is_some_and(|sent| !sent.is_json());
    if !has_same_status || is_other || !promises_json(case, documented) {
        return None;
    }
    let body = match &actual.body {
        Content::Whole(body) => body,
        Content::Unread | Content::Endless(_) => return None,
        Content::Lost(why) => {
            let documented = "a body that can be read";
            let lost = Difference::new(DifferenceKind::Content, documented, Some(why.clone()));
            return Some((vec![lost], Vec::new()));
        }
    };
    let promised = promised.get_or_init(|| Expectation::of_case(case, Against::Page, types));
    let expectation = promised.as_ref()?;
    let mut unread = Vec::new();
    if expectation.unreadable().is_some() {
        let documented = "a body that is not valid JSON, so only its types are compared";
        unread.push(Difference::new(
            DifferenceKind::Documented,
            documented,
            None,
        ));
    }
    let found = types::check(body, expectation, types, mode);
    let (errors, warnings): (Vec<_>, Vec<_>) = found
        .list
        .into_iter()
        .partition(|finding| finding.severity == Severity::Error);
    let all = |findings: Vec<ShapeFinding>| -> Vec<Difference> {
        findings.into_iter().map(Difference::from).collect()
    };
    unread.extend(all(warnings));
    Some((all(errors), unread))
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

impl From<ShapeFinding> for Difference {
    fn from(finding: ShapeFinding) -> Self {
        let observed = match (finding.observed, finding.offset) {
            (observed, Some(offset)) => {
                let observed = observed.unwrap_or_default();
                Some(format!("{observed} at byte {offset}"))
            }
            (observed, None) => observed,
        };
        Self {
            member: Some(Member {
                path: finding.path,
                place: finding.place,
            }),
            ..Self::new(
                DifferenceKind::Body(finding.kind),
                finding.documented,
                observed,
            )
        }
    }
}

/// Whether the page documents a JSON body: by its media type, or else by the
/// body that it shows.
pub(crate) fn promises_json(case: &Case, documented: &Response) -> bool {
    let body = documented.body.as_deref().unwrap_or_default().trim_start();
    let is_named = case.annotation.response.contains_key("@odata.type");
    match MediaType::of(&documented.headers) {
        Some(media_type) => media_type.is_json() && (is_named || !body.is_empty()),
        None => body.starts_with(['{', '[']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;
    use crate::page::extract;
    use crate::text::source::Page;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let mut list = Headers::default();
        for (name, value) in headers {
            list.push(*name, *value);
        }
        Response {
            status,
            reason: None,
            headers: list,
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

    /// Checks the differences of a response body, where the page documents an
    /// `id` of type string.
    #[track_caller]
    fn check_body(sent: ActualResponse, body: &str, expected: &[&str]) {
        check_body_of("application/json", sent, body, expected);
    }

    #[track_caller]
    fn check_body_of(media_type: &str, sent: ActualResponse, body: &str, expected: &[&str]) {
        let page = format!(
            "<!-- {{\"blockType\": \"request\"}} -->\n```http\nGET /a\n```\n\n\
             <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 200 OK\n\
             Content-Type: {media_type}\n\n{{\"id\": \"7\"}}\n```\n"
        );
        let extracted = extract::extract(&Page::new("p.md", page));
        let case = &extracted.cases[0];
        let documented = &case.response.as_ref().expect("a response").message;
        let sent = ActualResponse {
            body: Content::Whole(body.into()),
            ..sent
        };
        let (types, _) = Types::new(&[]);
        let (errors, _) = compare_body(case, documented, &sent, &types, Mode::Shape);
        let kinds: Vec<_> = errors
            .iter()
            .map(|difference| difference.kind.name())
            .collect();
        assert_eq!(kinds, expected, "{errors:?}");
    }

    #[test]
    fn compares_only_bodies_of_the_documented_response() {
        let json = ("Content-Type", "application/json");
        let html = ("Content-Type", "text/html");
        check_body(actual(200, &[json]), "{\"id\": \"8\"}", &[]);
        check_body(actual(200, &[json]), "{\"id\": 8}", &["type-mismatch"]);
        check_body(actual(200, &[]), "{\"id\": 8}", &["type-mismatch"]);
        check_body(actual(200, &[html]), "{\"id\": 8}", &[]);
        check_body(actual(404, &[json]), "{\"id\": 8}", &[]);
        check_body(actual(204, &[json]), "", &[]);
    }

    #[test]
    fn compares_bodies_of_each_json_media_type() {
        for media_type in [
            "text/json",
            "Text/JSON; charset=utf-8",
            "application/problem+json",
            "application/vnd.api+JSON;ext=\"a;b\"",
        ] {
            let actual = || actual(200, &[("Content-Type", media_type)]);
            check_body_of(media_type, actual(), "{\"id\": \"8\"}", &[]);
            check_body_of(media_type, actual(), "{\"id\": 8}", &["type-mismatch"]);
            check_body_of(media_type, actual(), "{}", &["missing-property"]);
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
}
