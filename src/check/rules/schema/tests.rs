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
fn leaves_invalid_json_to_json_syntax() {
    check(r#"{ "age": "5", "new": 1, }"#, &[]);
    check(r#"{ "age": "5" ... }"#, &[]);
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
