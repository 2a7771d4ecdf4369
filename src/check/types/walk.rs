//! An answered value against what the page says of it, member by member.

use std::cell::OnceCell;

use super::declared::{Member, Shape, TAG, is_annotation, is_ellipsis, is_placeholder};
use super::example::{Example, Kinds, Known};
use super::expectation::Expectation;
use super::finding::{At, Collector, Said, ShapeKind, count, quoted};
use super::format::Format;
use super::place::place;
use super::registry::{TypeId, Types, normal};
use crate::json::tree::Node;
use crate::json::value::{Json, Text};
use crate::text::finding::cut;

/// What is needed to judge a value, and what was found.
pub(super) struct Walk<'w> {
    types: &'w Types,
    expectation: &'w Expectation<'w>,
    /// The findings.
    pub found: Collector,
    /// The documented body, once something is wrong.
    shown: OnceCell<Option<Node<'w>>>,
}

/// What the page says of one place.
#[derive(Clone, Copy)]
pub(super) struct Told<'w> {
    pub(super) shape: &'w Shape,
    is_nullable: bool,
    pub(super) example: Option<&'w Example>,
    /// The type of the object that it stands in.
    owner: Option<TypeId>,
}

impl<'w> Told<'w> {
    /// What the page says of a body.
    pub(super) fn of_body(expectation: &'w Expectation<'w>) -> Self {
        Self {
            shape: &expectation.shape,
            is_nullable: false,
            example: expectation.example.as_ref(),
            owner: None,
        }
    }

    /// Whether both are of one shape.
    pub(super) fn is_by(self, other: Self) -> bool {
        std::ptr::eq(self.shape, other.shape)
    }

    /// What it says of the elements of an array.
    pub(super) fn of_elements(self) -> Self {
        Self {
            shape: match self.shape {
                Shape::Array(element) => element,
                _ => &Shape::Any,
            },
            is_nullable: false,
            example: self.example.and_then(|example| example.element.as_deref()),
            owner: self.owner,
        }
    }
}

/// What the page says of the member of an object that has this key.
#[derive(Clone, Copy)]
pub(super) struct Named<'b, 'w> {
    key: &'b str,
    /// Where it stands among the members of the example.
    pub(super) shown: Option<usize>,
    pub(super) member: Option<&'w Member>,
    pub(super) is_nullable: bool,
}

/// The members of an untagged element of an array, in their order. The next
/// element mostly has the same, and what the page says of them is the same.
pub(super) type Layout<'b, 'w> = Vec<Named<'b, 'w>>;

/// What is known of the members of an object.
pub(super) struct Inside<'w> {
    known: Known<'w>,
    declared: Known<'w>,
    pub(super) example: Option<&'w Example>,
    /// Which of the example's members the object has.
    seen: Vec<bool>,
}

impl<'w> Inside<'w> {
    /// By what a member is judged, if the page says anything of it.
    pub(super) fn told(&mut self, named: &Named<'_, 'w>) -> Option<Told<'w>> {
        let shown = self.example.zip(named.shown).map(|(example, at)| {
            self.seen[at] = true;
            &example.members[at].example
        });
        (named.member.is_some() || shown.is_some()).then(|| Told {
            shape: named.member.map_or(&Shape::Any, |member| &member.shape),
            is_nullable: named.is_nullable,
            example: shown,
            owner: self.known.owner(),
        })
    }
}

impl<'w> Walk<'w> {
    /// A walk through a body that is still to come.
    pub(super) fn new(types: &'w Types, expectation: &'w Expectation<'w>) -> Self {
        Self {
            types,
            expectation,
            found: Collector::default(),
            shown: OnceCell::new(),
        }
    }

    /// Judges a body.
    pub(super) fn body(&mut self, body: &Json<'_>) {
        let expectation = self.expectation;
        if let Some(name) = &expectation.unknown {
            self.found
                .add(ShapeKind::UnknownResource, &At::ROOT, || Said {
                    documented: cut(name),
                    ..Said::default()
                });
        }
        if expectation.is_error && !self.error(body) {
            return;
        }
        if let Some(member) = &expectation.collection
            && !self.collection(body, member)
        {
            return;
        }
        self.value(body, &At::ROOT, Told::of_body(expectation), None);
    }

