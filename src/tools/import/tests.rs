//! Tests of each element of API Doctor's grammar.

mod account_tests;
mod request_tests;

use serde_json::{Value, json};

use super::*;
use crate::page::case::Case;
use crate::page::extract::extract;
use crate::page::yaml;
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
            extract(&Page::new(format!("p{index}.md"), (*text).to_owned()), None).cases
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
    let written = yaml::write(&data.scenarios[0].setup[0]);
    let expected: String = expected
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("        ").unwrap_or(line)))
        .skip(1)
        .collect();
    assert_eq!(format!("{skip}{}", written.trim_end()), expected.trim_end());
    check_losses(&imported, lost);
}

#[test]
fn converts_names_scopes_and_tags() {
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
fn needs_no_variable_for_captures_with_the_name_of_a_placeholder() {
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
fn renames_captures_that_would_override_a_variable() {
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
fn skips_scenarios_with_a_second_account() {
    check_step(
        &json!({ "http-request": "GET /a", "secondary-account": true }),
        "
        skip: not converted from API Doctor: test-setup.secondary-account
        request: GET /a",
        &["a scenario has one target"],
    );
    check_step(
        &json!({ "http-request": "GET /a", "secondary-account": false }),
        "
        request: GET /a",
        &[],
    );
}

#[test]
fn reports_unknown_keys() {
    check(
        &json!({ "tag": ["a"], "expectations": 1, "scopes": "a", "allowed-status-codes": [99] }),
        "
        - case: p0::get-item",
        &[
            "scenarios[0].allowed-status-codes[0]: not a status code",
            "scenarios[0].expectations: not an object",
            "scenarios[0].scopes: not an array",
            "scenarios[0].tag: unknown key of scenarios; API Doctor ignores it; did you mean `tags`?",
        ],
    );
}

#[test]
fn converts_canned_requests_to_shared_steps() {
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
  skip: 'not converted from API Doctor: test-setup.canned-request'
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
            "canned-requests[0].implicit-variable: not converted",
            "scenarios[1].test-setup[0].request-parameters: API Doctor ignores this",
            "canned-requests[0]: another file has a canned request `make`",
            "canned-requests[2].secondary-account: a scenario has one target",
            "scenarios[0].test-setup[1].canned-request: the canned request `lost` was not converted completely",
        ],
    );
}

#[test]
fn stops_at_cycles_of_canned_requests() {
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
fn looks_up_methods() {
    let page =
        "<!-- { \"blockType\": \"request\", \"name\": \"get-item\" } -->\n```http\nGET /b\n```\n";
    let cases = cases(&[PAGE, page]);
    let docs = Docs::new(&cases);
    check_with(
        &docs,
        &json!({}),
        "
        - case: get-item",
        &["several pages document `get-item`; use one of p0::get-item, p1::get-item"],
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
fn reports_what_needs_the_docs() {
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
          skip: 'not converted from API Doctor: test-setup.request-parameters.$.a, test-setup.request-parameters.!url'
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
            "test-setup[1].request-parameters.$.a: null removes a member",
            "test-setup[2].request-parameters.!url: with another URL, a documented request",
        ],
    );
}

#[test]
fn makes_scenario_names_unique() {
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
            "scenarios[1]: duplicate scenario name",
            "scenarios[3]: scenario without a `method`",
            "scenarios[4]: not an object",
        ],
    );
}

#[test]
fn reads_other_files_after_an_unreadable_one() {
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
            "the file: not valid JSON",
            "the file: not an object",
            "x: duplicate key",
            "x: unknown key of a scenario or account file",
            "the file: not valid JSON",
        ],
    );
    let at = imported.losses[3].at;
    assert_eq!((at.line, at.column), (2, 25));
}

#[test]
fn limits_the_size_of_generated_steps() {
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
fn limits_the_number_of_steps() {
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
