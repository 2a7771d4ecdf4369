//! Tests that each kind is killed, or survives because of the right rule.

use std::sync::Arc;

use super::*;
use crate::check::types::{Allowance, Mode, Types};
use crate::http::policy::{Policies, Policy};
use crate::http::status::Status;
use crate::page::extract;
use crate::page::resource::Resource;
use crate::run::compare::NotCompared;
use crate::text::source::Page;

const THING: &str = "<!-- {\"blockType\": \"resource\", \"@odata.type\": \"sync.thing\", \
    \"nullableProperties\": [\"size\"]} -->\n```json\n\
    {\"id\": \"String\", \"size\": \"Int32\", \"tags\": [\"String\"]}\n```\n";

fn page(keys: &str, response: &str) -> String {
    format!(
        "{THING}\n<!-- {{\"blockType\": \"request\", \"name\": \"get\"}} -->\n```http\nGET /thing\n```\n\
         <!-- {{\"blockType\": \"response\"{keys}}} -->\n```http\n{response}\n```\n"
    )
}

fn tried(page: &str, policies: Policies, mode: Option<Mode>) -> Tried {
    let mut extracted = extract::extract(&Page::new("p.md", page.to_owned()), None);
    // A page that documents no status is written with the last one of the class.
    for case in &mut extracted.cases {
        if let Some(response) = &mut case.response {
            match response.message.status {
                Status::Code(299) => response.message.status = Status::Class(2),
                Status::Code(499) => response.message.status = Status::Class(4),
                _ => {}
            }
        }
    }
    let resources: Vec<Resource> = extracted.resources;
    let (types, _) = Types::new(&resources);
    let cases: Arc<[_]> = extracted.cases.into();
    let trial = Trial::new(cases, policies, types, mode);
    trial.run(&trial.units()[0])
}

/// `fact: reason` of each mutant of these kinds, a missed one with a `!`.
#[track_caller]
fn check(page: &str, mode: Option<Mode>, kinds: &[Kind], expected: &[&str]) {
    let mut policies = Policies::default();
    policies.add("x-free", Policy::Ignore).expect("a policy");
    let mutants = tried(page, policies, mode).mutants.expect("judged");
    let found: Vec<String> = mutants
        .iter()
        .filter(|mutant| kinds.contains(&mutant.kind))
        .map(|mutant| {
            let sign = match mutant.outcome {
                Outcome::Survived(None) => "!",
                _ => "",
            };
            format!("{sign}{}: {}", mutant.fact, mutant.reason())
        })
        .collect();
    assert_eq!(found, expected);
}

const SHAPE: Option<Mode> = Some(Mode::Shape);

fn json(keys: &str, body: &str) -> String {
    let response = format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{body}");
    page(keys, &response)
}

fn by(allowance: Allowance) -> &'static str {
    allowance.describe()
}

#[test]
fn detects_another_status() {
    check(
        &page("", "HTTP/1.1 204 No Content"),
        SHAPE,
        &[Kind::StatusSameClass, Kind::StatusOtherClass],
        &["status 204: status", "status 204: status"],
    );
}

#[test]
fn undocumented_statuses_are_not_changed_within_their_class() {
    for (page, fact) in [
        (page("", "HTTP/1.1 299 A\n\nb"), "status 2xx: status"),
        (page("", "HTTP/1.1 299 A"), "status 2xx: status"),
        (page("", "HTTP/1.1 499 A"), "status 4xx: status"),
    ] {
        let kinds = [Kind::StatusSameClass, Kind::StatusOtherClass];
        check(&page, SHAPE, &kinds, &[fact]);
    }
}

#[test]
fn detects_headers_by_their_policies() {
    let page = page(
        "",
        "HTTP/1.1 204 No Content\nX-A: 1\nX-B: v{version}\nX-C: {any}\nLocation: /a\nX-Free: 1\n\
         Date: now\nContent-Length: 7",
    );
    let ignored = Reason::Policy(Policy::Ignore).describe();
    check(
        &page,
        SHAPE,
        &[Kind::HeaderDropped],
        &[
            "X-A: missing-header",
            "X-B: missing-header",
            "X-C: missing-header",
            "Location: missing-header",
            &format!("X-Free: {ignored}"),
            &format!("Date: {ignored}"),
            &format!("Content-Length: {ignored}"),
        ],
    );
    check(
        &page,
        SHAPE,
        &[Kind::HeaderChanged],
        &[
            "X-A: header",
            "X-B: header",
            &format!("X-C: {}", Reason::Placeholder.describe()),
            &format!("Location: {}", Reason::Policy(Policy::Present).describe()),
            &format!("X-Free: {ignored}"),
            &format!("Date: {ignored}"),
            &format!("Content-Length: {ignored}"),
        ],
    );
}

