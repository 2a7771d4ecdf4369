//! Tests that clients as people write them get their response, and that others
//! get a reason.

use super::problem_type::ProblemType;
use super::tests::{check, send, summary, table};
use super::*;

const OK: &str = "200 OK";
const JSON: &str = "200 OK\nContent-Type: application/json\n\n{}";
const CSV: &str = "200 OK\nContent-Type: text/csv; charset=utf-8\n\na";
const PNG: &str = "200 OK\nContent-Type: image/png\n\nx";

/// Checks several requests against documented ones with default settings.
#[track_caller]
fn check_all(pairs: &[(&str, &str)], sent: &[(&str, &str)]) {
    for (sent, expected) in sent {
        check(pairs, &Settings::default(), sent, expected);
    }
}

#[test]
fn reads_queries_as_forms() {
    let hint = "(in a query, `+` is a space and %2B a plus)";
    check_all(
        &[
            ("GET /users?$filter=startswith(name,'a b')", OK),
            ("GET /tags?q=a+b&x+y=1", OK),
            ("GET /tags?q=a%2Bb&x+y=1", OK),
            ("GET /plus/a+b", OK),
        ],
        &[
            ("GET /users?%24filter=startswith%28name%2C%27a+b%27%29", "0"),
            ("GET /users?$filter=startswith(name,'a%20b')", "0"),
            ("GET /tags?q=a%20b&x%20y=1", "1"),
            ("GET /tags?x+y=1&q=a+b", "1"),
            ("GET /tags?q=a%2Bb&x+y=1", "2"),
            ("GET /plus/a+b", "3"),
            ("GET /plus/a%2Bb", "3"),
            (
                "GET /plus/a%20b",
                "404 path segment 2: documented \"a+b\", got \"a b\"",
            ),
            (
                "GET /users?$filter=startswith(name,'a%2Bb')",
                &format!(
                    "404 query parameter $filter: documented \"startswith(name,'a b')\", \
                     got \"startswith(name,'a+b')\" {hint}"
                ),
            ),
        ],
    );
    check_all(
        &[("GET /tags?q=a%2Bb", OK)],
        &[(
            "GET /tags?q=a+b",
            &format!("404 query parameter q: documented \"a+b\", got \"a b\" {hint}"),
        )],
    );
}

#[test]
fn json_in_a_query_is_compared_as_json() {
    check_all(
        &[
            ("GET /x?where={\"key\": \"true\", \"n\": 1}", OK),
            ("GET /x?where={\"key\": \"false\"}", OK),
            ("GET /y?where={\"id\": \"{id}\"}", OK),
            ("GET /z?ids=[1,2]&q={q}", OK),
        ],
        &[
            ("GET /x?where=%7B%22n%22:1,%22key%22:%22true%22%7D", "0"),
            (
                "GET /x?where=%7B%22key%22%3A+%22true%22%2C+%22n%22%3A+1%7D",
                "0",
            ),
            ("GET /x?where=%7B%22key%22%3A%22false%22%7D", "1"),
            ("GET /y?where=%7B%22id%22:%20%227%22%7D", "2"),
            ("GET /z?q=%7B%22a%22%3A1%7D&ids=%5B1,%202%5D", "3"),
            (
                "GET /x?where=%7B%22key%22%3A%22maybe%22%7D",
                "404 query parameter where: documented \"{\\\"key\\\": \\\"true\\\", \\\"n\\\": 1}\", \
                 got \"{\\\"key\\\":\\\"maybe\\\"}\"",
            ),
        ],
    );
}

