//! Messages as pages write them, right and wrong.

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
fn request_lines() {
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
fn a_method_in_small_letters_is_said() {
    assert_eq!(request("get /a").problems[0].rule.name, "unknown-method");
    assert_eq!(request("GET /a").problems, []);
    let text = "\n get /a";
    let problem = request(text).problems.remove(0);
    let (range, capitals) = problem.fix.expect("one answer");
    assert_eq!((&text[range], capitals.as_str()), ("get", "GET"));
}

#[test]
fn what_is_no_request_is_refused() {
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
fn check_status(text: &str, status: u16, reason: Option<&str>, odd: bool) {
    let read = response(text);
    let (response, ranges) = read.message.expect("a response");
    assert_eq!(
        (response.status, response.reason.as_deref()),
        (status, reason)
    );
    assert_eq!(&text[ranges.subject], status.to_string());
    assert_eq!(!read.problems.is_empty(), odd, "{:?}", read.problems);
}

#[test]
fn status_lines() {
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
fn check_oddity(text: &str, odd: &str, mended: &str) {
    let problem = response(text).problems.remove(0);
    assert_eq!(
        (problem.rule.name, &text[problem.range]),
        ("status-line", odd)
    );
    let (range, fixed) = problem.fix.expect("one answer");
    let whole = format!("{}{fixed}{}", &text[..range.start], &text[range.end..]);
    assert_eq!(whole, mended);
    assert_eq!(response(&whole).problems, []);
}

#[test]
fn a_status_line_is_mended() {
    check_oddity("HTTP 201 Created", "HTTP", "HTTP/1.1 201 Created");
    check_oddity("http/2 200\n\n{}", "http", "HTTP/2 200\n\n{}");
    let wide = "\nHTTP/1.1  200   OK ";
    check_oddity(wide, wide.trim(), "\nHTTP/1.1 200 OK ");
}

#[test]
fn what_is_no_response_is_refused() {
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
fn a_request_in_the_place_of_a_response_is_said() {
    let help = |text: &str| response(text).problems.remove(0).help;
    let request = "this is a request: annotate it as `request`";
    assert_eq!(help("POST /a"), request);
    for text in ["POST", "POST HTTP/1.1", "prose that is none"] {
        assert_ne!(help(text), request, "{text}");
    }
}

#[test]
fn what_is_shown_of_a_line_is_bounded() {
    let message = |text: &str| response(text).problems.remove(0).message;
    let long = "é".repeat(60);
    assert_eq!(message(&long), format!("`{long}` is not a status line"));
    let cut = format!("`{long}…` is not a status line");
    assert_eq!(message(&format!("{long}é")), cut);
}

#[test]
fn content_is_read_whatever_the_first_line_says() {
    let text = "prose\nA: b\n\n{}";
    let (headers, body) = content(text).expect("content");
    assert_eq!(headers.get("a"), Some("b"));
    assert_eq!(&text[body], "{}");
    assert_eq!(content("prose\nA: b\n"), None);
    assert_eq!(content(""), None);
}

#[test]
fn headers_and_body_part_at_the_blank_line() {
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
fn a_relative_url_is_a_value() {
    let (request, _) = request("GET /\nLink://a.example/b")
        .message
        .expect("a request");
    assert_eq!(request.headers.get("link"), Some("//a.example/b"));
}

#[test]
fn a_line_that_is_no_header_begins_the_body() {
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
fn blanks_around_lines_are_not_theirs() {
    let text = "GET /a  \n  A: b \nC: d\n\ne";
    let (request, ranges) = request(text).message.expect("a request");
    assert_eq!(request.headers.0.len(), 2);
    assert_eq!(&text[ranges.headers[0].clone()], "A: b");
    assert_eq!(request.body.as_deref(), Some("e"));
}

#[test]
fn blank_lines_alone_are_no_body() {
    let (request, _) = request("DELETE /a\n\n \n").message.expect("a request");
    assert_eq!(request.body, None);
}

#[test]
fn a_control_character_in_a_header_is_said() {
    assert_eq!(
        request("GET /\nA: b\u{1}").problems[0].rule.name,
        "header-syntax"
    );
    assert_eq!(
        request("GET /\nA : b").problems[0].rule.name,
        "header-syntax"
    );
}
