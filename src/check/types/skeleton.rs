//! A body as its bare outline: the paths of its members and their JSON types,
//! and no value. A snapshot keeps that of an accepted body, so that a later run
//! can tell whether the body or the page has changed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::example::Kinds;
use super::finding::{At, ShapeKind};
use crate::json::value::Text;

/// The most places that an outline has.
const PLACES: usize = 200;
/// How deep it looks into a body.
const DEPTH: usize = 12;
/// Stands for the places that are left out.
const MORE: &str = "…";
/// Says that some objects have a member, and some do not.
const ABSENT: &str = " or absent";

/// The JSON types of a body, by the general path of their place, in the words
/// of `Kinds::describe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline(BTreeMap<String, String>);

impl Outline {
    /// The outline of a body that is a JSON object or array.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let mut root = Place::default();
        let mut room = PLACES;
        let mut json = serde_json::Deserializer::from_slice(body);
        let seed = Seed {
            place: &mut root,
            room: &mut room,
            depth: DEPTH,
        };
        seed.deserialize(&mut json).and_then(|()| json.end()).ok()?;
        if !root.kinds.has(Kinds::OBJECT) && !root.kinds.has(Kinds::ARRAY) {
            return None;
        }
        let mut list = BTreeMap::new();
        root.list(&At::ROOT, false, &mut list);
        Some(Self(list))
    }

    /// An outline as it was kept.
    pub(crate) fn from_kept(kept: BTreeMap<String, String>) -> Self {
        Self(kept)
    }

    /// The outline as it is kept.
    pub(crate) fn into_kept(self) -> BTreeMap<String, String> {
        self.0
    }

    /// Changes the paths, in which any key of the body may stand.
    #[must_use]
    pub(crate) fn with_paths<'p>(&'p self, change: impl Fn(&'p str) -> Cow<'p, str>) -> Self {
        let changed = self.0.iter().map(|(path, kinds)| {
            let path = change(path).into_owned();
            (path, kinds.clone())
        });
        Self(changed.collect())
    }

    /// Whether the same would be found of a body of this outline, if the page
    /// were the same. `None` where the outline does not say: of values, and of
    /// what was left out of it.
    pub(crate) fn has(&self, kind: ShapeKind, path: &str, observed: Option<&str>) -> Option<bool> {
        if !path.starts_with('$') {
            return None;
        }
        let path = general(path);
        match kind {
            ShapeKind::MissingProperty => self.lacks(&path),
            ShapeKind::UndocumentedProperty => self.at(&path).map(|kinds| !kinds.is_empty()),
            ShapeKind::NullValue => self.shows(&path, "null"),
            // Of numbers it is not known which are integers.
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
            | ShapeKind::Value => None,
        }
    }

    /// The types at a place, empty where nothing stands; `None` where it is not
    /// known.
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

    /// Whether an object lacks this member, or one of several objects does.
    fn lacks(&self, path: &str) -> Option<bool> {
        let parent = &path[..segments(path).last()?.start];
        // Of an object that was not there it is not known what it would lack.
        let parent = self.0.get(parent)?;
        if !parent.split(" or ").any(|known| known == "object") {
            return Some(false);
        }
        let kinds = self.at(path)?;
        Some(kinds.is_empty() || kinds.ends_with(ABSENT))
    }
}

/// A path, which begins with `$`, with `[*]` in the place of each index.
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

/// What is known of a place; all elements of an array are one place.
#[derive(Debug)]
struct Place {
    kinds: Kinds,
    /// How many of its values are objects.
    objects: usize,
    /// In how many objects above it this is a member, and which was the last.
    present: usize,
    last: usize,
    members: BTreeMap<String, Place>,
    element: Option<Box<Place>>,
    /// Whether there is more in it than the outline has room for.
    is_cut: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            kinds: Kinds::NONE,
            objects: 0,
            present: 0,
            last: 0,
            members: BTreeMap::new(),
            element: None,
            is_cut: false,
        }
    }
}

impl Place {
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

/// Reads a value into its place, and keeps nothing else of it. Nesting is
/// bounded by `serde_json`, at 128.
struct Seed<'p> {
    place: &'p mut Place,
    room: &'p mut usize,
    depth: usize,
}

