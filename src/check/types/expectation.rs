//! What a page documents about a body: the type and the flags of its annotation,
//! and the documented body.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::declared::{LargeNumbers, Members, Shape, TypeId, collection_of, is_annotation, named};
use super::example::{Example, ExampleMember, Level, Reading};
use super::registry::{Types, is_true, type_name, words};
use super::rule::Allowance;
use crate::http::media_type::MediaType;
use crate::http::message::Headers;
use crate::http::url;
use crate::json::{self, Layout, Node, NodeValue, Unreadable};
use crate::page::case::Case;

/// What a body is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The documented body and the resource. For responses.
    Page,
    /// The same for requests, whose senders may copy the page with its
    /// placeholders.
    Request,
    /// The resource only. For documented bodies.
    Resource,
}

/// What a page says about a body, apart from the body that it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'f> {
    /// The annotation of the message.
    pub keys: &'f Map<String, Value>,
    /// The target of the request.
    pub target: &'f str,
    /// What bodies are compared with.
    pub against: Against,
    /// How bodies write large numbers.
    pub numbers: LargeNumbers,
    /// How values stand in bodies.
    pub layout: Layout,
}

/// What a page documents about a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation<'c> {
    /// The shape that the resource declares, including the collection around it.
    pub(super) shape: Shape,
    /// The documented body, or the members that the resource requires.
    pub(super) example: Option<Example>,
    /// The member with the collection, if the annotation documents one.
    pub(super) collection: Option<String>,
    /// The value of `isEmpty` in the annotation.
    pub(super) is_empty: Option<bool>,
    /// Whether the body is an error object.
    pub(super) is_error: bool,
    /// What bodies are compared with.
    pub(super) against: Against,
    /// How bodies write large numbers.
    pub(super) numbers: LargeNumbers,
    /// How values stand in bodies.
    pub(super) layout: Layout,
    /// The type in the annotation, if no page documents it.
    pub(super) unknown: Option<String>,
    /// What the documented body shows and the annotation does not declare.
    pub(super) undeclared: Option<Undeclared>,
    /// Members that may be `null` in any object.
    pub(super) nullable: HashSet<String>,
    /// Members that the request expands.
    pub(super) expanded: HashSet<String>,
    /// The documented body.
    pub(super) documented: Option<&'c str>,
    /// Whether the example is the documented body.
    pub(super) is_shown: bool,
    /// Why the documented body cannot be read.
    unreadable: Option<Unreadable>,
}

impl<'c> Expectation<'c> {
    /// The expectation for a case's response body; `None` if the page shows no
    /// response.
    pub fn of_case(case: &'c Case, against: Against, types: &Types) -> Option<Self> {
        let response = case.response.as_ref()?;
        let body = response.message.body.as_deref();
        let media_type = MediaType::of(&response.message.headers);
        let layout = match media_type {
            Some(media_type) if media_type.is_json_lines() => Layout::Lines,
            Some(_) => Layout::Value,
            None => body.map_or_else(Layout::default, Layout::of),
        };
        let facts = Facts {
            keys: &case.annotation.response,
            target: &case.request.target,
            against,
            numbers: LargeNumbers::of(&response.message.headers, &case.request.headers),
            layout,
        };
        Some(Self::read(&facts, body, types))
    }

    /// The expectation from a response's annotation, its documented body and the
    /// target of its request.
    pub fn new(
        keys: &Map<String, Value>,
        body: Option<&'c str>,
        target: &str,
        against: Against,
        types: &Types,
    ) -> Self {
        let facts = Facts {
            keys,
            target,
            against,
            numbers: LargeNumbers::default(),
            layout: Layout::default(),
        };
        Self::read(&facts, body, types)
    }

    fn read(facts: &Facts<'_>, body: Option<&'c str>, types: &Types) -> Self {
        let body = body.filter(|body| !body.trim().is_empty());
        let mut unreadable = None;
        let node = body.and_then(|body| {
            json::read_documented(body, facts.layout)
                .map_err(|error| unreadable = Some(error))
                .ok()
        });
        Self {
            documented: body,
            unreadable,
            ..Self::of_node(facts, node.as_ref(), types)
        }
    }

