//! Finds the rule that allows a change of a conforming body, with the same walk
//! that checks bodies.

use super::declared::{Shape, is_annotation};
use super::expectation::Expectation;
use super::finding::{At, PathStep};
use super::registry::Types;
use super::rule::Allowance;
use super::walk::{MemberSpec, ObjectSpec, Spec, Walk, tag_of};
use crate::json::{self, Kinds, Node, NodeValue};

/// A change of the value at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Altered<'a> {
    /// The value is removed.
    Dropped,
    /// The elements of the array are removed.
    Emptied,
    /// The value is replaced by this JSON text.
    Replaced(&'a str),
}

/// The rule by which a body with the right shape keeps it when a value is
/// altered; `None` if the change is not allowed.
pub(crate) fn allowance(
    body: &[u8],
    steps: &[PathStep],
    altered: Altered<'_>,
    expectation: &Expectation<'_>,
    types: &Types,
) -> Option<Allowance> {
    if altered == Altered::Emptied {
        let is_documented = match (&expectation.collection, steps) {
            (Some(_), []) => matches!(expectation.shape, Shape::Array(_)),
            (Some(member), [PathStep::Key(key)]) => member == key,
            _ => false,
        };
        let is_forbidden = is_documented && expectation.is_empty == Some(false);
        return (!is_forbidden).then_some(Allowance::EmptyCollection);
    }
    let body = json::read_strict(body).ok()?;
    let mut walk = Walk::new(types, expectation);
    let spec = Spec::of_body(expectation);
    at(&mut walk, &body, &At::ROOT, spec, steps, altered)
}

fn at<'w>(
    walk: &mut Walk<'w>,
    value: &Node<'_>,
    here: &At<'_>,
    spec: Spec<'w>,
    steps: &[PathStep],
    altered: Altered<'_>,
) -> Option<Allowance> {
    let (step, rest) = steps.split_first()?;
    let spec = walk.typed(value, here, spec)?;
    match (step, &value.value) {
        (PathStep::Index(index), NodeValue::Array(elements)) => {
            let element = elements.get(*index)?;
            let spec = spec.of_elements();
            at(walk, element, &here.index(*index), spec, rest, altered)
        }
        (PathStep::Key(key), NodeValue::Object(_)) => {
            let mut object_spec = walk.object_spec(tag_of(value), spec);
            let member_spec = walk.member_spec(&object_spec, key, 0, None);
            let Some(spec) = object_spec.spec_of(&member_spec) else {
                return Some(Allowance::Undocumented);
            };
            let there = here.key(key);
            if rest.is_empty() {
                return of_member(
                    walk,
                    &there,
                    key,
                    (&object_spec, &member_spec, spec),
                    altered,
                );
            }
            at(walk, value.get(key)?, &there, spec, rest, altered)
        }
        _ => None,
    }
}

fn of_member<'w>(
    walk: &mut Walk<'w>,
    there: &At<'_>,
    key: &str,
    (object_spec, member_spec, spec): (&ObjectSpec<'w>, &MemberSpec<'_, 'w>, Spec<'w>),
    altered: Altered<'_>,
) -> Option<Allowance> {
    let shown = spec.example.map_or(Kinds::NONE, |example| example.kinds);
    let is_any = spec.example.is_some_and(|example| example.is_any);
    let value = match altered {
        Altered::Dropped => {
            return object_spec
                .example?
                .members
                .get(member_spec.shown?)?
                .optional_by;
        }
        Altered::Emptied => return Some(Allowance::EmptyCollection),
        Altered::Replaced(text) => json::read_strict(text.as_bytes()).ok()?,
    };
    if value.value == NodeValue::Null {
        let is_free = member_spec
            .member
            .is_some_and(|member| member.shape == Shape::Any && !member.is_nullable);
        return if is_annotation(key) {
            Some(Allowance::Annotation)
        } else if member_spec.is_nullable && !is_free {
            Some(Allowance::Nullable)
        } else if shown.has(Kinds::NULL) {
            Some(Allowance::ShownNull)
        } else {
            let is_unknown = *spec.shape == Shape::Any && (shown == Kinds::NONE || is_any);
            (is_free || is_unknown).then_some(Allowance::AnyValue)
        };
    }
    walk.typed(&value, there, spec)?;
    let kind = Kinds::of(&value);
    Some(
        if *spec.shape == Shape::Any && (!shown.has_type() || is_any) {
            Allowance::AnyValue
        } else if shown.has(kind) {
            Allowance::ShownType
        } else {
            Allowance::DeclaredType
        },
    )
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

    /// Checks the rule for a change of `PAGE`, and that there is one exactly if
    /// the changed body has the right shape.
    #[track_caller]
    fn check(path: &[&str], altered: Altered<'_>, body: &str, expected: Option<Allowance>) {
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
        let found = allowance(PAGE.as_bytes(), &steps, altered, &expectation, &types);
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
    fn finds_rules_for_other_values() {
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
            Some(Allowance::Nullable),
        );
        check(
            &member("@odata.id"),
            null,
            &with("\"y\"", "null"),
            Some(Allowance::Annotation),
        );
        check(
            &member("other"),
            Altered::Replaced("[[]]"),
            &with("\"other\": null", "\"other\": [[]]"),
            Some(Allowance::AnyValue),
        );
    }

    #[test]
    fn finds_rules_for_missing_members() {
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
            Some(Allowance::Optional),
        );
        check(
            &member("0", "@odata.id"),
            dropped,
            &with("\"@odata.id\": \"y\", ", ""),
            Some(Allowance::Annotation),
        );
        check(
            &member("1", "more"),
            dropped,
            &with(", \"more\": 1", ""),
            Some(Allowance::NotAlways),
        );
    }

    #[test]
    fn finds_the_rule_for_empty_collections() {
        check(
            &["value"],
            Altered::Emptied,
            "{\"value\": []}",
            Some(Allowance::EmptyCollection),
        );
    }
}
