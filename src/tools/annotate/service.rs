//! The base URLs of the service that documented requests name.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::http::url::{Template, UrlTemplate};
use crate::page::case::Case;
use crate::project::config::Service;

/// A base URL that is named less often than the most frequent by this factor is left
/// out.
const SELDOM: usize = 20;
/// Maximum number of base URLs.
const MOST_SERVICES: usize = 5;

/// The base URLs for `service` in `docproof.toml`, the most frequent first. Each is
/// the origin of requests, or the shell variable in its place, and the start of the
/// path that all of them share: up to a version such as `v1`, or `api`.
pub(crate) fn services(cases: &[Case]) -> Vec<String> {
    let mut paths: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for case in cases {
        let Some(start) = start(&case.request.target) else {
            continue;
        };
        let Ok(url) = UrlTemplate::parse(&case.request.target) else {
            continue;
        };
        let segments = url.path.split('/');
        let literal = segments.iter().map_while(Template::as_literal);
        let literal = literal.skip(1).map(str::to_owned);
        paths.entry(start).or_default().push(literal.collect());
    }
    let mut found: Vec<(usize, String)> = paths
        .into_iter()
        .map(|(start, paths)| (paths.len(), start + &shared(&paths)))
        .filter(|(_, service)| Service::parse(service).is_ok())
        .collect();
    found.sort_by_key(|(count, _)| Reverse(*count));
    // A host that is seldom named is probably another service.
    let most = found.first().map_or(0, |(count, _)| *count);
    found.retain(|(count, _)| count * SELDOM >= most);
    found.truncate(MOST_SERVICES);
    // `http` and `https` are the same service.
    let mut known = HashSet::new();
    found.retain(|(_, service)| {
        let after = service
            .split_once("://")
            .map_or(&**service, |(_, rest)| rest);
        known.insert(after.to_owned())
    });
    found.into_iter().map(|(_, service)| service).collect()
}

/// The origin of a target, or the shell variable in its place, as written.
fn start(target: &str) -> Option<String> {
    let end = |text: &str| text.find(['/', '?', '#']).unwrap_or(text.len());
    let (scheme, rest) = match target.split_once("://") {
        Some((scheme, _)) if scheme.contains(['/', '?', '{']) => return None,
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None if target.starts_with('{') => (String::new(), target),
        None => return None,
    };
    let host = &rest[..end(rest)];
    let host = match host.strip_prefix('{').and_then(|host| host.split_once('}')) {
        Some((name, port)) => format!("${name}{port}"),
        None => host.to_owned(),
    };
    Some(scheme + &host)
}

/// The start of paths up to a version or `api`, if all share it.
fn shared(paths: &[Vec<String>]) -> String {
    let Some((first, rest)) = paths.split_first() else {
        return String::new();
    };
    let is_shared = |at: &usize| rest.iter().all(|path| path.get(*at) == first.get(*at));
    let shared = &first[..(0..first.len()).take_while(is_shared).count()];
    let last = shared
        .iter()
        .rposition(|segment| is_version(segment))
        .or_else(|| shared.iter().position(|segment| segment == "api"));
    let kept = &shared[..last.map_or(0, |at| at + 1)];
    kept.iter().map(|segment| format!("/{segment}")).collect()
}

/// Whether a segment is a version such as `v1` or `v2.0`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::extract;
    use crate::text::source::Page;

    #[track_caller]
    fn check(targets: &[&str], expected: &[&str]) {
        let block = |target: &&str| {
            format!("<!-- {{\"blockType\": \"request\"}} -->\n```http\nGET {target}\n```\n\n")
        };
        let text: String = targets.iter().map(block).collect();
        let cases = extract::extract(&Page::new("p.md", text), None).cases;
        assert_eq!(cases.len(), targets.len());
        assert_eq!(services(&cases), expected);
    }

    #[test]
    fn names_the_shared_start_of_urls() {
        check(&["/a", "{id}/b"], &[]);
        check(
            &["https://a.example/x", "http://a.example/x"],
            &["http://a.example"],
        );
        check(
            &["https://a.example/api/v4/x"],
            &["https://a.example/api/v4"],
        );
        check(
            &["https://a.example/api/x", "https://a.example/api/v4/x"],
            &["https://a.example/api"],
        );
        check(
            &["https://a.example/x/v4", "https://a.example/y"],
            &["https://a.example"],
        );
        check(
            &[
                "http://a.example/x",
                "{API_URL}/v1/{id}",
                "{API_URL}/v1?a=1",
            ],
            &["$API_URL/v1", "http://a.example"],
        );
        check(
            &["https://{tenant}.a.example/v1"],
            &["https://$tenant.a.example/v1"],
        );
    }
}
