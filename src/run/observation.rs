//! Observations, as snapshots record them: the status, and the documented
//! header fields by their policy, with tokens in place of volatile values.
//!
//! Only documented header fields are recorded, so that the mock and a
//! conforming service give the same observation.

use std::fmt::Write as _;

use http::StatusCode;

use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Headers, Response};
use crate::http::policy::{Policies, Policy};
use crate::http::url::{Part, Template};
use crate::text::value_form::{is_jwt, is_uuid};

/// Formats an observation: a line for the status with its registered reason
/// phrase, then a line for each documented header field by name, then one for
/// each difference of the body with its path.
pub(crate) fn observe<'a>(
    documented: &Response,
    actual: &ActualResponse,
    policies: &Policies,
    body: impl IntoIterator<Item = (&'a str, String)>,
) -> String {
    let mut text = fields(documented, actual.status, &actual.headers, policies);
    for (path, what) in body {
        write!(text, "\nbody {path}: {what}").expect("writing to a string does not fail");
    }
    text
}

/// The observation of a response that matches the page.
pub(crate) fn promised(documented: &Response, policies: &Policies) -> String {
    fields(documented, documented.status, &documented.headers, policies)
}

fn fields(documented: &Response, status: u16, headers: &Headers, policies: &Policies) -> String {
    let mut text = status_line(status);
    let mut names: Vec<String> = documented
        .headers
        .iter()
        .map(|header| header.name.to_lowercase())
        .collect();
    names.sort();
    names.dedup();
    for name in names {
        let policy = policies.of(&name);
        if policy == Policy::Ignore {
            continue;
        }
        if headers.get(&name).is_none() {
            continue;
        }
        let observed = joined(headers, &name);
        let documented = joined(&documented.headers, &name);
        let kept = match policy {
            Policy::Present => present_token(&name).to_owned(),
            Policy::MediaType => media_type(&documented, &observed),
            _ if value_fits(&documented, &observed) => documented,
            _ => observed,
        };
        let kept = match policy {
            Policy::Exact => token(&kept).map_or_else(|| kept.clone(), str::to_owned),
            _ => kept,
        };
        write!(text, "\n{name}: {kept}").expect("writing to a string does not fail");
    }
    text
}

/// Joins the values of a field (RFC 9110, 5.3); empty list elements are dropped
/// (RFC 9110, 5.6.1).
pub(crate) fn joined(headers: &Headers, name: &str) -> String {
    let values = headers.get_all(name).filter(|value| !value.is_empty());
    values.collect::<Vec<_>>().join(", ")
}

/// Whether an observed value matches the documented one, which may contain
/// placeholders. Brackets around anything but a name are literal.
pub(crate) fn value_fits(documented: &str, observed: &str) -> bool {
    if documented == observed {
        return true;
    }
    let template = Template::parse(documented);
    let names_only = template.0.iter().all(|part| match part {
        Part::Literal(_) => true,
        Part::Placeholder(name) => name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '|' | '.')),
    });
    names_only && template.matches(observed)
}

/// Formats a status code with its registered reason phrase.
pub(crate) fn status_line(status: u16) -> String {
    let reason = StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    match reason {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

/// Token recorded for headers with the policy `present`.
fn present_token(name: &str) -> &'static str {
    match name {
        "location" | "content-location" | "operation-location" => "[url]",
        "request-id" | "client-request-id" => "[uuid]",
        "etag" => "[entity-tag]",
        "retry-after" => "[delay]",
        _ => "[present]",
    }
}

/// The token for a value whose form is volatile.
fn token(value: &str) -> Option<&'static str> {
    if is_uuid(value) {
        Some("[uuid]")
    } else if is_jwt(value) {
        Some("[jwt]")
    } else if is_http_date(value) {
        Some("[http-date]")
    } else if value.starts_with("http://") || value.starts_with("https://") {
        Some("[url]")
    } else {
        None
    }
}

/// Whether a value is a token or contains a masked secret.
pub(crate) fn is_token(value: &str) -> bool {
    const TOKENS: [&str; 7] = [
        "[jwt]",
        "[url]",
        "[uuid]",
        "[entity-tag]",
        "[delay]",
        "[present]",
        "[http-date]",
    ];
    TOKENS.contains(&value) || contains_mask(value)
}

/// Whether a text contains a masked secret.
pub(crate) fn contains_mask(text: &str) -> bool {
    text.contains("[secret:")
}

/// Whether a value has the form of an IMF-fixdate (RFC 9110, 5.6.7): `Sun, 06
/// Nov 1994 08:49:37 GMT`.
fn is_http_date(value: &str) -> bool {
    let shape: String = value
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'A'..='Z' | 'a'..='z' => 'a',
            other => other,
        })
        .collect();
    shape == "aaa, 99 aaa 9999 99:99:99 aaa" && value.ends_with(" GMT")
}

