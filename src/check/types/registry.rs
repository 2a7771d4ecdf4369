//! The documented types: resource blocks by the names that pages use for them.

use std::collections::{HashMap, HashSet};
use std::mem;

use serde_json::{Map, Value};

use super::declared::{Member, Members, Shape, TAG, collection_of, members};
use crate::json::tree::NodeValue;
use crate::json::value::read_values;
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::parallel::{self, cores};
use crate::text::rules::{DUPLICATE_RESOURCE, RESOURCE_SYNTAX, Rule};
use crate::text::source::Position;

/// A documented type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(pub(super) usize);

/// The types that resource blocks document.
#[derive(Debug, Default)]
pub struct Types {
    list: Vec<Type>,
    /// By the whole name in lower case, then by its last segment.
    by_name: HashMap<String, TypeId>,
    by_last_segment: HashMap<String, Vec<TypeId>>,
    /// What stands before the last segments, in lower case.
    namespaces: HashSet<String>,
}

#[derive(Debug)]
struct Type {
    /// As the first of its resources names it.
    name: String,
    /// The name for comparison.
    key: String,
    base: Option<TypeId>,
    members: Members,
    nullable: HashSet<String>,
    optional: HashSet<String>,
    /// Whether it says of any member that it may be `null`.
    says_null: bool,
    has_key: bool,
    /// The keys of all types below this one: a value may be of one of them
    /// and not say so.
    derived: HashSet<String>,
}

/// What a resource says.
struct Read<'r> {
    keys: &'r Map<String, Value>,
    members: Members,
    diagnostics: Vec<Diagnostic>,
}

/// Types inherit so deep; what is deeper is a circle, or means harm.
const DEPTH: usize = 32;

/// A last segment that more types share names none of them.
const MOST_SHARING: usize = 100;

impl Types {
    /// Reads the types of all resources. A type that several resources
    /// document is read as one with the members of all, and gets a finding.
    pub fn new(resources: &[Resource]) -> (Self, Vec<Diagnostic>) {
        let mut types = Self::default();
        let mut diagnostics = Vec::new();
        // Names first, so that types can speak of each other.
        let mut first: Vec<&Resource> = Vec::new();
        let mut named = Vec::new();
        for resource in resources {
            let Some(name) = type_name(&resource.keys) else {
                diagnostics.push(
                    at(resource, &RESOURCE_SYNTAX, 0, "this resource has no `@odata.type`, so it is no type")
                        .help("write the type's name in the annotation, such as \"@odata.type\": \"example.user\""),
                );
                continue;
            };
            let key = normal(name);
            let id = types.by_name.get(&key).copied().unwrap_or_else(|| {
                let id = TypeId(types.list.len());
                types.list.push(Type::new(name));
                types
                    .by_last_segment
                    .entry(last_segment(&key).to_owned())
                    .or_default()
                    .push(id);
                let namespace = namespace(&key);
                if !types.namespaces.contains(namespace) {
                    types.namespaces.insert(namespace.to_owned());
                }
                types.by_name.insert(key, id);
                id
            });
            match first.get(id.0) {
                None => first.push(resource),
                Some(first) => diagnostics.push(
                    at(
                        resource,
                        &DUPLICATE_RESOURCE,
                        0,
                        format!(
                            "`{name}` is documented in {}, line {} too, so both are read as one type",
                            first.page, first.line
                        ),
                    )
                    .help("document a type once"),
                ),
            }
            named.push((id, resource));
        }
        for (id, resource) in &named {
            for alias in words(resource.keys.get("@type.aka")) {
                types.by_name.entry(normal(&alias)).or_insert(*id);
            }
        }
        let read = parallel::map(&named, cores(), |(_, resource)| types.read(resource));
        for ((id, _), read) in named.into_iter().zip(read) {
            types.take(id, read, &mut diagnostics);
        }
        types.inherit();
        (types, diagnostics)
    }

    /// Whether no type is documented.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The type that a page means by a name. `#`, case and a namespace that is
    /// written in part (`graph.user` for `microsoft.graph.user`) make no
    /// difference; a name that fits several types means none.
    pub fn find(&self, name: &str) -> Option<TypeId> {
        let key = normal(name);
        if let Some(id) = self.by_name.get(&key) {
            return Some(*id);
        }
        let mut fitting = self
            .by_last_segment
            .get(last_segment(&key))
            .filter(|sharing| sharing.len() <= MOST_SHARING)?
            .iter()
            .filter(|id| {
                let other = &self.list[id.0].key;
                is_tail(&key, other) || is_tail(other, &key)
            });
        let found = fitting.next()?;
        fitting.next().is_none().then_some(*found)
    }

    /// The type that a member's value names. A word without a namespace is as
    /// likely a value, so it has to be spelt as the type is.
    fn find_declared(&self, name: &str) -> Option<TypeId> {
        let id = self.find(name)?;
        let is_spelt = || last_segment(self.name(id)) == name.trim_start_matches('#');
        (name.contains('.') || is_spelt()).then_some(id)
    }

