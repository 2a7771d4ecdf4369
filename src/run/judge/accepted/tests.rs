//! Tests the verdict on page, snapshot and response.

use std::path::{Path, PathBuf};

use super::*;
use crate::check::types::Mode;
use crate::http::message::Headers;
use crate::http::status::Status;
use crate::page::extract;
use crate::run::judge::tests::{PAGE, judge, judge_case, judge_in};
use crate::run::options::Bodies;
use crate::run::outcome::{Counts, Outcome};
use crate::text::source::Page;

/// The last day of a deviation; today is the 15th.
#[derive(Clone, Copy)]
enum Known {
    No,
    Until(&'static str),
}

fn snapshot_file(folder: &Path) -> PathBuf {
    folder.join("p__1.snap")
}

fn accept(folder: &Path, accepted: Option<&str>) {
    let Some(contents) = accepted else {
        return;
    };
    let observed = Observed {
        id: "p::1",
        source: "p.md",
        line: 1,
        expression: "GET /a",
        contents,
        has_shape: true,
    };
    let handling = Handling {
        update: Update::Always,
        is_required: false,
    };
    let file = snapshot_file(folder);
    snapshot::check(&file, &observed, handling, str::to_owned, || None).expect("accepted");
}

/// Checks the verdict on a response to a page that documents 404.
#[track_caller]
fn check(who: &str, accepted: Option<&str>, actual: u16, known: Known, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    accept(folder.path(), accepted);
    if let Known::Until(day) = known {
        let deviation = Deviation {
            reason: "known".to_owned(),
            until: Some(snapshot::day(day).expect("a day")),
        };
        let file = snapshot_file(folder.path());
        snapshot::deviate(&file, "p::1", &deviation).expect("written");
    }
    let response = ActualResponse {
        status: actual,
        ..ActualResponse::default()
    };
    let judge = judge(Some(folder.path()), Update::No, who == "mock");
    let result = judge_in(&judge, PAGE, response);
    assert_eq!(described(&result), expected);
}

/// The verdict, and the kinds of the differences.
fn described(result: &CaseResult) -> String {
    let kinds: Vec<_> = match &result.outcome {
        Outcome::Fail(differences) => differences.iter().map(|d| d.kind.name()).collect(),
        _ => vec![],
    };
    let verdict = result.verdict.map_or("none", Verdict::name);
    format!("{verdict} {}", kinds.join("+"))
}

/// Checks the verdict on a response to a page that documents no status, and what
/// is accepted afterwards under `Update::Always`.
#[track_caller]
fn check_class(who: &str, accepted: Option<&str>, actual: u16, expected: &str, now: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    accept(folder.path(), accepted);
    let page = Page::new("p.md", PAGE.to_owned());
    let mut case = extract::extract(&page, None).cases.remove(0);
    case.response.as_mut().expect("a response").message.status = Status::Class(2);
    let run = |update| {
        let judge = judge(Some(folder.path()), update, who == "mock");
        let actual = ActualResponse {
            status: actual,
            ..ActualResponse::default()
        };
        judge_case(&judge, &case, actual)
    };
    let result = run(Update::No);
    assert_eq!(described(&result), expected);
    let mut counts = Counts::default();
    counts.add(&result);
    assert_eq!(counts.undocumented_statuses, 1);
    run(Update::Always);
    let file = std::fs::read_to_string(snapshot_file(folder.path())).expect("a snapshot");
    assert!(file.contains(now), "{file}");
}

#[test]
fn snapshots_keep_the_status_that_the_page_does_not_document() {
    let created = Some("201 Created");
    check_class("service", None, 200, "conforms ", "200 OK");
    check_class("service", created, 201, "conforms ", "201 Created");
    let changed = "snapshot-outdated snapshot";
    check_class("service", created, 200, changed, "200 OK");
    let drifted = "service-drifted status";
    check_class("service", created, 404, drifted, "404 Not Found");
    let gone = Some("404 Not Found");
    check_class("service", gone, 404, "docs-changed status", "404 Not Found");
    // The mock does not know which status of the class a service sends.
    check_class("mock", created, 204, "conforms ", "201 Created");
    check_class("mock", gone, 204, changed, "204 No Content");
}

const SAME: Option<&str> = Some("404 Not Found");
const OTHER: Option<&str> = Some("410 Gone");
const THIRD: Option<&str> = Some("403 Forbidden");

#[test]
fn gives_a_verdict_on_page_snapshot_and_response() {
    check("service", SAME, 404, Known::No, "conforms ");
    check("service", SAME, 410, Known::No, "service-drifted status");
    check(
        "service",
        OTHER,
        404,
        Known::No,
        "snapshot-outdated snapshot",
    );
    check("service", OTHER, 410, Known::No, "docs-changed status");
    check(
        "service",
        THIRD,
        410,
        Known::No,
        "all-differ status+snapshot",
    );
    check("service", None, 404, Known::No, "conforms ");
    check("service", None, 410, Known::No, "service-differs status");
    check("mock", SAME, 404, Known::No, "conforms ");
    check("mock", OTHER, 404, Known::No, "snapshot-outdated snapshot");
}

#[test]
fn known_deviations_pass_until_their_last_day() {
    let known = Known::Until("2027-01-15");
    let ended = Known::Until("2027-01-14");
    check("service", OTHER, 410, known, "known-deviation ");
    check("service", OTHER, 410, ended, "docs-changed status");
    check("service", OTHER, 403, known, "all-differ status+snapshot");
    check("service", SAME, 410, known, "service-drifted status");
    // The mock always matches the page, so it does not end a deviation.
    check("mock", OTHER, 404, known, "known-deviation ");
    check("mock", OTHER, 404, ended, "docs-changed snapshot");
}

#[test]
fn deviations_are_stale_if_the_response_conforms() {
    let known = Known::Until("2027-01-15");
    let ended = Known::Until("2027-01-14");
    for known in [known, ended] {
        check(
            "service",
            OTHER,
            404,
            known,
            "stale-deviation stale-deviation",
        );
        check(
            "service",
            SAME,
            404,
            known,
            "stale-deviation stale-deviation",
        );
        check(
            "service",
            None,
            404,
            known,
            "stale-deviation stale-deviation",
        );
        check("mock", SAME, 404, known, "conforms ");
    }
    check("service", None, 410, known, "service-differs status");
}

#[test]
fn required_snapshots_fail_if_they_are_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let requiring = |update| Judge {
        snapshots: Some(Handling {
            update,
            is_required: true,
        }),
        ..judge(Some(folder.path()), update, false)
    };
    let found = |update| {
        let response = ActualResponse {
            status: 404,
            ..ActualResponse::default()
        };
        let result = judge_in(&requiring(update), PAGE, response);
        let kinds: Vec<_> = match &result.outcome {
            Outcome::Fail(differences) => differences.iter().map(|d| d.kind.name()).collect(),
            _ => vec![],
        };
        format!("{} {}", result.snapshot.name(), kinds.join("+"))
    };
    assert_eq!(found(Update::No), "missing missing-snapshot");
    assert_eq!(found(Update::New), "missing missing-snapshot");
    assert_eq!(found(Update::Unseen), "missing missing-snapshot");
    // Accepted at once.
    assert_eq!(found(Update::Always), "new ");
    assert_eq!(found(Update::No), "match ");
}

