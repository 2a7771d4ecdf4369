//! Reads arbitrary text as a curl command: all ranges lie in the text. The shell
//! lexer is a part of this.

#![no_main]

use docproof::internals::page::curl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = curl::is_command(text);
    let read = curl::request(text, &|_| None);
    for problem in &read.problems {
        let _ = &text[problem.range.clone()];
    }
    if let Some((request, ranges)) = read.message {
        assert_eq!(ranges.headers.len(), request.headers.0.len());
        if let Some(body) = ranges.body {
            assert_eq!(Some(&text[body]), request.body.as_deref());
        }
        let _ = &text[ranges.subject];
    }
});