#[test]
fn clients_send_their_own_header_values() {
    check_all(
        &[
            (
                "PUT /a\nIf-Match: \"abc\"\nContent-Range: bytes 0-25/128",
                OK,
            ),
            ("PUT /b\nPrefer: return=minimal, odata.maxpagesize=2", OK),
            ("PUT /c\nAccept-Language: en-US", OK),
        ],
        &[
            (
                "PUT /a\nIf-Match: \"abc\"\nContent-Range: bytes 0-25/128",
                "0",
            ),
            (
                "PUT /a\nIf-Match: \"xyz\"\nContent-Range: bytes 0-99/200",
                "0\nheader if-match: documented \"\\\"abc\\\"\", got \"\\\"xyz\\\"\"\n\
                 header content-range: documented \"bytes 0-25/128\", got \"bytes 0-99/200\"",
            ),
            (
                "PUT /a",
                "400 header if-match: documented \"\\\"abc\\\"\", got none; \
                 header content-range: documented \"bytes 0-25/128\", got none",
            ),
            (
                "PUT /b\nPrefer: odata.maxpagesize=\"2\", Return=minimal, x",
                "1",
            ),
            (
                "PUT /b\nPrefer: return=minimal",
                "1\nheader prefer: documented \"return=minimal, odata.maxpagesize=2\", \
                 got \"return=minimal\"",
            ),
            (
                "PUT /c\nAccept-Language: de",
                "2\nheader accept-language: documented \"en-US\", got \"de\"",
            ),
        ],
    );
}

#[test]
fn header_values_choose_between_cases() {
    check_all(
        &[
            ("GET /a\nAccept-Language: en", OK),
            ("GET /a\nAccept-Language: de", OK),
            ("GET /a\nAccept-Language: de\nX: 1", OK),
            ("GET /b\nX: 1", OK),
            ("GET /b", OK),
            ("GET /users/{id}", OK),
            ("GET /users/me\nX: 1", OK),
        ],
        &[
            ("GET /a\nAccept-Language: en", "0"),
            ("GET /a\nAccept-Language: de", "1"),
            ("GET /a\nAccept-Language: de\nX: 1", "2"),
            ("GET /a\nAccept-Language: de\nX: 2", "1"),
            (
                "GET /a\nAccept-Language: fr",
                "0\nheader accept-language: documented \"en\", got \"fr\"",
            ),
            ("GET /b\nX: 2", "4"),
            ("GET /b\nX: 1", "3"),
            // The path comes before the values of headers.
            (
                "GET /users/me\nX: 2",
                "6\nheader x: documented \"1\", got \"2\"",
            ),
            ("GET /users/me", "5"),
        ],
    );
}

#[test]
fn accept_chooses_between_cases() {
    check_all(
        &[
            ("GET /a\nAccept: application/json", JSON),
            ("GET /a\nAccept: text/csv", CSV),
            ("GET /b", JSON),
            ("GET /b", CSV),
            ("GET /c", CSV),
            ("GET /c\nAccept: image/png", PNG),
        ],
        &[
            ("GET /a", "0"),
            ("GET /a\nAccept: */*", "0"),
            ("GET /a\nAccept: text/csv", "1"),
            ("GET /a\nAccept: text/*", "1"),
            ("GET /a\nAccept: TEXT/*;q=0.1, image/png", "1"),
            ("GET /a\nAccept: application/json;q=0.5, text/csv", "1"),
            (
                "GET /a\nAccept: text/csv;q=0.5\nAccept: application/json;q=0.8",
                "0",
            ),
            ("GET /a\nAccept: application/json;q=0, */*", "1"),
            (
                "GET /a\nAccept: image/png",
                "406 header accept: documented a response of \"application/json\", got \"image/png\"",
            ),
            (
                "GET /a\nAccept: */*;q=0",
                "406 header accept: documented a response of \"application/json\", got \"*/*;q=0\"",
            ),
            ("GET /c", "4"),
            ("GET /c\nAccept: */*", "4"),
            ("GET /c\nAccept: image/*", "5"),
            ("GET /c\nAccept: image/*, text/csv;q=0.9", "5"),
        ],
    );
}

