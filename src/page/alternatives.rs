//! The alternatives of a request: it is documented with several responses, of
//! which a service sends one.
//!
//! They are the responses of one request block, and those of equal requests
//! whose statuses have different classes (RFC 9110, 15). The first 2xx is the one
//! that a service sends unbidden.
//!
//! Requests with and without credentials, or with those of another scheme, are
//! different requests.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::http::message::is_framing;
use crate::http::status::Status;
use crate::http::url::{Part, Template, UrlTemplate};
use crate::page::case::Case;

/// The requests with alternatives.
#[derive(Debug, Default)]
pub(crate) struct Alternatives {
    families: Vec<Vec<Documented>>,
    /// For each id, its family and its position there.
    places: HashMap<String, (usize, usize)>,
    /// The ids of cases that depend on their documented credentials.
    as_documented: HashSet<String>,
}

/// A response of a request that has several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documented {
    /// The id of its case.
    pub id: String,
    /// The page.
    pub page: Arc<str>,
    /// The line of its opening fence, from 1.
    pub line: usize,
    /// The status.
    pub status: Status,
    /// Whether a service sends it unbidden.
    pub is_expected: bool,
}

impl Alternatives {
    /// Finds the requests with alternatives among all cases of the docs.
    pub(crate) fn of(cases: &[Case]) -> Self {
        let mut found = Self::default();
        for equal in equal_but_for_credentials(cases) {
            let mut requests: HashMap<_, Vec<&Case>> = HashMap::new();
            for case in &equal {
                requests.entry(scheme_of(case)).or_default().push(case);
            }
            if requests.len() > 1 {
                found.add_as_documented(&equal, &requests);
            }
            let families = requests.into_values().filter_map(|cases| family(&cases));
            families.for_each(|family| found.add(family));
        }
        found
    }

    fn add(&mut self, family: Vec<Documented>) {
        let number = self.families.len();
        for (at, documented) in family.iter().enumerate() {
            self.places.insert(documented.id.clone(), (number, at));
        }
        self.families.push(family);
    }

    /// Adds the cases whose status differs from that of the request that gets the
    /// credentials of a target: the first with a 2xx, or else the first with
    /// credentials. With these, they would get that request's response.
    fn add_as_documented(
        &mut self,
        equal: &[&Case],
        requests: &HashMap<Option<String>, Vec<&Case>>,
    ) {
        let mut successes = equal.iter().filter(|case| class(case) == Some(2));
        let main = successes
            .next()
            .or_else(|| equal.iter().find(|case| scheme_of(case).is_some()));
        let Some(main) = main.map(|case| scheme_of(case)) else {
            return;
        };
        let status = |scheme| status(expected(requests.get(scheme)?)?);
        let differs = |scheme| match (status(scheme), status(&main)) {
            (Some(one), Some(other)) => !one.is_in(other) && !other.is_in(one),
            _ => false,
        };
        for (scheme, cases) in requests {
            if *scheme != main && differs(scheme) {
                let ids = cases.iter().map(|case| case.id.clone());
                self.as_documented.extend(ids);
            }
        }
    }

    /// Whether a case is sent with its documented credentials, or without any,
    /// whatever the target's are: an equal request with other credentials has
    /// another status.
    pub(crate) fn keeps_credentials(&self, id: &str) -> bool {
        self.as_documented.contains(id)
    }

    /// The responses of a case's request, with that of the case; nothing if it
    /// has no other.
    pub(crate) fn family(&self, id: &str) -> Option<(&[Documented], &Documented)> {
        let (family, at) = *self.places.get(id)?;
        let family = &self.families[family];
        Some((family, &family[at]))
    }

    /// Whether a case is an alternative.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.family(id).is_some_and(|(_, own)| !own.is_expected)
    }

    /// The other response of a case's request that a status code conforms to.
    pub(crate) fn with_status(&self, id: &str, status: u16) -> Option<&Documented> {
        let (family, own) = self.family(id)?;
        let mut others = family.iter().filter(|other| other.id != own.id);
        others.find(|other| other.status.matches(status))
    }
}

