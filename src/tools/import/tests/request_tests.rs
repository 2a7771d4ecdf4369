//! Tests of parameters and expectations of requests.

use serde_json::json;

use super::*;

#[test]
fn converts_placeholders_to_variables() {
    check(
        &json!({ "request-parameters": {
            "{list-id}": "a",
            "{item-id}": "b/c",
            "{facet}": "!random-filename-png!",
            "{other}": "x",
        } }),
        "
        - case: p0::get-item
          vars:
            list-id: a
            item-id:
              path: b/c
            facet: ${random-filename:png}",
        &[
            "{other}: the documented request has no such placeholder; it has `{list-id}`, `{item-id}`, `{facet}`",
        ],
    );
    check(
        &json!({ "request-parameters": { "{item-id}": "a/../b" } }),
        "
        - case: p0::get-item
          skip: 'not converted from API Doctor: request-parameters.{item-id}'",
        &["a path cannot have empty segments"],
    );
}

#[test]
fn sets_each_placeholder_of_a_name() {
    let page = PAGE.replace("{list-id}", "{item-id}");
    assert_ne!(page, PAGE);
    let cases = cases(&[&page]);
    let check = |value: &str, expected: &str| {
        let keys = json!({ "request-parameters": { "{item-id}": value, "{facet}": "f" } });
        check_with(&Docs::new(&cases), &keys, expected, &[]);
    };
    check(
        "7",
        "
        - case: p0::get-item
          vars:
            item-id: '7'
            facet: f
            item-id.2: '7'",
    );
    check(
        "!random-filename-png!",
        "
        - case: p0::get-item
          vars:
            item-id: ${random-filename:png}
            facet: f
            item-id.2: ${item-id}",
    );
}

#[test]
fn sets_and_removes_headers() {
    check(
        &json!({ "request-parameters": {
            "If-Match:": "[etag]",
            "Prefer:": null,
            "Accept": "text/plain",
            "Content-Length:": "3",
            "Not a name:": "x",
        } }),
        "
        - case: p0::get-item
          skip: 'not converted from API Doctor: request-parameters.Not a name:'
          headers:
            If-Match: ${etag}
            Prefer: null",
        &[
            "request-parameters.Accept: not a part of a request",
            "the client sets this header itself",
            "not a header name",
        ],
    );
}

#[test]
fn sets_members_of_the_body() {
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "$.title": "[title]",
            "$.place.id": "[place]",
            "$.['@odata.type']": "${x}",
        } }),
        "
        case: p0::add-item
        set:
          $.title: ${title}
          $.place.id: ${place}
          $['@odata.type']: $${x}",
        &[],
    );
    // Removed members and missing parents need another body.
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "$.place.id": null,
            "$.new.deep": "x",
        } }),
        "
        case: p0::add-item
        body:
          json:
            title: Milk
            place:
              floor: 2
            new:
              deep: x",
        &[],
    );
    // There is nothing to remove.
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "$.gone": null } }),
        "
        case: p0::add-item",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "$.title.x": "y", "$a": "b" } }),
        "
        skip: not converted from API Doctor: test-setup.request-parameters.$a, test-setup.request-parameters.$.title.x
        case: p0::add-item
        body:
          json:
            title: Milk
            place:
              id: p1
              floor: 2",
        &["the body has no such parent", "is not a path in API Doctor's syntax"],
    );
    check_step(
        &json!({ "method": "put-file", "request-parameters": { "$.title": "y" } }),
        "
        case: p0::put-file",
        &["the request has no JSON body"],
    );
}

#[test]
fn replaces_the_documented_body() {
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "!body": "{\"a\": \"${b}\"}" } }),
        "
        case: p0::add-item
        body:
          json:
            a: $${b}",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "!body": "plain [x]",
            "Content-Type:": "text/html",
        } }),
        "
        case: p0::add-item
        body:
          text: plain [x]
          content-type: text/html",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "!body": "[x]" } }),
        "
        case: p0::add-item
        body:
          text: ${x}
          content-type: application/json",
        &[],
    );
    check_step(
        &json!({ "method": "put-file", "request-parameters": {
            "!body.base64": "iVBO Rw0K\nGg==",
            "Content-Type:": "application/octet-stream",
        } }),
        "
        case: p0::put-file
        body:
          base64: iVBORw0KGg==",
        &[],
    );
}

