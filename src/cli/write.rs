//! Writes files, or shows how they would change.

use std::path::Path;

use similar::TextDiff;

use super::exit::Failure;
use super::output::Output;
use crate::report::printable;
use crate::text::files;

/// Writes a file, and creates its folder if needed.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    files::write(path, text).map_err(|error| Failure::write(path, &error))
}

/// Prints how a file would change, as a unified diff.
pub(super) fn diff(
    name: &str,
    before: &str,
    after: &str,
    output: &mut Output,
) -> Result<(), Failure> {
    let diff = TextDiff::from_lines(before, after);
    let unified = diff.unified_diff().header(name, name).to_string();
    for line in unified.split_terminator('\n') {
        // The carriage return of a CRLF belongs to the page; do not escape it.
        let (line, end) = match line.strip_suffix('\r') {
            Some(line) => (line, "\r"),
            None => (line, ""),
        };
        output.line(&format!("{}{end}", printable(line)))?;
    }
    Ok(())
}
