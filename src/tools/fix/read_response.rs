//! Converts an actual response to what its page should document.

use std::mem::discriminant;
use std::ops::Range;

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath, PathElement};

use super::change::{Observed, contains_credential};
use crate::check::types::{MOST, Mode, ShapeKind, Types, is_ellipsis};
use crate::http::message::{ActualResponse, Content};
use crate::http::status::Status;
use crate::json::edit::{self, Change, To};
use crate::json::{self, Node, NodeValue};
use crate::page::case::Case;
use crate::run::compare::{Difference, DifferenceKind, Member, compare_body};

/// Maximum size of a value that is written into a page, in bytes.
const MAX_LENGTH: usize = 8 << 10;

/// Converts the response to a case. The body is compared as if the page
/// documented the actual status and media type, because the fix will write
/// them.
pub(crate) fn read_response(
    case: &Case,
    actual: &ActualResponse,
    types: &Types,
    mode: Option<Mode>,
) -> Observed {
    let observed = Observed {
        status: actual.status,
        headers: actual.headers.clone(),
        ..Observed::default()
    };
    let (Some(response), Some(mode)) = (&case.response, mode) else {
        return observed;
    };
    let mut documented = response.message.clone();
    documented.status = Status::Code(actual.status);
    for header in &mut documented.headers.0 {
        if header.name.eq_ignore_ascii_case("content-type")
            && let Some(value) = actual.headers.get("content-type")
        {
            value.clone_into(&mut header.value);
        }
    }
    let (differences, _) = compare_body(case, &documented, actual, types, mode);
    let shown = documented.body.clone().unwrap_or_default();
    let (mut observed, claimed) = members(observed, actual, &shown, &differences);
    let again = |body: String| {
        let mut case = case.clone();
        documented.body = Some(body);
        if let Some(response) = &mut case.response {
            response.message = documented.clone();
        }
        compare_body(&case, &documented, actual, types, mode).0
    };
    if let Err(why) = check_edited(&shown, &observed.members, &claimed, &differences, again) {
        observed.members.clear();
        observed.refused.push(why);
    }
    observed
}

/// Adds the changes of the members that differ. Also returns the paths of these
/// members.
fn members<'d>(
    mut observed: Observed,
    actual: &ActualResponse,
    shown: &str,
    differences: &'d [Difference],
) -> (Observed, Vec<&'d str>) {
    let body: Option<Value> = match &actual.body {
        Content::Whole(body) => json::read_strict(body).ok().map(|node| node.to_value()),
        _ => None,
    };
    let shown = json::read(shown).ok();
    let shown = shown.as_ref().map(|node| (node, node.to_value()));
    let mut claimed = Vec::new();
    for difference in differences {
        let (DifferenceKind::Body(kind), Some(member)) = (difference.kind, &difference.member)
        else {
            continue;
        };
        let shown = shown.as_ref().map(|(node, value)| (*node, value));
        match changes(kind, member, shown, body.as_ref()) {
            Ok(None) => {}
            Ok(Some(changes)) => {
                claimed.push(member.path.as_str());
                observed.members.extend(changes);
            }
            Err(why) => observed.refused.push(format!("`{}`: {why}", member.path)),
        }
    }
    (observed, claimed)
}

/// The reason if a path matches nothing in the documented body.
const NOT_SHOWN: &str = "the page shows no value to replace";

/// Returns the changes at a path, for each match in the documented body, or
/// `None` if nothing changes.
fn changes(
    kind: ShapeKind,
    member: &Member,
    shown: Option<(&Node<'_>, &Value)>,
    body: Option<&Value>,
) -> Result<Option<Vec<Change>>, &'static str> {
    // Undocumented members are not added.
    if matches!(
        kind,
        ShapeKind::UndocumentedProperty | ShapeKind::UnknownResource
    ) {
        return Ok(None);
    }
    let body = body.ok_or("the response body is not valid JSON")?;
    let (node, documented) = shown.filter(|_| member.place.is_some()).ok_or(NOT_SHOWN)?;
    let path = JsonPath::parse(&member.path).map_err(|_| "its path is too long")?;
    let found = path.query(body).all();
    let is_missing = kind == ShapeKind::MissingProperty;
    if is_missing && !found.is_empty() {
        return Err("only some of the actual elements have it");
    }
    if !is_missing && found.is_empty() {
        return Err("it is missing in the response body");
    }
    let is_unlike = |pair: &[&Value]| discriminant(pair[0]) != discriminant(pair[1]);
    if kind != ShapeKind::Value && found.windows(2).any(is_unlike) {
        return Err("the actual elements have different types");
    }
    let mut changes = Vec::new();
    for place in path.query_located(documented).iter() {
        let (range, value) = locate(node, place.location())?;
        // An ellipsis documents no value.
        if kind != ShapeKind::Value && place.node().as_str().is_some_and(is_ellipsis) {
            continue;
        }
        if is_missing {
            let to = To::Nothing;
            changes.push(Change { range, to });
            continue;
        }
        let Some(actual_value) = body.pointer(&place.location().to_json_pointer()) else {
            if is_replaced(documented, body, place.location()) {
                continue;
            }
            return Err("the response body has nothing in its place; edit it by hand");
        };
        if actual_value != place.node() {
            let to = To::Value(writable(actual_value)?);
            changes.push(Change { range: value, to });
        }
    }
    if changes.is_empty() {
        return Err(NOT_SHOWN);
    }
    Ok(Some(changes))
}

