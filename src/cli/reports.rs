//! Writes reports to standard output, to files, to the history of runs and to the
//! job summary of GitHub Actions.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::args::ReportArgs;
use super::docs::shown;
use super::exit::{Exit, Failure};
use super::output::Output;
use crate::report::history::{self, LOOKED_AT, PastRun};
use crate::report::record::RunRecord;
use crate::report::{self, Format, ReportError, adapters};
use crate::run::environment::variable;
use crate::text::files;

/// The variable that names the file of the job summary.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The requested reports.
#[derive(Debug)]
pub(super) struct Reports {
    /// The format of standard output; human-readable if `None`.
    out: Option<Format>,
    files: Vec<(Format, PathBuf)>,
}

impl Reports {
    /// Creates the reports of the arguments. `format` is the value of `--format`,
    /// and `is_given` tells whether the option was given. Checks that each file is
    /// writable now, before there are results to lose.
    pub(super) fn new(
        args: &ReportArgs,
        format: Option<Format>,
        is_given: bool,
    ) -> Result<Self, Failure> {
        let mut reports = Self {
            out: format,
            files: Vec::new(),
        };
        let mut has_out = is_given;
        for to in &args.report {
            let Some(path) = &to.path else {
                if has_out {
                    let message = "only one format can be written to standard output";
                    return Err(Failure::new(Exit::Usage, message).help(format!(
                        "use --report {}=PATH to write a file",
                        to.format.name()
                    )));
                }
                has_out = true;
                reports.out = Some(to.format);
                continue;
            };
            files::try_write(path).map_err(|error| unwritten(path, &error))?;
            if reports.files.iter().any(|(_, known)| is_same(known, path)) {
                let message = format!("two reports have the same path `{}`", path.display());
                return Err(Failure::new(Exit::Usage, message));
            }
            reports.files.push((to.format, path.clone()));
        }
        Ok(reports)
    }

    /// Whether standard output is human-readable.
    pub(super) fn is_pretty(&self) -> bool {
        self.out.is_none()
    }

    /// Whether standard output is JSON, which is written line by line during the run.
    pub(super) fn is_json(&self) -> bool {
        self.out == Some(Format::Json)
    }

    /// Whether there is any report.
    pub(super) fn are_any(&self) -> bool {
        self.out.is_some() || !self.files.is_empty()
    }

    /// Whether a report needs the records of all cases at the end.
    pub(super) fn need_cases(&self) -> bool {
        (self.out.is_some() && !self.is_json()) || !self.files.is_empty()
    }

    /// Whether a file is written in this format.
    pub(super) fn has_file(&self, format: Format) -> bool {
        self.files.iter().any(|(known, _)| *known == format)
    }

    /// Writes the reports that `make` creates. `is_written` tells which formats
    /// are already on standard output.
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

    /// Writes the reports of a run, and adds its record to the history.
    pub(super) fn write_run(
        &self,
        run: &RunRecord,
        history: Option<&History>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let of_run = history.map(|history| history::History::of(run, &history.past));
        let report = adapters::test::report(run, of_run.as_ref());
        let make = |format| report::write(format, &report);
        self.write(make, |format| format == Format::Json, output)?;
        if let Some(history) = history {
            history.keep(run, output)?;
        }
        Ok(())
    }
}

/// Whether two paths name one file, however they are written. Their folders exist.
fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| {
        let parent = path.parent();
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    one == other || plain(one).is_some_and(|one| Some(one) == plain(other))
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let message = format!("failed to write the report `{}`: {error}", path.display());
    Failure::new(Exit::NotDone, message)
}

/// Appends to a file, because all commands of a step share one job summary.
fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// A folder with the records of previous runs.
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
    /// Reads the last runs of a folder. The folder may not exist yet.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let unread = |path: &Path, message: String| {
            let path = shown(path);
            let message = format!("failed to read the history in `{path}`: {message}");
            Failure::new(Exit::NotDone, message)
                .help("remove the file, or use another folder with --history")
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

    /// Writes the record of a run under an unused number.
    fn keep(&self, run: &RunRecord, output: &Output) -> Result<(), Failure> {
        let text = run.lines();
        let text = output.secrets().masked(&text);
        let mut number = self.next;
        loop {
            let path = self.folder.join(name(number));
            match files::write_new(&path, &text) {
                // A concurrent run took the number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                written => return written.map_err(|error| unwritten(&path, &error)),
            }
        }
    }
}

fn name(number: u64) -> String {
    format!("{PREFIX}{number:06}{SUFFIX}")
}
