//! Tests the examples of `specs/docs` with a service that runs in the test process.

#[path = "service_under_test/mod.rs"]
pub mod service_under_test;

use std::process::ExitCode;

use docproof::harness::Harness;

fn main() -> ExitCode {
    Harness::new(env!("CARGO_MANIFEST_DIR"))
        .service("https://sync.example.com/v1.0")
        .base_url(service_under_test::start)
        .allow_writes()
        .run()
}