#[test]
fn unreadable_snapshots_give_no_verdict() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("p__1.snap"), "404 Not Found\n").expect("written");
    let response = ActualResponse {
        status: 404,
        ..ActualResponse::default()
    };
    let judge = judge(Some(folder.path()), Update::No, false);
    let result = judge_in(&judge, PAGE, response);
    assert_eq!((result.verdict, result.outcome.name()), (None, "fail"));
}

fn documenting(body: &str) -> String {
    format!(
        "<!-- {{\"blockType\": \"request\"}} -->\n```\nGET /a\n```\n\
         <!-- {{\"blockType\": \"response\"}} -->\n```\nHTTP/1.1 200 OK\n\
         Content-Type: application/json\n\n{body}\n```\n"
    )
}

fn live(folder: &Path, update: Update, is_strict: bool) -> Judge {
    let bodies = Bodies {
        mode: Some(Mode::Shape),
        strict: is_strict,
        ..Bodies::default()
    };
    Judge {
        bodies,
        ..judge(Some(folder), update, false)
    }
}

fn responding(status: u16, body: &str) -> ActualResponse {
    let mut headers = Headers::default();
    headers.push("content-type", "application/json");
    ActualResponse {
        status,
        headers,
        body: Content::Whole(body.as_bytes().to_vec()),
    }
}

/// The verdict on a body and its page, after another pair was accepted.
fn verdict_on(folder: &Path, is_strict: bool, page: &str, response: ActualResponse) -> String {
    let judge = live(folder, Update::No, is_strict);
    described(&judge_in(&judge, &documenting(page), response))
}

#[track_caller]
fn check_body(accepted: (&str, &str), now: (&str, &str), expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (page, response) = accepted;
    let judge = live(folder, Update::Always, false);
    judge_in(&judge, &documenting(page), responding(200, response));
    let (page, response) = now;
    let found = verdict_on(folder, false, page, responding(200, response));
    assert_eq!(found, expected);
}

const A: &str = "{\"a\": 1}";
const AB: &str = "{\"a\": 1, \"b\": 2}";
const A_TEXT: &str = "{\"a\": \"x\"}";
const A_NULL: &str = "{\"a\": null}";

