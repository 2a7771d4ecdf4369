//! Reads arbitrary text as a scenario file, with its templates.

#![no_main]

use std::collections::BTreeSet;

use docproof::internals::project::scenario::{self, Text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(template) = Text::parse(text) {
        let _ = template.variables();
    }
    if let Ok(file) = scenario::read("s.yaml", text) {
        let _ = scenario::resolve(&[file], &[], &BTreeSet::new());
    }
});
