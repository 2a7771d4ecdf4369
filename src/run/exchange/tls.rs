//! TLS: which server certificates are trusted, and how to trust others.
//!
//! The system's authorities and those of the target's `ca` are trusted. A
//! certificate that `ca` or `SSL_CERT_FILE` names is also trusted as that of
//! the server itself, whatever it says about authorities: most self-signed
//! certificates claim to be one. Its names and its validity are still checked.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, SignatureScheme,
};
use rustls_platform_verifier::Verifier as PlatformVerifier;

use super::certificate::{Certificate, Untrusted};
use super::error::ClientError;
use crate::run::environment::variable;

/// The TLS settings of a run.
pub(super) fn config(ca: &[CertificateDer<'static>]) -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let platform =
        PlatformVerifier::new_with_extra_roots(ca.iter().cloned(), Arc::clone(&provider))?;
    let mut named = ca.to_vec();
    named.extend(system_file());
    Ok(client(
        provider,
        Verifier {
            platform: Arc::new(platform),
            named,
        },
    )?)
}

/// The settings of a client that speaks no TLS.
pub(super) fn none() -> Result<ClientConfig, ClientError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn client(provider: Arc<CryptoProvider>, verifier: Verifier) -> Result<ClientConfig, Error> {
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// Reads the certificates of a PEM file.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(ClientError::NoCertificate),
        Err(error) => Err(ClientError::Certificate(error.to_string())),
    }
}

/// The certificates of the file that replaces the system's authorities.
fn system_file() -> Vec<CertificateDer<'static>> {
    let file = variable("SSL_CERT_FILE");
    let certificates = file.and_then(|file| CertificateDer::pem_file_iter(file).ok());
    certificates.into_iter().flatten().flatten().collect()
}

/// Verifies certificates like the platform, and accepts named ones.
#[derive(Debug)]
struct Verifier {
    platform: Arc<dyn ServerCertVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl Verifier {
    /// Verifies a certificate that the user named: the names and the validity,
    /// not the issuer.
    fn verify_named(
        certificate: &CertificateDer<'_>,
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let of_server = Certificate::parse(certificate)
            .ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        if now.as_secs() < of_server.not_before {
            return Err(CertificateError::NotValidYet.into());
        }
        if now.as_secs() > of_server.not_after {
            return Err(CertificateError::Expired.into());
        }
        verify_server_name(&ParsedCertificate::try_from(certificate)?, name)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let is_named = self.named.iter().any(|named| named == end_entity);
        let verified = if is_named {
            Self::verify_named(end_entity, server_name, now)
                .map(|()| ServerCertVerified::assertion())
        } else {
            self.platform.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            )
        };
        verified.map_err(|error| explained(error, end_entity, server_name))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}

/// Replaces the error about a certificate by one that says what to do.
fn explained(error: Error, certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> Error {
    let Error::InvalidCertificate(fault) = error else {
        return error;
    };
    let host = name.to_str().into_owned();
    let kind = match name {
        ServerName::IpAddress(_) => "IP",
        _ => "DNS",
    };
    let why = why(&fault, certificate, &format!("{kind}:{host}"));
    let untrusted = Arc::new(Untrusted { host, why });
    Error::InvalidCertificate(CertificateError::Other(OtherError(untrusted)))
}

/// `name` is the host as `openssl` writes a name of a certificate.
fn why(fault: &CertificateError, certificate: &CertificateDer<'_>, name: &str) -> String {
    let parsed = Certificate::parse(certificate);
    let is_self_signed = parsed
        .as_ref()
        .is_some_and(|parsed| parsed.issuer == parsed.subject);
    match (fault, &parsed) {
        (_, Some(parsed)) if parsed.version < 3 => format!(
            "has X.509 version {}, and only version 3 is supported; make another one with \
             `-addext subjectAltName={name}`",
            parsed.version
        ),
        (CertificateError::Expired | CertificateError::ExpiredContext { .. }, _) => {
            "has expired".to_owned()
        }
        (CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }, _) => {
            "is not valid yet".to_owned()
        }
        (CertificateError::NotValidForName, _) => "is not valid for this name".to_owned(),
        (CertificateError::NotValidForNameContext { presented, .. }, _) if presented.is_empty() => {
            format!("has no names; make another one with `-addext subjectAltName={name}`")
        }
        (CertificateError::NotValidForNameContext { presented, .. }, _) => {
            format!(
                "is not valid for this name, only for {}",
                presented.join(", ")
            )
        }
        _ if is_self_signed => "is self-signed; to trust it, save it as PEM and set \
             `ca = \"FILE\"` in the target, or SSL_CERT_FILE"
            .to_owned(),
        (CertificateError::UnknownIssuer, _) => "was issued by an authority that is not trusted; \
             to trust it, save the certificate of the authority as PEM and set `ca = \"FILE\"` in \
             the target, or SSL_CERT_FILE"
            .to_owned(),
        _ => format!("is not valid: {fault}"),
    }
}
