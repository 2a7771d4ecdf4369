//! Reads arbitrary text as a case file.

#![no_main]

use docproof::internals::page::case_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok((cases, _)) = case_file::read("p.yaml", text)
        && let Some(first) = cases.first()
    {
        let written = case_file::write(&first.page, &cases);
        case_file::read("p.yaml", &written).expect("what was written can be read");
    }
});
