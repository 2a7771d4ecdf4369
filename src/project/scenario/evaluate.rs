//! Rendering: variables looked up, functions called, values put where they
//! stand. What is foreign (the environment, files, time, chance) is passed in.
//!
//! A name means, in this order: a variable of the step, what was captured so
//! far, a variable of the scenario, a variable of the target. A variable is
//! rendered when it is first needed, once; one that names itself, as
//! `vars: { id: "${id}" }` does, means the next in that order.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use thiserror::Error;
use uuid::Builder;

use super::text::{Piece, Text, TextError};
use super::{Var, VarTemplate};
use crate::http::message::is_field_value;
use crate::text::finding::nearest;

/// How many variables may stand in each other.
pub(super) const DEPTH_LIMIT: usize = 32;

/// The most bytes that are rendered in one context. Without it, thirty
/// variables that each hold the one before twice are a gigabyte.
const RENDER_LIMIT: usize = 32 << 20;

/// The value of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// JSON; a text mostly.
    Json(Json),
    /// A path, whose slashes separate segments in a URL.
    Path(String),
}

/// A variable that is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its value.
    pub value: Value,
    /// Whether it is never shown.
    pub secret: bool,
}

impl Variable {
    /// A text that may be shown.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            value: Value::Json(Json::String(text.into())),
            secret: false,
        }
    }
}

/// The variables of a scenario while it runs.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    target: BTreeMap<String, Variable>,
    scenario: BTreeMap<String, Slot>,
    captured: BTreeMap<String, Variable>,
    step: BTreeMap<String, Slot>,
}

#[derive(Debug, Clone)]
enum Slot {
    Declared(VarTemplate),
    Rendered(Variable),
}

/// Whose variables are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Scenario,
    Step,
}

impl Variables {
    /// The variables of the target and the command line, and those that the
    /// scenario declares.
    pub fn new(target: BTreeMap<String, Variable>, vars: &[Var]) -> Self {
        Self {
            target,
            scenario: declared(vars),
            ..Self::default()
        }
    }

    /// Takes the variables of the next step, in the place of the last one's.
    pub fn start_step(&mut self, vars: &[Var]) {
        self.step = declared(vars);
    }

    /// Sets what a step captured, for all later ones.
    pub fn capture(&mut self, name: impl Into<String>, variable: Variable) {
        self.captured.insert(name.into(), variable);
    }

