//! The shape of the sources: who uses whom, who owns which crate, and that
//! each file says what it is for. Adding an edge means changing this table on
//! purpose.

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The wings in the order of the pipeline. Each may use those before it.
const WINGS: [&str; 10] = [
    "guide", "text", "json", "http", "page", "check", "project", "run", "tools", "report",
];

/// The edges of the program, which may use everything above them.
const EDGES: [&str; 3] = ["harness", "cli", "internals"];

/// Crates that only their owners use.
const OWNERS: [(&str, &[&str]); 38] = [
    ("pulldown_cmark", &["page"]),
    ("jsonc_parser", &["json", "tools"]),
    ("sha2", &["check", "report", "run", "tools"]),
    ("serde_yaml", &["page", "project", "run"]),
    ("toml_edit", &["tools"]),
    ("saphyr_parser", &["project", "check"]),
    ("serde_json_path", &["project", "tools"]),
    ("regex", &["project", "run"]),
    ("jiff", &["project", "run", "tools"]),
    ("uuid", &["project"]),
    ("aho_corasick", &["text", "check"]),
    ("toml", &["project"]),
    ("reqwest", &["run"]),
    ("oauth2", &["run"]),
    ("flate2", &["tools", "run"]),
    ("brotli_decompressor", &["run"]),
    ("wiremock", &["run"]),
    ("hyper", &["tools"]),
    ("hyper_util", &["tools"]),
    ("http_body_util", &["tools"]),
    ("notify", &["tools"]),
    ("rand", &["tools"]),
    ("rand_distr", &["tools"]),
    ("socket2", &["tools"]),
    ("tracing_subscriber", &["cli"]),
    ("winnow", &["run"]),
    ("insta", &["run"]),
    ("annotate_snippets", &["report"]),
    ("shlex", &["report"]),
    ("serde_sarif", &["report"]),
    ("quick_junit", &["report"]),
    ("askama", &["report", "tools"]),
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

/// Whether a wing may use another: itself, or one before it.
fn may_use(wing: &str, other: &str) -> bool {
    let place = |name: &str| WINGS.iter().position(|wing| *wing == name);
    match (place(wing), place(other)) {
        (Some(wing), Some(other)) => other <= wing,
        (None, Some(_)) => true,
        (_, None) => wing == other,
    }
}

#[test]
fn imports_point_up_the_pipeline() {
    for source in sources() {
        for name in used(&source.code) {
            assert!(
                may_use(&source.module, &name),
                "src/{} uses `crate::{name}`, a later wing",
                source.path
            );
        }
    }
}

#[test]
fn lib_lists_the_wings_in_order() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("a library");
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
            let may = is_edge || (source.path == "run/environment.rs" && call.contains("env"));
            assert!(!uses || may, "src/{} uses `{call}`", source.path);
        }
    }
}

#[test]
fn only_one_module_reads_variables() {
    for source in sources() {
        let uses = source.code.contains("env::var");
        assert!(
            !uses || source.path == "run/environment.rs",
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
