//! From a request to its answer: the table's, and what a server adds to that.
//! HEAD and OPTIONS where the pages have none, CORS, gzip, and faults.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::coding::Packed;
use super::content::{Content, Ended};
use super::fault::{Fault, Faults};
use super::intake::{Intake, Refusal};
use super::state::State;
use super::traffic::Record;
use super::{page, shown};
use crate::run::mock::{self, Reply, Table, Verdict};

/// Says which fault an answer has.
const FAULT_HEADER: HeaderName = HeaderName::from_static("docproof-fault");
/// The most remarks on a request that the log shows.
const REMARKS: usize = 8;

/// The documented service, ready to answer.
#[derive(Debug)]
pub(crate) struct Server {
    state: Arc<State>,
    faults: Faults,
    cors: bool,
    intake: Intake,
    packed: Packed,
}

/// An answer before a fault strikes it, and what there is to say of it.
struct Outgoing {
    status: StatusCode,
    headers: HeaderMap,
    content: Bytes,
    /// The case that answers.
    case: Option<usize>,
    remarks: Vec<String>,
}

impl Server {
    /// A server. With `cors`, pages of any origin may use it.
    pub(crate) fn new(state: Arc<State>, faults: Faults, cors: bool) -> Self {
        Self {
            state,
            faults,
            cors,
            intake: Intake::default(),
            packed: Packed::default(),
        }
    }

    /// Answers a request. An error is a connection that ends on purpose.
    pub(crate) async fn respond(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Content>, Ended> {
        let (mut parts, body) = request.into_parts();
        if let Some(page) = self.page(&parts) {
            return Ok(page.map(Content::whole));
        }
        let came = SystemTime::now();
        name_host(&mut parts);
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
            Ok(taken) => self.actual(&table, &parts, &taken.content),
            Err(refusal) => refused(*refusal),
        };
        drop(taken);
        if self.cors {
            share(&mut actual.headers);
        }
        if let Some(fault) = fault {
            if let Fault::Status(status) = fault {
                actual.status = status;
            }
            actual.remarks.push(format!("fault {fault}"));
        }
        self.tell(&table, &parts, &actual, came, start.elapsed());
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let has_content = parts.method != Method::HEAD;
        send(actual, fault, has_content)
    }

    /// The page for people at a path, if it is one.
    fn page(&self, parts: &Parts) -> Option<Response<Bytes>> {
        let below = parts.uri.path().strip_prefix("/__docproof")?;
        let is_page = below.is_empty() || below.starts_with('/');
        if !is_page || !matches!(parts.method, Method::GET | Method::HEAD) {
            return None;
        }
        page::reply(&self.state, parts.uri.path(), parts.uri.query())
    }

    fn actual(&self, table: &Arc<Table>, parts: &Parts, content: &[u8]) -> Outgoing {
        let asked = |method: &str| {
            table.reply(&mock::Incoming {
                method,
                path: parts.uri.path(),
                query: parts.uri.query(),
                headers: &parts.headers,
                body: content,
            })
        };
        let mut reply = asked(parts.method.as_str());
        if matches!(reply.verdict, Verdict::Missed { .. }) {
            match parts.method {
                // hyper leaves the content out (RFC 9110, 9.3.2).
                Method::HEAD if is_unknown(reply.status) => reply = asked("GET"),
                Method::OPTIONS if reply.headers.contains_key(header::ALLOW) => {
                    return options(&reply);
                }
                _ => {}
            }
        }
        if let Verdict::Matched { case, .. } = reply.verdict {
            self.packed.pack(table, case, &mut reply, &parts.headers);
        }
        let (case, remarks) = match reply.verdict {
            Verdict::Matched { case, warnings } => (Some(case), warnings),
            Verdict::Missed { closest } => (None, why(table, &closest)),
        };
        let mut actual = Outgoing {
            status: reply.status,
            headers: reply.headers,
            content: reply.body,
            case,
            remarks,
        };
        if case.is_none()
            && let Some(allow) = allow(&actual.headers)
        {
            actual.headers.insert(header::ALLOW, allow);
        }
        actual
    }