    /// A type's name, as the page writes it.
    pub fn name(&self, id: TypeId) -> &str {
        &self.list[id.0].name
    }

    /// Whether a type or one of its bases has a member.
    pub fn has(&self, id: TypeId, key: &str) -> bool {
        self.member(id, key).is_some()
    }

    /// Whether one of a type's bases has a member.
    pub fn inherits(&self, id: TypeId, key: &str) -> bool {
        let mut bases = self.line(id).skip(1);
        bases.any(|known| known.members.list.contains_key(key))
    }

    /// Whether a value of the one type may be one of the other.
    pub fn are_kin(&self, one: TypeId, other: TypeId) -> bool {
        let is_below = |id: TypeId, base: TypeId| {
            let base = &self.list[base.0];
            self.line(id).any(|known| std::ptr::eq(known, base))
        };
        is_below(one, other) || is_below(other, one)
    }

    /// Whether a name that no page documents has the namespace of one that is.
    pub fn is_namespace_of(&self, name: &str) -> bool {
        self.namespaces.contains(namespace(&normal(name)))
    }

    /// The types whose names have the same last segment, case aside.
    pub fn like(&self, name: &str) -> impl Iterator<Item = &str> {
        let key = normal(name);
        let sharing = self.by_last_segment.get(last_segment(&key));
        sharing.into_iter().flatten().map(|id| self.name(*id))
    }

    /// The strings that a member may be, where they are listed.
    pub fn choices(&self, id: TypeId, key: &str) -> &[String] {
        let mut shape = self.member(id, key).map(|member| &member.shape);
        while let Some(Shape::Array(element)) = shape {
            shape = Some(element);
        }
        match shape {
            Some(Shape::Enum(words)) => words,
            _ => &[],
        }
    }

    /// The names of all types.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|known| known.name.as_str())
    }

    /// The type that a type inherits from.
    pub fn base(&self, id: TypeId) -> Option<TypeId> {
        self.list[id.0].base
    }

    /// Whether a type or a base of it says of any member that it may be `null`.
    pub fn says_null(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.says_null)
    }

    /// A member of a type or of its bases.
    pub(super) fn member(&self, id: TypeId, key: &str) -> Option<&Member> {
        self.line(id).find_map(|known| known.members.list.get(key))
    }

    /// Whether the annotation of a type says that a member may be `null`; the
    /// member may say so itself.
    pub(super) fn may_be_null(&self, id: TypeId, key: &str) -> bool {
        self.line(id).any(|known| known.nullable.contains(key))
    }

    /// Whether the annotation of a type says that a member may be left out.
    pub fn is_optional(&self, id: TypeId, key: &str) -> bool {
        self.line(id).any(|known| known.optional.contains(key))
    }

    /// Whether a type says that a member of it may be left out, or be `null`.
    pub(super) fn may_miss(&self, id: TypeId, key: &str, member: Option<&Member>) -> bool {
        member.is_some_and(|member| member.is_optional || member.is_nullable)
            || self
                .line(id)
                .any(|known| known.optional.contains(key) || known.nullable.contains(key))
    }

    /// Whether a type may have members that it does not document.
    pub fn is_open(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.members.is_open)
    }

    /// Whether a type below this one documents a member.
    pub(super) fn is_derived_key(&self, id: TypeId, key: &str) -> bool {
        self.list[id.0].derived.contains(key)
    }

    /// Whether values of a type have an identity of their own, and so are
    /// answered within another only where they are asked for.
    pub(super) fn is_entity(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.has_key)
    }

    /// The keys that a type and its bases document, in order.
    pub fn keys(&self, id: TypeId) -> Vec<&str> {
        let mut keys: Vec<&str> = self
            .line(id)
            .flat_map(|known| known.members.list.keys().map(String::as_str))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// A type, its base, that one's base, and so on.
    fn line(&self, id: TypeId) -> impl Iterator<Item = &Type> {
        std::iter::successors(Some(&self.list[id.0]), |known| {
            known.base.map(|base| &self.list[base.0])
        })
        .take(DEPTH)
    }

    /// Reads what a resource says, by the names of all types.
    fn read<'r>(&self, resource: &'r Resource) -> Read<'r> {
        let mut diagnostics = Vec::new();
        let keys = &resource.keys;
        let node = match read_values(&resource.text) {
            Ok(node) => Some(node),
            Err(unreadable) => {
                let message = format!("this resource is no JSON: {}", unreadable.message);
                diagnostics.push(
                    at(resource, &RESOURCE_SYNTAX, unreadable.at, message)
                        .help("write a JSON object, whose values name types"),
                );
                None
            }
        };
        let node = node.and_then(|node| match node.value {
            NodeValue::Object(_) => Some(node),
            // Some pages show a list of the one resource.
            NodeValue::Array(mut elements) if elements.len() == 1 => elements
                .pop()
                .filter(|element| matches!(element.value, NodeValue::Object(_))),
            _ => {
                diagnostics.push(
                    at(
                        resource,
                        &RESOURCE_SYNTAX,
                        0,
                        "this resource is no JSON object",
                    )
                    .help("write a JSON object, whose values name types"),
                );
                None
            }
        });
        let mut members = node
            .as_ref()
            .map(|node| members(node, &|name| self.find_declared(name)))
            .unwrap_or_default();
        members.is_open |= node.is_none() || is_true(keys.get("openType"));
        Read {
            keys,
            members,
            diagnostics,
        }
    }

    /// Adds what a resource says to its type.
    fn take(&mut self, id: TypeId, read: Read<'_>, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.extend(read.diagnostics);
        let keys = read.keys;
        let mut base = None;
        let mut is_open = read.members.is_open;
        if let Some(Value::String(name)) = keys.get("baseType") {
            base = self.find(name).filter(|base| *base != id);
            is_open |= base.is_none();
        }
        let known = &mut self.list[id.0];
        known.base = known.base.or(base);
        known.has_key |= keys.contains_key("keyProperty");
        known.members.is_open |= is_open;
        known.nullable.extend(words(keys.get("nullableProperties")));
        known.optional.extend(words(keys.get("optionalProperties")));
        let mut list = read.members.list;
        known.says_null |=
            !known.nullable.is_empty() || list.values().any(|member| member.is_nullable);
        if known.members.list.is_empty() {
            mem::swap(&mut known.members.list, &mut list);
        }
        for (key, member) in list {
            match known.members.list.get_mut(&key) {
                None => {
                    known.members.list.insert(key, member);
                }
                Some(before) if *before == member => {}
                Some(before) => {
                    before.shape = Shape::Any;
                    before.is_nullable |= member.is_nullable;
                    before.is_optional |= member.is_optional;
                }
            }
        }
        for pair in words(keys.get("@property.aka")) {
            let Some((one, other)) = pair.split_once('=') else {
                continue;
            };
            for key in [one, other] {
                known.members.list.entry(key.to_owned()).or_insert(Member {
                    is_optional: true,
                    ..Shape::Any.into()
                });
            }
        }
    }

    fn inherit(&mut self) {
        for index in 0..self.list.len() {
            let mut base = self.list[index].base;
            if base.is_none() {
                continue;
            }
            let keys: Vec<String> = self.list[index].members.list.keys().cloned().collect();
            for _ in 0..DEPTH {
                let Some(TypeId(at)) = base.filter(|base| base.0 != index) else {
                    break;
                };
                self.list[at].derived.extend(keys.iter().cloned());
                base = self.list[at].base;
            }
        }
    }
}

