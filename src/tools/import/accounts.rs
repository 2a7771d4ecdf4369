//! Conversion of accounts to targets. Secrets become references to environment
//! variables.

use serde_json::Value;

use super::place::{Out, Place};
use crate::http::message::{is_field_value, is_token};

/// A service, and how to sign in to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its name.
    pub name: String,
    /// Its base URL.
    pub base_url: String,
    /// Scopes of its token.
    pub scopes: Vec<String>,
    /// Its features.
    pub tags: Vec<String>,
    /// Headers for each request.
    pub headers: Vec<(String, String)>,
    /// How requests are authenticated.
    pub auth: Option<Auth>,
}

/// How requests are authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Auth {
    /// A token from an authorization server (RFC 6749).
    OAuth2 {
        /// The authorization grant.
        grant: Grant,
        /// The token endpoint.
        token_url: String,
        /// The client.
        client_id: Option<String>,
        /// The client secret.
        client_secret: Option<String>,
        /// The requested scopes.
        scopes: Vec<String>,
    },
    /// Username and password (RFC 7617).
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
}

/// An authorization grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grant {
    /// A refresh token (RFC 6749, 6).
    RefreshToken(String),
    /// Username and password (RFC 6749, 4.3).
    Password {
        /// The name.
        username: String,
        /// The password.
        password: String,
    },
}

/// Converts an account to a target. Disabled accounts are left out.
pub(super) fn target(place: &Place, out: &mut Out) -> Option<Target> {
    if place.members().is_none() {
        out.note(place, "not an object");
        return None;
    }
    let Some(name) = place.text("name", out).filter(|name| !name.is_empty()) else {
        out.note(place, "account without a name");
        return None;
    };
    if !place.is_true("enabled") {
        let place = place.member("enabled").unwrap_or_else(|| place.clone());
        let why = format!("`{name}` is not enabled; left out");
        out.note(&place, why);
        return None;
    }
    unsupported(place, out);
    let mut value = |key: &str| value(place, key, out);
    let base_url = value("serviceUrl");
    let client_id = value("clientId");
    let username = value("username");
    let mut secret = |key: &str| secret(place, &name, key, out);
    let client_secret = secret("clientSecret");
    let refresh_token = secret("refreshToken");
    let password = secret("password");
    let Some(base_url) = base_url else {
        out.note(place, "account without a `serviceUrl`");
        return None;
    };
    let mut tags = place.texts("tags", out);
    tags.extend(place.texts("apiVersions", out));
    let auth = auth(
        place,
        Secrets {
            client_id,
            client_secret,
            refresh_token,
            username,
            password,
        },
        out,
    );
    Some(Target {
        base_url,
        scopes: place.texts("scopes", out),
        tags,
        headers: headers(place, &name, out),
        auth,
        name,
    })
}

