//! Where an answer has not the documented shape: findings as data, and their
//! collection, each path once.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::ops::Range;

use super::registry::TypeId;
use crate::json::value::Json;
use crate::text::finding::cut;
use crate::text::severity::Severity;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShapeKind {
    /// A member that the page shows is not there.
    MissingProperty,
    /// A member that the page does not document.
    UndocumentedProperty,
    /// A value of another type.
    TypeMismatch,
    /// A `null` that the page does not allow.
    NullValue,
    /// A string that is none of the documented ones.
    EnumValue,
    /// A string that is no date or time.
    FormatDateTime,
    /// A string that is no URL.
    FormatUrl,
    /// A string that is no GUID.
    FormatGuid,
    /// No collection where the page documents one.
    CollectionExpected,
    /// A collection that is empty, or one that is not, against the page's word.
    CollectionEmpty,
    /// The page names a type that no page documents.
    UnknownResource,
    /// No error object where the page documents one.
    ErrorObjectExpected,
    /// The body is no JSON.
    JsonSyntax,
    /// Another value, where values are compared.
    Value,
}

impl ShapeKind {
    /// The stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissingProperty => "missing-property",
            Self::UndocumentedProperty => "undocumented-property",
            Self::TypeMismatch => "type-mismatch",
            Self::NullValue => "null-value",
            Self::EnumValue => "enum-value",
            Self::FormatDateTime => "format-date-time",
            Self::FormatUrl => "format-url",
            Self::FormatGuid => "format-guid",
            Self::CollectionExpected => "collection-expected",
            Self::CollectionEmpty => "collection-empty",
            Self::UnknownResource => "unknown-resource",
            Self::ErrorObjectExpected => "error-object-expected",
            Self::JsonSyntax => "json-syntax",
            Self::Value => "value",
        }
    }

    /// The kind of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        const ALL: [ShapeKind; 14] = [
            ShapeKind::MissingProperty,
            ShapeKind::UndocumentedProperty,
            ShapeKind::TypeMismatch,
            ShapeKind::NullValue,
            ShapeKind::EnumValue,
            ShapeKind::FormatDateTime,
            ShapeKind::FormatUrl,
            ShapeKind::FormatGuid,
            ShapeKind::CollectionExpected,
            ShapeKind::CollectionEmpty,
            ShapeKind::UnknownResource,
            ShapeKind::ErrorObjectExpected,
            ShapeKind::JsonSyntax,
            ShapeKind::Value,
        ];
        ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How much a finding of this kind weighs.
    pub fn severity(self) -> Severity {
        match self {
            Self::UndocumentedProperty | Self::UnknownResource => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// One thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeFinding {
    /// What is wrong.
    pub kind: ShapeKind,
    /// Where, as a `JSONPath` (RFC 9535); `[*]` where it holds for several
    /// elements of an array. Long keys are cut.
    pub path: String,
    /// What the page says.
    pub documented: String,
    /// What came back instead: a type or a short value.
    pub observed: Option<String>,
    /// The byte of the body at which reading stopped, if it is no JSON.
    pub offset: Option<usize>,
    /// The bytes of the documented body that say so, if any do.
    pub place: Option<Range<usize>>,
    /// The way from the root to the first such value, keys uncut.
    pub steps: Vec<PathStep>,
    /// The documented type of the object that it stands in.
    pub owner: Option<TypeId>,
    /// How much it weighs.
    pub severity: Severity,
}

/// A step from a value to one that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// To the member of an object.
    Key(String),
    /// To the element of an array.
    Index(usize),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// In the order of the body.
    pub list: Vec<ShapeFinding>,
    /// How many more there are: nobody reads thousands.
    pub more: usize,
}

/// The most findings that one check lists.
pub(crate) const MOST: usize = 100;

/// A place in a body, as a chain of steps back to its root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

/// A step from a value to one within it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// None.
    Root,
    /// To the member of an object.
    Key(&'a str),
    /// To the element of an array.
    Index(usize),
}

impl<'a> At<'a> {
    /// The root, `$`.
    pub(crate) const ROOT: At<'static> = At {
        parent: None,
        step: Step::Root,
    };

    /// The member of this object.
    #[must_use]
    pub(crate) fn key(&'a self, key: &'a str) -> Self {
        At {
            parent: Some(self),
            step: Step::Key(key),
        }
    }

    /// The element of this array.
    #[must_use]
    pub(crate) fn index(&'a self, index: usize) -> Self {
        At {
            parent: Some(self),
            step: Step::Index(index),
        }
    }

    /// The place that this one stands in, and the step from there.
    pub(crate) fn last_step(&self) -> Option<(&'a At<'a>, Step<'a>)> {
        Some((self.parent?, self.step))
    }

    /// The path, with the indexes or with `[*]` instead.
    pub(crate) fn path(&self, is_general: bool) -> String {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(here) = at {
            steps.push(here.step);
            at = here.parent;
        }
        let mut path = String::new();
        for step in steps.into_iter().rev() {
            match step {
                Step::Root => path.push('$'),
                Step::Index(_) if is_general => path.push_str("[*]"),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
                Step::Key(key) if is_name(key) => {
                    path.push('.');
                    path.push_str(&cut(key));
                }
                Step::Key(key) => {
                    // Escapes of RFC 9535, 2.7: those of JSON, and the quote.
                    let escaped = cut(key).escape_debug().to_string();
                    let escaped = escaped.replace("\\\"", "\"");
                    path.push_str(&format!("['{escaped}']"));
                }
            }
        }
        path
    }

    /// The same as data.
    pub(crate) fn steps(&self) -> Vec<PathStep> {
        let mut steps = Vec::new();
        let mut at = Some(self);
        while let Some(here) = at {
            match here.step {
                Step::Root => {}
                Step::Key(key) => steps.push(PathStep::Key(key.to_owned())),
                Step::Index(index) => steps.push(PathStep::Index(index)),
            }
            at = here.parent;
        }
        steps.reverse();
        steps
    }

    fn hash_into(&self, hasher: &mut DefaultHasher) {
        let mut at = Some(self);
        while let Some(here) = at {
            match here.step {
                Step::Root => 0u8.hash(hasher),
                Step::Index(_) => 1u8.hash(hasher),
                Step::Key(key) => key.hash(hasher),
            }
            at = here.parent;
        }
    }
}

