//! JSON as people write it in comments: strict first, then with whatever can
//! be read without guessing, each leniency named.

use std::collections::HashSet;
use std::ops::Range;

use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde_json::Value;

/// Something that is not JSON, but can be read without guessing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leniency {
    /// The bytes that are meant.
    pub range: Range<usize>,
    /// What stands there, for "this annotation has …".
    pub what: &'static str,
    /// What to write instead.
    pub help: &'static str,
    /// The bytes that mend it, and what has to stand there; nothing where that
    /// would be a guess.
    pub mend: Mend,
    /// How many more there are of its kind, if these were brought together.
    pub more: usize,
}

/// One of each kind, at its first place, with the mends of all.
pub(crate) fn by_kind(leniencies: Vec<Leniency>) -> Vec<Leniency> {
    let mut kinds: Vec<Leniency> = Vec::new();
    for leniency in leniencies {
        match kinds.iter_mut().find(|kind| kind.what == leniency.what) {
            Some(kind) => {
                kind.more += 1;
                kind.mend.extend(leniency.mend);
            }
            None => kinds.push(leniency),
        }
    }
    kinds
}

impl Leniency {
    /// What stands there, and how often.
    pub(crate) fn shown(&self) -> String {
        match self.more {
            0 => self.what.to_owned(),
            1 => format!("{}, and one more like it", self.what),
            more => format!("{}, and {more} more like it", self.what),
        }
    }
}

/// What stands in a string that goes over several lines.
pub(crate) const LINE_BREAK: &str = "a line break in a string";

/// Bytes of a text, and what has to stand there instead.
pub(crate) type Mend = Vec<(Range<usize>, String)>;

/// What stands in a text that is a comment.
pub(crate) const COMMENT: &str = "a comment";

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The byte at which reading stopped.
    pub at: usize,
    /// What was met there.
    pub message: String,
}

impl Unreadable {
    /// Why `serde_json` refuses a text: its message, less the place that it
    /// counts in bytes of a line.
    pub fn strict(text: &[u8], error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Self {
            at: byte_offset(text, error.line(), error.column()),
            message: message.to_owned(),
        }
    }

    /// The character at which reading stopped; nothing at the end.
    pub fn range(&self, text: &str) -> Range<usize> {
        let at = self.at.min(text.len());
        at..at + text[at..].chars().next().map_or(0, char::len_utf8)
    }

    /// What to write there.
    pub fn help(&self, text: &str) -> &'static str {
        let next = text[self.range(text)].chars().next();
        match next {
            _ if self.message.contains("closing quote") => "close the string with a double quote",
            None => "close what is still open",
            Some('“' | '”' | '„' | '‘' | '’' | '`') => {
                "write strings in plain double quotes"
            }
            Some('<') => "write the placeholder in double quotes",
            Some('{' | '[' | '"' | '/') if self.message.contains("nterminated") => {
                "close what is opened here"
            }
            Some(c) if c.is_alphabetic() => {
                "write a string in double quotes, a number, `true`, `false` or `null`"
            }
            Some(_) => "write what JSON has here: a key, a value, a comma or a bracket",
        }
    }
}

/// Reads a JSON text.
pub(crate) fn read(text: &str) -> Result<(Value, Vec<Leniency>), Unreadable> {
    let strict = match serde_json::from_str(text) {
        Ok(value) => return Ok((value, repeated_keys(text))),
        Err(error) => error,
    };
    let parsed = parse_to_ast(
        text,
        &CollectOptions {
            comments: CommentCollectionStrategy::AsTokens,
            tokens: true,
        },
        &ParseOptions {
            allow_non_finite_numbers: false,
            ..ParseOptions::default()
        },
    )
    .map_err(|error| unreadable(text, &error))?;
    let mut leniencies = leniencies(text, &parsed.tokens.unwrap_or_default());
    match parsed.value {
        Some(value) if !leniencies.is_empty() => {
            leniencies.extend(repeated_keys(text));
            Ok((value.into(), leniencies))
        }
        // Strict JSON refused it for a reason that is no leniency of ours: no
        // value at all, half a surrogate pair, nesting without end.
        _ => Err(Unreadable::strict(text.as_bytes(), &strict)),
    }
}

/// Why the lenient reader gave up.
pub(crate) fn unreadable(text: &str, error: &ParseError) -> Unreadable {
    let at = error.range().start;
    open_string(text, at).unwrap_or_else(|| Unreadable {
        at,
        message: lower_first(&error.kind().to_string()),
    })
}

