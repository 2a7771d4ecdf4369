//! Tests that the tree finds what a walk over all templates finds.

use proptest::prelude::*;

use super::tree::Tree;
use crate::http::url::{Template, decode};

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
        let ends = tree.ends(&sent);
        let mut found: Vec<usize> = ends
            .iter()
            .flat_map(|end| tree.node(*end).entries("GET"))
            .copied()
            .collect();
        found.sort_unstable();
        let parts: Vec<_> = sent.split('/').map(decode).collect();
        let fits = |template: &String| {
            let segments = segments(template);
            segments.len() == parts.len()
                && segments.iter().zip(&parts).all(|(segment, part)| segment.matches(part))
        };
        let expected: Vec<usize> = (0..templates.len())
            .filter(|number| fits(&templates[*number]))
            .collect();
        prop_assert_eq!(found, expected);
    }
}
