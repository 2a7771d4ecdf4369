//! A JSON text as a tree in which every key and value has its byte range.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use serde_json::Value;

/// A value and its bytes in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    /// The bytes of the value.
    pub range: Range<usize>,
    /// The value.
    pub value: NodeValue<'a>,
}

/// A JSON value (RFC 8259, section 3).
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as written.
    Number(Number<'a>),
    /// A string with its escapes resolved.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Node<'a>>),
    /// The members of an object in the order of the text, duplicates included.
    Object(Vec<Member<'a>>),
    /// `<name>`, `{name}` or `...` in the place of a value. Only documented
    /// bodies have it.
    Placeholder,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// The bytes of the key, with its quotes.
    pub key_range: Range<usize>,
    /// The key with its escapes resolved.
    pub key: Cow<'a, str>,
    /// The value.
    pub value: Node<'a>,
}

/// Two members of one object that have the same key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Duplicate<'n, 'a> {
    /// The first member with the key.
    pub first: &'n Member<'a>,
    /// A later one.
    pub again: &'n Member<'a>,
}

impl<'a> Node<'a> {
    /// The value as `serde_json` has it, without places. The last of several
    /// members with the same key counts; a number that `serde_json` cannot
    /// express becomes a string, a placeholder null.
    pub(crate) fn to_value(&self) -> Value {
        match &self.value {
            NodeValue::Null | NodeValue::Placeholder => Value::Null,
            NodeValue::Boolean(value) => Value::Bool(*value),
            NodeValue::Number(number) => number
                .to_json()
                .map_or_else(|| Value::String(number.to_string()), Value::Number),
            NodeValue::String(text) => Value::String(text.to_string()),
            NodeValue::Array(elements) => elements.iter().map(Self::to_value).collect(),
            NodeValue::Object(members) => members
                .iter()
                .map(|member| (member.key.to_string(), member.value.to_value()))
                .collect(),
        }
    }

    /// The value of an object's member, the last with this key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let NodeValue::Object(members) = &self.value else {
            return None;
        };
        members
            .iter()
            .rfind(|member| member.key == key)
            .map(|member| &member.value)
    }

    /// The duplicate keys of all objects in this value, in the order of the
    /// text.
    pub(crate) fn duplicates(&self) -> Vec<Duplicate<'_, 'a>> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            match &node.value {
                NodeValue::Array(elements) => open.extend(elements),
                NodeValue::Object(members) => {
                    open.extend(members.iter().map(|member| &member.value));
                    found.extend(duplicates(members));
                }
                _ => {}
            }
        }
        found.sort_by_key(|duplicate| duplicate.again.key_range.start);
        found
    }
}

/// With fewer members, comparing all pairs is faster than hashing.
const HASHED: usize = 16;

/// The duplicate keys of one object.
pub(crate) fn duplicates<'n, 'a>(members: &'n [Member<'a>]) -> Vec<Duplicate<'n, 'a>> {
    let mut found = Vec::new();
    if members.len() < HASHED {
        for (index, again) in members.iter().enumerate() {
            let first = members[..index].iter().find(|first| first.key == again.key);
            found.extend(first.map(|first| Duplicate { first, again }));
        }
        return found;
    }
    let mut known = HashMap::with_capacity(members.len());
    for again in members {
        let first = *known.entry(&*again.key).or_insert(again);
        if !std::ptr::eq(first, again) {
            found.push(Duplicate { first, again });
        }
    }
    found
}

/// A number, as written: of any size and precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    /// The number that this text spells.
    pub(super) fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The number as `serde_json` has it: `None` if it is too large for that,
    /// or was read leniently from a form that JSON does not have.
    pub(crate) fn to_json(self) -> Option<serde_json::Number> {
        self.0.parse().ok()
    }

    /// Whether the number has no fraction, as `1`, `1.0` and `1e3`. Forms that
    /// JSON does not have count as whole.
    pub(crate) fn is_whole(self) -> bool {
        Decimal::of(self.0).is_none_or(|value| value.exponent.is_none_or(|exponent| exponent >= 0))
    }

    /// Whether both numbers have the same value.
    pub(crate) fn is_same(self, other: Number<'_>) -> bool {
        self.0 == other.0
            || Decimal::of(self.0).is_some_and(|value| {
                value.exponent.is_some() && Decimal::of(other.0) == Some(value)
            })
    }
}

