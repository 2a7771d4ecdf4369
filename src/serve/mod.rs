//! The documented service as a server of its own: hyper around the mock's
//! table, for client teams that develop against the docs.
//!
//! wiremock keeps every request that it answers, so it cannot run for long;
//! the table is the same.

mod traffic;

use std::sync::{Arc, PoisonError, RwLock};

use crate::mock::Table;
pub use traffic::{Record, Traffic};

/// What the connections of a server share.
#[derive(Debug)]
pub struct State {
    /// The documented service as of now: pages may change while it is served.
    table: RwLock<Arc<Table>>,
    /// What was asked for, and what came of it.
    pub traffic: Traffic,
}

impl State {
    /// A server's state before its first request.
    pub fn new(table: Table) -> Self {
        Self {
            table: RwLock::new(Arc::new(table)),
            traffic: Traffic::default(),
        }
    }

    /// The documented service as of now.
    pub fn table(&self) -> Arc<Table> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&table)
    }

    /// Answers from another table from now on.
    pub fn replace(&self, table: Table) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }
}
