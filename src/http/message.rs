//! HTTP messages: documented requests and responses, and actual responses.
//! Nothing is normalised: names keep their spelling, header fields their order,
//! targets their placeholders.

use std::collections::{HashMap, HashSet};

use http::{HeaderMap, HeaderValue};

use super::status::Status;

/// A header field (RFC 9110, 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The field name, as it is written.
    pub name: String,
    /// The field value, without the white space around it.
    pub value: String,
}

/// Header fields in the order of the message. Two lists are equal if each field
/// has the same values in the same order. The relative order of different
/// fields does not matter (RFC 9110, 5.3).
#[derive(Debug, Clone, Default)]
pub struct Headers(pub Vec<Header>);

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.grouped() == other.grouped()
    }
}

impl Eq for Headers {}

impl Headers {
    /// The values of a field. Names are case-insensitive.
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

    /// The values of each field, by its name as it is written.
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

    /// The distinct field names, in the spelling that comes first.
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

    /// Whether there are no fields.
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

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let fields = fields.into_iter().map(|(name, value)| Header {
            name: name.into(),
            value: value.into(),
        });
        Self(fields.collect())
    }
}

/// Fields as they were sent. Bytes that are not UTF-8 are replaced.
impl From<&HeaderMap> for Headers {
    fn from(fields: &HeaderMap) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let fields = fields.iter();
        fields
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect()
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
    /// The request target: an absolute URL or a path, with or without a leading
    /// slash. It may have spaces and placeholders.
    pub target: String,
    /// The header fields.
    pub headers: Headers,
    /// The body, with `\n` as line ends.
    pub body: Option<String>,
}

/// A documented response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: Status,
    /// The reason phrase, as documented.
    pub reason: Option<String>,
    /// The header fields.
    pub headers: Headers,
    /// The body, with `\n` as line ends.
    pub body: Option<String>,
}

impl Response {
    /// The status code that a mock sends: the documented one, or the usual one of
    /// the class.
    pub fn sent_status(&self) -> u16 {
        match self.status {
            Status::Class(2) if self.body.is_none() => 204,
            status => *status.codes().start(),
        }
    }
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
    /// It was not read.
    #[default]
    Unread,
    /// The content, with its content codings decoded (RFC 9110, 8.4.1).
    Whole(Vec<u8>),
    /// The start of a stream that did not end in time, as it came.
    Endless(Vec<u8>),
    /// It could not be read, for this reason.
    Lost(String),
}

/// Whether `text` is a token (RFC 9110, 5.6.2). Methods and field names are
/// tokens.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Whether `value` is a valid field value (RFC 9110, 5.5): it has no control
/// characters except tabs.
pub(crate) fn is_field_value(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte == b'\t' || (byte >= 0x20 && byte != 0x7f))
}

/// Whether a documented response has no content by definition: a response to
/// HEAD, or with a status 1xx, 204, 205 or 304 (RFC 9110, 6.4.1 and 15.3.6).
pub(crate) fn has_no_content(method: &str, status: Status) -> bool {
    method.eq_ignore_ascii_case("HEAD")
        || matches!(status.code(), Some(100..=199 | 204 | 205 | 304))
}

/// Whether a response may omit a documented field because it has no content that
/// the field could describe: `Content-Type` with a status 204, 205 or 304 (RFC
/// 9110, 8.3 and 15.4.5).
pub(crate) fn may_omit(status: Status, name: &str) -> bool {
    matches!(status.code(), Some(204 | 205 | 304)) && name.eq_ignore_ascii_case("content-type")
}

/// The fields that belong to the connection or to the framing of a message (RFC
/// 9110, 7.6.1; RFC 9112, 6). Client and server generate them; the documented
/// values are not used.
pub(crate) const FRAMING: [&str; 9] = [
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

/// Whether a field belongs to the connection or to the framing of a message.
pub(crate) fn is_framing(name: &str) -> bool {
    FRAMING
        .iter()
        .any(|framing| name.eq_ignore_ascii_case(framing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_control_chars_in_field_values() {
        assert!(is_field_value("a\tb é"));
        assert!(!is_field_value("a\nb"));
        assert!(!is_field_value("a\u{7f}"));
    }

    #[test]
    fn rejects_separators_in_tokens() {
        assert!(is_token("x-ms-date"));
        assert!(!is_token("\"id\""));
        assert!(!is_token(""));
    }
}
