//! The documented types by name.

use std::collections::{HashMap, HashSet};
use std::mem;

use serde_json::{Map, Value};

use super::declared::{Member, Members, Shape, TAG, TypeId, collection_of, members};
use crate::json::{self, Node, NodeValue};
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::parallel::{self, cores};
use crate::text::rules::{DUPLICATE_RESOURCE, RESOURCE_SYNTAX, Rule};
use crate::text::source::Position;

/// The types that resource blocks document.
#[derive(Debug, Default)]
pub struct Types {
    list: Vec<Type>,
    /// By full name in lower case.
    by_name: HashMap<String, TypeId>,
    /// By the last segment of the name, in lower case.
    by_last_segment: HashMap<String, Vec<TypeId>>,
    /// The names without their last segments, in lower case.
    namespaces: HashSet<String>,
}

#[derive(Debug)]
struct Type {
    /// The name in its first resource.
    name: String,
    /// The name for comparison.
    key: String,
    base: Option<TypeId>,
    members: Members,
    nullable: HashSet<String>,
    optional: HashSet<String>,
    /// Whether a member is declared as nullable.
    has_nullable: bool,
    has_key: bool,
    /// Whether it names a base that no page documents.
    has_unknown_base: bool,
    /// The keys of all derived types. A value may have a derived type without
    /// naming it.
    derived: HashSet<String>,
}

/// The content of a resource.
struct Read<'r> {
    keys: &'r Map<String, Value>,
    members: Members,
    diagnostics: Vec<Diagnostic>,
}

/// Maximum inheritance depth; deeper is cyclic or malicious.
const DEPTH: usize = 32;

/// A last segment that more types share is ambiguous.
const MOST_SHARING: usize = 100;

impl Types {
    /// Reads the types of all resources. Several resources of one type are
    /// merged, and reported.
    pub fn new(resources: &[Resource]) -> (Self, Vec<Diagnostic>) {
        let read = parallel::map(resources, cores(), |resource| json::read(&resource.text));
        let texts = resources.iter().zip(&read);
        let nodes = texts
            .clone()
            .map(|(resource, read)| (resource, read.as_ref().ok()));
        let (types, mut diagnostics) = Self::of_read(&nodes.collect::<Vec<_>>());
        let unreadable = texts.filter_map(|(resource, read)| {
            let unreadable = read.as_ref().err()?;
            type_name(&resource.keys)?;
            let message = format!("resource is not valid JSON: {}", unreadable.message);
            let finding = at(resource, &RESOURCE_SYNTAX, unreadable.at, message);
            Some(finding.help("write a JSON object whose values are types"))
        });
        diagnostics.extend(unreadable);
        (types, diagnostics)
    }

    /// The same from resources whose texts were read before: each with its
    /// value, if it has one.
    pub(crate) fn of_read(resources: &[(&Resource, Option<&Node<'_>>)]) -> (Self, Vec<Diagnostic>) {
        let mut types = Self::default();
        let mut diagnostics = Vec::new();
        // Names first, because resources refer to each other.
        let mut first: Vec<&Resource> = Vec::new();
        let mut named = Vec::new();
        for (resource, node) in resources {
            let Some(name) = type_name(&resource.keys) else {
                diagnostics.push(
                    at(resource, &RESOURCE_SYNTAX, 0, "resource has no `@odata.type`")
                        .help("add the name of the type to the annotation, such as \"@odata.type\": \"example.user\""),
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
                            "duplicate resource `{name}`: also documented in {}, line {}; the two are merged",
                            first.page, first.line
                        ),
                    )
                    .help("document each type once"),
                ),
            }
            named.push((id, *resource, *node));
        }
        for (id, resource, _) in &named {
            for alias in words(resource.keys.get("@type.aka")) {
                types.by_name.entry(normal(&alias)).or_insert(*id);
            }
        }
        let read = parallel::map(&named, cores(), |(_, resource, node)| {
            types.read(resource, *node)
        });
        for ((id, ..), read) in named.into_iter().zip(read) {
            types.take(id, read, &mut diagnostics);
        }
        types.inherit();
        (types, diagnostics)
    }

