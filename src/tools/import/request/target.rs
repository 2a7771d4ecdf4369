//! The URLs of raw requests.

use indexmap::IndexMap;

use super::parameters::{Parameters, Url};
use crate::http::message::Request;
use crate::project::scenario::data::ScalarData;
use crate::tools::import::grammar::{Template, escape};
use crate::tools::import::place::Out;

/// A target, and its query if the target is a captured URL.
pub(super) struct Target {
    pub target: String,
    pub query: IndexMap<String, Option<ScalarData>>,
}

/// Whether `url` is the documented URL, with or without its origin.
pub(super) fn is_same(documented: &str, url: &Url) -> bool {
    let path = documented
        .split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    let url = url.template.literal.as_deref();
    url == Some(documented) || (url.is_some() && url == path)
}

/// Whether a value changes the shape of the documented URL, which a variable
/// cannot do.
pub(super) fn shape_changes(documented: &str, parameters: &Parameters) -> bool {
    let mut placeholders = parameters.placeholders.iter();
    placeholders.any(|(name, (_, template))| changes_shape(documented, name, template))
}

/// Whether a value in place of a placeholder is more than a path or a segment.
fn changes_shape(documented: &str, name: &str, template: &Template) -> bool {
    let placeholder = format!("{{{name}}}");
    let text = template.literal.as_deref().unwrap_or(&template.text);
    let Some(at) = documented.find(&placeholder) else {
        return false;
    };
    let is_in_query = documented[..at].contains('?');
    let has_slash_before = documented[..at].ends_with('/');
    if is_in_query || !text.contains('/') {
        return false;
    }
    (text.starts_with('/') && !has_slash_before)
        || text
            .trim_matches('/')
            .split('/')
            .any(|part| matches!(part, "" | "." | ".."))
}

/// Returns the target of `request`, or the URL that replaces it, with the
/// values of its placeholders.
pub(super) fn of(request: &Request, parameters: &Parameters, out: &mut Out) -> Option<Target> {
    let url = parameters.url.as_ref();
    let text = match url {
        Some(Url { template, .. }) => template.text.clone(),
        None => escape(&request.target),
    };
    let mut missing = None;
    let text = fill(&text, |name| {
        let value = parameters.placeholders.get(name);
        if value.is_none() {
            missing.get_or_insert_with(|| name.to_owned());
        }
        value.map(|(_, template)| template.text.clone())
    });
    let place = url.map(|url| url.place.clone()).or_else(|| {
        parameters
            .placeholders
            .values()
            .next()
            .map(|(place, _)| place.clone())
    });
    if let Some(name) = missing {
        if let Some(place) = place {
            out.block(&place, format!("`{{{name}}}` of the URL has no value"));
        }
        return None;
    }
    for (name, (place, _)) in &parameters.placeholders {
        let source = url.map_or(&request.target, |url| &url.template.text);
        if !source.contains(&format!("{{{name}}}")) {
            out.note(place, "the URL has no such placeholder");
        }
    }
    let text = text.replace('#', "%23");
    if text.starts_with("${") {
        // Nothing can follow a captured URL; its query becomes `query`.
        let end = text.find('}')? + 1;
        let (url, rest) = text.split_at(end);
        let mut query = IndexMap::new();
        if let Some(rest) = rest.strip_prefix('?') {
            for pair in rest.split('&') {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                query.insert(name.to_owned(), Some(ScalarData::Text(value.to_owned())));
            }
        } else if !rest.is_empty() {
            if let Some(place) = place {
                out.block(&place, "only a query can follow a captured URL");
            }
            return None;
        }
        return Some(Target {
            target: url.to_owned(),
            query,
        });
    }
    let host = ["http://", "https://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    if let (Some(place), true) = (place, host.is_some_and(|host| host.contains("${"))) {
        out.block(
            &place,
            "requests are not sent to hosts that are only known during the run",
        );
        return None;
    }
    let is_whole = text.starts_with('/') || host.is_some();
    Some(Target {
        target: if is_whole { text } else { format!("/{text}") },
        query: IndexMap::new(),
    })
}

/// Returns the placeholders of a documented URL, as written.
pub(super) fn placeholders(documented: &str) -> Vec<String> {
    let mut names = Vec::new();
    fill(documented, |name| {
        names.push(format!("`{{{name}}}`"));
        None
    });
    names
}

/// Replaces `{name}` with its value. `${name}` is not a placeholder.
fn fill(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        filled += before;
        let Some(end) = from.find('}') else {
            filled += &from.replace('{', "%7B");
            return filled;
        };
        let (placeholder, after) = from.split_at(end + 1);
        if before.ends_with('$') {
            filled += placeholder;
        } else {
            filled += &value(&placeholder[1..end]).unwrap_or_default();
        }
        rest = after;
    }
    filled + rest
}
