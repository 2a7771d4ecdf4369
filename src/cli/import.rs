//! `docproof import`: converts the tests of another tool to scenarios and targets.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::args::ApiDoctor;
use super::docs::{shown, threads};
use super::exit::{Exit, Failure};
use super::output::Output;
use super::write;
use crate::page::collect::{self, Collected};
use crate::page::reader::{Extraction, Unannotated};
use crate::page::survey::DocsError;
use crate::project::config::{self, Config};
use crate::project::scenario;
use crate::report::plural;
use crate::report::printable;
use crate::text::files;
use crate::text::finding::FILE_START;
use crate::text::source::Page;
use crate::tools::import::{self, Imported, Loss, Target, add_targets};

/// Maximum size of an input file, in bytes.
const SIZE_LIMIT: u64 = 1 << 20;

pub(super) fn api_doctor(
    args: &ApiDoctor,
    config: &Config,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (pages, unreadable) = pages(&args.folder)?;
    if pages.is_empty() && unreadable.is_empty() {
        let message = format!("no JSON files in `{}`", args.folder.display());
        return Err(Failure::new(Exit::Usage, message)
            .help("name the folder of API Doctor's scenario files"));
    }
    let collected = collect(&args.folder, config)?;
    let known = match &collected {
        Some(collected) => import::Docs::new(&collected.cases),
        None => import::Docs::default(),
    };
    let mut imported = import::api_doctor(&pages, &known);
    imported.counts.files += unreadable.len();
    imported.unreadable += unreadable.len();
    imported.losses.extend(unreadable);
    let out = match &args.out {
        Some(folder) => folder.clone(),
        None => config.project.join("specs/scenarios"),
    };
    reject_existing_files(&out, &imported)?;
    let texts = texts(&imported)?;
    let configuration = configuration(config, &imported.targets)?;

    let folder = if args.folder.is_file() {
        args.folder.parent().map(shown).unwrap_or_default()
    } else {
        shown(&args.folder)
    };
    for loss in &imported.losses {
        output.line(&line(&folder, loss))?;
    }
    if collected.is_none() {
        output.note(
            "no docs found: method names are not resolved, and requests to other URLs are skipped",
        );
    }
    for (path, text) in &texts {
        write::file(&out.join(path), text)?;
        output.line(&printable(&format!("wrote {}", shown(&out.join(path)))))?;
    }
    let mut targets = imported.targets.len();
    if let Some((path, text, known)) = configuration {
        for name in &known {
            output.line(&printable(&format!(
                "{}: `[target.{name}]` already exists and is unchanged",
                shown(&path)
            )))?;
        }
        targets -= known.len();
        if targets > 0 {
            write::file(&path, &text)?;
            output.line(&format!("wrote {}", shown(&path)))?;
        }
    }
    summary(&imported, targets, output)?;
    Ok(match imported.unreadable {
        0 => Exit::Passed,
        _ => Exit::Failed,
    })
}

fn line(folder: &str, loss: &Loss) -> String {
    let slash = if folder.is_empty() { "" } else { "/" };
    let text = format!(
        "{folder}{slash}{}:{}:{}: {}: {}",
        loss.file, loss.at.line, loss.at.column, loss.key, loss.why
    );
    printable(&text).into_owned()
}

fn summary(imported: &Imported, targets: usize, output: &mut Output) -> Result<(), Failure> {
    let counts = imported.counts;
    let scenarios: usize = imported
        .files
        .iter()
        .map(|(_, data)| data.scenarios.len())
        .sum();
    let steps: usize = imported
        .files
        .iter()
        .map(|(_, data)| data.steps.len())
        .sum();
    let skipped = imported
        .files
        .iter()
        .flat_map(|(_, data)| &data.scenarios)
        .filter(|scenario| scenario.skip.is_some())
        .count();
    output.line(&format!(
        "{} files ({} unreadable): {} of {} scenarios ({skipped} with `skip`), {steps} of {} \
         shared steps, {targets} of {} targets; {}",
        counts.files,
        imported.unreadable,
        scenarios,
        counts.scenarios,
        counts.canned_requests,
        counts.accounts,
        plural(imported.losses.len(), "note"),
    ))?;
    Ok(())
}

