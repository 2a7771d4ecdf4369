//! URL templates: the origin, path and query of a documented request target,
//! with placeholders.
//!
//! `{…}` and `<…>` match one or more characters within a path segment or a query
//! value, also in `OData` calls such as `reports/getX(period='{p}')`. JSON in
//! braces is text.

mod encode;
mod placeholder;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use thiserror::Error;

use super::message::Request;
use crate::text::elision;
pub(crate) use encode::{Component, decode_form, encode_literal};
pub use encode::{decode, encode_value};
use placeholder::{Piece, is_name, is_name_in_path, pieces};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Literal text, as documented. It may be percent-encoded.
    Literal(String),
    /// A placeholder: the text between its brackets, trimmed.
    Placeholder(String),
}

/// Text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Template(pub Vec<Part>);

/// The origin of an absolute target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: String,
    /// The host, and the port if it is not the default of the scheme. In lower
    /// case, without user information.
    pub authority: String,
}

/// A parsed request target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    /// The origin of an absolute target.
    pub origin: Option<Origin>,
    /// The path, with a leading slash.
    pub path: Template,
    /// The query, without the question mark.
    pub query: Option<Template>,
    /// The fragment, without the `#`. It is not sent (RFC 9110, 7.1).
    pub fragment: Option<String>,
}

/// Why a target is not a URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// A scheme other than `http` and `https`.
    #[error("`{0}` is not an HTTP scheme")]
    Scheme(String),
    /// An invalid host or port.
    #[error("`{0}` is not a valid host")]
    Authority(String),
    /// User information before the host.
    #[error("the target has user information before its host (RFC 9110, 4.2.4)")]
    UserInformation,
    /// A second `#`.
    #[error("`#` begins a fragment, which has no further `#`")]
    Fragment,
    /// A control character.
    #[error("the target contains a control character")]
    ControlCharacter,
    /// A target over the limit, with its length.
    #[error("the target has {0} bytes; many servers accept at most {TARGET_LIMIT}")]
    TooLong(usize),
}

/// The maximum length of a target in bytes: what RFC 9110, 4.1 recommends to
/// support at least.
const TARGET_LIMIT: usize = 8000;

impl UrlTemplate {
    /// Parses a documented target.
    pub fn parse(target: &str) -> Result<Self, TargetError> {
        if target.len() > TARGET_LIMIT {
            return Err(TargetError::TooLong(target.len()));
        }
        if target.chars().any(char::is_control) {
            return Err(TargetError::ControlCharacter);
        }
        let (origin, rest) = split_origin(target)?;
        let (rest, fragment) = match outside_brackets(rest, |c| c == '#') {
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return Err(TargetError::Fragment);
        }
        let (path, query) = match question_mark(rest) {
            Some(at) => (&rest[..at], Some(Template::parse(&rest[at + 1..]))),
            None => (rest, None),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            origin,
            path: Template::of(&format!("{slash}{}", path.trim_end()), is_name_in_path),
            query,
            fragment: fragment.map(str::to_owned),
        })
    }

    /// Parses the target of a request. A target without an origin has that of
    /// the `Host` field (RFC 9112, 3.3).
    pub fn of_request(request: &Request) -> Result<Self, TargetError> {
        let mut url = Self::parse(&request.target)?;
        let host = request.headers.get("host").map(str::trim);
        if let (None, Some(host)) = (&url.origin, host.filter(|host| !host.is_empty())) {
            let scheme = if host.ends_with(":80") {
                "http"
            } else {
                "https"
            };
            url.origin = Some(Origin {
                scheme: scheme.to_owned(),
                authority: authority(scheme, host)?,
            });
        }
        Ok(url)
    }

    /// The names of the placeholders in path and query, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        let query = self.query.iter().flat_map(Template::placeholders);
        self.path.placeholders().chain(query)
    }

    /// The same target with unique placeholder names. In
    /// `/groups/{id}/threads/{id}` the two keys have different values; the
    /// second is renamed to `id.2`, or to the next free number.
    #[must_use]
    pub fn named(mut self) -> Self {
        let mut taken: HashSet<String> = self.placeholders().map(str::to_owned).collect();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let query = self.query.iter_mut().flat_map(|query| &mut query.0);
        for part in self.path.0.iter_mut().chain(query) {
            let Part::Placeholder(name) = part else {
                continue;
            };
            let count = counts.entry(name.clone()).or_default();
            *count += 1;
            if *count == 1 {
                continue;
            }
            let own = loop {
                let own = numbered(name, *count);
                if taken.insert(own.clone()) {
                    break own;
                }
                *count += 1;
            };
            *name = own;
        }
        self
    }
}

