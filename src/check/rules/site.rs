//! The input of the rules: the parsed pages, the files beside them and the
//! documented types.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::docs_files::Files;
use super::link::anchor::Anchors;
use super::link::lookup::LinkLookup;
use super::schema::table_members::TableMembers;
use super::settings::Settings;
use super::suppression::syntax::{self, PageSuppressions};
use crate::check::types::Types;
use crate::page::extract::{self, Annotated, CasePlaces, Extracted};
use crate::page::markdown::{self, Block, Comment, Document};
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
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
    /// Its cases and their positions. The resources are moved to the [`Site`].
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
    /// Parses a page.
    pub(crate) fn of(page: &'a Page) -> Self {
        let (document, mut diagnostics) = markdown::document(page);
        let annotated = extract::bind(page, &document.blocks, &mut diagnostics);
        let mut extracted = extract::read(page, &annotated);
        diagnostics.append(&mut extracted.diagnostics);
        let suppressions = syntax::read(page, &document);
        let parts = parts(&extracted.places);
        Self {
            page,
            document,
            annotated,
            extracted,
            diagnostics,
            parts,
            anchors: OnceLock::new(),
            suppressions,
        }
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
    pub pages: Vec<Parsed<'a>>,
    /// The files, including the pages.
    pub files: &'a Files,
    /// The settings of the check.
    pub settings: &'a Settings,
    /// The types that the resources document.
    pub types: Types,
    /// The findings of reading the types.
    pub type_findings: Vec<Diagnostic>,
    /// The resources, by page and line.
    resources: Vec<Resource>,
    /// For each page, the range of its resources in `resources`.
    resources_of: Vec<Range<usize>>,
    by_path: HashMap<&'a str, usize>,
    /// Indexes for the link rules.
    pub(super) links: LinkLookup,
    /// The members that tables document, read on first use.
    table_members: OnceLock<TableMembers>,
}

impl<'a> Site<'a> {
    /// Combines the pages, which are sorted by path.
    pub(crate) fn new(
        mut pages: Vec<Parsed<'a>>,
        files: &'a Files,
        settings: &'a Settings,
    ) -> Self {
        let mut resources = Vec::new();
        let mut resources_of = Vec::with_capacity(pages.len());
        let mut by_path = HashMap::with_capacity(pages.len());
        for (at, parsed) in pages.iter_mut().enumerate() {
            let from = resources.len();
            resources.append(&mut parsed.extracted.resources);
            resources_of.push(from..resources.len());
            by_path.insert(&*parsed.page.path, at);
        }
        let (types, type_findings) = Types::new(&resources);
        Self {
            pages,
            files,
            settings,
            types,
            type_findings,
            resources,
            resources_of,
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
            let pages = pages.map(|parsed| (&parsed.document, self.resources_of(parsed.page)));
            TableMembers::new(&self.types, pages)
        })
    }

    /// The resources of all pages.
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources of a page in document order.
    pub(crate) fn resources_of(&self, page: &Page) -> &[Resource] {
        self.by_path
            .get(&*page.path)
            .map_or(&[], |at| &self.resources[self.resources_of[*at].clone()])
    }
}
