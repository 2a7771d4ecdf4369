//! Guides for those who begin, and for those who come from API Doctor; and the
//! references of the files that people write. The commands in the guides are run
//! by a test, and what they print is held to what is shown; the references are
//! made from the schemas (`SNAPSHOTS=overwrite cargo test --test it reference::`
//! writes them anew).

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
