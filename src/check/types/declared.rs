//! The types that the values of a resource's JSON declare:
//! `"String (timestamp)"`, `"a | b | c"`, `{"@odata.type": "example.user"}`,
//! `[ "guid" ]`, `1024`. An unknown declaration allows any value.

use std::collections::HashMap;

use super::format::Format;
use crate::http::field::elements;
use crate::http::media_type::MediaType;
use crate::http::message::Headers;
use crate::json::{self, Kinds, Node, NodeValue, Number};

/// The index of a documented type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(pub(super) usize);

/// The values that a declaration allows. Whether `null` is allowed depends on
/// the [`Member`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Any value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A number without a fraction.
    Integer,
    /// The same with 64 bits.
    Int64,
    /// A decimal number.
    Decimal,
    /// A string, optionally with a format.
    String(Option<Format>),
    /// One of these strings.
    Enum(Vec<String>),
    /// An object with unknown members.
    Object,
    /// An object with these members.
    Struct(Members),
    /// A value of a documented type.
    Named(TypeId),
    /// An array of such values.
    Array(Box<Shape>),
}

impl Shape {
    /// Whether a value has this type. Members and elements are not compared.
    pub(crate) fn allows(&self, node: &Node<'_>) -> bool {
        match &node.value {
            NodeValue::Null => true,
            NodeValue::Number(number) => self.allows_number(*number),
            NodeValue::String(text) => self.allows_kind(Kinds::STRING) || self.allows_special(text),
            _ => self.allows_kind(Kinds::of(node)),
        }
    }

    fn allows_kind(&self, kind: Kinds) -> bool {
        match self {
            Self::Any => true,
            Self::Boolean => kind == Kinds::BOOLEAN,
            Self::Number | Self::Integer | Self::Int64 | Self::Decimal => kind == Kinds::NUMBER,
            Self::String(_) | Self::Enum(_) => kind == Kinds::STRING,
            Self::Object | Self::Struct(_) | Self::Named(_) => kind == Kinds::OBJECT,
            Self::Array(_) => kind == Kinds::ARRAY,
        }
    }

    fn allows_number(&self, number: Number<'_>) -> bool {
        let is_integer = matches!(self, Self::Integer | Self::Int64);
        self.allows_kind(Kinds::NUMBER) && (!is_integer || number.is_whole())
    }

    /// Like [`Self::allows`], where numbers of 64 bits and decimal numbers may
    /// be strings.
    pub(super) fn allows_as(&self, node: &Node<'_>, numbers: LargeNumbers) -> bool {
        match &node.value {
            NodeValue::String(text) if self.is_string_by(numbers) => {
                let number = json::read(text).map(|node| node.value);
                self.allows_special(text)
                    || matches!(number, Ok(NodeValue::Number(number)) if self.allows_number(number))
            }
            NodeValue::Number(_) if self.is_string_by(numbers) => numbers == LargeNumbers::Any,
            _ => self.allows(node),
        }
    }

    /// Whether numbers of this type are or may be strings.
    pub(super) fn is_string_by(&self, numbers: LargeNumbers) -> bool {
        numbers != LargeNumbers::Numbers && matches!(self, Self::Int64 | Self::Decimal)
    }

    /// The shape of a member that two resources of one type declare.
    pub(super) fn common(&self, other: &Self) -> Self {
        match (self, other) {
            _ if self == other => self.clone(),
            (Self::Integer | Self::Int64, Self::Integer | Self::Int64) => Self::Integer,
            (Self::Number | Self::Decimal, Self::Number | Self::Decimal) => Self::Number,
            _ => Self::Any,
        }
    }

    /// Numbers that JSON cannot express (`OData` JSON Format 4.01, section 7.1).
    fn allows_special(&self, text: &str) -> bool {
        matches!(self, Self::Number | Self::Decimal) && matches!(text, "INF" | "-INF" | "NaN")
    }

    /// Whether a string has the declared format, or is one of the declared
    /// strings. Flags may be combined with commas.
    pub(crate) fn allows_text(&self, text: &str) -> bool {
        match self {
            Self::String(Some(format)) => format.fits(text),
            Self::Enum(members) => text
                .split(',')
                .all(|flag| members.iter().any(|member| member == flag.trim())),
            _ => true,
        }
    }
}

