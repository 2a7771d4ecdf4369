//! The paths and JSON types of a body without its values. A snapshot stores them
//! for an accepted body, so that a later run can tell whether the body or the
//! page changed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::finding::{At, ShapeKind};
use crate::json::{self, Kinds, Node, NodeValue};

/// Maximum number of paths.
const PLACES: usize = 200;
/// Maximum depth of a path.
const DEPTH: usize = 12;
/// The key that marks omitted paths.
const MORE: &str = "…";
/// The suffix for members that not every object has.
const ABSENT: &str = " or absent";

/// The JSON types of a body, as [`Kinds::describe`] writes them, by general path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skeleton(BTreeMap<String, String>);

impl Skeleton {
    /// The skeleton of a body that is a JSON object or array.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let mut root = Place::default();
        let mut room = PLACES;
        root.add(&json::read_strict(body).ok()?, &mut room, DEPTH);
        if !root.kinds.has(Kinds::OBJECT) && !root.kinds.has(Kinds::ARRAY) {
            return None;
        }
        let mut list = BTreeMap::new();
        root.list(&At::ROOT, false, &mut list);
        Some(Self(list))
    }

    /// Wraps a stored skeleton.
    pub(crate) fn from_kept(kept: BTreeMap<String, String>) -> Self {
        Self(kept)
    }

    /// The form in which a skeleton is stored.
    pub(crate) fn into_kept(self) -> BTreeMap<String, String> {
        self.0
    }

    /// Changes the paths, which contain keys of the body.
    #[must_use]
    pub(crate) fn with_paths<'p>(&'p self, change: impl Fn(&'p str) -> Cow<'p, str>) -> Self {
        let changed = self.0.iter().map(|(path, kinds)| {
            let path = change(path).into_owned();
            (path, kinds.clone())
        });
        Self(changed.collect())
    }

    /// Whether a body with this skeleton has the same finding, given the same
    /// page. `None` if that depends on values or omitted paths.
    pub(crate) fn has(&self, kind: ShapeKind, path: &str, observed: Option<&str>) -> Option<bool> {
        if !path.starts_with('$') {
            return None;
        }
        let path = general(path);
        match kind {
            ShapeKind::MissingProperty => self.lacks(&path),
            ShapeKind::UndocumentedProperty => self.at(&path).map(|kinds| !kinds.is_empty()),
            ShapeKind::NullValue => self.shows(&path, "null"),
            // A skeleton does not distinguish integers.
            ShapeKind::TypeMismatch => observed
                .filter(|observed| !observed.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
                .and_then(|observed| self.shows(&path, observed)),
            ShapeKind::CollectionExpected | ShapeKind::ErrorObjectExpected => match observed {
                Some(observed) => self.shows(&path, observed),
                None => self.lacks(&path),
            },
            ShapeKind::CollectionEmpty => {
                let is_array = self.shows(&path, "array")?;
                let elements = self.at(&format!("{path}[*]"))?;
                let was_empty = observed?.starts_with("0 ");
                Some(is_array && elements.is_empty() == was_empty)
            }
            ShapeKind::JsonSyntax => Some(false),
            ShapeKind::EnumValue
            | ShapeKind::FormatDateTime
            | ShapeKind::FormatUrl
            | ShapeKind::FormatGuid
            | ShapeKind::UnknownResource
            | ShapeKind::TypeName
            | ShapeKind::Value => None,
        }
    }

    /// The types at a path, empty if there is no value; `None` if paths are
    /// omitted.
    fn at(&self, path: &str) -> Option<&str> {
        match self.0.get(path) {
            Some(kinds) => Some(kinds),
            None => (!self.0.contains_key(MORE)).then_some(""),
        }
    }

    fn shows(&self, path: &str, kind: &str) -> Option<bool> {
        let kinds = self.at(path)?;
        Some(kinds.split(" or ").any(|known| known == kind))
    }

    /// Whether an object, or one of several, lacks this member.
    fn lacks(&self, path: &str) -> Option<bool> {
        let parent = &path[..segments(path).last()?.start];
        // The members of a missing object are unknown.
        let parent = self.0.get(parent)?;
        if !parent.split(" or ").any(|known| known == "object") {
            return Some(false);
        }
        let kinds = self.at(path)?;
        Some(kinds.is_empty() || kinds.ends_with(ABSENT))
    }
}

/// Replaces the indexes of a path by `[*]`.
fn general(path: &str) -> String {
    let mut general = String::with_capacity(path.len());
    general.push('$');
    for segment in segments(path) {
        let text = &path[segment];
        let index = text.strip_prefix('[');
        let is_index = index.is_some_and(|index| index.starts_with(|c: char| c.is_ascii_digit()));
        general.push_str(if is_index { "[*]" } else { text });
    }
    general
}

