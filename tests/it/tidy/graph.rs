//! Resolves the paths of all source files, and finds import cycles between files.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{self, Module, Origin, Path};

/// A chain of re-exports or renamed imports is followed this far.
const LONGEST_CHAIN: usize = 8;

/// A source file that is compiled outside of tests.
pub(super) struct File {
    /// The path below `src`, such as `run/mock/mod.rs`.
    pub(super) path: String,
    /// The path of its module, such as `["run", "mock"]`.
    pub(super) module: Vec<String>,
}

/// The modules of a crate.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// Each module with its file, which is also that of its inline modules.
    modules: BTreeMap<Vec<String>, (usize, Module)>,
    /// The names that start a path into another crate.
    crates: BTreeSet<String>,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A path below the root of this crate.
    Own(Vec<String>),
    /// A path that starts with the name of another crate.
    Foreign(Vec<String>),
}

/// A file that uses something of another one.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) line: usize,
    /// The path as it is written.
    pub(super) path: String,
}

impl Tree {
    /// Reads the files of a crate, given by their paths below `src`; files of
    /// tests are left out.
    pub(super) fn new(texts: &[(String, String)], crates: &BTreeSet<String>) -> Tree {
        let read: BTreeMap<Vec<String>, (&str, Module)> = texts
            .iter()
            .map(|(path, text)| (module_path(path), (path.as_str(), source::read(text))))
            .collect();
        let tests: BTreeSet<Vec<String>> = read
            .iter()
            .flat_map(|(path, (_, module))| module.tests.iter().map(|name| below(path, name)))
            .collect();
        let mut tree = Tree {
            files: Vec::new(),
            modules: BTreeMap::new(),
            crates: crates.clone(),
        };
        for (module, (path, content)) in read {
            if (1..=module.len()).any(|length| tests.contains(&module[..length])) {
                continue;
            }
            tree.files.push(File {
                path: path.to_owned(),
                module: module.clone(),
            });
            tree.add(module, tree.files.len() - 1, content);
        }
        tree
    }

    fn add(&mut self, path: Vec<String>, file: usize, module: Module) {
        for (name, inner) in &module.inline {
            self.add(below(&path, name), file, inner.clone());
        }
        self.modules.insert(path, (file, module));
    }

    /// Each module with its path and its file.
    pub(super) fn modules(&self) -> impl Iterator<Item = (&[String], &File, &Module)> {
        self.modules
            .iter()
            .map(|(path, (file, module))| (path.as_slice(), &self.files[*file], module))
    }

    /// Each path of a file with its target, where that is not a local name.
    pub(super) fn targets(&self) -> impl Iterator<Item = (&File, &Path, Target)> {
        self.modules().flat_map(move |(at, file, module)| {
            let paths = module.paths.iter();
            paths.filter_map(move |path| Some((file, path, self.target(at, path, 0)?)))
        })
    }

    /// What a path in the module `at` leads to.
    fn target(&self, at: &[String], path: &Path, depth: usize) -> Option<Target> {
        let segments = &path.segments;
        if path.is_global {
            return Some(Target::Foreign(segments.clone()));
        }
        match segments[0].as_str() {
            "crate" => Some(Target::Own(segments[1..].to_vec())),
            "self" | "super" => {
                let mut own = at.to_vec();
                let mut rest = segments.as_slice();
                while let Some(word @ ("self" | "super")) = rest.first().map(String::as_str) {
                    if word == "super" {
                        own.pop();
                    }
                    rest = &rest[1..];
                }
                own.extend_from_slice(rest);
                Some(Target::Own(own))
            }
            name => {
                let module = &self.modules.get(at)?.1;
                let imported = module.imports.get(name).filter(|import| {
                    let is_itself = !import.is_global && import.segments[0] == name;
                    !is_itself && depth < LONGEST_CHAIN
                });
                if let Some(imported) = imported {
                    let mut target = self.target(at, imported, depth + 1)?;
                    let (Target::Own(full) | Target::Foreign(full)) = &mut target;
                    full.extend_from_slice(&segments[1..]);
                    Some(target)
                } else if module.children.contains(name) {
                    Some(Target::Own([at, segments].concat()))
                } else if self.crates.contains(name) {
                    Some(Target::Foreign(segments.clone()))
                } else {
                    None
                }
            }
        }
    }

    /// The file that defines what a path below the root leads to, and whether the
    /// path is that of a module. Re-exports are followed.
    fn home(&self, own: Vec<String>) -> Option<(usize, bool)> {
        let mut own = own;
        for _ in 0..LONGEST_CHAIN {
            let length = (0..=own.len())
                .rev()
                .find(|length| self.modules.contains_key(&own[..*length]))?;
            let (file, module) = &self.modules[&own[..length]];
            let Some(name) = own.get(length) else {
                return Some((*file, true));
            };
            let reexport = module.reexports.get(name);
            match reexport.and_then(|path| self.target(&own[..length], path, 0)) {
                Some(Target::Own(mut target)) if target != own => {
                    target.extend_from_slice(&own[length + 1..]);
                    own = target;
                }
                _ => return Some((*file, false)),
            }
        }
        None
    }

