//! Shortens, escapes and redacts text from requests and pages for responses,
//! header fields and logs.

use http::HeaderValue;

use crate::text::finding::cut;
use crate::text::secret::is_credential_header;

/// Quotes text, escapes its control characters and shortens it.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// Shortens and escapes a name from a request.
pub(super) fn name(text: &str) -> String {
    cut(text).escape_debug().to_string()
}

/// Describes the value that a request sent under a name; credentials are not
/// shown.
pub(super) fn got(name: &str, value: Option<&str>) -> String {
    match value {
        None => "none".to_owned(),
        Some(_) if is_credential_header(&name.replace('_', "-")) => "another".to_owned(),
        Some(value) => quoted(value),
    }
}

/// Encodes text as a header field value: printable ASCII only.
pub(super) fn field_value(text: &str) -> HeaderValue {
    let escaped: String = text
        .chars()
        .flat_map(|c| {
            let is_plain = c == ' ' || c.is_ascii_graphic();
            let escape = (!is_plain).then(|| c.escape_default());
            is_plain
                .then_some(c)
                .into_iter()
                .chain(escape.into_iter().flatten())
        })
        .collect();
    HeaderValue::from_str(&escaped).expect("printable ASCII is a field value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_shortens_request_text() {
        assert_eq!(quoted("a\"\n\u{1b}"), "\"a\\\"\\n\\u{1b}\"");
        assert!(quoted(&"x".repeat(9000)).len() < 100);
        assert_eq!(field_value("é\r\na"), "\\u{e9}\\r\\na");
    }

    #[test]
    fn redacts_credentials() {
        assert_eq!(got("access_token", Some("s3cret")), "another");
        assert_eq!(got("X-Api-Key", Some("s3cret")), "another");
        assert_eq!(got("If-Match", Some("7")), "\"7\"");
        assert_eq!(got("X-Api-Key", None), "none");
    }
}
