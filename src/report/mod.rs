//! Typed results as text: an adapter per command builds the [`model`], and a
//! writer per format turns it into text. Nothing is printed here.

pub(crate) mod adapters;
mod basics;
pub(crate) mod curl;
#[cfg(feature = "cli")]
mod format;
#[cfg(feature = "cli")]
mod github;
pub(crate) mod history;
#[cfg(feature = "cli")]
mod html;
mod json;
#[cfg(feature = "cli")]
mod junit;
#[cfg(feature = "cli")]
pub(crate) mod listing;
#[cfg(feature = "cli")]
mod markdown;
#[cfg(feature = "cli")]
pub(crate) mod merge;
mod message;
pub(crate) mod model;
#[cfg(feature = "cli")]
pub(crate) mod mutant_lines;
pub(crate) mod place;
pub(crate) mod plan;
pub(crate) mod record;
pub(crate) mod recognition;
#[cfg(feature = "cli")]
pub(crate) mod rules;
#[cfg(feature = "cli")]
mod sarif;
#[cfg(feature = "cli")]
pub(crate) mod settings;
#[cfg(feature = "cli")]
mod tap;
pub(crate) mod terminal;
mod version;

pub(crate) use basics::{plural, printable, printable_lines};
#[cfg(feature = "cli")]
pub(crate) use format::{Format, ReportError, write};
