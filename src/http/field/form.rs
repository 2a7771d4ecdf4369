//! The form of field values that differ in every response, and the tokens that
//! snapshots record in their place.

use std::collections::BTreeSet;

use super::challenge::challenges;
use super::date::HttpDate;
use super::link::{Link, links};
use super::syntax::{Item, Syntax};
use super::{MOST, elements, parameter, placeholder, split};
use crate::http::media_type::MediaType;
use crate::text::value_form::{is_jwt, is_uuid};

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Empty,
    Number,
    Date,
    Timestamp,
    Uuid,
    Jwt,
    EntityTag,
    Url,
    /// Any other text without white space and commas.
    Word,
    Text,
}

impl Form {
    fn of(text: &str) -> Self {
        if text.is_empty() {
            Self::Empty
        } else if is_number(text) {
            Self::Number
        } else if HttpDate::parse(text).is_some() {
            Self::Date
        } else if is_timestamp(text) {
            Self::Timestamp
        } else if is_uuid(text) {
            Self::Uuid
        } else if is_jwt(text) {
            Self::Jwt
        } else if is_entity_tag(text) {
            Self::EntityTag
        } else if is_url(text) {
            Self::Url
        } else if text.contains([' ', '\t', ',']) {
            Self::Text
        } else {
            Self::Word
        }
    }

    /// Whether a value of another form is of this one too.
    fn includes(self, other: Self) -> bool {
        match self {
            Self::Word => !matches!(other, Self::Empty | Self::Date | Self::Text),
            Self::Text => other != Self::Empty,
            _ => self == other,
        }
    }
}

/// A decimal number.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    is_whole(whole) && is_whole(fraction)
}

/// A date and time of RFC 3339.
fn is_timestamp(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    let (date, time) = shape.split_at_checked(10).unwrap_or((&shape, ""));
    date == "9999-99-99" && time.get(1..).is_some_and(|time| time.starts_with("99:99"))
}

/// An entity tag (RFC 9110, 8.8.3).
fn is_entity_tag(text: &str) -> bool {
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    tag.is_some_and(|tag| !tag.contains(['"', ' ']))
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("http://")
        .or(text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty() && is_reference(text))
}

/// A URL or a relative reference (RFC 3986, 4.1).
fn is_reference(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '\t', '"', '<', '>', '\\', '^', '`', '{', '|', '}'])
}

/// The identifiers of a trace and its parent (Trace Context, 3.2).
fn is_trace_parent(text: &str) -> bool {
    let mut parts = text.split('-');
    let has_parts = [2, 32, 16, 2].iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    });
    // Later versions may have more parts.
    has_parts && (parts.next().is_none() || !text.starts_with("00"))
}

/// A whole number.
fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The unit of a range, and whether it has a range (RFC 9110, 14.4).
fn range(text: &str) -> Option<(String, bool)> {
    let (unit, range) = text.split_once(' ')?;
    let (range, size) = range.trim().split_once('/')?;
    let has_range = range
        .split_once('-')
        .is_some_and(|(a, b)| is_whole(a) && is_whole(b));
    let is_range = has_range || range == "*";
    (is_range && (size == "*" || is_whole(size))).then(|| (unit.to_ascii_lowercase(), has_range))
}

/// Whether an observed value has the form of the documented one.
pub(super) fn has_form(syntax: Syntax, documented: &str, observed: &str) -> bool {
    match syntax {
        Syntax::Text | Syntax::Like | Syntax::Cookies => is_like(documented, observed),
        Syntax::Id if is_uuid(documented) => is_uuid(observed),
        Syntax::Id => {
            let is_word = |text| Form::Word.includes(Form::of(text));
            is_word(observed) || (!is_word(documented) && is_like(documented, observed))
        }
        Syntax::Number => is_of(documented, observed, &is_whole),
        Syntax::Date => is_of(documented, observed, &is_date),
        Syntax::Delay if is_whole(documented) => is_whole(observed),
        Syntax::Delay if is_date(documented) => is_date(observed),
        Syntax::Delay => is_of(documented, observed, &|text| {
            is_whole(text) || is_date(text)
        }),
        Syntax::EntityTag => is_of(documented, observed, &is_entity_tag),
        Syntax::Url => {
            // A relative reference without a slash is any word.
            is_reference(observed) && (observed.contains('/') || !documented.contains('/'))
        }
        Syntax::MediaType => is_of(documented, observed, &|text| {
            MediaType::parse(text).essence.split('/').count() == 2
        }),
        Syntax::Range => match range(documented) {
            Some(documented) => range(observed) == Some(documented),
            None => is_of(documented, observed, &|text| range(text).is_some()),
        },
        Syntax::TraceParent => is_of(documented, observed, &is_trace_parent),
        Syntax::Set(Item::Link) | Syntax::List(Item::Link) => has_links(documented, observed),
        Syntax::Set(_) | Syntax::List(_) => has_elements(documented, observed),
        Syntax::Directives(separator) => has_directives(separator, documented, observed),
        Syntax::Challenges => {
            let observed = challenges(observed);
            let documented = challenges(documented);
            let mut documented = documented.iter().take(MOST);
            documented.all(|challenge| observed.iter().any(|own| own.has_form_of(challenge)))
        }
    }
}

