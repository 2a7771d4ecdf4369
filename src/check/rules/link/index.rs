//! What the rules about links look up in all files and pages, made when it is
//! first needed.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::destination::{Kind, Leads, destinations, follow};
use super::target;
use crate::check::rules::{Files, Site};
use crate::text::source::Span;

/// What is looked up.
#[derive(Debug, Default)]
pub(crate) struct Index {
    names: OnceLock<Names>,
    includes: OnceLock<Includes>,
}

impl Index {
    /// The files by their names.
    pub(crate) fn names(&self, files: &Files) -> &Names {
        self.names.get_or_init(|| Names::new(files))
    }

    /// Which page includes which.
    pub(crate) fn includes(&self, site: &Site<'_>) -> &Includes {
        self.includes.get_or_init(|| Includes::new(site))
    }
}

/// Names that say nothing of what a file is about.
const COMMON: [&str; 5] = [
    "index.md",
    "readme.md",
    "toc.md",
    "overview.md",
    "_index.md",
];
const IMAGES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico"];
/// So many neighbours on each side may be the one that was meant.
const NEIGHBOURS: usize = 24;
/// How alike two names have to be, from 0 to 1.
const LIKENESS: f64 = 0.8;
/// A longer name is not compared.
const LONGEST: usize = 200;

/// The files by their names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The files, sorted.
    paths: Vec<String>,
    /// For each name in lower case the places of its files.
    by_name: HashMap<String, Vec<usize>>,
    /// Folder, name in lower case, and place, sorted.
    forwards: Vec<(String, usize)>,
    /// The same, with the names from end to start.
    backwards: Vec<(String, usize)>,
    /// Whether there is an image.
    pub has_images: bool,
}

impl Names {
    fn new(files: &Files) -> Self {
        let mut names = Self {
            paths: files.iter().map(str::to_owned).collect(),
            ..Self::default()
        };
        names.paths.sort_unstable();
        for (at, path) in names.paths.iter().enumerate() {
            let name = target::name(path).to_lowercase();
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

    /// The file of the same name that is nearest to a path which is not there.
    pub(crate) fn same_name(&self, path: &str) -> Option<&str> {
        let name = target::name(path).to_lowercase();
        if COMMON.contains(&&*name) {
            return None;
        }
        let folder = target::folder(path);
        // The first few are enough to choose from.
        let found = self.by_name.get(&name)?.iter().take(NEIGHBOURS);
        found
            .map(|at| &*self.paths[*at])
            .min_by_key(|path| (target::relative(folder, path).matches('/').count(), *path))
    }

    /// The file of the same folder whose name is nearest.
    pub(crate) fn alike(&self, path: &str) -> Option<&str> {
        let name = target::name(path).to_lowercase();
        if name.len() > LONGEST {
            return None;
        }
        let folder = target::folder(path);
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
            .filter(|path| target::folder(path) == folder)
            .filter(|path| is_near(&name, target::name(path)))
            .map(|path| {
                let other = target::name(path).to_lowercase();
                // That the endings are the same says little.
                let stems = likeness(stem(&name), stem(&other));
                (likeness(&name, &other).min(stems + 0.2), path)
            })
            .filter(|(likeness, _)| *likeness >= LIKENESS)
            .max_by(|(a, path), (b, other)| a.total_cmp(b).then(other.cmp(path)))
            .map(|(_, path)| path)
    }
}

/// The file that a path without its ending, or with that of the built page,
/// may be meant for.
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
    let mut key = target::folder(path).to_owned();
    key.push('\0');
    key.extend(name);
    key
}

/// Whether two names may be alike, at a glance: at least half of the longer one
/// is the start or the end of both.
fn is_near(a: &str, b: &str) -> bool {
    let same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let (first, second) = (a.bytes(), b.bytes());
    let start = first.clone().zip(second.clone()).take_while(same).count();
    let end = first.rev().zip(second.rev()).take_while(same).count();
    2 * (start + end) >= a.len().max(b.len())
}

/// How alike two names are, from 0 to 1.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    if a.len() > LONGEST || b.len() > LONGEST {
        return 0.0;
    }
    strsim::normalized_damerau_levenshtein(a, b)
}

/// Which page includes which, by their places among the site's.
#[derive(Debug, Default)]
pub(crate) struct Includes {
    /// The pages that a page includes, and where.
    pub of: Vec<Vec<(usize, Span)>>,
    /// Whether a page includes what is not among the pages.
    is_open: Vec<bool>,
    /// Whether a page is included.
    pub is_included: Vec<bool>,
}

impl Includes {
    fn new(site: &Site<'_>) -> Self {
        let count = site.pages.len();
        let mut includes = Self {
            of: vec![Vec::new(); count],
            is_open: vec![false; count],
            is_included: vec![false; count],
        };
        let mut path = String::new();
        for (at, parsed) in site.pages.iter().enumerate() {
            let links = destinations(parsed).filter(|link| link.kind == Kind::Include);
            for link in links {
                let leads = follow(site, &parsed.page.path, &link.text, &mut path);
                let page = match leads {
                    Leads::There | Leads::BackSlashes => site.place(&path),
                    Leads::ButForCase(path) => site.place(path),
                    _ => None,
                };
                match page {
                    Some(page) => {
                        includes.of[at].push((page, link.span));
                        includes.is_included[page] = true;
                    }
                    None => includes.is_open[at] = true,
                }
            }
        }
        includes
    }

    /// A page, and those that it includes, directly or not. Whether they are
    /// all of them.
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

    /// The includes that close a circle: the page that has it, its place, and
    /// the circle, from the included page to itself.
    pub(crate) fn circles(&self) -> Vec<(usize, Span, Vec<usize>)> {
        let mut circles = Vec::new();
        let mut is_done = vec![false; self.of.len()];
        let mut depth_of: HashMap<usize, usize> = HashMap::new();
        for start in 0..self.of.len() {
            if is_done[start] || self.of[start].is_empty() {
                continue;
            }
            // The pages down to the one that is looked at, and how many of its
            // includes were.
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
