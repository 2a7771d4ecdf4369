//! Tests that the tree finds what a walk over all templates finds.

use std::borrow::Cow;

use proptest::prelude::*;

use super::tree::{Tree, written};
use crate::http::url::{Part, Template, decode};

fn segment() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "users",
        "user",
        "me",
        "{id}",
        "<id>",
        "{a}-{b}",
        "users('{id}')",
        "users('7')",
        "getX(period='{p}')",
        "f(a='{a}',b={b})",
        "f(a='{a}')",
        "root:",
        "{id}:",
        "a%20b",
        "",
    ])
    .prop_map(str::to_owned)
}

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(segment(), 1..4).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// A path that probably matches: values in place of placeholders.
fn sent() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec!["7", "x-y", "'", "%41", "a%2Fb", "é", "users"]);
    (path(), value).prop_map(|(path, value)| Template::bind(&path, |_| Some(value.to_owned())))
}

fn segments(path: &str) -> Vec<Template> {
    let pieces = Template::parse(path).split('/');
    pieces.iter().map(Template::decoded).collect()
}

/// Whether a template matches a path, segment by segment. Between colons, a
/// placeholder at the end takes several.
fn fits(segments: &[Template], parts: &[Cow<'_, str>], is_item_path: bool) -> bool {
    let Some((segment, rest)) = segments.split_first() else {
        return parts.is_empty();
    };
    let has_colon = written(segment).ends_with(':');
    let is_placeholder = segment.0.len() == 1 + usize::from(has_colon)
        && segment.placeholders().count() == 1
        && !matches!(segment.0[0], Part::Literal(_))
        && (!has_colon || segment.literal_length() == 1);
    (1..=parts.len()).any(|count| {
        let (taken, left) = parts.split_at(count);
        let is_fit = match taken {
            [part] => segment.matches(part),
            [before @ .., last] => {
                is_item_path
                    && is_placeholder
                    && !before.iter().any(|part| part.ends_with(':'))
                    && if has_colon {
                        last.ends_with(':')
                    } else {
                        !last.ends_with(':') && left.is_empty()
                    }
            }
            [] => false,
        };
        is_fit && fits(rest, left, has_colon != is_item_path)
    })
}

proptest! {
    #[test]
    fn tree_agrees_with_a_walk_over_all_templates(
        templates in prop::collection::vec(path(), 1..12),
        sent in sent(),
    ) {
        let mut tree = Tree::default();
        for (number, template) in templates.iter().enumerate() {
            let end = tree.insert(&segments(template));
            tree.add(end, "GET", number);
        }
        tree.sort();
        let parts: Vec<_> = sent.split('/').map(decode).collect();
        let ends = tree.ends(&parts);
        let mut found: Vec<usize> = ends
            .iter()
            .flat_map(|end| tree.node(*end).entries("GET"))
            .copied()
            .collect();
        found.sort_unstable();
        let expected: Vec<usize> = (0..templates.len())
            .filter(|number| fits(&segments(&templates[*number]), &parts, false))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
