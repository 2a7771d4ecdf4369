//! Tests the responses to requests that differ from the documented ones.

use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use serde_json::Value;

use super::table::WARNING_HEADER;
use super::*;
use crate::check::types::Types;
use crate::http::status::Status;
use crate::page::collect;
use crate::page::extract;
use crate::page::reader::Extraction;
use crate::page::resource::Resource;
use crate::text::source::Page;

/// A page with a case for each request and response.
fn page(pairs: &[(&str, &str)], keys: &str) -> Page {
    let text: String = pairs
        .iter()
        .map(|(request, response)| {
            format!(
                "<!-- {{\"blockType\": \"request\"{keys}}} -->\n```\n{request}\n```\n\n\
                 <!-- {{\"blockType\": \"response\"}} -->\n```\nHTTP/1.1 {response}\n```\n\n"
            )
        })
        .collect();
    Page::new("p.md", text)
}

pub(super) fn table(pairs: &[(&str, &str)], settings: Settings) -> Table {
    Table::new(
        extract::extract(&page(pairs, ""), None).cases.into(),
        settings,
    )
}

/// Sends a request to a table.
pub(super) fn send(table: &Table, sent: &str) -> Reply {
    let (head, body) = sent.split_once("\n\n").unwrap_or((sent, ""));
    let mut lines = head.lines();
    let (method, target) = lines
        .next()
        .and_then(|line| line.split_once(' '))
        .expect("a method and a target");
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        headers.append(name, value.parse().expect("a value"));
    }
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    table.reply(&Incoming {
        method,
        path,
        query,
        headers: &headers,
        body: body.as_bytes(),
    })
}

/// The number of the case that responds, or the status and the first difference
/// of a refusal. Also checks the form of the refusal.
#[track_caller]
pub(super) fn summary(reply: &Reply) -> String {
    match &reply.verdict {
        Verdict::Matched { case, warnings } => {
            let header = reply.headers.get_all(WARNING_HEADER).iter().count();
            assert_eq!(header, warnings.len().min(8));
            let lines = warnings.iter().map(|warning| format!("\n{warning}"));
            format!("{case}{}", lines.collect::<String>())
        }
        Verdict::Missed { closest } => {
            assert_eq!(reply.headers["content-type"], "application/problem+json");
            let marker = match reply.status.as_u16() {
                404 | 405 => "no documented request matches",
                _ => "the request violates the documentation",
            };
            assert_eq!(reply.headers["docproof-miss"], marker);
            let problem: Value = serde_json::from_slice(&reply.body).expect("JSON");
            assert_eq!(problem["status"], reply.status.as_u16());
            assert_eq!(
                problem["closest"].as_array().expect("a list").len(),
                closest.len()
            );
            let first = &problem["closest"][0];
            if !closest.is_empty() {
                assert_eq!(first["page"], "p.md");
                assert!(first["line"].as_u64().is_some_and(|line| line > 1));
            }
            let differs = first["differs"].as_str().unwrap_or("nothing is near");
            format!("{} {differs}", reply.status.as_u16())
        }
    }
}

#[track_caller]
pub(super) fn check(pairs: &[(&str, &str)], settings: &Settings, sent: &str, expected: &str) {
    let reply = send(&table(pairs, settings.clone()), sent);
    assert_eq!(summary(&reply), expected, "{sent}");
}

const USERS: [(&str, &str); 7] = [
    (
        "GET https://a.example/users?$filter=startswith(name,'a')",
        "200 OK",
    ),
    (
        "GET https://a.example/users/{id}\nPrefer: return=minimal",
        "200 OK\nContent-Type: application/json\n\n{}",
    ),
    (
        "GET https://a.example/users/{id}",
        "200 OK\nContent-Type: application/json\n\n{}",
    ),
    (
        "GET https://a.example/users/{id}\nIf-None-Match: \"7\"",
        "404 Not Found",
    ),
    (
        "POST https://a.example/users\nContent-Type: application/json\n\n{\"name\": \"x\", \"age\": 7}",
        "201 Created",
    ),
    (
        "DELETE https://b.example/users/{id}\nIf-Match: {tag}",
        "204 No Content",
    ),
    ("POST https://a.example/users/{id}/ping", "204 No Content"),
];

#[track_caller]
fn check_users(sent: &str, expected: &str) {
    check(&USERS, &Settings::default(), sent, expected);
}

