//! What else stands in a page: its front matter, headings, tables, links and
//! HTML, each with its place.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::Block;
use crate::text::source::{Page, Span};

/// A page as a whole.
#[derive(Debug, Default)]
pub struct Document<'a> {
    /// The YAML between the `---` lines at the top, without these.
    pub front_matter: Option<Span>,
    /// Comments, fences, and what stands between them.
    pub blocks: Vec<Block<'a>>,
    /// The headings, in the order of the page.
    pub headings: Vec<Heading>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Paragraphs with a `|`, which may be meant as tables.
    pub barred: Vec<Span>,
    /// Links and images, those of tables and headings included.
    pub links: Vec<Link>,
    /// References that no definition resolves.
    pub undefined: Vec<Reference>,
    /// HTML blocks and inline HTML, comments included.
    pub html: Vec<Span>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// From 1 to 6.
    pub level: usize,
    /// Its bytes, markers included, without the line end.
    pub span: Span,
    /// Its text, without markup.
    pub text: String,
}

/// A table (GFM 4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// All of its rows.
    pub span: Span,
    /// The cells of its header row.
    pub header: Row,
    /// The rows of its body. Each has as many cells as the header: what a row
    /// has not is empty, and what it has beyond them is left out (GFM 4.10).
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Its bytes, without the line end.
    pub span: Span,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// Its bytes.
    pub span: Span,
    /// Its text, without markup.
    pub text: String,
}

/// How a link is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// `[text](destination)`.
    Inline,
    /// `[text][label]`, `[label][]` or `[label]`.
    Reference,
    /// `<https://example.com>`.
    Autolink,
    /// `[!INCLUDE [text](destination)]`.
    Include,
}

/// A link or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// How it is written.
    pub kind: LinkKind,
    /// Whether it is an image.
    pub is_image: bool,
    /// All of its bytes; of an include, those of the link in it.
    pub span: Span,
    /// The destination, its escapes and entities resolved.
    pub destination: String,
    /// The bytes of the destination, as it is written; of a reference, those in
    /// its definition.
    pub destination_span: Span,
}

/// How a reference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceForm {
    /// `[text][label]`.
    Full,
    /// `[label][]`.
    Collapsed,
    /// `[label]`, which is mostly meant as text.
    Shortcut,
}

/// A reference without a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// How it is written.
    pub form: ReferenceForm,
    /// Its bytes, brackets included.
    pub span: Span,
    /// Its label.
    pub label: String,
}

/// Collects what a page's events say beside its blocks.
#[derive(Debug, Default)]
pub(super) struct Prose {
    headings: Vec<Heading>,
    tables: Vec<Table>,
    barred: Vec<Span>,
    links: Vec<Link>,
    /// The links that are being read, by their place among all, and where their
    /// texts end so far.
    open_links: Vec<(usize, usize)>,
    /// The labels of the references among the links.
    labels: Vec<(usize, String)>,
    html: Vec<Span>,
    /// The heading that is being read.
    heading: Option<Heading>,
    /// The table that is being read.
    table: Option<Table>,
    /// The row and the cell of it.
    row: Row,
    cell: Option<Cell>,
}

