//! Names for generated variables and steps.

use std::collections::{BTreeMap, BTreeSet};

/// Assigns unique names.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// Assigned names by purpose. The same purpose gets the same name.
    given: BTreeMap<String, String>,
}

impl Names {
    /// Creates names that avoid the taken ones.
    pub(super) fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self {
            taken: taken.into_iter().collect(),
            given: BTreeMap::new(),
        }
    }

    /// Returns the name for `what`: the wanted one, with a number if it is
    /// taken.
    pub(super) fn name(&mut self, what: &str, wanted: &str) -> String {
        if let Some(name) = self.given.get(what) {
            return name.clone();
        }
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let name = std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| !self.taken.contains(name))
            .expect("an unused number");
        self.taken.insert(name.clone());
        self.given.insert(what.to_owned(), name.clone());
        name
    }
}

/// Returns the singular of a collection: `thing` for `things`.
pub(super) fn singular(collection: &str) -> String {
    let word = kebab(collection);
    let cut = |ending: &str| word.strip_suffix(ending).filter(|word| word.len() > 1);
    if let Some(stem) = cut("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if let Some(stem) = cut("es").filter(|_| word.ends_with(ending)) {
            return stem.to_owned();
        }
    }
    match cut("s") {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ if word.is_empty() => "item".to_owned(),
        _ => word,
    }
}

/// Converts a word to kebab case: `user-principal-name` for
/// `userPrincipalName`.
pub(super) fn kebab(word: &str) -> String {
    let mut text = String::new();
    let mut was_lower = false;
    for c in word.chars() {
        if !c.is_ascii_alphanumeric() {
            if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
            was_lower = false;
            continue;
        }
        if c.is_ascii_uppercase() && was_lower {
            text.push('-');
        }
        was_lower = !c.is_ascii_uppercase();
        text.push(c.to_ascii_lowercase());
    }
    text.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_the_singular() {
        for (many, one) in [
            ("things", "thing"),
            ("todoLists", "todo-list"),
            ("policies", "policy"),
            ("classes", "class"),
            ("access", "access"),
            ("mailboxes", "mailbox"),
            ("$refs", "ref"),
            ("s", "s"),
            ("{}", "item"),
            ("URLs", "url"),
        ] {
            assert_eq!(singular(many), one);
        }
    }

    #[test]
    fn assigns_unique_names() {
        let mut names = Names::new(["a".to_owned()]);
        assert_eq!(names.name("/x", "a"), "a-2");
        assert_eq!(names.name("/y", "a"), "a-3");
        assert_eq!(names.name("/x", "a"), "a-2");
    }
}
