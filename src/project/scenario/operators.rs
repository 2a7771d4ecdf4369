//! Sources, expectations, captures, retries and polls, from what the file says
//! to what it means.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::capture::{Capture, UrlPart, regex};
use super::data::{
    BoundsData, CaptureData, CapturePartData, ExpectData, LengthData, OperatorsData, PollData,
    RetryData, RetryOnData,
};
use super::expect::{Bound, Expectation, Operator};
use super::locate::At;
use super::lower::Lowering;
use super::response::Source;
use super::text::is_name;
use super::{Poll, Retry};
use crate::text::finding::nearest;

/// The statuses after which a request is sent again, where none are named.
const RETRIED: [u16; 4] = [429, 502, 503, 504];
/// The headers that may name an operation, the first that is there first.
const OPERATION_HEADERS: [&str; 3] = ["Operation-Location", "Azure-AsyncOperation", "Location"];
/// The longest time that is waited.
const DURATION_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads captures.
pub(super) fn captures(
    lowering: &mut Lowering,
    around: At,
    captures: &IndexMap<String, CaptureData>,
) -> Vec<Capture> {
    let mut read = Vec::with_capacity(captures.len());
    for (name, capture) in captures {
        let at = lowering.within(around, name);
        if !is_name(name) {
            lowering.value(
                at,
                format!("`{}` is not the name of a variable", name.escape_debug()),
                "a name has letters, digits, `-`, `_` and `.`",
            );
        }
        let plain;
        let part = match capture {
            CaptureData::Part(part) => part,
            CaptureData::Source(source) => {
                plain = CapturePartData {
                    from: source.clone(),
                    ..CapturePartData::default()
                };
                &plain
            }
        };
        let source = Source::parse(&part.from);
        let from_at = lowering.within(at, "from");
        let source = lowering.checked(from_at, source);
        let expression = part.matches.as_deref().map(regex).transpose();
        let matches_at = lowering.within(at, "matches");
        let matches = lowering.checked(matches_at, expression).flatten();
        let url = part.url.as_deref().map(UrlPart::parse).transpose();
        let url_at = lowering.within(at, "url");
        let url = lowering.checked(url_at, url).flatten();
        if let Some(source) = source {
            read.push(Capture {
                name: name.clone(),
                source,
                matches,
                url,
                secret: part.secret,
                line: lowering.line(at),
            });
        }
    }
    read
}

/// Reads expectations.
pub(super) fn expectations(
    lowering: &mut Lowering,
    around: At,
    expectations: &IndexMap<String, ExpectData>,
) -> Vec<Expectation> {
    let mut read = Vec::with_capacity(expectations.len());
    for (source, expectation) in expectations {
        let at = lowering.within(around, source);
        let source = Source::parse(source);
        let Some(source) = lowering.checked(at, source) else {
            continue;
        };
        let operators = match expectation {
            ExpectData::Equals(value) => vec![equals(lowering, at, &source, value)],
            ExpectData::Operators(data) => operators(lowering, at, &source, data),
        };
        read.push(Expectation {
            source,
            operators,
            line: lowering.line(at),
        });
    }
    read
}

fn equals(lowering: &mut Lowering, at: At, source: &Source, value: &Json) -> Operator {
    if *source == Source::Status {
        let values = match value {
            Json::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        return statuses(lowering, at, values);
    }
    if source.is_text() && matches!(value, Json::Null | Json::Array(_) | Json::Object(_)) {
        lowering.value(
            at,
            format!("`{source}` is a text, which is never equal to `{value}`"),
            "for one that is absent, write `{ exists: false }`; for one of several, `{ one-of: [...] }`",
        );
    }
    lowering.json(at, value);
    Operator::Equals(value.clone())
}

/// Reads status codes and classes (`2xx`).
fn statuses(lowering: &mut Lowering, at: At, values: &[Json]) -> Operator {
    let mut ranges = Vec::with_capacity(values.len());
    for value in values {
        match status_range(value) {
            Some(range) => ranges.push(range),
            None => lowering.value(
                at,
                format!("`{value}` is not a status"),
                "write a code (`200`), a class (`2xx`), or a list of them",
            ),
        }
    }
    if values.is_empty() {
        lowering.value(at, "no status is in this list", "write one, or `2xx`");
    }
    Operator::Status(ranges)
}

fn status_range(value: &Json) -> Option<(u16, u16)> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.to_ascii_lowercase(),
        _ => return None,
    };
    let class = text
        .strip_suffix("xx")
        .and_then(|class| class.parse::<u16>().ok())
        .filter(|class| (1..=9).contains(class));
    match (class, text.parse::<u16>()) {
        (Some(class), _) => Some((class * 100, class * 100 + 99)),
        (None, Ok(status)) if (100..=999).contains(&status) => Some((status, status)),
        _ => None,
    }
}