/// The leniencies that reading these tokens took.
pub(crate) fn leniencies(text: &str, tokens: &[TokenAndRange<'_>]) -> Vec<Leniency> {
    let mut found = Vec::new();
    let mut previous: Option<&TokenAndRange<'_>> = None;
    let mut push = |range: Range<usize>, what, help, mend| {
        found.push(Leniency {
            range,
            what,
            help,
            mend,
            more: 0,
        });
    };
    let instead = |range: &Range<usize>, text: String| vec![(range.clone(), text)];
    let mut gap = 0;
    let ends = tokens
        .iter()
        .map(|token| token.range.start..token.range.end);
    for token in ends.chain(std::iter::once(text.len()..text.len())) {
        if let Some((range, mend)) = foreign_blanks(text, gap..token.start) {
            let what = match &text[range.clone()] {
                "\u{a0}" => "a no-break space, which JSON does not skip",
                _ => "white space that JSON does not skip",
            };
            push(range, what, "write plain spaces", mend);
        }
        gap = token.end;
    }
    for (index, token) in tokens.iter().enumerate() {
        let range = token.range.start..token.range.end;
        let source = &text[range.clone()];
        if matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_)) {
            let mend = instead(&with_blanks(text, &range), String::new());
            push(range, COMMENT, "JSON has no comments: take it out", mend);
            continue;
        }
        if let Some(before) = previous {
            let comma = before.range.start..before.range.end;
            match (&before.token, &token.token) {
                (Token::Comma, Token::CloseBrace | Token::CloseBracket) => {
                    let mend = instead(&comma, String::new());
                    push(comma, "a trailing comma", "take the comma out", mend);
                }
                (first, second) if ends_value(first) && starts_value(second) => {
                    let here = before.range.end..before.range.end;
                    let mend = instead(&here, ",".to_owned());
                    let what = "no comma between two members";
                    push(here, what, "write a comma here", mend);
                }
                _ => {}
            }
        }
        let is_key = tokens[index + 1..]
            .iter()
            .find(|next| !matches!(next.token, Token::CommentLine(_) | Token::CommentBlock(_)))
            .is_some_and(|next| next.token == Token::Colon);
        match &token.token {
            Token::String(value) if source.starts_with('\'') => {
                let mend = instead(&range, quoted(value));
                let what = "a string in single quotes";
                push(range, what, "write it in double quotes", mend);
            }
            Token::String(_) if source.contains(|c: char| c < ' ') => {
                let mend = escapes(source, range.start);
                let what = if source.contains('\n') {
                    LINE_BREAK
                } else {
                    "a control character in a string"
                };
                let help = "write line ends and tabs in a string as \\n and \\t";
                push(range, what, help, mend);
            }
            Token::String(_) if serde_json::from_str::<String>(source).is_err() => {
                let what = "an escape in a string that JSON has not";
                let help = "write the character itself, or its \\u escape";
                push(range, what, help, Vec::new());
            }
            Token::Word(_) | Token::Number(_) | Token::Boolean(_) | Token::Null if is_key => {
                let mend = instead(&range, quoted(source));
                let what = "a key without quotes";
                push(range, what, "write the key in double quotes", mend);
            }
            Token::Number(_) if serde_json::from_str::<serde_json::Number>(source).is_err() => {
                let what = "a number in a form that JSON has not";
                push(range, what, "write it in decimal digits", Vec::new());
            }
            _ => {}
        }
        previous = Some(token);
    }
    found
}

/// White space between two tokens that is none of JSON's (RFC 8259, 2): the
/// first of it, and its mend.
fn foreign_blanks(text: &str, gap: Range<usize>) -> Option<(Range<usize>, Mend)> {
    let foreign = text[gap.clone()]
        .char_indices()
        .filter(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r'))
        .map(|(at, c)| {
            let start = gap.start + at;
            (start..start + c.len_utf8(), " ".to_owned())
        });
    let mend: Mend = foreign.collect();
    Some((mend.first()?.0.clone(), mend))
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The escapes of the control characters in a string that stands at `at`.
fn escapes(source: &str, at: usize) -> Mend {
    source
        .char_indices()
        .filter(|(_, c)| *c < ' ')
        .map(|(within, c)| {
            let escaped = quoted(&c.to_string());
            let start = at + within;
            (start..start + 1, escaped.trim_matches('"').to_owned())
        })
        .collect()
}

/// A range with the blanks before it; where nothing else stands on its line,
/// all of the line.
fn with_blanks(text: &str, range: &Range<usize>) -> Range<usize> {
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    let starts_line = before.is_empty() || before.ends_with('\n');
    let after = text[range.end..].trim_start_matches([' ', '\t']);
    match after.strip_prefix('\n') {
        Some(rest) if starts_line => before.len()..text.len() - rest.len(),
        // What comes after it on its line keeps its place.
        _ if starts_line => range.clone(),
        _ => before.len()..range.end,
    }
}

/// The keys of an object's top level that stand more than once. Which of them
/// holds is no guess (the last, as JSON readers have it), but hardly meant.
fn repeated_keys(text: &str) -> Vec<Leniency> {
    let mut seen = HashSet::new();
    let mut depth = 0;
    let mut found = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' | b'\'' => {
                while let Some(&next) = bytes.get(at) {
                    at += if next == b'\\' { 2 } else { 1 };
                    if next == byte {
                        break;
                    }
                }
                let end = at.min(text.len());
                let is_key = text
                    .get(end..)
                    .is_some_and(|rest| rest.trim_start().starts_with(':'));
                if depth == 1 && is_key && !seen.insert(&text[start..end]) {
                    found.push(Leniency {
                        range: start..end,
                        what: "a key that stands twice, of which the last holds",
                        help: "take one of them out",
                        mend: Vec::new(),
                        more: 0,
                    });
                }
            }
            _ => {}
        }
    }
    found
}

/// Reading stops at the first word after a string that was left open some
/// lines above, since the next quote closed it. The string is what is wrong.
fn open_string(text: &str, stopped: usize) -> Option<Unreadable> {
    let before = text.get(..stopped)?.trim_end().strip_suffix('"')?;
    let start = before.rfind('"')?;
    let is_open = before[start..].contains('\n');
    is_open.then(|| Unreadable {
        at: start,
        message: "a string has no closing quote on its line".to_owned(),
    })
}

fn ends_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::String(_)
            | Token::Number(_)
            | Token::Boolean(_)
            | Token::Null
            | Token::CloseBrace
            | Token::CloseBracket
    )
}

fn starts_value(token: &Token<'_>) -> bool {
    matches!(
        token,
        Token::String(_)
            | Token::Word(_)
            | Token::Number(_)
            | Token::Boolean(_)
            | Token::Null
            | Token::OpenBrace
            | Token::OpenBracket
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

/// The byte at `serde_json`'s line and column (from 1, the column in bytes),
/// or the start of the character that holds it.
fn byte_offset(text: &[u8], line: usize, column: usize) -> usize {
    let start = text
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum::<usize>();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while at > 0 && text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests;
