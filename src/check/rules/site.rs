//! All that the rules look at: the pages as they were read, the files beside
//! them, and the documented types.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use super::Settings;
use super::link::{Anchors, Index};
use super::schema::TableWords;
use super::suppression::{self, Written};
use crate::check::types::Types;
use crate::page::extract::{self, Annotated, CasePlaces, Extracted};
use crate::page::markdown::{self, Block, Comment, Document};
use crate::page::resource::Resource;
use crate::text::finding::Diagnostic;
use crate::text::source::{Page, Span};

/// A page as it was read.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    /// The page.
    pub page: &'a Page,
    /// Its Markdown.
    pub document: Document<'a>,
    /// Its annotated fences.
    pub annotated: Vec<Annotated<'a>>,
    /// Its cases, and where they stand. The resources are the site's.
    pub extracted: Extracted,
    /// What was found while it was read.
    pub diagnostics: Vec<Diagnostic>,
    /// The blocks and annotations of its cases, by their places, and the case
    /// of each.
    parts: Vec<(Span, usize)>,
    /// Its anchors, once a link needs them.
    pub(super) anchors: OnceLock<Anchors>,
    /// What the page silences.
    pub suppressions: Written,
}

impl<'a> Parsed<'a> {
    /// Reads a page.
    pub(crate) fn of(page: &'a Page) -> Self {
        let (document, mut diagnostics) = markdown::document(page);
        let annotated = extract::bind(page, &document.blocks, &mut diagnostics);
        let mut extracted = extract::read(page, &annotated);
        diagnostics.append(&mut extracted.diagnostics);
        let suppressions = suppression::read(page, &document);
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

    /// The comments by their places, which are those of the annotations.
    pub(crate) fn comments(&self) -> HashMap<Span, &Comment<'a>> {
        let blocks = self.document.blocks.iter();
        blocks
            .filter_map(|block| match block {
                Block::Comment(comment) => Some((comment.span, comment)),
                _ => None,
            })
            .collect()
    }

    /// The id of the case in whose blocks or annotations a span begins; of
    /// several that share a response, the first.
    pub(crate) fn case_at(&self, span: Span) -> Option<String> {
        let before = self
            .parts
            .partition_point(|(part, _)| part.start <= span.start);
        let (part, case) = self.parts.get(before.checked_sub(1)?)?;
        let holds = span.start < part.end.max(part.start + 1);
        holds.then(|| self.extracted.cases[*case].id.clone())
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

/// The files of the docs root, which links may lead to.
#[derive(Debug, Default)]
pub struct Files {
    /// The files and folders, relative to the docs root, with `/`.
    paths: HashSet<String>,
    /// For each path in lower case, one that is there.
    by_lower_case: HashMap<String, String>,
}

impl Files {
    /// The files at these paths, and the folders that they stand in.
    pub fn new(paths: impl IntoIterator<Item = String>) -> Self {
        let mut files = Self::default();
        for path in paths {
            for (at, _) in path.match_indices('/') {
                files.insert(&path[..at]);
            }
            files.insert(&path);
        }
        files
    }

    fn insert(&mut self, path: &str) {
        if self.paths.insert(path.to_owned()) {
            self.by_lower_case
                .insert(path.to_lowercase(), path.to_owned());
        }
    }

    /// Whether no file is known: a page was named without its docs.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether there is a file or a folder at this very path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// A file or a folder at this path, but for case.
    pub fn but_for_case(&self, path: &str) -> Option<&str> {
        self.by_lower_case
            .get(&path.to_lowercase())
            .map(String::as_str)
    }

    /// All paths, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}

/// The docs as a whole.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    /// The pages, by path.
    pub pages: Vec<Parsed<'a>>,
    /// The files, pages included.
    pub files: &'a Files,
    /// How the pages are checked.
    pub settings: &'a Settings,
    /// The types that the resources document.
    pub types: Types,
    /// What was found while these were read.
    pub type_findings: Vec<Diagnostic>,
    /// The resources, by page and line.
    resources: Vec<Resource>,
    /// For each page the place of its resources among them.
    resources_of: Vec<Range<usize>>,
    by_path: HashMap<&'a str, usize>,
    /// What links are looked up in.
    pub(super) links: Index,
    /// What the tables of the types' pages name, once that is asked for.
    table_words: OnceLock<TableWords>,
}

impl<'a> Site<'a> {
    /// Brings the pages together. They are sorted by path.
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
            links: Index::default(),
            table_words: OnceLock::new(),
        }
    }

    /// The page at a path, relative to the docs root.
    pub(crate) fn page(&self, path: &str) -> Option<&Parsed<'a>> {
        self.place(path).map(|at| &self.pages[at])
    }

    /// The place of a page among the others.
    pub(crate) fn place(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// What the tables of the types' pages name.
    pub(crate) fn table_words(&self) -> &TableWords {
        self.table_words.get_or_init(|| TableWords::new(self))
    }

    /// The resources of all pages.
    pub(crate) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resources that a page documents, in its order.
    pub(crate) fn resources_of(&self, page: &Page) -> &[Resource] {
        self.by_path
            .get(&*page.path)
            .map_or(&[], |at| &self.resources[self.resources_of[*at].clone()])
    }
}
