//! Formats request targets for logs.

use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::http::url::decode;
use crate::text::secret::is_credential_parameter;

/// The replacement for a credential.
const MASK: &str = "[secret]";

/// The path and query as sent, with masked credentials, and with bytes encoded
/// that a URI may not contain (RFC 3986, 2).
pub(super) fn target(path: &str, query: Option<&str>) -> String {
    let path = utf8_percent_encode(path, CONTROLS);
    let Some(query) = query else {
        return path.to_string();
    };
    let mut text = format!("{path}?");
    for (at, pair) in query.split('&').enumerate() {
        if at > 0 {
            text.push('&');
        }
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_credential(name) => {
                text.extend(utf8_percent_encode(name, CONTROLS));
                text.push('=');
                text.push_str(MASK);
            }
            _ => text.extend(utf8_percent_encode(pair, CONTROLS)),
        }
    }
    text
}

fn is_credential(name: &str) -> bool {
    is_credential_parameter(&decode(name))
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::*;

    #[track_caller]
    fn check(sent: &[u8], expected: &str) {
        let uri = Uri::try_from(sent).expect("a URI");
        assert_eq!(target(uri.path(), uri.query()), expected);
    }

    #[test]
    fn masks_credentials_in_queries() {
        check(b"/a?b=c&d", "/a?b=c&d");
        check(
            b"/a?access_token=x.y&$top=5",
            "/a?access_token=[secret]&$top=5",
        );
        check(b"/a?access%5Ftoken=x", "/a?access%5Ftoken=[secret]");
        check(b"/a?sig=x=y&sig=", "/a?sig=[secret]&sig=");
        check(b"/token?x", "/token?x");
    }

    #[test]
    fn encodes_control_characters() {
        check("/a\u{9b}2J?b=\u{9b}".as_bytes(), "/a%C2%9B2J?b=%C2%9B");
    }
}
