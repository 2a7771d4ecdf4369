//! What findings about bodies and resources have in common: places within
//! JSON, names of types within annotations, and words.

use std::ops::Range;

use crate::check::types::{PathStep, Types};
use crate::json::{Member, Node, NodeValue};
use crate::text::finding::{cut, nearest};
use crate::text::source::{Page, Span};

/// The value at the end of some steps, and the member that it is the value of;
/// of a repeated key the last, as readers of JSON have it.
pub(super) fn at_steps<'n, 't>(
    root: &'n Node<'t>,
    steps: &[PathStep],
) -> Option<(&'n Node<'t>, Option<&'n Member<'t>>)> {
    let mut node = root;
    let mut member = None;
    for step in steps {
        (node, member) = match (&node.value, step) {
            (NodeValue::Array(elements), PathStep::Index(index)) => (elements.get(*index)?, None),
            (NodeValue::Object(members), PathStep::Key(key)) => {
                let found = members.iter().rfind(|member| member.key == *key)?;
                (&found.value, Some(found))
            }
            _ => return None,
        };
    }
    Some((node, member))
}

/// The brace or bracket that a value opens with.
pub(super) fn opening(node: &Node<'_>) -> Range<usize> {
    node.range.start..node.range.start + 1
}

/// Where an annotation says a word: within its quotes, or else the whole of it.
pub(super) fn in_annotation(page: &Page, annotation: Span, word: &str) -> Span {
    let text = page.slice(annotation);
    let found = text
        .match_indices(word)
        .find(|(at, _)| text[..*at].ends_with('"') && text[at + word.len()..].starts_with('"'));
    found.map_or(annotation, |(at, _)| {
        let start = annotation.start + at;
        Span::new(start, start + word.len())
    })
}

/// Where so much is wrong, nearest names are no longer looked for.
pub(super) const FEW: usize = 200;

/// What to do about a type that no page documents, where `before` findings are
/// known already.
pub(super) fn unknown_help(types: &Types, name: &str, before: usize) -> String {
    let near = (before < FEW).then(|| near_type(types, name));
    match near.flatten() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "document the type in a resource block, or name one that is documented".to_owned(),
    }
}

/// So many names are compared with one.
const MOST_NEAR: usize = 1000;

/// The documented type whose name is nearest to one: of the same last segment,
/// or of a similar one in the same namespace.
fn near_type<'t>(types: &'t Types, name: &str) -> Option<&'t str> {
    if let Some(same) = types.like(name).next() {
        return Some(same);
    }
    let (namespace, last) = name.rsplit_once('.').unwrap_or(("", name));
    let near = types.names().filter_map(|known| {
        let (other, word) = known.rsplit_once('.').unwrap_or(("", known));
        let is_like = other == namespace && may_be_near(word, last);
        is_like.then_some((word, known))
    });
    let near: Vec<_> = near.take(MOST_NEAR).collect();
    let word = nearest(last, near.iter().map(|(word, _)| *word))?;
    near.iter()
        .find(|(other, _)| *other == word)
        .map(|(_, known)| *known)
}

/// The word that is meant by another, if one of them is likely.
pub(super) fn near_word<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let known = known.into_iter().filter(|other| may_be_near(other, word));
    nearest(word, known.take(MOST_NEAR))
}

/// A cheap test before the dear one: words that begin alike and are of about
/// the same length.
fn may_be_near(one: &str, other: &str) -> bool {
    let first = |text: &str| text.chars().next().map(|c| c.to_ascii_lowercase());
    let (long, short) = (one.len().max(other.len()), one.len().min(other.len()));
    first(one) == first(other) && long - short <= 3 && long < 2 * short && long <= 100
}

/// `` `a` ``, `` `a` and `b` ``, `` `a`, `b` and 3 others ``.
pub(super) fn list(keys: &[&str]) -> String {
    const SHOWN: usize = 4;
    let quoted: Vec<String> = keys
        .iter()
        .take(SHOWN)
        .map(|key| format!("`{}`", cut(key)))
        .collect();
    match quoted.as_slice() {
        [most @ .., last] if keys.len() <= SHOWN && !most.is_empty() => {
            format!("{} and {last}", most.join(", "))
        }
        [one] => one.clone(),
        _ if keys.len() == SHOWN + 1 => format!("{} and another", quoted.join(", ")),
        _ => format!(
            "{} and {} others",
            quoted.join(", "),
            keys.len() - quoted.len()
        ),
    }
}

/// A JSON type with its article.
pub(super) fn article(kind: &str) -> String {
    match kind {
        "string" | "number" | "boolean" => format!("a {kind}"),
        "array" | "object" | "integer" => format!("an {kind}"),
        _ => kind.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn steps_lead_to_values() {
        let text = r#"{"a": [1, {"b": 2, "b": 3}]}"#;
        let root = json::read(text).expect("JSON");
        let key = |key: &str| PathStep::Key(key.to_owned());
        let (node, member) =
            at_steps(&root, &[key("a"), PathStep::Index(1), key("b")]).expect("a place");
        assert_eq!(&text[node.range.clone()], "3");
        assert_eq!(&text[member.expect("a member").key_range.clone()], "\"b\"");
        for steps in [
            vec![key("b")],
            vec![key("a"), key("b")],
            vec![key("a"), PathStep::Index(2)],
        ] {
            assert!(at_steps(&root, &steps).is_none());
        }
        assert!(at_steps(&root, &[]).is_some_and(|(_, member)| member.is_none()));
    }

    #[test]
    fn many_keys_are_counted() {
        for (keys, expected) in [
            (&["a"][..], "`a`"),
            (&["a", "b"], "`a` and `b`"),
            (&["a", "b", "c", "d"], "`a`, `b`, `c` and `d`"),
            (&["a", "b", "c", "d", "e"], "`a`, `b`, `c`, `d` and another"),
            (&["a"; 9], "`a`, `a`, `a`, `a` and 5 others"),
        ] {
            assert_eq!(list(keys), expected);
        }
        assert!(list(&[&"é".repeat(1000)]).chars().count() < 70);
    }

    #[test]
    fn only_likely_words_are_near() {
        let known = ["id", "deletedDateTime", "displayName", "createdDateTime"];
        for (word, expected) in [
            ("displayname", Some("displayName")),
            ("DisplayName", Some("displayName")),
            ("creationDateTime", Some("createdDateTime")),
            ("deleted", None),
            ("installedClients", None),
            ("", None),
        ] {
            assert_eq!(near_word(word, known), expected, "{word}");
        }
    }

    #[test]
    fn a_name_is_found_in_its_quotes() {
        let page = Page::new(
            "a.md",
            "<!-- {\"a\": \"my.user\", \"b\": \"user\"} -->".to_owned(),
        );
        let whole = Span::new(0, page.text.len());
        assert_eq!(page.slice(in_annotation(&page, whole, "user")), "user");
        assert_eq!(in_annotation(&page, whole, "user").start, 28);
        assert_eq!(in_annotation(&page, whole, "use"), whole);
    }
}
