//! What all pages for people share: their frame, their query and their links.

use askama::Template;
use url::form_urlencoded;

use crate::text::finding::Diagnostic;
use crate::tools::serve::state::State;

/// What the paths of the pages begin with; a documented one that does is not
/// served.
pub(super) const ROOT: &str = "/__docproof";

/// What all pages have.
pub(super) struct Frame<'a> {
    pub style: &'static str,
    pub script: &'static str,
    /// Which of the pages it is.
    pub at: &'static str,
    /// What stands before the path of a page.
    pub docs: String,
    pub base: &'a str,
    pub stale: &'a [Diagnostic],
}

impl<'a> Frame<'a> {
    pub(super) fn new(state: &'a State, stale: &'a [Diagnostic], at: &'static str) -> Self {
        let docs = state.about.docs.trim_end_matches('/');
        Self {
            style: STYLE,
            script: SCRIPT,
            at,
            docs: match docs {
                "" => String::new(),
                folder => format!("{folder}/"),
            },
            base: &state.about.base,
            stale,
        }
    }
}

/// What a query asks of the pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub q: String,
    pub id: Option<String>,
    /// How many examples stand on earlier pages.
    pub from: usize,
    /// Whether the list alone is asked for.
    pub is_part: bool,
    pub after: Option<u64>,
}

impl Query {
    pub(super) fn read(query: Option<&str>) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "q" => value.trim().clone_into(&mut read.q),
                "id" => read.id = Some(value.into_owned()),
                // What is no number was not made by these pages: it is the first.
                "from" => read.from = value.parse().unwrap_or_default(),
                "part" => read.is_part = value == "list",
                "after" => read.after = Some(value.parse().unwrap_or_default()),
                _ => {}
            }
        }
        read
    }
}

pub(super) fn text(template: &impl Template) -> String {
    // Only what writes into something else than a text can fail.
    template.render().expect("a text takes all that is written")
}

/// The class of a status, as the style calls it.
pub(super) fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "s2",
        300..=399 => "s3",
        400..=499 => "s4",
        500..=599 => "s5",
        _ => "",
    }
}

/// The page of a case.
pub(super) fn case_href(id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("id", id)
        .finish();
    format!("{ROOT}/case?{query}")
}

pub(super) const STYLE: &str = include_str!("../templates/page.css");
pub(super) const SCRIPT: &str = include_str!("../templates/page.js");
