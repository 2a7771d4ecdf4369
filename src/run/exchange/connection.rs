//! Tells whether a request was sent on a new connection or on a kept one.
//!
//! A server may close a connection that it kept for further requests while the
//! next one is on its way (RFC 9112, 9.3.1). That is no fault of the service. A
//! new connection that closes is one.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// Whether the request of this task opened a connection.
    static IS_NEW: Cell<bool>;
}

/// Sends a request. Also returns whether its connection was new.
pub(super) async fn watched<T>(send: impl Future<Output = T>) -> (T, bool) {
    let watched = async {
        let sent = send.await;
        (sent, IS_NEW.with(Cell::get))
    };
    IS_NEW.scope(Cell::new(false), watched).await
}

/// Marks the request whose task opens a connection. A connection that another
/// task finishes is one that the request did not wait for.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkNew;

impl<S> Layer<S> for MarkNew {
    type Service = Marking<S>;

    fn layer(&self, inner: S) -> Marking<S> {
        Marking(inner)
    }
}

/// A connector that marks the requests that open a connection.
#[derive(Debug, Clone)]
pub(super) struct Marking<S>(S);

impl<S, T> Service<T> for Marking<S>
where
    S: Service<T>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: T) -> Self::Future {
        let connecting = self.0.call(to);
        Box::pin(async move {
            let connected = connecting.await;
            // Without a task-local value, no request waits for this connection.
            let _ = IS_NEW.try_with(|is_new| is_new.set(true));
            connected
        })
    }
}
