//! What requests and pages say, as answers, headers and logs show it: short, in
//! printable characters, and without what is there to be kept from view.

use http::HeaderValue;

use crate::text::finding::cut;
use crate::text::secret::is_credential_header;

/// A text in quotes, its control characters escaped, cut where it is too long.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text))
}

/// A name from a request.
pub(super) fn name(text: &str) -> String {
    cut(text).escape_debug().to_string()
}

/// The value that a request has under a name.
pub(super) fn got(name: &str, value: Option<&str>) -> String {
    match value {
        None => "none".to_owned(),
        Some(_) if is_credential_header(&name.replace('_', "-")) => "another".to_owned(),
        Some(value) => quoted(value),
    }
}

/// A text as the value of a header field: printable ASCII alone.
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
    fn texts_of_requests_are_harmless() {
        assert_eq!(quoted("a\"\n\u{1b}"), "\"a\\\"\\n\\u{1b}\"");
        assert!(quoted(&"x".repeat(9000)).len() < 100);
        assert_eq!(field_value("é\r\na"), "\\u{e9}\\r\\na");
    }

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(got("access_token", Some("s3cret")), "another");
        assert_eq!(got("X-Api-Key", Some("s3cret")), "another");
        assert_eq!(got("If-Match", Some("7")), "\"7\"");
        assert_eq!(got("X-Api-Key", None), "none");
    }
}
