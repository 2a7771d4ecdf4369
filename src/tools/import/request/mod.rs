//! Request definitions: a documented method or a raw request, with parameters,
//! captures and expectations.

mod body;
mod parameters;
mod target;

use indexmap::IndexMap;
use serde_json::Value;

use super::docs::Docs;
use super::grammar::{
    Location, Renamed, escape, escape_json, location, rfc9535, segments, variable,
};
use super::place::{Out, Place};
use crate::http::message::{Request, is_framing, is_token};
use crate::http::text;
use crate::http::url::UrlTemplate;
use crate::page::case::Case;
use crate::project::scenario::data::{
    CaptureData, ExpectData, OperatorsData, PathData, ScalarData, StepData, VarData,
};
pub(super) use parameters::Parameters;

/// The role of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The scenario's own request, which always refers to its case.
    Main,
    /// Any other request, which may become a raw request.
    Step,
}

/// Converts a definition to a step. The parameters are passed in, since a
/// canned request may get more than its own.
pub(super) fn step(
    place: &Place,
    parameters: &Parameters,
    role: Role,
    docs: &Docs,
    renamed: &Renamed,
    out: &mut Out,
) -> Option<StepData> {
    let mut step = if let Some(raw) = place.member("http-request") {
        if let Some(method) = place.member("method") {
            out.note(&method, "ignored, since there is an `http-request`");
        }
        raw_request(&raw, parameters, out)?
    } else if let Some(method) = place.member("method") {
        let Some(name) = place.text("method", out) else {
            out.block(&method, "not the name of a method");
            return None;
        };
        let (id, case) = docs.find(&name, &method, out);
        documented(&id, case, parameters, role, out)
    } else {
        out.block(
            place,
            "neither `method` nor `http-request` nor `canned-request`",
        );
        return None;
    };
    step.capture = captures(place, renamed, out);
    step.expect = expectations(place, out);
    Some(step)
}

/// Converts a request of a documented case. With another URL, it becomes a raw
/// request.
fn documented(
    id: &str,
    case: Option<&Case>,
    parameters: &Parameters,
    role: Role,
    out: &mut Out,
) -> StepData {
    let request = case.map(|case| &case.request);
    let other_url = parameters
        .url
        .as_ref()
        .filter(|url| request.is_none_or(|request| !target::is_same(&request.target, url)));
    let needs_raw = other_url.is_some()
        || (role == Role::Step
            && request.is_some_and(|request| target::shape_changes(&request.target, parameters)));
    let mut elsewhere = None;
    if needs_raw && role == Role::Step {
        if let Some(request) = request
            && let Some(step) = raw_step(request, parameters, out)
        {
            return step;
        }
        if let Some(url) = other_url.filter(|_| request.is_none()) {
            let why = "with another URL, a documented request is converted only if its page is \
                       available";
            out.block(&url.place, why);
        }
    } else if let Some(url) = other_url {
        elsewhere = request.and_then(|request| target::of(request, parameters, out));
        if request.is_none() {
            let why = "with another URL, a documented request is converted only if its page is \
                       available";
            out.block(&url.place, why);
        }
    }
    let (url, query) = elsewhere.map_or((None, IndexMap::new()), |elsewhere| {
        (Some(elsewhere.target), elsewhere.query)
    });
    let (body, set) = body::of_case(request, parameters, out);
    StepData {
        case: Some(id.to_owned()),
        url,
        query,
        vars: vars(
            request.filter(|_| other_url.is_none()),
            other_url.is_some(),
            parameters,
            out,
        ),
        headers: headers(parameters, body.is_some()),
        body,
        set,
        ..StepData::default()
    }
}

