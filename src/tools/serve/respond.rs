//! Builds responses: the table's response, and what the server adds. HEAD and
//! OPTIONS where the pages document none, CORS, gzip, and faults.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::block_in_place;

use super::coding::Compressed;
use super::content::{Content, Ended};
use super::fault::{Fault, Faults};
use super::intake::{Intake, SHORT};
use super::invalid::Invalid;
use super::state::State;
use super::traffic::Record;
use super::{page, redact};
use crate::http::media_type::MediaType;
use crate::run::mock::{self, Close, ProblemType, Reply, Table, Verdict};

/// Names the fault of a response.
const FAULT_HEADER: HeaderName = HeaderName::from_static("docproof-fault");
/// Number of requests with long content that are handled at a time.
const TURNS: usize = 2;
/// Maximum number of notes on a request in the log.
const MAX_NOTES: usize = 8;

/// The documented service, ready to respond.
#[derive(Debug)]
pub(crate) struct Server {
    state: Arc<State>,
    faults: Faults,
    cors: bool,
    intake: Intake,
    /// How many requests with long content are handled at a time.
    turns: Semaphore,
    compressed: Compressed,
}

/// A response before its fault, and notes about it.
struct Outgoing {
    status: StatusCode,
    headers: HeaderMap,
    content: Bytes,
    /// The case that responds.
    case: Option<usize>,
    notes: Vec<String>,
}

impl Server {
    /// Creates a server. With `cors`, web pages of any origin may use it.
    pub(crate) fn new(state: Arc<State>, faults: Faults, cors: bool) -> Self {
        Self {
            state,
            faults,
            cors,
            intake: Intake::default(),
            turns: Semaphore::new(TURNS),
            compressed: Compressed::default(),
        }
    }

