//! The shape of the sources: who uses whom, who owns which crate, and that
//! each file says what it is for. Adding an edge means changing this table on
//! purpose.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The modules in the order of the pipeline, and what each may use.
const MODULES: [(&str, &[&str]); 38] = [
    ("guide", &[]),
    ("parallel", &[]),
    ("files", &[]),
    ("source", &[]),
    ("form", &[]),
    ("diagnostic", &["source"]),
    ("message", &[]),
    ("secret", &[]),
    ("template", &[]),
    ("case", &["message"]),
    ("globs", &["case"]),
    ("resource", &["source"]),
    ("markdown", &["source", "diagnostic"]),
    (
        "extract",
        &[
            "source",
            "diagnostic",
            "message",
            "template",
            "case",
            "resource",
            "markdown",
        ],
    ),
    (
        "docs",
        &[
            "parallel",
            "source",
            "diagnostic",
            "case",
            "resource",
            "extract",
        ],
    ),
    (
        "schema",
        &[
            "parallel",
            "source",
            "form",
            "diagnostic",
            "case",
            "resource",
            "extract",
        ],
    ),
    (
        "lint",
        &[
            "parallel",
            "source",
            "diagnostic",
            "message",
            "template",
            "case",
            "globs",
            "resource",
            "markdown",
            "extract",
            "schema",
        ],
    ),
    (
        "baseline",
        &["parallel", "source", "diagnostic", "markdown"],
    ),
    (
        "yaml",
        &[
            "parallel",
            "files",
            "source",
            "diagnostic",
            "message",
            "case",
        ],
    ),
    ("policy", &["message"]),
    (
        "scenario",
        &["source", "diagnostic", "message", "template", "case"],
    ),
    (
        "import",
        &[
            "source",
            "diagnostic",
            "message",
            "template",
            "case",
            "extract",
            "scenario",
        ],
    ),
    (
        "config",
        &[
            "form",
            "diagnostic",
            "message",
            "secret",
            "template",
            "globs",
            "lint",
            "policy",
        ],
    ),
    (
        "plan",
        &[
            "message", "secret", "template", "case", "scenario", "config",
        ],
    ),
    (
        "suggest",
        &[
            "template", "case", "extract", "schema", "scenario", "config",
        ],
    ),
    (
        "mock",
        &[
            "diagnostic",
            "message",
            "secret",
            "template",
            "case",
            "schema",
            "plan",
        ],
    ),
    (
        "serve",
        &[
            "parallel",
            "diagnostic",
            "message",
            "secret",
            "case",
            "resource",
            "extract",
            "docs",
            "schema",
            "mock",
        ],
    ),
    ("exchange", &["message", "secret", "config", "plan"]),
    ("observation", &["form", "message", "template", "policy"]),
    (
        "compare",
        &[
            "diagnostic",
            "message",
            "case",
            "schema",
            "policy",
            "observation",
        ],
    ),
    (
        "fix",
        &[
            "source",
            "form",
            "message",
            "case",
            "extract",
            "schema",
            "policy",
            "observation",
            "compare",
        ],
    ),
    ("snapshot", &["files", "source", "diagnostic"]),
    (
        "outcome",
        &[
            "diagnostic",
            "message",
            "case",
            "plan",
            "compare",
            "snapshot",
        ],
    ),
    (
        "select",
        &[
            "diagnostic",
            "message",
            "case",
            "globs",
            "scenario",
            "plan",
            "outcome",
        ],
    ),
    (
        "run",
        &[
            "diagnostic",
            "message",
            "secret",
            "case",
            "schema",
            "policy",
            "scenario",
            "config",
            "plan",
            "mock",
            "exchange",
            "observation",
            "compare",
            "snapshot",
            "outcome",
            "select",
        ],
    ),
    (
        "mutants",
        &[
            "message",
            "case",
            "extract",
            "schema",
            "policy",
            "plan",
            "mock",
            "observation",
            "compare",
        ],
    ),
    (
        "report",
        &[
            "source",
            "diagnostic",
            "message",
            "case",
            "extract",
            "schema",
            "policy",
            "plan",
            "config",
            "observation",
            "compare",
            "snapshot",
            "outcome",
            "select",
            "mutants",
        ],
    ),
    ("environment", &["snapshot", "run"]),
];

/// The edges of the program, which may use everything above them.
const EDGES: [&str; 2] = ["harness", "cli"];

