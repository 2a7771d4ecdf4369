//! What pages write in place of values and members: ellipses (`...`, `…`) and
//! placeholders (`<name>`, `{name}`).

use std::borrow::Cow;

use super::{Layout, Mode, Reader};
use crate::json::unreadable::{Cause, Unreadable};
use crate::json::{Member, Node, NodeValue};

/// The text of an ellipsis.
const ELLIPSIS: &str = "...";

/// Reads a documented body leniently. A placeholder or an ellipsis in the place
/// of a value is any value there. An ellipsis among members or elements is one
/// of them, with [`ELLIPSIS`] as its key or value.
pub(crate) fn read_documented(text: &str, layout: Layout) -> Result<Node<'_>, Unreadable> {
    let mut reader = Reader::new(text, Mode::Documented);
    match layout {
        Layout::Value => reader.root(),
        Layout::Lines => reader.lines(),
    }
}

impl Layout {
    /// The layout of a body without a media type: lines if each of several lines is
    /// an object.
    pub(crate) fn of(body: &str) -> Self {
        let is_object =
            |line: &str| line.starts_with('{') && Reader::new(line, Mode::Strict).root().is_ok();
        let lines = || body.lines().map(str::trim).filter(|line| !line.is_empty());
        if lines().all(is_object) && lines().nth(1).is_some() {
            Self::Lines
        } else {
            Self::Value
        }
    }
}

