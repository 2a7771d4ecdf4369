//! Parses expressions with the operators of nextest's filtersets. `!` and `not`
//! bind tighter than `&`, `and` and `-`; these bind tighter than `|`, `or` and
//! `+`.

use std::str::FromStr;

use thiserror::Error;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, not, preceded, separated_foldl1, terminated};
use winnow::error::{ErrMode, ModalResult, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location, Stateful, Stream};
use winnow::token::{any, none_of, one_of, take_while};

use super::expression::{Expression, Predicate};
use super::matcher::Matcher;
use crate::http::message::is_token;
use crate::text::finding::nearest;

/// The names of the predicates.
const PREDICATES: [&str; 9] = [
    "page", "method", "status", "tag", "name", "id", "failed", "all", "none",
];

/// Maximum nesting depth of parentheses and negations.
const DEPTH_LIMIT: usize = 64;
/// Maximum number of predicates in an expression.
const PREDICATE_LIMIT: usize = 1000;

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("column {column}: {message}")]
pub(crate) struct ExpressionError {
    /// The column of the error, in characters from 1.
    pub column: usize,
    /// The error message; it quotes the text.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        let mut input = Input {
            input: LocatingSlice::new(text),
            state: Measure::default(),
        };
        let parsed = terminated(either, multispace0).parse_next(&mut input);
        let parsed = parsed.and_then(|parsed| match input.eof_offset() {
            0 => Ok(parsed),
            _ => Err(expected(&input, "an operator (`&`, `|`, `-`) or the end")),
        });
        parsed.map_err(|error| {
            let Fault { at, message, help } = match error {
                ErrMode::Backtrack(fault) | ErrMode::Cut(fault) => fault,
                ErrMode::Incomplete(_) => unreachable!("the text is whole"),
            };
            ExpressionError {
                column: text[..at].chars().count() + 1,
                message,
                help,
            }
        })
    }
}

type Input<'t> = Stateful<LocatingSlice<&'t str>, Measure>;
type Parsed<T> = ModalResult<T, Fault>;

/// The size of the expression so far; limited because evaluation is recursive.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    depth: usize,
    predicates: usize,
}

/// An error at a byte offset.
#[derive(Debug)]
struct Fault {
    at: usize,
    message: String,
    help: Option<String>,
}

impl<'t> ParserError<Input<'t>> for Fault {
    type Inner = Self;

