//! `secret-in-example`: text that looks like a live credential. Messages
//! contain only its first characters, and snippets are masked.
//!
//! Pages contain many shortened and invented tokens, so each kind is fully
//! validated: length, encoding and apparent randomness.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::text::finding::Diagnostic;
use crate::text::rules::SECRET_IN_EXAMPLE;
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

const BASE64: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, BASE64);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, BASE64);

/// Maximum length of a token.
const LONGEST: usize = 16 * 1024;

/// A credential on a page.
#[derive(Debug, PartialEq, Eq)]
struct Credential {
    span: Span,
    what: &'static str,
    /// Whether it can still be valid, as far as its text shows.
    is_live: bool,
}

/// The prefixes of a kind of credential, and the function that reads the rest.
struct Form {
    starts: &'static [&'static str],
    read: fn(&str, Start) -> Option<Credential>,
}

/// The range of a prefix.
#[derive(Clone, Copy)]
struct Start {
    at: usize,
    end: usize,
}

const FORMS: [Form; 13] = [
    Form {
        starts: &["eyJ"],
        read: json_web_token,
    },
    Form {
        starts: &["AKIA", "ASIA"],
        read: |text, start| key(text, start, "an AWS access key", 16..=16),
    },
    Form {
        starts: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        read: |text, start| key(text, start, "a GitHub token", 36..=255),
    },
    Form {
        starts: &["github_pat_"],
        read: |text, start| key(text, start, "a GitHub token", 82..=255),
    },
    Form {
        starts: &["glpat-"],
        read: |text, start| key(text, start, "a GitLab token", 20..=255),
    },
    Form {
        starts: &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-"],
        read: |text, start| key(text, start, "a Slack token", 24..=255),
    },
    Form {
        starts: &["sk_live_", "rk_live_"],
        read: |text, start| key(text, start, "a Stripe key", 24..=255),
    },
    Form {
        starts: &["AIza"],
        read: |text, start| key(text, start, "a Google API key", 35..=35),
    },
    Form {
        starts: &["AccountKey=", "sig="],
        read: azure,
    },
    Form {
        starts: &["PRIVATE KEY-----"],
        read: private_key,
    },
    Form {
        starts: &["Bearer ", "bearer "],
        read: bearer,
    },
    Form {
        starts: &["Basic ", "basic "],
        read: basic,
    },
    Form {
        starts: &["https://", "http://"],
        read: in_url,
    },
];

static STARTS: LazyLock<(AhoCorasick, Vec<usize>)> = LazyLock::new(|| {
    let starts = FORMS
        .iter()
        .enumerate()
        .flat_map(|(form, Form { starts, .. })| starts.iter().map(move |start| (*start, form)));
    let (starts, forms): (Vec<_>, Vec<_>) = starts.unzip();
    let starts = AhoCorasick::new(starts).expect("a few short patterns");
    (starts, forms)
});

/// Checks the whole text of a page, not only its examples.
pub(super) fn check(page: &Page, found: &mut Vec<Diagnostic>) {
    for Credential {
        span,
        what,
        is_live,
    } in secrets(&page.text)
    {
        let shown: String = page.slice(span).chars().take(SHOWN).collect();
        let (severity, message) = if is_live {
            let message = format!("possible live credential: {what} (`{shown}…`)");
            (SECRET_IN_EXAMPLE.severity(), message)
        } else {
            let message = format!("expired credential: {what} (`{shown}…`)");
            (Severity::Info, message)
        };
        found.push(
            Diagnostic::at(page, &SECRET_IN_EXAMPLE, span, message)
                .severity(severity)
                .help("revoke it if it is real, and use a placeholder such as `{token}`"),
        );
    }
}

fn secrets(text: &str) -> Vec<Credential> {
    let (starts, forms) = &*STARTS;
    let mut found: Vec<Credential> = Vec::new();
    for start in starts.find_iter(text) {
        let form = forms[start.pattern().as_usize()];
        let start = Start {
            at: start.start(),
            end: start.end(),
        };
        // Checked first, to keep repeated prefixes linear.
        let is_within = found.last().is_some_and(|last| start.at < last.span.end);
        if is_within || !begins(text, start.at) {
            continue;
        }
        found.extend((FORMS[form].read)(text, start));
    }
    found
}

/// Number of characters shown of a credential.
const SHOWN: usize = 4;

