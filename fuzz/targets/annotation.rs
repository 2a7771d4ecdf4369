//! Reads arbitrary text as the annotation in a comment.

#![no_main]

use docproof::internals::page::extract::extract;
use docproof::internals::text::source::Page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let page = format!("<!-- {text} -->\n```http\nGET /a\n```\n");
    let page = Page::new("p.md", page);
    for found in extract(&page, None).diagnostics {
        assert!(found.start.line <= page.line_count() + 1, "{found:?}");
    }
});
