//! docproof tests API documentation against the service it describes.
//!
//! Markdown in, verdict out. The wings are listed in the order of the pipeline;
//! each uses only the wings above it. `tests/it/tidy/mod.rs` checks this.
//!
//! ```text
//! pages ──page──▶ Case ──project──▶ Plan ──run──▶ Outcome ──report──▶ terminal, JUnit, JSON, SARIF, HTML, …
//!   │               │                  ▲             │
//!   └──check──▶ Diagnostic   targets, scenarios      ├── mock (wiremock, made from the cases)
//!                                                    └── live service, snapshots/*.snap (insta)
//! ```
//!
//! Transforms are pure: values in, values out. Files are read and written at the
//! edge; only [`run`] and [`tools`] use the network; only [`harness`] and [`cli`]
//! print.
//!
//! To run the examples of a project as `cargo test` cases, see [`harness`].
//!
//! To add something, start at:
//!
//! - a rule: the `rules!` table in `text/rules.rs`
//! - a report format: `Format` in `report/mod.rs`
//! - an auth grant: `GRANTS` in `project/config/raw_auth.rs`
//! - a response header field: `ROWS` in `http/field/table.rs`
//! - an annotation key: `KEYS` in `check/rules/annotation.rs`
//! - a command: `Command` in `cli/args.rs`
//!
//! `CONTRIBUTING.md` has the remaining steps.

// The harness uses a part of the library; the build with the command, which uses
// all of it, reports dead code.
#![cfg_attr(
    not(feature = "cli"),
    expect(dead_code, unreachable_pub, unused_imports)
)]

pub(crate) mod text;
pub(crate) mod json;
pub(crate) mod http;
pub(crate) mod page;
pub(crate) mod check;
pub(crate) mod project;
pub(crate) mod run;
#[cfg(feature = "cli")]
pub(crate) mod tools;
pub(crate) mod report;
#[cfg(feature = "cli")]
pub mod guide;
pub mod harness;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod internals;