fn operators(
    lowering: &mut Lowering,
    at: At,
    source: &Source,
    data: &OperatorsData,
) -> Vec<Operator> {
    let mut read = Vec::new();
    let is_status = *source == Source::Status;
    if let Some(value) = &data.equals {
        let at = lowering.within(at, "equals");
        read.push(equals(lowering, at, source, value));
    }
    if let Some(values) = &data.one_of {
        let at = lowering.within(at, "one-of");
        if is_status {
            read.push(statuses(lowering, at, values));
        } else {
            if values.is_empty() {
                lowering.value(at, "nothing is one of an empty list", "write a value");
            }
            for (index, value) in values.iter().enumerate() {
                let at = lowering.within(at, index);
                lowering.json(at, value);
            }
            read.push(Operator::OneOf(values.clone()));
        }
    }
    if let Some(expression) = &data.matches {
        let at = lowering.within(at, "matches");
        if expression.is_empty() {
            lowering.value(
                at,
                "an empty expression matches all",
                "write what is expected",
            );
        }
        read.extend(
            lowering
                .checked(at, regex(expression))
                .map(Operator::Matches),
        );
    }
    if let Some(kind) = data.kind {
        read.push(Operator::Type(kind));
    }
    if let Some(length) = data.length {
        let at = lowering.within(at, "length");
        read.push(Operator::Length(bounds(lowering, at, length)));
    }
    for (bound, limit) in [
        (Bound::LessThan, &data.less_than),
        (Bound::AtMost, &data.at_most),
        (Bound::GreaterThan, &data.greater_than),
        (Bound::AtLeast, &data.at_least),
    ] {
        read.extend(limit.clone().map(|limit| Operator::Number(bound, limit)));
    }
    if let Some(schema) = &data.schema {
        read.push(Operator::Schema(schema.clone()));
    }
    if data.exists == Some(false) && !read.is_empty() {
        lowering.value(
            at,
            "what is not there has nothing else",
            "leave `exists: false`, or the other operators, out",
        );
    }
    read.extend(data.exists.map(Operator::Exists));
    if read.is_empty() && lowering.is_fine() {
        lowering.value(
            at,
            "no operator says what is expected",
            "an object to be equal to is written `{ equals: {} }`",
        );
    }
    if is_status && (data.kind.is_some() || data.length.is_some() || data.schema.is_some()) {
        lowering.value(
            at,
            "`type`, `length` and `schema` say nothing of a status",
            "write a code (`200`), a class (`2xx`), or a list of them",
        );
    }
    read
}

fn bounds(lowering: &mut Lowering, at: At, length: LengthData) -> BoundsData {
    let bounds = match length {
        LengthData::Between(bounds) => bounds,
        LengthData::Exactly(length) => BoundsData {
            at_least: Some(length),
            at_most: Some(length),
        },
    };
    let holds_for_some = match (bounds.at_least, bounds.at_most) {
        (Some(least), Some(most)) => least <= most,
        (None, None) => false,
        _ => true,
    };
    if !holds_for_some {
        lowering.value(
            at,
            "these are no bounds of a length",
            "write `at-least`, `at-most`, or both, the lower one first",
        );
    }
    bounds
}

/// Reads when a request is sent again.
pub(super) fn retry(lowering: &mut Lowering, at: At, data: &RetryData) -> Retry {
    if !(2..=20).contains(&data.attempts) {
        let at = lowering.within(at, "attempts");
        lowering.value(
            at,
            format!("{} is not a number of attempts", data.attempts),
            "write 2 to 20, the first time included",
        );
    }
    let on_at = lowering.within(at, "on");
    let mut statuses = BTreeSet::new();
    let mut connect = false;
    match &data.on {
        None => statuses.extend(RETRIED),
        Some(on) => {
            if on.is_empty() {
                lowering.value(on_at, "nothing is retried", "leave `retry` out");
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
                        format!("`{}` is nothing to retry after", word.escape_debug()),
                        "write status codes, or `connect`",
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
            "the delay is longer than `max-delay`",
            "write a longer `max-delay`, which is 30s where it is left out",
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

/// Reads how an operation is awaited.
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
                    format!("`{}` names no operation", header.escape_debug()),
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
            "nothing ends the poll",
            "write an expectation, as `$.status: completed`",
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
            format!("`{}` is not a time", text.escape_debug()),
            "write a whole number and `ms`, `s`, `m` or `h`, from 1ms to 24h",
        );
        default
    })
}

/// Reads `500ms`, `2s`, `1m` or `1h`: more than nothing, and at most a day.
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
    fn a_duration_has_a_unit() {
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

    #[test]
    fn a_status_is_a_code_or_a_class() {
        for (value, expected) in [
            (Json::from(200), Some((200, 200))),
            (Json::from("2xx"), Some((200, 299))),
            (Json::from("4XX"), Some((400, 499))),
            (Json::from("404"), Some((404, 404))),
            (Json::from(99), None),
            (Json::from(1000), None),
            (Json::from("0xx"), None),
            (Json::from("20x"), None),
            (Json::from("xx"), None),
            (Json::from(true), None),
        ] {
            assert_eq!(status_range(&value), expected, "{value}");
        }
    }
}