#[test]
fn distinguishes_page_changes_from_drift() {
    check_body((A, A), (A, A), "conforms ");
    // The page adds a member that was never sent, or that was sent until now.
    check_body((A, A), (AB, A), "docs-changed missing-property");
    check_body((A, AB), (AB, A), "service-drifted missing-property");
    check_body((AB, AB), (AB, A), "service-drifted missing-property");
    check_body((AB, AB), (A, A), "conforms ");
    // Types.
    check_body((A, A), (A_TEXT, A), "docs-changed type-mismatch");
    check_body((A, A), (A, A_TEXT), "service-drifted type-mismatch");
    check_body((A, A), (A_TEXT, A_TEXT), "conforms ");
    check_body((A_NULL, A_NULL), (A, A_NULL), "docs-changed null-value");
    check_body((A_NULL, A), (A, A_NULL), "service-drifted null-value");
    // One difference by the page, one by the service.
    check_body(
        (A, A),
        (AB, A_TEXT),
        "service-drifted type-mismatch+missing-property",
    );
    // Members of array elements.
    check_body(
        ("[{\"a\": 1}]", "[{\"a\": 1}]"),
        ("[{\"a\": 1, \"b\": 2}]", "[{\"a\": 1}, {\"a\": 2}]"),
        "docs-changed missing-property",
    );
    check_body(
        ("[{\"a\": 1}]", "[{\"a\": 1, \"b\": 2}]"),
        ("[{\"a\": 1, \"b\": 2}]", "[{\"a\": 1}]"),
        "service-drifted missing-property",
    );
}

#[test]
fn treats_differences_outside_the_outline_as_drift() {
    check_body(
        ("{\"error\": 1}", "{\"error\": 1}"),
        ("{\"error\": 1}", "{\"error\": "),
        "service-drifted json-syntax",
    );
}

#[test]
fn accepted_body_differences_may_be_partly_fixed() {
    let page = "{\"a\": \"x\", \"b\": 2}";
    // Both the type of `a` and the missing `b` were accepted.
    check_body(
        (page, A),
        (page, A),
        "docs-changed type-mismatch+missing-property",
    );
    check_body((page, A), (AB, A), "docs-changed missing-property");
    check_body((page, A), (A_TEXT, A), "docs-changed type-mismatch");
    check_body(
        (page, A),
        (page, A_TEXT),
        "all-differ missing-property+snapshot",
    );
    check_body((page, A), (A, A), "snapshot-outdated snapshot");
    check_body(
        (page, A),
        ("{\"a\": 1, \"b\": 2, \"c\": 3}", A),
        "docs-changed missing-property+missing-property",
    );
}

#[test]
fn snapshots_without_outline_cannot_detect_page_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let live = live(folder, Update::Always, false);
    judge_in(&live, &documenting(A), responding(200, A));
    let path = folder.join("p__1.snap");
    let whole = std::fs::read_to_string(&path).expect("a snapshot");
    let (metadata, contents) = whole.split_once("info:").expect("an outline");
    let (outline, contents) = contents.split_once("---").expect("contents");
    assert_eq!(outline, "\n  body:\n    $: object\n    $.a: number\n");
    std::fs::write(&path, format!("{metadata}---{contents}")).expect("written");
    let found = || verdict_on(folder, false, AB, responding(200, A));
    assert_eq!(found(), "service-drifted missing-property");
    // Accepting again adds the outline.
    judge_in(&live, &documenting(A), responding(200, A));
    assert_eq!(std::fs::read_to_string(&path).expect("a snapshot"), whole);
    assert_eq!(found(), "docs-changed missing-property");
    // The status differs, so the body does not matter.
    let found = verdict_on(folder, false, AB, responding(410, A));
    assert_eq!(found, "service-drifted status");
}

#[test]
fn new_members_are_drift_in_strict_mode() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    judge_in(
        &live(folder, Update::Always, false),
        &documenting(A),
        responding(200, AB),
    );
    let strict = |body| verdict_on(folder, true, A, responding(200, body));
    assert_eq!(strict(AB), "docs-changed undocumented-property");
    assert_eq!(
        strict("{\"a\": 1, \"c\": 2}"),
        "service-drifted undocumented-property"
    );
}

#[test]
fn deviations_do_not_cover_page_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let live = live(folder, Update::Always, false);
    judge_in(&live, &documenting(AB), responding(200, A));
    let deviation = Deviation {
        reason: "known".to_owned(),
        until: None,
    };
    snapshot::deviate(&snapshot_file(folder), "p::1", &deviation).expect("written");
    let found = |page| verdict_on(folder, false, page, responding(200, A));
    assert_eq!(found(AB), "known-deviation ");
    let more = "{\"a\": 1, \"b\": 2, \"c\": 3}";
    assert_eq!(
        found(more),
        "docs-changed missing-property+missing-property"
    );
    assert_eq!(found(A), "stale-deviation stale-deviation");
}

#[test]
fn masks_secret_keys_in_the_outline() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let judge = live(folder, Update::Always, false);
    judge.keep_secret("token", "hunter2000");
    let body = "{\"hunter2000\": {\"a\": 1}}";
    judge_in(&judge, &documenting(body), responding(200, body));
    let text = std::fs::read_to_string(folder.join("p__1.snap")).expect("a snapshot");
    assert!(
        text.contains("$.[secret:token].a") && !text.contains("hunter2000"),
        "{text}"
    );
}
