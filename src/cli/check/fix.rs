//! `docproof check --fix`: applies the automatic fixes of findings.

use crate::check::rules::{Checked, apply_fixes};
use crate::cli::docs::Docs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::write as files;
use crate::page::survey;
use crate::report::plural;
use crate::report::printable;
use crate::text::source::Page;

/// Maximum number of rounds. A fix can reveal another finding in the same bytes.
const ROUNDS: usize = 8;

/// A page with applied fixes.
pub(super) struct Fixed {
    /// The index of the page.
    index: usize,
    /// The text of its file.
    before: String,
    /// The number of fixed findings.
    count: usize,
}

/// Applies automatic fixes to the pages in memory until none is left.
pub(super) fn all(
    pages: &mut [Page],
    checked: &mut Checked,
    check: impl Fn(&[Page]) -> Checked,
) -> Vec<Fixed> {
    let mut fixed: Vec<Fixed> = Vec::new();
    for _ in 0..ROUNDS {
        let mut is_done = true;
        for findings in checked.findings.chunk_by(|a, b| a.file == b.file) {
            let Ok(index) = pages.binary_search_by(|page| page.path.cmp(&findings[0].file)) else {
                continue;
            };
            let Some((text, count)) = apply_fixes(&pages[index], findings) else {
                continue;
            };
            is_done = false;
            let path = pages[index].path.clone();
            let before = std::mem::replace(&mut pages[index], Page::new(path, text));
            match fixed.iter_mut().find(|fixed| fixed.index == index) {
                Some(fixed) => fixed.count += count,
                None => fixed.push(Fixed {
                    index,
                    before: before.text,
                    count,
                }),
            }
        }
        if is_done {
            break;
        }
        *checked = check(pages);
    }
    fixed.sort_by_key(|fixed| fixed.index);
    fixed
}

/// Writes the fixed pages, or prints a diff. A page that changed during the run is
/// not overwritten.
pub(super) fn write(
    fixed: &[Fixed],
    pages: &[Page],
    dry_run: bool,
    docs: &Docs,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut is_skipped = false;
    for Fixed {
        index,
        before,
        count,
    } in fixed
    {
        let page = &pages[*index];
        let name = docs.file(&page.path);
        if dry_run {
            files::diff(&name, before, &page.text, output)?;
            continue;
        }
        let file = survey::PageFile {
            path: page.path.clone(),
            file: docs.path(&page.path),
        };
        if !survey::read(&file).is_ok_and(|now| now.text == *before) {
            output.note(&format!(
                "{}: not written: the file changed during the run",
                printable(&name)
            ));
            is_skipped = true;
            continue;
        }
        files::file(&file.file, &page.text)?;
        let count = plural(*count, "finding");
        output.note(&format!("{}: fixed {count}", printable(&name)));
    }
    if is_skipped {
        return Err(Failure::new(
            Exit::Failed,
            "some pages were not written because they changed during the run",
        )
        .help("run the command again"));
    }
    Ok(())
}
