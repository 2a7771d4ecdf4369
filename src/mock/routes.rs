//! Which case a request is for.
//!
//! A route is method, path template and host. Routes are a tree of path
//! segments, so a look-up visits the segments of the request and not the
//! routes. Among the cases whose route fits, query, documented headers and
//! body decide; the most specific case wins; what is still equal is told
//! apart by the [`CASE_HEADER`], or else the first in page order wins.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use super::body::Body;
use crate::case::Case;
use crate::message::is_framing;
use crate::plan::{CASE_HEADER, documented_host};
use crate::template::{Part, Template, UrlTemplate, decode};

/// A request as a route sees it.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, percent-encoded.
    pub path: &'a str,
    /// The query, percent-encoded.
    pub query: Option<&'a str>,
    /// The header fields.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// The routes of a set of cases.
#[derive(Debug, Default)]
pub struct Routes {
    methods: HashMap<String, Node>,
    entries: Vec<Entry>,
}

/// A place in the tree: the segments that may follow, and the entries that end
/// here.
#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    /// Segments with placeholders, by the literal that they begin with.
    patterns: HashMap<String, Vec<(Template, Node)>>,
    /// The lengths of those literals.
    prefixes: BTreeSet<usize>,
    entries: Vec<usize>,
    /// The entries by all that a request decides on, so that cases with equal
    /// requests share one.
    known: HashMap<Key, usize>,
}

/// What a request decides on, its path aside.
type Key = (
    Option<String>,
    Vec<(Template, Template)>,
    Vec<(String, Template)>,
    Option<String>,
);

/// Cases with equal requests, as far as a request decides on them.
#[derive(Debug)]
struct Entry {
    /// The indices of the cases by id.
    cases: HashMap<String, usize>,
    /// The first of them in page order.
    first: usize,
    host: Option<String>,
    /// How many segments have no placeholder, and the bytes that stand for
    /// themselves.
    path_weight: (usize, usize),
    query: Vec<(Template, Template)>,
    headers: Vec<(String, Template)>,
    body: Body,
}

impl Routes {
    /// Indexes the cases that have a response. An index is that of the case in
    /// `cases`.
    pub fn new(cases: &[Case]) -> Self {
        let mut routes = Self::default();
        for (index, case) in cases.iter().enumerate() {
            if case.response.is_none() {
                continue;
            }
            // A target that is no URL is never sent either.
            if let Ok(url) = UrlTemplate::parse(&case.request.target) {
                routes.insert(index, case, &url);
            }
        }
        routes
    }

    fn insert(&mut self, index: usize, case: &Case, url: &UrlTemplate) {
        let segments: Vec<Template> = url.path.split('/').iter().map(Template::decoded).collect();
        let mut node = self.methods.entry(case.request.method.clone()).or_default();
        for segment in &segments {
            node = match segment.as_literal() {
                Some(literal) => node.literals.entry(literal.to_owned()).or_default(),
                None => node.pattern(segment),
            };
        }
        let host = documented_host(case, url).map(|host| host.to_lowercase());
        let query = query_pairs(url.query.as_ref());
        let headers = documented_headers(case);
        let key = (
            host.clone(),
            query.clone(),
            headers.clone(),
            case.request.body.clone(),
        );
        if let Some(&entry) = node.known.get(&key) {
            self.entries[entry].cases.insert(case.id.clone(), index);
            return;
        }
        node.known.insert(key, self.entries.len());
        node.entries.push(self.entries.len());
        let literals = segments
            .iter()
            .filter(|segment| segment.as_literal().is_some());
        self.entries.push(Entry {
            cases: HashMap::from([(case.id.clone(), index)]),
            first: index,
            host,
            path_weight: (literals.count(), url.path.literal_length()),
            query,
            headers,
            body: Body::read(case.request.body.as_deref().unwrap_or_default().as_bytes()),
        });
    }

    /// The case that a request is for.
    pub fn find(&self, incoming: &Incoming<'_>) -> Option<usize> {
        let root = self.methods.get(incoming.method)?;
        let segments: Vec<String> = incoming.path.split('/').map(decode).collect();
        let mut found = Vec::new();
        root.walk(&segments, &mut found);
        let request = Request::read(incoming);
        found.retain(|&entry| self.entries[entry].fits(&request));
        let named = |entry: &Entry| entry.cases.get(request.case.as_deref()?).copied();
        let entry = found
            .into_iter()
            .map(|index| &self.entries[index])
            .max_by_key(|entry| {
                (
                    entry.specificity(),
                    named(entry).is_some(),
                    Reverse(entry.first),
                )
            })?;
        Some(named(entry).unwrap_or(entry.first))
    }
}

