//! What the connections of a server share.

use std::mem;
use std::sync::{Arc, PoisonError, RwLock};

use super::traffic::Traffic;
use crate::page::case::Case;
use crate::run::mock::Table;
use crate::text::finding::Diagnostic;

/// What the pages say of the server.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The docs, as the user names them; what stands before a page's path.
    pub docs: String,
    /// The server's base URL, without a slash at its end.
    pub base: String,
    /// A case's request to a base URL as a command of curl, or why there is none.
    pub curl: fn(&Case, &str) -> Result<String, String>,
}

/// What the connections of a server share.
#[derive(Debug)]
pub(crate) struct State {
    /// The documented service as of now: pages may change while it is served.
    table: RwLock<Arc<Table>>,
    /// What was asked for, and what came of it.
    pub traffic: Traffic,
    /// What the pages for people say of the server.
    pub about: About,
    /// Why pages are served as they last were.
    stale: RwLock<Arc<[Diagnostic]>>,
}

impl State {
    /// A server's state before its first request.
    pub(crate) fn new(table: Table, about: About) -> Self {
        Self {
            table: RwLock::new(Arc::new(table)),
            traffic: Traffic::default(),
            about,
            stale: RwLock::default(),
        }
    }

    /// The documented service as of now.
    pub(crate) fn table(&self) -> Arc<Table> {
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&table)
    }

    /// Answers from another table from now on. The hits of its cases stay.
    pub(crate) fn replace(&self, table: Table) {
        let table = Arc::new(table);
        self.traffic.keep_hits_of(table.cases());
        let mut place = self.table.write().unwrap_or_else(PoisonError::into_inner);
        let old = mem::replace(&mut *place, table);
        // Thousands of routes are let go of while others already answer.
        drop(place);
        drop(old);
    }

    /// Why pages are served as they last were, and not as they are now.
    pub(crate) fn stale(&self) -> Arc<[Diagnostic]> {
        let stale = self.stale.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&stale)
    }

    /// Says why pages are served as they last were.
    pub(crate) fn set_stale(&self, findings: Vec<Diagnostic>) {
        *self.stale.write().unwrap_or_else(PoisonError::into_inner) = findings.into();
    }
}