#[test]
fn a_documented_accept_value_accepts_the_documented_response() {
    check_all(
        &[("GET /a\nAccept: text/csv", PNG), ("GET /b\nX: y", PNG)],
        &[
            ("GET /a\nAccept: text/csv", "0"),
            (
                "GET /a\nAccept: text/html",
                "406 header accept: documented a response of \"image/png\", got \"text/html\"",
            ),
            (
                "GET /b\nX: y\nAccept: text/html",
                "406 header accept: documented a response of \"image/png\", got \"text/html\"",
            ),
        ],
    );
}

#[test]
fn default_ports_equal_no_port() {
    check_all(
        &[
            ("GET https://a.example/x", OK),
            ("GET http://b.example:8080/x", OK),
        ],
        &[
            ("GET /x\nHost: a.example:443", "0"),
            ("GET /x\nHost: A.example:80", "0"),
            ("GET /x\nHost: b.example:8080", "1"),
            (
                "GET /x\nHost: a.example:8080",
                "404 host: documented a.example, got a.example:8080",
            ),
            (
                "GET /x\nHost: b.example",
                "404 host: documented a.example, got b.example",
            ),
        ],
    );
}

#[track_caller]
fn detail(pairs: &[(&str, &str)], sent: &str) -> (String, String) {
    let reply = send(&table(pairs, Settings::default()), sent);
    let problem: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    let text = |name: &str| problem[name].as_str().expect("a text").to_owned();
    (text("type"), text("detail"))
}

#[test]
fn problems_have_a_type_and_say_what_to_do() {
    let pairs = [
        (
            "PUT https://a.example/x?a=1\nX: 1\nContent-Type: text/csv\n\na",
            CSV,
        ),
        ("GET https://a.example/y", "999 Odd"),
    ];
    let host = "Host: a.example";
    for (sent, problem, part) in [
        ("GET /z", ProblemType::UnknownPath, "matches GET \"/z\""),
        (
            "PUT /x?a=1\nHost: mock:8080",
            ProblemType::UnknownHost,
            "at host mock:8080; `docproof mock --any-host` ignores",
        ),
        ("PUT /x?a=1", ProblemType::UnknownHost, "at host none"),
        (
            &format!("GET /x?a=1\n{host}"),
            ProblemType::UnknownMethod,
            "documents only PUT",
        ),
        (
            &format!("PUT /x\n{host}"),
            ProblemType::UnknownQuery,
            "with this query",
        ),
        (
            &format!("PUT /x?a=1\n{host}\nContent-Type: text/csv\n\na"),
            ProblemType::MissingHeader,
            "header x: documented \"1\", got none",
        ),
        (
            &format!("PUT /x?a=1\n{host}\nX: 2\nContent-Type: text/csv"),
            ProblemType::Body,
            "body: documented a body, got none",
        ),
        (
            &format!("PUT /x?a=1\n{host}\nX: 2\nContent-Type: text/html\n\na"),
            ProblemType::MediaType,
            "header content-type",
        ),
        (
            &format!("PUT /x?a=1\n{host}\nX: 2\nAccept: a/b\nContent-Type: text/csv\n\na"),
            ProblemType::NotAcceptable,
            "header accept",
        ),
    ] {
        let (uri, detail) = detail(&pairs, sent);
        assert_eq!(uri, problem.uri(), "{sent}");
        assert!(detail.contains(part), "{detail}\n{sent}");
    }
}

#[test]
fn names_all_violations_at_once() {
    let pairs = [(
        "POST /x?a=1\nX: 1\nContent-Type: application/json\n\n{\"a\": 1, \"b\": \"c\"}",
        JSON,
    )];
    let all = [
        "header x: documented \"1\", got none",
        "header accept: documented a response of \"application/json\", got \"text/html\"",
        "header content-type: documented \"application/json\", got none",
        "body $.a: documented number, got string",
        "body $.b: documented string, got number",
    ];
    let sent = "POST /x?a=1\nAccept: text/html\n\n{\"a\": \"1\", \"b\": 2}";
    let reply = send(&table(&pairs, Settings::default()), sent);
    let problem: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!(problem["violations"], serde_json::json!(all));
    assert_eq!(problem["detail"], all.join("; "));
    assert_eq!(problem["status"], 415);
    let missed = summary(&send(
        &table(&pairs, Settings::default()),
        &sent.replace("?a=1", "?b=2"),
    ));
    for part in [
        "404 query parameter a: documented \"1\", got none; \
         query parameter b: documented none, got \"2\"; ",
        all[0],
        all[1],
        all[2],
    ] {
        assert!(missed.contains(part), "{missed}");
    }
}