/// How a message writes numbers of 64 bits and decimal numbers (`OData` JSON
/// Format 4.01, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LargeNumbers {
    /// As numbers.
    #[default]
    Numbers,
    /// As numbers or strings: the client accepts both.
    Any,
    /// As strings: its media type has `IEEE754Compatible=true`.
    Strings,
}

impl LargeNumbers {
    /// How a response writes them, by its header fields and those of its request.
    pub(crate) fn of(response: &Headers, request: &Headers) -> Self {
        let is_set = |media_type: &MediaType| {
            let value = media_type.parameter("ieee754compatible");
            value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        if MediaType::of(response).is_some_and(|media_type| is_set(&media_type)) {
            return Self::Strings;
        }
        let accepted = request.get_all("accept");
        let accepted = accepted.flat_map(|value| elements(value, b','));
        let mut accepted = accepted.map(MediaType::parse);
        if accepted.any(|media_type| is_set(&media_type)) {
            Self::Any
        } else {
            Self::Numbers
        }
    }
}

/// The members of an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Members {
    /// The members by key.
    pub list: HashMap<String, Member>,
    /// Whether other members are allowed.
    pub is_open: bool,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    /// The values that it allows, apart from `null`.
    pub shape: Shape,
    /// Whether its value may be `null`.
    pub is_nullable: bool,
    /// Whether it may be missing.
    pub is_optional: bool,
}

impl From<Shape> for Member {
    fn from(shape: Shape) -> Self {
        Self {
            shape,
            is_nullable: false,
            is_optional: false,
        }
    }
}

/// Finds a type by the name in a page.
pub(super) type Resolve<'r> = &'r dyn Fn(&str) -> Option<TypeId>;

/// The member that a value in a resource declares.
pub(crate) fn declared(value: &Node<'_>, resolve: Resolve<'_>) -> Member {
    match &value.value {
        NodeValue::Null => Member {
            is_nullable: true,
            ..Shape::Any.into()
        },
        NodeValue::Placeholder => Shape::Any.into(),
        NodeValue::Boolean(_) => Shape::Boolean.into(),
        NodeValue::Number(_) => Shape::Number.into(),
        NodeValue::String(text) => named(text, resolve),
        NodeValue::Array(elements) => {
            let mut shapes = elements
                .iter()
                .filter(|element| !is_ellipsis_node(element))
                .map(|element| declared(element, resolve).shape);
            let first = shapes.next().unwrap_or(Shape::Any);
            let are_alike = shapes.all(|shape| shape == first);
            Shape::Array(Box::new(if are_alike { first } else { Shape::Any })).into()
        }
        NodeValue::Object(_) => object(value, resolve),
    }
}

fn object(value: &Node<'_>, resolve: Resolve<'_>) -> Member {
    if let Some(name) = tag(value) {
        let has_more = matches!(&value.value, NodeValue::Object(members) if members.len() > 1);
        let member = named(name, resolve);
        if member.shape != Shape::Any || !has_more {
            return member;
        }
    }
    let members = members(value, resolve);
    if members.list.is_empty() {
        return Shape::Object.into();
    }
    Shape::Struct(members).into()
}

/// The members that an object declares, without annotations.
pub(super) fn members(value: &Node<'_>, resolve: Resolve<'_>) -> Members {
    let mut members = Members::default();
    let NodeValue::Object(list) = &value.value else {
        return members;
    };
    for member in list {
        if is_ellipsis(&member.key) || is_annotation(&member.key) {
            members.is_open |= is_ellipsis(&member.key);
            continue;
        }
        let declared = declared(&member.value, resolve);
        members
            .list
            .insert(member.key.clone().into_owned(), declared);
    }
    members
}

/// The value of an object's `@odata.type`.
pub(super) fn tag<'n>(value: &'n Node<'_>) -> Option<&'n str> {
    let NodeValue::Object(members) = &value.value else {
        return None;
    };
    members
        .iter()
        .find_map(|member| match (&*member.key, &member.value.value) {
            (TAG, NodeValue::String(name)) => Some(&**name),
            _ => None,
        })
}

