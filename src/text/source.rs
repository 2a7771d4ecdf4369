//! The text of a page and positions in it: byte spans, lines and columns,
//! excerpts, and edits.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;

/// A range of bytes in the author's file, including a byte-order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Self { start, end }
    }

    /// The span as a range, for slicing.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// Line and column for people, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters (not bytes or display cells).
    pub column: usize,
}

/// A page: its path and its text with an index of lines.
#[derive(Debug)]
pub struct Page {
    /// Path relative to the docs root, separated by `/` on all systems.
    pub path: Arc<str>,
    /// The text of the file, including a byte-order mark.
    pub text: String,
    line_starts: Vec<usize>,
    /// For one long line: its number, and the number of characters before each
    /// stride. Keeps thousands of findings on a very long line linear.
    strides: Mutex<(usize, Vec<usize>)>,
    /// The number of bytes that were scanned for columns.
    #[cfg(test)]
    scanned: std::sync::atomic::AtomicUsize,
}

/// Stride in bytes.
const STRIDE: usize = 4096;

impl Page {
    /// Indexes the lines of a page. A line ends with `\n` or `\r\n`.
    /// `CommonMark` (2.1) also accepts a lone `\r`, but `pulldown_cmark`, which
    /// parses the pages, does not, and the two must agree.
    pub fn new(path: impl Into<Arc<str>>, text: String) -> Self {
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self {
            path: path.into(),
            text,
            line_starts,
            strides: Mutex::default(),
            #[cfg(test)]
            scanned: std::sync::atomic::AtomicUsize::default(),
        }
    }

    /// The line of the byte at `offset`, from 1.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= offset)
    }

    /// Line and column of the byte at `offset`. A byte-order mark has no
    /// column.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line(offset);
        let start = self.line_starts[line - 1];
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        Position {
            line,
            column: self.characters(line, start, offset) + 1,
        }
    }

    /// The number of characters between the start of a line and an offset.
    fn characters(&self, line: usize, start: usize, offset: usize) -> usize {
        // Continuation bytes do not count.
        let count = |bytes: &[u8]| {
            #[cfg(test)]
            self.scanned
                .fetch_add(bytes.len(), std::sync::atomic::Ordering::Relaxed);
            bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
        };
        let bytes = self.text.as_bytes();
        let mark = usize::from(self.text[start..offset].starts_with('\u{feff}'));
        let stride = (offset - start) / STRIDE;
        if stride == 0 {
            return count(&bytes[start..offset]) - mark;
        }
        let mut strides = self.strides.lock().expect("nothing here panics");
        if strides.0 != line {
            let end = self.line_span(line).end;
            let counts = bytes[start..end].chunks(STRIDE).scan(0, |sum, chunk| {
                let before = *sum;
                *sum += count(chunk);
                Some(before)
            });
            *strides = (line, counts.collect());
        }
        let known = strides
            .1
            .get(stride)
            .or(strides.1.last())
            .copied()
            .unwrap_or(0);
        let from = start + STRIDE * stride.min(strides.1.len().saturating_sub(1));
        known + count(&bytes[from..offset]) - mark
    }

    /// The span of a line (from 1) without its line end.
    pub fn line_span(&self, line: usize) -> Span {
        let start = self.line_starts[line - 1];
        let end = self
            .line_starts
            .get(line)
            .copied()
            .unwrap_or(self.text.len());
        let text = self.text[start..end].trim_end_matches(['\r', '\n']);
        Span::new(start, start + text.len())
    }

    /// The number of lines.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }
}

/// Whether a page is MDX: Markdown with components, and with comments as in
/// JavaScript.
pub(crate) fn is_mdx(page: &str) -> bool {
    page.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "mdx")
}

/// A replacement of some bytes of a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes to replace.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// Applies edits, which are sorted and do not overlap.
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        written += &text[at..edit.span.start];
        written += &edit.text;
        at = edit.span.end;
    }
    written + &text[at..]
}

/// Text from a page that may not be contiguous there: a fence in a quote loses
/// its `> `, a line end becomes `\n`. Each byte maps to its position in the
/// page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt<'a> {
    /// The text with `\n` as line ends.
    pub text: Cow<'a, str>,
    /// In ascending order, the first at 0.
    pieces: Vec<Piece>,
}

/// A run of an excerpt's text that is contiguous in the page, or that is not in
/// the page at all, such as the rest of a tab in the indentation of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Offset in the excerpt.
    at: usize,
    /// Offset in the page.
    offset: usize,
    /// Whether the page contains it.
    is_there: bool,
}

