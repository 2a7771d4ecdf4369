//! The stand-alone mock server: hyper around the mock's table, for client teams
//! that develop against the docs.
//!
//! wiremock records every request, so it cannot run for long; the table is the
//! same.

mod coding;
mod connection;
mod content;
pub(crate) mod fault;
mod intake;
mod invalid;
mod page;
pub(crate) mod reload;
mod respond;
mod redact;
mod state;
mod traffic;
mod wire;

pub(crate) use connection::serve;
pub(crate) use respond::Server;
pub(crate) use state::{About, State};
