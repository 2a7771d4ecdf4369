//! The reader of JSON texts (RFC 8259): strict, or lenient with each leniency
//! named. Nesting is bounded.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::leniency::{Fix, Leniency, LeniencyKind};
use super::tree::{Member, Node, NodeValue, Number, duplicates};
use super::unreadable::{Cause, DEPTH, NO_CLOSING_QUOTE, TOO_DEEP, Unreadable};

mod documented;
mod sent;

pub(crate) use documented::read_documented;
pub(crate) use sent::{read_sent, read_strict};

/// Reads a text leniently.
pub(crate) fn read(text: &str) -> Result<Node<'_>, Unreadable> {
    Reader::new(text, Mode::Lenient).root()
}

/// Reads a text leniently. The second value names what is not JSON.
pub(crate) fn read_with_leniencies(text: &str) -> Result<(Node<'_>, Vec<Leniency>), Unreadable> {
    let mut reader = Reader::new(text, Mode::Lenient);
    let node = reader.root()?;
    let mut leniencies = reader.leniencies;
    if let NodeValue::Object(members) = &node.value {
        let repeated = duplicates(members).into_iter().map(|duplicate| Leniency {
            kind: LeniencyKind::DuplicateKey,
            range: duplicate.again.key_range.clone(),
            fix: Vec::new(),
            more: 0,
        });
        leniencies.extend(repeated);
    }
    Ok((node, leniencies))
}

/// How values stand in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Layout {
    /// One value.
    #[default]
    Value,
    /// A value on each line, which is read as an array of them.
    Lines,
}

/// A text that was read leniently and may have ellipses.
#[derive(Debug)]
pub(crate) struct Sketch<'a> {
    /// The value.
    pub node: Node<'a>,
    /// What is not JSON.
    pub leniencies: Vec<Leniency>,
    /// `...` and `…` in the place of values and members.
    pub ellipses: Vec<Range<usize>>,
}

/// Reads a text leniently, ellipses included.
pub(crate) fn read_sketch(text: &str) -> Result<Sketch<'_>, Unreadable> {
    let mut reader = Reader::new(text, Mode::Sketch);
    Ok(Sketch {
        node: reader.root()?,
        leniencies: reader.leniencies,
        ellipses: reader.ellipses,
    })
}

/// What a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// JSON.
    Strict,
    /// What people write instead.
    Lenient,
    /// The same, and ellipses.
    Sketch,
    /// The same, and placeholders. Ellipses are part of the tree.
    Documented,
}

struct Reader<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    /// How many objects and arrays are open.
    depth: usize,
    mode: Mode,
    leniencies: Vec<Leniency>,
    ellipses: Vec<Range<usize>>,
}

/// What comes before an element of an object or array.
enum Before {
    /// The opening bracket.
    Bracket,
    /// A comma at this byte.
    Comma(usize),
    /// An element that ends at this byte.
    Element(usize),
    /// An ellipsis, with or without a comma.
    Ellipsis,
}

