//! Builds URLs from arbitrary documented request targets.

#![no_main]

use docproof::internals::http::url::{Template, UrlTemplate, decode, encode_value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    assert_eq!(decode(&encode_value(text)), text);
    let template = Template::parse(text);
    let bound = Template::bind(text, |_| Some("x".to_owned()));
    assert!(template.matches(&bound), "{template:?} {bound:?}");
    if let Ok(url) = UrlTemplate::parse(text) {
        let count = url.placeholders().count();
        assert_eq!(url.named().placeholders().count(), count);
    }
});
