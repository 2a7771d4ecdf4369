//! Observations, as snapshots record them: the status, and the documented
//! header fields by their policy, with tokens in place of volatile values.
//!
//! Only documented header fields are recorded, so that the mock and a
//! conforming service give the same observation.

use std::fmt::Write as _;

use http::StatusCode;

use crate::http::field;
use crate::http::field::form;
use crate::http::field::syntax::Syntax;
use crate::http::field::table::Row;
use crate::http::field::value::conforms;
use crate::http::media_type::MediaType;
use crate::http::message::{ActualResponse, Headers, Response, may_omit};
use crate::http::policy::{Policies, Policy};
use crate::http::status::Status;
use crate::text::issued;

/// Formats an observation: a line for the status with its registered reason
/// phrase, then a line for each documented header field by name, then one for
/// each difference of the body with its path.
pub(crate) fn observe<'a>(
    documented: &Response,
    actual: &ActualResponse,
    policies: &Policies,
    body: impl IntoIterator<Item = (&'a str, String)>,
) -> String {
    let status = Status::Code(actual.status);
    let mut text = fields(documented, status, &actual.headers, policies);
    for (path, what) in body {
        write!(text, "\nbody {path}: {what}").expect("writing to a string does not fail");
    }
    text
}

/// The observation of a response that matches the page. Where the page documents
/// no status code, the one of `observation` is taken if it conforms.
pub(crate) fn promised(documented: &Response, policies: &Policies, observation: &str) -> String {
    let observed = observed_status(observation).filter(|code| documented.status.matches(*code));
    let status = observed.map_or(documented.status, Status::Code);
    fields(documented, status, &documented.headers, policies)
}

/// The status code of an observation.
pub(crate) fn observed_status(observation: &str) -> Option<u16> {
    observation.split_whitespace().next()?.parse().ok()
}

/// An accepted observation, compared with the mock: which status of a documented
/// class a service sends is unknown to the mock, so that it sends the usual one.
pub(crate) fn with_usual_status(accepted: String, documented: &Response) -> String {
    let conforms = |code| documented.status.matches(code);
    match accepted.split_once('\n') {
        _ if documented.status.code().is_some() => accepted,
        _ if !observed_status(&accepted).is_some_and(conforms) => accepted,
        Some((_, fields)) => format!("{}\n{fields}", status_line(documented.sent_status())),
        None => status_line(documented.sent_status()),
    }
}

/// An accepted observation as it would be recorded today: earlier versions
/// recorded the values of fields that now have the policy `form`, and of lists in
/// another order.
pub(crate) fn renewed(accepted: &str, documented: &Response, policies: &Policies) -> String {
    let mut lines = accepted.lines();
    let mut text = lines.next().unwrap_or_default().to_owned();
    let mut is_head = true;
    for line in lines {
        is_head &= !line.starts_with("body ");
        let field = line.split_once(": ").filter(|_| is_head);
        let recorded = field.filter(|(name, _)| documented.headers.get(name).is_some());
        match recorded {
            Some((name, _)) if !is_recorded(name, documented, policies) => {}
            Some((name, value)) => {
                let kept = kept(name, documented, &[value], policies.of(name));
                write!(text, "\n{name}: {kept}").expect("writing to a string does not fail");
            }
            None => {
                text.push('\n');
                text.push_str(line);
            }
        }
    }
    text
}

fn fields(documented: &Response, status: Status, headers: &Headers, policies: &Policies) -> String {
    let mut text = status_line(status);
    let mut names: Vec<String> = documented
        .headers
        .iter()
        .map(|header| header.name.to_lowercase())
        .collect();
    names.sort();
    names.dedup();
    for name in names {
        let lines: Vec<&str> = headers.get_all(&name).collect();
        if lines.is_empty() || !is_recorded(&name, documented, policies) {
            continue;
        }
        let kept = kept(&name, documented, &lines, policies.of(&name));
        write!(text, "\n{name}: {kept}").expect("writing to a string does not fail");
    }
    text
}

fn is_recorded(name: &str, documented: &Response, policies: &Policies) -> bool {
    policies.of(name) != Policy::Ignore && !may_omit(documented.status, name)
}

