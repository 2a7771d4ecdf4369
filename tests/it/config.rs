//! The layers of configuration: defaults, `docproof.toml`, variables, arguments.

use serde_json::{Value, json};

use crate::support::{Project, page, run};

const GET: (&str, &str) = ("GET /a", "HTTP/1.1 200 OK");

const CONFIG: &str = r#"[docs]
service = "https://api.example.com/v1.0"

[headers]
"X-Trace-*" = "ignore"

[target.staging]
base-url = "https://staging.example.com"
writes = true
timeout = 5
hosts = { "Upload.example.com:443" = "https://up.example.com" }
vars = { id = "7", key = "${env:KEY}" }

[target.staging.auth]
type = "bearer"
token = "${env:DOCPROOF_TEST_TOKEN}"

[target.other]
base-url = "https://other.example.com"
"#;

fn project() -> Project {
    let project = Project::with(&[("p.md", &page(&[GET]))]);
    project.write("docproof.toml", CONFIG);
    project
}

/// The setting of a key, without the key.
#[track_caller]
fn check(arguments: &[&str], variables: &[(&str, &str)], key: &str, expected: Option<Value>) {
    let project = project();
    let arguments = [&["config", "--format", "json"], arguments].concat();
    let mut command = project.command(&arguments);
    let ran = run(command.envs(variables.iter().copied())).exits(0);
    let found = ran.json().into_iter().filter(|row| row["key"] == key);
    let rows: Vec<Value> = found
        .map(|mut row| {
            row.as_object_mut().expect("an object").remove("key");
            row
        })
        .collect();
    assert_eq!(rows, Vec::from_iter(expected), "{key}");
}

#[test]
fn shows_when_examples_are_recognised_and_why() {
    let key = "extract.unannotated";
    let default = json!({ "value": "auto", "source": "default" });
    let variable = json!({ "value": "off", "source": "variable", "name": "DOCPROOF_UNANNOTATED" });
    let argument = json!({ "value": "on", "source": "argument", "name": "--unannotated" });
    let off = [("DOCPROOF_UNANNOTATED", "off")];
    check(&[], &[], key, Some(default));
    check(&[], &off, key, Some(variable));
    check(&["--unannotated", "on"], &off, key, Some(argument));
}

const STAGING: [&str; 2] = ["--target", "staging"];

#[test]
fn arguments_override_variables_override_the_file_override_defaults() {
    let default = json!({ "value": 30.0, "source": "default" });
    let file = json!({ "value": 5, "source": "file", "line": 10 });
    let variable = json!({ "value": 6.5, "source": "variable", "name": "DOCPROOF_TIMEOUT" });
    let argument = json!({ "value": 7.0, "source": "argument", "name": "--timeout" });
    let said = [("DOCPROOF_TIMEOUT", "6.5")];
    check(&[], &[], "timeout", Some(default));
    check(&STAGING, &[], "timeout", Some(file.clone()));
    check(&STAGING, &[("DOCPROOF_TIMEOUT", "")], "timeout", Some(file));
    check(&STAGING, &said, "timeout", Some(variable));
    let both = [&STAGING[..], &["--timeout", "7"]].concat();
    check(&both, &said, "timeout", Some(argument));
}

