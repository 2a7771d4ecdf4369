//! `[target.NAME.auth]` as written, and which keys each `type` takes.

use std::collections::BTreeMap;
use std::ops::Range;

use http::HeaderName;
#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::auth::{Auth, Grant, KeyPlace, OAuth2};
use super::parse::{Fault, has_user_information, parse_base_url, reference, value};
use super::value::Value;
use crate::http::message::is_framing;
use crate::text::finding::nearest;

// All keys of all types in one struct: errors of a tagged enum would have no
// location in the file.
/// How requests are authenticated. The keys depend on `type` and `grant`; other keys are errors. A
/// reference is `${env:NAME}` or `${file:PATH}`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", rename = "Auth")]
pub(super) struct RawAuth {
    /// The kind of credentials: a bearer token (RFC 6750), a username and password (RFC 7617), an
    /// API key, or a token from an authorization server (RFC 6749).
    #[cfg_attr(feature = "cli", schemars(with = "String", extend("enum" = TYPES)))]
    r#type: Spanned<String>,
    /// For `bearer`: a reference to the token.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    token: Option<Spanned<String>>,
    /// For `basic` and the grant `password`: the username.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    username: Option<Spanned<String>>,
    /// For `basic` and the grant `password`: a reference to the password.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    password: Option<Spanned<String>>,
    /// For `api-key`: the header that contains the key. Excludes `query`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    header: Option<Spanned<String>>,
    /// For `api-key`: the query parameter that contains the key. Excludes `header`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    query: Option<Spanned<String>>,
    /// For `api-key`: a reference to the key.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    value: Option<Spanned<String>>,
    /// For `oauth2`: the authorization grant (RFC 6749, 4.4, 6 and 4.3).
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>", extend("enum" = GRANTS)))]
    grant: Option<Spanned<String>>,
    /// For `oauth2`: the URL of the token endpoint.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    token_url: Option<Spanned<String>>,
    /// For `oauth2`: the client identifier.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    client_id: Option<Spanned<String>>,
    /// For `oauth2`: a reference to the client secret. Public clients have none.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    client_secret: Option<Spanned<String>>,
    /// For the grant `refresh-token`: a reference to the token.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    refresh_token: Option<Spanned<String>>,
    /// For `oauth2`: the requested scopes. Default: the server's default scopes.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Vec<String>>"))]
    scopes: Option<Spanned<Vec<String>>>,
}

const TYPES: [&str; 4] = ["bearer", "basic", "api-key", "oauth2"];
const GRANTS: [&str; 3] = ["client-credentials", "refresh-token", "password"];

