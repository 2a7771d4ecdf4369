//! Import of tests of other tools: converts API Doctor's scenario files and
//! account files to scenario files and targets.
//!
//! *text → places → definitions → scenarios, targets, losses*: a [`Loss`] has
//! the place of something that cannot be converted. A scenario that would do
//! something else than in API Doctor gets a `skip`.

mod accounts;
mod docs;
mod grammar;
mod place;
mod request;
mod scenarios;
mod targets;

use crate::json;
use crate::project::scenario::data::FileData;
use crate::text::source::Page;
pub(crate) use accounts::Target;
pub(crate) use docs::Docs;
pub(crate) use place::Loss;
use place::{Counts, Out, Place};
pub(crate) use targets::add_targets;

/// The result of an import.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// The scenario files to write: path and content.
    pub files: Vec<(String, FileData)>,
    /// The targets, in the order of the accounts.
    pub targets: Vec<Target>,
    /// What was not converted, in file order.
    pub losses: Vec<Loss>,
    /// Number of files that could not be read.
    pub unreadable: usize,
    /// Number of imported items.
    pub counts: Counts,
}

/// Converts API Doctor's files. Page paths are relative to the folder of the
/// files, and determine the paths of the results.
pub(crate) fn api_doctor(pages: &[Page], docs: &Docs) -> Imported {
    let mut imported = Imported::default();
    let mut out = Out::default();
    let mut read = Vec::with_capacity(pages.len());
    for page in pages {
        out.counts.files += 1;
        match json::read(&page.text) {
            Ok(node) => read.push((page, node)),
            Err(error) => {
                imported.unreadable += 1;
                out.losses.push(Loss {
                    file: page.path.clone(),
                    at: page.position(error.at),
                    key: "the file".to_owned(),
                    why: format!("not valid JSON: {}", error.message),
                });
            }
        }
    }
    for (page, node) in &read {
        let root = Place::root(page, node);
        for duplicate in node.duplicates() {
            let (at, key) = (duplicate.again.key_range.start, &duplicate.again.key);
            let why = "duplicate key; as in API Doctor, the last value is used";
            out.note_at(page, at, key.to_string(), why);
        }
        top_level(&root, &mut out);
        for account in root.list("accounts", &mut out) {
            out.counts.accounts += 1;
            imported
                .targets
                .extend(accounts::target(&account, &mut out));
        }
    }
    let roots: Vec<Place> = read
        .iter()
        .map(|(page, node)| Place::root(page, node))
        .collect();
    imported.files = scenarios::files(&roots, docs, &mut out);
    imported.counts = out.counts;
    imported.losses = out.losses;
    let file = |loss: &Loss| pages.iter().position(|page| page.path == loss.file);
    imported
        .losses
        .sort_by_key(|loss| (file(loss), loss.at.line, loss.at.column));
    imported
}

/// Reports top-level keys other than scenarios and accounts.
fn top_level(root: &Place, out: &mut Out) {
    let Some(members) = root.members() else {
        out.note(root, "not an object, so not a file of API Doctor");
        return;
    };
    for member in members {
        let why = match member.name() {
            "scenarios" | "canned-requests" | "accounts" => continue,
            "checkServiceEnabledBranches" => "not converted; select the branches to test in CI",
            "api-requirements" => "not converted; style rules have no counterpart",
            _ => "unknown key of a scenario or account file",
        };
        out.note(&member, why);
    }
}

#[cfg(test)]
mod tests;
