//! The paths of the files in the docs root.

use std::collections::{HashMap, HashSet};

/// The files of the docs root, the possible targets of links.
#[derive(Debug, Default)]
pub struct Files {
    /// Files and folders relative to the docs root, separated by `/`.
    paths: HashSet<String>,
    /// For each path in lower case, an existing path.
    by_lower_case: HashMap<String, String>,
}

impl Files {
    /// Creates an index of these files and their folders.
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

    /// Whether no files are known, because a single page is checked.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Whether a file or folder exists at this path, compared with case.
    pub fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// The file or folder at this path, ignoring case.
    pub fn but_for_case(&self, path: &str) -> Option<&str> {
        self.by_lower_case
            .get(&path.to_lowercase())
            .map(String::as_str)
    }

    /// All paths in arbitrary order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }
}