/// The member with an object's type (`OData` JSON Format 4.01, section 4.6.3).
pub(crate) const TAG: &str = "@odata.type";

/// Whether a member is an annotation (`OData` JSON Format 4.01, section 4.6).
/// Annotations are always allowed and never required.
pub(crate) fn is_annotation(key: &str) -> bool {
    key.contains('@')
}

/// Whether a text is an ellipsis: a placeholder for more members or values.
pub(crate) fn is_ellipsis(text: &str) -> bool {
    // The first character rules most texts out.
    text.starts_with(|c: char| matches!(c, '.' | '…') || c.is_whitespace())
        && matches!(text.trim(), "..." | "…")
}

/// Whether a value is an ellipsis.
pub(crate) fn is_ellipsis_node(value: &Node<'_>) -> bool {
    matches!(&value.value, NodeValue::String(text) if is_ellipsis(text))
}

/// Whether a key of a documented object stands for any number of members:
/// `...`, `<name>` or `{name}`.
pub(crate) fn is_any_key(key: &str) -> bool {
    let encloses = |opening, closing| key.starts_with(opening) && key.ends_with(closing);
    is_ellipsis(key) || (key.len() > 2 && (encloses('<', '>') || encloses('{', '}')))
}

/// Whether a documented string only stands for a value of the declared type:
/// `<id>`, `/items/{id}`, `https://…`, or a type name.
pub(super) fn stands_for_value(text: &str) -> bool {
    has_placeholder(text) || named(text, &|_| None).shape != Shape::Any
}

/// Whether a part of a text is a placeholder or an ellipsis.
pub(super) fn has_placeholder(text: &str) -> bool {
    let encloses = |opening, closing| {
        text.split_once(opening)
            .is_some_and(|(_, rest)| rest.contains(closing))
    };
    encloses('<', '>') || encloses('{', '}') || text.contains("...") || text.contains('…')
}

/// Whether a text is a placeholder for a value: `<id>`, `/items/{id}`,
/// `id-value`, `e5a1d9d3-xxxx`, `https://…`, `YYYY-MM-DD`, or a type name.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let is_layout = |c: char| "YMDHSTZymdhs-:. ".contains(c);
    stands_for_value(text)
        || text.ends_with("-value")
        || ["xx", "XX"].iter().any(|elided| text.contains(elided))
        || (text.len() > 7 && text.chars().all(is_layout))
}

/// The member that a text such as `string (optional)` declares.
pub(crate) fn named(text: &str, resolve: Resolve<'_>) -> Member {
    let text = text.trim();
    if text.contains('|') {
        return alternatives(text);
    }
    if let Some(element) = collection_of(text) {
        return Shape::Array(Box::new(named(element, resolve).shape)).into();
    }
    let lower = text.to_ascii_lowercase();
    let mut words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut take = |wanted: &str| {
        let before = words.len();
        words.retain(|word| *word != wanted);
        words.len() < before
    };
    let is_optional = take("optional");
    let is_nullable = take("nullable");
    let shape = match words.as_slice() {
        // In lower case, the word is a value more often than `Edm.Single`.
        ["single"] if text == "single" => Some(Shape::Any),
        // A type named `Json` in any namespace is any value.
        [word] if word.rsplit('.').next() == Some("json") => Some(Shape::Any),
        [word] => primitive(word),
        [word, qualifiers @ ..] if lower.contains('(') => {
            primitive(word).map(|shape| qualified(shape, qualifiers))
        }
        _ => None,
    };
    let type_name = text.strip_prefix("@odata.type:").unwrap_or(text);
    Member {
        shape: shape
            .or_else(|| resolve(type_name).map(Shape::Named))
            .unwrap_or(Shape::Any),
        is_nullable,
        is_optional,
    }
}