fn is_date(text: &str) -> bool {
    HttpDate::parse(text).is_some()
}

/// Whether the observed value is what the field requires. If the documented
/// value is not, another value like it is accepted too.
fn is_of(documented: &str, observed: &str, is_valid: &dyn Fn(&str) -> bool) -> bool {
    is_valid(observed) || (!is_valid(documented) && is_like(documented, observed))
}

/// Whether two values have the same form, or are lists of the same forms.
fn is_like(documented: &str, observed: &str) -> bool {
    if placeholder::fits(documented, observed) {
        return true;
    }
    match Form::of(documented) {
        Form::Text => has_elements(documented, observed),
        form => form.includes(Form::of(observed)),
    }
}

/// Whether each observed element has the form of a documented one. Parameters
/// are not compared.
fn has_elements(documented: &str, observed: &str) -> bool {
    let form = |element| Form::of(split(element, b';').next().unwrap_or_default().trim());
    let forms: BTreeSet<Form> = elements(documented, b',').map(form).collect();
    let mut observed = elements(observed, b',').map(form).peekable();
    observed.peek().is_some()
        && (elements(documented, b',').any(placeholder::is_any)
            || observed.all(|found| forms.iter().any(|form| form.includes(found))))
}

/// Whether there are links, each with a target and the parameters that all
/// documented links have.
fn has_links(documented: &str, observed: &str) -> bool {
    let documented = links(documented)
        .into_iter()
        .filter(|link| !link.target.is_empty());
    let names = |link: &Link<'_>| -> BTreeSet<String> { link.names().collect() };
    let common = documented
        .map(|link| names(&link))
        .reduce(|common, names| &common & &names);
    let common = common.unwrap_or_default();
    let observed = links(observed);
    !observed.is_empty()
        && observed.iter().all(|link| {
            let is_target = link.target.len() > 2 && link.target.ends_with('>');
            is_target && names(link).is_superset(&common)
        })
}

/// Whether each documented directive is there, with a value of the documented
/// form.
fn has_directives(separator: u8, documented: &str, observed: &str) -> bool {
    let sent = elements(observed, separator).map(parameter);
    let sent: Vec<(String, _)> = sent
        .map(|(name, value)| (name.to_ascii_lowercase(), value))
        .collect();
    elements(documented, separator)
        .take(MOST)
        .map(parameter)
        .all(|(name, value)| {
            let is_it = |own: &str| own.eq_ignore_ascii_case(name) || placeholder::fits(name, own);
            let Some((_, own)) = sent.iter().find(|(own, _)| is_it(own)) else {
                return false;
            };
            match (value, own) {
                (Some(value), Some(own)) => is_like(&value, own),
                (Some(_), None) => false,
                (None, _) => true,
            }
        })
}

/// The token for a value of the documented form.
pub(crate) fn token(syntax: Syntax, documented: &str) -> &'static str {
    match syntax {
        Syntax::Date => "[http-date]",
        Syntax::Delay => "[delay]",
        Syntax::EntityTag => "[entity-tag]",
        Syntax::Url => "[url]",
        Syntax::Number => "[number]",
        Syntax::Id if is_uuid(documented) => "[uuid]",
        Syntax::Id => "[id]",
        _ if Form::of(documented) == Form::Number => "[number]",
        _ => volatile(documented).unwrap_or("[same-form]"),
    }
}

/// The token for a value whose form alone shows that it is volatile.
pub(crate) fn volatile(value: &str) -> Option<&'static str> {
    match Form::of(value) {
        Form::Uuid => Some("[uuid]"),
        Form::Jwt => Some("[jwt]"),
        Form::Date => Some("[http-date]"),
        _ if value.starts_with("http://") || value.starts_with("https://") => Some("[url]"),
        _ => None,
    }
}

/// The token for the value of a field that only has to be present.
pub(crate) fn present(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::Url => "[url]",
        _ => "[present]",
    }
}

/// Whether a value is a token.
pub(crate) fn is_token(value: &str) -> bool {
    const TOKENS: [&str; 10] = [
        "[jwt]",
        "[url]",
        "[uuid]",
        "[id]",
        "[number]",
        "[entity-tag]",
        "[delay]",
        "[present]",
        "[http-date]",
        "[same-form]",
    ];
    TOKENS.contains(&value)
}
