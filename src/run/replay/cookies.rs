//! The cookies of a scenario.
//!
//! Cookies are shared by hosts of one domain and by all ports of a host (RFC
//! 6265, 8.5). Responses of servers that the target does not name must not set
//! cookies for it, so those have jars of their own.

use std::collections::HashMap;

use cookie_store::CookieStore;
use http::HeaderValue;
use url::Url;

use crate::http::message::Headers;

/// The cookies that responses have set.
#[derive(Debug, Default)]
pub(super) struct Jar {
    /// Those of the target's own origins.
    own: CookieStore,
    /// Those of each other origin.
    others: HashMap<String, CookieStore>,
}

impl Jar {
    /// The `Cookie` header of a request (RFC 6265, 5.4): the target's cookies,
    /// then those set for this URL, which replace cookies of the same name.
    /// `is_own` says whether the target names the origin of the URL. Returns
    /// `None` if none were set.
    pub(super) fn header(
        &self,
        url: &Url,
        is_own: bool,
        given: Option<&HeaderValue>,
    ) -> Option<HeaderValue> {
        let store = if is_own {
            &self.own
        } else {
            self.others.get(&origin(url))?
        };
        let set: Vec<(&str, &str)> = store.get_request_values(url).collect();
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
    pub(super) fn store(&mut self, url: &Url, is_own: bool, headers: &Headers) {
        let store = if is_own {
            &mut self.own
        } else {
            self.others.entry(origin(url)).or_default()
        };
        for cookie in headers.get_all("set-cookie") {
            let _ = store.parse(cookie, url);
        }
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
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
        jar.store(&login, true, &headers);
        let url = Url::parse(url).expect("a URL");
        let given = given.map(HeaderValue::from_static);
        let header = jar.header(&url, true, given.as_ref());
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
    fn separates_servers_that_the_target_does_not_name() {
        let mut jar = Jar::default();
        let url = |text: &str| Url::parse(text).expect("a URL");
        let (own, other) = (
            url("https://api.a.example/"),
            url("https://api.a.example:444/"),
        );
        let sibling = url("https://files.a.example/");
        let mut headers = Headers::default();
        headers.push("Set-Cookie", "s=1; Domain=a.example; Path=/");
        jar.store(&other, false, &headers);
        jar.store(&sibling, false, &headers);
        assert_eq!(jar.header(&own, true, None), None);
        assert!(jar.header(&other, false, None).is_some());
        assert_eq!(
            jar.header(&url("http://api.a.example:444/"), false, None),
            None
        );
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
