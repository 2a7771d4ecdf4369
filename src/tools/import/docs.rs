//! The documented requests that scenarios refer to.

use std::collections::HashMap;

use super::place::{Out, Place};
use crate::page::case::Case;

/// The documented requests by name; `None` without docs.
#[derive(Debug, Default)]
pub(crate) struct Docs<'a>(Option<HashMap<&'a str, Vec<&'a Case>>>);

impl<'a> Docs<'a> {
    /// Creates an index of these cases.
    pub(crate) fn new(cases: &'a [Case]) -> Self {
        let mut by_name: HashMap<&str, Vec<&Case>> = HashMap::new();
        for case in cases {
            if let Some(name) = &case.name {
                by_name.entry(name).or_default().push(case);
            }
        }
        Self(Some(by_name))
    }

    /// Returns the name of the documented request for our files, and its case.
    /// Of several with the name, API Doctor takes the first.
    pub(super) fn find(
        &self,
        name: &str,
        place: &Place,
        out: &mut Out,
    ) -> (String, Option<&'a Case>) {
        let Some(by_name) = &self.0 else {
            return (name.to_owned(), None);
        };
        match by_name.get(name).map(Vec::as_slice) {
            Some([case]) => (case.id.clone(), Some(case)),
            Some(cases @ [first, ..]) => {
                let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
                let why = format!(
                    "several pages document `{name}`; use one of {}",
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
