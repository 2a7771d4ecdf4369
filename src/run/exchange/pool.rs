//! The HTTP clients, created on demand.

use std::sync::OnceLock;
use std::time::Duration;

use http::Method;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use super::address::Guard;
use super::connection::Carriers;
use super::error::{ClientError, MOST_HEADERS};
use super::tls::{self, certificates};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients of a run. They follow no redirects: the documented response is
/// the first one.
#[derive(Debug)]
pub(super) struct Pool {
    timeout: Duration,
    certificates: Vec<CertificateDer<'static>>,
    no_proxy: bool,
    plain: Clients,
    /// Created on demand: reading the system's certificates takes longer than a
    /// small run.
    tls: OnceLock<Clients>,
    /// For hosts that the target does not name.
    foreign: OnceLock<Clients>,
}

/// Two clients with the same settings.
#[derive(Debug)]
pub(super) struct Clients {
    /// Keeps connections for further requests.
    pub kept: reqwest::Client,
    /// Opens a connection for each request.
    pub fresh: reqwest::Client,
    /// The connections of `kept` that have carried a response.
    pub carriers: Carriers,
}

impl Clients {
    fn new(settings: impl Fn() -> reqwest::ClientBuilder) -> Result<Self, ClientError> {
        Ok(Self {
            kept: settings().build()?,
            fresh: settings().pool_max_idle_per_host(0).build()?,
            carriers: Carriers::default(),
        })
    }

    /// The client for a method. A server may close a kept connection at any
    /// time. A request that was sent on it is repeated only if its method is
    /// idempotent; others are not sent on such connections.
    pub(super) fn of(&self, method: &Method) -> &reqwest::Client {
        if is_idempotent(method) {
            &self.kept
        } else {
            &self.fresh
        }
    }
}

/// Whether a request may be repeated (RFC 9110, 9.2.2; the registry of methods).
pub(super) fn is_idempotent(method: &Method) -> bool {
    const OTHERS: [&str; 8] = [
        "QUERY",
        "SEARCH",
        "PROPFIND",
        "PROPPATCH",
        "REPORT",
        "COPY",
        "MOVE",
        "UNLOCK",
    ];
    method.is_idempotent() || OTHERS.contains(&method.as_str())
}

impl Pool {
    /// Creates the clients for a target that names these URLs. `ca` holds
    /// additional trusted certificates (PEM).
    pub(super) fn new(
        urls: &[&Url],
        ca: Option<&[u8]>,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        // An error means that the process already has a provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificates = match ca {
            Some(pem) => certificates(pem)?,
            None => Vec::new(),
        };
        let no_proxy = urls.iter().all(|url| is_loopback(url));
        let without_tls = tls::none()?;
        let pool = Self {
            timeout,
            certificates,
            no_proxy,
            plain: Clients::new(|| builder(timeout, &without_tls, no_proxy))?,
            tls: OnceLock::new(),
            foreign: OnceLock::new(),
        };
        if urls.iter().any(|url| url.scheme() == "https") {
            pool.tls()?;
        }
        Ok(pool)
    }

    /// The time limit of an exchange.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The clients for one of the target's own URLs.
    pub(super) fn named(&self, url: &Url) -> Result<&Clients, ClientError> {
        match url.scheme() {
            "http" => Ok(&self.plain),
            _ => self.tls(),
        }
    }

    /// The clients for a URL whose host the target does not name. They use no
    /// proxy, because a proxy would resolve the name without the guard.
    pub(super) fn foreign(&self) -> Result<&Clients, ClientError> {
        once(&self.foreign, || {
            let tls = tls::config(&self.certificates)?;
            Clients::new(|| builder(self.timeout, &tls, true).dns_resolver(Guard))
        })
    }

    fn tls(&self) -> Result<&Clients, ClientError> {
        once(&self.tls, || {
            let tls = tls::config(&self.certificates)?;
            Clients::new(|| builder(self.timeout, &tls, self.no_proxy))
        })
    }
}

/// Initializes the cell. If two threads race, the first value is kept.
fn once(
    cell: &OnceLock<Clients>,
    make: impl FnOnce() -> Result<Clients, ClientError>,
) -> Result<&Clients, ClientError> {
    if let Some(clients) = cell.get() {
        return Ok(clients);
    }
    let clients = make()?;
    Ok(cell.get_or_init(|| clients))
}

fn builder(timeout: Duration, tls: &ClientConfig, no_proxy: bool) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .redirect(Policy::none())
        // Shorter than the exchange time-out, to tell an unreachable target
        // from a slow one.
        .connect_timeout(CONNECT_TIMEOUT.min(timeout.mul_f64(0.9)))
        .timeout(timeout)
        .tcp_nodelay(true)
        // RFC 9112, 5.2: a user agent replaces a folded line by a space.
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http1_max_headers(MOST_HEADERS);
    if no_proxy {
        builder.no_proxy()
    } else {
        builder
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognizes_loopback_urls() {
        let check = |text: &str| is_loopback(&Url::parse(text).expect("a URL"));
        assert!(check("http://127.0.0.1:8/a"));
        assert!(check("http://[::1]/"));
        assert!(!check("http://127.0.0.1.example/"));
    }

    #[test]
    fn reads_certificates_from_pem() {
        let check = |pem: &str| certificates(pem.as_bytes()).expect_err("none").to_string();
        assert!(check("").contains("no certificate"));
        assert!(!check("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----").is_empty());
    }

    #[test]
    fn repeats_only_idempotent_methods() {
        let check = |name: &str| is_idempotent(&Method::from_bytes(name.as_bytes()).expect("one"));
        for name in [
            "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND", "QUERY",
        ] {
            assert!(check(name), "{name}");
        }
        for name in ["POST", "PATCH", "LOCK", "MERGE", "get"] {
            assert!(!check(name), "{name}");
        }
    }
}
