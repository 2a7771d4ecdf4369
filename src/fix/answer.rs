//! A live answer as what a page has to say.

use std::ops::Range;

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Change, Observed, To};
use crate::case::Case;
use crate::compare::{Difference, DifferenceKind, Member, compare_body};
use crate::extract::tree::{self, Node, NodeValue};
use crate::message::{Answer, Content};
use crate::observation::holds_token;
use crate::schema::{Mode, ShapeKind, Types};

/// The longest value that is written into a page, in bytes.
const LONGEST: usize = 8 << 10;

/// What a page has to say, by an answer to one of its cases. Its body is
/// compared as if the page had the status and the media type that came: it will
/// have them.
pub fn read_answer(case: &Case, answer: &Answer, types: &Types, mode: Option<Mode>) -> Observed {
    let observed = Observed {
        status: answer.status,
        headers: answer.headers.clone(),
        ..Observed::default()
    };
    let (Some(response), Some(mode)) = (&case.response, mode) else {
        return observed;
    };
    let mut documented = response.message.clone();
    documented.status = answer.status;
    for header in &mut documented.headers.0 {
        if header.name.eq_ignore_ascii_case("content-type")
            && let Some(came) = answer.headers.get("content-type")
        {
            came.clone_into(&mut header.value);
        }
    }
    let (differences, _) = compare_body(case, &documented, answer, types, mode);
    let shown = documented.body.as_deref().unwrap_or_default();
    members(observed, answer, shown, &differences)
}

/// Adds what has to become of the members that differ.
fn members(
    mut observed: Observed,
    answer: &Answer,
    shown: &str,
    differences: &[Difference],
) -> Observed {
    let body: Option<Value> = match &answer.body {
        Content::Whole(body) => serde_json::from_slice(body).ok(),
        _ => None,
    };
    let shown = tree::read(shown).ok();
    for difference in differences {
        let (DifferenceKind::Body(kind), Some(member)) = (difference.kind, &difference.member)
        else {
            continue;
        };
        match change(kind, member, shown.as_ref(), body.as_ref()) {
            Ok(change) => observed.members.extend(change),
            Err(why) => observed.refused.push(format!("`{}`: {why}", member.path)),
        }
    }
    observed
}

/// What becomes of a member, if anything does.
fn change(
    kind: ShapeKind,
    member: &Member,
    shown: Option<&Node<'_>>,
    body: Option<&Value>,
) -> Result<Option<Change>, &'static str> {
    // Nothing is added that is not documented.
    if matches!(
        kind,
        ShapeKind::UndocumentedProperty | ShapeKind::UnknownResource
    ) {
        return Ok(None);
    }
    let body = body.ok_or("what came is no JSON")?;
    let range = member
        .place
        .clone()
        .ok_or("the page shows no value here that could be another")?;
    let path = JsonPath::parse(&member.path).map_err(|_| "its path is too long")?;
    let found = path.query(body).all();
    if kind == ShapeKind::MissingProperty {
        if !found.is_empty() {
            return Err("some of the elements that came have it, and some have not");
        }
        let to = To::Nothing;
        return Ok(Some(Change { range, to }));
    }
    let (first, rest) = found
        .split_first()
        .ok_or("it cannot be found in what came")?;
    let kind_of = |value: &Value| std::mem::discriminant(value);
    if rest.iter().any(|other| kind_of(other) != kind_of(first)) {
        return Err("the elements that came are not alike");
    }
    let text = first.to_string();
    if text.len() > LONGEST {
        return Err("what came is too long to be written");
    }
    if holds_token(&text) {
        return Err("what came holds a secret");
    }
    let range = shown
        .and_then(|shown| value_of(shown, &range))
        .unwrap_or(range);
    let to = To::Value((*first).clone());
    Ok(Some(Change { range, to }))
}

/// The bytes of the value, where a range is that of a whole member.
fn value_of(shown: &Node<'_>, range: &Range<usize>) -> Option<Range<usize>> {
    let within = |node: &Node<'_>| node.range.start <= range.start && range.end <= node.range.end;
    match &shown.value {
        NodeValue::Array(elements) => {
            let element = elements.iter().find(|element| within(element))?;
            value_of(element, range)
        }
        NodeValue::Object(members) => members.iter().find_map(|member| {
            let value = &member.value;
            if member.key_range.start == range.start && value.range.end == range.end {
                Some(value.range.clone())
            } else if within(value) {
                value_of(value, range)
            } else {
                None
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: ShapeKind, path: &str, body: &str, expected: Result<Option<To>, &str>) {
        let difference = Difference {
            member: Some(Member {
                path: path.to_owned(),
                place: Some(3..5),
            }),
            ..Difference::new(DifferenceKind::Body(kind), "", None)
        };
        let answer = Answer {
            status: 200,
            body: Content::Whole(body.as_bytes().to_vec()),
            ..Answer::default()
        };
        let observed = members(Observed::default(), &answer, "", &[difference]);
        match expected {
            Ok(to) => {
                assert_eq!(observed.refused, [""; 0]);
                let found: Vec<To> = observed.members.into_iter().map(|one| one.to).collect();
                assert_eq!(found, Vec::from_iter(to));
            }
            Err(why) => {
                assert_eq!(observed.members, []);
                assert!(observed.refused[0].contains(why), "{:?}", observed.refused);
            }
        }
    }

    #[test]
    fn what_came_at_the_path_is_written() {
        let mismatch = ShapeKind::TypeMismatch;
        let to = |value| Ok(Some(To::Value(value)));
        check(
            mismatch,
            "$.a['b c'][1]",
            r#"{"a": {"b c": [1, 2]}}"#,
            to(json!(2)),
        );
        check(
            mismatch,
            "$.v[*].a",
            r#"{"v": [{"a": 1}, {"a": 2}]}"#,
            to(json!(1)),
        );
        check(
            mismatch,
            "$.v[*].a",
            r#"{"v": [{"a": 1}, {"a": ""}]}"#,
            Err("not alike"),
        );
        check(mismatch, "$.a", "{", Err("no JSON"));
        check(mismatch, "$.b", "{}", Err("cannot be found"));
        check(
            mismatch,
            "$.a",
            r#"{"a": "x [secret:KEY]"}"#,
            Err("a secret"),
        );
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(LONGEST));
        check(mismatch, "$.a", &long, Err("too long"));
    }

    #[test]
    fn what_did_not_come_goes_and_what_is_not_documented_stays_out() {
        let missing = ShapeKind::MissingProperty;
        check(
            missing,
            "$.v[*].a",
            r#"{"v": [{}, {}]}"#,
            Ok(Some(To::Nothing)),
        );
        check(
            missing,
            "$.v[*].a",
            r#"{"v": [{}, {"a": 1}]}"#,
            Err("some of the elements"),
        );
        check(
            ShapeKind::UndocumentedProperty,
            "$.a",
            r#"{"a": 1}"#,
            Ok(None),
        );
    }

    #[test]
    fn the_value_of_a_member_is_found() {
        let text = r#"{"a": [{"b" : {"c": 1}}, 2]}"#;
        let shown = tree::read(text).expect("JSON");
        let find = |part: &str| {
            let start = text.find(part).expect("the part");
            let found = value_of(&shown, &(start..start + part.len()));
            found.map(|range| &text[range])
        };
        assert_eq!(find(r#""b" : {"c": 1}"#), Some(r#"{"c": 1}"#));
        assert_eq!(find(r#""c": 1"#), Some("1"));
        assert_eq!(find("2"), None);
        assert_eq!(find(text), None);
    }
}
