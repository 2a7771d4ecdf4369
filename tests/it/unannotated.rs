//! Docs without annotations: examples are recognised, counted and annotated.

use crate::support::{Project, Ran, page};

const NOTES: &str = r#"# Notes

## Get a note

```http
GET https://notes.example.com/v1/notes/1
```

```http
HTTP/1.1 200 OK
Content-Type: application/json

{ "id": 1 }
```

## Add a note

```sh
curl https://notes.example.com/v1/notes \
  -H 'Content-Type: application/json' -d '{ "text": "a" }'
```

Example response:

```json
{ "id": 2 }
```
"#;

const PLAIN: &str = "# About\n\nNotes are short.\n";

fn notes() -> Project {
    Project::with(&[("notes.md", NOTES), ("about.md", PLAIN)])
}

/// The notes, and a page with an annotated example.
fn mixed() -> Project {
    let project = notes();
    let annotated = page(&[("GET /users", "HTTP/1.1 200 OK")]);
    project.write("specs/docs/users.md", annotated);
    project
}

/// The ids of the listed cases.
fn ids(ran: &Ran) -> Vec<String> {
    let cases = ran.json().into_iter();
    let ids = cases.map(|case| case["id"].as_str().expect("an id").to_owned());
    ids.collect()
}

#[track_caller]
fn check_list(project: &Project, arguments: &[&str], expected: &[&str]) {
    let ran = project.run(&[&["list", "--format", "json"], arguments].concat());
    assert_eq!(ids(&ran.exits(0)), expected);
}

const RECOGNISED: [&str; 2] = ["notes::get-a-note", "notes::add-a-note"];

#[test]
fn recognises_examples_in_docs_without_annotations() {
    check_list(&notes(), &[], &RECOGNISED);
    let said = "no annotations found; recognised 2 examples by rule (1 status-line, 1 response-cue); \
                pin them with `docproof annotate`";
    for command in [&["list"][..], &["plan"], &["test"], &["mutants"]] {
        notes().run(command).says(said);
    }
}

#[test]
fn annotations_anywhere_in_the_docs_turn_recognition_off() {
    check_list(&mixed(), &[], &["users::1"]);
    check_list(&mixed(), &["--page", "users"], &["users::1"]);
    let ran = mixed().run(&["list", "--page", "notes"]);
    ran.exits(4).says("`--page notes` matches none of 1 case");
    let ran = mixed().run(&["list", "specs/docs/notes.md"]);
    ran.exits(4).says("no examples found");
}

#[test]
fn the_option_overrides_the_configuration() {
    let all = ["notes::get-a-note", "notes::add-a-note", "users::1"];
    check_list(&mixed(), &["--unannotated", "on"], &all);
    let project = mixed();
    project.write("docproof.toml", "[extract]\nunannotated = \"on\"\n");
    check_list(&project, &[], &all);
    check_list(&project, &["--unannotated", "auto"], &["users::1"]);
    let ran = notes().run(&["list", "--unannotated", "off"]);
    ran.exits(4)
        .says("2 pages, 4 code fences, 0 annotated requests");
    let ran = notes().run(&["list", "--unannotated", "always"]);
    ran.exits(2).says("expected auto, on or off");
}

#[test]
fn only_the_configured_rules_apply() {
    let project = notes();
    project.write("docproof.toml", "[extract]\nrules = [\"status-line\"]\n");
    check_list(&project, &[], &["notes::get-a-note"]);
}

#[test]
fn the_default_status_is_that_of_bodies_alone() {
    let project = notes();
    project.write("docproof.toml", "[extract]\ndefault-status = \"201\"\n");
    let statuses = |project: &Project| {
        let cases = project.run(&["list", "--format", "json"]).exits(0).json();
        let statuses = cases.iter().map(|case| case["status"].to_string());
        statuses.collect::<Vec<_>>()
    };
    assert_eq!(statuses(&project), ["200", "201"]);
    assert_eq!(statuses(&notes()), ["200", "\"2xx\""]);
    project.run(&["annotate", "--write"]).exits(0);
    assert_eq!(statuses(&project), ["200", "201"]);
}

#[test]
fn a_run_counts_the_recognised_examples() {
    let ran = notes().test(&[]).exits(0);
    let recognised = &ran.summary()["recognised"];
    assert_eq!(recognised["status-line"], 1);
    assert_eq!(recognised["response-cue"], 1);
    let annotated = Project::with(&[("p.md", &page(&[("GET /a", "HTTP/1.1 200 OK")]))]);
    assert!(annotated.test(&[]).exits(0).summary()["recognised"].is_null());
}

