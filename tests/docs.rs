//! Tests the examples of `specs/docs` with the mock.

use std::process::ExitCode;

use docproof::harness::Harness;

fn main() -> ExitCode {
    Harness::new(env!("CARGO_MANIFEST_DIR")).run()
}
