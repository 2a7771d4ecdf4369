//! A snapshot file: insta's format, and a safe file name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use insta::Snapshot;
use serde::Deserialize;

use crate::page::yaml;
use crate::text::files;
use crate::text::finding::{Diagnostic, FILE_START};
use crate::text::rules::SNAPSHOT_SYNTAX;

/// The JSON types of an accepted body by path. Kept beside the observation and
/// never compared.
pub(crate) type Outline = BTreeMap<String, String>;

/// An observation to compare with the accepted one.
#[derive(Debug, Clone)]
pub(crate) struct Observed<'a> {
    /// The case's id.
    pub id: &'a str,
    /// The page, relative to the project.
    pub source: &'a str,
    /// The line of the request's fence.
    pub line: usize,
    /// The request line, for the reader.
    pub expression: &'a str,
    /// The observation.
    pub contents: &'a str,
    /// Whether the observation covers the shape of the body. If not, the
    /// accepted shape is kept.
    pub has_shape: bool,
}

/// A pending or accepted snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The case's id.
    pub id: String,
    /// The page, relative to the project.
    pub source: String,
    /// The file.
    pub path: PathBuf,
    /// The observation.
    pub contents: String,
    pub(super) expression: String,
    pub(super) kept: Option<Kept>,
}

/// Formats a snapshot for insta: YAML metadata between lines of `---`, then the
/// contents. Only a pending snapshot has the line, so that moved lines do not
/// change accepted ones. The outline is in the metadata, which is not compared.
pub(super) fn render(
    observed: &Observed<'_>,
    line: Option<usize>,
    outline: Option<&Outline>,
) -> String {
    let mut text = String::from("---\n");
    let mut field = |name: &str, value: String| {
        writeln!(text, "{name}: {value}").expect("writing to a string does not fail");
    };
    field("source", scalar(observed.source));
    if let Some(line) = line {
        field("assertion_line", line.to_string());
    }
    field("description", scalar(observed.id));
    field("expression", scalar(observed.expression));
    if let Some(outline) = outline {
        text.push_str("info:\n  body:\n");
        for (path, kinds) in outline {
            writeln!(
                text,
                "    {}: {}",
                outline_scalar(path),
                outline_scalar(kinds)
            )
            .expect("writing to a string does not fail");
        }
    }
    text + "---\n" + observed.contents + "\n"
}

/// A YAML scalar, plain where insta writes it plain, so that both tools write
/// the same file. Otherwise a JSON string, which is always a YAML string.
fn scalar(value: &str) -> String {
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.contains('/')
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/._- $()=&?;+".contains(&byte));
    if is_plain {
        value.to_owned()
    } else {
        serde_json::Value::from(value).to_string()
    }
}

/// A YAML scalar of an outline, plain where insta writes it plain.
fn outline_scalar(value: &str) -> String {
    let is_plain = value != "null"
        && value.starts_with(|c: char| c == '$' || c == '…' || c.is_ascii_alphabetic())
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '$' | '.' | '_' | ' ' | '…'));
    if is_plain {
        value.to_owned()
    } else {
        serde_json::Value::from(value).to_string()
    }
}

/// The metadata that insta keeps but does not expose.
#[derive(Deserialize)]
struct Metadata {
    info: Info,
}

#[derive(Deserialize)]
struct Info {
    body: Outline,
}

/// The metadata of a snapshot that may contain an outline. Parsed only when
/// needed, because most snapshots match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept(String);

impl Kept {
    fn of(text: &str) -> Option<Self> {
        let after = text.split_once("---")?.1;
        let (metadata, _) = after.split_once("\n---")?;
        let has_info = metadata.lines().any(|line| line.starts_with("info:"));
        has_info.then(|| Self(metadata.to_owned()))
    }

    /// Parses the outline. Returns `None` for other metadata.
    pub(crate) fn outline(&self) -> Option<Outline> {
        let metadata: Metadata = yaml::read(&self.0).ok()?;
        Some(metadata.info.body)
    }
}

/// Why a snapshot cannot be loaded.
pub(super) enum LoadError {
    /// The file cannot be read.
    Read(io::Error),
    /// The file is not a snapshot.
    Syntax(Box<Diagnostic>),
}

/// Reads a snapshot, or `None` if the file does not exist.
pub(super) fn load(path: &Path) -> Result<Option<Stored>, LoadError> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = name.to_string_lossy().into_owned();
    let broken = |message: String| {
        LoadError::Syntax(Box::new(
            Diagnostic::in_file(
                format!("snapshots/{name}"),
                &SNAPSHOT_SYNTAX,
                FILE_START,
                message,
            )
            .help("restore the file, or run `docproof accept`"),
        ))
    };
    let text = match files::read_if_there(path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(broken(error.to_string()));
        }
        Err(error) => return Err(LoadError::Read(error)),
    };
    // insta accepts a truncated file as a whole one.
    let mut fences = text.lines().map(str::trim_end);
    let is_whole = fences.next() == Some("---")
        && fences.any(|line| line == "---")
        && fences.any(|line| !line.is_empty())
        && text.ends_with('\n');
    if !is_whole {
        return Err(broken("this snapshot is truncated or invalid".to_owned()));
    }
    let snapshot = Snapshot::from_file(path)
        .map_err(|_| broken("the metadata of this snapshot is not valid YAML".to_owned()))?;
    let Some(contents) = snapshot.as_text() else {
        return Err(broken("this snapshot is binary".to_owned()));
    };
    let metadata = snapshot.metadata();
    Ok(Some(Stored {
        id: metadata
            .description()
            .map_or_else(|| name.clone(), str::to_owned),
        source: metadata.source().unwrap_or_default().to_owned(),
        contents: contents
            .to_string()
            .replace("\r\n", "\n")
            .trim_end()
            .to_owned(),
        expression: metadata.expression().unwrap_or_default().to_owned(),
        kept: Kept::of(&text),
        path: path.to_owned(),
    }))
}

/// The path of a pending snapshot.
pub(super) fn pending_path(path: &Path) -> PathBuf {
    path.with_extension("snap.new")
}
