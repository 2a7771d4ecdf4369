//! Positions of the values in a YAML file, so that findings have a line. `serde_yaml` does not
//! report them.
//!
//! Also rejects what YAML would silently change: duplicate keys and numbers
//! that JSON cannot express; and files that expand to too many values.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::response::cut;
use crate::text::finding::FILE_START;
use crate::text::source::Position;

/// Maximum nesting depth of values.
const DEPTH_LIMIT: usize = 40;
/// Maximum number of values in a file. An alias counts as all values of its
/// anchor.
const NODE_LIMIT: usize = 100_000;

/// The positions of a file's values.
#[derive(Debug, Clone)]
pub(super) struct Places {
    places: Vec<Position>,
    /// The values by parent, and key or index.
    within: HashMap<(At, String), At>,
}

/// A value in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct At(usize);

/// The whole file.
pub(super) const ROOT: At = At(0);

/// A syntax error and its position.
pub(super) type Fault = (Position, String);

impl Places {
    /// Returns the value at a key or index. A value behind an alias has the position of its parent.
    pub(super) fn within(&self, at: At, step: impl Display) -> At {
        let key = (at, step.to_string());
        self.within.get(&key).copied().unwrap_or(at)
    }

    /// Returns the start of a value, or of its key in a mapping.
    pub(super) fn position(&self, at: At) -> Position {
        self.places.get(at.0).copied().unwrap_or(FILE_START)
    }

    fn add(&mut self, around: At, step: String, place: Position) -> At {
        let at = At(self.places.len());
        self.places.push(place);
        self.within.insert((around, step), at);
        at
    }
}

/// An open collection.
struct Open {
    anchor: usize,
    /// Number of values before it.
    start: usize,
    at: At,
    kind: CollectionKind,
}

enum CollectionKind {
    /// The index of the next item.
    Sequence(usize),
    /// The key whose value is next.
    Mapping(Option<At>),
}

/// Finds the positions of a file's values.
pub(super) fn places(text: &str) -> Result<Places, Fault> {
    let mut places = Places {
        places: vec![FILE_START],
        within: HashMap::new(),
    };
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, usize> = BTreeMap::new();
    let mut nodes = 0_usize;
    let mut is_begun = false;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            (position(marker), error.info().to_owned())
        })?;
        let place = position(&span.start);
        let size = match &event {
            Event::Alias(anchor) => anchors.get(anchor).copied().unwrap_or(1),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => 1,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(closed) = open.pop()
                    && closed.anchor > 0
                {
                    anchors.insert(closed.anchor, nodes - closed.start + 1);
                }
                continue;
            }
            Event::DocumentStart(_) if is_begun => {
                let message = "more than one YAML document in this scenario file";
                return Err((place, message.to_owned()));
            }
            Event::DocumentStart(_) => {
                is_begun = true;
                continue;
            }
            _ => continue,
        };
        nodes = nodes.saturating_add(size);
        if nodes > NODE_LIMIT {
            let message = format!("more than {NODE_LIMIT} values in this file, including aliases");
            return Err((place, message));
        }
        if let Event::Scalar(value, ScalarStyle::Plain, _, None) = &event
            && !is_finite(value)
        {
            return Err((
                place,
                format!("JSON cannot express the number `{value}`; quote it if it is text"),
            ));
        }
        let at = match open.last_mut() {
            None => ROOT,
            Some(Open {
                at,
                kind: CollectionKind::Sequence(index),
                ..
            }) => {
                let step = index.to_string();
                *index += 1;
                places.add(*at, step, place)
            }
            Some(Open {
                at,
                kind: CollectionKind::Mapping(key),
                ..
            }) => match (key.take(), &event) {
                (Some(key), _) => key,
                (None, Event::Scalar(name, ..)) if name == "<<" => {
                    let message = "merge keys (`<<`) are not supported; write the keys out";
                    return Err((place, message.to_owned()));
                }
                (None, Event::Scalar(name, ..)) => {
                    let name = name.to_string();
                    if places.within.contains_key(&(*at, name.clone())) {
                        return Err((place, format!("duplicate key `{}`", cut(&name))));
                    }
                    *key = Some(places.add(*at, name, place));
                    continue;
                }
                (None, _) => return Err((place, "keys must be strings".to_owned())),
            },
        };
        let (anchor, kind) = match event {
            Event::SequenceStart(anchor, _) => (anchor, CollectionKind::Sequence(0)),
            Event::MappingStart(anchor, _) => (anchor, CollectionKind::Mapping(None)),
            _ => continue,
        };
        if open.len() >= DEPTH_LIMIT {
            let message = format!("values are nested more than {DEPTH_LIMIT} levels deep");
            return Err((place, message));
        }
        open.push(Open {
            anchor,
            start: nodes,
            at,
            kind,
        });
    }
    Ok(places)
}

