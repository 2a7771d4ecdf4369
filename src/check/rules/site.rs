//! The input of the rules: the parsed pages, the files beside them and the
//! documented types.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::docs_files::Files;
use super::json_text::JsonText;
use super::link::anchor::Anchors;
use super::link::lookup::LinkLookup;
use super::schema::table_members::TableMembers;
use super::settings::Settings;
use super::suppression::syntax::{self, PageSuppressions};
use crate::check::types::Types;
use crate::page::extract::{self, Annotated, BlockAnnotation, BlockType, CasePlaces, Extracted};
use crate::page::markdown::{self, Block, Comment, Document};
use crate::page::reader::Reader;
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::parallel::{self, cores};
use crate::text::source::{Page, Span};

/// A parsed page.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    /// The page.
    pub page: &'a Page,
    /// Its Markdown.
    pub document: Document<'a>,
    /// Its annotated fences.
    pub annotated: Vec<Annotated<'a>>,
    /// Its annotations of permissions.
    pub permissions: Vec<BlockAnnotation>,
    /// Its cases and their positions, and its resources.
    pub extracted: Extracted,
    /// The findings of parsing it.
    pub diagnostics: Vec<Diagnostic>,
    /// The spans of the blocks and annotations of its cases, sorted, with the
    /// index of the case.
    parts: Vec<(Span, usize)>,
    /// Its anchors, computed on first use.
    pub(super) anchors: OnceLock<Anchors>,
    /// Its suppressions.
    pub suppressions: PageSuppressions,
}

impl<'a> Parsed<'a> {
    /// Parses a page without recognition.
    pub(crate) fn of(page: &'a Page) -> Self {
        Self::read(page, &Reader::default())
    }

    /// Parses a page.
    pub(crate) fn read(page: &'a Page, reader: &Reader) -> Self {
        let (document, mut diagnostics) = markdown::document(page);
        let (blocks, recognition) = (&document.blocks, reader.recognition());
        let (bound, mut extracted) = extract::read_all(page, blocks, recognition, &mut diagnostics);
        diagnostics.append(&mut extracted.diagnostics);
        let suppressions = syntax::read(page, &document);
        let parts = parts(&extracted.places);
        Self {
            page,
            document,
            annotated: bound.fences,
            permissions: bound.permissions,
            extracted,
            diagnostics,
            parts,
            anchors: OnceLock::new(),
            suppressions,
        }
    }

    /// Whether a block has an annotation.
    pub(crate) fn is_annotated(&self) -> bool {
        let mut blocks = self.annotated.iter();
        blocks.any(|block| block.rule.is_none()) || !self.permissions.is_empty()
    }

    /// The comments by their spans, which are also the spans of annotations.
    pub(crate) fn comments(&self) -> HashMap<Span, &Comment<'a>> {
        let blocks = self.document.blocks.iter();
        blocks
            .filter_map(|block| match block {
                Block::Comment(comment) => Some((comment.span, comment)),
                _ => None,
            })
            .collect()
    }

    /// The id of the case in whose blocks or annotations a span starts; the
    /// first, if several cases share a response.
    pub(crate) fn case_at(&self, span: Span) -> Option<String> {
        let before = self
            .parts
            .partition_point(|(part, _)| part.start <= span.start);
        let (part, case) = self.parts.get(before.checked_sub(1)?)?;
        let is_within = span.start < part.end.max(part.start + 1);
        is_within.then(|| self.extracted.cases[*case].id.clone())
    }
}

fn parts(places: &[CasePlaces]) -> Vec<(Span, usize)> {
    let mut parts: Vec<(Span, usize)> = Vec::with_capacity(4 * places.len());
    for (case, places) in places.iter().enumerate() {
        for places in [Some(&places.request), places.response.as_ref()] {
            let spans = places.map(|places| [places.annotation, places.block]);
            parts.extend(spans.into_iter().flatten().map(|span| (span, case)));
        }
    }
    parts.sort_unstable();
    parts.dedup_by_key(|(span, _)| *span);
    parts
}

