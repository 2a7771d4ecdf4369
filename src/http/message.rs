//! HTTP messages as a page documents them. Nothing is normalised: names keep
//! their spelling, headers their order, a target its placeholders.

use std::collections::{HashMap, HashSet};

/// A header field (RFC 9110, 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The field name, as the author spelt it.
    pub name: String,
    /// The field value, without the white space around it.
    pub value: String,
}

/// Header fields in the order of the page. Two are equal when they have the
/// same fields with the same values in order; how the lines of different
/// fields interleave means nothing (RFC 9110, 5.3).
#[derive(Debug, Clone, Default)]
pub struct Headers(pub Vec<Header>);

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.grouped() == other.grouped()
    }
}

impl Eq for Headers {}

impl Headers {
    /// The values of a field, its name compared without case.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// Each field once, as it is spelt, with its values in order.
    pub fn grouped(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::with_capacity(self.0.len());
        let mut known: HashMap<&str, usize> = HashMap::with_capacity(self.0.len());
        for Header { name, value } in self {
            let at = *known.entry(name).or_insert(groups.len());
            match groups.get_mut(at) {
                Some((_, values)) => values.push(value),
                None => groups.push((name, vec![value])),
            }
        }
        groups
    }

    /// Each field's name once, case aside, as it is spelt first.
    pub fn names(&self) -> Vec<&str> {
        let mut known = HashSet::with_capacity(self.0.len());
        self.iter()
            .map(|header| header.name.as_str())
            .filter(|name| known.insert(name.to_ascii_lowercase()))
            .collect()
    }

    /// The fields in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Header> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a field at the end.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push(Header {
            name: name.into(),
            value: value.into(),
        });
    }
}

impl<'a> IntoIterator for &'a Headers {
    type Item = &'a Header;
    type IntoIter = std::slice::Iter<'a, Header>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A documented request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method, as documented.
    pub method: String,
    /// The request target: absolute, from the root, or without a leading
    /// slash; spaces and placeholders included.
    pub target: String,
    /// The header fields.
    pub headers: Headers,
    /// The body, its line ends as `\n`.
    pub body: Option<String>,
}

/// A documented response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code, 100 to 999.
    pub status: u16,
    /// The reason phrase, as documented.
    pub reason: Option<String>,
    /// The header fields.
    pub headers: Headers,
    /// The body, its line ends as `\n`.
    pub body: Option<String>,
}

/// A response that a service sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActualResponse {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The content.
    pub body: Content,
}

/// The content of an actual response.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Content {
    /// Nobody asked for it.
    #[default]
    Unread,
    /// All of it, its content coding (RFC 9110, 8.4.1) undone.
    Whole(Vec<u8>),
    /// Why it could not be had.
    Lost(String),
}

/// A media type (RFC 9110, 8.3.1), in lower case but for the values of its
/// parameters; quotes around those are taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// `type/subtype`.
    pub essence: String,
    /// The parameters, in order.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a `Content-Type` value; whatever it is, it has an essence.
    pub(crate) fn parse(value: &str) -> Self {
        let mut parts = value.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_lowercase();
        let parameters = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| {
                let name = name.trim().to_lowercase();
                let value = value.trim().trim_matches('"');
                let value = if name == "charset" {
                    value.to_lowercase()
                } else {
                    value.to_owned()
                };
                (name, value)
            })
            .filter(|(name, _)| !name.is_empty())
            .collect();
        Self {
            essence,
            parameters,
        }
    }
}

/// Whether `text` is a token (RFC 9110, 5.6.2), as methods and field names are.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Whether `value` may be sent as a field value (RFC 9110, 5.5): no control
/// character but the tab.
pub(crate) fn is_field_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f))
}

/// Whether HTTP allows no content in an answer (RFC 9110, 6.4.1 and 15.3.6):
/// to HEAD, and with the statuses 1xx, 204, 205 and 304.
pub(crate) fn has_no_content(method: &str, status: u16) -> bool {
    method.eq_ignore_ascii_case("HEAD") || matches!(status, 100..=199 | 204 | 205 | 304)
}

/// Fields that belong to a connection or frame a message (RFC 9110, 7.6.1;
/// RFC 9112, 6). The client and the server make them; a page only describes
/// them, mostly wrongly.
pub(crate) fn is_framing(name: &str) -> bool {
    const FRAMING: [&str; 9] = [
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
        "expect",
    ];
    FRAMING
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_value_holds_no_control_character() {
        assert!(is_field_value("a\tb é"));
        assert!(!is_field_value("a\nb"));
        assert!(!is_field_value("a\u{7f}"));
    }

    #[test]
    fn a_token_has_no_separator() {
        assert!(is_token("x-ms-date"));
        assert!(!is_token("\"id\""));
        assert!(!is_token(""));
    }
}
