//! Tests of each element of API Doctor's grammar.

mod account_tests;
mod request_tests;

use serde_json::{Value, json};

use super::*;
use crate::page::case::Case;
use crate::page::extract::extract;
use crate::project::scenario::{read, write};

/// A page that documents a service of lists and items.
const PAGE: &str = r#"# Items

<!-- { "blockType": "request", "name": "get-item" } -->
```http
GET /lists/{list-id}/items/{item-id}?expand={facet}
```
<!-- { "blockType": "response" } -->
```http
HTTP/1.1 200 OK
```

<!-- { "blockType": "request", "name": "add-item" } -->
```http
POST /lists/{list-id}/items
Content-Type: application/json
Prefer: respond-async

{ "title": "Milk", "place": { "id": "p1", "floor": 2 } }
```
<!-- { "blockType": "response" } -->
```http
HTTP/1.1 201 Created
```

<!-- { "blockType": "request", "name": "put-file" } -->
```http
PUT /files:{path}
Content-Type: text/plain

The ${content}.
```
<!-- { "blockType": "response" } -->
```http
HTTP/1.1 200 OK
```
"#;

fn cases(texts: &[&str]) -> Vec<Case> {
    let pages = texts.iter().enumerate();
    pages
        .flat_map(|(index, text)| {
            extract(&Page::new(format!("p{index}.md"), (*text).to_owned())).cases
        })
        .collect()
}

fn import(texts: &[&str], docs: &Docs) -> Imported {
    let pages = texts.iter().enumerate();
    let pages: Vec<Page> = pages
        .map(|(index, text)| Page::new(format!("f{index}.json"), (*text).to_owned()))
        .collect();
    let imported = api_doctor(&pages, docs);
    for (path, data) in &imported.files {
        let again = read(path, &write(data)).expect("what is written is read");
        assert_eq!(again.data, *data);
    }
    imported
}

/// Returns the losses as `keys: why`.
fn losses(imported: &Imported) -> Vec<String> {
    let losses = imported.losses.iter();
    losses
        .map(|loss| format!("{}: {}", loss.key, loss.why))
        .collect()
}

#[track_caller]
fn check_losses(imported: &Imported, expected: &[&str]) {
    let found = losses(imported);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for expected in expected {
        let is_found = found.iter().any(|found| found.contains(expected));
        assert!(is_found, "{found:#?}\n{expected}");
    }
}

/// Checks how a scenario of `get-item` with additional keys is converted.
#[track_caller]
fn check(keys: &Value, expected: &str, lost: &[&str]) {
    let cases = cases(&[PAGE]);
    check_with(&Docs::new(&cases), keys, expected, lost);
}

#[track_caller]
fn check_with(docs: &Docs, keys: &Value, expected: &str, lost: &[&str]) {
    let mut scenario = json!({ "method": "get-item", "enabled": true });
    let members = scenario.as_object_mut().expect("an object");
    members.extend(keys.as_object().expect("keys").clone());
    let text = json!({ "scenarios": [scenario] }).to_string();
    let imported = import(&[&text], docs);
    let written = write(&imported.files[0].1);
    let found = written.strip_prefix("scenarios:\n").expect("scenarios");
    let expected: String = expected
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("        ").unwrap_or(line)))
        .skip(1)
        .collect();
    assert_eq!(found.trim_end(), expected.trim_end());
    check_losses(&imported, lost);
}

/// The same for a set-up request.
#[track_caller]
fn check_step(step: &Value, expected: &str, lost: &[&str]) {
    let cases = cases(&[PAGE]);
    let text = json!({
        "scenarios": [{ "method": "get-item", "enabled": true, "test-setup": [step] }],
    });
    let imported = import(&[&text.to_string()], &Docs::new(&cases));
    let data = &imported.files[0].1;
    let skip = data.scenarios[0].skip.as_deref();
    let skip = skip.map_or_else(String::new, |skip| format!("skip: {skip}\n"));
    let written = serde_yaml::to_string(&data.scenarios[0].setup[0]).expect("YAML");
    let expected: String = expected
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("        ").unwrap_or(line)))
        .skip(1)
        .collect();
    assert_eq!(format!("{skip}{}", written.trim_end()), expected.trim_end());
    check_losses(&imported, lost);
}

#[test]
fn a_scenario_names_its_case_and_its_needs() {
    check(
        &json!({
            "name": "an item",
            "scopes": ["items.read"],
            "tags": ["cloud"],
            "apiVersions": ["v1.0"],
        }),
        "
        - case: p0::get-item
          name: an item
          tags:
          - cloud
          - v1.0
          scopes:
          - items.read",
        &[],
    );
    check(
        &json!({ "enabled": "false" }),
        "
        - case: p0::get-item
          skip: not enabled in API Doctor",
        &[],
    );
    check(
        &json!({ "enabled": null }),
        "
        - case: p0::get-item
          skip: not enabled in API Doctor",
        &[],
    );
    check(
        &json!({ "enabled": "True" }),
        "
        - case: p0::get-item",
        &[],
    );
}

