//! Indexes of files and includes for the link rules, built on first use.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::link_path;
use crate::check::rules::docs_files::Files;
use crate::text::source::Span;

/// The indexes.
#[derive(Debug, Default)]
pub(crate) struct LinkLookup {
    names: OnceLock<FileNames>,
    /// See `includes::includes`.
    pub(super) includes: OnceLock<Includes>,
}

impl LinkLookup {
    /// The files by name.
    pub(crate) fn names(&self, files: &Files) -> &FileNames {
        self.names.get_or_init(|| FileNames::new(files))
    }
}

/// File names too common for a suggestion.
const COMMON: [&str; 5] = [
    "index.md",
    "readme.md",
    "toc.md",
    "overview.md",
    "_index.md",
];
const IMAGES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico"];
/// Number of sorted neighbours on each side to compare.
const NEIGHBOURS: usize = 24;
/// Minimum similarity of names, from 0 to 1.
const LIKENESS: f64 = 0.8;
/// Longer names are not compared.
const LONGEST: usize = 200;

/// The files by name.
#[derive(Debug, Default)]
pub(crate) struct FileNames {
    /// The files, sorted.
    paths: Vec<String>,
    /// For each name in lower case, the indexes of its files.
    by_name: HashMap<String, Vec<usize>>,
    /// Folder and lower-case name, with the index of the file; sorted.
    forwards: Vec<(String, usize)>,
    /// The same with reversed names.
    backwards: Vec<(String, usize)>,
    /// Whether any file is an image.
    pub has_images: bool,
}

impl FileNames {
    fn new(files: &Files) -> Self {
        let mut names = Self {
            paths: files.iter().map(str::to_owned).collect(),
            ..Self::default()
        };
        names.paths.sort_unstable();
        for (at, path) in names.paths.iter().enumerate() {
            let name = link_path::name(path).to_lowercase();
            names.has_images |= name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| IMAGES.contains(&ending));
            names.forwards.push((key(path, name.chars()), at));
            names.backwards.push((key(path, name.chars().rev()), at));
            names.by_name.entry(name).or_default().push(at);
        }
        names.forwards.sort_unstable();
        names.backwards.sort_unstable();
        names
    }

    /// The file with the same name that is closest to a missing path.
    pub(crate) fn same_name(&self, path: &str) -> Option<&str> {
        let name = link_path::name(path).to_lowercase();
        if COMMON.contains(&&*name) {
            return None;
        }
        let folder = link_path::folder(path);
        // A few candidates are enough.
        let found = self.by_name.get(&name)?.iter().take(NEIGHBOURS);
        found.map(|at| &*self.paths[*at]).min_by_key(|path| {
            (
                link_path::relative(folder, path).matches('/').count(),
                *path,
            )
        })
    }

    /// The file in the same folder with the most similar name.
    pub(crate) fn alike(&self, path: &str) -> Option<&str> {
        let name = link_path::name(path).to_lowercase();
        if name.len() > LONGEST {
            return None;
        }
        let folder = link_path::folder(path);
        let sides = [
            (&self.forwards, key(path, name.chars())),
            (&self.backwards, key(path, name.chars().rev())),
        ];
        let candidates = sides.iter().flat_map(|(sorted, key)| {
            let at = sorted.partition_point(|(other, _)| other < key);
            let from = at.saturating_sub(NEIGHBOURS);
            &sorted[from..(at + NEIGHBOURS).min(sorted.len())]
        });
        candidates
            .map(|(_, at)| &*self.paths[*at])
            .filter(|path| link_path::folder(path) == folder)
            .filter(|path| is_near(&name, link_path::name(path)))
            .map(|path| {
                let other = link_path::name(path).to_lowercase();
                // Equal extensions count little.
                let stems = likeness(stem(&name), stem(&other));
                (likeness(&name, &other).min(stems + 0.2), path)
            })
            .filter(|(likeness, _)| *likeness >= LIKENESS)
            .max_by(|(a, path), (b, other)| a.total_cmp(b).then(other.cmp(path)))
            .map(|(_, path)| path)
    }
}

/// The Markdown source of a path without extension or with the extension of the
/// built page.
pub(super) fn source<'s>(files: &'s Files, path: &str) -> Option<&'s str> {
    let stem = [".html", ".htm", ".aspx"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending))
        .unwrap_or(path);
    files.but_for_case(&format!("{stem}.md"))
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn key(path: &str, name: impl Iterator<Item = char>) -> String {
    let mut key = link_path::folder(path).to_owned();
    key.push('\0');
    key.extend(name);
    key
}

/// Cheap pre-filter: common prefix and suffix make up at least half of the
/// longer name.
fn is_near(a: &str, b: &str) -> bool {
    let same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let (first, second) = (a.bytes(), b.bytes());
    let start = first.clone().zip(second.clone()).take_while(same).count();
    let end = first.rev().zip(second.rev()).take_while(same).count();
    2 * (start + end) >= a.len().max(b.len())
}

/// The similarity of two names, from 0 to 1.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    if a.len() > LONGEST || b.len() > LONGEST {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

/// Which page includes which, by index.
#[derive(Debug, Default)]
pub(crate) struct Includes {
    /// For each page, the pages that it includes and the spans of the includes.
    pub of: Vec<Vec<(usize, Span)>>,
    /// For each page, whether it includes something unknown.
    pub(super) is_open: Vec<bool>,
    /// For each page, whether another page includes it.
    pub is_included: Vec<bool>,
}

impl Includes {
    /// A page and everything that it includes, and whether all of it is known.
    pub(crate) fn closure(&self, page: usize) -> (Vec<usize>, bool) {
        let mut seen = HashSet::from([page]);
        let mut pages = vec![page];
        let mut at = 0;
        while let Some(page) = pages.get(at) {
            for (included, _) in &self.of[*page] {
                if seen.insert(*included) {
                    pages.push(*included);
                }
            }
            at += 1;
        }
        let is_whole = pages.iter().all(|page| !self.is_open[*page]);
        (pages, is_whole)
    }

    /// The includes that close a cycle: the page with the include, its span,
    /// and the cycle from the included page to itself.
    pub(crate) fn circles(&self) -> Vec<(usize, Span, Vec<usize>)> {
        let mut circles = Vec::new();
        let mut is_done = vec![false; self.of.len()];
        let mut depth_of: HashMap<usize, usize> = HashMap::new();
        for start in 0..self.of.len() {
            if is_done[start] || self.of[start].is_empty() {
                continue;
            }
            // The pages on the current path, with the number of their includes
            // visited.
            let mut stack = vec![(start, 0)];
            depth_of.insert(start, 0);
            while let Some((page, next)) = stack.last_mut() {
                let page = *page;
                let Some((included, span)) = self.of[page].get(*next).copied() else {
                    is_done[page] = true;
                    depth_of.remove(&page);
                    stack.pop();
                    continue;
                };
                *next += 1;
                if let Some(depth) = depth_of.get(&included) {
                    let circle = stack[*depth..].iter().map(|(page, _)| *page);
                    circles.push((page, span, circle.chain([included]).collect()));
                } else if !is_done[included] {
                    depth_of.insert(included, stack.len());
                    stack.push((included, 0));
                }
            }
        }
        circles
    }
}