    /// Whether there are no types.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Finds a type by name. `#` and case are ignored, and the namespace may be
    /// shortened (`graph.user` for `microsoft.graph.user`). An ambiguous name
    /// finds nothing.
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

    /// Finds the type that a member's value names. A name without a namespace
    /// must have the case of the type, since it may be an example value.
    fn find_declared(&self, name: &str) -> Option<TypeId> {
        let id = self.find(name)?;
        let has_same_case = || last_segment(self.name(id)) == name.trim_start_matches('#');
        (name.contains('.') || has_same_case()).then_some(id)
    }

    /// The name of a type, as its page writes it.
    pub fn name(&self, id: TypeId) -> &str {
        &self.list[id.0].name
    }

    /// Whether a type or one of its bases declares a member.
    pub fn has(&self, id: TypeId, key: &str) -> bool {
        self.member(id, key).is_some()
    }

    /// Whether one of a type's bases declares a member.
    pub fn inherits(&self, id: TypeId, key: &str) -> bool {
        let mut bases = self.line(id).skip(1);
        bases.any(|known| known.members.list.contains_key(key))
    }

    /// Whether one of the types derives from the other.
    pub fn are_kin(&self, one: TypeId, other: TypeId) -> bool {
        let is_below = |id: TypeId, base: TypeId| {
            let base = &self.list[base.0];
            self.line(id).any(|known| std::ptr::eq(known, base))
        };
        is_below(one, other) || is_below(other, one)
    }

    /// Whether a type is another one or derives from it, or may do so because it
    /// has a base that no page documents.
    pub(super) fn may_derive(&self, id: TypeId, base: TypeId) -> bool {
        let base = &self.list[base.0];
        self.line(id)
            .any(|known| std::ptr::eq(known, base) || known.has_unknown_base)
    }

    /// Whether a name has the namespace of a documented type.
    pub fn is_namespace_of(&self, name: &str) -> bool {
        self.namespaces.contains(namespace(&normal(name)))
    }

    /// The names of types with the same last segment, ignoring case.
    pub fn like(&self, name: &str) -> impl Iterator<Item = &str> {
        let key = normal(name);
        let sharing = self.by_last_segment.get(last_segment(&key));
        sharing.into_iter().flatten().map(|id| self.name(*id))
    }

    /// The members of an enumeration; empty for other members.
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

    /// The base of a type.
    pub fn base(&self, id: TypeId) -> Option<TypeId> {
        self.list[id.0].base
    }

