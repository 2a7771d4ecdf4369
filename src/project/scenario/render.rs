//! Rendering of templates: looks up variables and calls functions. The context
//! provides the environment, files, time and randomness.
//!
//! Precedence of a name: variables of the step, captured values, variables of
//! the scenario, variables of the target. A variable is rendered once, when it
//! is first needed. A variable that refers to its own name, as in `vars: { id:
//! "${id}" }`, gets the next value in this order.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use thiserror::Error;
use uuid::Builder;

use super::text::{TemplatePiece, Text, TextError};
use super::var::VarTemplate;
use super::variables::{Scope, Slot, Value, Variable, Variables, text_of};
use crate::http::message::is_field_value;
use crate::text::finding::nearest;

/// Maximum nesting of variables.
pub(super) const DEPTH_LIMIT: usize = 32;

/// Maximum size of all rendered text in one context, in bytes. Thirty variables
/// that each use the previous one twice would make a gigabyte.
const RENDER_LIMIT: usize = 32 << 20;

/// The input of rendering, and the secrets that it found.
pub struct Context<'a> {
    /// The variables.
    pub variables: &'a mut Variables,
    /// Returns the value of an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Reads a file of the project, by its path from the root without `.` and
    /// `..`. The caller rejects links that leave the project.
    pub files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// The current time.
    pub now: SystemTime,
    /// Returns 128 random bits.
    pub random: &'a mut dyn FnMut() -> u128,
    /// The rendered secrets: name and value. Includes encodings of secrets
    /// (Base64, percent, JSON).
    pub secrets: Vec<(String, String)>,
    spent: usize,
    scope: Scope,
    rendering: Vec<(Scope, String)>,
}

