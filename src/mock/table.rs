//! The documented answers, ready to be sent, and which of them a request gets.
//!
//! The mock of a run and the stand-alone server answer from the same table,
//! whatever carries it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::routes::{Incoming, Routes};
use crate::case::Case;
use crate::message::{has_no_content, is_framing};
use crate::plan::{CASE_HEADER, MISS_HEADER};
use crate::schema::Types;

/// How strictly requests are held against the documented ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Validate {
    /// Method, path, host and query choose the case; nothing else is looked at.
    Off,
    /// What is not as documented is answered, with a warning.
    Warn,
    /// What is not as documented is refused, with the reason.
    #[default]
    Strict,
}

/// How a table answers.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether the host of a request is not looked at.
    pub any_host: bool,
    /// How strictly requests are held against the documented ones.
    pub validate: Validate,
    /// The status that is answered where the operation documents it.
    pub status: Option<u16>,
    /// The documented types, for the bodies of requests.
    pub types: Arc<Types>,
}

/// The documented service.
#[derive(Debug)]
pub struct Table {
    cases: Arc<[Case]>,
    routes: Routes,
    answers: Vec<Option<Prepared>>,
    settings: Settings,
}

/// A documented answer, as it is sent.
#[derive(Debug)]
struct Prepared {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What a request gets.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: StatusCode,
    /// The header fields, without those that frame the message.
    pub headers: HeaderMap,
    /// The content.
    pub body: Bytes,
    /// How it came to be.
    pub verdict: Verdict,
}

/// How a reply came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A case's documented answer.
    Answered {
        /// The index of the case.
        case: usize,
        /// What of the request is not as documented.
        warnings: Vec<String>,
    },
    /// No case fits.
    Missed {
        /// The closest cases, by index, and what differs.
        closest: Vec<(usize, String)>,
    },
}

impl Table {
    /// Makes the answers of the cases ready.
    pub fn new(cases: Arc<[Case]>, settings: Settings) -> Self {
        Self {
            routes: Routes::new(&cases),
            answers: cases.iter().map(Prepared::of).collect(),
            cases,
            settings,
        }
    }

    /// The cases, by whose indices replies name theirs.
    pub fn cases(&self) -> &Arc<[Case]> {
        &self.cases
    }

    /// How the table answers.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The answer to a request.
    pub fn reply(&self, incoming: &Incoming<'_>) -> Reply {
        let found = self.routes.find(incoming);
        match found.and_then(|case| Some((case, self.answers[case].as_ref()?))) {
            Some((case, answer)) => Reply {
                status: answer.status,
                headers: answer.headers.clone(),
                body: answer.body.clone(),
                verdict: Verdict::Answered {
                    case,
                    warnings: Vec::new(),
                },
            },
            None => miss(incoming),
        }
    }
}

fn miss(incoming: &Incoming<'_>) -> Reply {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static(MISS_HEADER),
        HeaderValue::from_static("no documented request fits"),
    );
    Reply {
        status: StatusCode::NOT_FOUND,
        headers,
        body: format!(
            "no documented request fits {} {}\n",
            incoming.method, incoming.path
        )
        .into(),
        verdict: Verdict::Missed {
            closest: Vec::new(),
        },
    }
}

impl Prepared {
    /// The documented answer of a case, if it has one that can be sent.
    fn of(case: &Case) -> Option<Self> {
        let response = &case.response.as_ref()?.message;
        let status = StatusCode::from_u16(response.status).ok()?;
        let mut headers = HeaderMap::new();
        for header in &response.headers {
            // Framing comes from the server: documented lengths are mostly wrong.
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
                Bytes::copy_from_slice(body.as_bytes())
            }
            _ => Bytes::new(),
        };
        Some(Self {
            status,
            headers,
            body,
        })
    }
}
