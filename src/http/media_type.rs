//! Media types (RFC 9110, 8.3.1).

use std::fmt;

use super::field::placeholder::{self, fits};
use super::field::{parameters, quote};
use super::message::Headers;

/// A media type. Type, subtype and parameter names are in lower case; values
/// are unquoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// `type/subtype`.
    pub essence: String,
    /// Names and values, in order.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Parses a `Content-Type` value. An invalid value has no `/` in its
    /// essence.
    pub(crate) fn parse(value: &str) -> Self {
        let (essence, parameters) = parameters(value);
        let parameters = parameters.map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let value = value.unwrap_or_default();
            // The one common parameter whose values have no case (RFC 9110,
            // 8.3.2).
            let value = if name == "charset" {
                value.to_ascii_lowercase()
            } else {
                value.into_owned()
            };
            (name, value)
        });
        Self {
            essence: essence.to_ascii_lowercase(),
            parameters: parameters.filter(|(name, _)| !name.is_empty()).collect(),
        }
    }

    /// The media type that a message declares for its content.
    pub(crate) fn of(headers: &Headers) -> Option<Self> {
        headers.get("content-type").map(Self::parse)
    }

    /// The value of a parameter, by its name in lower case.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let parameter = self.parameters.iter().find(|(known, _)| known == name);
        parameter.map(|(_, value)| value.as_str())
    }

    /// Whether content of this type is JSON: `application/json` (RFC 8259, 11),
    /// its unregistered twin `text/json`, and each type with the suffix `+json`
    /// (RFC 6839, 3.1).
    pub(crate) fn is_json(&self) -> bool {
        matches!(self.essence.as_str(), "application/json" | "text/json")
            || self.essence.ends_with("+json")
    }

    /// Whether content of this type is a JSON value on each line.
    pub(crate) fn is_json_lines(&self) -> bool {
        let (_, subtype) = self.essence.split_once('/').unwrap_or_default();
        let name = subtype.strip_prefix("x-").unwrap_or(subtype);
        let suffix = name.rsplit('+').next().unwrap_or(name);
        let names = [
            "ndjson",
            "jsonl",
            "jsonlines",
            "json-lines",
            "ldjson",
            "json-seq",
        ];
        names.contains(&suffix)
    }

    /// Whether content of this type is text in any format.
    pub(crate) fn is_text(&self) -> bool {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or_default();
        let name = subtype.strip_prefix("x-").unwrap_or(subtype);
        let suffix = name.rsplit('+').next().unwrap_or(name);
        let names = [
            "csv",
            "ecmascript",
            "graphql",
            "javascript",
            "json",
            "sql",
            "toml",
            "yaml",
            "www-form-urlencoded",
        ];
        kind == "text" || self.is_xml() || self.is_json_lines() || names.contains(&suffix)
    }

    /// Whether content of this type is XML (RFC 7303, 9.1, 9.2 and 4.2).
    pub(crate) fn is_xml(&self) -> bool {
        matches!(self.essence.as_str(), "application/xml" | "text/xml")
            || self.essence.ends_with("+xml")
    }

    /// Whether a response of this type conforms to a documented one: it has the
    /// same type and subtype, and each documented parameter, in any order.
    pub(crate) fn conforms_to(&self, documented: &Self) -> bool {
        fits(&documented.essence, &self.essence)
            && documented.compared().all(|(name, value)| {
                let mut own = self.compared();
                placeholder::is_any(name)
                    || own.any(|(known, own)| known == name && fits(value, own))
            })
    }

    /// The parameters that are compared: a boundary belongs to one message.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.parameters.iter();
        let parameters = parameters.filter(|(name, _)| name != "boundary");
        parameters.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a request of this type may be sent where `documented` is. More
    /// lenient than `conforms_to`: a boundary belongs to one message, and a
    /// charset need not be sent.
    pub(crate) fn is_accepted_as(&self, documented: &Self) -> bool {
        self.essence == documented.essence
            && documented
                .parameters
                .iter()
                .all(|(name, value)| match self.parameter(name) {
                    _ if name == "boundary" => true,
                    None => name == "charset",
                    Some(own) => own == value,
                })
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            write!(formatter, "; {name}={}", quote(value))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> MediaType {
        MediaType::parse(value)
    }

    #[test]
    fn parses_without_case_and_with_quotes() {
        let media_type = parse("Text/PLAIN ;Charset=\"UTF-8\"; X=\"a;\\\"B\" ;; =c; d");
        assert_eq!(media_type.essence, "text/plain");
        let expected = [("charset", "utf-8"), ("x", "a;\"B"), ("d", "")];
        let found = media_type.parameters.iter();
        let found: Vec<_> = found.map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(found, expected);
        assert_eq!(
            media_type.to_string(),
            "text/plain; charset=utf-8; x=\"a;\\\"B\"; d=\"\""
        );
        assert_eq!(parse(&media_type.to_string()), media_type);
    }

    #[test]
    fn recognises_json_and_xml() {
        for value in [
            "application/json",
            "Application/JSON; odata.metadata=full",
            "text/json",
            "application/problem+json",
            "application/vnd.api+JSON ; ext=\"a;b\"",
        ] {
            assert!(parse(value).is_json(), "{value}");
            assert!(!parse(value).is_xml(), "{value}");
        }
        for value in [
            "application/xml",
            "text/xml",
            "application/atom+XML;type=feed",
        ] {
            assert!(parse(value).is_xml(), "{value}");
            assert!(!parse(value).is_json(), "{value}");
        }
        for value in [
            "",
            "json",
            "text/plain",
            "text/plain; x=application/json",
            "application/x-ndjson",
            "application/jsonp",
        ] {
            assert!(!parse(value).is_json(), "{value}");
            assert!(!parse(value).is_xml(), "{value}");
        }
    }

    #[test]
    fn recognizes_json_lines() {
        for value in [
            "application/x-ndjson",
            "Application/NDJSON; charset=utf-8",
            "application/jsonl",
            "application/x-jsonlines",
            "text/x-ndjson",
            "application/json-seq",
            "application/fhir+ndjson",
        ] {
            assert!(parse(value).is_json_lines(), "{value}");
            assert!(!parse(value).is_json(), "{value}");
        }
        for value in [
            "",
            "jsonl",
            "application/json",
            "application/a+json",
            "text/plain",
        ] {
            assert!(!parse(value).is_json_lines(), "{value}");
        }
    }

    #[track_caller]
    fn check_conforms(documented: &str, sent: &str, expected: bool) {
        let conforms = parse(sent).conforms_to(&parse(documented));
        assert_eq!(conforms, expected, "{documented} {sent}");
    }

    #[test]
    fn responses_have_each_documented_parameter() {
        check_conforms("a/b", "A/B; c=d", true);
        check_conforms("a/b; c=d", "a/b", false);
        check_conforms("a/b; c=d; e=f", "a/b;E=f;C=\"d\"", true);
        check_conforms("a/b; c=d", "a/b; c=D", false);
        check_conforms("a/b; charset=utf-8", "a/b; charset=UTF-8", true);
        check_conforms("text/plain; x=\"a;b\"", "text/plain; x=a; b\"=", false);
        check_conforms("text/plain; x=a; b\"=", "text/plain; x=\"a;b\"", false);
    }

    #[test]
    fn responses_choose_their_boundary() {
        let documented = "multipart/mixed; boundary=a; type=\"b/c\"";
        check_conforms(
            documented,
            "multipart/mixed; boundary=b; type=\"b/c\"",
            true,
        );
        check_conforms(documented, "multipart/mixed; type=\"b/c\"", true);
        check_conforms(documented, "multipart/mixed; boundary=a", false);
        check_conforms(
            documented,
            "multipart/related; boundary=a; type=\"b/c\"",
            false,
        );
    }

    #[test]
    fn placeholders_stand_for_any_type_or_parameter() {
        check_conforms("{media type}", "a/b; c=d", true);
        check_conforms("image/<format>", "image/png", true);
        check_conforms("image/<format>", "text/png", false);
        check_conforms(
            "text/plain; charset={charset}",
            "text/plain; charset=utf-8",
            true,
        );
        check_conforms("text/plain; charset={charset}", "text/plain", false);
        check_conforms("text/plain; {parameter}", "text/plain; a=b", true);
    }

    #[track_caller]
    fn check_accepted(documented: &str, sent: &str, expected: bool) {
        let is_accepted = parse(sent).is_accepted_as(&parse(documented));
        assert_eq!(is_accepted, expected, "{documented} {sent}");
    }

    #[test]
    fn requests_may_leave_out_a_charset_and_choose_a_boundary() {
        check_accepted("application/json", "Application/JSON; charset=utf-8", true);
        check_accepted("application/json; charset=utf-8", "application/json", true);
        check_accepted("text/csv; charset=utf-8", "text/csv; charset=latin1", false);
        check_accepted("application/json", "text/plain", false);
        check_accepted(
            "application/json;IEEE754Compatible=true",
            "application/json",
            false,
        );
        check_accepted(
            "multipart/mixed; boundary=a",
            "multipart/mixed; boundary=\"b\"",
            true,
        );
    }
}
