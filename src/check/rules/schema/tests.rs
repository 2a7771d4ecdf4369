//! Tests of the schema rules at their limits.

use std::num::NonZeroUsize;

use crate::check::rules::{Files, Settings};
use crate::text::finding::Diagnostic;
use crate::text::rules::Family;
use crate::text::severity::Severity;
use crate::text::source::{Page, apply};

const USER: &str = r#"# User

|Property|Type|
|:---|:---|
|**listed** (preview)|String|

<!-- { "blockType": "resource", "@odata.type": "example.user", "keyProperty": "id",
       "optionalProperties": ["nick"] } -->
```json
{
  "name": "String",
  "nick": "String",
  "age": "Int32",
  "isAdmin": "Boolean",
  "weight": "Double",
  "state": "active | blocked",
  "born": "String (timestamp)",
  "made": "DateTimeOffset",
  "home": "url",
  "key": "Guid",
  "tags": ["red | blue"],
  "address": {"@odata.type": "example.address"},
  "kind": "Address",
  "friends": [{"@odata.type": "example.user"}]
}
```

<!-- { "blockType": "resource", "@odata.type": "example.address" } -->
```json
{ "street": "String", "city": "String (nullable)" }
```

<!-- { "blockType": "resource", "@odata.type": "example.guest", "baseType": "example.user" } -->
```json
{ "host": "String" }
```
"#;

fn findings(pages: &[(&str, &str)]) -> Vec<Diagnostic> {
    let pages: Vec<Page> = pages
        .iter()
        .map(|(path, text)| Page::new(*path, (*text).to_owned()))
        .collect();
    let found = crate::check::rules::check(
        &pages,
        &Files::default(),
        &Settings::default(),
        |_| true,
        NonZeroUsize::MIN,
    );
    let mut findings = found.findings;
    findings.retain(|finding| finding.rule.family == Family::Schema);
    findings
}

