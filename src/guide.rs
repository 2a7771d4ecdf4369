//! The guides and the references of the file formats.
//!
//! The pages are those of the mdBook in `docs/` (`mdbook build docs`); each
//! module here includes one of them. The commands in the pages are run by tests.
//! The references are generated from the JSON Schemas:
//! `SNAPSHOTS=overwrite cargo test --test it reference::` updates them.

#[doc = include_str!("../docs/tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("../docs/api-doctor.md")]
pub mod api_doctor {}

#[doc = include_str!("../docs/case-files.md")]
pub mod case_file {}

#[doc = include_str!("../docs/scenarios.md")]
pub mod scenario_file {}

#[doc = include_str!("../docs/configuration.md")]
pub mod config_file {}