/// Returns the values for the placeholders of a documented request.
fn vars(
    request: Option<&Request>,
    is_elsewhere: bool,
    parameters: &Parameters,
    out: &mut Out,
) -> IndexMap<String, VarData> {
    let mut vars = IndexMap::new();
    for (name, (place, template)) in &parameters.placeholders {
        if is_elsewhere {
            // They belong to the URL, which was not converted.
            continue;
        }
        if let Some(request) = request
            && !request.target.contains(&format!("{{{name}}}"))
        {
            let known = target::placeholders(&request.target).join(", ");
            let known = if known.is_empty() { "none" } else { &known };
            let why = format!("the documented request has no such placeholder; it has {known}");
            out.note(place, why);
            continue;
        }
        if template.text == format!("${{{name}}}") {
            // The captured value with the name of the placeholder is its value.
            continue;
        }
        let text = template.literal.as_deref().unwrap_or(&template.text);
        let is_path = text.contains('/');
        if !is_path {
            let value = VarData::Scalar(ScalarData::Text(template.text.clone()));
            vars.insert(name.clone(), value);
            continue;
        }
        let path = template.text.trim_matches('/');
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            out.block(
                place,
                "a path cannot have empty segments or the segments `.` and `..`",
            );
            continue;
        }
        if text.starts_with('/')
            && request.is_some_and(|request| !request.target.contains(&format!("/{{{name}}}")))
        {
            let why = "the path starts with a slash, but the placeholder does not follow one in \
                       the documented URL";
            out.block(place, why);
        }
        vars.insert(
            name.clone(),
            VarData::Path(PathData {
                path: path.to_owned(),
            }),
        );
    }
    // API Doctor replaces each placeholder with this name.
    let documented = request.and_then(|request| UrlTemplate::parse(&request.target).ok());
    if let Some(documented) = documented.filter(|_| !is_elsewhere) {
        let own = documented.clone().named();
        for (name, own) in documented.placeholders().zip(own.placeholders()) {
            let Some((_, template)) = parameters.placeholders.get(name) else {
                continue;
            };
            let reference = format!("${{{name}}}");
            // A random value is generated only once.
            let is_once = template.literal.is_none() && is_token(name);
            let value = match vars.get(name) {
                Some(VarData::Scalar(_)) if is_once => VarData::Scalar(ScalarData::Text(reference)),
                Some(value) => value.clone(),
                None if template.text == reference => VarData::Scalar(ScalarData::Text(reference)),
                None => continue,
            };
            if name != own {
                vars.insert(own.to_owned(), value);
            }
        }
    }
    vars
}

/// Returns the header fields to set or remove. The media type belongs to the
/// body.
fn headers(parameters: &Parameters, has_body: bool) -> IndexMap<String, Option<ScalarData>> {
    let mut headers = IndexMap::new();
    for (name, template) in &parameters.headers {
        let belongs_to_body = has_body && name.eq_ignore_ascii_case("content-type");
        if belongs_to_body && template.is_some() {
            continue;
        }
        let value = template
            .as_ref()
            .map(|template| ScalarData::Text(template.text.clone()));
        headers.insert(name.clone(), value);
    }
    headers
}

/// Converts a raw request: `GET /items/{id}`, header fields and body.
fn raw_request(raw: &Place, parameters: &Parameters, out: &mut Out) -> Option<StepData> {
    let value = raw.value();
    let text = value.as_str().unwrap_or_default().replace("\r\n", "\n");
    let read = text::request(&text);
    for problem in &read.problems {
        out.note(raw, problem.message.clone());
    }
    let Some((request, _)) = read.message else {
        out.block(raw, "invalid request; expected `GET /items`");
        return None;
    };
    raw_step(&request, parameters, out)
}

