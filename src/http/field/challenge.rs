//! Authentication challenges (RFC 9110, 11.3).

use std::borrow::Cow;

use super::{MOST, elements, parameter, placeholder};
use crate::http::message::is_token;

/// A challenge of `WWW-Authenticate` or `Proxy-Authenticate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge<'a> {
    /// The scheme, as written.
    pub scheme: &'a str,
    /// The text after the scheme, if it is not a parameter.
    pub token: Option<&'a str>,
    /// Names as written, and unquoted values.
    pub parameters: Vec<(&'a str, Cow<'a, str>)>,
}

/// Parses the challenges of a field. Commas separate challenges, and the
/// parameters within one.
pub(super) fn challenges(value: &str) -> Vec<Challenge<'_>> {
    let mut challenges: Vec<Challenge<'_>> = Vec::new();
    for element in elements(value, b',') {
        let (scheme, rest) = match element.split_once([' ', '\t']) {
            // White space is allowed around the `=` of a parameter.
            Some((scheme, rest)) if !rest.trim_start().starts_with('=') => (scheme, rest.trim()),
            None if !element.contains('=') => (element, ""),
            _ => ("", element),
        };
        let is_first = !scheme.is_empty() && !scheme.contains('=');
        if is_first || challenges.is_empty() {
            challenges.push(Challenge {
                scheme: if is_first { scheme } else { "" },
                token: None,
                parameters: Vec::new(),
            });
        }
        let rest = if is_first { rest } else { element };
        let Some(challenge) = challenges.last_mut() else {
            continue;
        };
        // A token may end with `=`, a parameter has a value.
        let has_value = rest
            .split_once('=')
            .is_some_and(|(_, value)| !value.trim_start_matches('=').trim().is_empty());
        match parameter(rest) {
            (name, Some(value)) if has_value && is_token(name) => {
                challenge.parameters.push((name, value));
            }
            _ if rest.is_empty() => {}
            _ => challenge.token = Some(rest),
        }
    }
    challenges
}

impl Challenge<'_> {
    /// Whether an observed challenge has this scheme, and each parameter with
    /// any value.
    pub(super) fn has_form_of(&self, documented: &Self) -> bool {
        self.has_scheme_of(documented)
            && documented
                .parameters
                .iter()
                .take(MOST)
                .all(|(name, _)| self.parameter(name).is_some())
            && (documented.token.is_none() || self.token.is_some() || documented.is_open())
    }

    /// Whether an observed challenge is the documented one. The order of
    /// parameters has no meaning.
    pub(super) fn is_same(&self, documented: &Self) -> bool {
        if !self.has_scheme_of(documented) {
            return false;
        }
        if documented.is_open() {
            return true;
        }
        let is_same_token = match (documented.token, self.token) {
            (Some(documented), Some(token)) => placeholder::fits(documented, token),
            (None, None) => true,
            _ => false,
        };
        is_same_token
            && self.parameters.len() == documented.parameters.len()
            && self.parameters.len() <= MOST
            && documented.parameters.iter().all(|(name, value)| {
                self.parameter(name)
                    .is_some_and(|own| placeholder::fits(value, own))
            })
    }

    /// Schemes have no case.
    fn has_scheme_of(&self, documented: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(documented.scheme)
            || placeholder::fits(documented.scheme, self.scheme)
    }

    /// Whether only the scheme is documented: `Bearer <token>`.
    fn is_open(&self) -> bool {
        self.token.is_some_and(placeholder::is_any)
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let mut parameters = self.parameters.iter();
        let (_, value) = parameters.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The challenges as `scheme token name=value …`.
    #[track_caller]
    fn check(value: &str, expected: &[&str]) {
        let found: Vec<String> = challenges(value)
            .iter()
            .map(|challenge| {
                let mut text = challenge.scheme.to_owned();
                if let Some(token) = challenge.token {
                    text += &format!(" {token}");
                }
                for (name, value) in &challenge.parameters {
                    text += &format!(" {name}={value}");
                }
                text
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn splits_challenges_and_parameters() {
        check("Negotiate", &["Negotiate"]);
        check(
            "Negotiate YII=, Basic realm=\"a, b\"",
            &["Negotiate YII=", "Basic realm=a, b"],
        );
        check(
            "Bearer realm=\"x\",error=\"invalid_token\", Digest nonce = \"n\" , qop=auth, NTLM",
            &[
                "Bearer realm=x error=invalid_token",
                "Digest nonce=n qop=auth",
                "NTLM",
            ],
        );
        check("realm=\"x\"", &[" realm=x"]);
        check("Basic realm=\"\"", &["Basic realm="]);
        check("Bearer <token>", &["Bearer <token>"]);
        check("", &[]);
    }
}
