//! The content of requests, within bounds of time and memory: a client may
//! mean harm, or have hung up.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use thiserror::Error;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// The most bytes of one content: what a documented example sends is far less.
const LIMIT: usize = 16 << 20;
/// The most bytes that all long contents together may take, so that hundreds of
/// connections with one each do not take gigabytes.
const TOGETHER: usize = 64 << 20;
/// Content up to this length does not count for that: ordinary requests are
/// answered also while others take all that there is.
const SHORT: usize = 64 << 10;
/// How long one content may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the content of requests.
#[derive(Debug)]
pub(super) struct Intake {
    /// A permit is a byte.
    bytes: Semaphore,
}

/// The content of a request, and its share of the memory.
#[derive(Debug, Default)]
pub(super) struct Taken<'a> {
    /// The content, its transfer coding undone.
    pub content: Bytes,
    held: Option<SemaphorePermit<'a>>,
}

/// Why the content of a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    /// It is too long.
    #[error("the content is over 16 MiB")]
    TooLarge,
    /// It did not come in time.
    #[error("the content did not come within 30 seconds")]
    Late,
    /// Others take all the memory.
    #[error("the contents of all requests under way are over 64 MiB")]
    Full,
    /// It did not come whole, or its transfer coding is broken.
    #[error("the content did not come whole")]
    Broken,
}

impl Refusal {
    /// The status that says so (RFC 9110, 15.5 and 15.6).
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            bytes: Semaphore::new(TOGETHER),
        }
    }
}

impl Intake {
    /// Reads content to its end.
    pub(super) async fn take(&self, mut body: Incoming) -> Result<Taken<'_>, Refusal> {
        let mut taken = Taken::default();
        if body.is_end_stream() {
            return Ok(taken);
        }
        if body.size_hint().lower() > LIMIT as u64 {
            return Err(Refusal::TooLarge);
        }
        let deadline = Instant::now() + PATIENCE;
        let mut rest = BytesMut::new();
        loop {
            let frame = timeout_at(deadline, body.frame());
            let frame = match frame.await.map_err(|_| Refusal::Late)? {
                Some(frame) => frame.map_err(|_| Refusal::Broken)?,
                None => break,
            };
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if taken.content.is_empty() && rest.is_empty() {
                taken.content = data;
            } else {
                rest.extend_from_slice(&std::mem::take(&mut taken.content));
                rest.extend_from_slice(&data);
            }
            self.hold(&mut taken, rest.len())?;
        }
        if !rest.is_empty() {
            taken.content = rest.freeze();
        }
        Ok(taken)
    }

    /// Takes memory for content of so many bytes.
    fn hold<'a>(&'a self, taken: &mut Taken<'a>, length: usize) -> Result<(), Refusal> {
        if length > LIMIT {
            return Err(Refusal::TooLarge);
        }
        let held = taken
            .held
            .as_ref()
            .map_or(SHORT, |held| SHORT + held.num_permits());
        let Some(more) = length.checked_sub(held).filter(|more| *more > 0) else {
            return Ok(());
        };
        let more = u32::try_from(more).expect("at most the limit");
        let more = self.bytes.try_acquire_many(more);
        let more = more.map_err(|_| Refusal::Full)?;
        match &mut taken.held {
            Some(held) => held.merge(more),
            held @ None => *held = Some(more),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_contents_share_a_bound_that_short_ones_are_free_of() {
        let intake = Intake::default();
        let mut all: Vec<Taken> = (0..4).map(|_| Taken::default()).collect();
        for taken in &mut all {
            for length in [SHORT, LIMIT / 2, LIMIT] {
                intake.hold(taken, length).expect("memory");
            }
            assert_eq!(intake.hold(taken, LIMIT + 1), Err(Refusal::TooLarge));
        }
        let mut late = Taken::default();
        intake.hold(&mut late, SHORT).expect("a short one");
        assert_eq!(intake.hold(&mut late, LIMIT), Err(Refusal::Full));
        all.pop();
        intake.hold(&mut late, LIMIT).expect("what was given back");
    }
}