/// The element type of `Collection(…)`.
pub(super) fn collection_of(text: &str) -> Option<&str> {
    const OPENING: &str = "collection(";
    let text = text.trim().trim_start_matches('#');
    let opening = text.get(..OPENING.len())?;
    let element = text[OPENING.len()..].strip_suffix(')')?;
    opening
        .eq_ignore_ascii_case(OPENING)
        .then_some(element.trim())
}

/// The primitive type with this lower-case name: those of `OData`, and the
/// names that pages use for them.
fn primitive(word: &str) -> Option<Shape> {
    Some(match word.strip_prefix("edm.").unwrap_or(word) {
        "string" | "binary" | "base64" | "timeofday" => Shape::String(None),
        "duration" => Shape::String(Some(Format::Duration)),
        "boolean" | "bool" => Shape::Boolean,
        "int" | "int16" | "int32" | "integer" | "byte" | "sbyte" => Shape::Integer,
        "int64" | "long" => Shape::Int64,
        "double" | "single" | "float" | "number" => Shape::Number,
        "decimal" => Shape::Decimal,
        "datetimeoffset" | "date-time" => Shape::String(Some(Format::DateTime)),
        "timestamp" => Shape::String(Some(Format::Timestamp)),
        "datetime" => Shape::String(Some(Format::LocalDateTime)),
        "date" => Shape::String(Some(Format::Date)),
        "url" | "uri" => Shape::String(Some(Format::Url)),
        "guid" | "uuid" => Shape::String(Some(Format::Guid)),
        "object" => Shape::Object,
        "array" => Shape::Array(Box::new(Shape::Any)),
        // JSON has no streams, but their media type or link.
        "any" | "stream" => Shape::Any,
        _ => return None,
    })
}

/// Adds the format in parentheses to a string: `String (timestamp)`.
fn qualified(shape: Shape, qualifiers: &[&str]) -> Shape {
    if shape != Shape::String(None) {
        return shape;
    }
    let format = match qualifiers {
        ["datetimeoffset" | "date-time"] => Some(Format::DateTime),
        ["timestamp"] => Some(Format::Timestamp),
        ["datetime"] => Some(Format::LocalDateTime),
        ["date"] => Some(Format::Date),
        ["duration"] => Some(Format::Duration),
        ["url" | "uri"] | ["http" | "https", "url"] => Some(Format::Url),
        ["guid" | "uuid"] => Some(Format::Guid),
        _ => None,
    };
    Shape::String(format)
}

/// An enumeration with more members allows any string, so that checks stay fast.
const MOST_WORDS: usize = 1000;

