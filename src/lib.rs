//! docproof proves API documentation against the service it describes.
//!
//! *page → blocks → cases → YAML → plan → exchange → observation →
//! comparison → report*: the modules stand in the order of that pipeline, and
//! each uses only modules above it. Which ones is a table in
//! `tests/it/tidy.rs`, which reads the sources.
//!
//! [`markdown`], [`extract`], [`schema`], [`lint`], [`plan`], [`suggest`], [`observation`],
//! [`compare`], [`fix`] and [`report`] are functions from values to values.
//! Files are read and written in [`docs`], [`yaml`], [`config`] and
//! [`snapshot`], the network is used in [`mock`] and [`exchange`]; only [`cli`]
//! and [`harness`] print.
//!
//! To run the documented examples of a project as `cargo test` cases, see
//! [`harness`]; to begin, or to come from API Doctor, see [`guide`].

pub mod guide;
pub mod parallel;
pub mod files;
pub mod source;
pub mod form;
pub mod diagnostic;
pub mod message;
pub mod secret;
pub mod template;
pub mod case;
pub mod globs;
pub mod resource;
pub mod markdown;
pub mod extract;
pub mod docs;
pub mod schema;
pub mod lint;
pub mod baseline;
pub mod yaml;
pub mod policy;
pub mod scenario;
pub mod import;
pub mod config;
pub mod plan;
pub mod suggest;
pub mod mock;
pub mod serve;
pub mod exchange;
pub mod observation;
pub mod compare;
pub mod fix;
pub mod snapshot;
pub mod outcome;
pub mod select;
pub mod run;
pub mod mutants;
pub mod report;
pub mod environment;
pub mod harness;
pub mod cli;