/// Masks the credentials of a page in the snippets of all findings. The
/// findings are sorted.
pub(super) fn mask(page: &Page, findings: &mut [Diagnostic]) {
    let of_secrets = findings
        .iter()
        .filter(|finding| finding.rule == &SECRET_IN_EXAMPLE);
    let secrets: Vec<Span> = of_secrets.filter_map(|finding| finding.span).collect();
    if secrets.is_empty() {
        return;
    }
    for finding in findings {
        let Some(snippet) = &mut finding.snippet else {
            continue;
        };
        let first = page.line_span(snippet.first_line).start;
        let last = first + snippet.text.len();
        let from = secrets.partition_point(|secret| secret.end <= first);
        for secret in secrets[from..]
            .iter()
            .take_while(|secret| secret.start < last)
        {
            let masked = (secret.start + SHOWN).max(first)..secret.end.min(last);
            if masked.is_empty() {
                continue;
            }
            let masked = masked.start - first..masked.end - first;
            let text = snippet.text.get(masked.clone()).unwrap_or_default();
            // Credentials are ASCII, so columns do not change.
            let hide = |c: char| if c.is_whitespace() { c } else { '*' };
            let hidden: String = text.chars().map(hide).collect();
            if hidden.len() == masked.len() {
                snippet.text.replace_range(masked, &hidden);
            }
        }
    }
}

/// The number of bytes from `at` on for which `is` is true.
fn run(text: &str, at: usize, is_one: impl Fn(u8) -> bool) -> usize {
    let bytes = text.as_bytes()[at..].iter().take(LONGEST);
    bytes.take_while(|byte| is_one(**byte)).count()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether a token may start at `at`.
fn begins(text: &str, at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| text.as_bytes()[before]);
    before.is_none_or(|byte| !is_word(byte) && byte != b'.')
}

/// Whether a token that ends at `end` is shortened or continues as a
/// placeholder.
fn is_cut(text: &str, end: usize) -> bool {
    ["...", "…", "{", "<", "*", "["]
        .iter()
        .any(|more| text[end..].starts_with(more))
}

/// A key: a vendor's prefix and a number of random characters.
fn key(
    text: &str,
    start: Start,
    what: &'static str,
    lengths: std::ops::RangeInclusive<usize>,
) -> Option<Credential> {
    let length = run(text, start.end, is_word);
    let end = start.end + length;
    let is_key =
        lengths.contains(&length) && !is_cut(text, end) && is_random(&text[start.end..end]);
    is_key.then_some(Credential {
        span: Span::new(start.at, end),
        what,
        is_live: true,
    })
}

/// The start of 2025: earlier expiry is always in the past.
const SPENT: u64 = 1_735_689_600;

/// JSON Web Token (RFC 7519) in compact form (RFC 7515, 7.1; RFC 7516, 7.1).
fn json_web_token(text: &str, start: Start) -> Option<Credential> {
    let length = run(text, start.at, |byte| is_word(byte) || byte == b'.');
    let token = &text[start.at..start.at + length];
    let (end, token) = (start.at + length, token.trim_end_matches('.'));
    let dots = length - token.len();
    if dots > 1 || is_cut(text, end) {
        return None;
    }
    let parts: Vec<&str> = token.split('.').take(6).collect();
    let object = |part: &str| match FOR_URLS.decode(part) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        Err(_) => Value::Null,
    };
    let header = object(parts[0]);
    let is_signed = header["alg"].is_string() && parts.len() == 3;
    let is_encrypted = header["enc"].is_string() && parts.len() == 5;
    let last = parts.last()?;
    let is_whole = last.len() >= 20 && is_random(last);
    if !(is_signed || is_encrypted) || !is_whole {
        return None;
    }
    let claims = if is_signed {
        object(parts[1])
    } else {
        Value::Null
    };
    if is_signed && !claims.is_object() {
        return None;
    }
    Some(Credential {
        span: Span::new(start.at, start.at + token.len()),
        what: "a JSON Web Token",
        is_live: claims["exp"]
            .as_u64()
            .is_none_or(|expires| expires >= SPENT),
    })
}

/// The public key of the storage emulator.
const EMULATOR: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq";

