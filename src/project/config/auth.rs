//! Authentication of a target. `T` is [`Value`] in the configuration and
//! [`Secret`](crate::text::secret::Secret) once the references are resolved.

use http::HeaderName;
use url::Url;

use super::value::Value;

/// How requests to a target are authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth<T> {
    /// A bearer token (RFC 6750).
    Bearer {
        /// The token.
        token: T,
    },
    /// A user's name and password (RFC 7617).
    Basic {
        /// The user.
        username: T,
        /// The password.
        password: T,
    },
    /// An API key.
    ApiKey {
        /// Its location.
        place: KeyPlace,
        /// The key.
        value: T,
    },
    /// A token issued by an authorization server (RFC 6749).
    OAuth2(Box<OAuth2<T>>),
}

/// Location of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// A header field.
    Header(HeaderName),
    /// A query parameter.
    Query(String),
}

/// How to request tokens from an authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuth2<T> {
    /// The authorization grant.
    pub grant: Grant<T>,
    /// The token endpoint (RFC 6749, 3.2).
    pub token_url: Url,
    /// The client's identifier.
    pub client_id: T,
    /// The client's secret; public clients have none.
    pub client_secret: Option<T>,
    /// The requested scopes.
    pub scopes: Vec<String>,
}

/// An authorization grant (RFC 6749, 1.3 and 1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant<T> {
    /// The client's own credentials (RFC 6749, 4.4).
    ClientCredentials,
    /// A refresh token that was issued before (RFC 6749, 6).
    RefreshToken(T),
    /// A user's name and password (RFC 6749, 4.3).
    Password {
        /// The user.
        username: T,
        /// The password.
        password: T,
    },
}

impl Auth<Value> {
    /// Resolves each value; `resolve` also gets its key.
    pub fn resolve<T, E>(
        &self,
        mut resolve: impl FnMut(&'static str, &Value) -> Result<T, E>,
    ) -> Result<Auth<T>, E> {
        Ok(match self {
            Self::Bearer { token } => Auth::Bearer {
                token: resolve("token", token)?,
            },
            Self::Basic { username, password } => Auth::Basic {
                username: resolve("username", username)?,
                password: resolve("password", password)?,
            },
            Self::ApiKey { place, value } => Auth::ApiKey {
                place: place.clone(),
                value: resolve("value", value)?,
            },
            Self::OAuth2(oauth2) => Auth::OAuth2(Box::new(OAuth2 {
                grant: match &oauth2.grant {
                    Grant::ClientCredentials => Grant::ClientCredentials,
                    Grant::RefreshToken(token) => {
                        Grant::RefreshToken(resolve("refresh-token", token)?)
                    }
                    Grant::Password { username, password } => Grant::Password {
                        username: resolve("username", username)?,
                        password: resolve("password", password)?,
                    },
                },
                token_url: oauth2.token_url.clone(),
                client_id: resolve("client-id", &oauth2.client_id)?,
                client_secret: oauth2
                    .client_secret
                    .as_ref()
                    .map(|secret| resolve("client-secret", secret))
                    .transpose()?,
                scopes: oauth2.scopes.clone(),
            })),
        })
    }
}