#[test]
fn a_check_says_first_what_it_looked_at() {
    let first = "2 pages, 2 examples recognised (1 status-line, 1 response-cue), 1 page without \
                 examples";
    let ran = notes().run(&["check"]).exits(0);
    assert!(
        ran.err
            .lines()
            .next()
            .is_some_and(|line| line.contains(first)),
        "{}",
        ran.err
    );
    let ran = notes().run(&["check", "--format", "json"]).exits(0);
    let summary = ran.summary();
    assert_eq!(summary["recognised"]["status-line"], 1);
    assert_eq!(summary["pages_without_examples"], 1);
    let ran = mixed().run(&["check"]).exits(0);
    let ran = ran.says(
        "annotations on 1 of 3 pages; 2 recognisable examples on other pages were not read; \
         set `unannotated = \"on\"`",
    );
    assert!(!ran.err.contains("recognised ("), "{}", ran.err);
}

#[test]
fn a_check_can_require_examples() {
    let none = Project::with(&[("about.md", PLAIN)]);
    let said = "no examples found in 1 page: none is annotated, and none is recognised";
    none.run(&["check"]).exits(0).says(said);
    let deny = ["check", "--deny", "no-examples"];
    none.run(&deny).exits(1).says("the pages have no example");
    notes().run(&deny).exits(0);
    mixed().run(&deny).exits(0);
    let ran = notes().run(&["check", "--deny", "no-example"]);
    ran.exits(2).says("did you mean `no-examples`?");
}

#[test]
fn annotate_pins_what_was_recognised() {
    let project = notes();
    let before = project.run(&["list", "--format", "json"]).exits(0);
    project
        .run(&["annotate", "--check"])
        .exits(1)
        .says("specs/docs/notes.md:5: no annotation");
    let ran = project.run(&["annotate"]).exits(0);
    let added = ran.out.lines().filter(|line| line.starts_with("+<!--"));
    assert_eq!(added.count(), 4, "{}", ran.out);
    ran.says("service = \"https://notes.example.com/v1\"")
        .says("1 example without a documented status")
        .says("4 annotations in 1 page missing");
    assert_eq!(project.read("specs/docs/notes.md"), NOTES);
    let ran = project.run(&["annotate", "--write"]).exits(0);
    ran.says("4 annotations in 1 page written");
    let written = project.read("specs/docs/notes.md");
    assert!(written.contains(
        "\n<!-- {\"blockType\": \"request\", \"name\": \"get-a-note\"} -->\n```http\nGET"
    ));
    let kept = written.lines().filter(|line| !line.starts_with("<!-- {"));
    assert!(kept.eq(NOTES.lines()), "{written}");
    let after = project.run(&["list", "--format", "json"]).exits(0);
    assert_eq!(ids(&after), ids(&before));
    assert!(!after.err.contains("recognised"), "{}", after.err);
    project.run(&["annotate", "--check"]).exits(0);
    assert_eq!(project.run(&["annotate"]).exits(0).out, "");
    project.test(&[]).exits(0);
}

#[test]
fn annotate_adds_to_annotated_docs() {
    let project = mixed();
    project.run(&["annotate", "--write"]).exits(0);
    let all = ["notes::get-a-note", "notes::add-a-note", "users::1"];
    check_list(&project, &[], &all);
    let none = Project::with(&[("about.md", PLAIN)]);
    none.run(&["annotate"]).exits(4).says("no examples found");
}

#[test]
fn init_configures_the_docs_that_are_there() {
    let project = Project::new();
    project.write("README.md", "# Notes service\n");
    project.write("docs/notes.md", NOTES);
    let ran = project.run(&["init"]).exits(0);
    ran.says("1 page, 2 examples recognised")
        .says("wrote docproof.toml");
    assert!(!project.exists("specs"));
    let written = project.read("docproof.toml");
    assert!(written.contains("\nroot = \"docs\"\n"), "{written}");
    assert!(
        written.contains("\nservice = \"https://notes.example.com/v1\"\n"),
        "{written}"
    );
    assert!(written.contains("\n# [target.local]\n"), "{written}");
    check_list(&project, &[], &RECOGNISED);
}

#[test]
fn init_asks_for_the_folder_of_other_pages() {
    let project = Project::new();
    project.write("README.md", PLAIN);
    project.write("content/api/notes.md", NOTES);
    project.write("content/api/more/about.md", PLAIN);
    let ran = project.run(&["init"]).exits(2);
    ran.says("found pages, such as `content/api/more/about.md`")
        .says("docproof init --docs content/api");
    assert!(!project.exists("docproof.toml"));
    project.run(&["init", "--docs", "content/api/"]).exits(0);
    check_list(&project, &[], &RECOGNISED);
    let other = Project::new();
    other.run(&["init", "--docs", "content"]).exits(3);
}