    /// Responds to a request. An error ends the connection on purpose.
    pub(crate) async fn respond(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Content>, Ended> {
        let (mut parts, body) = request.into_parts();
        name_host(&mut parts);
        if let Some(page) = self.page(&parts) {
            return Ok(page.map(Content::whole));
        }
        let received = SystemTime::now();
        let is_preflight = self.cors && is_preflight(&parts);
        let (latency, fault) = if is_preflight {
            (Duration::ZERO, None)
        } else {
            self.faults.draw(&parts.method, parts.uri.path())
        };
        let taken = self.intake.take(body).await;
        let start = Instant::now();
        let table = self.state.table();
        let mut actual = match &taken {
            Ok(_) if is_preflight => preflight(&parts.headers),
            Ok(taken) if taken.content.len() > SHORT => {
                // A long one takes time; few at a time leave room for others. A
                // client that leaves while it waits gives up its turn.
                let _turn = self.turns.acquire().await;
                block_in_place(|| self.actual(&table, &parts, &taken.content))
            }
            Ok(taken) => self.actual(&table, &parts, &taken.content),
            Err(refusal) => refused(ProblemType::Content, refusal.status(), &refusal.to_string()),
        };
        drop(taken);
        if self.cors {
            share(&mut actual.headers);
        }
        if let Some(fault) = fault {
            if let Fault::Status(status) = fault {
                actual.status = status;
            }
            actual.notes.push(format!("fault {fault}"));
        }
        let target = redact::target(parts.uri.path(), parts.uri.query());
        let asked = (parts.method.as_str(), target.as_str());
        self.report(&table, asked, &actual, received, start.elapsed());
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let has_content = parts.method != Method::HEAD;
        send(actual, fault, has_content)
    }

    /// Explains to the client and in the log why a request is not valid. The
    /// response is a whole message; the connection is to be closed.
    pub(super) fn refuse(&self, invalid: &Invalid) -> Vec<u8> {
        let received = SystemTime::now();
        let refused = refused(ProblemType::InvalidRequest, invalid.status, &invalid.reason);
        let (path, query) = match invalid.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (invalid.target.as_str(), None),
        };
        let target = redact::target(path, query);
        let asked = (invalid.method.as_str(), target.as_str());
        self.report(
            &self.state.table(),
            asked,
            &refused,
            received,
            Duration::ZERO,
        );
        let mut message = format!("HTTP/1.1 {}\r\n", refused.status).into_bytes();
        for (name, value) in &refused.headers {
            message.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        let length = refused.content.len();
        message.extend(format!("content-length: {length}\r\n\r\n").into_bytes());
        message.extend(&refused.content);
        message
    }

    /// Returns the HTML page at a path, if there is one.
    fn page(&self, parts: &Parts) -> Option<Response<Bytes>> {
        let below = parts.uri.path().strip_prefix("/__docproof")?;
        let is_page = below.is_empty() || below.starts_with('/');
        if !is_page || !matches!(parts.method, Method::GET | Method::HEAD) {
            return None;
        }
        // A web page whose host resolves to this machine must not read them.
        if !self.state.table().is_own(&parts.headers) {
            return Some(other_host());
        }
        page::reply(&self.state, parts.uri.path(), parts.uri.query())
    }

    fn actual(&self, table: &Arc<Table>, parts: &Parts, content: &[u8]) -> Outgoing {
        let reply_to = |method: &str| {
            table.reply(&mock::Incoming {
                method,
                path: parts.uri.path(),
                query: parts.uri.query(),
                headers: &parts.headers,
                body: content,
            })
        };
        let mut reply = reply_to(parts.method.as_str());
        if matches!(reply.verdict, Verdict::Missed { .. }) {
            match parts.method {
                // hyper omits the content (RFC 9110, 9.3.2).
                Method::HEAD if is_unknown(reply.status) => reply = reply_to("GET"),
                Method::OPTIONS if reply.headers.contains_key(header::ALLOW) => {
                    return options(&reply);
                }
                _ => {}
            }
        }
        if let Verdict::Matched { case, .. } = reply.verdict {
            self.compressed
                .compress(table, case, &mut reply, &parts.headers);
        }
        let (case, notes) = match reply.verdict {
            Verdict::Matched { case, warnings } => (Some(case), warnings),
            Verdict::Missed { closest } => (None, explain(table, &closest)),
        };
        let mut actual = Outgoing {
            status: reply.status,
            headers: reply.headers,
            content: reply.body,
            case,
            notes,
        };
        if case.is_none()
            && let Some(allow) = allow(&actual.headers)
        {
            actual.headers.insert(header::ALLOW, allow);
        }
        actual
    }

    /// Records the result of a request in the log, and for the HTML pages.
    fn report(
        &self,
        table: &Table,
        (method, target): (&str, &str),
        actual: &Outgoing,
        received: SystemTime,
        elapsed: Duration,
    ) {
        let case = actual.case.map(|case| &table.cases()[case]);
        let status = actual.status.as_u16();
        self.state.traffic.add(&Record {
            at: received,
            method,
            target,
            status,
            case: case.map(|case| case.id.as_str()),
            notes: &actual.notes,
            elapsed,
        });
        let (page, line) = case.map_or(("-", 0), |case| (&*case.page, case.line));
        let place = format_args!("{page}:{line}");
        let place: &dyn tracing::Value = if case.is_some() {
            &tracing::field::display(place)
        } else {
            &"-"
        };
        let ms = elapsed.as_secs_f64() * 1e3;
        if actual.notes.is_empty() {
            tracing::info!(method, target, status, place, ms);
        } else {
            let notes = &actual.notes[..actual.notes.len().min(MAX_NOTES)];
            let notes = notes.join("; ");
            tracing::warn!(method, target, status, place, ms, remarks = notes);
        }
    }
}

/// Refuses to show the pages under another host.
fn other_host() -> Response<Bytes> {
    let detail = "these pages are only shown at the address that `docproof mock` prints, \
                  unless it runs with --any-host";
    let refused = refused(ProblemType::UnknownHost, StatusCode::NOT_FOUND, detail);
    let mut response = Response::new(refused.content);
    *response.status_mut() = refused.status;
    *response.headers_mut() = refused.headers;
    response
}

/// Whether no page documents the method for the path.
fn is_unknown(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    )
}

/// Takes the host from an absolute target, which overrides `Host` (RFC 9112,
/// 3.2.2).
fn name_host(parts: &mut Parts) {
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
}

/// Explains why no case matched: the closest cases with their places.
fn explain(table: &Table, closest: &[Close]) -> Vec<String> {
    if closest.is_empty() {
        return vec!["no documented request matches".to_owned()];
    }
    let why = closest.iter().map(|Close { case, differs }| {
        let case = &table.cases()[*case];
        format!("{}:{}: {differs}", case.page, case.line)
    });
    why.collect()
}

