//! Finds the documented paths that are closest to an undocumented one.
//!
//! A best-first search through the tree. A wrong, additional or missing segment
//! has a cost. The search visits a bounded number of nodes, whatever the number
//! of paths and the length of the request's path.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::printable::quoted;
use super::tree::{Id, ROOT, Tree};

/// A documented path, and how the request's path differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// The node at which the path ends.
    pub end: Id,
    /// A description of the first difference.
    pub differs: String,
}

/// Maximum number of paths found.
const MAX_RESULTS: usize = 6;
/// Maximum number of nodes visited.
const MAX_NODES: usize = 32;
/// Maximum number of segments that may differ.
const MAX_EDITS: u32 = 2;
/// Costs of an additional and of a missing segment. An additional one costs
/// more, so that documented paths that extend the request's come first. A placeholder costs 1, so
/// that literals come first.
const EXTRA_COST: u32 = 24;
const MISSING_COST: u32 = 20;
/// Cost of an entirely different segment.
const OTHER_COST: u32 = 32;
/// Cost of a case-only difference.
const CASE_COST: u32 = 4;
/// Cost of a different id; documented ids are samples.
const ID_COST: u32 = 12;
/// Maximum length of segments that are compared letter by letter, in bytes.
const MAX_LETTERS: usize = 64;

/// A partial path through the tree, ordered by cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    cost: u32,
    /// At equal cost, the path that matches for longest comes first: the index
    /// of the first segment that differs.
    agreed: Reverse<usize>,
    /// Then the one with the fewest segments left.
    left: usize,
    node: Id,
    edits: u32,
    first: Option<Edit>,
}

/// An edit to the request path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    /// The segment with this index replaces that of a node.
    Other(usize, Id),
    /// The segment with this index is not documented.
    Extra(usize),
    /// The segment of a node is missing at this index.
    Missing(usize, Id),
}

