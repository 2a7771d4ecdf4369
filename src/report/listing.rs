//! The documented cases, as lines and as JSON.

use serde::Serialize;

use super::basics::{json_line, printable};
use crate::http::message::Headers;
use crate::http::status::Status;
use crate::page::case::Case;
use crate::page::recognise::RecognitionRule;

/// A case on one line: method, status, place, id and target.
pub(crate) fn line(case: &Case) -> String {
    let status = case.response.as_ref().map_or_else(
        || "-".to_owned(),
        |response| response.message.status.to_string(),
    );
    printable(&format!(
        "{:<7} {status:>3}  {}:{}  {}  {}",
        case.request.method, case.page, case.line, case.id, case.request.target
    ))
    .into_owned()
}

#[derive(Serialize)]
struct ListedCase<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recognised: Option<&'a str>,
    method: &'a str,
    url: &'a str,
    request_headers: Vec<(&'a str, &'a str)>,
    request_body: Option<&'a str>,
    status: Option<Status>,
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

/// A case as a JSON object.
pub(crate) fn json(case: &Case) -> String {
    let response = case.response.as_ref().map(|response| &response.message);
    json_line(&ListedCase {
        id: &case.id,
        page: &case.page,
        line: case.line,
        name: case.name.as_deref(),
        recognised: case.recognised.map(RecognitionRule::name),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::extract::extract;
    use crate::text::source::Page;

    #[test]
    fn shows_undocumented_statuses_and_the_rule_of_recognition() {
        let page = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
                    <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n```\n";
        let mut case = extract(&Page::new("p.md", page.to_owned()), None)
            .cases
            .remove(0);
        assert!(json(&case).contains("\"name\":null,\"method\""));
        assert!(json(&case).contains("\"status\":200,"));
        case.recognised = Some(RecognitionRule::Below);
        case.response.as_mut().expect("a response").message.status = Status::Class(2);
        assert!(json(&case).contains("\"name\":null,\"recognised\":\"below\","));
        assert!(json(&case).contains("\"status\":\"2xx\","));
        assert_eq!(line(&case), "GET     2xx  p.md:2  p::1  /a");
    }
}
