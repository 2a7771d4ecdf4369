//! The shape of a documented target: which placeholders are keys, and of which
//! collections.

use super::unbound::Reason;
use crate::http::url::{Part, Template, UrlTemplate};
use crate::project::config::Service;

/// Maximum number of keys in a target.
const SLOT_LIMIT: usize = 16;

/// A target with its placeholders classified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    /// The host, if any, and the path in lower case, with each key as `{}`.
    /// Equal for equivalent targets.
    pub key: String,
    /// Its keys, in order.
    pub slots: Vec<Slot>,
    /// The placeholders that are not keys, and why.
    pub others: Vec<(String, Reason)>,
    /// The last segment as written; empty if it is a key.
    last: String,
}

/// A placeholder that is the key of a resource in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// The placeholder.
    pub name: String,
    /// The last segment of the collection's path, as written.
    pub collection: String,
    /// Length of the collection within the shape's key.
    pub end: usize,
}

impl Shape {
    /// Returns the key of the collection of a slot.
    pub(super) fn collection(&self, slot: usize) -> &str {
        &self.key[..self.slots[slot].end]
    }
}

/// Returns the shape of a target; `None` if it is not a URL.
pub(super) fn shape(target: &str, services: &[Service]) -> Option<Shape> {
    let url = UrlTemplate::parse(target).ok()?.named();
    let mut shape = Shape {
        key: String::new(),
        slots: Vec::new(),
        others: Vec::new(),
        last: String::new(),
    };
    let mut segments = url.path.split('/');
    // The path starts with a slash.
    segments.remove(0);
    if let Some(origin) = &url.origin {
        let same = services.iter();
        let same = same.filter(|service| service.origin.authority == origin.authority);
        let below = same.filter_map(|service| below_service(&segments, &service.path));
        // The longest path of a service leaves the shortest rest.
        if let Some(rest) = below.min_by_key(Vec::len) {
            segments = rest;
        } else {
            shape.key.push_str("//");
            shape.key.push_str(&origin.authority);
            let host = Template::parse(&origin.authority);
            add_others(&host, Reason::Host, &mut shape.others);
        }
    }
    for segment in &segments {
        add_segment(&segment.decoded(), &mut shape);
    }
    if let Some(query) = &url.query {
        add_others(query, Reason::Query, &mut shape.others);
    }
    Some(shape)
}

/// Returns the segments below the service's path.
fn below_service(segments: &[Template], path: &str) -> Option<Vec<Template>> {
    let mut rest = segments;
    for wanted in path.split('/').filter(|segment| !segment.is_empty()) {
        let (first, after) = rest.split_first()?;
        if first.as_literal() != Some(wanted) {
            return None;
        }
        rest = after;
    }
    Some(rest.to_vec())
}

fn add_others(template: &Template, reason: Reason, others: &mut Vec<(String, Reason)>) {
    let names = template.placeholders();
    others.extend(names.map(|name| (name.to_owned(), reason)));
}

fn add_segment(segment: &Template, shape: &mut Shape) {
    // `root:/{path}`: a path follows the colon, not a key.
    let is_behind_colon = shape.key.ends_with(':');
    match segment.0.as_slice() {
        [] => {}
        [Part::Literal(text)] => add_literal(text, shape),
        [Part::Placeholder(_), rest @ ..] if is_behind_colon && is_colon(rest) => {
            add_others(segment, Reason::Path, &mut shape.others);
            shape.last.clear();
            shape.key += "/{}";
            if !rest.is_empty() {
                shape.key.push(':');
            }
        }
        [Part::Placeholder(name), rest @ ..] if is_colon(rest) => {
            add_slot(name, shape);
            if !rest.is_empty() {
                shape.key.push(':');
            }
        }
        // OData 4.01, URL Conventions, 4.3: `users('{id}')` is `users/{id}`.
        [
            Part::Literal(open),
            Part::Placeholder(name),
            Part::Literal(close),
        ] if key_of(open, close).is_some() => {
            add_literal(key_of(open, close).unwrap_or_default(), shape);
            add_slot(name, shape);
        }
        parts => {
            let is_call = parts
                .iter()
                .any(|part| matches!(part, Part::Literal(text) if text.contains('(')));
            let reason = if is_call {
                Reason::Argument
            } else {
                Reason::PartOfSegment
            };
            add_others(segment, reason, &mut shape.others);
            shape.last.clear();
            shape.key.push('/');
            for part in parts {
                match part {
                    Part::Literal(text) => shape.key += &text.to_lowercase(),
                    Part::Placeholder(_) => shape.key += "{}",
                }
            }
        }
    }
}