    /// The same from a documented body that was read before. Findings have no
    /// place in it.
    pub(crate) fn of_node(facts: &Facts<'_>, node: Option<&Node<'_>>, types: &Types) -> Self {
        let Facts {
            keys,
            target,
            against,
            numbers,
            layout,
        } = *facts;
        let is_error = is_true(keys.get("expectError"));
        let name = type_name(keys).filter(|_| !is_error);
        let element = name.and_then(collection_of);
        let (entity, unknown) = name.map_or((Shape::Any, None), |name| {
            entity(element.unwrap_or(name), types)
        });
        let is_collection = element.is_some() || is_true(keys.get("isCollection"));
        let member = keys
            .get("collectionProperty")
            .and_then(Value::as_str)
            .unwrap_or("value");
        let is_complete = !is_true(keys.get("truncated"));
        let form = form(node, is_collection, member, &entity, types);
        let undeclared = form.undeclared(is_collection, &entity);
        let is_listed = is_collection && !matches!(form, Form::Plain);
        let nullable: HashSet<String> = words(keys.get("nullableProperties")).into_iter().collect();
        let mut optional: HashSet<String> =
            words(keys.get("optionalProperties")).into_iter().collect();
        optional.extend(nullable.iter().cloned());
        let query = Query::of(target);
        let reading = Reading {
            types,
            optional: &optional,
            selected: query.selected.as_ref(),
            // A known resource declares the members that the example omits.
            is_complete: is_complete && entity == Shape::Any,
            numbers,
            sends_placeholders: against == Against::Request,
        };
        let needed = match (&entity, against) {
            (Shape::Named(id), Against::Resource) if is_complete => Some(needed(*id, &reading)),
            _ => None,
        };
        let is_open = against == Against::Resource || !reading.is_complete;
        let (shape, level) = form.around(entity, is_open);
        let example = match (against, node) {
            (Against::Page | Against::Request, node) => {
                node.map(|node| reading.merge(&[node], &shape, level))
            }
            (Against::Resource, _) => needed.map(|needed| form.around_example(needed)),
        };
        Self {
            shape,
            example,
            collection: is_listed.then(|| member.to_owned()),
            is_empty: keys
                .get("isEmpty")
                .filter(|_| is_listed)
                .map(|value| is_true(Some(value))),
            is_error,
            against,
            numbers,
            layout,
            unknown,
            undeclared,
            nullable,
            expanded: query.expanded,
            documented: None,
            is_shown: against != Against::Resource,
            unreadable: None,
        }
    }

    /// The expectation for a request's body. Clients may omit any member.
    /// Findings have no place in the page.
    pub fn of_request(case: &Case, types: &Types) -> Expectation<'static> {
        let mut keys = case.annotation.request.clone();
        keys.insert("truncated".to_owned(), Value::Bool(true));
        let facts = Facts {
            keys: &keys,
            // The query of the target applies to the response.
            target: "",
            against: Against::Request,
            numbers: LargeNumbers::of(&case.request.headers, &Headers::default()),
            layout: Layout::default(),
        };
        let expectation = Expectation::read(&facts, case.request.body.as_deref(), types);
        Expectation {
            shape: expectation.shape,
            example: expectation.example,
            collection: expectation.collection,
            is_empty: expectation.is_empty,
            is_error: expectation.is_error,
            against: expectation.against,
            numbers: expectation.numbers,
            layout: expectation.layout,
            unknown: expectation.unknown,
            undeclared: expectation.undeclared,
            nullable: expectation.nullable,
            expanded: expectation.expanded,
            documented: None,
            is_shown: false,
            unreadable: expectation.unreadable,
        }
    }

    /// The same for a response that writes large numbers as strings.
    pub(crate) fn with_number_strings(&self) -> Self {
        Self {
            numbers: LargeNumbers::Strings,
            ..self.clone()
        }
    }

    /// Whether large numbers are strings.
    pub(crate) fn has_number_strings(&self) -> bool {
        self.numbers == LargeNumbers::Strings
    }

    /// The documented body, if it can be read.
    pub(super) fn shown(&self) -> Option<Node<'c>> {
        let documented = self.documented.filter(|_| self.is_shown)?;
        json::read_documented(documented, self.layout).ok()
    }

    /// What the documented body shows and the annotation does not declare.
    pub(crate) fn undeclared(&self) -> Option<Undeclared> {
        self.undeclared
    }

    /// Why the documented body cannot be read as JSON. Bodies are then compared
    /// with the resource only.
    pub fn unreadable(&self) -> Option<&Unreadable> {
        self.unreadable.as_ref()
    }
}

