//! Documents: front matter, headings, tables, links and HTML, with their places.

use pulldown_cmark::{Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::block::Block;
use crate::text::source::{Page, Span};

/// A whole page.
#[derive(Debug, Default)]
pub struct Document<'a> {
    /// The YAML between the `---` lines at the top.
    pub front_matter: Option<Span>,
    /// Comments, fences, and other content.
    pub blocks: Vec<Block<'a>>,
    /// The headings, in the order of the page.
    pub headings: Vec<Heading>,
    /// The headings of `DocFX` tabs, such as `# [HTTP](#tab/http)`.
    pub tabs: Vec<Tab>,
    /// The thematic breaks, which end groups of tabs.
    pub breaks: Vec<Span>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Paragraphs with a `|`. They may be meant as tables.
    pub barred: Vec<Span>,
    /// Links and images, also in tables and headings.
    pub links: Vec<Link>,
    /// References without a definition.
    pub undefined: Vec<Reference>,
    /// HTML blocks and inline HTML, comments included.
    pub html: Vec<Span>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// From 1 to 6.
    pub level: usize,
    /// The heading with its markers, without the line end.
    pub span: Span,
    /// The text without markup.
    pub text: String,
}

/// The heading of a tab: a link to `#tab/ID`, which is not a heading of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The line.
    pub span: Span,
    /// The tab, without its condition: `http` in `#tab/http/v1`.
    pub id: String,
}

/// A table (GFM 4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// All rows.
    pub span: Span,
    /// The header row.
    pub header: Row,
    /// The other rows. Each has as many cells as the header: missing cells are
    /// empty, excess cells are dropped (GFM 4.10).
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The row, without the line end.
    pub span: Span,
    /// The cells.
    pub cells: Vec<Cell>,
}

/// A cell of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The cell.
    pub span: Span,
    /// The text without markup.
    pub text: String,
}

/// The syntax of a link.
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
    /// The syntax of the link.
    pub kind: LinkKind,
    /// Whether it is an image.
    pub is_image: bool,
    /// The whole link; for an include, the link in it.
    pub span: Span,
    /// The destination, with escapes and entities resolved.
    pub destination: String,
    /// The destination as it is written; for a reference, in its definition.
    pub destination_span: Span,
}

/// The syntax of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceForm {
    /// `[text][label]`.
    Full,
    /// `[label][]`.
    Collapsed,
    /// `[label]`, which is usually meant as text.
    Shortcut,
}

/// A reference without a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The syntax of the reference.
    pub form: ReferenceForm,
    /// The reference with its brackets.
    pub span: Span,
    /// The label.
    pub label: String,
}

/// Collects headings, tables and links from the events of the parser.
#[derive(Debug, Default)]
pub(super) struct Prose {
    headings: Vec<Heading>,
    tabs: Vec<Tab>,
    breaks: Vec<Span>,
    tables: Vec<Table>,
    barred: Vec<Span>,
    links: Vec<Link>,
    /// The links that are being read: their index in `links`, and the end of
    /// their text so far.
    open_links: Vec<(usize, usize)>,
    /// The labels of references, by their index in `links`.
    labels: Vec<(usize, String)>,
    html: Vec<Span>,
    /// The heading that is being read.
    heading: Option<Heading>,
    /// The table that is being read.
    table: Option<Table>,
    /// The row and the cell that are being read.
    row: Row,
    cell: Option<Cell>,
}

impl Prose {
    /// Adds an event at a range of the page.
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
            Event::End(TagEnd::Heading(_)) => {
                if let Some(heading) = self.heading.take() {
                    match self.tab(page, &heading) {
                        Some(tab) => self.tabs.push(tab),
                        None => self.headings.push(heading),
                    }
                }
            }
            Event::Rule => self.breaks.push(span),
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

    /// The tab that a heading opens, if it is nothing but a link to one.
    fn tab(&self, page: &Page, heading: &Heading) -> Option<Tab> {
        let link = self.links.last()?;
        let id = link.destination.strip_prefix("#tab/")?;
        let is_within = heading.span.start <= link.span.start && link.span.end <= heading.span.end;
        let marks =
            is_within.then(|| page.slice(Span::new(heading.span.start, link.span.start)))?;
        let rest = page.slice(Span::new(link.span.end, heading.span.end));
        let is_mark = |c: char| c == '#' || c.is_whitespace();
        let is_alone = marks.chars().all(is_mark) && rest.chars().all(is_mark);
        is_alone.then(|| Tab {
            span: heading.span,
            id: id.split('/').next().unwrap_or(id).to_owned(),
        })
    }

    /// Adds an HTML block.
    pub(super) fn html(&mut self, span: Span) {
        self.html.push(span);
    }

    /// Sets the spans of the destinations of references. `definition` returns the
    /// span of a definition by its label.
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

    /// Builds the document.
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
            tabs: self.tabs,
            breaks: self.breaks,
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

/// Whether a link is in `[!INCLUDE …]`, or in the misspelt `[INCLUDE …]`.
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

/// The destination after the first `mark` in a span (`CommonMark` 6.3), without
/// angle brackets.
fn destination_after(page: &Page, mark: &str, within: Span) -> Option<Span> {
    let text = page.text.get(within.range())?;
    let mut start = text.find(mark)? + mark.len();
    // In a quote, each line starts with `>`.
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

/// The span without a line end.
fn trimmed(page: &Page, span: Span) -> Span {
    let text = page.slice(span).trim_end_matches(['\r', '\n']);
    Span::new(span.start, span.start + text.len())
}
