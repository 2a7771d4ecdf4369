//! One JSON object a line, and a case as one.

use std::time::Duration;

use serde::Serialize;

use crate::http::message::Headers;
use crate::page::case::Case;

#[derive(Serialize)]
struct ListedCase<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    name: Option<&'a str>,
    method: &'a str,
    url: &'a str,
    request_headers: Vec<(&'a str, &'a str)>,
    request_body: Option<&'a str>,
    status: Option<u16>,
    reason: Option<&'a str>,
    response_headers: Option<Vec<(&'a str, &'a str)>>,
    response_body: Option<&'a str>,
}

fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect()
}

pub(super) fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a report is JSON")
}

/// A case as it is documented.
pub(crate) fn case(case: &Case) -> String {
    let response = case.response.as_ref().map(|response| &response.message);
    line(&ListedCase {
        id: &case.id,
        page: &case.page,
        line: case.line,
        name: case.name.as_deref(),
        method: &case.request.method,
        url: &case.request.target,
        request_headers: pairs(&case.request.headers),
        request_body: case.request.body.as_deref(),
        status: response.map(|response| response.status),
        reason: response.and_then(|response| response.reason.as_deref()),
        response_headers: response.map(|response| pairs(&response.headers)),
        response_body: response.and_then(|response| response.body.as_deref()),
    })
}

/// A duration in milliseconds, to the nearest thousandth.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
