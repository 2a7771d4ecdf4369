//! Formats of strings: date-time, date, url, guid.

use crate::text::value_form::is_uuid;

/// A format of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A date and time with an offset (RFC 3339, section 5.6; `OData`'s
    /// `Edm.DateTimeOffset`, whose seconds are optional).
    DateTime,
    /// The same, or only a date or a time of day: pages use `timestamp` for any
    /// of the ISO 8601 forms.
    Timestamp,
    /// A date and time with an optional offset (`DateTime`).
    LocalDateTime,
    /// A date (RFC 3339, `full-date`), optionally with a time.
    Date,
    /// A duration (ISO 8601), or a time of day in its place.
    Duration,
    /// A URL, or a reference that starts with `/` (RFC 3986, section 4.2).
    Url,
    /// A UUID (RFC 9562, section 4).
    Guid,
}

impl Format {
    /// The name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::DateTime | Self::LocalDateTime | Self::Timestamp => "date-time",
            Self::Date => "date",
            Self::Duration => "duration",
            Self::Url => "url",
            Self::Guid => "guid",
        }
    }

    /// Whether a string has this format.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::DateTime => is_date_time(text, true),
            Self::Timestamp => {
                let is_all = |rest: Option<&str>| rest.is_some_and(str::is_empty);
                is_date_time(text, true) || is_all(date(text)) || is_all(time(text))
            }
            Self::LocalDateTime => is_date_time(text, false),
            Self::Date => date(text).is_some_and(str::is_empty) || is_date_time(text, false),
            Self::Duration => is_duration(text) || time(text.trim_start_matches('-')) == Some(""),
            Self::Url => text.starts_with('/') || url::Url::parse(text).is_ok(),
            Self::Guid => is_uuid(text),
        }
    }
}

/// Whether a text is a date and time without the offset from UTC (RFC 3339,
/// section 5.6).
pub(crate) fn lacks_offset(text: &str) -> bool {
    is_date_time(text, false) && !is_date_time(text, true)
}

/// Whether a text is a duration (ISO 8601; XML Schema, `dayTimeDuration` and
/// `yearMonthDuration`; weeks).
pub(crate) fn is_duration(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some(text) = text.strip_prefix('P') else {
        return false;
    };
    let (days, hours) = match text.split_once('T') {
        Some((days, hours)) => (days, Some(hours)),
        None => (text, None),
    };
    let is_some = |hours: &str| !hours.is_empty() && are_amounts(hours, "HMS");
    match hours {
        Some(hours) => are_amounts(days, "YMWD") && is_some(hours),
        None => !days.is_empty() && are_amounts(days, "YMWD"),
    }
}

/// Whether a text consists of amounts with units in this order.
fn are_amounts(mut text: &str, mut units: &str) -> bool {
    while !text.is_empty() {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let amount = text.len() - rest.len();
        let rest = rest.strip_prefix('.').map_or(rest, |rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit())
        });
        let unit = rest.chars().next().and_then(|unit| units.find(unit));
        let (Some(unit), true) = (unit, amount > 0) else {
            return false;
        };
        text = &rest[1..];
        units = &units[unit + 1..];
    }
    true
}

fn is_date_time(text: &str, needs_offset: bool) -> bool {
    let parsed = date(text)
        .and_then(|rest| rest.strip_prefix(['T', 't', ' ']))
        .and_then(time);
    match parsed {
        None => false,
        Some("") => !needs_offset,
        Some("Z" | "z") => true,
        Some(offset) => offset
            .strip_prefix(['+', '-'])
            .and_then(|offset| two(offset, 23))
            .and_then(|rest| two(rest.strip_prefix(':')?, 59))
            .is_some_and(str::is_empty),
    }
}

