//! The facts of a documented body: its members at every depth, its arrays and its
//! end. A fact that several elements of an array show is changed in the first one.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::draft::{Change, Draft, RunSettings};
use super::kind::Kind;
use super::mutant::Place;
use crate::check::types::{At, is_ellipsis, is_ellipsis_node};
use crate::json::{self, Member, Node, NodeValue};

/// The most mutants of a body. Only a malicious body needs more, and each mutant is
/// parsed as a whole.
const MOST: usize = 5_000;

/// A member that no page documents.
const EXTRA_MEMBER: &str = "docproofExtra";
/// A type that no page documents.
const UNKNOWN_TYPE: &str = "\"#docproof.unknown\"";
/// What pages write for parts that they leave out.
const ELLIPSIS: &str = "\"...\"";

/// Adds the mutants of a body. Returns the number of facts that are left out.
pub(super) fn drafts(body: &str, with_extra: bool, drafts: &mut Vec<Draft>) -> usize {
    let text = body.trim_end();
    if text.is_empty() {
        return 0;
    }
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    let mut facts = Facts {
        text,
        with_extra,
        seen: HashSet::new(),
        drafts,
        left_out: 0,
        room: MOST,
    };
    // Only a JSON body has members.
    if let Ok(root) = json::read(text) {
        if let NodeValue::Array(_) | NodeValue::Object(_) = root.value {
            let ellipsis = Change::Body(root.range.clone(), ELLIPSIS.to_owned());
            facts.push(Kind::Ellipsis, &At::ROOT, root.range.clone(), ellipsis);
        }
        facts.value(&root, &At::ROOT, "$");
    }
    let left_out = facts.left_out;
    drafts.push(Draft {
        kind: Kind::BodyCutShort,
        fact: "the body".to_owned(),
        place: Place::Body(0..text.len()),
        change: Change::Body(middle..body.len(), String::new()),
        steps: Vec::new(),
        run: RunSettings::Project,
    });
    left_out
}

struct Facts<'d, 't> {
    text: &'t str,
    with_extra: bool,
    /// The paths that were changed, with `[*]` for all indices.
    seen: HashSet<String>,
    drafts: &'d mut Vec<Draft>,
    left_out: usize,
    room: usize,
}

