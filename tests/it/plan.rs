//! The plan of a run as text, JSON and commands, and draft scenarios. Nothing is
//! sent.

use std::net::TcpListener;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Project, RawServer, page, run};

const OK: &str = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\": 1}";

fn project() -> Project {
    let project = Project::with(&[(
        "p.md",
        &page(&[
            (
                "POST https://api.example.com/things\nContent-Type: application/json\n\n{\"name\": \"it's\\n$HOME\"}",
                "HTTP/1.1 201 Created\nContent-Type: application/json\n\n{\"id\": 1}",
            ),
            ("GET https://api.example.com/things/{id}", OK),
            (
                "DELETE https://api.example.com/things/{id}",
                "HTTP/1.1 204 No Content",
            ),
            ("GET https://api.example.com/things/{other}", OK),
            ("GET https://other.example.com/x", OK),
        ]),
    )]);
    project.write(
        "specs/scenarios/all.yaml",
        "
scenarios:
  - case: p::2
    name: again
    headers: { X-Key: 'k ${env:PLAN_KEY}', X-Both: '${base64:${env:PLAN_KEY}:${id}}' }
    setup:
      - { case: p::1, set: { $.name: 'n-${uuid}' }, capture: { id: $.id, here: 'header:Location' } }
      - { request: 'GET ${here}' }
    teardown: [ { case: p::3 } ]
",
    );
    project
}

fn planned(project: &Project, arguments: &[&str]) -> crate::support::Ran {
    let mut command = project.command(&["plan"]);
    command
        .args(arguments)
        .env("PLAN_KEY", "s3cret/key")
        .env("DOCPROOF_HEADER_AUTHORIZATION", "Bearer t0p-secret");
    let ran = run(&mut command);
    for secret in ["s3cret/key", "s3cret%2Fkey", "t0p-secret"] {
        assert!(
            !ran.out.contains(secret) && !ran.err.contains(secret),
            "{ran:?}"
        );
    }
    ran
}

