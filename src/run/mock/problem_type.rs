//! The types of problem details (RFC 9457, 3.1.1) that the mock responds with.
//!
//! `docs/problems.md` documents each, and the stand-alone server serves that
//! text where the type points to.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// The path of the documentation of all types.
const PROBLEMS: &str = "/__docproof/problems";

/// Why a request gets no documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ProblemType {
    /// No page documents the path.
    UnknownPath,
    /// The path is documented for other hosts.
    UnknownHost,
    /// The path is documented with other methods.
    UnknownMethod,
    /// The method is documented with other query parameters.
    UnknownQuery,
    /// A documented header field is missing.
    MissingHeader,
    /// The client does not accept the documented media type.
    NotAcceptable,
    /// The content has another media type than documented.
    MediaType,
    /// The content does not have the documented form.
    Body,
    /// The documented response cannot be sent.
    UnsendableResponse,
    /// The request is not valid HTTP.
    InvalidRequest,
    /// The content was not received.
    Content,
}

impl ProblemType {
    /// All types, in the order of their documentation.
    pub(crate) const ALL: [Self; 11] = [
        Self::UnknownPath,
        Self::UnknownHost,
        Self::UnknownMethod,
        Self::UnknownQuery,
        Self::MissingHeader,
        Self::NotAcceptable,
        Self::MediaType,
        Self::Body,
        Self::UnsendableResponse,
        Self::InvalidRequest,
        Self::Content,
    ];

    /// The name, which does not change.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown-path",
            Self::UnknownHost => "unknown-host",
            Self::UnknownMethod => "unknown-method",
            Self::UnknownQuery => "unknown-query",
            Self::MissingHeader => "missing-header",
            Self::NotAcceptable => "not-acceptable",
            Self::MediaType => "media-type",
            Self::Body => "body",
            Self::UnsendableResponse => "unsendable-response",
            Self::InvalidRequest => "invalid-request",
            Self::Content => "content-not-received",
        }
    }

    /// The title, which is the same for each problem of the type.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::UnknownPath => "No documented path",
            Self::UnknownHost => "No documented host",
            Self::UnknownMethod => "No documented method",
            Self::UnknownQuery => "No documented query",
            Self::MissingHeader => "Missing header field",
            Self::NotAcceptable => "Response not acceptable",
            Self::MediaType => "Undocumented media type",
            Self::Body => "Undocumented body",
            Self::UnsendableResponse => "Response cannot be sent",
            Self::InvalidRequest => "Invalid request",
            Self::Content => "Content not received",
        }
    }

    /// The status of the response, where the type has a single one.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::UnknownPath
            | Self::UnknownHost
            | Self::UnknownQuery
            | Self::UnsendableResponse => StatusCode::NOT_FOUND,
            Self::UnknownMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::MissingHeader | Self::Body | Self::InvalidRequest | Self::Content => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    /// The URI reference: an absolute path, so that it is the same for each
    /// request, and leads to the documentation at the mock itself.
    pub(crate) fn uri(self) -> String {
        format!("{PROBLEMS}#{}", self.name())
    }

    /// The problem details, without the members of this program.
    pub(crate) fn details(self, status: StatusCode, detail: &str) -> Map<String, Value> {
        let members = [
            ("type", json!(self.uri())),
            ("title", json!(self.title())),
            ("status", json!(status.as_u16())),
            ("detail", json!(detail)),
        ];
        members
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect()
    }
}
