//! The lines of a message.

use std::ops::Range;

use crate::http::message::is_token;

/// A line of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    /// The line without its end.
    pub text: &'t str,
    /// Its offset.
    pub start: usize,
    /// The offset of the next line.
    pub next: usize,
}

impl<'t> Line<'t> {
    /// The line at an offset; nothing at the end of the text.
    pub(super) fn at(text: &'t str, start: usize) -> Option<Self> {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('\n').unwrap_or(rest.len());
        Some(Self {
            text: &rest[..length],
            start,
            next: (start + length + 1).min(text.len()),
        })
    }

    /// The line after the one that contains an offset.
    pub(super) fn after(text: &'t str, offset: usize) -> Option<Self> {
        let end = text[offset..].find('\n')?;
        Self::at(text, offset + end + 1)
    }

    /// The line without the white space around it.
    pub(super) fn trimmed(&self) -> &'t str {
        self.text.trim()
    }

    /// The range of the trimmed line.
    pub(super) fn range(&self) -> Range<usize> {
        let trimmed = self.trimmed();
        let start = self.start + offset_in(self.text, trimmed);
        start..start + trimmed.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.trimmed().is_empty()
    }
}

/// Splits a header line.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_url = value.starts_with("//")
        && (name.eq_ignore_ascii_case("http") || name.eq_ignore_ascii_case("https"));
    (is_token(name.trim_end()) && !is_url).then_some((name, value.trim()))
}

/// The offset of `part` in `whole`. `part` must be a slice of `whole`.
pub(super) fn offset_in(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}
