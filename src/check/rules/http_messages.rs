//! Rules about documented HTTP messages. Faults in start lines and headers are
//! found while they are parsed (`page::extract`).

use std::collections::HashMap;

use http::StatusCode;

use super::body_format::{BodyFormat, InsteadOfJson, declared};
use super::credential;
use super::json_text::JsonText;
use super::site::{Parsed, Site};
use crate::http::message::{Headers, Request, Response, has_no_content};
use crate::http::url::{Part, Template};
use crate::page::extract::{self, BlockType, HttpBlock, Places};
use crate::text::finding::Diagnostic;
use crate::text::rules::{
    FORM_SYNTAX, MEDIA_TYPE_MISMATCH, MISSING_CONTENT_TYPE, NEEDLESS_CONTENT_TYPE, STATUS_REASON,
    UNKNOWN_METHOD,
};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let page = parsed.page;
    // The method of the first request of each response.
    let mut methods: HashMap<usize, &str> = HashMap::new();
    let extracted = &parsed.extracted;
    for (case, places) in extracted.cases.iter().zip(&extracted.places) {
        if let Some(places) = &places.response {
            let method = methods.entry(places.block.start);
            method.or_insert(&case.request.method);
        }
    }
    for (block, json) in site.blocks(parsed) {
        let places = |ranges| extract::places(&block.fence, &block.annotation, ranges);
        match &block.message {
            HttpBlock::Request(read) => {
                if let Some((message, ranges)) = &read.message {
                    request(page, message, json, &places(ranges), found);
                }
            }
            HttpBlock::Response(read) if block.annotation.block_type == BlockType::Response => {
                if let Some((message, ranges)) = &read.message {
                    let places = places(ranges);
                    let method = methods.get(&places.block.start).copied();
                    if method.is_none() {
                        // A response without a request is checked too.
                        found.extend(extract::forbidden_content(page, "", message, &places));
                    }
                    let method = method.unwrap_or_default();
                    response(page, method, message, json, &places, found);
                }
            }
            _ => {}
        }
    }
    credential::check(page, found);
}

fn request(
    page: &Page,
    request: &Request,
    json: Option<&JsonText<'_>>,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) {
    unknown_method(page, request, places, found);
    if let Some(json) = json {
        content(page, &request.headers, json, places, found);
    }
}

/// Checks a response. `method` is empty if it has no request.
fn response(
    page: &Page,
    method: &str,
    response: &Response,
    json: Option<&JsonText<'_>>,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) {
    status_reason(page, response, places, found);
    needless_content_type(page, response, places, found);
    // A body that is not allowed is one finding, whatever its content.
    if let Some(json) = json
        && !has_no_content(method, response.status)
    {
        content(page, &response.headers, json, places, found);
    }
}

/// Reports a `Content-Type` where no content is possible. A 304 and a response to
/// HEAD describe what GET would return (RFC 9110, 9.3.2 and 15.4.5).
fn needless_content_type(
    page: &Page,
    response: &Response,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) {
    let (status, headers) = (response.status, response.headers.iter());
    let header = headers.zip(&places.headers).find(|(header, _)| {
        matches!(status.code(), Some(204 | 205)) && header.name.eq_ignore_ascii_case("content-type")
    });
    let Some((_, span)) = header else {
        return;
    };
    let message = format!("a {status} has no content for `Content-Type` to describe");
    let finding = Diagnostic::at(page, &NEEDLESS_CONTENT_TYPE, *span, message)
        .help("remove the header, or document a status with content");
    // With a body, the status may be the mistake.
    let edit = without_line(page, *span).filter(|_| response.body.is_none());
    found.push(finding.fix(edit.into_iter().collect()));
}

/// Removes the line of a header, unless it holds anything else.
fn without_line(page: &Page, header: Span) -> Option<Edit> {
    let number = page.line(header.start);
    let line = page.line_span(number);
    let is_prefix = |text: &str| text.trim_matches([' ', '\t', '>']).is_empty();
    let is_alone = is_prefix(page.text.get(line.start..header.start)?)
        && page.text.get(header.end..line.end)?.trim().is_empty();
    (is_alone && number < page.line_count()).then(|| Edit {
        span: Span::new(line.start, page.line_span(number + 1).start),
        text: String::new(),
    })
}