#[test]
fn names_placeholders_without_a_value() {
    let form = "Content-Type: application/x-www-form-urlencoded\nX-A: {a} {b}\n\nc={c}&d={a}";
    let json = "Content-Type: application/json\n\n{\"c\": \"{c}\"}";
    let project = Project::with(&[(
        "p.md",
        &page(&[
            (&format!("POST /x\n{form}"), OK),
            (&format!("POST /y\n{json}"), OK),
        ]),
    )]);
    let live = [
        "--base-url",
        "http://127.0.0.1:9",
        "--allow-writes",
        "--var",
        "a=1",
    ];
    let ran = planned(&project, &live).exits(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(
        lines[0].contains("/x  unbound: {b} in x-a, {c} in the body  p.md"),
        "{ran:?}"
    );
    assert!(lines[1].contains("/y  p.md"), "{ran:?}");
}

#[test]
fn shows_requests_and_skips_in_order() {
    let ran = planned(
        &project(),
        &[
            "--base-url",
            "http://127.0.0.1:9/v1",
            "--allow-writes",
            "--service",
            "https://api.example.com",
        ],
    )
    .exits(0);
    let expected = "\
POST    http://127.0.0.1:9/v1/things  p.md:4  p::1
scenario  p.md:20  p::2@again  specs/scenarios/all.yaml:3
  setup 1 (p::1)            POST    http://127.0.0.1:9/v1/things  ${id} = $.id  ${here} = header:Location
  setup 2 (GET ${here})     GET     ${here}
  request                   GET     http://127.0.0.1:9/v1/things/${id}
  teardown 1 (p::3)         DELETE  http://127.0.0.1:9/v1/things/${id}
skip    DELETE https://api.example.com/things/{id}  p.md:33  p::3  unbound-placeholder: {id}
skip    GET https://api.example.com/things/{other}  p.md:43  p::4  unbound-placeholder: {other}
skip    GET https://other.example.com/x  p.md:56  p::5  other-host: other.example.com
";
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<String> = ran.out.lines().map(plain).collect();
    let wanted: Vec<String> = expected.lines().map(plain).collect();
    assert_eq!(lines[..lines.len() - 1], wanted, "{}", ran.out);
    assert_eq!(
        lines[lines.len() - 1],
        "5 requests to http://127.0.0.1:9/v1: 1 as documented, 1 scenario; 3 skipped \
         (1 other-host, 2 unbound-placeholder); nothing was sent"
    );
}

#[test]
fn plans_for_the_mock_without_a_service() {
    let ran = planned(&project(), &["--filter", "p::2"]).exits(0);
    assert_eq!(
        ran.out,
        "GET     https://api.example.com/things/{id}  p.md:20  p::2\n\
         1 request to the mock of the same pages (use --base-url or --target to plan for a \
         service): 1 as documented, 0 scenarios; 0 skipped; nothing was sent\n"
    );
    planned(&project(), &["--format", "curl"])
        .exits(2)
        .says("name one with --base-url or --target");
    planned(&project(), &["--filter", "nothing"]).exits(4);
}

#[test]
fn json_masks_secrets_and_names_unknown_values() {
    let arguments = [
        "--base-url",
        "http://127.0.0.1:9",
        "--allow-writes",
        "--format",
        "json",
    ];
    let ran = planned(&project(), &arguments).exits(0);
    let lines = ran.json();
    assert_eq!(lines.len(), 6);
    let requests = &lines[1]["requests"];
    assert_eq!(lines[1]["id"], "p::2@again");
    assert_eq!(requests[0]["captures"]["id"], "$.id");
    assert_eq!(
        requests[0]["body"],
        "{\"name\":\"n-00000000-0000-4000-8000-000000000000\"}"
    );
    assert_eq!(requests[1]["url"], "${here}");
    assert_eq!(requests[1]["headers"], json!([]), "it may be anybody's");
    assert_eq!(
        requests[2]["headers"],
        json!([
            ["x-key", "k [secret:PLAN_KEY]"],
            ["x-both", "${base64}"],
            ["authorization", "[secret:authorization]"],
        ])
    );
    assert_eq!(requests[3]["method"], "DELETE");
    assert_eq!(lines[2]["reason"], "unbound-placeholder");
    let summary = &lines[5]["summary"];
    assert_eq!(summary["requests"], 5);
    assert_eq!(summary["skip_reasons"]["other-host"], 1);
    let again = planned(&project(), &arguments).exits(0);
    assert_eq!(again.out, ran.out, "the same plan each time");
}

/// The arguments of each `curl` in a script, as a shell parses them.
fn commands(script: &str, variables: &[(&str, &str)]) -> Vec<Vec<String>> {
    let curl = "curl() { printf '[%s]\\n' \"$@\"; printf '[end]\\n'; }\n";
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{curl}{script}"))
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    let ran = run(&mut command);
    let commands = ran.out.split("[end]\n").map(|command| {
        let command = command.trim_start_matches('[').trim_end_matches("]\n");
        command.split("]\n[").map(str::to_owned).collect()
    });
    let mut commands: Vec<Vec<String>> = commands.collect();
    commands.pop();
    commands
}

#[test]
fn curl_commands_send_the_planned_requests() {
    let arguments = [
        "--base-url",
        "http://127.0.0.1:9",
        "--allow-writes",
        "--format",
        "curl",
    ];
    let ran = planned(&project(), &arguments).exits(0);
    let variables = [
        ("PLAN_KEY", "s3cret/key"),
        ("DOCPROOF_HEADER_AUTHORIZATION", "Bearer t0p-secret"),
        ("run_id", "7'\""),
        ("run_here", "http://127.0.0.1:9/h"),
        ("run_base64", "eA=="),
    ];
    let sent = commands(&ran.out, &variables);
    assert_eq!(sent.len(), 5, "{}\n{sent:?}", ran.out);
    assert_eq!(
        sent[0],
        [
            "--request",
            "POST",
            "http://127.0.0.1:9/things",
            "--header",
            "content-type: application/json",
            "--header",
            "authorization: Bearer t0p-secret",
            "--data-binary",
            "{\"name\": \"it's\\n$HOME\"}",
        ]
    );
    assert_eq!(sent[2], ["--request", "GET", "http://127.0.0.1:9/h"]);
    assert_eq!(
        sent[3][2..6],
        [
            "http://127.0.0.1:9/things/7'\"",
            "--header",
            "x-key: k s3cret/key",
            "--header"
        ]
    );
    // A shell stops at a missing value, before it runs a wrong command.
    assert_eq!(commands(&ran.out, &variables[..2]).len(), 2);
    assert!(ran.out.contains("# p.md:20 p::2@again request\n"));
    assert!(
        ran.out
            .contains("# ${id} is only known during the run: set run_id\n")
    );
}

#[test]
fn pipes_bodies_that_no_argument_can_hold() {
    let long = "x".repeat(150_000);
    let project = Project::with(&[(
        "p.md",
        &page(&[
            (&format!("PUT /long\n\n{long}"), OK),
            ("PUT /bell\n\na\u{7}b", OK),
            ("PUT /file\n\n@/etc/passwd", OK),
            ("POST /none", OK),
            ("HEAD /none?a={b", "HTTP/1.1 200 OK"),
        ]),
    )]);
    let ran = project
        .run(&[
            "plan",
            "--base-url",
            "http://127.0.0.1:9",
            "--allow-writes",
            "--format",
            "curl",
        ])
        .exits(0);
    assert!(!ran.out.contains('\u{7}'));
    let expected = [
        &format!(
            "printf %s {long} | curl --request PUT \\\n  http://127.0.0.1:9/long \\\n  --header 'Content-Type:' \\\n  --data-binary @-\n"
        ),
        "printf %s YQdi | base64 -d | curl --request PUT \\\n",
        "  --data-raw @/etc/passwd\n",
        "curl --request POST \\\n  http://127.0.0.1:9/none \\\n  --header 'Content-Length: 0'\n",
        "curl --head \\\n",
    ];
    for command in expected {
        assert!(
            ran.out.contains(command),
            "{command}\n{}",
            &ran.out[150_000..]
        );
    }
}

#[test]
fn sends_and_writes_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("not blocking");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let project = project();
    for more in [
        &["--format", "pretty"][..],
        &["--format", "json"],
        &["--format", "curl"],
        &["--suggest"],
    ] {
        let arguments = [&["--base-url", &base, "--allow-writes"], more].concat();
        planned(&project, &arguments).exits(0);
    }
    let error = listener.accept().expect_err("no connection");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(project.names("specs"), ["docs", "scenarios"]);
    assert!(!project.exists("snapshots"));
    // `test` with the same arguments sends requests.
    let server = RawServer::responding("HTTP/1.1 204 No Content\r\n\r\n");
    project.test(&["--base-url", &server.base, "--allow-writes"]);
    assert!(!server.heads().is_empty());
}

