//! The cookies of a scenario.

use cookie_store::CookieStore;
use http::HeaderValue;
use url::Url;

use crate::http::message::Headers;

/// The cookies that responses have set.
#[derive(Debug, Default)]
pub(super) struct Jar(CookieStore);

impl Jar {
    /// The `Cookie` header of a request (RFC 6265, 5.4): the target's cookies,
    /// then those set for this URL, which replace cookies of the same name.
    /// Returns `None` if none were set.
    pub(super) fn header(&self, url: &Url, given: Option<&HeaderValue>) -> Option<HeaderValue> {
        let set: Vec<(&str, &str)> = self.0.get_request_values(url).collect();
        if set.is_empty() {
            return None;
        }
        let given = given
            .map_or(&[][..], HeaderValue::as_bytes)
            .split(|byte| *byte == b';');
        let given = given.map(<[u8]>::trim_ascii).filter(|pair| {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
            let is_set = set
                .iter()
                .any(|(known, _)| known.as_bytes() == name.trim_ascii());
            !pair.is_empty() && !is_set
        });
        let set = set
            .iter()
            .map(|(name, value)| format!("{name}={value}").into_bytes());
        let pairs: Vec<Vec<u8>> = given.map(<[u8]>::to_vec).chain(set).collect();
        let mut header = HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Stores the cookies of a response. Cookies that may not be set for this
    /// URL are dropped.
    pub(super) fn store(&mut self, url: &Url, headers: &Headers) {
        for cookie in headers.get_all("set-cookie") {
            let _ = self.0.parse(cookie, url);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[&str], url: &str, given: Option<&'static str>, expected: Option<&str>) {
        let mut jar = Jar::default();
        let mut headers = Headers::default();
        for cookie in set {
            headers.push("Set-Cookie", *cookie);
        }
        let login = Url::parse("https://a.example/login").expect("a URL");
        jar.store(&login, &headers);
        let url = Url::parse(url).expect("a URL");
        let given = given.map(HeaderValue::from_static);
        let header = jar.header(&url, given.as_ref());
        let header = header.map(|header| header.to_str().expect("text").to_owned());
        assert_eq!(header.as_deref(), expected);
    }

    #[test]
    fn joins_cookies_of_target_and_scenario() {
        let here = "https://a.example/x";
        check(&["s=1"], here, None, Some("s=1"));
        check(&["s=1"], here, Some("t=2; u=3"), Some("t=2; u=3; s=1"));
        // A set cookie replaces the target's cookie of the same name.
        check(
            &["s=1"],
            here,
            Some("t=2;s=0 ; ss=4"),
            Some("t=2; ss=4; s=1"),
        );
        check(&["s=1"], here, Some("S=0; =s; s"), Some("S=0; =s; s=1"));
        check(&["s=a=b"], here, Some("t=a=b;;"), Some("t=a=b; s=a=b"));
    }

    #[test]
    fn adds_no_header_if_no_cookie_was_set() {
        let here = "https://a.example/x";
        check(&[], here, Some("t=2"), None);
        check(&["s=1; Path=/y"], here, Some("t=2"), None);
        check(&["s=1"], "https://b.example/x", Some("t=2"), None);
        check(&["s=1; Domain=b.example"], here, Some("t=2"), None);
        check(&["s=1; Secure"], "http://a.example/x", None, None);
    }
}
