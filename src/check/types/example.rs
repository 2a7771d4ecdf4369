//! The shape of a documented body: its members and their types. The elements of
//! an array are merged into one, and each actual element is compared with that.

use std::collections::HashSet;

use super::declared::{
    LargeNumbers, Members, Shape, TypeId, has_placeholder, is_annotation, is_any_key,
    is_ellipsis_node, stands_for_value, tag,
};
use super::registry::{Types, normal};
use super::rule::Allowance;
use crate::json::{self, Kinds, Node, NodeValue};

/// The values of an example at one place.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Example {
    /// The types of the values.
    pub kinds: Kinds,
    /// Whether the page shows that there may be any value.
    pub is_any: bool,
    /// The types of values that contradict the resource. The page documents
    /// both, so both are allowed.
    pub contradicting: Kinds,
    /// Whether a string contradicts the format or the enumeration of the
    /// resource.
    pub has_contradicting_string: bool,
    /// The members of the objects, sorted by key.
    pub members: Vec<ExampleMember>,
    /// Whether other members are undocumented.
    pub is_complete: bool,
    /// The elements of the arrays, merged.
    pub element: Option<Box<Example>>,
    /// The values of `@odata.type` in the objects, sorted.
    pub tags: Vec<String>,
    /// The type of all objects, if there is one tag and its type is documented.
    pub tagged: Option<TypeId>,
}

/// A member that an example shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ExampleMember {
    /// The key.
    pub key: String,
    /// Why the member may be missing; `None` if it is required.
    pub optional_by: Option<Allowance>,
    /// The value.
    pub example: Example,
}

impl Example {
    /// The index of a member.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        self.members
            .binary_search_by(|member| member.key.as_str().cmp(key))
            .ok()
    }
}

/// Where the members of an object are declared.
#[derive(Debug, Clone, Copy)]
pub(super) enum Declaration<'s> {
    /// Nowhere.
    Nothing,
    /// In a resource.
    Type(TypeId),
    /// In an object within a resource.
    Members(&'s Members),
}

impl<'s> Declaration<'s> {
    /// The declaration that a shape refers to.
    pub(super) fn of(shape: &'s Shape) -> Self {
        match shape {
            Shape::Named(id) => Self::Type(*id),
            Shape::Struct(members) => Self::Members(members),
            _ => Self::Nothing,
        }
    }

    /// The type, if the members are declared in a resource.
    pub(super) fn owner(self) -> Option<TypeId> {
        match self {
            Self::Type(id) => Some(id),
            _ => None,
        }
    }
}

/// The context for reading an example.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    /// The documented types.
    pub types: &'r Types,
    /// Members that may be missing even if the example shows them.
    pub optional: &'r HashSet<String>,
    /// The members that the request selects; `None` for all.
    pub selected: Option<&'r HashSet<String>>,
    /// Whether members that the example does not show are undocumented.
    pub is_complete: bool,
    /// How the example writes large numbers.
    pub numbers: LargeNumbers,
    /// Whether placeholders are values that may be sent.
    pub sends_placeholders: bool,
}

/// The position of an object, as `$select` only applies to entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level<'l> {
    /// An object whose member with this key has the entities.
    Around(&'l str),
    /// A requested entity.
    Entity,
    /// A value inside an entity.
    Within,
}

impl Reading<'_> {
    /// Merges the values at one place.
    pub(super) fn merge(&self, nodes: &[&Node<'_>], shape: &Shape, level: Level<'_>) -> Example {
        let mut example = Example::default();
        let mut objects = Vec::new();
        let mut elements: Vec<&Node<'_>> = Vec::new();
        for node in nodes {
            let kind = Kinds::of(node);
            example.kinds |= kind;
            let is_sent = self.sends_placeholders
                || !matches!(&node.value, NodeValue::String(text) if stands_for_value(text));
            if is_sent && !shape.allows_as(node, self.numbers) {
                example.contradicting |= kind;
            }
            match &node.value {
                NodeValue::Placeholder => example.is_any = true,
                NodeValue::String(text) => {
                    example.has_contradicting_string |= is_sent && !shape.allows_text(text);
                }
                NodeValue::Array(list) => {
                    elements.extend(list.iter().filter(|element| !is_ellipsis_node(element)));
                }
                NodeValue::Object(members) => {
                    objects.push(members);
                    let tag = tag(node).filter(|tag| !has_placeholder(tag));
                    example.tags.extend(tag.map(normal));
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
        objects: &[&Vec<json::Member<'_>>],
        shape: &Shape,
        level: Level<'_>,
    ) {
        example.tags.sort_unstable();
        example.tags.dedup();
        if let [tag] = example.tags.as_slice() {
            example.tagged = self.types.find(tag);
        }
        let declaration = example
            .tagged
            .map_or(Declaration::of(shape), Declaration::Type);
        let mut shown: Vec<(&str, usize, &Node<'_>)> = Vec::new();
        let mut has_ellipsis = false;
        for (index, members) in objects.iter().enumerate() {
            for member in *members {
                if is_any_key(&member.key) {
                    has_ellipsis = true;
                } else {
                    shown.push((&member.key, index, &member.value));
                }
            }
        }
        example.is_complete = self.is_complete && !has_ellipsis && !shown.is_empty();
        // The sort is stable: within a key, objects stay in order.
        shown.sort_by_key(|(key, ..)| *key);
        let mut nodes = Vec::new();
        example.members = shown
            .chunk_by(|one, other| one.0 == other.0)
            .map(|group| {
                let key = group[0].0;
                nodes.clear();
                nodes.extend(group.iter().map(|(_, _, node)| *node));
                // Duplicate keys of one object count once.
                let showing = 1 + group.windows(2).filter(|two| two[0].1 != two[1].1).count();
                let (declared, is_optional) = self.declared(declaration, key);
                let inner = match level {
                    Level::Around(within) if within == key => Level::Entity,
                    _ => Level::Within,
                };
                let is_selected = level != Level::Entity
                    || self.selected.is_none_or(|selected| selected.contains(key));
                let optional_by = if is_annotation(key) {
                    Some(Allowance::Annotation)
                } else if is_optional {
                    Some(Allowance::Optional)
                } else if !is_selected {
                    Some(Allowance::NotSelected)
                } else {
                    (showing != objects.len()).then_some(Allowance::NotAlways)
                };
                ExampleMember {
                    key: key.to_owned(),
                    optional_by,
                    example: self.merge(&nodes, declared.unwrap_or(&Shape::Any), inner),
                }
            })
            .collect();
    }

    /// The declared shape of a member, and whether it may be missing.
    fn declared<'s>(
        &'s self,
        declaration: Declaration<'s>,
        key: &str,
    ) -> (Option<&'s Shape>, bool) {
        let is_optional = self.optional.contains(key);
        match declaration {
            Declaration::Nothing => (None, is_optional),
            Declaration::Members(members) => {
                let member = members.list.get(key);
                let may_miss =
                    member.is_some_and(|member| member.is_optional || member.is_nullable);
                (member.map(|member| &member.shape), is_optional || may_miss)
            }
            Declaration::Type(id) => {
                let member = self.types.member(id, key);
                (
                    member.map(|member| &member.shape),
                    is_optional || self.types.may_miss(id, key, member),
                )
            }
        }
    }
}
