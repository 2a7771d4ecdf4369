//! Expectations: what a source of a response must be.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use regex::Regex;
use serde_json::{Number, Value as Json};

use super::data::{BoundsData, JsonType};
use super::render::{Context, RenderError, render_json};
use super::response::{ParsedResponse, Source, cut, text_of};
use crate::http::status::Status;

/// An expectation.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The source of the value.
    pub source: Source,
    /// The operators. All of them must hold, for each of several nodes.
    pub operators: Vec<Operator>,
    /// The line in the file, from 1.
    pub line: usize,
}

/// An operator.
#[derive(Debug, Clone)]
pub enum Operator {
    /// The value equals this value, whose strings are templates.
    Equals(Json),
    /// The value equals one of these.
    OneOf(Vec<Json>),
    /// The status code is in one of these inclusive ranges.
    Status(Vec<Status>),
    /// The text of the value matches.
    Matches(Regex),
    /// Whether there is a value.
    Exists(bool),
    /// The JSON type of the value.
    Type(JsonType),
    /// The length of the value: characters of a string, items of an array,
    /// members of an object. For a query that is not singular, the number of
    /// nodes.
    Length(BoundsData),
    /// The value is a number within this bound.
    Number(Bound, Number),
    /// The value has the shape of a documented resource.
    Schema(String),
}

/// A bound of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `<`
    LessThan,
    /// `≤`
    AtMost,
    /// `>`
    GreaterThan,
    /// `≥`
    AtLeast,
}

/// An expectation that a response does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The source.
    pub source: String,
    /// The expected value.
    pub expected: String,
    /// The observed value, truncated.
    pub observed: String,
    /// The line where the expectation is written, from 1.
    pub line: usize,
}

impl Expectation {
    /// Returns what a response does not meet. `schema` checks a value against
    /// the resource with a name.
    pub fn check(
        &self,
        actual: &ParsedResponse,
        context: &mut Context,
        schema: &dyn Fn(&str, &Json) -> Result<(), String>,
    ) -> Result<Vec<Unmet>, RenderError> {
        let mut unmet = Vec::new();
        let values = actual.values(&self.source);
        for operator in &self.operators {
            let operator = operator.render(context)?;
            let observed = match (&values, &operator) {
                (Ok(values), operator) => self.observe(values, operator, schema),
                (Err(message), _) => Some(message.clone()),
            };
            if let Some(observed) = observed {
                unmet.push(Unmet {
                    source: self.source.to_string(),
                    expected: cut(&operator.describe()),
                    observed: cut(&observed),
                    line: self.line,
                });
            }
        }
        Ok(unmet)
    }

    /// Whether its source is the status code.
    pub fn is_about_status(&self) -> bool {
        self.source == Source::Status
    }

    /// Whether no response with this status meets it.
    pub fn excludes_status(&self, status: Status) -> bool {
        self.is_about_status() && status.codes().all(|code| !self.allows(code))
    }

    /// Whether a response with this status code meets it.
    fn allows(&self, code: u16) -> bool {
        let values = [Cow::Owned(Json::from(code))];
        let fits = |_: &str, _: &Json| Ok(());
        let mut operators = self.operators.iter();
        operators.all(|operator| self.observe(&values, operator, &fits).is_none())
    }

    /// Returns what was observed, if the operator does not hold.
    fn observe(
        &self,
        values: &[Cow<'_, Json>],
        operator: &Operator,
        schema: &dyn Fn(&str, &Json) -> Result<(), String>,
    ) -> Option<String> {
        match operator {
            Operator::Exists(true) => return values.is_empty().then(nothing),
            Operator::Exists(false) => return values.first().map(|value| shown(value)),
            Operator::Length(bounds) if self.counts_nodes() => {
                let count = values.len();
                return (!is_within(count, *bounds)).then(|| format!("{count} nodes"));
            }
            _ => {}
        }
        // Without a value, every operator would hold for each of them.
        if values.is_empty() {
            return Some(nothing());
        }
        let is_text = self.source.is_text();
        values
            .iter()
            .find_map(|value| operator.observe(value, is_text, schema))
    }

    fn counts_nodes(&self) -> bool {
        matches!(&self.source, Source::Path(path) if !path.is_singular())
    }
}

impl fmt::Display for Expectation {
    /// Writes the source and what it must be, templates as written.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operators = self.operators.iter().map(Operator::describe);
        let operators = operators.collect::<Vec<_>>().join(" and ");
        write!(formatter, "{} {}", self.source, cut(&operators))
    }
}

fn nothing() -> String {
    "nothing".to_owned()
}

fn shown(value: &Json) -> String {
    value.to_string()
}

fn is_within(length: usize, bounds: BoundsData) -> bool {
    bounds.at_least.is_none_or(|least| length >= least)
        && bounds.at_most.is_none_or(|most| length <= most)
}

impl Operator {
    fn render(&self, context: &mut Context) -> Result<Self, RenderError> {
        Ok(match self {
            Self::Equals(value) => Self::Equals(render_json(value, context)?),
            Self::OneOf(values) => Self::OneOf(
                values
                    .iter()
                    .map(|value| render_json(value, context))
                    .collect::<Result<_, _>>()?,
            ),
            other => other.clone(),
        })
    }

