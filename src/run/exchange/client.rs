//! The client: sends steps, with what the target adds to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use url::{Position, Url};

use super::address::check_literal;
use super::content::{self, BodyLimits, BodyWait};
use super::error::{ClientError, TransportError, TransportKind, is_closed, no_response, not_sent};
use super::pace::Pace;
use super::pool::{Clients, Pool, is_idempotent};
use super::token::{Token, TokenError, TokenSource};
use crate::http::message::{ActualResponse, Headers};
use crate::project::plan::{Credentials, Limits, Step, Target, is_safe};

/// Sends steps. Clones share one client.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    pool: Pool,
    limits: Limits,
    /// The rules of a live target; `None` for the mock.
    live: Option<Rules>,
}

/// What a live target permits, and what it adds to requests.
#[derive(Debug)]
struct Rules {
    credentials: Credentials,
    tokens: Option<TokenSource>,
    allow_writes: bool,
    pace: Pace,
    sent: AtomicU64,
}

/// The result of sending a step.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The planned URL.
    pub url: String,
    /// The request as sent, with credentials; `None` if nothing was sent.
    pub sent: Option<Box<Step>>,
    /// The response, or why there is none.
    pub response: Result<ActualResponse, TransportError>,
    /// The duration of the exchange.
    pub elapsed: Duration,
}

impl Client {
    /// Creates a client for a target. `timeout` limits each exchange.
    pub fn new(target: &Target, timeout: Duration) -> Result<Self, ClientError> {
        let inner = match target {
            Target::Mock { base } => Inner {
                pool: Pool::new(&[base], None, timeout)?,
                limits: Limits::default(),
                live: None,
            },
            Target::Live(target) => {
                let live = &target.live;
                let tokens = live.oauth2().map(|oauth2| {
                    let secrets = live.secrets.clone();
                    TokenSource::new(oauth2.clone(), secrets)
                });
                let urls = std::iter::once(&live.base).chain(live.hosts.values());
                let urls: Vec<&Url> = urls.chain(tokens.as_ref().map(TokenSource::url)).collect();
                Inner {
                    pool: Pool::new(&urls, live.ca.as_deref(), timeout)?,
                    limits: live.limits,
                    live: Some(Rules {
                        credentials: Credentials::new(live),
                        tokens,
                        allow_writes: live.allow_writes,
                        pace: Pace::new(live.rates),
                        sent: AtomicU64::new(0),
                    }),
                }
            }
        };
        Ok(Self(Arc::new(inner)))
    }

    /// The header field that the target adds to each request to this URL.
    pub fn own_header(&self, url: &Url, name: &HeaderName) -> Option<&HeaderValue> {
        self.0.live.as_ref()?.credentials.own_header(url, name)
    }

    /// Whether the target names the origin of a URL.
    pub fn is_own(&self, url: &Url) -> bool {
        let live = self.0.live.as_ref();
        live.is_none_or(|rules| rules.credentials.is_own(url))
    }

    /// Sends a step and measures the time, without the wait for a token or for
    /// the rate limit. Reads the content of the response to its end or to a
    /// limit.
    pub async fn exchange(&self, step: &Step, wait: BodyWait) -> Exchange {
        self.0
            .exchange(step, wait)
            .await
            .unwrap_or_else(|error| Exchange {
                url: step.url.clone(),
                sent: None,
                response: Err(error),
                elapsed: Duration::ZERO,
            })
    }
}

impl Inner {
    /// Returns an error if the step was not sent.
    async fn exchange(&self, step: &Step, wait: BodyWait) -> Result<Exchange, TransportError> {
        let Some(rules) = &self.live else {
            let url = parse(&step.url)?;
            let clients = self.pool.named(&url).map_err(not_sent)?;
            return Ok(self.timed(clients, step, request(step, url), wait).await);
        };
        if !rules.allow_writes && !is_safe(&step.method) {
            let message = format!("not sent: {} may change data", step.method);
            return Err(TransportError::new(TransportKind::NotSent, message));
        }
        let url = parse(&step.url)?;
        let credentials = &rules.credentials;
        if !credentials.is_named(&url) {
            check_literal(&url).map_err(not_sent)?;
            let clients = self.pool.foreign().map_err(not_sent)?;
            let mut request = request(step, url);
            credentials.take_from(request.headers_mut(), &step.settled);
            rules.turn(request.url(), &self.limits).await?;
            return Ok(self.timed(clients, step, request, wait).await);
        }
        let clients = self.pool.named(&url).map_err(not_sent)?;
        let tokens = rules.tokens.as_ref();
        let tokens = tokens.filter(|_| credentials.takes_token(&url, step));
        let token = match tokens {
            Some(source) => Some(
                source
                    .token(&self.pool)
                    .await
                    .map_err(|error| no_token(&error))?,
            ),
            None => None,
        };
        let with = |token: Option<&Arc<Token>>| {
            let mut request = match credentials.url(&step.url, &url) {
                Some(url) => request(step, parse(&url)?),
                None => request(step, url.clone()),
            };
            let headers = request.headers_mut();
            let token = token.map(|token| &token.header);
            credentials.add_to(headers, &url, &step.settled, token);
            Ok::<_, TransportError>(request)
        };
        rules.turn(&url, &self.limits).await?;
        let first = self.timed(clients, step, with(token.as_ref())?, wait).await;
        let (Some(source), Some(token)) = (tokens, token) else {
            return Ok(first);
        };
        let is_refused = first
            .response
            .as_ref()
            .is_ok_and(|response| response.status == StatusCode::UNAUTHORIZED);
        if !is_refused {
            if first.response.is_ok() {
                token.worked();
            }
            return Ok(first);
        }
        let Some(second) = source
            .renewed(&token, &self.pool)
            .await
            .map_err(|error| no_token(&error))?
        else {
            return Ok(first);
        };
        if rules.turn(&url, &self.limits).await.is_err() {
            return Ok(first);
        }
        let again = self.timed(clients, step, with(Some(&second))?, wait).await;
        if again
            .response
            .as_ref()
            .is_ok_and(|response| response.status != StatusCode::UNAUTHORIZED)
        {
            second.worked();
        }
        Ok(again)
    }