/// A storage account key, or the signature of a shared access signature.
fn azure(text: &str, start: Start) -> Option<Credential> {
    let is_key = start.end - start.at > 4;
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/%".contains(&byte);
    let length = run(text, start.end, digit);
    let end = start.end + length + run(text, start.end + length, |byte| byte == b'=').min(2);
    let value = &text[start.end..end];
    if length > 200 || is_cut(text, end) {
        return None;
    }
    let plain = ["%2B", "%2b"]
        .iter()
        .fold(value.to_owned(), |value, code| value.replace(code, "+"));
    let plain = ["%2F", "%2f"]
        .iter()
        .fold(plain, |value, code| value.replace(code, "/"));
    let plain = ["%3D", "%3d"]
        .iter()
        .fold(plain, |value, code| value.replace(code, "="));
    let bytes = PLAIN.decode(&plain).ok()?;
    let is_whole = bytes.len() == if is_key { 64 } else { 32 };
    if !is_whole || !is_random(plain.trim_end_matches('=')) || plain.starts_with(EMULATOR) {
        return None;
    }
    Some(Credential {
        span: Span::new(start.end, end),
        what: if is_key {
            "a storage account key"
        } else {
            "a shared access signature"
        },
        is_live: is_key || !has_expired(text, start.at),
    })
}

/// Whether the URL around `at` has expired long ago, by its `se=` (signed
/// expiry).
fn has_expired(text: &str, at: usize) -> bool {
    const AROUND: usize = 1000;
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>".contains(byte);
    let bytes = text.as_bytes();
    let before = bytes[..at]
        .iter()
        .rev()
        .take(AROUND)
        .take_while(|byte| !is_end(byte));
    let after = bytes[at..]
        .iter()
        .take(AROUND)
        .take_while(|byte| !is_end(byte));
    let url = &bytes[at - before.count()..at + after.count()];
    [b"&se=", b"?se=", b";se="].iter().any(|expiry| {
        memchr::memmem::find(url, *expiry)
            .and_then(|at| url.get(at + 4..at + 8))
            .is_some_and(|year| (b"2000".as_slice()..b"2025".as_slice()).contains(&year))
    })
}

/// Private keys (RFC 7468, 10 and 11) and OpenSSH keys: the content has to be
/// DER or start with `openssh-key-v1`. Encrypted keys are excluded.
fn private_key(text: &str, start: Start) -> Option<Credential> {
    let before = text.as_bytes()[..start.at].iter().rev().take(24).rev();
    let before: Vec<u8> = before.copied().collect();
    let begin = memchr::memmem::rfind(&before, b"-----BEGIN ")?;
    if !matches!(
        &before[begin + 11..],
        b"" | b"RSA " | b"EC " | b"DSA " | b"OPENSSH "
    ) {
        return None;
    }
    let is_body = |byte: u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=\\\",>".contains(&byte)
    };
    let end = start.end + run(text, start.end, is_body);
    if !text[end..].starts_with("-----END ") {
        return None;
    }
    // JSON and code escape line breaks.
    let written = text[start.end..end].replace("\\r", "").replace("\\n", "");
    let is_digit = |c: &char| c.is_ascii_alphanumeric() || "+/=".contains(*c);
    let body: String = written.chars().filter(is_digit).collect();
    let bytes = PLAIN.decode(&body).ok()?;
    let is_der = match bytes.as_slice() {
        [0x30, 0x82, high, low, rest @ ..] => {
            usize::from(*high) << 8 | usize::from(*low) == rest.len()
        }
        [0x30, 0x81, length, rest @ ..] | [0x30, length, rest @ ..] => {
            usize::from(*length) == rest.len() && rest.len() >= 40
        }
        _ => false,
    };
    if !is_der && !bytes.starts_with(b"openssh-key-v1\0") {
        return None;
    }
    // DER starts with `M`, OpenSSH keys with `b`.
    let is_before = |c: char| c.is_whitespace() || "\\rn\",>+".contains(c);
    let inner = text[start.end..end].trim_start_matches(is_before);
    Some(Credential {
        span: Span::new(
            end - inner.len(),
            end - inner.len() + inner.trim_end().len(),
        ),
        what: "a private key",
        is_live: true,
    })
}

/// Bearer token (RFC 6750, 2.1). A JSON Web Token is read as such.
fn bearer(text: &str, start: Start) -> Option<Credential> {
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let length = run(text, start.end, digit);
    let token = text[start.end..start.end + length].trim_end_matches('.');
    let is_uuid = token.len() == 36 && token.split('-').count() == 5;
    let is_live = !is_cut(text, start.end + length)
        && length - token.len() < 2
        && token.len() >= 32
        && token.contains(|c: char| c.is_ascii_digit())
        && token.contains(|c: char| c.is_ascii_alphabetic())
        && !token.starts_with("eyJ")
        && !is_uuid
        && is_random(token);
    is_live.then_some(Credential {
        span: Span::new(start.end, start.end + token.len()),
        what: "a bearer token",
        is_live,
    })
}