/// All pages of the docs.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// The pages, by path.
    pub pages: &'a [Parsed<'a>],
    /// The files, including the pages.
    pub files: &'a Files,
    /// The settings of the check.
    pub settings: &'a Settings,
    /// The types that the resources document.
    pub types: Types,
    /// The findings of reading the types.
    pub type_findings: Vec<Diagnostic>,
    /// For each page, the JSON of its annotated fences.
    json: Vec<Vec<Option<JsonText<'a>>>>,
    by_path: HashMap<&'a str, usize>,
    /// Indexes for the link rules.
    pub(super) links: LinkLookup,
    /// The members that tables document, read on first use.
    table_members: OnceLock<TableMembers>,
}

impl<'a> Site<'a> {
    /// Combines the pages, which are sorted by path.
    pub(crate) fn new(pages: &'a [Parsed<'a>], files: &'a Files, settings: &'a Settings) -> Self {
        let paths = pages.iter().map(|parsed| &*parsed.page.path);
        let by_path = paths.enumerate().map(|(at, path)| (path, at)).collect();
        let json = parallel::map(pages, cores(), |parsed| {
            let texts = parsed.annotated.iter().map(JsonText::of);
            texts.collect::<Vec<_>>()
        });
        let blocks = pages.iter().zip(&json).flat_map(|(parsed, json)| {
            let blocks = parsed.annotated.iter().zip(json);
            blocks.filter(|(block, _)| block.annotation.block_type == BlockType::Resource)
        });
        let resources = pages.iter().flat_map(|parsed| &parsed.extracted.resources);
        // The resources of a page are its blocks of this type, in order.
        let nodes = blocks.map(|(_, text)| text.as_ref().and_then(JsonText::node));
        let read: Vec<_> = resources.zip(nodes).collect();
        let (types, type_findings) = Types::of_read(&read);
        Self {
            pages,
            files,
            settings,
            types,
            type_findings,
            json,
            by_path,
            links: LinkLookup::default(),
            table_members: OnceLock::new(),
        }
    }

    /// The page at a path, relative to the docs root.
    pub(crate) fn page(&self, path: &str) -> Option<&Parsed<'a>> {
        self.place(path).map(|at| &self.pages[at])
    }

    /// The index of a page.
    pub(crate) fn place(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The members that the tables of the types' pages document.
    pub(crate) fn table_members(&self) -> &TableMembers {
        self.table_members.get_or_init(|| {
            let pages = self.pages.iter();
            let pages = pages.map(|parsed| (&parsed.document, &*parsed.extracted.resources));
            TableMembers::new(&self.types, pages)
        })
    }

    /// The resources of all pages.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        let pages = self.pages.iter();
        pages.flat_map(|parsed| &parsed.extracted.resources)
    }

    /// The annotated fences of a page with their JSON.
    pub(super) fn blocks<'s>(
        &'s self,
        parsed: &'s Parsed<'_>,
    ) -> impl Iterator<Item = (&'s Annotated<'s>, Option<&'s JsonText<'a>>)> {
        let json = self.place(&parsed.page.path).map(|at| &self.json[at]);
        let json = json.into_iter().flatten().map(Option::as_ref);
        parsed.annotated.iter().zip(json)
    }

    /// The JSON of the annotated fence that starts at a byte of a page.
    pub(super) fn json_at(&self, parsed: &Parsed<'_>, start: usize) -> Option<&JsonText<'a>> {
        let blocks = &parsed.annotated;
        let at = blocks.binary_search_by_key(&start, |block| block.fence.span.start);
        self.json[self.place(&parsed.page.path)?][at.ok()?].as_ref()
    }

    /// The resources of a page in document order.
    pub(crate) fn resources_of(&self, page: &Page) -> &[Resource] {
        self.page(&page.path)
            .map_or(&[], |parsed| parsed.extracted.resources.as_slice())
    }
}
