//! How a text is matched in an expression, as nextest writes it: `=exact`,
//! `~part`, `#glob`, `/regex/`.

use std::fmt::{self, Write as _};

use globset::Error as GlobError;
use regex::Regex;

use crate::page::globs::PageGlobs;

/// A text, or how it is like.
#[derive(Debug, Clone)]
pub(crate) enum Matcher {
    /// `=`: the very text.
    Equal(String),
    /// `~`: a part of it.
    Contains(String),
    /// `#`: a glob, in which `*` stops at a `/` and a page's `.md` may be left
    /// out.
    Glob(String, PageGlobs),
    /// `/…/`: a regular expression that is found somewhere in it. Matching takes
    /// time in proportion to the text, whatever the expression.
    Regex(String, Regex),
}

impl Matcher {
    /// A glob.
    pub(crate) fn glob(pattern: &str) -> Result<Self, GlobError> {
        let globs = PageGlobs::new([pattern]).map_err(|(_, error)| error)?;
        Ok(Self::Glob(pattern.to_owned(), globs))
    }

    /// A regular expression.
    pub(crate) fn regex(pattern: &str) -> Result<Self, regex::Error> {
        Ok(Self::Regex(pattern.to_owned(), Regex::new(pattern)?))
    }

    /// Whether a text is meant.
    pub(crate) fn takes(&self, text: &str) -> bool {
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
    /// Writes it so that it is read as the same again, whatever the predicate.
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
        // Spaces at the ends are no part of a text, unless they are escaped.
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