/// The segments of a path after its `$`, as [`At`] writes them: `.name`,
/// `['name']`, `[0]` or `[*]`.
fn segments(path: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = path.as_bytes();
    let mut start = 1;
    std::iter::from_fn(move || {
        let first = bytes.get(start)?;
        let mut end = start + 1;
        if *first == b'[' && bytes.get(end) == Some(&b'\'') {
            end += 1;
            while end < bytes.len() && bytes[end] != b'\'' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end += 2;
        } else {
            while end < bytes.len() && !matches!(bytes[end], b'.' | b'[') {
                end += 1;
            }
        }
        let mut end = end.min(bytes.len());
        while !path.is_char_boundary(end) {
            end += 1;
        }
        let segment = start..end;
        start = end;
        Some(segment)
    })
}

/// The values at one general path.
#[derive(Debug, Default)]
struct Place {
    kinds: Kinds,
    /// The number of values that are objects.
    objects: usize,
    /// The number of parent objects that have this member.
    present: usize,
    /// The number of the last of them.
    last: usize,
    members: BTreeMap<String, Place>,
    element: Option<Box<Place>>,
    /// Whether values inside it were omitted.
    is_cut: bool,
}

impl Place {
    /// Adds a value. `room` is the number of paths that may still be added,
    /// `depth` their maximum depth.
    fn add(&mut self, node: &Node<'_>, room: &mut usize, depth: usize) {
        self.kinds |= Kinds::of(node);
        match &node.value {
            NodeValue::Array(elements) if !elements.is_empty() => {
                if self.element.is_none() && self.take_room(room, depth) {
                    self.element = Some(Box::default());
                }
                if let Some(place) = &mut self.element {
                    for element in elements {
                        place.add(element, room, depth - 1);
                    }
                }
            }
            NodeValue::Object(members) => {
                self.objects += 1;
                for member in members {
                    self.add_member(member, room, depth);
                }
            }
            _ => {}
        }
    }

    fn add_member(&mut self, member: &json::Member<'_>, room: &mut usize, depth: usize) {
        if !self.members.contains_key(&*member.key) && self.take_room(room, depth) {
            self.members.insert(member.key.to_string(), Self::default());
        }
        let objects = self.objects;
        if let Some(place) = self.members.get_mut(&*member.key) {
            // A duplicate key counts once in its object.
            if place.last != objects {
                place.last = objects;
                place.present += 1;
            }
            place.add(&member.value, room, depth - 1);
        }
    }

    /// Reserves a path inside this one. Returns whether there was room.
    fn take_room(&mut self, room: &mut usize, depth: usize) -> bool {
        let has_room = *room > 0 && depth > 0;
        if has_room {
            *room -= 1;
        } else {
            self.is_cut = true;
        }
        has_room
    }