#[test]
fn responds_to_other_values_of_the_documented_shape() {
    let json = "Host: a.example\nContent-Type: application/json; charset=utf-8";
    for body in [
        "{\"name\": \"y\", \"age\": 9}",
        "{\"name\": \"y\"}",
        "{\"name\": \"y\", \"more\": true}",
    ] {
        check_users(&format!("POST /users\n{json}\n\n{body}"), "4");
    }
    check_users("POST /users/7/ping\nHost: a.example\n\n{}", "6");
}

#[test]
fn chooses_by_credentials() {
    let pairs = [
        ("GET /a", "401 Unauthorized"),
        ("GET /a\nAuthorization: Bearer {token}", "200 OK"),
        ("GET /a\nAuthorization: Basic YTpi", "403 Forbidden"),
        ("GET /b\nAuthorization: Bearer {token}", "200 OK"),
    ];
    for (sent, expected) in [
        ("GET /a", "0"),
        ("GET /a\nAuthorization: Bearer x", "1"),
        ("GET /a\nAuthorization: bearer y", "1"),
        ("GET /a\nAuthorization: Basic x", "2"),
        ("GET /a\nAuthorization: Other x", "1"),
        ("GET /b", "3"),
    ] {
        check(&pairs, &Settings::default(), sent, expected);
    }
}

#[test]
fn pairs_restrictive_parameters_first() {
    let pairs = [("GET /a?{n}={v}&b={x}&b=1", "200 OK")];
    for query in ["b=1&b=2&c=3", "c=3&b=2&b=1", "b=2&b=1&b=3"] {
        check(
            &pairs,
            &Settings::default(),
            &format!("GET /a?{query}"),
            "0",
        );
    }
    check(
        &pairs,
        &Settings::default(),
        "GET /a?b=2&b=3&c=3",
        "404 query parameter b: documented \"1\", got none; \
         query parameter c: documented none, got \"3\"",
    );
}

#[test]
fn refuses_undocumented_requests() {
    let json = "Host: a.example\nContent-Type: application/json";
    for (sent, expected) in [
        (
            format!("POST /users\n{json}\n\n{{\"name\": 7}}"),
            "400 body $.name: documented string, got number",
        ),
        (
            format!("POST /users\n{json}"),
            "400 body: documented JSON, got none",
        ),
        (
            format!("POST /users\n{json}\n\nname=y"),
            "400 body $: documented JSON",
        ),
        (
            "POST /users\nHost: a.example\nContent-Type: text/xml\n\n<a/>".to_owned(),
            "415 header content-type: documented \"application/json\", got \"text/xml\"",
        ),
        (
            "POST /users\nHost: a.example\n\n{\"name\": \"y\"}".to_owned(),
            "415 header content-type: documented \"application/json\", got none",
        ),
        (
            format!("POST /users/7/ping\n{json}\n\n{{\"a\": 1}}"),
            "400 body: documented none, got JSON",
        ),
        (
            "DELETE /users/7\nHost: b.example".to_owned(),
            "400 header if-match: documented \"{tag}\", got none",
        ),
    ] {
        let reply = send(&table(&USERS, Settings::default()), &sent);
        let summary = summary(&reply);
        assert!(summary.starts_with(expected), "{summary}\n{sent}");
    }
}

#[test]
fn patch_may_remove_a_member_with_null() {
    let sent = |method: &str, value: &str| {
        format!("{method} /a\nContent-Type: application/json\n\n{{\"name\": {value}}}")
    };
    for (method, expected) in [
        ("PATCH", "0"),
        ("PUT", "400 body $.name: documented string, got null"),
    ] {
        check(
            &[(&sent(method, "\"x\""), "200 OK")],
            &Settings::default(),
            &sent(method, "null"),
            expected,
        );
    }
}

#[test]
fn sends_no_body_where_none_is_allowed() {
    for (request, response, body) in [
        ("DELETE /a", "204 No Content\nContent-Length: 9\n\n{}", ""),
        ("HEAD /a", "200 OK\n\n{}", ""),
        ("GET /a", "200 OK\nContent-Length: 9\n\n{}", "{}"),
    ] {
        let reply = send(&table(&[(request, response)], Settings::default()), request);
        assert_eq!(&*reply.body, body.as_bytes(), "{request}");
        assert!(!reply.headers.contains_key("content-length"), "{request}");
    }
}

