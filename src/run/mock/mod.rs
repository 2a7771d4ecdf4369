//! The documented service as a server: all routes behind one wiremock mock, so
//! that a request costs one lookup however many cases there are.
//!
//! The mock is built from the pages under test. A run against it shows that the
//! pages parse and route; it says nothing about a service.
//!
//! A request is looked up in `routes` (`tree`, `documented_request`,
//! `documented_fields`, `body`). If `preferences` name a response,
//! `by_preference` chooses it. Otherwise `closest_case` chooses by the
//! `violations`. If there is none, `miss` explains why, with
//! `closest_path`. A `problem` has a `problem_type`.

mod body;
mod by_preference;
mod printable;
mod documented_fields;
mod documented_request;
mod closest_case;
mod miss;
mod problem;
mod problem_type;
mod closest_path;
mod preferences;
mod reply;
mod request;
mod routes;
mod settings;
mod table;
mod tree;
mod violations;

use std::sync::Arc;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::page::case::Case;
pub(crate) use problem_type::ProblemType;
pub(crate) use reply::Close;
pub use reply::{Reply, Verdict};
pub use request::Incoming;
pub use settings::Settings;
pub(crate) use settings::Validate;
pub use table::Table;

/// A running mock; dropping it stops the server.
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
        let settings = Settings {
            replays: true,
            ..Settings::default()
        };
        let responder = Responder(Table::new(cases, settings));
        Mock::given(any())
            .respond_with(responder)
            .mount(&server)
            .await;
        Self { server }
    }

    /// Returns the base URL.
    pub fn base(&self) -> String {
        self.server.uri()
    }
}

/// Responds to wiremock's requests from a table.
struct Responder(Table);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let reply = self.0.reply(&Incoming {
            method: request.method.as_str(),
            path: request.url.path(),
            query: request.url.query(),
            headers: &request.headers,
            body: &request.body,
        });
        let mut template = ResponseTemplate::new(reply.status);
        for (name, value) in &reply.headers {
            template = template.append_header(name, value);
        }
        if reply.body.is_empty() {
            template
        } else {
            template.set_body_bytes(reply.body)
        }
    }
}

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
