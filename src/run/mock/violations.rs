//! How a request violates the documentation of an entry whose method, path,
//! host and query match.

use http::{HeaderMap, StatusCode, header};

use super::body::Content;
use super::documented_request::{Entry, header_fits};
use super::printable::{got, quoted};
use super::request::Request;
use super::tree::written;
use crate::check::types::{self, Expectation, Mode, ShapeFinding, ShapeKind, Types};
use crate::http::accept::admits;
use crate::http::media_type::MediaType;
use crate::http::url::Template;
use crate::page::case::Case;

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// The status of the refusal.
    pub status: StatusCode,
    /// The documented and the actual value.
    pub text: String,
}

impl Violation {
    fn new(status: StatusCode, what: &str, documented: &str, got: &str) -> Self {
        Self {
            status,
            text: format!("{what}: documented {documented}, got {got}"),
        }
    }
}

/// The status of a refusal: the media type of the request comes before what it
/// accepts, and that before all else.
pub(super) fn refusal(violations: &[Violation]) -> Option<StatusCode> {
    [
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::NOT_ACCEPTABLE,
        StatusCode::BAD_REQUEST,
    ]
    .into_iter()
    .find(|status| violations.iter().any(|found| found.status == *status))
}

/// An entry, its case and its response type.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentedCase<'d> {
    /// The entry.
    pub entry: &'d Entry,
    /// The first case of the entry.
    pub case: &'d Case,
    /// The media type of the documented response.
    pub response_type: Option<&'d str>,
}

/// Returns all violations. A JSON body may have any values of the documented
/// types.
pub(super) fn violations(
    documented: DocumentedCase<'_>,
    request: &Request<'_>,
    types: &Types,
) -> Vec<Violation> {
    let entry = documented.entry;
    let mut found = Vec::new();
    let headers = request.incoming.headers;
    for (name, value) in &entry.headers {
        if !is_checked_elsewhere(name) && !header_fits(name, value, headers) {
            let sent = sent(headers, name);
            found.push(Violation::new(
                StatusCode::BAD_REQUEST,
                &format!("header {name}"),
                &quoted(&written(value)),
                &got(name, sent.as_deref()),
            ));
        }
    }
    found.extend(accept(documented, headers));
    let what = |content: &Content| match content {
        Content::Json(_) => "JSON",
        _ => "a body",
    };
    let (own, sent) = (&entry.body, request.body());
    let (own_is, sent_is) = match (own.is_blank(), sent.is_blank()) {
        (true, true) => return found,
        (false, true) => (what(own.content()), "none"),
        // A documented body `{}` permits members; a missing body does not.
        (true, false) if !matches!(own.content(), Content::Json(_)) => {
            ("none", what(sent.content()))
        }
        (_, false) => {
            let other = media_type(entry, headers);
            if own != sent {
                let is_other = other.is_some();
                found.extend(shape(documented, request, types, is_other));
            }
            found.extend(other);
            return found;
        }
    };
    let status = StatusCode::BAD_REQUEST;
    found.push(Violation::new(status, "body", own_is, sent_is));
    found
}

/// Header fields that are checked elsewhere, or that belong to the client.
fn is_checked_elsewhere(name: &str) -> bool {
    matches!(
        name,
        "accept" | "accept-encoding" | "content-type" | "cookie" | "user-agent"
    )
}

/// The combined values of a header field.
fn sent(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The documented value of a header field.
fn field<'e>(entry: &'e Entry, name: &str) -> Option<&'e Template> {
    let field = entry.headers.iter().find(|(known, _)| known == name);
    field.map(|(_, value)| value)
}

/// Checks that the client accepts the response. A documented `Accept` value is
/// always accepted.
fn accept(documented: DocumentedCase<'_>, headers: &HeaderMap) -> Option<Violation> {
    let response_type = documented.response_type?;
    let name = header::ACCEPT.as_str();
    let is_as_written =
        field(documented.entry, name).is_some_and(|value| header_fits(name, value, headers));
    (!is_as_written && !admits(headers, response_type)).then(|| {
        Violation::new(
            StatusCode::NOT_ACCEPTABLE,
            "header accept",
            &format!("a response of {}", quoted(response_type)),
            &got(name, sent(headers, name).as_deref()),
        )
    })
}

/// Checks the media type of the body.
fn media_type(entry: &Entry, headers: &HeaderMap) -> Option<Violation> {
    let name = header::CONTENT_TYPE.as_str();
    let value = field(entry, name)?;
    let sent = sent(headers, name);
    let fits = header_fits(name, value, headers)
        || sent.as_deref().is_some_and(|sent| {
            MediaType::parse(sent).is_accepted_as(&MediaType::parse(&written(value)))
        });
    (!fits).then(|| {
        Violation::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "header content-type",
            &quoted(&written(value)),
            &got(name, sent.as_deref()),
        )
    })
}

/// Checks the shape of the body. A body of another media type does not have to
/// be JSON.
fn shape(
    documented: DocumentedCase<'_>,
    request: &Request<'_>,
    types: &Types,
    is_other: bool,
) -> Vec<Violation> {
    let DocumentedCase { entry, case, .. } = documented;
    let is_json = matches!(request.body().content(), Content::Json(_));
    let documents_json = match entry.body.content() {
        Content::Json(_) => is_json || !is_other,
        // A documented body that is not valid JSON, because of a trailing comma
        // for example.
        Content::Text(text) => is_json && text.trim_start().starts_with(['{', '[']),
        Content::None => false,
    };
    if !documents_json {
        return Vec::new();
    }
    let expectation = entry
        .expectation
        .get_or_init(|| Expectation::of_request(case, types));
    let findings = types::check(request.incoming.body, expectation, types, Mode::Shape);
    // In a merge patch, `null` removes a member (RFC 7396, 1).
    let is_patch = request.incoming.method == "PATCH";
    let is_wrong = |finding: &&ShapeFinding| match finding.kind {
        ShapeKind::NullValue => !is_patch,
        ShapeKind::TypeMismatch
        | ShapeKind::EnumValue
        | ShapeKind::FormatDateTime
        | ShapeKind::FormatUrl
        | ShapeKind::FormatGuid
        | ShapeKind::JsonSyntax => true,
        _ => false,
    };
    findings.list.iter().filter(is_wrong).map(broken).collect()
}

fn broken(finding: &ShapeFinding) -> Violation {
    let observed = match finding.kind {
        ShapeKind::NullValue => "null",
        _ => finding.observed.as_deref().unwrap_or("none"),
    };
    Violation::new(
        StatusCode::BAD_REQUEST,
        &format!("body {}", finding.path),
        &finding.documented,
        observed,
    )
}