#[test]
fn limits_the_differences_in_a_refusal() {
    let body = |count: usize, value: &str| {
        let members: Vec<String> = (0..count).map(|n| format!("\"m{n}\": {value}")).collect();
        format!("{{{}}}", members.join(", "))
    };
    let json = "POST /a\nContent-Type: application/json\n\n";
    for (count, end) in [(8, ""), (9, "; and 1 more")] {
        let documented = format!("{json}{}", body(count, "\"x\""));
        let table = table(&[(&documented, "200 OK")], Settings::default());
        let reply = send(&table, &format!("{json}{}", body(count, "7")));
        let problem: Value = serde_json::from_slice(&reply.body).expect("JSON");
        let detail = problem["detail"].as_str().expect("a text");
        assert_eq!(detail.matches("documented string").count(), 8, "{detail}");
        assert_eq!(detail.contains(" more"), !end.is_empty(), "{detail}");
        assert!(detail.ends_with(end), "{detail}");
    }
}

#[test]
fn warn_mode_adds_warnings_to_the_response() {
    let settings = Settings {
        validate: Validate::Warn,
        ..Settings::default()
    };
    check(
        &USERS,
        &settings,
        "DELETE /users/7\nHost: b.example",
        "5\nheader if-match: documented \"{tag}\", got none",
    );
    let sent = "POST /users\nHost: a.example\nContent-Type: application/json\n\n{\"name\": 7}";
    check(
        &USERS,
        &settings,
        sent,
        "4\nbody $.name: documented string, got number",
    );
    check(&USERS, &settings, "GET /users/7\nHost: a.example", "2");
}

#[test]
fn off_mode_validates_nothing() {
    let settings = Settings {
        validate: Validate::Off,
        ..Settings::default()
    };
    check(&USERS, &settings, "DELETE /users/7\nHost: b.example", "5");
    check(&USERS, &settings, "POST /users\nHost: a.example\n\n7", "4");
    check(
        &USERS,
        &settings,
        "GET /users?x=1\nHost: a.example",
        "404 query parameter $filter: documented \"startswith(name,'a')\", got none; \
         query parameter x: documented none, got \"1\"",
    );
}

#[test]
fn describes_how_the_closest_case_differs() {
    for (sent, expected) in [
        (
            "GET /users\nHost: a.example",
            "404 query parameter $filter: documented \"startswith(name,'a')\", got none",
        ),
        (
            "GET /users?$filter=x\nHost: a.example",
            "404 query parameter $filter: documented \"startswith(name,'a')\", got \"x\"",
        ),
        (
            "GET /users/7?x%0A=1\nHost: a.example",
            "404 query parameter x\\n: documented none, got \"1\"",
        ),
        (
            "GET /users/7\nHost: b.example",
            "405 method: documented DELETE, got GET",
        ),
        (
            "GET /users/7\nHost: c.example",
            "404 host: documented a.example, got c.example",
        ),
        ("GET /users/7", "404 host: documented a.example, got none"),
        (
            "PUT /users/7\nHost: b.example",
            "405 method: documented DELETE, got PUT",
        ),
        (
            "GET /usres/7\nHost: a.example",
            "404 path segment 1: documented \"users\", got \"usres\"",
        ),
        (
            "GET /users/7/x\nHost: a.example",
            "404 path segment 3: documented none, got \"x\"",
        ),
        ("GET /a/b/c/d/e/f\nHost: a.example", "404 nothing is near"),
    ] {
        check_users(sent, expected);
    }
}

#[test]
fn lists_allowed_methods() {
    let reply = send(
        &table(&USERS, Settings::default()),
        "PUT /users\nHost: a.example",
    );
    assert_eq!(reply.status, 405);
    assert_eq!(reply.headers["allow"], "GET, POST");
    let reply = send(
        &table(&USERS, Settings::default()),
        "PUT /users\nHost: c.example",
    );
    assert_eq!(reply.status, 404);
    assert!(!reply.headers.contains_key("allow"));
}

#[test]
fn cuts_and_escapes_request_text_in_refusals() {
    let long = "x".repeat(5000);
    let sent = format!("GET /users?$filter={long}%1B\nHost: a.example");
    let reply = send(&table(&USERS, Settings::default()), &sent);
    assert!(reply.body.len() < 2000, "{}", reply.body.len());
    let sent = "GET /users/7?x=%1B\nHost: a.example";
    let reply = send(&table(&USERS, Settings::default()), sent);
    let text = String::from_utf8(reply.body.to_vec()).expect("UTF-8");
    assert!(text.contains("\\\\u{1b}"), "{text}");
    assert!(!text.contains('\u{1b}'));
    let sent = "GET /users/7?access_token=s3cret\nHost: a.example";
    let reply = send(&table(&USERS, Settings::default()), sent);
    assert!(!String::from_utf8_lossy(&reply.body).contains("s3cret"));
}

