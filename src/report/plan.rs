//! A plan: what a run would send, and what it would skip.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use indexmap::IndexMap;
use serde::Serialize;

use super::basics::{json_line, plural, printable};
use crate::http::message::Headers;
use crate::http::sent_body::sent_body;
use crate::http::url::Template;
use crate::page::case::Case;
use crate::project::plan::{
    DeferredPart, DeferredText, Planned, Preview, PreviewBody, PreviewRequest, Unit,
};

/// A case or scenario of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece<'a> {
    /// The case.
    pub case: &'a Case,
    /// What is planned for it.
    pub unit: &'a Unit,
    /// Its requests.
    pub previews: &'a [Preview],
    /// The folder of scenarios, as the user names it.
    pub folder: &'a str,
}

impl Piece<'_> {
    /// The file and line of the scenario.
    pub(crate) fn scenario_place(&self) -> Option<String> {
        let scenario = self.unit.scenario.as_ref()?;
        Some(format!(
            "{}/{}:{}",
            self.folder, scenario.file, scenario.line
        ))
    }
}

/// A piece as text, with a line per request.
pub(crate) fn pretty(piece: Piece<'_>) -> String {
    let Piece { case, unit, .. } = piece;
    let place = format!("{}:{}  {}", case.page, case.line, unit.id(case));
    if let Planned::Skip(skip) = &unit.planned {
        let line = format!(
            "skip    {} {}  {place}  {skip}",
            case.request.method, case.request.target
        );
        return format!("{}\n", printable(&line));
    }
    let Some(scenario) = piece.scenario_place() else {
        let line = piece
            .previews
            .iter()
            .map(|preview| format!("{}  {place}", request(preview)));
        return line.map(|line| format!("{}\n", printable(&line))).collect();
    };
    let mut text = format!("{}\n", printable(&format!("scenario  {place}  {scenario}")));
    let labels = piece.previews.iter().map(|preview| {
        let label = preview.label.as_deref().unwrap_or_default();
        printable(label).chars().count()
    });
    let width = labels.max().unwrap_or_default();
    for preview in piece.previews {
        let label = preview.label.as_deref().unwrap_or_default();
        let mut line = format!("  {label:<width$}  {}", request(preview));
        for (name, source) in &preview.captures {
            let _ = write!(line, "  ${{{name}}} = {source}");
        }
        if preview.polls {
            line += "  then polls";
        }
        let _ = writeln!(text, "{}", printable(&line));
    }
    text
}

fn request(preview: &Preview) -> String {
    match &preview.request {
        Ok(request) => {
            let unbound = unbound(request);
            let unbound = match unbound.as_slice() {
                [] => String::new(),
                unbound => format!("  unbound: {}", unbound.join(", ")),
            };
            format!("{:<7} {}{unbound}", request.method, request.url)
        }
        Err(why) => format!("cannot be sent: {why}"),
    }
}

/// The placeholders outside the URL that have no value, and where they are. They
/// are sent as they are written.
fn unbound(request: &PreviewRequest) -> Vec<String> {
    let mut unbound = Vec::new();
    let mut add = |name: &str, place: &str| {
        let is_name = |c: char| c.is_alphanumeric() || " -_|.".contains(c);
        let entry = format!("{{{name}}} in {place}");
        if name.chars().all(is_name) && !unbound.contains(&entry) {
            unbound.push(entry);
        }
    };
    let mut headers = Headers::default();
    for (name, value) in &request.headers {
        let value = literal(value);
        for placeholder in Template::parse(&value).placeholders() {
            add(placeholder, name);
        }
        headers.push(name.as_str(), value);
    }
    let body = match &request.body {
        Some(PreviewBody::Text(text)) => literal(text),
        Some(PreviewBody::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        Some(PreviewBody::Withheld(_)) | None => String::new(),
    };
    sent_body(&headers, &body, |name| {
        add(name, "the body");
        None
    });
    unbound
}

/// A text without secrets and late values.
fn literal(text: &DeferredText) -> String {
    let parts = text.0.iter();
    parts
        .map(|part| match part {
            DeferredPart::Literal(text) => text.as_str(),
            DeferredPart::Late(_) | DeferredPart::Secret { .. } => "",
        })
        .collect()
}

#[derive(Serialize)]
struct PieceLine<'a> {
    id: &'a str,
    page: &'a str,
    line: usize,
    scenario: Option<String>,
    action: &'static str,
    reason: Option<&'static str>,
    detail: Option<&'a str>,
    requests: Vec<RequestData<'a>>,
}

