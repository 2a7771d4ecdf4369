//! Masking of secrets in all forms in which a service, an encoder or an error
//! message may return them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

/// Minimum length of a secret in bytes; shorter values occur in too many texts
/// by chance.
const SECRET_LENGTH: usize = 6;

/// The secrets of a run. Clones share their secrets.
#[derive(Clone, Default)]
pub struct Secrets(Arc<RwLock<Registry>>);

#[derive(Default)]
struct Registry {
    /// Names and values in the order of registration.
    values: Vec<(String, String)>,
    /// A matcher for all forms of all values; nothing if it is out of date.
    matcher: Option<Matcher>,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// A secret.
    Secret {
        /// Its name.
        name: String,
        /// Its occurrence, plain or encoded.
        form: &'a str,
    },
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let names = known.values.iter().map(|(name, _)| name);
        formatter.debug_list().entries(names).finish()
    }
}

impl Secrets {
    /// Registers a value, which is masked as `[secret:NAME]` from now on.
    /// Values under 6 bytes are ignored: they occur in too many texts by
    /// chance.
    pub fn add(&self, name: &str, value: &str) {
        let value = value.trim();
        if value.len() < SECRET_LENGTH {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.values.iter().any(|(_, known)| known == value) {
            return;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
        let name = name.chars().map(|c| if plain(c) { c } else { '_' });
        known.values.push((name.collect(), value.to_owned()));
        known.matcher = None;
    }

    /// Registers the value of a header field, the credentials after its scheme
    /// (RFC 9110, 11.4), and the password in `Basic` credentials (RFC 7617, 2).
    pub fn add_header(&self, name: &str, value: &str) {
        self.add(name, value);
        let Some((scheme, credentials)) = value.split_once(' ') else {
            return;
        };
        self.add(name, credentials);
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = STANDARD.decode(credentials.trim())
            && let Ok(pair) = String::from_utf8(pair)
            && let Some((_, password)) = pair.split_once(':')
        {
            self.add(name, password);
        }
    }

    /// Replaces each secret by `[secret:NAME]`: plain, percent- and
    /// form-encoded, JSON-escaped, and as Base64 of itself or of a longer text
    /// that contains it.
    pub fn mask(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.masked(text) {
            *text = masked;
        }
    }

    /// The text with each secret masked, see [`Secrets::mask`].
    pub fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let pieces = self.pieces(text);
        if let [] | [Piece::Text(_)] = pieces.as_slice() {
            return self.masked_at_cuts(text);
        }
        let shown = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Cow::Borrowed(*text),
            Piece::Secret { name, .. } => format!("[secret:{name}]").into(),
        });
        let shown: String = shown.collect();
        Cow::Owned(self.masked_at_cuts(&shown).into_owned())
    }

    /// Also masks the start of a secret before a cut (`…`), because long values
    /// are shortened.
    fn masked_at_cuts<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if known.values.is_empty() || !text.contains('…') {
            return Cow::Borrowed(text);
        }
        let mut masked = String::with_capacity(text.len());
        for part in text.split_inclusive('…') {
            let start = masked.len();
            masked.push_str(part);
            let Some(part) = part.strip_suffix('…') else {
                break;
            };
            let cut = known.values.iter().filter_map(|(name, value)| {
                let lengths = (SECRET_LENGTH..value.len()).rev();
                let mut starts = lengths.filter_map(|length| value.get(..length));
                Some((starts.find(|prefix| part.ends_with(prefix))?.len(), name))
            });
            if let Some((length, name)) = cut.max() {
                masked.truncate(start + part.len() - length);
                masked += &format!("[secret:{name}]…");
            }
        }
        Cow::Owned(masked)
    }

    /// The text split into plain text and secrets.
    pub fn pieces<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        self.with(|matcher, values| matcher.pieces(text, values))
            .unwrap_or_else(|| vec![Piece::Text(text)])
    }

    /// Whether the text contains a secret in any form.
    pub fn stand_in(&self, text: &str) -> bool {
        self.with(|matcher, _| matcher.all.is_match(text))
            .unwrap_or(false)
    }

    /// Finds secrets.
    fn with<T>(&self, look: impl Fn(&Matcher, &[(String, String)]) -> T) -> Option<T> {
        {
            let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if known.values.is_empty() {
                return None;
            }
            if let Some(matcher) = &known.matcher {
                return Some(look(matcher, &known.values));
            }
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Registry { values, matcher } = &mut *known;
        let matcher = matcher.get_or_insert_with(|| Matcher::new(values));
        Some(look(matcher, values))
    }
}

/// Finds all forms of all values in one pass.
struct Matcher {
    all: AhoCorasick,
    /// Data of each pattern by index.
    forms: Vec<Form>,
}

/// A form of a value.
struct Form {
    /// Index of the value.
    of: usize,
    /// Whether it is Base64, which may end with padding.
    is_base64: bool,
    /// Whether the Base64 digit before the match has bits of the value.
    digit_before: bool,
    /// Whether the Base64 digit after the match has bits of the value.
    digit_after: bool,
}

