//! Tests of other tools, turned into ours: API Doctor's scenario files and
//! account files become scenario files and targets.
//!
//! *text → places → definitions → scenarios, targets, losses*: what has no
//! counterpart is a [`Loss`] with its place. A scenario that would not do what
//! it did is written with `skip`, so that nobody runs it by mistake.

mod accounts;
mod grammar;
mod located;
mod place;
mod request;
mod scenarios;
mod targets;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::page::case::Case;
use crate::project::scenario::data::FileData;
use crate::text::source::{Page, Position};
use place::{Out, Place};

pub(crate) use accounts::Target;
pub(crate) use targets::add_targets;

/// What was made of a folder of API Doctor's files.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    /// The scenario files to be written: their paths, and what they say.
    pub files: Vec<(String, FileData)>,
    /// The targets, in the order of their accounts.
    pub targets: Vec<Target>,
    /// What was not carried over, in the order of the files.
    pub losses: Vec<Loss>,
    /// How many files could not be read at all.
    pub unreadable: usize,
    /// How much there was.
    pub counts: Counts,
}

/// How much a folder of API Doctor's files holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Files.
    pub files: usize,
    /// Scenarios.
    pub scenarios: usize,
    /// Canned requests.
    pub canned_requests: usize,
    /// Accounts.
    pub accounts: usize,
}

/// Something that has no counterpart, or another than it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// The file.
    pub file: Arc<str>,
    /// Where it stands.
    pub at: Position,
    /// The keys that lead to it, such as `scenarios[0].request-parameters.!url`.
    pub key: String,
    /// Why, and what to do.
    pub why: String,
}

/// The documented requests by their names; or nothing, where no docs are at
/// hand.
#[derive(Debug, Default)]
pub(crate) struct Docs<'a>(Option<HashMap<&'a str, Vec<&'a Case>>>);

impl<'a> Docs<'a> {
    /// The docs that these cases are.
    pub(crate) fn new(cases: &'a [Case]) -> Self {
        let mut by_name: HashMap<&str, Vec<&Case>> = HashMap::new();
        for case in cases {
            if let Some(name) = &case.name {
                by_name.entry(name).or_default().push(case);
            }
        }
        Self(Some(by_name))
    }

    /// What our files call the method that `place` names, and what it is: of
    /// several, the first, as API Doctor has it.
    fn find(&self, name: &str, place: &Place, out: &mut Out) -> (String, Option<&'a Case>) {
        let Some(by_name) = &self.0 else {
            return (name.to_owned(), None);
        };
        match by_name.get(name).map(Vec::as_slice) {
            Some([case]) => (case.id.clone(), Some(case)),
            Some(cases @ [first, ..]) => {
                let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
                let why = format!(
                    "several pages document a `{name}`: write one of {}",
                    ids.join(", ")
                );
                out.note(place, why);
                (name.to_owned(), Some(first))
            }
            _ => {
                out.note(place, format!("no page documents a request `{name}`"));
                (name.to_owned(), None)
            }
        }
    }
}

/// Turns API Doctor's files into ours. The pages' paths are relative to their
/// folder, and name the files that are written.
pub(crate) fn api_doctor(pages: &[Page], docs: &Docs) -> Imported {
    let mut imported = Imported::default();
    let mut read = Vec::with_capacity(pages.len());
    for page in pages {
        imported.counts.files += 1;
        match located::read(&page.text) {
            Ok((node, repeated)) => read.push((page, node, repeated)),
            Err(error) => {
                imported.unreadable += 1;
                imported.losses.push(Loss {
                    file: page.path.clone(),
                    at: page.position(error.at),
                    key: "the file".to_owned(),
                    why: format!("it is no JSON: {}", error.message),
                });
            }
        }
    }
    let mut out = Out::default();
    for (page, node, repeated) in &read {
        let root = Place::root(page, node);
        for (at, key) in repeated {
            let why = "it stands twice, and the last one holds, as in API Doctor";
            out.note_at(page, *at, key.clone(), why);
        }
        top_level(&root, &mut out);
        for account in root.list("accounts", &mut out) {
            imported.counts.accounts += 1;
            imported
                .targets
                .extend(accounts::target(&account, &mut out));
        }
    }
    let roots: Vec<Place> = read
        .iter()
        .map(|(page, node, _)| Place::root(page, node))
        .collect();
    imported.files = scenarios::files(&roots, docs, &mut imported.counts, &mut out);
    imported.losses.append(&mut out.losses);
    let file = |loss: &Loss| pages.iter().position(|page| page.path == loss.file);
    imported
        .losses
        .sort_by_key(|loss| (file(loss), loss.at.line, loss.at.column));
    imported
}

/// Names the keys of a file that hold neither scenarios nor accounts.
fn top_level(root: &Place, out: &mut Out) {
    let Some(members) = root.members() else {
        out.note(root, "it is no object, so it is none of API Doctor's files");
        return;
    };
    for member in members {
        let why = match member.name() {
            "scenarios" | "canned-requests" | "accounts" => continue,
            "checkServiceEnabledBranches" => "which branches are tested is for CI to say",
            "api-requirements" => "rules of style for the docs have no counterpart",
            _ => "it is no key of scenario or account files",
        };
        out.note(&member, why);
    }
}

/// A value as a text, as Json.NET reads one where a text is asked for.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
