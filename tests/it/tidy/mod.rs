//! The shape of the sources: which wing uses which, who owns which crate, and no
//! import cycles between files. A new edge means a change of these tables.

mod graph;
mod source;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use graph::{Target, Tree};

/// The wings in the order of the pipeline. Each may use those before it.
const WINGS: [&str; 9] = [
    "text", "json", "http", "page", "check", "project", "run", "tools", "report",
];

/// The edges of the program. They may use all wings, and no wing uses them.
const EDGES: [&str; 4] = ["guide", "harness", "cli", "internals"];

/// Crates that only their owners use.
const OWNERS: &[(&str, &[&str])] = &[
    ("aho_corasick", &["check", "text"]),
    ("annotate_snippets", &["report"]),
    ("anstream", &["cli", "harness", "report"]),
    ("anstyle", &["cli", "report"]),
    ("askama", &["report", "tools"]),
    ("brotli_decompressor", &["run"]),
    ("bytes", &["run", "tools"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("cookie_store", &["run"]),
    ("flate2", &["run", "tools"]),
    ("getrandom", &["run"]),
    ("globset", &["http", "page", "run", "tools"]),
    ("http_body_util", &["tools"]),
    ("hyper", &["tools"]),
    ("hyper_util", &["run", "tools"]),
    ("indexmap", &["project", "report", "tools"]),
    ("indicatif", &["cli"]),
    ("insta", &["run"]),
    ("jiff", &["project", "run", "tools"]),
    ("libtest_mimic", &["harness"]),
    ("notify", &["tools"]),
    ("pulldown_cmark", &["page"]),
    ("quick_junit", &["report"]),
    ("rand", &["tools"]),
    ("regex", &["project", "run", "text"]),
    ("reqwest", &["run"]),
    ("ring", &["text"]),
    ("rustls", &["run"]),
    ("rustls_platform_verifier", &["run"]),
    ("saphyr_parser", &["check", "project"]),
    ("schemars", &["page", "project"]),
    ("serde_json_path", &["project", "tools"]),
    ("serde_yaml", &["page"]),
    ("shlex", &["report"]),
    ("similar", &["cli", "report"]),
    ("socket2", &["tools"]),
    ("strsim", &["check", "run", "text"]),
    ("tempfile", &["text"]),
    ("terminal_size", &["cli"]),
    ("tokio", &["cli", "harness", "run", "tools"]),
    ("toml", &["project"]),
    ("toml_edit", &["tools"]),
    ("tracing", &["cli", "tools"]),
    ("tracing_subscriber", &["cli"]),
    ("uuid", &["project"]),
    ("walkdir", &["cli", "page", "project"]),
    ("winnow", &["run"]),
    ("wiremock", &["run"]),
];

/// Crates that all wings may use, with the reason.
const SHARED: &[(&str, &str)] = &[
    (
        "base64",
        "Basic credentials, images, tokens and digests are encoded",
    ),
    (
        "http",
        "methods, status codes and header names are values of all wings",
    ),
    ("memchr", "all readers of text search in bytes"),
    ("percent_encoding", "paths, queries and links are encoded"),
    ("serde", "data types of all wings are read and written"),
    ("serde_json", "JSON values are passed between all wings"),
    ("thiserror", "each wing has error types"),
    ("url", "URLs are values of all wings"),
];

/// Folders whose files still import each other in a cycle.
const KNOWN_CYCLES: &[&str] = &[];

/// The modules that may touch the process although they are in a wing, and how.
const PROCESS: [(&str, &str); 1] = [("run/environment.rs", "std::env")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder of this repository, with their paths below it.
fn texts(folder: &str) -> Vec<(String, String)> {
    let root = root().join(folder);
    let mut texts = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a source folder") {
            let path = entry.expect("a source").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source is UTF-8");
                let below = path.strip_prefix(&root).expect("below the folder");
                texts.push((below.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    texts.sort();
    texts
}

/// The library. `main.rs` is another crate.
fn library() -> &'static Tree {
    static LIBRARY: LazyLock<Tree> = LazyLock::new(|| {
        let mut texts = texts("src");
        texts.retain(|(path, _)| path != "main.rs");
        let tree = Tree::new(&texts, &crates());
        assert!(tree.files.len() > 200, "the sources were not found");
        tree
    });
    &LIBRARY
}

/// The names that start a path into another crate.
fn crates() -> BTreeSet<String> {
    let mut crates = dependencies(&manifest());
    crates.extend(["std", "core", "alloc"].map(str::to_owned));
    crates
}

fn manifest() -> String {
    fs::read_to_string(root().join("Cargo.toml")).expect("a manifest")
}

/// The crates of `[dependencies]` tables, as they are named in Rust; those of
/// tests and benchmarks are left out.
fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut section = "";
    let mut names = BTreeSet::new();
    for line in manifest.lines() {
        if let Some(header) = line.strip_prefix('[') {
            section = header.trim_end().trim_end_matches(']');
            assert!(
                !section.starts_with("dependencies."),
                "write `{section}` as a line of [dependencies]"
            );
        } else if section == "dependencies" || section.ends_with(".dependencies") {
            let name = line.split([' ', '=', '.']).next().unwrap_or("");
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
                names.insert(name.replace('-', "_"));
            }
        }
    }
    names
}

/// The wing or the edge of a file; `None` for `lib.rs`.
fn wing(file: &graph::File) -> Option<&str> {
    file.module.first().map(String::as_str)
}

/// Whether a wing or an edge may use another: itself, or a wing before it.
fn may_use(user: &str, used: &str) -> bool {
    let place = |name: &str| WINGS.iter().position(|wing| *wing == name);
    match (place(user), place(used)) {
        (Some(user), Some(used)) => used <= user,
        (None, Some(_)) => true,
        (_, None) => user == used,
    }
}

/// Uses of a later wing or of an edge.
fn imports_of_later_wings(tree: &Tree) -> Vec<String> {
    tree.targets()
        .filter_map(|(file, path, target)| {
            let (Some(user), Target::Own(own)) = (wing(file), target) else {
                return None;
            };
            let used = own.first()?;
            (!may_use(user, used)).then(|| {
                format!(
                    "src/{}:{} uses `{}`, and `{used}` comes after `{user}`",
                    file.path,
                    path.line,
                    path.segments.join("::"),
                )
            })
        })
        .collect()
}

/// What is wrong with the owners of crates: `used` has the wings of each crate.
fn wrong_owners(
    dependencies: &BTreeSet<String>,
    used: &BTreeMap<String, BTreeMap<String, String>>,
    owners: &[(&str, &[&str])],
    shared: &[(&str, &str)],
) -> Vec<String> {
    let none = BTreeMap::new();
    let users = |name: &str| used.get(name).unwrap_or(&none);
    let owned = owners.iter().map(|(name, _)| *name);
    let listed: Vec<&str> = owned.chain(shared.iter().map(|(name, _)| *name)).collect();
    let mut wrong = Vec::new();
    for name in dependencies {
        match listed.iter().filter(|listed| *listed == name).count() {
            0 => wrong.push(format!(
                "the crate `{name}` has no owner; it is used by {:?}",
                users(name).keys()
            )),
            1 => {}
            _ => wrong.push(format!("the crate `{name}` is listed twice")),
        }
    }
    for name in &listed {
        if !dependencies.contains(*name) {
            wrong.push(format!("the crate `{name}` is not in Cargo.toml"));
        } else if users(name).is_empty() {
            wrong.push(format!("the crate `{name}` is not used"));
        }
    }
    for (name, reason) in shared {
        if reason.is_empty() || users(name).len() == 1 {
            wrong.push(format!("the crate `{name}` is not shared; name its owner"));
        }
    }
    for (name, owners) in owners {
        for (user, place) in users(name) {
            if !owners.contains(&user.as_str()) {
                wrong.push(format!(
                    "{place} uses `{name}`, which belongs to {owners:?}"
                ));
            }
        }
        for owner in *owners {
            if !users(name).is_empty() && !users(name).contains_key(*owner) {
                wrong.push(format!("`{owner}` owns `{name}` without a use"));
            }
        }
    }
    wrong
}

/// The wings that use each crate, with the first place of each use.
fn users_of_crates(tree: &Tree) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut used: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (file, path, target) in tree.targets() {
        if let (Some(user), Target::Foreign(foreign)) = (wing(file), target) {
            used.entry(foreign[0].clone())
                .or_default()
                .entry(user.to_owned())
                .or_insert_with(|| format!("src/{}:{}", file.path, path.line));
        }
    }
    used
}

/// What the cycles of a tree and the list of known ones do not have in common.
fn unexpected_cycles(tree: &Tree, known: &[&str]) -> Vec<String> {
    let cycles = tree.cycles();
    let new = cycles
        .iter()
        .filter(|(folder, _)| !known.contains(&folder.as_str()))
        .flat_map(|(folder, cycles)| {
            let cycles = cycles.iter();
            cycles.map(move |cycle| format!("import cycle in src/{folder}: {cycle}"))
        });
    let gone = known
        .iter()
        .filter(|folder| !cycles.contains_key(**folder))
        .map(|folder| format!("src/{folder} has no cycle; remove it from KNOWN_CYCLES"));
    new.chain(gone).collect()
}

/// Whether a text compares elapsed time with an upper bound other than a `WATCHDOG`
/// of minutes.
fn bounds_elapsed_time(text: &str) -> bool {
    let text: String = text.split_whitespace().collect();
    text.replace("elapsed()<WATCHDOG", "")
        .contains("elapsed()<")
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn imports_point_up_the_pipeline() {
    assert_none(&imports_of_later_wings(library()));
}

#[test]
fn files_do_not_import_each_other_in_a_cycle() {
    assert_none(&unexpected_cycles(library(), KNOWN_CYCLES));
}

#[test]
fn crates_are_used_only_by_their_owners() {
    let used = users_of_crates(library());
    let dependencies = dependencies(&manifest());
    assert_none(&wrong_owners(&dependencies, &used, OWNERS, SHARED));
}

#[test]
fn lib_lists_the_wings_in_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("a library");
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| {
            let line = line
                .strip_prefix("pub(crate) ")
                .or(line.strip_prefix("pub "))?;
            line.strip_prefix("mod ")?.strip_suffix(';')
        })
        .collect();
    let wings: Vec<&str> = WINGS.into_iter().chain(EDGES).collect();
    assert_eq!(modules, wings);
}

