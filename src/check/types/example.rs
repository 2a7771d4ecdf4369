//! A documented body as a shape: which members it shows, and of which types.
//! The elements of an array are merged: what holds for all of them is asked of
//! each answered one.

use std::collections::HashSet;
use std::ops::{BitOr, BitOrAssign};

use super::declared::{Members, Shape, is_annotation, is_ellipsis, is_ellipsis_node, tag};
use super::lenience::Lenience;
use super::registry::{TypeId, Types, normal};
use crate::json::tree::{Node, NodeValue};
use crate::json::value::Json;

/// The JSON types that a place in an example shows, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    /// No type.
    pub(super) const NONE: Self = Self(0);
    /// `null`.
    pub(super) const NULL: Self = Self(1);
    /// `true` or `false`.
    pub(super) const BOOLEAN: Self = Self(2);
    /// Numbers.
    pub(super) const NUMBER: Self = Self(4);
    /// Strings.
    pub(super) const STRING: Self = Self(8);
    /// Arrays.
    pub(super) const ARRAY: Self = Self(16);
    /// Objects.
    pub(super) const OBJECT: Self = Self(32);

    /// The type of an answered value.
    pub(super) fn of(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::NULL,
            Json::Boolean(_) => Self::BOOLEAN,
            Json::Number(_) => Self::NUMBER,
            Json::String(_) => Self::STRING,
            Json::Array(_) => Self::ARRAY,
            Json::Object(_) => Self::OBJECT,
        }
    }

    fn of_node(node: &Node<'_>) -> Self {
        match node.value {
            NodeValue::Null => Self::NULL,
            NodeValue::Boolean(_) => Self::BOOLEAN,
            NodeValue::Number(_) => Self::NUMBER,
            NodeValue::String(_) => Self::STRING,
            NodeValue::Array(_) => Self::ARRAY,
            NodeValue::Object(_) => Self::OBJECT,
        }
    }

    /// Whether all of `other` are in the set.
    pub(super) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set says what type a value has: `null` alone does not.
    pub(super) fn says_type(self) -> bool {
        self.0 & !Self::NULL.0 != 0
    }

    /// The types' names.
    pub(super) fn describe(self) -> String {
        let names: Vec<_> = [
            (Self::STRING, "string"),
            (Self::NUMBER, "number"),
            (Self::BOOLEAN, "boolean"),
            (Self::OBJECT, "object"),
            (Self::ARRAY, "array"),
            (Self::NULL, "null"),
        ]
        .into_iter()
        .filter(|(kind, _)| self.has(*kind))
        .map(|(_, name)| name)
        .collect();
        names.join(" or ")
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Kinds {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What an example shows at one place.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Example {
    /// The types of its values.
    pub kinds: Kinds,
    /// The types of those values that are not what the resource declares: the
    /// page says both, so an answer may be either.
    pub strays: Kinds,
    /// Whether one of its strings is none that the resource declares.
    pub has_stray_string: bool,
    /// The members of its objects, sorted by key.
    pub members: Vec<ExampleMember>,
    /// Whether the members are all that there are.
    pub is_complete: bool,
    /// What the elements of its arrays show.
    pub element: Option<Box<Example>>,
    /// The types that its objects say they have.
    pub tags: Vec<String>,
    /// The one of them, where it is documented.
    pub tagged: Option<TypeId>,
}

/// A member that an example shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExampleMember {
    /// Its key.
    pub key: String,
    /// Why an answer need not have it, if that is so.
    pub spared: Option<Lenience>,
    /// Its value.
    pub example: Example,
}

impl Example {
    /// The place of a member, among the sorted ones.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.members
            .binary_search_by(|member| member.key.as_str().cmp(key))
            .ok()
    }
}

/// What is known of an object's members.
#[derive(Debug, Clone, Copy)]
pub(super) enum Known<'s> {
    /// Nothing.
    Nothing,
    /// A resource.
    Type(TypeId),
    /// An object within a resource.
    Members(&'s Members),
}

impl<'s> Known<'s> {
    /// What a shape says of an object's members.
    pub(super) fn of(shape: &'s Shape) -> Self {
        match shape {
            Shape::Named(id) => Self::Type(*id),
            Shape::Struct(members) => Self::Members(members),
            _ => Self::Nothing,
        }
    }

    /// The resource.
    pub(super) fn owner(self) -> Option<TypeId> {
        match self {
            Self::Type(id) => Some(id),
            _ => None,
        }
    }
}

