//! What keeps a documented body from being JSON (RFC 8259): faults that can be
//! read all the same, ellipses, keys that stand twice, or why it cannot be read.
//!
//! Nearly all bodies are JSON, so a first pass only tells whether one is; what
//! is wrong, and where, is looked for in the others.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::lenient;
use super::tree::{self, Node, NodeValue};

pub(crate) use super::lenient::{COMMENT, LINE_BREAK, Leniency, Unreadable, by_kind};

/// What is wrong with a text that is meant as JSON.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// What is no JSON, but can be read.
    pub leniencies: Vec<Leniency>,
    /// `...` and `…` where a value or a member could stand.
    pub ellipses: Vec<Range<usize>>,
    /// Keys that their objects have already.
    pub repeated: Vec<Repeated>,
    /// Why it cannot be read.
    pub unreadable: Option<Unreadable>,
}

/// A key that its object has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repeated {
    /// The bytes of the key that comes first.
    pub first: Range<usize>,
    /// The bytes of this one.
    pub key: Range<usize>,
    /// Whether the two have the same value.
    pub is_same: bool,
}

/// Reads a text as JSON.
pub(crate) fn faults(text: &str) -> Faults {
    let has_repeated = Cell::new(false);
    let mut reader = serde_json::Deserializer::from_str(text);
    let scan = Scan(&has_repeated);
    let error = match scan.deserialize(&mut reader).and_then(|()| reader.end()) {
        Ok(()) => {
            return Faults {
                repeated: has_repeated
                    .get()
                    .then(|| tree::read(text).ok())
                    .flatten()
                    .map(|node| repeated(text, &node))
                    .unwrap_or_default(),
                ..Faults::default()
            };
        }
        Err(error) => error,
    };
    let strict = || Unreadable::strict(text.as_bytes(), &error);
    match lenient(text) {
        Ok((leniencies, repeated)) if !leniencies.is_empty() => Faults {
            leniencies,
            repeated,
            ..Faults::default()
        },
        Ok(_) => Faults {
            unreadable: Some(strict()),
            ..Faults::default()
        },
        Err(unreadable) => {
            let (blanked, ellipses) = without_ellipses(text);
            if ellipses.is_empty() {
                return Faults {
                    unreadable: Some(unreadable),
                    ..Faults::default()
                };
            }
            match lenient(&blanked) {
                Ok((mut leniencies, repeated)) => {
                    leniencies.retain(|leniency| !stands_for_ellipsis(text, leniency, &ellipses));
                    Faults {
                        leniencies,
                        ellipses,
                        repeated,
                        unreadable: None,
                    }
                }
                Err(unreadable) => Faults {
                    unreadable: Some(unreadable),
                    ..Faults::default()
                },
            }
        }
    }
}

/// What is no JSON, but can be read, and the keys that stand twice.
fn lenient(text: &str) -> Result<(Vec<Leniency>, Vec<Repeated>), Unreadable> {
    let collected = CollectOptions {
        comments: CommentCollectionStrategy::AsTokens,
        tokens: true,
    };
    let options = ParseOptions {
        allow_non_finite_numbers: false,
        ..ParseOptions::default()
    };
    let parsed = parse_to_ast(text, &collected, &options)
        .map_err(|error| lenient::unreadable(text, &error))?;
    let Some(value) = parsed.value else {
        return Err(Unreadable {
            at: text.len(),
            message: "there is no value".to_owned(),
        });
    };
    let leniencies = lenient::leniencies(text, &parsed.tokens.unwrap_or_default());
    Ok((leniencies, repeated(text, &tree::node(value))))
}

