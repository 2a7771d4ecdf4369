//! Runs that check nothing: none of them claims anything, and only those that had
//! nothing to do succeed.

use serde_json::Value;

use crate::support::{Project, Ran, RawServer, page, request_block};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const DOCUMENTED: &str = "HTTP/1.1 200 OK";

fn project(requests: &[&str]) -> Project {
    let pairs: Vec<_> = requests
        .iter()
        .map(|request| (*request, DOCUMENTED))
        .collect();
    Project::with(&[("p.md", &page(&pairs))])
}

/// Runs `test` in all formats that state what it proves. None may claim anything.
#[track_caller]
fn check_nothing(project: &Project, arguments: &[&str], code: i32, says: &str) {
    let reports = [
        "--report",
        "junit=r.xml",
        "--report",
        "json=r.json",
        "--report",
        "html=r.html",
        "--report",
        "markdown=r.md",
        "--no-snapshots",
    ];
    let ran = project.run(&[&["test"], arguments, &reports].concat());
    let ran = ran.exits(code).says(says);
    let line = project.read("r.json");
    let line = line.lines().last().expect("a summary");
    let summary: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(summary["summary"]["proves"], "nothing");
    let texts = ["r.xml", "r.html", "r.md"].map(|path| project.read(path));
    for text in texts.iter().chain([&ran.out, &ran.err]) {
        let text = text.to_lowercase();
        assert!(!text.contains("conforman"), "{text}");
        assert!(!text.contains("value=\"parsing\""), "{text}");
        assert!(!text.contains("mock run"), "{text}");
    }
    let is_good = texts[1].contains("<header class=\"good\">");
    assert_eq!(is_good, code == 0, "the report and the exit code differ");
}

#[test]
fn a_run_that_sends_no_request_exits_with_4() {
    let server = RawServer::responding(OK);
    let to = ["--base-url", server.base.as_str()];
    let unpaired = Project::with(&[("p.md", &request_block("GET /a"))]);
    check_nothing(
        &unpaired,
        &[],
        4,
        "nothing was tested: 1 selected case, all skipped (1 no-response)",
    );
    check_nothing(
        &project(&["POST /a", "DELETE /b"]),
        &to,
        4,
        "2 selected cases, all skipped (2 write-not-allowed)",
    );
    check_nothing(
        &project(&["GET /a", "GET /b"]),
        &[&to[..], &["--max-requests", "0"]].concat(),
        4,
        "(2 request-limit)",
    );
    check_nothing(&project(&["GET /{id}"]), &to, 4, "(1 unbound-placeholder)");
    let other = project(&["GET https://a.example/x"]);
    other.write("docproof.toml", "[docs]\nservice = \"https://b.example\"\n");
    check_nothing(&other, &to, 4, "(1 other-host)");
    assert_eq!(server.heads(), [""; 0]);
}

#[test]
fn a_run_that_sends_one_request_claims_no_more() {
    let server = RawServer::responding(OK);
    let project = Project::with(&[
        ("get.md", &page(&[("GET /a", DOCUMENTED)])),
        ("post.md", &page(&[("POST /a", DOCUMENTED)])),
    ]);
    let arguments = [
        "test",
        "--base-url",
        &server.base,
        "--no-snapshots",
        "--report",
        "junit=r.xml",
    ];
    project
        .run(&arguments)
        .exits(0)
        .says("1 of 1 response from ")
        .says("; 1 case was not sent.");
    let text = project.read("r.xml");
    let report = quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
    let proves = report.test_suites.iter().map(|suite| {
        let mut properties = suite.properties.iter();
        let proves = properties.find(|property| property.name.as_str() == "proves");
        (
            suite.name.as_str(),
            proves.expect("a property").value.as_str(),
        )
    });
    let proves: Vec<_> = proves.collect();
    assert_eq!(proves, [("get.md", "conformance"), ("post.md", "nothing")]);
}

#[test]
fn options_that_select_nothing_are_named() {
    let project = project(&["GET /a", "GET /b"]);
    let check = |arguments: &[&str], says: &str| {
        for command in ["test", "list", "plan"] {
            let ran = project.run(&[&[command], arguments].concat());
            ran.exits(4).says("no case selected: ").says(says);
        }
    };
    check(
        &["--filter", "zzz"],
        "`--filter zzz` matches none of 2 cases",
    );
    check(&["--page", "zzz"], "`--page zzz` matches none of 2 cases");
    check(
        &["--method", "PUT"],
        "`--method PUT` matches none of 2 cases",
    );
    check(
        &["-E", "status(404)"],
        "`-E 'status(404)'` matches none of 2 cases",
    );
    check(
        &["--filter", "x", "--method", "put,GET", "--page", "p"],
        "`--method put`, `--filter x` match none of 2 cases",
    );
    check(
        &["--filter", "::1", "-E", "id(p::2)"],
        "none of 2 cases matches all of `--filter ::1`, `-E 'id(p::2)'`",
    );
    for command in ["mock", "mutants"] {
        project
            .run(&[command, "--filter", "zzz"])
            .exits(4)
            .says("`--filter zzz` matches none of 2 cases");
    }
    // One of several values may select nothing.
    let ran = project.run(&["test", "--filter", "p::1", "--filter", "zzz"]);
    ran.exits(0).says("`--filter zzz` selects no case");
}

