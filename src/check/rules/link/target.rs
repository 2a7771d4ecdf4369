//! Where a destination leads, by its text and the paths of the docs alone.

use std::borrow::Cow;
use std::ops::Range;

use crate::check::rules::Files;
use crate::http::url::decode;

/// The parts of a destination (RFC 3986, 3), as ranges of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    /// What names a file.
    pub path: Range<usize>,
    /// What names a place in it, without the `#`.
    pub fragment: Option<Range<usize>>,
}

/// Splits a destination.
pub(super) fn split(destination: &str) -> Parts {
    let hash = destination.find('#');
    let before = &destination[..hash.unwrap_or(destination.len())];
    Parts {
        path: 0..before.find('?').unwrap_or(before.len()),
        fragment: hash.map(|hash| hash + 1..destination.len()),
    }
}

/// Whether a destination is for others to resolve: it has a scheme (RFC 3986,
/// 3.1) or a host, or a template writes it. One letter and `:` is a drive.
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

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Resolves a decoded path against a folder, into the path from the docs root.
/// Whether it stays in the docs.
pub(super) fn resolve(folder: &str, path: &str, resolved: &mut String) -> bool {
    resolved.clear();
    resolved.push_str(folder);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if resolved.is_empty() => return false,
            ".." => {
                let length = resolved.rfind('/').unwrap_or(0);
                resolved.truncate(length);
            }
            part => {
                if !resolved.is_empty() {
                    resolved.push('/');
                }
                resolved.push_str(part);
            }
        }
    }
    true
}

/// Whether a path leads to a hidden file or folder, which the docs leave out.
pub(super) fn is_hidden(path: &str) -> bool {
    path.starts_with('.') || path.contains("/.")
}

/// The topmost folder above a path that is not there.
pub(super) fn absent_folder<'p>(files: &Files, path: &'p str) -> Option<&'p str> {
    path.match_indices('/')
        .map(|(at, _)| &path[..at])
        .find(|folder| !files.has(folder))
}

/// The destination that leads from a folder to a path.
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

/// A path as it is written, with the case of the names that it leads to; where
/// it says more than these names, nothing.
pub(super) fn with_case(folder: &str, written: &str, truth: &str) -> Option<String> {
    let mut parts: Vec<Cow<'_, str>> = written.split('/').map(Cow::Borrowed).collect();
    // For each name of the resolved path the part that wrote it.
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
    fn a_query_and_a_fragment_are_no_path() {
        check_split("a.md", "a.md", None);
        check_split("a.md?view=x#b?c", "a.md", Some("b?c"));
        check_split("#b", "", Some("b"));
        check_split("a.md#", "a.md", Some(""));
    }

    #[test]
    fn schemes_hosts_and_templates_are_foreign() {
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
    fn dots_are_resolved_in_the_docs() {
        check_resolve("api", "../resources/./a.md", Some("resources/a.md"));
        check_resolve("a/b", "../c.md", Some("a/c.md"));
        check_resolve("", "a//b/", Some("a/b"));
        check_resolve("api", "..", Some(""));
        check_resolve("api", "../../a.md", None);
    }

    #[test]
    fn a_destination_leads_from_a_folder() {
        assert_eq!(relative("api", "resources/a b.md"), "../resources/a%20b.md");
        assert_eq!(relative("api", "api/a.md"), "a.md");
        assert_eq!(relative("a/b", "a/b"), "../b");
        assert_eq!(relative("", "a.md"), "a.md");
    }

    #[test]
    fn only_names_change_their_case() {
        let case = |written, truth| with_case("api", written, truth);
        let fixed = case(".././Resources/A%20b.md", "resources/a b.md");
        assert_eq!(fixed.as_deref(), Some(".././resources/a%20b.md"));
        assert_eq!(case("A.md", "api/a.md").as_deref(), Some("a.md"));
        assert_eq!(case("A.md", "Api/a.md"), None);
    }
}
