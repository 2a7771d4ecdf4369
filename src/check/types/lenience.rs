//! Why a right body that is changed at one place is still right: the rule that
//! lets the change through, by the same walk that judges an answer.

use super::declared::{Shape, is_annotation};
use super::example::Kinds;
use super::expectation::Expectation;
use super::finding::{At, PathStep};
use super::registry::Types;
use super::walk::{Inside, Named, Told, Walk, tag_of};
use crate::json::value::{self, Json};

/// A rule that leaves a part of an answer open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Lenience {
    /// Annotations are always allowed, never needed, and may be `null`.
    Annotation,
    /// The type or the annotation says that the member may be left out.
    Optional,
    /// The request does not ask for the member.
    NotSelected,
    /// Some objects that the page shows at the place have no such member.
    NotAlways,
    /// The type or the annotation says that the member may be `null`.
    Nullable,
    /// The page shows `null` at the place too.
    ShownNull,
    /// Nothing says what the value is.
    AnyValue,
    /// The page shows a value of the other type at the place too.
    ShownType,
    /// The resource declares the other type, whatever the page shows.
    DeclaredType,
    /// A collection may be empty where the annotation does not say otherwise.
    EmptyCollection,
    /// What no page documents is only worth a word.
    Undocumented,
}

impl Lenience {
    /// The rule in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Annotation => "annotations (`@…`) are never needed, and may be null",
            Self::Optional => {
                "its resource or annotation says that it is optional or nullable, so it may be left out"
            }
            Self::NotSelected => "the request's $select does not ask for it",
            Self::NotAlways => "not every object that the page shows there has it",
            Self::Nullable => "its resource or annotation says that it may be null",
            Self::ShownNull => "the page shows null there too",
            Self::AnyValue => {
                "no type is known of it: the page shows only null, or the resource names no type that is understood"
            }
            Self::ShownType => "the page shows a value of that type there too",
            Self::DeclaredType => "it is of the type that the resource declares",
            Self::EmptyCollection => {
                "a collection may be empty, unless the annotation says `\"isEmpty\": false`"
            }
            Self::Undocumented => "members that no page documents are only a warning",
        }
    }
}

/// What becomes of the value at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Altered<'a> {
    /// It is not there.
    Dropped,
    /// It is an array without elements.
    Emptied,
    /// It is another value, as JSON text.
    Replaced(&'a str),
}

/// The rule by which a right body stays right, by its shape, if the value at a
/// place is altered. Nothing where no rule says so.
pub(crate) fn lenience(
    body: &[u8],
    steps: &[PathStep],
    altered: Altered<'_>,
    expectation: &Expectation<'_>,
    types: &Types,
) -> Option<Lenience> {
    if altered == Altered::Emptied {
        let is_promised = match (&expectation.collection, steps) {
            (Some(_), []) => matches!(expectation.shape, Shape::Array(_)),
            (Some(member), [PathStep::Key(key)]) => member == key,
            _ => false,
        };
        let says_more = is_promised && expectation.is_empty == Some(false);
        return (!says_more).then_some(Lenience::EmptyCollection);
    }
    let json = value::read(body).ok()?;
    let mut walk = Walk::new(types, expectation);
    let told = Told::of_body(expectation);
    at(&mut walk, &json, &At::ROOT, told, steps, altered)
}

fn at<'w>(
    walk: &mut Walk<'w>,
    value: &Json<'_>,
    here: &At<'_>,
    told: Told<'w>,
    steps: &[PathStep],
    altered: Altered<'_>,
) -> Option<Lenience> {
    let (step, rest) = steps.split_first()?;
    let told = walk.typed(value, here, told)?;
    match (step, value) {
        (PathStep::Index(index), Json::Array(elements)) => {
            let element = elements.get(*index)?;
            let told = told.of_elements();
            at(walk, element, &here.index(*index), told, rest, altered)
        }
        (PathStep::Key(key), Json::Object(_)) => {
            let mut inside = walk.inside(tag_of(value), told);
            let named = walk.named(&inside, key, 0, None);
            let Some(told) = inside.told(&named) else {
                return Some(Lenience::Undocumented);
            };
            let there = here.key(key);
            if rest.is_empty() {
                return of_member(walk, &there, key, (&inside, &named, told), altered);
            }
            at(walk, value.get(key)?, &there, told, rest, altered)
        }
        _ => None,
    }
}

