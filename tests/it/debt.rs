//! Which findings of `docproof check` count: levels, files of API Doctor,
//! baselines and changed pages.

use crate::support::{Project, Ran, git, run};

/// A page with an error: a response without a status.
const WRONG: &str = "---\nauthor: ann\n---\n\
    # Get a lamp\n\n\
    <!-- { \"blockType\": \"request\", \"name\": \"get_lamp\" } -->\n```http\nGET /lamps/1\n```\n\n\
    <!-- { \"blockType\": \"response\" } -->\n```http\nHTTP/1.1 OK\n```\n";
const RIGHT: &str = "# A lamp\n\nIt shines.\n";
/// Two pages whose paths differ only in case.
const CASE: [(&str, &str); 2] = [("a.md", RIGHT), ("A.md", RIGHT)];

fn check(project: &Project, arguments: &[&str]) -> Ran {
    let mut command = project.command(&[&["check", "--format", "short"], arguments].concat());
    command.env("SOURCE_DATE_EPOCH", "1767312000");
    run(&mut command)
}

#[test]
fn configures_levels_by_rule_and_page() {
    let project = Project::with(&CASE);
    check(&project, &[]).exits(1).says("error[page-case]");
    project.write("docproof.toml", "[check.rules]\npage-case = \"info\"\n");
    check(&project, &["--info"])
        .exits(0)
        .says("info[page-case]");
    let off = "[[check.override]]\npages = [\"[aA]\"]\nrules = { page-case = \"off\" }\n";
    project.write("docproof.toml", off);
    assert_eq!(check(&project, &[]).exits(0).out, "");
    project.write("docproof.toml", "[check.rules]\npage-cas = \"off\"\n");
    check(&project, &[]).exits(2).says("docproof.toml:2:1");
}

#[test]
fn a_star_stands_for_all_rules() {
    let project = Project::with(&CASE);
    project.write("docproof.toml", "[check.rules]\n\"*\" = \"off\"\n");
    assert_eq!(check(&project, &[]).exits(0).out, "");
    let rules = "[check.rules]\n\"*\" = \"off\"\npage-case = \"warning\"\n";
    project.write("docproof.toml", rules);
    let ran = check(&project, &[]).exits(0).says("warning[page-case]");
    assert_eq!(ran.out.lines().count(), 1);
    // It includes rules that are off by default.
    project.write("docproof.toml", "[check.rules]\n\"*\" = \"error\"\n");
    check(&project, &[]).exits(1).says("error[orphan-page]");
    // A later set of levels wins as a whole.
    let rules = "[check.rules]\npage-case = \"error\"\n\
                 [[check.override]]\npages = [\"[aA]\"]\nrules = { \"*\" = \"off\" }\n";
    project.write("docproof.toml", rules);
    assert_eq!(check(&project, &[]).exits(0).out, "");
    project.write("docproof.toml", "[check.rules]\n\"*\" = \"of\"\n");
    check(&project, &[]).exits(2).says("unknown level `of`");
}

#[test]
fn denied_findings_are_errors() {
    let links = "# A lamp\n\nSee [b](b.md#x).\n";
    let project = Project::with(&[("a.md", links), ("b.md", "# B\n\n[a](a.md)\n")]);
    check(&project, &[]).exits(0).says("warning[broken-anchor]");
    let denied = "error[broken-anchor]";
    check(&project, &["--deny", "warnings"])
        .exits(1)
        .says(denied);
    check(&project, &["--deny", "broken-anchor"])
        .exits(1)
        .says(denied);
    check(&project, &["--deny", "orphan-page,broken-link"]).exits(0);
    // The command line overrides the file.
    let off = "[[check.override]]\npages = [\"a\"]\nrules = { broken-anchor = \"info\" }\n";
    project.write("docproof.toml", off);
    check(&project, &["--deny", "warnings"]).exits(0);
    check(&project, &["--deny", "broken-anchor"])
        .exits(1)
        .says(denied);
    check(&project, &["--deny", "broken-ancor"])
        .exits(2)
        .says("unknown rule `broken-ancor`; did you mean `broken-anchor`?");
    check(&project, &["--deny", "warning"])
        .exits(2)
        .says("did you mean `warnings`?");
}

