//! `docproof completions` and `docproof man`: shell completions and manual pages.

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::args::{Args, Completions, ManArgs};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::write;

pub(super) fn completions(args: &Completions, output: &mut Output) -> Result<Exit, Failure> {
    output.text(&script(args.shell))?;
    Ok(Exit::Passed)
}

fn script(shell: Shell) -> String {
    let mut bytes = Vec::new();
    generate(shell, &mut Args::command(), "docproof", &mut bytes);
    String::from_utf8(bytes).expect("a script is UTF-8")
}

pub(super) fn man(args: &ManArgs, output: &mut Output) -> Result<Exit, Failure> {
    let pages = pages();
    let Some(folder) = &args.out else {
        let (_, main) = pages.first().expect("the main page");
        output.text(main)?;
        return Ok(Exit::Passed);
    };
    for (name, text) in &pages {
        let path = folder.join(name);
        write::file(&path, text)?;
    }
    output.line(&format!("wrote {} pages", pages.len()))?;
    Ok(Exit::Passed)
}

/// The file name and text of each manual page, the main one first.
fn pages() -> Vec<(String, String)> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    add(&command, &mut pages);
    pages
}

fn add(command: &Command, pages: &mut Vec<(String, String)>) {
    let man = Man::new(command.clone());
    let mut bytes = Vec::new();
    man.render(&mut bytes)
        .expect("writing to memory cannot fail");
    let text = String::from_utf8(bytes).expect("a page is UTF-8");
    pages.push((man.get_filename(), text));
    for below in command.get_subcommands() {
        add(below, pages);
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    /// The names of all commands.
    fn names() -> Vec<String> {
        let command = Args::command();
        let names = command.get_subcommands().map(Command::get_name);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn every_shell_completes_every_command() {
        let names = names();
        assert!(names.len() > 15);
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for name in &names {
                assert!(script.contains(name.as_str()), "{shell}: {name}");
            }
            assert!(script.contains("base-url"), "{shell}");
        }
    }

    #[test]
    fn every_command_has_a_manual_page() {
        let pages = pages();
        let files: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(files[0], "docproof.1");
        for name in names() {
            assert!(
                files.contains(&format!("docproof-{name}.1").as_str()),
                "{name}"
            );
        }
        assert!(files.contains(&"docproof-import-api-doctor.1"));
        for (name, text) in &pages {
            for section in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
                assert!(text.contains(section), "{name} has no {section}");
            }
        }
        let test = files.iter().position(|file| *file == "docproof-test.1");
        let (_, test) = &pages[test.expect("a page")];
        assert!(test.contains("base\\-url") && test.contains("DOCPROOF_BASE_URL"));
    }
}