#[test]
fn own_address_matches_the_main_host() {
    let settings = Settings {
        own_hosts: vec!["localhost:8080".to_owned()],
        ..Settings::default()
    };
    check(&USERS, &settings, "GET /users/7\nHost: LOCALHOST:8080", "2");
    check(
        &USERS,
        &settings,
        "GET /users/7\nHost: localhost:8081",
        "404 host: documented a.example, got localhost:8081",
    );
    check(
        &USERS,
        &settings,
        "DELETE /users/7\nIf-Match: 7\nHost: localhost:8080",
        "405 method: documented GET, got DELETE",
    );
    check(
        &USERS,
        &settings,
        "DELETE /users/7\nIf-Match: 7\nHost: b.example",
        "5",
    );
    let settings = Settings {
        any_host: true,
        ..Settings::default()
    };
    check(
        &USERS,
        &settings,
        "DELETE /users/7\nIf-Match: 7\nHost: c.example",
        "5",
    );
    check(
        &[("GET /a\nHost: a.example", "200 OK")],
        &Settings {
            own_hosts: vec!["localhost".to_owned()],
            ..Settings::default()
        },
        "GET /a\nHost: localhost",
        "0",
    );
}

#[test]
fn chooses_responses_by_preference() {
    let host = "Host: a.example";
    check_users(&format!("GET /users/7\n{host}\nPrefer: status=404"), "3");
    check_users(&format!("GET /users/7\n{host}\nPrefer: status=200"), "2");
    check_users(
        &format!("GET /users/7?x=1\n{host}\nPrefer: respond-async, Status=\"404\";x"),
        "3",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: x\nPrefer: case=\"p::2\""),
        "1",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: case=p%3A%3A4, status=404"),
        "3",
    );
    check_users(
        &format!("GET /users/7\n{host}\ndocproof-case: p%3A%3A4"),
        "3",
    );
    check_users(&format!("POST /users\n{host}\nPrefer: case=p%3A%3A5"), "4");
    // Cases of other operations are not chosen.
    check_users(
        &format!("GET /usres/7\n{host}\nPrefer: status=404"),
        "404 path segment 1: documented \"users\", got \"usres\"",
    );
    let reply = send(
        &table(&USERS, Settings::default()),
        &format!("GET /users/7\n{host}\nPrefer: status=404"),
    );
    assert_eq!(reply.headers["preference-applied"], "status=404");
    assert_eq!(reply.headers["docproof-case"], "p%3A%3A4");
    let reply = send(
        &table(&USERS, Settings::default()),
        &format!("GET /users/7\n{host}\nPrefer: case=\"p::4\""),
    );
    assert_eq!(reply.headers["preference-applied"], "case=p%3A%3A4");
}

#[test]
fn warns_about_preferences_that_cannot_be_applied() {
    let host = "Host: a.example";
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: status=500"),
        "2\nstatus \"500\" is not documented; available: 200, 404",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: status"),
        "2\nstatus \"\" is not documented; available: 200, 404",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: case=p::1"),
        "2\ncase \"p::1\" is not documented; available: p::2, p::3, p::4",
    );
    check_users(
        &format!("GET /users/7\n{host}\ndocproof-case: p%3A%3A1"),
        "2\ncase \"p::1\" is not documented; available: p::2, p::3, p::4",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: case=p::3, status=404"),
        "2\nstatus \"404\" does not match the case \"p::3\"",
    );
    let reply = send(
        &table(&USERS, Settings::default()),
        &format!("GET /users/7\n{host}\nPrefer: status=500"),
    );
    assert!(!reply.headers.contains_key("preference-applied"));
    // At most 8 cases are named.
    for (count, more) in [(8, ""), (10, ", 2 more")] {
        let values: Vec<String> = (0..count).map(|n| format!("GET /a\nX: {n}")).collect();
        let pairs: Vec<_> = values
            .iter()
            .map(|value| (value.as_str(), "200 OK"))
            .collect();
        let reply = send(
            &table(&pairs, Settings::default()),
            "GET /a\nX: 0\nPrefer: case=p::11",
        );
        let summary = summary(&reply);
        assert!(summary.contains("available: p::1, "), "{summary}");
        assert_eq!(summary.matches("p::").count(), 9, "{summary}");
        assert_eq!(summary.ends_with(" more"), !more.is_empty(), "{summary}");
        assert!(summary.ends_with(more), "{summary}");
    }
}

