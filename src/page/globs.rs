//! Globs of page paths.

use globset::{Error, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::page::case::page_stem;

/// A set of globs. `*` does not match `/`.
#[derive(Debug, Clone)]
pub struct PageGlobs(GlobSet);

impl PageGlobs {
    /// Parses globs. An error comes with the index of its glob.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, (usize, Error)> {
        let mut builder = GlobSetBuilder::new();
        for (at, pattern) in patterns.into_iter().enumerate() {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            builder.add(glob.map_err(|error| (at, error))?);
        }
        Ok(Self(builder.build().map_err(|error| (0, error))?))
    }

    /// Whether a glob matches a page, with or without its `.md`.
    pub fn takes(&self, page: &str) -> bool {
        self.0.is_match(page) || self.0.is_match(page_stem(page))
    }
}
