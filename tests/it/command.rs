//! The command, from pages to exit codes.

use crate::support::{Project, finish, page, request_block, run};

const GET: (&str, &str) = (
    "GET https://api.example.com/a",
    "HTTP/1.1 200 OK\nContent-Type: text/plain\n\nx",
);

#[test]
fn init_creates_a_project_that_passes() {
    let project = Project::new();
    project.run(&["init"]).exits(0);
    project.run(&["init"]).exits(2).says("already exists");
    let ran = project.test(&[]).exits(0);
    assert_eq!(ran.outcomes(), ["greeting::get_greeting pass  new"]);
    assert_eq!(ran.summary()["proves"], "parsing");
    assert_eq!(
        project.names("specs/cases"),
        ["case.schema.json", "greeting.yaml"]
    );
    assert_eq!(
        project.names("snapshots"),
        ["greeting__get_greeting.snap.new"]
    );
    project.run(&["accept"]).exits(0).says("1 accepted");
    assert_eq!(
        project.test(&[]).exits(0).outcomes(),
        ["greeting::get_greeting pass  match"]
    );
}

#[test]
fn list_prints_documented_requests() {
    let project = Project::with(&[(
        "api/p.md",
        &page(&[(
            "POST https://api.example.com/a?b=c d HTTP/1.1\nX-A: 1\nx-a:2\n\n{\n}",
            "HTTP/1.1 201 Made\nLocation: /a/1\n\nbody",
        )]),
    )]);
    let ran = project.run(&["list", "--format", "json"]).exits(0);
    assert_eq!(
        ran.json(),
        [serde_json::json!({
            "id": "api/p::1", "page": "api/p.md", "line": 4, "name": null,
            "method": "POST", "url": "https://api.example.com/a?b=c d",
            "request_headers": [["X-A", "1"], ["x-a", "2"]], "request_body": "{\n}",
            "status": 201, "reason": "Made",
            "response_headers": [["Location", "/a/1"]], "response_body": "body",
        })]
    );
    project
        .run(&["list"])
        .exits(0)
        .says("POST    201  api/p.md:4  api/p::1");
}

#[test]
fn lists_and_skips_unpaired_requests() {
    let project = Project::with(&[("p.md", &request_block("GET /a"))]);
    let listed = project
        .run(&["list", "--format", "json"])
        .exits(0)
        .says("unpaired-request");
    for key in ["status", "reason", "response_headers", "response_body"] {
        assert_eq!(listed.json()[0][key], serde_json::Value::Null);
    }
    let ran = project.test(&[]).exits(4);
    assert_eq!(ran.outcomes(), ["p::1 skip no-response off"]);
    assert_eq!(ran.summary()["skip_reasons"]["no-response"], 1);
}

