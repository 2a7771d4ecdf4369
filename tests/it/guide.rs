//! The guides: what they show is what happens.
#![cfg(unix)]

use crate::readme::check_examples;
use crate::support::Project;

#[test]
fn the_tutorial_runs_as_it_is_shown() {
    check_examples(include_str!("../../docs/tutorial.md"), &Project::new());
}
