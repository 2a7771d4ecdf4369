//! A value and the keys that lead to it, and the collector of what is lost.

use serde::Serialize;
use serde_json::Value;

use super::located::{Kind, Member, Node};
use super::{Loss, as_text};
use crate::text::source::Page;

/// A value of a file, with the keys that lead to it.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    page: &'a Page,
    /// Where a finding about it points: at its key, if it has one.
    at: usize,
    key: String,
    /// How long the key of its parent is.
    parent: usize,
    node: &'a Node,
}

impl<'a> Place<'a> {
    /// The whole of a file.
    pub(super) fn root(page: &'a Page, node: &'a Node) -> Self {
        Self {
            page,
            at: node.at,
            key: String::new(),
            parent: 0,
            node,
        }
    }

    /// The file.
    pub(super) fn page(&self) -> &'a Page {
        self.page
    }

    /// The last of the keys.
    pub(super) fn name(&self) -> &str {
        self.key[self.parent..].trim_start_matches('.')
    }

    /// The keys below `scenarios[0]`, or whichever item of the file it is, the
    /// numbers of items aside.
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

    /// The value.
    pub(super) fn value(&self) -> Value {
        self.node.value()
    }

    /// The members of an object, in order.
    pub(super) fn members(&self) -> Option<Vec<Self>> {
        let Kind::Members(members) = &self.node.kind else {
            return None;
        };
        Some(members.iter().map(|member| self.child(member)).collect())
    }

    fn child(&self, member: &'a Member) -> Self {
        let dot = if self.key.is_empty() { "" } else { "." };
        Self {
            page: self.page,
            at: member.at,
            key: format!("{}{dot}{}", self.key, member.key),
            parent: self.key.len(),
            node: &member.value,
        }
    }

    /// A member of an object.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let Kind::Members(members) = &self.node.kind else {
            return None;
        };
        let member = members.iter().find(|member| member.key == name)?;
        Some(self.child(member))
    }

    /// The members of the object that it must be.
    pub(super) fn entries(&self, out: &mut Out) -> Vec<Self> {
        self.members().unwrap_or_else(|| {
            if !self.node.value().is_null() {
                out.note(self, "it is no object");
            }
            Vec::new()
        })
    }

    /// The items of the array that it must be.
    pub(super) fn items(&self, out: &mut Out) -> Vec<Self> {
        let Kind::List(items) = &self.node.kind else {
            if !self.node.value().is_null() {
                out.note(self, "it is no array");
            }
            return Vec::new();
        };
        let items = items.iter().enumerate().map(|(index, node)| Self {
            page: self.page,
            at: node.at,
            key: format!("{}[{index}]", self.key),
            parent: self.key.len(),
            node,
        });
        items.collect()
    }

    /// The items of a member that must be an array, or is not there.
    pub(super) fn list(&self, name: &str, out: &mut Out) -> Vec<Self> {
        let member = self.member(name);
        member.map(|list| list.items(out)).unwrap_or_default()
    }

    /// A member that must be a text, or is not there.
    pub(super) fn text(&self, name: &str, out: &mut Out) -> Option<String> {
        let member = self.member(name)?;
        let value = member.value();
        let text = as_text(&value);
        if text.is_none() && !value.is_null() {
            out.note(&member, "it is no text");
        }
        text
    }

    /// A member that must be an array of texts, or is not there.
    pub(super) fn texts(&self, name: &str, out: &mut Out) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(name, out) {
            match as_text(&item.value()) {
                Some(text) => texts.push(text),
                None => out.note(&item, "it is no text"),
            }
        }
        texts
    }

    /// A member that must be an array of status codes, or is not there.
    pub(super) fn statuses(&self, name: &str, out: &mut Out) -> Vec<u16> {
        let mut statuses = Vec::new();
        for item in self.list(name, out) {
            let status = as_text(&item.value()).and_then(|text| text.trim().parse().ok());
            match status {
                Some(status @ 100..=999) => statuses.push(status),
                _ => out.note(&item, "it is no status code"),
            }
        }
        statuses
    }

    /// Whether a member is true; it is not where it is not there, as in API
    /// Doctor.
    pub(super) fn is_true(&self, name: &str) -> bool {
        self.member(name)
            .and_then(|member| as_text(&member.value()))
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

/// What is lost.
#[derive(Debug, Default)]
pub(super) struct Out {
    /// All that is lost so far.
    pub losses: Vec<Loss>,
    /// What keeps the scenario or the canned request at hand from doing what it
    /// did, by its key.
    pub blocked: Vec<String>,
    /// How many bytes were made so far.
    made: usize,
}

/// The most bytes that are made. A canned request, or the body of a page, may
/// stand in thousands of steps.
const MADE_LIMIT: usize = 16 << 20;

impl Out {
    /// Takes down what was made. Returns whether it is too much.
    pub(super) fn makes_too_much(&mut self, made: &impl Serialize) -> bool {
        let size = serde_json::to_vec(made).map_or(0, |text| text.len());
        self.made = self.made.saturating_add(size);
        self.made > MADE_LIMIT
    }

    /// Something is lost without which the rest still does what it did.
    pub(super) fn note(&mut self, place: &Place, why: impl Into<String>) {
        let key = match place.key.as_str() {
            "" => "the file",
            key => key,
        };
        self.note_at(place.page, place.at, key.to_owned(), why);
    }

    /// The same, of a key alone.
    pub(super) fn note_at(&mut self, page: &Page, at: usize, key: String, why: impl Into<String>) {
        self.losses.push(Loss {
            file: page.path.clone(),
            at: page.position(at),
            key,
            why: why.into(),
        });
    }

    /// Something is lost without which the rest does something else.
    pub(super) fn block(&mut self, place: &Place, why: impl Into<String>) {
        self.note(place, why);
        let key = place.key_in_item();
        if !self.blocked.contains(&key) {
            self.blocked.push(key);
        }
    }
}
