//! Malformed and malicious input: each gives a finding with page, line and rule,
//! and does not affect the rest of the run.

use crate::support::{Project, page};

const GOOD: &str = "z-good.md";

/// A project with a good page and these others.
fn project(pages: &[(&str, &[u8])]) -> Project {
    let project = Project::with(&[(GOOD, &page(&[("GET /good", "HTTP/1.1 200 OK")]))]);
    for (path, bytes) in pages {
        project.write(&format!("specs/docs/{path}"), bytes);
    }
    project
}

/// The good page passes, and the finding is reported.
#[track_caller]
fn check(project: &Project, code: i32, finding: &str) {
    let ran = project.test(&["--no-snapshots"]).exits(code).says(finding);
    let outcomes = ran.outcomes();
    assert!(
        outcomes.contains(&"z-good::1 pass  off".to_owned()),
        "{outcomes:?}"
    );
}

fn block(annotation: &str, text: &str) -> String {
    format!("# A page\n\n<!-- {annotation} -->\n```http\n{text}\n```\n")
}

#[test]
fn reports_pages_that_are_not_utf8() {
    check(
        &project(&[("a.md", b"# A\n\nb\xe9c\n")]),
        1,
        "specs/docs/a.md:3:2",
    );
    check(
        &project(&[("a.md", b"# A\n\nb\xe9c\n")]),
        1,
        "page-encoding",
    );
    check(
        &project(&[("a.md", b"\xff\xfe#\0 \0A\0")]),
        1,
        "this page is UTF-16",
    );
    check(
        &project(&[("a.md", b"\xfe\xff\0#\0 \0A")]),
        1,
        "this page is UTF-16",
    );
}

#[test]
fn reports_unclosed_fences_and_comments() {
    let open = block("{\"blockType\": \"request\"}", "GET /a").replace("\n```\n", "\n");
    check(&project(&[("a.md", open.as_bytes())]), 1, "unclosed-fence");
    let comment = "# A\n\n<!-- {\"blockType\": \"request\"}\n\n```http\nGET /a\n```\n";
    check(
        &project(&[("a.md", comment.as_bytes())]),
        1,
        "unclosed-comment",
    );
    check(
        &project(&[("a.md", comment.as_bytes())]),
        1,
        "specs/docs/a.md:3:1",
    );
}

#[test]
fn reads_a_line_of_five_megabytes() {
    let long = block("{\"blockType\": \"ignored\"}", &"x ".repeat(5 << 19));
    check(
        &project(&[("a.md", long.as_bytes())]),
        0,
        "specs/docs/a.md:5:1: warning[line-too-long]",
    );
    let prose = format!(
        "<!-- {{\"blockType\": \"ignored\"}} -->\n```\n```\n\n{}\n",
        "*a [b](c) `d` <e> ".repeat(290_000)
    );
    check(&project(&[("a.md", prose.as_bytes())]), 0, "line-too-long");
}

#[test]
fn reads_ten_thousand_nested_elements() {
    let quotes = format!(
        "{} a\n\n{}",
        ">".repeat(10_000),
        block("{\"blockType\": \"ignored\"}", "")
    );
    check(
        &project(&[("a.md", quotes.as_bytes())]),
        0,
        "nesting-too-deep",
    );
    let brackets = format!(
        "{}a\n\n{}",
        "[".repeat(10_000),
        block("{\"blockType\": \"ignored\"}", "")
    );
    assert_eq!(
        project(&[("a.md", brackets.as_bytes())])
            .test(&["--no-snapshots"])
            .exits(0)
            .summary()["pass"],
        1
    );
    let json = block(
        &format!("{{\"blockType\": {}1}}", "[".repeat(10_000)),
        "GET /a",
    );
    check(
        &project(&[("a.md", json.as_bytes())]),
        1,
        "annotation-syntax",
    );
    check(
        &project(&[("a.md", json.as_bytes())]),
        1,
        "specs/docs/a.md:3:",
    );
}

#[test]
fn does_not_send_control_chars_in_headers() {
    let text = page(&[
        ("GET /a\nX-A: b\u{1}c", "HTTP/1.1 200 OK"),
        ("GET /b", "HTTP/1.1 200 OK\nX-B: \u{7f}"),
    ]);
    let project = project(&[("a.md", text.as_bytes())]);
    check(&project, 0, "specs/docs/a.md:6:1: warning[header-syntax]");
    let ran = project.test(&["--no-snapshots"]);
    assert_eq!(
        ran.outcomes()[..2],
        [
            "a::1 skip invalid-header off",
            "a::2 skip invalid-header off"
        ]
    );
    assert!(
        !project.run(&["test"]).err.contains('\u{1}'),
        "control characters are not printed"
    );
}

