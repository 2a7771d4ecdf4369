//! Tests of the rules for drafts, each with a near miss.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::*;
use crate::http::message::{Headers, Request, Response};
use crate::page::case::{Annotation, ExpectedResponse};
use crate::project::scenario;

const THING: &str = "{\"id\": \"1\", \"name\": \"a\"}";
const LIST: &str = "{\"value\": [{\"id\": \"1\"}, {\"id\": \"2\"}]}";

/// A case: `METHOD target status`, and the body of its response with a
/// documented type.
fn case(line: usize, text: &str, body: Option<&str>) -> Case {
    let words: Vec<&str> = text.split(' ').collect();
    let (method, status) = (words[0], words[words.len() - 1]);
    let response: Map<String, Value> = match json!({"@odata.type": "example.thing"}) {
        Value::Object(keys) => keys,
        _ => Map::new(),
    };
    Case {
        recognised: None,
        id: format!("p::{line}"),
        name: None,
        page: "p.md".into(),
        line,
        request: Request {
            method: method.to_owned(),
            target: words[1..words.len() - 1].join(" "),
            headers: Headers::default(),
            body: None,
        },
        response: Some(ExpectedResponse {
            line,
            message: Response {
                status: status.parse().expect("a status"),
                reason: None,
                headers: Headers::default(),
                body: body.map(str::to_owned),
            },
        }),
        annotation: Annotation {
            response,
            ..Annotation::default()
        },
    }
}

fn cases(texts: &[(&str, &str)]) -> Vec<Case> {
    let cases = texts.iter().enumerate();
    cases
        .map(|(at, (text, body))| case(at, text, Some(*body).filter(|body| !body.is_empty())))
        .collect()
}

/// Checks the draft of the last case, and why placeholders stay unbound.
fn last(cases: &[Case], known: &KnownValues) -> (Option<String>, Vec<String>) {
    let wanted = cases.last().expect("a case").id.clone();
    let suggestion = suggest(cases, |case| case.id == wanted, known);
    let text = scenario::write(&suggestion.file);
    let file =
        scenario::read("drafts", &text).unwrap_or_else(|finding| panic!("{finding:?}\n{text}"));
    let (scenarios, findings) = scenario::resolve(&[file], cases, &known.vars);
    assert_eq!(findings, [], "{text}");
    let draft = suggestion.file.scenarios.first().map(|draft| {
        let steps = |steps: &[scenario::data::StepData]| {
            let steps = steps.iter().map(|step| {
                let case = step.case.as_deref().unwrap_or_default();
                let case = cases.iter().find(|known| known.id == case).expect("a case");
                let vars = serde_json::to_string(&step.vars).expect("JSON");
                let captures = serde_json::to_string(&step.capture).expect("JSON");
                format!(
                    "{} {} {vars} {captures}",
                    case.request.method, case.request.target
                )
            });
            steps.collect::<Vec<_>>().join("; ")
        };
        format!(
            "{} {}| {}| {}",
            serde_json::to_string(&draft.vars).expect("JSON"),
            serde_json::to_string(&draft.capture).expect("JSON"),
            steps(&draft.setup),
            steps(&draft.teardown),
        )
        .replace(['"', '{', '}', '$'], "")
    });
    assert_eq!(draft.is_some(), !scenarios.is_empty());
    let unbound = suggestion.unbound.iter();
    let unbound =
        unbound.map(|unbound| format!("{} {}", unbound.placeholder, unbound.reason.name()));
    (draft, unbound.collect())
}

#[track_caller]
fn check(texts: &[(&str, &str)], expected: &str) {
    let (draft, unbound) = last(&cases(texts), &KnownValues::default());
    assert_eq!((draft.as_deref(), &unbound[..]), (Some(expected), &[][..]));
}

#[track_caller]
fn check_unbound(texts: &[(&str, &str)], expected: &[&str]) {
    let (draft, unbound) = last(&cases(texts), &KnownValues::default());
    assert_eq!(draft, None);
    assert_eq!(unbound, expected);
}