impl std::fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// The value of a number in a normal form: its significant digits, and the
/// power of ten of the last of them. Zero has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal<'a> {
    is_negative: bool,
    /// Without zeros at the beginning and at the end.
    digits: Cow<'a, str>,
    /// `None` if it has more than 36 digits.
    exponent: Option<i128>,
}

impl<'a> Decimal<'a> {
    /// Reads a JSON number.
    fn of(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let exponent_digits = exponent.trim_start_matches(['+', '-']);
        let is_json = !whole.is_empty()
            && are_digits(whole)
            && are_digits(fraction)
            && !exponent_digits.is_empty()
            && are_digits(exponent_digits);
        if !is_json {
            return None;
        }
        let significant = match (whole.trim_start_matches('0'), fraction) {
            ("", fraction) => Cow::Borrowed(fraction.trim_start_matches('0')),
            (whole, "") => Cow::Borrowed(whole),
            (whole, fraction) => Cow::Owned(format!("{whole}{fraction}")),
        };
        let length = significant.trim_end_matches('0').len();
        if length == 0 {
            return Some(Self {
                is_negative: false,
                digits: Cow::Borrowed(""),
                exponent: Some(0),
            });
        }
        // With at most 36 digits, the sum below cannot overflow.
        let is_short = exponent_digits.trim_start_matches('0').len() <= 36;
        let exponent: Option<i128> = exponent.parse().ok().filter(|_| is_short);
        let zeros = i128::try_from(significant.len() - length).ok()?;
        let places = i128::try_from(fraction.len()).ok()?;
        let digits = match significant {
            Cow::Borrowed(digits) => Cow::Borrowed(&digits[..length]),
            Cow::Owned(mut digits) => {
                digits.truncate(length);
                Cow::Owned(digits)
            }
        };
        Some(Self {
            is_negative: unsigned.len() < text.len(),
            digits,
            exponent: exponent.map(|exponent| exponent + zeros - places),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_numbers_by_value() {
        for (one, other) in [
            ("1", "1.0"),
            ("1", "1e0"),
            ("100", "1E+2"),
            ("0", "-0.0"),
            ("0", "0e9"),
            ("-1.50", "-15e-1"),
            ("1e400", "10e399"),
            ("1.50", "1.5"),
            ("0.00120", "12e-4"),
            ("0e99999999999999999999999999999999999999999", "0"),
            (
                "1e99999999999999999999999999999999999",
                "10E99999999999999999999999999999999998",
            ),
            (
                "1e+000000000000000000000000000000000000000000000000002",
                "100",
            ),
            (
                "0.1000000000000000000000000000000000000000000000000001",
                "1000000000000000000000000000000000000000000000000001e-52",
            ),
        ] {
            assert!(Number(one).is_same(Number(other)), "{one} {other}");
        }
        for (one, other) in [
            ("1", "-1"),
            ("9007199254740993", "9007199254740992"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567891",
            ),
            ("1e400", "1e401"),
            ("1.5", "1"),
            ("0.1", "0.1000000000000000055"),
            ("12345678901234567890.1", "12345678901234567890.2"),
            ("1e-400", "0"),
            ("1.05", "1.5"),
            ("10", "1"),
            ("0.01", "0.1"),
            // Exponents of this length are compared as they are written.
            (
                "1e1234567890123456789012345678901234567890",
                "1e2234567890123456789012345678901234567890",
            ),
            ("0xFF", "255"),
        ] {
            assert!(!Number(one).is_same(Number(other)), "{one} {other}");
        }
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        for (text, expected) in [
            ("1", true),
            ("-1.0", true),
            ("1.5e1", true),
            ("1e400", true),
            ("123456789012345678901234567890", true),
            ("0.0", true),
            ("150e-1", true),
            ("1.5", false),
            ("1e-1", false),
            ("1e-400", false),
            ("1.5e400", true),
            ("12345678901234567890.5", false),
        ] {
            assert_eq!(Number(text).is_whole(), expected, "{text}");
        }
    }

    #[test]
    fn finds_duplicates_in_objects_of_any_size() {
        let key = |index: usize| Member {
            key_range: index..index,
            key: Cow::Owned(format!("k{}", index % 20)),
            value: Node {
                range: 0..0,
                value: NodeValue::Null,
            },
        };
        for (many, expected) in [(20, 0), (21, 1), (60, 40)] {
            let members: Vec<_> = (0..many).map(key).collect();
            assert_eq!(duplicates(&members).len(), expected, "{many}");
        }
        let few: Vec<_> = [0, 1, 0, 20].into_iter().map(key).collect();
        assert_eq!(duplicates(&few).len(), 2);
    }
}
