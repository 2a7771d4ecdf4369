//! The reports of a run.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use quick_junit::TestCaseStatus;
use serde_json::Value;

use crate::support::{Project, RawServer, page, run, sarif_schema};

pub(crate) const RESPONSE: &str = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-Echo: Bearer s3cret-<token>\r\n\
                      Connection: close\r\n\r\nno s3cret-<token>";

/// A case that fails, one that passes and one that is skipped.
pub(crate) fn project() -> Project {
    let text = page(&[
        ("GET /a", "HTTP/1.1 200 OK\nX-Echo: x"),
        ("GET /b", "HTTP/1.1 404 Not Found"),
        ("GET /{id}", "HTTP/1.1 200 OK"),
    ]);
    Project::with(&[("api/p.md", &text)])
}

pub(crate) const FORMATS: [&str; 7] = [
    "junit", "html", "json", "sarif", "github", "tap", "markdown",
];

pub(crate) fn live<'a>(base: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let header = "Authorization: Bearer s3cret-<token>";
    let mut arguments = vec!["test", "--no-snapshots", "--base-url", base];
    arguments.extend(["--header", header]);
    arguments.extend(more);
    arguments
}

/// Writes a failing run to a file in a format.
#[track_caller]
fn report(format: &str) -> String {
    let server = RawServer::responding(RESPONSE);
    let project = project();
    let to = format!("{format}=out/report");
    project
        .run(&live(&server.base, &["--report", &to]))
        .exits(1)
        .says("1 passed, 1 failed, 1 skipped");
    project.read("out/report")
}

#[test]
fn reports_show_failures_and_no_secrets() {
    for format in FORMATS {
        let text = report(format);
        assert!(!text.contains("s3cret"), "{format}: {text}");
        assert!(text.contains("404 Not Found"), "{format}: {text}");
    }
    for format in ["junit", "html", "json"] {
        let text = report(format);
        assert!(text.contains("[secret:authorization]"), "{format}: {text}");
    }
}

#[test]
fn writes_files_that_equal_standard_output() {
    let project = project();
    // Durations differ.
    let steady = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    for format in FORMATS {
        let arguments = ["test", "--no-snapshots", "--report", format];
        let out = project.run(&arguments).exits(0).out;
        let to = format!("{format}=r");
        let arguments = ["test", "--no-snapshots", "--report", &to];
        project.run(&arguments).exits(0).says("3 passed");
        let file = project.read("r");
        assert_eq!(steady(out.trim_end()), steady(file.trim_end()), "{format}");
    }
}

