//! The guides: their commands print what they show.
#![cfg(unix)]

use crate::readme::{check_examples, project};
use crate::support::Project;

#[test]
fn the_tutorial_prints_what_it_shows() {
    check_examples("docs/tutorial.md", &Project::new());
}

#[test]
fn pages_with_examples_print_what_they_show() {
    for page in [
        "docs/checking.md",
        "docs/comparison.md",
        "docs/live.md",
        "docs/mutants.md",
    ] {
        check_examples(page, &project());
    }
}