    /// Returns what was observed, if the operator does not hold for the value.
    fn observe(
        &self,
        value: &Json,
        is_text: bool,
        schema: &dyn Fn(&str, &Json) -> Result<(), String>,
    ) -> Option<String> {
        let holds = match self {
            Self::Equals(expected) => equal(value, expected, is_text),
            Self::OneOf(expected) => expected
                .iter()
                .any(|expected| equal(value, expected, is_text)),
            Self::Status(statuses) => {
                let code = value.as_u64().and_then(|code| u16::try_from(code).ok());
                code.is_some_and(|code| statuses.iter().any(|status| status.matches(code)))
            }
            Self::Matches(regex) => regex.is_match(&text_of(value)),
            Self::Exists(exists) => *exists,
            Self::Type(kind) => has_type(value, *kind),
            Self::Length(bounds) => {
                let length = match value {
                    Json::String(text) => text.chars().count(),
                    Json::Array(items) => items.len(),
                    Json::Object(members) => members.len(),
                    _ => return Some(format!("{}, which has no length", shown(value))),
                };
                if !is_within(length, *bounds) {
                    return Some(format!("length {length}"));
                }
                true
            }
            Self::Number(bound, limit) => {
                let read;
                let number = match value {
                    Json::Number(number) => Some(number),
                    Json::String(text) if is_text => {
                        read = text.trim().parse::<Number>().ok();
                        read.as_ref()
                    }
                    _ => None,
                };
                let Some(number) = number else {
                    return Some(format!("{}, which is not a number", shown(value)));
                };
                let order = compare(number, limit);
                match bound {
                    Bound::LessThan => order == Ordering::Less,
                    Bound::AtMost => order != Ordering::Greater,
                    Bound::GreaterThan => order == Ordering::Greater,
                    Bound::AtLeast => order != Ordering::Less,
                }
            }
            Self::Schema(name) => return schema(name, value).err(),
        };
        (!holds).then(|| shown(value))
    }

    /// Describes what the operator expects.
    fn describe(&self) -> String {
        let list = |values: &[Json]| {
            let values: Vec<String> = values.iter().map(shown).collect();
            values.join(", ")
        };
        match self {
            Self::Equals(value) => shown(value),
            Self::OneOf(values) => format!("one of {}", list(values)),
            Self::Status(statuses) => {
                let statuses: Vec<String> = statuses.iter().map(Status::to_string).collect();
                statuses.join(" or ")
            }
            Self::Matches(regex) => format!("a match of `{regex}`"),
            Self::Exists(true) => "something".to_owned(),
            Self::Exists(false) => nothing(),
            Self::Type(kind) => format!("a value of type {}", type_name(*kind)),
            Self::Length(bounds) => match (bounds.at_least, bounds.at_most) {
                (Some(least), Some(most)) if least == most => format!("length {least}"),
                (Some(least), Some(most)) => format!("a length of {least} to {most}"),
                (Some(least), None) => format!("a length of at least {least}"),
                (None, Some(most)) => format!("a length of at most {most}"),
                (None, None) => "a length".to_owned(),
            },
            Self::Number(bound, limit) => {
                let bound = match bound {
                    Bound::LessThan => "less than",
                    Bound::AtMost => "at most",
                    Bound::GreaterThan => "greater than",
                    Bound::AtLeast => "at least",
                };
                format!("{bound} {limit}")
            }
            Self::Schema(name) => format!("a `{name}`"),
        }
    }
}

fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::String => "string",
        JsonType::Number => "number",
        JsonType::Integer => "integer",
        JsonType::Boolean => "boolean",
        JsonType::Object => "object",
        JsonType::Array => "array",
        JsonType::Null => "null",
    }
}

fn has_type(value: &Json, kind: JsonType) -> bool {
    match kind {
        JsonType::String => value.is_string(),
        JsonType::Number => value.is_number(),
        JsonType::Integer => value.as_number().is_some_and(is_integer),
        JsonType::Boolean => value.is_boolean(),
        JsonType::Object => value.is_object(),
        JsonType::Array => value.is_array(),
        JsonType::Null => value.is_null(),
    }
}

/// As in JSON Schema, `1.0` is an integer (draft 2020-12, 6.1.1).
fn is_integer(number: &Number) -> bool {
    !number.is_f64() || number.as_f64().is_some_and(|value| value.fract() == 0.0)
}

/// Whether two values are equal. Numbers are compared by value, not by
/// notation. The text of a header also equals a number or boolean.
fn equal(value: &Json, expected: &Json, is_text: bool) -> bool {
    match (value, expected) {
        (Json::Number(a), Json::Number(b)) => compare(a, b) == Ordering::Equal,
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b, false))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b, false)))
        }
        (Json::String(text), Json::Number(number)) if is_text => {
            let expected = number.to_string();
            *text == expected
        }
        (Json::String(text), Json::Bool(value)) if is_text => {
            text == if *value { "true" } else { "false" }
        }
        (a, b) => a == b,
    }
}

/// Compares two numbers, integers exactly.
fn compare(a: &Number, b: &Number) -> Ordering {
    if let (Some(a), Some(b)) = (a.as_i128(), b.as_i128()) {
        return a.cmp(&b);
    }
    let (a, b) = (a.as_f64(), b.as_f64());
    // JSON numbers are never NaN.
    a.partial_cmp(&b).unwrap_or(Ordering::Less)
}

#[cfg(test)]
mod tests;
