//! Request targets: values put into a URL, where none of them may change its
//! shape.

use serde_json::Value as Json;

use super::evaluate::{Context, RenderError, Rendered, Value, Variable, text_of};
use super::text::{Piece, Text};
use crate::http::url::{Component, decode, encode_literal, encode_value};

impl Text {
    /// The text as a request target. Each value is percent-encoded where it
    /// stands, so that no value makes a segment, a query or a fragment; only the
    /// slashes of a path separate segments. A target that is nothing but one
    /// variable must be an absolute `http` or `https` URL, and stays as it is.
    pub fn render_url(&self, context: &mut Context) -> Result<String, RenderError> {
        if let Some(name) = self.as_variable() {
            return captured_url(name, &context.required(name)?);
        }
        let mut url = String::new();
        let mut component = Component::Path;
        for (index, piece) in self.0.iter().enumerate() {
            if let Piece::Literal(literal) = piece {
                context.spend(literal.len())?;
                let origin = if index == 0 {
                    origin_length(literal)
                } else {
                    0
                };
                url += &literal[..origin];
                url += &render_literal(&literal[origin..], &mut component);
                continue;
            }
            let (name, variable) = match piece {
                Piece::Variable(name) => (name.clone(), context.required(name)?),
                piece => {
                    let Rendered { text, secret } = context.call(piece)?;
                    let value = Value::Json(Json::String(text));
                    let name = Text(vec![piece.clone()]).to_string();
                    (name, Variable { value, secret })
                }
            };
            let encoded = variable.value.encode_for_url(&name)?;
            if encoded.is_empty() && component == Component::Path {
                return Err(RenderError::Url {
                    name,
                    message: "an empty value would leave a segment out".to_owned(),
                });
            }
            if variable.secret {
                context.note_secret(&name, &encoded);
            }
            url += &encoded;
        }
        let path = url.split('?').next().unwrap_or_default();
        if path
            .split('/')
            .any(|segment| matches!(decode(segment).as_str(), "." | ".."))
        {
            return Err(RenderError::Url {
                name: self.to_string(),
                message: "a segment `.` or `..` would be another path".to_owned(),
            });
        }
        Ok(url)
    }
}

/// How much of a target is its scheme and authority, which stay as they are:
/// `[::1]` is no text to be encoded.
pub(super) fn origin_length(target: &str) -> usize {
    let Some((scheme, rest)) = target.split_once("://") else {
        return 0;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return 0;
    }
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    scheme.len() + "://".len() + authority
}

/// Literal text of a target, percent-encoded; the first `?` begins its query.
fn render_literal(literal: &str, component: &mut Component) -> String {
    match (*component, literal.split_once('?')) {
        (Component::Path, Some((path, query))) => {
            *component = Component::Query;
            format!(
                "{}?{}",
                encode_literal(path, Component::Path),
                encode_literal(query, Component::Query)
            )
        }
        (component, _) => encode_literal(literal, component),
    }
}

fn captured_url(name: &str, variable: &Variable) -> Result<String, RenderError> {
    let text = text_of(&variable.value);
    match ::url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.fragment().is_none() => Ok(text),
        _ => Err(RenderError::Url {
            name: name.to_owned(),
            message: "it is the whole target, so it must be an absolute URL of HTTP, without a \
                      fragment"
                .to_owned(),
        }),
    }
}

impl Value {
    /// The value, percent-encoded for the path or the query of a URL; `name` is
    /// what an error names.
    pub fn encode_for_url(&self, name: &str) -> Result<String, RenderError> {
        let refuse = |message: &str| {
            Err(RenderError::Url {
                name: name.to_owned(),
                message: message.to_owned(),
            })
        };
        match self {
            Self::Json(Json::Null) => refuse("it is null"),
            Self::Json(Json::Array(_)) => refuse("it is an array"),
            Self::Json(Json::Object(_)) => refuse("it is an object"),
            Self::Json(_) => Ok(encode_value(&text_of(self))),
            Self::Path(path) => {
                let mut encoded = Vec::new();
                for segment in path.split('/') {
                    match segment {
                        "" => return refuse("a segment of its path is empty"),
                        "." | ".." => return refuse("its path has a segment `.` or `..`"),
                        segment => encoded.push(encode_value(segment)),
                    }
                }
                Ok(encoded.join("/"))
            }
        }
    }
}
