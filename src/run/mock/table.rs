//! The documented responses, ready to send, and the choice among them.
//!
//! The mock of a run and the stand-alone server share this table.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::by_preference::{Choice, choose};
use super::closest_case::{Documented, Fit};
use super::miss::miss;
use super::preferences::named_case;
use super::printable::field_value;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::{Reply, Verdict};
use super::request::{Host, Incoming, Request, host_field};
use super::routes::Routes;
use super::settings::Settings;
use crate::http::message::{has_no_content, is_framing};
use crate::http::sent_body::sent_body;
use crate::http::url::decode;
use crate::page::case::Case;
use crate::project::plan::{CASE_HEADER, MISS_HEADER, main_host};

/// The header field that lists how a request violates the documentation.
pub(crate) const WARNING_HEADER: &str = "docproof-warning";

/// Maximum number of warning fields in a response.
const MAX_WARNINGS: usize = 8;

/// The documented service.
#[derive(Debug)]
pub struct Table {
    cases: Arc<[Case]>,
    pub(super) routes: Routes,
    responses: Vec<Option<Prepared>>,
    main_host: Option<String>,
    settings: Settings,
}

/// A documented response, ready to send.
#[derive(Debug)]
struct Prepared {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Table {
    /// Prepares the responses of the cases.
    pub fn new(cases: Arc<[Case]>, settings: Settings) -> Self {
        Self {
            routes: Routes::new(&cases),
            responses: cases.iter().map(Prepared::of).collect(),
            main_host: main_host(&*cases),
            cases,
            settings,
        }
    }

    /// Returns the cases; replies refer to them by index.
    pub fn cases(&self) -> &Arc<[Case]> {
        &self.cases
    }

    /// Returns how the table responds.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Responds to a request: with the case that it asks for by name, otherwise
    /// with the closest case that `validate` permits.
    pub fn reply(&self, incoming: &Incoming<'_>) -> Reply {
        let named = named_case(incoming.headers);
        let request = Request::new(incoming, self.host(incoming));
        let segments: Vec<_> = incoming.path.split('/').map(decode).collect();
        let ends = self.routes.tree.ends(&segments);
        let operation = self.routes.operation(&ends, &request);
        let chooser = named.as_deref().filter(|_| !self.settings.replays);
        let documented = Documented {
            cases: &self.cases,
            response_type: |case: usize| self.responses[case].as_ref()?.media_type(),
            named: named.as_deref(),
        };
        let status = self.settings.status;
        let choice = choose(&operation, &documented, &request, chooser, status);
        if let Some(case) = choice.case {
            return self.respond(case, Vec::new(), choice);
        }
        match documented.fit(operation, &request, &self.settings) {
            Some(Fit::Matched { case, warnings }) => self.respond(case, warnings, choice),
            Some(Fit::Refused(problem)) => problem.reply(&self.cases),
            None => {
                let problem = miss(&self.routes, &documented, &ends, &segments, &request);
                problem.reply(&self.cases)
            }
        }
    }

    /// Whether a request is for the mock itself, rather than for a host that
    /// the docs or anyone else names.
    pub(crate) fn is_own(&self, headers: &HeaderMap) -> bool {
        let is_own = |host: &str| {
            let mut own = self.settings.own_hosts.iter();
            own.any(|own| own.eq_ignore_ascii_case(host))
        };
        self.settings.any_host || host_field(headers).is_some_and(is_own)
    }

    /// The host that a request is for.
    fn host<'a>(&'a self, incoming: &Incoming<'a>) -> Host<'a> {
        if self.settings.any_host {
            return Host::Any;
        }
        match (self.is_own(incoming.headers), &self.main_host) {
            (true, Some(main)) => Host::Named(Some(main)),
            // Docs that name no host match any.
            (true, None) => Host::Any,
            (false, _) => Host::Named(host_field(incoming.headers)),
        }
    }

    fn respond(&self, case: usize, mut warnings: Vec<String>, choice: Choice) -> Reply {
        let Some(prepared) = &self.responses[case] else {
            // The documented status cannot be sent.
            let detail = "the documented response cannot be sent".to_owned();
            let problem = Problem::of(ProblemType::UnsendableResponse, detail);
            return problem.reply(&self.cases);
        };
        warnings.extend(choice.warnings);
        let mut headers = prepared.headers.clone();
        for applied in choice.applied {
            let name = HeaderName::from_static("preference-applied");
            headers.append(name, field_value(&applied));
        }
        for warning in warnings.iter().take(MAX_WARNINGS) {
            let name = HeaderName::from_static(WARNING_HEADER);
            headers.append(name, field_value(warning));
        }
        Reply {
            status: prepared.status,
            headers,
            body: prepared.body.clone(),
            verdict: Verdict::Matched { case, warnings },
        }
    }
}

impl Prepared {
    /// The documented response of a case, if it can be sent.
    fn of(case: &Case) -> Option<Self> {
        let response = &case.response.as_ref()?.message;
        let status = StatusCode::from_u16(response.sent_status()).ok()?;
        let mut headers = HeaderMap::new();
        for header in &response.headers {
            // The server frames the message; documented lengths are mostly
            // wrong.
            if is_framing(&header.name) || header.name.eq_ignore_ascii_case(MISS_HEADER) {
                continue;
            }
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_bytes(header.value.as_bytes());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let id = utf8_percent_encode(&case.id, NON_ALPHANUMERIC).to_string();
        if let Ok(id) = HeaderValue::from_str(&id) {
            headers.insert(HeaderName::from_static(CASE_HEADER), id);
        }
        let body = match &response.body {
            Some(body) if !has_no_content(&case.request.method, response.status) => {
                sent_body(&response.headers, body, |_| None).into()
            }
            _ => Bytes::new(),
        };
        Some(Self {
            status,
            headers,
            body,
        })
    }

    fn media_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }
}
