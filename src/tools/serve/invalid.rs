//! Requests that are not valid HTTP, and what is wrong with them.

use http::StatusCode;

use super::wire::Refused;
use crate::http::message::is_token;

/// A request that is not valid HTTP.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    /// The method, as far as there is one.
    pub method: String,
    /// The target, as far as there is one.
    pub target: String,
    /// The status of the response.
    pub status: StatusCode,
    /// What is wrong.
    pub reason: String,
}

impl Invalid {
    /// The request that hyper refused with an error; `None` if the error is
    /// none of a request.
    pub(super) fn of(error: &hyper::Error, refused: &Refused) -> Option<Self> {
        let is_refused = error.is_parse() || refused.status.is_some();
        is_refused.then(|| {
            let status = refused.status.unwrap_or(StatusCode::BAD_REQUEST);
            Self::read(&refused.head, status, &error.to_string())
        })
    }

    /// Explains the beginning of a request. `error` is the reason if nothing
    /// better is known.
    fn read(head: &[u8], status: StatusCode, error: &str) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.trim_start_matches(['\r', '\n']).split('\n');
        let first = lines.next().unwrap_or_default().trim_end_matches('\r');
        let (method, rest) = first.split_once(' ').unwrap_or((first, ""));
        let target = match rest.rsplit_once(' ') {
            Some((target, version)) if version.starts_with("HTTP/") => target,
            _ => rest,
        };
        let reason = match status {
            StatusCode::URI_TOO_LONG => "the request target is too long".to_owned(),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
                "the request line and the header fields are longer than 64 KiB, or more than 100"
                    .to_owned()
            }
            _ => fault(method, target, lines)
                .filter(|_| !head.is_empty())
                .unwrap_or_else(|| error.to_owned()),
        };
        let shown = |text: &str| match text {
            "" => "-".to_owned(),
            text => text.chars().take(2000).collect(),
        };
        Self {
            method: shown(method),
            target: shown(target),
            status,
            reason,
        }
    }
}

/// What is wrong with the parts of a request.
fn fault<'h>(method: &str, target: &str, fields: impl Iterator<Item = &'h str>) -> Option<String> {
    if !is_token(method) {
        return Some(format!("the method {method:?} is not a token"));
    }
    let is_allowed = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
    if let Some(c) = target.chars().find(|c| !is_allowed(*c)) {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).bytes();
        let encoded: String = bytes.map(|byte| format!("%{byte:02X}")).collect();
        return Some(format!(
            "the request target contains {c:?}; percent-encode it as {encoded}"
        ));
    }
    let fields = fields.map(|field| field.trim_end_matches('\r'));
    let mut fields = fields.take_while(|field| !field.is_empty());
    fields.find_map(|field| match field.split_once(':') {
        None => Some(format!("the header line {field:?} has no colon")),
        Some((name, _)) if !is_token(name) => {
            Some(format!("the header name {name:?} is not a token"))
        }
        Some((name, value)) if value.chars().any(|c| c.is_control() && c != '\t') => Some(format!(
            "the value of the header {name} has a control character"
        )),
        Some(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(head: &str, method: &str, target: &str, reason: &str) {
        let invalid = Invalid::read(head.as_bytes(), StatusCode::BAD_REQUEST, "other");
        let expected = Invalid {
            method: method.to_owned(),
            target: target.to_owned(),
            status: StatusCode::BAD_REQUEST,
            reason: reason.to_owned(),
        };
        assert_eq!(invalid, expected);
    }

    #[test]
    fn explains_invalid_requests() {
        check(
            "GET /x?q=\"a\" HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET",
            "/x?q=\"a\"",
            "the request target contains '\"'; percent-encode it as %22",
        );
        check(
            "\r\nGET /a b HTTP/1.1\r\n",
            "GET",
            "/a b",
            "the request target contains ' '; percent-encode it as %20",
        );
        check(
            "GET /ä HTTP/1.1\r\n",
            "GET",
            "/ä",
            "the request target contains 'ä'; percent-encode it as %C3%A4",
        );
        check(
            "G(T /a HTTP/1.1\r\n",
            "G(T",
            "/a",
            "the method \"G(T\" is not a token",
        );
        check(
            "GET /a HTTP/1.1\r\nHost a\r\n",
            "GET",
            "/a",
            "the header line \"Host a\" has no colon",
        );
        check(
            "GET /a HTTP/1.1\nA b: c\n",
            "GET",
            "/a",
            "the header name \"A b\" is not a token",
        );
        check("GET /a HTTP/7\r\nA: b\r\n\r\n\0", "GET", "/a", "other");
        check("", "-", "-", "other");
        check(
            " /a HTTP/1.1\r\n",
            "-",
            "/a",
            "the method \"\" is not a token",
        );
    }
}
