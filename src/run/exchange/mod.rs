//! Sends steps and records the responses.
//!
//! A step holds the planned request. The client adds what belongs to the
//! target, depending on the URL: it adds credentials to requests to the
//! target's own URLs, and removes them from all others.

mod address;
mod certificate;
mod client;
mod connection;
mod content;
mod error;
mod pace;
mod pool;
mod tls;
mod token;

pub use client::{Client, Exchange};
pub use content::BodyWait;
pub use error::TransportKind;
pub(crate) use error::{ClientError, TransportError};
