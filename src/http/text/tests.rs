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
        (status.into(), reason)
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
        "200",
        "200 items were found here by us today",
        "600 OK",
        "Status: OK",
    ] {
        assert_eq!(response(text).message, None, "{text:?}");
    }
}

#[test]
fn reads_a_status_without_a_version() {
    for (text, status, reason) in [
        ("200 OK", 200, Some("OK")),
        (
            "416 Requested Range Not Satisfiable\nA: b\n\n{}",
            416,
            Some("Requested Range Not Satisfiable"),
        ),
        ("Status: 201 Created", 201, Some("Created")),
        ("Status: 204", 204, None),
    ] {
        let (response, ranges) = response(text).message.expect("a response");
        assert_eq!(
            (response.status, response.reason.as_deref()),
            (Status::Code(status), reason)
        );
        assert_eq!(text[ranges.subject], status.to_string());
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

/// Checks the headers, the body and the problems of a message. A problem is shown
/// as severity and marked text.
#[track_caller]
fn check_rest(text: &str, headers: &[(&str, &str)], body: Option<&str>, problems: &[(&str, &str)]) {
    let (found, body_found, problems_found) = if text.starts_with("HTTP/") {
        let read = response(text);
        let (message, ranges) = read.message.expect("a response");
        assert_eq!(ranges.headers.len(), message.headers.0.len());
        (message.headers, message.body, read.problems)
    } else {
        let read = request(text);
        let (message, ranges) = read.message.expect("a request");
        assert_eq!(ranges.headers.len(), message.headers.0.len());
        (message.headers, message.body, read.problems)
    };
    let found: Vec<_> = found
        .iter()
        .map(|header| (header.name.as_str(), header.value.as_str()))
        .collect();
    assert_eq!(found, headers, "{text:?}");
    assert_eq!(body_found.as_deref(), body, "{text:?}");
    let problems_found: Vec<_> = problems_found
        .iter()
        .map(|problem| (problem.severity.name(), &text[problem.range.clone()]))
        .collect();
    assert_eq!(problems_found, problems, "{text:?}");
}

#[test]
fn reads_headers_below_a_bad_line() {
    for bad in [
        "Content-Type application/json",
        "Content Type: application/json",
        "Accept application/json",
        "* Content-Type: application/json",
        "Prefer= return=minimal",
        "a b c",
    ] {
        let below = format!("HTTP/1.1 200 OK\n{bad}\nX-A: 1\n\n{{}}");
        check_rest(&below, &[("X-A", "1")], Some("{}"), &[("error", bad)]);
        let last = format!("POST /a\nX-A: 1\n{bad}\n\n{{}}");
        check_rest(&last, &[("X-A", "1")], Some("{}"), &[("error", bad)]);
    }
    let only = "HTTP/1.1 204 No Content\nContent-Type application/json";
    check_rest(
        only,
        &[],
        None,
        &[("error", "Content-Type application/json")],
    );
    let left_out = "GET /a\n...\nX-A: 1";
    check_rest(left_out, &[("X-A", "1")], None, &[("warning", "...")]);
}

#[test]
fn reads_headers_below_a_blank_line() {
    let text = "HTTP/1.1 200 OK\n\nContent-Type: application/json\nX-A: 1\n\n{}";
    let headers = [("Content-Type", "application/json"), ("X-A", "1")];
    let problems = [("error", "Content-Type: application/json")];
    check_rest(text, &headers, Some("{}"), &problems);
    let problem = response(text).problems.remove(0);
    let (range, fixed) = problem.fix.expect("a fix");
    let whole = format!("{}{fixed}{}", &text[..range.start], &text[range.end..]);
    check_rest(&whole, &headers, Some("{}"), &[]);
    // Text that looks like a header.
    let text = "POST /a\nX-A: 1\n\nContent-Type: b";
    check_rest(text, &[("X-A", "1")], Some("Content-Type: b"), &[]);
    check_rest("POST /a\n\nnote: b", &[], Some("note: b"), &[]);
    check_rest(
        "POST /a\n\nDate: b\nno header",
        &[],
        Some("Date: b\nno header"),
        &[],
    );
}

#[test]
fn joins_folded_headers() {
    let text = "GET /a\nX-A: 1,\n  2,\n\t3\nX-B: 4\n\nb";
    let headers = [("X-A", "1, 2, 3"), ("X-B", "4")];
    check_rest(text, &headers, Some("b"), &[("warning", "2,\n\t3")]);
    let problem = request(text).problems.remove(0);
    assert!(problem.message.starts_with("folded header field: `X-A`"));
    let (range, fixed) = problem.fix.expect("a fix");
    let whole = format!("{}{fixed}{}", &text[..range.start], &text[range.end..]);
    check_rest(&whole, &headers, Some("b"), &[]);
    let open = "GET /a\nLink: <b>;\n rel: c";
    check_rest(
        open,
        &[("Link", "<b>; rel: c")],
        None,
        &[("warning", "rel: c")],
    );
    // The body of a message without a blank line.
    let body = "HTTP/1.1 200 OK\nX-A: 1\n  { }";
    check_rest(body, &[("X-A", "1")], Some("  { }"), &[("warning", "{ }")]);
}

#[test]
fn joins_targets_on_several_lines() {
    for (text, target) in [
        ("GET /a\n  ?b=1\n  &c=2\nX-A: 1", "/a?b=1&c=2"),
        ("GET /a?\nb=1&\nc=2\nX-A: 1", "/a?b=1&c=2"),
        ("GET /a\n?b=1 HTTP/1.1\nX-A: 1", "/a?b=1"),
    ] {
        let (sent, ranges) = request(text).message.expect("a request");
        assert_eq!(
            (sent.target.as_str(), &sent.body),
            (target, &None),
            "{text:?}"
        );
        assert_eq!(sent.headers.get("x-a"), Some("1"));
        let problem = request(text).problems.remove(0);
        assert_eq!(problem.severity, Severity::Warning);
        let (range, fixed) = problem.fix.expect("a fix");
        assert_eq!(range, ranges.start_line);
        assert_eq!(fixed, format!("GET {target}"));
        assert_eq!(
            content(&format!("{text}\n\nb")).map(|(headers, _)| headers.0.len()),
            Some(1)
        );
    }
    let (sent, _) = request("GET /a?\nX-A: 1").message.expect("a request");
    assert_eq!((sent.target.as_str(), sent.headers.0.len()), ("/a?", 1));
    let (sent, _) = request("POST /a\n\n?b=1").message.expect("a request");
    assert_eq!(
        (sent.target.as_str(), sent.body.as_deref()),
        ("/a", Some("?b=1"))
    );
}

#[test]
fn reads_one_request_of_a_block() {
    for next in [
        "GET /b",
        "GET https://a.example/b HTTP/1.1",
        "HTTP/1.1 200 OK",
    ] {
        let problem = [("error", next)];
        check_rest(&format!("GET /a\n\n{next}\nX-A: 1"), &[], None, &problem);
        check_rest(&format!("GET /a\n{next}"), &[], None, &problem);
        let body = format!("POST /a\nContent-Type: application/json\n\n{{}}\n\n{next}");
        let headers = [("Content-Type", "application/json")];
        check_rest(&body, &headers, Some("{}\n\n"), &problem);
    }
    let parted = "GET /a\n\n###\n\nGET /b";
    check_rest(parted, &[], None, &[("error", "GET /b")]);
    check_rest("GET /a\n\n### The end", &[], None, &[]);
    // Bodies that may show messages.
    for (media_type, body) in [
        ("text/plain", "GET /b"),
        ("multipart/mixed; boundary=c", "--c\n\nGET /b\n\n--c--"),
        ("message/http", "HTTP/1.1 200 OK"),
        ("application/http", "GET /b HTTP/1.1"),
    ] {
        let text = format!("POST /a\nContent-Type: {media_type}\n\n{body}");
        check_rest(&text, &[("Content-Type", media_type)], Some(body), &[]);
    }
    for body in ["### A\n\ntext", "{\n  \"a\": \"GET /b\"\n}", "GET it done"] {
        check_rest(&format!("POST /a\n\n{body}"), &[], Some(body), &[]);
    }
}

#[test]
fn reads_the_last_response_of_a_block() {
    let status = |text: &str| {
        response(text)
            .message
            .and_then(|(response, _)| response.status.code())
    };
    let interim = "HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: <a>\n\nHTTP/1.1 201 Created\nX-A: 1\n\n{}";
    assert_eq!(status(interim), Some(201));
    assert_eq!(response(interim).problems, []);
    check_rest(interim, &[("X-A", "1")], Some("{}"), &[]);
    let (headers, body) = content(interim).expect("content");
    assert_eq!((headers.0.len(), &interim[body]), (1, "{}"));
    assert_eq!(status("HTTP/1.1 100 Continue\nHTTP/1.1 200 OK"), Some(200));
    assert_eq!(status("HTTP/1.1 100 Continue"), Some(100));
    let two = "HTTP/1.1 302 Found\nLocation: /b\n\nHTTP/1.1 200 OK";
    check_rest(two, &[], None, &[("error", "HTTP/1.1 200 OK")]);
    assert_eq!(status(two), Some(200));
    let shown = "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nHTTP/1.1 404 Not Found";
    assert_eq!(status(shown), Some(200));
}

#[test]
fn points_at_invalid_status_codes() {
    for code in ["2000", "20", "099"] {
        let text = format!("HTTP/1.1 {code} OK\nContent-Type text/plain");
        let read = response(&text);
        assert_eq!(read.message, None);
        let found: Vec<_> = read
            .problems
            .iter()
            .map(|problem| (problem.rule.name, &text[problem.range.clone()]))
            .collect();
        let header = ("header-syntax", "Content-Type text/plain");
        assert_eq!(found, [("response-syntax", code), header]);
    }
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