#[test]
fn converts_steps_with_another_url_to_raw_requests() {
    check_step(
        &json!({ "method": "put-file", "request-parameters": {
            "!url": "/drive{path}/content",
            "{path}": "!random-filename-txt",
            "{none}": "x",
        } }),
        "
        request: PUT /drive/${random-filename:txt}/content
        body:
          text: The $${content}.
          content-type: text/plain",
        &["request-parameters.{none}: the URL has no such placeholder"],
    );
    // A variable of the documented URL cannot have a leading slash.
    check_step(
        &json!({ "method": "put-file", "request-parameters": { "{path}": "/a b/c.txt" } }),
        "
        request: PUT /files:/a b/c.txt
        body:
          text: The $${content}.
          content-type: text/plain",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "!url": "[upload]",
            "$.title": "x",
            "Prefer:": null,
        } }),
        "
        request: POST ${upload}
        body:
          json:
            title: x
            place:
              id: p1
              floor: 2",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "!url": "/lists/{list-id}/items" } }),
        "
        case: p0::add-item",
        &[],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": { "!url": "/lists/{x}" } }),
        "
        skip: not converted from API Doctor: test-setup.request-parameters.!url
        case: p0::add-item",
        &["`{x}` of the URL has no value"],
    );
}

#[test]
fn converts_scenarios_with_another_url() {
    check(
        &json!({ "request-parameters": { "!url": "[monitor]" } }),
        "
        - case: p0::get-item
          url: ${monitor}",
        &[],
    );
    check(
        &json!({ "request-parameters": { "!url": "/lists/{list-id}/items/{item-id}?expand={facet}" } }),
        "
        - case: p0::get-item",
        &[],
    );
}

#[test]
fn converts_raw_requests() {
    check_step(
        &json!({
            "http-request": "PUT /lists/{id}\r\nContent-Type: application/json\r\nPrefer: a\r\nHost: h\r\n\r\n{\"a\": 1}",
            "request-parameters": { "{id}": "[list-id]" },
            "allowed-status-codes": [200],
        }),
        "
        request: PUT /lists/${list-id}
        headers:
          Prefer: a
        body:
          json:
            a: 1
        expect:
          status: 200",
        &[],
    );
    check_step(
        &json!({
            "http-request": "GET {url}?a=b&c",
            "request-parameters": { "{url}": "[download]" },
        }),
        "
        request: GET ${download}
        query:
          a: b
          c: ''",
        &[],
    );
}

#[test]
fn leaves_out_requests_that_cannot_be_sent() {
    let docs = Docs::default();
    for (step, why) in [
        (
            json!({ "http-request": "GET {u}/more", "request-parameters": { "{u}": "[u]" } }),
            "only a query can follow a captured URL",
        ),
        (
            json!({ "http-request": "GET https://{h}/a", "request-parameters": { "{h}": "[h]" } }),
            "hosts that are only known during the run",
        ),
        (json!({ "http-request": "no request" }), "invalid request"),
        (json!({ "name": "x" }), "neither `method` nor"),
        (
            json!({ "canned-request": "x" }),
            "no file has a canned request `x`",
        ),
        (json!(1), "not an object"),
    ] {
        let text = json!({
            "scenarios": [{ "method": "m", "enabled": true, "test-setup": [step] }],
        });
        let imported = import(&[&text.to_string()], &docs);
        let scenario = &imported.files[0].1.scenarios[0];
        assert!(scenario.setup.is_empty(), "{scenario:?}");
        assert!(scenario.skip.is_some(), "{scenario:?}");
        let losses = losses(&imported);
        assert!(losses.iter().any(|loss| loss.contains(why)), "{losses:?}");
    }
}

#[test]
fn converts_expectations() {
    check(
        &json!({
            "allowed-status-codes": [200, 404],
            "expectations": {
                "$.value[0].kind": ["a", "b"],
                "$.done": true,
                "$.object": { "a": 1 },
                "Content-Type:": "text/plain",
                "!body": "x ${y}",
                "$.nothing": null,
                "[stored]": "x",
                "$.none": [],
            },
            "status-codes-to-retry": [404, 503],
        }),
        "
        - case: p0::get-item
          skip: 'not converted from API Doctor: expectations.$.none'
          expect:
            status:
            - 200
            - 404
            $.value[0].kind:
              one-of:
              - a
              - b
            $.done: true
            $.object:
              equals:
                a: 1
            header:Content-Type: text/plain
            body: x $${y}
          retry:
            attempts: 5
            on:
            - 404
            - 503
            - 500
            - 502
            - 504",
        &[
            "expectations.$.nothing: API Doctor ignores an expected null",
            "expectations.[stored]: `[stored]` is not a source",
            "expectations.$.none: the list is empty",
        ],
    );
}

#[test]
fn reports_csharp_expressions_as_not_converted() {
    check(
        &json!({ "request-parameters": { "{item-id}": "#values[\"[a]\"].Trim()" } }),
        "
        - case: p0::get-item
          skip: 'not converted from API Doctor: request-parameters.{item-id}'",
        &["request-parameters.{item-id}: C# expressions are not converted"],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "$.title": "#DateTimeOffset.UtcNow.AddDays(3)",
        } }),
        "
        skip: not converted from API Doctor: test-setup.request-parameters.$.title
        case: p0::add-item",
        &["test-setup[0].request-parameters.$.title: C# expressions are not converted"],
    );
}