/// The name of a repeated placeholder. `{id | name}` has two names.
fn numbered(name: &str, number: usize) -> String {
    let names = name.split('|').map(str::trim);
    let names: Vec<String> = names.map(|name| format!("{name}.{number}")).collect();
    names.join(" | ")
}

fn split_origin(target: &str) -> Result<(Option<Origin>, &str), TargetError> {
    if let Some(end) = origin_variable(target) {
        let origin = Origin {
            scheme: "http".to_owned(),
            authority: target[..end].to_lowercase(),
        };
        return Ok((Some(origin), &target[end..]));
    }
    let Some((scheme, rest)) = target.split_once("://") else {
        return Ok((None, target));
    };
    // `/redirect?to=https://…` is a relative target.
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        || !scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    {
        return Ok((None, target));
    }
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "http" && scheme != "https" {
        return Err(TargetError::Scheme(scheme));
    }
    let end = outside_brackets(rest, |c| matches!(c, '/' | '?' | '#')).unwrap_or(rest.len());
    let (written, rest) = rest.split_at(end);
    let authority = authority(&scheme, written)?;
    Ok((Some(Origin { scheme, authority }), rest))
}

/// The length of a shell variable in place of the origin, with its port:
/// `{API_URL}` of `{API_URL}/v1`. It is in upper case, unlike the placeholder of a
/// relative target.
fn origin_variable(target: &str) -> Option<usize> {
    let (name, rest) = target.strip_prefix('{')?.split_once('}')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let port = rest.strip_prefix(':').map_or(0, |port| {
        let digits = port.find(|c: char| !c.is_ascii_digit());
        1 + digits.unwrap_or(port.len())
    });
    let is_end = rest[port..].is_empty() || rest[port..].starts_with(['/', '?']);
    (is_name && is_end).then_some("{}".len() + name.len() + port)
}

/// The normalised host and port. A host with placeholders
/// (`{tenant}.example.com`) is only converted to lower case.
fn authority(scheme: &str, written: &str) -> Result<String, TargetError> {
    if outside_brackets(written, |c| c == '@').is_some() {
        return Err(TargetError::UserInformation);
    }
    let host = written;
    let invalid = || TargetError::Authority(written.to_owned());
    if host.is_empty() || host.contains(['/', '?', '#', '\\']) {
        return Err(invalid());
    }
    let has_placeholder = Template::parse(host)
        .0
        .iter()
        .any(|part| matches!(part, Part::Placeholder(_)));
    if has_placeholder {
        return Ok(host.to_lowercase());
    }
    if host.chars().any(char::is_whitespace) {
        return Err(invalid());
    }
    let url = url::Url::parse(&format!("{scheme}://{host}/")).map_err(|_| invalid())?;
    let name = url.host_str().ok_or_else(invalid)?;
    Ok(match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    })
}

/// The index of the first `?` outside placeholders.
fn question_mark(text: &str) -> Option<usize> {
    outside_brackets(text, |c| c == '?')
}

/// The index of the first wanted character outside the placeholders of a path.
fn outside_brackets(text: &str, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut at = 0;
    for piece in pieces(text, is_name_in_path) {
        if let Piece::Text(text) = piece
            && let Some(found) = text.find(&wanted)
        {
            return Some(at + found);
        }
        at += piece.written().len();
    }
    None
}

impl Template {
    /// Parses a query, a header value or another text with placeholders.
    pub fn parse(text: &str) -> Self {
        Self::of(text, is_name)
    }

