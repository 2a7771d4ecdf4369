//! A documented request target as a URL template: origin, path and query, with
//! the placeholders that stand in them.
//!
//! `{…}` and `<…>` stand for one or more characters within a path segment or a
//! query value, `OData` calls such as `reports/getX(period='{p}')` included.

mod encode;

use std::collections::{HashMap, HashSet};

use thiserror::Error;

pub(crate) use encode::{Component, encode_literal};
pub use encode::{decode, encode_value};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text that stands for itself, as documented (perhaps percent-encoded).
    Literal(String),
    /// A placeholder: the text between its brackets, trimmed.
    Placeholder(String),
}

/// Text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Template(pub Vec<Part>);

/// Where an absolute target points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// `http` or `https`.
    pub scheme: String,
    /// Host and, if it is not the scheme's default, port; in lower case,
    /// without user information.
    pub authority: String,
}

/// A documented target, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate {
    /// The origin of an absolute target.
    pub origin: Option<Origin>,
    /// The path, with its leading slash.
    pub path: Template,
    /// The query, without its question mark.
    pub query: Option<Template>,
}

/// Why a target is no URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// A scheme that HTTP requests do not have.
    #[error("`{0}` is not a scheme of HTTP")]
    Scheme(String),
    /// An authority that is no host and port.
    #[error("`{0}` is not a host")]
    Authority(String),
    /// A control character.
    #[error("the target holds a control character")]
    ControlCharacter,
    /// More than servers take.
    #[error("the target has {0} bytes, over the {TARGET_LIMIT} that servers take")]
    TooLong(usize),
}

/// The longest target that is sent. RFC 9110, 4.1 asks of everybody to take
/// 8,000 bytes, and hardly anybody takes more.
const TARGET_LIMIT: usize = 8000;

impl UrlTemplate {
    /// Takes a documented target apart.
    pub fn parse(target: &str) -> Result<Self, TargetError> {
        if target.len() > TARGET_LIMIT {
            return Err(TargetError::TooLong(target.len()));
        }
        if target.chars().any(char::is_control) {
            return Err(TargetError::ControlCharacter);
        }
        let (origin, rest) = split_origin(target)?;
        let (path, query) = match question_mark(rest) {
            Some(at) => (&rest[..at], Some(Template::parse(&rest[at + 1..]))),
            None => (rest, None),
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            origin,
            path: Template::parse(&format!("{slash}{}", path.trim_end())),
            query,
        })
    }

    /// The names of the placeholders of path and query, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        let query = self.query.iter().flat_map(Template::placeholders);
        self.path.placeholders().chain(query)
    }

    /// The same target, in which each placeholder has a name of its own, for
    /// one value for both keys of `/groups/{id}/threads/{id}` is almost never
    /// meant: the second is `id.2`, or the next number that no other has.
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

/// The name of a further placeholder; `{id | name}` may be bound by either.
fn numbered(name: &str, number: usize) -> String {
    let names = name.split('|').map(str::trim);
    let names: Vec<String> = names.map(|name| format!("{name}.{number}")).collect();
    names.join(" | ")
}

fn split_origin(target: &str) -> Result<(Option<Origin>, &str), TargetError> {
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

/// Host and port of a written authority. A host with placeholders
/// (`{tenant}.example.com`) is kept as it is written.
fn authority(scheme: &str, written: &str) -> Result<String, TargetError> {
    let host = written.rsplit_once('@').map_or(written, |(_, host)| host);
    let invalid = || TargetError::Authority(written.to_owned());
    if host.is_empty() {
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

/// Where the query begins: the first `?` that is not in a placeholder.
fn question_mark(text: &str) -> Option<usize> {
    outside_brackets(text, |c| c == '?')
}

fn outside_brackets(text: &str, wanted: impl Fn(char) -> bool) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if let Some((_, end)) = placeholder(&text[at..]) {
            at += end;
            continue;
        }
        if wanted(c) {
            return Some(at);
        }
        at += c.len_utf8();
    }
    None
}

/// The placeholder that `text` begins with: its name, and where it ends.
/// Brackets with nothing in them, or that are never closed, are text.
fn placeholder(text: &str) -> Option<(&str, usize)> {
    let close = match text.as_bytes().first()? {
        b'{' => '}',
        b'<' => '>',
        _ => return None,
    };
    let end = text[1..].find([close, '{', '<', '\n', '&'])? + 1;
    if !text[end..].starts_with(close) {
        return None;
    }
    let name = text[1..end].trim();
    (!name.is_empty()).then_some((name, end + 1))
}

impl Template {
    /// Reads text with placeholders.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if let Some((name, end)) = placeholder(&text[at..]) {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Placeholder(name.to_owned()));
                at += end;
            } else {
                literal.push(c);
                at += c.len_utf8();
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self(parts)
    }

    /// The names of its placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// Text with the placeholders that have a value replaced by it, once; the
    /// others stay as they are written.
    pub fn bind(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
        let mut bound = String::with_capacity(text.len());
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if let Some((name, length)) = placeholder(&text[at..]) {
                match value(name) {
                    Some(value) => bound += &value,
                    None => bound += &text[at..at + length],
                }
                at += length;
            } else {
                bound.push(c);
                at += c.len_utf8();
            }
        }
        bound
    }

    /// Cuts the template where its literal text has `separator`.
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

    /// Puts templates together again.
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

    /// Cuts the template at the first `separator` of its literal text.
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

    /// The same template with its literals percent-decoded.
    #[must_use]
    pub fn decoded(&self) -> Template {
        Template(
            self.0
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => Part::Literal(decode(text)),
                    Part::Placeholder(name) => Part::Placeholder(name.clone()),
                })
                .collect(),
        )
    }

    /// The text of a template without placeholders.
    pub fn as_literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the same texts fit both: the names of placeholders aside, they
    /// are equal.
    pub fn same_shape(&self, other: &Template) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|pair| match pair {
                (Part::Literal(a), Part::Literal(b)) => a == b,
                (Part::Placeholder(_), Part::Placeholder(_)) => true,
                _ => false,
            })
    }

    /// Whether `text` fits: literals stand for themselves, a placeholder for
    /// one or more characters.
    pub fn matches(&self, text: &str) -> bool {
        matches_parts(&self.0, text)
    }

    /// How many bytes of the template stand for themselves.
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

