//! The HTTP clients, created on demand.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::Certificate;
use reqwest::redirect::Policy;
use url::Url;

use super::address::Guard;
use super::error::ClientError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients of a run. They follow no redirects: the documented response is
/// the first one.
#[derive(Debug)]
pub(super) struct Pool {
    timeout: Duration,
    certificates: Vec<Certificate>,
    no_proxy: bool,
    plain: reqwest::Client,
    /// Created on demand: reading the system's certificates takes longer than a
    /// small run.
    tls: OnceLock<reqwest::Client>,
    /// For hosts that the target does not name.
    foreign: OnceLock<reqwest::Client>,
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
        let mut plain = builder(timeout).tls_certs_only([]);
        if no_proxy {
            plain = plain.no_proxy();
        }
        let pool = Self {
            timeout,
            certificates,
            no_proxy,
            plain: plain.build()?,
            tls: OnceLock::new(),
            foreign: OnceLock::new(),
        };
        if urls.iter().any(|url| url.scheme() == "https") {
            pool.tls()?;
        }
        Ok(pool)
    }

    /// The client for one of the target's own URLs.
    pub(super) fn named(&self, url: &Url) -> Result<&reqwest::Client, ClientError> {
        match url.scheme() {
            "http" => Ok(&self.plain),
            _ => self.tls(),
        }
    }

    /// The client for a URL whose host the target does not name. It uses no
    /// proxy, because a proxy would resolve the name without the guard.
    pub(super) fn foreign(&self) -> Result<&reqwest::Client, ClientError> {
        once(&self.foreign, || {
            builder(self.timeout)
                .tls_certs_merge(self.certificates.iter().cloned())
                .no_proxy()
                .dns_resolver(Guard)
                .build()
        })
    }

    fn tls(&self) -> Result<&reqwest::Client, ClientError> {
        once(&self.tls, || {
            let mut tls = builder(self.timeout).tls_certs_merge(self.certificates.iter().cloned());
            if self.no_proxy {
                tls = tls.no_proxy();
            }
            tls.build()
        })
    }
}

/// Initializes the cell. If two threads race, the first client is kept.
fn once(
    cell: &OnceLock<reqwest::Client>,
    make: impl FnOnce() -> reqwest::Result<reqwest::Client>,
) -> Result<&reqwest::Client, ClientError> {
    if let Some(client) = cell.get() {
        return Ok(client);
    }
    let client = make()?;
    Ok(cell.get_or_init(|| client))
}

fn builder(timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        // Shorter than the exchange time-out, to tell an unreachable target
        // from a slow one.
        .connect_timeout(CONNECT_TIMEOUT.min(timeout.mul_f64(0.9)))
        .timeout(timeout)
        .tcp_nodelay(true)
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate>, ClientError> {
    let certificates = Certificate::from_pem_bundle(pem)?;
    if certificates.is_empty() {
        return Err(ClientError::NoCertificate);
    }
    Ok(certificates)
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
}
