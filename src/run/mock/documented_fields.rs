//! The documented header fields of a request, and how a request has them.

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue};

use super::preferences::{PREFER, preferred};
use super::request::Sent;
use super::tree::written;
use crate::http::media_type::MediaType;
use crate::http::message::is_framing;
use crate::http::url::Template;
use crate::page::case::Case;
use crate::project::plan::CASE_HEADER;

/// A documented header field.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct DocumentedField {
    /// The name, in lower case.
    pub name: String,
    /// The value.
    pub value: Template,
}

impl DocumentedField {
    /// The fields that are matched: those of the connection and credentials are
    /// not.
    pub(super) fn of(case: &Case) -> Vec<Self> {
        let is_matched = |name: &str| {
            !is_framing(name)
                && !["host", "authorization", CASE_HEADER]
                    .iter()
                    .any(|other| name.eq_ignore_ascii_case(other))
        };
        let fields = case.request.headers.iter();
        fields
            .filter(|field| is_matched(&field.name))
            .map(|field| Self {
                name: field.name.to_lowercase(),
                value: Template::parse(&field.value),
            })
            .collect()
    }

    /// How a request has this field.
    pub(super) fn sent(&self, headers: &HeaderMap) -> Sent {
        let Some(combined) = combined(headers, &self.name) else {
            return Sent::Missing;
        };
        let mut lines = headers.get_all(&self.name).iter().map(text);
        if self.value.matches(&combined) || lines.any(|line| self.value.matches(&line)) {
            return Sent::AsDocumented;
        }
        match self.name.as_str() {
            PREFER => preferred(&written(&self.value), headers),
            "content-type" if is_media_type(&self.value, &combined) => Sent::AsDocumented,
            _ => Sent::Other,
        }
    }

    /// Whether a request without this field, or with another value, violates
    /// nothing: the field is checked elsewhere, or belongs to the client.
    pub(super) fn is_free(&self) -> bool {
        matches!(
            self.name.as_str(),
            "accept" | "accept-encoding" | "content-type" | "cookie" | "user-agent"
        )
    }
}

/// The combined values of a header field (RFC 9110, 5.3).
pub(super) fn combined(headers: &HeaderMap, name: &str) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Whether content of this type may be sent where the documented type is.
fn is_media_type(documented: &Template, sent: &str) -> bool {
    MediaType::parse(sent).is_accepted_as(&MediaType::parse(&written(documented)))
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[track_caller]
    fn check(documented: (&str, &str), sent: &[(&str, &str)], expected: Sent) {
        let field = DocumentedField {
            name: documented.0.to_owned(),
            value: Template::parse(documented.1),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            headers.append(name, value.parse().expect("a value"));
        }
        assert_eq!(field.sent(&headers), expected, "{documented:?} {sent:?}");
    }

    #[test]
    fn compares_values_of_fields() {
        use Sent::{AsDocumented, Missing, Other};
        check(("a", "b"), &[("A", "b")], AsDocumented);
        check(("a", "b"), &[("a", "B")], Other);
        check(("a", "b"), &[("b", "b")], Missing);
        check(("a", "b"), &[("a", "c"), ("a", "b")], AsDocumented);
        check(("a", "b, c"), &[("a", "b"), ("a", "c")], AsDocumented);
        check(
            ("if-match", "{etag}"),
            &[("if-match", "\"7\"")],
            AsDocumented,
        );
        check(
            ("arg", "{\"path\": \"/a\"}"),
            &[("arg", "{\"path\": \"/b\"}")],
            Other,
        );
        check(
            ("content-type", "text/csv"),
            &[("content-type", "Text/CSV;charset=utf-8")],
            AsDocumented,
        );
        check(
            ("content-type", "text/csv"),
            &[("content-type", "text/plain")],
            Other,
        );
        check(
            ("prefer", "return=minimal, wait=5"),
            &[("prefer", "Wait=\"5\""), ("prefer", "return=minimal")],
            AsDocumented,
        );
    }
}