    /// Whether a body is an error (`OData` JSON Format 4.01, 21.1): an object
    /// `error` that has a `code` and a `message`.
    fn error(&mut self, body: &Json<'_>) -> bool {
        let root = At::ROOT;
        let error_at = root.key("error");
        let mut fail = |at: &At<'_>, documented: &str, value: Option<&Json<'_>>| {
            self.found.add(ShapeKind::ErrorObjectExpected, at, || Said {
                documented: documented.to_owned(),
                observed: value.map(|value| Kinds::of(value).describe()),
                ..Said::default()
            });
            false
        };
        if !matches!(body, Json::Object(_)) {
            return fail(&root, "an object with `error`", Some(body));
        }
        let error = body.get("error");
        if !matches!(error, Some(Json::Object(_))) {
            return fail(&error_at, "an object with `code` and `message`", error);
        }
        let mut is_error = true;
        for key in ["code", "message"] {
            let value = error.and_then(|error| error.get(key));
            if !matches!(value, Some(Json::String(_))) {
                is_error = fail(&error_at.key(key), "string", value);
            }
        }
        is_error
    }

    /// Whether a body is the collection that the annotation promises.
    fn collection(&mut self, body: &Json<'_>, member: &str) -> bool {
        let root = At::ROOT;
        let inner = root.key(member);
        let is_bare = matches!(self.expectation.shape, Shape::Array(_));
        let (at, value) = if is_bare {
            (&root, Some(body))
        } else {
            (&inner, body.get(member))
        };
        let example = self.expectation.example.as_ref().filter(|_| !is_bare);
        let is_shown = example.is_some_and(|example| example.position(member).is_some());
        let place = |at: &At<'_>| is_shown.then(|| place(&self.shown, self.expectation, at))?;
        let Some(Json::Array(elements)) = value else {
            self.found.add(ShapeKind::CollectionExpected, at, || Said {
                documented: "array".to_owned(),
                observed: value.map(|value| Kinds::of(value).describe()),
                place: place(at),
                ..Said::default()
            });
            return false;
        };
        if let Some(is_empty) = self.expectation.is_empty
            && is_empty != elements.is_empty()
        {
            self.found.add(ShapeKind::CollectionEmpty, at, || Said {
                documented: if is_empty {
                    "an empty array".to_owned()
                } else {
                    "an array with elements".to_owned()
                },
                observed: Some(count(elements.len(), "element")),
                place: place(at),
                ..Said::default()
            });
        }
        true
    }