/// Basic credentials (RFC 7617, 2) with a realistic password.
fn basic(text: &str, start: Start) -> Option<Credential> {
    let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let length = run(text, start.end, digit);
    let end = start.end + length;
    if length < 16 || is_cut(text, end) {
        return None;
    }
    let pair = PLAIN.decode(&text[start.end..end]).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (user, password) = pair.split_once(':')?;
    let is_live = !user.is_empty() && !pair.contains(char::is_control) && is_password(password);
    is_live.then_some(Credential {
        span: Span::new(start.end, end),
        what: "a password",
        is_live,
    })
}

/// A realistic password in a URL (RFC 3986, 3.2.1).
fn in_url(text: &str, start: Start) -> Option<Credential> {
    let is_part = |byte: u8| byte.is_ascii_graphic() && !b"/?#<>{}\"'`\\".contains(&byte);
    let authority = &text[start.end..start.end + run(text, start.end, is_part)];
    let (user, password) = authority.rsplit_once('@')?.0.split_once(':')?;
    let from = start.end + user.len() + 1;
    is_password(password).then_some(Credential {
        span: Span::new(from, from + password.len()),
        what: "a password",
        is_live: true,
    })
}

/// Whether a text looks like a password that someone uses.
fn is_password(text: &str) -> bool {
    let kinds = [
        text.contains(char::is_uppercase),
        text.contains(char::is_lowercase),
        text.contains(|c: char| c.is_ascii_digit()),
        text.contains(|c: char| c.is_ascii_punctuation()),
    ];
    text.len() >= 8 && kinds.iter().filter(|kind| **kind).count() >= 3 && is_random(text)
}