const POST: (&str, &str) = ("POST /things 201", THING);
const DELETE: (&str, &str) = ("DELETE /things/{thing-id} 204", "");
const GET_LIST: (&str, &str) = ("GET /things 200", LIST);

#[test]
fn creates_and_removes_what_a_write_acts_on() {
    check(
        &[POST, GET_LIST, DELETE, ("POST /things/{id}/pause 204", "")],
        "id:new-thing-id | POST /things  new-thing-id:.id| \
         DELETE /things/thing-id thing-id:new-thing-id ",
    );
    check(
        &[POST, GET_LIST, ("PATCH /things/{id} 200", THING)],
        "id:new-thing-id | POST /things  new-thing-id:.id| ",
    );
    // What the request removes is not removed again …
    check(
        &[POST, DELETE],
        "thing-id:new-thing-id | POST /things  new-thing-id:.id| ",
    );
    // … unless it is only a part of it.
    check(
        &[POST, DELETE, ("DELETE /things/{id}/photo 204", "")],
        "id:new-thing-id | POST /things  new-thing-id:.id| \
         DELETE /things/thing-id thing-id:new-thing-id ",
    );
    check_unbound(
        &[GET_LIST, ("PATCH /things/{id} 200", THING)],
        &["id only-listed"],
    );
}

#[test]
fn reads_use_existing_resources() {
    check(
        &[POST, DELETE, GET_LIST, ("GET /things/{id} 200", THING)],
        "id:first-thing-id | GET /things  first-thing-id:.value[0].id| ",
    );
    check(
        &[POST, DELETE, ("GET /things/{id} 200", THING)],
        "id:new-thing-id | POST /things  new-thing-id:.id| \
         DELETE /things/thing-id thing-id:new-thing-id ",
    );
    check(
        &[
            ("GET /things 200", "[{\"id\": 1}]"),
            ("GET /things('{id}') 200", THING),
        ],
        "id:first-thing-id | GET /things  first-thing-id:[0].id| ",
    );
}

#[test]
fn only_typed_responses_with_an_id_provide_keys() {
    let get = ("GET /things/{id} 200", THING);
    for body in [
        "{\"name\": \"a\"}",
        "{\"id\": {}}",
        "{\"id\": \"\"}",
        "[]",
        "",
        "{",
    ] {
        check_unbound(&[("POST /things 201", body), get], &["id no-key"]);
    }
    check_unbound(&[("POST /things 202", THING), get], &["id no-key"]);
    check_unbound(
        &[("GET /things 200", "{\"value\": []}"), get],
        &["id no-key"],
    );
    check_unbound(&[("GET /things 200", THING), get], &["id no-key"]);
    check_unbound(&[("POST /other 201", THING), get], &["id no-producer"]);
    check_unbound(&[("POST /things/sub 201", THING), get], &["id no-producer"]);
    let mut untyped = cases(&[POST, get]);
    untyped[0].annotation.response.clear();
    assert_eq!(last(&untyped, &KnownValues::default()).1, ["id no-key"]);
    untyped[0]
        .annotation
        .response
        .insert("@type".to_owned(), "example.thing".into());
    assert!(last(&untyped, &KnownValues::default()).0.is_some());
}

#[test]
fn prefers_the_member_with_the_name_of_the_placeholder() {
    let body = "{\"id\": \"1\", \"userName\": \"a\"}";
    check(
        &[("POST /users 201", body), ("GET /users/{userName} 200", "")],
        "userName:new-user-user-name | POST /users  new-user-user-name:.userName| ",
    );
    check(
        &[
            ("POST /users 201", body),
            ("GET /users/{id | userName} 200", ""),
        ],
        "id | userName:new-user-id | POST /users  new-user-id:.id| ",
    );
    check(
        &[
            ("POST /users 201", "{\"userName\": \"a\"}"),
            ("GET /users/{id|userName} 200", ""),
        ],
        "id|userName:new-user-user-name | POST /users  new-user-user-name:.userName| ",
    );
}