impl Facts<'_, '_> {
    /// `general` is the path with `[*]` for all indices.
    fn value(&mut self, node: &Node<'_>, at: &At<'_>, general: &str) {
        match &node.value {
            NodeValue::Array(elements) => {
                if !elements.is_empty() && self.seen.insert(format!("{general}[]")) {
                    let change = Change::Body(node.range.clone(), "[]".to_owned());
                    let is_list = matches!(general, "$" | "$\0value");
                    let kind = if is_list {
                        Kind::ListEmptied
                    } else {
                        Kind::ArrayEmptied
                    };
                    self.push(kind, at, node.range.clone(), change);
                }
                let general = format!("{general}[*]");
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &at.index(index), &general);
                }
            }
            NodeValue::Object(members) => {
                // Of duplicate keys the last one applies, as in most JSON parsers.
                let keys = members.iter().enumerate();
                let last: HashMap<&str, usize> =
                    keys.map(|(index, member)| (&*member.key, index)).collect();
                for (index, member) in members.iter().enumerate() {
                    if is_ellipsis(&member.key) || last[&*member.key] != index {
                        continue;
                    }
                    let at = at.key(&member.key);
                    let general = format!("{general}\u{0}{}", member.key);
                    if self.seen.insert(general.clone()) {
                        let are_unique = last.len() == members.len();
                        self.member(node, members, index, are_unique, &at);
                    }
                    self.value(&member.value, &at, &general);
                }
                if self.with_extra && self.seen.insert(format!("{general}{{}}")) {
                    let after = node.range.start + 1;
                    let comma = if members.is_empty() { "" } else { ", " };
                    let text = format!("\"{EXTRA_MEMBER}\": 1{comma}");
                    let change = Change::Body(after..after, text);
                    let at = at.key(EXTRA_MEMBER);
                    self.push(Kind::MemberExtra, &at, node.range.clone(), change);
                }
            }
            _ => {}
        }
    }

    fn member(
        &mut self,
        object: &Node<'_>,
        members: &[Member<'_>],
        index: usize,
        are_unique: bool,
        at: &At<'_>,
    ) {
        let member = &members[index];
        let value = &member.value;
        let place = || member.key_range.start..value.range.end;
        let (range, text) = if are_unique {
            (alone(members, index), String::new())
        } else {
            (object.range.clone(), self.without(members, &member.key))
        };
        self.push(Kind::MemberDropped, at, place(), Change::Body(range, text));
        if is_ellipsis_node(value) {
            return;
        }
        // Another type for sure: no resource declares an array of arrays.
        let other = match value.value {
            NodeValue::String(_) => "7",
            NodeValue::Null => "[[]]",
            _ => "\"docproof\"",
        };
        let replaced = |text: &str| Change::Body(value.range.clone(), text.to_owned());
        self.push(Kind::MemberType, at, place(), replaced(other));
        self.push(Kind::MemberNull, at, place(), replaced("null"));
        self.push(Kind::Ellipsis, at, place(), replaced(ELLIPSIS));
        match value.value {
            NodeValue::String(_) if member.key == "@odata.type" => {
                self.push(Kind::TypeRenamed, at, place(), replaced(UNKNOWN_TYPE));
            }
            NodeValue::Number(_) => {
                let other = other_number(&self.text[value.range.clone()]);
                self.push(Kind::NumberPrecision, at, place(), replaced(&other));
            }
            _ => {}
        }
    }

    /// An object without all members of a key.
    fn without(&self, members: &[Member<'_>], key: &str) -> String {
        let kept = members.iter().filter(|other| other.key != key);
        let kept: Vec<&str> = kept
            .map(|other| &self.text[other.key_range.start..other.value.range.end])
            .collect();
        format!("{{{}}}", kept.join(", "))
    }

    fn push(&mut self, kind: Kind, at: &At<'_>, place: Range<usize>, change: Change) {
        if self.room == 0 {
            self.left_out += 1;
            return;
        }
        self.room -= 1;
        self.drafts.push(Draft {
            kind,
            fact: at.path(false),
            place: Place::Body(place),
            change,
            steps: at.steps(),
            run: RunSettings::Project,
        });
    }
}

/// A number that differs from another, but not as a double.
fn other_number(text: &str) -> String {
    /// The digits that a double keeps.
    const DIGITS: usize = 17;
    let end = text.find(['e', 'E']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(end);
    let last = mantissa.chars().next_back();
    let mantissa = match (
        mantissa.contains('.'),
        last.and_then(|last| last.to_digit(10)),
    ) {
        (true, _) => format!("{mantissa}{}1", "0".repeat(DIGITS)),
        (false, Some(last)) if mantissa.len() > DIGITS => {
            format!("{}{}", &mantissa[..mantissa.len() - 1], (last + 1) % 10)
        }
        (false, _) => format!("{mantissa}.{}1", "0".repeat(DIGITS)),
    };
    mantissa + exponent
}

/// The bytes of a member, with its comma.
fn alone(members: &[Member<'_>], index: usize) -> Range<usize> {
    let member = &members[index];
    let before = index.checked_sub(1).and_then(|before| members.get(before));
    match (before, members.get(index + 1)) {
        (_, Some(next)) => member.key_range.start..next.key_range.start,
        (Some(before), None) => before.value.range.end..member.value.range.end,
        (None, None) => member.key_range.start..member.value.range.end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::{ActualResponse, Content};

    /// `kind path body` of each mutant of a body.
    #[track_caller]
    fn check(body: &str, kinds: &[Kind], expected: &[&str]) {
        let mut found = Vec::new();
        assert_eq!(drafts(body, true, &mut found), 0);
        let response = ActualResponse {
            body: Content::Whole(body.as_bytes().to_vec()),
            ..ActualResponse::default()
        };
        let lines: Vec<String> = found
            .iter()
            .filter(|draft| kinds.contains(&draft.kind))
            .map(|draft| {
                let Content::Whole(body) = draft.change.apply(&response).body else {
                    panic!("a body");
                };
                let body = String::from_utf8(body).expect("UTF-8");
                format!("{} {body}", draft.fact)
            })
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn drops_members_with_their_commas() {
        check(
            r#"{"a": 1, "b": {"c": 2}}"#,
            &[Kind::MemberDropped],
            &[
                r#"$.a {"b": {"c": 2}}"#,
                r#"$.b {"a": 1}"#,
                r#"$.b.c {"a": 1, "b": {}}"#,
            ],
        );
        check(
            r#"{"a": 1, "b": 2, "a": 3}"#,
            &[Kind::MemberDropped],
            &[r#"$.b {"a": 1, "a": 3}"#, r#"$.a {"b": 2}"#],
        );
    }

    #[test]
    fn changes_the_first_element_that_shows_a_member() {
        check(
            r#"[{"a": 1}, {"a": 2, "b": "x"}]"#,
            &[Kind::MemberType],
            &[
                r#"$[0].a [{"a": "docproof"}, {"a": 2, "b": "x"}]"#,
                r#"$[1].b [{"a": 1}, {"a": 2, "b": 7}]"#,
            ],
        );
        check(
            r#"[1, {"value": [2]}]"#,
            &[Kind::ListEmptied, Kind::ArrayEmptied],
            &["$ []", r#"$[1].value [1, {"value": []}]"#],
        );
        check(
            r#"{"value": [{"value": [1]}]}"#,
            &[Kind::ListEmptied],
            &[r#"$.value {"value": []}"#],
        );
        check(
            r#"{"a": [[1], [2]], "b": []}"#,
            &[Kind::ArrayEmptied],
            &[
                r#"$.a {"a": [], "b": []}"#,
                r#"$.a[0] {"a": [[], [2]], "b": []}"#,
            ],
        );
    }

    #[test]
    fn adds_members_and_cuts_bodies() {
        check(
            r#"{"a": {}}"#,
            &[Kind::MemberExtra, Kind::BodyCutShort],
            &[
                r#"$.a.docproofExtra {"a": {"docproofExtra": 1}}"#,
                r#"$.docproofExtra {"docproofExtra": 1, "a": {}}"#,
                r#"the body {"a""#,
            ],
        );
        check("é é", &[Kind::BodyCutShort], &["the body é"]);
    }

    #[test]
    fn replaces_values() {
        check(
            r##"{"@odata.type": "#a.b", "c": 1}"##,
            &[Kind::TypeRenamed, Kind::Ellipsis],
            &[
                r#"$ "...""#,
                r#"$['@odata.type'] {"@odata.type": "...", "c": 1}"#,
                r##"$['@odata.type'] {"@odata.type": "#docproof.unknown", "c": 1}"##,
                r##"$.c {"@odata.type": "#a.b", "c": "..."}"##,
            ],
        );
        check(
            r#"{"a": "...", "...": 1}"#,
            &[Kind::Ellipsis],
            &[r#"$ "...""#],
        );
        for (number, expected) in [
            ("1", "1.000000000000000001"),
            ("-1.5", "-1.5000000000000000001"),
            ("2e3", "2.000000000000000001e3"),
            ("123456789012345678", "123456789012345679"),
            ("999999999999999999", "999999999999999990"),
        ] {
            check(
                &format!("{{\"a\": {number}}}"),
                &[Kind::NumberPrecision],
                &[&format!("$.a {{\"a\": {expected}}}")],
            );
        }
    }

    #[test]
    fn limits_and_counts_the_facts_of_a_body() {
        let members: Vec<String> = (0..MOST).map(|at| format!("\"a{at}\": 1")).collect();
        let body = format!("{{{}}}", members.join(","));
        let mut found = Vec::new();
        let left_out = drafts(&body, true, &mut found);
        assert_eq!((found.len(), left_out), (MOST + 1, 4 * MOST + 2));
    }
}