#[test]
fn selects_cases_by_id_page_and_method() {
    let text = page(&[GET, ("DELETE /a", "HTTP/1.1 204 No Content")]);
    let project = Project::with(&[("api/p.md", &text), ("q.md", &text)]);
    let ids = |arguments: &[&str]| -> Vec<String> {
        let ran = project
            .run(&[&["list", "--format", "json"], arguments].concat())
            .exits(0);
        ran.json()
            .iter()
            .map(|case| case["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert_eq!(ids(&["--filter", "q::"]), ["q::1", "q::2"]);
    assert_eq!(
        ids(&["--filter", "q::1", "--filter", "p::2"]),
        ["api/p::2", "q::1"]
    );
    assert_eq!(ids(&["--page", "api/*.md"]), ["api/p::1", "api/p::2"]);
    assert_eq!(ids(&["--page", "*"]), ["q::1", "q::2"]);
    assert_eq!(ids(&["--method", "get,PATCH", "--page", "q"]), ["q::1"]);
    project
        .run(&["list", "--filter", "nothing"])
        .exits(4)
        .says("no case selected");
    project.test(&["--filter", "nothing"]).exits(4);
    project
        .run(&["list", "--page", "[a"])
        .exits(2)
        .says("--page");
}

#[test]
fn extract_writes_checks_and_removes_case_files() {
    let project = Project::with(&[
        ("api/p.md", &page(&[GET])),
        ("q.md", &page(&[GET])),
        ("r.md", "# No case\n"),
    ]);
    project
        .run(&["extract", "--check"])
        .exits(1)
        .says("missing case file specs/cases/api/p.yaml");
    assert!(!project.exists("specs/cases"), "--check writes nothing");
    project.run(&["extract"]).exits(0);
    assert_eq!(
        project.names("specs/cases"),
        ["api", "case.schema.json", "q.yaml"]
    );
    assert_eq!(
        project.read("specs/cases/case.schema.json"),
        project.run(&["schema", "case"]).out
    );
    project.run(&["extract", "--check"]).exits(0);

    project.write("specs/docs/q.md", page(&[GET, GET]));
    std::fs::remove_file(project.path("specs/docs/api/p.md")).expect("removed");
    project
        .run(&["extract", "--check"])
        .exits(1)
        .says("orphaned case file specs/cases/api/p.yaml")
        .says("stale case file specs/cases/q.yaml");
    project.run(&["extract"]).exits(0);
    assert_eq!(project.names("specs/cases"), ["case.schema.json", "q.yaml"]);

    project.write("specs/cases/mine.yaml", "a: b\n");
    project
        .run(&["extract"])
        .exits(0)
        .says("specs/cases/mine.yaml:1:1")
        .says("not generated");
    assert!(
        project.exists("specs/cases/mine.yaml"),
        "what is not ours stays"
    );
}

#[test]
fn keeps_case_files_of_unreadable_pages() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.run(&["extract"]).exits(0);
    project.write("specs/docs/p.md", b"\xff\xfe<\0");
    project.run(&["extract"]).exits(1).says("UTF-16");
    assert!(project.exists("specs/cases/p.yaml"));
}

#[test]
fn rewrites_edited_case_files_unless_locked() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.run(&["extract"]).exits(0);
    let generated = project.read("specs/cases/p.yaml");
    project.write(
        "specs/cases/p.yaml",
        generated.replace("method:", "methud:"),
    );
    let ran = project.run(&["test", "--locked"]).exits(1);
    let ran = ran
        .says("specs/cases/p.yaml:8:5")
        .says("unknown field `methud`")
        .says("did you mean `method`?");
    assert!(ran.err.contains("stale case file specs/cases/p.yaml"));
    assert!(project.read("specs/cases/p.yaml").contains("methud"));
    project.test(&[]).exits(0);
    assert_eq!(project.read("specs/cases/p.yaml"), generated);
    project.run(&["test", "--locked"]).exits(0);
    project.run(&["test", "--locked", "specs/docs"]).exits(2);
}

#[test]
fn testing_a_folder_of_pages_writes_no_case_files() {
    let project = Project::new();
    project.write("other/p.md", page(&[GET]));
    assert_eq!(
        project.test(&["other"]).exits(0).outcomes(),
        ["p::1 pass  new"]
    );
    assert_eq!(project.names("."), ["other", "snapshots"]);
    project.test(&["other/p.md"]).exits(0);
}

#[test]
fn docs_outside_the_project_write_nothing_into_it() {
    let docs = Project::new();
    docs.write("p.md", page(&[GET]));
    let folder = docs.path(".").to_string_lossy().into_owned();
    let project = Project::new();
    let ran = project.test(&[&folder]).exits(0);
    assert_eq!(ran.outcomes(), ["p::1 pass  off"]);
    assert_eq!(project.names("."), [""; 0]);
    // An explicit update mode writes.
    project.test(&[&folder, "--update", "always"]).exits(0);
    assert_eq!(project.names("snapshots"), ["p__1.snap"]);
}

#[test]
fn locked_case_files_do_not_replace_missing_pages() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.run(&["extract"]).exits(0);
    std::fs::remove_dir_all(project.path("specs/docs")).expect("removed");
    project
        .run(&["test", "--locked"])
        .exits(3)
        .says("no pages in `specs/docs` to compare the case files with");
    project
        .test(&[])
        .exits(0)
        .says("using the case files in `specs/cases`");
}