/// The keys that their objects have already.
fn repeated(text: &str, node: &Node<'_>) -> Vec<Repeated> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match &node.value {
            NodeValue::Array(elements) => open.extend(elements),
            NodeValue::Object(members) => {
                let mut known = HashMap::with_capacity(members.len());
                for member in members {
                    open.push(&member.value);
                    let first = *known.entry(&*member.key).or_insert(member);
                    if !std::ptr::eq(first, member) {
                        let value = |node: &Node<'_>| &text[node.range.clone()];
                        found.push(Repeated {
                            first: first.key_range.clone(),
                            key: member.key_range.clone(),
                            is_same: value(&first.value) == value(&member.value),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|repeated| repeated.key.start);
    found
}

/// The text with blanks for its ellipses, and where these stand. Each byte
/// keeps its place.
fn without_ellipses(text: &str) -> (String, Vec<Range<usize>>) {
    let mut bytes = text.as_bytes().to_vec();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    // The last byte that is no blank.
    let mut before = b' ';
    while let Some(&byte) = text.as_bytes().get(at) {
        let start = at;
        at += match byte {
            b'"' => string_length(&text[at..]),
            b'/' => comment_length(&text[at..]).max(1),
            _ => match ellipsis_length(&text.as_bytes()[at..]) {
                0 => 1,
                length if at > 0 && bytes[at - 1].is_ascii_alphanumeric() => length,
                length => {
                    bytes[at..at + length].fill(b' ');
                    if before == b':' {
                        // It stands for a value.
                        bytes[at] = b'0';
                    } else {
                        // A comma after it would part nothing.
                        let rest = &text[at + length..];
                        let comma = rest.trim_start();
                        if comma.starts_with(',') {
                            bytes[text.len() - comma.len()] = b' ';
                        }
                    }
                    found.push(at..at + length);
                    length
                }
            },
        };
        if !byte.is_ascii_whitespace() && bytes[start] == byte {
            before = byte;
        }
    }
    // Only whole characters were overwritten, and with ASCII.
    (String::from_utf8(bytes).unwrap_or_default(), found)
}

/// Whether something is missing or left over only because an ellipsis stands
/// beside it.
fn stands_for_ellipsis(text: &str, leniency: &Leniency, ellipses: &[Range<usize>]) -> bool {
    let at = ellipses.partition_point(|ellipsis| ellipsis.start < leniency.range.start);
    ellipses.get(at).is_some_and(|ellipsis| {
        text[leniency.range.end..ellipsis.start].trim().is_empty()
            && matches!(&text[leniency.range.clone()], "" | ",")
    })
}

fn string_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' | b'\n' => break,
            _ => {}
        }
    }
    // An escape may end the text.
    at.min(text.len())
}

fn comment_length(text: &str) -> usize {
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        text.find("*/").map_or(text.len(), |end| end + 2)
    } else {
        0
    }
}

fn ellipsis_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"..") {
        bytes.iter().take_while(|byte| **byte == b'.').count()
    } else if bytes.starts_with("…".as_bytes()) {
        "…".len()
    } else {
        0
    }
}

/// Whether a text is JSON, and whether a key may stand twice in an object of
/// it: by their hashes, so that no key is kept.
#[derive(Clone, Copy)]
struct Scan<'s>(&'s Cell<bool>);

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        if self.0.get() {
            // It is known already.
            while members.next_key::<IgnoredAny>()?.is_some() {
                members.next_value_seed(self)?;
            }
            return Ok(());
        }
        let mut keys: Vec<u64> = Vec::new();
        while let Some(key) = members.next_key_seed(KeyHash)? {
            keys.push(key);
            members.next_value_seed(self)?;
        }
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            self.0.set(true);
        }
        Ok(())
    }
}

struct KeyHash;

