//! The documented paths as a tree of segments, so that a lookup visits the
//! segments of a request and not all paths.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::http::url::{Part, Template};

/// The index of a node.
pub(super) type Id = usize;

/// The root of each tree.
pub(super) const ROOT: Id = 0;

/// Number of neighbours of a segment to look at, in each direction.
const EACH_WAY: usize = 2;

/// The documented paths.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// A node of the tree: the segments that may follow, and the operations of the
/// path that ends here.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The documented segment that leads here.
    pub label: String,
    /// The operations of the path that ends here, by method.
    pub operations: Vec<Operation>,
    /// All child nodes, sorted by label.
    children: Vec<Id>,
    /// All child nodes, sorted by reversed label.
    by_end: Vec<Id>,
    /// The first child nodes that lead to a segment, by its label. Ids in
    /// requests differ from those in examples; the segment after the id tells
    /// which path is closest.
    by_next: HashMap<String, Vec<Id>>,
    literals: HashMap<String, Id>,
    /// Segments with placeholders, by their literal prefix.
    patterns: HashMap<String, Vec<(Template, Id)>>,
    /// The lengths of those prefixes.
    prefixes: BTreeSet<usize>,
    /// Whether a path between colons follows, as in `OneDrive`'s
    /// `/root:/{item-path}:/content`. A placeholder at its end may stand for
    /// several segments.
    is_item_path: bool,
}

/// The documented requests of a path and a method.
#[derive(Debug)]
pub(super) struct Operation {
    /// The method.
    pub method: String,
    /// The indices of its entries, in page order.
    pub entries: Vec<usize>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }
}

