//! Whether two field values are equal, as the specification of the field defines
//! it.

use std::collections::BTreeSet;

use super::challenge::challenges;
use super::date::HttpDate;
use super::link::{Link, links};
use super::placeholder::fits;
use super::syntax::{Item, Syntax};
use super::{MOST, elements, parameter, split, unquote};
use crate::http::media_type::MediaType;

/// Whether two values are equal, as the specification of the field defines it.
pub(super) fn is_same(syntax: Syntax, documented: &str, observed: &str) -> bool {
    match syntax {
        Syntax::Set(item) => is_same_set(parts(item, documented), parts(item, observed)),
        Syntax::List(item) => is_same_list(&parts(item, documented), &parts(item, observed)),
        Syntax::Directives(separator) => {
            let parts =
                |value| -> Vec<Part> { elements(value, separator).map(directive).collect() };
            is_same_set(parts(documented), parts(observed))
        }
        Syntax::Challenges => has_same_challenges(documented, observed),
        Syntax::Number => whole_number(documented)
            .zip(whole_number(observed))
            .map_or_else(|| fits(documented, observed), |(a, b)| a == b),
        Syntax::Date | Syntax::Delay => HttpDate::parse(documented)
            .zip(HttpDate::parse(observed))
            .map_or_else(|| fits(documented, observed), |(a, b)| a == b),
        Syntax::EntityTag => match documented.strip_prefix("W/") {
            Some(tag) => fits(tag, observed.strip_prefix("W/").unwrap_or(observed)),
            None => fits(documented, observed),
        },
        Syntax::Url => fits(documented, observed) || is_same_url(documented, observed),
        Syntax::MediaType => {
            let (documented, observed) = (MediaType::parse(documented), MediaType::parse(observed));
            observed.conforms_to(&documented)
                && observed.compared().count() == documented.compared().count()
        }
        Syntax::Range | Syntax::TraceParent => {
            let plain = |text: &str| -> String {
                let text = text.to_ascii_lowercase();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            fits(&plain(documented), &plain(observed))
        }
        Syntax::Text | Syntax::Like | Syntax::Id | Syntax::Cookies => {
            let parts = |value| -> Vec<Part> {
                elements(value, b',')
                    .map(|part| vec![part.to_owned()])
                    .collect()
            };
            fits(documented, observed) || is_same_list(&parts(documented), &parts(observed))
        }
    }
}

/// An item in a form in which equal items are equal texts: the item itself, and
/// its parameters by name.
type Part = Vec<String>;

/// Splits a list into its items.
fn parts(item: Item, value: &str) -> Vec<Part> {
    match item {
        Item::Word => elements(value, b',')
            .map(|word| vec![unquote(word).to_ascii_lowercase()])
            .collect(),
        Item::CasedWord => elements(value, b',')
            .map(|word| vec![unquote(word).into_owned()])
            .collect(),
        Item::Parameters => elements(value, b',').map(with_parameters).collect(),
        Item::MediaRange => elements(value, b',').map(media_range).collect(),
        Item::Link => links(value).iter().map(Link::part).collect(),
        Item::Source => elements(value, b';').map(source).collect(),
    }
}

/// A name in lower case, and its unquoted value.
fn assignment(text: &str) -> String {
    match parameter(text) {
        (name, Some(value)) => format!("{}={value}", name.to_ascii_lowercase()),
        (name, None) => unquote(name).to_ascii_lowercase(),
    }
}

fn with_parameters(element: &str) -> Part {
    let mut part: Part = split(element, b';')
        .map(str::trim)
        .map(assignment)
        .collect();
    if let Some(parameters) = part.get_mut(1..) {
        parameters.sort();
    }
    part
}

fn media_range(element: &str) -> Part {
    let media_type = MediaType::parse(element);
    let parameters = media_type.parameters.iter();
    let mut part: Part = parameters
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    part.sort();
    part.insert(0, media_type.essence);
    part
}

fn source(element: &str) -> Part {
    let mut words = element.split_whitespace();
    let name = words.next().unwrap_or_default().to_ascii_lowercase();
    let sources: BTreeSet<&str> = words.collect();
    std::iter::once(name)
        .chain(sources.into_iter().map(str::to_owned))
        .collect()
}

/// A name in lower case with its value. The value of `no-cache` and `private` is
/// a set of field names (RFC 9111, 5.2.2.4).
fn directive(element: &str) -> Part {
    let (name, value) = parameter(element);
    let name = unquote(name).to_ascii_lowercase();
    match value {
        Some(value) if matches!(name.as_str(), "no-cache" | "private") => {
            let fields = value.to_ascii_lowercase();
            let fields: BTreeSet<&str> = elements(&fields, b',').collect();
            let fields: Vec<&str> = fields.into_iter().collect();
            vec![name, fields.join(",")]
        }
        Some(value) => vec![name, value.into_owned()],
        None => vec![name],
    }
}

/// A cookie, and its attributes in any order (RFC 6265, 4.1.1).
fn cookie(line: &str) -> Part {
    let mut pieces = split(line, b';')
        .map(str::trim)
        .filter(|piece| !piece.is_empty());
    let first = pieces.next().unwrap_or_default().to_owned();
    let mut attributes: Vec<String> = pieces.map(assignment).collect();
    attributes.sort();
    attributes.insert(0, first);
    attributes
}

/// Whether the service sent the documented cookies and no others.
pub(super) fn has_same_cookies(documented: &[&str], observed: &[&str]) -> bool {
    let cookies = |lines: &[&str]| lines.iter().map(|line| cookie(line)).collect();
    is_same_set(cookies(documented), cookies(observed))
}

/// Whether the service sent each documented cookie, with each documented
/// attribute.
pub(super) fn has_cookies(documented: &[&str], observed: &[&str]) -> bool {
    let name = |piece: &str| piece.split('=').next().unwrap_or_default().to_owned();
    let names = |line: &&str| -> Part { cookie(line).iter().map(|piece| name(piece)).collect() };
    let sent: Vec<Part> = observed.iter().map(names).collect();
    documented.iter().map(names).all(|cookie| {
        sent.iter().any(|sent| {
            fits(&cookie[0], &sent[0]) && cookie[1..].iter().all(|name| sent.contains(name))
        })
    })
}

fn is_same_part(documented: &Part, observed: &Part) -> bool {
    documented.len() == observed.len()
        && documented
            .iter()
            .zip(observed)
            .all(|(documented, observed)| fits(documented, observed))
}

fn is_same_list(documented: &[Part], observed: &[Part]) -> bool {
    documented.len() == observed.len()
        && documented
            .iter()
            .zip(observed)
            .all(|pair| is_same_part(pair.0, pair.1))
}

/// Whether two lists have the same parts, in any order. A part may be repeated,
/// and an ellipsis stands for more parts.
fn is_same_set(documented: Vec<Part>, observed: Vec<Part>) -> bool {
    let mut documented: BTreeSet<Part> = documented.into_iter().collect();
    let goes_on = documented.remove(["...".to_owned()].as_slice())
        | documented.remove(["…".to_owned()].as_slice());
    let mut rest: BTreeSet<Part> = observed.into_iter().collect();
    let open: Vec<Part> = documented
        .into_iter()
        .filter(|part| !rest.remove(part))
        .collect();
    (open.len() == rest.len() || (goes_on && open.len() < rest.len()))
        && open.len() <= MOST
        && open.iter().all(|part| {
            let found = rest.iter().find(|other| is_same_part(part, other)).cloned();
            found.is_some_and(|found| rest.remove(&found))
        })
}

fn has_same_challenges(documented: &str, observed: &str) -> bool {
    let (documented, mut rest) = (challenges(documented), challenges(observed));
    documented.len() == rest.len()
        && documented.len() <= MOST
        && documented.iter().all(|challenge| {
            let found = rest.iter().position(|other| other.is_same(challenge));
            found.map(|at| rest.swap_remove(at)).is_some()
        })
}

/// The digits of a whole number, without leading zeros.
fn whole_number(text: &str) -> Option<&str> {
    let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| text.trim_start_matches('0'))
}

/// Whether two absolute URLs are equal after the normalization of RFC 3986,
/// 6.2.2 and 6.2.3: of scheme, host, default port and empty path.
fn is_same_url(documented: &str, observed: &str) -> bool {
    let url = |text: &str| url::Url::parse(text).ok();
    url(documented).is_some_and(|documented| url(observed) == Some(documented))
}
