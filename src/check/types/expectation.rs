//! What a page promises of a body, read once a case: the type that its
//! annotation names, its flags, and the documented body.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::declared::{Members, Shape, collection_of, is_annotation, named};
use super::example::{Example, ExampleMember, Level, Reading};
use super::lenience::Lenience;
use super::registry::{TypeId, Types, is_true, type_name, words};
use crate::json::tree::{Node, NodeValue, Unreadable};
use crate::json::value::read_values;
use crate::page::case::Case;

/// What a body is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The whole page: the documented body and the resource. For answers.
    Page,
    /// The resource alone. For documented bodies.
    Resource,
}

/// What a page promises of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation<'c> {
    /// What the body may be by its resource, collections included.
    pub(super) shape: Shape,
    /// What the documented body shows.
    pub(super) example: Option<Example>,
    /// The member that holds the collection that the annotation promises.
    pub(super) collection: Option<String>,
    /// Whether the collection is empty, if the annotation says so.
    pub(super) is_empty: Option<bool>,
    /// Whether the body is an error.
    pub(super) is_error: bool,
    /// Whether strings may be placeholders: those of a page often are.
    pub(super) has_placeholders: bool,
    /// The type that the annotation names and no page documents.
    pub(super) unknown: Option<String>,
    /// Members that may be `null`, wherever they stand.
    pub(super) nullable: HashSet<String>,
    /// Members that the request asks for beyond the resource's own.
    pub(super) expanded: HashSet<String>,
    /// The documented body.
    pub(super) documented: Option<&'c str>,
    /// Whether the example is what the documented body shows.
    pub(super) is_shown: bool,
    /// Why the documented body shows nothing.
    unreadable: Option<Unreadable>,
}

impl<'c> Expectation<'c> {
    /// What a case's page promises of the answer's body; nothing where there
    /// is no response.
    pub fn of_case(case: &'c Case, against: Against, types: &Types) -> Option<Self> {
        let response = case.response.as_ref()?;
        let body = response.message.body.as_deref();
        let keys = &case.annotation.response;
        Some(Self::new(keys, body, &case.request.target, against, types))
    }

    /// What a response's annotation, its documented body, and the target of
    /// its request promise.
    pub fn new(
        keys: &Map<String, Value>,
        body: Option<&'c str>,
        target: &str,
        against: Against,
        types: &Types,
    ) -> Self {
        let body = body.filter(|body| !body.trim().is_empty());
        let mut unreadable = None;
        let node = body.and_then(|body| {
            read_values(body)
                .map_err(|error| unreadable = Some(error))
                .ok()
        });
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
        let form = form(node.as_ref(), is_collection, member, &entity, types);
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
            // Where a resource is known, what the example leaves out is no
            // news of the answer's.
            is_complete: is_complete && entity == Shape::Any,
        };
        let needed = match (&entity, against) {
            (Shape::Named(id), Against::Resource) if is_complete => Some(needed(*id, &reading)),
            _ => None,
        };
        let is_open = against == Against::Resource || !reading.is_complete;
        let (shape, level) = form.around(entity, is_open);
        let example = match (against, &node) {
            (Against::Page, Some(node)) => Some(reading.merge(&[node], &shape, level)),
            (Against::Page, None) => None,
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
            has_placeholders: against == Against::Resource,
            unknown,
            nullable,
            expanded: query.expanded,
            documented: body,
            is_shown: against == Against::Page,
            unreadable,
        }
    }

    /// What a page promises of a request's body, of which a client may leave
    /// out what it likes. What is found has no place in the page.
    pub fn of_request(case: &Case, types: &Types) -> Expectation<'static> {
        let mut keys = case.annotation.request.clone();
        keys.insert("truncated".to_owned(), Value::Bool(true));
        let body = case.request.body.as_deref();
        // What the target selects is of the answer.
        let expectation = Expectation::new(&keys, body, "", Against::Page, types);
        Expectation {
            shape: expectation.shape,
            example: expectation.example,
            collection: expectation.collection,
            is_empty: expectation.is_empty,
            is_error: expectation.is_error,
            has_placeholders: expectation.has_placeholders,
            unknown: expectation.unknown,
            nullable: expectation.nullable,
            expanded: expectation.expanded,
            documented: None,
            is_shown: false,
            unreadable: expectation.unreadable,
        }
    }

    /// Why the documented body is no JSON, in which case only the resource
    /// says what an answer has to be.
    pub fn unreadable(&self) -> Option<&Unreadable> {
        self.unreadable.as_ref()
    }
}

/// What an annotation's type says of a value, and its name if nothing is
/// known of it.
fn entity(name: &str, types: &Types) -> (Shape, Option<String>) {
    let is_primitive = Cell::new(true);
    let member = named(name, &|name| {
        is_primitive.set(false);
        types.find(name)
    });
    let unknown = (member.shape == Shape::Any && !is_primitive.get()).then(|| name.to_owned());
    (member.shape, unknown)
}

/// How a body holds what its annotation speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form<'m> {
    /// It is that.
    Plain,
    /// It is an array of them.
    Array,
    /// This member is that (`OData` JSON Format 4.01, 11).
    Within(&'m str),
    /// This member is an array of them (`OData` JSON Format 4.01, 12 and 13).
    ArrayWithin(&'m str),
}

/// Pages often say nothing of a collection that they show, so the documented
/// body has a word too.
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

impl<'m> Form<'m> {
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

    /// An example that shows nothing but what is needed of each entity.
    fn around_example(self, entity: Example) -> Example {
        let array = |entity| Example {
            element: Some(Box::new(entity)),
            ..Example::default()
        };
        let within = |member: &str, example| Example {
            members: vec![ExampleMember {
                key: member.to_owned(),
                spared: Some(Lenience::Optional),
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

/// An example with the members of a resource that a body has to have.
fn needed(id: TypeId, reading: &Reading<'_>) -> Example {
    let types = reading.types;
    let is_needed = |key: &str| {
        let is_apart = types.member(id, key).is_some_and(|member| {
            let mut shape = &member.shape;
            while let Shape::Array(element) = shape {
                shape = element;
            }
            // Another entity is answered where the request asks for it.
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
                spared: None,
                example: Example::default(),
            })
            .collect(),
        ..Example::default()
    }
}

/// What a request's query says of the answer's members (`OData` URL Conventions
/// 4.01, 5.1.3 and 5.1.4).
#[derive(Debug, Default)]
struct Query {
    /// The members that `$select` names, if it does not ask for all.
    selected: Option<HashSet<String>>,
    /// The members that `$expand` names.
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
                percent_decode_str(&text).decode_utf8_lossy().into_owned()
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
    fn the_query_names_members() {
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
