//! What a type's page documents beside its resource block: many a block leaves
//! out what the tables under it list, navigation properties above all.

use std::collections::{HashMap, HashSet};

use crate::check::rules::Site;
use crate::check::types::{TypeId, type_name};

/// The words that the tables of the types' pages begin their rows with.
#[derive(Debug, Default)]
pub(crate) struct TableWords {
    /// For each type the pages that document it, by their places in the site.
    pages: HashMap<TypeId, Vec<usize>>,
    /// For each such page its words.
    words: HashMap<usize, HashSet<String>>,
    /// The members that a resource names as its keys, by their types.
    keys: HashSet<(TypeId, String)>,
}

/// Types inherit so deep; what is deeper is a circle.
const DEPTH: usize = 32;

impl TableWords {
    /// Reads the tables of all pages that document a type.
    pub(crate) fn new(site: &Site<'_>) -> Self {
        let mut known = Self::default();
        for (at, parsed) in site.pages.iter().enumerate() {
            for resource in site.resources_of(parsed.page) {
                let Some(id) = type_name(&resource.keys).and_then(|name| site.types.find(name))
                else {
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
                    let rows = parsed.document.tables.iter().flat_map(|table| &table.rows);
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

    /// Whether the page of a type, or of one that it inherits from, lists a
    /// member.
    pub(crate) fn list(&self, site: &Site<'_>, id: TypeId, key: &str) -> bool {
        let line = std::iter::successors(Some(id), |id| site.types.base(*id)).take(DEPTH);
        line.into_iter().any(|id| {
            let pages = self.pages.get(&id).into_iter().flatten();
            self.keys.contains(&(id, key.to_owned()))
                || pages
                    .filter_map(|page| self.words.get(page))
                    .any(|words| words.contains(key))
        })
    }
}
