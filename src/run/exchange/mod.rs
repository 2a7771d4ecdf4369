//! Sends steps and takes down what comes back.
//!
//! A step says what is asked for; what belongs to the target is added here, by
//! where the step goes. Credentials are added to requests to the target's own
//! URLs, and taken from all others.

mod address;
mod client;
mod content;
mod error;
mod pace;
mod pool;
mod token;

pub use client::{Client, Exchange};
pub use error::TransportKind;
pub(crate) use error::{ClientError, TransportError};
