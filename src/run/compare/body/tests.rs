//! What is compared of bodies of each kind, next to what is not.

use super::*;
use crate::http::status::Status;
use crate::page::extract;
use crate::page::resource::Resource;
use crate::text::source::{Page, Span};

/// Compares a response with a documented one. Both are written as a status, header
/// fields and a body; a documented one may have an annotation before them.
#[track_caller]
fn compared(mode: Mode, policies: &Policies, documented: &str, sent: &[u8]) -> Compared {
    let (annotation, documented) = documented.split_once("#\n").unwrap_or(("", documented));
    let page = format!(
        "<!-- {{\"blockType\": \"request\"}} -->\n```http\nGET /a\n```\n\n\
         <!-- {{\"blockType\": \"response\"{annotation}}} -->\n```http\nHTTP/1.1 {documented}\n```\n"
    );
    // A page that documents no status is written with 2xx.
    let is_class = documented.starts_with("2xx");
    let page = page.replace("HTTP/1.1 2xx", "HTTP/1.1 200");
    let mut extracted = extract::extract(&Page::new("p.md", page), None);
    let case = &mut extracted.cases[0];
    if let Some(response) = case.response.as_mut().filter(|_| is_class) {
        response.message.status = Status::Class(2);
    }
    let case = &*case;
    let documented = &case.response.as_ref().expect("a response").message;
    let split = sent
        .windows(2)
        .position(|two| two == b"\n\n")
        .expect("a blank line");
    let head = str::from_utf8(&sent[..split]).expect("UTF-8");
    let (status, fields) = head.split_once('\n').unwrap_or((head, ""));
    let headers = fields.lines().filter_map(|line| line.split_once(": "));
    let actual = ActualResponse {
        status: status.parse().expect("a status"),
        headers: headers.collect(),
        body: Content::Whole(sent[split + 2..].to_vec()),
    };
    let (types, _) = Types::new(&[Resource {
        page: "types.md".into(),
        line: 1,
        block: Span::default(),
        annotation: Span::default(),
        keys: serde_json::Map::from_iter([("@odata.type".to_owned(), "a.thing".into())]),
        text: r#"{"id": "Edm.Int64", "size": "Int32", "price": "Decimal"}"#.to_owned(),
    }]);
    let bodies = Bodies {
        types: &types,
        mode,
        policies,
    };
    bodies.compare(case, documented, &actual, &OnceCell::new())
}

/// The kinds of the errors, and why the body was not compared.
fn outline(compared: &Compared) -> (Vec<&'static str>, Option<&'static str>) {
    let kinds = compared.errors.iter().map(|found| found.kind.name());
    (kinds.collect(), compared.not.map(NotCompared::name))
}

const NOTHING: &[&str] = &[];

#[track_caller]
fn check(mode: Mode, documented: &str, sent: &str, errors: &[&str], not: Option<&str>) {
    check_bytes(mode, documented, sent.as_bytes(), errors, not);
}

#[track_caller]
fn check_bytes(mode: Mode, documented: &str, sent: &[u8], errors: &[&str], not: Option<&str>) {
    let compared = compared(mode, &Policies::default(), documented, sent);
    assert_eq!(outline(&compared), (errors.to_vec(), not), "{compared:#?}");
}

/// Checks a pair that must differ and one that must not, of one media type.
#[track_caller]
fn check_type(mode: Mode, media_type: &str, documented: &str, same: &str, other: &str, kind: &str) {
    let of = |body: &str| format!("200\nContent-Type: {media_type}\n\n{body}");
    let documented = of(documented).replacen("200", "200 OK", 1);
    check(mode, &documented, &of(same), NOTHING, None);
    check(mode, &documented, &of(other), &[kind], None);
}

use Mode::{Exact, Shape};

