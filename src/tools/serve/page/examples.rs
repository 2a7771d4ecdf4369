//! The list of documented examples with its search, and the page of one
//! example.

use std::fmt::Write as _;

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::frame::{Frame, Query, ROOT, case_href, class, text};
use crate::http::message::Headers;
use crate::page::case::Case;
use crate::tools::serve::state::State;

/// Maximum number of examples on a page; more would slow down browsers.
const MAX_EXAMPLES: usize = 200;
/// Maximum size of a displayed body, in bytes.
const MAX_BODY: usize = 100_000;

#[derive(Template)]
#[template(
    path = "examples.html",
    config = "src/tools/serve/templates/askama.toml"
)]
struct Examples<'a> {
    frame: Frame<'a>,
    docs: &'a str,
    total: String,
    list: List<'a>,
}

/// The list alone, for the script.
#[derive(Template)]
#[template(path = "list.html", config = "src/tools/serve/templates/askama.toml")]
struct ListOnly<'a> {
    list: List<'a>,
}

struct List<'a> {
    q: &'a str,
    /// The number of examples that match the search.
    found: usize,
    /// The numbers of the first and last listed example.
    first: usize,
    last: usize,
    groups: Vec<Group<'a>>,
    previous: Option<String>,
    next: Option<String>,
}

/// The examples of one page of the docs.
struct Group<'a> {
    page: &'a str,
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    case: &'a Case,
    /// Scheme and host of the target, displayed less prominently.
    origin: &'a str,
    rest: &'a str,
    href: String,
    status: String,
    class: &'static str,
    hits: u64,
    curl: Option<String>,
}

#[derive(Template)]
#[template(path = "case.html", config = "src/tools/serve/templates/askama.toml")]
struct Example<'a> {
    frame: Frame<'a>,
    case: &'a Case,
    class: &'static str,
    hits: u64,
    curl: Result<String, String>,
    prefer: String,
    request: String,
    documented: Option<String>,
}

/// Renders the examples that match the search.
pub(super) fn list(state: &State, query: &Query) -> String {
    let table = state.table();
    let list = List::new(state, table.cases(), query);
    if query.is_part {
        return text(&ListOnly { list });
    }
    let stale = state.stale();
    let total = table.cases().len();
    text(&Examples {
        frame: Frame::new(state, &stale, "examples"),
        docs: match state.about.docs.as_str() {
            "" => ".",
            docs => docs,
        },
        total: match total {
            1 => "1 example".to_owned(),
            _ => format!("{total} examples"),
        },
        list,
    })
}

/// Renders an example, if it exists.
pub(super) fn case(state: &State, id: &str) -> Option<String> {
    let table = state.table();
    let case = table.cases().iter().find(|case| case.id == id)?;
    let stale = state.stale();
    let response = case.response.as_ref();
    let request = &case.request;
    Some(text(&Example {
        frame: Frame::new(state, &stale, "examples"),
        case,
        class: response.map_or("", |response| class(response.message.status.class())),
        hits: state.traffic.hits(id),
        curl: (state.about.curl)(case, &state.about.base),
        prefer: format!("Prefer: case={}", preference(id)),
        request: message(
            &format!("{} {}", request.method, request.target),
            &request.headers,
            request.body.as_deref(),
        ),
        documented: response.map(|response| {
            let response = &response.message;
            let start = match &response.reason {
                Some(reason) => format!("{} {reason}", response.status),
                None => response.status.to_string(),
            };
            message(&start, &response.headers, response.body.as_deref())
        }),
    }))
}

impl<'a> List<'a> {
    fn new(state: &State, cases: &'a [Case], query: &'a Query) -> Self {
        let words: Vec<String> = query.q.split_whitespace().map(str::to_lowercase).collect();
        let mut hay = String::new();
        let found: Vec<&Case> = cases
            .iter()
            .filter(|case| has(case, &words, &mut hay))
            .collect();
        // An offset past the end is from before a reload.
        let from = if query.from < found.len() {
            query.from
        } else {
            0
        };
        let listed = &found[from..found.len().min(from.saturating_add(MAX_EXAMPLES))];
        let href = |from: usize| {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &query.q)
                .append_pair("from", &from.to_string())
                .finish();
            format!("{ROOT}/?{query}")
        };
        let last = from + listed.len();
        Self {
            q: &query.q,
            found: found.len(),
            first: from + 1,
            last,
            groups: listed
                .chunk_by(|one, other| one.page == other.page)
                .map(|cases| Group {
                    page: &cases[0].page,
                    rows: cases.iter().map(|case| Row::new(state, case)).collect(),
                })
                .collect(),
            previous: (from > 0).then(|| href(from.saturating_sub(MAX_EXAMPLES))),
            next: (last < found.len()).then(|| href(last)),
        }
    }
}

impl<'a> Row<'a> {
    fn new(state: &State, case: &'a Case) -> Self {
        let status = case
            .response
            .as_ref()
            .map(|response| response.message.status);
        let (origin, rest) = split_origin(&case.request.target);
        Self {
            case,
            origin,
            rest,
            href: case_href(&case.id),
            status: status.map_or("–".to_owned(), |status| status.to_string()),
            class: status.map_or("", |status| class(status.class())),
            hits: state.traffic.hits(&case.id),
            curl: (state.about.curl)(case, &state.about.base).ok(),
        }
    }
}

/// Splits a target into origin and path.
fn split_origin(target: &str) -> (&str, &str) {
    let path = target.split_once("://").and_then(|(scheme, rest)| {
        let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let path = rest.find('/').filter(|_| is_scheme)?;
        Some(target.len() - rest.len() + path)
    });
    target.split_at(path.unwrap_or_default())
}

/// Whether a case contains all words, case-insensitive.
fn has(case: &Case, words: &[String], hay: &mut String) -> bool {
    if words.is_empty() {
        return true;
    }
    hay.clear();
    let _ = write!(
        hay,
        "{} {} {} {}:{}",
        case.request.method, case.request.target, case.id, case.page, case.line
    );
    if let Some(response) = &case.response {
        let _ = write!(hay, " {}", response.message.status);
    }
    let hay = hay.to_lowercase();
    words.iter().all(|word| hay.contains(word.as_str()))
}

/// A case's id as a preference value (RFC 7240, 2): quoted, or percent-encoded
/// if quoting is not safe there or in a shell.
fn preference(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/:-_.~() ".contains(c);
    if id.chars().all(is_plain) {
        format!("\"{id}\"")
    } else {
        utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
    }
}

/// Formats a documented message as text.
fn message(start: &str, headers: &Headers, body: Option<&str>) -> String {
    let mut text = format!("{start}\n");
    for header in headers {
        let _ = writeln!(text, "{}: {}", header.name, header.value);
    }
    if let Some(body) = body {
        let mut end = body.len().min(MAX_BODY);
        while !body.is_char_boundary(end) {
            end -= 1;
        }
        let _ = write!(text, "\n{}", &body[..end]);
        if end < body.len() {
            let _ = write!(text, "\n… and {} more bytes", body.len() - end);
        }
    }
    text
}
