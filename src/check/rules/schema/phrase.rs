//! Parts of messages: suggestions for names, lists of keys, types with an article.

use crate::check::types::Types;
use crate::text::finding::{cut, nearest};

/// From this number of findings on, no suggestions are computed.
pub(super) const FEW: usize = 200;

/// Help for an undocumented type. `before` is the number of findings so far.
pub(super) fn unknown_help(types: &Types, name: &str, before: usize) -> String {
    let near = (before < FEW).then(|| near_type(types, name));
    match near.flatten() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "document the type in a resource block, or use a documented type".to_owned(),
    }
}

/// Maximum number of names to compare with one name.
const MOST_NEAR: usize = 1000;

/// The documented type with the most similar name: the same last segment, or a
/// similar one in the same namespace.
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

/// The most similar known word, if one is a likely match.
pub(super) fn near_word<'w>(
    word: &str,
    known: impl IntoIterator<Item = &'w str>,
) -> Option<&'w str> {
    let known = known.into_iter().filter(|other| may_be_near(other, word));
    nearest(word, known.take(MOST_NEAR))
}

/// Cheap pre-filter: the words start with the same letter and have about the
/// same length.
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

    #[test]
    fn counts_keys_beyond_four() {
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
    fn suggests_only_likely_words() {
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
}