    /// Each use of something of another file. The re-export of something of a
    /// child is none, unless its parent uses the name too; an imported module is
    /// used where its name starts a path.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (at, (from, module)) in &self.modules {
            for path in &module.paths {
                let Some(Target::Own(own)) = self.target(at, path, 0) else {
                    continue;
                };
                let Some((to, is_module)) = self.home(own) else {
                    continue;
                };
                let of_child = self.files[to].module.starts_with(&self.files[*from].module);
                let is_used = match path.origin {
                    Origin::Inline => true,
                    Origin::Import => !is_module,
                    Origin::Reexport => {
                        let name = path.segments.last().expect("a path has segments");
                        !of_child || module.names.contains(name)
                    }
                };
                if is_used && to != *from {
                    edges.push(Edge {
                        from: *from,
                        to,
                        line: path.line,
                        path: path.segments.join("::"),
                    });
                }
            }
        }
        edges
    }

    /// The import cycles: for each set of files that all use each other, directly
    /// or not, the folder that has them all, and one way round, as text.
    pub(super) fn cycles(&self) -> BTreeMap<String, Vec<String>> {
        let mut edges = vec![Vec::new(); self.files.len()];
        for edge in self.edges() {
            edges[edge.from].push(edge);
        }
        let reached: Vec<BTreeSet<usize>> = (0..self.files.len())
            .map(|file| reachable(file, &edges))
            .collect();
        let mut cycles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for file in 0..self.files.len() {
            if !reached[file].contains(&file) || !seen.insert(file) {
                continue;
            }
            let mut members: Vec<usize> = reached[file].iter().copied().collect();
            members.retain(|member| reached[*member].contains(&file));
            seen.extend(&members);
            let paths = members.iter().map(|file| self.files[*file].path.as_str());
            let folder = common_folder(&paths.collect::<Vec<_>>());
            cycles
                .entry(folder)
                .or_default()
                .push(self.describe(&members, &edges));
        }
        cycles
    }

    /// The shortest way round of the cycles between some files.
    fn describe(&self, members: &[usize], edges: &[Vec<Edge>]) -> String {
        let shortest = members
            .iter()
            .filter_map(|file| way_round(*file, edges))
            .min_by_key(Vec::len)
            .expect("the files are in a cycle");
        let steps = shortest.iter().map(|edge| {
            let [from, to] = [edge.from, edge.to].map(|file| &self.files[file].path);
            format!("src/{from}:{} uses {to} (`{}`)", edge.line, edge.path)
        });
        let steps: Vec<String> = steps.collect();
        format!("{} files: {}", members.len(), steps.join(", "))
    }
}

/// The files that a file uses, directly or not.
fn reachable(file: usize, edges: &[Vec<Edge>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut queue = vec![file];
    while let Some(from) = queue.pop() {
        for edge in &edges[from] {
            if reached.insert(edge.to) {
                queue.push(edge.to);
            }
        }
    }
    reached
}

/// The fewest edges that lead from a file back to it.
fn way_round(file: usize, edges: &[Vec<Edge>]) -> Option<Vec<Edge>> {
    let mut seen = BTreeSet::new();
    let mut ways = vec![Vec::new()];
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let from = way.last().map_or(file, |edge: &Edge| edge.to);
            for edge in &edges[from] {
                let next = [way.as_slice(), std::slice::from_ref(edge)].concat();
                if edge.to == file {
                    return Some(next);
                }
                if seen.insert(edge.to) {
                    longer.push(next);
                }
            }
        }
        ways = longer;
    }
    None
}

fn below(path: &[String], name: &str) -> Vec<String> {
    [path, &[name.to_owned()]].concat()
}

/// `run/mock/mod.rs` is the module `run::mock`, and `lib.rs` is the root.
fn module_path(path: &str) -> Vec<String> {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    let segments = path.split('/').filter(|_| path != "lib");
    segments.map(str::to_owned).collect()
}

fn common_folder(paths: &[&str]) -> String {
    let folder = |path: &str| -> Vec<String> {
        let segments: Vec<&str> = path.split('/').collect();
        segments[..segments.len() - 1]
            .iter()
            .map(|segment| (*segment).to_owned())
            .collect()
    };
    let mut common = folder(paths[0]);
    for path in paths {
        let other = folder(path);
        let length = common
            .iter()
            .zip(&other)
            .take_while(|(a, b)| a == b)
            .count();
        common.truncate(length);
    }
    common.join("/")
}
