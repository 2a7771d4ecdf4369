//! Tests of valid and invalid messages.

use super::*;

#[track_caller]
fn check_request(text: &str, method: &str, target: &str) {
    let (request, ranges) = request(text).message.expect("a request");
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        (method, target)
    );
    assert_eq!(&text[ranges.subject], target);
}

#[test]
fn parses_request_lines() {
    check_request("GET /a", "GET", "/a");
    check_request("\n\nGET  https://a/b \n", "GET", "https://a/b");
    check_request("POST /a HTTP/1.1", "POST", "/a");
    check_request("POST HTTP/1.1 /a", "POST", "/a");
    check_request(
        "GET /a?$filter=name eq 'a' HTTP/2",
        "GET",
        "/a?$filter=name eq 'a'",
    );
    check_request("PATCH me/{id | name}", "PATCH", "me/{id | name}");
    check_request("get /a", "get", "/a");
    check_request("PURGE\t/a", "PURGE", "/a");
    check_request("GET /a HTTP/x", "GET", "/a HTTP/x");
    check_request("GET /a 12345", "GET", "/a 12345");
}

#[test]
fn reports_lower_case_methods() {
    assert_eq!(request("get /a").problems[0].rule.name, "unknown-method");
    assert_eq!(request("GET /a").problems, []);
    let text = "\n get /a";
    let problem = request(text).problems.remove(0);
    let (range, capitals) = problem.fix.expect("a fix");
    assert_eq!((&text[range], capitals.as_str()), ("get", "GET"));
}

#[test]
fn rejects_invalid_requests() {
    for text in [
        "",
        "\n \n",
        "GET",
        "GET HTTP/1.1",
        "{ }",
        "/a",
        "https://a/b",
        "Some prose here",
        "GET http/1.1",
    ] {
        let read = request(text);
        assert_eq!(read.message, None, "{text:?}");
        assert_eq!(read.problems[0].rule.name, "request-syntax");
    }
}

#[track_caller]
fn check_status(text: &str, status: u16, reason: Option<&str>, wrong: bool) {
    let read = response(text);
    let (response, ranges) = read.message.expect("a response");
    assert_eq!(
        (response.status, response.reason.as_deref()),
        (status, reason)
    );
    assert_eq!(&text[ranges.subject], status.to_string());
    assert_eq!(!read.problems.is_empty(), wrong, "{:?}", read.problems);
}

#[test]
fn parses_status_lines() {
    check_status("HTTP/1.1 200 OK", 200, Some("OK"), false);
    check_status("HTTP/2 200", 200, None, false);
    check_status("HTTP/1.1 404 Not Found \n", 404, Some("Not Found"), false);
    check_status("HTTP 201 Created", 201, Some("Created"), true);
    check_status("HTTP/1.1 204", 204, None, false);
    check_status("HTTP/1.1 200  OK", 200, Some("OK"), true);
    check_status("HTTP/1.1  200 OK", 200, Some("OK"), true);
    check_status("HTTP/1.1\t200\tOK", 200, Some("OK"), true);
    check_status("http/1.1 200 OK", 200, Some("OK"), true);
    check_status("HTTP/1.1 599 Odd", 599, Some("Odd"), false);
    check_status("HTTP/1.1 700 Odd", 700, Some("Odd"), true);
    check_status("HTTP/12.34 200 OK", 200, Some("OK"), false);
    let text = "\nHTTP/1.1 700 Odd";
    assert_eq!(&text[response(text).problems[0].range.clone()], "700");
}

#[track_caller]
fn check_fix(text: &str, wrong: &str, expected: &str) {
    let problem = response(text).problems.remove(0);
    assert_eq!(
        (problem.rule.name, &text[problem.range]),
        ("status-line", wrong)
    );
    let (range, fixed) = problem.fix.expect("a fix");
    let whole = format!("{}{fixed}{}", &text[..range.start], &text[range.end..]);
    assert_eq!(whole, expected);
    assert_eq!(response(&whole).problems, []);
}

