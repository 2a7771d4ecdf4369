//! Tests of annotating pages.

use super::*;
use crate::page::reader::{Extraction, Unannotated};

fn reader() -> Reader {
    let extraction = Extraction {
        unannotated: Unannotated::On,
        ..Extraction::default()
    };
    extraction.reader_if(|| false)
}

/// The annotations of a page's recognised examples.
fn annotate_recognised(page: &Page) -> Annotated {
    annotate(page, &reader().extract(page))
}

/// Annotates a page. Checks the new text, that the cases are those that were
/// recognised, and that nothing is left to annotate.
#[track_caller]
fn check(text: &str, expected: &str) {
    let page = Page::new("p.md", text.to_owned());
    let annotated = annotate_recognised(&page);
    assert_eq!(annotated.apart, []);
    let written = apply(text, &annotated.edits);
    assert_eq!(written, expected);
    let page_after = Page::new("p.md", written);
    let before = reader().extract(&page).cases;
    let after = Reader::default().extract(&page_after).cases;
    assert_eq!(before.len(), after.len());
    assert!(before.iter().zip(&after).all(|(a, b)| is_same(a, b)));
    assert_eq!(annotate_recognised(&page_after).edits, []);
}

/// Checks the examples that cannot be annotated, and that the page stays as it is.
#[track_caller]
fn check_apart(text: &str, expected: &[&str]) {
    let annotated = annotate_recognised(&Page::new("p.md", text.to_owned()));
    assert_eq!(annotated.edits, []);
    let apart = annotated.apart.iter();
    let apart: Vec<String> = apart
        .map(|apart| format!("{} {}", apart.line, apart.reason))
        .collect();
    assert_eq!(apart, expected);
}

const PAIR: &str =
    "## Pause sync\n\n```http\nGET /sync\n```\n\n```http\nHTTP/1.1 200 OK\n\n{}\n```\n";

#[test]
fn inserts_annotations_above_fences() {
    check(
        PAIR,
        "## Pause sync\n\n\
         <!-- {\"blockType\": \"request\", \"name\": \"pause-sync\"} -->\n\
         ```http\nGET /sync\n```\n\n\
         <!-- {\"blockType\": \"response\", \"name\": \"pause-sync\"} -->\n\
         ```http\nHTTP/1.1 200 OK\n\n{}\n```\n",
    );
}

#[test]
fn keeps_line_ends_and_prefixes() {
    let with_ends = |text: &str| text.replace('\n', "\r\n");
    check(
        &with_ends(PAIR),
        &with_ends(
            "## Pause sync\n\n\
             <!-- {\"blockType\": \"request\", \"name\": \"pause-sync\"} -->\n\
             ```http\nGET /sync\n```\n\n\
             <!-- {\"blockType\": \"response\", \"name\": \"pause-sync\"} -->\n\
             ```http\nHTTP/1.1 200 OK\n\n{}\n```\n",
        ),
    );
    check(
        "## A\n\n> ```http\n> GET /a\n> ```\n>\n> ```http\n> HTTP/1.1 204 No Content\n> ```\n",
        "## A\n\n\
         > <!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n\
         > ```http\n> GET /a\n> ```\n>\n\
         > <!-- {\"blockType\": \"response\", \"name\": \"a\"} -->\n\
         > ```http\n> HTTP/1.1 204 No Content\n> ```\n",
    );
}

#[test]
fn leaves_annotated_pages_as_they_are() {
    let annotated = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
                     <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n```\n";
    check(annotated, annotated);
}

/// A signature above an example is none after the example is annotated.
#[test]
fn annotating_leaves_nothing_to_annotate() {
    let text = "## Lint\n\n```\nPOST lint\n```\n\n```sh\ncurl http://a.example/lint -d a=1\n```\n\n\
                Example responses:\n\n* Valid:\n\n    ```json\n    { \"a\": 1 }\n    ```\n\n\
                * Invalid:\n\n    ```json\n    { \"b\": 2 }\n    ```\n";
    let first = annotate_recognised(&Page::new("p.md", text.to_owned()));
    assert!(!first.edits.is_empty());
    let written = Page::new("p.md", apply(text, &first.edits));
    assert_eq!(annotate_recognised(&written).edits, []);
}

#[test]
fn mdx_pages_get_comments_of_mdx() {
    let page = Page::new("p.mdx", PAIR.to_owned());
    let annotated = annotate_recognised(&page);
    assert_eq!(annotated.apart, []);
    let written = apply(PAIR, &annotated.edits);
    let comment = "\n{/* {\"blockType\": \"request\", \"name\": \"pause-sync\"} */}\n```http\nGET";
    assert!(written.contains(comment), "{written}");
    let cases = Reader::default()
        .extract(&Page::new("p.mdx", written))
        .cases;
    assert_eq!(cases[0].id, "p.mdx::pause-sync");
}

#[test]
fn annotates_indented_code_and_commands_with_output() {
    check(
        "## A\n\n    GET /a\n\ntext\n\n    HTTP/1.1 204 No Content\n",
        "## A\n\n\
         <!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n    GET /a\n\ntext\n\n\
         <!-- {\"blockType\": \"response\", \"name\": \"a\"} -->\n    HTTP/1.1 204 No Content\n",
    );
    check(
        "## A\n\n```sh\n$ curl http://a.example/a\n{ \"a\": 1 }\n```\n",
        "## A\n\n\
         <!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n\
         ```sh\n$ curl http://a.example/a\n{ \"a\": 1 }\n```\n",
    );
}

#[test]
fn lists_other_examples_apart() {
    check_apart(
        "## A\n\n<pre><code>GET /a</code></pre>\n\n<pre><code>HTTP/1.1 200 OK\n\n{}</code></pre>\n",
        &["3 its block is neither a fence nor indented code"],
    );
}
