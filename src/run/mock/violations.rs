//! How a request violates the documentation of an entry whose method, path,
//! host and query match.

use http::{HeaderMap, header};

use super::body::{Kind, MAX_JSON};
use super::documented_fields::{DocumentedField, combined};
use super::documented_request::Entry;
use super::printable::{got, quoted};
use super::problem_type::ProblemType;
use super::request::{Request, Sent};
use super::tree::written;
use crate::check::types::{self, Expectation, ShapeFinding, ShapeKind, Types};
use crate::http::accept;
use crate::page::alternatives::scheme;
use crate::page::case::Case;

/// One violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    /// The type of the refusal.
    pub problem: ProblemType,
    /// The documented and the actual value.
    pub text: String,
}

impl Violation {
    fn new(problem: ProblemType, what: &str, documented: &str, got: &str) -> Self {
        Self {
            problem,
            text: format!("{what}: documented {documented}, got {got}"),
        }
    }
}

/// The type of a refusal: the media type of the request comes before what it
/// accepts, and that before all else.
pub(super) fn refusal(violations: &[Violation]) -> Option<ProblemType> {
    let types = violations.iter().map(|violation| violation.problem);
    types.min_by_key(|problem| match problem {
        ProblemType::MediaType => 0,
        ProblemType::NotAcceptable => 1,
        ProblemType::MissingHeader => 2,
        _ => 3,
    })
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

/// How a request relates to a documented one, apart from the shape of its body.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What the request violates.
    pub violations: Vec<Violation>,
    /// Header fields with other values.
    pub warnings: Vec<String>,
    /// The weight that the client gives to the media type of the response, in
    /// thousandths.
    pub weight: u16,
    /// The number of documented header fields that the request does not have
    /// with the documented value, and how unlike its credentials are.
    pub unlike: usize,
    /// Whether the body is the documented one.
    pub has_body: bool,
    /// Whether the shape of the body is to be compared.
    pub has_shape: bool,
}

/// Judges all of a request but the shape of its body.
pub(super) fn judge(documented: DocumentedCase<'_>, request: &Request<'_>) -> Judged {
    let entry = documented.entry;
    let headers = request.incoming.headers;
    let mut judged = Judged::default();
    for field in &entry.fields {
        let sent = field.sent(headers);
        judged.unlike += usize::from(sent != Sent::AsDocumented);
        if field.is_free() || sent == Sent::AsDocumented {
            continue;
        }
        let violation = of_field(ProblemType::MissingHeader, field, headers);
        if sent == Sent::Missing {
            judged.violations.push(violation);
        } else {
            judged.warnings.push(violation.text);
        }
    }
    judged.unlike += unlike_credentials(entry, headers);
    accept(documented, headers, &mut judged);
    body(entry, request, &mut judged);
    judged
}

/// How unlike the documented credentials those of a request are: of another scheme,
/// or missing on one side. They choose between cases, and are never wrong.
fn unlike_credentials(entry: &Entry, headers: &HeaderMap) -> usize {
    let sent = combined(headers, header::AUTHORIZATION.as_str());
    let sent = sent.as_deref().map(scheme);
    match (&entry.scheme, &sent) {
        (documented, sent) if documented == sent => 0,
        (Some(_), Some(_)) => 1,
        _ => 2,
    }
}

fn of_field(problem: ProblemType, field: &DocumentedField, headers: &HeaderMap) -> Violation {
    let name = &field.name;
    let sent = combined(headers, name);
    Violation::new(
        problem,
        &format!("header {name}"),
        &quoted(&written(&field.value)),
        &got(name, sent.as_deref()),
    )
}

/// The documented field of a name.
fn field<'e>(entry: &'e Entry, name: &str) -> Option<&'e DocumentedField> {
    entry.fields.iter().find(|known| known.name == name)
}

/// Checks that the client accepts the response. A documented `Accept` value
/// accepts the documented response, whatever it says.
fn accept(documented: DocumentedCase<'_>, headers: &HeaderMap, judged: &mut Judged) {
    let name = header::ACCEPT.as_str();
    let field = field(documented.entry, name);
    let is_as_written = field.is_some_and(|field| field.sent(headers) == Sent::AsDocumented);
    let response_type = documented.response_type.filter(|_| !is_as_written);
    judged.weight = response_type.map_or(accept::MOST, |own| accept::weight(headers, own));
    if judged.weight == 0 {
        judged.violations.push(Violation::new(
            ProblemType::NotAcceptable,
            "header accept",
            &format!(
                "a response of {}",
                quoted(response_type.unwrap_or_default())
            ),
            &got(name, combined(headers, name).as_deref()),
        ));
    }
}

/// Checks whether there is a body, and its media type.
fn body(entry: &Entry, request: &Request<'_>, judged: &mut Judged) {
    let what = |kind| match kind {
        Kind::EmptyObject | Kind::Json => "JSON",
        _ => "a body",
    };
    let (own, sent) = (entry.body, request.body());
    judged.has_body = own == sent;
    let (own_is, sent_is) = match (own.is_blank(), sent.is_blank()) {
        (true, true) => return,
        (false, true) => (what(own.kind), "none"),
        // A documented body `{}` permits members; a missing body does not.
        (true, false) if own.kind == Kind::None => ("none", what(sent.kind)),
        (_, false) => {
            let other = field(entry, header::CONTENT_TYPE.as_str())
                .filter(|field| field.sent(request.incoming.headers) != Sent::AsDocumented)
                .map(|field| of_field(ProblemType::MediaType, field, request.incoming.headers));
            let is_json = matches!(sent.kind, Kind::EmptyObject | Kind::Json);
            judged.has_shape = !judged.has_body
                && match own.kind {
                    Kind::EmptyObject | Kind::Json => is_json || other.is_none(),
                    // A documented body that is not valid JSON, because of a
                    // trailing comma for example.
                    Kind::LikeJson => is_json,
                    Kind::None | Kind::Other => false,
                };
            judged.violations.extend(other);
            return;
        }
    };
    let violation = Violation::new(ProblemType::Body, "body", own_is, sent_is);
    judged.violations.push(violation);
}

/// Checks the shape of the body. Values may be any of the documented types.
pub(super) fn shape(
    documented: DocumentedCase<'_>,
    request: &Request<'_>,
    types: &Types,
) -> Vec<Violation> {
    let DocumentedCase { entry, case, .. } = documented;
    let body = match request.json() {
        None => return Vec::new(),
        Some(Ok(body)) => body,
        Some(Err(error)) => {
            let got = format!("{} at byte {}", error.message, error.at);
            return vec![Violation::new(ProblemType::Body, "body $", "JSON", &got)];
        }
    };
    let expectation = entry
        .expectation
        .get_or_init(|| Expectation::of_request(case, types));
    let findings = types::check_node(body, expectation, types);
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

/// The warning about a body that is too long for its shape to be compared.
pub(super) fn not_compared() -> String {
    format!("body: not compared, longer than {} MiB", MAX_JSON >> 20)
}

fn broken(finding: &ShapeFinding) -> Violation {
    let observed = match finding.kind {
        ShapeKind::NullValue => "null",
        _ => finding.observed.as_deref().unwrap_or("none"),
    };
    Violation::new(
        ProblemType::Body,
        &format!("body {}", finding.path),
        &finding.documented,
        observed,
    )
}