#[test]
fn compares_text_exactly() {
    for media_type in [
        "text/plain",
        "text/csv",
        "text/html; charset=utf-8",
        "application/xml",
        "application/atom+xml",
        "application/x-www-form-urlencoded",
        "application/yaml",
        "application/javascript",
        "application/octet-stream",
        "application/vnd.example",
    ] {
        check_type(Exact, media_type, "a,b=1", "a,b=1\n", "a,b=2", "body-text");
        check_type(
            Exact,
            media_type,
            "a\nb",
            "a\r\nb\r\n",
            "a\nb\nc",
            "body-text",
        );
    }
    check(Exact, "200 OK\n\nhello", "200\n\nhello", NOTHING, None);
    check(Exact, "200 OK\n\nhello", "200\n\nbye", &["body-text"], None);
    // Placeholders stand for any text.
    check_type(
        Exact,
        "text/plain",
        "hello {name}",
        "hello Ada",
        "bye Ada",
        "body-text",
    );
}

#[test]
fn compares_the_emptiness_of_text_by_shape() {
    for (media_type, not) in [
        ("text/plain", "text"),
        ("application/xml", "text"),
        ("image/png", "binary"),
        ("application/octet-stream", "binary"),
        ("multipart/mixed; boundary=a", "multipart"),
    ] {
        let documented = format!("200 OK\nContent-Type: {media_type}\n\nhello");
        let sent = |body: &str| format!("200\nContent-Type: {media_type}\n\n{body}");
        check(Shape, &documented, &sent("bye"), NOTHING, Some(not));
        check(Shape, &documented, &sent(""), &["body-text"], None);
        check(Exact, &documented, &sent(""), &["body-text"], None);
    }
}

#[test]
fn says_which_bodies_are_not_compared() {
    let text = "200 OK\nContent-Type: text/plain\n\nhello";
    check(
        Exact,
        "200 OK",
        "200\n\nhello",
        NOTHING,
        Some("not-documented"),
    );
    check(
        Exact,
        "204 No Content",
        "204\n\n",
        NOTHING,
        Some("no-content"),
    );
    check(Exact, text, "404\n\nhello", NOTHING, Some("other-status"));
    let json = "200\nContent-Type: application/json\n\n{}";
    check(Exact, text, json, NOTHING, Some("other-media-type"));
    for stand_in in ["[binary data]", "{file content}", "<file>", "..."] {
        let documented = format!("200 OK\nContent-Type: text/plain\n\n{stand_in}");
        check(Exact, &documented, "200\n\nx", NOTHING, Some("placeholder"));
        check(Exact, &documented, "200\n\n", &["body-text"], None);
    }
    let image = "200 OK\nContent-Type: image/png\n\n(an image)";
    check(Exact, image, "200\n\nx", NOTHING, Some("binary"));
    let data = "200 OK\nContent-Type: application/octet-stream\n\n0001";
    check_bytes(Exact, data, b"200\n\n\xff\x00", NOTHING, Some("binary"));
    let parts = "200 OK\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n--a--";
    check(Exact, parts, "200\n\n--b--", NOTHING, Some("multipart"));
}

#[test]
fn compares_json_line_by_line() {
    for media_type in [
        "application/x-ndjson",
        "application/jsonl",
        "application/json-seq",
    ] {
        let shown = "{\"id\": \"a\"}\n{\"id\": \"b\"}";
        let same = "{\"id\": \"c\"}\n{\"id\": \"d\"}\n{\"id\": \"e\"}\n";
        check_type(
            Shape,
            media_type,
            shown,
            same,
            "{\"id\": \"c\"}\n{\"id\": 1}",
            "type-mismatch",
        );
        check_type(
            Shape,
            media_type,
            shown,
            same,
            "{\"id\": \"c\"}\n{}",
            "missing-property",
        );
        check_type(
            Shape,
            media_type,
            shown,
            same,
            "{\"id\":\n\"c\"}",
            "json-syntax",
        );
        let other = "{\"id\": \"a\"}\n{\"id\": \"c\"}";
        check_type(Exact, media_type, shown, shown, other, "value");
    }
    let untyped = "200 OK\n\n{\"id\": 1}\n{\"id\": 2}";
    check(Shape, untyped, "200\n\n{\"id\": 3}\n", NOTHING, None);
    let other = "200\n\n{\"id\": \"a\"}\n";
    check(Shape, untyped, other, &["type-mismatch"], None);
    let documented = "200 OK\nContent-Type: application/x-ndjson\n\n{\"id\": 1}\n...";
    let sent = "200\nContent-Type: application/x-ndjson\n\n{\"id\": 1}\n{\"id\": 2}\n";
    check(Exact, documented, sent, NOTHING, None);
    let found = compared(
        Shape,
        &Policies::default(),
        documented,
        b"200\n\n{\"id\": 1}\n{\"id\": []}",
    );
    let member = found.errors[0].member.as_ref().expect("a member");
    assert_eq!(
        (&*member.path, member.place.clone()),
        ("$[1].id", Some(1..8))
    );
}