/// What is recorded of a field. A conforming value is recorded as documented.
fn kept(name: &str, documented: &Response, observed: &[&str], policy: Policy) -> String {
    let lines: Vec<&str> = documented.headers.get_all(name).collect();
    let (whole, observed_whole) = (
        field::joined(lines.iter().copied()),
        field::joined(observed.iter().copied()),
    );
    let syntax = Row::of(name).syntax;
    // Earlier versions recorded `[present]` for fields with the policy `form`.
    let conforms = conforms(name, policy, &lines, observed)
        || (policy == Policy::Form && observed_whole == form::present(Syntax::Text));
    match policy {
        Policy::Present | Policy::Ignore => form::present(syntax).to_owned(),
        Policy::Form if conforms => form::token(syntax, &whole).to_owned(),
        Policy::MediaType => media_type(&whole, &observed_whole),
        Policy::Form | Policy::Exact => {
            let mut kept = if conforms { whole } else { observed_whole };
            if let Some(token) = form::volatile(&kept) {
                return token.to_owned();
            }
            issued::mask_field(name, &mut kept);
            kept
        }
    }
}

/// Joins the values of a field.
pub(crate) fn joined(headers: &Headers, name: &str) -> String {
    field::joined(headers.get_all(name))
}

/// Formats a status, a code with its registered reason phrase.
pub(crate) fn status_line(status: impl Into<Status>) -> String {
    let status = status.into();
    let code = status.code().map(StatusCode::from_u16);
    let reason = code.and_then(|code| code.ok()?.canonical_reason());
    match reason {
        Some(reason) => format!("{status} {reason}"),
        None => status.to_string(),
    }
}

/// Whether a recorded value is not the value that was sent: a token, or a text with
/// a masked secret.
pub(crate) fn is_redacted(value: &str) -> bool {
    form::is_token(value) || contains_mask(value)
}

/// Whether a text contains a masked secret.
pub(crate) fn contains_mask(text: &str) -> bool {
    text.contains("[secret:")
}

/// An observed media type with the documented parameters only.
fn media_type(documented: &str, observed: &str) -> String {
    let documented = MediaType::parse(documented);
    let observed = MediaType::parse(observed);
    let conforms = observed.conforms_to(&documented);
    let source = if conforms { &documented } else { &observed };
    let parameters = documented.compared().filter_map(|(name, _)| {
        let value = source.parameter(name)?;
        Some((name.to_owned(), value.to_owned()))
    });
    MediaType {
        parameters: parameters.collect(),
        essence: source.essence.clone(),
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 201.into(),
            reason: None,
            headers: headers.iter().copied().collect(),
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
        let again = renewed(&text, &response(documented), &Policies::default());
        assert_eq!(again, text);
    }

    #[track_caller]
    fn check_renewed(documented: &[(&str, &str)], accepted: &str, expected: &str) {
        let text = renewed(accepted, &response(documented), &Policies::default());
        assert_eq!(text, expected);
    }

    #[test]
    fn renews_observations_of_earlier_versions() {
        check_renewed(
            &[
                ("Age", "12"),
                ("Allow", "GET, PUT"),
                ("Content-Type", "multipart/mixed; boundary=a"),
                ("Request-Id", "a"),
                ("Set-Cookie", "a=b"),
                ("X-A", "1"),
            ],
            "201 Created\nage: 13\nallow: PUT,GET\ncontent-type: multipart/mixed; boundary=b\n\
             request-id: [uuid]\nset-cookie: [present]\nx-a: 1\nbody $.age: null-value",
            "201 Created\nage: [number]\nallow: GET, PUT\ncontent-type: multipart/mixed\n\
             request-id: [id]\nset-cookie: [present]\nx-a: 1\nbody $.age: null-value",
        );
        check_renewed(
            &[("Age", "12"), ("Allow", "GET"), ("X-A", "1")],
            "201 Created\nage: soon\nallow: PUT\nx-a: 2",
            "201 Created\nage: soon\nallow: PUT\nx-a: 2",
        );
        check_renewed(&[("X-A", "1")], "", "");
        check_renewed(&[("X-A", "1")], "unreadable\nx-b", "unreadable\nx-b");
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
            "201 Created\nclient-request-id: [id]\ncontent-location: [url]\n\
             request-id: [id]\nretry-after: [delay]",
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