/// What reading an example needs to know.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    /// The documented types.
    pub types: &'r Types,
    /// Members that may be missing, whatever the example shows.
    pub optional: &'r HashSet<String>,
    /// The members that the request asks for, if it says so.
    pub selected: Option<&'r HashSet<String>>,
    /// Whether what the example does not show is not there.
    pub is_complete: bool,
}

/// Where an object stands, as far as `$select` cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level<'l> {
    /// Around what was asked for, which stands in this member.
    Around(&'l str),
    /// What was asked for.
    Entity,
    /// Within it.
    Within,
}

impl Reading<'_> {
    /// What several values show that stand at one place.
    pub(super) fn merge(&self, nodes: &[&Node<'_>], shape: &Shape, level: Level<'_>) -> Example {
        let mut example = Example::default();
        let mut objects = Vec::new();
        let mut elements: Vec<&Node<'_>> = Vec::new();
        for node in nodes {
            let kind = Kinds::of_node(node);
            example.kinds |= kind;
            if !shape.takes_node(node) {
                example.strays |= kind;
            }
            match &node.value {
                NodeValue::String(text) => {
                    example.has_stray_string |= !shape.takes_text(text);
                }
                NodeValue::Array(list) => {
                    elements.extend(list.iter().filter(|element| !is_ellipsis_node(element)));
                }
                NodeValue::Object(members) => {
                    objects.push(members);
                    example.tags.extend(tag(node).map(normal));
                }
                _ => {}
            }
        }
        if !elements.is_empty() {
            let any = Shape::Any;
            let element = match shape {
                Shape::Array(element) => element,
                _ => &any,
            };
            example.element = Some(Box::new(self.merge(&elements, element, level)));
        }
        if !objects.is_empty() {
            self.members(&mut example, &objects, shape, level);
        }
        example
    }

    fn members(
        &self,
        example: &mut Example,
        objects: &[&Vec<crate::json::tree::Member<'_>>],
        shape: &Shape,
        level: Level<'_>,
    ) {
        example.tags.sort_unstable();
        example.tags.dedup();
        if let [tag] = example.tags.as_slice() {
            example.tagged = self.types.find(tag);
        }
        let known = example.tagged.map_or(Known::of(shape), Known::Type);
        let mut shown: Vec<(&str, usize, &Node<'_>)> = Vec::new();
        let mut has_ellipsis = false;
        for (index, members) in objects.iter().enumerate() {
            for member in *members {
                if is_ellipsis(&member.key) {
                    has_ellipsis = true;
                } else {
                    shown.push((&member.key, index, &member.value));
                }
            }
        }
        example.is_complete = self.is_complete && !has_ellipsis && !shown.is_empty();
        // Of one key they stay in the order of the objects.
        shown.sort_by_key(|(key, ..)| *key);
        let mut nodes = Vec::new();
        example.members = shown
            .chunk_by(|one, other| one.0 == other.0)
            .map(|group| {
                let key = group[0].0;
                nodes.clear();
                nodes.extend(group.iter().map(|(_, _, node)| *node));
                // A key may stand in one object twice.
                let showing = 1 + group.windows(2).filter(|two| two[0].1 != two[1].1).count();
                let (declared, is_optional) = self.declared(known, key);
                let inner = match level {
                    Level::Around(within) if within == key => Level::Entity,
                    _ => Level::Within,
                };
                let is_selected = level != Level::Entity
                    || self.selected.is_none_or(|selected| selected.contains(key));
                let spared = if is_annotation(key) {
                    Some(Lenience::Annotation)
                } else if is_optional {
                    Some(Lenience::Optional)
                } else if !is_selected {
                    Some(Lenience::NotSelected)
                } else {
                    (showing != objects.len()).then_some(Lenience::NotAlways)
                };
                ExampleMember {
                    key: key.to_owned(),
                    spared,
                    example: self.merge(&nodes, declared.unwrap_or(&Shape::Any), inner),
                }
            })
            .collect();
    }

    /// What the resource says of a member: its shape, and whether it may be
    /// left out.
    fn declared<'s>(&'s self, known: Known<'s>, key: &str) -> (Option<&'s Shape>, bool) {
        let is_optional = self.optional.contains(key);
        match known {
            Known::Nothing => (None, is_optional),
            Known::Members(members) => {
                let member = members.list.get(key);
                let may_miss =
                    member.is_some_and(|member| member.is_optional || member.is_nullable);
                (member.map(|member| &member.shape), is_optional || may_miss)
            }
            Known::Type(id) => {
                let member = self.types.member(id, key);
                (
                    member.map(|member| &member.shape),
                    is_optional || self.types.may_miss(id, key, member),
                )
            }
        }
    }
}
