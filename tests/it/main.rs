//! The integration tests, in one binary.
//!
//! - `tidy`: the shape of the sources
//! - `command`: the command, from pages to exit codes
//! - `unannotated`: examples without annotations
//! - `config`: defaults, the file, variables and arguments
//! - `book`: the mdBook in `docs/` and the paths in `CONTRIBUTING.md`
//! - `bodies`: response bodies
//! - `headers`: header fields: equal values, and values of the same form
//! - `lost`: errors in pages that lose an example
//! - `alternatives`: one request with several responses
//! - `live`: runs against well-behaved and broken servers
//! - `accepted`: accepted snapshots are not lost
//! - `expectations`: expectations of scenarios add to the page
//! - `verdict`: page, snapshot and response, and known deviations
//! - `plan`: the requests of a run, and draft scenarios
//! - `selection`: which cases are run
//! - `repetition`: retries, repetitions, order and failure limits
//! - `scenarios`: scenarios on a stateful service
//! - `mock`: the stand-alone mock server and malicious clients
//! - `mock_clients`: clients of the stand-alone mock as people write them
//! - `targets`: the targets of `docproof.toml` and their authentication
//! - `safety`: what a live run never does
//! - `fix`: writes responses into the pages
//! - `secrets`: header values of the user are never shown
//! - `lies`: each planted error of a page is found at its line
//! - `changed`: what a run or a check since a revision depends on
//! - `check`: formats, exit codes and fixes of a check
//! - `reports`: the reports of a run
//! - `merge`: merges the partitions of a run
//! - `rules`: the examples in the explanation of each rule
//! - `debt`: which findings of a check count
//! - `table`: the responses of both mocks
//! - `hardening`: kills, missing permissions, a full disk, locales, 100,000 pages
//! - `hostile`: malformed and malicious input
//! - `import`: converts tests of API Doctor to scenarios and targets
//! - `mutants`: which broken responses a live run would detect
//! - `nothing`: runs that check nothing
//! - `properties`: properties of arbitrary pages
//! - `corpus`: runs on large published references
//! - `guide`: the commands of the tutorial
//! - `harness`: the harness and the command share snapshots
//! - `readme`: the examples of the README
//! - `reference`: the references of the file formats, generated from their schemas

#[path = "../service_under_test/mod.rs"]
pub mod service_under_test;

mod accepted;
mod alternatives;
mod bodies;
mod book;
mod changed;
mod check;
mod command;
mod config;
mod corpus;
mod debt;
mod expectations;
mod fix;
mod guide;
mod hardening;
mod harness;
mod headers;
mod hostile;
mod import;
mod lies;
mod live;
mod lost;
mod merge;
mod mock;
mod mock_clients;
mod mutants;
mod nothing;
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
mod unannotated;
mod verdict;
mod wire;
