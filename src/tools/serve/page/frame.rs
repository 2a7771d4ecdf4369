//! What all HTML pages share: frame, query and links.

use askama::Template;
use url::form_urlencoded;

use crate::text::finding::Diagnostic;
use crate::tools::serve::state::State;

/// The path prefix of the pages; documented paths with it are not served.
pub(super) const ROOT: &str = "/__docproof";

/// The data of the frame around each page.
pub(super) struct Frame<'a> {
    pub style: &'static str,
    pub script: &'static str,
    /// The active navigation entry.
    pub at: &'static str,
    /// The prefix of a page's path.
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

/// Maximum number of characters to search for: each word is searched in each
/// example.
const MAX_SEARCH: usize = 200;

/// The query parameters of the pages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub q: String,
    pub id: Option<String>,
    /// The number of examples on earlier pages.
    pub from: usize,
    /// Whether only the list is requested.
    pub is_part: bool,
    pub after: Option<u64>,
}

impl Query {
    pub(super) fn read(query: Option<&str>) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*name {
                "q" => read.q = value.trim().chars().take(MAX_SEARCH).collect(),
                "id" => read.id = Some(value.into_owned()),
                // An invalid number means the first page.
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
    // Writing to a string cannot fail.
    template
        .render()
        .expect("writing to a string does not fail")
}

/// The CSS class of a class of statuses.
pub(super) fn class(status: u16) -> &'static str {
    match status {
        2 => "s2",
        3 => "s3",
        4 => "s4",
        5 => "s5",
        _ => "",
    }
}

/// The link to a case.
pub(super) fn case_href(id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("id", id)
        .finish();
    format!("{ROOT}/case?{query}")
}

pub(super) const STYLE: &str = include_str!("../templates/page.css");
pub(super) const SCRIPT: &str = include_str!("../templates/page.js");
