//! Pages that are named by globs.

use globset::{Error, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::page::case::page_stem;

/// The pages that one of several globs names. `*` stops at a `/`.
#[derive(Debug, Clone)]
pub struct PageGlobs(GlobSet);

impl PageGlobs {
    /// Reads globs. An error comes with the place of the glob that it is about.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, (usize, Error)> {
        let mut builder = GlobSetBuilder::new();
        for (at, pattern) in patterns.into_iter().enumerate() {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            builder.add(glob.map_err(|error| (at, error))?);
        }
        Ok(Self(builder.build().map_err(|error| (0, error))?))
    }

    /// Whether a page is named. A glob may leave its `.md` out.
    pub fn takes(&self, page: &str) -> bool {
        self.0.is_match(page) || self.0.is_match(page_stem(page))
    }
}