#[test]
fn lists_documented_bytes_unchanged() {
    let project = Project::with(&[("p.md", &page(&[("POST /a\n\nb\u{7f}c", "HTTP/1.1 200 OK")]))]);
    let ran = project.run(&["list", "--format", "json"]).exits(0);
    assert_eq!(ran.json()[0]["request_body"], "b\u{7f}c");
}

#[test]
fn reads_update_modes_of_insta() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    for word in ["unseen", "", "new", "auto"] {
        let mut command = project.command(&["test"]);
        run(command.env("INSTA_UPDATE", word)).exits(0);
        assert_eq!(project.names("snapshots"), ["p__1.snap.new"]);
    }
    let mut command = project.command(&["test"]);
    run(command.env("INSTA_UPDATE", "force")).exits(0);
    assert_eq!(project.names("snapshots"), ["p__1.snap"]);
    let mut command = project.command(&["test"]);
    run(command.env("INSTA_UPDATE", "sometimes")).exits(2);
}

#[test]
fn keeps_cases_of_pages_whose_extensions_differ_only_in_case() {
    let text = page(&[GET]);
    let project = Project::with(&[("b.md", &text), ("b.MD", &text)]);
    if project.names("specs/docs").len() == 2 {
        project.run(&["extract"]).exits(0);
        project.run(&["extract", "--check"]).exits(0);
        assert_eq!(project.test(&[]).outcomes().len(), 2);
    }
}

#[test]
fn joins_headers_whose_names_differ_only_in_case() {
    let pair = ("GET /a", "HTTP/1.1 200 OK\nX-A: a\nX-A: b\nx-a: c");
    let project = Project::with(&[("p.md", &page(&[pair]))]);
    assert_eq!(project.test(&[]).exits(0).outcomes(), ["p::1 pass  new"]);
}

#[test]
fn testing_part_of_the_docs_keeps_ids() {
    let project = Project::with(&[("api/p.md", &page(&[GET])), ("q.md", &page(&[GET]))]);
    project.test(&["--update", "always"]).exits(0);
    for part in ["specs/docs/api/p.md", "specs/docs/api", "./specs/docs/api/"] {
        let ran = project.test(&[part]).exits(0);
        assert_eq!(ran.outcomes(), ["api/p::1 pass  match"]);
        assert_eq!(ran.err, "", "no other page's snapshot is an orphan");
    }
    let parent = project.test(&["specs"]).exits(0);
    assert_eq!(parent.err, "");
    assert_eq!(project.test(&["specs/docs"]).exits(0).outcomes().len(), 2);
    project.write("specs/docs/notes.txt", "x");
    project.run(&["list", "specs/docs/notes.txt"]).exits(4);
    project.write("notes.txt", "x");
    project
        .run(&["list", "notes.txt"])
        .exits(2)
        .says("neither a page");
}

#[test]
fn tests_case_files_without_their_pages() {
    let project = Project::with(&[("api/p.md", &page(&[GET]))]);
    project.run(&["extract"]).exits(0);
    std::fs::remove_dir_all(project.path("specs/docs")).expect("removed");
    assert_eq!(
        project.test(&[]).exits(0).outcomes(),
        ["api/p::1 pass  new"]
    );
    assert_eq!(project.test(&["specs/cases"]).exits(0).outcomes().len(), 1);
    let one = project.test(&["specs/cases/api/p.yaml"]).exits(0);
    assert_eq!(one.outcomes().len(), 1);
    assert_eq!(one.summary()["pages"], 1);
    project.run(&["list"]).exits(0).says("api/p::1");
    project.write("specs/cases/api/p.yaml", "docs: [\n");
    project
        .run(&["list"])
        .exits(1)
        .says("specs/cases/api/p.yaml:");
}

