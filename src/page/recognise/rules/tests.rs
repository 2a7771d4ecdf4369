//! Tests of the rules, on pages in the styles of authors.

use super::*;
use crate::page::extract::{Extracted, extract};

fn read(text: &str, rules: &[RecognitionRule]) -> (Page, Extracted) {
    let page = Page::new("a.md", text.to_owned());
    let recognition = Recognition {
        rules: rules.to_vec(),
        cues: vec!["Wynik".to_owned()],
        status: None,
    };
    let extracted = extract(&page, Some(&recognition));
    check_places(&page, &extracted);
    (page, extracted)
}

/// Checks that all places are in the page, and that each block is recognised once.
#[track_caller]
fn check_places(page: &Page, extracted: &Extracted) {
    let found = &extracted.recognised;
    let spans = found.blocks.iter().map(|block| block.span);
    let spans = spans.chain(found.alone.iter().copied());
    for span in spans.chain(found.refused.iter().map(|refused| refused.span)) {
        assert!(page.text.get(span.range()).is_some(), "{span:?}");
    }
    let mut blocks: Vec<Span> = found.blocks.iter().map(|block| block.span).collect();
    blocks.dedup();
    assert_eq!(blocks.len(), found.blocks.len());
    for pair in blocks.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:?}");
    }
}

/// Checks the recognised cases: the rule, the method and the target of the request,
/// and the line and the status of the response.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let (_, extracted) = read(text, &RecognitionRule::DEFAULT);
    assert_eq!(shown(&extracted), expected, "{text}");
}

fn shown(extracted: &Extracted) -> Vec<String> {
    let cases = extracted.cases.iter().map(|case| {
        let rule = case.recognised.map_or("annotated", RecognitionRule::name);
        let response = case.response.as_ref().expect("a response");
        let (line, status) = (response.line, response.message.status);
        let request = &case.request;
        format!(
            "{rule} {} {} {line} {status}",
            request.method, request.target
        )
    });
    cases.collect()
}

#[test]
fn pairs_a_request_line_with_a_status_line() {
    check(
        "# Get a\n\n```\nGET /a\n```\n\n## Response\n\n```\nHTTP/1.1 200 OK\n\n{}\n```\n",
        &["status-line GET /a 9 200"],
    );
    let indented = "# Get a\n\n    GET /a\n\nText.\n\n    200 OK\n    A: b\n";
    check(indented, &["status-line GET /a 7 200"]);
    let other = "# Get a\n\n```\nGET /a\n```\n\n# Get b\n\n```\nHTTP/1.1 200 OK\n```\n";
    check(other, &[]);
}

#[test]
fn pairs_a_command_with_a_status_line() {
    let page = "```sh\ncurl http://a.example/a\n```\n\n```\nHTTP/1.1 404 Not Found\n```\n";
    check(page, &["curl-status GET http://a.example/a 5 404"]);
    check(&page.replace("curl ", "curl --unknown "), &[]);
}

#[test]
fn pairs_a_request_with_an_announced_body() {
    let page = |cue: &str| {
        format!(
            "## Add a\n\n```\nPOST /a\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{cue}\n\n```json\n{{\"id\": 1}}\n```\n"
        )
    };
    for cue in [
        "Example response:",
        "**Response**\n\nSome text.",
        "### Response",
        "It returns the item:",
        "Wynik",
        "=== \"Response\"\n",
    ] {
        let (_, extracted) = read(&page(cue), &RecognitionRule::DEFAULT);
        let rules: Vec<_> = extracted.cases.iter().map(|case| case.recognised).collect();
        assert_eq!(rules, [Some(RecognitionRule::ResponseCue)], "{cue}");
    }
    for cue in [
        "Request body:",
        "### Payload",
        "An item:",
        "## Others\n\nIt returns this:",
        "",
    ] {
        check(&page(cue), &[]);
    }
}

#[test]
fn pairs_a_request_with_a_body_directly_below() {
    let page = "# A\n\n```\nGET /a\n```\n\n```json\n{\"id\": 1}\n```\n";
    check(page, &["below GET /a 7 2xx"]);
    check(&page.replace("GET", "POST"), &[]);
    let with_body = "# A\n\n```\nPOST /a\n\n{}\n```\n\n```json\n{\"id\": 1}\n```\n";
    check(with_body, &["below POST /a 9 2xx"]);
    check(
        &page.replace("\n\n```json", "\n\na\n\nb\n\nc\n\n```json"),
        &[],
    );
    check(&page.replace("\n\n```json", "\n\n## B\n\n```json"), &[]);
    check(&page.replace("{\"id\": 1}", "{\"id\": \"string\"}"), &[]);
}

