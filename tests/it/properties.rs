//! Properties of arbitrary pages.

use docproof::internals::page::case::Case;
use docproof::internals::page::extract::{extract, may_hold_cases};
use docproof::internals::text::source::{Page, Span};
use proptest::prelude::*;

/// Pieces of pages, valid and malformed.
fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "<!-- {\"blockType\": \"request\"} -->\n",
        "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n",
        "<!-- {\"blockType\": \"response\"} -->\n",
        "<!-- {\"blockType\": \"response\", \"name\": [\"a\", \"b\"]} -->\n",
        "<!-- {'blockType': 'request', name: \"b\",} -->\n",
        "<!-- {\"blockType\": \"ignored\"\n} --> text\n",
        "<!-- {\"block\\u0054ype\": \"request\"} -->\n",
        "<!-- {\"blockType\" -->\n",
        "<!--\n\n",
        "-->\n",
        "<!-->",
        "\n",
        "\n\n",
        "```http\nGET https://a.example/b/{c}?d=e f HTTP/1.1\nA: b\n\n{\n  \"a\": 1\n}\n```\n",
        "```\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{}\n```\n",
        "```\nHTTP 204\n\nx\n```\n",
        "~~~\nPOST /é\nA:\tb\nno header\n~~~\n",
        "```",
        "````\n",
        "> ",
        "- ",
        "1. ",
        "   ",
        "\t",
        "    ",
        "# ",
        "| a | b |\n|---|---|\n",
        "---\n",
        "[a]: /b\n",
        "<div>\n",
        "é",
        "😀",
        "\u{feff}",
        "\u{0}",
        "\r",
        "[",
        "](",
        "*",
        "`",
        "\\",
    ])
    .prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => ".{0,8}"]
}

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(pieces(), 0..24).prop_map(|pieces| pieces.concat())
}

/// A self-contained part of a page: text before or after it does not change it.
/// `{n}` is replaced with its number.
fn sections() -> impl Strategy<Value = String> {
    let around = prop::sample::select(vec![
        "",
        "# Title\n\n",
        "Some *text*, and a [link](a.md).\n\n",
        "- a list\n\n  of two paragraphs\n\n<!-- no annotation -->\n\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
        "```json\n{\"blockType\": \"request\"}\n```\n\n",
        "> a quote\n\n---\n\n",
    ]);
    let request = prop::sample::select(vec![
        "```http\nGET https://a.example/b/{n}?c=d\n```\n\n",
        "~~~\nPOST /b/{n} HTTP/1.1\nContent-Type: application/json\n\n{\"a\": [1, {}]}\n~~~\n\n",
        "```\nDELETE /b/{n}\nIf-Match: *\nAccept: a/b\n```\n\n",
        "```http\nnot a request {n}\n```\n\n",
    ]);
    let response = prop::sample::select(vec![
        "",
        "<!-- {\"blockType\": \"response\", \"name\": \"n{n}\"} -->\n```\nHTTP/1.1 204 No Content\n```\n\n",
        "<!-- {\"blockType\": \"response\", \"truncated\": true} -->\n```http\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\n{n}\n```\n\n",
    ]);
    (around.clone(), request, around, response).prop_map(|(before, request, between, response)| {
        let annotation = "<!-- {\"blockType\": \"request\", \"name\": \"n{n}\"} -->\n";
        [before, annotation, request, between, response].concat()
    })
}

/// A case without its place in the page.
fn unplaced(cases: Vec<Case>) -> impl Iterator<Item = Case> {
    cases.into_iter().map(|mut case| {
        case.line = 0;
        if let Some(response) = &mut case.response {
            response.line = 0;
        }
        case
    })
}

fn page(text: &str) -> Page {
    Page::new("p.md", text.to_owned())
}

fn lies_in(text: &str, span: Span) -> bool {
    text.get(span.range()).is_some()
}

proptest! {
    #[test]
    fn extraction_never_panics_and_spans_are_in_bounds(text in texts()) {
        let page = page(&text);
        let extracted = extract(&page, None);
        prop_assert_eq!(extracted.cases.len(), extracted.places.len());
        for places in &extracted.places {
            for places in std::iter::once(&places.request).chain(&places.response) {
                let spans = [places.block, places.annotation, places.start_line, places.subject];
                for span in spans.iter().chain(&places.headers).chain(&places.body) {
                    prop_assert!(lies_in(&text, *span), "{:?}", span);
                }
            }
        }
        for finding in &extracted.diagnostics {
            prop_assert!(lies_in(&text, finding.span.expect("a span")), "{:?}", finding);
            prop_assert!(finding.start <= finding.end);
        }
        for (case, places) in extracted.cases.iter().zip(&extracted.places) {
            prop_assert_eq!(page.slice(places.request.subject), &case.request.target);
            for (header, span) in case.request.headers.iter().zip(&places.request.headers) {
                prop_assert!(page.slice(*span).starts_with(&header.name));
            }
        }
    }

    #[test]
    fn ids_are_unique(text in texts()) {
        let cases = extract(&page(&text), None).cases;
        let ids: std::collections::HashSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        prop_assert_eq!(ids.len(), cases.len());
    }

    #[test]
    fn line_endings_do_not_change_cases(text in texts()) {
        // A lone carriage return does not end a line.
        let lf = text.replace('\r', "");
        let crlf = lf.replace('\n', "\r\n");
        prop_assert_eq!(extract(&page(&lf), None).cases, extract(&page(&crlf), None).cases);
    }

    #[test]
    fn the_byte_search_finds_each_page_with_cases(text in texts()) {
        if !may_hold_cases(text.as_bytes()) {
            prop_assert!(extract(&page(&text), None).cases.is_empty());
        }
    }

    #[test]
    fn concatenated_pages_keep_their_cases(pages in prop::collection::vec(
        prop::collection::vec(sections(), 0..5), 0..5
    )) {
        let mut number = 0;
        let pages: Vec<String> = pages
            .iter()
            .map(|sections| {
                let numbered = sections.iter().map(|section| {
                    number += 1;
                    section.replace("{n}", &number.to_string())
                });
                numbered.collect()
            })
            .collect();
        let each = pages.iter().flat_map(|text| unplaced(extract(&page(text), None).cases));
        let whole = extract(&page(&pages.concat()), None).cases;
        prop_assert_eq!(unplaced(whole).collect::<Vec<_>>(), each.collect::<Vec<_>>());
    }

    #[test]
    fn case_files_keep_the_cases_of_their_page(text in texts()) {
        let cases = extract(&page(&text), None).cases;
        let written = docproof::internals::page::case_file::write("p.md", &cases);
        let read = docproof::internals::page::case_file::read("p.yaml", &written);
        let read = read.map(|(cases, _)| cases).map_err(|finding| finding.message);
        prop_assert_eq!(read, Ok(cases), "{}", written);
    }
}
