//! The documented service as a server: the cases' routes behind one wiremock
//! mock, so that a request costs one look-up, whatever the number of cases.
//!
//! It answers from the same pages that are tested, so a run against it proves
//! that the pages can be read and replayed, and nothing about a service.

mod body;
mod routes;

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::case::Case;
use crate::message::{has_no_content, is_framing};
use crate::plan::MISS_HEADER;
pub use routes::{Incoming, Routes};

/// A mock that is running, until it is dropped.
#[derive(Debug)]
pub struct RunningMock {
    server: MockServer,
}

impl RunningMock {
    /// Starts a server for the cases on a loopback port.
    pub async fn start(cases: Arc<[Case]>) -> Self {
        let server = MockServer::builder()
            .disable_request_recording()
            .start()
            .await;
        let responder = Responder {
            routes: Routes::new(&cases),
            cases,
        };
        Mock::given(any())
            .respond_with(responder)
            .mount(&server)
            .await;
        Self { server }
    }

    /// The base URL.
    pub fn base(&self) -> String {
        self.server.uri()
    }
}

struct Responder {
    routes: Routes,
    cases: Arc<[Case]>,
}

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let incoming = Incoming {
            method: request.method.as_str(),
            path: request.url.path(),
            query: request.url.query(),
            headers: &request.headers,
            body: &request.body,
        };
        match self.routes.find(&incoming) {
            Some(index) => answer(&self.cases[index]),
            None => ResponseTemplate::new(404)
                .insert_header(MISS_HEADER, "no documented request fits")
                .set_body_bytes(format!(
                    "no documented request fits {} {}\n",
                    request.method,
                    request.url.path()
                )),
        }
    }
}

/// The documented answer of a case that is routed, which has one.
fn answer(case: &Case) -> ResponseTemplate {
    let Some(response) = &case.response else {
        return ResponseTemplate::new(404);
    };
    let response = &response.message;
    let mut template = ResponseTemplate::new(response.status);
    for header in &response.headers {
        // Framing comes from the server: documented lengths are mostly wrong.
        if is_framing(&header.name) || header.name.eq_ignore_ascii_case(MISS_HEADER) {
            continue;
        }
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            template = template.append_header(name, value);
        }
    }
    match &response.body {
        Some(body) if !has_no_content(&case.request.method, response.status) => {
            template.set_body_bytes(body.as_bytes())
        }
        _ => template,
    }
}
