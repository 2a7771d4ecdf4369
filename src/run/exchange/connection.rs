//! Tells whether a request was sent on a new connection or on a kept one.
//!
//! A server may close a connection that it kept for further requests while the
//! next one is on its way (RFC 9112, 9.3.1). The service is not at fault
//! then, but it is if it closes a new connection.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Extensions;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpInfo;

use super::error::causes;

/// The local and the remote address of a connection.
type Ends = (SocketAddr, SocketAddr);

/// The connections that have carried a response.
#[derive(Debug, Default)]
pub(super) struct Carriers(Mutex<HashSet<Ends>>);

impl Carriers {
    /// Adds the connection of a response.
    pub(super) fn add(&self, response: &reqwest::Response) {
        self.lock().extend(ends(response.extensions()));
    }

    /// Removes the connection of a request that failed. Returns whether it has
    /// carried a response, so that it was a kept one.
    pub(super) fn remove(&self, error: &reqwest::Error) -> bool {
        let connected = causes(error).into_iter().find_map(|cause| {
            let error = cause.downcast_ref::<legacy::Error>()?;
            let mut extensions = Extensions::new();
            error.connect_info()?.get_extras(&mut extensions);
            ends(&extensions)
        });
        connected.is_some_and(|ends| self.lock().remove(&ends))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Ends>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ends(extensions: &Extensions) -> Option<Ends> {
    let info = extensions.get::<HttpInfo>()?;
    Some((info.local_addr(), info.remote_addr()))
}