/// Creates a `request` step from a documented or raw request.
fn raw_step(request: &Request, parameters: &Parameters, out: &mut Out) -> Option<StepData> {
    let target::Target { target, query } = target::of(request, parameters, out)?;
    let body = body::of_raw(request, parameters, out);
    let mut fields = IndexMap::new();
    for (name, values) in request.headers.grouped() {
        let belongs_to_body = body.is_some() && name.eq_ignore_ascii_case("content-type");
        let is_own = is_framing(name)
            || !is_token(name)
            || ["host", "authorization"]
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own));
        let is_set = parameters
            .headers
            .iter()
            .any(|(set, _)| set.eq_ignore_ascii_case(name));
        if !belongs_to_body && !is_own && !is_set {
            let value = ScalarData::Text(escape(&values.join(", ")));
            fields.insert(name.to_owned(), Some(value));
        }
    }
    // Removed headers are omitted.
    let set = headers(parameters, body.is_some());
    fields.extend(set.into_iter().filter(|(_, value)| value.is_some()));
    Some(StepData {
        request: Some(format!("{} {target}", request.method)),
        headers: fields,
        query,
        body,
        ..StepData::default()
    })
}

/// Converts the captures.
pub(super) fn captures(
    place: &Place,
    renamed: &Renamed,
    out: &mut Out,
) -> IndexMap<String, CaptureData> {
    let mut captures = IndexMap::new();
    let Some(list) = place.member("capture") else {
        return captures;
    };
    for entry in list.entries(out) {
        let name = stored_name(&entry);
        if name == entry.name() {
            out.note(
                &entry,
                "API Doctor writes `[name]` for stored values; converted as such",
            );
        }
        let value = entry.value();
        let source = source(value.as_str().unwrap_or_default());
        match source {
            Ok(source) => {
                captures.insert(variable(name, renamed), CaptureData::Source(source));
            }
            Err(why) => out.block(&entry, why),
        }
    }
    captures
}

/// Returns the names of the stored values of a definition.
pub(super) fn stored(place: &Place, out: &mut Out) -> Vec<String> {
    let entries = place.member("capture").map(|list| list.entries(out));
    let names = entries.iter().flatten().map(stored_name);
    names.map(str::to_owned).collect()
}

fn stored_name<'p>(entry: &'p Place) -> &'p str {
    match location(entry.name()) {
        Location::Stored(name) => name,
        _ => entry.name(),
    }
}

/// Converts the expectations.
pub(super) fn expectations(place: &Place, out: &mut Out) -> IndexMap<String, ExpectData> {
    let mut expect = IndexMap::new();
    let statuses = place.statuses("allowed-status-codes", out);
    match statuses.as_slice() {
        [] => {}
        [status] => {
            expect.insert("status".to_owned(), ExpectData::Equals((*status).into()));
        }
        statuses => {
            let statuses = statuses.iter().copied().collect::<Value>();
            expect.insert("status".to_owned(), ExpectData::Equals(statuses));
        }
    }
    let Some(list) = place.member("expectations") else {
        return expect;
    };
    for entry in list.entries(out) {
        let expected = match escape_json(entry.value()) {
            Value::Null => {
                out.note(&entry, "API Doctor ignores an expected null");
                continue;
            }
            Value::Array(values) if values.is_empty() => {
                out.block(&entry, "the list is empty, so no value matches");
                continue;
            }
            Value::Array(values) => ExpectData::Operators(Box::new(OperatorsData {
                one_of: Some(values),
                ..OperatorsData::default()
            })),
            object @ Value::Object(_) => ExpectData::Operators(Box::new(OperatorsData {
                equals: Some(object),
                ..OperatorsData::default()
            })),
            value => ExpectData::Equals(value),
        };
        match source(entry.name()) {
            Ok(source) => {
                expect.insert(source, expected);
            }
            Err(why) => out.note(&entry, why),
        }
    }
    expect
}

/// Converts the source of a capture or an expectation.
fn source(text: &str) -> Result<String, String> {
    match location(text) {
        Location::Json => segments(text).map(|segments| rfc9535(&segments)),
        Location::Header(name) => Ok(format!("header:{name}")),
        Location::Body => Ok("body".to_owned()),
        _ => Err(format!(
            "`{text}` is not a source, nor is it in API Doctor; use `$.name`, `Name:` or `!body`"
        )),
    }
}