impl Node {
    fn pattern(&mut self, segment: &Template) -> &mut Node {
        let prefix = match segment.0.first() {
            Some(Part::Literal(text)) => text.clone(),
            _ => String::new(),
        };
        self.prefixes.insert(prefix.len());
        let patterns = self.patterns.entry(prefix).or_default();
        // A placeholder's name says nothing about what fits.
        let at = patterns
            .iter()
            .position(|(known, _)| known.same_shape(segment))
            .unwrap_or_else(|| {
                patterns.push((segment.clone(), Node::default()));
                patterns.len() - 1
            });
        &mut patterns[at].1
    }

    fn walk(&self, segments: &[String], found: &mut Vec<usize>) {
        let Some((first, rest)) = segments.split_first() else {
            found.extend(&self.entries);
            return;
        };
        if let Some(node) = self.literals.get(first) {
            node.walk(rest, found);
        }
        let prefixes = self
            .prefixes
            .iter()
            .filter_map(|length| first.get(..*length));
        for (template, node) in prefixes
            .filter_map(|prefix| self.patterns.get(prefix))
            .flatten()
        {
            if template.matches(first) {
                node.walk(rest, found);
            }
        }
    }
}

/// What of a request the entries look at, read once.
struct Request<'a> {
    host: Option<String>,
    query: Vec<(String, String)>,
    headers: &'a HeaderMap,
    body: Body,
    case: Option<String>,
}

impl<'a> Request<'a> {
    fn read(incoming: &Incoming<'a>) -> Self {
        let text = |name| {
            let value = incoming.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()))
        };
        let pairs = incoming.query.unwrap_or_default().split('&');
        Self {
            host: text(header::HOST.as_str()).map(|host| host.to_lowercase()),
            query: pairs
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
            headers: incoming.headers,
            body: Body::read(incoming.body),
            case: text(CASE_HEADER)
                .map(|id| percent_decode_str(&id).decode_utf8_lossy().into_owned()),
        }
    }
}

impl Entry {
    fn fits(&self, request: &Request<'_>) -> bool {
        self.host
            .as_ref()
            .is_none_or(|host| request.host.as_ref() == Some(host))
            && self.query_fits(&request.query)
            && self.headers_fit(request.headers)
            && self.body == request.body
    }

    /// Each documented parameter is there, and no other, in whatever order.
    fn query_fits(&self, query: &[(String, String)]) -> bool {
        if self.query.len() != query.len() {
            return false;
        }
        let mut open: Vec<&(String, String)> = query.iter().collect();
        // Those without placeholders first: each of them fits only its equal.
        let is_literal = |(name, value): &&(Template, Template)| {
            name.as_literal().is_some() && value.as_literal().is_some()
        };
        let literals = self.query.iter().filter(is_literal);
        let others = self.query.iter().filter(|pair| !is_literal(pair));
        literals.chain(others).all(|(name, value)| {
            let at = open.iter().position(|(found_name, found_value)| {
                name.matches(found_name) && value.matches(found_value)
            });
            at.map(|at| open.remove(at)).is_some()
        })
    }

    fn headers_fit(&self, headers: &HeaderMap) -> bool {
        self.headers.iter().all(|(name, value)| {
            headers
                .get_all(name)
                .iter()
                .any(|found| value.matches(&String::from_utf8_lossy(found.as_bytes())))
        })
    }

    fn specificity(&self) -> impl Ord + use<> {
        let query: usize = self
            .query
            .iter()
            .map(|(_, value)| value.literal_length())
            .sum();
        (
            self.path_weight,
            self.host.is_some(),
            self.headers.len(),
            query,
        )
    }
}

fn query_pairs(query: Option<&Template>) -> Vec<(Template, Template)> {
    let Some(query) = query else {
        return Vec::new();
    };
    query
        .split('&')
        .iter()
        .filter(|pair| !pair.0.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=');
            (name.decoded(), value.unwrap_or_default().decoded())
        })
        .collect()
}

