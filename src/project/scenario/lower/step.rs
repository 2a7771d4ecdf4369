//! Lowering of steps and their variables.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::context::{Declared, Lowered, Lowering};
use super::operators::{captures, expectations};
use super::repeat::{poll, retry};
use crate::http::message::{is_framing, is_token};
use crate::http::url::UrlTemplate;
use crate::project::scenario::data::{
    BodyData, CaptureData, ExpectData, PathData, PollData, RetryData, ScalarData, ScenarioData,
    StepData, VarData,
};
use crate::project::scenario::model::{Set, Step, StepRequest};
use crate::project::scenario::path::Path;
use crate::project::scenario::places::At;
use crate::project::scenario::text::{TemplatePiece, Text};
use crate::project::scenario::url::origin_length;
use crate::project::scenario::var::{Var, VarTemplate};

/// The keys that scenarios and steps have in common.
pub(crate) struct Fields<'a> {
    url: Option<&'a str>,
    vars: &'a IndexMap<String, VarData>,
    headers: &'a IndexMap<String, Option<ScalarData>>,
    query: &'a IndexMap<String, Option<ScalarData>>,
    set: &'a IndexMap<String, Json>,
    body: Option<&'a BodyData>,
    capture: &'a IndexMap<String, CaptureData>,
    expect: &'a IndexMap<String, ExpectData>,
    retry: Option<&'a RetryData>,
    poll: Option<&'a PollData>,
}

impl<'a> From<&'a StepData> for Fields<'a> {
    fn from(data: &'a StepData) -> Self {
        Self {
            url: data.url.as_deref(),
            vars: &data.vars,
            headers: &data.headers,
            query: &data.query,
            set: &data.set,
            body: data.body.as_ref(),
            capture: &data.capture,
            expect: &data.expect,
            retry: data.retry.as_ref(),
            poll: data.poll.as_ref(),
        }
    }
}

impl<'a> Fields<'a> {
    /// The fields of a scenario's own request. Its variables belong to the
    /// scenario, not to the step.
    pub(crate) fn of_scenario(
        data: &'a ScenarioData,
        no_vars: &'a IndexMap<String, VarData>,
    ) -> Self {
        Self {
            url: data.url.as_deref(),
            vars: no_vars,
            headers: &data.headers,
            query: &data.query,
            set: &data.set,
            body: data.body.as_ref(),
            capture: &data.capture,
            expect: &data.expect,
            retry: data.retry.as_ref(),
            poll: data.poll.as_ref(),
        }
    }
}