/// Whether JSON can express a plain scalar, if YAML reads it as a number.
fn is_finite(scalar: &str) -> bool {
    let unsigned = scalar.trim_start_matches(['+', '-']);
    if matches!(
        unsigned,
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN"
    ) {
        return false;
    }
    !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        || scalar.parse::<f64>().map_or(true, f64::is_finite)
}

fn position(marker: &saphyr_parser::Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "scenarios:\n  - case: a\n    vars: { b: 1,\n            c: [1, x] }\n  - &x\n    case: é\n  - *x\n";

    #[track_caller]
    fn check(path: &[&str], line: usize, column: usize) {
        let places = places(FILE).expect("places");
        let at = path.iter().fold(ROOT, |at, step| places.within(at, step));
        assert_eq!(places.position(at), Position { line, column }, "{path:?}");
    }

    #[test]
    fn finds_positions_of_values() {
        check(&["scenarios"], 1, 1);
        check(&["scenarios", "0"], 2, 5);
        check(&["scenarios", "0", "vars", "b"], 3, 13);
        check(&["scenarios", "0", "vars", "c", "1"], 4, 20);
        check(&["scenarios", "1", "case"], 6, 5);
    }

    #[test]
    fn falls_back_to_the_position_of_the_parent() {
        check(&["scenarios", "0", "vars", "d", "e"], 3, 5);
        check(&["scenarios", "2", "case"], 7, 5);
        check(&["nowhere"], 1, 1);
    }

    #[track_caller]
    fn check_refused(text: &str, line: usize, message: &str) {
        let (position, found) = places(text).expect_err("a fault");
        assert!(found.contains(message), "{found}");
        assert_eq!(position.line, line, "{found}");
    }

    #[test]
    fn rejects_ambiguous_yaml() {
        check_refused("a: 1\nb: 2\na: 3", 3, "duplicate key `a`");
        check_refused("a: .nan", 1, "JSON cannot express the number `.nan`");
        check_refused("a: -.Inf", 1, "JSON cannot express the number");
        check_refused("\na: 1e999", 2, "JSON cannot express the number");
        check_refused("? [a]\n: b", 1, "keys must be strings");
        check_refused("a: &x {b: 1}\nc: {<<: *x}", 2, "merge keys");
        for fine in [
            "a: {a: 1}",
            "a: '.nan'",
            "a: inf",
            "a: nan",
            "a: 1e99",
            "a: 1.2.3",
        ] {
            places(fine).expect(fine);
        }
    }

    #[test]
    fn limits_the_number_of_values() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb += &format!("a{level}: &a{level} [{items}]\n");
        }
        check_refused(&bomb, 5, "more than 100000 values");
        check_refused(&"[".repeat(41), 1, "more than 40 levels deep");
        check_refused(&"- ".repeat(41), 1, "more than 40 levels deep");
        check_refused(&"[".repeat(100_000), 1, "");
        check_refused(&"- ".repeat(100_000), 1, "");
        check_refused(
            &format!("[{}]", "1,".repeat(100_001)),
            1,
            "more than 100000",
        );
        places(&format!("[{}]", "1,".repeat(90_000))).expect("many values");
        places(&format!("{}{}", "[".repeat(40), "]".repeat(40))).expect("a deep value");
    }
}
