//! The documented paths that are nearest to one that is not documented.
//!
//! A search through the tree, the cheapest way first, which takes a wrong
//! segment, one too many, or one too few at a price. It looks at few nodes,
//! whatever the number of paths and the length of the request's.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::printable::quoted;
use super::tree::{Id, ROOT, Tree};

/// A documented path, and what differs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// The node at which it ends.
    pub end: Id,
    /// What differs first, in words.
    pub differs: String,
}

/// How many paths are found at most.
const MOST: usize = 6;
/// How many nodes are looked at.
const STEPS: usize = 32;
/// How many segments may differ.
const EDITS: u32 = 2;
/// The price of a segment too many, and of one too few: what has come as far as
/// it goes is nearer. A placeholder costs 1, so that literals come first.
const EXTRA: u32 = 24;
const MISSING: u32 = 20;
/// The price of a segment that is wholly another.
const OTHER: u32 = 32;
/// The price of one that has not a letter wrong, but for their case.
const CASE: u32 = 4;
/// The price of another key: pages have those of examples.
const KEY: u32 = 12;
/// Longer segments are not compared letter by letter.
const LETTERS: usize = 64;

/// A way through the tree, ordered by its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    price: u32,
    /// Of equal ways, that which is as documented for the longest comes first:
    /// the number of the first segment that is not.
    agreed: Reverse<usize>,
    /// And then the one that has the fewest segments left.
    left: usize,
    node: Id,
    edits: u32,
    first: Option<Edit>,
}

/// What a way takes otherwise than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edit {
    /// The segment of this number stands for that of a node.
    Other(usize, Id),
    /// The segment of this number is not documented.
    Extra(usize),
    /// At this number, the segment of a node is missing.
    Missing(usize, Id),
}

