//! Access tokens from an authorization server (RFC 6749): kept in memory,
//! fetched once for all waiting requests, renewed when they expire or are
//! rejected. Token requests are never reported.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use thiserror::Error;
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

use super::content::{self, Body, BodyLimits};
use super::error::{TransportError, no_response};
use super::pool::Pool;
use crate::project::config::{Grant, OAuth2};
use crate::text::secret::{Secret, Secrets};

/// Maximum size of a token response, in bytes.
const RESPONSE_LIMIT: usize = 1 << 20;
/// Maximum length of a reported authorization error, in characters.
const ERROR_LENGTH: usize = 200;

/// Provides access tokens.
#[derive(Debug)]
pub(super) struct TokenSource {
    config: OAuth2<Secret>,
    secrets: Secrets,
    state: Mutex<TokenState>,
}

#[derive(Debug, Default)]
struct TokenState {
    token: Option<Arc<Token>>,
    /// The last refresh token received.
    refresh: Option<Secret>,
    /// The error of a failed fetch; the fetch is not repeated.
    failed: Option<TokenError>,
}

/// An access token.
#[derive(Debug)]
pub(super) struct Token {
    /// The value of `Authorization`.
    pub header: HeaderValue,
    expires: Option<Instant>,
    /// Whether it replaced a rejected token.
    is_second: bool,
    has_worked: AtomicBool,
}

impl Token {
    /// Records that a request with this token was not rejected.
    pub(super) fn worked(&self) {
        self.has_worked.store(true, Ordering::Relaxed);
    }
}

/// Why no token is available.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("failed to get a token from {endpoint}: {message}")]
pub(super) struct TokenError {
    endpoint: String,
    message: String,
}

impl TokenSource {
    pub(super) fn new(config: OAuth2<Secret>, secrets: Secrets) -> Self {
        Self {
            config,
            secrets,
            state: Mutex::new(TokenState::default()),
        }
    }

    /// The token endpoint.
    pub(super) fn url(&self) -> &Url {
        &self.config.token_url
    }

    /// Returns a token that is not known to be expired.
    pub(super) async fn token(&self, pool: &Pool) -> Result<Arc<Token>, TokenError> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        match &state.token {
            Some(token) if token.expires.is_none_or(|expires| now < expires) => {
                Ok(Arc::clone(token))
            }
            _ => self.fetch(&mut state, pool, false).await,
        }
    }

    /// Returns a replacement for a token that was rejected with 401. Returns
    /// `None` if the rejected token was itself a replacement that never worked,
    /// because another one would not help.
    pub(super) async fn renewed(
        &self,
        refused: &Arc<Token>,
        pool: &Pool,
    ) -> Result<Option<Arc<Token>>, TokenError> {
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && !Arc::ptr_eq(token, refused)
        {
            return Ok(Some(Arc::clone(token)));
        }
        if refused.is_second && !refused.has_worked.load(Ordering::Relaxed) {
            return Ok(None);
        }
        self.fetch(&mut state, pool, true).await.map(Some)
    }

    /// Fetches a token; other requests wait for the lock.
    async fn fetch(
        &self,
        state: &mut TokenState,
        pool: &Pool,
        is_second: bool,
    ) -> Result<Arc<Token>, TokenError> {
        if let Some(failed) = &state.failed {
            return Err(failed.clone());
        }
        let requested_at = Instant::now();
        let fetched = match pool.named(&self.config.token_url) {
            Ok(clients) => {
                // With client credentials, the grant is repeated (RFC 6749,
                // 4.4.3).
                let refresh = match self.config.grant {
                    Grant::ClientCredentials => None,
                    _ => state.refresh.clone(),
                };
                request_token(&self.config, refresh, &clients.fresh, pool.timeout()).await
            }
            Err(error) => Err(error.to_string()),
        };
        let kept = fetched.and_then(|response| self.keep(state, response, requested_at, is_second));
        kept.map_err(|message| {
            let mut endpoint = self.config.token_url.clone();
            endpoint.set_query(None);
            let mut failed = TokenError {
                endpoint: endpoint.to_string(),
                message,
            };
            self.secrets.mask(&mut failed.message);
            state.failed = Some(failed.clone());
            failed
        })
    }

    fn keep(
        &self,
        state: &mut TokenState,
        response: TokenResponse,
        requested_at: Instant,
        is_second: bool,
    ) -> Result<Arc<Token>, String> {
        let secret = &response.access_token;
        self.secrets.add("access-token", secret);
        if !response.token_type.eq_ignore_ascii_case("bearer") {
            return Err("its token type is not `Bearer` (RFC 6750)".to_owned());
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {secret}"))
            .map_err(|_| "its token is not a valid header value (RFC 6750, 2.1)".to_owned())?;
        header.set_sensitive(true);
        if let Some(refresh) = response.refresh_token {
            self.secrets.add("refresh-token", &refresh);
            state.refresh = Some(Secret(refresh));
        }
        let token = Arc::new(Token {
            header,
            expires: response.expires_in.and_then(|seconds| {
                let lifetime = Duration::from_secs(seconds);
                // Refresh early to allow for latency.
                let margin = (lifetime / 10).min(Duration::from_secs(30));
                requested_at.checked_add(lifetime.saturating_sub(margin))
            }),
            is_second,
            has_worked: AtomicBool::new(false),
        });
        state.token = Some(Arc::clone(&token));
        Ok(token)
    }
}