impl Type {
    fn new(name: &str) -> Self {
        Self {
            name: name.trim().trim_start_matches('#').to_owned(),
            key: normal(name),
            base: None,
            members: Members::default(),
            nullable: HashSet::new(),
            optional: HashSet::new(),
            says_null: false,
            has_key: false,
            derived: HashSet::new(),
        }
    }
}

/// The type that an annotation names, by either of its keys.
pub(crate) fn type_name(keys: &Map<String, Value>) -> Option<&str> {
    [TAG, "@type"]
        .iter()
        .find_map(|key| keys.get(*key)?.as_str())
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// A name for comparison: without `#` and `Collection(…)`, in lower case.
pub(crate) fn normal(name: &str) -> String {
    let name = collection_of(name).unwrap_or(name);
    name.trim().trim_start_matches('#').to_ascii_lowercase()
}

fn last_segment(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn namespace(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

/// Whether `long` ends with the segments of `short`.
fn is_tail(short: &str, long: &str) -> bool {
    long.strip_suffix(short)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// The strings of an array; of a string, its words.
pub(super) fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(Value::as_str)
            .map(|word| word.trim().to_owned())
            .collect(),
        Some(Value::String(text)) => text
            .split([',', ' '])
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether an annotation's value says yes; some pages write it as a string.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A finding about a resource, at a byte of its text; byte 0 stands for the
/// whole of it, which is its opening fence.
fn at(
    resource: &Resource,
    rule: &'static Rule,
    byte: usize,
    message: impl Into<String>,
) -> Diagnostic {
    let position = if byte == 0 {
        Position {
            line: resource.line,
            column: 1,
        }
    } else {
        let before = resource.text.get(..byte).unwrap_or(&resource.text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        Position {
            line: resource.line + 1 + before.matches('\n').count(),
            column: last_line.chars().count() + 1,
        }
    };
    Diagnostic::in_file(
        std::sync::Arc::clone(&resource.page),
        rule,
        position,
        message,
    )
}
