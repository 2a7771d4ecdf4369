//! Where reports go: standard output, files, a history of runs, and the job
//! summary of GitHub Actions.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::docs::shown;
use super::output::Output;
use super::{Exit, Failure};
use crate::report::history::{self, LOOKED_AT, PastRun};
use crate::report::record::RunRecord;
use crate::report::{Format, ReportError, test};
use crate::run::environment::variable;
use crate::text::files;

/// The variable that names the file of the job summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The reports that are asked for.
#[derive(Debug)]
pub(super) struct Reports {
    /// What is written to standard output instead of a text for people.
    out: Option<Format>,
    files: Vec<(Format, PathBuf)>,
}

impl Reports {
    /// The reports of the arguments. `format` is what `--format` says, if it
    /// `is_said`. Each file is tried now, before there is a result to lose.
    pub(super) fn new(
        args: &ReportArgs,
        format: Option<Format>,
        is_said: bool,
    ) -> Result<Self, Failure> {
        let mut reports = Self {
            out: format,
            files: Vec::new(),
        };
        let mut has_out = is_said;
        for to in &args.report {
            let Some(path) = &to.path else {
                if has_out {
                    let message = "standard output takes one format";
                    return Err(Failure::new(Exit::Usage, message).help(format!(
                        "write --report {}=PATH for a file",
                        to.format.name()
                    )));
                }
                has_out = true;
                reports.out = Some(to.format);
                continue;
            };
            if reports.files.iter().any(|(_, known)| known == path) {
                let message = format!("two reports would be written to `{}`", path.display());
                return Err(Failure::new(Exit::Usage, message));
            }
            files::try_write(path).map_err(|error| unwritten(path, &error))?;
            reports.files.push((to.format, path.clone()));
        }
        Ok(reports)
    }

    /// Whether people are written to on standard output.
    pub(super) fn is_pretty(&self) -> bool {
        self.out.is_none()
    }

    /// Whether standard output takes JSON, of which each line is written as it
    /// comes.
    pub(super) fn is_json(&self) -> bool {
        self.out == Some(Format::Json)
    }

    /// Whether there are any.
    pub(super) fn are_any(&self) -> bool {
        self.out.is_some() || !self.files.is_empty()
    }

    /// Whether files are waited for.
    pub(super) fn are_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// Whether all cases are to be kept for them.
    pub(super) fn need_cases(&self) -> bool {
        (self.out.is_some() && !self.is_json()) || !self.files.is_empty()
    }

    /// Whether a file is written in a format.
    pub(super) fn has_file(&self, format: Format) -> bool {
        self.files.iter().any(|(known, _)| *known == format)
    }

    /// Writes the reports that `make` makes. `is_written` are those that stand
    /// on standard output already.
    pub(super) fn write<T: AsRef<str>>(
        &self,
        make: impl Fn(Format) -> Result<T, ReportError>,
        is_written: impl Fn(Format) -> bool,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let made =
            |format| make(format).map_err(|error| Failure::new(Exit::NotDone, error.to_string()));
        if let Some(format) = self.out.filter(|format| !is_written(*format)) {
            output.line(made(format)?.as_ref().trim_end_matches('\n'))?;
        }
        for (format, path) in &self.files {
            let text = made(*format)?;
            let text = output.secrets().masked(text.as_ref());
            files::write(path, &text).map_err(|error| unwritten(path, &error))?;
        }
        let formats = self.files.iter().map(|(format, _)| *format);
        if formats
            .chain(self.out)
            .any(|format| format == Format::Github)
            && let Some(path) = variable(STEP_SUMMARY).filter(|path| !path.is_empty())
        {
            let path = PathBuf::from(path);
            let text = made(Format::Markdown)?;
            let text = output.secrets().masked(text.as_ref());
            append(&path, &text).map_err(|error| unwritten(&path, &error))?;
        }
        Ok(())
    }

    /// Writes the reports of a run, and keeps its record in the history.
    pub(super) fn write_run(
        &self,
        run: &RunRecord,
        history: Option<&History>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let of_run = history.map(|history| history::History::of(run, &history.past));
        let make = |format| test::report(format, run, of_run.as_ref());
        self.write(make, |format| format == Format::Json, output)?;
        if let Some(history) = history {
            history.keep(run, output)?;
        }
        Ok(())
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let message = format!("failed to write the report `{}`: {error}", path.display());
    Failure::new(Exit::NotDone, message)
}

/// The job summary is one file for all commands of a step.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// The records of the runs before, in a folder.
#[derive(Debug)]
pub(super) struct History {
    folder: PathBuf,
    past: Vec<PastRun>,
    /// The number of the next record.
    next: u64,
}

const PREFIX: &str = "run-";
const SUFFIX: &str = ".json";

impl History {
    /// Reads the last runs of a folder, which need not be there yet.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let unread = |path: &Path, message: String| {
            let path = shown(path);
            let message = format!("failed to read the history in `{path}`: {message}");
            Failure::new(Exit::NotDone, message)
                .help("remove the file, or name another folder by --history")
        };
        let mut numbers = Vec::new();
        match folder.read_dir() {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(|error| unread(folder, error.to_string()))?;
                    let name = entry.file_name();
                    let number = name.to_str().and_then(|name| {
                        let number = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
                        number.parse::<u64>().ok()
                    });
                    numbers.extend(number);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unread(folder, error.to_string())),
        }
        numbers.sort_unstable();
        let first = numbers.len().saturating_sub(LOOKED_AT);
        let mut past = Vec::new();
        for number in &numbers[first..] {
            let path = folder.join(name(*number));
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| unread(&path, error.to_string()))?;
            past.push(PastRun::read(&text).map_err(|error| unread(&path, error.to_string()))?);
        }
        let history = Self {
            folder: folder.to_owned(),
            past,
            next: numbers.last().map_or(1, |last| last.saturating_add(1)),
        };
        let path = folder.join(name(history.next));
        files::try_write(&path).map_err(|error| unwritten(&path, &error))?;
        Ok(history)
    }

    /// Keeps the record of a run, under a number that no other has.
    fn keep(&self, run: &RunRecord, output: &Output) -> Result<(), Failure> {
        let text = run.lines();
        let text = output.secrets().masked(&text);
        let mut number = self.next;
        loop {
            let path = self.folder.join(name(number));
            match files::write_new(&path, &text) {
                // Another run was faster.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                written => return written.map_err(|error| unwritten(&path, &error)),
            }
        }
    }
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number:06}{SUFFIX}")
}
