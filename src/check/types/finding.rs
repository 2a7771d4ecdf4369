//! Findings about the shape of a body, collected once per path.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::ops::Range;

use super::declared::TypeId;
use crate::json::{Node, NodeValue};
use crate::text::finding::cut;
use crate::text::severity::Severity;

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShapeKind {
    /// A documented member is missing.
    MissingProperty,
    /// A member is not documented.
    UndocumentedProperty,
    /// A value has another type.
    TypeMismatch,
    /// A value is null, but not nullable.
    NullValue,
    /// A string is not one of the documented ones.
    EnumValue,
    /// A string is not a valid date or time.
    FormatDateTime,
    /// A string is not a valid URL.
    FormatUrl,
    /// A string is not a valid GUID.
    FormatGuid,
    /// The documented collection is not an array.
    CollectionExpected,
    /// A collection is empty, or not empty, contrary to the annotation.
    CollectionEmpty,
    /// The annotation names a type that no page documents.
    UnknownResource,
    /// The body is not the documented error object.
    ErrorObjectExpected,
    /// An object has a type that the page does not document there.
    TypeName,
    /// The body is not valid JSON.
    JsonSyntax,
    /// A value differs, in [`Mode::Exact`](super::Mode::Exact).
    Value,
}

impl ShapeKind {
    /// The name in reports, in kebab case. It is stable.
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
            Self::TypeName => "type-name",
            Self::JsonSyntax => "json-syntax",
            Self::Value => "value",
        }
    }

    /// The kind with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        const ALL: [ShapeKind; 15] = [
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
            ShapeKind::TypeName,
            ShapeKind::JsonSyntax,
            ShapeKind::Value,
        ];
        ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The severity of findings of this kind.
    pub fn severity(self) -> Severity {
        match self {
            Self::UndocumentedProperty | Self::UnknownResource => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// A difference between a body and its documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeFinding {
    /// The kind of difference.
    pub kind: ShapeKind,
    /// The place in the body as a `JSONPath` (RFC 9535), with `[*]` for several
    /// elements of an array. Long keys are cut.
    pub path: String,
    /// What is documented.
    pub documented: String,
    /// The type or the short value in the body; `None` if it is missing.
    pub observed: Option<String>,
    /// The bytes of the documented body that the finding contradicts, if any.
    pub place: Option<Range<usize>>,
    /// The steps from the root to the first such value, with full keys.
    pub steps: Vec<PathStep>,
    /// The documented type of the enclosing object.
    pub owner: Option<TypeId>,
    /// Its severity.
    pub severity: Severity,
}

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathStep {
    /// To the member of an object.
    Key(String),
    /// To the element of an array.
    Index(usize),
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// The findings in the order of the body, at most [`MOST`].
    pub list: Vec<ShapeFinding>,
    /// The number of findings that are not listed.
    pub more: usize,
    /// The number of documented members and elements that the body has.
    pub seen: usize,
    /// Whether the body is too deep to be checked.
    pub is_too_deep: bool,
}

/// Maximum number of findings that a check lists.
pub(crate) const MOST: usize = 100;

/// A place in a body, as a linked list of steps back to the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

/// A borrowed [`PathStep`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// No step: the root itself.
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

    /// The enclosing place, and the step from there to this one.
    pub(crate) fn last_step(&self) -> Option<(&'a At<'a>, Step<'a>)> {
        Some((self.parent?, self.step))
    }

    /// The path as a `JSONPath`; a general one has `[*]` instead of indexes.
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
                    // Escapes as in JSON, and of the single quote (RFC 9535, section 2.7).
                    let escaped = cut(key).escape_debug().to_string();
                    let escaped = escaped.replace("\\\"", "\"");
                    path.push_str(&format!("['{escaped}']"));
                }
            }
        }
        path
    }

    /// The path as data.
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

/// Whether a key needs no brackets in a path (RFC 9535, section 2.5.1).
fn is_name(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c > '\u{7f}' && !c.is_control())
}