/// Errors of rendering a template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A variable is not set.
    #[error("`${{{name}}}` is not set{}", did_you_mean(near.as_deref()))]
    Unset {
        /// Its name.
        name: String,
        /// The closest name that is set.
        near: Option<String>,
    },
    /// A variable refers to itself.
    #[error("the variable `{0}` refers to itself")]
    Cycle(String),
    /// Variables are nested too deeply.
    #[error("the variable `{0}` is nested more than {DEPTH_LIMIT} levels deep")]
    TooDeep(String),
    /// The rendered text is too large.
    #[error("the rendered text exceeds {} MiB", RENDER_LIMIT >> 20)]
    TooLong,
    /// An environment variable is not set.
    #[error("the environment variable `{0}` is not set")]
    Env(String),
    /// A file cannot be read.
    #[error("failed to read `{path}`: {message}")]
    File {
        /// Its path.
        path: String,
        /// The error of the operating system.
        message: String,
    },
    /// A text is not Base64.
    #[error("`{0}` is not valid Base64 (RFC 4648)")]
    Base64(String),
    /// A value cannot be used in a URL.
    #[error("`{name}` cannot be used in a URL: {message}")]
    Url {
        /// The variable, or the template.
        name: String,
        /// Why.
        message: String,
    },
    /// A value cannot be used in a header field.
    #[error("{0}")]
    Field(String),
    /// A part cannot be sent.
    #[error("{0}")]
    Part(String),
    /// A text is not a valid template.
    #[error("{0}")]
    Syntax(#[from] TextError),
    /// A time is out of range.
    #[error("the time is out of range")]
    Time,
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// A rendered text, and whether it contains a secret.
pub(super) struct Rendered {
    pub text: String,
    pub secret: bool,
}

impl<'a> Context<'a> {
    /// Creates a context.
    pub fn new(
        variables: &'a mut Variables,
        env: &'a dyn Fn(&str) -> Option<String>,
        files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
        now: SystemTime,
        random: &'a mut dyn FnMut() -> u128,
    ) -> Self {
        Self {
            variables,
            env,
            files,
            now,
            random,
            secrets: Vec::new(),
            spent: 0,
            scope: Scope::Step,
            rendering: Vec::new(),
        }
    }

    /// Returns the value of a variable, if it is set. For the placeholders of
    /// documented requests.
    pub fn variable(&mut self, name: &str) -> Result<Option<Variable>, RenderError> {
        let variable = self.look_up(name)?;
        if let Some(variable) = &variable
            && variable.secret
        {
            self.note_secret(name, &text_of(&variable.value));
        }
        Ok(variable)
    }

    /// The secrets that were captured from responses.
    pub fn captured_secrets(&self) -> impl Iterator<Item = String> {
        let captured = self.variables.captured.values();
        let secret = captured.filter(|variable| variable.secret);
        secret.map(|variable| text_of(&variable.value))
    }

    fn look_up(&mut self, name: &str) -> Result<Option<Variable>, RenderError> {
        if self.scope == Scope::Step
            && let Some(variable) = self.declared(Scope::Step, name)?
        {
            return Ok(Some(variable));
        }
        if let Some(variable) = self.variables.captured.get(name) {
            return Ok(Some(variable.clone()));
        }
        if let Some(variable) = self.declared(Scope::Scenario, name)? {
            return Ok(Some(variable));
        }
        if let Some(variable) = self.variables.target.get(name) {
            return Ok(Some(variable.clone()));
        }
        // A variable may refer to an outer variable of the same name. Without one, the name is
        // unset, not cyclic.
        let is_own = self.rendering.last().is_some_and(|(_, own)| own == name);
        let mut rendering = self.rendering.iter();
        if !is_own && rendering.any(|(_, rendering)| rendering == name) {
            return Err(RenderError::Cycle(name.to_owned()));
        }
        Ok(None)
    }

    /// Returns a declared variable. Renders it if necessary.
    fn declared(&mut self, scope: Scope, name: &str) -> Result<Option<Variable>, RenderError> {
        let template = match self.variables.layer(scope).get(name) {
            None => return Ok(None),
            Some(Slot::Rendered(variable)) => return Ok(Some(variable.clone())),
            Some(Slot::Declared(template)) => template.clone(),
        };
        let key = (scope, name.to_owned());
        if self.rendering.contains(&key) {
            return Ok(None);
        }
        if self.rendering.len() >= DEPTH_LIMIT {
            return Err(RenderError::TooDeep(name.to_owned()));
        }
        self.rendering.push(key);
        let outer = std::mem::replace(&mut self.scope, scope);
        let variable = self.render_var(&template);
        self.scope = outer;
        self.rendering.pop();
        let variable = variable?;
        let slot = Slot::Rendered(variable.clone());
        self.variables.layer(scope).insert(name.to_owned(), slot);
        Ok(Some(variable))
    }

    fn render_var(&mut self, template: &VarTemplate) -> Result<Variable, RenderError> {
        match template {
            VarTemplate::Path(text) => {
                let Rendered { text, secret } = self.render(text)?;
                let value = Value::Path(text);
                Ok(Variable { value, secret })
            }
            VarTemplate::Json(Json::String(text)) => {
                let text = Text::parse(text)?;
                if let Some(name) = text.as_variable() {
                    return self.required(name);
                }
                let Rendered { text, secret } = self.render(&text)?;
                let value = Value::Json(Json::String(text));
                Ok(Variable { value, secret })
            }
            VarTemplate::Json(value) => Ok(Variable {
                value: Value::Json(value.clone()),
                secret: false,
            }),
        }
    }

    pub(super) fn required(&mut self, name: &str) -> Result<Variable, RenderError> {
        let variable = self.look_up(name)?.ok_or_else(|| RenderError::Unset {
            name: name.to_owned(),
            near: nearest(name, self.variables.names()).map(str::to_owned),
        })?;
        let text = text_of(&variable.value);
        self.spend(text.len())?;
        if variable.secret {
            self.note_secret(name, &text);
        }
        Ok(variable)
    }

    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), RenderError> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent > RENDER_LIMIT {
            return Err(RenderError::TooLong);
        }
        Ok(())
    }

    pub(super) fn note_secret(&mut self, name: &str, text: &str) {
        let secret = (name.to_owned(), text.to_owned());
        // An empty secret would mask every text.
        if !text.is_empty() && !self.secrets.contains(&secret) {
            self.secrets.push(secret);
        }
    }

    /// Reads a file of the project.
    pub(super) fn file(&mut self, path: &str) -> Result<Vec<u8>, RenderError> {
        let bytes = (self.files)(path).map_err(|message| RenderError::File {
            path: path.to_owned(),
            message,
        })?;
        self.spend(bytes.len())?;
        Ok(bytes)
    }

    pub(super) fn render(&mut self, text: &Text) -> Result<Rendered, RenderError> {
        let mut rendered = Rendered {
            text: String::new(),
            secret: false,
        };
        for piece in &text.0 {
            match piece {
                TemplatePiece::Literal(literal) => {
                    self.spend(literal.len())?;
                    rendered.text += literal;
                }
                TemplatePiece::Variable(name) => {
                    let variable = self.required(name)?;
                    rendered.text += &text_of(&variable.value);
                    rendered.secret |= variable.secret;
                }
                piece => {
                    let value = self.call(piece)?;
                    rendered.text += &value.text;
                    rendered.secret |= value.secret;
                }
            }
        }
        Ok(rendered)
    }

    /// Calls a function.
    pub(super) fn call(&mut self, piece: &TemplatePiece) -> Result<Rendered, RenderError> {
        let mut secret = false;
        let text = match piece {
            TemplatePiece::Literal(text) => text.clone(),
            TemplatePiece::Variable(name) => text_of(&self.required(name)?.value),
            TemplatePiece::Env(name) => {
                let value = (self.env)(name).ok_or_else(|| RenderError::Env(name.clone()))?;
                secret = true;
                self.note_secret(name, &value);
                value
            }
            TemplatePiece::Uuid => self.uuid().hyphenated().to_string(),
            TemplatePiece::Now(offset) => self.time(*offset)?,
            TemplatePiece::RandomFilename(extension) => {
                format!("{}.{extension}", self.uuid().simple())
            }
            TemplatePiece::Base64(text) => {
                let inner = self.render(text)?;
                let encoded = STANDARD.encode(&inner.text);
                secret = inner.secret;
                if secret {
                    self.note_secret("base64", &encoded);
                }
                encoded
            }
            TemplatePiece::File(path) => {
                let bytes = self.file(path)?;
                String::from_utf8(bytes).map_err(|_| RenderError::File {
                    path: path.clone(),
                    message: "the file is not UTF-8".to_owned(),
                })?
            }
        };
        self.spend(text.len())?;
        Ok(Rendered { text, secret })
    }

    fn uuid(&mut self) -> uuid::Uuid {
        Builder::from_random_bytes((self.random)().to_be_bytes()).into_uuid()
    }

    fn time(&self, offset: i64) -> Result<String, RenderError> {
        let now = jiff::Timestamp::try_from(self.now).map_err(|_| RenderError::Time)?;
        let second = now.as_second().saturating_add(offset);
        let time = jiff::Timestamp::from_second(second).map_err(|_| RenderError::Time)?;
        Ok(time.to_string())
    }
}

