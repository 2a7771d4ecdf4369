//! Whether an answer keeps the page's word.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use crate::check::types::{self, Against, Expectation, Mode, ShapeFinding, ShapeKind, Types};
use crate::http::message::{ActualResponse, Content, Headers, MediaType, Response, has_no_content};
use crate::http::policy::{Policies, Policy};
use crate::page::case::Case;
use crate::run::observation::{joined, status_line, value_fits};
use crate::text::severity::Severity;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// There was no answer.
    Transport,
    /// The mock has no documented request that fits.
    NoRoute,
    /// The status code.
    Status,
    /// A documented header is not there.
    MissingHeader,
    /// A header has another value.
    Header,
    /// The media type, or one of its documented parameters.
    MediaType,
    /// The content could not be had, and so not compared.
    Content,
    /// The page's own body cannot be read, and so not compared.
    Documented,
    /// The body has not the documented shape, or value.
    Body(ShapeKind),
    /// The observation is not the accepted one.
    Snapshot,
    /// The set-up of a scenario did not come to its end.
    Setup,
    /// An expectation of a scenario is not met.
    Expectation,
    /// What a scenario captures is not there.
    Capture,
    /// An operation did not come to its end.
    Poll,
    /// The tear-down of a scenario left something behind.
    Teardown,
    /// The answer is as documented, where a deviation was accepted.
    StaleDeviation,
}

impl DifferenceKind {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::NoRoute => "no-route",
            Self::Status => "status",
            Self::MissingHeader => "missing-header",
            Self::Header => "header",
            Self::MediaType => "media-type",
            Self::Content => "content",
            Self::Documented => "documented-body",
            Self::Body(kind) => kind.name(),
            Self::Snapshot => "snapshot",
            Self::Setup => "setup",
            Self::Expectation => "expectation",
            Self::Capture => "capture",
            Self::Poll => "poll",
            Self::Teardown => "teardown",
            Self::StaleDeviation => "stale-deviation",
        }
    }
}

/// One difference between what is documented and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// The header that is meant, as it is documented.
    pub header: Option<String>,
    /// The member of the body that is meant.
    pub member: Option<Member>,
    /// Where a scenario asks for it.
    pub scenario: Option<ScenarioPlace>,
    /// What the page says (or, of a snapshot, what was accepted; of a deviation,
    /// why; of a scenario, what it expects).
    pub documented: String,
    /// What came back, if anything did.
    pub observed: Option<String>,
}

/// A member of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Where it is, as a `JSONPath` (RFC 9535).
    pub path: String,
    /// The bytes of the documented body that say what it is, if any do.
    pub place: Option<Range<usize>>,
}

/// A place in a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioPlace {
    /// The file, relative to the folder of scenarios.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
    /// What the step is called.
    pub step: String,
}

impl Difference {
    /// A difference that is about the whole answer.
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
            documented: documented.into(),
            observed,
        }
    }
}

/// Compares an answer with the documented response, header by header.
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
    for name in documented.headers.names() {
        let whole = joined(&documented.headers, name);
        differences.extend(compare_header(name, whole, actual, policies.of(name)));
    }
    differences
}

/// A documented status, with the page's own reason phrase.
pub(crate) fn documented_status(documented: &Response) -> String {
    match &documented.reason {
        Some(reason) => format!("{} {reason}", documented.status),
        None => status_line(documented.status),
    }
}

fn compare_header(
    name: &str,
    whole: String,
    actual: &ActualResponse,
    policy: Policy,
) -> Option<Difference> {
    if policy == Policy::Ignore {
        return None;
    }
    if actual.headers.get(name).is_none() {
        return Some(Difference {
            header: Some(name.to_owned()),
            ..Difference::new(DifferenceKind::MissingHeader, whole, None)
        });
    }
    let observed = joined(&actual.headers, name);
    let (kind, fits) = match policy {
        Policy::Ignore | Policy::Present => return None,
        Policy::MediaType => {
            let fits = media_type_fits(&whole, &observed);
            (DifferenceKind::MediaType, fits)
        }
        Policy::Exact => (DifferenceKind::Header, value_fits(&whole, &observed)),
    };
    (!fits).then(|| Difference {
        header: Some(name.to_owned()),
        ..Difference::new(kind, whole, Some(observed))
    })
}

/// Whether a media type is the documented one, with each documented parameter.
pub(crate) fn media_type_fits(documented: &str, observed: &str) -> bool {
    let documented = MediaType::parse(documented);
    let observed = MediaType::parse(observed);
    documented.essence == observed.essence
        && documented
            .parameters
            .iter()
            .all(|parameter| observed.parameters.contains(parameter))
}

/// What of an answer's body is not as the page documents it: what is wrong, and
/// what is only worth a word. A body is compared where the page promises JSON,
/// and the answer is the documented one by its status.
pub fn compare_body(
    case: &Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
) -> (Vec<Difference>, Vec<Difference>) {
    compare_body_by(case, documented, actual, types, mode, &OnceCell::new())
}

