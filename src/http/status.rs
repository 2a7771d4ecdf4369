//! Documented statuses.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A documented status (RFC 9110, 15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// A status code, such as 404.
    Code(u16),
    /// Any code of a class, such as `2xx`: the docs state no code.
    Class(u8),
}

impl Status {
    /// The status codes that conform.
    pub fn codes(self) -> RangeInclusive<u16> {
        match self {
            Self::Code(code) => code..=code,
            Self::Class(class) => {
                let first = u16::from(class) * 100;
                first..=first + 99
            }
        }
    }

    /// Whether a status code conforms.
    pub fn matches(self, code: u16) -> bool {
        self.codes().contains(&code)
    }

    /// The class: the first digit of the code.
    pub fn class(self) -> u16 {
        self.codes().start() / 100
    }

    /// The documented code, if there is one.
    pub fn code(self) -> Option<u16> {
        match self {
            Self::Code(code) => Some(code),
            Self::Class(_) => None,
        }
    }

    /// Whether every code that conforms is one of `other`.
    pub fn is_in(self, other: Self) -> bool {
        other.matches(*self.codes().start()) && other.matches(*self.codes().end())
    }
}

impl From<u16> for Status {
    fn from(code: u16) -> Self {
        Self::Code(code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}

/// A text that is neither a status code nor a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAStatus;

/// Parses three digits (`404`), or a digit and `xx` (`4xx`).
impl FromStr for Status {
    type Err = NotAStatus;

    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        let (class, rest) = match text.as_bytes() {
            [class @ b'1'..=b'9', rest @ ..] => (class - b'0', rest),
            _ => return Err(NotAStatus),
        };
        match rest {
            [b'0'..=b'9', b'0'..=b'9'] => text.parse().map(Self::Code).map_err(|_| NotAStatus),
            [b'x' | b'X', b'x' | b'X'] => Ok(Self::Class(class)),
            _ => Err(NotAStatus),
        }
    }
}

/// A code is written as a number, a class as a string.
impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(code) => serializer.serialize_u16(*code),
            Self::Class(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusVisitor)
    }
}

struct StatusVisitor;

impl Visitor<'_> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a status code, or a class such as 2xx")
    }

    /// Any number is read. Whether it is a status code is checked with the rest of
    /// the case.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Status, E> {
        let code = u16::try_from(number).map(Status::Code);
        code.map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Status, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Status, E> {
        match text.parse() {
            Ok(class @ Status::Class(_)) => Ok(class),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks that a text is a status, which is shown as `shown`.
    #[track_caller]
    fn check(text: &str, status: Status, shown: &str) {
        assert_eq!(text.parse(), Ok(status), "{text}");
        assert_eq!(status.to_string(), shown);
    }

    #[test]
    fn parses_codes_and_classes() {
        check("200", Status::Code(200), "200");
        check("999", Status::Code(999), "999");
        check("2xx", Status::Class(2), "2xx");
        check("4XX", Status::Class(4), "4xx");
    }

    #[test]
    fn rejects_other_texts() {
        for text in [
            "", "2", "20", "2000", "099", "0xx", "2x0", "xx", "+20", "2é", "a00",
        ] {
            assert_eq!(text.parse::<Status>(), Err(NotAStatus), "{text}");
        }
    }

    #[test]
    fn matches_the_code_or_all_codes_of_the_class() {
        for (status, code, matches) in [
            (Status::Code(200), 200, true),
            (Status::Code(200), 201, false),
            (Status::Class(2), 200, true),
            (Status::Class(2), 299, true),
            (Status::Class(2), 199, false),
            (Status::Class(2), 300, false),
        ] {
            assert_eq!(status.matches(code), matches, "{status} {code}");
        }
        assert_eq!(Status::Code(404).class(), 4);
        assert_eq!(Status::Class(4).class(), 4);
    }

    #[test]
    fn codes_are_in_their_class() {
        assert!(Status::Code(200).is_in(Status::Class(2)));
        assert!(Status::Class(2).is_in(Status::Class(2)));
        assert!(Status::Code(200).is_in(Status::Code(200)));
        assert!(!Status::Class(2).is_in(Status::Code(200)));
        assert!(!Status::Code(404).is_in(Status::Class(2)));
    }

    #[test]
    fn is_a_number_or_a_string_in_json() {
        for (json, status) in [("404", Status::Code(404)), ("\"2xx\"", Status::Class(2))] {
            assert_eq!(
                serde_json::from_str::<Status>(json).expect("a status"),
                status
            );
            assert_eq!(serde_json::to_string(&status).expect("JSON"), json);
        }
        for json in ["\"404\"", "-1", "70000", "null", "[]", "2.5"] {
            assert!(serde_json::from_str::<Status>(json).is_err(), "{json}");
        }
    }
}
