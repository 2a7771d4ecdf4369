//! docproof proves API documentation against the service it describes.
//!
//! The modules stand in the order of the pipeline, and each may use only
//! those above it:
//!
//! *page → blocks → cases → YAML → plan → exchange → observation →
//! comparison → report*.

pub mod case;
pub mod cli;
pub mod compare;
pub mod config;
pub mod diagnostic;
pub mod docs;
pub mod environment;
pub mod exchange;
pub mod extract;
pub mod files;
pub mod harness;
pub mod markdown;
pub mod message;
pub mod mock;
pub mod observation;
pub mod plan;
pub mod policy;
pub mod report;
pub mod run;
pub mod snapshot;
pub mod source;
pub mod template;
pub mod yaml;