#[derive(Serialize)]
struct RequestData<'a> {
    step: Option<&'a str>,
    method: Option<&'a str>,
    url: Option<String>,
    headers: Vec<(&'a str, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    /// The number of bytes of a body that is not shown.
    body_withheld: Option<usize>,
    captures: IndexMap<&'a str, &'a str>,
    polls: bool,
    /// The placeholders outside the URL that have no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unbound: Vec<String>,
    error: Option<&'a str>,
}

impl<'a> From<&'a Preview> for RequestData<'a> {
    fn from(preview: &'a Preview) -> Self {
        let request = preview.request.as_ref().ok();
        let body = request.and_then(|request| request.body.as_ref());
        let headers = request.map_or(&[][..], |request| &request.headers);
        let captures = preview.captures.iter();
        Self {
            step: preview.label.as_deref(),
            method: request.map(|request| request.method.as_str()),
            url: request.map(|request| request.url.to_string()),
            headers: headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_string()))
                .collect(),
            body: match body {
                Some(PreviewBody::Text(text)) => Some(text.to_string()),
                _ => None,
            },
            body_base64: match body {
                Some(PreviewBody::Bytes(bytes)) => Some(STANDARD.encode(bytes)),
                _ => None,
            },
            body_withheld: match body {
                Some(PreviewBody::Withheld(length)) => Some(*length),
                _ => None,
            },
            captures: captures
                .map(|(name, source)| (name.as_str(), source.as_str()))
                .collect(),
            polls: preview.polls,
            unbound: request.map_or_else(Vec::new, unbound),
            error: preview.request.as_ref().err().map(String::as_str),
        }
    }
}

/// A piece as a JSON object.
pub(crate) fn json(piece: Piece<'_>) -> String {
    let Piece { case, unit, .. } = piece;
    let (action, skip) = match &unit.planned {
        Planned::Send(_) => ("send", None),
        Planned::Script => ("scenario", None),
        Planned::Skip(skip) => ("skip", Some(skip)),
    };
    json_line(&PieceLine {
        id: &unit.id(case),
        page: &case.page,
        line: case.line,
        scenario: piece.scenario_place(),
        action,
        reason: skip.map(|skip| skip.reason.name()),
        detail: skip.map(|skip| skip.detail.as_str()),
        requests: piece.previews.iter().map(RequestData::from).collect(),
    })
}

/// The counts of a plan.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Tally {
    /// The number of cases that are sent as documented.
    pub cases: usize,
    /// The number of scenarios.
    pub scenarios: usize,
    /// The number of requests of both.
    pub requests: usize,
    /// The number of requests that cannot be sent.
    pub faults: usize,
    /// The number of skipped cases per reason.
    pub skip_reasons: BTreeMap<&'static str, usize>,
    /// The base URL, or `mock`.
    pub target: String,
    /// The most requests that are sent.
    pub max_requests: Option<u64>,
    /// The URL of the token endpoint.
    pub token_url: Option<String>,
}

impl Tally {
    /// Counts a piece.
    pub(crate) fn add(&mut self, piece: Piece<'_>) {
        match &piece.unit.planned {
            Planned::Send(_) => self.cases += 1,
            Planned::Script => self.scenarios += 1,
            Planned::Skip(skip) => *self.skip_reasons.entry(skip.reason.name()).or_default() += 1,
        }
        self.requests += piece.previews.len();
        let faults = piece
            .previews
            .iter()
            .filter(|preview| preview.request.is_err());
        self.faults += faults.count();
    }

    /// The last line of the text.
    pub(crate) fn pretty(&self) -> String {
        let skipped: usize = self.skip_reasons.values().sum();
        let mut text = format!(
            "{} to {}: {} as documented, {}",
            plural(self.requests, "request"),
            self.target,
            self.cases,
            plural(self.scenarios, "scenario"),
        );
        if self.faults > 0 {
            let _ = write!(text, "; {} cannot be sent", self.faults);
        }
        if let Some(limit) = self.max_requests {
            let _ = write!(text, "; no more than {limit} would be sent");
        }
        if let Some(url) = &self.token_url {
            let _ = write!(text, "; access tokens come from {url}");
        }
        let reasons = self.skip_reasons.iter();
        let reasons: Vec<String> = reasons
            .map(|(reason, count)| format!("{count} {reason}"))
            .collect();
        let reasons = if skipped == 0 {
            String::new()
        } else {
            format!(" ({})", reasons.join(", "))
        };
        let _ = write!(text, "; {skipped} skipped{reasons}; nothing was sent");
        text
    }

    /// The last line of JSON.
    pub(crate) fn json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            summary: &'a Tally,
        }
        json_line(&Line { summary: self })
    }
}