impl Matcher {
    fn new(values: &[(String, String)]) -> Self {
        let mut patterns: Vec<String> = Vec::new();
        let mut known: HashSet<String> = HashSet::new();
        let mut forms = Vec::new();
        for (of, (_, value)) in values.iter().enumerate() {
            let mut add = |pattern: String, is_base64, digit_before, digit_after| {
                if known.insert(pattern.clone()) {
                    patterns.push(pattern);
                    forms.push(Form {
                        of,
                        is_base64,
                        digit_before,
                        digit_after,
                    });
                }
            };
            for text in texts(value) {
                add(text, false, false, false);
            }
            for (text, digit_before, digit_after) in base64_texts(value) {
                add(text, true, digit_before, digit_after);
            }
        }
        let all = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&patterns)
            .expect("secrets are far under 2^31 bytes");
        Self { all, forms }
    }

    fn pieces<'a>(&self, text: &'a str, values: &[(String, String)]) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let mut done = 0;
        for found in self.all.find_iter(text) {
            let form = &self.forms[found.pattern().as_usize()];
            let (mut start, mut end) = (found.start(), found.end());
            let bytes = text.as_bytes();
            if form.digit_before && start > done && is_base64_digit(bytes[start - 1]) {
                start -= 1;
            }
            if form.digit_after && bytes.get(end).is_some_and(|byte| is_base64_digit(*byte)) {
                end += 1;
            }
            while form.is_base64 && bytes.get(end) == Some(&b'=') && end - found.end() < 3 {
                end += 1;
            }
            // The digits are ASCII, so these are character boundaries. A match
            // may overlap the digit that was masked with the previous one.
            let start = start.max(done);
            let end = end.max(start);
            if start > done {
                pieces.push(Piece::Text(&text[done..start]));
            }
            pieces.push(Piece::Secret {
                name: values[form.of].0.clone(),
                form: &text[start..end],
            });
            done = end;
        }
        if done < text.len() {
            pieces.push(Piece::Text(&text[done..]));
        }
        pieces
    }
}

fn is_base64_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

/// Characters that `encodeURIComponent` does not encode.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The unreserved characters of RFC 3986, 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Characters allowed in a path segment (RFC 3986, 3.3).
const SEGMENT: &AsciiSet = &UNRESERVED
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The forms of a value: plain, URL- and form-encoded, JSON-escaped.
fn texts(value: &str) -> Vec<String> {
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let mut texts = vec![
        value.to_owned(),
        json.replace('/', "\\/"),
        ascii_json(&json),
        ascii_json(&json.replace('/', "\\/")),
        json,
    ];
    let few = |byte: &u8| b"-._~@:,$'".contains(byte) || byte.is_ascii_alphanumeric();
    let in_a_placeholder: String = value
        .bytes()
        .map(|byte| match byte {
            byte if few(&byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    for encoded in [
        in_a_placeholder,
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(value, UNRESERVED).to_string(),
        utf8_percent_encode(value, COMPONENT).to_string(),
        utf8_percent_encode(value, SEGMENT).to_string(),
        form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    ] {
        // The case of hexadecimal digits is not significant (RFC 3986, 2.1).
        texts.push(lower_escapes(&encoded));
        texts.push(encoded);
    }
    texts
}

/// JSON with non-ASCII characters as `\u` escapes (RFC 8259, 7).
fn ascii_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                text += &format!("\\u{unit:04x}");
            }
        }
    }
    text
}

/// Percent-encoded text with its digits in lower case.
fn lower_escapes(encoded: &str) -> String {
    let mut text = String::with_capacity(encoded.len());
    let mut digits = 0;
    for c in encoded.chars() {
        if c == '%' {
            digits = 3;
        }
        text.push(if digits > 0 {
            c.to_ascii_lowercase()
        } else {
            c
        });
        digits = usize::saturating_sub(digits, 1);
    }
    text
}

/// The part of Base64 that depends only on the value, for any text around it
/// (RFC 4648, 4 and 5): the value may start at each of the three positions in a
/// group. Also whether the adjacent digits have bits of the value.
fn base64_texts(value: &str) -> Vec<(String, bool, bool)> {
    let mut texts = Vec::new();
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(value.as_bytes());
        let from = (shift * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        let digit_before = shift != 0;
        let digit_after = bytes.len() % 3 != 0;
        for encoded in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            texts.push((encoded[from..to].to_owned(), digit_before, digit_after));
        }
    }
    texts
}

/// Whether a header field of this name has no credentials, and may be shown and
/// sent anywhere (RFC 9110).
pub(crate) fn is_public_header(name: &str) -> bool {
    const PUBLIC: [&str; 8] = [
        "accept",
        "content-",
        "user-agent",
        "prefer",
        "if-",
        "range",
        "origin",
        "referer",
    ];
    let name = name.to_ascii_lowercase();
    PUBLIC.iter().any(|public| name.starts_with(public))
}