impl<'a> Excerpt<'a> {
    /// An empty excerpt at `offset`.
    pub fn empty_at(offset: usize) -> Self {
        Self {
            text: Cow::Borrowed(""),
            pieces: vec![Piece {
                at: 0,
                offset,
                is_there: true,
            }],
        }
    }

    /// Adds `text`, which is at `offset` in `page`. Contiguous pieces borrow
    /// from the page.
    pub fn push(&mut self, page: &'a str, text: &str, offset: usize) {
        if text.is_empty() {
            return;
        }
        let slice = page
            .get(offset..offset + text.len())
            .filter(|slice| *slice == text);
        if slice.is_none()
            && let Some(line) = text.strip_suffix('\n').filter(|line| !line.is_empty())
            && let Some(after) = page.get(offset..).and_then(|rest| rest.strip_prefix(line))
            && after.starts_with("\r\n")
        {
            // Only the line end differs.
            self.push(page, line, offset);
            self.push(page, "\n", offset + line.len() + 1);
            return;
        }
        let piece = Piece {
            at: self.text.len(),
            offset,
            is_there: slice.is_some(),
        };
        if self.text.is_empty() {
            self.pieces = vec![piece];
            self.text = slice.map_or_else(|| Cow::Owned(text.to_owned()), Cow::Borrowed);
            return;
        }
        let last = self.last();
        let follows =
            piece.is_there && last.is_there && last.offset + (self.text.len() - last.at) == offset;
        if follows
            && let Cow::Borrowed(known) = self.text
            && let Some(longer) = page.get(last.offset..offset + text.len())
            && longer.len() == known.len() + text.len()
        {
            self.text = Cow::Borrowed(longer);
            return;
        }
        if !follows {
            self.pieces.push(piece);
        }
        self.text.to_mut().push_str(text);
    }

    /// The offset in the page of the byte at `at`.
    pub fn offset(&self, at: usize) -> usize {
        let piece = self.piece(at);
        piece.offset + if piece.is_there { at - piece.at } else { 0 }
    }