#[test]
fn compares_json_of_each_media_type() {
    for media_type in [
        "application/json",
        "text/json",
        "Text/JSON; charset=utf-8",
        "application/problem+json",
        "application/vnd.api+JSON;ext=\"a;b\"",
    ] {
        let (shown, same) = ("{\"id\": \"7\"}", "{\"id\": \"8\"}");
        check_type(
            Shape,
            media_type,
            shown,
            same,
            "{\"id\": 8}",
            "type-mismatch",
        );
        check_type(Shape, media_type, shown, same, "{}", "missing-property");
    }
    let documented = "200 OK\nContent-Type: application/json\n\n{\"id\": \"7\"}";
    check(
        Shape,
        documented,
        "200\n\n{\"id\": 8}",
        &["type-mismatch"],
        None,
    );
    let html = "200\nContent-Type: text/html\n\n<html>";
    check(Shape, documented, html, NOTHING, Some("other-media-type"));
    check(
        Shape,
        "200 OK\n\n{\"id\": \"7\"}",
        html,
        &["json-syntax"],
        None,
    );
}

#[test]
fn compares_bodies_whatever_the_header_policy() {
    for policy in ["ignore", "present"] {
        let mut policies = Policies::default();
        let policy = policy.parse().expect("a policy");
        policies.add("Content-Type", policy).expect("a pattern");
        let check = |mode, documented: &str, sent: &str, expected: &[&str]| {
            let found = compared(mode, &policies, documented, sent.as_bytes());
            assert_eq!(outline(&found), (expected.to_vec(), None), "{sent}");
        };
        let json = "200 OK\nContent-Type: application/json\n\n{\"id\": \"7\"}";
        check(
            Shape,
            json,
            "200\nContent-Type: text/html\n\n{\"id\": \"8\"}",
            NOTHING,
        );
        check(
            Shape,
            json,
            "200\nContent-Type: text/html\n\n{\"id\": 8}",
            &["type-mismatch"],
        );
        check(
            Shape,
            json,
            "200\nContent-Type: text/html\n\n<p>8",
            &["json-syntax"],
        );
        let text = "200 OK\nContent-Type: text/plain\n\nhello";
        check(
            Exact,
            text,
            "200\nContent-Type: application/json\n\nhello",
            NOTHING,
        );
        check(
            Exact,
            text,
            "200\nContent-Type: application/json\n\nbye",
            &["body-text"],
        );
    }
}

#[track_caller]
fn check_warning(mode: Mode, documented: &str, sent: &str, kind: &str, not: Option<&str>) {
    let found = compared(mode, &Policies::default(), documented, sent.as_bytes());
    let warnings: Vec<_> = found
        .warnings
        .iter()
        .map(|found| found.kind.name())
        .collect();
    assert_eq!((warnings, outline(&found)), (vec![kind], (Vec::new(), not)));
}

