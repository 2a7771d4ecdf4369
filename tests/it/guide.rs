//! The guides: their commands print what they show.
#![cfg(unix)]

use crate::readme::check_examples;
use crate::support::Project;

#[test]
fn the_tutorial_prints_what_it_shows() {
    check_examples(include_str!("../../docs/tutorial.md"), &Project::new());
}
