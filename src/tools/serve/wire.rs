//! The stream of a connection. It holds back what hyper by itself responds to a
//! request that is not valid HTTP: an empty response, which would explain
//! nothing.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Maximum number of bytes of a request that are kept for an explanation.
const KEPT: usize = 8 << 10;

/// The exchanges of a connection: requests that hyper accepted, and their
/// responses.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    begun: AtomicUsize,
    running: AtomicUsize,
    /// Whether all that was written belongs to an earlier exchange.
    is_flushed: AtomicBool,
}

/// A running exchange; it ends when it is dropped.
#[derive(Debug)]
pub(super) struct Exchange(Arc<Exchanges>);

impl Exchanges {
    /// Begins an exchange.
    pub(super) fn begin(self: &Arc<Self>) -> Exchange {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        self.is_flushed.store(false, Ordering::Relaxed);
        Exchange(Arc::clone(self))
    }

    fn flushed(&self) {
        if self.running.load(Ordering::Relaxed) == 0 {
            self.is_flushed.store(true, Ordering::Relaxed);
        }
    }

    /// Whether no exchange has anything to write.
    fn are_over(&self) -> bool {
        let begun = self.begun.load(Ordering::Relaxed);
        begun == 0 || self.is_flushed.load(Ordering::Relaxed)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What hyper refused.
#[derive(Debug, Default)]
pub(super) struct Refused {
    /// The beginning of the request.
    pub head: Vec<u8>,
    /// The status of the response that was held back.
    pub status: Option<StatusCode>,
}

/// A stream that holds back the responses of hyper itself.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    exchanges: Arc<Exchanges>,
    /// The number of exchanges before the request in `refused`.
    number: usize,
    refused: Refused,
}

impl Wire {
    /// Wraps the stream of a connection.
    pub(super) fn new(stream: TcpStream, exchanges: Arc<Exchanges>) -> Self {
        Self {
            stream,
            exchanges,
            number: 0,
            refused: Refused::default(),
        }
    }

    /// Returns the stream, and what hyper refused.
    pub(super) fn into_parts(self) -> (TcpStream, Refused) {
        (self.stream, self.refused)
    }

    /// Keeps the beginning of a request.
    fn keep(&mut self, bytes: &[u8]) {
        let begun = self.exchanges.begun.load(Ordering::Relaxed);
        let head = &mut self.refused.head;
        if self.number != begun {
            self.number = begun;
            head.clear();
        }
        let room = KEPT - head.len();
        head.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Whether bytes to be written are a response of hyper itself.
    fn holds_back(&mut self, bytes: &[u8]) -> bool {
        let is_own = self.exchanges.are_over();
        if is_own && self.refused.status.is_none() {
            if self.number != self.exchanges.begun.load(Ordering::Relaxed) {
                // What was kept begins with an earlier request.
                self.refused.head.clear();
            }
            let digits = bytes.get(9..12).unwrap_or_default();
            let status = StatusCode::from_bytes(digits);
            self.refused.status = Some(status.unwrap_or(StatusCode::BAD_REQUEST));
        }
        is_own
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut wire.stream).poll_read(context, buffer))?;
        wire.keep(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        if wire.holds_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut wire.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let first = slices.iter().find(|slice| !slice.is_empty());
        if wire.holds_back(first.map_or(&[], |slice| slice)) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        Pin::new(&mut wire.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        ready!(Pin::new(&mut wire.stream).poll_flush(context))?;
        wire.exchanges.flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.refused.status.is_some() {
            // The explanation follows.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut wire.stream).poll_shutdown(context)
    }
}