#[test]
fn reads_the_files_of_api_doctor() {
    let project = Project::with(&[("api/a.md", RIGHT), ("includes/a.md", RIGHT)]);
    project.write(
        "specs/docs/config/schema.json",
        "{\"schemaConfig\": {\"foldersToSkip\": [\"includes\"]}}",
    );
    check(&project, &[])
        .exits(0)
        .says("using API Doctor's configuration: config/schema.json")
        .says("on 1 page, 1 not checked");
    project.write("specs/docs/config/schema.json", "{\"schemaConfig\": [}");
    check(&project, &[])
        .exits(0)
        .says("specs/docs/config/schema.json:1:19: warning[api-doctor-config]");
    project.write("specs/docs/config/schema.json", "{\"a\": [}");
    assert_eq!(check(&project, &[]).exits(0).out, "");
}

#[test]
fn counts_suppressed_findings() {
    let project = Project::with(&[("a.md", WRONG)]);
    check(&project, &[]).exits(1).says("error[response-syntax]");
    let off = format!(
        "{WRONG}\n<!-- {{\"type\": \"#page.annotation\", \"suppressions\": [\"response-syntax: on purpose\"]}} -->\n"
    );
    project.write("specs/docs/a.md", off);
    let ran = check(&project, &[]).exits(0).says("1 suppressed");
    assert!(!ran.out.contains("response-syntax"), "{}", ran.out);
}

const WRITE: [&str; 3] = ["--baseline", "debt.jsonl", "--write-baseline"];
const AGAINST: [&str; 2] = ["--baseline", "debt.jsonl"];
const STRICT: [&str; 3] = ["--baseline", "debt.jsonl", "--strict-baseline"];

#[test]
fn only_new_findings_fail_against_a_baseline() {
    let project = Project::with(&[("api/a.md", WRONG), ("b.md", RIGHT)]);
    check(&project, &AGAINST).exits(2).says("does not exist");
    let ran = check(&project, &WRITE).exits(0);
    assert_eq!(ran.out, "");
    let baseline = project.read("debt.jsonl");
    let of_error =
        "{\"page\":\"api/a.md\",\"rule\":\"response-syntax\",\"at\":\"# Get a lamp\",\"hash\":\"";
    assert!(baseline.contains(of_error), "{baseline}");
    let end = ",\"since\":\"2026-01-02\",\"owner\":\"ann\"}\n";
    assert!(baseline.ends_with(end), "{baseline}");
    // Moved lines do not make a finding new.
    project.write(
        "specs/docs/api/a.md",
        WRONG.replace("# Get", "# Head\n\nText.\n\n# Get"),
    );
    let ran = check(&project, &STRICT).exits(0).says("in the baseline");
    assert!(!ran.out.contains("response-syntax"), "{}", ran.out);
    // Another error is new.
    project.write("specs/docs/b.md", WRONG);
    let ran = check(&project, &AGAINST).exits(1);
    assert!(
        ran.out.contains("b.md:") && !ran.out.contains("a.md:"),
        "{}",
        ran.out
    );
    // It is added with its own date; the others keep theirs.
    let mut command = project.command(&[&["check"], &WRITE[..]].concat());
    run(command.env("SOURCE_DATE_EPOCH", "1772582400")).exits(0);
    let later = project.read("debt.jsonl");
    assert!(later.starts_with(&baseline), "{later}");
    assert!(
        later.contains("{\"page\":\"b.md\"") && later.contains("2026-03-04"),
        "{later}"
    );
}

#[test]
fn names_findings_fixed_since_the_baseline() {
    let project = Project::with(&[("api/a.md", WRONG), ("b.md", WRONG)]);
    check(&project, &WRITE).exits(0);
    let baseline = project.read("debt.jsonl");
    project.write("specs/docs/b.md", RIGHT);
    let gone = "fixed since the baseline: b.md: response-syntax in `# Get a lamp`";
    check(&project, &AGAINST).exits(0).says(gone);
    check(&project, &STRICT).exits(1).says(gone);
    // Findings of pages that are not checked do not count as fixed.
    check(&project, &[&STRICT[..], &["--page", "api/*"]].concat()).exits(0);
    check(&project, &[&WRITE[..], &["--page", "api/*"]].concat()).exits(0);
    assert_eq!(project.read("debt.jsonl"), baseline);
    check(&project, &WRITE).exits(0);
    check(&project, &STRICT).exits(0);
    assert!(!project.read("debt.jsonl").contains("b.md"));
    project.write("debt.jsonl", "<<<<<<< ours\n");
    check(&project, &AGAINST).exits(2).says("line 1");
    check(&project, &WRITE).exits(2).says("line 1");
}

fn commit(project: &Project) {
    git(project, &["add", "."]);
    git(project, &["commit", "-q", "-m", "pages"]);
}