/// The shape of the type in an annotation, and its name if it is unknown.
fn entity(name: &str, types: &Types) -> (Shape, Option<String>) {
    let is_primitive = Cell::new(true);
    let member = named(name, &|name| {
        is_primitive.set(false);
        types.find(name)
    });
    let unknown = (member.shape == Shape::Any && !is_primitive.get()).then(|| name.to_owned());
    (member.shape, unknown)
}

/// The position of the annotated type in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form<'m> {
    /// The body is an entity.
    Plain,
    /// The body is an array of entities.
    Array,
    /// This member is an entity (`OData` JSON Format 4.01, section 11).
    Within(&'m str),
    /// This member is an array of entities (`OData` JSON Format 4.01, sections 12
    /// and 13).
    ArrayWithin(&'m str),
}

/// Finds the form. The documented body counts too, since annotations often omit
/// `isCollection`.
fn form<'m>(
    node: Option<&Node<'_>>,
    is_collection: bool,
    member: &'m str,
    entity: &Shape,
    types: &Types,
) -> Form<'m> {
    match node.map(|node| &node.value) {
        Some(NodeValue::Array(_)) => Form::Array,
        _ if is_collection => Form::ArrayWithin(member),
        Some(NodeValue::Object(members)) => {
            let is_own = match entity {
                Shape::Any => true,
                Shape::Named(id) => {
                    types.member(*id, member).is_some() || types.is_derived_key(*id, member)
                }
                _ => false,
            };
            let value = members.iter().find(|found| found.key == member);
            match value.map(|found| &found.value.value) {
                _ if is_own => Form::Plain,
                Some(NodeValue::Array(_)) if !matches!(entity, Shape::Array(_)) => {
                    Form::ArrayWithin(member)
                }
                Some(NodeValue::Object(_)) => Form::Within(member),
                Some(_) if !matches!(entity, Shape::Named(_)) => Form::Within(member),
                _ => Form::Plain,
            }
        }
        _ => Form::Plain,
    }
}

/// The form of a documented body where the annotation declares a single entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undeclared {
    /// An array of entities.
    Collection,
    /// An entity inside a member, which `OData` does only for primitive values
    /// (`OData` JSON Format 4.01, section 11).
    Wrapper,
}

impl<'m> Form<'m> {
    /// What the form has that the annotation does not declare.
    fn undeclared(self, is_collection: bool, entity: &Shape) -> Option<Undeclared> {
        match (self, entity) {
            (_, Shape::Any | Shape::Array(_)) => None,
            (Self::Array | Self::ArrayWithin(_), _) if !is_collection => {
                Some(Undeclared::Collection)
            }
            (Self::Within(_), Shape::Named(_)) => Some(Undeclared::Wrapper),
            _ => None,
        }
    }

    /// Wraps the shape of an entity.
    fn around(self, entity: Shape, is_open: bool) -> (Shape, Level<'m>) {
        let within = |member: &str, shape: Shape| {
            Shape::Struct(Members {
                list: HashMap::from([(member.to_owned(), shape.into())]),
                is_open,
            })
        };
        let array = |entity| Shape::Array(Box::new(entity));
        match self {
            Self::Plain => (entity, Level::Entity),
            Self::Array => (array(entity), Level::Entity),
            Self::Within(member) => (within(member, entity), Level::Around(member)),
            Self::ArrayWithin(member) => (within(member, array(entity)), Level::Around(member)),
        }
    }

