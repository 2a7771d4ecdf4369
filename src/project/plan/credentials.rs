//! Which requests get the target's headers and credentials. Credentials are
//! sent only to the target's own origins: scheme, host and port (RFC 6454, 4),
//! not the host alone.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Url, form_urlencoded};

use super::request::Step;
use super::target::Live;
use crate::project::config::{Auth, KeyPlace};
use crate::text::secret::{Secrets, is_credential_header, is_public_header};

/// The headers and credentials of a target.
#[derive(Debug)]
pub(crate) struct Credentials {
    own: Vec<Origin>,
    /// Names of the headers that contain credentials.
    names: HashSet<HeaderName>,
    /// Headers for each request.
    public: HeaderMap,
    /// Headers for requests to the target's own origins.
    private: HeaderMap,
    key: Option<QueryKey>,
    secrets: Secrets,
}

#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// An API key in the query, percent-encoded.
struct QueryKey {
    name: String,
    pair: String,
}

impl std::fmt::Debug for QueryKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Credentials {
    /// Collects the credentials of a service.
    pub(crate) fn new(live: &Live) -> Self {
        let own = std::iter::once(&live.base).chain(live.hosts.values());
        let mut credentials = Self {
            own: own
                .map(|url| Origin {
                    scheme: url.scheme().to_owned(),
                    host: url.host_str().unwrap_or_default().to_owned(),
                    port: url.port_or_known_default(),
                })
                .collect(),
            names: HashSet::new(),
            public: HeaderMap::new(),
            private: HeaderMap::new(),
            key: None,
            secrets: live.secrets.clone(),
        };
        match &live.auth {
            Some(Auth::Bearer { token }) => {
                credentials.authorize(&format!("Bearer {}", token.0));
            }
            Some(Auth::Basic { username, password }) => {
                let pair = STANDARD.encode(format!("{}:{}", username.0, password.0));
                live.secrets.add("authorization", &pair);
                credentials.authorize(&format!("Basic {pair}"));
            }
            Some(Auth::ApiKey { place, value }) => match place {
                KeyPlace::Header(name) => credentials.add(name.clone(), &value.0),
                KeyPlace::Query(name) => {
                    let pair = form_urlencoded::Serializer::new(String::new())
                        .append_pair(name, &value.0)
                        .finish();
                    let name = name.clone();
                    credentials.key = Some(QueryKey { name, pair });
                }
            },
            // The token is requested during the run.
            Some(Auth::OAuth2(_)) | None => {}
        }
        for (name, value) in &live.headers {
            if is_public_header(name.as_str()) {
                credentials.public.insert(name, value.clone());
            } else {
                credentials.names.insert(name.clone());
                credentials.private.insert(name, value.clone());
            }
        }
        credentials
    }

    fn authorize(&mut self, value: &str) {
        self.add(header::AUTHORIZATION, value);
    }