/// Whether a text looks random: many different characters, no keyboard or
/// alphabet sequences, no placeholder words.
fn is_random(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "example",
        "sample",
        "your",
        "token",
        "secret",
        "passw",
        "p@ssw",
        "placeholder",
        "dummy",
        "fake",
        "redacted",
        "insert",
        "replace",
        "xxxx",
        "0000",
    ];
    const ROW: usize = 5;
    let bytes = text.as_bytes();
    let lower = text.to_ascii_lowercase();
    // A long random text may contain a short word.
    let word_in = |word: &str| word.len() * 40 > text.len() && lower.contains(word);
    if WORDS.iter().any(|word| word_in(word)) {
        return false;
    }
    let is_row = |row: &[u8]| {
        let mut steps = row
            .windows(2)
            .map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
        let first = steps.next().unwrap_or_default();
        (-1..=1).contains(&first) && steps.all(|step| step == first)
    };
    let rows = bytes.windows(ROW).filter(|row| is_row(row)).count();
    if rows > 0 && bytes.len() < 200 || rows > 2 {
        return false;
    }
    let mut counts = [0_u16; 256];
    for byte in bytes.iter().take(usize::from(u16::MAX)) {
        counts[usize::from(*byte)] += 1;
    }
    let different = counts.iter().filter(|count| **count > 0).count();
    let most = counts.iter().max().copied().unwrap_or_default();
    different * 2 >= bytes.len().min(20) && usize::from(most) * 4 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::check as check_page;
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.\
                       Q1fHkY0r8mVb3uZtN5xWcD2sLpJ7gAeR9oTiKvMqBwE";

    #[track_caller]
    fn check_text(text: &str, expected: &[&str]) {
        let found: Vec<&str> = secrets(text)
            .iter()
            .map(|found| &text[found.span.range()])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    /// A token with these claims.
    fn token(claims: &str) -> String {
        let signature = JWT.rsplit('.').next().expect("a signature");
        format!(
            "eyJhbGciOiJIUzI1NiJ9.{}.{signature}",
            FOR_URLS.encode(claims).trim_end_matches('=')
        )
    }

    #[test]
    fn reports_whole_tokens() {
        check_text(&format!("Authorization: Bearer {JWT}\n"), &[JWT]);
        check_text(&format!("\"{JWT}\"."), &[JWT]);
        check_text(&format!("as in {JWT}. Then"), &[JWT]);
        let key = ["AKIA", "QYLPMN5HFIQR7XYA"].concat();
        check_text(&format!("key={key}&"), &[&key]);
        let key = ["ghp_", "k3JdR8sLq0VbXn5TzWm2YfGh7CpAeU4oNi1B"].concat();
        check_text(&key, &[&key]);
        let bearer = "9fJk2LmQ8rStU4vWxYz1AbCeDgHi3KlN";
        check_text(&format!("Bearer {bearer}"), &[bearer]);
        check_text(
            "Basic YW5uYTp0UjRpbC05bGFtcA==",
            &["YW5uYTp0UjRpbC05bGFtcA=="],
        );
        check_text("see https://anna:tR4il-9lamp@a.example/x", &["tR4il-9lamp"]);
        let signature = "mX4t8Q%2BzKc1VbN7pR0sLwYj3%2FhGfD5eUaTi2oZq9Mkw%3D";
        check_text(&format!("?sv=1&sig={signature}&se=2"), &[signature]);
    }

    #[test]
    fn ignores_shortened_and_invented_tokens() {
        let (cut, _) = JWT.split_at(60);
        for text in [
            format!("{cut}..."),
            format!("{JWT}..."),
            format!("{JWT}…"),
            "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.signature".to_owned(),
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9".to_owned(),
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            "AKIA1234567890ABCDEF".to_owned(),
            format!("ghp_{}", "x".repeat(36)),
            "Bearer {token}".to_owned(),
            "https://user:pw@a.example/x".to_owned(),
            "https://user:{password}@a.example/x".to_owned(),
            "https://a.example/x:tR4il-9lamp@b".to_owned(),
            "https://user:Password1!@a.example/x".to_owned(),
            "Bearer YOUR_ACCESS_TOKEN_GOES_HERE_1234".to_owned(),
            "Bearer 0f8fad5b-d9cb-469f-a165-70867728950e".to_owned(),
            "Bearer abcdefghijklmnopqrstuvwxyz0123456789".to_owned(),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned(),
            "Basic dXNlcm5hbWU6UGFzc3dvcmQxIQ==".to_owned(),
            "Basic authentication".to_owned(),
            "?sig=abc%3D".to_owned(),
            "-----BEGIN PRIVATE KEY-----\nMIIEvQ...\n-----END PRIVATE KEY-----".to_owned(),
        ] {
            check_text(&text, &[]);
        }
    }

    #[test]
    fn validates_private_keys_as_der() {
        let der: Vec<u8> = [0x30, 0x40].into_iter().chain(7..71).collect();
        let key = PLAIN.encode(&der);
        let (first, second) = key.split_at(64);
        let lines = format!("{first}\n{second}");
        let page =
            format!("-----BEGIN EC PRIVATE KEY-----\n{lines}\n-----END EC PRIVATE KEY-----\n");
        check_text(&page, &[&lines]);
        check_text(&page.replace("EC ", "ENCRYPTED "), &[]);
        check_text(&page.replace(second, ""), &[]);
        let escaped = page.trim_end().replace('\n', "\\n");
        let found = secrets(&escaped);
        assert_eq!(found.len(), 1);
        assert!(escaped[found[0].span.range()].starts_with(first));
    }

    #[test]
    fn recognizes_expired_tokens() {
        let is_live = |claims: &str| secrets(&token(claims))[0].is_live;
        assert!(is_live("{}"));
        assert!(is_live("{\"exp\": 4102444800}"));
        assert!(!is_live("{\"exp\": 1500000000}"));
        let signature = "mX4t8Q%2BzKc1VbN7pR0sLwYj3%2FhGfD5eUaTi2oZq9Mkw%3D";
        let is_live = |query: &str| secrets(&format!("/a?{query}&sig={signature}"))[0].is_live;
        assert!(!is_live("se=2017-01-01"));
        assert!(is_live("se=2099-01-01"));
    }

    #[test]
    fn masks_credentials_in_reports() {
        let text = format!("# A\n\n`é {JWT} {JWT}`\n");
        check_page(
            &text,
            &[("secret-in-example", JWT), ("secret-in-example", JWT)],
        );
        let page = Page::new("a.md", text);
        let mut findings = Vec::new();
        check(&page, &mut findings);
        mask(&page, &mut findings);
        let hidden = format!("eyJh{}", "*".repeat(JWT.len() - 4));
        for finding in findings {
            let snippet = finding.snippet.expect("a line");
            assert_eq!(snippet.text, format!("`é {hidden} {hidden}`"));
            assert!(!finding.message.contains(&JWT[..6]));
        }
    }
}