/// Whether a value that contains a location has another type in the response, so
/// that a change replaces all of it.
fn is_replaced(documented: &Value, body: &Value, location: &NormalizedPath<'_>) -> bool {
    let (mut documented, mut body) = (documented, body);
    for step in location.iter() {
        let next = match step {
            PathElement::Name(name) => (documented.get(name), body.get(name)),
            PathElement::Index(index) => (documented.get(index), body.get(index)),
        };
        let (Some(shown), Some(sent)) = next else {
            return false;
        };
        if discriminant(shown) != discriminant(sent) {
            return true;
        }
        (documented, body) = (shown, sent);
    }
    false
}

/// Returns an actual value, if it may be written.
fn writable(value: &Value) -> Result<Value, &'static str> {
    let text = value.to_string();
    if text.len() > MAX_LENGTH {
        return Err("the actual value is too long to write");
    }
    if contains_credential(&text) {
        return Err("the actual value contains a secret");
    }
    Ok(value.clone())
}

/// The byte ranges at a location of the documented body: of the whole member or
/// element, and of its value.
fn locate(
    root: &Node<'_>,
    location: &NormalizedPath<'_>,
) -> Result<(Range<usize>, Range<usize>), &'static str> {
    let mut node = root;
    let mut whole = root.range.clone();
    for step in location.iter() {
        match (step, &node.value) {
            (PathElement::Name(name), NodeValue::Object(members)) => {
                let mut named = members.iter().filter(|member| member.key == *name);
                let member = named.next().ok_or(NOT_SHOWN)?;
                if named.next().is_some() {
                    return Err("its path has a duplicate key on the page; \
                                edit it by hand");
                }
                node = &member.value;
                whole = member.key_range.start..node.range.end;
            }
            (PathElement::Index(index), NodeValue::Array(elements)) => {
                node = elements.get(*index).ok_or(NOT_SHOWN)?;
                whole = node.range.clone();
            }
            _ => return Err(NOT_SHOWN),
        }
    }
    Ok((whole, node.range.clone()))
}

fn path_of(difference: &Difference) -> Option<&str> {
    let member = difference.member.as_ref();
    member.map(|member| member.path.as_str())
}

