//! The members that a type's page documents in its tables. Many resource blocks
//! omit members that the tables list, such as navigation properties.

use std::collections::{HashMap, HashSet};

use crate::check::types::{TypeId, Types, type_name};
use crate::page::markdown::{Document, Row};
use crate::page::resource::Resource;

/// The first words of table rows on the pages of types.
#[derive(Debug, Default)]
pub(crate) struct TableMembers {
    /// For each type, the indexes of the pages that document it.
    pages: HashMap<TypeId, Vec<usize>>,
    /// For each of these pages, the first words of its table rows, and whether
    /// the row says `Duration`.
    words: HashMap<usize, HashMap<String, bool>>,
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
                    let mut words = HashMap::new();
                    for row in rows {
                        let name = row.cells.first().map(|cell| cell.text.split_whitespace());
                        if let Some(name) = name.and_then(|mut words| words.next()) {
                            *words.entry(name.to_owned()).or_insert(false) |= is_duration(row);
                        }
                    }
                    words
                });
            }
        }
        known
    }

    /// Whether the page of a type or of one of its base types lists a member.
    pub(crate) fn list(&self, types: &Types, id: TypeId, key: &str) -> bool {
        let is_key = |id: TypeId| self.keys.contains(&(id, key.to_owned()));
        line(types, id).any(is_key) || self.has_row(types, id, key)
    }

    /// Whether a row of a table on one of these pages is about a member.
    pub(crate) fn has_row(&self, types: &Types, id: TypeId, key: &str) -> bool {
        self.rows(types, id, key).next().is_some()
    }

    /// Whether a table says that a member is a `Duration`.
    pub(crate) fn is_duration(&self, types: &Types, id: TypeId, key: &str) -> bool {
        self.rows(types, id, key).any(|is_duration| is_duration)
    }

    /// For each page of a type and its base types with a row about a member,
    /// whether it says `Duration`.
    fn rows(&self, types: &Types, id: TypeId, key: &str) -> impl Iterator<Item = bool> {
        let pages = line(types, id)
            .filter_map(move |id| self.pages.get(&id))
            .flatten();
        pages.filter_map(move |page| self.words.get(page)?.get(key).copied())
    }
}

/// A type and its base types.
fn line(types: &Types, id: TypeId) -> impl Iterator<Item = TypeId> {
    std::iter::successors(Some(id), move |id| types.base(*id)).take(DEPTH)
}

fn is_duration(row: &Row) -> bool {
    let mut cells = row.cells.iter().skip(1).map(|cell| cell.text.trim());
    cells.any(|text| {
        ["Duration", "Edm.Duration"]
            .iter()
            .any(|it| text.eq_ignore_ascii_case(it))
    })
}
