//! Tests of the checks: each one accepts what is right and reports what is wrong.

use super::source::{self, Origin};
use super::*;

/// A crate of these files, which may use the crates `std`, `http` and `serde`.
fn tree(files: &[(&str, &str)]) -> Tree {
    let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
    let texts: Vec<(String, String)> = files.iter().map(own).collect();
    Tree::new(&texts, &["std", "http", "serde"].map(str::to_owned).into())
}

/// The paths of a text, as they are written.
fn paths(text: &str) -> Vec<String> {
    let paths = source::read(text).paths;
    paths.iter().map(|path| path.segments.join("::")).collect()
}

/// What the paths of `run/judge.rs` lead to, in a crate with some modules.
fn targets(text: &str) -> Vec<String> {
    let tree = tree(&[
        ("lib.rs", "mod text; mod run;"),
        ("text/mod.rs", ""),
        ("run/mod.rs", "mod judge;"),
        ("run/judge.rs", text),
    ]);
    tree.targets()
        .filter(|(file, ..)| file.path == "run/judge.rs")
        .map(|(.., target)| match target {
            Target::Own(own) => format!("crate::{}", own.join("::")),
            Target::Foreign(foreign) => foreign.join("::"),
        })
        .collect()
}

/// The cycles of a wing `a`, whose files have these texts.
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<(String, &str)> = files
        .iter()
        .map(|(path, text)| (format!("a/{path}"), *text))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, *text)).collect();
    unexpected_cycles(&tree(&files), &[])
}

#[track_caller]
fn assert_cycle(files: &[(&str, &str)], expected: &str) {
    let found = cycles(files);
    assert!(
        found.len() == 1 && found[0].contains(expected),
        "{found:#?} does not have `{expected}`"
    );
}

#[track_caller]
fn assert_no_cycle(files: &[(&str, &str)]) {
    assert_eq!(cycles(files), [""; 0]);
}

#[test]
fn reads_import_groups() {
    assert_eq!(
        paths("use crate::{a, b::{self, C, d::*}, e as f};"),
        [
            "crate::a",
            "crate::b",
            "crate::b::C",
            "crate::b::d::*",
            "crate::e"
        ]
    );
    assert_eq!(paths("use ::http::Method;"), ["http::Method"]);
    assert_eq!(paths("fn a() -> impl Fn() + use<'_> { b }"), [""; 0]);
}

#[test]
fn reads_inline_paths() {
    assert_eq!(
        paths("fn a(x: b::C) -> Vec<super::D> { e::<F>::f(g.h); <I as j::K>::l() }"),
        ["b::C", "super::D", "j::K"]
    );
    assert_eq!(
        paths("#[derive(serde::Serialize)] struct A;"),
        ["serde::Serialize"]
    );
}

#[test]
fn tells_imports_from_reexports() {
    use Origin::{Import, Inline, Reexport};
    let module = source::read("use a::B; pub use c::D; pub(super) use e::F; g::h();");
    let origins: Vec<Origin> = module.paths.iter().map(|path| path.origin).collect();
    assert_eq!(origins, [Import, Reexport, Reexport, Inline]);
}

#[test]
fn ignores_comments_and_literals() {
    let text = r##"
// a::b
/* a::b /* a::b */ a::b */
/// [`a::b`]
const A: &str = "a::b \" a::b";
const B: &str = r#"a::b " a::b"#;
const C: &[u8] = b"a::b";
const D: char = '"';
const E: char = '\'';
fn f<'a>(_: &'a str) { c::d('\u{1f600}') }
"##;
    assert_eq!(paths(text), ["c::d"]);
    assert_eq!(source::read(text).paths[0].line, 10);
}

#[test]
fn skips_code_of_tests_and_nothing_after_it() {
    let text = "
        #[cfg(test)]
        mod tests { use a::B; fn f() { c::d() } }
        #[cfg(test)]
        use e::{F, G};
        #[cfg(test)]
        #[derive(Debug)]
        struct H(i::J);
        fn after() { k::l() }
        #[cfg(unix)]
        fn unix() { m::n() }";
    assert_eq!(paths(text), ["k::l", "m::n"]);
}

#[test]
fn leaves_out_files_of_tests() {
    let tree = tree(&[
        (
            "a/mod.rs",
            "#[cfg(test)] mod tests; #[cfg(test)] mod more_tests; mod b;",
        ),
        ("a/tests.rs", "mod deep;"),
        ("a/tests/deep.rs", ""),
        ("a/more_tests.rs", ""),
        ("a/b.rs", ""),
    ]);
    let files: Vec<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, ["a/mod.rs", "a/b.rs"]);
}

