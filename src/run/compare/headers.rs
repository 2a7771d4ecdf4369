//! Compares header fields with the documented ones.

use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Response};
use crate::http::policy::{Policies, Policy};
use crate::run::observation::{joined, value_fits};

/// A header field that differs from the documented one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeaderDifference {
    /// The name, as documented.
    pub name: String,
    /// What differs.
    pub fault: Fault,
    /// The documented value.
    pub documented: String,
    /// The actual value, if there is one.
    pub observed: Option<String>,
}

/// What differs in a header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The field is missing.
    Missing,
    /// The media type.
    MediaType,
    /// The value of another field.
    Value,
}

/// Compares each documented header field.
pub(super) fn compare(
    documented: &Response,
    actual: &ActualResponse,
    policies: &Policies,
) -> Vec<HeaderDifference> {
    let names = documented.headers.names().into_iter();
    let differences = names.filter_map(|name| {
        let whole = joined(&documented.headers, name);
        compare_header(name, whole, actual, policies.of(name))
    });
    differences.collect()
}

fn compare_header(
    name: &str,
    documented: String,
    actual: &ActualResponse,
    policy: Policy,
) -> Option<HeaderDifference> {
    if policy == Policy::Ignore {
        return None;
    }
    if actual.headers.get(name).is_none() {
        return Some(HeaderDifference {
            name: name.to_owned(),
            fault: Fault::Missing,
            documented,
            observed: None,
        });
    }
    let observed = joined(&actual.headers, name);
    let (fault, fits) = match policy {
        Policy::Ignore | Policy::Present => return None,
        Policy::MediaType => (Fault::MediaType, media_type_fits(&documented, &observed)),
        Policy::Exact => (Fault::Value, value_fits(&documented, &observed)),
    };
    (!fits).then(|| HeaderDifference {
        name: name.to_owned(),
        fault,
        documented,
        observed: Some(observed),
    })
}

/// Whether an observed media type is the documented one, with each documented
/// parameter.
pub(crate) fn media_type_fits(documented: &str, observed: &str) -> bool {
    MediaType::parse(observed).conforms_to(&MediaType::parse(documented))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;

    fn response(headers: &[(&str, &str)]) -> Response {
        let mut list = Headers::default();
        for (name, value) in headers {
            list.push(*name, *value);
        }
        Response {
            status: 200,
            reason: None,
            headers: list,
            body: None,
        }
    }

    fn actual(headers: &[(&str, &str)]) -> ActualResponse {
        ActualResponse {
            status: 200,
            headers: response(headers).headers,
            ..ActualResponse::default()
        }
    }

    /// Each comparison is tested with a pair that must differ and one that must
    /// not.
    #[track_caller]
    fn check(documented: &[(&str, &str)], sent: &[(&str, &str)], expected: &[Fault]) {
        let found = compare(&response(documented), &actual(sent), &Policies::default());
        let kinds: Vec<_> = found.iter().map(|difference| difference.fault).collect();
        assert_eq!(kinds, expected, "{found:?}");
        for difference in &found {
            let name = &difference.name;
            assert!(documented.iter().any(|(known, _)| known == name));
        }
    }

    #[test]
    fn compares_exact_header_values() {
        check(&[("X-A", "1")], &[("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "2")], &[Fault::Value]);
        check(&[("X-A", "1")], &[], &[Fault::Missing]);
        check(&[("X-A", "1"), ("X-A", "2")], &[("x-a", "1, 2")], &[]);
        check(
            &[("X-A", "1"), ("X-A", "2")],
            &[("x-a", "1")],
            &[Fault::Value],
        );
        check(
            &[("X-A", "1"), ("x-a", "2")],
            &[("x-a", "1"), ("x-a", "2")],
            &[],
        );
        check(&[("X-A", "1")], &[("x-a", ""), ("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "")], &[Fault::Value]);
        check(&[("X-A", "v{version}")], &[("x-a", "v7")], &[]);
        check(&[("X-A", "v{version}")], &[("x-a", "7")], &[Fault::Value]);
        check(&[("X-A", "{\"a\": 1}")], &[("x-a", "b")], &[Fault::Value]);
    }

    #[test]
    fn compares_documented_media_type_parameters() {
        let json = ("Content-Type", "application/json");
        check(
            &[json],
            &[("content-type", "Application/JSON;charset=utf-8")],
            &[],
        );
        check(
            &[json],
            &[("content-type", "text/csv")],
            &[Fault::MediaType],
        );
        check(&[json], &[], &[Fault::Missing]);
        let latin = ("Content-type", "text/plain; charset=\"ISO-8859-1\"");
        check(
            &[latin],
            &[("content-type", "text/plain;charset=iso-8859-1")],
            &[],
        );
        check(
            &[latin],
            &[("content-type", "text/plain")],
            &[Fault::MediaType],
        );
    }

    #[test]
    fn splits_media_types_outside_quotes_only() {
        let quoted = ("Content-Type", "text/plain; x=\"a;b\"");
        let unquoted = ("Content-Type", "text/plain; x=a; b\"=");
        check(&[quoted], &[quoted], &[]);
        check(&[quoted], &[unquoted], &[Fault::MediaType]);
        check(&[unquoted], &[quoted], &[Fault::MediaType]);
    }

    #[test]
    fn checks_that_volatile_headers_are_present() {
        check(&[("Location", "/a")], &[("location", "/b")], &[]);
        check(&[("Location", "/a")], &[], &[Fault::Missing]);
    }

    #[test]
    fn ignores_framing_headers() {
        check(
            &[("Content-Length", "7"), ("Date", "x"), ("Server", "y")],
            &[],
            &[],
        );
    }

    #[test]
    fn ignores_undocumented_headers() {
        check(&[], &[("x-extra", "1")], &[]);
    }
}