impl Lowering<'_> {
    /// Reads variables.
    pub(crate) fn vars(&mut self, around: At, vars: &IndexMap<String, VarData>) -> Vec<Declared> {
        let mut read = Vec::with_capacity(vars.len());
        for (name, value) in vars {
            let at = self.within(around, name);
            if name.trim().is_empty()
                || name.contains(|c: char| c.is_control() || "{}$".contains(c))
            {
                let name = name.escape_debug();
                self.value(
                    at,
                    format!("`{name}` is not a valid variable name"),
                    "use the name of a placeholder, without brackets",
                );
            }
            let outer = std::mem::take(&mut self.references);
            let template = match value {
                VarData::Path(PathData { path }) => {
                    let at = self.within(at, "path");
                    VarTemplate::Path(self.path(at, path))
                }
                VarData::Scalar(ScalarData::Bool(value)) => VarTemplate::Json(Json::from(*value)),
                VarData::Scalar(ScalarData::Number(value)) => {
                    VarTemplate::Json(Json::Number(value.clone()))
                }
                VarData::Scalar(ScalarData::Text(text)) => {
                    self.text(at, text);
                    VarTemplate::Json(Json::String(text.clone()))
                }
            };
            let references = std::mem::replace(&mut self.references, outer);
            let name = name.clone();
            read.push(Declared {
                var: Var { name, template },
                references,
            });
        }
        read
    }

    /// Parses a path. Checks its literal segments.
    fn path(&mut self, at: At, path: &str) -> Text {
        let is_fine = path
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."));
        if !is_fine && !path.contains("${") {
            self.value(
                at,
                format!("`{}` is not a valid path", path.escape_debug()),
                "remove leading and trailing slashes and the segments `.` and `..`",
            );
        }
        self.text(at, path)
    }

    /// Lowers the step at `at`, except for its request.
    pub(crate) fn step(
        &mut self,
        at: At,
        label: String,
        request: StepRequest,
        fields: &Fields,
    ) -> Lowered {
        let vars_at = self.within(at, "vars");
        let declared = self.vars(vars_at, fields.vars);
        let url_at = self.within(at, "url");
        if fields.url.is_some() && matches!(request, StepRequest::Raw { .. }) {
            self.value(
                url_at,
                "`url` replaces a documented URL, but a `request` has none",
                "write the URL after the method",
            );
        }
        let url = fields.url.map(|url| self.target(url_at, url));
        let headers_at = self.within(at, "headers");
        let headers = fields
            .headers
            .iter()
            .map(|(name, value)| {
                let at = self.within(headers_at, name);
                self.header_name(at, name);
                let value = value.as_ref().map(|value| self.scalar(at, value));
                (name.clone(), value)
            })
            .collect();
        let query_at = self.within(at, "query");
        let query = fields
            .query
            .iter()
            .map(|(name, value)| {
                let at = self.within(query_at, name);
                let value = value.as_ref().map(|value| self.scalar(at, value));
                (name.clone(), value)
            })
            .collect();
        if !fields.set.is_empty() && fields.body.is_some() {
            let at = self.within(at, "set");
            self.value(
                at,
                "`set` and `body` exclude each other",
                "remove one of them",
            );
        }
        let set_at = self.within(at, "set");
        if !fields.set.is_empty() && matches!(request, StepRequest::Raw { .. }) {
            self.value(
                set_at,
                "`set` changes a documented body, but a `request` has none",
                "use `body: { json: ... }`",
            );
        }
        let mut set = Vec::with_capacity(fields.set.len());
        for (path, value) in fields.set {
            let at = self.within(set_at, path);
            self.json(at, value);
            let path = Path::parse(path).map_err(|error| error.to_string());
            let path = self.checked(at, path);
            let value = value.clone();
            set.extend(path.map(|path| Set { path, value }));
        }
        let body_at = self.within(at, "body");
        let body = fields.body.and_then(|body| self.body(body_at, body));
        let capture_at = self.within(at, "capture");
        let capture = captures(self, capture_at, fields.capture);
        let expect_at = self.within(at, "expect");
        let expect = expectations(self, expect_at, fields.expect);
        let retry_at = self.within(at, "retry");
        let retry = fields.retry.map(|data| retry(self, retry_at, data));
        let poll_at = self.within(at, "poll");
        let poll = fields.poll.map(|data| poll(self, poll_at, data));
        Lowered {
            step: Step {
                url,
                label,
                file: self.file.path.clone(),
                line: self.line(at),
                request,
                vars: Vec::new(),
                headers,
                query,
                set,
                body,
                capture,
                expect,
                retry,
                poll,
            },
            declared,
            references: std::mem::take(&mut self.references),
        }
    }

    pub(super) fn header_name(&mut self, at: At, name: &str) {
        if !is_token(name) {
            let message = format!("`{}` is not a header name", name.escape_debug());
            self.value(at, message, "header names cannot contain spaces and `:`");
        } else if is_framing(name) {
            let message = format!("`{name}` is set by the client");
            self.value(at, message, "remove it");
        }
    }

    /// Parses `METHOD TARGET`.
    pub(crate) fn request(&mut self, at: At, request: &str) -> StepRequest {
        let (method, target) = request.split_once(' ').unwrap_or((request, ""));
        if !is_token(method) || method.eq_ignore_ascii_case("CONNECT") {
            let message = format!("`{}` is not a valid method", method.escape_debug());
            self.value(at, message, "write a method, a space, and a target");
        }
        StepRequest::Raw {
            method: method.to_owned(),
            target: self.target(at, target),
        }
    }

    /// Parses a target that is not documented.
    fn target(&mut self, at: At, target: &str) -> Text {
        let target = self.text(at, target.trim());
        if let Some((message, help)) = target_fault(&target)
            && self.is_fine()
        {
            self.value(at, message, help);
        }
        target
    }
}

/// Returns what is wrong with a target, and what to write instead. Values
/// cannot change the shape of a target, so it is known before the run.
fn target_fault(target: &Text) -> Option<(String, &'static str)> {
    if target.as_variable().is_some() {
        return None;
    }
    let fault = |message: &str, help| Some((message.to_owned(), help));
    let literals = target.0.iter().filter_map(|piece| match piece {
        TemplatePiece::Literal(text) => Some(text.as_str()),
        _ => None,
    });
    for literal in literals {
        if literal.contains('#') {
            return fault("fragments are not sent", "remove `#`, or write `%23`");
        }
        if literal.contains(['{', '}']) {
            return fault(
                "braces are only for placeholders of documented requests",
                "use `${name}`",
            );
        }
        if literal.contains(char::is_control) {
            return fault("the target contains a control character", "remove it");
        }
    }
    let whole_url = "use a path that starts with `/`, an absolute URL, or a single `${name}`";
    let Some(TemplatePiece::Literal(first)) = target.0.first() else {
        return fault("the start of a target must be literal", whole_url);
    };
    if first.starts_with('/') {
        if first.starts_with("//") {
            return fault("a target that starts with `//` names a host", whole_url);
        }
        return None;
    }
    let origin = origin_length(first);
    if origin == 0 {
        return fault(
            "the target is neither a path nor an `http` or `https` URL",
            whole_url,
        );
    }
    if origin == first.len() && target.0.len() > 1 {
        return fault(
            "the host of a target cannot contain variables",
            "write the host literally, or capture the whole URL",
        );
    }
    let authority = &first[..origin];
    if authority.contains('@') {
        return fault(
            "user information is not sent",
            "remove everything before `@`",
        );
    }
    UrlTemplate::parse(authority)
        .err()
        .map(|error| (error.to_string(), whole_url))
}
