//! Compresses responses with gzip for clients that accept it (RFC 9110,
//! 12.5.3), once for each case.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::http::field::{elements, parameters};
use crate::http::media_type::MediaType;
use crate::run::mock::{Reply, Table};

/// Minimum content length; shorter content fits one packet anyway.
const MIN_LENGTH: usize = 200;

/// The compressed responses of a table, created on demand.
#[derive(Debug, Default)]
pub(super) struct Compressed(Mutex<Option<OfTable>>);

#[derive(Debug)]
struct OfTable {
    table: Arc<Table>,
    /// Compressed content by case.
    contents: Arc<[OnceLock<Bytes>]>,
}

impl Compressed {
    /// Compresses the documented content of a case if that is possible and the
    /// client accepts it.
    pub(super) fn compress(
        &self,
        table: &Arc<Table>,
        case: usize,
        reply: &mut Reply,
        request: &HeaderMap,
    ) {
        if !may_be_compressed(reply) || !accepts_gzip(request) {
            return;
        }
        let contents = self.contents(table);
        let compressed = contents[case].get_or_init(|| gzip(&reply.body));
        if compressed.len() >= reply.body.len() {
            return;
        }
        reply.body = compressed.clone();
        let headers = &mut reply.headers;
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }

    fn contents(&self, table: &Arc<Table>) -> Arc<[OnceLock<Bytes>]> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(known) if Arc::ptr_eq(&known.table, table) => Arc::clone(&known.contents),
            _ => {
                let contents: Arc<[OnceLock<Bytes>]> =
                    table.cases().iter().map(|_| OnceLock::new()).collect();
                *known = Some(OfTable {
                    table: Arc::clone(table),
                    contents: Arc::clone(&contents),
                });
                contents
            }
        }
    }
}

/// Whether compression keeps what the page documents: not if the page documents
/// a content coding or a range of bytes.
fn may_be_compressed(reply: &Reply) -> bool {
    reply.body.len() >= MIN_LENGTH
        && reply.status != StatusCode::PARTIAL_CONTENT
        && !reply.headers.contains_key(header::CONTENT_ENCODING)
        && is_text(&reply.headers)
}

/// Whether the media type of the content compresses well.
fn is_text(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let Some(Ok(value)) = value.map(HeaderValue::to_str) else {
        return false;
    };
    let media_type = MediaType::parse(value);
    media_type.is_json()
        || media_type.is_xml()
        || media_type.essence.starts_with("text/")
        || media_type.essence == "application/javascript"
}

/// Whether a client accepts gzip: `gzip` or `*` is listed with a weight above
/// 0. A missing field means no.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let mut all = false;
    for value in request.get_all(header::ACCEPT_ENCODING) {
        for item in elements(value.to_str().unwrap_or_default(), b',') {
            let (coding, mut parameters) = parameters(item);
            let weight = parameters
                .find(|(name, _)| name.eq_ignore_ascii_case("q"))
                .and_then(|(_, weight)| weight)
                .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
            let is_accepted = weight > 0.0;
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return is_accepted;
            }
            all |= coding == "*" && is_accepted;
        }
    }
    all
}

fn gzip(content: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accepted: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        let value = accepted.parse().expect("a value");
        headers.insert(header::ACCEPT_ENCODING, value);
        assert_eq!(accepts_gzip(&headers), expected, "{accepted}");
    }

    #[test]
    fn compresses_for_clients_that_accept_gzip() {
        assert!(!accepts_gzip(&HeaderMap::new()));
        check("gzip", true);
        check("br, GZIP;q=0.5", true);
        check("x-gzip", true);
        check("*", true);
        check("br;q=1.0, *;q=0.1", true);
        check("", false);
        check("br, deflate", false);
        check("gzip;q=0", false);
        check("gzip; q=0.000, *", false);
        check("*;q=0", false);
        check("gzip;q=none", false);
    }

    #[test]
    fn compresses_only_text() {
        let is_text = |value| {
            let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(value))];
            is_text(&headers.into_iter().collect())
        };
        assert!(is_text("application/json; charset=utf-8"));
        assert!(is_text("application/problem+json"));
        assert!(is_text("Text/Plain"));
        assert!(!is_text("image/png"));
        assert!(!is_text("application/octet-stream"));
    }
}