/// Reads the JSON files of a folder, sorted by path, or a single file.
fn pages(folder: &Path) -> Result<(Vec<Page>, Vec<Loss>), Failure> {
    let mut pages = Vec::new();
    let mut unreadable = Vec::new();
    let root = if folder.is_file() {
        folder.parent().unwrap_or(folder)
    } else {
        folder
    };
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let message = format!("failed to read `{}`: {error}", folder.display());
            Failure::new(Exit::NotDone, message)
        })?;
        let is_json = entry
            .path()
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if !entry.file_type().is_file() || !is_json {
            continue;
        }
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let path = path.to_string_lossy().replace('\\', "/");
        match read(entry.path()) {
            Ok(text) => pages.push(Page::new(path, text)),
            Err(why) => unreadable.push(Loss {
                file: path.into(),
                at: FILE_START,
                key: "the file".to_owned(),
                why,
            }),
        }
    }
    Ok((pages, unreadable))
}

fn read(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > SIZE_LIMIT {
        return Err(format!("larger than {} MiB", SIZE_LIMIT >> 20));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// Collects the docs of the project, or those in `../docs` of the folder.
fn collect(folder: &Path, config: &Config) -> Result<Option<Collected>, Failure> {
    let beside = folder.canonicalize().ok().and_then(|path| {
        let folder = if path.is_file() {
            path.parent()?
        } else {
            &path
        };
        Some(folder.parent()?.join("docs"))
    });
    let folder = if config.docs.is_dir() {
        Some(config.docs.clone())
    } else {
        beside.filter(|folder| folder.is_dir())
    };
    let Some(folder) = folder else {
        return Ok(None);
    };
    let annotated = Extraction {
        unannotated: Unannotated::Off,
        ..Extraction::default()
    };
    match collect::collect(&folder, &annotated, threads(None), |_| true) {
        Ok(collected) => Ok(Some(collected)),
        Err(DocsError::NoPages { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Fails if an output file already exists.
fn reject_existing_files(out: &Path, imported: &Imported) -> Result<(), Failure> {
    for (path, _) in &imported.files {
        let path = out.join(path);
        if path.exists() {
            let message = format!("`{}` already exists", path.display());
            return Err(Failure::new(Exit::Usage, message)
                .help("remove it, or use another folder with --out"));
        }
    }
    Ok(())
}

/// The text of each scenario file. Checks that the text is a valid scenario file.
fn texts(imported: &Imported) -> Result<Vec<(&str, String)>, Failure> {
    let mut texts = Vec::with_capacity(imported.files.len());
    for (path, data) in &imported.files {
        let text = scenario::write(data);
        if let Err(finding) = scenario::read(path, &text) {
            let message = format!(
                "`{path}` would not be a valid scenario file: {}",
                finding.message
            );
            return Err(Failure::new(Exit::NotDone, message).help("split the input file"));
        }
        texts.push((path.as_str(), text));
    }
    Ok(texts)
}

type Configuration = (PathBuf, String, Vec<String>);

/// The configuration with the targets added, and the targets that already exist.
fn configuration(config: &Config, targets: &[Target]) -> Result<Option<Configuration>, Failure> {
    if targets.is_empty() {
        return Ok(None);
    }
    let path = config.project.join(config::FILE);
    let failed = |why: String| {
        let message = format!("failed to add targets to `{}`: {why}", path.display());
        Failure::new(Exit::NotDone, message)
    };
    let text = files::read_if_there(&path).map_err(|error| failed(error.to_string()))?;
    let (text, known) = add_targets(&text.unwrap_or_default(), targets)
        .map_err(|error| failed(error.to_string()))?;
    Ok(Some((path, text, known)))
}