/// The nearest paths, the nearest first.
pub(super) fn nearest(tree: &Tree, segments: &[Cow<'_, str>]) -> Vec<Near> {
    let mut found: Vec<Near> = Vec::new();
    let mut ways = BinaryHeap::from([Reverse(Way {
        price: 0,
        agreed: Reverse(usize::MAX),
        left: segments.len(),
        node: ROOT,
        edits: 0,
        first: None,
    })]);
    for _ in 0..STEPS {
        let Some(Reverse(way)) = ways.pop() else {
            break;
        };
        let at = segments.len() - way.left;
        let segment = segments.get(at).map(|segment| &**segment);
        if segment.is_none()
            && let Some(edit) = way.first
            && !tree.node(way.node).operations.is_empty()
            && !found.iter().any(|known| known.end == way.node)
        {
            found.push(Near {
                end: way.node,
                differs: edit.say(tree, segments),
            });
            if found.len() == MOST {
                break;
            }
        }
        let mut fitting = Vec::new();
        if let Some(segment) = segment {
            tree.node(way.node).step(segment, |next| {
                fitting.push(next);
                let is_literal = tree.node(next).label == segment;
                ways.push(Reverse(Way {
                    price: way.price + u32::from(!is_literal),
                    left: way.left - 1,
                    node: next,
                    ..way
                }));
            });
        }
        if way.edits == EDITS {
            continue;
        }
        let edited = |price, left, node, edit| {
            Reverse(Way {
                price: way.price + price,
                agreed: way.agreed.max(Reverse(at)),
                left,
                node,
                edits: way.edits + 1,
                first: way.first.or(Some(edit)),
            })
        };
        if segment.is_some() {
            ways.push(edited(EXTRA, way.left - 1, way.node, Edit::Extra(at)));
        }
        let after = segments.get(at + 1).map(|segment| &**segment);
        for next in tree.near(way.node, segment, after) {
            ways.push(edited(MISSING, way.left, next, Edit::Missing(at, next)));
            if let Some(segment) = segment.filter(|_| !fitting.contains(&next)) {
                let price = distance(&tree.node(next).label, segment);
                ways.push(edited(price, way.left - 1, next, Edit::Other(at, next)));
            }
        }
    }
    found
}

/// The price of a segment in the place of a documented one.
fn distance(documented: &str, segment: &str) -> u32 {
    if documented.eq_ignore_ascii_case(segment) {
        return CASE;
    }
    let is_key = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let most = if is_key(documented) && is_key(segment) {
        KEY
    } else {
        OTHER
    };
    if documented.len().max(segment.len()) > LETTERS {
        return most;
    }
    let letters = documented.chars().count().max(segment.chars().count());
    let wrong = strsim::levenshtein(documented, segment);
    let least = 2 * CASE;
    let share = (OTHER - least) as usize * wrong / letters.max(1);
    most.min(least + u32::try_from(share).unwrap_or(OTHER))
}

impl Edit {
    fn say(self, tree: &Tree, segments: &[Cow<'_, str>]) -> String {
        let documented = |node: Id| quoted(&tree.node(node).label);
        // A path begins with a slash, so its first segment is the second piece.
        match self {
            Self::Other(0, node) | Self::Missing(0, node) if segments.len() < 2 => {
                format!("path: documented {}, got none", documented(node))
            }
            Self::Other(at, node) => format!(
                "path segment {at}: documented {}, got {}",
                documented(node),
                quoted(&segments[at])
            ),
            Self::Extra(at) => {
                format!(
                    "path segment {at}: {} is one too many",
                    quoted(&segments[at])
                )
            }
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
        assert!(near.len() <= MOST);
        let first = near.first().map(|near| {
            let entries = tree.node(near.end).entries("GET");
            (entries[0], near.differs.as_str())
        });
        assert_eq!(first, expected);
    }

    #[test]
    fn a_slip_of_the_pen_is_found() {
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
    fn a_segment_too_many_or_too_few_is_found() {
        let paths = ["/v1/users/{id}", "/v1/users/{id}/photo/value"];
        check(
            &paths,
            "/users/7",
            Some((0, "path segment 1: documented \"v1\", got none")),
        );
        check(
            &paths,
            "/v1/users/7/",
            Some((0, "path segment 4: \"\" is one too many")),
        );
        check(
            &paths,
            "/v1/users/7/photo",
            Some((1, "path segment 5: documented \"value\", got none")),
        );
    }

    #[test]
    fn another_key_than_that_of_an_example_is_near() {
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

    /// The paths that are found, the nearest first; in the tree, the nearer
    /// stands behind.
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
    fn what_is_nearer_comes_first() {
        // Letters wrong, and letters that differ by their case alone.
        check_order(&["/abcxxxxx", "/abcdefgx"], "/abcdefgh", &[1, 0]);
        check_order(&["/usera", "/USERS"], "/users", &[1, 0]);
        // A literal, and a placeholder.
        check_order(&["/{id}/x", "/a/x"], "/a/y", &[1, 0]);
        // Another key, and another word.
        check_order(&["/jobs/ab", "/jobs/zz9zzzz"], "/jobs/12345", &[1, 0]);
        check_order(&["/jobs/1b", "/jobs/abcdy"], "/jobs/abcdx", &[1, 0]);
        // Longer ones are not compared by their letters.
        let (near, far) = ("a".repeat(63) + "b", "a".repeat(40));
        let paths = [format!("/{far}"), format!("/{near}")];
        check_order(
            &[&paths[0], &paths[1]],
            &format!("/{}", "a".repeat(64)),
            &[1, 0],
        );
        let paths: Vec<String> = (0..MOST + 2).map(|n| format!("/a{n}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        assert_eq!(nearest(&tree(&paths), &["".into(), "a".into()]).len(), MOST);
    }

    #[test]
    fn a_target_that_is_no_path_is_told_from_one() {
        check(&["/a"], "*", Some((0, "path: documented \"\", got none")));
    }

    #[test]
    fn what_is_far_from_all_is_near_to_none() {
        check(&["/v1/users"], "/a/b/c/d/e/f", None);
        check(&[], "/a", None);
    }

    #[test]
    fn among_thousands_of_siblings_the_neighbours_are_found() {
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
