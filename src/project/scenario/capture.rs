//! Captures: values of a response that later steps use.

use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;
use thiserror::Error;
use url::Url;

use super::response::{ParsedResponse, Source, cut, text_of};
use super::variables::{Value, Variable};
use crate::http::url::decode;
use crate::text::finding::nearest;

/// Maximum size of a compiled regular expression, in bytes.
const REGEX_LIMIT: usize = 1 << 20;

/// A value that is kept for later steps.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The variable to set.
    pub name: String,
    /// The source of the value.
    pub source: Source,
    /// The part of the text to keep.
    pub matches: Option<Regex>,
    /// The part of the URL to keep.
    pub url: Option<UrlPart>,
    /// Whether the value is a secret.
    pub secret: bool,
    /// The line in the file, from 1.
    pub line: usize,
}

/// A part of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlPart {
    /// Scheme, host and port.
    Origin,
    /// The host.
    Host,
    /// The port, or the default port of the scheme.
    Port,
    /// The decoded path, without leading and trailing slashes.
    Path,
    /// The query, still encoded.
    Query,
    /// The decoded fragment.
    Fragment,
    /// A decoded path segment, from 0, or from the end if negative.
    Segment(i64),
    /// The decoded value of a query parameter.
    QueryValue(String),
}

/// Why a capture has no value. Reports put "failed to capture `NAME`" before
/// it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaptureError {
    /// The source has no value.
    #[error("the response has no `{0}`")]
    Missing(String),
    /// The source cannot be read.
    #[error("the response has {0}")]
    Unreadable(String),
    /// The value of the source is not as the capture needs it.
    #[error("{0}")]
    Value(String),
}

impl UrlPart {
    /// Parses the name of a part.
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
                            "`{}` is not a segment number",
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
                        "unknown URL part `{}`; {help}",
                        cut(text).escape_debug()
                    ));
                }
            },
        })
    }

    /// Returns the part of a URL, or an error.
    fn of(&self, text: &str) -> Result<Value, String> {
        let shown = cut(text);
        let (url, is_relative) = match Url::parse(text) {
            Ok(url) => (url, false),
            // Relative references are valid in `Location` (RFC 9110, 10.2.2).
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                let base = Url::parse("http://relative.invalid/").expect("a URL");
                let joined = base.join(text);
                // `//host/x` has a host but no scheme.
                match joined {
                    Ok(url) => (url, true),
                    Err(error) => return Err(format!("`{shown}` is not a URL: {error}")),
                }
            }
            Err(error) => return Err(format!("`{shown}` is not a URL: {error}")),
        };
        let absolute = |part: Option<String>| match part {
            Some(part) if !is_relative => Ok(part),
            _ => Err(format!("the URL `{shown}` does not have that part")),
        };
        let text = |text: String| Value::Json(Json::String(text));
        let missing = || format!("the URL `{shown}` does not have that part");
        match self {
            Self::Origin if !url.origin().is_tuple() => Err(missing()),
            Self::Origin => absolute(Some(url.origin().ascii_serialization())).map(text),
            Self::Host => absolute(url.host_str().map(str::to_owned)).map(text),
            Self::Port => {
                absolute(url.port_or_known_default().map(|port| port.to_string())).map(text)
            }
            Self::Path => {
                let segments: Vec<_> = url
                    .path()
                    .trim_matches('/')
                    .split('/')
                    .map(decode)
                    .collect();
                if segments.iter().any(|segment| segment.contains('/')) {
                    let message = "has an encoded slash, so its path is ambiguous";
                    return Err(format!("`{shown}` {message}; use `segment:N`"));
                }
                Ok(Value::Path(segments.join("/")))
            }
            Self::Query => url
                .query()
                .map(|query| text(query.to_owned()))
                .ok_or_else(missing),
            Self::Fragment => url
                .fragment()
                .map(|part| text(decode(part).into_owned()))
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
                    .map(|segment| text(decode(segment).into_owned()))
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
    /// Returns the captured value: the first of several nodes.
    pub fn take(&self, actual: &ParsedResponse) -> Result<Variable, CaptureError> {
        let values = actual
            .values(&self.source)
            .map_err(CaptureError::Unreadable)?;
        let value = values
            .first()
            .ok_or_else(|| CaptureError::Missing(self.source.to_string()))?;
        Ok(Variable {
            value: self.part(value).map_err(CaptureError::Value)?,
            secret: self.secret,
        })
    }

    /// Returns the part of a value to keep.
    fn part(&self, value: &Json) -> Result<Value, String> {
        if self.matches.is_none() && self.url.is_none() {
            return Ok(Value::Json(value.clone()));
        }
        let mut text = text_of(value).into_owned();
        if let Some(regex) = &self.matches {
            let groups = regex.captures(&text);
            let part = groups.and_then(|groups| {
                let whole_or_first = || groups.get(usize::from(groups.len() > 1));
                let is_named = regex.capture_names().flatten().any(|name| name == "value");
                let part = if is_named {
                    groups.name("value")
                } else {
                    whole_or_first()
                };
                part.map(|part| part.as_str().to_owned())
            });
            text = part.ok_or_else(|| {
                // A wrong expression must not reveal a secret.
                let source = &self.source;
                if self.secret {
                    format!("the value of `{source}` does not match `{regex}`")
                } else {
                    let shown = Json::from(cut(&text));
                    format!("the value of `{source}`, {shown}, does not match `{regex}`")
                }
            })?;
        }
        match &self.url {
            None => Ok(Value::Json(Json::String(text))),
            Some(part) => part.of(&text).map_err(|message| {
                if self.secret {
                    "the value is not a URL with that part".to_owned()
                } else {
                    message
                }
            }),
        }
    }
}