impl Seed<'_> {
    /// Takes room for a further place, if there is any.
    fn take_room(&mut self) -> bool {
        let has_room = *self.room > 0 && self.depth > 0;
        if has_room {
            *self.room -= 1;
        } else {
            self.place.is_cut = true;
        }
        has_room
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.place.kinds |= Kinds::NULL;
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.place.kinds |= Kinds::BOOLEAN;
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.place.kinds |= Kinds::NUMBER;
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.place.kinds |= Kinds::NUMBER;
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.place.kinds |= Kinds::NUMBER;
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.place.kinds |= Kinds::STRING;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.place.kinds |= Kinds::ARRAY;
        if self.place.element.is_none() {
            if !self.take_room() {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(());
            }
            let mut element = Box::new(Place::default());
            let first = Seed {
                place: &mut element,
                room: self.room,
                depth: self.depth - 1,
            };
            if seq.next_element_seed(first)?.is_none() {
                *self.room += 1;
                return Ok(());
            }
            self.place.element = Some(element);
        }
        let Some(element) = self.place.element.as_deref_mut() else {
            return Ok(());
        };
        loop {
            let next = Seed {
                place: element,
                room: self.room,
                depth: self.depth - 1,
            };
            if seq.next_element_seed(next)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.place.kinds |= Kinds::OBJECT;
        self.place.objects += 1;
        while let Some(Text(key)) = map.next_key::<Text<'de>>()? {
            if !self.place.members.contains_key(&*key) {
                if !self.take_room() {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
                self.place.members.insert(key.to_string(), Place::default());
            }
            let objects = self.place.objects;
            let Some(member) = self.place.members.get_mut(&*key) else {
                continue;
            };
            // A key that stands twice in an object is one member.
            if member.last != objects {
                member.last = objects;
                member.present += 1;
            }
            map.next_value_seed(Seed {
                place: member,
                room: self.room,
                depth: self.depth - 1,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(body: &str) -> Outline {
        Outline::of(body.as_bytes()).expect("an outline")
    }

    fn text(body: &str) -> String {
        let list = outline(body).into_kept();
        let lines = list.iter().map(|(path, kinds)| format!("{path}: {kinds}"));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn an_outline_has_paths_and_types_and_no_value() {
        assert_eq!(
            text("{\"b\": [{\"x\": 1}, {\"x\": null, \"y\": \"v\"}], \"a b\": true, \"e\": []}"),
            "$: object\n$.b: array\n$.b[*]: object\n$.b[*].x: number or null\n\
             $.b[*].y: string or absent\n$.e: array\n$['a b']: boolean"
        );
        // A key that stands twice in one object is in one object.
        assert_eq!(
            text("[{\"x\": 1, \"x\": 2}, {}]"),
            "$: array\n$[*]: object\n$[*].x: number or absent"
        );
    }

    #[test]
    fn what_is_no_json_object_or_array_has_none() {
        for body in ["", "7", "\"a\"", "{\"a\": ", "{} {}", "null"] {
            assert_eq!(Outline::of(body.as_bytes()), None, "{body}");
        }
        assert_eq!(Outline::of("[".repeat(100_000).as_bytes()), None);
    }

    #[test]
    fn an_outline_is_bounded() {
        let wide: Vec<String> = (0..10_000).map(|at| format!("\"k{at}\": 1")).collect();
        let wide = outline(&format!("{{{}}}", wide.join(", ")));
        assert_eq!(wide.0.len(), PLACES + 2);
        assert_eq!(wide.has(ShapeKind::MissingProperty, "$.other", None), None);
        assert_eq!(
            wide.has(ShapeKind::MissingProperty, "$.k0", None),
            Some(false)
        );
        let deep = format!("{}1{}", "{\"a\": ".repeat(100), "}".repeat(100));
        assert_eq!(outline(&deep).0.len(), DEPTH + 2);
        // A full outline still knows more of the places that it has.
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
        assert_eq!(outline(body).has(kind, path, observed), expected, "{body}");
    }

    #[test]
    fn a_member_may_have_been_missing_before() {
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
        // The index in a key is none.
        check("{\"a[0]\": 1}", missing, "$['a[0]']", None, Some(false));
        check("{\"a[*]\": 1}", missing, "$['a[0]']", None, Some(true));
    }

    #[test]
    fn a_type_may_have_been_the_same_before() {
        let kind = ShapeKind::TypeMismatch;
        check("{\"x\": \"a\"}", kind, "$.x", Some("string"), Some(true));
        check("{\"x\": 1}", kind, "$.x", Some("string"), Some(false));
        check("{}", kind, "$.x", Some("string"), Some(false));
        check("[1, \"a\"]", kind, "$[0]", Some("string"), Some(true));
        // It may have been an integer then.
        check("{\"x\": 1}", kind, "$.x", Some("2.5"), None);
        check("{\"x\": 1}", kind, "$.x", Some("-2.5"), None);
        let kind = ShapeKind::NullValue;
        check("{\"x\": null}", kind, "$.x", None, Some(true));
        check("{\"x\": 1}", kind, "$.x", None, Some(false));
    }

    #[test]
    fn the_other_kinds_are_told_as_far_as_they_can_be() {
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
    fn what_is_no_path_is_no_panic() {
        for path in [
            "", "$", "$[", "$['", "$['é", "$['\\", "é", "$é", "$.é[", "$['é\\'",
        ] {
            for kind in [ShapeKind::MissingProperty, ShapeKind::CollectionEmpty] {
                let _ = outline("{}").has(kind, path, Some("0"));
            }
        }
    }
}