#[test]
fn junit_has_one_suite_per_page_with_places_and_reasons() {
    let text = report("junit");
    let report = quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
    let [suite] = report.test_suites.as_slice() else {
        panic!("{text}");
    };
    assert_eq!(suite.name.as_str(), "api/p.md");
    assert_eq!((suite.tests, suite.failures, suite.skipped), (3, 1, 1));
    let [failed, passed, skipped] = suite.test_cases.as_slice() else {
        panic!("{text}");
    };
    assert!(passed.time.is_some() && suite.time.is_some() && report.time.is_some());
    let properties: Vec<_> = failed
        .properties
        .iter()
        .map(|property| (property.name.as_str(), property.value.as_str()))
        .collect();
    let expected = [("page", "specs/docs/api/p.md"), ("line", "4")];
    assert_eq!(properties, expected);
    match (&failed.status, &skipped.status) {
        (
            TestCaseStatus::NonSuccess {
                ty: Some(ty),
                message: Some(said),
                ..
            },
            TestCaseStatus::Skipped {
                message: Some(why), ..
            },
        ) => {
            assert_eq!(ty.as_str(), "status");
            assert!(said.as_str().starts_with("docs say 200 OK"), "{said:?}");
            assert!(why.as_str().starts_with("unbound-placeholder"), "{why:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn sarif_is_valid_against_its_schema() {
    let mut report: Value = serde_json::from_str(&report("sarif")).expect("JSON");
    let validator = jsonschema::validator_for(&sarif_schema()).expect("a schema");
    let errors = validator.iter_errors(&report);
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &report["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["level"], "error");
    let rule = result["ruleIndex"].as_u64().expect("an index");
    let rule = &run["tool"]["driver"]["rules"][usize::try_from(rule).expect("small")];
    assert_eq!(rule["id"], result["ruleId"]);
    let physical = &result["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "specs/docs/api/p.md");
    assert_eq!(physical["region"]["startLine"], 10);
    report["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&report));
}

#[test]
fn tap_has_one_point_per_case() {
    let text = report("tap");
    let starts = ["TAP version 14\n1..3\nnot ok 1 - api/p::1\n  ---\n", "# "];
    assert!(text.starts_with(starts[0]), "{text}");
    assert!(text.contains("\nok 2 - api/p::2\n"), "{text}");
    let skip = "\nok 3 - api/p::3 # SKIP unbound-placeholder: {id}\n";
    assert!(text.contains(skip), "{text}");
    let block = text.split("  ---\n").nth(1).expect("a block");
    let block = block.split("  ...\n").next().expect("its end");
    let yaml: Value = serde_yaml::from_str(block).expect("YAML");
    assert_eq!(yaml["kinds"], serde_json::json!(["status", "header"]));
    assert_eq!(yaml["at"], "specs/docs/api/p.md:4");
}

#[test]
fn github_gets_annotations_and_a_job_summary() {
    let project = project();
    let many: Vec<(String, &str)> = (0..13)
        .map(|number| (format!("GET /{number}"), "HTTP/1.1 200 OK"))
        .collect();
    let many: Vec<(&str, &str)> = many
        .iter()
        .map(|(request, response)| (request.as_str(), *response))
        .collect();
    project.write("specs/docs/api/p.md", page(&many));
    let server = RawServer::responding(RESPONSE);
    project.write("summary.md", "before\n");
    let mut command = project.command(&live(&server.base, &["--report", "github"]));
    let summary = project.path("summary.md");
    let ran = run(command.env("GITHUB_STEP_SUMMARY", &summary)).exits(1);
    let errors = ran.out.lines().filter(|line| line.starts_with("::error"));
    assert_eq!(errors.count(), 10, "{}", ran.out);
    let first = "::error file=specs/docs/api/p.md,line=10,endLine=10,title=api/p%3A%3A1 (status)::";
    assert!(ran.out.starts_with(first), "{}", ran.out);
    assert!(
        ran.out.contains("::group::3 more annotations"),
        "{}",
        ran.out
    );
    let summary = project.read("summary.md");
    assert!(
        summary.starts_with("before\n### docproof test\n"),
        "{summary}"
    );
    assert!(summary.contains("0 passed, 13 failed"), "{summary}");
    // Another format appends nothing.
    let mut command = project.command(&live(&server.base, &["--report", "tap"]));
    run(command.env("GITHUB_STEP_SUMMARY", project.path("other.md"))).exits(1);
    assert!(!project.exists("other.md"));
}

/// Markup and a script in each field of a page and of a response.
const PLANT: &str =
    "<img src=x onerror=document.body.id='planted'><script>document.body.id='planted'</script>";

/// A malicious page, and a malicious server.
fn planted() -> (Project, RawServer) {
    let text = format!(
        "<!-- {{ \"blockType\": \"request\", \"name\": \"n{PLANT}\" }} -->\n```http\n\
         GET /a?q={PLANT}\nX-Sent: {PLANT}\n\n{PLANT}\n```\n\
         <!-- {{ \"blockType\": \"response\" }} -->\n```http\nHTTP/1.1 200 {PLANT}\nX-Got: {PLANT}\n\
         Content-Type: text/html\n\n{PLANT}\n```\n\n\
         <!-- {{ \"blockType\": \"request\", \"name\": \"skipped\" }} -->\n```http\n\
         GET /{{{PLANT}}}\n```\n"
    );
    let server = RawServer::start(|_, stream| {
        let _ = write!(
            stream,
            "HTTP/1.1 500 {PLANT}\r\nX-Got: </pre>{PLANT}\r\nContent-Type: {PLANT}\r\n\
             Connection: close\r\n\r\n</pre></script>{PLANT}"
        );
    });
    (Project::with(&[("p.md", &text)]), server)
}

#[test]
fn html_escapes_markup_of_pages_and_responses() {
    let (project, server) = planted();
    project
        .run(&live(
            &server.base,
            &["--var-default", "x", "--report", "html=r.html"],
        ))
        .exits(1);
    let html = project.read("r.html");
    assert!(!html.contains("<img"), "{html}");
    assert_eq!(html.matches("<script>").count(), 1, "its own alone");
    assert_eq!(html.matches("</script>").count(), 1, "its own alone");
    assert_eq!(html.matches("<pre").count(), html.matches("</pre>").count());
    assert!(html.matches("onerror=document").count() > 5, "{html}");
    assert!(html.contains("default-src 'none'; style-src 'sha256-"));
    for sign in [
        "http-equiv=\"refresh\"",
        "<link",
        " src=",
        "@import",
        "url(",
    ] {
        let own = html.replace(" src=x onerror", "");
        assert!(!own.contains(sign), "{sign}");
    }
}

/// Writes the reports that `.ci/e2e-browser` opens in a browser.
#[test]
fn writes_reports_with_planted_markup_for_a_browser() {
    let Some(folder) = std::env::var_os("DOCPROOF_BROWSER_REPORTS") else {
        eprintln!("skipped: .ci/e2e-browser asks for it");
        return;
    };
    let folder = Path::new(&folder);
    let (project, server) = planted();
    let to = format!("html={}", folder.join("test.html").display());
    project
        .run(&live(
            &server.base,
            &["--var-default", "x", "--report", &to],
        ))
        .exits(1);
    let to = format!("html={}", folder.join("check.html").display());
    project.run(&["check", "--report", &to]);
    let to = format!("html={}", folder.join("mutants.html").display());
    planted_mutants().run(&["mutants", "--report", &to]);
}

/// A malicious page with a missed mutant, a false alarm, allowed mutants and a
/// case that is not judged.
fn planted_mutants() -> Project {
    let case = |name: &str, head: &str, body: &str| {
        format!(
            "<!-- {{ \"blockType\": \"request\", \"name\": \"{name}{PLANT}\" }} -->\n```http\n\
             GET /{name}?q={PLANT}\n```\n<!-- {{ \"blockType\": \"response\" }} -->\n\
             ```http\nHTTP/1.1 200 OK\nContent-Type: application/json\n{head}\n{body}\n```\n\n"
        )
    };
    let plant = PLANT.replace('\'', "");
    let text = [
        case("hole", "", "12"),
        case("alarm", &format!("X-Docproof-Extra: {PLANT}\n"), "{}"),
        case("survivors", "", &format!("{{\"{plant}\": []}}")),
        case("unread", "", &format!("{{\"{plant}\": 1,}}")),
    ];
    Project::with(&[("p.md", &text.concat())])
}

#[test]
fn mutant_reports_escape_markup_of_pages() {
    let project = planted_mutants();
    for format in FORMATS {
        let to = format!("{format}=r");
        let ran = project.run(&["mutants", "--report", &to]).exits(1);
        ran.says("1 missed").says("1 false alarm");
        let text = project.read("r");
        match format {
            "html" => {
                assert!(!text.contains("<img"), "{text}");
                assert_eq!(text.matches("<script>").count(), 1, "its own alone");
                assert!(text.matches("onerror=document").count() > 5, "{text}");
            }
            "markdown" => assert!(!text.contains('<'), "{text}"),
            "github" => assert!(
                text.lines()
                    .all(|line| line.starts_with("::error file=specs/") || line.starts_with("| ")),
                "{text}"
            ),
            "junit" => {
                quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
            }
            "tap" => {
                let starts = ["TAP version 14", "1..4", "ok ", "not ok ", "  ", "# "];
                let is_of_tap = |line: &str| starts.iter().any(|start| line.starts_with(start));
                assert!(text.lines().all(is_of_tap), "{text}");
            }
            "json" => {
                for line in text.lines() {
                    serde_json::from_str::<Value>(line).expect("JSON");
                }
            }
            _ => {
                serde_json::from_str::<Value>(&text).expect("JSON");
            }
        }
    }
}

#[test]
fn other_formats_escape_markup_of_pages() {
    let (project, server) = planted();
    for format in ["github", "markdown", "junit"] {
        let arguments = ["--var-default", "x", "--report", format];
        let out = project.run(&live(&server.base, &arguments)).exits(1).out;
        match format {
            "github" => assert!(
                out.lines()
                    .all(|line| line.starts_with("::error file=specs/")
                        || line.starts_with("::warning file=specs/")
                        || line.starts_with("| "))
            ),
            "markdown" => assert!(!out.contains('<'), "{out}"),
            _ => {
                quick_junit::Report::deserialize_from_str(&out).expect("JUnit");
            }
        }
    }
}

#[test]
fn check_writes_the_same_formats() {
    let (project, _) = planted();
    project.write("specs/docs/clean.md", "# Clean\n");
    for format in FORMATS {
        let to = format!("{format}=out/{format}");
        let ran = project.run(&["check", "--report", &to, "--format", "short"]);
        assert!(ran.out.starts_with("specs/docs/p.md:"), "{ran:?}");
        let text = project.read(&format!("out/{format}"));
        match format {
            "tap" => assert!(text.contains(" - specs/docs/p.md:"), "{text}"),
            "html" => {
                assert!(!text.contains("<img"), "{text}");
                assert_eq!(text.matches("<script>").count(), 1, "{text}");
            }
            "markdown" => assert!(!text.contains('<'), "{text}"),
            _ => assert!(!text.is_empty()),
        }
    }
}

#[test]
fn unwritable_reports_end_the_run_before_it_sends() {
    let server = RawServer::responding(RESPONSE);
    let project = project();
    project.write("file", "");
    for path in ["file/report", "specs"] {
        let to = format!("html={path}");
        project
            .run(&live(&server.base, &["--report", &to]))
            .exits(3)
            .says("failed to write the report");
    }
    assert!(server.heads().is_empty());
}

#[test]
fn standard_output_accepts_one_format() {
    let project = project();
    for arguments in [
        ["--report", "tap", "--report", "json"],
        ["--report", "tap", "--format", "pretty"],
        ["--report", "tap=x", "--report", "json=x"],
    ] {
        project.run(&[&["test"], &arguments[..]].concat()).exits(2);
    }
    project
        .run(&["test", "--report", "juint=x"])
        .exits(2)
        .says("did you mean `junit`?");
}

#[test]
fn terminal_report_shows_what_is_requested() {
    let server = RawServer::responding(RESPONSE);
    let project = project();
    let shown = |more: &[&str]| project.run(&live(&server.base, more)).exits(1).out;
    let quiet = shown(&["-q"]);
    assert_eq!(quiet.lines().count(), 3, "{quiet}");
    assert!(quiet.contains("Not conformant: "), "{quiet}");
    assert!(quiet.contains("FAIL api/p::1  docs say 200 OK"), "{quiet}");
    let verbose = shown(&["-v"]);
    assert!(verbose.contains("\n> GET http"), "{verbose}");
    assert!(
        verbose.contains("> authorization: [secret:authorization]"),
        "{verbose}"
    );
    assert!(verbose.contains("\n< 404 Not Found\n"), "{verbose}");
    let all = shown(&["--show", "pass,skip", "--slowest", "1"]);
    assert!(all.contains(" PASS api/p::2"), "{all}");
    assert!(
        all.contains(" SKIP api/p::3  unbound-placeholder: {id}"),
        "{all}"
    );
    assert!(all.contains("the 1 case that took longest:\n"), "{all}");
    let plain = shown(&[]);
    assert!(
        !plain.contains("PASS") && !plain.contains("> GET"),
        "{plain}"
    );
}

#[test]
fn shows_only_failures_and_counts_all_cases() {
    let server = RawServer::responding(RESPONSE);
    let project = project();
    let lost = "<!-- { \"blockType\": \"response\" } -->\n\n```http\nHTTP/1.1 200 OK\n```\n\n\
                <!-- { \"blockType\": \"request\" } -->\n\n```http\n???\n```\n";
    project.write("specs/docs/api/lost.md", lost);
    let ran = |more: &[&str]| project.run(&live(&server.base, more)).exits(1);
    // Refreshed case files are reported once.
    ran(&[]);
    let (all, brief) = (ran(&[]), ran(&["--failures-only"]));
    assert!(all.err.contains("orphan-response"), "{}", all.err);
    // Errors in pages fail a run too.
    for rule in ["orphan-response", "request-syntax"] {
        assert!(brief.err.contains(rule), "{}", brief.err);
    }

    let failures = |out: &str| out.split_once("1 passed").expect("a summary").0.to_owned();
    assert_eq!(failures(&brief.out), failures(&all.out));
    assert!(brief.out.contains("| HTTP/1.1 200 OK"), "{}", brief.out);
    let end = brief.out[failures(&brief.out).len()..].lines();
    let end: Vec<&str> = end.collect();
    assert!(
        end[0].starts_with("1 passed, 1 failed, 1 skipped (1 unbound-placeholder) of 3 cases"),
        "{end:?}"
    );
    assert_eq!(
        end[1..],
        [
            "2 page errors; the affected examples were not tested",
            all.out.lines().last().expect("what the run has shown"),
        ]
    );
    project.write("specs/docs/api/broken.md", b"\xff");
    let unread = ran(&["--failures-only"]);
    assert!(unread.err.contains("broken.md"), "{}", unread.err);
    for other in [&["-q"][..], &["--show", "skip"]] {
        project
            .run(&[&["test", "--failures-only"], other].concat())
            .exits(2)
            .says("cannot be used with");
    }
}

#[test]
fn each_report_names_flaky_cases_and_their_failures() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = RawServer::start(move |_, stream| {
        let good = "HTTP/1.1 200 OK\r\nX-Echo: x\r\nConnection: close\r\n\r\n";
        let response = match count.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => RESPONSE,
            _ => good,
        };
        let _ = stream.write_all(response.as_bytes());
    });
    let project = project();
    let run = |format: &str| {
        let to = format!("{format}=r");
        let arguments = ["--filter", "::1", "--retries", "1", "--report", &to];
        let ran = project.run(&live(&server.base, &arguments)).exits(0);
        ran.says("FLAKY api/p::1  failed 1 of 2 times\n  1: docs say 200 OK")
            .says("1 passed (1 flaky), 0 failed");
        let text = project.read("r");
        assert!(!text.contains("s3cret"), "{format}: {text}");
        text
    };
    let html = run("html");
    assert!(html.contains("<em>flaky</em>"), "{html}");
    assert!(html.contains("failed 1 of 2 times"), "{html}");
    assert!(html.contains("<code>time 1</code>"), "{html}");
    let markdown = run("markdown");
    assert!(markdown.contains("1 passed (1 flaky)"), "{markdown}");
    let row = "| specs/docs/api/p.md:10 | api/p::1 | flaky, failed 1 of 2 times: docs say 200 OK";
    assert!(markdown.contains(row), "{markdown}");
    let tap = run("tap");
    let point = "ok 1 - api/p::1\n  ---\n  flaky: \"failed 1 of 2 times\"\n";
    assert!(tap.contains(point), "{tap}");
    let junit = run("junit");
    let report = quick_junit::Report::deserialize_from_str(&junit).expect("JUnit");
    let reruns = match &report.test_suites[0].test_cases[0].status {
        TestCaseStatus::Success { flaky_runs } => flaky_runs,
        other => panic!("{other:?}"),
    };
    assert_eq!(reruns.len(), 1);
    let said = reruns[0].message.as_ref().expect("a message");
    assert!(said.as_str().starts_with("docs say 200 OK"), "{said:?}");
    // A merged flaky case is still flaky.
    run("json");
    project
        .run(&["merge", "r"])
        .exits(0)
        .says("FLAKY api/p::1  failed 1 of 2 times\n  1: docs say 200 OK")
        .says("1 passed (1 flaky), 0 failed");
}

#[test]
fn history_names_new_failures_and_flaky_cases() {
    let is_good = Arc::new(AtomicBool::new(true));
    let of_server = Arc::clone(&is_good);
    let server = RawServer::start(move |_, stream| {
        let good = "HTTP/1.1 200 OK\r\nX-Echo: x\r\nConnection: close\r\n\r\n";
        let response = if of_server.load(Ordering::SeqCst) {
            good
        } else {
            RESPONSE
        };
        let _ = stream.write_all(response.as_bytes());
    });
    let project = project();
    let report = |good: bool| {
        is_good.store(good, Ordering::SeqCst);
        let arguments = ["--filter", "::1", "--history", "runs", "--report", "html=h"];
        project
            .run(&live(&server.base, &arguments))
            .exits(i32::from(!good));
        project.read("h")
    };
    let (newly, flaky) = ("<em>newly failing</em>", "<em>flaky</em>");
    let first = report(true);
    assert!(!first.contains(newly) && !first.contains(flaky), "{first}");
    let second = report(false);
    assert!(
        second.contains(newly) && !second.contains(flaky),
        "{second}"
    );
    let third = report(true);
    assert!(!third.contains(newly) && third.contains(flaky), "{third}");
    let expected = ["run-000001.json", "run-000002.json", "run-000003.json"];
    assert_eq!(project.names("runs"), expected);
    assert!(!project.read("runs/run-000002.json").contains("s3cret"));
    project.write("runs/run-000004.json", "torn");
    project
        .run(&live(&server.base, &["--history", "runs"]))
        .exits(3)
        .says("failed to read the history in `runs/run-000004.json`");
}