/// A repository whose docs are a folder in it, with an error on each page.
fn repository() -> Option<Project> {
    let project = Project::with(&[
        ("a.md", WRONG),
        ("b c.md", WRONG),
        (
            "links.md",
            &format!("{WRONG}\n[a](a.md#x) [gone](gone.md)\n"),
        ),
        ("gone.md", WRONG),
    ]);
    project.write("docproof.toml", "");
    git(&project, &["init", "-q", "-b", "main"]).then(|| {
        commit(&project);
        project
    })
}

/// The pages whose findings are shown.
fn pages(ran: &Ran) -> Vec<String> {
    let names = ran.out.lines().filter_map(|line| line.split(':').next());
    let mut names: Vec<String> = names
        .map(|name| name.trim_start_matches("specs/docs/").to_owned())
        .collect();
    names.dedup();
    names
}

#[test]
fn checks_pages_changed_on_a_branch() {
    let Some(project) = repository() else { return };
    let since = |revision: &str| check(&project, &["--changed-since", revision]);
    since("main")
        .exits(0)
        .says("no selected page is affected by changes since main");
    git(&project, &["checkout", "-q", "-b", "topic"]);
    project.write("specs/docs/b c.md", format!("{WRONG}\nMore.\n"));
    assert_eq!(pages(&since("main").exits(1)), ["b c.md"]);
    commit(&project);
    assert_eq!(pages(&since("main").exits(1)), ["b c.md"]);
    // A page that links to a changed page, or to a removed one.
    project.write("specs/docs/a.md", RIGHT);
    assert_eq!(pages(&since("topic").exits(1)), ["links.md"]);
    git(&project, &["checkout", "-q", "specs/docs/a.md"]);
    git(&project, &["rm", "-q", "specs/docs/gone.md"]);
    assert_eq!(pages(&since("topic").exits(1)), ["links.md"]);
    // Untracked files, and files outside the docs.
    project.write("specs/docs/new.md", WRONG);
    project.write("elsewhere.md", WRONG);
    assert_eq!(pages(&since("topic").exits(1)), ["links.md", "new.md"]);
    // Later changes of the other branch do not count.
    commit(&project);
    git(&project, &["checkout", "-q", "main"]);
    project.write("specs/docs/a.md", format!("{WRONG}\nOn main.\n"));
    commit(&project);
    git(&project, &["checkout", "-q", "topic"]);
    assert_eq!(
        pages(&since("main").exits(1)),
        ["b c.md", "links.md", "new.md"]
    );
    assert_eq!(since("topic").exits(0).out, "");
}

#[test]
fn checks_pages_that_name_a_removed_type() {
    let resource = "# A lamp\n\n<!-- { \"blockType\": \"resource\", \"@odata.type\": \"x.lamp\" } -->\n\
                    ```json\n{\"id\": \"string\"}\n```\n";
    let uses = WRONG.replace(
        "\"response\" }",
        "\"response\", \"@odata.type\": \"x.lamp\" }",
    );
    let project = Project::with(&[("lamp.md", resource), ("uses.md", &uses), ("b.md", WRONG)]);
    if !git(&project, &["init", "-q", "-b", "main"]) {
        return;
    }
    commit(&project);
    std::fs::remove_file(project.path("specs/docs/lamp.md")).expect("removed");
    let ran = check(&project, &["--changed-since", "main"]).exits(1);
    assert_eq!(pages(&ran), ["uses.md"]);
}

#[test]
fn rejects_unknown_revisions() {
    let Some(project) = repository() else { return };
    let since = |revision: &str| check(&project, &[&format!("--changed-since={revision}")]);
    since("--output=x")
        .exits(2)
        .says("`--output=x` is not a revision");
    since("").exits(2).says("is not a revision");
    since("nothing")
        .exits(2)
        .says("unknown git revision `nothing`");
    assert!(!project.exists("x"));
    let bare = Project::with(&[("a.md", RIGHT)]);
    // The folder of temporary files may be in a repository.
    let mut command = bare.command(&["check", "--changed-since", "main"]);
    command.env(
        "GIT_CEILING_DIRECTORIES",
        bare.path("").parent().expect("a folder"),
    );
    run(&mut command)
        .exits(2)
        .says("is not in a git repository");
}

#[test]
fn reports_missing_git() {
    let project = Project::with(&[("a.md", RIGHT)]);
    let mut command = project.command(&["check", "--changed-since", "main"]);
    command.env("PATH", project.path("none"));
    run(&mut command).exits(2).says("git is not installed");
}
