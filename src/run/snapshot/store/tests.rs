//! Tests which files are written and removed.

use std::fs;

use insta::Snapshot;

use super::*;

fn observed<'a>(id: &'a str, contents: &'a str) -> Observed<'a> {
    Observed {
        id,
        source: "docs/a.md",
        line: 7,
        expression: "GET /a?b=\"c: d\"",
        contents,
        has_shape: true,
    }
}

#[track_caller]
fn check_in(
    folder: &Path,
    observed: &Observed<'_>,
    update: Update,
    outline: impl FnOnce() -> Option<Outline>,
) -> Checked {
    let path = FileNames::default().path(folder, observed.id);
    let handling = Handling {
        update,
        is_required: false,
    };
    check(&path, observed, handling, str::to_owned, outline).expect("checked")
}

#[track_caller]
fn check_state(folder: &Path, contents: &str, update: Update, expected: &str) {
    let observed = observed("a::b", contents);
    let checked = check_in(folder, &observed, update, || None);
    assert_eq!((checked.state.name(), checked.finding), (expected, None));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[test]
fn accepts_a_pending_snapshot() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    check_state(folder, "200 OK", Update::No, "new");
    assert_eq!(names(folder), [""; 0]);
    check_state(folder, "200 OK", Update::New, "new");
    assert_eq!(names(folder), ["a__b.snap.new"]);
    let (waiting, _) = pending(folder).expect("read");
    assert_eq!(
        (waiting[0].id.as_str(), waiting[0].source.as_str()),
        ("a::b", "docs/a.md")
    );
    accept(&waiting[0]).expect("accepted");
    assert_eq!(names(folder), ["a__b.snap"]);
    check_state(folder, "200 OK", Update::New, "match");
    check_state(folder, "201 Created", Update::New, "mismatch");
    assert_eq!(names(folder), ["a__b.snap", "a__b.snap.new"]);
    check_state(folder, "200 OK", Update::New, "match");
    assert_eq!(names(folder), ["a__b.snap"]);
    check_state(
        folder,
        "201 Created\netag: [entity-tag]",
        Update::Always,
        "new",
    );
    check_state(
        folder,
        "201 Created\netag: [entity-tag]",
        Update::No,
        "match",
    );
}

#[test]
fn keeps_a_trailing_header_without_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let contents = "200 OK\nx-a: ";
    check_state(folder.path(), contents, Update::Always, "new");
    check_state(folder.path(), contents, Update::New, "match");
}

#[test]
fn insta_reads_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    check_state(folder.path(), "200 OK\na: b", Update::New, "new");
    let snapshot = Snapshot::from_file(&folder.path().join("a__b.snap.new")).expect("insta's");
    let metadata = snapshot.metadata();
    assert_eq!(metadata.source(), Some("docs/a.md"));
    assert_eq!(metadata.assertion_line(), Some(7));
    assert_eq!(metadata.description(), Some("a::b"));
    assert_eq!(metadata.expression(), Some("GET /a?b=\"c: d\""));
    assert_eq!(
        snapshot.as_text().expect("text").to_string(),
        "200 OK\na: b"
    );
}

fn outline(lines: &[(&str, &str)]) -> Outline {
    let lines = lines.iter();
    lines
        .map(|(path, kinds)| ((*path).to_owned(), (*kinds).to_owned()))
        .collect()
}

#[track_caller]
fn check_outline(
    folder: &Path,
    contents: &str,
    update: Update,
    new: Option<&Outline>,
    kept: Option<&Outline>,
) {
    let observed = observed("a::b", contents);
    check_in(folder, &observed, update, || new.cloned());
    let again = check_in(folder, &observed, Update::No, || None);
    assert_eq!(again.kept.and_then(|again| again.outline()).as_ref(), kept);
}

#[test]
fn outlines_are_kept_and_never_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let one = &outline(&[("$", "object"), ("$.a", "string or null")]);
    let two = &outline(&[("$", "object"), ("$.b", "number")]);
    check_outline(folder, "200 OK", Update::New, Some(one), None);
    accept(&pending(folder).expect("read").0[0]).expect("accepted");
    check_outline(folder, "200 OK", Update::New, Some(two), Some(one));
    assert_eq!(names(folder), ["a__b.snap"]);
    check_outline(folder, "200 OK", Update::Always, Some(two), Some(one));
    // The mock has no outline, and keeps the accepted one.
    check_outline(folder, "201 Created", Update::Always, None, Some(one));
    check_outline(folder, "202 Accepted", Update::Always, Some(two), Some(two));
}

