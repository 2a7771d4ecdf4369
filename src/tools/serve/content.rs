//! The content of an answer, as it is sent: at once, or as a fault has it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use thiserror::Error;
use tokio::time::{Interval, interval};

/// Slow content comes in so many pieces, where it has as many bytes …
const PIECES: usize = 10;
/// … with this between them.
const PAUSE: Duration = Duration::from_millis(300);

/// Why a connection ends before its answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Ended {
    /// The client is to see it reset.
    #[error("the connection is reset on purpose")]
    Reset,
    /// The client is to see it closed.
    #[error("the answer is cut on purpose")]
    Cut,
}

/// The content of an answer. Its length is always known.
#[derive(Debug)]
pub(crate) struct Content {
    /// What is not sent yet.
    rest: Bytes,
    pace: Pace,
}

#[derive(Debug)]
enum Pace {
    AtOnce,
    /// Half of it, then time to send that, then the end of the connection.
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
    /// Content that is sent at once.
    pub(crate) fn whole(content: Bytes) -> Self {
        Self {
            rest: content,
            pace: Pace::AtOnce,
        }
    }

    /// Content of which half is sent.
    pub(crate) fn truncated(content: Bytes) -> Self {
        Self {
            rest: content,
            pace: Pace::Half(Half::Unsent),
        }
    }

    /// Content that is sent in pieces over some seconds.
    pub(crate) fn slow(content: Bytes) -> Self {
        let size = content.len().div_ceil(PIECES).max(1);
        Self {
            rest: content,
            pace: Pace::Pieces {
                size,
                pauses: interval(PAUSE),
            },
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
        let Self { rest, pace } = self.get_mut();
        let frame = |piece| Poll::Ready(Some(Ok(Frame::data(piece))));
        match pace {
            _ if rest.is_empty() => Poll::Ready(None),
            Pace::AtOnce => frame(std::mem::take(rest)),
            Pace::Half(half @ Half::Unsent) => {
                *half = Half::Sent;
                frame(rest.split_to(rest.len() / 2))
            }
            Pace::Half(half @ Half::Sent) => {
                // What was given is flushed while nothing else is to be had.
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
