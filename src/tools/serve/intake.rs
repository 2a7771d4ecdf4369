//! Reads the content of requests, within limits of time and memory.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use thiserror::Error;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Maximum size of one content, in bytes; documented examples send far less.
const LIMIT: usize = 16 << 20;
/// Maximum size of all long contents together, in bytes, so that hundreds of
/// connections do not take gigabytes.
const TOGETHER: usize = 64 << 20;
/// Content up to this size does not count towards [`TOGETHER`], so that
/// ordinary requests succeed under load.
pub(super) const SHORT: usize = 64 << 10;
/// Maximum time to receive one content.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the content of requests.
#[derive(Debug)]
pub(super) struct Intake {
    /// One permit is one byte.
    bytes: Semaphore,
}

/// The content of a request, with its share of the memory.
#[derive(Debug, Default)]
pub(super) struct Taken<'a> {
    /// The content, without its transfer coding.
    pub content: Bytes,
    held: Option<SemaphorePermit<'a>>,
}

/// Why the content of a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum Refusal {
    /// It is too long.
    #[error("the content exceeds 16 MiB")]
    TooLarge,
    /// It took too long.
    #[error("the content was not received within 30 seconds")]
    Late,
    /// Other requests use all the memory.
    #[error("the contents of all current requests exceed 64 MiB")]
    Full,
    /// It was cut off, or its transfer coding is invalid.
    #[error("the content is incomplete")]
    Broken,
}

impl Refusal {
    /// The status of the response (RFC 9110, 15.5 and 15.6).
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
        let deadline = Instant::now() + TIMEOUT;
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
            self.reserve(&mut taken, rest.len())?;
        }
        if !rest.is_empty() {
            taken.content = rest.freeze();
        }
        Ok(taken)
    }

    /// Reserves memory for `length` bytes of content.
    fn reserve<'a>(&'a self, taken: &mut Taken<'a>, length: usize) -> Result<(), Refusal> {
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
    fn limits_long_contents_together_but_not_short_ones() {
        let intake = Intake::default();
        let mut all: Vec<Taken> = (0..4).map(|_| Taken::default()).collect();
        for taken in &mut all {
            for length in [SHORT, LIMIT / 2, LIMIT] {
                intake.reserve(taken, length).expect("memory");
            }
            assert_eq!(intake.reserve(taken, LIMIT + 1), Err(Refusal::TooLarge));
        }
        let mut late = Taken::default();
        intake.reserve(&mut late, SHORT).expect("a short one");
        assert_eq!(intake.reserve(&mut late, LIMIT), Err(Refusal::Full));
        all.pop();
        intake
            .reserve(&mut late, LIMIT)
            .expect("memory was released");
    }
}
