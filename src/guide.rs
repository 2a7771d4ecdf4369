//! The guides and the references of the file formats.
//!
//! The pages are those of the mdBook in `docs/` (`mdbook build docs`); each
//! module here includes one of them. The commands in the pages are run by tests.
//! The references are generated from the JSON Schemas:
//! `SNAPSHOTS=overwrite cargo test --test it reference::` updates them.

#[doc = include_str!("../docs/tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("../docs/checking.md")]
pub mod checking {}

#[doc = include_str!("../docs/live.md")]
pub mod live {}

#[doc = include_str!("../docs/comparison.md")]
pub mod comparison {}

#[doc = include_str!("../docs/selection.md")]
pub mod selection {}

#[doc = include_str!("../docs/unannotated.md")]
pub mod unannotated {}

#[doc = include_str!("../docs/reports.md")]
pub mod reports {}

#[doc = include_str!("../docs/exit-codes.md")]
pub mod exit_codes {}

#[doc = include_str!("../docs/mock.md")]
pub mod mock {}

#[doc = include_str!("../docs/problems.md")]
pub mod problems {}

#[doc = include_str!("../docs/mutants.md")]
pub mod mutants {}

#[doc = include_str!("../docs/api-doctor.md")]
pub mod api_doctor {}

#[doc = include_str!("../docs/speed.md")]
pub mod speed {}

#[doc = include_str!("../docs/case-files.md")]
pub mod case_file {}

#[doc = include_str!("../docs/scenarios.md")]
pub mod scenario_file {}

#[doc = include_str!("../docs/configuration.md")]
pub mod config_file {}
