//! `docproof check --fix`.

use crate::check::rules::{Checked, mend};
use crate::cli::docs::Docs;
use crate::cli::fix::{diff, write as write_page};
use crate::cli::output::Output;
use crate::cli::{Exit, Failure};
use crate::page::collect;
use crate::report::pretty::plural;
use crate::report::printable;
use crate::text::source::Page;

/// Mends are made this often: one can bring out another, in the same bytes.
const ROUNDS: usize = 8;

/// A page that was mended.
pub(super) struct Fixed {
    /// Its place among the pages.
    at: usize,
    /// What its file says.
    before: String,
    /// How many findings were mended.
    mended: usize,
}

/// Mends the pages, in memory, until nothing is left that has one right answer.
pub(super) fn all(
    pages: &mut [Page],
    checked: &mut Checked,
    check: impl Fn(&[Page]) -> Checked,
) -> Vec<Fixed> {
    let mut fixed: Vec<Fixed> = Vec::new();
    for _ in 0..ROUNDS {
        let mut is_done = true;
        for findings in checked.findings.chunk_by(|a, b| a.file == b.file) {
            let Ok(at) = pages.binary_search_by(|page| page.path.cmp(&findings[0].file)) else {
                continue;
            };
            let Some((text, mended)) = mend(&pages[at], findings) else {
                continue;
            };
            is_done = false;
            let path = pages[at].path.clone();
            let before = std::mem::replace(&mut pages[at], Page::new(path, text));
            match fixed.iter_mut().find(|fixed| fixed.at == at) {
                Some(fixed) => fixed.mended += mended,
                None => fixed.push(Fixed {
                    at,
                    before: before.text,
                    mended,
                }),
            }
        }
        if is_done {
            break;
        }
        *checked = check(pages);
    }
    fixed.sort_by_key(|fixed| fixed.at);
    fixed
}

/// Writes the pages that were mended, or shows what would be written. A page
/// that another hand changed meanwhile is left alone.
pub(super) fn write(
    fixed: &[Fixed],
    pages: &[Page],
    dry_run: bool,
    docs: &Docs,
    output: &mut Output,
) -> Result<(), Failure> {
    let mut is_left = false;
    for Fixed { at, before, mended } in fixed {
        let page = &pages[*at];
        let name = docs.file(&page.path);
        if dry_run {
            diff(&name, before, &page.text, output)?;
            continue;
        }
        let file = collect::PageFile {
            path: page.path.clone(),
            file: docs.path(&page.path),
        };
        if !collect::read(&file).is_ok_and(|now| now.text == *before) {
            output.note(&format!(
                "{}: not written: it changed since it was read",
                printable(&name)
            ));
            is_left = true;
            continue;
        }
        write_page(&file.file, &page.text)?;
        let mended = plural(*mended, "finding");
        output.note(&format!("{}: {mended} mended", printable(&name)));
    }
    if is_left {
        return Err(Failure::new(
            Exit::Failed,
            "some pages were not written, as they changed since they were read",
        )
        .help("run it again"));
    }
    Ok(())
}
