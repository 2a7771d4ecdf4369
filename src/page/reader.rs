//! How the pages of a docs root are read: with or without recognition of examples
//! that have no annotations.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::page::case::Case;
use crate::page::extract::{self, CasePlaces, Extracted, may_hold_cases};
use crate::page::markdown;
use crate::page::recognise::Recognition;
use crate::page::survey::{self, PageFile};
use crate::text::finding::Diagnostic;
use crate::text::parallel;
use crate::text::rules::ANNOTATION_SYNTAX;
use crate::text::source::Page;

/// When examples without annotations are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unannotated {
    /// If no page of the docs root has an annotation.
    #[default]
    Auto,
    /// Always, beside annotations.
    On,
    /// Never.
    Off,
}

impl Unannotated {
    /// All values.
    pub const ALL: [Self; 3] = [Self::Auto, Self::On, Self::Off];

    /// The name in the configuration and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// The value with a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|value| value.name() == name)
    }
}

/// Which examples are read from pages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extraction {
    /// When examples without annotations are recognised.
    pub unannotated: Unannotated,
    /// How they are recognised.
    pub recognition: Recognition,
}

impl Extraction {
    /// The reader of all pages of a docs root. `pages` are all of its pages: they
    /// decide, not the selection.
    pub fn reader(&self, pages: &[PageFile], threads: NonZeroUsize) -> Reader {
        self.reader_if(|| !has_annotations(pages, threads))
    }

    /// The reader of a docs root, if `is_unannotated` says whether it has no
    /// annotation.
    pub(crate) fn reader_if(&self, is_unannotated: impl FnOnce() -> bool) -> Reader {
        let recognises = match self.unannotated {
            Unannotated::Auto => is_unannotated(),
            Unannotated::On => true,
            Unannotated::Off => false,
        };
        Reader {
            recognition: recognises.then(|| Arc::new(self.recognition.clone())),
        }
    }
}

/// Reads the examples of all pages of a docs root in the same way. By default,
/// only annotated ones.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    recognition: Option<Arc<Recognition>>,
}

impl Reader {
    /// How examples without annotations are recognised; `None` if they are not.
    pub fn recognition(&self) -> Option<&Recognition> {
        self.recognition.as_deref()
    }

    /// Reads the cases and the resources of a page.
    pub fn extract(&self, page: &Page) -> Extracted {
        extract::extract(page, self.recognition())
    }

    /// Reads a page file. Without recognition, a page that cannot have annotations
    /// is not parsed.
    pub fn extract_file(&self, file: &PageFile) -> Result<Extracted, Box<Diagnostic>> {
        let page = survey::read(file)?;
        if self.recognition.is_none() && !may_hold_cases(page.text.as_bytes()) {
            return Ok(Extracted::default());
        }
        Ok(self.extract(&page))
    }

    /// Reads a page file again, if that is still possible.
    pub(crate) fn reread(&self, file: &PageFile) -> Option<Reread> {
        let page = survey::read(file).ok()?;
        let extracted = self.extract(&page);
        Some(Reread { page, extracted })
    }
}

/// A page that is read again to locate its cases.
#[derive(Debug)]
pub(crate) struct Reread {
    /// The page.
    pub page: Page,
    extracted: Extracted,
}

impl Reread {
    /// The places of a case, if the page still has the same case.
    pub(crate) fn places(&self, case: &Case) -> Option<&CasePlaces> {
        let at = self
            .extracted
            .cases
            .iter()
            .position(|found| found == case)?;
        self.extracted.places.get(at)
    }
}

/// Whether a page has an annotation that binds to a block, or cannot be read.
pub(crate) fn is_annotated(page: &Page) -> bool {
    if !may_hold_cases(page.text.as_bytes()) {
        return false;
    }
    let (blocks, _) = markdown::blocks(page);
    let mut diagnostics = Vec::new();
    let bound = extract::bind(page, &blocks, &mut diagnostics);
    !bound.fences.is_empty()
        || !bound.permissions.is_empty()
        || diagnostics
            .iter()
            .any(|found| found.rule == &ANNOTATION_SYNTAX)
}

/// Whether a page has an annotation. No page is read after one is found.
pub(crate) fn has_annotations(pages: &[PageFile], threads: NonZeroUsize) -> bool {
    let is_found = AtomicBool::new(false);
    parallel::map(pages, threads, |file| {
        if !is_found.load(Ordering::Relaxed)
            && survey::read(file).is_ok_and(|page| is_annotated(&page))
        {
            is_found.store(true, Ordering::Relaxed);
        }
    });
    is_found.into_inner()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const ANNOTATED: &str = "<!-- {\"blockType\": \"ignored\"} -->\n```http\nGET /a\n```\n";
    const PLAIN: &str = "# A\n\n```http\nGET /a\n```\n";

    /// Checks whether a docs root with these pages is read with recognition.
    #[track_caller]
    fn check(unannotated: Unannotated, pages: &[&str], recognises: bool) {
        let folder = tempfile::tempdir().expect("a folder");
        for (number, text) in pages.iter().enumerate() {
            fs::write(folder.path().join(format!("{number}.md")), text).expect("a page");
        }
        let (files, _) = survey::find(folder.path()).expect("pages");
        let extraction = Extraction {
            unannotated,
            ..Extraction::default()
        };
        let reader = extraction.reader(&files, NonZeroUsize::MIN);
        assert_eq!(reader.recognition().is_some(), recognises);
    }

    #[test]
    fn recognises_by_default_only_in_docs_without_annotations() {
        check(Unannotated::Auto, &[PLAIN, PLAIN], true);
        check(Unannotated::Auto, &[PLAIN, ANNOTATED], false);
        let broken = "<!-- {\"blockType\": \"request\", \"name\": } -->\n```http\nGET /a\n```\n";
        check(Unannotated::Auto, &[PLAIN, broken], false);
        // These annotations bind to no block.
        let dangling = "<!-- {\"blockType\": \"request\"} -->\ntext\n";
        let shown = format!("````md\n{ANNOTATED}````\n");
        check(Unannotated::Auto, &[dangling, &shown], true);
    }

    #[test]
    fn follows_the_setting_whatever_the_pages_have() {
        check(Unannotated::On, &[PLAIN, ANNOTATED], true);
        check(Unannotated::Off, &[PLAIN, PLAIN], false);
    }
}