/// Greedy matching from left to right: after a placeholder the earliest place
/// where the next literal stands is tried first, and the last literal must end
/// the text. Linear but for the search of literals, so that no template can
/// make it exponential.
fn matches_parts(parts: &[Part], text: &str) -> bool {
    let mut rest = text;
    // The least number of characters that placeholders still claim.
    let mut claimed = 0;
    let last = parts.len().saturating_sub(1);
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Placeholder(_) => claimed += 1,
            Part::Literal(literal) if claimed == 0 => {
                let Some(after) = rest.strip_prefix(literal.as_str()) else {
                    return false;
                };
                rest = after;
            }
            Part::Literal(literal) => {
                let Some(from) = skip_chars(rest, claimed) else {
                    return false;
                };
                if index == last {
                    return rest[from..].ends_with(literal.as_str());
                }
                let Some(at) = rest[from..].find(literal.as_str()) else {
                    return false;
                };
                rest = &rest[from + at + literal.len()..];
                claimed = 0;
            }
        }
    }
    if claimed == 0 {
        rest.is_empty()
    } else {
        skip_chars(rest, claimed).is_some()
    }
}

/// The offset after `count` characters, if there are so many.
fn skip_chars(text: &str, count: usize) -> Option<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .nth(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, origin: Option<&str>, placeholders: &[&str]) {
        let url = UrlTemplate::parse(target).expect("a URL");
        let authority = url.origin.as_ref().map(|origin| origin.authority.as_str());
        assert_eq!(authority, origin);
        let names: Vec<&str> = url.placeholders().collect();
        assert_eq!(names, placeholders);
    }

    #[test]
    fn targets_come_apart() {
        check(
            "https://a.example/v1/{id | name}",
            Some("a.example"),
            &["id | name"],
        );
        check("HTTPS://user:pw@A.example:443/x", Some("a.example"), &[]);
        check("/me/drive/{item-path}:/x", None, &["item-path"]);
        check("me/<id>?$top={n}&a={n}", None, &["id", "n", "n"]);
        check(
            "https://{tenant}.example.com/x",
            Some("{tenant}.example.com"),
            &[],
        );
        check("/a?to=https://b.example/", None, &[]);
    }

    #[track_caller]
    fn check_names(target: &str, expected: &[&str]) {
        let url = UrlTemplate::parse(target).expect("a URL").named();
        assert_eq!(url.placeholders().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_placeholder_has_a_name_of_its_own() {
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
    fn what_is_no_url_is_named() {
        let long = "/a".repeat(5000);
        for target in [
            long.as_str(),
            "ftp://a/b",
            "https:///x",
            "https://a b/x",
            "https://[::1/x",
            "/a\u{1}",
        ] {
            assert!(UrlTemplate::parse(target).is_err(), "{target}");
        }
    }

    #[test]
    fn text_is_bound_once() {
        let value = |name: &str| (name == "a").then(|| "{b}".to_owned());
        assert_eq!(Template::bind("x {a} <a> {b} {", value), "x {b} {b} {b} {");
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
    fn a_placeholder_is_one_character_or_more() {
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
