//! Masks credentials that a service issues: nobody configured them, so they are
//! known by their names and forms only.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The members and parameters whose values are credentials, by their exact
/// names.
const NAMES: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "password",
    "token",
    "sig",
    "client_assertion",
];

/// Members of JSON, parameters of URLs and forms, and JSON Web Tokens (RFC 7519,
/// 3).
static CREDENTIALS: LazyLock<Regex> = LazyLock::new(|| {
    let names = NAMES.join("|");
    let pattern = format!(
        r#"(?<before>"(?<member>{names})"\s*:\s*")(?:[^"\\]|\\.)*|(?<start>(?:^|[?&\#;\s])(?<parameter>{names})=)[^&\#\s"'<>;]+|\beyJ[\w-]{{8,}}\.[\w-]{{4,}}\.[\w-]*"#
    );
    Regex::new(&pattern).expect("a fixed pattern")
});

/// An authorization code in a URL or a form (RFC 6749, 4.1).
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?<start>(?:^|[?&\s])code=)[^&\#\s"'<>;]+"#).expect("a fixed pattern")
});

/// The text with each credential replaced by `[secret:NAME]`.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let masked = CREDENTIALS.replace_all(text, |found: &Captures<'_>| {
        let part = |name: &str| found.name(name).map(|part| part.as_str());
        match (part("before"), part("start")) {
            (Some(before), _) => {
                format!("{before}[secret:{}]", part("member").unwrap_or_default())
            }
            (_, Some(start)) => {
                format!("{start}[secret:{}]", part("parameter").unwrap_or_default())
            }
            _ => "[secret:jwt]".to_owned(),
        }
    });
    if !masked.contains("grant_type=") && !masked.contains("state=") {
        return masked;
    }
    match CODE.replace_all(&masked, "${start}[secret:code]") {
        Cow::Owned(text) => Cow::Owned(text),
        Cow::Borrowed(_) => masked,
    }
}

/// Masks a text in place.
pub(crate) fn mask(text: &mut String) {
    if let Cow::Owned(masked) = masked(text) {
        *text = masked;
    }
}

/// Masks the value of a header field. Cookies keep their names and attributes.
pub(crate) fn mask_field(name: &str, value: &mut String) {
    if name.eq_ignore_ascii_case("set-cookie") {
        let (cookie, attributes) = match value.find(';') {
            Some(end) => value.split_at(end),
            None => (value.as_str(), ""),
        };
        let name = cookie.split('=').next().unwrap_or_default();
        *value = format!("{name}=[secret:cookie]{attributes}");
    } else if name.eq_ignore_ascii_case("cookie") {
        let pairs = value.split(';').map(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            format!("{name}=[secret:cookie]")
        });
        *value = pairs.collect::<Vec<_>>().join(";");
    } else {
        mask(value);
    }
}

/// Masks the value of a member, by its path (RFC 9535).
pub(crate) fn mask_member(path: &str, value: &mut String) {
    let name = path
        .rsplit(['.', '\'', '"', '['])
        .find(|name| !matches!(*name, "" | "]"));
    match NAMES.iter().find(|known| name == Some(**known)) {
        Some(known) => *value = format!("[secret:{known}]"),
        None => mask(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn masks_members_by_their_exact_names() {
        check(
            r#"{"access_token" : "a\"b", "token": "", "next_token": "c", "id": "d"}"#,
            r#"{"access_token" : "[secret:access_token]", "token": "[secret:token]", "next_token": "c", "id": "d"}"#,
        );
        check(
            r#"{"token": 7, "code": "notFound"}"#,
            r#"{"token": 7, "code": "notFound"}"#,
        );
    }

    #[test]
    fn masks_parameters_of_urls_and_forms() {
        check(
            "https://a.example/x?sv=1&sig=a%2Bb&se=2",
            "https://a.example/x?sv=1&sig=[secret:sig]&se=2",
        );
        check(
            "password=p&username=u",
            "password=[secret:password]&username=u",
        );
        check("?design=a&next_token=b", "?design=a&next_token=b");
        check("?state=s&code=c", "?state=s&code=[secret:code]");
        check("?code=404", "?code=404");
    }

    #[test]
    fn masks_json_web_tokens() {
        check(
            "is eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhIn0.x-_1!",
            "is [secret:jwt]!",
        );
        check("eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9");
    }

    #[track_caller]
    fn check_field(name: &str, value: &str, expected: &str) {
        let mut value = value.to_owned();
        mask_field(name, &mut value);
        assert_eq!(value, expected);
    }

    #[test]
    fn masks_cookies() {
        check_field("Set-Cookie", "s=a=b; Path=/", "s=[secret:cookie]; Path=/");
        check_field("set-cookie", "s=a", "s=[secret:cookie]");
        check_field("cookie", "a=b; c=d", "a=[secret:cookie]; c=[secret:cookie]");
        check_field("location", "/x?token=a", "/x?token=[secret:token]");
        check_field("etag", "\"a\"", "\"a\"");
    }

    #[test]
    fn masks_members_by_their_paths() {
        for (path, expected) in [
            ("$.access_token", "[secret:access_token]"),
            ("$.a[0]['token']", "[secret:token]"),
            ("$.next_token", "v"),
            ("$.token.kind", "v"),
        ] {
            let mut value = "v".to_owned();
            mask_member(path, &mut value);
            assert_eq!(value, expected, "{path}");
        }
    }
}
