//! Tests pages before and after a fix.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::http::status::Status;
use crate::json::edit::To;
use crate::page::extract::extract;
use crate::text::source::apply;
use crate::tools::fix::read_snapshot;

pub(super) fn page_of(text: &str) -> Page {
    Page::new("p.md", text.to_owned())
}

const BEFORE: &str = "# A\n\n<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
                      <!-- {\"blockType\": \"response\"} -->\n```http\n";

pub(super) fn page_with(response: &str) -> String {
    format!("{BEFORE}{response}\n```\n\nThe end.\n")
}

fn observed(status: u16, headers: &[(&str, &str)]) -> Observed {
    Observed {
        status,
        headers: headers.iter().copied().collect(),
        ..Observed::default()
    }
}

/// The page after its first case is fixed, and the refusals.
fn fixed(text: &str, observed: &Observed) -> (String, Vec<String>) {
    let page = page_of(text);
    let extracted = extract(&page, None);
    let places = extracted.places[0].response.as_ref().expect("a response");
    let documented = &extracted.cases[0].response.as_ref().expect("one").message;
    let fix = fix(&page, places, documented, observed, &Policies::default());
    let refusals = fix.refusals.into_iter().map(|refusal| refusal.message);
    (apply(text, &fix.edits), refusals.collect())
}

#[track_caller]
fn check(documented: &str, status: u16, headers: &[(&str, &str)], expected: &str) {
    for end in ["\n", "\r\n"] {
        let text = page_with(documented).replace('\n', end);
        let expected = page_with(expected).replace('\n', end);
        let observed = observed(status, headers);
        let (written, refusals) = fixed(&text, &observed);
        assert_eq!(refusals, [""; 0]);
        assert_eq!(written, expected);
        assert_eq!(fixed(&written, &observed), (written, vec![]));
    }
}

#[track_caller]
fn check_refused(response: &str, status: u16, headers: &[(&str, &str)], says: &str) {
    let text = page_with(response);
    let (written, refusals) = fixed(&text, &observed(status, headers));
    assert_eq!(written, text);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert!(refusals[0].contains(says), "{refusals:?}");
}

#[test]
fn undocumented_statuses_have_no_line_to_write_to() {
    let page = page_of(&page_with("HTTP/1.1 200 OK"));
    let extracted = extract(&page, None);
    let places = extracted.places[0].response.as_ref().expect("a response");
    let mut documented = extracted.cases[0].response.clone().expect("one").message;
    documented.status = Status::Class(2);
    let fixed = |status| {
        let observed = observed(status, &[]);
        fix(&page, places, &documented, &observed, &Policies::default())
    };
    assert_eq!(fixed(201), Fix::default());
    let refused = fixed(404);
    assert_eq!(refused.edits, []);
    assert_eq!(
        refused.refusals[0].message,
        "the response has no status line; write one by hand"
    );
}

#[test]
fn status_lines_keep_version_and_spaces() {
    check("HTTP/1.1 200 OK", 202, &[], "HTTP/1.1 202 Accepted");
    check(
        "HTTP/1.1  200  Fine  ",
        404,
        &[],
        "HTTP/1.1  404  Not Found  ",
    );
    check("HTTP/2 200", 202, &[], "HTTP/2 202");
    check("HTTP/1.1 200", 299, &[], "HTTP/1.1 299");
    check_refused("HTTP/1.1 200 OK", 299, &[], "299 has no registered");
    check("HTTP/1.1 200 Fine", 200, &[], "HTTP/1.1 200 Fine");
    check("HTTP/1.1 202 OK", 200, &[], "HTTP/1.1 200 OK");
}

#[test]
fn header_lines_keep_their_name() {
    let documented = "HTTP/1.1 200 OK\nX-A :  1 \nx-b:2\n\n{}";
    let expected = "HTTP/1.1 200 OK\nX-A :  3 \nx-b:2\n\n{}";
    check(
        documented,
        200,
        &[("x-a", "3"), ("X-B", "2"), ("X-C", "4")],
        expected,
    );
    check(
        "HTTP/1.1 200 OK\nX-A:",
        200,
        &[("x-a", "3")],
        "HTTP/1.1 200 OK\nX-A: 3",
    );
    check(
        "HTTP/1.1 200 OK\nX-A: v{n}",
        200,
        &[("x-a", "v3")],
        "HTTP/1.1 200 OK\nX-A: v{n}",
    );
}

#[test]
fn removes_lines_of_missing_headers() {
    let documented = "HTTP/1.1 200 OK\nX-A: 1\n  X-B: 2\nETag: \"1\"\n\n{}";
    check(
        documented,
        200,
        &[("x-a", "1")],
        "HTTP/1.1 200 OK\nX-A: 1\n\n{}",
    );
    // Fields that are not compared are not removed.
    check(
        "HTTP/1.1 200 OK\nDate: x",
        200,
        &[],
        "HTTP/1.1 200 OK\nDate: x",
    );
}

#[test]
fn keeps_volatile_headers() {
    let documented = "HTTP/1.1 200 OK\nETag: \"1\"\nLocation: /a";
    check(
        documented,
        200,
        &[("etag", "\"2\""), ("location", "/b")],
        documented,
    );
}

#[test]
fn media_types_keep_their_parameter_style() {
    let check = |documented: &str, actual: &str, expected: &str| {
        check(
            &format!("HTTP/1.1 200 OK\nContent-Type: {documented}"),
            200,
            &[("content-type", actual)],
            &format!("HTTP/1.1 200 OK\nContent-Type: {expected}"),
        );
    };
    check(
        "Application/JSON",
        "application/json; charset=utf-8",
        "Application/JSON",
    );
    check(
        "text/plain",
        "application/json; charset=utf-8",
        "application/json",
    );
    check(
        "text/plain;charset=\"UTF-8\"; format=flowed",
        "text/html; charset=utf-8; format=fixed",
        "text/html;charset=\"UTF-8\"; format=fixed",
    );
    check("text/plain; charset=utf-8", "text/plain", "text/plain");
}

#[test]
fn fills_the_lines_of_a_field_in_order() {
    let documented = "HTTP/1.1 200 OK\nX-A: 1\nX-B: 0\nx-a: 2";
    let b = ("x-b", "0");
    check(
        documented,
        200,
        &[b, ("x-a", "1"), ("x-a", "3")],
        "HTTP/1.1 200 OK\nX-A: 1\nX-B: 0\nx-a: 3",
    );
    check(
        documented,
        200,
        &[b, ("x-a", "3")],
        "HTTP/1.1 200 OK\nX-A: 3\nX-B: 0",
    );
    check(
        documented,
        200,
        &[b, ("x-a", "1"), ("x-a", "3"), ("x-a", "4")],
        "HTTP/1.1 200 OK\nX-A: 1\nX-B: 0\nx-a: 3, 4",
    );
    check(documented, 200, &[b, ("x-a", "1, 2")], documented);
    // Volatile fields are kept, and cookies are never written.
    let cookie = "HTTP/1.1 200 OK\nSet-Cookie: a=1";
    check(cookie, 200, &[("set-cookie", "a=2")], cookie);
    check(cookie, 200, &[], "HTTP/1.1 200 OK");
}

#[test]
fn never_writes_tokens_or_secrets() {
    let documented = "HTTP/1.1 200 OK\nX-A: 1";
    for token in [
        "[url]",
        "[uuid]",
        "[http-date]",
        "Bearer [secret:authorization]",
    ] {
        check_refused(documented, 200, &[("x-a", token)], "is only recorded as");
    }
    for token in [
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    ] {
        check_refused(documented, 200, &[("x-a", token)], "a credential");
    }
    let near = "eyJh.c eyJh xeyJh.ab.c";
    check(
        documented,
        200,
        &[("x-a", near)],
        &format!("HTTP/1.1 200 OK\nX-A: {near}"),
    );
    check_refused(documented, 200, &[("x-a", "a\u{1}b")], "cannot be written");
    check_refused(documented, 200, &[("x-a", "a\nb")], "cannot be written");
    check(
        documented,
        200,
        &[("x-a", "[7]")],
        "HTTP/1.1 200 OK\nX-A: [7]",
    );
}

#[test]
fn fixes_blocks_in_quotes_and_lists_where_possible() {
    let quoted = page_with("HTTP/1.1 200 OK\nX-A: 1\nX-B: 2\n\n{}").replace('\n', "\n> ");
    let (written, refusals) = fixed(&quoted, &observed(202, &[("x-a", "3")]));
    let expected = page_with("HTTP/1.1 202 Accepted\nX-A: 3\n\n{}").replace('\n', "\n> ");
    assert_eq!((written, refusals), (expected, vec![]));
    let mut with_member = observed(200, &[("x-a", "1"), ("x-b", "2")]);
    with_member.members.push(Change {
        range: 0..2,
        to: To::Value(json!([])),
    });
    let (written, refusals) = fixed(&quoted, &with_member);
    assert_eq!(refusals, [""; 0]);
    assert_eq!(written, quoted.replace("{}", "[]"));
    with_member.members[0].to = To::Value(json!([1]));
    let quoted = quoted.replace("{}", "{\n>   \"a\": 0\n> }");
    with_member.members[0].range = 9..10;
    let (written, refusals) = fixed(&quoted, &with_member);
    assert_eq!(written, quoted);
    assert!(refusals[0].contains("in a list or quote"), "{refusals:?}");
    with_member.members[0].to = To::Value(json!(1));
    let (written, refusals) = fixed(&quoted, &with_member);
    assert_eq!(refusals, [""; 0]);
    assert_eq!(written, quoted.replace("\"a\": 0", "\"a\": 1"));
}

#[test]
fn writes_members_into_the_page() {
    for end in ["\n", "\r\n"] {
        let text = page_with("HTTP/1.1 200 OK\n\n{\n  \"a\": 1,\n  \"b\": 2\n}").replace('\n', end);
        let body = "{\n  \"a\": 1,\n  \"b\": 2\n}\n";
        let at = |part: &str| body.find(part).expect("there");
        let mut observed = observed(200, &[]);
        observed.members = vec![
            Change {
                range: at("1")..at("1") + 1,
                to: To::Value(json!([true])),
            },
            Change {
                range: at("\"b\"")..at("2") + 1,
                to: To::Nothing,
            },
        ];
        let (written, refusals) = fixed(&text, &observed);
        let expected = page_with("HTTP/1.1 200 OK\n\n{\n  \"a\": [\n    true\n  ]\n}");
        assert_eq!(refusals, [""; 0]);
        assert_eq!(written, expected.replace('\n', end));
    }
}

#[test]
fn reads_snapshots() {
    let text =
        page_with("HTTP/1.1 200 OK\nX-Id: 00ff00ff-00ff-00ff-00ff-00ff00ff00ff\nX-A: 1\nETag: x");
    let case = &extract(&page_of(&text), None).cases[0];
    let documented = &case.response.as_ref().expect("one").message;
    let snapshot = "202 Accepted\netag: [entity-tag]\nx-a: 2\nx-id: [uuid]\nbody $.a: null-value";
    let observed = read_snapshot(snapshot, documented, &Policies::default()).expect("read");
    let (written, refusals) = fixed(&text, &observed);
    assert_eq!(refusals, [""; 0]);
    assert_eq!(
        written,
        text.replace("200 OK", "202 Accepted")
            .replace("X-A: 1", "X-A: 2")
    );
    let other = snapshot.replace("x-a: 2", "x-a: [url]");
    let observed = read_snapshot(&other, documented, &Policies::default()).expect("read");
    let (written, refusals) = fixed(&text, &observed);
    assert_eq!(written, text.replace("200 OK", "202 Accepted"));
    assert!(
        refusals[0].contains("`X-A` is only recorded as [url]"),
        "{refusals:?}"
    );
    for none in ["", "unreadable", "200 OK\nx"] {
        assert_eq!(read_snapshot(none, documented, &Policies::default()), None);
    }
}

/// Header lines as pages write them, and as responses have them.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(vec![
        "X-A",
        "x-a",
        "X-B",
        "Content-Type",
        "ETag",
        "Set-Cookie",
    ]);
    let value = prop_oneof![
        Just("text/plain; charset=utf-8".to_owned()),
        Just("application/json".to_owned()),
        Just(String::new()),
        "[a-z0-9{}<>é\"=;,./ ]{0,12}",
    ];
    let value = value.prop_map(|value| value.trim().to_owned());
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..5)
}