/// Checks that the documented body is valid JSON after the changes, and that it
/// matches the response at the changed paths.
fn check_edited(
    shown: &str,
    members: &[Change],
    claimed: &[&str],
    before: &[Difference],
    again: impl FnOnce(String) -> Vec<Difference>,
) -> Result<(), String> {
    if members.is_empty() {
        return Ok(());
    }
    let body = edit::apply(shown, &edit::edits(shown, members)?);
    if json::read(&body).is_err() {
        return Err("the edited body would not be valid JSON; edit it by hand".to_owned());
    }
    for difference in again(body) {
        let path = path_of(&difference).unwrap_or("$");
        let is_within = |claim: &&str| {
            let rest = path.strip_prefix(*claim);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        // If the maximum number of differences was listed, others may have been
        // hidden.
        let is_new = before.len() < MOST
            && !before.iter().any(|known| {
                known.kind == difference.kind && path_of(known).unwrap_or("$") == path
            });
        if claimed.iter().any(is_within) || is_new {
            return Err(format!(
                "the edited body would still differ at `{path}`; \
                 edit it by hand"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Checks the changed body where a response differs at a path.
    #[track_caller]
    fn check(kind: ShapeKind, path: &str, shown: &str, body: &str, expected: Result<&str, &str>) {
        let difference = Difference {
            member: Some(Member {
                path: path.to_owned(),
                place: Some(3..5),
            }),
            ..Difference::new(DifferenceKind::Body(kind), "", None)
        };
        let actual = ActualResponse {
            status: 200,
            body: Content::Whole(body.as_bytes().to_vec()),
            ..ActualResponse::default()
        };
        let differences = [difference];
        let (observed, claimed) = members(Observed::default(), &actual, shown, &differences);
        let edits = edit::edits(shown, &observed.members).expect("edits");
        let written = edit::apply(shown, &edits);
        match expected {
            Ok(expected) => {
                assert_eq!(observed.refused, [""; 0]);
                assert_eq!(claimed.is_empty(), written == shown);
                assert_eq!(written, expected);
            }
            Err(why) => {
                assert_eq!(observed.members, []);
                assert!(observed.refused[0].contains(why), "{:?}", observed.refused);
            }
        }
    }

    #[test]
    fn writes_the_actual_value_at_a_path() {
        let check = |path: &str, shown: &str, body: &str, expected: Result<&str, &str>| {
            check(ShapeKind::TypeMismatch, path, shown, body, expected);
        };
        check(
            "$.a['b c'][1]",
            r#"{"a": {"b c": [1, true]}}"#,
            r#"{"a": {"b c": [1, 2]}}"#,
            Ok(r#"{"a": {"b c": [1, 2]}}"#),
        );
        check("$.a", r#"{"a": 1}"#, "{", Err("not valid JSON"));
        check(
            "$.b",
            r#"{"b": 1}"#,
            "{}",
            Err("is missing in the response body"),
        );
        check("$.b", "{}", r#"{"b": 1}"#, Err("shows no value"));
        let secret = r#"{"a": "x [secret:KEY]"}"#;
        check("$.a", r#"{"a": 1}"#, secret, Err("a secret"));
        let token = r#"{"a": "x eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."}"#;
        check("$.a", r#"{"a": 1}"#, token, Err("a secret"));
        let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(MAX_LENGTH));
        check("$.a", r#"{"a": 1}"#, &long, Err("too long"));
    }

    #[test]
    fn skips_a_value_whose_parent_has_another_type() {
        check(
            ShapeKind::TypeMismatch,
            "$[*][*]",
            "[[true], [true]]",
            "[null, [0]]",
            Ok("[[true], [0]]"),
        );
    }

    #[test]
    fn writes_elements_by_index() {
        let check = |shown: &str, body: &str, expected: Result<&str, &str>| {
            check(ShapeKind::TypeMismatch, "$[*].a", shown, body, expected);
        };
        let shown = r#"[{ "a": 1 }, { "a": [2] }]"#;
        check(
            shown,
            r#"[{"a": "x"}, {"a": "y"}, {"a": "z"}]"#,
            Ok(r#"[{ "a": "x" }, { "a": "y" }]"#),
        );
        check(shown, r#"[{"a": "x"}, {"a": 1}]"#, Err("different types"));
        check(shown, r#"[{"a": "x"}]"#, Err("nothing in its place"));
        check(
            r#"[{"a": 1}, {"a": "…"}]"#,
            r#"[{"a": true}, {"a": false}]"#,
            Ok(r#"[{"a": true}, {"a": "…"}]"#),
        );
    }

    #[test]
    fn refuses_duplicate_keys() {
        let actual_value = r#"{"a": {"b": "x"}}"#;
        let check = |shown: &str, expected: Result<&str, &str>| {
            check(
                ShapeKind::TypeMismatch,
                "$.a.b",
                shown,
                actual_value,
                expected,
            );
        };
        check(r#"{"a": {"b": 1, "b": 2}}"#, Err("duplicate key"));
        check(r#"{"a": 1, "a": {"b": 2}}"#, Err("duplicate key"));
        check(
            r#"{"b": 1, "a": {"b": 2}}"#,
            Ok(r#"{"b": 1, "a": {"b": "x"}}"#),
        );
    }

    #[test]
    fn removes_missing_and_adds_no_undocumented_members() {
        let missing = ShapeKind::MissingProperty;
        let shown = r#"{"v": [{"a": {"b": 1}}, {"a": 2, "c": 3}]}"#;
        check(
            missing,
            "$.v[*].a",
            shown,
            r#"{"v": [{}, {}]}"#,
            Ok(r#"{"v": [{}, {"c": 3}]}"#),
        );
        check(
            missing,
            "$.v[*].a",
            shown,
            r#"{"v": [{}, {"a": 1}]}"#,
            Err("only some of the actual elements"),
        );
        let undocumented = ShapeKind::UndocumentedProperty;
        check(undocumented, "$.a", "{}", r#"{"a": 1}"#, Ok("{}"));
    }

    #[test]
    fn refuses_bodies_that_would_still_differ() {
        let change = |range, value| Change {
            range,
            to: To::Value(value),
        };
        let difference = |path: &str| Difference {
            member: Some(Member {
                path: path.to_owned(),
                place: None,
            }),
            ..Difference::new(DifferenceKind::Body(ShapeKind::TypeMismatch), "", None)
        };
        let check = |range, after: &[&str], says: Option<&str>| {
            let before = [difference("$.a"), difference("$.ab")];
            let after: Vec<Difference> = after.iter().map(|path| difference(path)).collect();
            let changes = [change(range, json!("x"))];
            let found = check_edited(r#"{"a": 1}"#, &changes, &["$.a"], &before, |_| after);
            match says {
                None => assert_eq!(found, Ok(())),
                Some(says) => assert!(found.expect_err("a refusal").contains(says)),
            }
        };
        check(6..7, &["$.ab"], None);
        check(6..7, &["$.a"], Some("still differ at `$.a`"));
        check(6..7, &["$.a[*]"], Some("at `$.a[*]`"));
        check(6..7, &["$.c"], Some("at `$.c`"));
        check(1..7, &[], Some("not be valid JSON"));
    }
}