/// What may come next in an object or array.
enum Next {
    Element,
    Ellipsis,
    End,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, mode: Mode) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            mode,
            leniencies: Vec::new(),
            ellipses: Vec::new(),
        }
    }

    fn root(&mut self) -> Result<Node<'a>, Unreadable> {
        self.blanks_and_ellipses()?;
        if self.at == self.text.len() {
            return Err(self.unexpected("there is no value"));
        }
        let node = self.value()?;
        self.blanks_and_ellipses()?;
        if self.at < self.text.len() {
            return Err(self.unexpected("expected the end of the text"));
        }
        Ok(node)
    }

    fn value(&mut self) -> Result<Node<'a>, Unreadable> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{' | b'<') if self.take_placeholder() => NodeValue::Placeholder,
            Some(b'"') => NodeValue::String(self.string(b'"')?),
            Some(b'-' | b'0'..=b'9') => NodeValue::Number(self.number()?),
            Some(b'{') => NodeValue::Object(self.object()?),
            Some(b'[') => NodeValue::Array(self.array()?),
            Some(b't') if self.take_word("true") => NodeValue::Boolean(true),
            Some(b'f') if self.take_word("false") => NodeValue::Boolean(false),
            Some(b'n') if self.take_word("null") => NodeValue::Null,
            Some(b'\'') => NodeValue::String(self.single_quoted()?),
            Some(b'+' | b'.') if self.is_odd_number() => NodeValue::Number(self.odd_number()?),
            _ if self.take_ellipsis() => NodeValue::Placeholder,
            _ => return Err(self.unexpected("expected a value")),
        };
        Ok(Node {
            range: start..self.at,
            value,
        })
    }

    fn array(&mut self) -> Result<Vec<Node<'a>>, Unreadable> {
        let open = self.enter()?;
        let mut elements = Vec::new();
        let mut before = Before::Bracket;
        loop {
            match self.next(open, b']', &mut before)? {
                Next::End => return Ok(elements),
                Next::Ellipsis => elements.extend(self.more_elements()),
                Next::Element => {
                    if let Before::Element(end) = before {
                        self.missing_comma(end, b']')?;
                    }
                    elements.push(self.value()?);
                    before = Before::Element(self.at);
                }
            }
        }
    }

    fn object(&mut self) -> Result<Vec<Member<'a>>, Unreadable> {
        let open = self.enter()?;
        let mut members = Vec::new();
        let mut before = Before::Bracket;
        loop {
            match self.next(open, b'}', &mut before)? {
                Next::End => return Ok(members),
                Next::Ellipsis => members.extend(self.more_members()),
                Next::Element => {
                    if let Before::Element(end) = before {
                        self.missing_comma(end, b'}')?;
                    }
                    let (key_range, key) = self.key_and_colon()?;
                    members.push(Member {
                        key_range,
                        key,
                        value: self.value()?,
                    });
                    before = Before::Element(self.at);
                }
            }
        }
    }

    /// Reads a key, and goes to its value.
    fn key_and_colon(&mut self) -> Result<(Range<usize>, Cow<'a, str>), Unreadable> {
        let start = self.at;
        let key = self.key()?;
        let key_range = start..self.at;
        self.blanks()?;
        if self.peek() != Some(b':') {
            return Err(self.unexpected("expected a colon after the key"));
        }
        self.at += 1;
        self.blanks()?;
        Ok((key_range, key))
    }

    /// Goes into an object or array. Returns where it begins.
    fn enter(&mut self) -> Result<usize, Unreadable> {
        if self.depth == DEPTH {
            return Err(Unreadable {
                at: self.at,
                message: TOO_DEEP,
                cause: Cause::Depth,
            });
        }
        self.depth += 1;
        self.at += 1;
        Ok(self.at - 1)
    }

    /// Goes to the next element, or behind the closing bracket.
    fn next(&mut self, open: usize, close: u8, before: &mut Before) -> Result<Next, Unreadable> {
        loop {
            self.blanks()?;
            match self.peek() {
                Some(byte) if byte == close => {
                    if let Before::Comma(at) = *before {
                        let range = at..at + 1;
                        let fix = vec![(range.clone(), String::new())];
                        self.allow(LeniencyKind::TrailingComma, range, fix)?;
                    }
                    self.at += 1;
                    self.depth -= 1;
                    return Ok(Next::End);
                }
                Some(b',') if matches!(before, Before::Element(_)) => {
                    *before = Before::Comma(self.at);
                    self.at += 1;
                }
                Some(b',') if matches!(before, Before::Ellipsis) => self.at += 1,
                Some(_) if self.take_ellipsis() => {
                    *before = Before::Ellipsis;
                    return Ok(Next::Ellipsis);
                }
                Some(_) => return Ok(Next::Element),
                None => {
                    let what = if close == b'}' {
                        "an object is not closed"
                    } else {
                        "an array is not closed"
                    };
                    return Err(self.unclosed(open, what));
                }
            }
        }
    }

    /// An element begins here without a comma behind the one before it, which
    /// ends at `end`.
    fn missing_comma(&mut self, end: usize, close: u8) -> Result<(), Unreadable> {
        let expected = if close == b'}' {
            "expected a comma or `}`"
        } else {
            "expected a comma or `]`"
        };
        let is_element = match self.peek() {
            Some(b'{' | b'[') => close == b']',
            Some(byte) => matches!(byte, b'"' | b'\'' | b'-' | b'+') || self.word_end() > self.at,
            None => false,
        };
        if !is_element || self.mode == Mode::Strict {
            return Err(self.unexpected(expected));
        }
        let fix = vec![(end..end, ",".to_owned())];
        self.allow(LeniencyKind::MissingComma, end..end, fix)
    }

    fn key(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        match self.peek() {
            Some(b'"') => return self.string(b'"'),
            Some(b'\'') => return self.single_quoted(),
            _ => {}
        }
        let range = self.at..self.word_end();
        let word = &self.text[range.clone()];
        let is_key = self.text[range.end..].trim_start().starts_with(':');
        if word.is_empty() || !is_key {
            return Err(self.unexpected("expected a key in double quotes"));
        }
        let fix = vec![(range.clone(), quoted(word))];
        self.at = range.end;
        self.allow(LeniencyKind::UnquotedKey, range, fix)?;
        Ok(Cow::Borrowed(word))
    }

    fn single_quoted(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        let start = self.at;
        if self.mode == Mode::Strict {
            return Err(self.unexpected(LeniencyKind::SingleQuotes.refusal()));
        }
        let text = self.string(b'\'')?;
        let range = start..self.at;
        let fix = vec![(range.clone(), quoted(&text))];
        self.allow(LeniencyKind::SingleQuotes, range, fix)?;
        Ok(text)
    }

    fn string(&mut self, quote: u8) -> Result<Cow<'a, str>, Unreadable> {
        let start = self.at + 1;
        let length = plain_length(&self.text.as_bytes()[start..], quote);
        let end = start + length;
        match self.text.as_bytes().get(end) {
            Some(byte) if *byte == quote => {
                self.at = end + 1;
                Ok(Cow::Borrowed(&self.text[start..end]))
            }
            Some(_) => self.long_string(quote, end).map(Cow::Owned),
            None => Err(self.unclosed(self.at, NO_CLOSING_QUOTE)),
        }
    }

    /// Reads a string that has an escape or a control character, first at `at`.
    fn long_string(&mut self, quote: u8, mut at: usize) -> Result<String, Unreadable> {
        let (text, open) = (self.text, self.at);
        let mut value = text[open + 1..at].to_owned();
        let mut controls = Vec::new();
        let mut odd = None;
        let mut run = at;
        loop {
            match text.as_bytes().get(at) {
                None => return Err(self.unclosed(open, NO_CLOSING_QUOTE)),
                Some(byte) if *byte == quote => break,
                Some(b'\\') => {
                    value.push_str(&text[run..at]);
                    let end = self.escape(at, &mut value, &mut odd)?;
                    at = end;
                    run = end;
                }
                Some(byte) => {
                    if *byte < b' ' {
                        controls.push(at);
                    }
                    at += 1;
                }
            }
        }
        value.push_str(&text[run..at]);
        self.at = at + 1;
        // Those of a string in single quotes are fixed with its quotes.
        if quote == b'"' {
            self.allow_in_string(open, &controls, odd)?;
        }
        Ok(value)
    }

    /// The leniencies of the string that begins at `open` and was just read.
    fn allow_in_string(
        &mut self,
        open: usize,
        controls: &[usize],
        odd: Option<Range<usize>>,
    ) -> Result<(), Unreadable> {
        let character = |at: usize| &self.text[at..=at];
        if let Some(first) = controls.first() {
            let kind = if controls.iter().any(|at| character(*at) == "\n") {
                LeniencyKind::LineBreak
            } else {
                LeniencyKind::ControlCharacter
            };
            if self.mode == Mode::Strict {
                self.at = *first;
                return Err(self.unexpected(kind.refusal()));
            }
            let fix = controls.iter().map(|at| {
                let escaped = quoted(character(*at));
                (*at..at + 1, escaped.trim_matches('"').to_owned())
            });
            let fix = fix.collect();
            self.allow(kind, open..self.at, fix)?;
        }
        match odd {
            Some(range) => self.allow(LeniencyKind::Escape, range, Vec::new()),
            None => Ok(()),
        }
    }

    /// Reads the escape at a byte. Returns where it ends. `odd` is the first
    /// one that JSON does not have.
    fn escape(
        &mut self,
        at: usize,
        value: &mut String,
        odd: &mut Option<Range<usize>>,
    ) -> Result<usize, Unreadable> {
        let invalid = |message| Unreadable {
            at,
            message,
            cause: Cause::Syntax,
        };
        let rest = &self.text[at + 1..];
        let Some(escaped) = rest.chars().next() else {
            return Err(self.unclosed(self.at, NO_CLOSING_QUOTE));
        };
        let plain = match escaped {
            '"' | '\\' | '/' => Some(escaped),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            _ => None,
        };
        if let Some(plain) = plain {
            value.push(plain);
            return Ok(at + 2);
        }
        if escaped == 'u' {
            let (character, length) = unicode_escape(&rest[1..]).map_err(invalid)?;
            value.push(character);
            return Ok(at + 2 + length);
        }
        let mut length = escaped.len_utf8();
        // Those of JSON5.
        match escaped {
            'v' => value.push('\u{b}'),
            '0' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => value.push('\0'),
            'x' => {
                let digits = rest
                    .get(1..3)
                    .and_then(|it| u8::from_str_radix(it, 16).ok());
                let digits = digits.ok_or_else(|| invalid("invalid escape in a string"))?;
                value.push(char::from(digits));
                length += 2;
            }
            '\n' => {}
            '\r' => length += usize::from(rest[1..].starts_with('\n')),
            '0'..='9' => return Err(invalid("invalid escape in a string")),
            other => value.push(other),
        }
        let end = at + 1 + length;
        if self.mode == Mode::Strict {
            return Err(invalid("invalid escape in a string"));
        }
        odd.get_or_insert(at..end);
        Ok(end)
    }

    fn number(&mut self) -> Result<Number<'a>, Unreadable> {
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let start = self.at;
        let whole = start + usize::from(bytes[start] == b'-');
        let mut end = match bytes.get(whole) {
            Some(b'0') => whole + 1,
            _ => digits(whole),
        };
        let mut is_json = end > whole;
        if bytes.get(end) == Some(&b'.') {
            let fraction = end + 1;
            end = digits(fraction);
            is_json &= end > fraction;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let exponent = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            end = digits(exponent);
            is_json &= end > exponent;
        }
        is_json &= !matches!(bytes.get(end), Some(byte) if byte.is_ascii_alphanumeric());
        if is_json {
            self.at = end;
            return Ok(Number::new(&self.text[start..end]));
        }
        self.odd_number()
    }

    /// Whether `+1` or `.5` is here.
    fn is_odd_number(&self) -> bool {
        let rest = self.text[self.at..].trim_start_matches('+');
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        rest.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Reads a number in a form that JSON does not have: `0xFF`, `+1`, `.5`,
    /// `1.`, `01`.
    fn odd_number(&mut self) -> Result<Number<'a>, Unreadable> {
        let start = self.at;
        let signed = &self.text[start..];
        let unsigned = signed.strip_prefix(['-', '+']).unwrap_or(signed);
        let hexadecimal = unsigned
            .strip_prefix("0x")
            .or_else(|| unsigned.strip_prefix("0X"));
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (rest, has_digits) = if let Some(hexadecimal) = hexadecimal {
            let rest = hexadecimal.trim_start_matches(|c: char| c.is_ascii_hexdigit());
            (rest, rest.len() < hexadecimal.len())
        } else {
            let whole = digits(unsigned);
            let mut rest = &unsigned[whole..];
            let mut fraction = 0;
            if let Some(after) = rest.strip_prefix('.') {
                fraction = digits(after);
                rest = &after[fraction..];
            }
            if let Some(after) = rest.strip_prefix(['e', 'E']) {
                let after = after.strip_prefix(['-', '+']).unwrap_or(after);
                let exponent = digits(after);
                // Without digits, the letter is refused below.
                if exponent > 0 {
                    rest = &after[exponent..];
                }
            }
            (rest, whole + fraction > 0)
        };
        if !has_digits || rest.starts_with(|c: char| c.is_alphanumeric()) {
            return Err(self.unexpected(LeniencyKind::Number.refusal()));
        }
        let range = start..self.text.len() - rest.len();
        if self.mode == Mode::Strict {
            return Err(self.unexpected(LeniencyKind::Number.refusal()));
        }
        self.at = range.end;
        self.allow(LeniencyKind::Number, range.clone(), Vec::new())?;
        Ok(Number::new(&self.text[range]))
    }

    /// Skips white space and comments.
    fn blanks(&mut self) -> Result<(), Unreadable> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b'/') => {
                    if !self.comment()? {
                        return Ok(());
                    }
                }
                Some(0x0b | 0x0c | 0x80..) => {
                    if !self.foreign_blanks()? {
                        return Ok(());
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn blanks_and_ellipses(&mut self) -> Result<(), Unreadable> {
        self.blanks()?;
        while self.take_ellipsis() {
            self.blanks()?;
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<bool, Unreadable> {
        let start = self.at;
        let rest = &self.text[start..];
        let length = if rest.starts_with("//") {
            rest.find(['\n', '\r']).unwrap_or(rest.len())
        } else if let Some(inner) = rest.strip_prefix("/*") {
            match inner.find("*/") {
                Some(end) => "/*".len() + end + "*/".len(),
                None => return Err(self.unclosed(start, "a comment is not closed")),
            }
        } else {
            return Ok(false);
        };
        let range = start..start + length;
        let fix = vec![(with_blanks(self.text, &range), String::new())];
        self.at = range.end;
        self.allow(LeniencyKind::Comment, range, fix)?;
        Ok(true)
    }

    /// Skips white space that JSON does not allow.
    fn foreign_blanks(&mut self) -> Result<bool, Unreadable> {
        let rest = &self.text[self.at..];
        let length = rest.len() - rest.trim_start().len();
        let foreign = rest[..length]
            .char_indices()
            .filter(|(_, c)| !matches!(c, ' ' | '\t' | '\n' | '\r'))
            .map(|(at, c)| {
                let start = self.at + at;
                (start..start + c.len_utf8(), " ".to_owned())
            });
        let fix: Fix = foreign.collect();
        let Some((first, _)) = fix.first().cloned() else {
            return Ok(false);
        };
        self.at += length;
        let kind = match &self.text[first.clone()] {
            "\u{a0}" => LeniencyKind::NoBreakSpace,
            _ => LeniencyKind::WhiteSpace,
        };
        self.allow(kind, first, fix)?;
        Ok(true)
    }

    /// Takes a word unless it is only the beginning of another one.
    fn take_word(&mut self, word: &str) -> bool {
        let is_here = self.text[self.at..]
            .strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(is_word));
        if is_here {
            self.at += word.len();
        }
        is_here
    }

    fn word_end(&self) -> usize {
        let rest = &self.text[self.at..];
        self.text.len() - rest.trim_start_matches(is_word).len()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Notes a leniency; a strict reader refuses it.
    fn allow(
        &mut self,
        kind: LeniencyKind,
        range: Range<usize>,
        fix: Fix,
    ) -> Result<(), Unreadable> {
        if self.mode == Mode::Strict {
            return Err(Unreadable {
                at: range.start,
                message: kind.refusal(),
                cause: Cause::Syntax,
            });
        }
        self.leniencies.push(Leniency {
            kind,
            range,
            fix,
            more: 0,
        });
        Ok(())
    }

    #[cold]
    fn unexpected(&self, message: &'static str) -> Unreadable {
        let open = (self.mode != Mode::Strict).then(|| self.open_string());
        open.flatten().unwrap_or(Unreadable {
            at: self.at,
            message,
            cause: Cause::Syntax,
        })
    }

    /// What begins at `open` has no end. A body that was sent stops at its end,
    /// a page at what has to be closed.
    #[cold]
    fn unclosed(&self, open: usize, message: &'static str) -> Unreadable {
        Unreadable {
            at: if self.mode == Mode::Strict {
                self.text.len()
            } else {
                open
            },
            message,
            cause: Cause::Open,
        }
    }

    /// A string without a closing quote takes the next opening quote for its
    /// own, so that reading stops only behind that, some lines below.
    fn open_string(&self) -> Option<Unreadable> {
        let before = self.text[..self.at].trim_end().strip_suffix('"')?;
        let start = before.rfind('"')?;
        before[start..].contains('\n').then_some(Unreadable {
            at: start,
            message: NO_CLOSING_QUOTE,
            cause: Cause::Open,
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '$')
}

/// How many bytes come before a quote, a backslash or a control character. Looks
/// at eight bytes at a time.
fn plain_length(bytes: &[u8], quote: u8) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let chunk = u64::from_le_bytes(*chunk);
        // The high bit of each byte that is zero, or below another byte.
        let is_zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let stops = is_zero(chunk ^ (ONES * u64::from(quote)))
            | is_zero(chunk ^ (ONES * u64::from(b'\\')))
            | (chunk.wrapping_sub(ONES * u64::from(b' ')) & !chunk);
        // A borrow may mark bytes behind the first one, but none before it.
        match stops & HIGH {
            0 => at += 8,
            stops => return at + stops.trailing_zeros() as usize / 8,
        }
    }
    let is_plain = |byte: &u8| *byte != quote && *byte != b'\\' && *byte >= b' ';
    at + bytes[at..].iter().take_while(|byte| is_plain(byte)).count()
}

/// Reads what follows `\u`: the character, and its length in bytes.
fn unicode_escape(rest: &str) -> Result<(char, usize), &'static str> {
    const LONE: &str = "lone surrogate in a string";
    let unit = |at: usize| {
        let digits = rest.get(at..at + 4)?;
        let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hexadecimal
            .then(|| u16::from_str_radix(digits, 16).ok())
            .flatten()
    };
    let first = unit(0).ok_or("expected four hexadecimal digits after `\\u`")?;
    let second = match first {
        0xd800..0xdc00 if rest.get(4..6) == Some("\\u") => Some(unit(6).ok_or(LONE)?),
        _ => None,
    };
    let units = std::iter::once(first).chain(second);
    let character = char::decode_utf16(units).next();
    let character = character.and_then(Result::ok).ok_or(LONE)?;
    Ok((character, if second.is_some() { 10 } else { 4 }))
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The range of a comment and the blanks before it; the whole line if nothing
/// else is on it.
fn with_blanks(text: &str, range: &Range<usize>) -> Range<usize> {
    let before = text[..range.start].trim_end_matches([' ', '\t']);
    let starts_line = before.is_empty() || before.ends_with('\n');
    let after = text[range.end..].trim_start_matches([' ', '\t']);
    match after.strip_prefix('\n') {
        Some(rest) if starts_line => before.len()..text.len() - rest.len(),
        // What comes behind it on its line keeps its place.
        _ if starts_line => range.clone(),
        _ => before.len()..range.end,
    }
}

#[cfg(test)]
mod tests;
