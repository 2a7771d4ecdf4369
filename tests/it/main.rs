//! The integration tests, in one binary.
//!
//! - `tidy`: the shape of the sources
//! - `command`: the command, from pages to exit codes
//! - `live`: the command against servers, good and bad
//! - `plan`: what a run would send, and draft scenarios
//! - `scenarios`: scenarios on a service with state
//! - `secrets`: what the user's headers hold is shown nowhere
//! - `lies`: a page that lies is found at its line
//! - `hostile`: input that is broken or means harm
//! - `properties`: what holds of all pages
//! - `corpus`: real pages, where they are at hand
//! - `harness`: the command and `cargo test` read and write the same snapshots
//! - `readme`: the README's examples

#[path = "../service_under_test/mod.rs"]
pub mod service_under_test;

mod command;
mod corpus;
mod harness;
mod hostile;
mod lies;
mod live;
mod plan;
mod properties;
mod readme;
mod scenarios;
mod secrets;
mod support;
mod tidy;
