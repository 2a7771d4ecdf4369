//! The settings of a check, from `docproof.toml` and from API Doctor's
//! configuration files in the docs. `docproof.toml` takes precedence.

use crate::check::rules::{Settings, api_doctor};
use crate::cli::docs::Docs;
use crate::page::reader::is_annotated;
use crate::page::skipped;
use crate::page::survey;
use crate::project::config::Config;
use crate::text::finding::Diagnostic;
use crate::text::source::Page;

/// Reads the settings. Also returns the API Doctor files that were used, and the
/// findings about them.
pub(crate) fn read(
    found: &Docs,
    config: &Config,
    pages: &[Page],
    others: &[String],
) -> (Settings, Vec<String>, Vec<Diagnostic>) {
    let is_unannotated = || !pages.iter().any(is_annotated);
    let mut settings = Settings {
        reader: config.extract.reader_if(is_unannotated),
        ..Settings::default()
    };
    let paths = skipped::json_files(others);
    let files = survey::read_others(&found.root, paths, skipped::MOST_BYTES);
    let (used, findings) = api_doctor::read(&files, &mut settings);
    let check = &config.check;
    let lenient = std::mem::take(&mut settings.levels.lenient);
    settings.levels = check.levels.clone();
    settings.levels.lenient = lenient;
    if let Some(keys) = &check.required_keys {
        settings.required_keys.clone_from(keys);
    }
    if let Some(links) = &check.ignored_links {
        settings.ignored_links.clone_from(links);
    }
    (settings, used, findings)
}
