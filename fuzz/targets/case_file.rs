//! A case file that somebody wrote by hand.

#![no_main]

use docproof::yaml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok((cases, _)) = yaml::read("p.yaml", text)
        && let Some(first) = cases.first()
    {
        let written = yaml::write(&first.page, &cases);
        yaml::read("p.yaml", &written).expect("what was written can be read");
    }
});
