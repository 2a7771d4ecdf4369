//! The page that documents the types of problems.

use askama::Template;

use super::frame::{Frame, text};
use crate::run::mock::ProblemType;
use crate::tools::serve::state::State;

/// The page of the book with all types; a heading of level 2 begins each.
const PAGE: &str = include_str!("../../../../docs/problems.md");

#[derive(Template)]
#[template(
    path = "problems.html",
    config = "src/tools/serve/templates/askama.toml"
)]
struct Problems<'a> {
    frame: Frame<'a>,
    sections: [Section; ProblemType::ALL.len()],
}

/// The documentation of a type.
struct Section {
    problem: ProblemType,
    paragraphs: Vec<&'static str>,
}

/// Renders the page.
pub(super) fn problems(state: &State) -> String {
    let stale = state.stale();
    text(&Problems {
        frame: Frame::new(state, &stale, "problems"),
        sections: ProblemType::ALL.map(Section::of),
    })
}

impl Section {
    fn of(problem: ProblemType) -> Self {
        let heading = format!("\n## {}\n", problem.name());
        let section = PAGE
            .split_once(heading.as_str())
            .map_or("", |(_, section)| section);
        let text = section.split("\n## ").next().unwrap_or_default().trim();
        Self {
            problem,
            paragraphs: text.split("\n\n").collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_each_type_with_its_status() {
        for problem in ProblemType::ALL {
            let status = problem.status().as_u16().to_string();
            let paragraphs = Section::of(problem).paragraphs;
            let has_status = paragraphs.iter().any(|text| text.contains(&status));
            assert!(has_status, "{} lacks {status}", problem.name());
        }
        let headings = PAGE.split("\n## ").skip(1);
        let documented: Vec<_> = headings.filter_map(|text| text.lines().next()).collect();
        assert_eq!(documented, ProblemType::ALL.map(ProblemType::name));
    }
}
