//! Departures from JSON that the lenient reader accepts, each with its fix.

use std::ops::Range;

/// Bytes of a text, and their replacement.
pub(crate) type Fix = Vec<(Range<usize>, String)>;

/// A departure from JSON that leaves no doubt about the meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leniency {
    /// What is wrong.
    pub kind: LeniencyKind,
    /// The bytes that are wrong.
    pub range: Range<usize>,
    /// The edits that make it JSON; empty where they would be a guess.
    pub fix: Fix,
    /// How many more of this kind there are, after [`by_kind`].
    pub more: usize,
}

/// The kinds of departures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeniencyKind {
    /// `// a` or `/* a */`.
    Comment,
    /// `[1,]`.
    TrailingComma,
    /// `[1 2]`.
    MissingComma,
    /// `'a'`.
    SingleQuotes,
    /// `{a: 1}`.
    UnquotedKey,
    /// A string over several lines.
    LineBreak,
    /// A tab or another control character in a string.
    ControlCharacter,
    /// `"\x41"`.
    Escape,
    /// `0xFF`, `+1`, `.5`, `01`.
    Number,
    /// U+00A0 between tokens.
    NoBreakSpace,
    /// Other white space between tokens that is not JSON's (RFC 8259, section 2).
    WhiteSpace,
    /// `{"a": 1, "a": 2}` in the outermost object.
    DuplicateKey,
}

impl LeniencyKind {
    /// What is wrong, to follow "has".
    fn describe(self) -> &'static str {
        match self {
            Self::Comment => "a comment",
            Self::TrailingComma => "a trailing comma",
            Self::MissingComma => "a missing comma",
            Self::SingleQuotes => "a string in single quotes",
            Self::UnquotedKey => "a key without quotes",
            Self::LineBreak => "a line break in a string",
            Self::ControlCharacter => "a control character in a string",
            Self::Escape => "an invalid escape in a string",
            Self::Number => "an invalid number",
            Self::NoBreakSpace => "a no-break space outside of strings",
            Self::WhiteSpace => "white space that JSON does not allow",
            Self::DuplicateKey => "a duplicate key, whose last value is used",
        }
    }

    /// Why a strict reader stops here.
    pub(super) fn refusal(self) -> &'static str {
        match self {
            Self::Comment => "JSON has no comments",
            Self::TrailingComma => "trailing comma",
            Self::MissingComma => "missing comma",
            Self::SingleQuotes => "expected double quotes",
            Self::UnquotedKey => "expected a key in double quotes",
            Self::LineBreak => "line break in a string",
            Self::ControlCharacter => "control character in a string",
            Self::Escape => "invalid escape in a string",
            Self::Number => "invalid number",
            Self::NoBreakSpace | Self::WhiteSpace => "invalid white space",
            Self::DuplicateKey => "duplicate key",
        }
    }

    /// How to write it in JSON.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Comment => "remove it: JSON has no comments",
            Self::TrailingComma => "remove the trailing comma",
            Self::MissingComma => "add a comma",
            Self::SingleQuotes => "use double quotes",
            Self::UnquotedKey => "write the key in double quotes",
            Self::LineBreak | Self::ControlCharacter => {
                "write line breaks and tabs in a string as \\n and \\t"
            }
            Self::Escape => "write the character itself, or its \\u escape",
            Self::Number => "write the number in decimal digits",
            Self::NoBreakSpace | Self::WhiteSpace => "use plain spaces",
            Self::DuplicateKey => "remove or rename one of them",
        }
    }
}

impl Leniency {
    /// What is wrong and how often, to follow "has".
    pub(crate) fn describe(&self) -> String {
        let what = self.kind.describe();
        match self.more {
            0 => what.to_owned(),
            more => format!("{what} ({more} more in this block)"),
        }
    }
}

/// Merges the leniencies of each kind into the first one, with the fixes of
/// all.
pub(crate) fn by_kind(leniencies: Vec<Leniency>) -> Vec<Leniency> {
    let mut merged: Vec<Leniency> = Vec::new();
    for leniency in leniencies {
        match merged.iter_mut().find(|first| first.kind == leniency.kind) {
            Some(first) => {
                first.more += 1;
                first.fix.extend(leniency.fix);
            }
            None => merged.push(leniency),
        }
    }
    merged
}
