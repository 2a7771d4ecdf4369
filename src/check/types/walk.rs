//! Compares a body with an expectation, member by member.

use std::cell::OnceCell;

use super::declared::{Member, Shape, TAG, TypeId, is_annotation, is_ellipsis, is_placeholder};
use super::example::{Declaration, Example};
use super::expectation::{Against, Expectation};
use super::finding::{At, Collector, Detail, ShapeKind, count, quoted};
use super::format::Format;
use super::place::place;
use super::registry::{Types, normal};
use crate::json::{self, Kinds, Node, NodeValue};
use crate::text::finding::cut;

/// The context of a check, and its findings.
pub(super) struct Walk<'w> {
    types: &'w Types,
    expectation: &'w Expectation<'w>,
    /// The findings.
    pub found: Collector,
    /// The documented body; read with the first finding.
    shown: OnceCell<Option<Node<'w>>>,
}

/// What the page documents for one value.
#[derive(Clone, Copy)]
pub(super) struct Spec<'w> {
    pub(super) shape: &'w Shape,
    is_nullable: bool,
    pub(super) example: Option<&'w Example>,
    /// The type of the enclosing object.
    owner: Option<TypeId>,
}

impl<'w> Spec<'w> {
    /// The specification of a body.
    pub(super) fn of_body(expectation: &'w Expectation<'w>) -> Self {
        Self {
            shape: &expectation.shape,
            is_nullable: false,
            example: expectation.example.as_ref(),
            owner: None,
        }
    }

    /// Whether the page says something about the type of the value.
    fn is_known(self) -> bool {
        let shown = self.example.map_or(Kinds::NONE, |example| example.kinds);
        *self.shape != Shape::Any || shown.has_type()
    }

    /// Whether both refer to the same declaration.
    pub(super) fn is_by(self, other: Self) -> bool {
        std::ptr::eq(self.shape, other.shape)
    }

    /// The specification of an array's elements.
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

/// What the page documents for the member with a key.
#[derive(Clone, Copy)]
pub(super) struct MemberSpec<'b, 'w> {
    key: &'b str,
    /// The index among the members of the example.
    pub(super) shown: Option<usize>,
    pub(super) member: Option<&'w Member>,
    pub(super) is_nullable: bool,
}

/// The members of the previous element of an array, if it has no tag. Most
/// elements have the same members in the same order, so they share lookups.
pub(super) type Layout<'b, 'w> = Vec<MemberSpec<'b, 'w>>;

/// What the page documents for the members of an object.
pub(super) struct ObjectSpec<'w> {
    /// The declaration of the tagged type, else the declared one.
    declaration: Declaration<'w>,
    declared: Declaration<'w>,
    pub(super) example: Option<&'w Example>,
    /// Whether the object has each of the example's members.
    seen: Vec<bool>,
}

impl<'w> ObjectSpec<'w> {
    /// The specification of a member, if it is documented.
    pub(super) fn spec_of(&mut self, member_spec: &MemberSpec<'_, 'w>) -> Option<Spec<'w>> {
        let shown = self.example.zip(member_spec.shown).map(|(example, at)| {
            self.seen[at] = true;
            &example.members[at].example
        });
        (member_spec.member.is_some() || shown.is_some()).then(|| Spec {
            shape: member_spec
                .member
                .map_or(&Shape::Any, |member| &member.shape),
            is_nullable: member_spec.is_nullable,
            example: shown,
            owner: self.declaration.owner(),
        })
    }
}

impl<'w> Walk<'w> {
    /// A walk without findings.
    pub(super) fn new(types: &'w Types, expectation: &'w Expectation<'w>) -> Self {
        Self {
            types,
            expectation,
            found: Collector::default(),
            shown: OnceCell::new(),
        }
    }

    /// Checks a body.
    pub(super) fn body(&mut self, body: &Node<'_>) {
        let expectation = self.expectation;
        if let Some(name) = &expectation.unknown {
            self.found
                .add(ShapeKind::UnknownResource, &At::ROOT, || Detail {
                    documented: cut(name),
                    ..Detail::default()
                });
        }
        if expectation.is_error && !self.error(body) {
            return;
        }
        self.found.members += usize::from(match &body.value {
            NodeValue::Object(_) | NodeValue::Array(_) => expectation.is_empty.is_some(),
            _ => Spec::of_body(expectation).is_known(),
        });
        if let Some(member) = &expectation.collection
            && !self.collection(body, member)
        {
            return;
        }
        self.value(body, &At::ROOT, Spec::of_body(expectation), None);
    }