#[test]
fn what_is_captured_under_a_placeholders_name_needs_no_variable() {
    check(
        &json!({
            "request-parameters": { "{list-id}": "[list-id]", "{item-id}": "[new-id]" },
            "test-setup": [{ "method": "add-item", "capture": {
                "[list-id]": "$.listId",
                "[new-id]": "Location:",
                "[all]": "!body",
            } }],
        }),
        "
        - case: p0::get-item
          vars:
            item-id: ${new-id}
          setup:
          - case: p0::add-item
            capture:
              list-id: $.listId
              new-id: header:Location
              all: body",
        &[],
    );
}

#[test]
fn what_is_captured_does_not_hide_a_scenarios_own_value() {
    check(
        &json!({
            "request-parameters": { "{list-id}": "mine", "{item-id}": "[list-id]" },
            "test-setup": [{ "method": "add-item", "capture": { "[list-id]": "$.id" } }],
        }),
        "
        - case: p0::get-item
          vars:
            list-id: mine
            item-id: ${captured-list-id}
          setup:
          - case: p0::add-item
            capture:
              captured-list-id: $.id",
        &[],
    );
}

#[test]
fn a_second_account_keeps_a_scenario_from_running() {
    check_step(
        &json!({ "http-request": "GET /a", "secondary-account": true }),
        "
        skip: not carried over from API Doctor: test-setup.secondary-account
        request: GET /a",
        &["one scenario runs with one target"],
    );
    check_step(
        &json!({ "http-request": "GET /a", "secondary-account": false }),
        "
        request: GET /a",
        &[],
    );
}

#[test]
fn unknown_keys_are_named() {
    check(
        &json!({ "tag": ["a"], "expectations": 1, "scopes": "a", "allowed-status-codes": [99] }),
        "
        - case: p0::get-item",
        &[
            "scenarios[0].allowed-status-codes[0]: it is no status code",
            "scenarios[0].expectations: it is no object",
            "scenarios[0].scopes: it is no array",
            "scenarios[0].tag: it is no key of API Doctor's scenarios, which ignores it; `tags` is near",
        ],
    );
}

#[test]
fn canned_requests_become_shared_steps() {
    let cases = cases(&[PAGE]);
    let first = json!({
        "canned-requests": [{
            "name": "make",
            "method": "add-item",
            "request-parameters": { "$.title": "a" },
            "capture": { "[item-id]": "$.id" },
            "implicit-variable": "{x}",
        }],
        "scenarios": [
            { "method": "get-item", "enabled": true, "name": "plain", "test-setup": [
                { "canned-request": "make", "capture": { "[etag]": "ETag:" } },
            ] },
            { "method": "get-item", "enabled": true, "name": "changed", "test-setup": [
                { "canned-request": "make", "request-parameters": { "$.title": "b" } },
            ] },
            { "method": "get-item", "enabled": true, "name": "shadowed",
              "request-parameters": { "{item-id}": "mine" },
              "test-setup": [{ "canned-request": "make" }] },
        ],
    });
    let second = json!({
        "canned-requests": [
            { "name": "make", "http-request": "POST /b" },
            { "name": "twice", "canned-request": "make" },
            { "name": "lost", "http-request": "POST /c", "secondary-account": true },
        ],
        "scenarios": [{ "method": "get-item", "enabled": true, "test-setup": [
            { "canned-request": "make" },
            { "canned-request": "lost" },
        ] }],
    });
    let imported = import(
        &[&first.to_string(), &second.to_string()],
        &Docs::new(&cases),
    );
    let expected_first = "\
steps:
  make:
    case: p0::add-item
    set:
      $.title: a
    capture:
      item-id: $.id
scenarios:
- case: p0::get-item
  name: plain
  setup:
  - use: make
    capture:
      etag: header:ETag
- case: p0::get-item
  name: changed
  setup:
  - name: make
    case: p0::add-item
    set:
      $.title: b
    capture:
      item-id: $.id
- case: p0::get-item
  name: shadowed
  vars:
    item-id: mine
  setup:
  - name: make
    case: p0::add-item
    set:
      $.title: a
    capture:
      captured-item-id: $.id
";
    let expected_second = "\
steps:
  make-f1:
    request: POST /b
  twice:
    use: make-f1
  lost:
    request: POST /c
scenarios:
- case: p0::get-item
  skip: 'not carried over from API Doctor: test-setup.canned-request'
  setup:
  - use: make-f1
  - use: lost
";
    assert_eq!(imported.files[0].0, "f0.yaml");
    assert_eq!(write(&imported.files[0].1), expected_first);
    assert_eq!(write(&imported.files[1].1), expected_second);
    check_losses(
        &imported,
        &[
            "canned-requests[0].implicit-variable: it has no counterpart",
            "scenarios[1].test-setup[0].request-parameters: API Doctor ignores it",
            "canned-requests[0]: another file has a canned request `make`",
            "canned-requests[2].secondary-account: one scenario runs with one target",
            "scenarios[0].test-setup[1].canned-request: the canned request `lost` is not carried over",
        ],
    );
}