    /// Wraps the example of an entity.
    fn around_example(self, entity: Example) -> Example {
        let array = |entity| Example {
            element: Some(Box::new(entity)),
            ..Example::default()
        };
        let within = |member: &str, example| Example {
            members: vec![ExampleMember {
                key: member.to_owned(),
                optional_by: Some(Allowance::Optional),
                example,
            }],
            ..Example::default()
        };
        match self {
            Self::Plain => entity,
            Self::Array => array(entity),
            Self::Within(member) => within(member, entity),
            Self::ArrayWithin(member) => within(member, array(entity)),
        }
    }
}

/// An example with the required members of a resource.
fn needed(id: TypeId, reading: &Reading<'_>) -> Example {
    let types = reading.types;
    let is_needed = |key: &str| {
        let is_apart = types.member(id, key).is_some_and(|member| {
            let mut shape = &member.shape;
            while let Shape::Array(element) = shape {
                shape = element;
            }
            // Other entities are returned only if the request expands them.
            matches!(shape, Shape::Named(other) if types.is_entity(*other))
        });
        let is_selected = reading
            .selected
            .is_none_or(|selected| selected.contains(key));
        let may_miss =
            reading.optional.contains(key) || types.may_miss(id, key, types.member(id, key));
        !is_apart && !is_annotation(key) && !may_miss && is_selected
    };
    Example {
        members: types
            .keys(id)
            .into_iter()
            .filter(|key| is_needed(key))
            .map(|key| ExampleMember {
                key: key.to_owned(),
                optional_by: None,
                example: Example::default(),
            })
            .collect(),
        ..Example::default()
    }
}

/// The members that a request's query names (`OData` URL Conventions 4.01,
/// sections 5.1.3 and 5.1.4).
#[derive(Debug, Default)]
struct Query {
    /// The members of `$select`; `None` for all.
    selected: Option<HashSet<String>>,
    /// The members of `$expand`.
    expanded: HashSet<String>,
}

impl Query {
    fn of(target: &str) -> Self {
        let mut query = Self::default();
        let text = target.split_once('?').map_or("", |(_, query)| query);
        let text = text.split('#').next().unwrap_or_default();
        for pair in text.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &str| {
                let text = text.replace('+', " ");
                url::decode(&text).into_owned()
            };
            let key = decode(key).trim().to_ascii_lowercase();
            let value = decode(value);
            match key.trim_start_matches('$') {
                "select" => query.selected.get_or_insert_default().extend(names(&value)),
                "expand" => query.expanded.extend(names(&value)),
                _ => {}
            }
        }
        let expanded = &query.expanded;
        query.selected = query
            .selected
            .filter(|selected| !selected.is_empty() && !selected.contains("*"))
            .map(|mut selected| {
                selected.extend(expanded.iter().cloned());
                selected
            });
        query
    }
}

/// The first segments of a list of paths: `a,b/c,d($select=e,f)`.
fn names(list: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_usize;
    let mut is_first = true;
    for c in list.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                names.push(String::new());
                is_first = true;
            }
            '/' if depth == 0 => is_first = false,
            _ if depth == 0 && is_first => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
            _ => {}
        }
    }
    names.retain_mut(|name| {
        *name = name.trim().to_owned();
        !name.is_empty()
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, selected: Option<&[&str]>, expanded: &[&str]) {
        let query = Query::of(target);
        let sorted = |names: &HashSet<String>| {
            let mut names: Vec<_> = names.iter().cloned().collect();
            names.sort_unstable();
            names
        };
        assert_eq!(
            query.selected.as_ref().map(sorted),
            selected.map(|names| {
                names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>()
            })
        );
        assert_eq!(sorted(&query.expanded), expanded);
    }

    #[test]
    fn reads_select_and_expand() {
        check("/a", None, &[]);
        check("/a?$top=5", None, &[]);
        check("/a?$select=b,%20c/d#$select=e", Some(&["b", "c"]), &[]);
        check(
            "/a?%24select=b&$expand=c($select=d,e),f",
            Some(&["b", "c", "f"]),
            &["c", "f"],
        );
        check("/a?select=b&$select=*", None, &[]);
        check("/a?$select=", None, &[]);
        check("/a?$expand=b/c(((", None, &["b"]);
    }
}