    async fn timed(
        &self,
        clients: &Clients,
        step: &Step,
        request: reqwest::Request,
        wait: BodyWait,
    ) -> Exchange {
        let sent = Step {
            method: request.method().clone(),
            url: request.url().to_string(),
            headers: request.headers().clone(),
            body: step.body.clone(),
            settled: Vec::new(),
        };
        let start = Instant::now();
        Exchange {
            url: step.url.clone(),
            sent: Some(Box::new(sent)),
            response: self.send(clients, request, wait).await,
            elapsed: start.elapsed(),
        }
    }

    async fn send(
        &self,
        clients: &Clients,
        request: reqwest::Request,
        wait: BodyWait,
    ) -> Result<ActualResponse, TransportError> {
        let mut response = self.head(clients, request).await?;
        let headers = Headers::from(response.headers());
        let status = response.status().as_u16();
        let limits = BodyLimits {
            size: self.limits.body,
            exchange: self.pool.timeout(),
            stream: (wait == BodyWait::Stream).then_some(self.limits.stream),
        };
        let body = content::read(&mut response, limits).await?;
        Ok(ActualResponse {
            status,
            body: content::decode(body, &headers, self.limits.body),
            headers,
        })
    }

    /// Sends a request and reads the head of the response. If the server closed
    /// the kept connection meanwhile, the request is sent once more on a new
    /// one (RFC 9112, 9.3.1).
    async fn head(
        &self,
        clients: &Clients,
        request: reqwest::Request,
    ) -> Result<reqwest::Response, TransportError> {
        let method = request.method().clone();
        let may_repeat = is_idempotent(&method);
        let again = request.try_clone().filter(|_| may_repeat);
        let error = match clients.of(&method).execute(request).await {
            Ok(response) => {
                if may_repeat {
                    clients.carriers.add(&response);
                }
                return Ok(response);
            }
            Err(error) => error,
        };
        let was_kept = clients.carriers.remove(&error);
        let mut failed = no_response(&error, self.pool.timeout());
        if !is_closed(&error) {
            return Err(failed);
        }
        let Some(again) = again else {
            failed.message += &format!(
                "; the service may have acted on it, so a {method} is not sent again (RFC 9110, \
                 9.2.2)"
            );
            return Err(failed);
        };
        if !was_kept {
            return Err(failed);
        }
        if let Some(rules) = &self.live
            && rules.turn(again.url(), &self.limits).await.is_err()
        {
            return Err(failed);
        }
        let second = clients.fresh.execute(again).await;
        second.map_err(|error| no_response(&error, self.pool.timeout()))
    }
}

impl Rules {
    /// Waits for the rate limit. Fails if the request limit is reached.
    async fn turn(&self, url: &Url, limits: &Limits) -> Result<(), TransportError> {
        if let Some(most) = limits.requests
            && self.sent.fetch_add(1, Ordering::Relaxed) >= most
        {
            let message = format!("not sent: reached --max-requests {most}");
            return Err(TransportError::new(TransportKind::Limit, message));
        }
        self.pace.wait(url.host_str().unwrap_or_default()).await;
        Ok(())
    }
}

fn request(step: &Step, url: Url) -> reqwest::Request {
    let mut request = reqwest::Request::new(step.method.clone(), url);
    *request.headers_mut() = step.headers.clone();
    match &step.body {
        Some(body) => *request.body_mut() = Some(body.clone().into()),
        // RFC 9110, 8.6: these methods define a meaning for content, so its
        // absence is stated.
        None if matches!(step.method, Method::POST | Method::PUT | Method::PATCH) => {
            let zero = HeaderValue::from_static("0");
            request.headers_mut().insert(header::CONTENT_LENGTH, zero);
        }
        None => {}
    }
    request
}

fn parse(url: &str) -> Result<Url, TransportError> {
    wire_url(url).map_err(not_sent)
}

fn no_token(error: &TokenError) -> TransportError {
    TransportError::new(TransportKind::Token, error.to_string())
}

/// Parses a planned URL, and keeps apostrophes in its query. The WHATWG rules
/// of `Url` encode them; RFC 3986 does not, and `OData` strings use them. `url`
/// has no public way to keep one, so the query is restored in the serialized
/// form.
fn wire_url(text: &str) -> Result<Url, url::ParseError> {
    let url = Url::parse(text)?;
    let query = text.split_once('?').map_or("", |(_, query)| query);
    if !query.contains('\'') {
        return Ok(url);
    }
    let whole = format!("{}{query}", &url[..Position::BeforeQuery]);
    let Ok(Value::Array(mut parts)) = url.serialize_internal(serde_json::value::Serializer) else {
        return Ok(url);
    };
    if let Some(first) = parts.first_mut() {
        *first = Value::String(whole);
    }
    // With debug assertions, `url` rejects this. Then the encoded form is sent,
    // which servers treat as equal.
    Ok(Url::deserialize_internal(Value::Array(parts)).unwrap_or(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_apostrophes_in_queries() {
        let text = "http://127.0.0.1/a('b')?$filter=c%20eq%20'd'&e=%27";
        assert_eq!(wire_url(text).expect("a URL").as_str(), text);
    }
}