    /// All names that are set or declared, in order.
    pub fn names(&self) -> Vec<&str> {
        let declared = self.scenario.keys().chain(self.step.keys());
        let set = self.target.keys().chain(self.captured.keys());
        let mut names: Vec<&str> = declared.chain(set).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn layer(&mut self, scope: Scope) -> &mut BTreeMap<String, Slot> {
        match scope {
            Scope::Scenario => &mut self.scenario,
            Scope::Step => &mut self.step,
        }
    }
}

fn declared(vars: &[Var]) -> BTreeMap<String, Slot> {
    vars.iter()
        .map(|var| (var.name.clone(), Slot::Declared(var.template.clone())))
        .collect()
}

/// What rendering needs, and what it gives beside its value.
pub struct Context<'a> {
    /// The variables.
    pub variables: &'a mut Variables,
    /// A variable of the environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file of the project, by its path from the project's root
    /// (without `.` and `..`; links out of the project are the caller's to
    /// refuse), or why there are none.
    pub files: &'a dyn Fn(&str) -> Result<Vec<u8>, String>,
    /// The time.
    pub now: SystemTime,
    /// 128 random bits a call.
    pub random: &'a mut dyn FnMut() -> u128,
    /// What was rendered of secrets: a name, and a text that must not be shown.
    /// An encoding of a secret (base64, percent, JSON) stands beside it.
    pub secrets: Vec<(String, String)>,
    spent: usize,
    scope: Scope,
    rendering: Vec<(Scope, String)>,
}

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A variable that nothing has set.
    #[error("`${{{name}}}` has no value{}", did_you_mean(near.as_deref()))]
    Unset {
        /// Its name.
        name: String,
        /// The nearest name that is set.
        near: Option<String>,
    },
    /// A variable that is made of itself.
    #[error("the variable `{0}` refers to itself")]
    Cycle(String),
    /// Variables in variables in variables.
    #[error("the variable `{0}` refers to others more than {DEPTH_LIMIT} deep")]
    TooDeep(String),
    /// More than is sent.
    #[error("the variables make more than {} MiB of text", RENDER_LIMIT >> 20)]
    TooLong,
    /// A variable of the environment that is not set.
    #[error("the environment has no `{0}`")]
    Env(String),
    /// A file that cannot be read.
    #[error("failed to read `{path}`: {message}")]
    File {
        /// Its path.
        path: String,
        /// What the system said.
        message: String,
    },
    /// Text that is not base64.
    #[error("`{0}` is not base64 (RFC 4648)")]
    Base64(String),
    /// A value that cannot stand in a URL.
    #[error("`{name}` cannot stand in a URL: {message}")]
    Url {
        /// The variable, or the template.
        name: String,
        /// Why.
        message: String,
    },
    /// A value that cannot stand in a header field.
    #[error("{0}")]
    Field(String),
    /// A part that cannot be sent.
    #[error("{0}")]
    Part(String),
    /// A text that is no template.
    #[error("{0}")]
    Syntax(#[from] TextError),
    /// A time that no calendar has.
    #[error("the time is out of range")]
    Time,
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// A rendered text, and whether a secret is in it.
pub(super) struct Rendered {
    pub text: String,
    pub secret: bool,
}

impl<'a> Context<'a> {
    /// A context in which nothing is rendered yet.
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

    /// The value of a variable, or nothing where it is not set; for the
    /// placeholders of documented requests.
    pub fn variable(&mut self, name: &str) -> Result<Option<Variable>, RenderError> {
        let variable = self.look_up(name)?;
        if let Some(variable) = &variable
            && variable.secret
        {
            self.note_secret(name, &text_of(&variable.value));
        }
        Ok(variable)
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
        // A variable that is made of the outer one of its name is unset with it.
        let is_own = self.rendering.last().is_some_and(|(_, own)| own == name);
        let mut rendering = self.rendering.iter();
        if !is_own && rendering.any(|(_, rendering)| rendering == name) {
            return Err(RenderError::Cycle(name.to_owned()));
        }
        Ok(None)
    }

    /// A declared variable, rendered now if it is not yet.
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
        // Nothing is hidden by hiding an empty text, or one that all texts hold.
        if !text.is_empty() && !self.secrets.contains(&secret) {
            self.secrets.push(secret);
        }
    }

    /// The bytes of a file of the project.
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
                Piece::Literal(literal) => {
                    self.spend(literal.len())?;
                    rendered.text += literal;
                }
                Piece::Variable(name) => {
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

    /// The value of a function.
    pub(super) fn call(&mut self, piece: &Piece) -> Result<Rendered, RenderError> {
        let mut secret = false;
        let text = match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Variable(name) => text_of(&self.required(name)?.value),
            Piece::Env(name) => {
                let value = (self.env)(name).ok_or_else(|| RenderError::Env(name.clone()))?;
                secret = true;
                self.note_secret(name, &value);
                value
            }
            Piece::Uuid => self.uuid().hyphenated().to_string(),
            Piece::Now(offset) => self.time(*offset)?,
            Piece::RandomFilename(extension) => format!("{}.{extension}", self.uuid().simple()),
            Piece::Base64(text) => {
                let inner = self.render(text)?;
                let encoded = STANDARD.encode(&inner.text);
                secret = inner.secret;
                if secret {
                    self.note_secret("base64", &encoded);
                }
                encoded
            }
            Piece::File(path) => {
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
    /// The text, its variables and functions replaced by their values.
    pub fn render(&self, context: &mut Context) -> Result<String, RenderError> {
        context.render(self).map(|rendered| rendered.text)
    }

    /// The text as the value of a header field, which `name` is in an error.
    pub fn render_field(&self, context: &mut Context, name: &str) -> Result<String, RenderError> {
        let value = self.render(context)?;
        if is_field_value(&value) {
            Ok(value)
        } else {
            // What it holds may be a secret, so the template is shown.
            Err(RenderError::Field(format!(
                "the value of `{name}`, `{self}`, holds a control character"
            )))
        }
    }
}

impl Value {
    /// The value as text: a string as it is, other JSON as it is written.
    pub fn to_text(&self) -> String {
        text_of(self)
    }
}

pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Path(text) | Value::Json(Json::String(text)) => text.clone(),
        Value::Json(value) => value.to_string(),
    }
}

/// JSON whose texts are templates, rendered. A text that is nothing but one
/// variable takes the variable's type.
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