    fn list(&self, at: &At<'_>, is_optional: bool, list: &mut BTreeMap<String, String>) {
        let optional = if is_optional { ABSENT } else { "" };
        list.insert(at.path(true), self.kinds.describe() + optional);
        if self.is_cut {
            list.insert(MORE.to_owned(), "more".to_owned());
        }
        for (key, member) in &self.members {
            member.list(&at.key(key), member.present < self.objects, list);
        }
        if let Some(element) = &self.element {
            element.list(&at.index(0), false, list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skeleton(body: &str) -> Skeleton {
        Skeleton::of(body.as_bytes()).expect("an skeleton")
    }

    fn text(body: &str) -> String {
        let list = skeleton(body).into_kept();
        let lines = list.iter().map(|(path, kinds)| format!("{path}: {kinds}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn lists_paths_and_types() {
        assert_eq!(
            text("{\"b\": [{\"x\": 1}, {\"x\": null, \"y\": \"v\"}], \"a b\": true, \"e\": []}"),
            "$: object\n$.b: array\n$.b[*]: object\n$.b[*].x: number or null\n\
             $.b[*].y: string or absent\n$.e: array\n$['a b']: boolean"
        );
        // A duplicate key counts once.
        assert_eq!(
            text("[{\"x\": 1, \"x\": 2}, {}]"),
            "$: array\n$[*]: object\n$[*].x: number or absent"
        );
    }

    #[test]
    fn requires_an_object_or_array() {
        for body in ["", "7", "\"a\"", "{\"a\": ", "{} {}", "null"] {
            assert_eq!(Skeleton::of(body.as_bytes()), None, "{body}");
        }
        assert_eq!(Skeleton::of("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn limits_the_number_of_paths() {
        let wide: Vec<String> = (0..10_000).map(|at| format!("\"k{at}\": 1")).collect();
        let wide = skeleton(&format!("{{{}}}", wide.join(", ")));
        assert_eq!(wide.0.len(), PLACES + 2);
        assert_eq!(wide.has(ShapeKind::MissingProperty, "$.other", None), None);
        assert_eq!(
            wide.has(ShapeKind::MissingProperty, "$.k0", None),
            Some(false)
        );
        let deep = format!("{}1{}", "{\"a\": ".repeat(100), "}".repeat(100));
        assert_eq!(skeleton(&deep).0.len(), DEPTH + 2);
        // A full skeleton still adds types to its paths.
        let long = format!("[{{\"a\": 1}}{}]", ", {\"a\": null}".repeat(10_000));
        assert_eq!(
            text(&long),
            "$: array\n$[*]: object\n$[*].a: number or null"
        );
    }

    #[track_caller]
    fn check(
        body: &str,
        kind: ShapeKind,
        path: &str,
        observed: Option<&str>,
        expected: Option<bool>,
    ) {
        assert_eq!(skeleton(body).has(kind, path, observed), expected, "{body}");
    }

    #[test]
    fn tells_missing_members() {
        let missing = ShapeKind::MissingProperty;
        check("{}", missing, "$.x", None, Some(true));
        check("{\"x\": 1}", missing, "$.x", None, Some(false));
        check("{\"a\": {}}", missing, "$.a.x", None, Some(true));
        check("{\"a\": 1}", missing, "$.a.x", None, Some(false));
        check("{}", missing, "$.a.x", None, None);
        check("{}", missing, "$['a.x']", None, Some(true));
        check("{\"a.x\": 1}", missing, "$['a.x']", None, Some(false));
        check("[{\"x\": 1}, {}]", missing, "$[1].x", None, Some(true));
        check("[{\"x\": 1}, {}]", missing, "$[*].x", None, Some(true));
        check("[{\"x\": 1}]", missing, "$[*].x", None, Some(false));
        check("[]", missing, "$[*].x", None, None);
        // A key that looks like an index is a key.
        check("{\"a[0]\": 1}", missing, "$['a[0]']", None, Some(false));
        check("{\"a[*]\": 1}", missing, "$['a[0]']", None, Some(true));
    }

    #[test]
    fn tells_types() {
        let kind = ShapeKind::TypeMismatch;
        check("{\"x\": \"a\"}", kind, "$.x", Some("string"), Some(true));
        check("{\"x\": 1}", kind, "$.x", Some("string"), Some(false));
        check("{}", kind, "$.x", Some("string"), Some(false));
        check("[1, \"a\"]", kind, "$[0]", Some("string"), Some(true));
        // It may have been an integer.
        check("{\"x\": 1}", kind, "$.x", Some("2.5"), None);
        check("{\"x\": 1}", kind, "$.x", Some("-2.5"), None);
        let kind = ShapeKind::NullValue;
        check("{\"x\": null}", kind, "$.x", None, Some(true));
        check("{\"x\": 1}", kind, "$.x", None, Some(false));
    }

    #[test]
    fn tells_other_kinds_if_it_can() {
        let kind = ShapeKind::CollectionExpected;
        check("{}", kind, "$.value", None, Some(true));
        check("{\"value\": []}", kind, "$.value", None, Some(false));
        check("{}", kind, "$", Some("object"), Some(true));
        check("[]", kind, "$", Some("object"), Some(false));
        let kind = ShapeKind::CollectionEmpty;
        let (none, two) = (Some("0 elements"), Some("2 elements"));
        check("{\"value\": []}", kind, "$.value", none, Some(true));
        check("{\"value\": []}", kind, "$.value", two, Some(false));
        check("{\"value\": [1]}", kind, "$.value", two, Some(true));
        check("{\"value\": [1]}", kind, "$.value", none, Some(false));
        let kind = ShapeKind::ErrorObjectExpected;
        check("{\"error\": {}}", kind, "$.error.code", None, Some(true));
        let kind = ShapeKind::UndocumentedProperty;
        check("{\"x\": 1}", kind, "$.x", Some("number"), Some(true));
        check("{}", kind, "$.x", Some("number"), Some(false));
        check("{}", ShapeKind::JsonSyntax, "$", None, Some(false));
        let format = ShapeKind::FormatGuid;
        check("{\"x\": \"a\"}", format, "$.x", Some("\"a\""), None);
    }

    #[test]
    fn tolerates_invalid_paths() {
        for path in [
            "", "$", "$[", "$['", "$['é", "$['\\", "é", "$é", "$.é[", "$['é\\'",
        ] {
            for kind in [ShapeKind::MissingProperty, ShapeKind::CollectionEmpty] {
                let _ = skeleton("{}").has(kind, path, Some("0"));
            }
        }
    }
}