    fn of(text: &str, is_name: fn(&str) -> bool) -> Self {
        let parts = pieces(text, is_name).map(|piece| match piece {
            Piece::Text(text) => Part::Literal(text.to_owned()),
            Piece::Placeholder { name, .. } => Part::Placeholder(name.to_owned()),
        });
        Self(parts.collect())
    }

    /// The names of the placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Replaces the placeholders that have a value. Values are not searched for
    /// placeholders again.
    pub fn bind(text: &str, value: impl FnMut(&str) -> Option<String>) -> String {
        Self::bind_where(text, |_| true, value)
    }

    /// Like [`Template::bind`], for text where `<name>` can be an element.
    pub fn bind_braces(text: &str, value: impl FnMut(&str) -> Option<String>) -> String {
        Self::bind_where(text, |placeholder| placeholder.starts_with('{'), value)
    }

    fn bind_where(
        text: &str,
        is_bound: impl Fn(&str) -> bool,
        mut value: impl FnMut(&str) -> Option<String>,
    ) -> String {
        let mut bound = String::with_capacity(text.len());
        for piece in pieces(text, is_name) {
            match piece {
                Piece::Placeholder { name, written } if is_bound(written) => match value(name) {
                    Some(value) => bound += &value,
                    None => bound += written,
                },
                _ => bound += piece.written(),
            }
        }
        bound
    }

    /// Splits the template at each `separator` in its literal text.
    pub fn split(&self, separator: char) -> Vec<Template> {
        let mut pieces = vec![Template::default()];
        for part in &self.0 {
            match part {
                Part::Placeholder(_) => pieces.last_mut().expect("not empty").0.push(part.clone()),
                Part::Literal(text) => {
                    for (index, piece) in text.split(separator).enumerate() {
                        if index > 0 {
                            pieces.push(Template::default());
                        }
                        if !piece.is_empty() {
                            let last = pieces.last_mut().expect("not empty");
                            last.0.push(Part::Literal(piece.to_owned()));
                        }
                    }
                }
            }
        }
        pieces
    }

    /// Joins templates with a separator.
    pub fn joined(pieces: impl IntoIterator<Item = Template>, separator: &str) -> Template {
        let mut parts: Vec<Part> = Vec::new();
        for (index, piece) in pieces.into_iter().enumerate() {
            if index > 0 {
                parts.push(Part::Literal(separator.to_owned()));
            }
            parts.extend(piece.0);
        }
        Template(parts)
    }

    /// Splits the template at the first `separator` in its literal text.
    pub fn split_once(&self, separator: char) -> (Template, Option<Template>) {
        for (index, part) in self.0.iter().enumerate() {
            if let Part::Literal(text) = part
                && let Some((before, after)) = text.split_once(separator)
            {
                let mut left = self.0[..index].to_vec();
                if !before.is_empty() {
                    left.push(Part::Literal(before.to_owned()));
                }
                let mut right = Vec::new();
                if !after.is_empty() {
                    right.push(Part::Literal(after.to_owned()));
                }
                right.extend_from_slice(&self.0[index + 1..]);
                return (Template(left), Some(Template(right)));
            }
        }
        (self.clone(), None)
    }

    /// The same template with percent-decoded literals.
    #[must_use]
    pub fn decoded(&self) -> Template {
        self.with_literals(decode)
    }

    /// The same part of a query, decoded as a form.
    #[must_use]
    pub(crate) fn decoded_form(&self) -> Template {
        self.with_literals(decode_form)
    }