#[test]
fn fixes_status_lines() {
    check_fix("HTTP 201 Created", "HTTP", "HTTP/1.1 201 Created");
    check_fix("http/2 200\n\n{}", "http", "HTTP/2 200\n\n{}");
    let wide = "\nHTTP/1.1  200   OK ";
    check_fix(wide, wide.trim(), "\nHTTP/1.1 200 OK ");
}

#[test]
fn rejects_invalid_responses() {
    for text in [
        "",
        "{}",
        "HTTP/1.1",
        "HTTP/1.1 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 200OK",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 099 X",
        "HTTPS/1.1 200 OK",
        "HTTP/ 200 OK",
        "HTTP/x 200 OK",
        "HTTP/1. 200 OK",
        "HTTP/.1 200 OK",
        "HTTP/1.x 200 OK",
        "HTTP/x.1 200 OK",
        "POST /a",
        "200 OK",
    ] {
        assert_eq!(response(text).message, None, "{text:?}");
    }
}

#[test]
fn reports_requests_in_place_of_responses() {
    let help = |text: &str| response(text).problems.remove(0).help;
    let request = "this is a request: annotate it as `request`";
    assert_eq!(help("POST /a"), request);
    for text in ["POST", "POST HTTP/1.1", "just prose"] {
        assert_ne!(help(text), request, "{text}");
    }
}

#[test]
fn shortens_long_lines_in_messages() {
    let message = |text: &str| response(text).problems.remove(0).message;
    let long = "é".repeat(60);
    assert_eq!(message(&long), format!("`{long}` is not a status line"));
    let cut = format!("`{long}…` is not a status line");
    assert_eq!(message(&format!("{long}é")), cut);
}

#[test]
fn reads_content_below_any_start_line() {
    let text = "prose\nA: b\n\n{}";
    let (headers, body) = content(text).expect("content");
    assert_eq!(headers.get("a"), Some("b"));
    assert_eq!(&text[body], "{}");
    assert_eq!(content("prose\nA: b\n"), None);
    assert_eq!(content(""), None);
}

#[test]
fn separates_headers_and_body_at_the_blank_line() {
    let text = "POST /a\nA: 1\nb:2\nA:  3 \n \n\n{\n} \n";
    let (request, ranges) = request(text).message.expect("a request");
    let pairs: Vec<_> = request
        .headers
        .iter()
        .map(|h| (h.name.as_str(), h.value.as_str()))
        .collect();
    assert_eq!(pairs, [("A", "1"), ("b", "2"), ("A", "3")]);
    assert_eq!(request.body.as_deref(), Some("\n{\n} \n"));
    assert_eq!(&text[ranges.headers[2].clone()], "A:  3");
    assert_eq!(ranges.body, Some(text.len() - 6..text.len()));
}

#[test]
fn accepts_relative_urls_as_values() {
    let (request, _) = request("GET /\nLink://a.example/b")
        .message
        .expect("a request");
    assert_eq!(request.headers.get("link"), Some("//a.example/b"));
}

#[test]
fn starts_the_body_at_an_invalid_header_line() {
    for body in ["{\n}", "\"a\": 1", "https://a/b"] {
        let text = format!("HTTP/1.1 200 OK\nA: 1\n{body}");
        let read = response(&text);
        assert_eq!(read.problems[0].rule.name, "header-syntax");
        let (response, _) = read.message.expect("a response");
        assert_eq!(response.body.as_deref(), Some(body));
        assert_eq!(response.headers.0.len(), 1);
    }
}

#[test]
fn ignores_white_space_around_lines() {
    let text = "GET /a  \n  A: b \nC: d\n\ne";
    let (request, ranges) = request(text).message.expect("a request");
    assert_eq!(request.headers.0.len(), 2);
    assert_eq!(&text[ranges.headers[0].clone()], "A: b");
    assert_eq!(request.body.as_deref(), Some("e"));
}

#[test]
fn ignores_blank_bodies() {
    let (request, _) = request("DELETE /a\n\n \n").message.expect("a request");
    assert_eq!(request.body, None);
}

#[test]
fn reports_control_chars_in_headers() {
    assert_eq!(
        request("GET /\nA: b\u{1}").problems[0].rule.name,
        "header-syntax"
    );
    assert_eq!(
        request("GET /\nA : b").problems[0].rule.name,
        "header-syntax"
    );
}