/// A short form of a value for a finding.
pub(super) fn shown(value: &Node<'_>) -> String {
    match &value.value {
        NodeValue::Null => "null".to_owned(),
        NodeValue::Boolean(value) => value.to_string(),
        NodeValue::Number(number) => number.to_string(),
        NodeValue::String(text) => quoted(text),
        NodeValue::Array(elements) => count(elements.len(), "element"),
        NodeValue::Object(members) => count(members.len(), "member"),
        NodeValue::Placeholder => "any value".to_owned(),
    }
}

/// A number of things, such as `2 members`.
pub(super) fn count(many: usize, what: &str) -> String {
    format!("{many} {what}{}", if many == 1 { "" } else { "s" })
}

/// A string in quotes, cut if it is long.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::String(cut(text)).to_string()
}

/// Collects findings, each kind once per general path.
#[derive(Debug, Default)]
pub(super) struct Collector {
    list: Vec<(ShapeFinding, String)>,
    /// Hashes of kind and general path. The value is the index of a finding
    /// that so far has the path of a single element.
    seen: HashMap<u64, Option<usize>>,
    /// Hashes of the general paths of all errors.
    errors: HashSet<u64>,
    more: usize,
    /// The number of documented members and elements that the body has.
    pub members: usize,
}

/// The content of a finding without its place in the body.
#[derive(Debug, Default)]
pub(super) struct Detail {
    /// What is documented.
    pub documented: String,
    /// What the body has.
    pub observed: Option<String>,
    /// The bytes of the documented body.
    pub place: Option<Range<usize>>,
    /// The documented type of the enclosing object.
    pub owner: Option<TypeId>,
}

impl Collector {
    /// Adds a finding, unless another element of the array has the same.
    /// `detail` is called only if the finding is listed.
    pub(super) fn add(&mut self, kind: ShapeKind, at: &At<'_>, detail: impl FnOnce() -> Detail) {
        let mut hasher = DefaultHasher::new();
        kind.hash(&mut hasher);
        at.hash_into(&mut hasher);
        let key = hasher.finish();
        if let Some(known) = self.seen.get_mut(&key) {
            // The second element makes the path general.
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
        let Detail {
            documented,
            observed,
            place,
            owner,
        } = detail();
        let finding = ShapeFinding {
            kind,
            path: at.path(false),
            documented,
            observed,
            place,
            steps: at.steps(),
            owner,
            severity: kind.severity(),
        };
        self.list.push((finding, at.path(true)));
    }

    /// Whether there is an error at this place, or at another element.
    pub(super) fn has_error(&self, at: &At<'_>) -> bool {
        self.errors.contains(&path_hash(at))
    }

    /// The findings in the order in which they were added.
    pub(super) fn finish(self) -> Findings {
        Findings {
            list: self.list.into_iter().map(|(finding, _)| finding).collect(),
            more: self.more,
            seen: self.members,
            is_too_deep: false,
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
    fn writes_json_paths() {
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
    fn merges_findings_of_several_elements() {
        let mut collector = Collector::default();
        let array = At::ROOT.key("a");
        for index in 0..3 {
            collector.add(ShapeKind::Value, &array.index(index), Detail::default);
        }
        collector.add(ShapeKind::NullValue, &array.index(7), Detail::default);
        let paths: Vec<_> = collector
            .finish()
            .list
            .into_iter()
            .map(|found| found.path)
            .collect();
        assert_eq!(paths, ["$.a[*]", "$.a[7]"]);
    }

    #[test]
    fn limits_the_number_of_listed_findings() {
        let mut collector = Collector::default();
        for index in 0..1000 {
            let key = index.to_string();
            collector.add(ShapeKind::Value, &At::ROOT.key(&key), Detail::default);
        }
        let found = collector.finish();
        assert_eq!((found.list.len(), found.more), (MOST, 1000 - MOST));
    }
}