/// The same for one of several answers to a case: what the page promises of
/// them is read with the first.
pub(crate) fn compare_body_by<'c>(
    case: &'c Case,
    documented: &Response,
    actual: &ActualResponse,
    types: &Types,
    mode: Mode,
    promised: &OnceCell<Option<Expectation<'c>>>,
) -> (Vec<Difference>, Vec<Difference>) {
    let nothing = (Vec::new(), Vec::new());
    let has_same_status =
        documented.status == actual.status && !has_no_content(&case.request.method, actual.status);
    // Another media type is a difference of its own.
    let is_other = documented.headers.get("content-type").is_some()
        && says_json(&actual.headers) == Some(false);
    if !has_same_status || is_other || !promises_json(case, documented) {
        return nothing;
    }
    let body = match &actual.body {
        Content::Whole(body) => body,
        Content::Unread => return nothing,
        Content::Lost(why) => {
            let documented = "a body that can be read";
            let lost = Difference::new(DifferenceKind::Content, documented, Some(why.clone()));
            return (vec![lost], Vec::new());
        }
    };
    let promised = promised.get_or_init(|| Expectation::of_case(case, Against::Page, types));
    let Some(expectation) = promised else {
        return nothing;
    };
    let mut unread = Vec::new();
    if expectation.unreadable().is_some() {
        let documented = "a body that is no JSON, so that only its types are compared";
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
    (all(errors), unread)
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

/// Whether the page promises a JSON body, which alone is compared: by its media type, or else by the
/// body that it shows.
pub(crate) fn promises_json(case: &Case, documented: &Response) -> bool {
    let body = documented.body.as_deref().unwrap_or_default().trim_start();
    let is_named = case.annotation.response.contains_key("@odata.type");
    match says_json(&documented.headers) {
        Some(says) => says && (is_named || !body.is_empty()),
        None => body.starts_with(['{', '[']),
    }
}

/// Whether a message says that its body is JSON (RFC 8259; RFC 6839, 3.1).
fn says_json(headers: &Headers) -> Option<bool> {
    let media_type = MediaType::parse(headers.get("content-type")?);
    let essence = media_type.essence;
    Some(essence == "application/json" || essence.ends_with("+json"))
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

    /// Each comparison has a pair that must fail beside one that must not.
    #[track_caller]
    fn check(documented: &[(&str, &str)], answered: &[(&str, &str)], expected: &[&str]) {
        let found = compare(
            &response(200, documented),
            &actual(200, answered),
            &Policies::default(),
        );
        let kinds: Vec<_> = found
            .iter()
            .map(|difference| difference.kind.name())
            .collect();
        assert_eq!(kinds, expected, "{found:?}");
        for difference in &found {
            let name = difference.header.as_deref().expect("a header's name");
            assert!(documented.iter().any(|(known, _)| *known == name));
        }
    }

    /// What is found in the body of an answer, where the page promises an `id`
    /// that is a string.
    #[track_caller]
    fn check_body(answered: ActualResponse, body: &str, expected: &[&str]) {
        let page = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
            <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n\
            Content-Type: application/json\n\n{\"id\": \"7\"}\n```\n";
        let extracted = extract::extract(&Page::new("p.md", page.to_owned()));
        let case = &extracted.cases[0];
        let documented = &case.response.as_ref().expect("a response").message;
        let answered = ActualResponse {
            body: Content::Whole(body.into()),
            ..answered
        };
        let (types, _) = Types::new(&[]);
        let (errors, _) = compare_body(case, documented, &answered, &types, Mode::Shape);
        let kinds: Vec<_> = errors
            .iter()
            .map(|difference| difference.kind.name())
            .collect();
        assert_eq!(kinds, expected, "{errors:?}");
    }

    #[test]
    fn the_body_of_another_answer_is_not_compared() {
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
    fn the_status_is_compared() {
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
    fn exact_headers_have_their_very_value() {
        check(&[("X-A", "1")], &[("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "2")], &["header"]);
        check(&[("X-A", "1")], &[], &["missing-header"]);
        check(&[("X-A", "1"), ("X-A", "2")], &[("x-a", "1, 2")], &[]);
        check(&[("X-A", "1"), ("X-A", "2")], &[("x-a", "1")], &["header"]);
        check(
            &[("X-A", "1"), ("x-a", "2")],
            &[("x-a", "1"), ("x-a", "2")],
            &[],
        );
        check(&[("X-A", "1")], &[("x-a", ""), ("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "")], &["header"]);
        check(&[("X-A", "v{version}")], &[("x-a", "v7")], &[]);
        check(&[("X-A", "v{version}")], &[("x-a", "7")], &["header"]);
        check(&[("X-A", "{\"a\": 1}")], &[("x-a", "b")], &["header"]);
    }

    #[test]
    fn media_types_have_their_documented_parameters() {
        let json = ("Content-Type", "application/json");
        check(
            &[json],
            &[("content-type", "Application/JSON;charset=utf-8")],
            &[],
        );
        check(&[json], &[("content-type", "text/csv")], &["media-type"]);
        check(&[json], &[], &["missing-header"]);
        let latin = ("Content-type", "text/plain; charset=\"ISO-8859-1\"");
        check(
            &[latin],
            &[("content-type", "text/plain;charset=iso-8859-1")],
            &[],
        );
        check(&[latin], &[("content-type", "text/plain")], &["media-type"]);
    }

    #[test]
    fn some_headers_only_have_to_be_there() {
        check(&[("Location", "/a")], &[("location", "/b")], &[]);
        check(&[("Location", "/a")], &[], &["missing-header"]);
    }

    #[test]
    fn framing_is_not_compared() {
        check(
            &[("Content-Length", "7"), ("Date", "x"), ("Server", "y")],
            &[],
            &[],
        );
    }

    #[test]
    fn headers_that_are_not_documented_are_nobodys_fault() {
        check(&[], &[("x-extra", "1")], &[]);
    }
}