#[test]
fn names_the_origin_of_each_setting() {
    let target = [("DOCPROOF_TARGET", "staging")];
    for (key, expected) in [
        (
            "docs.root",
            json!({ "value": "specs/docs", "source": "default" }),
        ),
        (
            "docs.service",
            json!({ "value": "https://api.example.com/v1.0", "source": "file", "line": 2 }),
        ),
        (
            "headers.\"X-Trace-*\"",
            json!({ "value": "ignore", "source": "file", "line": 5 }),
        ),
        (
            "target",
            json!({ "value": "staging", "source": "variable", "name": "DOCPROOF_TARGET" }),
        ),
        (
            "base-url",
            json!({ "value": "https://staging.example.com", "source": "file", "line": 8 }),
        ),
        (
            "allow-writes",
            json!({ "value": true, "source": "file", "line": 9 }),
        ),
        (
            "host.upload.example.com",
            json!({ "value": "https://up.example.com", "source": "file", "line": 11 }),
        ),
        (
            "var.id",
            json!({ "value": "7", "source": "file", "line": 12 }),
        ),
        (
            "auth.type",
            json!({ "value": "bearer", "source": "file", "line": 15 }),
        ),
        ("body", json!({ "value": "shape", "source": "default" })),
        (
            "target.other.base-url",
            json!({ "value": "https://other.example.com", "source": "file", "line": 19 }),
        ),
    ] {
        check(&[], &target, key, Some(expected));
    }
    check(&[], &target, "target.staging.base-url", None);
    let named = json!({ "value": "new", "source": "variable", "name": "INSTA_UPDATE" });
    check(&[], &[("INSTA_UPDATE", "new")], "update", Some(named));
    let both = [("INSTA_UPDATE", "new"), ("DOCPROOF_UPDATE", "no")];
    let named = json!({ "value": "no", "source": "variable", "name": "DOCPROOF_UPDATE" });
    check(&[], &both, "update", Some(named));
}

#[test]
fn flags_can_negate_lower_layers() {
    let no =
        |source: &str, name: &str| Some(json!({ "value": false, "source": source, "name": name }));
    let variable = [("DOCPROOF_ALLOW_WRITES", "no")];
    check(
        &STAGING,
        &variable,
        "allow-writes",
        no("variable", "DOCPROOF_ALLOW_WRITES"),
    );
    let arguments = [&STAGING[..], &["--allow-writes=false"]].concat();
    let yes = [("DOCPROOF_ALLOW_WRITES", "1")];
    check(
        &arguments,
        &yes,
        "allow-writes",
        no("argument", "--allow-writes"),
    );
}

#[test]
fn shows_only_the_variable_of_a_secret() {
    const SECRET: &str = "9fQz2LmX7vTb4RkW8cYdJ3nH";
    let project = project();
    for format in ["table", "json"] {
        let mut command = project.command(&[
            "config",
            "--format",
            format,
            "--target",
            "staging",
            "--header",
            &format!("X-Key: {SECRET}"),
            "--var",
            &format!("api-token={SECRET}"),
        ]);
        command
            .env("KEY", SECRET)
            .env("DOCPROOF_TEST_TOKEN", SECRET)
            .env("DOCPROOF_HEADER_AUTHORIZATION", SECRET);
        let ran = run(&mut command).exits(0);
        assert!(!ran.out.contains(SECRET) && ran.err.is_empty(), "{ran:?}");
        if format == "table" {
            for line in [
                "set, by DOCPROOF_TEST_TOKEN",
                "set, by KEY",
                "set, by DOCPROOF_HEADER_AUTHORIZATION",
                "set, by --header",
                "set, by --var",
            ] {
                assert!(ran.out.contains(line), "{line}: {}", ran.out);
            }
        }
    }
    project
        .run(&["config", "--target", "staging"])
        .exits(0)
        .says("not set: the environment variable `KEY` is not set");
    let url = format!("https://me:{SECRET}@a.example");
    let mut command = project.command(&["config"]);
    let ran = run(command.env("DOCPROOF_BASE_URL", url)).exits(2);
    assert!(!format!("{ran:?}").contains(SECRET), "{ran:?}");
}

#[test]
fn variables_configure_a_run() {
    let project = project();
    let mut command = project.command(&["plan"]);
    command
        .env("DOCPROOF_TARGET", "other")
        .env("DOCPROOF_BASE_URL", "http://127.0.0.1:1/b")
        .env("DOCPROOF_JOBS", "1");
    run(&mut command)
        .exits(0)
        .says("GET     http://127.0.0.1:1/b/a");
    let mut command = project.command(&["test", "--format", "json"]);
    run(command.env("DOCPROOF_UPDATE", "always")).exits(0);
    assert_eq!(project.names("snapshots"), ["p__1.snap"]);
}

