//! Values with a well-known form: UUIDs and JSON Web Tokens.

/// Whether a text is a UUID (RFC 9562, 4).
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a text is a JSON Web Token (RFC 7519, 3): signed with three parts
/// (RFC 7515, 7.1) or encrypted with five (RFC 7516, 7.1).
pub(crate) fn is_jwt(text: &str) -> bool {
    matches!(text.split('.').count(), 3 | 5) && text.chars().all(is_jwt_char) && begins_jwt(text)
}

/// Whether a text contains a JSON Web Token.
pub(crate) fn contains_jwt(text: &str) -> bool {
    let mut words = text.split(|c| !is_jwt_char(c));
    words.any(|word| begins_jwt(word.trim_start_matches('.')))
}

/// The characters of Base64url (RFC 4648, 5), and the dot.
fn is_jwt_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Whether a word starts like a JSON Web Token. `eyJ` is Base64url for `{"`,
/// the start of the header. Claims have at least two characters (`{}`), but the
/// key of an encrypted token may be empty.
fn begins_jwt(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_header = parts.next().is_some_and(|part| part.starts_with("eyJ"));
    let has_claims = parts.next().is_some_and(|part| part.len() > 1);
    is_header && parts.next().is_some() && (has_claims || parts.nth(1).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(is: fn(&str) -> bool, fitting: &[&str], others: &[&str]) {
        for text in fitting {
            assert!(is(text), "{text:?}");
        }
        for text in others {
            assert!(!is(text), "{text:?}");
        }
    }

    #[test]
    fn recognizes_uuids() {
        check(
            is_uuid,
            &["fa4aa5a2-a75b-4769-86f4-9e2742A18FDA"],
            &[
                "",
                "fa4aa5a2a75b476986f49e2742a18fda",
                "{fa4aa5a2-a75b-4769-86f4-9e2742a18fda}",
                "fa4aa5a2-a75b-4769-86f4-9e2742a18fdg",
                "fa4aa5a2-a75b-4769-86f4-9e2742a18fd",
                "fa4aa5a2-a75b-4769-86f49-e2742a18fda",
                "fa4aa5a2-a75b-4769-86f4-9e2742a18é0",
            ],
        );
    }

    #[test]
    fn recognizes_json_web_tokens() {
        check(
            is_jwt,
            &[
                "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
                "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln-_",
                "eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn",
            ],
            &[
                "",
                "eyJ",
                "eyJ..",
                "eyJhbGciOiJub25lIn0.eyJhIjoxfQ",
                "abc.eyJhIjoxfQ.c2ln",
                "eyJhbGciOiJub25lIn0.eyJhIjoxfQ. ",
                "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln.",
            ],
        );
    }

    #[test]
    fn finds_json_web_tokens_within_text() {
        check(
            contains_jwt,
            &[
                "Bearer eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
                "it is ...eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln.",
                "{\"a\":\"eyJhbGciOiJkaXIifQ..aXY.Y3Q.dGFn\"}",
            ],
            &["eyJ and more", "eyJhbGci. eyJhIjoxfQ.", "a.eyJhIjoxfQ.b"],
        );
    }
}