/// The methods in IANA's registry (RFC 9110, 16.1).
const METHODS: [&str; 40] = [
    "GET",
    "POST",
    "PATCH",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "CONNECT",
    "TRACE",
    "QUERY",
    "MERGE",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "LABEL",
    "LINK",
    "LOCK",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "ORDERPATCH",
    "PRI",
    "PROPFIND",
    "PROPPATCH",
    "REBIND",
    "REPORT",
    "SEARCH",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// Reports unregistered methods. Lower-case methods are reported by the parser.
fn unknown_method(page: &Page, request: &Request, places: &Places, found: &mut Vec<Diagnostic>) {
    let method = request.method.as_str();
    if METHODS.contains(&method) || method.contains(|c: char| c.is_ascii_lowercase()) {
        return;
    }
    let start = places.start_line.start;
    let span = Span::new(start, start + method.len());
    // Methods are short, so only a distance of 1 makes a useful suggestion.
    let near = METHODS
        .iter()
        .find(|known| method.len() < 20 && strsim::osa_distance(method, known) == 1);
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "use a registered method, such as `GET` or `POST`".to_owned(),
    };
    let message = format!("`{method}` is not a registered HTTP method");
    found.push(Diagnostic::at(page, &UNKNOWN_METHOD, span, message).help(help));
}

/// The registered reason phrase of a status (RFC 9110, 15).
fn registered_phrase(status: u16) -> Option<&'static str> {
    match status {
        413 => Some("Content Too Large"),
        422 => Some("Unprocessable Content"),
        _ => StatusCode::from_u16(status).ok()?.canonical_reason(),
    }
}

/// Reason phrases of RFC 7231 and RFC 4918, which most services still send.
const RECENT_PHRASES: [(u16, &str); 2] =
    [(413, "Payload Too Large"), (422, "Unprocessable Entity")];

/// Reason phrases of RFC 2068 and RFC 2616.
const OLD_PHRASES: [(u16, &str); 8] = [
    (302, "Moved Temporarily"),
    (408, "Request Time-out"),
    (413, "Request Entity Too Large"),
    (414, "Request-URI Too Large"),
    (414, "Request-URI Too Long"),
    (416, "Requested Range Not Satisfiable"),
    (504, "Gateway Time-out"),
    (505, "HTTP Version Not Supported"),
];

/// Reports a reason phrase that is not the registered one. Case is ignored and
/// the phrase may be missing, as it is informational only (RFC 9112, 4).
fn status_reason(page: &Page, response: &Response, places: &Places, found: &mut Vec<Diagnostic>) {
    let (Some(status), Some(reason)) = (response.status.code(), &response.reason) else {
        return;
    };
    let Some(registered) = registered_phrase(status) else {
        return;
    };
    let is_among = |phrases: &[(u16, &str)]| {
        let mut phrases = phrases.iter();
        phrases.any(|(of, phrase)| *of == status && reason.eq_ignore_ascii_case(phrase))
    };
    if reason.eq_ignore_ascii_case(registered) || is_among(&RECENT_PHRASES) {
        return;
    }
    let line = places.start_line;
    let start = line.end.saturating_sub(reason.len());
    let span = Span::new(start.max(line.start), line.end);
    let other = (100..600).find(|other| {
        registered_phrase(*other).is_some_and(|phrase| reason.eq_ignore_ascii_case(phrase))
    });
    let (severity, message) = if is_among(&OLD_PHRASES) {
        let message = format!("`{reason}` is an obsolete reason phrase for {status}");
        (Severity::Info, message)
    } else {
        let shown: String = reason.chars().take(60).collect();
        let message = match other {
            Some(other) => format!("`{shown}` is the reason phrase for {other}, not {status}"),
            None => format!("`{shown}` is not the reason phrase for {status}"),
        };
        (STATUS_REASON.severity(), message)
    };
    let help = match other {
        Some(other) => format!("write `{registered}`, or change the status to {other}"),
        None => format!("write `{registered}`"),
    };
    let fix = Edit {
        span,
        text: registered.to_owned(),
    };
    found.push(
        Diagnostic::at(page, &STATUS_REASON, span, message)
            .severity(severity)
            .help(help)
            .fix(vec![fix]),
    );
}

/// Compares the format of a body with its `Content-Type`.
fn content(
    page: &Page,
    headers: &Headers,
    body: &JsonText<'_>,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) {
    let header = headers
        .iter()
        .position(|header| header.name.eq_ignore_ascii_case("content-type"));
    let Some(header) = header else {
        missing_content_type(page, body, places, found);
        return;
    };
    let value = headers.0[header].value.as_str();
    let Some(claim) = declared(value) else {
        return;
    };
    let form = BodyFormat::of(body, claim).filter(|form| !form.may_be(claim));
    let is_text =
        || claim == BodyFormat::Json && InsteadOfJson::of(body) == Some(InsteadOfJson::Text);
    let (name, media_type) = match form {
        Some(form) => (form.name(), form.media_type()),
        None if is_text() => ("text", "text/plain"),
        None => {
            if claim == BodyFormat::Urlencoded {
                form_syntax(page, body.text, places, found);
            }
            return;
        }
    };
    let line = places.headers[header];
    if !page.slice(line).contains(value) {
        let message = format!("curl declares this body, which is {name}, as `{value}`");
        let help = format!("add `-H 'Content-Type: {media_type}'`");
        let finding = Diagnostic::at(page, &MEDIA_TYPE_MISMATCH, line, message);
        // Some services accept it all the same.
        found.push(finding.severity(Severity::Warning).help(help));
        return;
    }
    let span = Span::new(
        line.end.saturating_sub(value.len()).max(line.start),
        line.end,
    );
    let message = format!(
        "body is {name}, but `Content-Type` declares {}",
        claim.name()
    );
    let help = format!("change it to `{media_type}`, or fix the body");
    found.push(Diagnostic::at(page, &MEDIA_TYPE_MISMATCH, span, message).help(help));
}