#[test]
fn does_not_send_invalid_headers_of_case_files() {
    let project = Project::new();
    let case = |headers: &str| {
        format!(
            "docs: p.md\ncases:\n- id: p::1\n  line: 1\n  request:\n    method: GET\n    url: /a\n    headers:\n      {headers}\n  response:\n    line: 2\n    status: 200\n"
        )
    };
    for headers in ["X-A: \"1\\nEvil: x\"", "X A: '1'", "\"X\\nA\": '1'"] {
        project.write("cases/p.yaml", case(headers));
        let ran = project.test(&["cases", "--no-snapshots"]).exits(4);
        assert_eq!(ran.outcomes(), ["p::1 skip invalid-header off"]);
        ran.says("cases/p.yaml:3:1: warning[header-syntax]");
    }
}

#[test]
fn reads_a_long_line_of_annotations() {
    let comments = "<!-- {\"blockType\": \"ignored\",} -->".repeat(1 << 15);
    let project = project(&[("a.md", comments.as_bytes())]);
    project
        .test(&["--no-snapshots"])
        .exits(0)
        .says("line-too-long");
}

#[test]
fn skips_cases_with_an_invalid_status() {
    let project = Project::new();
    project.write("cases/p.yaml", "docs: p.md\ncases:\n- id: p::1\n  line: 1\n  request:\n    method: GET\n    url: /a\n  response:\n    line: 2\n    status: 1000\n");
    let ran = project.test(&["cases", "--no-snapshots"]).exits(1);
    assert_eq!(ran.outcomes(), ["p::1 skip invalid-status off"]);
    ran.says("cases/p.yaml:3:1").says("response-syntax");
}

#[test]
fn reports_targets_that_are_too_long() {
    for piece in ["/a", "/..", "/", "/{a}", "&a=1"] {
        let text = page(&[(
            &format!("GET /x?{}", piece.repeat(40_000)),
            "HTTP/1.1 200 OK",
        )]);
        check(&project(&[("a.md", text.as_bytes())]), 0, "url-too-long");
        let text = page(&[(
            &format!("GET /x{}", piece.repeat(40_000)),
            "HTTP/1.1 200 OK",
        )]);
        check(&project(&[("a.md", text.as_bytes())]), 0, "servers accept");
    }
}

#[test]
fn documented_mock_headers_have_no_effect() {
    let pair = (
        "GET /a\ndocproof-case: z",
        "HTTP/1.1 200 OK\ndocproof-miss: 1",
    );
    let project = project(&[("a.md", page(&[pair]).as_bytes())]);
    assert_eq!(
        project.test(&["--no-snapshots"]).exits(0).outcomes()[0],
        "a::1 pass  off"
    );
}

#[test]
fn skips_requests_with_thousands_of_headers() {
    let mut request = String::from("GET /a");
    for number in 0..40_000 {
        request += &format!("\nX-{number}: a");
    }
    let text = page(&[(&request, "HTTP/1.1 200 OK")]);
    let project = project(&[("a.md", text.as_bytes())]);
    assert_eq!(
        project.test(&["--no-snapshots"]).exits(0).outcomes()[0],
        "a::1 skip invalid-header off"
    );
}

#[test]
fn skips_invalid_urls() {
    let text = page(&[
        ("GET https://[::1/a", "HTTP/1.1 200 OK"),
        ("GET ftp://a/b", "HTTP/1.1 200 OK"),
        ("GET /a/../../b", "HTTP/1.1 200 OK"),
    ]);
    let project = project(&[("a.md", text.as_bytes())]);
    check(&project, 1, "url-syntax");
    for outcome in &project.test(&["--no-snapshots"]).outcomes()[..3] {
        assert!(outcome.contains("skip invalid-url"), "{outcome}");
    }
}

#[test]
fn reports_pages_whose_paths_differ_only_in_case() {
    let text = page(&[("GET /a", "HTTP/1.1 200 OK")]);
    let project = project(&[("a.md", text.as_bytes()), ("A.md", text.as_bytes())]);
    // A file system that ignores case has only one of the files.
    if project.names("specs/docs").len() == 3 {
        check(&project, 1, "page-case");
    }
}

