//! The file names of snapshots.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The file names of the snapshots of a project. Names that differ only in case are
/// distinct, also where the file system ignores case.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileNames {
    /// Ids of which there are several if case is ignored, in lower case.
    ambiguous: HashSet<String>,
}

impl FileNames {
    /// The file names for these ids, which are all ids of the docs.
    pub(crate) fn of<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let ids: HashSet<&str> = ids.into_iter().collect();
        let mut seen = HashSet::with_capacity(ids.len());
        let lower = ids.into_iter().map(str::to_ascii_lowercase);
        let ambiguous = lower.filter(|lower| !seen.insert(lower.clone()));
        Self {
            ambiguous: ambiguous.collect(),
        }
    }

    /// The file of a case's snapshot.
    pub(crate) fn path(&self, folder: &Path, id: &str) -> PathBuf {
        folder.join(self.name(id))
    }

    /// The file name of a case's snapshot. Of several ids that are equal if case is
    /// ignored, the one in lower case has the plain name.
    pub(crate) fn name(&self, id: &str) -> String {
        let lower = id.to_ascii_lowercase();
        file_name(id, lower != id && self.ambiguous.contains(&lower))
    }
}

/// Maximum length of the stem of a file name; file systems allow 255 bytes in
/// all.
const STEM_LIMIT: usize = 180;

/// The file name of a case. `/` becomes `__`, as in insta's module paths. An id
/// that cannot be recovered from that also gets a hash.
fn file_name(id: &str, is_ambiguous: bool) -> String {
    let (page, name) = id.split_once("::").unwrap_or((id, ""));
    let mut stem: String = format!("{}__{name}", page.replace('/', "__"))
        .chars()
        .map(|c| match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '~' | '-' => c,
            _ => '-',
        })
        .collect();
    let plain = |text: &str| {
        !text.contains("__")
            && !text.starts_with(['_', '.'])
            && !text.ends_with('_')
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._~-/".contains(&byte))
    };
    let is_plain = plain(page) && plain(name) && !name.contains('/');
    if is_ambiguous || !is_plain || stem.len() > STEM_LIMIT {
        stem.truncate(STEM_LIMIT);
        let stem = stem.trim_start_matches('.');
        return format!("{stem}-{:016x}.snap", fnv(id));
    }
    stem + ".snap"
}

/// FNV-1a, which unlike the standard library's hashes is stable across systems
/// and releases.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_safe_and_unique() {
        let ids = [
            "a/b::c",
            "a::b/c",
            "a::b__c",
            "a/b::c d",
            "a/b::c-d",
            "a__b::c",
            "a/b::c/d",
            "::",
            "a/b::é",
            "a/b::_c",
            "a/b_::c",
            "../a::b",
            ".a::b",
            "a::b::c",
            "a::b\nc",
            "a::b:c",
            "a/b::C",
            "A/b::c",
            "a/b::é@X",
            "a/b::é@x",
        ];
        let all = FileNames::of(ids);
        let names: HashSet<String> = ids.iter().map(|id| all.name(id)).collect();
        let lower: HashSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(lower.len(), ids.len(), "{names:?}");
        assert!(
            names
                .iter()
                .all(|name| !name.contains('/') && !name.starts_with('.'))
        );
        let long = all.name(&format!("a::{}", "x".repeat(500)));
        assert!(long.len() < 255);
    }

    /// Checks the file name of the first id.
    #[track_caller]
    fn check(ids: &[&str], expected: &str) {
        assert_eq!(FileNames::of(ids.iter().copied()).name(ids[0]), expected);
    }

    #[test]
    fn unambiguous_ids_have_plain_file_names() {
        check(&["a/b::c~2"], "a__b__c~2.snap");
        check(&["a/b::getThing", "a/b::getThings"], "a__b__getThing.snap");
        check(&["a/b::getthing", "a/b::getThing"], "a__b__getthing.snap");
        check(
            &["a/b::getThing", "a/b::getthing"],
            "a__b__getThing-744f9ed11c1e92c1.snap",
        );
    }
}