/// Crates that only their owners use.
const OWNERS: [(&str, &[&str]); 38] = [
    ("pulldown_cmark", &["markdown"]),
    ("jsonc_parser", &["extract", "import"]),
    ("sha2", &["baseline", "report", "select", "serve"]),
    ("serde_yaml", &["yaml", "scenario", "snapshot"]),
    ("toml_edit", &["import"]),
    ("saphyr_parser", &["scenario", "lint"]),
    ("serde_json_path", &["scenario", "fix"]),
    ("regex", &["scenario", "select"]),
    ("jiff", &["scenario", "snapshot", "serve"]),
    ("uuid", &["scenario"]),
    ("aho_corasick", &["secret", "lint"]),
    ("toml", &["config"]),
    ("reqwest", &["exchange"]),
    ("oauth2", &["exchange"]),
    ("flate2", &["serve", "exchange"]),
    ("brotli_decompressor", &["exchange"]),
    ("wiremock", &["mock"]),
    ("hyper", &["serve"]),
    ("hyper_util", &["serve"]),
    ("http_body_util", &["serve"]),
    ("notify", &["serve"]),
    ("rand", &["serve"]),
    ("rand_distr", &["serve"]),
    ("socket2", &["serve"]),
    ("tracing_subscriber", &["cli"]),
    ("winnow", &["select"]),
    ("insta", &["snapshot"]),
    ("annotate_snippets", &["report"]),
    ("shlex", &["report"]),
    ("serde_sarif", &["report"]),
    ("quick_junit", &["report"]),
    ("askama", &["report", "serve"]),
    ("indicatif", &["cli"]),
    ("terminal_size", &["cli"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("libtest_mimic", &["harness"]),
];

struct Source {
    path: String,
    module: String,
    /// The text up to the file's own tests, which may use what they like.
    code: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources: Vec<Source> = WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("a source folder"))
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "rs")
        })
        .map(|entry| {
            let path = entry.path().strip_prefix(&root).expect("below src");
            let path = path.to_string_lossy().replace('\\', "/");
            let text = fs::read_to_string(entry.path()).expect("a source");
            let is_test = path.ends_with("tests.rs");
            let code = if is_test {
                ""
            } else {
                text.split("#[cfg(test)]").next().unwrap_or("")
            };
            Source {
                module: path
                    .split('/')
                    .next()
                    .expect("a name")
                    .trim_end_matches(".rs")
                    .to_owned(),
                code: code.to_owned(),
                path,
                text,
            }
        })
        .collect();
    sources.retain(|source| !matches!(source.path.as_str(), "lib.rs" | "main.rs"));
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

/// The modules that a text uses, as `crate::name`.
fn used(code: &str) -> Vec<String> {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split("crate::").skip(1).map(str::to_owned))
        .map(|after| {
            after
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn imports_point_up_the_table() {
    let allowed: BTreeMap<&str, &[&str]> = MODULES.into_iter().collect();
    for source in sources() {
        if EDGES.contains(&source.module.as_str()) {
            let other = EDGES
                .iter()
                .find(|edge| **edge != source.module)
                .expect("two edges");
            assert!(
                !used(&source.code).iter().any(|name| name == other),
                "src/{} uses the other edge, `{other}`",
                source.path
            );
            continue;
        }
        let allowed = allowed
            .get(source.module.as_str())
            .unwrap_or_else(|| panic!("src/{} is no module of the table", source.path));
        for name in used(&source.code) {
            assert!(
                name == source.module || allowed.contains(&name.as_str()),
                "src/{} uses `crate::{name}`, which the table does not allow",
                source.path
            );
        }
    }
}

#[test]
fn the_table_is_in_order_and_needed() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("a library");
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let table: Vec<&str> = MODULES.iter().map(|(name, _)| *name).chain(EDGES).collect();
    assert_eq!(
        modules, table,
        "lib.rs lists the modules in the order of the table"
    );
    let sources = sources();
    for (at, (name, uses)) in MODULES.iter().enumerate() {
        for used_name in *uses {
            assert!(
                MODULES[..at].iter().any(|(above, _)| above == used_name),
                "`{name}` may use `{used_name}`, which does not stand above it"
            );
            let is_used = sources
                .iter()
                .filter(|source| source.module == *name)
                .any(|source| used(&source.code).iter().any(|found| found == used_name));
            assert!(
                is_used,
                "`{name}` does not use `{used_name}`: take it out of the table"
            );
        }
    }
}

#[test]
fn crates_are_used_by_their_owners_alone() {
    for source in sources() {
        for (name, owners) in OWNERS {
            let uses = source
                .code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(&format!("{name}::")));
            assert!(
                !uses || owners.contains(&source.module.as_str()),
                "src/{} uses `{name}`, which belongs to {owners:?}",
                source.path
            );
        }
    }
}

#[test]
fn only_the_edges_touch_the_process() {
    for source in sources() {
        let is_edge = EDGES.contains(&source.module.as_str());
        for call in [
            "println!",
            "eprintln!",
            "print!",
            "process::exit",
            "std::env",
            "use std::env",
        ] {
            let uses = source.code.contains(call);
            let may = is_edge || (source.module == "environment" && call.contains("env"));
            assert!(!uses || may, "src/{} uses `{call}`", source.path);
        }
    }
}

#[test]
fn only_one_module_reads_variables() {
    for source in sources() {
        let uses = source.code.contains("env::var");
        assert!(
            !uses || source.module == "environment",
            "src/{} reads a variable itself",
            source.path
        );
    }
}

#[test]
fn each_file_says_what_it_is_for() {
    for source in sources() {
        assert!(
            source.text.starts_with("//! "),
            "src/{} has no module docs",
            source.path
        );
    }
}