/// Requests a token: with the refresh token that was issued last, or else with
/// the configured grant.
async fn request_token(
    config: &OAuth2<Secret>,
    refresh: Option<Secret>,
    client: &reqwest::Client,
    timeout: Duration,
) -> Result<TokenResponse, String> {
    if let Some(refresh) = refresh {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh.0),
        ];
        match post(config, &form, client, timeout).await {
            // A spent refresh token is not the end where there is a password.
            Err(Refusal::Server { .. }) if matches!(config.grant, Grant::Password { .. }) => {}
            result => return result.map_err(|refusal| refusal.to_string()),
        }
    }
    let form = match &config.grant {
        Grant::ClientCredentials => vec![("grant_type", "client_credentials")],
        Grant::RefreshToken(first) => {
            vec![("grant_type", "refresh_token"), ("refresh_token", &first.0)]
        }
        Grant::Password { username, password } => vec![
            ("grant_type", "password"),
            ("username", &username.0),
            ("password", &password.0),
        ],
    };
    let issued = post(config, &form, client, timeout).await;
    issued.map_err(|refusal| refusal.to_string())
}

/// The token request (RFC 6749, 4.3.2, 4.4.2 and 6).
fn token_request(
    config: &OAuth2<Secret>,
    form: &[(&str, &str)],
    client: &reqwest::Client,
) -> reqwest::RequestBuilder {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    if !config.scopes.is_empty() {
        body.append_pair("scope", &config.scopes.join(" "));
    }
    let mut request = client
        .post(config.token_url.clone())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    match &config.client_secret {
        // RFC 6749, 2.3.1: both are form-encoded before they are joined.
        Some(secret) => {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let (id, secret): (String, String) = (encode(&config.client_id.0), encode(&secret.0));
            request = request.basic_auth(id, Some(secret));
        }
        None => {
            body.append_pair("client_id", &config.client_id.0);
        }
    }
    request.body(body.finish())
}

/// Sends one token request and reads its response (RFC 6749, 5.1 and 5.2).
async fn post(
    config: &OAuth2<Secret>,
    form: &[(&str, &str)],
    client: &reqwest::Client,
    timeout: Duration,
) -> Result<TokenResponse, Refusal> {
    let request = token_request(config, form, client);
    let sent = request.send().await;
    let mut response = sent.map_err(|error| no_response(&error, timeout))?;
    let status = response.status();
    let limits = BodyLimits {
        size: RESPONSE_LIMIT,
        exchange: timeout,
        stream: None,
    };
    let Body::Whole(content) = content::read(&mut response, limits).await? else {
        return Err(Refusal::TooLong);
    };
    if status == StatusCode::OK {
        return serde_json::from_slice(&content).map_err(|_| Refusal::Invalid(status));
    }
    match serde_json::from_slice(&content) {
        Ok(error) => Err(Refusal::Server { status, error }),
        Err(_) => Err(Refusal::Invalid(status)),
    }
}

/// A successful token response (RFC 6749, 5.1).
#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    token_type: String,
    /// Seconds.
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

/// An error response (RFC 6749, 5.2).
#[derive(Debug, Deserialize)]
struct ServerError {
    error: String,
    error_description: Option<String>,
}

impl fmt::Display for ServerError {
    /// The error and its description, shortened and in printable characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", printable(&self.error))?;
        match &self.error_description {
            Some(description) => write!(f, ": {}", printable(description)),
            None => Ok(()),
        }
    }
}

/// Why a token request brought no token.
#[derive(Debug, Error)]
enum Refusal {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("its response exceeds {RESPONSE_LIMIT} bytes")]
    TooLong,
    #[error("it responded with {} {error}", status.as_u16())]
    Server {
        status: StatusCode,
        error: ServerError,
    },
    /// The content is not shown: it may hold a token.
    #[error("it responded with {} and an invalid token response (RFC 6749, 5.1)", .0.as_u16())]
    Invalid(StatusCode),
}

/// Keeps the characters that an error may have (RFC 6749, 5.2).
fn printable(text: &str) -> String {
    let mut shown = text.chars().filter(|c| (' '..='~').contains(c));
    let mut start: String = shown.by_ref().take(ERROR_LENGTH).collect();
    if shown.next().is_some() {
        start.push('…');
    }
    start
}
