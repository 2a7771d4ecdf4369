//! Request bodies, as far as they distinguish routes.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::json::{Node, NodeValue};

/// Longer JSON is neither read nor compared by shape, in bytes. Documented
/// bodies are far shorter, and a tree takes many times the memory of its text.
pub(super) const MAX_JSON: usize = 1 << 20;

/// A body as far as it is compared: equal bodies have equal fingerprints,
/// whatever the white space and the order of members in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Body {
    fingerprint: Fingerprint,
    /// The kind of the content.
    pub kind: Kind,
}

/// Two hashes with different seeds.
pub(super) type Fingerprint = [u64; 2];

/// The kind of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No body, or blank text.
    None,
    /// A JSON object without members.
    EmptyObject,
    /// Any other valid JSON.
    Json,
    /// Text that begins as JSON does, but is not valid, or too long to be read.
    LikeJson,
    /// Any other content.
    Other,
}

impl Body {
    /// The body with this content, and its value if it is JSON.
    pub(super) fn of(bytes: &[u8], json: Option<&Node<'_>>) -> Self {
        let kind = match json {
            Some(json) => match &json.value {
                NodeValue::Object(members) if members.is_empty() => Kind::EmptyObject,
                _ => Kind::Json,
            },
            None => match bytes.trim_ascii_start().first() {
                None => Kind::None,
                Some(b'{' | b'[') => Kind::LikeJson,
                Some(_) => Kind::Other,
            },
        };
        let fingerprint = match json {
            Some(json) => fingerprint(json),
            None if kind == Kind::None => [0; 2],
            None => hash(bytes),
        };
        Self { fingerprint, kind }
    }

    /// Whether the body is empty, blank text, or a JSON object without members.
    pub(super) fn is_blank(self) -> bool {
        matches!(self.kind, Kind::None | Kind::EmptyObject)
    }
}

/// The fingerprint of a JSON value. Members that are repeated count each.
pub(super) fn fingerprint(json: &Node<'_>) -> Fingerprint {
    match &json.value {
        NodeValue::Null => hash(&0_u8),
        NodeValue::Boolean(value) => hash(value),
        NodeValue::Number(number) => match number.to_json() {
            Some(number) => hash(&(1_u8, number)),
            None => hash(&(2_u8, number.to_string())),
        },
        NodeValue::String(text) => hash(&(3_u8, text)),
        NodeValue::Array(elements) => {
            let elements: Vec<Fingerprint> = elements.iter().map(fingerprint).collect();
            hash(&(4_u8, elements))
        }
        // The order of members does not matter.
        NodeValue::Object(members) => {
            let mut sum: Fingerprint = [0; 2];
            for member in members {
                let member = hash(&(&member.key, fingerprint(&member.value)));
                sum = [0, 1].map(|at| sum[at].wrapping_add(member[at]));
            }
            hash(&(5_u8, sum))
        }
        NodeValue::Placeholder => hash(&6_u8),
    }
}

fn hash(value: &(impl Hash + ?Sized)) -> Fingerprint {
    [0_u8, 1].map(|seed| {
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        value.hash(&mut hasher);
        hasher.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read_strict;

    fn body(text: &str) -> Body {
        Body::of(text.as_bytes(), read_strict(text.as_bytes()).ok().as_ref())
    }

    #[track_caller]
    fn check(one: &str, other: &str, expected: bool) {
        assert_eq!(body(one) == body(other), expected, "{one} {other}");
    }

    #[test]
    fn compares_json_by_value() {
        check("{\"a\": 1, \"b\": [2]}", "{ \"b\":[2],\"a\":1 }", true);
        check("{\"a\": 1}", "{\"a\": \"1\"}", false);
        check("{\"a\": {\"b\": 1}}", "{\"a\": {}, \"b\": 1}", false);
        check("[1, 2]", "[2, 1]", false);
        check("{\"a\": 1, \"a\": 2}", "{\"a\": 1}", false);
        check("\"\\u0061\"", "\"a\"", true);
        check("9007199254740993", "9007199254740992", false);
        check("1E400", "1E400", true);
        check("1E400", "null", false);
        check("null", "0", false);
        check("plain", "plain", true);
        check("plain", "Plain", false);
        check("", " \n", true);
        check("", "{}", false);
    }

    #[test]
    fn tells_kinds_of_content() {
        for (text, expected) in [
            ("\r\n", Kind::None),
            ("{ }", Kind::EmptyObject),
            ("[]", Kind::Json),
            ("7", Kind::Json),
            (" {a: 1}", Kind::LikeJson),
            ("a=1", Kind::Other),
        ] {
            assert_eq!(body(text).kind, expected, "{text}");
        }
    }
}
