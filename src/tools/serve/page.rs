//! The pages for people, under `/__docproof/`: the documented examples, each
//! by itself, and the log of requests.
//!
//! They are whole without a script, which only saves waiting. All of their
//! text may be hostile, be it a page's or a request's: templates escape it, and
//! the browser is told to run nothing but the one script (CSP, level 3).

mod examples;
mod log;

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::State;
use crate::page::case::Case;
use crate::text::finding::Diagnostic;

/// What the paths of the pages begin with; a documented one that does is not
/// served.
const ROOT: &str = "/__docproof";

const STYLE: &str = include_str!("templates/page.css");
const SCRIPT: &str = include_str!("templates/page.js");

/// What the pages say of the server.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The docs, as the user names them; what stands before a page's path.
    pub docs: String,
    /// The server's base URL, without a slash at its end.
    pub base: String,
    /// A case's request to a base URL as a command of curl, or why there is none.
    pub curl: fn(&Case, &str) -> Result<String, String>,
}

/// What all pages have.
struct Frame<'a> {
    style: &'static str,
    script: &'static str,
    /// Which of the pages it is.
    at: &'static str,
    /// What stands before the path of a page.
    docs: String,
    base: &'a str,
    stale: &'a [Diagnostic],
}

impl<'a> Frame<'a> {
    fn new(state: &'a State, stale: &'a [Diagnostic], at: &'static str) -> Self {
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

/// A page that is not there.
#[derive(Template)]
#[template(path = "none.html", config = "src/tools/serve/templates/askama.toml")]
struct Nothing<'a> {
    frame: Frame<'a>,
    what: &'static str,
}

/// The answer to a GET of a path, if it is one of these pages.
pub(crate) fn reply(state: &State, path: &str, query: Option<&str>) -> Option<Response<Bytes>> {
    let below = path.strip_prefix(ROOT)?;
    let query = Query::read(query);
    Some(match below {
        "" => moved(),
        "/" => page(StatusCode::OK, examples::list(state, &query)),
        "/case" => match query.id.as_deref().and_then(|id| examples::case(state, id)) {
            Some(text) => page(StatusCode::OK, text),
            None => nothing(state, "There is no such example"),
        },
        "/log" => page(StatusCode::OK, log::log(state, query.after)),
        _ if below.starts_with('/') => nothing(state, "There is no such page"),
        _ => return None,
    })
}

/// What a query asks of the pages.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    q: String,
    id: Option<String>,
    /// How many examples stand on earlier pages.
    from: usize,
    /// Whether the list alone is asked for.
    is_part: bool,
    after: Option<u64>,
}

impl Query {
    fn read(query: Option<&str>) -> Self {
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

fn nothing(state: &State, what: &'static str) -> Response<Bytes> {
    let stale = state.stale();
    let frame = Frame::new(state, &stale, "");
    page(StatusCode::NOT_FOUND, text(&Nothing { frame, what }))
}

fn moved() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let target = HeaderValue::from_static("/__docproof/");
    response.headers_mut().insert(header::LOCATION, target);
    response
}

fn text(template: &impl Template) -> String {
    // Only what writes into something else than a text can fail.
    template.render().expect("a text takes all that is written")
}

fn page(status: StatusCode, text: String) -> Response<Bytes> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(headers);
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    *response.headers_mut() = HEADERS.clone();
    response
}

/// What browsers are told of each page. Nothing of it comes from elsewhere, and
/// nothing else may show it or read it.
fn headers() -> HeaderMap {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &policy),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ]
    .into_iter()
    .map(|(name, value)| {
        let value = HeaderValue::from_str(value).expect("Base64 and plain text");
        (HeaderName::from_static(name), value)
    })
    .collect()
}

/// The class of a status, as the style calls it.
fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "s2",
        300..=399 => "s3",
        400..=499 => "s4",
        500..=599 => "s5",
        _ => "",
    }
}

/// The page of a case.
fn case_href(id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("id", id)
        .finish();
    format!("{ROOT}/case?{query}")
}

#[cfg(test)]
mod tests;
