//! Reads arbitrary text as a snapshot file.

#![no_main]

use std::fs;

use docproof::internals::run::snapshot;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.snap"), bytes).expect("written");
    let (stored, broken) = snapshot::accepted(folder.path()).expect("the folder can be read");
    assert_eq!(stored.len() + broken.len(), 1);
});
