//! Finds the case that a request is for.
//!
//! A route is method, path template and host. Routes form a tree of path
//! segments, so a lookup visits the segments of the request and not all routes.
//! Among the cases of matching routes, query, documented header fields and body
//! decide, and the most specific case wins. Equal cases are distinguished by the
//! header field that names a case; otherwise the first in page order wins.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::documented_request::{Entry, Key, key};
use super::request::Request;
use super::tree::{Id, Tree};
use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::project::plan::documented_host;

/// The routes of a set of cases.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// The documented paths.
    pub tree: Tree,
    /// The documented requests, in page order.
    pub entries: Vec<Entry>,
}

impl Routes {
    /// Indexes the cases that have a response, by their position in `cases`.
    pub(super) fn new(cases: &[Case]) -> Self {
        let mut routes = Self::default();
        // Cases with equal requests share an entry.
        let mut known: HashMap<(Id, &str, Key), usize> = HashMap::new();
        for (index, case) in cases.iter().enumerate() {
            if case.response.is_none() {
                continue;
            }
            // A target that is not a valid URL is never sent.
            let Ok(url) = UrlTemplate::parse(&case.request.target) else {
                continue;
            };
            let segments: Vec<Template> =
                url.path.split('/').iter().map(Template::decoded).collect();
            let at = routes.tree.insert(&segments);
            let key = key(case, &url, documented_host(case, &url));
            let method = case.request.method.as_str();
            let next = routes.entries.len();
            let entry = *known.entry((at, method, key.clone())).or_insert(next);
            if entry == next {
                routes.tree.add(at, method, next);
                let is_literal = |segment: &&Template| segment.as_literal().is_some();
                let literals = segments.iter().filter(is_literal).count();
                let path = (literals, url.path.literal_length());
                let entry = Entry::new(index, case, key, path);
                routes.entries.push(entry);
            } else {
                let entry = &mut routes.entries[entry];
                entry.cases.insert(case.id.clone(), index);
            }
        }
        routes.tree.sort();
        routes
    }

    /// The entries for the method, path and host of a request.
    pub(super) fn operation<'r>(
        &'r self,
        ends: &'r [Id],
        request: &'r Request<'_>,
    ) -> impl Iterator<Item = &'r Entry> + Clone {
        ends.iter()
            .flat_map(|end| self.tree.node(*end).entries(request.incoming.method))
            .map(|entry| &self.entries[*entry])
            .filter(|entry| request.host.fits(entry.host.as_deref()))
    }
}

/// The case of the most specific entry. Among equal entries, the one with the
/// named case wins, otherwise the first in page order.
pub(super) fn most_specific<'r>(
    entries: impl Iterator<Item = &'r Entry>,
    named: Option<&str>,
) -> Option<usize> {
    let named = |entry: &Entry| entry.cases.get(named?).copied();
    let entry = entries.max_by_key(|entry| {
        (
            entry.specificity,
            named(entry).is_some(),
            Reverse(entry.first),
        )
    })?;
    Some(named(entry).unwrap_or(entry.first))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::preferences::named_case;
    use super::super::request::{Host, Incoming, host_field};
    use super::*;
    use crate::page::extract;
    use crate::text::source::Page;

    /// Creates cases from request texts.
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
        let incoming = Incoming {
            method: &sent.method,
            path,
            query,
            headers: &headers,
            body: sent.body.as_deref().unwrap_or_default().as_bytes(),
        };
        let request = Request::new(&incoming, Host::Named(host_field(&headers)));
        let ends = routes.tree.ends(path);
        let fitting = routes
            .operation(&ends, &request)
            .filter(|entry| entry.fits(&request));
        let found = most_specific(fitting, named_case(&headers).as_deref());
        assert_eq!(found, expected);
    }

    #[test]
    fn matches_method_path_and_host() {
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
    fn matches_placeholders_within_calls_and_keys() {
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
    fn matches_the_query() {
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
    fn matches_documented_headers() {
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
    fn compares_bodies_as_json() {
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
    fn header_distinguishes_equal_cases() {
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
