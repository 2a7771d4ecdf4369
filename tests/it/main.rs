//! The integration tests, in one binary.
//!
//! - `tidy`: the shape of the sources
//! - `command`: the command, from pages to exit codes
//! - `config`: what of the defaults, the file, variables and arguments holds
//! - `book`: the mdBook in `docs/` and the paths in `CONTRIBUTING.md`
//! - `bodies`: the bodies of answers
//! - `live`: the command against servers, good and bad
//! - `verdict`: page, snapshot and answer, and deviations between them
//! - `plan`: what a run would send, and draft scenarios
//! - `selection`: which cases are run
//! - `repetition`: how often cases are run, in which order, and until when
//! - `scenarios`: scenarios on a service with state
//! - `mock`: the documented service as a server, and clients that mean harm
//! - `targets`: the targets of `docproof.toml`, and how they are authenticated with
//! - `safety`: what a live run never does
//! - `fix`: what came back, written into its pages
//! - `secrets`: what the user's headers hold is shown nowhere
//! - `lies`: a page that lies is found at its line
//! - `check`: the formats of a check, and what it writes
//! - `reports`: the reports of a run
//! - `merge`: parts of a run, joined
//! - `rules`: each rule's explanation, which is its fixture
//! - `debt`: what counts of the findings of a check
//! - `table`: what the mock answers, whatever carries it
//! - `hostile`: input that is broken or means harm
//! - `import`: the tests of another tool, turned into scenarios and targets
//! - `mutants`: what a live run would notice of broken answers
//! - `properties`: what holds of all pages
//! - `corpus`: real pages, where they are at hand
//! - `guide`: the tutorial, run
//! - `harness`: the command and `cargo test` read and write the same snapshots
//! - `readme`: the README's examples
//! - `reference`: the references of the file formats, made from their schemas

#[path = "../service_under_test/mod.rs"]
pub mod service_under_test;

mod bodies;
mod book;
mod check;
mod command;
mod config;
mod corpus;
mod debt;
mod fix;
mod guide;
mod harness;
mod hostile;
mod import;
mod lies;
mod live;
mod merge;
mod mock;
mod mutants;
mod plan;
mod properties;
mod readme;
mod reference;
mod repetition;
mod reports;
mod rules;
mod safety;
mod scenarios;
mod secrets;
mod selection;
mod support;
mod table;
mod targets;
mod tidy;
mod verdict;