/// Adds the methods that the server itself responds to to those of `Allow`.
fn allow(headers: &HeaderMap) -> Option<HeaderValue> {
    let documented = headers.get(header::ALLOW)?.to_str().ok()?;
    let mut methods: Vec<&str> = documented.split(',').map(str::trim).collect();
    let has = |methods: &[&str], method| methods.contains(&method);
    if has(&methods, "GET") && !has(&methods, "HEAD") {
        methods.push("HEAD");
    }
    if !has(&methods, "OPTIONS") {
        methods.push("OPTIONS");
    }
    methods.sort_unstable();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

/// The response to OPTIONS for a path that documents other methods (RFC 9110,
/// 9.3.7).
fn options(missed: &Reply) -> Outgoing {
    let allow = allow(&missed.headers).map(|allow| (header::ALLOW, allow));
    Outgoing {
        status: StatusCode::NO_CONTENT,
        headers: allow.into_iter().collect(),
        content: Bytes::new(),
        case: None,
        notes: Vec::new(),
    }
}

/// Whether a request is a CORS preflight (Fetch, 4.8).
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Permits what is requested. A wildcard would not include `Authorization`.
fn preflight(request: &HeaderMap) -> Outgoing {
    let mut headers = HeaderMap::new();
    for (asked, allowed) in [
        (
            header::ACCESS_CONTROL_REQUEST_METHOD,
            header::ACCESS_CONTROL_ALLOW_METHODS,
        ),
        (
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
        ),
    ] {
        if let Some(value) = request.get(asked) {
            headers.insert(allowed, value.clone());
        }
    }
    let seconds = HeaderValue::from_static("600");
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, seconds);
    Outgoing {
        status: StatusCode::NO_CONTENT,
        headers,
        content: Bytes::new(),
        case: None,
        notes: Vec::new(),
    }
}

/// Permits web pages of any origin to read a response without credentials;
/// documented CORS fields are kept.
fn share(headers: &mut HeaderMap) {
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        let any = HeaderValue::from_static("*");
        headers.entry(name).or_insert(any);
    }
}

/// Refuses a request (RFC 9457), and closes the connection, because the rest of
/// the request would be parsed as the next one.
fn refused(problem: ProblemType, status: StatusCode, detail: &str) -> Outgoing {
    let headers = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::CONNECTION, "close"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    let details = Value::Object(problem.details(status, detail));
    Outgoing {
        status,
        headers: headers.into_iter().collect(),
        content: format!("{details:#}\n").into(),
        case: None,
        notes: vec![detail.to_owned()],
    }
}

/// Creates the response as it is sent. The content does not mention the fault,
/// as in production.
fn send(
    actual: Outgoing,
    fault: Option<Fault>,
    has_content: bool,
) -> Result<Response<Content>, Ended> {
    let Outgoing {
        status,
        mut headers,
        mut content,
        ..
    } = actual;
    if let Some(Fault::Status(_)) = fault {
        headers.clear();
        content.clear();
    }
    if let Some(fault) = fault
        && let Ok(fault) = HeaderValue::from_str(&fault.to_string())
    {
        headers.insert(FAULT_HEADER, fault);
    }
    let content = match fault {
        None | Some(Fault::Status(_)) => Content::whole(content),
        Some(Fault::Reset) => return Err(Ended::Reset),
        Some(Fault::Truncate) if content.is_empty() || !has_content => return Err(Ended::Cut),
        Some(Fault::Truncate) => Content::truncated(content),
        Some(Fault::SlowBody) => Content::slow(content),
        Some(Fault::WrongMediaType) => {
            headers.insert(header::CONTENT_TYPE, other_type(&headers));
            Content::whole(content)
        }
    };
    let mut response = Response::new(content);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

/// The media type that a proxy would respond with, HTML; JSON if the page
/// documents HTML.
fn other_type(headers: &HeaderMap) -> HeaderValue {
    let documented = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
    let is_html =
        matches!(documented, Some(Ok(value)) if MediaType::parse(value).essence == "text/html");
    HeaderValue::from_static(if is_html {
        "application/json"
    } else {
        "text/html"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(documented: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ALLOW, documented.parse().expect("a value"));
        assert_eq!(allow(&headers).expect("a value"), expected);
    }

    #[test]
    fn adds_its_own_methods_to_allow() {
        check("POST", "OPTIONS, POST");
        check("DELETE, GET", "DELETE, GET, HEAD, OPTIONS");
        check("HEAD,GET, OPTIONS", "GET, HEAD, OPTIONS");
        assert_eq!(allow(&HeaderMap::new()), None);
    }
}