#[cfg(unix)]
#[test]
fn reports_symlinks_and_does_not_follow_them() {
    use std::os::unix::fs::symlink;
    let project = project(&[]);
    let docs = project.path("specs/docs");
    symlink(&docs, docs.join("loop")).expect("a link");
    symlink("self", docs.join("self")).expect("a link");
    project.write(
        "outside/secret.md",
        page(&[("GET /secret", "HTTP/1.1 200 OK")]),
    );
    symlink(project.path("outside/secret.md"), docs.join("secret.md")).expect("a link");
    check(&project, 0, "specs/docs/loop:1:1: warning[symlink-skipped]");
    let ran = project
        .test(&["--no-snapshots"])
        .says("specs/docs/secret.md")
        .says("specs/docs/self");
    assert_eq!(ran.outcomes().len(), 1);
}

#[cfg(unix)]
#[test]
fn finds_no_page_in_a_folder_of_symlinks() {
    let project = Project::new();
    project.write("docs/x.txt", "");
    std::os::unix::fs::symlink(".", project.path("docs/loop")).expect("a link");
    project
        .run(&["test", "docs"])
        .exits(3)
        .says("symlink-skipped")
        .says("found no page");
}

#[cfg(target_os = "linux")]
#[test]
fn escapes_file_names_that_are_not_printable() {
    use std::os::unix::ffi::OsStrExt;
    let project = project(&[("new\nline.md", b"# A\n")]);
    let name = std::ffi::OsStr::from_bytes(b"\xff.md");
    std::fs::write(project.path("specs/docs").join(name), "# A\n").expect("written");
    check(&project, 1, "contains a control character");
    let ran = project.test(&["--no-snapshots"]).exits(1);
    assert_eq!(ran.summary()["pages_unread"], 2);
    assert!(ran.err.contains("new\\nline.md"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn reports_unreadable_pages() {
    use std::os::unix::fs::PermissionsExt;
    let project = project(&[("a.md", b"# A\n")]);
    let path = project.path("specs/docs/a.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).expect("set");
    // Some users, such as root, can read every file.
    if std::fs::read(&path).is_err() {
        check(&project, 1, "page-unreadable");
    }
}

#[test]
fn reports_truncated_snapshots() {
    let project = project(&[]);
    project.test(&["--update", "always"]).exits(0);
    project.write("snapshots/z-good__1.snap", "---\nsource: specs/do");
    let ran = project.test(&["--update", "no"]).exits(1);
    let ran = ran
        .says("snapshots/z-good__1.snap:1:1")
        .says("snapshot-syntax");
    assert_eq!(ran.outcomes(), ["z-good::1 fail snapshot mismatch"]);
    project.test(&["--update", "always"]).exits(0);
    project.test(&["--update", "no"]).exits(0);
}

#[test]
fn writes_safe_file_names_for_unusual_ids() {
    let text = page(&[("GET /a", "HTTP/1.1 200 OK")]).replace(
        "\"request\"",
        "\"request\", \"name\": \"../../x y/é\\u0000\\n::z\"",
    );
    let project = project(&[("a b/ü.md", text.as_bytes())]);
    project.test(&["--update", "always"]).exits(0);
    assert_eq!(project.names("snapshots").len(), 2);
    assert_eq!(
        project.test(&[]).exits(0).summary()["snapshots"]["match"],
        2
    );
    assert_eq!(project.names("."), ["snapshots", "specs"]);
}

#[test]
fn rejects_malicious_case_files() {
    let project = project(&[]);
    project.run(&["extract"]).exits(0);
    let head = project
        .read("specs/cases/z-good.yaml")
        .lines()
        .take(2)
        .collect::<Vec<_>>()
        .join("\n");
    let mut bomb =
        format!("{head}\ndocs: z-good.md\ncases: []\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for number in 1..12 {
        let before = format!("*a{}, ", number - 1).repeat(9);
        bomb += &format!("a{number}: &a{number} [{before}]\n");
    }
    for text in [
        bomb,
        format!("{head}\ndocs: {}", "[".repeat(10_000)),
        format!("{head}\ndocs: {}", "{a: ".repeat(10_000)),
    ] {
        project.write("specs/cases/z-good.yaml", text);
        project
            .run(&["test", "--locked"])
            .exits(1)
            .says("specs/cases/z-good.yaml:")
            .says("case-file-syntax");
    }
}