/// Reads `a | b | c`: the members of an enumeration, or a type with
/// alternatives, such as `string | null`.
fn alternatives(text: &str) -> Member {
    let mut words = Vec::new();
    let mut is_nullable = false;
    let mut is_open = false;
    let mut types = Vec::new();
    for word in text.split('|') {
        let word = word.trim().trim_matches(['"', '\'', '`']);
        let word = match word.split_once('(') {
            Some((word, note)) if note.trim_end_matches(')') == "default" => word.trim_end(),
            _ => word,
        };
        if word.eq_ignore_ascii_case("null") {
            is_nullable = true;
        } else if is_ellipsis(word) || word.is_empty() {
            is_open = true;
        } else if let Some(shape) = primitive(&word.to_ascii_lowercase()) {
            types.push(shape);
            words.push(word);
        } else {
            words.push(word);
        }
    }
    let is_word = |word: &&str| {
        word.chars()
            .all(|c| c.is_alphanumeric() || "_-.+:/".contains(c))
    };
    // `true | false` are booleans or strings.
    let is_literal = |word: &&str| matches!(*word, "true" | "false") || word.parse::<f64>().is_ok();
    let shape = match types.as_slice() {
        [] if !words.is_empty() && words.iter().all(is_literal) => Shape::Any,
        [] if words.iter().all(is_word) && (2..=MOST_WORDS).contains(&words.len()) && !is_open => {
            Shape::Enum(words.iter().map(|word| (*word).to_owned()).collect())
        }
        [] if words.iter().all(is_word) => Shape::String(None),
        [only] if words.len() == 1 => only.clone(),
        // `date | url` are two types or two strings.
        _ => Shape::Any,
    };
    Member {
        shape,
        is_nullable,
        is_optional: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Shape) {
        let node = json::read(text).expect("readable");
        let known = |name: &str| (name == "example.user").then_some(TypeId(7));
        assert_eq!(&declared(&node, &known).shape, expected, "{text}");
    }

    #[test]
    fn reads_type_names() {
        for text in ["String", "string (identifier)", "Edm.String"] {
            check(&format!("{text:?}"), &Shape::String(None));
        }
        check("\"Int32\"", &Shape::Integer);
        check("\"Edm.Int64\"", &Shape::Int64);
        check("\"Decimal\"", &Shape::Decimal);
        check("\"Double\"", &Shape::Number);
        check("1", &Shape::Number);
        check("false", &Shape::Boolean);
        check("\"json\"", &Shape::Any);
        for (text, format) in [
            ("String (timestamp)", Format::Timestamp),
            ("DateTimeOffset", Format::DateTime),
            ("datetime", Format::LocalDateTime),
            ("Date", Format::Date),
            ("Edm.Duration", Format::Duration),
            ("String(duration)", Format::Duration),
            ("string (HTTPS Url)", Format::Url),
            ("url", Format::Url),
            ("Guid (identifier)", Format::Guid),
        ] {
            check(&format!("{text:?}"), &Shape::String(Some(format)));
        }
    }

    #[test]
    fn unknown_declarations_allow_any_value() {
        for text in [
            "\"Lunch\"",
            "\"example.other\"",
            "\"relative url\"",
            "\"a b | c d\"",
            "\"string | number\"",
            "\"true | false\"",
            "\"0 | 1.5\"",
            "null",
            "{\"@odata.type\": \"example.other\"}",
        ] {
            check(text, &Shape::Any);
        }
    }

    #[test]
    fn reads_enumerations() {
        let members = |words: &[&str]| Shape::Enum(words.iter().map(|w| (*w).to_owned()).collect());
        check("\"a | b|c\"", &members(&["a", "b", "c"]));
        check(
            "\"fail (default) | replace\"",
            &members(&["fail", "replace"]),
        );
        check("\"a | b | ...\"", &Shape::String(None));
        let node = json::read("\"string | null\"").expect("readable");
        let member = declared(&node, &|_| None);
        assert_eq!(
            (member.shape, member.is_nullable),
            (Shape::String(None), true)
        );
    }

    #[test]
    fn reads_objects_and_arrays() {
        check("{}", &Shape::Object);
        check(
            "{\"@odata.type\": \"example.user\"}",
            &Shape::Named(TypeId(7)),
        );
        check("{\"@odata.type\": \"Edm.String\"}", &Shape::String(None));
        let users = Shape::Array(Box::new(Shape::Named(TypeId(7))));
        check("[{\"@odata.type\": \"example.user\"}]", &users);
        check("\"Collection(example.user)\"", &users);
        check(
            "[\"guid\", \"...\"]",
            &Shape::Array(Box::new(Shape::String(Some(Format::Guid)))),
        );
        check("[\"a\", 1]", &Shape::Array(Box::new(Shape::Any)));
        check("[]", &Shape::Array(Box::new(Shape::Any)));
        let list = HashMap::from([("a".to_owned(), Shape::Boolean.into())]);
        let closed = Members {
            list: list.clone(),
            is_open: false,
        };
        check(
            "{\"a\": true, \"@odata.id\": \"string\"}",
            &Shape::Struct(closed),
        );
        let open = Members {
            list,
            is_open: true,
        };
        check("{\"a\": true, \"...\": \"\"}", &Shape::Struct(open));
    }

    #[test]
    fn reads_optional_and_nullable() {
        let optional = named("string (optional)", &|_| None);
        assert!(optional.is_optional && !optional.is_nullable);
        let nullable = named("Int32 (nullable)", &|_| None);
        assert!(!nullable.is_optional && nullable.is_nullable);
        assert_eq!(nullable.shape, Shape::Integer);
        let neither = named("string", &|_| None);
        assert!(!neither.is_optional && !neither.is_nullable);
    }
}