#[test]
fn only_the_edges_touch_the_process() {
    let tree = library();
    let is_edge = |file: &graph::File| wing(file).is_none_or(|name| EDGES.contains(&name));
    let mut wrong = Vec::new();
    for (_, file, module) in tree.modules() {
        for name in ["print", "println", "eprint", "eprintln"] {
            if module.macros.contains(name) && !is_edge(file) {
                wrong.push(format!("src/{} calls `{name}!`", file.path));
            }
        }
    }
    for (file, path, target) in tree.targets() {
        let Target::Foreign(foreign) = target else {
            continue;
        };
        let foreign = foreign.join("::");
        let may = is_edge(file)
            || PROCESS
                .iter()
                .any(|(path, of)| file.path == *path && foreign.starts_with(of));
        let touches = ["std::env", "std::process::exit"];
        if !may && touches.iter().any(|touched| foreign.starts_with(touched)) {
            wrong.push(format!("src/{}:{} uses `{foreign}`", file.path, path.line));
        }
        if foreign.starts_with("std::env::var") && file.path != "run/environment.rs" {
            wrong.push(format!(
                "src/{}:{} reads a variable; `run::environment` does that",
                file.path, path.line
            ));
        }
    }
    assert_none(&wrong);
}

#[test]
fn no_test_bounds_elapsed_time() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests"] {
        for (path, text) in texts(folder) {
            // The tests of this check have examples.
            if !path.starts_with("it/tidy/") && bounds_elapsed_time(&text) {
                wrong.push(format!(
                    "{folder}/{path} bounds elapsed time; a busy machine exceeds any bound"
                ));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn each_file_states_its_purpose() {
    let files = ["src", "tests", "benches", "fuzz"].map(|folder| (folder, texts(folder)));
    for (folder, texts) in files {
        for (path, text) in texts {
            assert!(
                text.starts_with("//! "),
                "{folder}/{path} does not start with module docs"
            );
        }
    }
}
