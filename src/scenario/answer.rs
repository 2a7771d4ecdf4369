//! An answer, what is read from it, and what is kept of it.

use std::borrow::Cow;
use std::cell::OnceCell;

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;
use thiserror::Error;
use url::Url;

use super::evaluate::{Value, Variable};
use super::path::Path;
use crate::diagnostic::nearest;
use crate::message::{Headers, is_token};
use crate::template::decode;

/// The most bytes of a body that are read as JSON.
const JSON_LIMIT: usize = 4 << 20;
/// The most bytes that a regular expression may take when it is compiled.
const REGEX_LIMIT: usize = 1 << 20;
/// The longest value that a message shows, in characters.
const SHOWN: usize = 200;

/// An answer that came back.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
    json: OnceCell<Result<Json, String>>,
}

/// Where in an answer a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The status code.
    Status,
    /// The values of a header.
    Header(String),
    /// The value of a cookie that is set (RFC 6265, 4.1).
    Cookie(String),
    /// The body as text.
    Body,
    /// Nodes of a JSON body.
    Path(Path),
}

/// A value that is kept for later steps.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The variable that it sets.
    pub name: String,
    /// Where it is.
    pub source: Source,
    /// What of its text is kept.
    pub matches: Option<Regex>,
    /// What of the URL that it is, is kept.
    pub url: Option<UrlPart>,
    /// Whether it is never shown.
    pub secret: bool,
    /// The line where it is written, from 1.
    pub line: usize,
}

/// A part of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlPart {
    /// Scheme, host and port.
    Origin,
    /// The host.
    Host,
    /// The port; the scheme's default where the URL has none.
    Port,
    /// The decoded path, without a slash at its start or end.
    Path,
    /// The query, as it is written.
    Query,
    /// The decoded fragment.
    Fragment,
    /// A decoded segment of the path, from 0; negative from its end.
    Segment(i64),
    /// The decoded value of a query parameter.
    QueryValue(String),
}

/// Why nothing is captured.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// The source cannot be read, or finds nothing.
    #[error("failed to capture `{name}` from `{from}`: {message}")]
    Source {
        /// The capture.
        name: String,
        /// The source.
        from: String,
        /// Why.
        message: String,
    },
}

impl<'a> Answer<'a> {
    /// An answer; its body is read as JSON once, when it is first needed.
    pub fn new(status: u16, headers: &'a Headers, body: &'a [u8]) -> Self {
        Self {
            status,
            headers,
            body,
            json: OnceCell::new(),
        }
    }

    /// The body as JSON, or what is wrong with it.
    pub fn json(&self) -> Result<&Json, &str> {
        let read = || {
            if self.body.is_empty() {
                return Err("the answer has no body".to_owned());
            }
            if self.body.len() > JSON_LIMIT {
                return Err(format!(
                    "the body has {} bytes, over the {JSON_LIMIT} that are read as JSON",
                    self.body.len()
                ));
            }
            // A byte order mark is no JSON, but it is sent (RFC 8259, 8.1).
            let body = self.body.strip_prefix(b"\xef\xbb\xbf");
            serde_json::from_slice(body.unwrap_or(self.body))
                .map_err(|error| format!("the body is not JSON: {error}"))
        };
        self.json.get_or_init(read).as_ref().map_err(String::as_str)
    }

    /// The values of a source, or why it has none to look at.
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
                Err(_) => return Err("the body is not UTF-8".to_owned()),
            },
            Source::Path(path) => path
                .query(self.json()?)
                .into_iter()
                .map(Cow::Borrowed)
                .collect(),
        })
    }
}

/// The value of a cookie, if the field sets it.
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
    /// Reads a source.
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
            return match is_token(name) {
                true => Ok(Self::Header(name.to_owned())),
                false => Err(format!("`{}` is not a header name", name.escape_debug())),
            };
        }
        if let Some(name) = text.strip_prefix("cookie:").map(str::trim) {
            return match is_token(name) {
                true => Ok(Self::Cookie(name.to_owned())),
                false => Err(format!("`{}` is not a cookie name", name.escape_debug())),
            };
        }
        let kinds = ["status", "header:NAME", "cookie:NAME", "body"];
        let word = text.split(':').next().unwrap_or(text);
        let near = nearest(word, kinds).map_or_else(
            || "it is one of `status`, `header:NAME`, `cookie:NAME`, `body`, or a JSONPath, which begins with `$`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Err(format!(
            "`{}` is not a source; {near}",
            cut(text).escape_debug()
        ))
    }

    /// Whether its values are text, whatever they say: `5` in a header is not a
    /// number.
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

/// Reads a regular expression. It matches in linear time, and its size is
/// bounded.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text)
        .size_limit(REGEX_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                format!("the regular expression `{}` is too large", cut(text))
            }
            error => {
                // The last line says what is wrong; those above draw it.
                let error = error.to_string();
                let message = error.lines().last().unwrap_or_default();
                let message = message.trim_start_matches("error: ");
                format!("`{}` is not a regular expression: {message}", cut(text))
            }
        })
}

