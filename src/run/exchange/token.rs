//! Access tokens from an authorization server (RFC 6749): kept in memory,
//! fetched once for all waiting requests, renewed when they expire or are
//! rejected. Token requests are never reported.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use http::HeaderValue;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AsyncHttpClient, ClientId, ClientSecret, HttpRequest, HttpResponse, RefreshToken,
    RequestTokenError, ResourceOwnerPassword, ResourceOwnerUsername, Scope, TokenResponse,
    TokenUrl,
};
use thiserror::Error;
use tokio::sync::Mutex;
use url::Url;

use super::content;
use super::error::{TransportError, transport};
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
    config: Arc<OAuth2<Secret>>,
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

/// Why a request to the token endpoint failed.
#[derive(Debug, Error)]
enum RequestError {
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error("its response exceeds {RESPONSE_LIMIT} bytes")]
    TooLong,
    #[error("its response cannot be read")]
    Unreadable,
}

impl TokenSource {
    pub(super) fn new(config: OAuth2<Secret>, secrets: Secrets) -> Self {
        Self {
            config: Arc::new(config),
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
            Ok(client) => {
                // With client credentials, the grant is repeated (RFC 6749,
                // 4.4.3).
                let refresh = match self.config.grant {
                    Grant::ClientCredentials => None,
                    _ => state.refresh.clone(),
                };
                request_token(Arc::clone(&self.config), refresh, client.clone()).await
            }
            Err(error) => Err(error.to_string()),
        };
        let kept =
            fetched.and_then(|response| self.keep(state, &response, requested_at, is_second));
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
        response: &BasicTokenResponse,
        requested_at: Instant,
        is_second: bool,
    ) -> Result<Arc<Token>, String> {
        let secret = response.access_token().secret();
        self.secrets.add("access-token", secret);
        if !matches!(response.token_type(), BasicTokenType::Bearer) {
            return Err("its token type is not `Bearer` (RFC 6750)".to_owned());
        }
        let mut header = HeaderValue::from_str(&format!("Bearer {secret}"))
            .map_err(|_| "its token is not a valid header value (RFC 6750, 2.1)".to_owned())?;
        header.set_sensitive(true);
        if let Some(refresh) = response.refresh_token() {
            self.secrets.add("refresh-token", refresh.secret());
            state.refresh = Some(Secret(refresh.secret().clone()));
        }
        let token = Arc::new(Token {
            header,
            expires: response.expires_in().and_then(|lifetime| {
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

type TokenFuture = Pin<Box<dyn Future<Output = Result<BasicTokenResponse, String>> + Send>>;
type Responding = Pin<Box<dyn Future<Output = Result<HttpResponse, RequestError>> + Send>>;
type Refusal = RequestTokenError<RequestError, BasicErrorResponse>;

/// Requests a token with the last refresh token, or else with the grant. Takes
/// owned values, because the futures of `oauth2` have lifetimes that a task
/// cannot hold.
fn request_token(
    config: Arc<OAuth2<Secret>>,
    refresh: Option<Secret>,
    client: reqwest::Client,
) -> TokenFuture {
    Box::pin(async move {
        let status = Arc::new(AtomicU16::new(0));
        let http = Http {
            client,
            status: Arc::clone(&status),
        };
        let client = BasicClient::new(ClientId::new(config.client_id.0.clone()))
            .set_token_uri(TokenUrl::from_url(config.token_url.clone()));
        let client = match &config.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.0.clone())),
            None => client,
        };
        let scopes = || config.scopes.iter().cloned().map(Scope::new);
        if let Some(refresh) = refresh {
            let token = RefreshToken::new(refresh.0);
            let request = client.exchange_refresh_token(&token).add_scopes(scopes());
            match request.request_async(&http).await {
                Ok(response) => return Ok(response),
                // With a password, a rejected refresh token is not final.
                Err(Refusal::ServerResponse(_))
                    if matches!(config.grant, Grant::Password { .. }) => {}
                Err(refusal) => return Err(describe(&refusal, status.load(Ordering::Relaxed))),
            }
        }
        let response = match &config.grant {
            Grant::ClientCredentials => {
                let request = client.exchange_client_credentials().add_scopes(scopes());
                request.request_async(&http).await
            }
            Grant::RefreshToken(first) => {
                let token = RefreshToken::new(first.0.clone());
                let request = client.exchange_refresh_token(&token).add_scopes(scopes());
                request.request_async(&http).await
            }
            Grant::Password { username, password } => {
                let username = ResourceOwnerUsername::new(username.0.clone());
                let password = ResourceOwnerPassword::new(password.0.clone());
                let request = client.exchange_password(&username, &password);
                request.add_scopes(scopes()).request_async(&http).await
            }
        };
        response.map_err(|refusal| describe(&refusal, status.load(Ordering::Relaxed)))
    })
}

/// Describes a refusal of the authorization server (RFC 6749, 5.2). Its text is
/// shortened and cleaned; any other response is not shown at all.
fn describe(refusal: &Refusal, status: u16) -> String {
    match refusal {
        Refusal::ServerResponse(error) => {
            let mut text = format!(
                "it responded with {status} `{}`",
                printable(error.error().as_ref())
            );
            if let Some(description) = error.error_description() {
                text += &format!(": {}", printable(description));
            }
            text
        }
        Refusal::Request(error) => error.to_string(),
        Refusal::Parse(_, _) | Refusal::Other(_) => {
            format!("it responded with {status} and an invalid token response (RFC 6749, 5.1)")
        }
    }
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

/// The HTTP client that `oauth2` uses.
struct Http {
    client: reqwest::Client,
    /// The status of the last response.
    status: Arc<AtomicU16>,
}

impl AsyncHttpClient<'_> for Http {
    type Error = RequestError;
    type Future = Responding;

    fn call(&self, request: HttpRequest) -> Responding {
        Box::pin(send(self.client.clone(), request, Arc::clone(&self.status)))
    }
}

async fn send(
    client: reqwest::Client,
    request: HttpRequest,
    status: Arc<AtomicU16>,
) -> Result<HttpResponse, RequestError> {
    let request = reqwest::Request::try_from(request).map_err(transport)?;
    let mut received = client.execute(request).await.map_err(transport)?;
    status.store(received.status().as_u16(), Ordering::Relaxed);
    let body = content::read(&mut received, RESPONSE_LIMIT)
        .await?
        .ok_or(RequestError::TooLong)?;
    let mut response = http::Response::builder().status(received.status());
    if let Some(kind) = received.headers().get(http::header::CONTENT_TYPE) {
        response = response.header(http::header::CONTENT_TYPE, kind);
    }
    response.body(body).map_err(|_| RequestError::Unreadable)
}