#[test]
fn resolves_paths() {
    assert_eq!(targets("use crate::text::A;"), ["crate::text::A"]);
    assert_eq!(targets("use super::A;"), ["crate::run::A"]);
    assert_eq!(targets("use super::super::text::A;"), ["crate::text::A"]);
    assert_eq!(targets("use self::a::B;"), ["crate::run::judge::a::B"]);
    assert_eq!(
        targets("use crate::text as t; fn f() { t::g() }"),
        ["crate::text", "crate::text::g"]
    );
    assert_eq!(targets("mod a { use super::B; }"), ["crate::run::judge::B"]);
    // A local type, a generic parameter.
    assert_eq!(targets("fn f<T: A>() { T::g(); Self::h() }"), [""; 0]);
}

#[test]
fn tells_modules_from_crates_of_the_same_name() {
    assert_eq!(targets("use http::Method;"), ["http::Method"]);
    assert_eq!(
        targets("use crate::http; fn f(_: http::Policy, _: ::http::Method) {}"),
        ["crate::http", "crate::http::Policy", "http::Method"]
    );
    assert_eq!(
        targets("mod http; fn f(_: http::Policy) {}"),
        ["crate::run::judge::http::Policy"]
    );
}

#[test]
fn reports_imports_of_later_wings() {
    let later = |text: &str| {
        imports_of_later_wings(&tree(&[
            ("lib.rs", ""),
            ("text/mod.rs", "mod source;"),
            ("text/source.rs", text),
        ]))
        .len()
    };
    assert_eq!(later("use crate::run::Options;"), 1);
    assert_eq!(later("use crate::{page::Case, text::Span, run};"), 2);
    assert_eq!(later("use super::super::json::Value;"), 1);
    assert_eq!(later("fn f() { super::super::json::read() }"), 1);
    assert_eq!(later("fn f() { crate::cli::run() }"), 1);
    assert_eq!(later("use super::Span; use crate::text::Page;"), 0);
}

#[test]
fn lets_later_wings_and_edges_use_earlier_wings() {
    assert!(may_use("run", "text"));
    assert!(may_use("run", "run"));
    assert!(may_use("cli", "report"));
    assert!(!may_use("run", "tools"));
    assert!(!may_use("report", "cli"));
    assert!(!may_use("harness", "cli"));
}

#[test]
fn reports_cycles_of_two_files() {
    let files = [
        ("mod.rs", "mod b; mod c;"),
        ("b.rs", "use super::c::C;"),
        ("c.rs", "fn f() { super::b::g() }"),
    ];
    assert_cycle(&files, "2 files: src/a/b.rs:1 uses a/c.rs (`super::c::C`)");
    assert_no_cycle(&files[..2]);
}

#[test]
fn reports_cycles_through_other_files() {
    let files = [
        ("b.rs", "use super::c::C;"),
        ("c.rs", "use crate::a::{d::D};"),
        ("d/mod.rs", "mod e; use self::e::E;"),
        ("d/e.rs", "use super::super::b::B;"),
    ];
    assert_cycle(&files, "4 files");
    assert_no_cycle(&files[..3]);
}

#[test]
fn reports_children_that_use_a_parent_that_uses_them() {
    assert_cycle(
        &[
            ("mod.rs", "mod b; use b::B; pub struct A;"),
            ("b.rs", "use super::A; pub struct B;"),
        ],
        "2 files",
    );
    assert_cycle(
        &[
            ("mod.rs", "mod b; fn f() { b::g() }"),
            ("b.rs", "use crate::a; fn g() { a::f() }"),
        ],
        "2 files",
    );
    assert_cycle(
        &[
            (
                "mod.rs",
                "mod b; pub use b::b; pub struct A; fn f() { b(A) }",
            ),
            ("b.rs", "use super::A; pub fn b(_: A) {}"),
        ],
        "2 files",
    );
    // The parent uses what it exports.
    assert_cycle(
        &[
            ("mod.rs", "mod b; pub use b::B; pub struct A(B);"),
            ("b.rs", "use super::A; pub struct B;"),
        ],
        "2 files",
    );
}

#[test]
fn declarations_and_reexports_of_children_are_no_imports() {
    // A variable, a field and a method have the name of an exported function.
    assert_no_cycle(&[
        (
            "mod.rs",
            "mod b; pub use b::b; pub struct A; fn f(b: u8) { a.b(b); A { b } }",
        ),
        ("b.rs", "use super::A; pub fn b(_: A) {}"),
    ]);
    assert_no_cycle(&[
        ("mod.rs", "mod b; pub use b::B; pub struct A;"),
        ("b.rs", "use super::A; pub struct B;"),
    ]);
}

