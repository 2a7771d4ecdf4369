//! Compares header fields with the documented ones.

use crate::http::field::joined;
use crate::http::field::value::conforms;
use crate::http::message::{ActualResponse, Headers, Response, may_omit};
use crate::http::policy::{Policies, Policy};

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
    let differences =
        names.filter_map(|name| compare_header(name, documented, actual, policies.of(name)));
    differences.collect()
}

fn compare_header(
    name: &str,
    documented: &Response,
    actual: &ActualResponse,
    policy: Policy,
) -> Option<HeaderDifference> {
    let (promised, sent) = (
        lines(&documented.headers, name),
        lines(&actual.headers, name),
    );
    let fault = match policy {
        Policy::Ignore => return None,
        _ if sent.is_empty() && may_omit(documented.status, name) => return None,
        _ if sent.is_empty() => Fault::Missing,
        _ if conforms(name, policy, &promised, &sent) => return None,
        Policy::MediaType => Fault::MediaType,
        _ => Fault::Value,
    };
    Some(HeaderDifference {
        name: name.to_owned(),
        fault,
        documented: joined(promised),
        observed: (fault != Fault::Missing).then(|| joined(sent)),
    })
}

/// The values of a field, in the order of its lines.
fn lines<'a>(headers: &'a Headers, name: &'a str) -> Vec<&'a str> {
    headers.get_all(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 200.into(),
            reason: None,
            headers: headers.iter().copied().collect(),
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
    fn compares_the_form_of_volatile_headers() {
        let date = ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        let other = ("last-modified", "Mon Nov 16 08:49:37 2026");
        check(&[date], &[other], &[]);
        check(&[date], &[("last-modified", "7")], &[Fault::Value]);
        check(&[date], &[], &[Fault::Missing]);
    }

    #[test]
    fn compares_lists_over_several_lines() {
        let vary = [("Vary", "Accept, Origin")];
        check(&vary, &[("vary", "origin"), ("vary", "accept")], &[]);
        check(&vary, &[("vary", "origin")], &[Fault::Value]);
    }

    #[test]
    fn requires_no_media_type_of_responses_without_content() {
        let documented = |status| Response {
            status,
            ..response(&[("Content-Type", "text/plain"), ("X-A", "1")])
        };
        let faults = |status: u16, sent: &[(&str, &str)]| -> Vec<Fault> {
            let found = compare(
                &documented(status.into()),
                &actual(sent),
                &Policies::default(),
            );
            found.iter().map(|difference| difference.fault).collect()
        };
        for status in [204, 205, 304] {
            assert_eq!(faults(status, &[("x-a", "1")]), []);
            assert_eq!(faults(status, &[]), [Fault::Missing]);
            let other = [("x-a", "1"), ("content-type", "text/csv")];
            assert_eq!(faults(status, &other), [Fault::MediaType]);
        }
        assert_eq!(faults(200, &[("x-a", "1")]), [Fault::Missing]);
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
