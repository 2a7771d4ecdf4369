//! Template strings: literal text, `${name}`, and `${function…}`.

use std::fmt;

use thiserror::Error;

use crate::text::finding::nearest;

/// Maximum nesting of templates, as in `${base64:${base64:x}}`.
const DEPTH_LIMIT: usize = 8;

/// The functions, for suggestions.
const FUNCTIONS: [&str; 6] = ["env", "uuid", "now", "random-filename", "base64", "file"];

/// A parsed template string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text(pub(super) Vec<TemplatePiece>);

/// A piece of a template string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TemplatePiece {
    /// Literal text.
    Literal(String),
    /// A variable.
    Variable(String),
    /// An environment variable, which is a secret.
    Env(String),
    /// A random UUID (RFC 9562, 5.4).
    Uuid,
    /// The current time plus an offset in seconds.
    Now(i64),
    /// A random file name with this extension.
    RandomFilename(String),
    /// The Base64 (RFC 4648, 4) of a text.
    Base64(Text),
    /// The text of a file of the project.
    File(String),
}

/// An invalid template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TextError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl TextError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

impl Text {
    /// Parses a template string.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let mut rest = text;
        let parsed = parse(&mut rest, 0)?;
        debug_assert!(rest.is_empty(), "the outermost text ends with the string");
        Ok(parsed)
    }

    /// A text without templates.
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::default()
        } else {
            Self(vec![TemplatePiece::Literal(text)])
        }
    }

    /// Returns the variables that it refers to, in order.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.add_variables(&mut names);
        names
    }

    fn add_variables<'a>(&'a self, names: &mut Vec<&'a str>) {
        for piece in &self.0 {
            match piece {
                TemplatePiece::Variable(name) => names.push(name),
                TemplatePiece::Base64(text) => text.add_variables(names),
                _ => {}
            }
        }
    }

    /// Returns the variable, if the text is a single one.
    pub fn as_variable(&self) -> Option<&str> {
        match self.0.as_slice() {
            [TemplatePiece::Variable(name)] => Some(name),
            _ => None,
        }
    }
}

/// Parses to the end of the string or, within a function, to its `}`.
fn parse(rest: &mut &str, depth: usize) -> Result<Text, TextError> {
    if depth > DEPTH_LIMIT {
        return Err(TextError {
            message: format!("templates are nested more than {DEPTH_LIMIT} levels deep"),
            help: None,
        });
    }
    let mut pieces = Vec::new();
    let mut literal = String::new();
    loop {
        let next = rest.find(|c| c == '$' || (depth > 0 && c == '}'));
        let Some(at) = next else {
            literal += rest;
            *rest = "";
            break;
        };
        literal += &rest[..at];
        *rest = &rest[at..];
        if rest.starts_with('}') {
            break;
        }
        if let Some(after) = rest.strip_prefix("$${") {
            literal += "${";
            *rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            if !literal.is_empty() {
                pieces.push(TemplatePiece::Literal(std::mem::take(&mut literal)));
            }
            *rest = after;
            pieces.push(parse_expression(rest, depth)?);
        } else {
            literal.push('$');
            *rest = &rest[1..];
        }
    }
    if !literal.is_empty() {
        pieces.push(TemplatePiece::Literal(literal));
    }
    Ok(Text(pieces))
}

/// Parses the text after `${`, and the `}`.
fn parse_expression(rest: &mut &str, depth: usize) -> Result<TemplatePiece, TextError> {
    let unclosed = || {
        TextError::new(
            "unclosed `${`",
            "add `}`, or write `$${` for a literal `${`",
        )
    };
    if let Some(after) = rest.strip_prefix("base64:") {
        *rest = after;
        let text = parse(rest, depth + 1)?;
        *rest = rest.strip_prefix('}').ok_or_else(unclosed)?;
        return Ok(TemplatePiece::Base64(text));
    }
    let end = rest.find('}').ok_or_else(unclosed)?;
    let expression = rest[..end].trim();
    *rest = &rest[end + 1..];
    read_expression(expression)
}