/// An observed media type with the documented parameters only.
fn media_type(documented: &str, observed: &str) -> String {
    let documented = MediaType::parse(documented);
    let observed = MediaType::parse(observed);
    let parameters = documented.parameters.iter().filter_map(|(name, _)| {
        let value = observed.parameter(name)?;
        Some((name.clone(), value.to_owned()))
    });
    MediaType {
        parameters: parameters.collect(),
        essence: observed.essence.clone(),
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        let mut list = Headers::default();
        for (name, value) in headers {
            list.push(*name, *value);
        }
        Response {
            status: 201,
            reason: None,
            headers: list,
            body: None,
        }
    }

    #[track_caller]
    fn check(documented: &[(&str, &str)], sent: &[(&str, &str)], expected: &str) {
        let text = observe(
            &response(documented),
            &ActualResponse {
                status: 201,
                headers: response(sent).headers,
                ..ActualResponse::default()
            },
            &Policies::default(),
            [],
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn records_documented_headers_by_name() {
        check(
            &[
                ("X-B", "1"),
                ("Content-Type", "application/json"),
                ("Date", "x"),
            ],
            &[
                ("x-b", "2"),
                ("content-type", "Application/JSON; charset=utf-8"),
                ("date", "y"),
                ("x-c", "3"),
            ],
            "201 Created\ncontent-type: application/json\nx-b: 2",
        );
    }

    #[test]
    fn replaces_volatile_values_by_tokens() {
        check(
            &[
                ("Location", "a"),
                ("X-Id", "a"),
                ("Last-Modified", "a"),
                ("X-Url", "a"),
                ("ETag", "a"),
            ],
            &[
                ("Location", "/b"),
                ("X-Id", "00ff00ff-00ff-00ff-00ff-00ff00ff00ff"),
                ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("X-Url", "https://a.example/"),
                ("ETag", "\"7\""),
            ],
            "201 Created\netag: [entity-tag]\nlast-modified: [http-date]\nlocation: [url]\nx-id: [uuid]\nx-url: [url]",
        );
    }

    #[test]
    fn records_tokens_for_present_headers() {
        let names = [
            "Request-Id",
            "client-request-id",
            "Retry-After",
            "Content-Location",
        ];
        let documented = names.map(|name| (name, "x"));
        let sent = names.map(|name| (name, "y"));
        check(
            &documented,
            &sent,
            "201 Created\nclient-request-id: [uuid]\ncontent-location: [url]\n\
             request-id: [uuid]\nretry-after: [delay]",
        );
    }

    #[test]
    fn recognizes_http_dates() {
        let almost = "Sun, 06 Nov 1994 08:49:37 EST";
        check(
            &[("X-A", "a")],
            &[("x-a", almost)],
            &format!("201 Created\nx-a: {almost}"),
        );
        check(
            &[("X-A", "a")],
            &[("x-a", "soon, GMT")],
            "201 Created\nx-a: soon, GMT",
        );
    }

    #[test]
    fn records_documented_media_type_parameters() {
        let observed = "text/plain; format=flowed; charset=UTF-8; q=1";
        check(
            &[("Content-Type", "text/plain; charset=utf-8; format=fixed")],
            &[("content-type", observed)],
            "201 Created\ncontent-type: text/plain; charset=utf-8; format=flowed",
        );
    }

    #[test]
    fn records_empty_values() {
        check(&[("X-A", "a")], &[("x-a", "")], "201 Created\nx-a: ");
    }

    #[test]
    fn equal_values_give_equal_observations() {
        check(
            &[("X-A", "v{version}")],
            &[("x-a", "v7")],
            "201 Created\nx-a: v{version}",
        );
        check(
            &[("X-A", "v{version}")],
            &[("x-a", "7")],
            "201 Created\nx-a: 7",
        );
        check(
            &[("X-A", "1"), ("X-A", "2")],
            &[("x-a", "1, 2")],
            "201 Created\nx-a: 1, 2",
        );
        check(
            &[("X-A", "1, 2")],
            &[("x-a", "1"), ("x-a", "2")],
            "201 Created\nx-a: 1, 2",
        );
    }

    #[test]
    fn omits_missing_headers() {
        check(&[("ETag", "a")], &[], "201 Created");
    }

    #[test]
    fn records_a_line_for_each_body_difference() {
        let text = observe(
            &response(&[("X-A", "1")]),
            &ActualResponse {
                status: 201,
                headers: response(&[("X-A", "1")]).headers,
                ..ActualResponse::default()
            },
            &Policies::default(),
            [
                ("$.size", "type-mismatch".to_owned()),
                ("$.name", "null-value".to_owned()),
            ],
        );
        assert_eq!(
            text,
            "201 Created\nx-a: 1\nbody $.size: type-mismatch\nbody $.name: null-value"
        );
    }

    #[test]
    fn formats_unregistered_status_codes() {
        assert_eq!(status_line(299), "299");
    }
}
