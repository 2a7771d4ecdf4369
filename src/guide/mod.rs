//! Guides for those who begin, and for those who come from API Doctor. The
//! commands in them are run by a test, and what they print is held to what is
//! shown.

#[doc = include_str!("tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("api_doctor.md")]
pub mod api_doctor {}