/// The cases with a response whose requests are equal in all but their credentials,
/// if there are several, in the order of the docs.
fn equal_but_for_credentials(cases: &[Case]) -> Vec<Vec<&Case>> {
    let mut operations: HashMap<Operation, Vec<&Case>> = HashMap::new();
    for case in cases {
        if case.response.is_some()
            && let Some(operation) = operation(case)
        {
            operations.entry(operation).or_default().push(case);
        }
    }
    let mut equal: HashMap<_, Vec<&Case>> = HashMap::new();
    for (number, cases) in operations.into_values().enumerate() {
        if cases.len() > 1 {
            for case in cases {
                let key = (number, fields(case), body(case));
                equal.entry(key).or_default().push(case);
            }
        }
    }
    equal
        .into_values()
        .filter(|cases| cases.len() > 1)
        .collect()
}

/// The responses of equal requests, unless a service is to send all of them.
fn family(cases: &[&Case]) -> Option<Vec<Documented>> {
    let class = class(expected(cases)?);
    let mut family = Vec::with_capacity(cases.len());
    for block in cases.chunk_by(|a, b| is_same_block(a, b)) {
        let expected = expected(block)?;
        family.extend(block.iter().filter_map(|case| {
            let response = case.response.as_ref()?;
            Some(Documented {
                id: case.id.clone(),
                page: Arc::clone(&case.page),
                line: response.line,
                status: response.message.status,
                is_expected: case.id == expected.id && self::class(case) == class,
            })
        }));
    }
    let has_alternative = family.iter().any(|documented| !documented.is_expected);
    has_alternative.then_some(family)
}

/// The first case with a status 2xx, or else the first.
fn expected<'c>(cases: &[&'c Case]) -> Option<&'c Case> {
    let mut successes = cases.iter().filter(|case| class(case) == Some(2));
    successes.next().or(cases.first()).copied()
}

fn status(case: &Case) -> Option<Status> {
    Some(case.response.as_ref()?.message.status)
}

/// The class of a case's status.
pub(crate) fn class(case: &Case) -> Option<u16> {
    Some(status(case)?.class())
}

/// The authentication scheme of credentials (RFC 9110, 11.4), in lower case; empty
/// if they are a single word.
pub(crate) fn scheme(credentials: &str) -> String {
    let scheme = credentials.trim().split_once([' ', '\t']);
    scheme.map_or_else(String::new, |(scheme, _)| scheme.to_ascii_lowercase())
}

/// The authentication scheme of a case's request, if it has credentials.
pub(crate) fn scheme_of(case: &Case) -> Option<String> {
    case.request.headers.get("authorization").map(scheme)
}

/// Whether two cases have one request block.
pub(crate) fn is_same_block(one: &Case, other: &Case) -> bool {
    one.line == other.line && one.page == other.page
}

/// Method, host, path segments and sorted query parameters of a request,
/// percent-decoded. Placeholders with different names count as different.
pub(crate) type Operation = (String, Option<String>, Vec<String>, Vec<String>);

/// The operation of a case, if its target is a URL.
pub(crate) fn operation(case: &Case) -> Option<Operation> {
    let url = UrlTemplate::parse(&case.request.target).ok()?;
    let host = match &url.origin {
        Some(origin) => Some(origin.authority.clone()),
        None => case.request.headers.get("host").map(str::to_lowercase),
    };
    let decoded = |parts: Vec<Template>| parts.iter().map(written).collect::<Vec<_>>();
    let path = decoded(url.path.split('/'));
    let query = url.query.map(|query| query.split('&'));
    let mut query = decoded(query.unwrap_or_default());
    query.retain(|pair| !pair.is_empty());
    query.sort_unstable();
    Some((case.request.method.clone(), host, path, query))
}

fn written(template: &Template) -> String {
    let parts = template.decoded().0.into_iter();
    parts
        .map(|part| match part {
            Part::Literal(text) => text,
            Part::Placeholder(name) => format!("{{{name}}}"),
        })
        .collect()
}