/// Whether a header field of this name has credentials.
pub(crate) fn is_credential_header(name: &str) -> bool {
    const NAMES: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];
    const PARTS: [&str; 9] = [
        "api-key",
        "apikey",
        "api_key",
        "subscription-key",
        "functions-key",
        "access-key",
        "access-token",
        "auth-token",
        "secret",
    ];
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

/// Whether a query parameter has credentials (RFC 6749, 4.1; RFC 6750, 2.3;
/// signed URLs of object stores).
pub(crate) fn is_credential_parameter(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "code",
        "sig",
        "key",
        "state",
        "assertion",
        "password",
        "pwd",
    ];
    const PARTS: [&str; 4] = ["token", "signature", "credential", "session"];
    let name = name.to_ascii_lowercase();
    let is_name = NAMES.contains(&name.as_str());
    is_name || PARTS.iter().any(|part| name.contains(part)) || is_credential_header(&name)
}

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "p/4+s \"w&ö";

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let secrets = Secrets::default();
        secrets.add("KEY", VALUE);
        assert_eq!(secrets.masked(text), expected);
        assert_eq!(secrets.stand_in(text), text != expected);
    }

    #[test]
    fn masks_secrets_in_each_form() {
        check(&format!("a{VALUE}b"), "a[secret:KEY]b");
        check(r#"{"a":"p/4+s \"w&ö"}"#, r#"{"a":"[secret:KEY]"}"#);
        check(r#""p\/4+s \"w&\u00f6""#, r#""[secret:KEY]""#);
        check("?a=p%2F4%2Bs+%22w%26%C3%B6&b", "?a=[secret:KEY]&b");
        check("?a=p%2f4%2bs%20%22w%26%c3%b6", "?a=[secret:KEY]");
        check("/p%2F4+s%20%22w&%C3%B6/", "/[secret:KEY]/");
        check("p/4+s \"w&o p/4", "p/4+s \"w&o p/4");
    }

    #[test]
    fn a_secret_is_masked_inside_of_base64() {
        for before in ["", "u", "us", "user:", "name"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}{VALUE}{after}");
                let secrets = Secrets::default();
                secrets.add("KEY", VALUE);
                for encoded in [
                    STANDARD.encode(&text),
                    STANDARD_NO_PAD.encode(&text),
                    URL_SAFE_NO_PAD.encode(&text),
                ] {
                    let masked = secrets.masked(&encoded).into_owned();
                    assert!(masked.contains("[secret:KEY]"), "{text}: {masked}");
                    let kept = masked.replace("[secret:KEY]", "").replace('=', "");
                    let others = (before.len() * 8).div_ceil(6) + (after.len() * 8).div_ceil(6);
                    assert!(kept.len() <= others, "{text}: {masked}");
                }
            }
        }
        check(&STANDARD.encode("p/4+s \"w&o"), "cC80K3MgIncmbw==");
    }

    #[test]
    fn longest_secret_wins() {
        let secrets = Secrets::default();
        secrets.add_header("authorization", "Bearer s3cret-token");
        assert_eq!(
            secrets.masked("Bearer s3cret-token, s3cret-token"),
            "[secret:authorization], [secret:authorization]"
        );
        secrets.add("later", "s3cret-token-2");
        assert_eq!(secrets.masked("s3cret-token-2"), "[secret:later]");
    }

    #[test]
    fn masks_the_password_of_basic_credentials() {
        let secrets = Secrets::default();
        secrets.add_header("authorization", "Basic dXNlcjpvcGVuLXNlc2FtZQ==");
        assert_eq!(secrets.masked("open-sesame"), "[secret:authorization]");
        assert_eq!(secrets.masked("user"), "user");
    }

    #[test]
    fn ignores_short_values_and_hides_values_in_debug_output() {
        let secrets = Secrets::default();
        secrets.add("a", "12345");
        assert_eq!(secrets.masked("12345"), "12345");
        secrets.add("b c", "123456");
        assert_eq!(secrets.masked("0123456"), "0[secret:b_c]");
        assert_eq!(format!("{secrets:?}"), "[\"b_c\"]");
        assert_eq!(format!("{:?}", Secret("123456".to_owned())), "[secret]");
    }

    #[test]
    fn clones_share_secrets() {
        let secrets = Secrets::default();
        let clone = secrets.clone();
        assert_eq!(clone.masked("abcdef"), "abcdef");
        secrets.add("a", "abcdef");
        assert_eq!(clone.masked("abcdef"), "[secret:a]");
    }

    #[test]
    fn recognizes_headers_with_credentials() {
        assert!(is_public_header("Accept-Language"));
        assert!(!is_public_header("X-Tenant"));
        assert!(is_credential_header("X-Api-Key"));
        assert!(is_credential_header("Authorization"));
        assert!(!is_credential_header("Idempotency-Key"));
    }

    #[test]
    fn recognizes_query_parameters_with_credentials() {
        for name in ["access_token", "code", "sig", "X-Amz-Signature", "api_key"] {
            assert!(is_credential_parameter(name), "{name}");
        }
        for name in ["$filter", "$top", "design", "postcode", "keyword"] {
            assert!(!is_credential_parameter(name), "{name}");
        }
    }
}