    fn add(&mut self, name: HeaderName, value: &str) {
        // Invalid header values were rejected when the target was resolved.
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.names.insert(name.clone());
            self.private.insert(name, value);
        }
    }

    /// Whether the host of a URL is one of the target's hosts.
    pub(crate) fn is_named(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.own.iter().any(|origin| origin.host == host)
    }

    /// Whether credentials may be sent to a URL.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        self.own.iter().any(|origin| {
            origin.scheme == url.scheme()
                && Some(origin.host.as_str()) == url.host_str()
                && origin.port == url.port_or_known_default()
        })
    }

    /// Returns the target's header with this name for requests to a URL.
    pub(crate) fn own_header(&self, url: &Url, name: &HeaderName) -> Option<&HeaderValue> {
        let private = self.private.get(name).filter(|_| self.is_own(url));
        private.or_else(|| self.public.get(name))
    }

    /// Whether a step needs an access token, if the target has one.
    pub(crate) fn takes_token(&self, url: &Url, step: &Step) -> bool {
        !step.settled.contains(&header::AUTHORIZATION) && self.is_own(url)
    }

    /// Returns the URL of a step with the API key, if the key may be sent
    /// there. It replaces a documented parameter with the same name.
    pub(crate) fn url(&self, text: &str, parsed: &Url) -> Option<String> {
        let key = self.key.as_ref().filter(|_| self.is_own(parsed))?;
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let is_key = |pair: &&str| {
            form_urlencoded::parse(pair.as_bytes())
                .next()
                .is_some_and(|(name, _)| name == key.name)
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let mut pairs: Vec<&str> = pairs.filter(|pair| !is_key(pair)).collect();
        pairs.push(&key.pair);
        Some(format!("{path}?{}", pairs.join("&")))
    }

    /// Adds the target's headers to a request and removes what must not be sent
    /// to its URL. Settled headers of the step are kept.
    pub(crate) fn add_to(
        &self,
        headers: &mut HeaderMap,
        url: &Url,
        settled: &[HeaderName],
        token: Option<&HeaderValue>,
    ) {
        if !self.is_own(url) {
            self.take_from(headers, settled);
            return;
        }
        let token = token.map(|token| (&header::AUTHORIZATION, token));
        for (name, value) in self.public.iter().chain(&self.private).chain(token) {
            if !settled.contains(name) {
                headers.insert(name, value.clone());
            }
        }
    }

    /// Removes all headers that may contain credentials from a request to
    /// another origin, and adds the target's public headers.
    pub(crate) fn take_from(&self, headers: &mut HeaderMap, settled: &[HeaderName]) {
        let taken: Vec<HeaderName> = headers
            .iter()
            .filter(|(name, value)| {
                is_credential_header(name.as_str())
                    || self.names.contains(*name)
                    || self
                        .secrets
                        .stand_in(&String::from_utf8_lossy(value.as_bytes()))
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in taken {
            headers.remove(name);
        }
        for (name, value) in &self.public {
            if !settled.contains(name) {
                headers.insert(name, value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the headers of a request to `url` with `headers`.
    #[track_caller]
    fn check(url: &str, headers: &[(&'static str, &str)], settled: &[HeaderName], expected: &str) {
        let mut live = Live::new(Url::parse("https://a.example/v1").expect("a URL"));
        live.secrets.add("key", "s3cret-key");
        for (name, value) in [
            ("x-key", "s3cret-key"),
            ("prefer", "wait=1"),
            ("cookie", "gate=open"),
        ] {
            let value = HeaderValue::from_static(value);
            live.headers.insert(HeaderName::from_static(name), value);
        }
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).expect("a value");
            map.insert(HeaderName::from_static(name), value);
        }
        let url = Url::parse(url).expect("a URL");
        Credentials::new(&live).add_to(&mut map, &url, settled, None);
        let mut lines: Vec<String> = map
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().expect("text")))
            .collect();
        lines.sort();
        assert_eq!(lines.join(", "), expected);
    }

    #[test]
    fn adds_target_headers_to_own_urls() {
        let all = "cookie: gate=open, prefer: wait=1, x-key: s3cret-key";
        check("https://a.example/x", &[("x-key", "documented")], &[], all);
        check("https://a.example:443/x", &[], &[], all);
        let settled = [HeaderName::from_static("x-key"), header::COOKIE];
        check(
            "https://a.example/x",
            &[("x-key", "mine")],
            &settled,
            "prefer: wait=1, x-key: mine",
        );
    }

    #[test]
    fn removes_secrets_from_requests_to_other_urls() {
        let headers = [
            ("authorization", "Bearer x"),
            ("cookie", "a=b"),
            ("x-a", "is s3cret-key"),
            ("x-b", "public"),
            ("x-key", "documented"),
        ];
        let settled = headers.map(|(name, _)| HeaderName::from_static(name));
        for url in [
            "https://b.example/x",
            "http://a.example/x",
            "https://a.example:444/x",
            "https://a.example.b.example/x",
        ] {
            check(url, &headers, &settled, "prefer: wait=1, x-b: public");
        }
    }

    #[test]
    fn returns_own_headers_only_for_own_urls() {
        let mut live = Live::new(Url::parse("https://a.example/v1").expect("a URL"));
        let cookie = HeaderValue::from_static("gate=open");
        live.headers.insert(header::COOKIE, cookie.clone());
        let credentials = Credentials::new(&live);
        let of = |url| {
            let url = Url::parse(url).expect("a URL");
            credentials.own_header(&url, &header::COOKIE).cloned()
        };
        assert_eq!(of("https://a.example/x"), Some(cookie));
        assert_eq!(of("https://b.example/x"), None);
        assert_eq!(of("http://a.example/x"), None);
    }
}