/// The text after a date, whose year has at least four digits.
fn date(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let year = text.get(..digits).filter(|year| year.len() >= 4)?;
    let month = text[digits..].strip_prefix('-')?;
    let after_month = two(month, 12)?;
    let day = after_month.strip_prefix('-')?;
    let after_day = two(day, 31)?;
    // The last four digits decide whether a longer year is a leap year.
    let year: u32 = year[year.len() - 4..].parse().ok()?;
    let (month, day): (u32, u32) = (month[..2].parse().ok()?, day[..2].parse().ok()?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (month >= 1 && day >= 1 && day <= days).then_some(after_day)
}

/// The text after a time of day.
fn time(text: &str) -> Option<&str> {
    let rest = two(text, 23)?;
    let rest = two(rest.strip_prefix(':')?, 59)?;
    let Some(seconds) = rest.strip_prefix(':') else {
        return Some(rest);
    };
    // A leap second is 60.
    let rest = two(seconds, 60)?;
    let Some(fraction) = rest.strip_prefix('.') else {
        return Some(rest);
    };
    let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (after.len() < fraction.len()).then_some(after)
}

/// The text after a two-digit number of at most `most`.
fn two(text: &str, most: u8) -> Option<&str> {
    let digits = text
        .get(..2)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    (digits.parse::<u8>().ok()? <= most).then(|| &text[2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: Format, fitting: &[&str], others: &[&str]) {
        for text in fitting {
            assert!(format.fits(text), "{text:?} is a {format:?}");
        }
        for text in others {
            assert!(!format.fits(text), "{text:?} is not a {format:?}");
        }
    }

    #[test]
    fn recognizes_durations() {
        check(
            Format::Duration,
            &["PT30M", "P1DT2H3M4.5S", "-P1Y2M", "P2W", "PT0S", "00:30:00"],
            &[
                "",
                "P",
                "PT",
                "P1DT",
                "30M",
                "PT30",
                "P1H",
                "PT1S1M",
                "half an hour",
            ],
        );
    }

    #[test]
    fn recognizes_dates_and_times() {
        check(
            Format::DateTime,
            &[
                "2016-01-01T15:20:01.125Z",
                "2016-02-29t15:20z",
                "2016-12-31T23:59:60+14:00",
                "0001-01-01T00:00:00-08:00",
            ],
            &[
                "",
                "2016-01-01",
                "2016-01-01T15:20:01",
                "2015-02-29T15:20:01Z",
                "2016-13-01T15:20:01Z",
                "2016-00-01T15:20:01Z",
                "2016-04-31T15:20:01Z",
                "2016-01-01T24:20:01Z",
                "2016-01-01T15:60:01Z",
                "2016-01-01T15:20:01.Z",
                "2016-01-01T15:20:01+0800",
                "2016-01-01T15:20:01ZZ",
                "16-01-01T15:20:01Z",
                "1451661601",
                "2016-01-0é",
            ],
        );
        check(
            Format::LocalDateTime,
            &["2016-01-01T15:20:01", "2016-01-01T15:20:01Z"],
            &["2016-01-01", "15:20:01"],
        );
        check(
            Format::Timestamp,
            &["2016-01-01T15:20:01Z", "2016-01-01", "15:20:01.5", "15:20"],
            &["2016-01-01T15:20:01", "2016-01-32", "25:00:00", "", "today"],
        );
        check(
            Format::Date,
            &["2016-01-01", "2016-01-01T00:00:00Z"],
            &["2016-1-1", "2016-01-01x", "01/01/2016"],
        );
    }

    #[test]
    fn recognizes_urls() {
        check(
            Format::Url,
            &["https://example.org/a b?c#d", "/a/b", "urn:a:b"],
            &["", "example.org", "a b", "https://"],
        );
    }

    #[test]
    fn recognizes_guids() {
        check(
            Format::Guid,
            &["fa4aa5a2-a75b-4769-86f4-9e2742A18FDA"],
            &["", "fa4aa5a2a75b476986f49e2742a18fda"],
        );
    }
}
