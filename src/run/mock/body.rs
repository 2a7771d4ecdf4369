//! Bodies of requests, as far as a route tells them apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

/// A body, JSON as JSON. The hash comes first, so that of thousands of bodies
/// on one route hardly any is looked at twice.
#[derive(Debug, PartialEq)]
pub(super) struct Body {
    hash: u64,
    content: Content,
}

/// What a body is.
#[derive(Debug, PartialEq)]
pub(super) enum Content {
    /// Nothing.
    None,
    /// JSON.
    Json(Value),
    /// Anything else.
    Text(String),
}

impl Body {
    /// Reads a body: JSON, other text, or none.
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

    /// What it is.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    /// Whether it says nothing: an object without members is as good as none.
    pub(super) fn is_blank(&self) -> bool {
        match &self.content {
            Content::None => true,
            Content::Json(Value::Object(members)) => members.is_empty(),
            Content::Json(_) => false,
            Content::Text(text) => text.trim().is_empty(),
        }
    }
}

/// Equal values have equal hashes: the order of an object's members is none.
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
