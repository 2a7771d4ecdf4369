//! Tests of parameters and expectations of requests.

use serde_json::json;

use super::*;

#[test]
fn placeholders_become_variables() {
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
          skip: 'not carried over from API Doctor: request-parameters.{item-id}'",
        &["a path has no empty segments"],
    );
}

#[test]
fn each_placeholder_of_a_name_gets_its_value() {
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
fn headers_are_set_and_dropped() {
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
          skip: 'not carried over from API Doctor: request-parameters.Not a name:'
          headers:
            If-Match: ${etag}
            Prefer: null",
        &[
            "request-parameters.Accept: it names nothing of a request",
            "the client frames the message itself",
            "it is no name of a header field",
        ],
    );
}

#[test]
fn members_of_the_body_are_set() {
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
        skip: not carried over from API Doctor: test-setup.request-parameters.$a, test-setup.request-parameters.$.title.x
        case: p0::add-item
        body:
          json:
            title: Milk
            place:
              id: p1
              floor: 2",
        &["the body has no place for it", "is no path that API Doctor reads"],
    );
    check_step(
        &json!({ "method": "put-file", "request-parameters": { "$.title": "y" } }),
        "
        case: p0::put-file",
        &["the request has no JSON body"],
    );
}

#[test]
fn a_body_takes_the_place_of_the_documented_one() {
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
fn a_step_with_another_url_is_written_out() {
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
        skip: not carried over from API Doctor: test-setup.request-parameters.!url
        case: p0::add-item",
        &["`{x}` of the URL has no value"],
    );
}

#[test]
fn a_scenario_may_go_to_another_url() {
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
fn a_raw_request_is_written_out() {
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
fn what_cannot_be_sent_is_left_out() {
    let docs = Docs::default();
    for (step, why) in [
        (
            json!({ "http-request": "GET {u}/more", "request-parameters": { "{u}": "[u]" } }),
            "a captured URL has nothing but a query after it",
        ),
        (
            json!({ "http-request": "GET https://{h}/a", "request-parameters": { "{h}": "[h]" } }),
            "a host that is not known beforehand",
        ),
        (json!({ "http-request": "no request" }), "it is no request"),
        (json!({ "name": "x" }), "it has neither `method` nor"),
        (
            json!({ "canned-request": "x" }),
            "no file has a canned request `x`",
        ),
        (json!(1), "it is no object"),
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
fn expectations_hold_of_the_answer() {
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
          skip: 'not carried over from API Doctor: expectations.$.none'
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
            "expectations.$.nothing: API Doctor expects nothing",
            "expectations.[stored]: `[stored]` names nothing of an answer",
            "expectations.$.none: nothing is one of an empty list",
        ],
    );
}

#[test]
fn reports_csharp_expressions_as_not_converted() {
    check(
        &json!({ "request-parameters": { "{item-id}": "#values[\"[a]\"].Trim()" } }),
        "
        - case: p0::get-item
          skip: 'not carried over from API Doctor: request-parameters.{item-id}'",
        &["request-parameters.{item-id}: C# expressions are not converted"],
    );
    check_step(
        &json!({ "method": "add-item", "request-parameters": {
            "$.title": "#DateTimeOffset.UtcNow.AddDays(3)",
        } }),
        "
        skip: not carried over from API Doctor: test-setup.request-parameters.$.title
        case: p0::add-item",
        &["test-setup[0].request-parameters.$.title: C# expressions are not converted"],
    );
}