#[test]
fn docs_without_examples_say_what_was_seen() {
    let project = Project::with(&[
        ("a.md", "# A\n\n```http\nGET /a\n```\n"),
        ("b.md", "# B\n\n```json\n{}\n```\n\n```\nx\n```\n"),
    ]);
    let seen = "no examples found in `specs/docs`: 2 pages, 3 code fences, 0 annotated requests";
    for command in ["test", "list", "plan", "mutants"] {
        project.run(&[command]).exits(4).says(seen);
        project.run(&[command, "specs/docs"]).exits(4).says(seen);
    }
    project
        .run(&["fix", "--from", "snapshot"])
        .exits(4)
        .says(seen);
    project.run(&["test", "--filter", "x"]).exits(4).says(seen);
    project
        .run(&["test", "specs/docs/a.md"])
        .exits(4)
        .says("1 page, 1 code fence, 0 annotated requests");
}

#[test]
fn runs_without_work_succeed_and_claim_nothing() {
    let project = project(&["GET /a", "POST /b"]);
    let server = RawServer::responding(OK);
    project.write("last.json", "{\"failed\": []}");
    let says = "no selected case failed in the last run: nothing to test";
    let last = ["--last-run", "last.json"];
    check_nothing(&project, &[&last[..], &["--last-failed"]].concat(), 0, says);
    check_nothing(
        &project,
        &[&last[..], &["-E", "failed()"]].concat(),
        0,
        says,
    );
    let says = "partition count:3/3: 0 of 2 selected cases";
    check_nothing(&project, &["--partition", "count:3/3"], 0, says);
    // A filter that matches nothing is not saved by them.
    let none = [&last[..], &["--last-failed", "--filter", "zzz"]].concat();
    project.run(&[&["test"], &none[..]].concat()).exits(4);
    // All cases of this partition are skipped, but not those of the others.
    let live = ["--base-url", server.base.as_str(), "--partition"];
    let says = "no case of this partition can be sent: nothing was tested";
    let share = [&live[..], &["count:2/2"]].concat();
    check_nothing(&project, &share, 0, says);
    let writes = [&live[..], &["count:2/2", "--method", "POST"]].concat();
    project
        .run(&[&["test", "--no-snapshots"], &writes[..]].concat())
        .exits(0)
        .says("0 of 1 selected case");
    let writes = [&live[..], &["count:1/2", "--method", "POST"]].concat();
    check_nothing(&project, &writes, 4, "(1 write-not-allowed)");
}

