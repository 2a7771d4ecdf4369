//! Tests reloading, with the pages alone and with a watching server.

use std::fs;
use std::num::NonZeroUsize;
use std::sync::mpsc;

use http::HeaderMap;
use tempfile::TempDir;

use super::*;
use crate::page::reader::Extraction;
use crate::run::mock::{Incoming, Settings, Verdict};
use crate::tools::serve::state::About;
use crate::tools::serve::traffic::Record;

/// Ends a test that waits forever; far longer than any machine needs.
const WATCHDOG: Duration = Duration::from_secs(300);

fn page(paths: &[&str]) -> String {
    paths
        .iter()
        .map(|path| {
            format!(
                "<!-- {{\"blockType\": \"request\"}} -->\n```http\nGET {path}\n```\n\n\
                 <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 200 OK\n```\n\n"
            )
        })
        .collect()
}

/// An example that cannot be read.
fn broken() -> String {
    page(&["/other"]).replace("HTTP/1.1 200 OK", "nothing of the kind")
}

fn folder(pages: &[(&str, String)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in pages {
        write(&folder, path, text);
    }
    folder
}

fn write(folder: &TempDir, path: &str, text: impl AsRef<[u8]>) {
    let file = folder.path().join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("a page");
}

fn load(folder: &TempDir) -> Pages {
    let threads = NonZeroUsize::new(2).expect("not zero");
    let wanted = |case: &crate::page::case::Case| case.request.method == "GET";
    Pages::load(
        folder.path(),
        &Extraction::default(),
        threads,
        Box::new(wanted),
    )
    .expect("pages")
    .0
}

fn targets(pages: &Pages) -> Vec<&str> {
    let cases = pages.cases().iter();
    cases.map(|case| case.request.target.as_str()).collect()
}

/// Checks what is served after a change, and which pages keep their previous
/// version.
#[track_caller]
fn check(change: impl FnOnce(&TempDir) -> Vec<&'static str>, expected: &[&str], stale: &[&str]) {
    let folder = folder(&[
        ("a.md", page(&["/a1", "/a2"])),
        ("b/c.md", page(&["/c"])),
        ("b/d.md", page(&["/d"])),
    ]);
    let mut pages = load(&folder);
    assert_eq!(targets(&pages), ["/a1", "/a2", "/c", "/d"]);
    let paths = change(&folder);
    let changes = Changes {
        paths: paths.iter().map(|path| pages.root().join(path)).collect(),
        everything: false,
    };
    pages.reread(&changes).expect("a docs root");
    assert_eq!(targets(&pages), expected);
    let found = pages.stale();
    let found: Vec<&str> = found.iter().map(|finding| &*finding.file).collect();
    assert_eq!(found, stale);
}

#[test]
fn reads_only_the_changed_page() {
    check(
        |folder| {
            write(folder, "a.md", page(&["/a3"]));
            // This change is not reported.
            write(folder, "b/c.md", page(&["/unseen"]));
            vec!["a.md"]
        },
        &["/a3", "/c", "/d"],
        &[],
    );
}

#[test]
fn adds_and_removes_pages() {
    check(
        |folder| {
            write(folder, "aa.md", page(&["/aa"]));
            fs::remove_file(folder.path().join("b/c.md")).expect("gone");
            vec!["aa.md", "b/c.md"]
        },
        &["/a1", "/a2", "/aa", "/d"],
        &[],
    );
    check(
        |folder| {
            fs::rename(folder.path().join("b"), folder.path().join("z")).expect("moved");
            fs::create_dir(folder.path().join("b")).expect("a folder");
            write(folder, "b/d.md", page(&["/new"]));
            vec!["b", "z"]
        },
        &["/a1", "/a2", "/new", "/c", "/d"],
        &[],
    );
    check(
        |folder| {
            fs::remove_dir_all(folder.path().join("b")).expect("gone");
            fs::remove_file(folder.path().join("a.md")).expect("gone");
            vec!["b"]
        },
        &[],
        &[],
    );
}

#[test]
fn keeps_the_previous_version_of_a_broken_page() {
    let kept = ["/a1", "/a2", "/c", "/d"];
    let spoil = |text: Vec<u8>| {
        move |folder: &TempDir| {
            write(folder, "a.md", text);
            vec!["a.md"]
        }
    };
    check(spoil(broken().into_bytes()), &kept, &["a.md"]);
    check(spoil(b"\xff\xfe".to_vec()), &kept, &["a.md"]);
    check(spoil(b"a \xff".to_vec()), &kept, &["a.md"]);
    // A page without examples has no errors.
    check(spoil(b"# Title".to_vec()), &["/c", "/d"], &[]);
}

#[test]
fn accepts_changes_to_a_page_with_errors() {
    let folder = folder(&[("a.md", page(&["/a"]) + &broken())]);
    let mut pages = load(&folder);
    let served = targets(&pages).len();
    assert!(served > 0 && pages.stale().is_empty());
    let changes = Changes {
        everything: true,
        ..Changes::default()
    };
    write(&folder, "a.md", page(&["/b"]) + &broken());
    pages.reread(&changes).expect("a docs root");
    assert_eq!(targets(&pages)[0], "/b");
    write(&folder, "a.md", page(&["/c"]) + &broken() + &broken());
    pages.reread(&changes).expect("a docs root");
    assert_eq!((targets(&pages)[0], pages.stale().len()), ("/b", 2));
    write(&folder, "a.md", page(&["/d"]));
    pages.reread(&changes).expect("a docs root");
    assert_eq!((targets(&pages), pages.stale()), (vec!["/d"], vec![]));
}

#[cfg(unix)]
#[test]
fn ignores_links_and_hidden_files() {
    let outside = folder(&[("x.md", page(&["/outside"]))]);
    check(
        |folder| {
            let link = |path| std::os::unix::fs::symlink(outside.path().join("x.md"), path);
            link(folder.path().join("x.md")).expect("a link");
            fs::remove_file(folder.path().join("b/d.md")).expect("gone");
            link(folder.path().join("b/d.md")).expect("a link");
            write(folder, ".hidden.md", page(&["/hidden"]));
            write(folder, ".git/x.md", page(&["/hidden"]));
            vec!["x.md", "b/d.md", ".hidden.md", ".git/x.md"]
        },
        &["/a1", "/a2", "/c"],
        &[],
    );
}

#[test]
fn reloads_types_when_resources_change() {
    let resource = |name: &str| {
        format!(
            "<!-- {{\"blockType\": \"resource\", \"@odata.type\": \"{name}\"}} -->\n\
             ```json\n{{\"id\": \"String\"}}\n```\n"
        )
    };
    let folder = folder(&[("a.md", page(&["/a"])), ("r.md", resource("example.one"))]);
    let mut pages = load(&folder);
    let knows = |pages: &Pages, name| {
        let table = pages.table(Settings::default());
        table.settings().types.find(name).is_some()
    };
    assert!(knows(&pages, "example.one") && !knows(&pages, "example.two"));
    write(&folder, "r.md", resource("example.two"));
    let changes = Changes {
        everything: true,
        ..Changes::default()
    };
    assert!(pages.reread(&changes).expect("a docs root").is_changed);
    assert!(!knows(&pages, "example.one") && knows(&pages, "example.two"));
    assert!(!pages.reread(&changes).expect("a docs root").is_changed);
}

/// Whether a case responds to a path.
fn responds(state: &State, path: &str) -> bool {
    let reply = state.table().reply(&Incoming {
        method: "GET",
        path,
        query: None,
        headers: &HeaderMap::new(),
        body: b"",
    });
    matches!(reply.verdict, Verdict::Matched { .. })
}

/// Waits for the effect of a change. The watchdog is generous, because file
/// events may take long on a busy machine.
#[track_caller]
fn wait(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < WATCHDOG, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn reloads_while_serving() {
    let folder = folder(&[("a.md", page(&["/a"])), ("b.md", page(&["/b"]))]);
    let pages = load(&folder);
    let state = Arc::new(State::new(
        pages.table(Settings::default()),
        About {
            docs: "docs".to_owned(),
            base: "http://127.0.0.1:1".to_owned(),
            curl: |_, _| Err("not asked for".to_owned()),
        },
    ));
    state.traffic.add(&Record {
        at: std::time::SystemTime::UNIX_EPOCH,
        method: "GET",
        target: "/b",
        status: 200,
        case: Some("b::1"),
        notes: &[],
        elapsed: Duration::ZERO,
    });
    let (sender, reports) = mpsc::channel();
    let watching = watch(pages, Arc::clone(&state), move |reloaded| {
        sender.send(reloaded).expect("a listener");
    })
    .expect("a watched folder");
    write(&folder, "a.md", page(&["/changed"]));
    wait("a page changes", || responds(&state, "/changed"));
    assert!(!responds(&state, "/a") && responds(&state, "/b"));
    assert_eq!(state.traffic.hits("b::1"), 1);
    let reloaded = reports.recv().expect("reports").expect("a docs root");
    assert_eq!((reloaded.pages, reloaded.gone, reloaded.cases), (1, 0, 2));

    write(&folder, "new/folder/c.md", page(&["/c"]));
    wait("a page is added", || responds(&state, "/c"));
    write(&folder, "a.md", broken());
    wait("a page breaks", || !state.stale().is_empty());
    assert!(responds(&state, "/changed"));
    fs::remove_file(folder.path().join("a.md")).expect("gone");
    wait("a page is removed", || state.stale().is_empty());
    assert!(!responds(&state, "/changed") && responds(&state, "/b"));

    // The whole root may be removed and recreated, as when switching branches.
    fs::remove_dir_all(folder.path()).expect("gone");
    let is_lost =
        |reports: &Result<Reloaded, ReloadError>| matches!(reports, Err(ReloadError::Docs(_)));
    let begun = Instant::now();
    while !reports.try_recv().is_ok_and(|reports| is_lost(&reports)) {
        assert!(
            begun.elapsed() < WATCHDOG,
            "the missing root is not reported"
        );
        thread::sleep(Duration::from_millis(2));
    }
    write(&folder, "d.md", page(&["/d"]));
    wait("the root is back", || responds(&state, "/d"));
    write(&folder, "d.md", page(&["/e"]));
    wait("the new root is watched", || responds(&state, "/e"));
    drop(watching);
}

#[test]
fn fails_to_watch_a_missing_folder() {
    let folder = folder(&[("a.md", page(&["/a"]))]);
    let pages = load(&folder);
    let table = pages.table(Settings::default());
    let about = About {
        docs: String::new(),
        base: String::new(),
        curl: |_, _| Err(String::new()),
    };
    let state = Arc::new(State::new(table, about));
    drop(folder);
    let error = watch(pages, state, |_| {}).expect_err("no folder");
    assert!(
        error
            .to_string()
            .starts_with("failed to watch the docs in `"),
        "{error}"
    );
}
