//! Documented responses that provide the keys of resources.

use std::collections::{HashMap, HashSet};

use super::shape::{Shape, shape};
use crate::check::types::type_name;
use crate::http::status::Status;
use crate::json::{self, Member, Node, NodeValue};
use crate::page::case::Case;
use crate::project::config::Service;

/// A case whose documented response provides the key of a resource.
#[derive(Debug, Clone)]
pub(super) struct Producer {
    /// The case, by its index.
    pub case: usize,
    /// The shape of its target.
    pub shape: Shape,
    /// The prefix of a member's `JSONPath`.
    pub path: &'static str,
    /// The members that may be keys: strings and numbers.
    pub members: HashSet<String>,
    /// What the query may leave out: 0 nothing, 1 members, 2 resources.
    narrows: u8,
}

/// The documented requests for one path.
#[derive(Debug, Default)]
pub(super) struct Resource {
    /// Creates a resource below the path.
    pub make: Option<Producer>,
    /// Lists the resources below the path.
    pub list: Option<Producer>,
    /// Why the first documented POST or GET is neither.
    pub no_producer: Option<(usize, &'static str)>,
    /// Removes the resource.
    pub delete: Option<(usize, Shape)>,
}

/// Returns the documented requests by path shape.
pub(super) fn resources(cases: &[Case], services: &[Service]) -> HashMap<String, Resource> {
    let mut resources: HashMap<String, Resource> = HashMap::new();
    for (index, case) in cases.iter().enumerate() {
        let Some(shape) = shape(&case.request.target, services) else {
            continue;
        };
        if !can_be_bound(&shape) {
            continue;
        }
        let method = case.request.method.to_ascii_uppercase();
        if !matches!(method.as_str(), "POST" | "GET" | "DELETE") {
            continue;
        }
        let resource = resources.entry(shape.key.clone()).or_default();
        if method == "DELETE" {
            let status = case
                .response
                .as_ref()
                .map(|response| response.message.status);
            if resource.delete.is_none() && status.is_some_and(|status| status.class() == 2) {
                resource.delete = Some((index, shape));
            }
            continue;
        }
        let known = if method == "POST" {
            &mut resource.make
        } else {
            &mut resource.list
        };
        match producer(index, case, shape, method == "POST") {
            Ok(producer) => {
                let is_better = |known: &Producer| producer.narrows < known.narrows;
                if known.as_ref().is_none_or(is_better) {
                    *known = Some(producer);
                }
            }
            Err(no_producer) => {
                resource.no_producer.get_or_insert((index, no_producer));
            }
        }
    }
    resources
}

/// Whether all placeholders can get values.
fn can_be_bound(shape: &Shape) -> bool {
    shape.others.is_empty()
}

/// Returns what a case provides if it creates or lists resources, or why it provides nothing.
pub(super) fn producer(
    index: usize,
    case: &Case,
    shape: Shape,
    makes: bool,
) -> Result<Producer, &'static str> {
    let response = case.response.as_ref().ok_or("has no documented response")?;
    if !matches!(
        response.message.status,
        Status::Code(200 | 201) | Status::Class(2)
    ) {
        return Err("is documented with a status other than 200 and 201");
    }
    let body = response.message.body.as_deref().unwrap_or_default();
    let body = json::read(body).map_err(|_| "does not document a JSON body")?;
    if type_name(&case.annotation.response).is_none() {
        return Err("documents a body without a type (`@odata.type` in its annotation)");
    }
    let (item, path) = if makes {
        (Some(&body), "$")
    } else {
        match &body.value {
            NodeValue::Array(items) => (items.first(), "$[0]"),
            NodeValue::Object(members) => (first_value(members), "$.value[0]"),
            _ => (None, ""),
        }
    };
    let Some(NodeValue::Object(item)) = item.map(|item| &item.value) else {
        return Err(if makes {
            "does not document an object"
        } else {
            "does not document a list"
        });
    };
    let members = keys(item);
    if members.is_empty() {
        return Err("documents a body without an `id`");
    }
    Ok(Producer {
        case: index,
        shape,
        path,
        members,
        narrows: narrows(&case.request.target),
    })
}

/// Returns the first item of `value`, the member for lists in `OData`.
fn first_value<'a>(members: &'a [Member<'_>]) -> Option<&'a Node<'a>> {
    let value = members.iter().find(|member| member.key == "value")?;
    match &value.value.value {
        NodeValue::Array(items) => items.first(),
        _ => None,
    }
}

/// Returns whether a target has a query, and whether it selects resources.
fn narrows(target: &str) -> u8 {
    match target.split_once('?') {
        None => 0,
        Some((_, query)) if query.contains("filter=") || query.contains("search=") => 2,
        Some(_) => 1,
    }
}

/// Returns the members that may be keys.
fn keys(item: &[Member<'_>]) -> HashSet<String> {
    let is_key = |value: &NodeValue<'_>| match value {
        NodeValue::String(text) => !text.is_empty(),
        NodeValue::Number(_) => true,
        _ => false,
    };
    let members = item.iter().filter(|member| {
        let name = &member.key;
        let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_plain && is_key(&member.value.value)
    });
    members.map(|member| member.key.to_string()).collect()
}

/// Returns the documented name of a numbered placeholder, such as the second
/// `{id}` of a target. Members have no numbers.
fn documented(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

impl Producer {
    /// Returns the member that is the value of a placeholder: the one with its
    /// name, or `id`.
    pub(super) fn member(&self, placeholder: &str) -> Option<&str> {
        let mut names = placeholder.split('|').map(|name| documented(name.trim()));
        let is_id = names.clone().any(|name| name == "id");
        let named = names.find_map(|name| self.members.get(name));
        let id = self.members.get("id");
        let member = if is_id { id.or(named) } else { named.or(id) };
        member.map(String::as_str)
    }
}