impl Tree {
    /// Returns a node by index.
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id]
    }

    /// Returns the node at which a path ends, and creates it if necessary.
    pub(super) fn insert(&mut self, segments: &[Template]) -> Id {
        let mut at = ROOT;
        for segment in segments {
            let next = self.nodes.len();
            let node = &mut self.nodes[at];
            let is_item_path = node.is_item_path;
            at = match segment.as_literal() {
                Some(literal) => *node.literals.entry(literal.to_owned()).or_insert(next),
                None => node.pattern(segment, next),
            };
            if at == next {
                let label = written(segment);
                self.nodes.push(Node {
                    // A colon begins such a path, the next one ends it.
                    is_item_path: label.ends_with(':') != is_item_path,
                    label,
                    ..Node::default()
                });
            }
        }
        at
    }

    /// Adds an entry to a node.
    pub(super) fn add(&mut self, at: Id, method: &str, entry: usize) {
        let operations = &mut self.nodes[at].operations;
        match operations.iter_mut().find(|known| known.method == method) {
            Some(operation) => operation.entries.push(entry),
            None => operations.push(Operation {
                method: method.to_owned(),
                entries: vec![entry],
            }),
        }
    }

    /// Sorts the child nodes for [`Tree::near`], once all paths are inserted.
    pub(super) fn sort(&mut self) {
        for at in 0..self.nodes.len() {
            let node = &self.nodes[at];
            let patterns = node.patterns.values().flatten().map(|(_, id)| id);
            let mut children: Vec<Id> = node.literals.values().chain(patterns).copied().collect();
            let label = |id: &Id| self.nodes[*id].label.as_str();
            children.sort_unstable_by(|a, b| label(a).cmp(label(b)));
            let mut by_end = children.clone();
            by_end.sort_unstable_by(|a, b| from_end(label(a)).cmp(from_end(label(b))));
            let mut by_next: HashMap<String, Vec<Id>> = HashMap::new();
            for child in &children {
                for next in self.nodes[*child].literals.keys() {
                    let known = by_next.entry(next.clone()).or_default();
                    if known.len() < EACH_WAY {
                        known.push(*child);
                    }
                }
            }
            let node = &mut self.nodes[at];
            node.children = children;
            node.by_end = by_end;
            node.by_next = by_next;
        }
    }

    /// Returns the nodes at which path templates end that match the decoded
    /// segments of a path.
    pub(super) fn ends(&self, segments: &[Cow<'_, str>]) -> Vec<Id> {
        let mut found = Vec::new();
        self.walk(ROOT, segments, &mut found);
        found
    }

    fn walk(&self, at: Id, segments: &[Cow<'_, str>], found: &mut Vec<Id>) {
        let node = &self.nodes[at];
        let Some((segment, rest)) = segments.split_first() else {
            if !node.operations.is_empty() {
                found.push(at);
            }
            return;
        };
        node.step(segment, |next| self.walk(next, rest, found));
        if let Some((count, next)) = node.item_path(segments) {
            self.walk(next, &segments[count..], found);
        }
    }

    /// Returns a few child nodes whose labels begin or end like `segment`, or
    /// that lead to the segment `after`. Returns the first ones if `segment` is
    /// `None`.
    pub(super) fn near(&self, at: Id, segment: Option<&str>, after: Option<&str>) -> Vec<Id> {
        let node = &self.nodes[at];
        let label = |id: Id| self.nodes[id].label.as_str();
        let Some(segment) = segment.filter(|_| node.children.len() > 2 * EACH_WAY) else {
            return node.children.iter().take(2 * EACH_WAY).copied().collect();
        };
        let around = |list: &[Id], middle: usize| {
            let from = middle.saturating_sub(EACH_WAY);
            let to = list.len().min(middle + EACH_WAY);
            list[from..to].to_vec()
        };
        let middle = node.children.partition_point(|id| label(*id) < segment);
        let mut found = around(&node.children, middle);
        let middle = node
            .by_end
            .partition_point(|id| from_end(label(*id)).lt(from_end(segment)));
        let leading = after.and_then(|after| node.by_next.get(after));
        let leading = leading.into_iter().flatten().copied();
        for id in around(&node.by_end, middle).into_iter().chain(leading) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        found
    }
}

impl Node {
    /// The node of a segment with placeholders; inserts `next` if there is
    /// none.
    fn pattern(&mut self, segment: &Template, next: Id) -> Id {
        let prefix = match segment.0.first() {
            Some(Part::Literal(text)) => text.clone(),
            _ => String::new(),
        };
        self.prefixes.insert(prefix.len());
        let patterns = self.patterns.entry(prefix).or_default();
        // The name of a placeholder does not affect what it matches.
        if let Some((_, known)) = patterns.iter().find(|(known, _)| known.same_shape(segment)) {
            return *known;
        }
        patterns.push((segment.clone(), next));
        next
    }

    /// Visits the child nodes that match a decoded segment.
    pub(super) fn step(&self, segment: &str, mut visit: impl FnMut(Id)) {
        if let Some(next) = self.literals.get(segment) {
            visit(*next);
        }
        let prefixes = self
            .prefixes
            .iter()
            .filter_map(|length| segment.get(..*length));
        for (template, next) in prefixes
            .filter_map(|prefix| self.patterns.get(prefix))
            .flatten()
        {
            if template.matches(segment) {
                visit(*next);
            }
        }
    }

    /// The child node of a placeholder that stands for several segments, and
    /// their number: up to the next one that ends with a colon, or all.
    pub(super) fn item_path(&self, segments: &[Cow<'_, str>]) -> Option<(usize, Id)> {
        if !self.is_item_path || segments.len() < 2 {
            return None;
        }
        let end = segments.iter().position(|segment| segment.ends_with(':'));
        let count = end.map_or(segments.len(), |end| end + 1);
        let is_placeholder = |template: &Template| match template.0.as_slice() {
            [Part::Placeholder(_)] => end.is_none(),
            [Part::Placeholder(_), Part::Literal(colon)] => end.is_some() && colon == ":",
            _ => false,
        };
        let mut patterns = self.patterns.get("")?.iter();
        let (_, next) = patterns.find(|(template, _)| is_placeholder(template))?;
        (count > 1).then_some((count, *next))
    }

    /// Returns the entries of a method.
    pub(super) fn entries(&self, method: &str) -> &[usize] {
        let of_method = self.operations.iter().find(|known| known.method == method);
        of_method.map_or(&[], |operation| &operation.entries)
    }
}

fn from_end(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().rev()
}

/// Formats a template, with placeholders in braces.
pub(super) fn written(template: &Template) -> String {
    let parts = template.0.iter().map(|part| match part {
        Part::Literal(text) => text.clone(),
        Part::Placeholder(name) => format!("{{{name}}}"),
    });
    parts.collect()
}
