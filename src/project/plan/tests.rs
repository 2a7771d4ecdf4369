//! Tests of plans of single cases.

use std::collections::BTreeMap;

use url::Url;

use super::*;
use crate::http::message::{Headers, Request, Response};
use crate::page::case::{Annotation, ExpectedResponse};
use crate::project::config::Service;

fn case(method: &str, target: &str) -> Case {
    Case {
        recognised: None,
        id: "p::a".to_owned(),
        name: None,
        page: "p.md".into(),
        line: 1,
        request: Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Headers::default(),
            body: None,
        },
        response: Some(ExpectedResponse {
            line: 5,
            message: Response {
                status: 200.into(),
                reason: None,
                headers: Headers::default(),
                body: None,
            },
        }),
        annotation: Annotation::default(),
    }
}

fn live() -> LiveTarget {
    let base = Url::parse("http://127.0.0.1:9/base/").expect("a URL");
    let live = Live {
        hosts: BTreeMap::from([(
            "up.example".to_owned(),
            Url::parse("http://127.0.0.1:8").expect("a URL"),
        )]),
        vars: BTreeMap::from([("id".to_owned(), "7/8".to_owned())]),
        ..Live::new(base)
    };
    LiveTarget {
        live,
        services: Vec::new(),
        main_host: Some("a.example".to_owned()),
    }
}

fn describe(case: &Case, target: LiveTarget) -> String {
    match plan_case(case, &Target::Live(Box::new(target))) {
        Ok(step) => step.url,
        Err(skip) => skip.to_string(),
    }
}

#[track_caller]
fn check(target: &str, expected: &str) {
    assert_eq!(describe(&case("GET", target), live()), expected);
}

#[test]
fn replaces_documented_origins() {
    check("https://a.example/v1/x", "http://127.0.0.1:9/base/v1/x");
    check("HTTPS://A.EXAMPLE/v1/x", "http://127.0.0.1:9/base/v1/x");
    check("/me/drive", "http://127.0.0.1:9/base/me/drive");
    check("me/drive", "http://127.0.0.1:9/base/me/drive");
    check("https://a.example", "http://127.0.0.1:9/base/");
    check("https://up.example/u", "http://127.0.0.1:8/u");
    check("https://b.example/x", "other-host: b.example");
}

#[test]
fn replaces_the_whole_service_url() {
    let target = |text: &str| {
        let mut target = live();
        target.main_host = None;
        let services = [
            "https://a.example/v1.0",
            "https://a.example/v1.0/sub",
            "$API_URL/v1.0",
        ];
        let services = services.map(|text| Service::parse(text).expect("a service"));
        target.services = services.to_vec();
        describe(&case("GET", text), target)
    };
    assert_eq!(
        target("https://a.example/v1.0/x"),
        "http://127.0.0.1:9/base/x"
    );
    assert_eq!(target("https://a.example/v1.0"), "http://127.0.0.1:9/base");
    assert_eq!(
        target("https://a.example/v1.0/sub/x"),
        "http://127.0.0.1:9/base/x"
    );
    assert_eq!(target("{API_URL}/v1.0/x"), "http://127.0.0.1:9/base/x");
    assert_eq!(target("{OTHER_URL}/v1.0/x"), "other-host: {other_url}");
    assert_eq!(
        target("https://a.example/v1.00/x"),
        "outside-service: a.example/v1.00/x is not below a.example/v1.0"
    );
    assert!(target("https://a.example/v1.0{x}").starts_with("outside-service"));
    assert_eq!(target("https://c.example/v1.0/x"), "other-host: c.example");
    assert_eq!(target("/x"), "http://127.0.0.1:9/base/x");
}

#[test]
fn binds_placeholders_or_skips() {
    check("/a/{ id }", "http://127.0.0.1:9/base/a/7%2F8");
    check("/a/{id}/b/{id}", "unbound-placeholder: {id.2}");
    check("/a/{id}?x={ id }", "unbound-placeholder: {id.2}");
    let mut named = live();
    let vars = &mut named.live.vars;
    vars.insert("id.2".to_owned(), "9".to_owned());
    assert_eq!(
        describe(&case("GET", "/a/{id}/b/{id}"), named.clone()),
        "http://127.0.0.1:9/base/a/7%2F8/b/9"
    );
    assert_eq!(
        describe(&case("GET", "/a/{id}/b/{id}/c/{id}"), named.clone()),
        "unbound-placeholder: {id.3}"
    );
    named.live.var_default = Some("x".to_owned());
    assert_eq!(
        describe(&case("GET", "/a/{id}/b/{id}/c/{id}"), named),
        "http://127.0.0.1:9/base/a/7%2F8/b/9/c/x"
    );
    check("/a/{name | id}", "http://127.0.0.1:9/base/a/7%2F8");
    check("/a/{other}", "unbound-placeholder: {other}");
    let mut target = live();
    target.live.var_default = Some("..".to_owned());
    assert_eq!(
        describe(&case("GET", "/a/{other}"), target.clone()),
        "invalid-url: the path would be sent as /base/"
    );
    target.live.var_default = Some("x y".to_owned());
    assert_eq!(
        describe(&case("GET", "/a(b='{other}')"), target),
        "http://127.0.0.1:9/base/a(b='x%20y')"
    );
}