#[test]
fn a_path_between_colons_has_several_segments() {
    check_all(
        &[
            ("GET /drive/root:/{item-path}:/content", OK),
            ("GET /drive/root:/{item-path}", OK),
            ("GET /drive/items/{id}:/docs/{name}:/children", OK),
            ("GET /sites/{host}:/{path}:/lists/{list}", OK),
            ("GET /drive/root:/{a}/{b}:/x", OK),
            ("GET /users/{id}/photo", OK),
        ],
        &[
            ("GET /drive/root:/a.txt:/content", "0"),
            ("GET /drive/root:/dir/a%20b/c.txt:/content", "0"),
            ("GET /drive/root:/dir/a.txt%3A/content", "0"),
            ("GET /drive/root:/a.txt", "1"),
            ("GET /drive/root:/dir/sub/a.txt", "1"),
            ("GET /drive/items/7:/docs/dir/a.txt:/children", "2"),
            ("GET /sites/a.example:/teams/b/c:/lists/7", "3"),
            ("GET /drive/root:/a/b/c:/x", "4"),
            (
                "GET /drive/root:/dir/a.txt:/contnet",
                "404 path segment 5: documented \"content\", got \"contnet\"",
            ),
            (
                "GET /sites/a.example:/teams/b:/lists/7/8",
                "404 path segment 7: documented none, got \"8\"",
            ),
            (
                "GET /users/7/8/photo",
                "404 path segment 3: documented none, got \"8\"",
            ),
        ],
    );
}

#[test]
fn compares_few_of_many_query_parameters() {
    let table = table(&[("GET /a?x=1&y=2", OK)], Settings::default());
    let sent = |count: usize| {
        summary(&send(
            &table,
            &format!("GET /a?y=2{}", "&z=3".repeat(count)),
        ))
    };
    let differs = sent(300);
    assert!(
        differs.starts_with("404 query parameter x: documented \"1\", got none; "),
        "{differs}"
    );
    assert_eq!(differs, sent(30_000));
    let many = format!("GET /a?{}", vec!["z=3"; 1500].join("&"));
    check_all(&[(&many, OK)], &[(&many, "0")]);
}

#[test]
fn the_number_of_compared_shapes_does_not_grow_with_the_pages() {
    let post = "POST /a\nContent-Type: application/json\n\n";
    let compared = |documented: usize, sent: &str| {
        let bodies = (0..documented).map(|n| format!("{post}[{{\"m{n}\": 1}}]"));
        let bodies: Vec<String> = bodies.collect();
        let pairs: Vec<_> = bodies.iter().map(|body| (body.as_str(), OK)).collect();
        let table = table(&pairs, Settings::default());
        let reply = send(&table, sent);
        let entries = table.routes.entries.iter();
        let compared = entries.filter(|entry| entry.expectation.get().is_some());
        (summary(&reply), compared.count())
    };
    let wrong = format!("{post}[{}1]", "{},".repeat(1 << 18));
    let refusal = "400 body $[262144]: documented object, got number";
    for documented in [20, 40, 80] {
        assert_eq!(compared(documented, &wrong), (refusal.to_owned(), 10));
    }
    let long = format!("{wrong}{}", " ".repeat(1 << 20));
    let warning = "0\nbody: not compared, longer than 1 MiB".to_owned();
    assert_eq!(compared(20, &long), (warning, 0));
    let short = format!("{post}[1]");
    assert_eq!(compared(80, &short).1, 80);
}