#[test]
fn splits_a_command_and_its_output() {
    let page = "# A\n\n```sh\n$ curl http://a.example/a\n{\"id\": 1}\n```\n";
    check(page, &["one-block GET http://a.example/a 5 2xx"]);
    let status = "# A\n\n```\nGET /a\n\nHTTP/1.1 204 No Content\n```\n";
    check(status, &["one-block GET /a 6 204"]);
    check("# A\n\n```sh\n$ list\n{\"id\": 1}\n```\n", &[]);
}

#[test]
fn pairs_each_response_of_a_request() {
    check(
        "# Get items\n\n```\nGET /a\n```\n\n## On success\n\n```\n200 OK\n```\n\n## On failure: gone\n\n```\n410 Gone\n```\n",
        &["status-line GET /a 9 200", "status-line GET /a 15 410"],
    );
    check(
        "# Get items\n\n```\nGET /a\n```\n\n##### 200: OK\n\n```json\n{}\n```\n\n##### 404: Not found\n\nNo a.\n\n```json\n{\"error\": \"a\"}\n```\n\n```json\n{}\n```\n",
        &[
            "response-cue GET /a 9 200",
            "response-cue GET /a 17 404",
            "response-cue GET /a 21 404",
        ],
    );
}

#[test]
fn shares_the_response_of_several_sections() {
    check(
        "# A\n\n## My a\n\n```\nGET /me/a\n```\n\n## Your a\n\n```\nGET /you/a\n```\n\n## Response\n\n```\nHTTP/1.1 200 OK\n```\n",
        &[
            "status-line GET /me/a 17 200",
            "status-line GET /you/a 17 200",
        ],
    );
    // A response below one operation is not that of the operation before.
    check(
        "# A\n\n## One\n\n```\nGET /one\n```\n\n## Two\n\n### First\n\n```\nGET /two\n```\n\n### Response\n\n```\nHTTP/1.1 200 OK\n```\n",
        &["status-line GET /two 19 200"],
    );
}

#[test]
fn refuses_signatures_schemas_and_payloads() {
    let refused = |text: &str| {
        let (_, extracted) = read(text, &RecognitionRule::DEFAULT);
        let refused = extracted.recognised.refused.iter();
        let reasons: Vec<_> = refused.map(|refused| refused.reason).collect();
        (extracted.cases.len(), reasons)
    };
    let signature = "# A\n\n```\nGET /a/:id\n```\n\n```sh\ncurl http://a.example/a/1\n```\n\nResponse:\n\n```json\n{}\n```\n";
    assert_eq!(refused(signature), (1, vec![Refusal::Signature]));
    let schema = "# A\n\n```\nGET /a\n```\n\nResponse:\n\n```json\n{\"id\": \"integer\"}\n```\n";
    assert_eq!(refused(schema), (0, vec![Refusal::Schema]));
    let payload = "# A\n\n```\nPUT /a\n```\n\nRequest body:\n\n```json\n{}\n```\n";
    assert_eq!(refused(payload), (0, vec![Refusal::Payload]));
    assert_eq!(
        refused("# A\n\n```\nHTTP/1.1 200 OK\n```\n"),
        (0, vec![Refusal::NoRequest])
    );
}

#[test]
fn reads_the_status_from_prose_where_one_fits() {
    let page = |prose: &str| {
        format!(
            "## Add a\n\n{prose}\n\n```\nPOST /a\n```\n\nResponse:\n\n```json\n{{\"id\": 1}}\n```\n"
        )
    };
    check(
        &page("It returns `201 Created`."),
        &["response-cue POST /a 11 201"],
    );
    check(
        &page("| Code | |\n|---|---|\n| 202 | ok |\n| 404 | - |"),
        &["response-cue POST /a 14 202"],
    );
    check(
        &page("It returns 200 OK or 201 Created."),
        &["response-cue POST /a 11 2xx"],
    );
    check(
        &page("At most 201 items."),
        &["response-cue POST /a 11 2xx"],
    );
}

#[test]
fn reads_code_in_components_tabs_and_html() {
    let pair = "```\nGET /a\n```\n\n```\n200 OK\n```\n";
    let expected = |line| [format!("status-line GET /a {line} 200")];
    let check = |text: &str, line: usize| {
        let (_, extracted) = read(text, &RecognitionRule::DEFAULT);
        assert_eq!(shown(&extracted), expected(line), "{text}");
    };
    check(&format!("<CodeGroup>\n{pair}</CodeGroup>\n"), 6);
    check(&format!("{{% tab %}}\n{pair}{{% endtab %}}\n"), 6);
    let indented = pair.replace("```", "    ```").replace("\nGET", "\n    GET");
    let indented = indented.replace("\n200", "\n    200");
    check(&format!("=== \"HTTP\"\n\n{indented}"), 7);
    check(&format!("- a\n\n{indented}"), 7);
    let html = "<pre><code>GET /a</code></pre>\n\n<pre><code>200 OK\n</code></pre>\n";
    check(html, 3);
    let (page, extracted) = read(
        "<pre><code>GET /a?b=&lt;c&gt;d</code></pre>\n\n<pre>200 OK</pre>\n",
        &RecognitionRule::DEFAULT,
    );
    assert_eq!(extracted.cases[0].request.target, "/a?b=<c>d");
    let start_line = extracted.places[0].request.start_line;
    assert_eq!(page.slice(start_line), "GET /a?b=&lt;c&gt;d");
}

