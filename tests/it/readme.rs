//! The console examples of the README, run in order in a copy of the project.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use snapbox::assert_data_eq;
use snapbox::data::DataFormat;
use snapbox::prelude::*;
use walkdir::WalkDir;

use crate::support::{Project, repository, without_variables};

/// A copy of the files that the commands of the README use.
pub(crate) fn project() -> Project {
    let project = Project::new();
    for folder in ["specs", "snapshots"] {
        for entry in WalkDir::new(repository().join(folder)) {
            let entry = entry.expect("an entry");
            let path = entry.path().strip_prefix(repository()).expect("below");
            if entry.file_type().is_file() && !path.to_string_lossy().ends_with(".new") {
                project.write(
                    &path.to_string_lossy(),
                    fs::read(entry.path()).expect("a file"),
                );
            }
        }
    }
    project
}

/// Runs a command line and returns its output in the form of an example: an exit
/// code other than 0 as `? 1`, standard error before standard output.
fn transcript(project: &Project, line: &str) -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_docproof"));
    let folder = program.parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("sh");
    without_variables(&mut command);
    let output = command
        .args(["-c", line])
        .current_dir(project.path("."))
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("DOCPROOF_UPDATE", "no")
        .output()
        .expect("a shell");
    let code = match output.status.code() {
        Some(0) => String::new(),
        code => format!("? {}\n", code.expect("no signal")),
    };
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    format!(
        "$ {line}\n{code}{}{}",
        text(output.stderr),
        text(output.stdout)
    )
}

/// The text with the same time in each summary.
fn timeless(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(" in ") {
        Some((counts, time)) if time.ends_with(" s") => format!("{counts} in 0.01 s\n"),
        _ => format!("{line}\n"),
    });
    lines.collect()
}

/// Runs the console examples of a page of this repository in order, and compares
/// their output with the page. `SNAPSHOTS=overwrite` updates the page.
pub(crate) fn check_examples(path: &str, project: &Project) {
    let file = repository().join(path);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    let overwrites = std::env::var("SNAPSHOTS").is_ok_and(|word| word == "overwrite");
    let mut updated = String::new();
    let mut rest = &*text;
    while let Some(at) = rest.find("```console\n") {
        let (before, from) = rest.split_at(at + "```console\n".len());
        let end = from.find("\n```").expect("an end") + 1;
        let lines = from[..end].lines();
        let ran: String = lines
            .filter_map(|line| line.strip_prefix("$ "))
            .map(|line| transcript(project, line))
            .collect();
        let ran = timeless(&(ran.trim_end().to_owned() + "\n"));
        if !overwrites {
            let shown = timeless(&from[..end]);
            let expected = shown.into_data().coerce_to(DataFormat::Text);
            assert_data_eq!(ran.clone(), expected);
        }
        updated += before;
        updated += &ran;
        rest = &from[end..];
    }
    assert!(!updated.is_empty(), "{path} has no examples");
    updated += rest;
    if overwrites && updated != text {
        fs::write(&file, updated).expect("written");
    }
}

#[test]
fn examples_print_what_they_show() {
    check_examples("README.md", &project());
}

/// The code blocks of a language.
fn blocks<'r>(text: &'r str, language: &str) -> Vec<&'r str> {
    let opening = format!("```{language}\n");
    let blocks = text.split(&opening).skip(1);
    blocks
        .map(|block| &block[..=block.find("\n```").expect("the end of the block")])
        .collect()
}

#[test]
fn files_are_read_without_findings() {
    let pages = ["README.md", "docs/checking.md", "docs/live.md"];
    let pages = pages.map(|page| fs::read_to_string(repository().join(page)).expect("a page"));
    let text = pages.concat();
    let project = project();
    let scenarios = blocks(&text, "yaml");
    for (index, scenario) in scenarios.iter().enumerate() {
        project.write(&format!("specs/scenarios/{index}.yaml"), scenario);
    }
    // Two scenarios of one case need names.
    fs::remove_file(project.path("specs/scenarios/profiles.yaml")).expect("removed");
    let configurations = blocks(&text, "toml");
    project.write("docproof.toml", configurations.concat());
    assert!(!scenarios.is_empty() && configurations.len() > 2);
    project
        .run(&["plan", "--target", "staging"])
        .exits(2)
        .says("CLIENT_SECRET");
    let mut command = project.command(&["plan", "--target", "staging", "--format", "json"]);
    let ran = crate::support::run(command.env("CLIENT_SECRET", "not to be shown")).exits(0);
    assert!(ran.out.contains("delete_profile"), "{}", ran.out);
    assert!(!ran.out.contains("not to be shown"), "{}", ran.out);
}
