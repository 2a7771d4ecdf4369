//! What pages contain, to explain why they have no cases.

use std::num::NonZeroUsize;
use std::path::Path;

use crate::page::extract::{BlockType, bind};
use crate::page::markdown::{self, Block};
use crate::page::survey::{self, DocsError};
use crate::text::parallel;
use crate::text::source::Page;

/// The number of pages, and of the blocks in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The pages, including those that cannot be read.
    pub pages: usize,
    /// The fenced code blocks.
    pub fences: usize,
    /// The fences that an annotation declares to be a request.
    pub requests: usize,
}

impl Seen {
    /// Counts what the wanted pages under `root` contain.
    pub(crate) fn of(
        root: &Path,
        threads: NonZeroUsize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Self, DocsError> {
        let (mut files, _) = survey::find(root)?;
        files.retain(|file| wanted(&file.path));
        let counts = parallel::map(&files, threads, |file| {
            survey::read(file).map_or((0, 0), |page| Self::in_page(&page))
        });
        let mut seen = Self {
            pages: files.len(),
            ..Self::default()
        };
        for (fences, requests) in counts {
            seen.fences += fences;
            seen.requests += requests;
        }
        Ok(seen)
    }

    /// The number of fences of a page, and of annotated requests.
    fn in_page(page: &Page) -> (usize, usize) {
        let (blocks, _) = markdown::blocks(page);
        let is_fence = |block: &&Block<'_>| matches!(block, Block::Fence(_));
        let fences = blocks.iter().filter(is_fence).count();
        let bound = bind(page, &blocks, &mut Vec::new());
        let requests = bound
            .fences
            .iter()
            .filter(|block| block.annotation.block_type == BlockType::Request);
        (fences, requests.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: (usize, usize)) {
        let page = Page::new("a.md", text.to_owned());
        assert_eq!(Seen::in_page(&page), expected);
    }

    #[test]
    fn counts_fences_and_annotated_requests() {
        check("# A\n", (0, 0));
        check("```http\nGET /a\n```\n\n~~~\nx\n~~~\n", (2, 0));
        let request = "<!-- { \"blockType\": \"request\" } -->\n```\nno request\n```\n";
        check(request, (1, 1));
        check(&request.replace("request\"", "response\""), (1, 0));
    }
}