#[test]
fn explains_steps_that_cannot_be_sent() {
    let project = project();
    let mut command = project.command(&[
        "plan",
        "--base-url",
        "http://127.0.0.1:9",
        "--allow-writes",
        "--format",
        "json",
    ]);
    let ran = run(&mut command).exits(0);
    let lines = ran.json();
    let request: &Value = &lines[1]["requests"][2];
    assert_eq!(
        request["error"],
        "the environment variable `PLAN_KEY` is not set"
    );
    assert_eq!(request["method"], Value::Null);
    assert_eq!(lines[5]["summary"]["faults"], 1);
}

/// Pages whose responses have a type.
fn typed(pairs: &[(&str, &str)]) -> Project {
    let page = page(pairs).replace(
        "\"blockType\": \"response\"",
        "\"blockType\": \"response\", \"@odata.type\": \"example.thing\"",
    );
    Project::with(&[("p.md", &page)])
}

const CREATED: &str = "HTTP/1.1 201 Created\nContent-Type: application/json\n\n{\"id\": \"1\"}";
const NO_CONTENT: &str = "HTTP/1.1 204 No Content";

#[test]
fn drafts_are_valid_scenarios() {
    let project = typed(&[
        (
            "POST /things\nContent-Type: application/json\n\n{}",
            CREATED,
        ),
        ("GET /things/{id}", CREATED),
        ("POST /things/{id}/pause", NO_CONTENT),
        ("DELETE /things/{id}", NO_CONTENT),
        ("GET /others/{other}", CREATED),
        ("GET /things?q={q}", NO_CONTENT),
    ]);
    let ran = project.run(&["plan", "--suggest"]).exits(0);
    let drafts = "\
# Drafts from `docproof plan --suggest`. Review each one before you keep it.
# `new-…` is created by a documented POST, `first-…` is the first existing item,
# and `made-…` is created by the request itself. The documented DELETE, if there
# is one, removes what was created.
steps:
  create-thing:
    case: p::1
    capture:
      new-thing-id: $.id
scenarios:
- case: p::2
  vars:
    id: ${new-thing-id}
  setup:
  - use: create-thing
  teardown:
  - case: p::4
    vars:
      id: ${new-thing-id}
- case: p::3
  vars:
    id: ${new-thing-id}
  setup:
  - use: create-thing
  teardown:
  - case: p::4
    vars:
      id: ${new-thing-id}
- case: p::4
  vars:
    id: ${new-thing-id}
  setup:
  - use: create-thing
";
    assert_eq!(ran.out, drafts);
    assert_eq!(
        ran.err,
        "no-producer (1): no POST or GET of its collection is documented\n  \
         p.md:53  {other}  GET /others/{other}  (/others)\n\
         query (1): choose the value of the query parameter\n  \
         p.md:66  {q}  GET /things?q={q}\n\
         3 drafts for 5 cases with unbound placeholders; 2 stay unbound unless --var or the \
         `vars` of a target set them\n"
    );
    // Saved drafts run, and nothing is drafted twice.
    project.write("specs/scenarios/drafts.yaml", &ran.out);
    let base = ["--base-url", "http://127.0.0.1:9", "--allow-writes"];
    let planned = project.run(&[&["plan"], &base[..]].concat()).exits(0);
    assert!(
        planned.out.contains("3 scenarios; 2 skipped"),
        "{}",
        planned.out
    );
    let again = project.run(&["plan", "--suggest"]).exits(0);
    assert!(again.out.ends_with("created.\n{}\n"), "{}", again.out);
    let bound = [
        &["plan", "--suggest", "--var", "other=1", "--var", "q=2"],
        &base[..],
    ]
    .concat();
    project
        .run(&bound)
        .exits(0)
        .says("0 drafts for 0 cases with unbound placeholders");
}