fn prose() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "é\n",
        "Some text.\n",
        "\n",
        "# H\n\n",
        "| a |\n|---|\n\n",
        "- item\n\n",
        "\t\n",
    ]);
    prop::collection::vec(pieces, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn fixed_pages_match_and_keep_everything_else(
        (before, after) in (prose(), prose()),
        (status, actual_status) in (100u16..600, 100u16..600),
        (documented, actual) in (headers(), headers()),
        body in prop::sample::select(vec!["", "\n{\n  \"a\": 1,\n  \"b\": \"…\"\n}", "\n{\"a\": 1, \"b\": 2}"]),
        change in prop::option::of(prop::sample::select(vec!["null", "\"x\"", "[1, {\"y\": []}]", "{}"])),
        is_crlf in any::<bool>(),
    ) {
        let lines: String = documented.iter().map(|(name, value)| format!("\n{name}: {value}")).collect();
        let text = format!("{before}\n\n{}\n{after}", page_with(&format!("HTTP/1.1 {status} Reason{lines}\n{body}")));
        let text = if is_crlf { text.replace('\n', "\r\n") } else { text };
        let page = page_of(&text);
        let extracted = extract(&page, None);
        prop_assert_eq!(extracted.cases.len(), 1);
        let places = extracted.places[0].response.clone().expect("places");
        let response = extracted.cases[0].response.clone().expect("a response").message;
        let mut observed = observed(actual_status, &[]);
        for (name, value) in &actual {
            observed.headers.push(name.to_lowercase(), value);
        }
        if let (Some(body), Some(change)) = (&response.body, change) {
            let at = body.find('1').expect("a value");
            let value = serde_json::from_str(change).expect("JSON");
            observed.members.push(Change { range: at..at + 1, to: To::Value(value) });
        }
        let policies = Policies::default();
        let done = fix(&page, &places, &response, &observed, &policies);
        let written = apply(&text, &done.edits);

        // Everything else is unchanged.
        let mut rest = written.as_str();
        let mut at = 0;
        for edit in &done.edits {
            prop_assert!(edit.span.start >= at && edit.span.end >= edit.span.start);
            let kept = format!("{}{}", &text[at..edit.span.start], edit.text);
            prop_assert!(rest.starts_with(&kept));
            rest = &rest[kept.len()..];
            at = edit.span.end;
        }
        prop_assert_eq!(rest, &text[at..]);

        // The page documents what was observed.
        let again = page_of(&written);
        let extracted = extract(&again, None);
        prop_assert_eq!(extracted.cases.len(), 1);
        let now = extracted.cases[0].response.clone().expect("a response").message;
        let is_refused = StatusCode::from_u16(actual_status).expect("a code").canonical_reason().is_none();
        prop_assert_eq!(now.status, if is_refused { status } else { actual_status }.into());
        let actual = crate::http::message::ActualResponse {
            status: actual_status,
            headers: observed.headers.clone(),
            ..Default::default()
        };
        let differences = crate::run::compare::compare(&now, &actual, &policies);
        prop_assert_eq!(differences.is_empty(), done.refusals.is_empty(), "{:?}", done);
        if let (Some(_), Some(change)) = (&response.body, change) {
            let body = now.body.clone().expect("a body").replace('…', "");
            let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
            let change: serde_json::Value = serde_json::from_str(change).expect("JSON");
            prop_assert_eq!(&body["a"], &change);
        }

        // A second fix changes nothing.
        observed.members.clear();
        let places = extracted.places[0].response.clone().expect("places");
        let more = fix(&again, &places, &now, &observed, &policies);
        prop_assert_eq!(more.edits, vec![]);
    }
}