struct Secrets {
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

fn auth(place: &Place, secrets: Secrets, out: &mut Out) -> Option<Auth> {
    let Secrets {
        client_id,
        client_secret,
        refresh_token,
        username,
        password,
    } = secrets;
    // The documentation says `oauthMode`, the code reads `oauthType`.
    let kind = place
        .member("oauthType")
        .or_else(|| place.member("oauthMode"));
    let kind_text = kind
        .as_ref()
        .and_then(|kind| kind.value().as_str().map(str::to_owned));
    let token_url = value(place, "tokenService", out);
    let name_and_password = username.zip(password);
    let Some(token_url) = token_url else {
        if name_and_password.is_none() {
            out.note(
                place,
                "without a `tokenService`, no authentication is configured",
            );
        }
        return name_and_password.map(|(username, password)| Auth::Basic { username, password });
    };
    let (grant, token_url, scopes) = match kind_text.as_deref().unwrap_or("RefreshToken") {
        kind if kind.eq_ignore_ascii_case("RefreshToken") => {
            let Some(token) = refresh_token else {
                out.note(
                    place,
                    "without a `refreshToken`, no authentication is configured",
                );
                return None;
            };
            if let Some(resource) = place.member("resource") {
                let why = "OAuth 2.0 uses scopes instead; add them to `auth`";
                out.note(&resource, why);
            }
            (Grant::RefreshToken(token), token_url, Vec::new())
        }
        kind if kind.eq_ignore_ascii_case("UserPassword") => {
            let Some((username, password)) = name_and_password else {
                out.note(
                    place,
                    "without `username` and `password`, no authentication is configured",
                );
                return None;
            };
            let scopes = place.text("resource", out);
            let scopes =
                scopes.map(|resource| format!("{}/.default", resource.trim_end_matches('/')));
            let token_url = token_endpoint(place, token_url, out);
            let grant = Grant::Password { username, password };
            (grant, token_url, scopes.into_iter().collect())
        }
        other => {
            let why = format!("unknown authentication `{other}`");
            out.note(kind.as_ref().unwrap_or(place), why);
            return None;
        }
    };
    Some(Auth::OAuth2 {
        grant,
        token_url,
        client_id,
        client_secret,
        scopes,
    })
}

/// Returns the token endpoint. For a username and password, `tokenService` is
/// an authority of the Microsoft identity platform, not the endpoint.
fn token_endpoint(place: &Place, authority: String, out: &mut Out) -> String {
    if authority.contains("/oauth2/") || authority.ends_with("/token") || authority.contains("${") {
        return authority;
    }
    let endpoint = format!("{}/oauth2/v2.0/token", authority.trim_end_matches('/'));
    if let Some(member) = place.member("tokenService") {
        let why = format!("this is an authority; its token endpoint `{endpoint}` is used");
        out.note(&member, why);
    }
    endpoint
}

/// Reports keys that are not converted.
fn unsupported(place: &Place, out: &mut Out) {
    const KNOWN: [&str; 16] = [
        "name",
        "enabled",
        "oauthType",
        "oauthMode",
        "clientId",
        "clientSecret",
        "tokenService",
        "refreshToken",
        "serviceUrl",
        "resource",
        "username",
        "password",
        "additionalHeaders",
        "scopes",
        "tags",
        "apiVersions",
    ];
    for member in place.members().unwrap_or_default() {
        let why = match member.name() {
            name if KNOWN.contains(&name) => continue,
            "transformations" => "not supported; requests and responses are compared as documented",
            "redirectUri" => "not used to request a token (RFC 6749, 4.3 and 6)",
            "authService" | "responseType" | "state" => "only for interactive sign-in",
            _ => "unknown key of an account",
        };
        out.note(&member, why);
    }
}

/// Returns a value that is not a secret. `$env:NAME` is an environment
/// variable.
fn value(place: &Place, key: &str, out: &mut Out) -> Option<String> {
    let text = place.text(key, out).filter(|text| !text.is_empty())?;
    Some(from_environment(&text).unwrap_or_else(|| super::grammar::escape(&text)))
}

/// Returns a reference to the environment variable with the secret.
fn secret(place: &Place, account: &str, key: &str, out: &mut Out) -> Option<String> {
    let text = place.text(key, out).filter(|text| !text.is_empty())?;
    if let Some(template) = from_environment(&text) {
        return Some(template);
    }
    let mut name = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c);
    }
    let variable = environment_name(&format!("{account}_{name}"));
    if let Some(member) = place.member(key) {
        let why = format!("secrets are not converted; set the environment variable {variable}");
        out.note(&member, why);
    }
    Some(format!("${{env:{variable}}}"))
}

fn from_environment(text: &str) -> Option<String> {
    let name = text.strip_prefix("$env:")?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // References support no other names.
    let name = if is_name {
        name.to_owned()
    } else {
        environment_name(name)
    };
    Some(format!("${{env:{name}}}"))
}

fn environment_name(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Converts `additionalHeaders`: items of the form `Name: value`.
fn headers(place: &Place, account: &str, out: &mut Out) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let Some(list) = place.member("additionalHeaders") else {
        return headers;
    };
    for item in list.items(out) {
        let value = item.value();
        let text = match &value {
            Value::String(text) => text.as_str(),
            _ => "",
        };
        let field = text
            .split_once(':')
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|(name, value)| is_token(name) && is_field_value(value));
        let Some((name, value)) = field else {
            out.note(&item, "invalid header field; expected `Name: value`");
            continue;
        };
        let lower = name.to_ascii_lowercase();
        let is_secret = ["auth", "cookie", "key", "secret", "token"]
            .iter()
            .any(|word| lower.contains(word));
        let value = match from_environment(value) {
            Some(template) => template,
            None if is_secret => {
                let variable = environment_name(&format!("{account}_{name}"));
                let why =
                    format!("secrets are not converted; set the environment variable {variable}");
                out.note(&item, why);
                format!("${{env:{variable}}}")
            }
            None => super::grammar::escape(value),
        };
        headers.push((name.to_owned(), value));
    }
    headers
}
