//! The reader of HTTP texts: any text in the fences of a request and of a
//! response.

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