#[test]
fn documented_bodies_that_are_not_json_are_not_compared() {
    let documented = "200 OK\nContent-Type: application/json\n\n{\"a\": }";
    let not = Some("unreadable-documented-body");
    for mode in [Shape, Exact] {
        check_warning(mode, documented, "200\n\n{}", "documented-body", not);
        check(mode, documented, "200\n\n{", &["json-syntax"], not);
    }
    // The same text is the same body.
    check(Exact, documented, "200\n\n{\"a\": }\n", NOTHING, None);
    // Placeholders in place of values are any values.
    let documented =
        "200 OK\nContent-Type: application/json\n\n{\"a\": <a>, \"b\": {b}, \"c\": 1, ...}";
    for mode in [Shape, Exact] {
        check(
            mode,
            documented,
            "200\n\n{\"a\": [1], \"b\": null, \"c\": 1, \"d\": 2}",
            NOTHING,
            None,
        );
        check(
            mode,
            documented,
            "200\n\n{\"a\": 1, \"c\": 1}",
            &["missing-property"],
            None,
        );
        check(
            mode,
            documented,
            "200\n\n{\"a\": 1, \"b\": 1, \"c\": \"1\"}",
            &["type-mismatch"],
            None,
        );
    }
}

#[test]
fn bodies_without_documented_members_prove_nothing() {
    let json = "200 OK\nContent-Type: application/json\n\n";
    let not = Some("no-documented-member");
    let list = r#", "isCollection": true#"#;
    let optional = r#", "optionalProperties": ["a"]#"#;
    for (documented, sent) in [
        (format!("{json}{{\"a\": [1]}}"), "{\"a\": []}"),
        (format!("{json}{{\"a\": []}}"), "{\"a\": [1]}"),
        (format!("{json}[]"), "[]"),
        (format!("{json}[]"), "[1, {\"a\": 1}]"),
        (format!("{json}{{}}"), "{}"),
        (
            format!("{list}\n{json}{{\"value\": []}}"),
            "{\"value\": [{\"a\": 1}]}",
        ),
        (
            format!("{list}\n{json}{{\"value\": [{{\"a\": 1}}]}}"),
            "{\"value\": []}",
        ),
        (format!("{optional}\n{json}{{\"a\": 1}}"), "{}"),
        (
            format!("{json}{{\"@odata.context\": \"x\"}}"),
            "{\"@odata.context\": \"y\"}",
        ),
    ] {
        let sent = format!("200\n\n{sent}");
        check_warning(Shape, &documented, &sent, "not-checked", not);
    }
    let empty = r#", "isCollection": true, "isEmpty": true#"#;
    for (documented, sent) in [
        (format!("{json}[1]"), "[2]"),
        (format!("{json}7"), "8"),
        (format!("{json}{{\"a\": {{}}}}"), "{\"a\": {}}"),
        (
            format!("{list}\n{json}{{\"value\": [{{\"a\": 1}}]}}"),
            "{\"value\": [{\"a\": 2}]}",
        ),
        (format!("{optional}\n{json}{{\"a\": 1}}"), "{\"a\": 2}"),
        (
            format!("{empty}\n{json}{{\"value\": []}}"),
            "{\"value\": []}",
        ),
    ] {
        check(Shape, &documented, &format!("200\n\n{sent}"), NOTHING, None);
    }
    // All values of a body are compared exactly.
    check(Exact, &format!("{json}[]"), "200\n\n[]", NOTHING, None);
}

#[test]
fn deep_bodies_are_not_compared() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let json = "200 OK\nContent-Type: application/json\n\n";
    let not = Some("too-deep");
    for mode in [Shape, Exact] {
        check_warning(
            mode,
            &format!("{json}[]"),
            &format!("200\n\n{}", nested(513)),
            "not-checked",
            not,
        );
        check_warning(
            mode,
            &format!("{json}{}", nested(513)),
            "200\n\n[]",
            "not-checked",
            not,
        );
    }
    let documented = format!("{json}{}", nested(512));
    check(
        Exact,
        &documented,
        &format!("200\n\n{}", nested(512)),
        NOTHING,
        None,
    );
    check(
        Exact,
        &documented,
        &format!("200\n\n{}", nested(511)),
        &["value"],
        None,
    );
}

