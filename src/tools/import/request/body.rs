//! Bodies of requests: the documented one with changed members, or another one.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde_json::Value;

use super::parameters::{Content, Parameters};
use crate::http::media_type::MediaType;
use crate::http::message::Request;
use crate::project::scenario::data::BodyData;
use crate::tools::import::grammar::{Segment, assign, escape, escape_json, rfc9535};
use crate::tools::import::place::{Out, Place};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";

/// Returns what changes the body of a documented case: another body, or members
/// to set.
pub(super) fn of_case(
    request: Option<&Request>,
    parameters: &Parameters,
    out: &mut Out,
) -> (Option<BodyData>, IndexMap<String, Value>) {
    let none = IndexMap::new();
    if parameters.body.is_some() {
        return (replaced(request, parameters, out), none);
    }
    if parameters.set.is_empty() {
        return (None, none);
    }
    let set = || {
        let set = parameters.set.iter();
        set.filter_map(|(_, path, value)| Some((rfc9535(path), value.clone()?)))
            .collect()
    };
    let Some(request) = request else {
        for (place, _, value) in &parameters.set {
            if value.is_none() {
                let why = "null removes a member of the documented body, which is not available; \
                           write the remaining `body`";
                out.block(place, why);
            }
        }
        return (None, set());
    };
    let Some(body) = json_body(request, parameters, out) else {
        return (None, none);
    };
    // Prefer `set` if the documented body has all the parents.
    let mut trial = body.clone();
    let fits = parameters.set.iter().all(|(_, path, value)| {
        let takes_out = value.is_none();
        let before = takes_out.then(|| trial.clone());
        assign(&mut trial, path, value.clone(), false)
            && before.is_none_or(|before| before == trial)
    });
    if fits {
        return (None, set());
    }
    let body = with_members(body, &parameters.set, out);
    (Some(json(body, request, parameters)), none)
}

/// Returns the body of a raw request.
pub(super) fn of_raw(
    request: &Request,
    parameters: &Parameters,
    out: &mut Out,
) -> Option<BodyData> {
    if parameters.body.is_some() {
        return replaced(Some(request), parameters, out);
    }
    let documented = request.body.as_deref().filter(|body| !body.is_empty());
    if !parameters.set.is_empty() {
        let body = json_body(request, parameters, out);
        if let Some(body) = body {
            let body = with_members(body, &parameters.set, out);
            return Some(json(body, request, parameters));
        }
    }
    let text = documented?;
    let content_type = content_type(Some(request), parameters);
    Some(of_text(text, escape(text), content_type.as_deref()))
}

/// Returns the body that replaces the documented one.
fn replaced(request: Option<&Request>, parameters: &Parameters, out: &mut Out) -> Option<BodyData> {
    let (_, content) = parameters.body.as_ref()?;
    let content_type = content_type(request, parameters);
    let body = match content {
        Content::Base64(text) => BodyData {
            base64: Some(text.clone()),
            content_type: other_than(content_type.as_deref(), BYTES),
            ..BodyData::default()
        },
        Content::Text(template) => match &template.literal {
            Some(literal) => of_text(literal, template.text.clone(), content_type.as_deref()),
            None => of_text("", template.text.clone(), content_type.as_deref()),
        },
    };
    let Some(value) = body.json.clone().filter(|_| !parameters.set.is_empty()) else {
        ignore(&parameters.set, out);
        return Some(body);
    };
    Some(BodyData {
        json: Some(with_members(value, &parameters.set, out)),
        ..body
    })
}

/// Creates a body from a text: JSON, if the media type says so and the text is
/// valid.
fn of_text(literal: &str, template: String, content_type: Option<&str>) -> BodyData {
    let value = content_type
        .filter(|content_type| MediaType::parse(content_type).is_json())
        .and_then(|_| serde_json::from_str::<Value>(literal).ok())
        .filter(|value| value.is_object() || value.is_array());
    match value {
        Some(value) => BodyData {
            json: Some(escape_json(value)),
            content_type: other_than(content_type, JSON),
            ..BodyData::default()
        },
        None => BodyData {
            text: Some(template),
            content_type: other_than(content_type, TEXT),
            ..BodyData::default()
        },
    }
}

fn json(body: Value, request: &Request, parameters: &Parameters) -> BodyData {
    let content_type = content_type(Some(request), parameters);
    BodyData {
        json: Some(body),
        content_type: other_than(content_type.as_deref(), JSON),
        ..BodyData::default()
    }
}

/// Returns the documented body as JSON with escaped strings. Without a JSON
/// body, API Doctor sets nothing.
fn json_body(request: &Request, parameters: &Parameters, out: &mut Out) -> Option<Value> {
    let is_json = content_type(Some(request), parameters)
        .is_some_and(|found| MediaType::parse(&found).is_json());
    let body = request
        .body
        .as_deref()
        .filter(|body| !body.trim().is_empty());
    let (Some(body), true) = (body, is_json) else {
        ignore(&parameters.set, out);
        return None;
    };
    match serde_json::from_str(body) {
        Ok(value) => Some(escape_json(value)),
        Err(error) => {
            for (place, ..) in &parameters.set {
                out.block(
                    place,
                    format!("the documented body is not valid JSON: {error}"),
                );
            }
            None
        }
    }
}

fn ignore(set: &[(Place, Vec<Segment>, Option<Value>)], out: &mut Out) {
    for (place, ..) in set {
        out.note(
            place,
            "the request has no JSON body, so API Doctor ignores this",
        );
    }
}

fn with_members(
    mut body: Value,
    set: &[(Place, Vec<Segment>, Option<Value>)],
    out: &mut Out,
) -> Value {
    for (place, path, value) in set {
        if !assign(&mut body, path, value.clone(), true) {
            out.block(place, "the body has no such parent");
        }
    }
    body
}

fn content_type<'p>(
    request: Option<&'p Request>,
    parameters: &'p Parameters,
) -> Option<Cow<'p, str>> {
    if let Some(template) = parameters.header("content-type") {
        return Some(Cow::Borrowed(&template.text));
    }
    request?
        .headers
        .get("content-type")
        .map(|value| Cow::Owned(escape(value)))
}

fn other_than(content_type: Option<&str>, default: &str) -> Option<String> {
    content_type
        .filter(|content_type| !content_type.eq_ignore_ascii_case(default))
        .map(str::to_owned)
}
