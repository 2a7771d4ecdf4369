//! The pages of `specs/docs` against a service that was written for them, and
//! that runs in the test process.

#[path = "service_under_test/mod.rs"]
pub mod service_under_test;

use std::process::ExitCode;

use docproof::harness::Harness;

fn main() -> ExitCode {
    Harness::new(env!("CARGO_MANIFEST_DIR"))
        .service("https://sync.example.com/v1.0")
        .base_url(service_under_test::start)
        .var("id", "3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10")
        .allow_writes()
        .run()
}