impl<'a> Reader<'a> {
    /// Reads lines with a value each, as an array.
    pub(super) fn lines(&mut self) -> Result<Node<'a>, Unreadable> {
        let mut elements = Vec::new();
        loop {
            // Texts of `application/json-seq` begin with this byte (RFC 7464,
            // section 2.1).
            self.blanks()?;
            while self.peek() == Some(0x1e) {
                self.at += 1;
                self.blanks()?;
            }
            if self.at == self.text.len() {
                break;
            }
            if self.take_ellipsis() {
                elements.extend(self.more_elements());
                continue;
            }
            let node = self.value()?;
            if self.mode == Mode::Strict
                && let Some(length) = self.text[node.range.clone()].find('\n')
            {
                return Err(Unreadable {
                    at: node.range.start + length,
                    message: "a value does not end on its line",
                    cause: Cause::Syntax,
                });
            }
            elements.push(node);
            let rest = self.text[self.at..].trim_start_matches([' ', '\t', '\r']);
            if !rest.is_empty() && !rest.starts_with('\n') {
                self.at = self.text.len() - rest.len();
                return Err(self.unexpected("expected the end of the line"));
            }
        }
        Ok(Node {
            range: 0..self.text.len(),
            value: NodeValue::Array(elements),
        })
    }

    /// The element that stands for an ellipsis that was just taken.
    pub(super) fn more_elements(&self) -> Option<Node<'a>> {
        let range = self
            .ellipses
            .last()
            .filter(|_| self.mode == Mode::Documented)?;
        Some(Node {
            range: range.clone(),
            value: NodeValue::String(Cow::Borrowed(ELLIPSIS)),
        })
    }

    /// The member that stands for an ellipsis that was just taken.
    pub(super) fn more_members(&self) -> Option<Member<'a>> {
        let range = self
            .ellipses
            .last()
            .filter(|_| self.mode == Mode::Documented)?;
        Some(Member {
            key_range: range.clone(),
            key: Cow::Borrowed(ELLIPSIS),
            value: Node {
                range: range.clone(),
                value: NodeValue::Placeholder,
            },
        })
    }

    /// Takes `<name>`, `{name}` or `{{name}}` in the place of a value, if the
    /// reader accepts it. A text that is only a placeholder is not
    /// JSON.
    pub(super) fn take_placeholder(&mut self) -> bool {
        if self.mode != Mode::Documented || self.depth == 0 {
            return false;
        }
        let rest = &self.text[self.at..];
        let (opening, closing) = match rest.as_bytes() {
            [b'<', ..] => ("<", ">"),
            [b'{', b'{', ..] => ("{{", "}}"),
            _ => ("{", "}"),
        };
        // The name ends on its line and has no other brackets.
        let inner = &rest[opening.len()..];
        let Some(length) = inner.find(['>', '<', '{', '}', '[', ']', '"', ':', '\n']) else {
            return false;
        };
        let is_name = inner[..length].contains(char::is_alphanumeric);
        let is_here = is_name && inner[length..].starts_with(closing);
        if is_here {
            self.at += opening.len() + length + closing.len();
        }
        is_here
    }

    /// Takes an ellipsis if there is one here, and the reader accepts them.
    pub(super) fn take_ellipsis(&mut self) -> bool {
        if !matches!(self.mode, Mode::Sketch | Mode::Documented) {
            return false;
        }
        let bytes = self.text.as_bytes();
        let dots = bytes[self.at..]
            .iter()
            .take_while(|byte| **byte == b'.')
            .count();
        let length = match dots {
            0 | 1 if self.text[self.at..].starts_with('…') => '…'.len_utf8(),
            0 | 1 => return false,
            dots => dots,
        };
        let before = self.at.checked_sub(1).map(|at| bytes[at]);
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return false;
        }
        self.ellipses.push(self.at..self.at + length);
        self.at += length;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the value as JSON, with `any` in place of placeholders.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_in(Layout::Value, text, expected);
    }

    #[track_caller]
    fn check_in(layout: Layout, text: &str, expected: &str) {
        let node = read_documented(text, layout).expect("readable");
        assert_eq!(shown(&node), expected, "{text}");
    }

    fn shown(node: &Node<'_>) -> String {
        match &node.value {
            NodeValue::Placeholder => "any".to_owned(),
            NodeValue::Array(elements) => {
                let elements: Vec<_> = elements.iter().map(shown).collect();
                format!("[{}]", elements.join(","))
            }
            NodeValue::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|member| format!("{}:{}", member.key, shown(&member.value)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
            _ => node.to_value().to_string(),
        }
    }

    #[test]
    fn reads_placeholders_as_any_value() {
        check(
            r#"{"a": <id>, "b": {user-id}, "c": 1}"#,
            "{a:any,b:any,c:1}",
        );
        check(
            r#"{"a": {{id}}, "b": [<a b>, { id }]}"#,
            "{a:any,b:[any,any]}",
        );
        check(
            r#"{"a": "<id>", "b": {}, "c": {d: 1}}"#,
            r#"{a:"<id>",b:{},c:{d:1}}"#,
        );
        check(r#"{"a": ..., "b": …}"#, "{a:any,b:any}");
    }

    #[test]
    fn keeps_ellipses_among_members_and_elements() {
        check(r#"{"a": [1, ...], ...}"#, r#"{a:[1,"..."],...:any}"#);
        check("[{...}, …]", r#"[{...:any},"..."]"#);
        check("[1, 2]\n...", "[1,2]");
    }

    #[test]
    fn reads_lines_as_elements() {
        check_in(
            Layout::Lines,
            "{\"a\": 1}\n\n2\r\n...\n",
            r#"[{a:1},2,"..."]"#,
        );
        check_in(Layout::Lines, "{\n\"a\": <n>\n}\n[]", "[{a:any},[]]");
        assert!(read_documented("1 2", Layout::Lines).is_err());
    }

    #[test]
    fn placeholders_alone_are_no_json() {
        for text in [
            "<id>",
            "{id}",
            "{file content}",
            "...",
            "{\"a\": <>}",
            "{\"a\": <b}",
            "{\"a\": {b: }",
        ] {
            assert!(read_documented(text, Layout::Value).is_err(), "{text}");
        }
        for unclosed in ["{\"a\":{", "[<", "[{{"] {
            assert!(read_documented(&unclosed.repeat(10_000), Layout::Value).is_err());
        }
    }
}