/// The documented request headers that decide: not those of the connection,
/// nor credentials, which are never the documented ones.
fn documented_headers(case: &Case) -> Vec<(String, Template)> {
    case.request
        .headers
        .iter()
        .filter(|header| {
            !is_framing(&header.name)
                && !header.name.eq_ignore_ascii_case("host")
                && !header.name.eq_ignore_ascii_case("authorization")
                && !header.name.eq_ignore_ascii_case(CASE_HEADER)
        })
        .map(|header| (header.name.to_lowercase(), Template::parse(&header.value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract;
    use crate::source::Page;

    /// Cases from request texts.
    fn cases(requests: &[&str]) -> Vec<Case> {
        let text: String = requests
            .iter()
            .map(|request| {
                format!(
                    "<!-- {{\"blockType\": \"request\"}} -->\n```\n{request}\n```\n\n\
                     <!-- {{\"blockType\": \"response\"}} -->\n```\nHTTP/1.1 200 OK\n```\n\n"
                )
            })
            .collect();
        extract::extract(&Page::new("p.md", text)).cases
    }

    #[track_caller]
    fn check(requests: &[&str], sent: &str, expected: Option<usize>) {
        let routes = Routes::new(&cases(requests));
        let sent = &cases(&[sent])[0].request;
        let url = UrlTemplate::parse(&sent.target).expect("a URL");
        let mut headers = HeaderMap::new();
        for header in &sent.headers {
            headers.append(
                http::HeaderName::from_bytes(header.name.as_bytes()).expect("a name"),
                header.value.parse().expect("a value"),
            );
        }
        let target = sent.target.replace(' ', "%20");
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target.as_str(), None),
        };
        assert_eq!(url.origin, None, "sent targets are relative");
        let found = routes.find(&Incoming {
            method: &sent.method,
            path,
            query,
            headers: &headers,
            body: sent.body.as_deref().unwrap_or_default().as_bytes(),
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn method_path_and_host_make_a_route() {
        let documented = [
            "GET https://a.example/users/{id}",
            "POST /users/{id}",
            "GET /users/me",
        ];
        check(&documented, "GET /users/7\nHost: a.example", Some(0));
        check(&documented, "GET /users/7\nHost: b.example", None);
        check(&documented, "GET /users/7", None);
        check(&documented, "POST /users/7", Some(1));
        check(&documented, "PUT /users/7", None);
        check(&documented, "GET /users/7/x\nHost: a.example", None);
        check(&documented, "GET /users/me\nHost: a.example", Some(2));
    }

    #[test]
    fn placeholders_stand_within_calls_and_keys() {
        let documented = [
            "GET /reports/getX(period='{p}')",
            "GET /users('{id}')/name",
            "GET /<a>-<b>",
        ];
        check(&documented, "GET /reports/getX(period='D7')", Some(0));
        check(&documented, "GET /reports/getX(period=%27D7%27)", Some(0));
        check(&documented, "GET /reports/getX(period='')", None);
        check(&documented, "GET /users('7')/name", Some(1));
        check(&documented, "GET /x-y", Some(2));
        check(&documented, "GET /xy", None);
    }

    #[test]
    fn the_query_decides() {
        let documented = [
            "GET /a",
            "GET /a?$filter=b eq 'c'&$top=5",
            "GET /a?$top={n}",
        ];
        check(&documented, "GET /a", Some(0));
        check(
            &documented,
            "GET /a?$top=5&$filter=b%20eq%20%27c%27",
            Some(1),
        );
        check(&documented, "GET /a?$top=9", Some(2));
        check(&documented, "GET /a?$top=9&x=1", None);
        check(&documented, "GET /a?$skip=9", None);
        check(&["GET /x?b=1&a={x}&a=2"], "GET /x?b=1&a=7&a=2", Some(0));
        check(&["GET /x?b=1&a={x}&a=2"], "GET /x?b=1&a={x}&a=2", Some(0));
        check(&["GET /x?a"], "GET /x?a=", Some(0));
    }

    #[test]
    fn documented_headers_decide() {
        let documented = [
            "GET /a",
            "GET /a\nPrefer: b",
            "GET /a\nIf-Match: {tag}\nPrefer: b",
        ];
        check(&documented, "GET /a\nAccept: x", Some(0));
        check(&documented, "GET /a\nPrefer: b", Some(1));
        check(&documented, "GET /a\nPrefer: c", Some(0));
        check(&documented, "GET /a\nPrefer: b\nIf-Match: \"7\"", Some(2));
        check(
            &["GET /a\nAuthorization: Bearer {token}"],
            "GET /a",
            Some(0),
        );
        check(&["GET /a\nPrefer: b"], "GET /a", None);
    }

    #[test]
    fn bodies_are_compared_as_json() {
        let documented = [
            "POST /a\n\n{\"a\": 1, \"b\": 2}",
            "POST /a\n\n{\"a\": 2}",
            "POST /a",
            "POST /a\n\nplain",
        ];
        check(&documented, "POST /a\n\n{ \"b\":2,\"a\":1 }", Some(0));
        check(&documented, "POST /a\n\n{\"a\":2}", Some(1));
        check(&documented, "POST /a", Some(2));
        check(&documented, "POST /a\n\nplain", Some(3));
        check(&documented, "POST /a\n\n{\"a\": 3}", None);
    }

    #[test]
    fn equal_cases_are_told_apart_by_the_header() {
        let documented = ["GET /a/{x}", "GET /a/{y}"];
        check(&documented, "GET /a/7", Some(0));
        check(&documented, "GET /a/7\ndocproof-case: p%3A%3A2", Some(1));
        let equal = ["GET /a\nB: c", "GET /a\nB: c", "GET /a\nB: c"];
        check(&equal, "GET /a\nB: c", Some(0));
        check(&equal, "GET /a\nB: c\ndocproof-case: p%3A%3A3", Some(2));
        check(&documented, "GET /b\ndocproof-case: p%3A%3A2", None);
        // The header does not lift a case over a more specific one.
        check(
            &["GET /a/{x}", "GET /a/7"],
            "GET /a/7\ndocproof-case: p%3A%3A1",
            Some(1),
        );
    }
}