#[test]
fn sends_the_file_that_the_page_shows() {
    let page = "# A\n\n### Sample payload\n\n```json\n{\"id\": 1}\n```\n\n### Sample request\n\n```sh\ncurl -d @a.json http://a.example/a\n```\n\n### Sample response\n\n```json\n{}\n```\n";
    let (_, extracted) = read(page, &RecognitionRule::DEFAULT);
    let body = extracted.cases[0].request.body.as_deref();
    assert_eq!(body, Some("{\"id\": 1}"));
    let (_, extracted) = read(
        &page.replace("Sample payload", "Items"),
        &RecognitionRule::DEFAULT,
    );
    assert!(extracted.cases.is_empty());
    assert_eq!(extracted.recognised.unreadable.len(), 1);
}

#[test]
fn proposes_endpoints_unless_they_are_configured() {
    let page = "## GET /a/:id\n\nResponse:\n\n```json\n{}\n```\n";
    let (_, extracted) = read(page, &RecognitionRule::DEFAULT);
    assert!(extracted.cases.is_empty());
    assert_eq!(extracted.recognised.proposed[&RecognitionRule::Endpoint], 1);
    let (_, extracted) = read(page, &RecognitionRule::ALL);
    assert_eq!(shown(&extracted), ["endpoint GET /a/{id} 5 2xx"]);
    let two = page.replace("Response:", "`PUT /a/:id`\n\nResponse:");
    let (_, extracted) = read(&two, &RecognitionRule::ALL);
    assert!(extracted.cases.is_empty());
}

#[test]
fn reports_commands_that_differ_from_their_operation() {
    let page = "## GET /a/:id\n\n```sh\ncurl http://a.example/v1/a/2\n```\n";
    let (_, extracted) = read(page, &RecognitionRule::DEFAULT);
    assert!(extracted.recognised.differing.is_empty());
    for (from, to) in [("/a/2", "/b/2"), ("curl ", "curl -X POST ")] {
        let (_, extracted) = read(&page.replace(from, to), &RecognitionRule::DEFAULT);
        assert_eq!(extracted.recognised.differing.len(), 1, "{to}");
    }
}

#[test]
fn keeps_annotated_blocks_as_they_are() {
    let annotated = "<!-- {\"blockType\": \"ignored\"} -->\n```\nGET /a\n```\n\n```\n200 OK\n```\n";
    check(annotated, &[]);
    let page = "# A\n\n<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /a\n```\n\n<!-- {\"blockType\": \"response\", \"name\": \"a\"} -->\n```\nHTTP/1.1 200 OK\n```\n\n# A\n\n```\nGET /b\n```\n\n```\nHTTP/1.1 200 OK\n```\n";
    check(
        page,
        &["annotated GET /a 9 200", "status-line GET /b 19 200"],
    );
    let (_, extracted) = read(page, &RecognitionRule::DEFAULT);
    let ids: Vec<&str> = extracted.cases.iter().map(|case| &*case.id).collect();
    assert_eq!(ids, ["a::a", "a::a-2"]);
}

#[test]
fn survives_any_text() {
    let pieces = [
        "```\n",
        "GET /a\n",
        "HTTP/1.1 200 OK\n",
        "{\"a\":1}\n",
        "\n",
        "# Response\n",
        "    ",
        "<pre>",
        "</pre>",
        "<Tab>\n",
        "=== \"é\"\n",
        "curl a \\\n",
        "-d @x '\n",
        "> ",
        "* ",
        "é",
        "| 200 | é |\n",
        "&lt;",
        "**Response:**\n",
        "```json é\n",
        "~~~\n",
        "[",
        "{",
        "\r\n",
    ];
    // A linear congruential generator, so that a failure can be repeated.
    let mut state: u64 = 1;
    for _ in 0..3000 {
        let mut text = String::new();
        for _ in 0..24 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = usize::try_from(state >> 33).unwrap_or(0) % pieces.len();
            text.push_str(pieces[at]);
        }
        read(&text, &RecognitionRule::ALL);
    }
}
