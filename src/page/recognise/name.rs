//! The names of recognised examples.

use std::collections::HashSet;

/// The maximum length of a name, in bytes.
const LONGEST: usize = 60;

/// Gives each example of a page a unique name.
#[derive(Debug, Default)]
pub(super) struct Names {
    used: HashSet<String>,
}

impl Names {
    /// Names that are taken.
    pub(super) fn with(used: HashSet<String>) -> Self {
        Self { used }
    }

    /// A free name from the heading of an operation.
    pub(super) fn next(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let mut name = slug.clone();
        let mut number = 1;
        while !self.used.insert(name.clone()) {
            number += 1;
            name = format!("{slug}-{number}");
        }
        name
    }
}

/// The words of a heading in lower case, joined by hyphens.
fn slug(heading: &str) -> String {
    let lower = heading.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric());
    let mut slug = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if slug.len() + word.len() >= LONGEST && !slug.is_empty() {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    // A number is the id of an example without a name.
    if slug.bytes().all(|byte| byte.is_ascii_digit()) {
        slug.insert_str(
            0,
            if slug.is_empty() {
                "example"
            } else {
                "example-"
            },
        );
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_slugs_of_headings() {
        let mut names = Names::with(HashSet::from(["get-a".to_owned()]));
        assert_eq!(names.next("Get /a!"), "get-a-2");
        assert_eq!(names.next("Get /a!"), "get-a-3");
        assert_eq!(names.next("2"), "example-2");
        assert_eq!(names.next("…"), "example");
        assert!(names.next(&"word ".repeat(99)).len() <= LONGEST);
    }
}
