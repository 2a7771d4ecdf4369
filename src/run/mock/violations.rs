//! What of a request is not as an entry documents it, where method, path, host
//! and query are.

use http::{HeaderMap, StatusCode, header};

use super::body::Content;
use super::documented_request::{Entry, header_fits};
use super::printable::{got, quoted};
use super::request::Request;
use super::tree::written;
use crate::check::types::{self, Expectation, Mode, ShapeFinding, ShapeKind, Types};
use crate::http::accept::{admits, is_documented};
use crate::http::url::Template;
use crate::page::case::Case;

/// One thing that is not as documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// The status with which it is refused.
    pub status: StatusCode,
    /// What is documented, and what came.
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

/// What a request is refused with: what it is, before what it asks for, before
/// what it says.
pub(super) fn refusal(violations: &[Violation]) -> Option<StatusCode> {
    [
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::NOT_ACCEPTABLE,
        StatusCode::BAD_REQUEST,
    ]
    .into_iter()
    .find(|status| violations.iter().any(|found| found.status == *status))
}

/// Where the entry of a case is documented, and what it is answered with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Documented<'d> {
    /// The entry.
    pub entry: &'d Entry,
    /// The first of its cases.
    pub case: &'d Case,
    /// The media type of its answer.
    pub response_type: Option<&'d str>,
}

/// All that is not as documented. A JSON body of the documented shape is, with
/// whatever values.
pub(super) fn violations(
    documented: Documented<'_>,
    request: &Request<'_>,
    types: &Types,
) -> Vec<Violation> {
    let entry = documented.entry;
    let mut found = Vec::new();
    let headers = request.incoming.headers;
    for (name, value) in &entry.headers {
        if !is_own_matter(name) && !header_fits(name, value, headers) {
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
        // An empty object may have members; nothing may not.
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

/// Header fields that are judged elsewhere, or that belong to a client.
fn is_own_matter(name: &str) -> bool {
    matches!(
        name,
        "accept" | "accept-encoding" | "content-type" | "cookie" | "user-agent"
    )
}

/// The values of a header field.
fn sent(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// The documented field of this name.
fn field<'e>(entry: &'e Entry, name: &str) -> Option<&'e Template> {
    let field = entry.headers.iter().find(|(known, _)| known == name);
    field.map(|(_, value)| value)
}

/// Whether the client admits what is answered. What the page itself asks for is
/// answered, whatever that is.
fn accept(documented: Documented<'_>, headers: &HeaderMap) -> Option<Violation> {
    let response_type = documented.response_type?;
    let name = header::ACCEPT.as_str();
    let is_as_written =
        field(documented.entry, name).is_some_and(|value| header_fits(name, value, headers));
    (!is_as_written && !admits(headers, response_type)).then(|| {
        Violation::new(
            StatusCode::NOT_ACCEPTABLE,
            "header accept",
            &format!("an answer of {}", quoted(response_type)),
            &got(name, sent(headers, name).as_deref()),
        )
    })
}

/// Whether a body has the documented media type.
fn media_type(entry: &Entry, headers: &HeaderMap) -> Option<Violation> {
    let name = header::CONTENT_TYPE.as_str();
    let value = field(entry, name)?;
    let sent = sent(headers, name);
    let fits = header_fits(name, value, headers)
        || sent
            .as_deref()
            .is_some_and(|sent| is_documented(&written(value), sent));
    (!fits).then(|| {
        Violation::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "header content-type",
            &quoted(&written(value)),
            &got(name, sent.as_deref()),
        )
    })
}

/// What of a body has not the documented shape. One of another media type is
/// not asked to be JSON too.
fn shape(
    documented: Documented<'_>,
    request: &Request<'_>,
    types: &Types,
    is_other: bool,
) -> Vec<Violation> {
    let Documented { entry, case, .. } = documented;
    let is_json = matches!(request.body().content(), Content::Json(_));
    let documents_json = match entry.body.content() {
        Content::Json(_) => is_json || !is_other,
        // With a comma too many, it is no JSON that could be asked for.
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
    // A merge patch removes a member by `null` (RFC 7396, 1).
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
