//! The pages of `specs/docs` against the mock that is made from them.

use std::process::ExitCode;

use docproof::harness::Harness;

fn main() -> ExitCode {
    Harness::new(env!("CARGO_MANIFEST_DIR")).run()
}
