//! The base URLs of the documented service.

use std::fmt;

use thiserror::Error;

use crate::http::url::{Origin, Part, TargetError, Template, UrlTemplate};

/// A base URL of the documented service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its origin. A shell variable in its place is a placeholder.
    pub origin: Origin,
    /// Its path, without a trailing slash.
    pub path: String,
    /// The text before the path, if it has a shell variable.
    variable: Option<String>,
}

impl fmt::Display for Service {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, authority } = &self.origin;
        match &self.variable {
            Some(variable) => write!(out, "{variable}{}", self.path),
            None => write!(out, "{scheme}://{authority}{}", self.path),
        }
    }
}

impl Service {
    /// Parses the URL of a service.
    pub fn parse(text: &str) -> Result<Self, ServiceError> {
        let scheme = text.find("://").map_or(0, |at| at + "://".len());
        let (scheme, after) = text.split_at(scheme);
        let (variable, written) = match variable(after) {
            Some((name, rest)) => {
                let path = rest.find('/').map_or("", |at| &rest[at..]);
                let start = &text[..text.len() - path.len()];
                (Some(start.to_owned()), format!("{scheme}{{{name}}}{rest}"))
            }
            None => (None, text.to_owned()),
        };
        let url = UrlTemplate::parse(&written)?;
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
            variable,
        })
    }

    /// Whether a documented origin and the start of a path are this service.
    pub(crate) fn has(&self, origin: &Origin, path: &Template) -> bool {
        if self.origin.authority != origin.authority {
            return false;
        }
        let start = match path.0.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        };
        let rest = start.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| rest.starts_with('/') || (rest.is_empty() && path.0.len() == 1))
    }
}

/// The shell variable at the start of a text, `$NAME` or `${NAME}`, and the text
/// after it. A variable that stands for an origin is in upper case.
fn variable(text: &str) -> Option<(&str, &str)> {
    let after = text.strip_prefix('$')?;
    let (name, rest) = if let Some(braced) = after.strip_prefix('{') {
        braced.split_once('}')?
    } else {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()))
    };
    (!name.is_empty()).then_some((name, rest))
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
         https://api.example.com/v1.0, or $API_URL/v1 with a variable in upper case"
    )]
    Relative(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a service, and checks its text and its origin.
    #[track_caller]
    fn check(text: &str, shown: &str, authority: &str) {
        let service = Service::parse(text).expect("a service");
        assert_eq!(service.to_string(), shown);
        assert_eq!(service.origin.authority, authority);
    }

    #[test]
    fn reads_urls_and_shell_variables() {
        check("https://A.example/v1/", "https://a.example/v1", "a.example");
        check("$API_URL/v1/", "$API_URL/v1", "{api_url}");
        check("${API_URL}:8200", "${API_URL}:8200", "{api_url}:8200");
        check("http://$host/v1", "http://$host/v1", "{host}");
    }

    #[test]
    fn refuses_what_does_not_name_a_service() {
        for text in [
            "/v1",
            "$/v1",
            "$api/v1",
            "https://a.example/{id}",
            "$A/v1?b",
        ] {
            assert!(Service::parse(text).is_err(), "{text}");
        }
    }

    /// Whether a service has a documented target.
    #[track_caller]
    fn has(service: &str, target: &str, expected: bool) {
        let service = Service::parse(service).expect("a service");
        let url = UrlTemplate::parse(target).expect("a URL");
        let origin = url.origin.expect("an origin");
        assert_eq!(service.has(&origin, &url.path), expected, "{target}");
    }

    #[test]
    fn has_the_urls_below_it() {
        has("https://a.example/v1", "https://a.example/v1/x", true);
        has("https://a.example/v1", "https://a.example/v1", true);
        has("https://a.example/v1", "https://a.example/v10/x", false);
        has("https://a.example/v1", "https://b.example/v1/x", false);
        has("$API_URL/v1", "{API_URL}/v1/x", true);
        has("$API_URL/v1", "{OTHER_URL}/v1/x", false);
    }
}