#[test]
fn says_what_a_body_is_instead_of_json() {
    let documented = "200 OK\nContent-Type: application/json\n\n{\"id\": \"7\"}";
    for (body, expected) in [
        (&b""[..], "empty"),
        (b"\xff\xfe{\0}\0", "UTF-16 text"),
        (
            b"{\"id\": \"\xe9\"}",
            "text that is not UTF-8, such as Latin-1 (byte 8)",
        ),
        (
            b"\x1f\x8b\x08\x00",
            "gzip data without `Content-Encoding: gzip`",
        ),
        (b"<html>", "HTML or XML"),
        (
            b"{\"id\": 'a'}",
            "invalid JSON: expected double quotes at byte 7",
        ),
    ] {
        let sent = [b"200\n\n", body].concat();
        let found = compared(Shape, &Policies::default(), documented, &sent);
        assert_eq!(outline(&found), (vec!["json-syntax"], None));
        assert_eq!(found.errors[0].observed.as_deref(), Some(expected));
    }
    check_warning(
        Shape,
        documented,
        "200\n\n\u{feff}{\"id\": \"8\"}",
        "json-syntax",
        None,
    );
}

#[test]
fn large_numbers_are_strings_where_the_media_type_says_so() {
    let named = r#", "@odata.type": "a.thing", "truncated": true#"#;
    let plain = format!("{named}\n200 OK\nContent-Type: application/json\n\n{{}}");
    let strings = plain.replace("/json", "/json;IEEE754Compatible=true");
    let sent = "200\nContent-Type: application/json; IEEE754Compatible=true\n\n";
    let wrong = &["type-mismatch"][..];
    for documented in [&plain, &strings] {
        for (body, expected) in [
            (r#"{"id": "9007199254740993", "price": "1.50"}"#, NOTHING),
            (r#"{"id": "x"}"#, wrong),
            (r#"{"id": "1.5"}"#, wrong),
            (r#"{"id": 1}"#, wrong),
            (r#"{"size": "1"}"#, wrong),
            (r#"{"size": 1}"#, NOTHING),
        ] {
            check(Shape, documented, &format!("{sent}{body}"), expected, None);
        }
    }
    let sent = "200\nContent-Type: application/json\n\n";
    check(
        Shape,
        &plain,
        &format!("{sent}{{\"id\": \"1\"}}"),
        wrong,
        None,
    );
    check(
        Shape,
        &plain,
        &format!("{sent}{{\"id\": 1}}"),
        NOTHING,
        None,
    );
}

#[test]
fn error_examples_without_a_code_conform() {
    let error = r#", "expectError": true#"#;
    let of =
        |body: &str| format!("{error}\n404 Not Found\nContent-Type: application/json\n\n{body}");
    for body in [
        r#"{"error": {"message": "x"}}"#,
        r#"{"error": {"code": "x", "message": "y"}}"#,
        r#"{"error": {"innerError": {"date": "x"}}}"#,
        r#"{"error": "invalid_grant", "error_description": "x"}"#,
        r#"{"code": 7}"#,
    ] {
        check(Shape, &of(body), &format!("404\n\n{body}"), NOTHING, None);
    }
    let documented = of(r#"{"error": {"message": "x"}}"#);
    let check = |body: &str, expected| {
        check(
            Shape,
            &documented,
            &format!("404\n\n{body}"),
            &[expected],
            None,
        );
    };
    check(r#"{"message": "x"}"#, "error-object-expected");
    check(r#"{"error": null}"#, "error-object-expected");
    check(r#"{"error": "x"}"#, "type-mismatch");
    check(r#"{"error": {}}"#, "missing-property");
}

#[test]
fn compares_bodies_of_undocumented_statuses() {
    let documented = "2xx\nContent-Type: application/json\n\n{\"id\": 7}";
    let sent =
        |status: u16, body: &str| format!("{status}\nContent-Type: application/json\n\n{body}");
    for status in [200, 201, 299] {
        check(
            Shape,
            documented,
            &sent(status, "{\"id\": 8}"),
            NOTHING,
            None,
        );
        let missing = &["missing-property"];
        check(Shape, documented, &sent(status, "{}"), missing, None);
    }
    check(
        Shape,
        documented,
        &sent(404, "{}"),
        NOTHING,
        Some("other-status"),
    );
    // A documented body is missing in a response without content.
    check(Shape, documented, &sent(204, ""), &["json-syntax"], None);
    check(Shape, "2xx", "204\n\n", NOTHING, Some("not-documented"));
}
