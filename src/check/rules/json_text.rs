//! The JSON of a page's blocks, read once for all rules.

use std::ops::Range;

use crate::http::text as message_text;
use crate::json::{self, Node, NodeValue, Sketch, Unreadable};
use crate::page::extract::{Annotated, BlockType};

/// The part of a block that may be JSON.
#[derive(Debug)]
pub(crate) struct JsonText<'p> {
    /// The text.
    pub text: &'p str,
    /// Its range in the text of the fence.
    pub range: Range<usize>,
    sketch: Result<Sketch<'p>, Unreadable>,
}

impl<'p> JsonText<'p> {
    /// The text of a block: the whole of a resource or a bare example, the body
    /// of a message.
    pub(super) fn of(block: &'p Annotated<'_>) -> Option<Self> {
        let text = &*block.fence.text.text;
        let body = || match block.message.content() {
            Some((_, body)) => body,
            // A message without a valid start line has a body all the same.
            None => Some(message_text::content(text)?.1),
        };
        let range = match block.annotation.block_type {
            BlockType::Resource => Some(0..text.len()),
            BlockType::Example | BlockType::SimulatedResponse if opens(text) => Some(0..text.len()),
            // A response may show its body alone.
            BlockType::Request | BlockType::Response
                if opens(text) && block.message.content().is_none() =>
            {
                None
            }
            BlockType::Request
            | BlockType::Response
            | BlockType::Example
            | BlockType::SimulatedResponse => body(),
            BlockType::Ignored
            | BlockType::Samples
            | BlockType::TestParams
            | BlockType::Permissions
            | BlockType::Unknown => None,
        };
        range.map(|range| Self::read(text, range))
    }

    /// A part of the text of a block.
    pub(super) fn read(text: &'p str, range: Range<usize>) -> Self {
        let text = &text[range.clone()];
        Self {
            text,
            range,
            sketch: json::read_sketch(text),
        }
    }

    /// A text that is a whole body.
    #[cfg(test)]
    pub(super) fn of_body(text: &'p str) -> Self {
        Self::read(text, 0..text.len())
    }

    /// Whether it begins like a JSON object or array, or is one behind a comment.
    pub(super) fn is_object_or_array(&self) -> bool {
        let is_read =
            |node: &Node<'_>| matches!(node.value, NodeValue::Object(_) | NodeValue::Array(_));
        opens(self.text) || self.node().is_some_and(is_read)
    }

    /// The text as JSON, with what is not JSON.
    pub(super) fn sketch(&self) -> Result<&Sketch<'p>, &Unreadable> {
        self.sketch.as_ref()
    }

    /// The value, if the text can be read and has no ellipsis.
    pub(super) fn node(&self) -> Option<&Node<'p>> {
        let sketch = self.sketch().ok()?;
        sketch.ellipses.is_empty().then_some(&sketch.node)
    }

    /// The value, if the text is JSON as it stands.
    pub(super) fn strict(&self) -> Option<&Node<'p>> {
        let is_json = self.sketch().ok()?.leniencies.is_empty();
        self.node().filter(|_| is_json)
    }
}

fn opens(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
