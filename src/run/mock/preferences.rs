//! Reads which response a request asks for: `Prefer: status=404`, `Prefer:
//! case=ID` (RFC 7240), and the header field that names a case.

use std::borrow::Cow;

use http::HeaderMap;

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

/// Whether a request has a documented `Prefer` value, the mock's own
/// preferences aside.
pub(super) fn is_preferred(documented: &Template, headers: &HeaderMap) -> bool {
    let fields: Vec<_> = headers
        .get_all(PREFER)
        .iter()
        .map(|field| String::from_utf8_lossy(field.as_bytes()))
        .collect();
    let others: Vec<&str> = fields
        .iter()
        .flat_map(|field| elements(field, b','))
        .filter(|text| mock_preference(preference(text).0).is_none())
        .collect();
    others.iter().any(|one| documented.matches(one)) || documented.matches(&others.join(", "))
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
    fn check_documented(documented: &str, values: &[&str], expected: bool) {
        let fits = is_preferred(&Template::parse(documented), &headers(values));
        assert_eq!(fits, expected, "{documented} {values:?}");
    }

    #[test]
    fn matches_documented_preferences_beside_the_mocks_own() {
        check_documented("return=minimal", &["return=minimal, status=404"], true);
        check_documented("return=minimal", &["case=x", "return=minimal"], true);
        check_documented("a, b", &["a, status=404, b"], true);
        check_documented("tz=\"{zone}\"", &["status=404,tz=\"UTC\""], true);
        check_documented("return=minimal", &["status=404"], false);
        check_documented("status=404", &["status=404"], false);
    }
}