#[test]
fn detects_missing_items_of_headers() {
    let page = page(
        "",
        "HTTP/1.1 204 No Content\nAllow: GET, PUT\nLink: </a>; rel=a, </b>; rel=b\n\
         Strict-Transport-Security: max-age=60; preload\nVary: Accept\nX-A: 1, 2",
    );
    let form = Reason::Policy(Policy::Form).describe();
    check(
        &page,
        SHAPE,
        &[Kind::HeaderItemDropped],
        &[
            "Allow: header",
            &format!("Link: {form}"),
            "Strict-Transport-Security: header",
        ],
    );
}

#[test]
fn detects_another_media_type() {
    check(
        &page(
            "",
            "HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n\nhello",
        ),
        SHAPE,
        &[Kind::MediaTypeChanged, Kind::HeaderChanged],
        &[
            "Content-Type: media-type",
            "Content-Type; charset: media-type",
        ],
    );
}

#[test]
fn detects_members_that_no_rule_allows() {
    let page = json(
        ", \"@odata.type\": \"sync.thing\"",
        r#"{"@odata.id": "x", "id": "a", "size": 7, "more": null, "tags": ["b"]}"#,
    );
    check(
        &page,
        SHAPE,
        &[Kind::MemberDropped],
        &[
            &format!("$['@odata.id']: {}", by(Allowance::Annotation)),
            "$.id: missing-property",
            &format!("$.size: {}", by(Allowance::Optional)),
            "$.more: missing-property",
            "$.tags: missing-property",
        ],
    );
    check(
        &page,
        SHAPE,
        &[Kind::MemberType],
        &[
            "$['@odata.id']: type-mismatch",
            "$.id: type-mismatch",
            "$.size: type-mismatch",
            &format!("$.more: {}", by(Allowance::AnyValue)),
            "$.tags: type-mismatch",
        ],
    );
    check(
        &page,
        SHAPE,
        &[Kind::MemberNull],
        &[
            &format!("$['@odata.id']: {}", by(Allowance::Annotation)),
            "$.id: null-value",
            &format!("$.size: {}", by(Allowance::Nullable)),
            "$.tags: null-value",
        ],
    );
}

#[test]
fn changes_the_first_element_that_has_a_member() {
    let page = json(
        ", \"@odata.type\": \"sync.thing\", \"isCollection\": true",
        r#"{"value": [{"id": "a"}, {"id": "b", "tags": []}]}"#,
    );
    check(
        &page,
        SHAPE,
        &[Kind::MemberDropped],
        &[
            "$.value: collection-expected",
            "$.value[0].id: missing-property",
            &format!("$.value[1].tags: {}", by(Allowance::NotAlways)),
        ],
    );
}

#[test]
fn detects_an_empty_collection_if_the_annotation_forbids_it() {
    let keys = ", \"@odata.type\": \"sync.thing\", \"isCollection\": true";
    let body = r#"{"value": [{"id": "a", "size": 1, "tags": []}]}"#;
    let kinds = [Kind::ListEmptied];
    let free = format!("$.value: {}", by(Allowance::EmptyCollection));
    check(&json(keys, body), SHAPE, &kinds, &[&free]);
    let keys = format!("{keys}, \"isEmpty\": false");
    check(
        &json(&keys, body),
        SHAPE,
        &kinds,
        &["$.value: collection-empty"],
    );
}

#[test]
fn detects_a_short_body_if_the_page_documents_json() {
    let kinds = [Kind::BodyCutShort];
    check(
        &json("", "{\"a\": 1}"),
        SHAPE,
        &kinds,
        &["the body: json-syntax"],
    );
    let text = page("", "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello");
    let free = format!("the body: {}", NotCompared::Text.describe());
    check(&text, SHAPE, &kinds, &[&free]);
    check(&text, Some(Mode::Exact), &kinds, &["the body: body-text"]);
    let off = format!("the body: {}", NotCompared::Off.describe());
    check(&json("", "{\"a\": 1}"), None, &kinds, &[&off]);
}

#[test]
fn detects_a_status_that_an_expectation_takes() {
    let page = page("", "HTTP/1.1 201 Created");
    check(
        &page,
        SHAPE,
        &[Kind::StatusWithExpectation],
        &["status 201: status"],
    );
    // Any status of a documented class conforms.
    let mut extracted = extract::extract(&Page::new("p.md", page), None).cases;
    let response = extracted[0].response.as_mut().expect("a response");
    response.message.status = Status::Class(2);
    let (types, _) = Types::new(&[]);
    let trial = Trial::new(extracted.into(), Policies::default(), types, SHAPE);
    let mutants = trial.run(&trial.units()[0]).mutants.expect("judged");
    let kinds: Vec<Kind> = mutants.iter().map(|mutant| mutant.kind).collect();
    assert_eq!(kinds, [Kind::StatusOtherClass, Kind::HeaderExtra]);
}

