//! Reads arbitrary text as an HTTP request and as a response.

#![no_main]

use docproof::internals::http::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = text::request(text);
    let _ = text::response(text);
    if let Some((_, body)) = text::content(text) {
        let _ = &text[body];
    }
});
