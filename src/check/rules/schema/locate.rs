//! Places in documented JSON and in annotations.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::check::rules::json_text::JsonText;
use crate::check::types::PathStep;
use crate::json::{Member, Node, NodeValue};
use crate::page::extract::Annotated;
use crate::text::source::{Page, Span};

/// A documented body.
pub(super) struct DocumentedBody<'b> {
    pub page: &'b Page,
    /// Its block.
    pub block: &'b Annotated<'b>,
    /// The keys of its annotation.
    pub keys: &'b Map<String, Value>,
    /// Its JSON.
    pub json: &'b JsonText<'b>,
}

impl DocumentedBody<'_> {
    /// The span in the page of a range of the body.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let start = self.json.range.start;
        let range = start + range.start..start + range.end;
        self.block.fence.text.span(range)
    }
}

/// The value at a path, and its member if it has one. Of duplicate keys the
/// last counts, as in JSON parsers.
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

/// The opening brace or bracket of a value.
pub(super) fn opening(node: &Node<'_>) -> Range<usize> {
    node.range.start..node.range.start + 1
}

/// The span of a quoted word in an annotation, or of the whole annotation.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn follows_steps_to_values() {
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
    fn finds_quoted_names() {
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
