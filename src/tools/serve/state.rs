//! The state that the connections of a server share.

use std::mem;
use std::sync::{Arc, PoisonError, RwLock};

use super::traffic::Traffic;
use crate::page::case::Case;
use crate::run::mock::Table;
use crate::text::finding::Diagnostic;

/// What the HTML pages display about the server.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The docs as the user names them; the prefix of page paths.
    pub docs: String,
    /// The server's base URL, without a trailing slash.
    pub base: String,
    /// Formats a case's request to a base URL as a curl command, or explains
    /// why there is none.
    pub curl: fn(&Case, &str) -> Result<String, String>,
}

/// The state that the connections of a server share.
#[derive(Debug)]
pub(crate) struct State {
    /// The current table; a reload replaces it.
    table: RwLock<Arc<Table>>,
    /// The request log and the hits of each case.
    pub traffic: Traffic,
    /// What the HTML pages display about the server.
    pub about: About,
    /// Why the previous version of pages is served.
    stale: RwLock<Arc<[Diagnostic]>>,
}

impl State {
    /// Creates the state before the first request.
    pub(crate) fn new(table: Table, about: About) -> Self {
        Self {
            table: RwLock::new(Arc::new(table)),
            traffic: Traffic::default(),
            about,
            stale: RwLock::default(),
        }
    }

    /// Returns the current table.
    pub(crate) fn table(&self) -> Arc<Table> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&table)
    }

    /// Replaces the table. Remaining cases keep their hits.
    pub(crate) fn replace(&self, table: Table) {
        let table = Arc::new(table);
        self.traffic.keep_hits_of(table.cases());
        let mut place = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *place, table);
        // Dropping thousands of routes must not block other requests.
        drop(place);
        drop(old);
    }

    /// Returns why the previous version of pages is served.
    pub(crate) fn stale(&self) -> Arc<[Diagnostic]> {
        let stale = self.stale.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&stale)
    }

    /// Sets why the previous version of pages is served.
    pub(crate) fn set_stale(&self, findings: Vec<Diagnostic>) {
        *self.stale.write().unwrap_or_else(PoisonError::into_inner) = findings.into();
    }
}
