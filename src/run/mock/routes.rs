//! Finds the case that a request is for.
//!
//! A route is method, path template and host. Routes form a tree of path
//! segments, so a lookup visits the segments of the request and not all routes.
//! Among the cases of matching routes, `closest_case` chooses. Equal cases are
//! distinguished by the header field that names a case; otherwise the first in
//! page order wins.

use std::collections::HashMap;

use super::documented_request::{Entry, Key, key};
use super::request::Request;
use super::tree::{Id, Tree};
use crate::http::url::{Template, UrlTemplate};
use crate::page::alternatives::class;
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
                // A service sends a success unbidden.
                if class(&cases[entry.first]) != Some(2) && class(case) == Some(2) {
                    entry.first = index;
                }
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

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::super::reply::Verdict;
    use super::super::request::Incoming;
    use super::super::settings::Settings;
    use super::super::table::Table;
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
        extract::extract(&Page::new("p.md", text), None).cases
    }

    #[track_caller]
    fn check(requests: &[&str], sent: &str, expected: Option<usize>) {
        let settings = Settings {
            replays: true,
            ..Settings::default()
        };
        let table = Table::new(cases(requests).into(), settings);
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
        let reply = table.reply(&Incoming {
            method: &sent.method,
            path,
            query,
            headers: &headers,
            body: sent.body.as_deref().unwrap_or_default().as_bytes(),
        });
        let found = match reply.verdict {
            Verdict::Matched { case, .. } => Some(case),
            Verdict::Missed { .. } => None,
        };
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(&reply.body));
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
        // Another value is the closest.
        check(&documented, "POST /a\n\n{\"a\": 3}", Some(0));
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