#[test]
fn accepts_rejects_and_prunes_snapshots() {
    let project = Project::with(&[("p.md", &page(&[GET, ("GET /b", "HTTP/1.1 200 OK")]))]);
    project.test(&["--update", "no"]).exits(0);
    assert!(!project.exists("snapshots"));
    let mut ci = project.command(&["test"]);
    run(ci.env("CI", "true")).exits(0);
    assert!(!project.exists("snapshots"), "nothing is written under CI");
    project.test(&["--update", "always"]).exits(0);
    assert_eq!(project.names("snapshots"), ["p__1.snap", "p__2.snap"]);

    project.write(
        "specs/docs/p.md",
        page(&[("GET https://api.example.com/a", "HTTP/1.1 201 Created")]),
    );
    let ran = project
        .test(&[])
        .exits(1)
        .says("orphaned file snapshots/p__2.snap: no case `p::2`");
    assert_eq!(ran.outcomes(), ["p::1 fail snapshot mismatch"]);
    assert_eq!(
        ran.json()[0]["differences"][0]["documented"],
        "200 OK\ncontent-type: text/plain"
    );
    assert_eq!(ran.json()[0]["differences"][0]["observed"], "201 Created");
    project.test(&["--no-snapshots"]).exits(0);
    project
        .run(&["reject", "other"])
        .exits(4)
        .says("no pending snapshot matches `other`");
    project.run(&["reject"]).exits(0).says("rejected p::1");
    assert_eq!(project.names("snapshots"), ["p__1.snap", "p__2.snap"]);
    project.test(&[]).exits(1);
    project
        .run(&["accept", "--prune"])
        .exits(0)
        .says("1 accepted, 1 removed");
    assert_eq!(project.names("snapshots"), ["p__1.snap"]);
    project.test(&[]).exits(0);
}

#[test]
fn rejects_a_malformed_pending_snapshot() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.test(&[]).exits(0);
    project.write("snapshots/p__1.snap.new", "---\nsource: sp");
    project.run(&["accept"]).exits(1).says("snapshot-syntax");
    project.run(&["reject"]).exits(0).says("1 rejected");
    assert_eq!(project.names("snapshots"), [""; 0]);
}

#[test]
fn shows_mismatches_under_the_lines_of_the_page() {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.test(&["--update", "always"]).exits(0);
    project.write("specs/docs/p.md", page(&[(GET.0, "HTTP/1.1 201 Created")]));
    let ran = project.run(&["test", "--update", "no"]).exits(1);
    assert!(!ran.out.contains('\u{1b}'), "no styles in a pipe");
    ran.says("--> specs/docs/p.md:10:1")
        .says("10 | HTTP/1.1 201 Created")
        .says("-200 OK")
        .says("+201 Created");
}

#[test]
fn finds_configuration_in_parent_folders_and_checks_it() {
    let project = Project::new();
    project.write(
        "docproof.toml",
        "[docs]\nroot = \"pages\"\n[headers]\n\"X-*\" = \"ignore\"\n",
    );
    project.write("pages/p.md", page(&[GET]));
    let mut below = project.command(&["list"]);
    run(below.current_dir(project.path("pages")))
        .exits(0)
        .says("p::1");
    project.write("docproof.toml", "[docs]\nrot = \"pages\"\n");
    project
        .run(&["list"])
        .exits(2)
        .says("docproof.toml:2:1")
        .says("did you mean `root`?");
}

#[test]
fn usage_errors_and_missing_docs_have_their_exit_codes() {
    let project = Project::new();
    project.run(&["test"]).exits(3).says("docproof init");
    project.write("empty/readme.txt", "x");
    project
        .run(&["test", "empty"])
        .exits(3)
        .says("found no page");
    project.write("empty/p.md", "# No case\n");
    project.run(&["test", "empty"]).exits(4).says("blockType");
    project.run(&["tset"]).exits(2);
    project.run(&["test", "--base-url", "nowhere"]).exits(2);
    project.run(&["test", "--base-url", "ftp://a"]).exits(2);
    project.run(&["test", "--var", "id=7"]).exits(2);
    project.run(&["test", "-j", "0"]).exits(2);
    project
        .run(&["test", "--help"])
        .exits(0)
        .says("--allow-writes");
    project.run(&["--help"]).exits(0).says("130  interrupted");
}

#[cfg(unix)]
#[test]
fn exits_quietly_on_a_broken_pipe() {
    let text = page(&vec![GET; 2000]);
    let project = Project::with(&[("p.md", &text)]);
    let mut child = project
        .command(&["list", "--format", "json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command");
    drop(child.stdout.take());
    let output = finish(child);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}
