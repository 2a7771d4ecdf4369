//! The HTML pages under `/__docproof/`: the documented examples and the request
//! log.
//!
//! They work without the script. All of their text may be hostile, because it
//! comes from pages and requests: templates escape it, and a content security
//! policy (CSP level 3) permits only the one script.

mod examples;
mod frame;
mod log;
mod problems;

use std::sync::LazyLock;

use crate::text::digest::sha256;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::state::State;
use frame::{Frame, Query, ROOT, SCRIPT, STYLE, text};

/// The page for an unknown path.
#[derive(Template)]
#[template(path = "none.html", config = "src/tools/serve/templates/askama.toml")]
struct Nothing<'a> {
    frame: Frame<'a>,
    what: &'static str,
}

/// Responds to a GET request if its path belongs to these pages.
pub(crate) fn reply(state: &State, path: &str, query: Option<&str>) -> Option<Response<Bytes>> {
    let below = path.strip_prefix(ROOT)?;
    let query = Query::read(query);
    Some(match below {
        "" => moved(),
        "/" => page(StatusCode::OK, examples::list(state, &query)),
        "/case" => match query.id.as_deref().and_then(|id| examples::case(state, id)) {
            Some(text) => page(StatusCode::OK, text),
            None => nothing(state, "Example not found"),
        },
        "/problems" => page(StatusCode::OK, problems::problems(state)),
        "/log" => page(StatusCode::OK, log::log(state, query.after)),
        _ if below.starts_with('/') => nothing(state, "Page not found"),
        _ => return None,
    })
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

fn page(status: StatusCode, text: String) -> Response<Bytes> {
    static HEADERS: LazyLock<HeaderMap> = LazyLock::new(headers);
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    *response.headers_mut() = HEADERS.clone();
    response
}

/// The header fields of each page: they load nothing from elsewhere, and no
/// other site may embed or read them.
fn headers() -> HeaderMap {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(text.as_bytes())));
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

#[cfg(test)]
mod tests;