fn read_expression(expression: &str) -> Result<TemplatePiece, TextError> {
    if expression.contains("${") {
        return Err(TextError::new(
            format!("`{expression}` contains another `${{`"),
            "only `${base64:…}` can contain a template",
        ));
    }
    if let Some((function, argument)) = expression.split_once(':') {
        return read_function(function.trim(), argument.trim());
    }
    if expression == "uuid" {
        return Ok(TemplatePiece::Uuid);
    }
    if let Some(offset) = expression.strip_prefix("now")
        && is_offset(offset.trim(), is_name(expression))
    {
        return read_offset(offset.trim()).map(TemplatePiece::Now);
    }
    if ["env", "random-filename", "base64", "file"].contains(&expression) {
        return Err(TextError::new(
            format!("the function `{expression}` needs an argument"),
            format!("write `${{{expression}:…}}`"),
        ));
    }
    if is_name(expression) {
        return Ok(TemplatePiece::Variable(expression.to_owned()));
    }
    Err(TextError::new(
        format!(
            "`{}` is not a valid variable name",
            expression.escape_debug()
        ),
        "names consist of letters, digits, `-`, `_` and `.`; write `$${` for a literal `${`",
    ))
}

fn read_function(function: &str, argument: &str) -> Result<TemplatePiece, TextError> {
    match function {
        "env" if is_env_name(argument) => Ok(TemplatePiece::Env(argument.to_owned())),
        "env" => Err(TextError::new(
            format!(
                "`{}` is not the name of an environment variable",
                argument.escape_debug()
            ),
            "write `${env:NAME}`",
        )),
        "random-filename"
            if !argument.is_empty()
                && argument.len() <= 32
                && argument.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            Ok(TemplatePiece::RandomFilename(argument.to_owned()))
        }
        "random-filename" => Err(TextError::new(
            format!("`{}` is not a file extension", argument.escape_debug()),
            "use only letters and digits, as in `${random-filename:png}`",
        )),
        "file" => check_file(argument).map(|()| TemplatePiece::File(argument.to_owned())),
        "uuid" | "now" => Err(TextError::new(
            format!("the function `{function}` takes no argument"),
            "write `${uuid}`, `${now}` or `${now + 3d}`",
        )),
        _ => Err(TextError::new(
            format!("unknown function `{}`", function.escape_debug()),
            match nearest(function, FUNCTIONS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the functions are {}", FUNCTIONS.join(", ")),
            },
        )),
    }
}

/// Checks that a path stays within the project, apart from symbolic links.
pub(super) fn check_file(path: &str) -> Result<(), TextError> {
    let parts = path.split('/');
    let is_inside = !path.contains(['\\', ':'])
        && !path.contains(char::is_control)
        && parts.clone().all(|part| !matches!(part, "" | "." | ".."));
    if is_inside {
        return Ok(());
    }
    Err(TextError::new(
        format!("`{}` is not a path within the project", path.escape_debug()),
        "use a path from the root of the project with `/`, without `.`, `..` and a leading slash",
    ))
}

/// Whether the text after `now` is an offset: `now-ish` is a name.
fn is_offset(offset: &str, is_name: bool) -> bool {
    match offset.strip_prefix(['+', '-']) {
        Some(amount) => !is_name || amount.starts_with(|c: char| c.is_ascii_digit()),
        None => offset.is_empty(),
    }
}

/// Parses `+ 3d` or `- 2h` to seconds.
fn read_offset(offset: &str) -> Result<i64, TextError> {
    if offset.is_empty() {
        return Ok(0);
    }
    let invalid = || {
        TextError::new(
            format!("`now {offset}` is not a valid time"),
            "use `${now + 3d}` or `${now - 2h}`, with one of the units s, m, h, d and w",
        )
    };
    let (sign, amount) = match offset.split_at(1) {
        ("+", amount) => (1, amount.trim()),
        ("-", amount) => (-1, amount.trim()),
        _ => return Err(invalid()),
    };
    let digits = amount.len()
        - amount
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let unit = match &amount[digits..] {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(invalid()),
    };
    // A hundred years are enough, and the result stays within the years of RFC
    // 3339.
    let limit = 100 * 366 * 24 * 60 * 60;
    amount[..digits]
        .parse::<i64>()
        .ok()
        .and_then(|count| count.checked_mul(unit))
        .filter(|seconds| *seconds <= limit)
        .map(|seconds| seconds * sign)
        .ok_or_else(invalid)
}

fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Whether a text can be the name of a variable in `${…}`.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric() || c == '_') && text.chars().all(is_name_char)
}

