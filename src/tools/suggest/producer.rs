//! Documented responses that give the key of a resource.

use std::collections::{HashMap, HashSet};

use super::shape::{Shape, shape};
use crate::check::types::type_name;
use crate::json::tree::{self, Member, Node, NodeValue};
use crate::page::case::Case;
use crate::project::config::Service;

/// A case whose documented response gives the keys of resources.
#[derive(Debug, Clone)]
pub(super) struct Producer {
    /// The case, by its index.
    pub case: usize,
    /// The shape of its target.
    pub shape: Shape,
    /// What stands before a member's name in the `JSONPath` of its value.
    pub path: &'static str,
    /// The members that may be a key: texts and numbers.
    pub members: HashSet<String>,
    /// How much its query may leave out: nothing, members, or resources.
    narrows: u8,
}

/// What the docs say of one path.
#[derive(Debug, Default)]
pub(super) struct Resource {
    /// What makes one that is below it.
    pub make: Option<Producer>,
    /// What lists those that are below it.
    pub list: Option<Producer>,
    /// Why a documented POST or GET is neither, for the first of them.
    pub lack: Option<(usize, &'static str)>,
    /// What removes it.
    pub delete: Option<(usize, Shape)>,
}

/// All that the docs say of paths, by their shape.
pub(super) fn resources(cases: &[Case], service: Option<&Service>) -> HashMap<String, Resource> {
    let mut resources: HashMap<String, Resource> = HashMap::new();
    for (index, case) in cases.iter().enumerate() {
        let Some(shape) = shape(&case.request.target, service) else {
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
            if resource.delete.is_none()
                && status.is_some_and(|status| (200..300).contains(&status))
            {
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
            Err(lack) => {
                resource.lack.get_or_insert((index, lack));
            }
        }
    }
    resources
}

/// Whether values can be given to all placeholders.
fn can_be_bound(shape: &Shape) -> bool {
    shape.others.is_empty()
}

/// What a case gives: as what makes a resource, or as what lists some; or why it
/// gives nothing.
pub(super) fn producer(
    index: usize,
    case: &Case,
    shape: Shape,
    makes: bool,
) -> Result<Producer, &'static str> {
    let response = case.response.as_ref().ok_or("has no documented response")?;
    if !matches!(response.message.status, 200 | 201) {
        return Err("is documented with a status other than 200 and 201");
    }
    let body = response.message.body.as_deref().unwrap_or_default();
    let body = tree::read(body).map_err(|_| "documents no JSON body")?;
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
            "documents no object"
        } else {
            "documents no list"
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

/// The first item of the member `value`, as lists of `OData` are written.
fn first_value<'a>(members: &'a [Member<'_>]) -> Option<&'a Node<'a>> {
    let value = members.iter().find(|member| member.key == "value")?;
    match &value.value.value {
        NodeValue::Array(items) => items.first(),
        _ => None,
    }
}

/// Whether a target has a query, and one that selects among resources.
fn narrows(target: &str) -> u8 {
    match target.split_once('?') {
        None => 0,
        Some((_, query)) if query.contains("filter=") || query.contains("search=") => 2,
        Some(_) => 1,
    }
}

/// The members that may be a key.
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

/// The name as it is documented of a placeholder that has a number, as the
/// second `{id}` of a target has; no member has one.
fn documented(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

impl Producer {
    /// The member that is the value of a placeholder: the one of its name, or
    /// else its `id`.
    pub(super) fn member(&self, placeholder: &str) -> Option<&str> {
        let mut names = placeholder.split('|').map(|name| documented(name.trim()));
        let is_id = names.clone().any(|name| name == "id");
        let named = names.find_map(|name| self.members.get(name));
        let id = self.members.get("id");
        let member = if is_id { id.or(named) } else { named.or(id) };
        member.map(String::as_str)
    }
}
