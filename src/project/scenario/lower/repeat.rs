//! Retries and polls.

use std::collections::BTreeSet;
use std::time::Duration;

use super::context::Lowering;
use super::operators::expectations;
use crate::project::scenario::data::{PollData, RetryData, RetryOnData};
use crate::project::scenario::model::{Poll, Retry};
use crate::project::scenario::places::At;
use crate::text::finding::nearest;

/// Status codes to retry after by default.
const RETRIED: [u16; 4] = [429, 502, 503, 504];
/// Headers that may have the URL of an operation, in order of precedence.
const OPERATION_HEADERS: [&str; 3] = ["Operation-Location", "Azure-AsyncOperation", "Location"];
/// Maximum delay, interval and timeout.
const DURATION_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a retry.
pub(super) fn retry(lowering: &mut Lowering, at: At, data: &RetryData) -> Retry {
    if !(2..=20).contains(&data.attempts) {
        let at = lowering.within(at, "attempts");
        lowering.value(
            at,
            format!("{} is not a valid number of attempts", data.attempts),
            "use 2 to 20; the first attempt counts",
        );
    }
    let on_at = lowering.within(at, "on");
    let mut statuses = BTreeSet::new();
    let mut connect = false;
    match &data.on {
        None => statuses.extend(RETRIED),
        Some(on) => {
            if on.is_empty() {
                lowering.value(
                    on_at,
                    "`on` is empty, so nothing is retried",
                    "remove `retry`",
                );
            }
            for (index, on) in on.iter().enumerate() {
                let at = lowering.within(on_at, index);
                match on {
                    RetryOnData::Status(status) if (100..=999).contains(status) => {
                        statuses.insert(*status);
                    }
                    RetryOnData::Status(status) => lowering.value(
                        at,
                        format!("{status} is not a status code"),
                        "write 100 to 999",
                    ),
                    RetryOnData::Transport(word) if word == "connect" => connect = true,
                    RetryOnData::Transport(word) => lowering.value(
                        at,
                        format!("unknown retry condition `{}`", word.escape_debug()),
                        "use status codes or `connect`",
                    ),
                }
            }
        }
    }
    let delay = duration(lowering, at, "delay", data.delay.as_deref(), 1);
    let max_delay = duration(lowering, at, "max-delay", data.max_delay.as_deref(), 30);
    if delay > max_delay {
        lowering.value(
            at,
            "`delay` is longer than `max-delay`",
            "increase `max-delay`; its default is 30s",
        );
    }
    Retry {
        attempts: data.attempts,
        statuses,
        connect,
        delay,
        max_delay,
    }
}

/// Reads a poll.
pub(super) fn poll(lowering: &mut Lowering, at: At, data: &PollData) -> Poll {
    let headers = match &data.header {
        None => OPERATION_HEADERS.map(str::to_owned).to_vec(),
        Some(header) => {
            let known = OPERATION_HEADERS
                .iter()
                .find(|known| known.eq_ignore_ascii_case(header));
            if known.is_none() {
                let at = lowering.within(at, "header");
                let help = match nearest(header, OPERATION_HEADERS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the headers are {}", OPERATION_HEADERS.join(", ")),
                };
                lowering.value(
                    at,
                    format!(
                        "`{}` is not a header with the URL of an operation",
                        header.escape_debug()
                    ),
                    help,
                );
            }
            vec![header.clone()]
        }
    };
    let until_at = lowering.within(at, "until");
    if data.until.is_empty() {
        lowering.value(
            until_at,
            "`until` is empty, so the poll never ends",
            "add an expectation, such as `$.status: completed`",
        );
    }
    let until = expectations(lowering, until_at, &data.until);
    let fail_at = lowering.within(at, "fail-on");
    let fail_on = expectations(lowering, fail_at, &data.fail_on);
    Poll {
        headers,
        until,
        fail_on,
        interval: duration(lowering, at, "interval", data.interval.as_deref(), 1),
        timeout: duration(lowering, at, "timeout", data.timeout.as_deref(), 60),
    }
}

fn duration(
    lowering: &mut Lowering,
    around: At,
    key: &str,
    text: Option<&str>,
    seconds: u64,
) -> Duration {
    let default = Duration::from_secs(seconds);
    let Some(text) = text else { return default };
    read_duration(text).unwrap_or_else(|| {
        let at = lowering.within(around, key);
        lowering.value(
            at,
            format!("`{}` is not a valid time", text.escape_debug()),
            "use a whole number with `ms`, `s`, `m` or `h`, from 1ms to 24h",
        );
        default
    })
}

/// Parses `500ms`, `2s`, `1m` or `1h`: more than zero, at most a day.
fn read_duration(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit_at);
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        _ => return None,
    };
    let milliseconds = count.parse::<u64>().ok()?.checked_mul(milliseconds)?;
    let duration = Duration::from_millis(milliseconds);
    (!duration.is_zero() && duration <= DURATION_LIMIT).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_durations() {
        for (text, expected) in [
            ("500ms", Some(500)),
            ("2s", Some(2000)),
            ("1m", Some(60_000)),
            ("24h", Some(86_400_000)),
            ("25h", None),
            ("0s", None),
            ("2", None),
            ("s", None),
            ("-2s", None),
            ("2 s", None),
            ("1.5s", None),
            ("99999999999999999999s", None),
            ("18446744073709551615h", None),
        ] {
            let expected = expected.map(Duration::from_millis);
            assert_eq!(read_duration(text), expected, "{text}");
        }
    }
}
