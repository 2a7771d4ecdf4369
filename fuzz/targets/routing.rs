//! Routes malicious requests in a mock of malicious pages.

#![no_main]

use docproof::internals::page::extract::extract;
use docproof::internals::run::mock::{Incoming, Settings, Table};
use docproof::internals::text::source::Page;
use http::HeaderMap;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str, &str, &[u8])| {
    let (documented, path, query, prefer, body) = input;
    let page = format!(
        "<!-- {{\"blockType\": \"request\"}} -->\n```http\nPOST /{documented}\n```\n\
         <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 200 OK\n```\n"
    );
    let cases = extract(&Page::new("p.md", page), None).cases;
    let table = Table::new(cases.into(), Settings::default());
    let mut headers = HeaderMap::new();
    if let Ok(value) = prefer.parse() {
        headers.insert("prefer", value);
    }
    for path in [path, documented] {
        let _ = table.reply(&Incoming {
            method: "POST",
            path,
            query: Some(query),
            headers: &headers,
            body,
        });
    }
});
