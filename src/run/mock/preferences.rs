//! Reads which response a request asks for: `Prefer: status=404`, `Prefer:
//! case=ID` (RFC 7240), and the header field that names a case.

use std::borrow::Cow;

use http::HeaderMap;

use super::request::Sent;
use crate::http::field::{elements, parameter};
use crate::http::url::{Template, decode};
use crate::project::plan::CASE_HEADER;

/// The field with preferences (RFC 7240, 2).
pub(super) const PREFER: &str = "prefer";

/// The mock's preferences in a request; the first value of each name counts
/// (RFC 7240, 2).
#[derive(Debug, Default, PartialEq)]
pub(super) struct Preferences {
    /// The status of the response, as written.
    pub status: Option<String>,
    /// The id of the case, as written.
    pub case: Option<String>,
}

impl Preferences {
    /// Parses all preferences of a request.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        for field in headers.get_all(PREFER) {
            let field = String::from_utf8_lossy(field.as_bytes());
            for (name, value) in elements(&field, b',').map(preference) {
                let slot = match mock_preference(name) {
                    Some(MockPreference::Status) => &mut preferences.status,
                    Some(MockPreference::Case) => &mut preferences.case,
                    None => continue,
                };
                slot.get_or_insert_with(|| value.unwrap_or_default().into_owned());
            }
        }
        preferences
    }
}

/// The preferences that the mock defines.
enum MockPreference {
    Status,
    Case,
}

fn mock_preference(name: &str) -> Option<MockPreference> {
    if name.eq_ignore_ascii_case("status") {
        Some(MockPreference::Status)
    } else if name.eq_ignore_ascii_case("case") {
        Some(MockPreference::Case)
    } else {
        None
    }
}

/// Splits a preference into name and value, without its parameters.
fn preference(text: &str) -> (&str, Option<Cow<'_, str>>) {
    parameter(elements(text, b';').next().unwrap_or_default())
}

/// How a request has the preferences of a documented `Prefer` value, in any
/// order and beside others (RFC 7240, 2). The mock's own do not count.
pub(super) fn preferred(documented: &str, headers: &HeaderMap) -> Sent {
    let mut sent = Vec::new();
    for field in headers.get_all(PREFER) {
        let field = String::from_utf8_lossy(field.as_bytes());
        let others =
            elements(&field, b',').filter(|text| mock_preference(preference(text).0).is_none());
        sent.extend(others.map(normal));
    }
    let is_sent = |documented: &str| {
        let documented = Template::parse(&normal(documented));
        sent.iter().any(|sent| documented.matches(sent))
    };
    if sent.is_empty() {
        Sent::Missing
    } else if elements(documented, b',').all(is_sent) {
        Sent::AsDocumented
    } else {
        Sent::Other
    }
}

/// A preference with its names in lower case and its values unquoted. No value
/// is the same as an empty one.
fn normal(preference: &str) -> String {
    let parts = elements(preference, b';').map(parameter);
    let parts = parts.map(|(name, value)| match value {
        Some(value) if !value.is_empty() => format!("{}={value}", name.to_lowercase()),
        _ => name.to_lowercase(),
    });
    parts.collect::<Vec<_>>().join(";")
}

/// The decoded id of the case that `docproof-case` names.
pub(super) fn named_case(headers: &HeaderMap) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(CASE_HEADER)?.as_bytes());
    Some(decode(&value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PREFER, value.parse().expect("a value"));
        }
        headers
    }

    #[track_caller]
    fn check(values: &[&str], status: Option<&str>, case: Option<&str>) {
        let read = Preferences::read(&headers(values));
        assert_eq!(
            (read.status.as_deref(), read.case.as_deref()),
            (status, case)
        );
    }

    #[test]
    fn parses_preferences() {
        check(&[], None, None);
        check(&["status=404"], Some("404"), None);
        check(
            &["return=minimal; status=5, Status = \"404\""],
            Some("404"),
            None,
        );
        check(
            &["respond-async", "case=\"a, b::c\";x"],
            None,
            Some("a, b::c"),
        );
        check(&["status=404", "status=500"], Some("404"), None);
        check(&["status"], Some(""), None);
        check(&["x=\"status=404\""], None, None);
    }

    #[track_caller]
    fn check_documented(documented: &str, values: &[&str], expected: Sent) {
        let sent = preferred(documented, &headers(values));
        assert_eq!(sent, expected, "{documented} {values:?}");
    }

    #[test]
    fn matches_documented_preferences_beside_the_mocks_own() {
        use Sent::{AsDocumented, Missing, Other};
        check_documented(
            "return=minimal",
            &["return=minimal, status=404"],
            AsDocumented,
        );
        check_documented(
            "return=minimal",
            &["case=x", "return=minimal"],
            AsDocumented,
        );
        check_documented("a, b", &["a, status=404, b"], AsDocumented);
        check_documented("tz=\"{zone}\"", &["status=404,tz=\"UTC\""], AsDocumented);
        check_documented("return=minimal", &["status=404"], Missing);
        check_documented("status=404", &["status=404"], Missing);
        check_documented("return=minimal", &["return=representation"], Other);
    }

    #[test]
    fn compares_preferences_as_a_set() {
        use Sent::{AsDocumented, Other};
        check_documented(
            "return=minimal, b=2",
            &["b=2, Return=\"minimal\""],
            AsDocumented,
        );
        check_documented("a", &["a=\"\""], AsDocumented);
        check_documented("a; b=1", &["A ;B=\"1\", c"], AsDocumented);
        check_documented("a, b", &["a"], Other);
        check_documented("a=x", &["a=X"], Other);
    }
}