/// Checks the findings of a page next to the page of types: rule, severity and
/// text.
#[track_caller]
fn check_page(page: &str, expected: &[(&str, Severity, &str)]) {
    let found = findings(&[("types.md", USER), ("z.md", page)]);
    let shown: Vec<_> = found
        .iter()
        .map(|finding| {
            let text = finding.span.map(|span| &page[span.range()]);
            (
                finding.rule.name,
                finding.severity,
                text.unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(shown, expected, "{found:#?}");
}

fn response(annotation: &str, body: &str) -> String {
    format!(
        "# Get\n\n<!-- {{ \"blockType\": \"request\" }} -->\n```http\nGET /users/1\n```\n\n\
         <!-- {{ \"blockType\": \"response\", {annotation} }} -->\n```http\nHTTP/1.1 200 OK\n\
         Content-Type: application/json\n\n{body}\n```\n"
    )
}

const PART: &str = r#""@odata.type": "example.user", "truncated": true"#;

/// The annotation of a shortened user.
#[track_caller]
fn check(body: &str, expected: &[(&str, Severity, &str)]) {
    check_page(&response(PART, body), expected);
}

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;
const INFO: Severity = Severity::Info;

#[test]
fn reports_missing_members_once_per_object() {
    let whole = r#""@odata.type": "example.address""#;
    let missing = [("missing-property", ERROR, "{")];
    check_page(&response(whole, "{ }"), &missing);
    check_page(&response(whole, r#"{ "street": "x" }"#), &[]);
    check_page(&response(whole, r#"{ "city": "x" }"#), &missing);
    check_page(&response(whole, r#"{ "city": "x", "...": "..." }"#), &[]);
    for less in [
        r#"{ "@removed": { "reason": "deleted" }, "city": "x" }"#,
        r#"{ "@odata.id": "/addresses/1" }"#,
    ] {
        check_page(&response(whole, less), &[]);
    }
    let etag = r#"{ "@odata.etag": "1" }"#;
    check_page(&response(whole, etag), &missing);
    check("{ }", &[]);
    let found = findings(&[
        (
            "a.md",
            &response(r#""@odata.type": "example.user""#, r#"{ "name": "x" }"#),
        ),
        ("types.md", USER),
    ]);
    assert_eq!(
        found[0].message,
        "example is missing `address`, `age`, `born`, `home` and 7 others, documented in \
         `example.user`"
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn accepts_partial_requests() {
    let request = |body: &str| {
        format!(
            "# Make\n\n<!-- {{ \"blockType\": \"request\", \"@odata.type\": \"example.user\" }} -->\n\
             ```http\nPOST /users\nContent-Type: application/json\n\n{body}\n```\n"
        )
    };
    check_page(&request(r#"{ "name": "x" }"#), &[]);
    check_page(
        &request(r#"{ "age": "five" }"#),
        &[("type-mismatch", ERROR, "\"five\"")],
    );
}

#[test]
fn accepts_members_documented_in_tables() {
    let undocumented = |key| [("undocumented-property", WARNING, key)];
    check(r#"{ "id": "1", "listed": "x", "x@odata.count": 1 }"#, &[]);
    check(r#"{ "preview": "x" }"#, &undocumented("\"preview\""));
    check(
        r#"{ "friends": [{}, { "new": 1 }, { "new": 2 }] }"#,
        &undocumented("\"new\""),
    );
    // A guest inherits from a user.
    let guest = r#""@odata.type": "example.guest", "truncated": true"#;
    check_page(&response(guest, r#"{ "id": "1", "listed": "x" }"#), &[]);
}

#[test]
fn reports_an_object_of_another_type_once() {
    check(
        r#"{ "a": 1, "b": 1, "c": 1, "d": 1, "name": "x" }"#,
        &[("undocumented-property", WARNING, "\"a\"")],
    );
    check(
        r#"{ "a": 1, "b": 1, "c": 1, "name": "x" }"#,
        &[
            ("undocumented-property", WARNING, "\"a\""),
            ("undocumented-property", WARNING, "\"b\""),
            ("undocumented-property", WARNING, "\"c\""),
        ],
    );
}

#[test]
fn accepts_placeholders_for_values() {
    let wrong = |text| [("type-mismatch", ERROR, text)];
    check(r#"{ "age": "5" }"#, &wrong("\"5\""));
    check(r#"{ "age": 5.5 }"#, &wrong("5.5"));
    check(r#"{ "age": 5.0, "weight": "INF" }"#, &[]);
    check(r#"{ "tags": "red" }"#, &wrong("\"red\""));
    check(r#"{ "name": { } }"#, &wrong("{ }"));
    check(
        r#"{ "friends": [{ "age": "x" }, { "age": "y" }] }"#,
        &wrong("\"x\""),
    );
    for placeholder in ["Int32", "<age>", "{age}", "age-value", "...", "12..."] {
        check(&format!("{{ \"age\": \"{placeholder}\" }}"), &[]);
    }
    // `Address` may be a value; the type is `address`.
    check(r#"{ "kind": "Home", "address": { "street": "x" } }"#, &[]);
}

#[test]
fn reports_invalid_formats() {
    check(
        r#"{ "state": "away" }"#,
        &[("enum-value", ERROR, "\"away\"")],
    );
    check(
        r#"{ "tags": ["red", "Blue"] }"#,
        &[("enum-value", ERROR, "\"Blue\"")],
    );
    check(r#"{ "state": "active", "tags": ["red,blue"] }"#, &[]);
    check(r#"{ "state": "{state}" }"#, &[]);
    let date = |text| [("format-date-time", ERROR, text)];
    for right in [
        "2016-01-31",
        "15:20:01",
        "2016-01-31T15:20:01Z",
        "YYYY-MM-DD",
        "2016-xx-01",
    ] {
        check(&format!("{{ \"born\": \"{right}\" }}"), &[]);
    }
    check(
        r#"{ "born": "2016-01-31T15:20:01" }"#,
        &date("\"2016-01-31T15:20:01\""),
    );
    check(r#"{ "born": "2016-02-31" }"#, &date("\"2016-02-31\""));
    check(r#"{ "made": "2016-01-31" }"#, &date("\"2016-01-31\""));
    check(r#"{ "home": "/a" }"#, &[]);
    check(r#"{ "home": "https://{host}/a" }"#, &[]);
    check(
        r#"{ "home": "a.example" }"#,
        &[("format-url", ERROR, "\"a.example\"")],
    );
    check(r#"{ "key": "1" }"#, &[("format-guid", ERROR, "\"1\"")]);
    check(r#"{ "key": "0a1b2c3d-xxxx" }"#, &[]);
}

#[test]
fn reports_null_as_warning_only_where_nullability_is_declared() {
    check(
        r#"{ "name": null, "age": null }"#,
        &[("null-value", INFO, "null")],
    );
    check(
        r#"{ "address": { "street": null, "city": null } }"#,
        &[("null-value", WARNING, "null")],
    );
}

#[test]
fn reports_contradictions_of_collections_and_errors() {
    let users = r#""@odata.type": "example.user", "truncated": true, "isCollection": true"#;
    let expected = |text| [("collection-expected", ERROR, text)];
    check_page(&response(users, r#"{ "users": [] }"#), &expected("{"));
    check_page(&response(users, r#"{ "value": { } }"#), &expected("{ }"));
    check_page(&response(users, r#"{ "value": [] }"#), &[]);
    let empty = format!("{users}, \"isEmpty\": true");
    check_page(
        &response(&empty, r#"{ "value": [{ }] }"#),
        &[("collection-empty", ERROR, "[{ }]")],
    );
    let error = r#""expectError": true"#;
    let expected = |text| [("error-object-expected", ERROR, text)];
    check_page(&response(error, r#"{ "code": "x" }"#), &expected("{"));
    check_page(&response(error, r#"{ "error": null }"#), &expected("null"));
    // It needs no code.
    check_page(&response(error, r#"{ "error": { "message": "x" } }"#), &[]);
    // An error that the annotation does not mention is not checked against the
    // type.
    let silent = response(PART, r#"{ "error": { } }"#).replace("200 OK", "404 Not Found");
    check_page(&silent, &[]);
}

#[test]
fn reports_undocumented_types() {
    let unknown = |severity, text| [("unknown-resource", severity, text)];
    check_page(
        &response(r#""@odata.type": "example.usr""#, "{ }"),
        &unknown(WARNING, "example.usr"),
    );
    check(
        r##"{ "address": { "@odata.type": "#example.home" } }"##,
        &unknown(INFO, "\"#example.home\""),
    );
    check(r##"{ "address": { "@odata.type": "#other.home" } }"##, &[]);
    let resource = |annotation: &str, text: &str| {
        format!(
            "# A\n\n<!-- {{ \"blockType\": \"resource\", \"@odata.type\": \"example.a\"{annotation} }} \
             -->\n```json\n{text}\n```\n"
        )
    };
    let text = r#"{ "b": "example.nothing", "c": "report.pdf", "d": ["Collection(example.b)"] }"#;
    check_page(
        &resource("", text),
        &[
            ("unknown-resource", INFO, "example.nothing"),
            ("unknown-resource", INFO, "example.b"),
        ],
    );
    check_page(
        &resource(r#", "baseType": "example.usr""#, "{ }"),
        &unknown(WARNING, "example.usr"),
    );
    check_page(
        &resource(r#", "baseType": "example.A""#, "{ }"),
        &unknown(WARNING, "example.A"),
    );
    check_page(&resource(r#", "baseType": "example.user""#, "{ }"), &[]);
    check_page(&resource("", "\n[1]"), &[("resource-syntax", WARNING, "[")]);
    check_page(
        &resource("", "{ }").replace("example.a", "Example.User"),
        &[("duplicate-resource", WARNING, "Example.User")],
    );
}

#[test]
fn checks_bodies_with_faults_that_can_be_fixed() {
    let wrong = [("type-mismatch", ERROR, "\"5\"")];
    for body in [
        r#"{ "age": "5", }"#,
        r#"{ age: "5" "name": "x" }"#,
        "{ // The age.\n \"age\": \"5\" }",
    ] {
        check(body, &wrong);
    }
    check_page(
        &response(
            r#""@odata.type": "example.address""#,
            "// It.\n{ \"street\": 1 }",
        ),
        &[("type-mismatch", ERROR, "1")],
    );
    // An ellipsis stands for the members that are missing.
    check_page(
        &response(r#""@odata.type": "example.address""#, "{ ... }"),
        &[],
    );
    check(r#"{ "age": "5" "#, &[]);
    check_page(
        &response(PART, r#"{ "age": "5" }"#).replace("json", "csv"),
        &[],
    );
}

#[test]
fn keeps_positions_in_lists_and_quotes() {
    let listed = "1. Get it:\r\n\r\n   <!-- { \"blockType\": \"example\", \"@odata.type\": \"example.user\",\r\n   \
                  \"truncated\": true } -->\r\n   ```json\r\n   {\r\n     \"name\": \"é\",\r\n     \
                  \"age\": \"5\"\r\n   }\r\n   ```\r\n";
    check_page(listed, &[("type-mismatch", ERROR, "\"5\"")]);
}

/// Checks the result of `--fix` for a body.
#[track_caller]
fn check_fix(body: &str, expected: &str) {
    let page = response(PART, body);
    let found = findings(&[("a.md", &page), ("types.md", USER)]);
    let edits: Vec<_> = found.into_iter().flat_map(|finding| finding.fix).collect();
    assert_eq!(apply(&page, &edits), response(PART, expected));
}

#[test]
fn fixes_unambiguous_values() {
    check_fix(
        r#"{ "age": "5", "isAdmin": "True", "weight": "1.5", "state": "Active" }"#,
        r#"{ "age": 5, "isAdmin": true, "weight": 1.5, "state": "active" }"#,
    );
    for open in [
        r#"{ "age": "5.5" }"#,
        r#"{ "age": "five", "isAdmin": "yes", "state": "activ" }"#,
        r#"{ "name": 5, "born": "today" }"#,
    ] {
        check_fix(open, open);
    }
}

#[test]
fn reports_forms_that_the_annotation_does_not_declare() {
    let undeclared = |text| [("collection-undeclared", WARNING, text)];
    check("[{ }]", &undeclared("["));
    check(r#"{ "value": [{ }] }"#, &undeclared("["));
    check(
        r#"{ "value": { "name": "x" } }"#,
        &[("resource-wrapped", WARNING, "{")],
    );
    let all = format!("{PART}, \"isCollection\": true");
    check_page(&response(&all, r#"{ "value": [{ }] }"#), &[]);
    let users = r#""@odata.type": "Collection(example.user)", "truncated": true"#;
    check_page(&response(users, "[{ }]"), &[]);
    // Primitive values are wrapped.
    check_page(
        &response(r#""@odata.type": "Edm.String""#, r#"{ "value": "x" }"#),
        &[],
    );
    let named = format!("{PART}, \"collectionProperty\": \"users\"");
    check_page(&response(&named, r#"{ "users": [{ }] }"#), &undeclared("["));
}

#[test]
fn reports_bodies_of_another_type() {
    let other = |text| ("body-type-mismatch", WARNING, text);
    check(
        r##"{ "@odata.type": "#example.address" }"##,
        &[other("\"#example.address\"")],
    );
    check(
        r##"{ "value": { "@odata.type": "#example.address" } }"##,
        &[
            ("resource-wrapped", WARNING, "{"),
            other("\"#example.address\""),
        ],
    );
    for right in [
        "#example.user",
        "#example.guest",
        "Example.User",
        "#other.address",
    ] {
        check(&format!("{{ \"@odata.type\": \"{right}\" }}"), &[]);
    }
}

#[test]
fn reports_types_without_body_and_bodies_without_type() {
    let empty = |status: &str| {
        let page = response(r#""@odata.type": "example.address""#, "");
        page.replace("200 OK", status)
            .replace("Content-Type: application/json\n", "")
    };
    let missing = |severity| [("typed-body-missing", severity, "example.address")];
    check_page(&empty("200 OK"), &missing(WARNING));
    for status in ["204 No Content", "302 Found"] {
        check_page(&empty(status), &missing(INFO));
    }
    let untyped = response(r#""name": "a""#, r#"{ "a": 1 }"#);
    check_page(&untyped, &[("response-untyped", INFO, "HTTP/1.1 200 OK")]);
    check_page(&untyped.replace("200 OK", "404 Not Found"), &[]);
    check_page(&untyped.replace("application/json", "text/plain"), &[]);
    assert!(findings(&[("z.md", &untyped)]).is_empty(), "no types");
}

#[test]
fn reports_circular_base_types_and_unknown_keys() {
    let resource = |name: &str, keys: &str| {
        format!(
            "<!-- {{ \"blockType\": \"resource\", \"@odata.type\": \"example.{name}\"{keys} }} -->\n\
             ```json\n{{ \"id\": \"String\" }}\n```\n"
        )
    };
    let base = |name: &str| format!(", \"baseType\": \"example.{name}\"");
    let text = resource("a", &base("b")) + &resource("b", &base("c")) + &resource("c", &base("b"));
    let found = findings(&[("a.md", &text)]);
    let messages: Vec<_> = found.iter().map(|finding| &*finding.message).collect();
    assert_eq!(
        messages,
        [
            "`baseType` is circular: `example.b` → `example.c` → `example.b`",
            "`baseType` is circular: `example.c` → `example.b` → `example.c`",
        ]
    );
    let of_keys = |key: &str| {
        let text = resource("a", &format!(", \"keyProperty\": \"{key}\""));
        let pages = [Page::new("a.md", text)];
        let found = crate::check::rules::check(
            &pages,
            &Files::default(),
            &Settings::default(),
            |_| true,
            NonZeroUsize::MIN,
        );
        let found = found.findings.into_iter().map(|finding| finding.message);
        found.collect::<Vec<_>>()
    };
    assert_eq!(of_keys("id"), [""; 0]);
    assert_eq!(
        of_keys("id, key"),
        ["`keyProperty` is `key`, which is not a member"]
    );
}

#[test]
fn null_is_a_warning_where_no_member_is_nullable() {
    let address = r#""@odata.type": "example.guest", "truncated": true"#;
    let body = r#"{ "host": null }"#;
    check_page(&response(address, body), &[("null-value", INFO, "null")]);
    let listed = format!("{address}, \"nullableProperties\": []");
    check_page(&response(&listed, body), &[("null-value", WARNING, "null")]);
}

#[test]
fn accepts_durations_that_a_table_declares() {
    let types = |table: &str, json: &str| {
        format!(
            "# Event\n\n|Property|Type|\n|:--|:--|\n|length|{table}|\n\n\
             <!-- {{ \"blockType\": \"resource\", \"@odata.type\": \"example.event\" }} -->\n\
             ```json\n{{ \"length\": \"{json}\" }}\n```\n"
        )
    };
    let check = |table: &str, json: &str, value: &str, expected: &[&str]| {
        let body = format!("{{ \"length\": \"{value}\" }}");
        let page = response(r#""@odata.type": "example.event""#, &body);
        let found = findings(&[("types.md", &types(table, json)), ("z.md", &page)]);
        let found: Vec<_> = found.iter().map(|finding| finding.rule.name).collect();
        assert_eq!(found, expected, "{table} {json} {value}");
    };
    check("Duration", "Duration", "PT30M", &[]);
    check("Duration", "String (timestamp)", "PT30M", &[]);
    check("Edm.Duration", "Int32", "PT30M", &[]);
    check("String", "String (duration)", "-P1DT2H", &[]);
    check(
        "Duration",
        "Duration",
        "half an hour",
        &["format-date-time"],
    );
    check(
        "DateTimeOffset",
        "String (timestamp)",
        "PT30M",
        &["format-date-time"],
    );
    check(
        "Duration",
        "String (timestamp)",
        "30",
        &["format-date-time"],
    );
}