impl<'de> DeserializeSeed<'de> for KeyHash {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<u64, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyHash {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<u64, E> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Ok(hasher.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let faults = faults(text);
        assert_eq!(faults.unreadable, None, "{text:?}");
        let mut found: Vec<_> = faults
            .leniencies
            .iter()
            .map(|leniency| (leniency.range.clone(), leniency.what))
            .chain(
                faults
                    .ellipses
                    .iter()
                    .map(|range| (range.clone(), "an ellipsis")),
            )
            .chain(
                faults
                    .repeated
                    .iter()
                    .map(|repeated| (repeated.key.clone(), "a repeated key")),
            )
            .collect();
        found.sort_by_key(|(range, _)| range.start);
        let found: Vec<_> = found
            .into_iter()
            .map(|(range, what)| (&text[range], what))
            .collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn json_has_no_fault() {
        check(
            r#"{"a": [1, -2.5e3, "..", "…", null, true], "b": {"a": {}}}"#,
            &[],
        );
        check("\n\"a\"\n", &[]);
    }

    #[test]
    fn what_can_be_read_is_named() {
        check(
            r#"{"a": [1,],}"#,
            &[(",", "a trailing comma"), (",", "a trailing comma")],
        );
        check("{\"a\": 1} // b", &[("// b", "a comment")]);
        check(
            r#"{"a": 1, "a": 2,}"#,
            &[("\"a\"", "a repeated key"), (",", "a trailing comma")],
        );
    }

    #[test]
    fn an_ellipsis_stands_for_members_and_values() {
        const ELLIPSIS: &str = "an ellipsis";
        check("{...}", &[("...", ELLIPSIS)]);
        check("{\"a\": 1, ...}", &[("...", ELLIPSIS)]);
        check("{\"a\": 1,\n  …\n}", &[("…", ELLIPSIS)]);
        check("{\"a\": 1\n  ...\n}", &[("...", ELLIPSIS)]);
        check("[{\"a\": \"..\"}, ..., {}]", &[("...", ELLIPSIS)]);
        check("{\"a\": 1\n ... \"b\": 2}", &[("...", ELLIPSIS)]);
        check(
            "{\"a\": ..., \"b\": [ .... ]}",
            &[("...", ELLIPSIS), ("....", ELLIPSIS)],
        );
        check(
            "{..., \"a\": 1,}",
            &[("...", ELLIPSIS), (",", "a trailing comma")],
        );
        check(
            "{\"a\": 1, ... // ...\n}",
            &[("...", ELLIPSIS), ("// ...", "a comment")],
        );
        check(
            "[/* .. */ ...]",
            &[("/* .. */", "a comment"), ("...", ELLIPSIS)],
        );
        check(
            "{\"a\": [1,], ...}",
            &[(",", "a trailing comma"), ("...", ELLIPSIS)],
        );
        check(r#"{"a": "b\" .. \\", ...}"#, &[("...", ELLIPSIS)]);
    }

    #[test]
    fn a_key_that_stands_twice_is_found_in_its_object() {
        check(
            r#"{"a": {"b": 1}, "b": [{"c": 1, "\u0063": 2}], "a": 2}"#,
            &[
                ("\"\\u0063\"", "a repeated key"),
                ("\"a\"", "a repeated key"),
            ],
        );
        check(r#"[{"a": 1}, {"a": 2}, {"A": 1, "a": 1}]"#, &[]);
        let found = faults(r#"{"a": 1, "a": 1}"#).repeated;
        assert!(found[0].is_same);
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        for (text, at) in [
            ("{\"a\": }", 6),
            ("{\"a\": b}", 6),
            ("{\"a\": 1", 0),
            ("{} {}", 3),
            ("{\"a\": \"b,\n\"c\": 1}", 6),
            ("{\"a\": 1... }", 8),
            ("{\"a\": NaN}", 6),
            ("...", 3),
        ] {
            let found = faults(text).unreadable.expect("a fault");
            assert_eq!(found.at, at, "{text:?}: {}", found.message);
        }
        assert!(faults("{\"a\": “b”, \"é\": ü...}").unreadable.is_some());
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert!(faults(&deep).unreadable.is_some());
        for byte in ["[", "{\"a\":", "[...,", "\"\\", "/*"] {
            assert!(faults(&byte.repeat(10_000)).unreadable.is_some());
        }
    }
}
