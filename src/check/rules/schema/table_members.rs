//! The members that a type's page documents in its tables. Many resource blocks
//! omit members that the tables list, such as navigation properties.

use std::collections::{HashMap, HashSet};

use crate::check::types::{TypeId, Types, type_name};
use crate::page::markdown::Document;
use crate::page::resource::Resource;

/// The first words of table rows on the pages of types.
#[derive(Debug, Default)]
pub(crate) struct TableMembers {
    /// For each type, the indexes of the pages that document it.
    pages: HashMap<TypeId, Vec<usize>>,
    /// For each of these pages, the first words of its table rows.
    words: HashMap<usize, HashSet<String>>,
    /// The key members of resources (`keyProperty`).
    keys: HashSet<(TypeId, String)>,
}

/// Maximum inheritance depth; deeper is cyclic or malicious.
const DEPTH: usize = 32;

impl TableMembers {
    /// Reads the tables of all pages that document a type.
    pub(crate) fn new<'d>(
        types: &Types,
        pages: impl Iterator<Item = (&'d Document<'d>, &'d [Resource])>,
    ) -> Self {
        let mut known = Self::default();
        for (at, (document, resources)) in pages.enumerate() {
            for resource in resources {
                let Some(id) = type_name(&resource.keys).and_then(|name| types.find(name)) else {
                    continue;
                };
                let pages = known.pages.entry(id).or_default();
                if pages.last() != Some(&at) {
                    pages.push(at);
                }
                if let Some(key) = resource.keys.get("keyProperty") {
                    let keys = key.as_str().unwrap_or_default().split(',');
                    known
                        .keys
                        .extend(keys.map(|key| (id, key.trim().to_owned())));
                }
                known.words.entry(at).or_insert_with(|| {
                    let rows = document.tables.iter().flat_map(|table| &table.rows);
                    let first = rows.filter_map(|row| row.cells.first());
                    first
                        .filter_map(|cell| cell.text.split_whitespace().next())
                        .map(str::to_owned)
                        .collect()
                });
            }
        }
        known
    }

    /// Whether the page of a type or of one of its base types lists a member.
    pub(crate) fn list(&self, types: &Types, id: TypeId, key: &str) -> bool {
        let line = std::iter::successors(Some(id), |id| types.base(*id)).take(DEPTH);
        line.into_iter().any(|id| {
            let pages = self.pages.get(&id).into_iter().flatten();
            self.keys.contains(&(id, key.to_owned()))
                || pages
                    .filter_map(|page| self.words.get(page))
                    .any(|words| words.contains(key))
        })
    }
}