/// Reports line breaks and spaces in a form. They are sent as a part of its values
/// by whoever copies it.
fn form_syntax(page: &Page, body: &str, places: &Places, found: &mut Vec<Diagnostic>) {
    let Some(span) = places.body else {
        return;
    };
    let template = Template::parse(body.trim());
    let has = |wanted: char| {
        let is_in = |part: &Part| matches!(part, Part::Literal(text) if text.contains(wanted));
        template.0.iter().any(is_in)
    };
    let (what, help) = if has('\n') {
        ("line breaks", "write it in one line; docproof sends it so")
    } else if has(' ') {
        ("spaces", "write `+` or `%20`; docproof sends `+`")
    } else {
        return;
    };
    let message = format!("the form has {what}, which belong to its values");
    found.push(Diagnostic::at(page, &FORM_SYNTAX, span, message).help(help));
}

/// Reports a body without `Content-Type` (RFC 9110, 8.3).
fn missing_content_type(
    page: &Page,
    text: &JsonText<'_>,
    places: &Places,
    found: &mut Vec<Diagnostic>,
) {
    let body = text.text.trim();
    let format = BodyFormat::of_any(text);
    // A placeholder such as `<the bytes of the file>`.
    let is_left_out = format.is_none()
        && (matches!(body, "..." | "…")
            || (body.lines().count() == 1
                && [('<', '>'), ('[', ']'), ('{', '}'), ('(', ')')]
                    .iter()
                    .any(|(open, close)| body.starts_with(*open) && body.ends_with(*close))));
    let above = places.headers.last().unwrap_or(&places.start_line);
    // Without a blank line in between, the header block ended at an invalid
    // line (`header-syntax`), and the other headers may be in the body.
    let is_parted = places.body.is_some_and(|body| {
        let between = page.text.get(above.end..body.start).unwrap_or("");
        between.matches('\n').count() > 1
    });
    if is_left_out || !is_parted {
        return;
    }
    let help = match format {
        Some(form) => format!("add the header `Content-Type: {}`", form.media_type()),
        None => "add a `Content-Type` header".to_owned(),
    };
    let message = "message has a body but no `Content-Type`";
    let finding = Diagnostic::at(page, &MISSING_CONTENT_TYPE, places.start_line, message);
    found.push(finding.help(help));
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check;

    /// A page with a request and its response.
    fn page(request: &str, response: &str) -> String {
        format!(
            "<!-- {{\"blockType\": \"request\"}} -->\n```http\n{request}\n```\n\n\
             <!-- {{\"blockType\": \"response\"}} -->\n```http\n{response}\n```\n"
        )
    }

    #[track_caller]
    fn check_response(response: &str, expected: &[(&str, &str)]) {
        check(&page("GET /a", response), expected);
    }

    #[track_caller]
    fn check_request(request: &str, expected: &[(&str, &str)]) {
        check(&page(request, "HTTP/1.1 204 No Content"), expected);
    }

    #[test]
    fn reports_unregistered_reason_phrases() {
        check_response("HTTP/1.1 202 Accpted", &[("status-reason", "Accpted")]);
        check_response("HTTP/1.1 201 OK", &[("status-reason", "OK")]);
        check_response(
            "HTTP/1.1 302 Moved Temporarily",
            &[("status-reason", "Moved Temporarily")],
        );
        check_response("HTTP/1.1 204 NO CONTENT", &[]);
        check_response("HTTP/1.1 413 Payload Too Large", &[]);
        check_response("HTTP/1.1 413 Content Too Large", &[]);
        check_response("HTTP/1.1 404", &[]);
        check_response("HTTP/1.1 499 Client Closed", &[]);
    }

    #[test]
    fn reports_unregistered_methods() {
        check_request("GTE /a", &[("unknown-method", "GTE")]);
        check_request("PURGE /a", &[("unknown-method", "PURGE")]);
        check_request("patch /a", &[("unknown-method", "patch")]);
        check_request("PROPFIND /a", &[]);
    }

    #[test]
    fn reports_long_urls() {
        let long = format!("/{}", "a".repeat(8000));
        check_request(&format!("GET {long}"), &[("url-too-long", &long)]);
        check_request(&format!("GET {}", &long[1..]), &[]);
    }

    #[test]
    fn reports_bodies_without_content_type() {
        check_response(
            "HTTP/1.1 200 OK\nETag: \"a\"\n\n{}",
            &[("missing-content-type", "HTTP/1.1 200 OK")],
        );
        check_request("POST /a\n\n[1]", &[("missing-content-type", "POST /a")]);
        check_request("POST /a\ncontent-type: application/json\n\n[1]", &[]);
        check_response("HTTP/1.1 200 OK\n\n...", &[]);
        check_request("PUT /a\n\n<the bytes of the file>", &[]);
    }

    #[test]
    fn reports_headers_and_requests_in_place_of_a_body() {
        check_request("GET /a\n\nPrefer: b", &[("header-syntax", "Prefer: b")]);
        check_request(
            "GET /a\nAccept: b\n\nGET /b",
            &[("request-syntax", "GET /b")],
        );
        check_request("POST /a\nContent-Type: text/plain\n\nHost: b", &[]);
    }

    #[test]
    fn reports_each_cause_once() {
        check_response(
            "HTTP/1.1 204 No Content\n\n{}",
            &[("body-not-allowed", "{}")],
        );
        check_response("HTTP/1.1 200 OK\n{}", &[("header-syntax", "{}")]);
        check(
            &page("HEAD /a", "HTTP/1.1 200 OK\n\n{}"),
            &[("body-not-allowed", "{}")],
        );
    }

    #[test]
    fn reports_content_types_of_responses_without_content() {
        let header = "Content-Type: text/plain";
        let with = |status: &str, expected: &[(&str, &str)]| {
            check_response(&format!("HTTP/1.1 {status}\n{header}"), expected);
        };
        with("204 No Content", &[("needless-content-type", header)]);
        with("205 Reset Content", &[("needless-content-type", header)]);
        with("200 OK", &[]);
        with("304 Not Modified", &[]);
        check_response("HTTP/1.1 204 No Content\nContent-Language: en", &[]);
        check_response(
            &format!("HTTP/1.1 204 No Content\n{header}\n\n{{}}"),
            &[
                ("needless-content-type", header),
                ("body-not-allowed", "{}"),
            ],
        );
        check(&page("HEAD /a", &format!("HTTP/1.1 200 OK\n{header}")), &[]);
    }

    #[test]
    fn checks_responses_without_request() {
        check(
            "<!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 204 OK\n\n{}\n```\n",
            &[("status-reason", "OK"), ("body-not-allowed", "{}")],
        );
    }

    #[test]
    fn reports_line_breaks_and_spaces_in_forms() {
        let with = |form: &str, expected: &[(&str, &str)]| {
            let media_type = "Content-Type: application/x-www-form-urlencoded";
            check_request(&format!("POST /a\n{media_type}\n\n{form}"), expected);
        };
        with("a=1\n&b=2", &[("form-syntax", "a=1\n&b=2")]);
        with("a=1&b=c d", &[("form-syntax", "a=1&b=c d")]);
        with("a=1&b=c+d%20e", &[]);
        with("a={tenant id}&b=<the name>", &[]);
        with("", &[]);
    }

    #[test]
    fn reports_bodies_that_contradict_content_type() {
        let with = |media_type: &str, body: &str, expected: &[(&str, &str)]| {
            check_response(
                &format!("HTTP/1.1 200 OK\nContent-Type: {media_type}\n\n{body}"),
                expected,
            );
        };
        let json = "application/json; charset=utf-8";
        with(json, "a,b\n1,2", &[("media-type-mismatch", json)]);
        with(json, "<a><b/></a>", &[("media-type-mismatch", json)]);
        with(
            "text/csv",
            "{\"a\": 1}",
            &[("media-type-mismatch", "text/csv")],
        );
        with(
            json,
            "The ID of the item.",
            &[("media-type-mismatch", json)],
        );
        with(json, "\"a\": 1", &[]);
        with(json, "{\"a\": 1,}", &[]);
        with(json, "<the body>", &[]);
        with("text/plain", "{\"a\": 1}", &[]);
        with("text/html", "<p>a</p>", &[]);
    }

    #[test]
    fn reports_data_that_curl_declares_as_a_form() {
        check_request("curl /a -d '{\"a\": 1}'", &[("media-type-mismatch", "-d")]);
        let form = "application/x-www-form-urlencoded";
        check_request(
            &format!("curl /a -d '{{}}' -H 'Content-Type: {form}'"),
            &[("media-type-mismatch", form)],
        );
        check_request("curl /a -d a=1", &[]);
        check_request("curl /a --json '{\"a\": 1}'", &[]);
    }
}
