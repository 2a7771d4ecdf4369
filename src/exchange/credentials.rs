//! Which requests the target's headers and credentials belong to. Credentials
//! go to the target's own URLs alone: by scheme, host and port (RFC 6454, 4),
//! not by the host alone.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Url, form_urlencoded};

use super::token::TokenSource;
use crate::config::{Auth, KeyPlace};
use crate::plan::{Live, Step};
use crate::secret::{Secrets, is_credential_header, is_public_header};

/// What is added to requests, and where.
#[derive(Debug)]
pub struct Credentials {
    own: Vec<Origin>,
    /// The names of headers that hold credentials.
    names: HashSet<HeaderName>,
    /// Headers for each request.
    public: HeaderMap,
    /// Headers for requests to the own origins.
    private: HeaderMap,
    key: Option<QueryKey>,
    tokens: Option<TokenSource>,
    secrets: Secrets,
}

#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

/// An API key in the query; the value is percent-encoded.
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
    pub fn new(live: &Live) -> Self {
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
            tokens: None,
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
            // A header that is given goes before the target's own way.
            Some(Auth::OAuth2(oauth2)) if !live.headers.contains_key(header::AUTHORIZATION) => {
                let source = TokenSource::new((**oauth2).clone(), live.secrets.clone());
                credentials.tokens = Some(source);
            }
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
        // What cannot be a header was refused when it was resolved.
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.names.insert(name.clone());
            self.private.insert(name, value);
        }
    }

    /// Where tokens come from.
    pub fn token_url(&self) -> Option<&Url> {
        self.tokens.as_ref().map(TokenSource::url)
    }

    /// Whether the target names the host of a URL.
    pub fn is_named(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.own.iter().any(|origin| origin.host == host)
    }

    /// Whether credentials may go to a URL.
    fn is_own(&self, url: &Url) -> bool {
        self.own.iter().any(|origin| {
            origin.scheme == url.scheme()
                && Some(origin.host.as_str()) == url.host_str()
                && origin.port == url.port_or_known_default()
        })
    }

    /// Where the access token for a step comes from, if it needs one.
    pub fn token_source(&self, url: &Url, step: &Step) -> Option<&TokenSource> {
        let is_wanted = !step.settled.contains(&header::AUTHORIZATION) && self.is_own(url);
        self.tokens.as_ref().filter(|_| is_wanted)
    }

    /// The URL of a step with the API key, if one belongs there. A parameter
    /// of its name that the docs show is its placeholder.
    pub fn url(&self, text: &str, parsed: &Url) -> Option<String> {
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

    /// Adds what belongs to a request to a host that the target names; what
    /// the step settles itself stays as it is.
    pub fn add_to(&self, request: &mut reqwest::Request, step: &Step, token: Option<&HeaderValue>) {
        if !self.is_own(request.url()) {
            self.take_from(request.headers_mut(), step);
            return;
        }
        let headers = request.headers_mut();
        let token = token.map(|token| (&header::AUTHORIZATION, token));
        for (name, value) in self.public.iter().chain(&self.private).chain(token) {
            if !step.settled.contains(name) {
                headers.insert(name, value.clone());
            }
        }
    }

    /// Takes all that may hold credentials from a request to somewhere else,
    /// and adds what belongs to any request.
    pub fn take_from(&self, headers: &mut HeaderMap, step: &Step) {
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
            if !step.settled.contains(name) {
                headers.insert(name, value.clone());
            }
        }
    }
}