impl Text {
    /// Renders the text.
    pub fn render(&self, context: &mut Context) -> Result<String, RenderError> {
        context.render(self).map(|rendered| rendered.text)
    }

    /// Renders the text as a header field value. `name` is for errors.
    pub fn render_field(&self, context: &mut Context, name: &str) -> Result<String, RenderError> {
        let value = self.render(context)?;
        if is_field_value(&value) {
            Ok(value)
        } else {
            // The value may contain a secret, so the error shows the template.
            Err(RenderError::Field(format!(
                "the value of `{name}`, `{self}`, contains a control character"
            )))
        }
    }
}

/// Renders JSON whose strings are templates. A string that is a single variable
/// gets the type of the variable.
pub(crate) fn render_json(template: &Json, context: &mut Context) -> Result<Json, RenderError> {
    Ok(match template {
        Json::String(text) => {
            let text = Text::parse(text)?;
            let (value, secret) = if let Some(name) = text.as_variable() {
                let Variable { value, secret } = context.required(name)?;
                let value = match value {
                    Value::Json(value) => value,
                    Value::Path(path) => Json::String(path),
                };
                (value, secret)
            } else {
                let Rendered { text, secret } = context.render(&text)?;
                (Json::String(text), secret)
            };
            if let (Json::String(text), true) = (&value, secret) {
                let escaped = Json::String(text.clone()).to_string();
                context.note_secret("json", &escaped[1..escaped.len() - 1]);
            }
            value
        }
        Json::Array(items) => Json::Array(
            items
                .iter()
                .map(|item| render_json(item, context))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(members) => {
            let mut rendered = Map::with_capacity(members.len());
            for (name, value) in members {
                rendered.insert(name.clone(), render_json(value, context)?);
            }
            Json::Object(rendered)
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => template.clone(),
    })
}

#[cfg(test)]
mod tests;