    fn with_literals(&self, decode: fn(&str) -> Cow<'_, str>) -> Template {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(text) => Part::Literal(decode(text).into_owned()),
            Part::Placeholder(name) => Part::Placeholder(name.clone()),
        });
        Template(parts.collect())
    }

    /// The text of a template without placeholders.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether two templates match the same texts: they are equal except for the
    /// names of placeholders.
    pub fn same_shape(&self, other: &Template) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|pair| match pair {
                (Part::Literal(a), Part::Literal(b)) => a == b,
                (Part::Placeholder(_), Part::Placeholder(_)) => true,
                _ => false,
            })
    }

    /// Whether the template matches `text`. A placeholder matches one or more
    /// characters.
    pub fn matches(&self, text: &str) -> bool {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(literal) => elision::Part::Literal(literal),
            Part::Placeholder(_) => elision::Part::Any(1),
        });
        elision::matches(parts, text)
    }

    /// The length of the literal text in bytes.
    pub fn literal_length(&self) -> usize {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.len(),
                Part::Placeholder(_) => 0,
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::message::Headers;

    #[track_caller]
    fn check(target: &str, origin: Option<&str>, placeholders: &[&str]) {
        let url = UrlTemplate::parse(target).expect("a URL");
        let authority = url.origin.as_ref().map(|origin| origin.authority.as_str());
        assert_eq!(authority, origin);
        let names: Vec<&str> = url.placeholders().collect();
        assert_eq!(names, placeholders);
    }

    #[test]
    fn parses_targets() {
        check(
            "https://a.example/v1/{id | name}",
            Some("a.example"),
            &["id | name"],
        );
        check("HTTPS://A.example:443/x", Some("a.example"), &[]);
        check("/me/drive/{item-path}:/x", None, &["item-path"]);
        check("me/<id>?$top={n}&a={n}", None, &["id", "n", "n"]);
        check("{API_URL}/v1/{ID}", Some("{api_url}"), &["ID"]);
        check("{API_1}:80?a=1", Some("{api_1}:80"), &[]);
        check("{id}/v1", None, &["id"]);
        check("/{API_URL}/v1", None, &["API_URL"]);
        check("{API_URL}v1", None, &["API_URL"]);
        check(
            "https://{tenant}.example.com/x",
            Some("{tenant}.example.com"),
            &[],
        );
        check("/a?to=https://b.example/", None, &[]);
    }

    #[test]
    fn json_in_a_query_is_text() {
        for query in [
            r#"where={"a": 1}"#,
            r#"where={"a": {"$in": ["b", 1]}}&x={}"#,
            "sort={name:1}",
            "tags=cs.{a,b}",
            "filter={'a': true}",
            "query={user(id: 1){name}}",
            "query=query A{me{ name friends{id} }}",
        ] {
            check(&format!("/x?{query}"), None, &[]);
        }
        check(r#"/x?where={"id": "{id}"}&top={n}"#, None, &["id", "n"]);
        check(r#"/x?where={"a": {"id": {id}}}"#, None, &["id"]);
        check("/x?query={user(id:{id}){name}}", None, &["id"]);
        check(
            "/x?a={user id}&b=<id | upn>&c={$top}",
            None,
            &["user id", "id | upn", "$top"],
        );
    }

    #[test]
    fn a_placeholder_of_a_path_may_have_a_constraint() {
        check(
            "/x/{id:guid}/{name?}/{*path}?a={b}",
            None,
            &["id:guid", "name?", "*path", "b"],
        );
        check(r#"/x/{"a":1}"#, None, &[]);
    }

    #[track_caller]
    fn check_parts(target: &str, path: &str, query: Option<&str>, fragment: Option<&str>) {
        let url = UrlTemplate::parse(target).expect("a URL");
        assert_eq!(url.path, Template::parse(path), "{target}");
        assert_eq!(url.query, query.map(Template::parse), "{target}");
        assert_eq!(url.fragment.as_deref(), fragment, "{target}");
    }

    #[test]
    fn splits_off_the_fragment() {
        check_parts("/x#f", "/x", None, Some("f"));
        check_parts("/x?a=1#f?b=2", "/x", Some("a=1"), Some("f?b=2"));
        check_parts("https://a.example#f", "/", None, Some("f"));
        check_parts("/x#", "/x", None, Some(""));
        check_parts("/x/{a#b}?c=<d#e>", "/x/{a#b}", Some("c=<d#e>"), None);
        check_parts("/x%23f", "/x%23f", None, None);
    }

    #[track_caller]
    fn check_host(target: &str, host: Option<&str>, expected: Result<Option<&str>, TargetError>) {
        let mut headers = Headers::default();
        if let Some(host) = host {
            headers.push("Host", host);
        }
        let url = UrlTemplate::of_request(&Request {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers,
            body: None,
        });
        let authority = url.map(|url| url.origin.map(|origin| origin.authority));
        assert_eq!(authority, expected.map(|host| host.map(str::to_owned)));
    }

    #[test]
    fn reads_the_host_field() {
        check_host("/x", None, Ok(None));
        check_host("/x", Some(""), Ok(None));
        check_host("/x", Some("B.example"), Ok(Some("b.example")));
        check_host("/x", Some("b.example:443"), Ok(Some("b.example")));
        check_host("/x", Some("b.example:80"), Ok(Some("b.example")));
        check_host("/x", Some("b.example:8080"), Ok(Some("b.example:8080")));
        check_host("/x", Some("[::1]:8080"), Ok(Some("[::1]:8080")));
        check_host(
            "/x",
            Some("{tenant}.b.example"),
            Ok(Some("{tenant}.b.example")),
        );
        check_host(
            "https://a.example/x",
            Some("b.example"),
            Ok(Some("a.example")),
        );
        for host in ["https://b.example", "b c", "b.example/x", "b:port"] {
            check_host(
                "/x",
                Some(host),
                Err(TargetError::Authority(host.to_owned())),
            );
        }
        check_host("/x", Some("u@b.example"), Err(TargetError::UserInformation));
    }

    #[track_caller]
    fn check_names(target: &str, expected: &[&str]) {
        let url = UrlTemplate::parse(target).expect("a URL").named();
        assert_eq!(url.placeholders().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn renames_repeated_placeholders() {
        check_names("/a/{id}/b/{other}", &["id", "other"]);
        check_names("/a/{id}/b/<id>/c?d={id}", &["id", "id.2", "id.3"]);
        check_names("/a/{ID}/b/{id}", &["ID", "id"]);
        check_names(
            "/a/{id | upn}/b/{id | upn}/c/{id}",
            &["id | upn", "id.2 | upn.2", "id"],
        );
        check_names(
            "/a/{id}/b/{id}/c/{id.2}/d/{id}/e/{id.2}",
            &["id", "id.3", "id.2", "id.4", "id.2.2"],
        );
        let many = UrlTemplate::parse(&"/{a}".repeat(2000)).expect("a URL");
        assert_eq!(many.named().placeholders().last(), Some("a.2000"));
    }

    #[test]
    fn rejects_targets_that_are_not_urls() {
        let long = "/a".repeat(5000);
        for target in [
            long.as_str(),
            "ftp://a/b",
            "https:///x",
            "https://a b/x",
            "https://[::1/x",
            "https://user:pw@a.example/x",
            "https://user@{host}/x",
            "/users/a#EXT#@b.example",
            "/a\u{1}",
        ] {
            assert!(UrlTemplate::parse(target).is_err(), "{target}");
        }
    }

    #[test]
    fn binds_text_once() {
        let value = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(Template::bind("x {a} <a> {b} {", value), "x {b} {b} {b} {");
        let json = r#"{"path": "/a", "mode": {a}}"#;
        assert_eq!(
            Template::bind(json, value),
            r#"{"path": "/a", "mode": {b}}"#
        );
    }

    #[track_caller]
    fn check_match(template: &str, text: &str, expected: bool) {
        assert_eq!(
            Template::parse(template).matches(text),
            expected,
            "{template} ~ {text}"
        );
    }

    #[test]
    fn placeholders_match_one_or_more_characters() {
        check_match("{id}", "7", true);
        check_match("{id}", "", false);
        check_match("getX(period='{p}')", "getX(period='D7')", true);
        check_match("getX(period='{p}')", "getX(period='')", false);
        check_match("f(a='{a}',b={b})", "f(a='1',b=2)", true);
        check_match("f(a='{a}',b={b})", "f(a='1')", false);
        check_match("{a}{b}", "x", false);
        check_match("{a}{b}", "xy", true);
        check_match("root:", "root:", true);
        check_match("{}", "{}", true);
        check_match("a-{x}-b-{y}", "a-1-b-b-2", true);
        check_match("{x}ab", "aab", true);
        check_match("{x}ab", "ab", false);
    }
}
