//! What the text of a block may be.

use std::ops::Range;

use crate::http::text as message_text;
use crate::json::{self, Layout, Node, NodeValue};
use crate::page::curl;

/// The kind of a block's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// A request: a request line, perhaps headers and a body.
    Request,
    /// Several requests.
    Requests,
    /// A curl command.
    Command,
    /// A request or a command, and its response: where the request ends, and the
    /// range of the response.
    Exchange(usize, Range<usize>),
    /// A response with a status line, or with a status alone.
    Status,
    /// A body alone.
    Body,
    /// The types of a body's values.
    Schema,
    /// Commands other than curl.
    Shell,
    /// Anything else.
    Other,
}

impl Text {
    /// The kind of a text with the first word of an info string.
    pub(super) fn of(text: &str, language: &str) -> Self {
        if curl::is_command(text) {
            return match output_of_command(text) {
                Some(output) => Self::Exchange(output.start, output),
                None if curl::is_script(text) => Self::Requests,
                None => Self::Command,
            };
        }
        if message_text::begins_with_request(text) {
            return match message_text::below_request(text) {
                None => Self::Request,
                Some((end, start)) if message_text::begins_with_status(&text[start..]) => {
                    Self::Exchange(end, start..text.len())
                }
                Some(_) => Self::Requests,
            };
        }
        if message_text::begins_with_status(text) {
            return Self::Status;
        }
        if is_body(text) {
            return if is_schema(text) {
                Self::Schema
            } else {
                Self::Body
            };
        }
        if is_shell(text, language) {
            return Self::Shell;
        }
        Self::Other
    }
}

/// The range of a command's output, if it is a response.
pub(crate) fn output_of_command(text: &str) -> Option<Range<usize>> {
    let output = curl::output(text).filter(|_| curl::is_command(text))?;
    let shown = &text[output.clone()];
    let is_response = message_text::begins_with_status(shown) || is_body(shown);
    is_response.then_some(output)
}

fn is_shell(text: &str, language: &str) -> bool {
    const LANGUAGES: [&str; 8] = [
        "bash",
        "sh",
        "shell",
        "shell-session",
        "console",
        "cmd",
        "powershell",
        "zsh",
    ];
    LANGUAGES.contains(&language) || text.trim_start().starts_with("$ ")
}

/// Whether a text is a JSON object or array, lines of objects, or XML. JSON may have what authors
/// write in its place: comments, ellipses, placeholders.
pub(crate) fn is_body(text: &str) -> bool {
    let text = text.trim();
    match text.as_bytes() {
        [b'{' | b'[', .., b'}' | b']'] => {
            let node = json::read_documented(text, Layout::Value);
            match node {
                Ok(node) => !matches!(node.value, NodeValue::Placeholder),
                Err(_) => Layout::of(text) == Layout::Lines,
            }
        }
        [b'<', .., b'>'] => is_xml(text),
        _ => false,
    }
}

/// Whether a text is an XML document: a declaration, or an element that is closed
/// at the end.
fn is_xml(text: &str) -> bool {
    if text.starts_with("<?xml") {
        return true;
    }
    let name = text[1..].split(|c: char| !c.is_alphanumeric() && !"-_:.".contains(c));
    let name = name.into_iter().next().unwrap_or_default();
    let is_html = [
        "html", "!DOCTYPE", "div", "script", "p", "a", "iframe", "form", "img",
    ];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !is_html.contains(&name)
        && text.ends_with(&format!("</{name}>"))
}

/// The words that stand for a type.
const TYPES: [&str; 22] = [
    "string",
    "integer",
    "int",
    "number",
    "boolean",
    "bool",
    "object",
    "array",
    "float",
    "double",
    "datetime",
    "date",
    "timestamp",
    "null",
    "uuid",
    "long",
    "int32",
    "int64",
    "any",
    "str",
    "decimal",
    "unsigned",
];