    fn from_input(input: &Input<'t>) -> Self {
        Self {
            at: input.current_token_start(),
            message: format!("did not expect {}", found(input)),
            help: None,
        }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Describes the next token.
fn found(input: &Input<'_>) -> String {
    let rest: &str = input.input.as_ref();
    match rest.split_whitespace().next() {
        None => "the end".to_owned(),
        Some(word) => format!("`{}`", word.chars().take(30).collect::<String>()),
    }
}

/// An error that stops backtracking.
fn fault(at: usize, message: String, help: Option<String>) -> ErrMode<Fault> {
    ErrMode::Cut(Fault { at, message, help })
}

fn expected(input: &Input<'_>, what: &str) -> ErrMode<Fault> {
    let message = format!("expected {what}, found {}", found(input));
    fault(input.current_token_start(), message, None)
}

/// Parses a whole word, not the beginning of a longer one.
fn word<'t>(text: &'static str) -> impl Parser<Input<'t>, &'t str, ErrMode<Fault>> {
    terminated(text, not(one_of(is_word)))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn either(input: &mut Input<'_>) -> Parsed<Expression> {
    let sign = preceded(multispace0, alt(("|", "+", word("or"))));
    separated_foldl1(both, sign, |one, _, other| {
        Expression::Or(Box::new(one), Box::new(other))
    })
    .parse_next(input)
}

fn both(input: &mut Input<'_>) -> Parsed<Expression> {
    let sign = preceded(multispace0, alt(("&", "-", word("and"))));
    separated_foldl1(one, sign, |one, sign, other| {
        let (one, other) = (Box::new(one), Box::new(other));
        match sign {
            "-" => Expression::Minus(one, other),
            _ => Expression::And(one, other),
        }
    })
    .parse_next(input)
}

/// Parses a predicate, a negation, or an expression in parentheses.
fn one(input: &mut Input<'_>) -> Parsed<Expression> {
    multispace0.parse_next(input)?;
    let at = input.current_token_start();
    input.state.depth += 1;
    if input.state.depth > DEPTH_LIMIT {
        let message = format!("nested more than {DEPTH_LIMIT} levels deep");
        return Err(fault(at, message, None));
    }
    let negated = preceded(alt(("!", word("not"))), one);
    let grouped = preceded("(", terminated(either, close));
    let parsed = alt((
        negated.map(|of| Expression::Not(Box::new(of))),
        grouped,
        predicate.map(Expression::Is),
    ))
    .parse_next(input)?;
    input.state.depth -= 1;
    Ok(parsed)
}

fn close(input: &mut Input<'_>) -> Parsed<()> {
    multispace0.parse_next(input)?;
    match ")".void().parse_next(input) {
        Err(ErrMode::Backtrack(_)) => Err(expected(input, "`)`")),
        closed => closed,
    }
}

fn predicate(input: &mut Input<'_>) -> Parsed<Predicate> {
    let at = input.current_token_start();
    input.state.predicates += 1;
    if input.state.predicates > PREDICATE_LIMIT {
        let message = format!("more than {PREDICATE_LIMIT} predicates");
        return Err(fault(at, message, None));
    }
    let name: &str = take_while(0.., is_word).parse_next(input)?;
    if name.is_empty() {
        return Err(expected(input, "a predicate, such as page(…)"));
    }
    if !PREDICATES.contains(&name) {
        let help = match nearest(name, PREDICATES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the predicates are {}", PREDICATES.join(", ")),
        };
        let message = format!("unknown predicate `{name}`");
        return Err(fault(at, message, Some(help)));
    }
    multispace0.parse_next(input)?;
    if !consume(input, '(') {
        return Err(expected(input, &format!("`(` after `{name}`")));
    }
    multispace0.parse_next(input)?;
    let predicate = match name {
        "all" => Predicate::All,
        "none" => Predicate::None,
        "failed" => Predicate::Failed,
        "method" => method(input)?,
        "status" => status(input)?,
        "page" => Predicate::Page(matcher(input, '#')?),
        "tag" => Predicate::Tag(matcher(input, '=')?),
        "name" => Predicate::Name(matcher(input, '~')?),
        _ => Predicate::Id(matcher(input, '~')?),
    };
    close(input)?;
    Ok(predicate)
}

/// Consumes a character if it is next, and returns whether it did.
fn consume(input: &mut Input<'_>, wanted: char) -> bool {
    let parsed: Parsed<char> = one_of(wanted).parse_next(input);
    parsed.is_ok()
}

fn method(input: &mut Input<'_>) -> Parsed<Predicate> {
    let at = input.current_token_start();
    let text = text(input)?;
    if !is_token(&text) {
        let message = format!("`{text}` is not a method");
        return Err(fault(
            at,
            message,
            Some("write one, such as GET".to_owned()),
        ));
    }
    Ok(Predicate::Method(text))
}

fn status(input: &mut Input<'_>) -> Parsed<Predicate> {
    let at = input.current_token_start();
    let text = text(input)?;
    text.parse().map(Predicate::Status).map_err(|_| {
        let message = format!("`{text}` is not a status");
        let help = "write a code or a class, such as 404 or 2xx".to_owned();
        fault(at, message, Some(help))
    })
}

/// Parses a matcher; `usual` is the default operator.
fn matcher(input: &mut Input<'_>, usual: char) -> Parsed<Matcher> {
    let at = input.current_token_start();
    let sign: Parsed<char> = one_of(['=', '~', '#', '/']).parse_next(input);
    let sign = sign.ok();
    if sign == Some('/') {
        let pattern = pattern(input)?;
        return Matcher::regex(&pattern).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            let message = format!("`{pattern}` is not a valid regular expression: {reason}");
            fault(at, message, None)
        });
    }
    multispace0.parse_next(input)?;
    let text = text(input)?;
    if text.is_empty() && sign.is_none() {
        return Err(expected(input, "text"));
    }
    Ok(match sign.unwrap_or(usual) {
        '=' => Matcher::Equal(text),
        '~' => Matcher::Contains(text),
        _ => Matcher::glob(&text).map_err(|error| {
            let message = format!("`{text}` is not a valid glob: {}", error.kind());
            fault(at, message, None)
        })?,
    })
}

/// Parses text up to the `)`. `\` escapes the next character. Trailing
/// whitespace is dropped.
fn text(input: &mut Input<'_>) -> Parsed<String> {
    let mut text = String::new();
    // The length up to the last escaped character, which is never trimmed.
    let mut kept = 0;
    loop {
        let plain: Parsed<char> = none_of(['\\', ')']).parse_next(input);
        if let Ok(c) = plain {
            text.push(c);
            continue;
        }
        if !consume(input, '\\') {
            break;
        }
        let escaped: Parsed<char> = any.parse_next(input);
        text.push(escaped.map_err(|_| expected(input, "a character after `\\`"))?);
        kept = text.len();
    }
    let end = kept.max(text.trim_end().len());
    text.truncate(end);
    Ok(text)
}

/// Parses a regular expression up to its `/`; `\/` is a literal slash.
fn pattern(input: &mut Input<'_>) -> Parsed<String> {
    let mut pattern = String::new();
    loop {
        let next: Parsed<char> = any.parse_next(input);
        match next {
            Err(_) => return Err(expected(input, "the `/` that ends the regular expression")),
            Ok('/') => return Ok(pattern),
            Ok('\\') => {
                let escaped: Parsed<char> = any.parse_next(input);
                match escaped {
                    Ok('/') => pattern.push('/'),
                    Ok(c) => pattern.extend(['\\', c]),
                    Err(_) => return Err(expected(input, "a character after `\\`")),
                }
            }
            Ok(c) => pattern.push(c),
        }
    }
}