impl Prose {
    /// Takes an event, at a range of the page.
    pub(super) fn event(&mut self, page: &Page, event: &Event<'_>, range: std::ops::Range<usize>) {
        let span = trimmed(page, range.into());
        let ends_link = matches!(event, Event::End(TagEnd::Link | TagEnd::Image));
        if let Some((_, text_end)) = self.open_links.last_mut().filter(|_| !ends_link) {
            *text_end = span.end;
        }
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some(Heading {
                    level: number(*level),
                    span,
                    text: String::new(),
                });
            }
            Event::Start(Tag::Paragraph) => {
                let text = page.slice(span).as_bytes();
                if memchr::memchr(b'|', text).is_some() {
                    self.barred.push(span);
                }
            }
            Event::End(TagEnd::Heading(_)) => self.headings.extend(self.heading.take()),
            Event::Start(Tag::Table(_)) => {
                self.table = Some(Table {
                    span,
                    header: Row::default(),
                    rows: Vec::new(),
                });
            }
            Event::End(TagEnd::Table) => self.tables.extend(self.table.take()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.row = Row {
                    span,
                    cells: Vec::new(),
                };
            }
            Event::End(TagEnd::TableHead) => {
                if let Some(table) = &mut self.table {
                    table.header = std::mem::take(&mut self.row);
                }
            }
            Event::End(TagEnd::TableRow) => {
                if let Some(table) = &mut self.table {
                    table.rows.push(std::mem::take(&mut self.row));
                }
            }
            Event::Start(Tag::TableCell) => {
                self.cell = Some(Cell {
                    span,
                    text: String::new(),
                });
            }
            Event::End(TagEnd::TableCell) => self.row.cells.extend(self.cell.take()),
            Event::Start(
                Tag::Link {
                    link_type,
                    dest_url,
                    id,
                    ..
                }
                | Tag::Image {
                    link_type,
                    dest_url,
                    id,
                    ..
                },
            ) => {
                let is_image = matches!(event, Event::Start(Tag::Image { .. }));
                let kind = kind(page, *link_type, span);
                if kind == LinkKind::Reference {
                    self.labels.push((self.links.len(), id.to_string()));
                }
                let text_start = span.start + 1 + usize::from(is_image);
                self.open_links.push((self.links.len(), text_start));
                self.links.push(Link {
                    kind,
                    is_image,
                    span,
                    destination: dest_url.to_string(),
                    destination_span: span,
                });
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((at, text_end)) = self.open_links.pop() {
                    let link = &mut self.links[at];
                    link.destination_span = match link.kind {
                        LinkKind::Autolink => Span::new(span.start + 1, span.end - 1),
                        _ => destination_after(page, "](", Span::new(text_end, span.end))
                            .unwrap_or(span),
                    };
                }
            }
            Event::Text(text) | Event::Code(text) => self.text(text),
            Event::SoftBreak | Event::HardBreak => self.text(" "),
            Event::InlineHtml(_) => self.html.push(span),
            _ => {}
        }
    }

    /// Takes an HTML block.
    pub(super) fn html(&mut self, span: Span) {
        self.html.push(span);
    }

    /// Gives the references the places of their destinations: those in their
    /// definitions, whose spans `definition` knows by the label.
    pub(super) fn define(&mut self, page: &Page, definition: impl Fn(&str) -> Option<Span>) {
        for (at, label) in self.labels.drain(..) {
            let link = &mut self.links[at];
            link.destination_span = definition(&label)
                .and_then(|span| destination_after(page, "]:", span))
                .unwrap_or(link.span);
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.text += text;
        } else if let Some(heading) = &mut self.heading {
            heading.text += text;
        }
    }

    /// The document, with the other parts of it.
    pub(super) fn document(
        self,
        front_matter: Option<Span>,
        blocks: Vec<Block<'_>>,
        undefined: Vec<Reference>,
    ) -> Document<'_> {
        Document {
            front_matter,
            blocks,
            headings: self.headings,
            tables: self.tables,
            barred: self.barred,
            links: self.links,
            undefined,
            html: self.html,
        }
    }
}

fn number(level: HeadingLevel) -> usize {
    level as usize
}

fn kind(page: &Page, link_type: LinkType, span: Span) -> LinkKind {
    match link_type {
        LinkType::Autolink | LinkType::Email => LinkKind::Autolink,
        LinkType::Inline if is_included(page, span) => LinkKind::Include,
        LinkType::Inline => LinkKind::Inline,
        _ => LinkKind::Reference,
    }
}

/// Whether a link stands in `[!INCLUDE …]`, or in `[INCLUDE …]`, as some write.
fn is_included(page: &Page, link: Span) -> bool {
    let before = page.text[..link.start].trim_end_matches([' ', '\t']);
    [b"[!INCLUDE".as_slice(), b"[INCLUDE"]
        .iter()
        .any(|opening| {
            let bytes = before.as_bytes();
            bytes.len() >= opening.len()
                && bytes[bytes.len() - opening.len()..].eq_ignore_ascii_case(opening)
        })
}

/// The destination that follows the first `mark` within a span (`CommonMark`
/// 6.3), without the angle brackets that it may have.
fn destination_after(page: &Page, mark: &str, within: Span) -> Option<Span> {
    let text = page.text.get(within.range())?;
    let mut start = text.find(mark)? + mark.len();
    // Within a quote, its mark stands at the start of each line.
    let is_gap = |c: char| c.is_ascii_whitespace() || c == '>';
    start += text[start..].len() - text[start..].trim_start_matches(is_gap).len();
    let in_brackets = text[start..].starts_with('<');
    start += usize::from(in_brackets);
    let bytes = text.as_bytes();
    let (mut end, mut depth) = (start, 0_usize);
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' if bytes.get(end + 1).is_some_and(u8::is_ascii_punctuation) => end += 1,
            b'>' if in_brackets => break,
            _ if in_brackets => {}
            b' ' | b'\t' | b'\r' | b'\n' => break,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            _ => {}
        }
        end += 1;
    }
    let end = end.min(bytes.len());
    Some(Span::new(within.start + start, within.start + end))
}

/// A span without the line end that a block's range may have.
fn trimmed(page: &Page, span: Span) -> Span {
    let text = page.slice(span).trim_end_matches(['\r', '\n']);
    Span::new(span.start, span.start + text.len())
}