fn is_env_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                TemplatePiece::Literal(text) => formatter.write_str(&text.replace("${", "$${"))?,
                TemplatePiece::Variable(name) => write!(formatter, "${{{name}}}")?,
                TemplatePiece::Env(name) => write!(formatter, "${{env:{name}}}")?,
                TemplatePiece::Uuid => formatter.write_str("${uuid}")?,
                TemplatePiece::Now(0) => formatter.write_str("${now}")?,
                TemplatePiece::Now(seconds) if *seconds < 0 => {
                    write!(formatter, "${{now - {}s}}", -seconds)?;
                }
                TemplatePiece::Now(seconds) => write!(formatter, "${{now + {seconds}s}}")?,
                TemplatePiece::RandomFilename(extension) => {
                    write!(formatter, "${{random-filename:{extension}}}")?;
                }
                TemplatePiece::Base64(text) => write!(formatter, "${{base64:{text}}}")?,
                TemplatePiece::File(path) => write!(formatter, "${{file:{path}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> TemplatePiece {
        TemplatePiece::Literal(text.to_owned())
    }

    fn variable(name: &str) -> TemplatePiece {
        TemplatePiece::Variable(name.to_owned())
    }

    #[track_caller]
    fn check(text: &str, expected: &[TemplatePiece]) {
        let parsed = Text::parse(text).expect("a template");
        assert_eq!(parsed.0, expected, "{text}");
        let again = Text::parse(&parsed.to_string()).expect("a template");
        assert_eq!(again, parsed, "{text} is written as {parsed}");
    }

    #[track_caller]
    fn check_refused(text: &str, message: &str) {
        let error = Text::parse(text).expect_err("no template");
        let whole = format!("{}; {}", error.message, error.help.unwrap_or_default());
        assert!(whole.contains(message), "{text}: {whole}");
    }

    #[test]
    fn parses_templates() {
        check("", &[]);
        check("a $b {c} $", &[literal("a $b {c} $")]);
        check(
            "x-${a.b-c}!",
            &[literal("x-"), variable("a.b-c"), literal("!")],
        );
        check("${ a }", &[variable("a")]);
        check("$${a} ${a}", &[literal("${a} "), variable("a")]);
        check("${env:A_1}", &[TemplatePiece::Env("A_1".to_owned())]);
        check("${uuid}", &[TemplatePiece::Uuid]);
        check("${uuid-of-it}", &[variable("uuid-of-it")]);
        check(
            "${file:a/b.txt}",
            &[TemplatePiece::File("a/b.txt".to_owned())],
        );
        check(
            "${random-filename:png}",
            &[TemplatePiece::RandomFilename("png".to_owned())],
        );
    }

    #[test]
    fn parses_times_with_offsets() {
        check("${now}", &[TemplatePiece::Now(0)]);
        check("${now + 3d}", &[TemplatePiece::Now(259_200)]);
        check("${now-2h}", &[TemplatePiece::Now(-7200)]);
        check("${now+1w}", &[TemplatePiece::Now(604_800)]);
        check("${nowhere}", &[variable("nowhere")]);
        check("${now-ish}", &[variable("now-ish")]);
        check_refused("${now + 3y}", "is not a valid time");
        check_refused("${now + d}", "is not a valid time");
        check_refused("${now + 9999999999999w}", "is not a valid time");
    }

    #[test]
    fn parses_templates_within_base64() {
        check(
            "${base64:${a}:b}c",
            &[
                TemplatePiece::Base64(Text(vec![variable("a"), literal(":b")])),
                literal("c"),
            ],
        );
        check_refused("${base64:${a}", "unclosed");
        check_refused(&"${base64:".repeat(9), "more than 8 levels deep");
        check_refused("${file:${a}}", "can contain a template");
    }

    #[test]
    fn rejects_invalid_templates() {
        check_refused("${a", "write `$${`");
        check_refused("${}", "is not a valid variable name");
        check_refused("${a b}", "is not a valid variable name");
        check_refused("${en:HOME}", "did you mean `env`?");
        check_refused("${env}", "write `${env:…}`");
        check_refused("${env:A B}", "write `${env:NAME}`");
        check_refused("${uuid:4}", "takes no argument");
        check_refused("${random-filename:../a}", "only letters and digits");
        check_refused("${file:../a}", "within the project");
        check_refused("${file:/a}", "within the project");
        check_refused("${file:C:/a}", "within the project");
        check_refused("${file:a//b}", "within the project");
    }
}
