//! What else stands in a page: its front matter, headings, tables, links and
//! HTML, each with its place.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::Block;
use crate::source::{Page, Span};

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
}

/// A reference without a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
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
                    ..
                }
                | Tag::Image {
                    link_type,
                    dest_url,
                    ..
                },
            ) => self.links.push(Link {
                kind: kind(page, *link_type, span),
                is_image: matches!(event, Event::Start(Tag::Image { .. })),
                span,
                destination: dest_url.to_string(),
            }),
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

/// A span without the line end that a block's range may have.
fn trimmed(page: &Page, span: Span) -> Span {
    let text = page.slice(span).trim_end_matches(['\r', '\n']);
    Span::new(span.start, span.start + text.len())
}
