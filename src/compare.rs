//! Whether an answer keeps the page's word.

use crate::message::{Answer, Response};
use crate::observation::{MediaType, joined, status_line, value_fits};
use crate::policy::{Policies, Policy};

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceKind {
    /// There was no answer.
    Transport,
    /// The mock has no documented request that fits.
    NoRoute,
    /// The status code.
    Status,
    /// A documented header is not there.
    MissingHeader,
    /// A header has another value.
    Header,
    /// The media type, or one of its documented parameters.
    MediaType,
    /// The observation is not the accepted one.
    Snapshot,
    /// The answer is as documented, where a deviation was accepted.
    StaleDeviation,
}

impl DifferenceKind {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::NoRoute => "no-route",
            Self::Status => "status",
            Self::MissingHeader => "missing-header",
            Self::Header => "header",
            Self::MediaType => "media-type",
            Self::Snapshot => "snapshot",
            Self::StaleDeviation => "stale-deviation",
        }
    }
}

/// One difference between what is documented and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub kind: DifferenceKind,
    /// The header that is meant, as it is documented.
    pub header: Option<String>,
    /// The member of the body that is meant, as a `JSONPath` (RFC 9535).
    pub path: Option<String>,
    /// What the page says (or, of a snapshot, what was accepted; of a deviation,
    /// why).
    pub documented: String,
    /// What came back, if anything did.
    pub observed: Option<String>,
}

/// Compares an answer with the documented response, header by header.
pub fn compare(documented: &Response, answer: &Answer, policies: &Policies) -> Vec<Difference> {
    let mut differences = Vec::new();
    if documented.status != answer.status {
        differences.push(Difference {
            kind: DifferenceKind::Status,
            header: None,
            path: None,
            documented: documented_status(documented),
            observed: Some(status_line(answer.status)),
        });
    }
    for name in documented.headers.names() {
        let whole = joined(&documented.headers, name);
        differences.extend(compare_header(name, whole, answer, policies.of(name)));
    }
    differences
}

/// A documented status, with the page's own reason phrase.
pub fn documented_status(documented: &Response) -> String {
    match &documented.reason {
        Some(reason) => format!("{} {reason}", documented.status),
        None => status_line(documented.status),
    }
}

fn compare_header(
    name: &str,
    whole: String,
    answer: &Answer,
    policy: Policy,
) -> Option<Difference> {
    if policy == Policy::Ignore {
        return None;
    }
    if answer.headers.get(name).is_none() {
        return Some(Difference {
            kind: DifferenceKind::MissingHeader,
            header: Some(name.to_owned()),
            path: None,
            documented: whole,
            observed: None,
        });
    }
    let observed = joined(&answer.headers, name);
    let (kind, fits) = match policy {
        Policy::Ignore | Policy::Present => return None,
        Policy::MediaType => {
            let fits = media_type_fits(&whole, &observed);
            (DifferenceKind::MediaType, fits)
        }
        Policy::Exact => (DifferenceKind::Header, value_fits(&whole, &observed)),
    };
    (!fits).then(|| Difference {
        kind,
        header: Some(name.to_owned()),
        path: None,
        documented: whole,
        observed: Some(observed),
    })
}

/// Whether a media type is the documented one, with each documented parameter.
pub fn media_type_fits(documented: &str, observed: &str) -> bool {
    let documented = MediaType::parse(documented);
    let observed = MediaType::parse(observed);
    documented.essence == observed.essence
        && documented
            .parameters
            .iter()
            .all(|parameter| observed.parameters.contains(parameter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;

    fn response(status: u16, headers: &[(&str, &str)]) -> Response {
        let mut list = Headers::default();
        for (name, value) in headers {
            list.push(*name, *value);
        }
        Response {
            status,
            reason: None,
            headers: list,
            body: None,
        }
    }

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        Answer {
            status,
            headers: response(status, headers).headers,
            ..Answer::default()
        }
    }

    /// Each comparison has a pair that must fail beside one that must not.
    #[track_caller]
    fn check(documented: &[(&str, &str)], answered: &[(&str, &str)], expected: &[&str]) {
        let found = compare(
            &response(200, documented),
            &answer(200, answered),
            &Policies::default(),
        );
        let kinds: Vec<_> = found
            .iter()
            .map(|difference| difference.kind.name())
            .collect();
        assert_eq!(kinds, expected, "{found:?}");
    }

    #[test]
    fn the_status_is_compared() {
        let policies = Policies::default();
        let found = compare(&response(201, &[]), &answer(200, &[]), &policies);
        assert_eq!(found[0].documented, "201 Created");
        assert_eq!(found[0].observed.as_deref(), Some("200 OK"));
        assert_eq!(
            compare(&response(201, &[]), &answer(201, &[]), &policies),
            []
        );
    }

    #[test]
    fn exact_headers_have_their_very_value() {
        check(&[("X-A", "1")], &[("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "2")], &["header"]);
        check(&[("X-A", "1")], &[], &["missing-header"]);
        check(&[("X-A", "1"), ("X-A", "2")], &[("x-a", "1, 2")], &[]);
        check(&[("X-A", "1"), ("X-A", "2")], &[("x-a", "1")], &["header"]);
        check(
            &[("X-A", "1"), ("x-a", "2")],
            &[("x-a", "1"), ("x-a", "2")],
            &[],
        );
        check(&[("X-A", "1")], &[("x-a", ""), ("x-a", "1")], &[]);
        check(&[("X-A", "1")], &[("x-a", "")], &["header"]);
        check(&[("X-A", "v{version}")], &[("x-a", "v7")], &[]);
        check(&[("X-A", "v{version}")], &[("x-a", "7")], &["header"]);
        check(&[("X-A", "{\"a\": 1}")], &[("x-a", "b")], &["header"]);
    }

    #[test]
    fn media_types_have_their_documented_parameters() {
        let json = ("Content-Type", "application/json");
        check(
            &[json],
            &[("content-type", "Application/JSON;charset=utf-8")],
            &[],
        );
        check(&[json], &[("content-type", "text/csv")], &["media-type"]);
        check(&[json], &[], &["missing-header"]);
        let latin = ("Content-type", "text/plain; charset=\"ISO-8859-1\"");
        check(
            &[latin],
            &[("content-type", "text/plain;charset=iso-8859-1")],
            &[],
        );
        check(&[latin], &[("content-type", "text/plain")], &["media-type"]);
    }

    #[test]
    fn some_headers_only_have_to_be_there() {
        check(&[("Location", "/a")], &[("location", "/b")], &[]);
        check(&[("Location", "/a")], &[], &["missing-header"]);
    }

    #[test]
    fn framing_is_not_compared() {
        check(
            &[("Content-Length", "7"), ("Date", "x"), ("Server", "y")],
            &[],
            &[],
        );
    }

    #[test]
    fn headers_that_are_not_documented_are_nobodys_fault() {
        check(&[], &[("x-extra", "1")], &[]);
    }
}