#[test]
fn keeps_or_encodes_documented_characters() {
    check(
        "/a b/f(x='1',y=2);$v:@?$filter=name eq 'a'&q=\"b\"",
        "http://127.0.0.1:9/base/a%20b/f(x='1',y=2);$v:@?$filter=name%20eq%20'a'&q=%22b%22",
    );
    check("/a/../b", "invalid-url: the path would be sent as /base/b");
    check("/a\\b#c", "http://127.0.0.1:9/base/a%5Cb");
}

#[test]
fn sends_writes_only_if_allowed() {
    let post = case("POST", "/a");
    assert!(describe(&post, live()).starts_with("write-not-allowed"));
    assert!(describe(&case("delete", "/a"), live()).starts_with("write-not-allowed"));
    let mut target = live();
    target.live.allow_writes = true;
    assert_eq!(describe(&post, target), "http://127.0.0.1:9/base/a");
    assert!(!describe(&case("OPTIONS", "/a"), live()).starts_with("write"));
}

#[test]
fn skips_requests_that_cannot_be_sent() {
    let mut bad = case("GET", "/a");
    bad.request.headers.push("X-A", "b\r\nX-B: c");
    assert!(describe(&bad, live()).starts_with("invalid-header"));
    let mut many = case("GET", "/a");
    for number in 0..40_000 {
        many.request.headers.push(format!("X-{number}"), "a");
    }
    assert!(describe(&many, live()).starts_with("invalid-header: 40000 header fields"));
    let mut unpaired = case("GET", "/a");
    unpaired.response = None;
    assert!(describe(&unpaired, live()).starts_with("no-response"));
    let mut interim = case("GET", "/a");
    interim
        .response
        .as_mut()
        .expect("a response")
        .message
        .status = 102.into();
    assert!(describe(&interim, live()).starts_with("interim-status"));
    let response = interim.response.as_mut().expect("a response");
    response.message.status = 1000.into();
    assert!(describe(&interim, live()).starts_with("invalid-status"));
    assert!(describe(&case("CONNECT", "/a"), live()).starts_with("invalid-method"));
    check("ftp://a/b", "invalid-url: `ftp` is not an HTTP scheme");
}

#[test]
fn leaves_framing_and_host_headers_to_the_client() {
    let mut documented = case("GET", "https://a.example/a");
    for (name, value) in [
        ("Content-Length", "7"),
        ("Host", "a.example"),
        ("Authorization", "Bearer {token}"),
        ("X-Id", "{ id } {other} <name | id>"),
        ("Accept", "b"),
    ] {
        documented.request.headers.push(name, value);
    }
    let step = plan_case(&documented, &Target::Live(Box::new(live()))).expect("sent");
    let names: Vec<_> = step
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
        .collect();
    assert_eq!(
        names,
        [
            "authorization: Bearer {token}",
            "x-id: 7/8 {other} 7/8",
            "accept: b"
        ]
    );
}

#[test]
fn sends_host_and_case_to_the_mock() {
    let documented = case("GET", "https://a.example/a/{id}");
    let base = Url::parse("http://127.0.0.1:9").expect("a URL");
    let step = plan_case(&documented, &Target::Mock { base }).expect("sent");
    assert_eq!(step.url, "http://127.0.0.1:9/a/%7Bid%7D");
    assert_eq!(step.headers["host"], "a.example");
    assert_eq!(step.headers[CASE_HEADER], "p%3A%3Aa");
}

#[test]
fn picks_the_most_frequent_host() {
    let cases = [
        "https://b.example/",
        "https://a.example/",
        "https://b.example/x",
        "/y",
    ]
    .map(|target| case("GET", target));
    assert_eq!(main_host(&cases).as_deref(), Some("b.example"));
    assert_eq!(main_host(&[case("GET", "/x")]), None);
}