fn is_colon(parts: &[Part]) -> bool {
    match parts {
        [] => true,
        [Part::Literal(text)] => text == ":",
        _ => false,
    }
}

/// Returns the collection of `users('` … `')` or `users(` … `)`.
fn key_of<'a>(open: &'a str, close: &str) -> Option<&'a str> {
    let name = match close {
        "')" => open.strip_suffix("('")?,
        ")" => open.strip_suffix('(')?,
        _ => return None,
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}

fn add_literal(text: &str, shape: &mut Shape) {
    shape.key.push('/');
    shape.key += &text.to_lowercase();
    text.clone_into(&mut shape.last);
}

fn add_slot(name: &str, shape: &mut Shape) {
    if name.contains(|c: char| c.is_control() || "{}$".contains(c)) {
        shape.others.push((name.to_owned(), Reason::Name));
    } else if shape.slots.len() == SLOT_LIMIT {
        shape.others.push((name.to_owned(), Reason::TooMany));
    } else {
        shape.slots.push(Slot {
            name: name.to_owned(),
            collection: std::mem::take(&mut shape.last),
            end: shape.key.len(),
        });
    }
    shape.last.clear();
    shape.key += "/{}";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{name}=collection` for keys, `{name}!reason` for other placeholders.
    #[track_caller]
    fn check(target: &str, key: &str, expected: &[&str]) {
        let service = Service::parse("https://a.example/v1").expect("a service");
        let shape = shape(target, std::slice::from_ref(&service)).expect("a shape");
        let slots = (0..shape.slots.len())
            .map(|slot| format!("{}={}", shape.slots[slot].name, shape.collection(slot)));
        let others = shape.others.iter();
        let others = others.map(|(name, reason)| format!("{name}!{}", reason.name()));
        let found: Vec<String> = slots.chain(others).collect();
        assert_eq!(
            (shape.key.as_str(), found),
            (
                key,
                expected.iter().map(|text| (*text).to_owned()).collect()
            )
        );
    }

    #[test]
    fn assigns_keys_to_collections() {
        check("/things/{id}", "/things/{}", &["id=/things"]);
        check(
            "https://a.example/v1/Things/<id>/pause",
            "/things/{}/pause",
            &["id=/things"],
        );
        check("things('{id}')", "/things/{}", &["id=/things"]);
        check("/things({id})/x", "/things/{}/x", &["id=/things"]);
        check(
            "/users/{id | upn}/folders/{id}?$top=5",
            "/users/{}/folders/{}",
            &["id | upn=/users", "id=/users/{}/folders"],
        );
        check(
            "/users/{id}/folders/{id}",
            "/users/{}/folders/{}",
            &["id=/users", "id.2=/users/{}/folders"],
        );
        check("/items/{id}:/content", "/items/{}:/content", &["id=/items"]);
    }

    #[test]
    fn keeps_other_hosts_and_paths_apart() {
        check(
            "https://a.example/v2/things/{id}",
            "//a.example/v2/things/{}",
            &["id=//a.example/v2/things"],
        );
        check(
            "https://a.example/v10/things",
            "//a.example/v10/things",
            &[],
        );
        check(
            "https://{t}.b.example/things",
            "//{t}.b.example/things",
            &["t!host"],
        );
    }

    #[test]
    fn gives_reasons_for_placeholders_that_are_not_keys() {
        check("/root:/{path}", "/root:/{}", &["path!path"]);
        check(
            "/items/{id}:/{name}:/content",
            "/items/{}:/{}:/content",
            &["id=/items", "name!path"],
        );
        check(
            "/f(period='{p}')",
            "/f(period='{}')",
            &["p!function-argument"],
        );
        check(
            "/f(a={a},b={b})",
            "/f(a={},b={})",
            &["a!function-argument", "b!function-argument"],
        );
        check("/x-{id}", "/x-{}", &["id!part-of-segment"]);
        check("/x?q={q}", "/x", &["q!query"]);
    }
}