#[track_caller]
fn check_lines(page: &str, mode: Option<Mode>, kinds: &[Kind], expected: &[String]) {
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check(page, mode, kinds, &expected);
}

#[test]
fn detects_another_body_under_any_policy() {
    let kinds = [Kind::BodyReplaced, Kind::HeaderPolicy];
    let facts = [
        "the body",
        "the body and its media type",
        "the body with `Content-Type = \"ignore\"`",
        "the body with `Content-Type = \"present\"`",
    ];
    let all = |reasons: [&str; 4]| -> Vec<String> {
        let facts = facts.iter().zip(reasons);
        facts
            .map(|(fact, reason)| format!("{fact}: {reason}"))
            .collect()
    };
    let wrong = "json-syntax";
    let page = json("", "{\"a\": 1}");
    check_lines(
        &page,
        SHAPE,
        &kinds,
        &all([wrong, "media-type", wrong, wrong]),
    );
    let text = super::tests::page("", "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nhello");
    let free = NotCompared::Text.describe();
    check_lines(&text, SHAPE, &kinds, &all([free, "media-type", free, free]));
    let wrong = "body-text";
    let exact = Some(Mode::Exact);
    check_lines(
        &text,
        exact,
        &kinds,
        &all([wrong, "media-type", wrong, wrong]),
    );
}

#[test]
fn detects_what_pages_may_leave_out() {
    let page = json(
        ", \"@odata.type\": \"sync.thing\"",
        r##"{"@odata.type": "#sync.thing", "id": "a", "size": 7, "tags": ["b"]}"##,
    );
    check(
        &page,
        SHAPE,
        &[Kind::TypeRenamed, Kind::Ellipsis, Kind::NumberPrecision],
        &[
            "$: type-mismatch",
            "$['@odata.type']: type-name",
            "$['@odata.type']: type-name",
            &format!("$.id: {}", by(Allowance::ShownType)),
            "$.size: type-mismatch",
            "$.size: type-mismatch",
            "$.tags: type-mismatch",
        ],
    );
}

#[test]
fn allows_other_texts_for_placeholders() {
    check(
        &json("", r#"{"a": "{user}", "b": "<id>", "c": "d"}"#),
        Some(Mode::Exact),
        &[Kind::Ellipsis],
        &[
            "$: type-mismatch",
            &format!("$.a: {}", Reason::Placeholder.describe()),
            &format!("$.b: {}", Reason::Placeholder.describe()),
            "$.c: value",
        ],
    );
}

#[test]
fn detects_all_values_in_exact_mode() {
    let exact = Some(Mode::Exact);
    let page = json("", r#"{"@odata.id": "x", "list": [1], "size": 1.5}"#);
    let kinds = [
        Kind::MemberDropped,
        Kind::MemberType,
        Kind::MemberNull,
        Kind::ArrayEmptied,
        Kind::MemberExtra,
        Kind::Ellipsis,
        Kind::NumberPrecision,
    ];
    let mutants = tried(&page, Policies::default(), exact).mutants;
    let mutants = mutants.expect("judged");
    let found: Vec<_> = mutants
        .iter()
        .filter(|mutant| kinds.contains(&mutant.kind))
        .collect();
    assert_eq!(found.len(), 15, "{found:?}");
    for mutant in found {
        assert!(matches!(mutant.outcome, Outcome::Killed(_)), "{mutant:?}");
    }
}

#[test]
fn allows_undocumented_additions() {
    let allowed = Reason::Undocumented.describe();
    check(
        &json(
            ", \"@odata.type\": \"sync.thing\"",
            "{\"id\": \"a\", \"tags\": []}",
        ),
        SHAPE,
        &[Kind::HeaderExtra, Kind::MemberExtra],
        &[
            &format!("$.docproofExtra: {allowed}"),
            &format!("x-docproof-extra: {allowed}"),
        ],
    );
}

#[test]
fn does_not_judge_a_response_that_fails_as_documented() {
    let page = json("", "{\"a\": 1,}");
    let why = tried(&page, Policies::default(), SHAPE)
        .mutants
        .expect_err("no JSON");
    assert_eq!(why.reason, "json-syntax");
    assert!(tried(&page, Policies::default(), None).mutants.is_ok());
    let alone = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n";
    let why = tried(alone, Policies::default(), SHAPE)
        .mutants
        .expect_err("no response");
    assert_eq!(why.reason, "no-response");
}

#[test]
fn counts_a_survivor_without_a_rule_as_missed() {
    let page = json("", "12");
    let mutants = tried(&page, Policies::default(), SHAPE).mutants;
    let mutants = mutants.expect("judged");
    let cut = mutants
        .iter()
        .find(|mutant| mutant.kind == Kind::BodyCutShort);
    let cut = cut.expect("a short body");
    assert_eq!(cut.outcome, Outcome::Survived(None));
    assert_eq!((cut.reason().as_str(), cut.is_by_policy()), (MISSED, false));
}
