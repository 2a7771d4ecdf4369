//! Sends steps and takes down what comes back.

use std::error::Error as _;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, header};
use reqwest::redirect::Policy;
use serde_json::Value;
use thiserror::Error;
use url::{Position, Url};

use crate::message::{Answer, Content, Headers};
use crate::plan::{Planned, Step, Unit};

/// The most bytes of an answer's body that are read.
const BODY_LIMIT: usize = 16 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Sends steps.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
}

/// What came of sending a step.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was asked.
    pub url: String,
    /// The answer, or why there is none.
    pub answer: Result<Answer, TransportError>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Why an exchange had no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TransportError {
    /// What happened, without the URL.
    pub message: String,
    /// Whether no connection could be made.
    pub is_connect: bool,
}

/// Why no client can be made.
#[derive(Debug, Error)]
#[error("failed to set up the HTTP client: {0}")]
pub struct ClientError(#[from] reqwest::Error);

impl Client {
    /// A client for the steps of a plan. Redirects are not followed: the
    /// documented answer is the first one.
    pub fn new(units: &[Unit], timeout: Duration) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            // A little before the whole exchange is given up, so that a
            // target that cannot be reached is told from a slow one.
            .connect_timeout(CONNECT_TIMEOUT.min(timeout.mul_f64(0.9)))
            .timeout(timeout)
            .tcp_nodelay(true);
        let mut urls = units.iter().filter_map(|unit| match &unit.planned {
            Planned::Send(step) => Some(step.url.as_str()),
            Planned::Script | Planned::Skip(_) => None,
        });
        if urls.clone().all(is_loopback) {
            builder = builder.no_proxy();
        }
        // An error means that the process has a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        if !urls.any(|url| url.starts_with("https:")) {
            // Reading the system's certificates takes longer than a small run.
            builder = builder.tls_certs_only([]);
        }
        Ok(Self {
            inner: builder.build()?,
        })
    }

    /// Sends a step, and takes the time.
    pub async fn exchange(&self, step: &Step) -> Exchange {
        let start = Instant::now();
        Exchange {
            url: step.url.clone(),
            answer: self.send(step).await,
            elapsed: start.elapsed(),
        }
    }

    /// Sends a step. The content of the answer is read to its end, or to 16 MiB.
    async fn send(&self, step: &Step) -> Result<Answer, TransportError> {
        let url = wire_url(&step.url).map_err(|error| TransportError {
            message: error.to_string(),
            is_connect: false,
        })?;
        let mut request = reqwest::Request::new(step.method.clone(), url);
        *request.headers_mut() = step.headers.clone();
        match &step.body {
            Some(body) => *request.body_mut() = Some(body.clone().into()),
            // RFC 9110, 8.6: these methods give content a meaning, so its
            // absence is said.
            None if matches!(step.method, Method::POST | Method::PUT | Method::PATCH) => {
                let zero = HeaderValue::from_static("0");
                request.headers_mut().insert(header::CONTENT_LENGTH, zero);
            }
            None => {}
        }
        let mut answer = self.inner.execute(request).await.map_err(transport)?;
        let mut headers = Headers::default();
        for (name, value) in answer.headers() {
            headers.push(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
        }
        let status = answer.status().as_u16();
        let mut content = Vec::new();
        let mut body = None;
        while let Some(chunk) = answer.chunk().await.map_err(transport)? {
            if content.len() + chunk.len() > BODY_LIMIT {
                body = Some(Content::Lost(format!("it is over {BODY_LIMIT} bytes")));
                break;
            }
            content.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            headers,
            body: body.unwrap_or(Content::Whole(content)),
        })
    }
}

fn is_loopback(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    })
}

/// The URL as it is planned. The WHATWG rules, by which `Url` reads, encode an
/// apostrophe in a query; RFC 3986 does not, `OData` writes its strings with
/// them, and a documented request is sent as it is documented. There is no
/// public way to keep one, so the query is put back in the parsed form.
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
    // With the debug assertions of `url` on this is refused, and the encoded
    // form, which servers take for the same, is sent.
    Ok(Url::deserialize_internal(Value::Array(parts)).unwrap_or(url))
}

/// The whole chain of causes in one line, without the URL, which may hold a
/// secret.
fn transport(error: reqwest::Error) -> TransportError {
    let is_connect = error.is_connect();
    let is_timeout = error.is_timeout();
    let error = error.without_url();
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    if is_timeout && !message.contains("timed out") {
        message = format!("{message}: timed out");
    }
    TransportError {
        message,
        is_connect,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apostrophe_in_a_query_is_sent_as_it_is_documented() {
        let text = "http://127.0.0.1/a('b')?$filter=c%20eq%20'd'&e=%27";
        assert_eq!(wire_url(text).expect("a URL").as_str(), text);
    }

    #[test]
    fn only_loopback_is_loopback() {
        assert!(is_loopback("http://127.0.0.1:8/a"));
        assert!(is_loopback("http://[::1]/"));
        assert!(!is_loopback("http://127.0.0.1.example/"));
    }
}
