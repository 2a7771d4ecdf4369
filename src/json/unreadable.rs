//! Why a text cannot be read as JSON.

use std::ops::Range;

/// Why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The byte at which reading stopped.
    pub at: usize,
    /// The reason. Of [`Cause::Foreign`]: what the text is instead.
    pub message: &'static str,
    /// The kind of reason.
    pub(super) cause: Cause,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It is not JSON at this byte.
    Syntax,
    /// Something that begins at this byte has no end.
    Open,
    /// It is something else as a whole.
    Foreign,
    /// It is deeper than [`DEPTH`], a limit of docproof and not of JSON.
    Depth,
}

/// Deeper values are not read.
pub(super) const DEPTH: usize = 512;
/// What is said of deeper values.
pub(crate) const TOO_DEEP: &str = "deeper than 512";

pub(super) const NO_CLOSING_QUOTE: &str = "a string has no closing quote";

impl Unreadable {
    /// The character at which reading stopped; empty at the end of the text.
    pub fn range(&self, text: &str) -> Range<usize> {
        let at = self.at.min(text.len());
        at..at + text[at..].chars().next().map_or(0, char::len_utf8)
    }

    /// Whether the text may be JSON, but is too deep for this reader.
    pub(crate) fn is_too_deep(&self) -> bool {
        self.cause == Cause::Depth
    }

    /// What a body is instead of JSON, as a noun phrase.
    pub(crate) fn describe_sent(&self) -> String {
        match self.cause {
            Cause::Foreign if self.at > 0 => format!("{} (byte {})", self.message, self.at),
            Cause::Foreign => self.message.to_owned(),
            Cause::Depth => format!("JSON {TOO_DEEP}"),
            Cause::Syntax | Cause::Open => {
                format!("invalid JSON: {} at byte {}", self.message, self.at)
            }
        }
    }

    /// What to write there.
    pub fn help(&self, text: &str) -> &'static str {
        match text[self.range(text)].chars().next() {
            _ if self.message == NO_CLOSING_QUOTE => "close the string with a double quote",
            None => "complete the text: it ends too early",
            Some('“' | '”' | '„' | '‘' | '’' | '`') => "use plain double quotes",
            Some('<') => "write the placeholder in double quotes",
            Some(_) if self.cause == Cause::Open => "close what is opened here",
            Some(c) if c.is_alphabetic() => {
                "write a string in double quotes, a number, `true`, `false` or `null`"
            }
            Some(_) => "write a key, a value, a comma or a bracket",
        }
    }
}
