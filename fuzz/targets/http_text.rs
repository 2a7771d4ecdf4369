//! The reader of HTTP texts: any text in the fences of a request and of a
//! response.

#![no_main]

use docproof::extract::http;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = http::request(text);
    let _ = http::response(text);
    if let Some((_, body)) = http::content(text) {
        let _ = &text[body];
    }
});