/// Whether a key stands in a path without brackets (RFC 9535, 2.5.1).
fn is_name(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c > '\u{7f}' && !c.is_control())
}

/// A value, short enough for a finding.
pub(super) fn shown(value: &Json<'_>) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Boolean(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(elements) => count(elements.len(), "element"),
        Json::Object(members) => count(members.len(), "member"),
    }
}

/// How many there are, in words.
pub(super) fn count(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}

/// A string in quotes, cut where it is too long.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::String(cut(text)).to_string()
}

/// Collects findings, each once a general path.
#[derive(Debug, Default)]
pub(super) struct Collector {
    list: Vec<(ShapeFinding, String)>,
    /// By what makes findings the same, those that are listed with the path of
    /// one element.
    seen: HashMap<u64, Option<usize>>,
    /// The general paths of all errors.
    errors: HashSet<u64>,
    more: usize,
}

/// What a finding says, its place in the body aside.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// What the page says.
    pub documented: String,
    /// What came back.
    pub observed: Option<String>,
    /// Where the page says it.
    pub place: Option<Range<usize>>,
    /// The documented type of the object that it stands in.
    pub owner: Option<TypeId>,
}

impl Collector {
    /// Adds a finding, unless the same is known of another element. What it
    /// says is asked for only if it is listed.
    pub(super) fn add(&mut self, kind: ShapeKind, at: &At<'_>, said: impl FnOnce() -> Said) {
        let mut hasher = DefaultHasher::new();
        kind.hash(&mut hasher);
        at.hash_into(&mut hasher);
        let key = hasher.finish();
        if let Some(known) = self.seen.get_mut(&key) {
            // The first repetition makes the path a general one.
            if let Some(index) = known.take() {
                let (finding, general) = &mut self.list[index];
                finding.path = mem::take(general);
            }
            return;
        }
        if kind.severity() == Severity::Error {
            self.errors.insert(path_hash(at));
        }
        if self.list.len() == MOST {
            self.more += 1;
            self.seen.insert(key, None);
            return;
        }
        self.seen.insert(key, Some(self.list.len()));
        let Said {
            documented,
            observed,
            place,
            owner,
        } = said();
        let finding = ShapeFinding {
            kind,
            path: at.path(false),
            documented,
            observed,
            offset: None,
            place,
            steps: at.steps(),
            owner,
            severity: kind.severity(),
        };
        self.list.push((finding, at.path(true)));
    }

    /// Whether nothing is found yet.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether an error is known of this place, or of its like.
    pub(super) fn has_error(&self, at: &At<'_>) -> bool {
        self.errors.contains(&path_hash(at))
    }

    /// The findings, in the order in which they were added.
    pub(super) fn finish(self) -> Findings {
        Findings {
            list: self.list.into_iter().map(|(finding, _)| finding).collect(),
            more: self.more,
        }
    }
}

fn path_hash(at: &At<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    at.hash_into(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_json_paths() {
        let value = At::ROOT.key("value");
        let element = value.index(3);
        let tag = element.key("@odata.type");
        assert_eq!(tag.path(false), "$.value[3]['@odata.type']");
        assert_eq!(tag.path(true), "$.value[*]['@odata.type']");
        assert_eq!(At::ROOT.key("it's").path(false), "$['it\\'s']");
        assert_eq!(At::ROOT.key("1a").path(false), "$['1a']");
        assert_eq!(At::ROOT.key("").path(false), "$['']");
        assert_eq!(At::ROOT.key("é_1").path(false), "$.é_1");
        assert!(At::ROOT.key(&"x".repeat(1 << 20)).path(false).len() < 100);
    }

    #[test]
    fn the_same_of_several_elements_is_said_once() {
        let mut collector = Collector::default();
        let array = At::ROOT.key("a");
        for index in 0..3 {
            collector.add(ShapeKind::Value, &array.index(index), Said::default);
        }
        collector.add(ShapeKind::NullValue, &array.index(7), Said::default);
        let paths: Vec<_> = collector
            .finish()
            .list
            .into_iter()
            .map(|found| found.path)
            .collect();
        assert_eq!(paths, ["$.a[*]", "$.a[7]"]);
    }

    #[test]
    fn thousands_of_findings_are_counted() {
        let mut collector = Collector::default();
        for index in 0..1000 {
            let key = index.to_string();
            collector.add(ShapeKind::Value, &At::ROOT.key(&key), Said::default);
        }
        let found = collector.finish();
        assert_eq!((found.list.len(), found.more), (MOST, 1000 - MOST));
    }
}