#[test]
fn follows_reexports_to_the_file_that_defines_the_name() {
    let parent = ("mod.rs", "mod b; mod c; pub use b::B; pub use c::C;");
    assert_no_cycle(&[
        parent,
        ("b.rs", "pub struct B;"),
        ("c.rs", "use super::B; pub struct C;"),
    ]);
    assert_cycle(
        &[
            parent,
            ("b.rs", "use super::C; pub struct B;"),
            ("c.rs", "use super::B; pub struct C;"),
        ],
        "src/a/b.rs:1 uses a/c.rs",
    );
}

#[test]
fn tests_may_close_a_cycle() {
    assert_no_cycle(&[
        ("b.rs", "use super::c::C; #[cfg(test)] mod tests;"),
        ("c.rs", "#[cfg(test)] mod tests { use super::super::b::B; }"),
        ("b/tests.rs", "use super::*;"),
    ]);
}

#[test]
fn known_cycles_are_accepted_while_they_exist() {
    let cyclic = [
        ("a/b.rs", "use super::c::C;"),
        ("a/c.rs", "use super::b::B;"),
    ];
    assert_eq!(unexpected_cycles(&tree(&cyclic), &["a"]), [""; 0]);
    assert_eq!(
        unexpected_cycles(&tree(&cyclic[..1]), &["a"]),
        ["src/a has no cycle; remove it from KNOWN_CYCLES"]
    );
}

/// What is wrong where `http` is used by `text` and `run`, and `serde` by `run`.
fn wrong(owners: &[(&str, &[&str])], shared: &[(&str, &str)]) -> Vec<String> {
    let tree = tree(&[
        ("text/mod.rs", "use http::Method;"),
        ("run/mod.rs", "use {http::Method, serde::Serialize};"),
    ]);
    let dependencies = ["http", "serde"].map(str::to_owned).into();
    wrong_owners(&dependencies, &users_of_crates(&tree), owners, shared)
}

#[test]
fn accepts_owned_and_shared_crates() {
    let serde: (&str, &[&str]) = ("serde", &["run"]);
    assert_eq!(wrong(&[serde, ("http", &["text", "run"])], &[]), [""; 0]);
    assert_eq!(wrong(&[serde], &[("http", "a reason")]), [""; 0]);
}

#[test]
fn reports_crates_with_wrong_owners() {
    let serde: (&str, &[&str]) = ("serde", &["run"]);
    let http: (&str, &[&str]) = ("http", &["text", "run"]);
    for (owners, shared, expected) in [
        (vec![serde], vec![], "`http` has no owner"),
        (
            vec![serde, ("http", &["text"])],
            vec![],
            "src/run/mod.rs:1 uses `http`",
        ),
        (
            vec![http, ("serde", &["run", "cli"])],
            vec![],
            "`cli` owns `serde` without a use",
        ),
        (
            vec![http, serde, ("axum", &["run"])],
            vec![],
            "`axum` is not in Cargo.toml",
        ),
        (
            vec![http, serde],
            vec![("http", "a reason")],
            "`http` is listed twice",
        ),
        (vec![serde], vec![("http", "")], "`http` is not shared"),
        (
            vec![http],
            vec![("serde", "a reason")],
            "`serde` is not shared",
        ),
    ] {
        let found = wrong(&owners, &shared);
        assert!(
            found.len() == 1 && found[0].contains(expected),
            "{found:?} is not `{expected}`"
        );
    }
}

#[test]
fn reports_crates_without_a_use() {
    let dependencies = ["serde".to_owned()].into();
    let found = wrong_owners(&dependencies, &BTreeMap::new(), &[("serde", &["run"])], &[]);
    assert_eq!(found, ["the crate `serde` is not used"]);
}

#[test]
fn reports_bounds_of_elapsed_time() {
    assert!(bounds_elapsed_time("assert!(start.elapsed() < LIMIT)"));
    assert!(bounds_elapsed_time(
        "assert!(\n    start.elapsed()\n        <= LIMIT,\n)"
    ));
    assert!(!bounds_elapsed_time("assert!(start.elapsed() > DELAY)"));
    assert!(!bounds_elapsed_time("assert!(start.elapsed() < WATCHDOG)"));
}

#[test]
fn reads_the_dependencies_of_a_manifest() {
    let manifest = "
[package]
name = \"a\"
[dependencies]
serde-json = { version = \"1\", features = [
    \"std\",
] }
http.workspace = true
# A comment
[target.'cfg(unix)'.dependencies]
libc = \"1\"
[dev-dependencies]
axum = \"1\"
";
    assert_eq!(
        dependencies(manifest),
        ["http", "libc", "serde_json"].map(str::to_owned).into()
    );
}