    /// Checks for an error (`OData` JSON Format 4.01, section 21.1): an object with
    /// the member `error`. Its members are compared as those of any object. A page
    /// may show another kind of error; then that one is documented.
    fn error(&mut self, body: &Node<'_>) -> bool {
        let root = At::ROOT;
        let shown = self.expectation.example.as_ref();
        let shown = shown.filter(|_| self.expectation.against == Against::Page);
        if shown.is_some_and(|shown| shown.position("error").is_none()) {
            return true;
        }
        let error_at = root.key("error");
        let (at, documented, value) = match (&body.value, body.get("error")) {
            (NodeValue::Object(_), Some(error)) if !matches!(error.value, NodeValue::Null) => {
                return true;
            }
            (NodeValue::Object(_), error) => (&error_at, "an error", error),
            _ => (&root, "an object with `error`", Some(body)),
        };
        self.found
            .add(ShapeKind::ErrorObjectExpected, at, || Detail {
                documented: documented.to_owned(),
                observed: value.map(|value| Kinds::of(value).describe()),
                ..Detail::default()
            });
        false
    }

    /// Checks for the collection that the annotation documents.
    fn collection(&mut self, body: &Node<'_>, member: &str) -> bool {
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
        let Some(NodeValue::Array(elements)) = value.map(|value| &value.value) else {
            self.found
                .add(ShapeKind::CollectionExpected, at, || Detail {
                    documented: "array".to_owned(),
                    observed: value.map(|value| Kinds::of(value).describe()),
                    place: place(at),
                    ..Detail::default()
                });
            return false;
        };
        if let Some(is_empty) = self.expectation.is_empty
            && is_empty != elements.is_empty()
        {
            self.found.add(ShapeKind::CollectionEmpty, at, || Detail {
                documented: if is_empty {
                    "an empty array".to_owned()
                } else {
                    "an array with elements".to_owned()
                },
                observed: Some(count(elements.len(), "element")),
                place: place(at),
                ..Detail::default()
            });
        }
        true
    }

