//! Text matchers of expressions, as in nextest: `=exact`, `~part`, `#glob`,
//! `/regex/`.

use std::fmt::{self, Write as _};

use globset::Error as GlobError;
use regex::Regex;

use crate::page::globs::PageGlobs;

/// A text matcher.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    /// `=`: equal text.
    Equal(String),
    /// `~`: a substring.
    Contains(String),
    /// `#`: a glob, in which `*` does not match `/` and a page's `.md` is
    /// optional.
    Glob(String, PageGlobs),
    /// `/…/`: a regular expression that matches anywhere. Matching takes linear
    /// time for every expression.
    Regex(String, Regex),
}

impl Matcher {
    /// Creates a glob matcher.
    pub(crate) fn glob(pattern: &str) -> Result<Self, GlobError> {
        let globs = PageGlobs::new([pattern]).map_err(|(_, error)| error)?;
        Ok(Self::Glob(pattern.to_owned(), globs))
    }

    /// Creates a regular expression matcher.
    pub(crate) fn regex(pattern: &str) -> Result<Self, regex::Error> {
        Ok(Self::Regex(pattern.to_owned(), Regex::new(pattern)?))
    }

    /// Whether the matcher matches a text.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equal(exact) => exact == text,
            Self::Contains(part) => text.contains(part.as_str()),
            Self::Glob(_, globs) => globs.takes(text),
            Self::Regex(_, regex) => regex.is_match(text),
        }
    }

    fn parts(&self) -> (char, &str) {
        match self {
            Self::Equal(text) => ('=', text),
            Self::Contains(text) => ('~', text),
            Self::Glob(text, _) => ('#', text),
            Self::Regex(text, _) => ('/', text),
        }
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl fmt::Display for Matcher {
    /// Formats the matcher so that every predicate parses it the same way.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, text) = self.parts();
        formatter.write_char(sign)?;
        if sign == '/' {
            let mut is_escaped = false;
            for c in text.chars() {
                if c == '/' && !is_escaped {
                    formatter.write_char('\\')?;
                }
                is_escaped = c == '\\' && !is_escaped;
                formatter.write_char(c)?;
            }
            return formatter.write_char('/');
        }
        // Unescaped whitespace at the ends is not part of a text.
        let inner = text.trim();
        let from = text.len() - text.trim_start().len();
        for (at, c) in text.char_indices() {
            let is_outside = at < from || at >= from + inner.len();
            if matches!(c, '\\' | ')') || is_outside {
                formatter.write_char('\\')?;
            }
            formatter.write_char(c)?;
        }
        Ok(())
    }
}
