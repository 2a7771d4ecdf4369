//! Request targets: values in a URL cannot change its shape.

use serde_json::Value as Json;

use super::render::{Context, RenderError, Rendered};
use super::text::{TemplatePiece, Text};
use super::variables::{Value, Variable, text_of};
use crate::http::url::{Component, decode, encode_literal, encode_value};

impl Text {
    /// Renders the text as a request target. Values are percent-encoded, so that none adds a
    /// segment, a query or a fragment; only the slashes of a path separate segments. A target that
    /// is a single variable must be an absolute `http` or `https` URL, and is used as it is.
    pub fn render_url(&self, context: &mut Context) -> Result<String, RenderError> {
        if let Some(name) = self.as_variable() {
            return captured_url(name, &context.required(name)?);
        }
        let mut url = String::new();
        let mut component = Component::Path;
        for (index, piece) in self.0.iter().enumerate() {
            if let TemplatePiece::Literal(literal) = piece {
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
                TemplatePiece::Variable(name) => (name.clone(), context.required(name)?),
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
                    message: "an empty value would remove a segment".to_owned(),
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
            .any(|segment| matches!(&*decode(segment), "." | ".."))
        {
            return Err(RenderError::Url {
                name: self.to_string(),
                message: "the segments `.` and `..` would change the path".to_owned(),
            });
        }
        Ok(url)
    }
}

/// Returns the length of the scheme and authority of a target. They are not
/// encoded, because of hosts such as `[::1]`.
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

/// Percent-encodes the literal text of a target. The first `?` starts the
/// query.
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
            message: "as the whole target, it must be an absolute `http` or `https` URL without a \
                      fragment"
                .to_owned(),
        }),
    }
}

impl Value {
    /// Percent-encodes the value for the path or query of a URL. `name` is for
    /// errors.
    pub fn encode_for_url(&self, name: &str) -> Result<String, RenderError> {
        let refuse = |message: &str| {
            Err(RenderError::Url {
                name: name.to_owned(),
                message: message.to_owned(),
            })
        };
        match self {
            Self::Json(Json::Null) => refuse("the value is null"),
            Self::Json(Json::Array(_)) => refuse("the value is an array"),
            Self::Json(Json::Object(_)) => refuse("the value is an object"),
            Self::Json(_) => Ok(encode_value(&text_of(self))),
            Self::Path(path) => {
                let mut encoded = Vec::new();
                for segment in path.split('/') {
                    match segment {
                        "" => return refuse("the path has an empty segment"),
                        "." | ".." => return refuse("the path has a segment `.` or `..`"),
                        segment => encoded.push(encode_value(segment)),
                    }
                }
                Ok(encoded.join("/"))
            }
        }
    }
}
