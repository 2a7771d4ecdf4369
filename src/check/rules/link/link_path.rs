//! Paths of link destinations: split, resolve, relate.

use std::borrow::Cow;
use std::ops::Range;

use crate::check::rules::docs_files::Files;
use crate::http::url::decode;
pub(super) use crate::page::included::resolve;

/// The parts of a destination as ranges of its text (RFC 3986, 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DestinationParts {
    /// The path.
    pub path: Range<usize>,
    /// The fragment without `#`.
    pub fragment: Option<Range<usize>>,
}

/// Splits a destination.
pub(super) fn split(destination: &str) -> DestinationParts {
    let hash = destination.find('#');
    let before = &destination[..hash.unwrap_or(destination.len())];
    DestinationParts {
        path: 0..before.find('?').unwrap_or(before.len()),
        fragment: hash.map(|hash| hash + 1..destination.len()),
    }
}

/// Whether a destination is not a path: it has a scheme (RFC 3986, 3.1), a host
/// or a template expression. A single letter before `:` is a drive.
pub(super) fn is_foreign(destination: &str) -> bool {
    let scheme = destination.find(':').map(|colon| &destination[..colon]);
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.len() > 1
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    has_scheme
        || destination.starts_with("//")
        || ["{{", "{%", "<%", "${"]
            .iter()
            .any(|opening| destination.contains(opening))
}

/// The folder of a path.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The file name of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Whether a path contains a hidden file or folder, which docs ignore.
pub(super) fn is_hidden(path: &str) -> bool {
    path.starts_with('.') || path.contains("/.")
}

/// The topmost missing folder of a path.
pub(super) fn absent_folder<'p>(files: &Files, path: &'p str) -> Option<&'p str> {
    path.match_indices('/')
        .map(|(at, _)| &path[..at])
        .find(|folder| !files.has(folder))
}

/// The relative link from a folder to a path.
pub(super) fn relative(folder: &str, path: &str) -> String {
    let from: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = path.split('/').collect();
    let common = from
        .iter()
        .zip(&to[..to.len() - 1])
        .take_while(|(a, b)| a == b)
        .count();
    let up = from[common..].iter().map(|_| "..");
    let parts: Vec<&str> = up.chain(to[common..].iter().copied()).collect();
    parts.join("/").replace(' ', "%20")
}

/// A written path with the case of the actual names; nothing if the path does
/// not map one to one to these names.
pub(super) fn with_case(folder: &str, written: &str, truth: &str) -> Option<String> {
    let mut parts: Vec<Cow<'_, str>> = written.split('/').map(Cow::Borrowed).collect();
    // For each name of the resolved path, the index of the written part.
    let mut writers: Vec<Option<usize>> = folder
        .split('/')
        .filter(|name| !name.is_empty())
        .map(|_| None)
        .collect();
    for (at, part) in parts.iter().enumerate() {
        match &*decode(part) {
            "" | "." => {}
            ".." => {
                writers.pop()?;
            }
            _ => writers.push(Some(at)),
        }
    }
    let names: Vec<&str> = truth.split('/').collect();
    if names.len() != writers.len() {
        return None;
    }
    let from: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for (depth, (name, writer)) in names.iter().zip(&writers).enumerate() {
        match writer {
            Some(at) if decode(&parts[*at]) == *name => {}
            Some(at) => parts[*at] = Cow::Owned(name.replace(' ', "%20")),
            None if from.get(depth) == Some(name) => {}
            None => return None,
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_split(destination: &str, path: &str, fragment: Option<&str>) {
        let parts = split(destination);
        assert_eq!(&destination[parts.path], path);
        assert_eq!(parts.fragment.map(|range| &destination[range]), fragment);
    }

    #[test]
    fn splits_query_and_fragment_from_path() {
        check_split("a.md", "a.md", None);
        check_split("a.md?view=x#b?c", "a.md", Some("b?c"));
        check_split("#b", "", Some("b"));
        check_split("a.md#", "a.md", Some(""));
    }

    #[test]
    fn recognizes_schemes_hosts_and_templates() {
        for destination in ["https://a", "mailto:a@b", "xref:a", "//a/b", "{{a}}.md"] {
            assert!(is_foreign(destination), "{destination}");
        }
        for destination in ["a.md", "a/b:c.md", "c:\\a.md", "#a:b", "/a"] {
            assert!(!is_foreign(destination), "{destination}");
        }
    }

    #[track_caller]
    fn check_resolve(folder: &str, path: &str, expected: Option<&str>) {
        let mut resolved = String::new();
        let stays = resolve(folder, path, &mut resolved);
        assert_eq!(stays.then_some(&*resolved), expected);
    }

    #[test]
    fn resolves_dots_within_the_docs() {
        check_resolve("api", "../resources/./a.md", Some("resources/a.md"));
        check_resolve("a/b", "../c.md", Some("a/c.md"));
        check_resolve("", "a//b/", Some("a/b"));
        check_resolve("api", "..", Some(""));
        check_resolve("api", "../../a.md", None);
    }

    #[test]
    fn makes_relative_links() {
        assert_eq!(relative("api", "resources/a b.md"), "../resources/a%20b.md");
        assert_eq!(relative("api", "api/a.md"), "a.md");
        assert_eq!(relative("a/b", "a/b"), "../b");
        assert_eq!(relative("", "a.md"), "a.md");
    }

    #[test]
    fn changes_only_the_case_of_names() {
        let case = |written, truth| with_case("api", written, truth);
        let fixed = case(".././Resources/A%20b.md", "resources/a b.md");
        assert_eq!(fixed.as_deref(), Some(".././resources/a%20b.md"));
        assert_eq!(case("A.md", "api/a.md").as_deref(), Some("a.md"));
        assert_eq!(case("A.md", "Api/a.md"), None);
    }
}
