//! The content of a response: sent at once, or as a fault requires.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use thiserror::Error;
use tokio::time::{Interval, interval};

use super::wire::Exchange;

/// Number of pieces of slow content, if it has that many bytes.
const PIECES: usize = 10;
/// Pause between pieces.
const PAUSE: Duration = Duration::from_millis(300);

/// Why a connection ends before its response is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Ended {
    /// The client should see a reset.
    #[error("connection reset on purpose")]
    Reset,
    /// The client should see a close.
    #[error("response truncated on purpose")]
    Cut,
}

/// The content of a response. Its length is always known.
#[derive(Debug)]
pub(crate) struct Content {
    /// The bytes not sent yet.
    rest: Bytes,
    pace: Pace,
    /// Ends the exchange when the content is dropped.
    #[expect(dead_code, reason = "only its drop matters")]
    exchange: Option<Exchange>,
}

#[derive(Debug)]
enum Pace {
    AtOnce,
    /// Sends half of the content, waits until it is flushed, then ends the
    /// connection.
    Half(Half),
    Pieces {
        size: usize,
        pauses: Interval,
    },
}

#[derive(Debug, Clone, Copy)]
enum Half {
    Unsent,
    Sent,
    Over,
}

impl Content {
    /// Creates content that is sent at once.
    pub(crate) fn whole(content: Bytes) -> Self {
        Self {
            rest: content,
            pace: Pace::AtOnce,
            exchange: None,
        }
    }

    /// Creates content that is cut off at half of its length.
    pub(crate) fn truncated(content: Bytes) -> Self {
        Self {
            rest: content,
            pace: Pace::Half(Half::Unsent),
            exchange: None,
        }
    }

    /// Creates content that is sent in pieces over some seconds.
    pub(crate) fn slow(content: Bytes) -> Self {
        let size = content.len().div_ceil(PIECES).max(1);
        Self {
            rest: content,
            pace: Pace::Pieces {
                size,
                pauses: interval(PAUSE),
            },
            exchange: None,
        }
    }

    /// The content as part of an exchange.
    pub(super) fn of(self, exchange: Exchange) -> Self {
        Self {
            exchange: Some(exchange),
            ..self
        }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Ended;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Ended>>> {
        let Self { rest, pace, .. } = self.get_mut();
        let frame = |piece| Poll::Ready(Some(Ok(Frame::data(piece))));
        match pace {
            _ if rest.is_empty() => Poll::Ready(None),
            Pace::AtOnce => frame(std::mem::take(rest)),
            Pace::Half(half @ Half::Unsent) => {
                *half = Half::Sent;
                frame(rest.split_to(rest.len() / 2))
            }
            Pace::Half(half @ Half::Sent) => {
                // hyper flushes the first half while this is pending.
                *half = Half::Over;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Pace::Half(Half::Over) => Poll::Ready(Some(Err(Ended::Cut))),
            Pace::Pieces { size, pauses } => match pauses.poll_tick(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(_) => frame(rest.split_to((*size).min(rest.len()))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