#[test]
fn canned_requests_that_stand_for_each_other_end() {
    let text = json!({
        "canned-requests": [
            { "name": "a", "canned-request": "b" },
            { "name": "b", "canned-request": "a" },
        ],
        "scenarios": [{ "method": "m", "enabled": true, "test-setup": [
            { "canned-request": "a", "request-parameters": { "!body": "" } },
        ] }],
    });
    let imported = import(&[&text.to_string()], &Docs::default());
    let scenario = &imported.files[0].1.scenarios[0];
    assert!(scenario.setup.is_empty());
    assert!(scenario.skip.is_some(), "{scenario:?}");
}

#[test]
fn methods_are_looked_up() {
    let page =
        "<!-- { \"blockType\": \"request\", \"name\": \"get-item\" } -->\n```http\nGET /b\n```\n";
    let cases = cases(&[PAGE, page]);
    let docs = Docs::new(&cases);
    check_with(
        &docs,
        &json!({}),
        "
        - case: get-item",
        &["several pages document a `get-item`: write one of p0::get-item, p1::get-item"],
    );
    check_with(
        &docs,
        &json!({ "method": "get-itme" }),
        "
        - case: get-itme",
        &["scenarios[0].method: no page documents a request `get-itme`"],
    );
}

#[test]
fn without_docs_what_needs_them_is_named() {
    let docs = Docs::default();
    check_with(
        &docs,
        &json!({ "test-setup": [
            { "method": "m", "request-parameters": { "$.a": "b", "{c}": "/d" } },
            { "method": "m", "request-parameters": { "$.a": null } },
            { "method": "m", "request-parameters": { "!url": "/u" } },
        ] }),
        "
        - case: get-item
          skip: 'not carried over from API Doctor: test-setup.request-parameters.$.a, test-setup.request-parameters.!url'
          setup:
          - case: m
            vars:
              c:
                path: d
            set:
              $.a: b
          - case: m
          - case: m",
        &[
            "test-setup[1].request-parameters.$.a: null takes a member out",
            "test-setup[2].request-parameters.!url: a documented request with another URL",
        ],
    );
}

#[test]
fn scenarios_of_one_name_are_told_apart() {
    let text = json!({ "scenarios": [
        { "method": "m", "enabled": true, "name": "a" },
        { "method": "m", "enabled": true, "name": "a" },
        { "method": "n", "enabled": true, "name": "a" },
        { "enabled": true },
        7,
    ] });
    let imported = import(&[&text.to_string()], &Docs::default());
    let scenarios = &imported.files[0].1.scenarios;
    let names: Vec<_> = scenarios
        .iter()
        .map(|scenario| scenario.name.as_deref())
        .collect();
    assert_eq!(names, [Some("a"), Some("a (2)"), Some("a")]);
    check_losses(
        &imported,
        &[
            "scenarios[1]: another scenario of the method has its name",
            "scenarios[3]: a scenario without a `method`",
            "scenarios[4]: it is no object",
        ],
    );
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let imported = import(
        &[
            "{ \"scenarios\": [",
            "[1]",
            "{ // a\n'accounts': [], 'x': 1, 'x': 2,}",
            "",
        ],
        &Docs::default(),
    );
    assert_eq!(imported.unreadable, 2);
    assert!(imported.files.is_empty());
    check_losses(
        &imported,
        &[
            "the file: it is no JSON",
            "the file: it is no object",
            "x: it stands twice",
            "x: it is no key of scenario or account files",
            "the file: it is no JSON",
        ],
    );
    let at = imported.losses[3].at;
    assert_eq!((at.line, at.column), (2, 25));
}

#[test]
fn a_request_that_is_used_everywhere_is_not_all_memory() {
    let body = "x".repeat(400_000);
    let uses = vec![json!({ "canned-request": "a", "request-parameters": { "X:": "y" } }); 15];
    let scenario = json!({ "method": "m", "enabled": true, "test-setup": uses });
    let text = json!({
        "canned-requests": [
            { "name": "a", "method": "m", "request-parameters": { "!body": body } },
        ],
        "scenarios": vec![scenario; 4],
    });
    let pages = [Page::new("a.json", text.to_string())];
    let imported = api_doctor(&pages, &Docs::default());
    let scenarios = &imported.files[0].1.scenarios;
    let steps: usize = scenarios.iter().map(|scenario| scenario.setup.len()).sum();
    assert_eq!(steps, 30);
    let losses = losses(&imported);
    assert!(losses.iter().any(|loss| loss.contains("too large")));
}

#[test]
fn a_scenario_has_not_any_number_of_steps() {
    let step = json!({ "http-request": "GET /a" });
    for (count, is_whole) in [(200, true), (201, false)] {
        let text = json!({
            "scenarios": [{ "method": "m", "enabled": true, "test-setup": vec![step.clone(); count] }],
        });
        let imported = import(&[&text.to_string()], &Docs::default());
        let scenario = &imported.files[0].1.scenarios[0];
        assert_eq!(
            (scenario.setup.len(), scenario.skip.is_none()),
            (200, is_whole)
        );
    }
}