    /// Judges a value. `layout` is that of the values of the like before it.
    fn value<'b>(
        &mut self,
        value: &'b Json<'_>,
        at: &At<'_>,
        told: Told<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        if let Some(inner) = self.typed(value, at, told) {
            // What was found of the like by one shape does not hold by another.
            let layout = layout.filter(|_| inner.is_by(told));
            self.within(value, at, inner, layout);
        }
    }

    /// Judges the type of a value, of which the elements and members do not
    /// matter here. Returns by what they are judged, if they are.
    pub(super) fn typed(
        &mut self,
        value: &Json<'_>,
        at: &At<'_>,
        told: Told<'w>,
    ) -> Option<Told<'w>> {
        let Told { shape, example, .. } = told;
        let shown = example.map_or(Kinds::NONE, |example| example.kinds);
        let strays = example.map_or(Kinds::NONE, |example| example.strays);
        let kind = Kinds::of(value);
        match value {
            Json::Null => {
                let says_nothing = *shape == Shape::Any && shown == Kinds::NONE;
                if !told.is_nullable && !shown.has(Kinds::NULL) && !says_nothing {
                    self.wrong(ShapeKind::NullValue, at, told, None);
                }
                return None;
            }
            // Where it stands for more of the same, it has no type.
            Json::String(text) if is_ellipsis(text) => return None,
            _ => {}
        }
        let stands_for_another = |value: &Json<'_>| {
            self.expectation.has_placeholders
                && matches!(value, Json::String(text) if is_placeholder(text))
        };
        let fits = if *shape == Shape::Any {
            !shown.says_type() || shown.has(kind)
        } else {
            shape.takes_value(value)
        };
        if fits {
            Some(told)
        } else if strays.has(kind) {
            Some(Told {
                shape: &Shape::Any,
                ..told
            })
        } else if stands_for_another(value) {
            None
        } else {
            let observed = match value {
                Json::Number(number) if *shape == Shape::Integer => number.to_string(),
                _ => kind.describe(),
            };
            self.wrong(ShapeKind::TypeMismatch, at, told, Some(observed));
            None
        }
    }

    /// What stands within a value whose type is right.
    fn within<'b>(
        &mut self,
        value: &'b Json<'_>,
        at: &At<'_>,
        told: Told<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        match value {
            Json::String(text) => self.text(text, at, told),
            Json::Array(elements) => {
                let told = told.of_elements();
                let mut layout = Layout::new();
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &at.index(index), told, Some(&mut layout));
                }
            }
            Json::Object(members) => self.object(value, members, at, told, layout),
            _ => {}
        }
    }

    /// Judges the text of a string.
    pub(super) fn text(&mut self, text: &str, at: &At<'_>, told: Told<'w>) {
        let is_loose = || {
            told.example.is_some_and(|example| example.has_stray_string)
                || (self.expectation.has_placeholders && is_placeholder(text))
        };
        if !told.shape.takes_text(text) && !is_loose() {
            let kind = match told.shape {
                Shape::String(Some(Format::Url)) => ShapeKind::FormatUrl,
                Shape::String(Some(Format::Guid)) => ShapeKind::FormatGuid,
                Shape::String(_) => ShapeKind::FormatDateTime,
                _ => ShapeKind::EnumValue,
            };
            self.wrong(kind, at, told, Some(quoted(text)));
        }
    }

    fn object<'b>(
        &mut self,
        object: &'b Json<'_>,
        members: &'b [(Text<'_>, Json<'_>)],
        at: &At<'_>,
        told: Told<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        let tag = tag_of(object);
        let mut layout = layout.filter(|_| tag.is_none());
        let mut inside = self.inside(tag, told);
        for (index, (key, value)) in members.iter().enumerate() {
            let key = &*key.0;
            let named = self.named(&inside, key, index, layout.as_deref_mut());
            match inside.told(&named) {
                Some(told) => self.value(value, &at.key(key), told, None),
                None => self.undocumented(key, value, at, &inside),
            }
        }
        self.missing(&inside, at);
    }

    /// What is known of the members of an object that says, or does not say, of
    /// which type it is.
    pub(super) fn inside(&self, tag: Option<&str>, told: Told<'w>) -> Inside<'w> {
        let mut example = told.example;
        let declared = Known::of(told.shape);
        let known = if let Some(tag) = tag {
            let tag_key = normal(tag);
            // What an example shows of one type holds for no other.
            example = example.filter(|example| {
                example.tags.is_empty() || example.tags.binary_search(&tag_key).is_ok()
            });
            self.types.find(tag).map_or(Known::Nothing, Known::Type)
        } else {
            example
                .and_then(|example| example.tagged)
                .map_or(declared, Known::Type)
        };
        Inside {
            known,
            declared,
            example,
            seen: vec![false; example.map_or(0, |example| example.members.len())],
        }
    }

    /// What the page says of the member with this index and key.
    pub(super) fn named<'b>(
        &self,
        inside: &Inside<'w>,
        key: &'b str,
        index: usize,
        layout: Option<&mut Layout<'b, 'w>>,
    ) -> Named<'b, 'w> {
        let before = layout.as_ref().and_then(|layout| layout.get(index));
        if let Some(before) = before.filter(|before| before.key == key) {
            return *before;
        }
        let Inside {
            known, declared, ..
        } = *inside;
        // A tag names the declared type or one below it, even where its page
        // forgets to say what it inherits.
        let member = self
            .member(known, key)
            .or_else(|| self.member(declared, key));
        let named = Named {
            key,
            shown: inside.example.and_then(|example| example.position(key)),
            member,
            is_nullable: self.expectation.nullable.contains(key)
                || self.is_nullable(known, member, key)
                || is_annotation(key),
        };
        if let Some(layout) = layout {
            match layout.get_mut(index) {
                Some(before) => *before = named,
                None => layout.push(named),
            }
        }
        named
    }

    /// Adds what an object should have and has not.
    pub(super) fn missing(&mut self, inside: &Inside<'w>, at: &At<'_>) {
        let Some(example) = inside.example else {
            return;
        };
        for (member, seen) in example.members.iter().zip(&inside.seen) {
            if member.spared.is_none() && !seen {
                let shape = self
                    .member(inside.known, &member.key)
                    .map_or(&Shape::Any, |member| &member.shape);
                let told = Told {
                    shape,
                    is_nullable: false,
                    example: Some(&member.example),
                    owner: inside.known.owner(),
                };
                self.wrong(ShapeKind::MissingProperty, &at.key(&member.key), told, None);
            }
        }
    }

    /// Judges a member of which the page says nothing.
    pub(super) fn undocumented(
        &mut self,
        key: &str,
        value: &Json<'_>,
        at: &At<'_>,
        inside: &Inside<'w>,
    ) {
        let (is_open, documented) = match inside.known {
            Known::Nothing => (
                inside.example.is_none_or(|example| !example.is_complete),
                "no such member in the documented body".to_owned(),
            ),
            Known::Members(members) => {
                (members.is_open, "no such member in the resource".to_owned())
            }
            Known::Type(id) => (
                self.types.is_open(id) || self.types.is_derived_key(id, key),
                format!("no such member in {}", cut(self.types.name(id))),
            ),
        };
        if is_open
            || is_annotation(key)
            || is_ellipsis(key)
            || self.expectation.expanded.contains(key)
        {
            return;
        }
        let observed = Some(Kinds::of(value).describe());
        self.found
            .add(ShapeKind::UndocumentedProperty, &at.key(key), || Said {
                documented,
                observed,
                owner: inside.known.owner(),
                ..Said::default()
            });
    }

    fn member(&self, known: Known<'w>, key: &str) -> Option<&'w Member> {
        match known {
            Known::Nothing => None,
            Known::Members(members) => members.list.get(key),
            Known::Type(id) => self.types.member(id, key),
        }
    }

    fn is_nullable(&self, known: Known<'w>, member: Option<&Member>, key: &str) -> bool {
        let is_free = member.is_some_and(|member| member.is_nullable || member.shape == Shape::Any);
        is_free || matches!(known, Known::Type(id) if self.types.may_be_null(id, key))
    }

    fn wrong(&mut self, kind: ShapeKind, at: &At<'_>, told: Told<'w>, observed: Option<String>) {
        let types = self.types;
        self.found.add(kind, at, || Said {
            documented: match (told.shape, told.example) {
                (Shape::Any, Some(example)) => example.kinds.describe(),
                (shape, _) => describe(shape, types),
            },
            observed,
            place: told
                .example
                .and_then(|_| place(&self.shown, self.expectation, at)),
            owner: told.owner,
        });
    }
}

/// The type that an answered object says it has.
pub(super) fn tag_of<'j>(object: &'j Json<'_>) -> Option<&'j str> {
    match object.get(TAG) {
        Some(Json::String(tag)) => Some(&**tag),
        _ => None,
    }
}

/// The most members of an enumeration that a finding lists.
const LISTED: usize = 20;

/// A shape in the words of a report.
fn describe(shape: &Shape, types: &Types) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Integer => "integer".to_owned(),
        Shape::String(None) => "string".to_owned(),
        Shape::String(Some(format)) => format!("string ({})", format.name()),
        Shape::Enum(members) => {
            let mut words: Vec<_> = members.iter().take(LISTED).map(|m| quoted(m)).collect();
            if members.len() > LISTED {
                words.push("…".to_owned());
            }
            words.join(" | ")
        }
        Shape::Object | Shape::Struct(_) => "object".to_owned(),
        Shape::Named(id) => cut(types.name(*id)),
        Shape::Array(element) if **element == Shape::Any => "array".to_owned(),
        Shape::Array(element) => format!("array of {}", describe(element, types)),
    }
}
