//! The pages that API Doctor's configuration excludes.

use std::path::Path;

use crate::json::{self, Node, NodeValue};
use crate::text::source::Page;

/// The key of the configuration, which is in any JSON file of the docs.
const KEY: &str = "schemaConfig";
/// Maximum number of JSON files that are read.
pub(crate) const MOST_FILES: usize = 1000;
/// Maximum size of such a file in bytes.
pub(crate) const MOST_BYTES: u64 = 1 << 20;

/// Pages that are parsed but not checked or tested, such as include files and
/// templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Skipped {
    /// Substrings of the folder's path (`foldersToSkip`).
    pub folders: Vec<String>,
    /// File names, in any folder (`filesToSkip`).
    pub files: Vec<String>,
}

impl Skipped {
    /// Reads the configuration among the JSON files of a docs root. Of several,
    /// the first counts. Faults are reported by `check`.
    pub(super) fn read(files: &[Page]) -> Self {
        let config = files.iter().find_map(|file| {
            let text = file.text.trim_start_matches('\u{feff}');
            // Skips other JSON files without parsing them.
            let node = text.contains(KEY).then(|| json::read(text).ok())??;
            Some(Self::of(node.get(KEY)?))
        });
        config.unwrap_or_default()
    }

    /// The pages that a configuration excludes.
    fn of(config: &Node<'_>) -> Self {
        let list = |key| match config.get(key).map(|list| &list.value) {
            Some(NodeValue::Array(items)) => items.iter().filter_map(text).collect(),
            _ => Vec::new(),
        };
        let mut skipped = Self {
            folders: list("foldersToSkip"),
            files: list("filesToSkip"),
        };
        skipped
            .folders
            .retain(|folder: &String| !folder.trim().is_empty());
        skipped
    }

    /// Whether a page is skipped. As in API Doctor, folders match by substring
    /// and files by the whole name, with case.
    pub(crate) fn has(&self, page: &str) -> bool {
        let (folder, name) = page.rsplit_once('/').unwrap_or(("", page));
        self.folders.iter().any(|part| folder.contains(&**part))
            || self.files.iter().any(|file| file == name)
    }
}

/// The JSON files among the files of a docs root, sorted, as many as are read.
pub(crate) fn json_files(others: &[String]) -> Vec<&str> {
    let is_json = |path: &&str| {
        let extension = Path::new(path).extension();
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    };
    let mut paths: Vec<&str> = others.iter().map(String::as_str).filter(is_json).collect();
    paths.sort_unstable();
    paths.truncate(MOST_FILES);
    paths
}

fn text(node: &Node<'_>) -> Option<String> {
    match &node.value {
        NodeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_pages_by_folder_or_name() {
        let text =
            "{\"foldersToSkip\": [\"includes\", \" \"], \"filesToSkip\": [\"readme.md\", 1]}";
        let skipped = Skipped::of(&json::read(text).expect("JSON"));
        for (page, expected) in [
            ("includes/a.md", true),
            ("api/includes/sdk/a.md", true),
            ("api/readme.md", true),
            ("readme.md", true),
            ("api/includes.md", false),
            ("api/a-readme.md", false),
            ("readme.md/a.md", false),
        ] {
            assert_eq!(skipped.has(page), expected, "{page}");
        }
    }
}