fn of_member<'w>(
    walk: &mut Walk<'w>,
    there: &At<'_>,
    key: &str,
    (inside, named, told): (&Inside<'w>, &Named<'_, 'w>, Told<'w>),
    altered: Altered<'_>,
) -> Option<Lenience> {
    let shown = told.example.map_or(Kinds::NONE, |example| example.kinds);
    let value = match altered {
        Altered::Dropped => return inside.example?.members.get(named.shown?)?.spared,
        Altered::Emptied => return Some(Lenience::EmptyCollection),
        Altered::Replaced(text) => value::read(text.as_bytes()).ok()?,
    };
    if value == Json::Null {
        let is_free = named
            .member
            .is_some_and(|member| member.shape == Shape::Any && !member.is_nullable);
        return if is_annotation(key) {
            Some(Lenience::Annotation)
        } else if named.is_nullable && !is_free {
            Some(Lenience::Nullable)
        } else if shown.has(Kinds::NULL) {
            Some(Lenience::ShownNull)
        } else {
            let says_nothing = *told.shape == Shape::Any && shown == Kinds::NONE;
            (is_free || says_nothing).then_some(Lenience::AnyValue)
        };
    }
    walk.typed(&value, there, told)?;
    let kind = Kinds::of(&value);
    Some(if *told.shape == Shape::Any && !shown.says_type() {
        Lenience::AnyValue
    } else if shown.has(kind) {
        Lenience::ShownType
    } else {
        Lenience::DeclaredType
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::check::types::tests::types;
    use crate::check::types::{Against, Mode, check as check_body};

    const PAGE: &str = r#"{"value": [
        {"name": "x", "age": 1, "@odata.id": "y", "other": null},
        {"name": "x", "age": 1, "other": null, "more": 1}]}"#;

    /// The rule that lets a change of `PAGE` through. It is named just where the
    /// changed body is right.
    #[track_caller]
    fn check(path: &[&str], altered: Altered<'_>, body: &str, expected: Option<Lenience>) {
        let types = types();
        let keys: Map<_, _> = json!({"isCollection": true, "nullableProperties": ["age"]})
            .as_object()
            .expect("an object")
            .clone();
        let expectation = Expectation::new(&keys, Some(PAGE), "/a", Against::Page, &types);
        let steps: Vec<PathStep> = path
            .iter()
            .map(|step| match step.parse() {
                Ok(index) => PathStep::Index(index),
                Err(_) => PathStep::Key((*step).to_owned()),
            })
            .collect();
        let found = lenience(PAGE.as_bytes(), &steps, altered, &expectation, &types);
        assert_eq!(found, expected);
        let wrong = check_body(body.as_bytes(), &expectation, &types, Mode::Shape);
        let is_right = wrong.list.is_empty();
        assert_eq!(is_right, expected.is_some(), "{body}: {wrong:?}");
    }

    fn with(old: &str, new: &str) -> String {
        assert!(PAGE.contains(old), "{old}");
        PAGE.replacen(old, new, 1)
    }

    #[test]
    fn what_a_member_may_be_has_its_rule() {
        let member = |key| ["value", "0", key];
        let null = Altered::Replaced("null");
        check(
            &member("name"),
            null,
            &with("\"name\": \"x\"", "\"name\": null"),
            None,
        );
        check(
            &member("name"),
            Altered::Replaced("7"),
            &with("\"name\": \"x\"", "\"name\": 7"),
            None,
        );
        check(
            &member("age"),
            null,
            &with("\"age\": 1", "\"age\": null"),
            Some(Lenience::Nullable),
        );
        check(
            &member("@odata.id"),
            null,
            &with("\"y\"", "null"),
            Some(Lenience::Annotation),
        );
        check(
            &member("other"),
            Altered::Replaced("[[]]"),
            &with("\"other\": null", "\"other\": [[]]"),
            Some(Lenience::AnyValue),
        );
    }

    #[test]
    fn what_a_member_need_not_be_there_for_has_its_rule() {
        let member = |element, key| ["value", element, key];
        let dropped = Altered::Dropped;
        check(
            &member("0", "name"),
            dropped,
            &with("\"name\": \"x\", ", ""),
            None,
        );
        check(
            &member("0", "age"),
            dropped,
            &with("\"age\": 1, ", ""),
            Some(Lenience::Optional),
        );
        check(
            &member("0", "@odata.id"),
            dropped,
            &with("\"@odata.id\": \"y\", ", ""),
            Some(Lenience::Annotation),
        );
        check(
            &member("1", "more"),
            dropped,
            &with(", \"more\": 1", ""),
            Some(Lenience::NotAlways),
        );
    }

    #[test]
    fn a_collection_may_be_empty() {
        check(
            &["value"],
            Altered::Emptied,
            "{\"value\": []}",
            Some(Lenience::EmptyCollection),
        );
    }
}