const FOLDERS: (&str, &str) = ("POST /users/{user-id}/folders 201", THING);
const FOLDER_LIST: (&str, &str) = ("GET /users/{u}/folders 200", LIST);

#[test]
fn binds_nested_keys_one_by_one() {
    check(
        &[
            ("POST /users 201", THING),
            ("DELETE /users/{id} 204", ""),
            FOLDERS,
            ("DELETE /users/{a}/folders/{b} 204", ""),
            ("PATCH /users/{a}/folders/{id} 200", THING),
        ],
        "a:new-user-id,id:new-folder-id | POST /users  new-user-id:.id; \
         POST /users/user-id/folders user-id:new-user-id new-folder-id:.id| \
         DELETE /users/id id:new-user-id ; \
         DELETE /users/a/folders/b a:new-user-id,b:new-folder-id ",
    );
    check(
        &[
            ("GET /users 200", LIST),
            FOLDER_LIST,
            ("GET /users/{a}/folders/{id} 200", THING),
        ],
        "a:first-user-id,id:first-folder-id | GET /users  first-user-id:.value[0].id; \
         GET /users/u/folders u:first-user-id first-folder-id:.value[0].id| ",
    );
    // A write uses existing parents and acts on a new resource.
    check(
        &[
            ("GET /users 200", LIST),
            FOLDERS,
            FOLDER_LIST,
            ("PATCH /users/{a}/folders/{id} 200", ""),
        ],
        "a:first-user-id,id:new-folder-id | GET /users  first-user-id:.value[0].id; \
         POST /users/user-id/folders user-id:first-user-id new-folder-id:.id| ",
    );
    check_unbound(
        &[
            ("POST /users 201", THING),
            FOLDER_LIST,
            ("GET /users/{a}/folders/{id} 200", THING),
        ],
        &["id listed-under-made"],
    );
    check_unbound(
        &[FOLDERS, ("GET /users/{a}/folders/{id} 200", THING)],
        &["a no-producer"],
    );
    check_unbound(
        &[
            ("GET /users 200", LIST),
            ("GET /users/{id}/folders/{id} 200", THING),
        ],
        &["id.2 no-producer"],
    );
}

#[test]
fn binds_placeholders_with_the_same_name_separately() {
    check(
        &[
            ("GET /users 200", LIST),
            FOLDER_LIST,
            ("GET /users/{id}/folders/{id} 200", THING),
        ],
        "id:first-user-id,id.2:first-folder-id | GET /users  first-user-id:.value[0].id; \
         GET /users/u/folders u:first-user-id first-folder-id:.value[0].id| ",
    );
    check(
        &[
            ("POST /users 201", THING),
            FOLDERS,
            ("DELETE /users/{id}/folders/{id} 204", ""),
            ("PATCH /users/{id}/folders/{id} 200", THING),
        ],
        "id:new-user-id,id.2:new-folder-id | POST /users  new-user-id:.id; \
         POST /users/user-id/folders user-id:new-user-id new-folder-id:.id| \
         DELETE /users/id/folders/id id:new-user-id,id.2:new-folder-id ",
    );
}

#[test]
fn removes_what_the_request_creates() {
    check(
        &[
            ("GET /users 200", LIST),
            ("POST /users 201", THING),
            ("DELETE /users/{a}/folders/{b} 204", ""),
            FOLDERS,
        ],
        "user-id:new-user-id made-folder-id:.id| POST /users  new-user-id:.id| \
         DELETE /users/a/folders/b a:new-user-id,b:made-folder-id ",
    );
    // The parent is removed, and the resource with it.
    check(
        &[
            ("POST /users 201", THING),
            ("DELETE /users/{id} 204", ""),
            ("DELETE /users/{a}/folders/{b} 204", ""),
            FOLDERS,
        ],
        "user-id:new-user-id | POST /users  new-user-id:.id| DELETE /users/id id:new-user-id ",
    );
}