#[test]
fn drafts_only_selected_cases() {
    let project = typed(&[
        ("POST /things", CREATED),
        ("GET /things/{id}", CREATED),
        ("POST /things/{id}/pause", NO_CONTENT),
    ]);
    let ran = project
        .run(&["plan", "--suggest", "--method", "get"])
        .exits(0);
    assert!(
        ran.out.contains("- case: p::2") && !ran.out.contains("p::3"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("no documented DELETE removes"),
        "{}",
        ran.err
    );
    project
        .run(&["plan", "--suggest", "--format", "json"])
        .exits(2);
    project.write("specs/scenarios/a.yaml", "scenarios: [ { case: nowhere } ]");
    project
        .run(&["plan", "--suggest"])
        .exits(2)
        .says("invalid scenarios in specs/scenarios");
}

#[test]
fn drafts_pass_on_a_service() {
    let server = RawServer::start(|head, stream| {
        let created = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"id\": \"7\"}";
        let gone = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        let response = if head.starts_with("DELETE") {
            gone
        } else {
            created
        };
        let _ = stream.write_all(response.as_bytes());
    });
    let project = typed(&[
        ("POST /things", CREATED),
        ("PATCH /things/{id}", CREATED),
        ("DELETE /things/{id}", NO_CONTENT),
    ]);
    let drafts = project.run(&["plan", "--suggest"]).exits(0).out;
    project.write("specs/scenarios/drafts.yaml", drafts);
    let ran = project
        .test(&[
            "--base-url",
            &server.base,
            "--allow-writes",
            "--no-snapshots",
        ])
        .exits(0);
    assert_eq!(ran.summary()["pass"], 3);
    assert_eq!(
        server.request_lines(),
        [
            "DELETE /things/7 HTTP/1.1",
            "DELETE /things/7 HTTP/1.1",
            "PATCH /things/7 HTTP/1.1",
            "POST /things HTTP/1.1",
            "POST /things HTTP/1.1",
            "POST /things HTTP/1.1",
        ]
    );
}

#[test]
fn plans_show_the_authentication_of_the_target() {
    let target = |auth: &str| {
        let project = project();
        project.write(
            "docproof.toml",
            format!(
                "[docs]\nservice = \"https://api.example.com\"\n\
                 [target.t]\nbase-url = \"http://127.0.0.1:9\"\nwrites = true\n\
                 [target.t.auth]\n{auth}\n"
            ),
        );
        let mut command = project.command(&[
            "plan", "--target", "t", "--filter", "p::1", "--format", "curl",
        ]);
        command
            .env("PLAN_USER", "a-user")
            .env("PLAN_PW", "pass word&1");
        let ran = run(&mut command).exits(0);
        assert!(
            !ran.out.contains("pass") && !ran.out.contains("cGFzcy"),
            "{}",
            ran.out
        );
        ran.out
    };
    let check = |auth: &str, variables: &[(&str, &str)], expected: &str| {
        let script = target(auth);
        let sent = commands(&script, variables);
        assert!(
            sent.iter().flatten().any(|argument| argument == expected),
            "{script}\n{sent:?}"
        );
        assert_eq!(
            commands(&script, &[]),
            Vec::<Vec<String>>::new(),
            "{script}"
        );
    };
    check(
        "type = \"bearer\"\ntoken = \"${env:PLAN_PW}\"",
        &[("PLAN_PW", "x y")],
        "authorization: Bearer x y",
    );
    check(
        "type = \"basic\"\nusername = \"${env:PLAN_USER}\"\npassword = \"${env:PLAN_PW}\"",
        &[("secret_authorization", "eDp5")],
        "authorization: Basic eDp5",
    );
    // The encoded value differs from the value of the variable.
    check(
        "type = \"api-key\"\nquery = \"key\"\nvalue = \"${env:PLAN_PW}\"",
        &[("secret_PLAN_PW", "x%20y")],
        "http://127.0.0.1:9/things?key=x%20y",
    );
    check(
        "type = \"oauth2\"\ngrant = \"client-credentials\"\ntoken-url = \"http://127.0.0.1:9/t\"\n\
         client-id = \"${env:PLAN_USER}\"\nclient-secret = \"${env:PLAN_PW}\"",
        &[("run_access_token", "abc")],
        "authorization: Bearer abc",
    );
}

/// The request line and the sorted header fields of a request, without those that
/// each client adds itself.
fn fields(line: &str, headers: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let own = [
        "host",
        "accept",
        "content-length",
        "user-agent",
        "accept-encoding",
    ];
    let fields = headers.filter(|(name, _)| !own.contains(&name.as_str()));
    let mut fields: Vec<String> = fields
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    fields.sort();
    fields.insert(0, line.to_owned());
    fields
}

#[test]
fn a_run_sends_its_plan() {
    let server = RawServer::responding(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: 8\r\n\r\n{\"id\":7}",
    );
    for auth in [
        "type = \"bearer\"\ntoken = \"${env:PLAN_PW}\"",
        "type = \"api-key\"\nheader = \"X-Api-Key\"\nvalue = \"${env:PLAN_PW}\"",
        "type = \"api-key\"\nquery = \"key\"\nvalue = \"${env:PLAN_PW}\"",
    ] {
        let project = Project::with(&[(
            "p.md",
            &page(&[
                (
                    "GET /a?b={b}&key={key}\nX-Api-Key: {key}\nAuthorization: Bearer {t}\nX-T: {t}",
                    OK,
                ),
                ("GET /things/{id}\nPrefer: x", OK),
            ]),
        )]);
        project.write(
            "docproof.toml",
            format!(
                "[target.t]\nbase-url = \"{}/v1\"\nvars = {{ b = \"c/d\", key = \"k\" }}\n\
                 [target.t.headers]\nPrefer = \"y\"\n[target.t.auth]\n{auth}\n",
                server.base
            ),
        );
        project.write(
            "specs/scenarios/a.yaml",
            "scenarios:\n  - case: p::2\n    headers: { Prefer: z }\n    query: { q: '${id}' }\n    \
             setup: [ { case: p::1, capture: { id: $.id } } ]\n",
        );
        let run_with =
            |arguments: &[&str]| run(project.command(arguments).env("PLAN_PW", "pass-word.1"));
        let plan = run_with(&["plan", "--target", "t", "--format", "curl"]).exits(0);
        let variables = [
            ("PLAN_PW", "pass-word.1"),
            ("secret_PLAN_PW", "pass-word.1"),
            ("run_id", "7"),
        ];
        let mut planned: Vec<Vec<String>> = commands(&plan.out, &variables)
            .iter()
            .map(|command| {
                let url = command
                    .iter()
                    .find(|word| word.starts_with("http:"))
                    .expect("a URL");
                let target = url.strip_prefix(&server.base).expect("the server's");
                let headers = command.windows(2).filter(|pair| pair[0] == "--header");
                let headers = headers.filter_map(|pair| pair[1].split_once(": "));
                let line = format!("{} {target}", command[1]);
                fields(
                    &line,
                    headers.map(|(name, value)| (name.to_owned(), value.to_owned())),
                )
            })
            .collect();
        let before = server.heads().len();
        run_with(&["test", "--target", "t", "--no-snapshots", "--jobs", "1"]).exits(0);
        let mut sent: Vec<Vec<String>> = server.heads()[before..]
            .iter()
            .map(|head| {
                let line = head
                    .lines()
                    .next()
                    .expect("a line")
                    .trim_end_matches(" HTTP/1.1");
                let headers = head
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split_once(": "));
                fields(
                    line,
                    headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())),
                )
            })
            .collect();
        planned.sort();
        sent.sort();
        assert_eq!(planned.len(), 3, "{}", plan.out);
        assert_eq!(planned, sent, "{auth}");
    }
}
