//! Extracts the cases of an arbitrary page: spans are in bounds, and cases survive
//! their case file.

#![no_main]

use docproof::internals::page::extract::extract;
use docproof::internals::text::source::Page;
use docproof::internals::page::case_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let page = Page::new("p.md", text.to_owned());
    let extracted = extract(&page, None);
    for found in &extracted.diagnostics {
        assert!(found.start.line <= page.line_count() + 1, "{found:?}");
    }
    if extracted.cases.is_empty() {
        return;
    }
    let written = case_file::write("p.md", &extracted.cases);
    let (read, _) = case_file::read("p.yaml", &written).expect("what was written can be read");
    assert_eq!(read, extracted.cases);
});