impl UrlPart {
    /// Reads the name of a part.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "origin" => Self::Origin,
            "host" => Self::Host,
            "port" => Self::Port,
            "path" => Self::Path,
            "query" => Self::Query,
            "fragment" => Self::Fragment,
            _ => match text.split_once(':') {
                Some(("segment", index)) => match index.trim().parse() {
                    Ok(index) => Self::Segment(index),
                    Err(_) => {
                        return Err(format!(
                            "`{}` is not the number of a segment",
                            cut(index).escape_debug()
                        ));
                    }
                },
                Some(("query", name)) if !name.trim().is_empty() => {
                    Self::QueryValue(name.trim().to_owned())
                }
                _ => {
                    let known = [
                        "origin",
                        "host",
                        "port",
                        "path",
                        "query",
                        "fragment",
                        "segment:N",
                        "query:NAME",
                    ];
                    let help = match nearest(text, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the parts are {}", known.join(", ")),
                    };
                    return Err(format!(
                        "`{}` is not a part of a URL; {help}",
                        cut(text).escape_debug()
                    ));
                }
            },
        })
    }

    /// The part of a URL, or what is wrong.
    fn of(&self, text: &str) -> Result<Value, String> {
        let shown = cut(text);
        let (url, is_relative) = match Url::parse(text) {
            Ok(url) => (url, false),
            // A reference without an origin, as `Location` may have it
            // (RFC 9110, 10.2.2).
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                let base = Url::parse("http://relative.invalid/").expect("a URL");
                let joined = base.join(text);
                // `//host/x` names a host, but no scheme.
                match joined {
                    Ok(url) => (url, true),
                    Err(error) => return Err(format!("`{shown}` is not a URL: {error}")),
                }
            }
            Err(error) => return Err(format!("`{shown}` is not a URL: {error}")),
        };
        let absolute = |part: Option<String>| match part {
            Some(part) if !is_relative => Ok(part),
            _ => Err(format!("`{shown}` is a URL without that part")),
        };
        let text = |text: String| Value::Json(Json::String(text));
        let missing = || format!("`{shown}` is a URL without that part");
        match self {
            Self::Origin if !url.origin().is_tuple() => Err(missing()),
            Self::Origin => absolute(Some(url.origin().ascii_serialization())).map(text),
            Self::Host => absolute(url.host_str().map(str::to_owned)).map(text),
            Self::Port => {
                absolute(url.port_or_known_default().map(|port| port.to_string())).map(text)
            }
            Self::Path => {
                let segments: Vec<String> = url
                    .path()
                    .trim_matches('/')
                    .split('/')
                    .map(decode)
                    .collect();
                if segments.iter().any(|segment| segment.contains('/')) {
                    let message = "has an encoded slash, so its path cannot be told from another";
                    return Err(format!("`{shown}` {message}; take a `segment:N`"));
                }
                Ok(Value::Path(segments.join("/")))
            }
            Self::Query => url
                .query()
                .map(|query| text(query.to_owned()))
                .ok_or_else(missing),
            Self::Fragment => url
                .fragment()
                .map(|part| text(decode(part)))
                .ok_or_else(missing),
            Self::Segment(index) => {
                let path = url.path();
                let segments: Vec<&str> =
                    path.strip_prefix('/').unwrap_or(path).split('/').collect();
                let at = match usize::try_from(*index) {
                    Ok(at) => Some(at),
                    Err(_) => usize::try_from(index.unsigned_abs())
                        .ok()
                        .and_then(|back| segments.len().checked_sub(back)),
                };
                at.and_then(|at| segments.get(at))
                    .filter(|segment| !segment.is_empty())
                    .map(|segment| text(decode(segment)))
                    .ok_or_else(missing)
            }
            Self::QueryValue(name) => url
                .query_pairs()
                .find(|(found, _)| found == name)
                .map(|(_, value)| text(value.into_owned()))
                .ok_or_else(missing),
        }
    }
}

impl Capture {
    /// What is kept of an answer: the first of several nodes.
    pub fn take(&self, answer: &Answer) -> Result<Variable, CaptureError> {
        let value = self.value(answer).map_err(|message| CaptureError::Source {
            name: self.name.clone(),
            from: self.source.to_string(),
            message,
        })?;
        Ok(Variable {
            value,
            secret: self.secret,
        })
    }

    fn value(&self, answer: &Answer) -> Result<Value, String> {
        let values = answer.values(&self.source)?;
        let value = values.first().ok_or("it finds nothing")?;
        let value: Json = value.as_ref().clone();
        if self.matches.is_none() && self.url.is_none() {
            return Ok(Value::Json(value));
        }
        let mut text = text_of(&value).into_owned();
        if let Some(regex) = &self.matches {
            let groups = regex.captures(&text);
            let part = groups.and_then(|groups| {
                let whole_or_first = || groups.get(usize::from(groups.len() > 1));
                let part = match regex.capture_names().flatten().any(|name| name == "value") {
                    true => groups.name("value"),
                    false => whole_or_first(),
                };
                part.map(|part| part.as_str().to_owned())
            });
            text = part.ok_or_else(|| {
                // A secret is not shown just because the expression is wrong.
                let shown = if self.secret {
                    "its value"
                } else {
                    &cut(&text)
                };
                format!("nothing in {shown} matches `{regex}`")
            })?;
        }
        match &self.url {
            None => Ok(Value::Json(Json::String(text))),
            Some(part) => part.of(&text).map_err(|message| {
                if self.secret {
                    "its value is not a URL with that part".to_owned()
                } else {
                    message
                }
            }),
        }
    }
}

/// A value as text: a string as it is, other JSON as it is written.
pub(super) fn text_of(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

/// The beginning of a text, for messages.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