impl RawAuth {
    pub(super) fn validate(raw: Spanned<Self>) -> Result<Auth<Value>, Fault> {
        let span = raw.span();
        let raw = raw.into_inner();
        let kind = raw.r#type.get_ref().clone();
        if !TYPES.contains(&kind.as_str()) {
            return Err(unknown("type", &raw.r#type, &TYPES));
        }
        let scopes = raw.scopes;
        let mut keys = Keys {
            what: format!("type = \"{kind}\""),
            span,
            texts: [
                ("token", raw.token),
                ("username", raw.username),
                ("password", raw.password),
                ("header", raw.header),
                ("query", raw.query),
                ("value", raw.value),
                ("grant", raw.grant),
                ("token-url", raw.token_url),
                ("client-id", raw.client_id),
                ("client-secret", raw.client_secret),
                ("refresh-token", raw.refresh_token),
            ]
            .into_iter()
            .filter_map(|(key, text)| Some((key, text?)))
            .collect(),
        };
        if let (Some(scopes), false) = (&scopes, kind == "oauth2") {
            let message = format!("`scopes` is not valid for {}", keys.what);
            return Err(Fault::new(scopes.span(), message));
        }
        let auth = match kind.as_str() {
            "bearer" => Auth::Bearer {
                token: keys.secret("token")?,
            },
            "basic" => Auth::Basic {
                username: keys.value("username")?,
                password: keys.secret("password")?,
            },
            "api-key" => Auth::ApiKey {
                place: keys.place()?,
                value: keys.secret("value")?,
            },
            _ => Auth::OAuth2(Box::new(OAuth2 {
                grant: keys.grant()?,
                token_url: keys.url("token-url")?,
                client_id: keys.value("client-id")?,
                client_secret: keys.secret_if_there("client-secret")?,
                scopes: scopes.map(Spanned::into_inner).unwrap_or_default(),
            })),
        };
        keys.end()?;
        Ok(auth)
    }
}

fn unknown(key: &str, text: &Spanned<String>, known: &[&str]) -> Fault {
    let help = match nearest(text.get_ref(), known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("expected one of {}", known.join(", ")),
    };
    Fault::new(text.span(), format!("unknown `{key}`; {help}"))
}

/// The keys that have not been taken yet.
struct Keys {
    what: String,
    span: Range<usize>,
    texts: BTreeMap<&'static str, Spanned<String>>,
}

impl Keys {
    fn take(&mut self, key: &'static str) -> Result<Spanned<String>, Fault> {
        self.texts.remove(key).ok_or_else(|| {
            let message = format!("{} requires `{key}`", self.what);
            Fault::new(self.span.clone(), message)
        })
    }

    fn value(&mut self, key: &'static str) -> Result<Value, Fault> {
        value(key, &self.take(key)?)
    }

    fn secret(&mut self, key: &'static str) -> Result<Value, Fault> {
        reference(key, &self.take(key)?)
    }

    fn secret_if_there(&mut self, key: &'static str) -> Result<Option<Value>, Fault> {
        let text = self.texts.remove(key);
        text.map(|text| reference(key, &text)).transpose()
    }

    fn url(&mut self, key: &'static str) -> Result<url::Url, Fault> {
        let text = self.take(key)?;
        // A token endpoint may have a query, but no fragment (RFC 6749, 3.2).
        if text.get_ref().contains('#') {
            let message = format!("`{key}` has a fragment; remove it");
            return Err(Fault::new(text.span(), message));
        }
        let (whole, query) = match text.get_ref().split_once('?') {
            Some((before, query)) => (before, Some(query)),
            None => (text.get_ref().as_str(), None),
        };
        let mut url = parse_base_url(whole)
            .map_err(|error| Fault::new(text.span(), format!("`{key}`: {error}")))?;
        if has_user_information(&url) {
            let message = format!("`{key}` contains user information; remove it");
            return Err(Fault::new(text.span(), message));
        }
        url.set_query(query);
        Ok(url)
    }

    fn place(&mut self) -> Result<KeyPlace, Fault> {
        match (self.texts.remove("header"), self.texts.remove("query")) {
            (Some(name), None) => match HeaderName::from_bytes(name.get_ref().as_bytes()) {
                Ok(parsed) if !is_framing(parsed.as_str()) => Ok(KeyPlace::Header(parsed)),
                _ => Err(Fault::new(name.span(), "`header` is not a header name")),
            },
            (None, Some(name)) if !name.get_ref().is_empty() => {
                Ok(KeyPlace::Query(name.into_inner()))
            }
            _ => {
                let message = format!("{} requires either `header` or `query`", self.what);
                Err(Fault::new(self.span.clone(), message))
            }
        }
    }

    fn grant(&mut self) -> Result<Grant<Value>, Fault> {
        let grant = self.take("grant")?;
        let name = grant.get_ref().as_str();
        if !GRANTS.contains(&name) {
            return Err(unknown("grant", &grant, &GRANTS));
        }
        self.what = format!("grant = \"{name}\"");
        Ok(match name {
            "client-credentials" => Grant::ClientCredentials,
            "refresh-token" => Grant::RefreshToken(self.secret("refresh-token")?),
            _ => Grant::Password {
                username: self.value("username")?,
                password: self.secret("password")?,
            },
        })
    }

    /// Rejects keys that do not belong to the type.
    fn end(self) -> Result<(), Fault> {
        match self.texts.into_iter().next() {
            Some((key, text)) => {
                let message = format!("`{key}` is not valid for {}", self.what);
                Err(Fault::new(text.span(), message))
            }
            None => Ok(()),
        }
    }
}
