//! The HTTP clients, made when they are needed.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::Certificate;
use reqwest::redirect::Policy;
use url::Url;

use super::address::Guard;
use super::error::ClientError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The clients of a run. None follows a redirect: the documented answer is the
/// first one.
#[derive(Debug)]
pub(super) struct Pool {
    timeout: Duration,
    certificates: Vec<Certificate>,
    no_proxy: bool,
    plain: reqwest::Client,
    /// Reading the system's certificates takes longer than a small run, so
    /// that is put off until an `https` URL comes up.
    tls: OnceLock<reqwest::Client>,
    /// For hosts that the target does not name.
    foreign: OnceLock<reqwest::Client>,
}

impl Pool {
    /// Clients for a target that names these URLs, with certificates (PEM) of
    /// authorities that are trusted too.
    pub(super) fn new(
        urls: &[&Url],
        ca: Option<&[u8]>,
        timeout: Duration,
    ) -> Result<Self, ClientError> {
        // An error means that the process has a provider already.
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

    /// The client for a URL of the target's own.
    pub(super) fn named(&self, url: &Url) -> Result<&reqwest::Client, ClientError> {
        match url.scheme() {
            "http" => Ok(&self.plain),
            _ => self.tls(),
        }
    }

    /// The client for a URL whose host the target does not name. It asks no
    /// proxy: that would look the name up itself, where nothing guards it.
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

/// Of two that are made at once, the first one stays.
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
        // A little before the whole exchange is given up, so that a target
        // that cannot be reached is told from a slow one.
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
    fn only_loopback_is_loopback() {
        let check = |text: &str| is_loopback(&Url::parse(text).expect("a URL"));
        assert!(check("http://127.0.0.1:8/a"));
        assert!(check("http://[::1]/"));
        assert!(!check("http://127.0.0.1.example/"));
    }

    #[test]
    fn certificates_are_those_of_a_pem_file() {
        let check = |pem: &str| certificates(pem.as_bytes()).expect_err("none").to_string();
        assert!(check("").contains("no certificate"));
        assert!(!check("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----").is_empty());
    }
}