/// Compiles a regular expression. It matches in linear time, and its size is
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
                // The last line has the message; the lines above draw its
                // location.
                let error = error.to_string();
                let message = error.lines().last().unwrap_or_default();
                let message = message.trim_start_matches("error: ");
                format!("invalid regular expression `{}`: {message}", cut(text))
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;

    fn headers() -> Headers {
        let mut headers = Headers::default();
        headers.push(
            "Location",
            "https://a.example:8443/v1/things/a%20b?x=1&y=%26#f%20g",
        );
        headers.push("Set-Cookie", "other=1; Path=/");
        headers.push("Set-Cookie", "sid=\"q=2\"; HttpOnly");
        headers.push("X-Rel", "/ops/7/status");
        headers.push("X-Slash", "https://a.example/a%2Fb/");
        headers
    }

    const BODY: &[u8] = br#"{"id": 7, "items": [{"n": "a1"}, {"n": "b2"}], "none": null}"#;

    #[track_caller]
    fn take(from: &str, matches: Option<&str>, url: Option<&str>) -> Result<Value, String> {
        let capture = Capture {
            name: "x".to_owned(),
            source: Source::parse(from).expect("a source"),
            matches: matches.map(|text| regex(text).expect("a regular expression")),
            url: url.map(|text| UrlPart::parse(text).expect("a part")),
            secret: false,
            line: 1,
        };
        let headers = headers();
        let actual = ParsedResponse::new(201, &headers, BODY);
        let variable = capture.take(&actual).map_err(|error| error.to_string())?;
        Ok(variable.value)
    }

    #[track_caller]
    fn check(from: &str, matches: Option<&str>, expected: impl Into<Json>) {
        assert_eq!(take(from, matches, None), Ok(Value::Json(expected.into())));
    }

    #[track_caller]
    fn check_url(from: &str, part: &str, expected: Option<&str>) {
        let found = take(from, None, Some(part)).map(|value| value.to_text());
        match (&found, expected) {
            (Ok(found), Some(expected)) => assert_eq!(found, expected, "{from} {part}"),
            (Err(_), None) => {}
            _ => panic!("{from} {part}: {found:?}"),
        }
    }

    #[test]
    fn captures_from_each_source() {
        check("status", None, 201);
        check("header:x-rel", None, "/ops/7/status");
        check("cookie:sid", None, "q=2");
        check("$.id", None, 7);
        check("$.none", None, Json::Null);
        check("$.items[*].n", None, "a1");
        check("body", Some("\"items\": (.)"), "[");
        for nothing in ["$.absent", "header:ETag", "cookie:SID", "$.items[2]"] {
            let error = take(nothing, None, None).expect_err("nothing");
            assert_eq!(error, format!("the response has no `{nothing}`"));
        }
    }

    #[test]
    fn captures_regex_matches() {
        check("header:X-Rel", Some("[0-9]+"), "7");
        check("header:X-Rel", Some("ops/([0-9]+)/(.*)"), "7");
        check("header:X-Rel", Some("(ops)/(?<value>[0-9]+)"), "7");
        check("$.id", Some("7"), "7");
        check("$.items[0]", Some("a."), "a1");
        let error = take("$.id", Some("8"), None).expect_err("no match");
        assert_eq!(error, "the value of `$.id`, \"7\", does not match `8`");
        let error = take("body", Some("zz"), None).expect_err("no match");
        assert!(!error.contains('\n'), "{error}");
    }

    #[test]
    fn captures_url_parts() {
        let url = "header:Location";
        check_url(url, "origin", Some("https://a.example:8443"));
        check_url(url, "host", Some("a.example"));
        check_url(url, "port", Some("8443"));
        check_url(url, "path", Some("v1/things/a b"));
        check_url(url, "query", Some("x=1&y=%26"));
        check_url(url, "query:y", Some("&"));
        check_url(url, "query:z", None);
        check_url(url, "fragment", Some("f g"));
        check_url(url, "segment:0", Some("v1"));
        check_url(url, "segment:-1", Some("a b"));
        check_url(url, "segment:-3", Some("v1"));
        check_url(url, "segment:3", None);
        check_url(url, "segment:-4", None);
        check_url("header:X-Rel", "segment:1", Some("7"));
        check_url("header:X-Rel", "host", None);
        check_url("header:X-Rel", "query", None);
        check_url("header:X-Slash", "port", Some("443"));
        check_url("header:X-Slash", "segment:0", Some("a/b"));
        check_url("header:X-Slash", "path", None);
    }

    #[test]
    fn rejects_invalid_captures() {
        let error = regex("(a").expect_err("no expression");
        assert_eq!(error, "invalid regular expression `(a`: unclosed group");
        regex("a{1000}{1000}{1000}").expect_err("a large expression");
        let error = UrlPart::parse("hots").expect_err("no part");
        assert!(error.contains("did you mean `host`?"), "{error}");
    }
}
