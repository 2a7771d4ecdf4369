//! The files that a page includes (`[!INCLUDE [title](path)]` of `DocFX`), found
//! in its text.

use crate::http::url::decode;

/// The files that a page at a path includes, as paths from the docs root.
/// Includes out of the docs are left out.
pub(super) fn included(page: &str, text: &str) -> Vec<String> {
    const WORD: &str = "INCLUDE";
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let openings = memchr::memmem::find_iter(text.as_bytes(), b"[!");
    let destinations = openings.filter_map(|at| {
        let rest = &text[at + "[!".len()..];
        let is_include = rest
            .get(..WORD.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(WORD));
        let line = is_include.then(|| rest.lines().next())??;
        let (_, after) = line.split_once("](")?;
        let (destination, _) = after.split_once(')')?;
        destination.split(['#', '?']).next()
    });
    let mut found = Vec::new();
    let mut path = String::new();
    for destination in destinations {
        if resolve(folder, &decode(destination.trim()), &mut path) {
            found.push(path.clone());
        }
    }
    found
}

/// Resolves a decoded path against a folder into a path from the docs root.
/// Returns whether it stays in the docs.
pub(crate) fn resolve(folder: &str, path: &str, resolved: &mut String) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_includes_inside_the_docs() {
        for (include, expected) in [
            ("[!INCLUDE [a](../parts/b.md)]", Some("parts/b.md")),
            (
                "- [!include [a](parts/b%20c.md#d)] text",
                Some("api/parts/b c.md"),
            ),
            ("[!INCLUDE [a](../../b.md)]", None),
            ("[!NOTE] [a](b.md)", None),
            ("[!INCLUDE [a]", None),
            ("[!INCLUDE", None),
        ] {
            let found = included("api/a.md", include);
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{include}");
        }
    }
}
