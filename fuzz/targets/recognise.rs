//! Reads arbitrary text as a page without annotations: all places lie in the text,
//! and no block is recognised twice.

#![no_main]

use docproof::internals::page::extract::extract;
use docproof::internals::page::recognise::{Recognition, RecognitionRule};
use docproof::internals::text::source::Page;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let page = Page::new("a.md", text.to_owned());
    let recognition = Recognition {
        rules: RecognitionRule::ALL.to_vec(),
        ..Recognition::default()
    };
    let found = extract(&page, Some(&recognition)).recognised;
    for pair in found.blocks.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start);
    }
    for block in &found.blocks {
        let _ = &text[block.span.range()];
    }
    for refused in &found.refused {
        let _ = &text[refused.span.range()];
    }
});
