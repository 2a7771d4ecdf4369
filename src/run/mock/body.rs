//! Request bodies, as far as they distinguish routes.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// A body; JSON is compared as JSON. The hash is compared first, so that few of
/// the thousands of bodies on one route are compared in full.
#[derive(Debug, PartialEq)]
pub(super) struct Body {
    hash: u64,
    content: Content,
}

/// The kind and value of a body.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// No body.
    None,
    /// Valid JSON.
    Json(Value),
    /// Any other content, lossily decoded.
    Text(String),
}

impl Body {
    /// Parses a body as JSON, other text, or none.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        let content = if bytes.is_empty() {
            Content::None
        } else if let Ok(value) = serde_json::from_slice(bytes) {
            hash_json(&value, &mut hasher);
            Content::Json(value)
        } else {
            bytes.hash(&mut hasher);
            Content::Text(String::from_utf8_lossy(bytes).into_owned())
        };
        Self {
            hash: hasher.finish(),
            content,
        }
    }

    /// Returns the parsed content.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// Whether the body is empty, blank text, or a JSON object without members.
    pub(super) fn is_blank(&self) -> bool {
        match &self.content {
            Content::None => true,
            Content::Json(Value::Object(members)) => members.is_empty(),
            Content::Json(_) => false,
            Content::Text(text) => text.trim().is_empty(),
        }
    }
}

/// Hashes a JSON value. Equal values have equal hashes: the order of an
/// object's members does not matter.
fn hash_json(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0.hash(hasher),
        Value::Bool(value) => value.hash(hasher),
        Value::Number(number) => number.hash(hasher),
        Value::String(text) => text.hash(hasher),
        Value::Array(values) => {
            values.len().hash(hasher);
            for value in values {
                hash_json(value, hasher);
            }
        }
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort();
            for key in keys {
                key.hash(hasher);
                hash_json(&members[key], hasher);
            }
        }
    }
}