#[test]
fn documented_preferences_still_route_requests() {
    let host = "Host: a.example";
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: return=minimal"),
        "1",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: return=minimal, status=200"),
        "1",
    );
    check_users(
        &format!("GET /users/7\n{host}\nPrefer: return=minimal, status=500"),
        "1\nstatus \"500\" is not documented; available: 200, 404",
    );
}

#[test]
fn default_status_applies_where_it_is_documented() {
    let settings = Settings {
        status: Some(404),
        ..Settings::default()
    };
    check(&USERS, &settings, "GET /users/7\nHost: a.example", "3");
    check(
        &USERS,
        &settings,
        "GET /users/7\nHost: a.example\nPrefer: status=200",
        "2",
    );
    check(
        &USERS,
        &settings,
        "POST /users/7/ping\nHost: a.example",
        "6",
    );
}

#[test]
fn replays_ignore_the_case_header_for_matching() {
    let settings = Settings {
        replays: true,
        ..Settings::default()
    };
    check(
        &USERS,
        &settings,
        "GET /users/7\nHost: a.example\ndocproof-case: p%3A%3A4",
        "2",
    );
}

#[test]
fn checks_request_bodies_by_resource_type() {
    let pairs = [("POST /users\n\n{\"id\": \"1\"}", "204 No Content")];
    let text = page(&pairs, ", \"@odata.type\": \"t.user\"");
    let resource = "<!-- { \"blockType\": \"resource\", \"@odata.type\": \"t.user\" } -->\n\
        ```json\n{ \"id\": \"String\", \"age\": \"Int32\", \"day\": \"DateTimeOffset\", \"nick\": \"String\" }\n```\n";
    let resources: Vec<Resource> = resources(resource);
    let (types, _) = Types::new(&resources);
    let cases: Arc<[Case]> = extract::extract(&text, None).cases.into();
    assert_eq!(cases.len(), 1);
    let table = Table::new(
        cases,
        Settings {
            types: Arc::new(types),
            ..Settings::default()
        },
    );
    for (body, expected) in [
        ("{\"age\": 7}", "0"),
        ("{\"age\": \"7\"}", "400 body $.age: documented "),
        ("{\"day\": \"2026-01-31T00:00:00Z\"}", "0"),
        ("{\"day\": \"soon\"}", "400 body $.day: "),
    ] {
        let summary = summary(&send(&table, &format!("POST /users\n\n{body}")));
        assert!(summary.starts_with(expected), "{summary}");
    }
}

fn resources(text: &str) -> Vec<Resource> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("r.md"), text).expect("written");
    let threads = crate::text::parallel::cores();
    let collected =
        collect::collect_with_resources(folder.path(), &Extraction::default(), threads, |_| true);
    collected.expect("a folder of pages").resources
}

/// A table whose only case documents a class, with or without a body.
fn table_of_class(class: u8, response: &str) -> Table {
    let mut cases = extract::extract(&page(&[("GET /a", response)], ""), None).cases;
    cases[0]
        .response
        .as_mut()
        .expect("a response")
        .message
        .status = Status::Class(class);
    Table::new(cases.into(), Settings::default())
}

#[test]
fn sends_the_usual_status_where_none_is_documented() {
    for (class, response, status) in [
        (2, "299 A\n\n{}", 200),
        (2, "299 A", 204),
        (3, "399 A", 300),
        (4, "499 A\n\n{}", 400),
        (4, "499 A", 400),
        (5, "599 A", 500),
    ] {
        let reply = send(&table_of_class(class, response), "GET /a");
        assert_eq!(reply.status.as_u16(), status, "{class}xx {response}");
        assert_eq!(reply.body.is_empty(), !response.ends_with("{}"));
    }
}

#[test]
fn preferred_statuses_are_those_that_the_mock_sends() {
    let table = table_of_class(2, "299 A\n\n{}");
    let reply = send(&table, "GET /a\nPrefer: status=200");
    assert_eq!(summary(&reply), "0");
    assert_eq!(reply.headers["preference-applied"], "status=200");
    let reply = send(&table, "GET /a\nPrefer: status=201");
    let warning = "0\nstatus \"201\" is not documented; available: 200";
    assert_eq!(summary(&reply), warning);
}
