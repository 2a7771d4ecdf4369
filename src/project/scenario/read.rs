//! Reading and writing of scenario files.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use walkdir::WalkDir;

use super::data::FileData;
use super::places::{Places, places};
use crate::page::yaml::{self, YamlError};
use crate::text::finding::{Diagnostic, FILE_START, help_for_unknown_key};
use crate::text::rules::{SCENARIO_FILE_SKIPPED, SCENARIO_SYNTAX};

/// Maximum size of a file, in bytes.
const SIZE_LIMIT: usize = 1 << 20;
/// Maximum number of files in a folder.
const FILE_LIMIT: usize = 10_000;
/// Maximum nesting depth of folders.
const FOLDER_LIMIT: usize = 32;

/// A scenario file, parsed.
#[derive(Debug, Clone)]
pub struct ScenarioFile {
    /// The file, relative to the folder of scenarios, with `/`.
    pub path: Arc<str>,
    /// Its content.
    pub data: FileData,
    pub(super) places: Places,
}

/// The JSON Schema of a scenario file.
#[cfg(feature = "cli")]
pub(crate) fn schema() -> String {
    let schema = schemars::schema_for!(FileData);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// Writes a scenario file. The output is deterministic.
pub(crate) fn write(data: &FileData) -> String {
    yaml::write(data)
}

/// Reads a scenario file. Findings show its path as `path`.
pub fn read(path: &str, text: &str) -> Result<ScenarioFile, Box<Diagnostic>> {
    let fail = |position, message: String| {
        Box::new(Diagnostic::in_file(
            path,
            &SCENARIO_SYNTAX,
            position,
            message,
        ))
    };
    if text.len() > SIZE_LIMIT {
        let message = format!(
            "the file has {} bytes; at most {SIZE_LIMIT} are read",
            text.len()
        );
        return Err(fail(FILE_START, message));
    }
    let places = places(text).map_err(|(position, message)| fail(position, message))?;
    // A file that is empty, or has only comments, is null.
    let data: Option<FileData> = yaml::read(text).map_err(|YamlError { position, message }| {
        let help = help_for_unknown_key(&message);
        let mut finding = fail(position, message);
        finding.help = help;
        finding
    })?;
    Ok(ScenarioFile {
        path: path.into(),
        data: data.unwrap_or_default(),
        places,
    })
}

/// Reads all scenario files (`*.yaml` and `*.yml`) of a folder, ordered by
/// path. A missing folder has no files. A file that cannot be read is a
/// finding, and so is a file with another extension.
pub fn read_all(folder: &Path) -> (Vec<ScenarioFile>, Vec<Diagnostic>) {
    let mut files = Vec::new();
    let mut findings = Vec::new();
    if fs::symlink_metadata(folder).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    {
        return (files, findings);
    }
    let fault = |path: &str, message: String| {
        Diagnostic::in_file(path, &SCENARIO_SYNTAX, FILE_START, message)
    };
    let mut skipped = 0;
    let walk = WalkDir::new(folder).sort_by_file_name();
    for entry in walk.max_depth(FOLDER_LIMIT) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = relative(folder, error.path().unwrap_or(folder));
                findings.push(fault(&path, format!("failed to read: {error}")));
                continue;
            }
        };
        let path = relative(folder, entry.path());
        if entry.file_type().is_dir() {
            if entry.depth() == FOLDER_LIMIT {
                let message = format!("folders are nested more than {FOLDER_LIMIT} levels deep");
                findings.push(fault(&path, message));
            }
            continue;
        }
        if !has_extension(entry.path(), &["yaml", "yml"]) {
            if is_mistaken(entry.path()) && skipped < FILE_LIMIT {
                skipped += 1;
                let message = "this file is not read: scenario files are *.yaml and *.yml";
                findings.push(
                    Diagnostic::in_file(path, &SCENARIO_FILE_SKIPPED, FILE_START, message)
                        .help("rename it, or move it to another folder"),
                );
            }
            continue;
        }
        if !entry.file_type().is_file() {
            findings.push(fault(&path, "symbolic links are not followed".to_owned()));
            continue;
        }
        if files.len() + findings.len() - skipped >= FILE_LIMIT {
            findings.push(fault(
                &path,
                format!("too many files; at most {FILE_LIMIT} are read"),
            ));
            break;
        }
        match read_text(entry.path()) {
            Ok(text) => match read(&path, &text) {
                Ok(file) => files.push(file),
                Err(finding) => findings.push(*finding),
            },
            Err(message) => findings.push(fault(&path, message)),
        }
    }
    (files, findings)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|found| {
        let mut extensions = extensions.iter();
        extensions.any(|extension| found.eq_ignore_ascii_case(extension))
    })
}

/// Whether a file that is not read seems to contain scenarios. The folder may also have
/// prose, and files that scenarios send.
fn is_mistaken(path: &Path) -> bool {
    const KEYS: [&str; 4] = ["scenarios:", "\"scenarios\"", "steps:", "\"steps\""];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with('.') || has_extension(path, &["md", "txt"]) {
        return false;
    }
    read_text(path).is_ok_and(|text| KEYS.iter().any(|key| text.contains(key)))
}

/// Reads a file. Reads one byte more than the maximum to detect larger files.
fn read_text(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("failed to read: {error}");
    let limit = u64::try_from(SIZE_LIMIT + 1).expect("a small number");
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() > SIZE_LIMIT {
        return Err(format!("the file has more than {SIZE_LIMIT} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())
}

fn relative(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    let parts = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