    /// Checks a value. `layout` is that of the previous element.
    fn value<'b>(
        &mut self,
        value: &'b Node<'_>,
        at: &At<'_>,
        spec: Spec<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        if let Some(inner) = self.typed(value, at, spec) {
            // The layout is only valid for the declared shape.
            let layout = layout.filter(|_| inner.is_by(spec));
            self.within(value, at, inner, layout);
        }
    }

    /// Checks the type of a value. Returns the specification for its elements and
    /// members, if they are to be checked.
    pub(super) fn typed(
        &mut self,
        value: &Node<'_>,
        at: &At<'_>,
        spec: Spec<'w>,
    ) -> Option<Spec<'w>> {
        let Spec { shape, example, .. } = spec;
        let shown = example.map_or(Kinds::NONE, |example| example.kinds);
        let contradicting = example.map_or(Kinds::NONE, |example| example.contradicting);
        let is_any = example.is_some_and(|example| example.is_any);
        let kind = Kinds::of(value);
        match &value.value {
            NodeValue::Null => {
                let is_unknown = *shape == Shape::Any && (shown == Kinds::NONE || is_any);
                if !spec.is_nullable && !shown.has(Kinds::NULL) && !is_unknown {
                    self.wrong(ShapeKind::NullValue, at, spec, Some("null".to_owned()));
                }
                return None;
            }
            // An ellipsis has no type. Only pages, and clients that copy them,
            // write one.
            NodeValue::String(text)
                if self.expectation.against != Against::Page && is_ellipsis(text) =>
            {
                return None;
            }
            _ => {}
        }
        let is_allowed_placeholder = |value: &Node<'_>| {
            self.expectation.against == Against::Resource
                && matches!(&value.value, NodeValue::String(text) if is_placeholder(text))
        };
        let fits = if *shape == Shape::Any {
            is_any || !shown.has_type() || shown.has(kind)
        } else {
            shape.allows_as(value, self.expectation.numbers)
        };
        if fits {
            Some(spec)
        } else if contradicting.has(kind) {
            Some(Spec {
                shape: &Shape::Any,
                ..spec
            })
        } else if is_allowed_placeholder(value) {
            None
        } else {
            let observed = match &value.value {
                NodeValue::Number(number)
                    if matches!(shape, Shape::Integer | Shape::Int64) && !number.is_whole() =>
                {
                    number.to_string()
                }
                _ => kind.describe(),
            };
            self.wrong(ShapeKind::TypeMismatch, at, spec, Some(observed));
            None
        }
    }

    /// Checks the content of a value whose type is right.
    fn within<'b>(
        &mut self,
        value: &'b Node<'_>,
        at: &At<'_>,
        spec: Spec<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        match &value.value {
            NodeValue::String(text) => self.text(text, at, spec),
            NodeValue::Array(elements) => {
                let spec = spec.of_elements();
                let mut layout = Layout::new();
                if spec.is_known() {
                    let is_object = |node: &&Node<'_>| matches!(node.value, NodeValue::Object(_));
                    self.found.members +=
                        elements.len() - elements.iter().filter(is_object).count();
                }
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &at.index(index), spec, Some(&mut layout));
                }
            }
            NodeValue::Object(members) => self.object(value, members, at, spec, layout),
            _ => {}
        }
    }

    /// Checks the format of a string.
    pub(super) fn text(&mut self, text: &str, at: &At<'_>, spec: Spec<'w>) {
        let is_loose = || {
            spec.example
                .is_some_and(|example| example.has_contradicting_string)
                || (self.expectation.against == Against::Resource && is_placeholder(text))
        };
        if !spec.shape.allows_text(text) && !is_loose() {
            let kind = match spec.shape {
                Shape::String(Some(Format::Url)) => ShapeKind::FormatUrl,
                Shape::String(Some(Format::Guid)) => ShapeKind::FormatGuid,
                Shape::String(_) => ShapeKind::FormatDateTime,
                _ => ShapeKind::EnumValue,
            };
            self.wrong(kind, at, spec, Some(quoted(text)));
        }
    }

    fn object<'b>(
        &mut self,
        object: &'b Node<'_>,
        members: &'b [json::Member<'_>],
        at: &At<'_>,
        spec: Spec<'w>,
        layout: Option<&mut Layout<'b, 'w>>,
    ) {
        let tag = tag_of(object);
        if let Some(tag) = tag.filter(|_| self.expectation.against == Against::Page) {
            self.tag(tag, at, spec);
        }
        let mut layout = layout.filter(|_| tag.is_none());
        let mut object_spec = self.object_spec(tag, spec);
        for (index, member) in members.iter().enumerate() {
            let (key, value) = (&*member.key, &member.value);
            let member_spec = self.member_spec(&object_spec, key, index, layout.as_deref_mut());
            match object_spec.spec_of(&member_spec) {
                Some(spec) => {
                    // Of an array, the elements count.
                    let is_array = matches!(value.value, NodeValue::Array(_));
                    self.found.members += usize::from(!is_annotation(key) && !is_array);
                    self.value(value, &at.key(key), spec, None);
                }
                None => self.undocumented(key, value, at, &object_spec),
            }
        }
        self.missing(&object_spec, at);
    }

    /// Reports the type of an object if the page documents another one there,
    /// and it does not derive from that.
    fn tag(&mut self, tag: &str, at: &At<'_>, spec: Spec<'w>) {
        let types = self.types;
        let declared = Declaration::of(spec.shape).owner();
        let shown = spec.example.map_or(&[][..], |example| &example.tags);
        let is_shown = shown.binary_search(&normal(tag)).is_ok();
        if is_shown || (declared.is_none() && shown.is_empty()) {
            return;
        }
        let documented = || {
            shown
                .iter()
                .filter_map(|tag| types.find(tag))
                .chain(declared)
        };
        let is_known = types.find(tag).is_some_and(|id| {
            // A page may not name the base of its type. Where others of that
            // kind are shown, this may be one.
            let is_like_others = types.base(id).is_none()
                && declared.is_some_and(|base| !types.may_derive(base, id))
                && declared.is_some_and(|base| {
                    shown.is_empty() || !shown.iter().any(|tag| types.find(tag) == Some(base))
                });
            is_like_others || documented().any(|base| types.may_derive(id, base))
        });
        if is_known {
            return;
        }
        let at = at.key(TAG);
        self.found.add(ShapeKind::TypeName, &at, || Detail {
            documented: match (shown, declared) {
                ([], Some(id)) => quoted(types.name(id)),
                (shown, _) => {
                    let names: Vec<_> = shown.iter().map(|tag| quoted(tag)).collect();
                    names.join(" | ")
                }
            },
            observed: Some(quoted(tag)),
            place: spec
                .example
                .and_then(|_| place(&self.shown, self.expectation, &at)),
            owner: spec.owner,
        });
    }

    /// The specification of the members of an object with or without a tag.
    pub(super) fn object_spec(&self, tag: Option<&str>, spec: Spec<'w>) -> ObjectSpec<'w> {
        let mut example = spec.example;
        let declared = Declaration::of(spec.shape);
        let declaration = if let Some(tag) = tag {
            let tag_key = normal(tag);
            // An example of one type does not apply to another.
            example = example.filter(|example| {
                example.tags.is_empty() || example.tags.binary_search(&tag_key).is_ok()
            });
            self.types
                .find(tag)
                .map_or(Declaration::Nothing, Declaration::Type)
        } else {
            example
                .and_then(|example| example.tagged)
                .map_or(declared, Declaration::Type)
        };
        ObjectSpec {
            declaration,
            declared,
            example,
            seen: vec![false; example.map_or(0, |example| example.members.len())],
        }
    }

    /// Looks up a member by its index and key.
    pub(super) fn member_spec<'b>(
        &self,
        object_spec: &ObjectSpec<'w>,
        key: &'b str,
        index: usize,
        layout: Option<&mut Layout<'b, 'w>>,
    ) -> MemberSpec<'b, 'w> {
        let before = layout.as_ref().and_then(|layout| layout.get(index));
        if let Some(before) = before.filter(|before| before.key == key) {
            return *before;
        }
        let ObjectSpec {
            declaration,
            declared,
            ..
        } = *object_spec;
        // The tagged type derives from the declared one, even if its page does
        // not name the base.
        let member = self
            .member(declaration, key)
            .or_else(|| self.member(declared, key));
        let member_spec = MemberSpec {
            key,
            shown: object_spec
                .example
                .and_then(|example| example.position(key)),
            member,
            is_nullable: self.expectation.nullable.contains(key)
                || self.is_nullable(declaration, member, key)
                || is_annotation(key),
        };
        if let Some(layout) = layout {
            match layout.get_mut(index) {
                Some(before) => *before = member_spec,
                None => layout.push(member_spec),
            }
        }
        member_spec
    }

    /// Reports missing members.
    pub(super) fn missing(&mut self, object_spec: &ObjectSpec<'w>, at: &At<'_>) {
        let Some(example) = object_spec.example else {
            return;
        };
        for (member, seen) in example.members.iter().zip(&object_spec.seen) {
            if member.optional_by.is_none() && !seen {
                let shape = self
                    .member(object_spec.declaration, &member.key)
                    .map_or(&Shape::Any, |member| &member.shape);
                let spec = Spec {
                    shape,
                    is_nullable: false,
                    example: Some(&member.example),
                    owner: object_spec.declaration.owner(),
                };
                self.wrong(ShapeKind::MissingProperty, &at.key(&member.key), spec, None);
            }
        }
    }

    /// Reports an undocumented member, unless it is allowed.
    pub(super) fn undocumented(
        &mut self,
        key: &str,
        value: &Node<'_>,
        at: &At<'_>,
        object_spec: &ObjectSpec<'w>,
    ) {
        let (is_open, documented) = match object_spec.declaration {
            Declaration::Nothing => (
                object_spec
                    .example
                    .is_none_or(|example| !example.is_complete),
                "not in the documented body".to_owned(),
            ),
            Declaration::Members(members) => (members.is_open, "not in the resource".to_owned()),
            Declaration::Type(id) => (
                self.types.is_open(id) || self.types.is_derived_key(id, key),
                format!("not in {}", cut(self.types.name(id))),
            ),
        };
        if is_open
            || is_annotation(key)
            || (self.expectation.against != Against::Page && is_ellipsis(key))
            || self.expectation.expanded.contains(key)
        {
            return;
        }
        let observed = Some(Kinds::of(value).describe());
        self.found
            .add(ShapeKind::UndocumentedProperty, &at.key(key), || Detail {
                documented,
                observed,
                owner: object_spec.declaration.owner(),
                ..Detail::default()
            });
    }

    fn member(&self, declaration: Declaration<'w>, key: &str) -> Option<&'w Member> {
        match declaration {
            Declaration::Nothing => None,
            Declaration::Members(members) => members.list.get(key),
            Declaration::Type(id) => self.types.member(id, key),
        }
    }

    fn is_nullable(
        &self,
        declaration: Declaration<'w>,
        member: Option<&Member>,
        key: &str,
    ) -> bool {
        let is_free = member.is_some_and(|member| member.is_nullable || member.shape == Shape::Any);
        is_free || matches!(declaration, Declaration::Type(id) if self.types.may_be_null(id, key))
    }

    fn wrong(&mut self, kind: ShapeKind, at: &At<'_>, spec: Spec<'w>, observed: Option<String>) {
        let types = self.types;
        let numbers = self.expectation.numbers;
        self.found.add(kind, at, || Detail {
            documented: match (spec.shape, spec.example) {
                (Shape::Any, Some(example)) => example.kinds.describe(),
                (shape, _) if shape.is_string_by(numbers) => {
                    format!("{} in a string", describe(shape, types))
                }
                (shape, _) => describe(shape, types),
            },
            observed,
            place: spec
                .example
                .and_then(|_| place(&self.shown, self.expectation, at)),
            owner: spec.owner,
        });
    }
}

/// The value of an object's `@odata.type`.
pub(super) fn tag_of<'j>(object: &'j Node<'_>) -> Option<&'j str> {
    match object.get(TAG).map(|tag| &tag.value) {
        Some(NodeValue::String(tag)) => Some(&**tag),
        _ => None,
    }
}

/// Maximum number of enumeration members in a finding.
const LISTED: usize = 20;

/// A shape as text for reports.
fn describe(shape: &Shape, types: &Types) -> String {
    match shape {
        Shape::Any => "any value".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Number | Shape::Decimal => "number".to_owned(),
        Shape::Integer | Shape::Int64 => "integer".to_owned(),
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