#[test]
fn a_check_of_no_page_exits_with_4() {
    let project = Project::with(&[("a.md", "# A\n"), ("includes/b.md", "# B\n")]);
    let check = |arguments: &[&str]| project.run(&[&["check"], arguments].concat());
    check(&["--page", "zzz"])
        .exits(4)
        .says("no page selected: `--page zzz` matches none of 2 pages");
    check(&["--page", "zzz", "--page", "a"])
        .exits(0)
        .says("`--page zzz` selects no page")
        .says("0 errors, 0 warnings, 0 info findings on 1 page");
    project.write("specs/docs/images/a.txt", "x");
    check(&["specs/docs/images"])
        .exits(4)
        .says("there is no page in `specs/docs/images`");
    project.write(
        "specs/docs/schema.json",
        "{\"schemaConfig\": {\"foldersToSkip\": [\"includes\"]}}",
    );
    check(&["--page", "includes/*"])
        .exits(4)
        .says("on 0 pages, 1 not checked (1 skipped by API Doctor's configuration)")
        .says("nothing was checked: all selected pages are skipped");
    check(&[]).exits(0).says("on 1 page, 1 not checked");
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_counted() {
    let project = project(&["GET /a"]);
    project.write("elsewhere/b.md", "# B\n");
    let link = project.path("specs/docs/b.md");
    std::os::unix::fs::symlink(project.path("elsewhere/b.md"), link).expect("a link");
    project
        .run(&["check"])
        .exits(0)
        .says("on 1 page, 1 not checked (1 behind a symbolic link)");
    project
        .run(&["test"])
        .exits(0)
        .says("1 symbolic link not followed: the pages behind are not tested");
}

#[test]
fn mutants_of_no_response_exit_with_4() {
    let unpaired = Project::with(&[("p.md", &request_block("GET /a"))]);
    unpaired
        .run(&["mutants"])
        .exits(4)
        .says("no selected case has mutants");
    project(&["GET /a"]).run(&["mutants"]).exits(0);
}

#[test]
fn a_fix_that_sends_no_request_exits_with_4() {
    let server = RawServer::responding(OK);
    let fix =
        |project: &Project| project.run(&["fix", "--from", "live", "--base-url", &server.base]);
    fix(&project(&["POST /a"]))
        .exits(4)
        .says("no request was sent for 1 case (1 write-not-allowed)");
    fix(&project(&["POST /a", "GET /a"])).exits(0);
}

/// The mappings of a live run, which match something or not.
#[track_caller]
fn check_mapping(arguments: &[&str], code: i32, says: &str) {
    let server = RawServer::responding(OK);
    let project = project(&[
        "GET https://api.example.com/v1/a/{id}",
        "GET https://up.example.com/u",
    ]);
    project.write(
        "specs/scenarios/s.yaml",
        "scenarios:\n  - case: p::1\n    query: { x: \"${in_scenario}\" }\n",
    );
    let base = server.base.as_str();
    let var = ["--var", "in_scenario=1"];
    for command in ["test", "plan"] {
        let to = [command, "--base-url", base];
        let ran: Ran = project.run(&[&to[..], &var, arguments].concat());
        ran.exits(code).says(says);
    }
}

#[test]
fn mappings_that_match_nothing_exit_with_2() {
    let hosts = "documented hosts: api.example.com, up.example.com";
    check_mapping(
        &["--host", "upp.example.com=http://127.0.0.1:1"],
        2,
        &format!("`--host upp.example.com` matches no documented host; {hosts}"),
    );
    check_mapping(
        &["--service", "https://api.example.com/v2"],
        2,
        &format!("`--service https://api.example.com/v2` matches no documented URL; {hosts}"),
    );
    check_mapping(
        &["--var", "idd=7"],
        2,
        "`--var idd` matches no placeholder; documented placeholders: id, in_scenario",
    );
    check_mapping(&["--var", "idd=7"], 2, "did you mean `id`?");
}

#[test]
fn mappings_that_match_are_used() {
    check_mapping(&["--var", "id=7"], 0, "");
    check_mapping(
        &["--service", "https://api.example.com/v1", "--var", "id=7"],
        0,
        "",
    );
    // The selection does not matter.
    check_mapping(&["--var", "id=7", "--filter", "p::1"], 0, "");
    check_mapping(
        &["specs/docs/p.md", "--var", "id=7", "--filter", "p::1"],
        0,
        "",
    );
}

#[test]
fn a_configured_docs_root_must_exist() {
    let project = project(&["GET /a"]);
    project.run(&["extract"]).exits(0);
    std::fs::remove_dir_all(project.path("specs/docs")).expect("removed");
    let says = "no pages in `specs/docs`: using the case files in `specs/cases`";
    for command in ["list", "plan", "mutants"] {
        let ran = project.run(&[command]).exits(0);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
    let ran = project.run(&["test"]).exits(0);
    assert!(ran.out.contains(says), "{}", ran.out);
    assert_eq!(project.test(&[]).summary()["fallback"], says);
    project.write("docproof.toml", "[docs]\nroot = \"pages\"\n");
    for command in ["test", "list", "plan", "mutants", "check", "mock"] {
        project
            .run(&[command])
            .exits(3)
            .says("docproof.toml:2: the docs root `pages` does not exist");
    }
    // Case files can be named.
    project.run(&["test", "specs/cases"]).exits(0);
    project.write("pages/p.md", page(&[("GET /a", DOCUMENTED)]));
    let ran = project.run(&["test"]).exits(0);
    assert!(!ran.out.contains("case files in"), "{}", ran.out);
}

#[test]
fn scenario_files_that_are_not_read_are_named() {
    let server = RawServer::responding(OK);
    let project = project(&["GET /a"]);
    let scenarios = "scenarios:\n  - case: p::1\n    name: one\n";
    project.write("specs/scenarios/s.YAML", scenarios);
    project.write(
        "specs/scenarios/t.json",
        "{\"scenarios\": [{\"case\": \"p::1\"}]}",
    );
    project.write("specs/scenarios/u.yaml.bak", scenarios);
    project.write("specs/scenarios/body.json", "{\"name\": \"x\"}");
    project.write("specs/scenarios/README.md", scenarios);
    let arguments = ["--base-url", &server.base, "--no-snapshots"];
    let ran = project.test(&arguments).exits(0);
    assert_eq!(ran.outcomes(), ["p::1@one pass  off"]);
    for (name, is_named) in [
        ("s.YAML", false),
        ("t.json", true),
        ("u.yaml.bak", true),
        ("body.json", false),
        ("README.md", false),
    ] {
        let warning = format!("specs/scenarios/{name}:1:1: warning[scenario-file-skipped]");
        assert_eq!(ran.err.contains(&warning), is_named, "{name}: {}", ran.err);
    }
}

#[test]
fn two_reports_to_one_path_are_refused() {
    let project = project(&["GET /a"]);
    let here = project.path("r.json").to_string_lossy().into_owned();
    project.write("out/x", "");
    for second in ["r.json", "./r.json", "out/../r.json", &here] {
        for command in ["test", "check"] {
            let second = format!("junit={second}");
            let arguments = [command, "--report", "json=r.json", "--report", &second];
            project
                .run(&arguments)
                .exits(2)
                .says("two reports have the same path");
        }
    }
    project
        .run(&[
            "test",
            "--report",
            "json=r.json",
            "--report",
            "junit=out/r.json",
        ])
        .exits(0);
}