    /// The span in the page of a range of this text. The end is derived from
    /// the last byte of the range, so a span never includes omitted bytes.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.offset(range.start);
        if range.is_empty() {
            return Span::new(start, start);
        }
        let last = range.end - 1;
        let end = self.offset(last) + usize::from(self.piece(last).is_there);
        Span::new(start, end.max(start))
    }

    /// The edit of the page that replaces a range of this text; nothing if the
    /// page has other text in between. White space at the ends of a removed
    /// range may be kept.
    pub fn edit(&self, page: &str, range: Range<usize>, text: &str) -> Option<Edit> {
        if range.is_empty() {
            // Directly after the preceding byte.
            let at = match range.start {
                0 => self.offset(0),
                start => {
                    let before = self.text[..start].chars().next_back()?.len_utf8();
                    self.span(start - before..start).end
                }
            };
            return Some(Edit {
                span: Span::new(at, at),
                text: text.to_owned(),
            });
        }
        let whole = self.text.get(range.clone())?;
        let start = range.start + (whole.len() - whole.trim_start().len());
        let inner = start..start + whole.trim().len();
        [range, inner]
            .into_iter()
            .filter(|range| !range.is_empty())
            .find_map(|range| {
                let mut span = self.span(range.clone());
                let there = page.get(span.range())?;
                if range.end < self.text.len()
                    && self.text[..range.end].ends_with('\n')
                    && self.offset(range.end) != span.end
                {
                    // The prefix of the next line would move to this line.
                    return None;
                }
                let is_same = there == &self.text[range.clone()]
                    || there.replace("\r\n", "\n") == self.text[range];
                if there.starts_with('\n') && page[..span.start].ends_with('\r') {
                    // Removes a line end as a whole.
                    span.start -= 1;
                }
                is_same.then(|| Edit {
                    span,
                    text: text.to_owned(),
                })
            })
    }

    fn piece(&self, at: usize) -> Piece {
        let index = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces[index - 1]
    }

    fn last(&self) -> Piece {
        *self.pieces.last().expect("an excerpt has a first piece")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_position(text: &str, offset: usize, expected: (usize, usize)) {
        let position = Page::new("p.md", text.to_owned()).position(offset);
        assert_eq!((position.line, position.column), expected);
    }

    #[test]
    fn columns_count_characters() {
        check_position("ab\ncd", 4, (2, 2));
        check_position("ab\r\ncd", 5, (2, 2));
        check_position("ab\rcd", 4, (1, 5));
        check_position("äé\tx", 5, (1, 4));
        check_position("\u{feff}ab", 4, (1, 2));
        check_position("ab", 2, (1, 3));
    }

    #[test]
    fn counts_columns_of_long_lines_once() {
        let text = format!("x\n\u{feff}{}y", "é".repeat(10_000));
        let page = Page::new("p.md", text.clone());
        for at in [2, 5, 7, 4095, 4097, 4101, 12_289, 20_005, 20_006] {
            let offset = (0..=at)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .expect("a boundary");
            let column = text[2..offset]
                .trim_start_matches('\u{feff}')
                .chars()
                .count()
                + 1;
            assert_eq!(page.position(at), Position { line: 2, column }, "{at}");
        }
    }

    #[test]
    fn the_scans_for_columns_grow_linearly_with_the_findings_of_a_line() {
        const DISTANCE: usize = 64;
        let scanned = |findings: usize| {
            let page = Page::new("p.md", "x".repeat(DISTANCE * findings));
            for finding in 0..findings {
                page.position(finding * DISTANCE);
            }
            page.scanned.into_inner()
        };
        for findings in [1000, 2000, 4000] {
            let scanned = scanned(findings);
            let bound = findings * (STRIDE + DISTANCE);
            assert!(scanned <= bound, "{scanned} bytes for {findings} findings");
        }
    }

    #[test]
    fn excerpt_maps_to_page_offsets() {
        let page = "> ab\n> cd\n";
        let mut excerpt = Excerpt::empty_at(0);
        excerpt.push(page, "ab\n", 2);
        excerpt.push(page, "cd\n", 7);
        assert_eq!(excerpt.text, "ab\ncd\n");
        assert_eq!(excerpt.span(3..5), Span::new(7, 9));
        assert_eq!(excerpt.span(0..3), Span::new(2, 5));
    }

    #[test]
    fn text_missing_from_the_page_has_an_empty_span() {
        let page = "\tab\n\t";
        let mut excerpt = Excerpt::empty_at(0);
        excerpt.push(page, "  ", 1);
        excerpt.push(page, "ab\n", 1);
        excerpt.push(page, "  ", 5);
        assert_eq!(excerpt.text, "  ab\n  ");
        assert_eq!(excerpt.span(0..2), Span::new(1, 1));
        assert_eq!(excerpt.span(0..4), Span::new(1, 3));
        assert_eq!(excerpt.span(2..7), Span::new(1, 5));
    }

    #[test]
    fn edits_keep_text_outside_the_excerpt() {
        let page = "> ab\n> cd\r\n";
        let mut excerpt = Excerpt::empty_at(0);
        excerpt.push(page, "ab\n", 2);
        excerpt.push(page, "cd", 7);
        excerpt.push(page, "\n", 10);
        let edit = |range, text: &str| {
            let edit = excerpt.edit(page, range, text)?;
            Some(apply(page, &[edit]))
        };
        assert_eq!(edit(1..2, "x").as_deref(), Some("> ax\n> cd\r\n"));
        assert_eq!(edit(2..3, "x"), None);
        assert_eq!(edit(1..3, "").as_deref(), Some("> a\n> cd\r\n"));
        assert_eq!(edit(3..6, "").as_deref(), Some("> ab\n> "));
        assert_eq!(edit(5..5, ",").as_deref(), Some("> ab\n> cd,\r\n"));
        assert_eq!(edit(1..4, "x"), None);
    }

    #[test]
    fn crlf_does_not_shift_offsets() {
        let page = "ab\r\ncd\r\n";
        let mut excerpt = Excerpt::empty_at(0);
        excerpt.push(page, "ab\n", 0);
        excerpt.push(page, "cd\n", 4);
        assert_eq!(excerpt.text, "ab\ncd\n");
        assert_eq!(excerpt.span(1..2), Span::new(1, 2));
        assert_eq!(excerpt.span(3..5), Span::new(4, 6));
        let edit = excerpt.edit(page, 2..3, "x").expect("an edit");
        assert_eq!(apply(page, &[edit]), "abxcd\r\n");
    }

    #[test]
    fn contiguous_excerpt_borrows() {
        let page = "xx ab\ncd\n";
        let mut excerpt = Excerpt::empty_at(0);
        excerpt.push(page, "ab\n", 3);
        excerpt.push(page, "cd\n", 6);
        assert!(matches!(excerpt.text, Cow::Borrowed("ab\ncd\n")));
    }
}