#[test]
fn known_variables_need_no_step() {
    let vars = KnownValues {
        vars: BTreeSet::from(["a".to_owned()]),
        ..KnownValues::default()
    };
    let texts = [FOLDERS, ("PATCH /users/{a}/folders/{id} 200", "")];
    assert_eq!(
        last(&cases(&texts), &vars).0.as_deref(),
        Some("id:new-folder-id | POST /users/user-id/folders user-id:a new-folder-id:.id| ")
    );
    // Resources that the user names may be changed.
    let own = cases(&[("PATCH /users/{a} 200", "")]);
    assert_eq!(suggest(&own, |_| true, &vars).open, 0);
    assert_eq!(suggest(&own, |_| true, &KnownValues::default()).open, 1);
    let with_scenario = KnownValues {
        cases: HashSet::from([0]),
        ..KnownValues::default()
    };
    assert_eq!(suggest(&own, |_| true, &with_scenario).open, 0);
    assert_eq!(suggest(&own, |_| false, &KnownValues::default()).open, 0);
}

#[test]
fn shares_steps_that_several_drafts_use() {
    let cases = cases(&[
        POST,
        ("POST /things/{id}/pause 204", ""),
        ("POST /things/{id}/start 204", ""),
        ("POST /others 201", THING),
        ("POST /others/{id}/pause 204", ""),
    ]);
    let known = KnownValues {
        steps: BTreeSet::from(["create-thing".to_owned()]),
        ..KnownValues::default()
    };
    let file = suggest(&cases, |_| true, &known).file;
    let names: Vec<&str> = file.steps.keys().map(String::as_str).collect();
    assert_eq!(names, ["create-thing-2"]);
    let uses = file
        .scenarios
        .iter()
        .map(|draft| draft.setup[0].uses.as_deref());
    assert_eq!(
        uses.collect::<Vec<_>>(),
        [Some("create-thing-2"), Some("create-thing-2"), None]
    );
}

#[test]
fn captures_avoid_names_of_placeholders() {
    check(
        &[
            POST,
            ("POST /things/{id}/x?y={new-thing-id} 204", ""),
            ("POST /things/{id}/pause 204", ""),
        ],
        "id:new-thing-id-2 | POST /things  new-thing-id-2:.id| ",
    );
}

#[test]
fn prefers_lists_without_filters() {
    let filtered = ("GET /things?$filter=a 200", LIST);
    let selected = ("GET /things?$top=5 200", LIST);
    let get = ("GET /things/{id} 200", THING);
    let step = |texts: &[(&str, &str)]| {
        last(&cases(texts), &KnownValues::default())
            .0
            .expect("a draft")
    };
    assert!(step(&[filtered, selected, get]).contains("top=5"));
    assert!(step(&[filtered, selected, GET_LIST, get]).contains("GET /things  first"));
    assert!(step(&[filtered, get]).contains("filter=a"));
}

#[test]
fn limits_the_number_of_keys() {
    let target = "/a/{x}".repeat(1000);
    let name = |number| match number {
        1 => "x".to_owned(),
        number => format!("x.{number}"),
    };
    let expected: Vec<String> = (1..=1000)
        .map(|number| {
            let reason = if number <= 16 {
                "no-producer"
            } else {
                "too-many"
            };
            format!("{} {reason}", name(number))
        })
        .collect();
    check_unbound(
        &[(&format!("GET {target} 200"), "")],
        &expected.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let long: String = (0..600).map(|number| format!("/a/{{x{number}}}")).collect();
    let (_, unbound) = last(
        &cases(&[(&format!("GET {long} 200"), "")]),
        &KnownValues::default(),
    );
    assert_eq!(unbound.len(), 600);
    assert_eq!(unbound[599], "x599 too-many");
}