/// The header fields that identify a request, beside its [`scheme_of`]: all except
/// those of the connection and credentials.
pub(crate) fn fields(case: &Case) -> Vec<(String, &str)> {
    let is_apart = |name: &str| {
        is_framing(name)
            || ["host", "authorization"]
                .iter()
                .any(|apart| name.eq_ignore_ascii_case(apart))
    };
    let headers = case.request.headers.iter();
    let mut headers: Vec<(String, &str)> = headers
        .filter(|header| !is_apart(&header.name))
        .map(|header| (header.name.to_ascii_lowercase(), header.value.as_str()))
        .collect();
    headers.sort_unstable();
    headers
}

/// The body of a request, with JSON in canonical form.
fn body(case: &Case) -> String {
    let body = case.request.body.as_deref().unwrap_or_default();
    match serde_json::from_str::<Value>(body) {
        Ok(mut value) => {
            value.sort_all_objects();
            value.to_string()
        }
        Err(_) => body.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::extract::extract;
    use crate::text::source::Page;

    /// Checks which cases of the pages have alternatives: each as `id status`,
    /// with `!` if a run expects it. A block is a request, or a status; 299 and 499
    /// stand for pages that document none.
    #[track_caller]
    fn check(pages: &[&[&str]], expected: &[&str]) {
        let mut cases = Vec::new();
        for (page, blocks) in pages.iter().enumerate() {
            let mut text = String::new();
            for block in *blocks {
                let kind = if block.starts_with(|c: char| c.is_ascii_digit()) {
                    ("response", format!("HTTP/1.1 {block}"))
                } else {
                    ("request", (*block).to_owned())
                };
                text += &format!(
                    "<!-- {{\"blockType\": \"{}\"}} -->\n```http\n{}\n```\n\n",
                    kind.0, kind.1
                );
            }
            cases.extend(extract(&Page::new(format!("p{page}.md"), text), None).cases);
        }
        for case in &mut cases {
            if let Some(response) = &mut case.response
                && let Status::Code(code @ (299 | 499)) = response.message.status
            {
                response.message.status = Status::Class(if code == 299 { 2 } else { 4 });
            }
        }
        let alternatives = Alternatives::of(&cases);
        let shown: Vec<String> = cases
            .iter()
            .filter_map(|case| {
                let (_, own) = alternatives.family(&case.id)?;
                let mark = if own.is_expected { "!" } else { "" };
                Some(format!("{} {}{mark}", own.id, own.status))
            })
            .collect();
        assert_eq!(shown, expected, "{pages:?}");
    }

    #[test]
    fn expects_the_first_success_of_a_request() {
        check(&[&["GET /a", "200"]], &[]);
        check(
            &[&["GET /a", "200", "401", "404"]],
            &["p0::1 200!", "p0::1.2 401", "p0::1.3 404"],
        );
        check(&[&["GET /a", "404", "200"]], &["p0::1 404", "p0::1.2 200!"]);
        check(&[&["PUT /a", "201", "200"]], &["p0::1 201!", "p0::1.2 200"]);
        check(&[&["GET /a", "401", "404"]], &["p0::1 401!", "p0::1.2 404"]);
    }

    #[test]
    fn undocumented_statuses_are_alternatives_by_their_class() {
        check(
            &[&["GET /a", "499", "299", "404"]],
            &["p0::1 4xx", "p0::1.2 2xx!", "p0::1.3 404"],
        );
        check(
            &[&["GET /a", "299", "GET /a", "499"]],
            &["p0::1 2xx!", "p0::2 4xx"],
        );
        check(&[&["GET /a", "299", "GET /a", "200"]], &[]);
    }

    #[test]
    fn joins_equal_requests_of_different_classes() {
        check(
            &[&["GET /a", "404", "GET /a", "200"]],
            &["p0::1 404", "p0::2 200!"],
        );
        check(
            &[
                &["GET /a?b=1&c=2", "200"],
                &["GET /a?c=2&b=1", "404", "500"],
            ],
            &["p0::1 200!", "p1::1 404", "p1::1.2 500"],
        );
        check(&[&["GET /a", "200", "GET /a", "204"]], &[]);
        check(&[&["GET /a", "200", "GET /b", "404"]], &[]);
        check(&[&["GET /a", "200", "GET /a\nPrefer: b", "404"]], &[]);
        let (basic, bearer) = (
            "GET /a\nAuthorization: Basic b",
            "GET /a\nAuthorization: Bearer b",
        );
        check(&[&[basic, "200", "GET /a", "401"]], &[]);
        check(&[&[basic, "200", bearer, "401"]], &[]);
        check(
            &[&[bearer, "200", "GET /a\nauthorization: bearer {c}", "401"]],
            &["p0::1 200!", "p0::2 401"],
        );
        check(
            &[&[
                "POST /a\n\n{\"b\": 1}",
                "200",
                "POST /a\n\n{\"b\": 2}",
                "404",
            ]],
            &[],
        );
    }

    #[test]
    fn keeps_credentials_that_make_a_difference() {
        #[track_caller]
        fn check(blocks: &[(&str, u16)], expected: &[&str]) {
            let text: String = blocks
                .iter()
                .map(|(credentials, status)| {
                    let field = match *credentials {
                        "" => String::new(),
                        value => format!("Authorization: {value}\n"),
                    };
                    format!(
                        "<!-- {{\"blockType\": \"request\"}} -->\n```http\nGET /a\n{field}```\n\n\
                         <!-- {{\"blockType\": \"response\"}} -->\n```http\nHTTP/1.1 {status}\n```\n\n"
                    )
                })
                .collect();
            let cases = extract(&Page::new("p.md", text), None).cases;
            let alternatives = Alternatives::of(&cases);
            let ids = cases.iter().map(|case| case.id.as_str());
            let kept: Vec<&str> = ids
                .filter(|id| alternatives.keeps_credentials(id))
                .collect();
            assert_eq!(kept, expected, "{blocks:?}");
        }
        check(&[("Basic b", 200), ("", 401)], &["p::2"]);
        check(&[("", 401), ("Basic b", 200)], &["p::1"]);
        check(&[("", 401), ("Basic b", 403)], &["p::1"]);
        check(&[("Basic b", 200), ("Bearer b", 401)], &["p::2"]);
        check(&[("", 200), ("Bearer expired", 401)], &["p::2"]);
        // A page may leave out what all requests have.
        check(&[("Basic b", 200), ("", 200)], &[]);
        check(&[("Basic b", 200), ("basic c", 401)], &[]);
        check(&[("{key}", 200), ("key", 401)], &[]);
        check(&[("", 200), ("", 401)], &[]);
    }

    #[test]
    fn finds_the_response_with_a_status() {
        let page = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
                    <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n```\n\n\
                    <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 404 Not Found\n```\n";
        let cases = extract(&Page::new("p.md", page.to_owned()), None).cases;
        let alternatives = Alternatives::of(&cases);
        let found = alternatives.with_status("p::1", 404).expect("documented");
        assert_eq!((&*found.id, found.line), ("p::1.2", 12));
        assert_eq!(alternatives.with_status("p::1", 200), None);
        assert_eq!(alternatives.with_status("p::1", 500), None);
    }

    #[test]
    fn finds_the_response_with_a_class() {
        let page = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\n\
                    <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n```\n\n\
                    <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 404 Not Found\n```\n";
        let mut cases = extract(&Page::new("p.md", page.to_owned()), None).cases;
        cases[1].response.as_mut().expect("one").message.status = Status::Class(4);
        let alternatives = Alternatives::of(&cases);
        let found = alternatives.with_status("p::1", 403).expect("documented");
        assert_eq!(found.status, Status::Class(4));
        assert_eq!(alternatives.with_status("p::1", 500), None);
    }
}