#[test]
fn accepts_variables_of_live_runs_in_other_commands() {
    let project = project();
    let mut command = project.command(&["test"]);
    command
        .env("DOCPROOF_STRICT", "1")
        .env("DOCPROOF_MAX_REQUESTS", "9");
    run(&mut command).exits(0);
    project
        .run(&["test", "--strict"])
        .exits(2)
        .says("--base-url");
    let mut command = project.command(&["fix", "--from", "snapshot", "--dry-run"]);
    let ran = run(command.env("DOCPROOF_BASE_URL", "http://127.0.0.1:1"));
    assert!(!ran.err.contains("sends no requests"), "{ran:?}");
}

#[test]
fn reports_invalid_values_with_their_variable() {
    let project = project();
    let mut command = project.command(&["test"]);
    run(command.env("DOCPROOF_TIMEOUT", "soon"))
        .exits(2)
        .says("the value comes from the variable DOCPROOF_TIMEOUT");
    let ran = project.run(&["test", "--timeout", "soon"]).exits(2);
    assert!(!ran.err.contains("DOCPROOF_TIMEOUT"), "{ran:?}");
}

#[test]
fn warns_about_unknown_variables_and_suggests_the_nearest() {
    for (name, expected) in [
        ("DOCPROOF_BASEURL", "did you mean `DOCPROOF_BASE_URL`?"),
        ("DOCPROOF_HEADERS_X", "did you mean `DOCPROOF_HEADER_NAME`?"),
        ("DOCPROOF_QQQQ", "see `docproof test --help`"),
    ] {
        let project = project();
        let mut command = project.command(&["list"]);
        let ran = run(command.env(name, "1")).exits(0);
        let warning = format!("warning: unknown variable `{name}`; {expected}\n");
        assert_eq!(ran.err, warning);
    }
    // A variable of the project, and one of docproof.
    for name in [
        "DOCPROOF_TEST_TOKEN",
        "DOCPROOF_HEADER_X_A",
        "DOCPROOF_BASE_URL",
    ] {
        let project = project();
        let mut command = project.command(&["list"]);
        let ran = run(command.env(name, "http://127.0.0.1:1")).exits(0);
        assert_eq!(ran.err, "", "{name}");
    }
}

#[test]
fn prints_a_readable_table() {
    let project = project();
    let ran = project
        .run(&["config", "--target", "staging", "--jobs", "2"])
        .exits(0);
    for line in [
        "  docs.root                specs/docs",
        "docproof.toml:8\n",
        "--jobs\n",
        "other targets\n",
    ] {
        assert!(ran.out.contains(line), "`{line}` is not in {}", ran.out);
    }
    let bare = Project::with(&[]);
    bare.run(&["config"])
        .exits(0)
        .says("no docproof.toml in this folder");
    project
        .run(&["config", "--target", "stagign"])
        .exits(2)
        .says("did you mean `staging`?");
}

#[test]
fn writes_manual_pages() {
    let project = Project::new();
    project
        .run(&["man", "--out", "share/man1"])
        .exits(0)
        .says("wrote ");
    assert!(
        project
            .read("share/man1/docproof-test.1")
            .contains("\n.SH OPTIONS")
    );
    let main = project.run(&["man"]).exits(0).out;
    assert_eq!(main, project.read("share/man1/docproof.1"));
    project.write("file", "");
    project
        .run(&["man", "--out", "file"])
        .exits(3)
        .says("failed to write");
    project
        .run(&["completions", "bash"])
        .exits(0)
        .says("_docproof");
    project.run(&["completions", "tcsh"]).exits(2);
}

#[cfg(unix)]
#[test]
fn does_not_panic_on_arguments_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let project = project();
    let mut command = project.command(&["test"]);
    command
        .arg(OsStr::from_bytes(b"\xff"))
        .env("DOCPROOF_TIMEOUT", "soon");
    run(&mut command).exits(2).says("DOCPROOF_TIMEOUT");
}