/// Whether a JSON text is a schema: JSON Schema, or an object most of whose values
/// are the names of types.
fn is_schema(text: &str) -> bool {
    let Ok(node) = json::read_documented(text.trim(), Layout::Value) else {
        return false;
    };
    if let NodeValue::Object(members) = &node.value {
        let has = |key: &str| members.iter().any(|member| member.key == key);
        if has("$schema") || (has("type") && (has("properties") || has("items"))) {
            return true;
        }
    }
    let mut count = Count::default();
    count.add(&node);
    count.types > 0 && count.types >= count.others
}

/// The number of values that are the names of types, and of others.
#[derive(Default)]
struct Count {
    types: usize,
    others: usize,
}

impl Count {
    fn add(&mut self, node: &Node<'_>) {
        match &node.value {
            NodeValue::Array(items) => {
                for item in items {
                    self.add(item);
                }
            }
            NodeValue::Object(members) => {
                for member in members {
                    self.add(&member.value);
                }
            }
            NodeValue::String(text) if is_type(text) => self.types += 1,
            NodeValue::Placeholder => {}
            _ => self.others += 1,
        }
    }
}

fn is_type(text: &str) -> bool {
    let is_name = |part: &str| {
        let name = part
            .trim()
            .trim_end_matches("[]")
            .trim_matches(['<', '>', '(', ')', '?']);
        let name = name.split([' ', '(', '<', ',']).next().unwrap_or_default();
        TYPES.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    text.len() < 80 && text.split('|').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &Text) {
        assert_eq!(Text::of(text, ""), *expected, "{text}");
    }

    #[test]
    fn tells_requests_from_prose() {
        for request in [
            "GET /items",
            "GET https://api.example.com/items HTTP/1.1\nAccept: */*",
            "POST /items\n{\"a\": 1}",
            "GET /items?$filter=a eq 'b'",
            "DELETE items/{item id}",
        ] {
            check(request, &Text::Request);
        }
        for other in ["GET all the items", "Get /items", "LIST /items", "GET", ""] {
            check(other, &Text::Other);
        }
        check("GET /a\n\nGET /b\n", &Text::Requests);
    }

    #[test]
    fn tells_commands_and_their_output() {
        check("curl http://a.example/", &Text::Command);
        check("curl http://a.example/ | jq .\n", &Text::Command);
        check("curl a.example\ncurl b.example\n", &Text::Requests);
        check(
            "$ curl http://a.example/\n{\"a\": 1}",
            &Text::Exchange(25, 25..33),
        );
        check("$ curl http://a.example/\nit works", &Text::Command);
        check("$ list\n", &Text::Shell);
        check("GET /a\n\nHTTP/1.1 200 OK\n", &Text::Exchange(8, 8..24));
    }

    #[test]
    fn tells_responses_and_schemas() {
        for status in [
            "200 OK",
            "HTTP/1.1 404",
            "Status: 201 Created\n\n{}",
            "HTTP 200 OK",
        ] {
            check(status, &Text::Status);
        }
        for other in ["200", "200 items were found here today by us", "1000 OK"] {
            check(other, &Text::Other);
        }
        for body in [
            "{}",
            "[1, ...]",
            "{\"a\": <id>,}",
            "{\"a\": 1 // b\n}",
            "{\"a\": 1}\n{\"a\": 2}",
            "<item><b/></item>",
        ] {
            check(body, &Text::Body);
        }
        for schema in [
            "{\"a\": \"string\", \"b\": \"integer | null\"}",
            "{\"type\": \"object\", \"properties\": {\"a\": {}}}",
        ] {
            check(schema, &Text::Schema);
        }
        check(
            "{\"type\": \"string\", \"name\": \"Ada\", \"id\": 1}",
            &Text::Body,
        );
        for other in [
            "{template}",
            "<div></div>",
            "a = {}",
            "{",
            "{\n\"a\": 1\n}\n{}",
        ] {
            check(other, &Text::Other);
        }
    }
}
