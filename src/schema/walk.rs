//! An answered value against what the page says of it, member by member.

use super::answer::Json;
use super::declared::{Member, Shape, TAG, is_annotation, is_ellipsis, is_placeholder};
use super::example::{Example, Kinds, Known};
use super::expectation::Expectation;
use super::finding::{At, Collector, Said, ShapeKind, count, cut, quoted};
use super::format::Format;
use super::types::{TypeId, Types, normal};

/// What is needed to judge a value, and what was found.
pub struct Walk<'w> {
    /// The documented types.
    pub types: &'w Types,
    /// What the page promises.
    pub expectation: &'w Expectation,
    /// The findings.
    pub found: Collector,
}

/// What the page says of one place.
#[derive(Clone, Copy)]
struct Told<'w> {
    shape: &'w Shape,
    is_nullable: bool,
    example: Option<&'w Example>,
    /// The type of the object that it stands in.
    owner: Option<TypeId>,
}

impl<'w> Walk<'w> {
    /// Judges a body.
    pub fn body(&mut self, body: &Json<'_>) {
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
        let told = Told {
            shape: &expectation.shape,
            is_nullable: false,
            example: expectation.example.as_ref(),
            owner: None,
        };
        self.value(body, &At::ROOT, told);
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
        let place = self.expectation.example.as_ref().and_then(|example| {
            let shown = example.position(member).filter(|_| !is_bare)?;
            example.members[shown].example.place.clone()
        });
        let Some(Json::Array(elements)) = value else {
            self.found.add(ShapeKind::CollectionExpected, at, || Said {
                documented: "array".to_owned(),
                observed: value.map(|value| Kinds::of(value).describe()),
                place,
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
                place,
                ..Said::default()
            });
        }
        true
    }

    fn value(&mut self, value: &Json<'_>, at: &At<'_>, told: Told<'w>) {
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
                return;
            }
            // Where it stands for more of the same, it has no type.
            Json::String(text) if is_ellipsis(text) => return,
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
            self.within(value, at, told);
        } else if strays.has(kind) {
            let any = Told {
                shape: &Shape::Any,
                ..told
            };
            self.within(value, at, any);
        } else if !stands_for_another(value) {
            let observed = match value {
                Json::Number(number) if *shape == Shape::Integer => number.to_string(),
                _ => kind.describe(),
            };
            self.wrong(ShapeKind::TypeMismatch, at, told, Some(observed));
        }
    }

    /// What stands within a value whose type is right.
    fn within(&mut self, value: &Json<'_>, at: &At<'_>, told: Told<'w>) {
        match value {
            Json::String(text) => {
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
            Json::Array(elements) => {
                let told = Told {
                    shape: match told.shape {
                        Shape::Array(element) => element,
                        _ => &Shape::Any,
                    },
                    is_nullable: false,
                    example: told.example.and_then(|example| example.element.as_deref()),
                    owner: told.owner,
                };
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &at.index(index), told);
                }
            }
            Json::Object(members) => self.object(value, members, at, told),
            _ => {}
        }
    }

    fn object(
        &mut self,
        object: &Json<'_>,
        members: &[(super::answer::Text<'_>, Json<'_>)],
        at: &At<'_>,
        told: Told<'w>,
    ) {
        let mut example = told.example;
        let declared = Known::of(told.shape);
        let known = match object.get(TAG) {
            Some(Json::String(tag)) => {
                let tag_key = normal(tag);
                // What an example shows of one type holds for no other.
                example = example.filter(|example| {
                    example.tags.is_empty() || example.tags.binary_search(&tag_key).is_ok()
                });
                match self.types.find(tag) {
                    Some(id) => Known::Type(id),
                    None => Known::Nothing,
                }
            }
            _ => example
                .and_then(|example| example.tagged)
                .map_or(declared, Known::Type),
        };
        let owner = known.owner();
        let mut seen = vec![false; example.map_or(0, |example| example.members.len())];
        for (key, value) in members {
            let key = &*key.0;
            let shown = example.and_then(|example| {
                let at = example.position(key)?;
                seen[at] = true;
                Some(&example.members[at].example)
            });
            // A tag names the declared type or one below it, even where its
            // page forgets to say what it inherits.
            let member = self
                .member(known, key)
                .or_else(|| self.member(declared, key));
            if member.is_none() && shown.is_none() {
                self.undocumented(key, value, at, known, example);
                continue;
            }
            let is_nullable = matches!(value, Json::Null)
                && (self.expectation.nullable.contains(key)
                    || self.is_nullable(known, member, key)
                    || is_annotation(key));
            let told = Told {
                shape: member.map_or(&Shape::Any, |member| &member.shape),
                is_nullable,
                example: shown,
                owner,
            };
            self.value(value, &at.key(key), told);
        }
        let Some(example) = example else { return };
        for (member, seen) in example.members.iter().zip(seen) {
            if member.is_required && !seen {
                let shape = self
                    .member(known, &member.key)
                    .map_or(&Shape::Any, |member| &member.shape);
                let told = Told {
                    shape,
                    is_nullable: false,
                    example: Some(&member.example),
                    owner,
                };
                self.wrong(ShapeKind::MissingProperty, &at.key(&member.key), told, None);
            }
        }
    }

    fn undocumented(
        &mut self,
        key: &str,
        value: &Json<'_>,
        at: &At<'_>,
        known: Known<'w>,
        example: Option<&Example>,
    ) {
        let (is_open, documented) = match known {
            Known::Nothing => (
                example.is_none_or(|example| !example.is_complete),
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
                owner: known.owner(),
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
        is_free || matches!(known, Known::Type(id) if self.types.is_nullable(id, key))
    }

    fn wrong(&mut self, kind: ShapeKind, at: &At<'_>, told: Told<'w>, observed: Option<String>) {
        let types = self.types;
        self.found.add(kind, at, || Said {
            documented: match (told.shape, told.example) {
                (Shape::Any, Some(example)) => example.kinds.describe(),
                (shape, _) => describe(shape, types),
            },
            observed,
            place: told.example.and_then(|example| example.place.clone()),
            owner: told.owner,
        });
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