    /// Says what came of a request: in the log, and for the pages for people.
    fn tell(
        &self,
        table: &Table,
        parts: &Parts,
        actual: &Outgoing,
        came: SystemTime,
        elapsed: Duration,
    ) {
        let case = actual.case.map(|case| &table.cases()[case]);
        let method = parts.method.as_str();
        let target = shown::target(&parts.uri);
        let status = actual.status.as_u16();
        self.state.traffic.add(&Record {
            at: came,
            method,
            target: &target,
            status,
            case: case.map(|case| case.id.as_str()),
            remarks: &actual.remarks,
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
        if actual.remarks.is_empty() {
            tracing::info!(method, target, status, place, ms);
        } else {
            let remarks = &actual.remarks[..actual.remarks.len().min(REMARKS)];
            let remarks = remarks.join("; ");
            tracing::warn!(method, target, status, place, ms, remarks);
        }
    }
}

/// Whether no page has the method at the path.
fn is_unknown(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    )
}

/// A request to a proxy names its host in its target, which is what holds
/// (RFC 9112, 3.2.2).
fn name_host(parts: &mut Parts) {
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(header::HOST, host);
    }
}

/// Why a request was missed, the closest cases with their places.
fn why(table: &Table, closest: &[(usize, String)]) -> Vec<String> {
    if closest.is_empty() {
        return vec!["no documented request fits".to_owned()];
    }
    let why = closest.iter().map(|(case, differs)| {
        let case = &table.cases()[*case];
        format!("{}:{}: {differs}", case.page, case.line)
    });
    why.collect()
}

/// The methods of an `Allow` field, and those that the server answers itself.
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

/// The answer to OPTIONS for a path that is documented with other methods
/// (RFC 9110, 9.3.7).
fn options(missed: &Reply) -> Outgoing {
    let allow = allow(&missed.headers).map(|allow| (header::ALLOW, allow));
    Outgoing {
        status: StatusCode::NO_CONTENT,
        headers: allow.into_iter().collect(),
        content: Bytes::new(),
        case: None,
        remarks: Vec::new(),
    }
}

/// Whether a browser asks what a page may send (Fetch, 4.8).
fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Allows what is asked for. A wildcard would not take `Authorization` in.
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
        remarks: Vec::new(),
    }
}

/// Lets pages of any origin read an answer, without credentials; what a page
/// documents of that stands.
fn share(headers: &mut HeaderMap) {
    for name in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        let any = HeaderValue::from_static("*");
        headers.entry(name).or_insert(any);
    }
}

/// Refuses the content of a request (RFC 9457), and ends the connection: what
/// is left of the content would be read as the next request.
fn refused(refusal: Refusal) -> Outgoing {
    let status = refusal.status();
    let problem = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "detail": refusal.to_string(),
    });
    let headers = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::CONNECTION, "close"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Outgoing {
        status,
        headers: headers.into_iter().collect(),
        content: problem.to_string().into(),
        case: None,
        remarks: vec![refusal.to_string()],
    }
}

/// The answer as it is sent. Its content says nothing of a fault, as a client
/// would not be told of one in production either.
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

/// What a proxy on the way would answer with; where that is documented, JSON.
fn other_type(headers: &HeaderMap) -> HeaderValue {
    let documented = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_html =
        documented.is_some_and(|value| value.to_ascii_lowercase().starts_with(b"text/html"));
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
    fn what_the_server_answers_itself_is_allowed_too() {
        check("POST", "OPTIONS, POST");
        check("DELETE, GET", "DELETE, GET, HEAD, OPTIONS");
        check("HEAD,GET, OPTIONS", "GET, HEAD, OPTIONS");
        assert_eq!(allow(&HeaderMap::new()), None);
    }
}