    /// Whether a type or one of its bases declares any member as nullable.
    pub fn has_nullable(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.has_nullable)
    }

    /// A member of a type or of its bases.
    pub(super) fn member(&self, id: TypeId, key: &str) -> Option<&Member> {
        self.line(id).find_map(|known| known.members.list.get(key))
    }

    /// Whether the annotation of a type or of its bases declares a member as
    /// nullable.
    pub(super) fn may_be_null(&self, id: TypeId, key: &str) -> bool {
        self.line(id).any(|known| known.nullable.contains(key))
    }

    /// Whether the annotation of a type or of its bases declares a member as
    /// optional.
    pub fn is_optional(&self, id: TypeId, key: &str) -> bool {
        self.line(id).any(|known| known.optional.contains(key))
    }

    /// Whether a member of a type is optional or nullable.
    pub(super) fn may_miss(&self, id: TypeId, key: &str, member: Option<&Member>) -> bool {
        member.is_some_and(|member| member.is_optional || member.is_nullable)
            || self
                .line(id)
                .any(|known| known.optional.contains(key) || known.nullable.contains(key))
    }

    /// Whether a type allows undocumented members.
    pub fn is_open(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.members.is_open)
    }

    /// Whether a derived type declares a member.
    pub(super) fn is_derived_key(&self, id: TypeId, key: &str) -> bool {
        self.list[id.0].derived.contains(key)
    }

    /// Whether a type is an entity. Responses contain other entities only if the
    /// request expands them.
    pub(super) fn is_entity(&self, id: TypeId) -> bool {
        self.line(id).any(|known| known.has_key)
    }

    /// The keys of a type and its bases, sorted.
    pub fn keys(&self, id: TypeId) -> Vec<&str> {
        let mut keys: Vec<&str> = self
            .line(id)
            .flat_map(|known| known.members.list.keys().map(String::as_str))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// A type followed by its bases.
    fn line(&self, id: TypeId) -> impl Iterator<Item = &Type> {
        std::iter::successors(Some(&self.list[id.0]), |known| {
            known.base.map(|base| &self.list[base.0])
        })
        .take(DEPTH)
    }

    /// Reads a resource. The names of all types must be known.
    fn read<'r>(&self, resource: &'r Resource, node: Option<&Node<'_>>) -> Read<'r> {
        let mut diagnostics = Vec::new();
        let keys = &resource.keys;
        let node = node.and_then(|node| match &node.value {
            NodeValue::Object(_) => Some(node),
            // Some pages show the resource in an array.
            NodeValue::Array(elements) if elements.len() == 1 => elements
                .first()
                .filter(|element| matches!(element.value, NodeValue::Object(_))),
            _ => {
                diagnostics.push(
                    at(
                        resource,
                        &RESOURCE_SYNTAX,
                        0,
                        "resource is not a JSON object",
                    )
                    .help("write a JSON object whose values are types"),
                );
                None
            }
        });
        let mut members = node
            .map(|node| members(node, &|name| self.find_declared(name)))
            .unwrap_or_default();
        members.is_open |= node.is_none() || is_true(keys.get("openType"));
        Read {
            keys,
            members,
            diagnostics,
        }
    }

    /// Adds a resource to its type.
    fn take(&mut self, id: TypeId, read: Read<'_>, diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.extend(read.diagnostics);
        let keys = read.keys;
        let mut base = None;
        let mut has_unknown_base = false;
        let mut is_open = read.members.is_open;
        if let Some(Value::String(name)) = keys.get("baseType") {
            base = self.find(name).filter(|base| *base != id);
            is_open |= base.is_none();
            has_unknown_base = self.find(name).is_none();
        }
        let known = &mut self.list[id.0];
        known.has_unknown_base |= has_unknown_base;
        known.base = known.base.or(base);
        known.has_key |= keys.contains_key("keyProperty");
        known.members.is_open |= is_open;
        known.nullable.extend(words(keys.get("nullableProperties")));
        known.optional.extend(words(keys.get("optionalProperties")));
        let mut list = read.members.list;
        // An empty list says that no member is nullable.
        known.has_nullable |= keys.contains_key("nullableProperties")
            || list.values().any(|member| member.is_nullable);
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
                    before.shape = before.shape.common(&member.shape);
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

    /// Adds the keys of each type to its bases.
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
            has_nullable: false,
            has_key: false,
            has_unknown_base: false,
            derived: HashSet::new(),
        }
    }
}

/// The type name in an annotation: `@odata.type` or `@type`.
pub(crate) fn type_name(keys: &Map<String, Value>) -> Option<&str> {
    [TAG, "@type"]
        .iter()
        .find_map(|key| keys.get(*key)?.as_str())
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// The normal form of a name: in lower case, without `#` and `Collection(…)`.
pub(crate) fn normal(name: &str) -> String {
    let name = collection_of(name).unwrap_or(name);
    name.trim().trim_start_matches('#').to_ascii_lowercase()
}

/// The last word of a name in lower case: `target` for `example.groupTarget`.
pub(crate) fn last_word(name: &str) -> String {
    let start = name.rfind(|c: char| c == '.' || c.is_uppercase());
    let word = &name[start.unwrap_or(0)..];
    word.trim_start_matches('.').to_lowercase()
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

/// The strings of an array, or the words of a string.
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

/// Whether an annotation's value is true. Some pages write it as a string.
pub(crate) fn is_true(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A finding at a byte of a resource's text; byte 0 is reported at the opening
/// fence.
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
