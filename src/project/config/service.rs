//! The base URL of the documented service.

use std::fmt;

use thiserror::Error;

use crate::http::url::{Origin, Part, TargetError, UrlTemplate};

/// The base URL of the documented service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its origin.
    pub origin: Origin,
    /// Its path, without a trailing slash.
    pub path: String,
}

impl fmt::Display for Service {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}://{}{}",
            self.origin.scheme, self.origin.authority, self.path
        )
    }
}

impl Service {
    /// Parses the URL of a service.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let url = UrlTemplate::parse(text)?;
        let (Some(origin), None) = (url.origin, url.query) else {
            return Err(ServiceError::Relative(text.to_owned()));
        };
        if url
            .path
            .0
            .iter()
            .any(|part| matches!(part, Part::Placeholder(_)))
        {
            return Err(ServiceError::Relative(text.to_owned()));
        }
        let path = url.path.as_literal().unwrap_or("/").trim_end_matches('/');
        Ok(Self {
            origin,
            path: path.to_owned(),
        })
    }
}

/// Errors of parsing the URL of a service.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// Not a URL.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// A relative URL, or one with a query or placeholders.
    #[error(
        "`{0}` is not the URL of a service; expected a URL such as \
         https://api.example.com/v1.0"
    )]
    Relative(String),
}
