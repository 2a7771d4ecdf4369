//! A response, and the values of its sources.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value as Json;

use super::path::Path;
use crate::http::message::{Headers, is_token};
use crate::json;
use crate::text::finding::nearest;

/// Maximum size of a JSON body, in bytes.
const JSON_LIMIT: usize = 4 << 20;
/// Maximum length of a value in messages, in characters.
const SHOWN: usize = 200;

/// A response.
#[derive(Debug)]
pub struct ParsedResponse<'a> {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
    json: OnceCell<Result<Json, String>>,
}

/// A source of values in a response.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The status code.
    Status,
    /// The values of a header.
    Header(String),
    /// The value of a cookie in `Set-Cookie` (RFC 6265, 4.1).
    Cookie(String),
    /// The body as text.
    Body,
    /// Nodes of a JSON body.
    Path(Path),
}

impl Source {
    /// Whether it is in the body.
    pub fn is_of_body(&self) -> bool {
        matches!(self, Self::Body | Self::Path(_))
    }
}

impl<'a> ParsedResponse<'a> {
    /// Creates a response. Its body is parsed as JSON on first use.
    pub fn new(status: u16, headers: &'a Headers, body: &'a [u8]) -> Self {
        Self {
            status,
            headers,
            body,
            json: OnceCell::new(),
        }
    }

    /// Returns the body as JSON, or a noun phrase that describes what it is
    /// instead.
    pub fn json(&self) -> Result<&Json, &str> {
        let read = || {
            if self.body.is_empty() {
                return Err("no body".to_owned());
            }
            if self.body.len() > JSON_LIMIT {
                return Err(format!(
                    "a body of {} bytes; at most {JSON_LIMIT} are read as JSON",
                    self.body.len()
                ));
            }
            json::read_strict(self.body)
                .map(|node| node.to_value())
                .map_err(|error| format!("a body that is {}", error.describe_sent()))
        };
        self.json.get_or_init(read).as_ref().map_err(String::as_str)
    }

    /// Returns the values of a source, or a noun phrase that describes why
    /// there are none.
    pub(super) fn values(&self, source: &Source) -> Result<Vec<Cow<'_, Json>>, String> {
        Ok(match source {
            Source::Status => vec![Cow::Owned(Json::from(self.status))],
            Source::Header(name) => self
                .headers
                .get_all(name)
                .map(|value| Cow::Owned(Json::from(value)))
                .collect(),
            Source::Cookie(name) => self
                .headers
                .get_all("set-cookie")
                .filter_map(|field| cookie(field, name))
                .map(|value| Cow::Owned(Json::from(value)))
                .collect(),
            Source::Body => match str::from_utf8(self.body) {
                Ok(text) => vec![Cow::Owned(Json::from(text))],
                Err(_) => return Err("a body that is not UTF-8".to_owned()),
            },
            Source::Path(path) => path
                .query(self.json()?)
                .into_iter()
                .map(Cow::Borrowed)
                .collect(),
        })
    }
}

/// Returns the value of a cookie, if the field sets it.
fn cookie<'f>(field: &'f str, name: &str) -> Option<&'f str> {
    let pair = field.split(';').next()?;
    let (found, value) = pair.split_once('=')?;
    let value = value.trim();
    let unquoted = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    (found.trim() == name).then_some(unquoted.unwrap_or(value))
}

impl Source {
    /// Parses a source.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "status" => return Ok(Self::Status),
            "body" => return Ok(Self::Body),
            _ => {}
        }
        if text.starts_with('$') {
            return Path::parse(text)
                .map(Self::Path)
                .map_err(|error| error.to_string());
        }
        if let Some(name) = text.strip_prefix("header:").map(str::trim) {
            return if is_token(name) {
                Ok(Self::Header(name.to_owned()))
            } else {
                Err(format!("`{}` is not a header name", name.escape_debug()))
            };
        }
        if let Some(name) = text.strip_prefix("cookie:").map(str::trim) {
            return if is_token(name) {
                Ok(Self::Cookie(name.to_owned()))
            } else {
                Err(format!("`{}` is not a cookie name", name.escape_debug()))
            };
        }
        let kinds = ["status", "header:NAME", "cookie:NAME", "body"];
        let word = text.split(':').next().unwrap_or(text);
        let near = nearest(word, kinds).map_or_else(
            || {
                "expected `status`, `header:NAME`, `cookie:NAME`, `body`, or a JSONPath that \
                 starts with `$`"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        );
        Err(format!(
            "unknown source `{}`; {near}",
            cut(text).escape_debug()
        ))
    }

    /// Whether its values are always text: `5` in a header is not a number.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Cookie(_) | Self::Body)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status => formatter.write_str("status"),
            Self::Header(name) => write!(formatter, "header:{name}"),
            Self::Cookie(name) => write!(formatter, "cookie:{name}"),
            Self::Body => formatter.write_str("body"),
            Self::Path(path) => formatter.write_str(&path.text),
        }
    }
}

/// Returns a value as text: a string as it is, other JSON serialized.
pub(super) fn text_of(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

/// Truncates a text for messages.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_bodies_that_are_not_json() {
        let headers = Headers::default();
        let check = |body: &[u8], message: Option<&str>| {
            let response = ParsedResponse::new(200, &headers, body);
            match (response.json(), message) {
                (Ok(_), None) => {}
                (Err(found), Some(message)) => assert!(found.contains(message), "{found}"),
                (found, _) => panic!("{found:?}"),
            }
        };
        check(b"{}", None);
        check(b"\xef\xbb\xbf{}", None);
        check(b"", Some("no body"));
        check(
            b"{",
            Some("a body that is invalid JSON: an object is not closed"),
        );
        check(b"<html>", Some("a body that is HTML or XML"));
        check(b"\"\xff\"", Some("a body that is text that is not UTF-8"));
        check(b"\xff\xfe1\0", Some("a body that is UTF-16 text"));
        check(b"1E400", None);
        check("[".repeat(100_000).as_bytes(), Some("deeper than 512"));
        check(&vec![b' '; JSON_LIMIT + 1], Some("at most"));
    }

    #[test]
    fn rejects_invalid_sources() {
        let check = |text: &str, message: &str| {
            let error = Source::parse(text).expect_err("no source");
            assert!(error.contains(message), "{error}");
        };
        check("header", "did you mean `header:NAME`?");
        check("header:a b", "not a header name");
        check("stats", "did you mean `status`?");
        check(".a", "starts with `$`");
        check("$..", "RFC 9535");
    }
}
