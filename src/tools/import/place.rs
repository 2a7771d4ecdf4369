//! Values with their path of keys, and the collector of losses.

use std::sync::Arc;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::json::{Member, Node, NodeValue};
use crate::text::source::{Page, Position};

/// A value in a file, with the path of keys.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    page: &'a Page,
    /// Offset for losses: that of its key, if it has one.
    at: usize,
    key: String,
    /// Length of the path of its parent.
    parent: usize,
    node: &'a Node<'a>,
}

impl<'a> Place<'a> {
    /// The whole file.
    pub(super) fn root(page: &'a Page, node: &'a Node<'a>) -> Self {
        Self {
            page,
            at: node.range.start,
            key: String::new(),
            parent: 0,
            node,
        }
    }

    /// The file.
    pub(super) fn page(&self) -> &'a Page {
        self.page
    }

    /// Returns the last key.
    pub(super) fn name(&self) -> &str {
        self.key[self.parent..].trim_start_matches('.')
    }

    /// Returns the path within an item of the file, such as `scenarios[0]`,
    /// without indexes.
    fn key_in_item(&self) -> String {
        let key = match self.key.split_once("].") {
            Some((_, rest)) => rest,
            None => &self.key,
        };
        match key.split_once("].") {
            Some((list, rest)) => {
                let list = list.trim_end_matches(|c: char| c.is_ascii_digit());
                format!("{}.{rest}", list.trim_end_matches('['))
            }
            None => key.to_owned(),
        }
    }

    /// Returns the value.
    pub(super) fn value(&self) -> Value {
        self.node.to_value()
    }

    /// Returns the members of an object, in order. As in Json.NET, the last
    /// value of a duplicate key counts.
    pub(super) fn members(&self) -> Option<Vec<Self>> {
        let NodeValue::Object(members) = &self.node.value else {
            return None;
        };
        let mut last: IndexMap<&str, &Member<'_>> = IndexMap::with_capacity(members.len());
        for member in members {
            last.insert(&member.key, member);
        }
        Some(last.values().map(|member| self.child(member)).collect())
    }

    fn child(&self, member: &'a Member<'a>) -> Self {
        let dot = if self.key.is_empty() { "" } else { "." };
        Self {
            page: self.page,
            at: member.key_range.start,
            key: format!("{}{dot}{}", self.key, member.key),
            parent: self.key.len(),
            node: &member.value,
        }
    }

    /// A member of an object.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let NodeValue::Object(members) = &self.node.value else {
            return None;
        };
        let member = members.iter().rfind(|member| member.key == name)?;
        Some(self.child(member))
    }

    /// Returns the members of the object, or reports that the value is not an
    /// object.
    pub(super) fn entries(&self, out: &mut Out) -> Vec<Self> {
        self.members().unwrap_or_else(|| {
            if self.node.value != NodeValue::Null {
                out.note(self, "not an object");
            }
            Vec::new()
        })
    }

    /// Returns the items of the array, or reports that the value is not an
    /// array.
    pub(super) fn items(&self, out: &mut Out) -> Vec<Self> {
        let NodeValue::Array(items) = &self.node.value else {
            if self.node.value != NodeValue::Null {
                out.note(self, "not an array");
            }
            return Vec::new();
        };
        let items = items.iter().enumerate().map(|(index, node)| Self {
            page: self.page,
            at: node.range.start,
            key: format!("{}[{index}]", self.key),
            parent: self.key.len(),
            node,
        });
        items.collect()
    }

    /// Returns the items of an optional member that must be an array.
    pub(super) fn list(&self, name: &str, out: &mut Out) -> Vec<Self> {
        let member = self.member(name);
        member.map(|list| list.items(out)).unwrap_or_default()
    }

    /// Returns an optional member that must be a string.
    pub(super) fn text(&self, name: &str, out: &mut Out) -> Option<String> {
        let member = self.member(name)?;
        let value = member.value();
        let text = as_text(&value);
        if text.is_none() && !value.is_null() {
            out.note(&member, "not a string");
        }
        text
    }

    /// Returns an optional member that must be an array of strings.
    pub(super) fn texts(&self, name: &str, out: &mut Out) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(name, out) {
            match as_text(&item.value()) {
                Some(text) => texts.push(text),
                None => out.note(&item, "not a string"),
            }
        }
        texts
    }

    /// Returns an optional member that must be an array of status codes.
    pub(super) fn statuses(&self, name: &str, out: &mut Out) -> Vec<u16> {
        let mut statuses = Vec::new();
        for item in self.list(name, out) {
            let status = as_text(&item.value()).and_then(|text| text.trim().parse().ok());
            match status {
                Some(status @ 100..=999) => statuses.push(status),
                _ => out.note(&item, "not a status code"),
            }
        }
        statuses
    }

    /// Whether a member is true. As in API Doctor, a missing member is false.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.member(name)
            .and_then(|member| as_text(&member.value()))
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

/// Converts a value to a string, as Json.NET does.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Number of items in the imported files.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Files.
    pub files: usize,
    /// Scenarios.
    pub scenarios: usize,
    /// Canned requests.
    pub canned_requests: usize,
    /// Accounts.
    pub accounts: usize,
}

/// Something that was not converted, or changed its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The file.
    pub file: Arc<str>,
    /// Its location.
    pub at: Position,
    /// The path of keys, such as `scenarios[0].request-parameters.!url`.
    pub key: String,
    /// Why, and what to do.
    pub why: String,
}

/// Collects counts and losses.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// Number of items so far.
    pub counts: Counts,
    /// The losses so far.
    pub losses: Vec<Loss>,
    /// Paths of the losses that change what the current scenario or canned
    /// request does.
    pub blocked: Vec<String>,
    /// Size of the generated steps so far, in bytes.
    made: usize,
}

/// Maximum size of all generated steps, in bytes. A canned request, or a
/// documented body, may be in thousands of steps.
const MADE_LIMIT: usize = 16 << 20;

impl Out {
    /// Adds the size of a generated value. Returns whether the maximum is
    /// exceeded.
    pub(super) fn makes_too_much(&mut self, made: &impl Serialize) -> bool {
        let size = serde_json::to_vec(made).map_or(0, |text| text.len());
        self.made = self.made.saturating_add(size);
        self.made > MADE_LIMIT
    }

    /// Reports a loss that does not change what the rest does.
    pub(super) fn note(&mut self, place: &Place, why: impl Into<String>) {
        let key = match place.key.as_str() {
            "" => "the file",
            key => key,
        };
        self.note_at(place.page, place.at, key.to_owned(), why);
    }

    /// Reports such a loss by its key.
    pub(super) fn note_at(&mut self, page: &Page, at: usize, key: String, why: impl Into<String>) {
        self.losses.push(Loss {
            file: page.path.clone(),
            at: page.position(at),
            key,
            why: why.into(),
        });
    }

    /// Reports a loss that changes what the rest does.
    pub(super) fn block(&mut self, place: &Place, why: impl Into<String>) {
        self.note(place, why);
        let key = place.key_in_item();
        if !self.blocked.contains(&key) {
            self.blocked.push(key);
        }
    }
}