#[test]
fn accepting_all_adds_missing_outlines() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let one = &outline(&[("$", "array")]);
    check_outline(folder, "200 OK", Update::Always, None, None);
    check_outline(folder, "200 OK", Update::New, Some(one), None);
    check_outline(folder, "200 OK", Update::Unseen, Some(one), None);
    check_outline(folder, "200 OK", Update::Always, Some(one), Some(one));
}

/// Both tools write the same file.
#[test]
fn insta_writes_outlines_the_same_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let places = &outline(&[
        ("$", "object"),
        ("$.a", "null"),
        ("$.a_b", "string or null or absent"),
        ("$.é", "number"),
        ("$.value", "array"),
        ("$.value[*]", "object"),
        ("$['a b: \\'c\\' \"d\" \\u{1f} #']", "boolean"),
        ("…", "more"),
    ]);
    check_outline(folder, "200 OK\na: b", Update::New, Some(places), None);
    let pending = folder.join("a__b.snap.new");
    let path = folder.join("a__b.snap");
    let snapshot = Snapshot::from_file(&pending).expect("insta's");
    snapshot.save(&path).expect("saved");
    let by_insta = fs::read_to_string(&path).expect("a snapshot");
    check_outline(folder, "200 OK\na: b", Update::No, None, Some(places));
    fs::remove_file(&path).expect("removed");
    check_outline(
        folder,
        "200 OK\na: b",
        Update::Always,
        Some(places),
        Some(places),
    );
    let by_docproof = fs::read_to_string(&path).expect("a snapshot");
    assert_eq!(by_docproof, by_insta);
}

#[test]
fn ignores_other_metadata() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for info in [
        "info: 7",
        "info:\n  body: [a]",
        "info:\n  body:\n    a: [b]",
        "info: ~",
    ] {
        let text = format!("---\nsource: docs/a.md\n{info}\n---\n200 OK\n");
        fs::write(folder.join("a__b.snap"), text).expect("written");
        check_outline(folder, "200 OK", Update::No, None, None);
    }
}

#[test]
fn line_ends_are_not_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let one = &outline(&[("$", "object"), ("$.a", "number")]);
    check_outline(folder, "200 OK\na: b", Update::Always, Some(one), Some(one));
    let path = folder.join("a__b.snap");
    let text = fs::read_to_string(&path).expect("a snapshot");
    fs::write(&path, text.replace('\n', "\r\n")).expect("written");
    check_state(folder, "200 OK\na: b", Update::No, "match");
    check_state(folder, "200 OK\na: c", Update::No, "mismatch");
    check_outline(folder, "200 OK\na: b", Update::No, None, Some(one));
}

#[test]
fn reports_truncated_snapshots() {
    let folder = tempfile::tempdir().expect("a folder");
    check_state(folder.path(), "200 OK\na: b", Update::Always, "new");
    let path = folder.path().join("a__b.snap");
    let whole = fs::read_to_string(&path).expect("a snapshot");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let observed = observed("a::b", "200 OK\na: b");
        let Checked { state, finding, .. } =
            check_in(folder.path(), &observed, Update::No, || None);
        assert_eq!(state.name(), "mismatch");
        // If the cut is at a line end, the rest is a valid snapshot.
        let is_whole = whole[..length].ends_with("200 OK\n");
        assert_eq!(finding.is_none(), is_whole, "{:?}", &whole[..length]);
    }
}

#[test]
fn finds_orphaned_snapshots() {
    let folder = tempfile::tempdir().expect("a folder");
    check_state(folder.path(), "200 OK", Update::Always, "new");
    let found = |docs, ids: &[&str]| {
        let (orphans, _) = orphans(folder.path(), docs, ids.iter().copied()).expect("read");
        orphans.iter().map(Orphan::reason).collect::<Vec<_>>()
    };
    assert_eq!(found("docs", &["a::c"]), ["no case `a::b`"]);
    assert_eq!(found("docs", &["a::b"]), [""; 0]);
    assert_eq!(found("other", &[]), [""; 0]);
    let renamed = folder.path().join("a__d.snap");
    fs::rename(folder.path().join("a__b.snap"), renamed).expect("renamed");
    assert_eq!(
        found("docs", &["a::b"]),
        ["the snapshot of `a::b` is `a__b.snap`"]
    );
}