/// Returns the closest paths, the closest first.
pub(super) fn nearest(tree: &Tree, segments: &[Cow<'_, str>]) -> Vec<Near> {
    let mut found: Vec<Near> = Vec::new();
    let mut candidates = BinaryHeap::from([Reverse(Candidate {
        cost: 0,
        agreed: Reverse(usize::MAX),
        left: segments.len(),
        node: ROOT,
        edits: 0,
        first: None,
    })]);
    for _ in 0..MAX_NODES {
        let Some(Reverse(candidate)) = candidates.pop() else {
            break;
        };
        let at = segments.len() - candidate.left;
        let segment = segments.get(at).map(|segment| &**segment);
        if segment.is_none()
            && let Some(edit) = candidate.first
            && !tree.node(candidate.node).operations.is_empty()
            && !found.iter().any(|known| known.end == candidate.node)
        {
            found.push(Near {
                end: candidate.node,
                differs: edit.describe(tree, segments),
            });
            if found.len() == MAX_RESULTS {
                break;
            }
        }
        let mut matching = Vec::new();
        if let Some(segment) = segment {
            tree.node(candidate.node).step(segment, |next| {
                matching.push(next);
                let is_literal = tree.node(next).label == segment;
                candidates.push(Reverse(Candidate {
                    cost: candidate.cost + u32::from(!is_literal),
                    left: candidate.left - 1,
                    node: next,
                    ..candidate
                }));
            });
        }
        if let Some((count, next)) = tree.node(candidate.node).item_path(&segments[at..]) {
            candidates.push(Reverse(Candidate {
                cost: candidate.cost + 1,
                left: candidate.left - count,
                node: next,
                ..candidate
            }));
        }
        if candidate.edits == MAX_EDITS {
            continue;
        }
        let edited = |cost, left, node, edit| {
            Reverse(Candidate {
                cost: candidate.cost + cost,
                agreed: candidate.agreed.max(Reverse(at)),
                left,
                node,
                edits: candidate.edits + 1,
                first: candidate.first.or(Some(edit)),
            })
        };
        if segment.is_some() {
            candidates.push(edited(
                EXTRA_COST,
                candidate.left - 1,
                candidate.node,
                Edit::Extra(at),
            ));
        }
        let after = segments.get(at + 1).map(|segment| &**segment);
        for next in tree.near(candidate.node, segment, after) {
            candidates.push(edited(
                MISSING_COST,
                candidate.left,
                next,
                Edit::Missing(at, next),
            ));
            if let Some(segment) = segment.filter(|_| !matching.contains(&next)) {
                let cost = distance(&tree.node(next).label, segment);
                candidates.push(edited(
                    cost,
                    candidate.left - 1,
                    next,
                    Edit::Other(at, next),
                ));
            }
        }
    }
    found
}

/// The cost of a segment in the place of a documented one.
fn distance(documented: &str, segment: &str) -> u32 {
    if documented.eq_ignore_ascii_case(segment) {
        return CASE_COST;
    }
    let is_key = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let most = if is_key(documented) && is_key(segment) {
        ID_COST
    } else {
        OTHER_COST
    };
    if documented.len().max(segment.len()) > MAX_LETTERS {
        return most;
    }
    let letters = documented.chars().count().max(segment.chars().count());
    let wrong = strsim::levenshtein(documented, segment);
    let least = 2 * CASE_COST;
    let share = (OTHER_COST - least) as usize * wrong / letters.max(1);
    most.min(least + u32::try_from(share).unwrap_or(OTHER_COST))
}

impl Edit {
    fn describe(self, tree: &Tree, segments: &[Cow<'_, str>]) -> String {
        let label = |node: Id| tree.node(node).label.as_str();
        let documented = |node: Id| quoted(label(node));
        // A path begins with a slash, so its first segment has index 1.
        match self {
            Self::Other(0, _) | Self::Missing(0, _) if segments.len() < 2 => {
                let got = segments.first().map_or("", |segment| segment);
                format!(
                    "path: documented one that begins with a slash, got {}",
                    quoted(got)
                )
            }
            Self::Extra(at) if segments[at].is_empty() => match at {
                _ if at + 1 == segments.len() => "path: one slash too many at the end".to_owned(),
                0 | 1 => "path: one slash too many at the start".to_owned(),
                _ => format!("path: one slash too many after segment {}", at - 1),
            },
            Self::Missing(_, node) if label(node).is_empty() => {
                "path: documented with a slash at the end, got none".to_owned()
            }
            Self::Other(at, node) => format!(
                "path segment {at}: documented {}, got {}",
                documented(node),
                quoted(&segments[at])
            ),
            Self::Extra(at) => format!(
                "path segment {at}: documented none, got {}",
                quoted(&segments[at])
            ),
            Self::Missing(at, node) => {
                format!(
                    "path segment {at}: documented {}, got none",
                    documented(node)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::url::Template;

    fn tree(paths: &[&str]) -> Tree {
        let mut tree = Tree::default();
        for (number, path) in paths.iter().enumerate() {
            let segments: Vec<Template> = Template::parse(path).split('/');
            let end = tree.insert(&segments);
            tree.add(end, "GET", number);
        }
        tree.sort();
        tree
    }

    #[track_caller]
    fn check(paths: &[&str], path: &str, expected: Option<(usize, &str)>) {
        let tree = tree(paths);
        let segments: Vec<Cow<'_, str>> = path.split('/').map(Cow::from).collect();
        let near = nearest(&tree, &segments);
        assert!(near.len() <= MAX_RESULTS);
        let first = near.first().map(|near| {
            let entries = tree.node(near.end).entries("GET");
            (entries[0], near.differs.as_str())
        });
        assert_eq!(first, expected);
    }

    #[test]
    fn finds_misspelled_segments() {
        let paths = ["/v1/users", "/v1/users/{id}/messages", "/v1/groups/{id}"];
        check(
            &paths,
            "/v1/usres",
            Some((0, "path segment 2: documented \"users\", got \"usres\"")),
        );
        check(
            &paths,
            "/v1/Users",
            Some((0, "path segment 2: documented \"users\", got \"Users\"")),
        );
        check(
            &paths,
            "/v1/users/7/mesages",
            Some((
                1,
                "path segment 4: documented \"messages\", got \"mesages\"",
            )),
        );
        check(
            &["/reports/getX(period='{p}')"],
            "/reports/getX(period=7)",
            Some((
                0,
                "path segment 2: documented \"getX(period='{p}')\", got \"getX(period=7)\"",
            )),
        );
    }

    #[test]
    fn finds_additional_and_missing_segments() {
        let paths = ["/v1/users/{id}", "/v1/users/{id}/photo/value"];
        check(
            &paths,
            "/users/7",
            Some((0, "path segment 1: documented \"v1\", got none")),
        );
        check(
            &paths,
            "/v1/users/7/",
            Some((0, "path: one slash too many at the end")),
        );
        check(
            &paths,
            "/v1/users/7/photo",
            Some((1, "path segment 5: documented \"value\", got none")),
        );
    }

    #[test]
    fn finds_paths_with_other_ids() {
        let mut paths: Vec<String> = (10..50).map(|n| format!("/jobs/{n}ab-c{n}")).collect();
        paths.insert(20, "/jobs/30ab-c99/pause".to_owned());
        paths.push("/jobs/{id}".to_owned());
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        check(
            &paths,
            "/jobs/7/pause",
            Some((20, "path segment 2: documented \"30ab-c99\", got \"7\"")),
        );
    }

    /// Checks the order of the paths found, the closest first. In the tree the
    /// closer path comes last.
    #[track_caller]
    fn check_order(paths: &[&str], path: &str, expected: &[usize]) {
        let tree = tree(paths);
        let segments: Vec<Cow<'_, str>> = path.split('/').map(Cow::from).collect();
        let near = nearest(&tree, &segments);
        let found: Vec<usize> = near
            .iter()
            .map(|near| tree.node(near.end).entries("GET")[0])
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn orders_paths_by_cost() {
        // Wrong letters against a case-only difference.
        check_order(&["/abcxxxxx", "/abcdefgx"], "/abcdefgh", &[1, 0]);
        check_order(&["/usera", "/USERS"], "/users", &[1, 0]);
        // A placeholder against a literal.
        check_order(&["/{id}/x", "/a/x"], "/a/y", &[1, 0]);
        // A different id against a different word.
        check_order(&["/jobs/ab", "/jobs/zz9zzzz"], "/jobs/12345", &[1, 0]);
        check_order(&["/jobs/1b", "/jobs/abcdy"], "/jobs/abcdx", &[1, 0]);
        // Long segments are not compared letter by letter.
        let (near, far) = ("a".repeat(63) + "b", "a".repeat(40));
        let paths = [format!("/{far}"), format!("/{near}")];
        check_order(
            &[&paths[0], &paths[1]],
            &format!("/{}", "a".repeat(64)),
            &[1, 0],
        );
        let paths: Vec<String> = (0..MAX_RESULTS + 2).map(|n| format!("/a{n}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!(
            nearest(&tree(&paths), &["".into(), "a".into()]).len(),
            MAX_RESULTS
        );
    }

    #[test]
    fn reports_a_target_without_a_path() {
        let differs = "path: documented one that begins with a slash, got \"*\"";
        check(&["/a"], "*", Some((0, differs)));
    }

    #[test]
    fn reports_slashes() {
        check(
            &["/a/b"],
            "/a//b",
            Some((0, "path: one slash too many after segment 1")),
        );
        check(
            &["/a/b"],
            "//a/b",
            Some((0, "path: one slash too many at the start")),
        );
        check(
            &["/a/b/"],
            "/a/b",
            Some((0, "path: documented with a slash at the end, got none")),
        );
    }

    #[test]
    fn passes_over_paths_between_colons() {
        check(
            &["/root:/{path}:/content"],
            "/root:/a/b.txt:/contnet",
            Some((0, "path segment 4: documented \"content\", got \"contnet\"")),
        );
    }

    #[test]
    fn finds_nothing_for_unrelated_paths() {
        check(&["/v1/users"], "/a/b/c/d/e/f", None);
        check(&[], "/a", None);
    }

    #[test]
    fn finds_neighbours_among_thousands_of_siblings() {
        let paths: Vec<String> = (0..4000).map(|n| format!("/v1/parcel{n:04}s")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let expect = |differs| Some((1234, differs));
        check(
            &paths,
            "/v1/parcel1234z",
            expect("path segment 2: documented \"parcel1234s\", got \"parcel1234z\""),
        );
        let far = "path segment 2: documented \"parcel1234s\", got \"qarcel1234s\"";
        check(&paths, "/v1/qarcel1234s", expect(far));
        check(&paths, &"/x".repeat(4000), None);
    }
}
