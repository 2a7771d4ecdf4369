//! TAP, version 14 (<https://testanything.org/tap-version-14-specification.html>),
//! with diagnostics in YAML.

use std::fmt::Write;

use serde_json::Value;

use super::printable;

/// A test point.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    /// Whether it passed, or was left out.
    pub ok: bool,
    /// What was tested.
    pub description: String,
    /// Why it was left out, if it was.
    pub skip: Option<String>,
    /// What there is to say of it, by name.
    pub diagnostics: Vec<(&'static str, Value)>,
}

/// The points as a document; `remarks` stand at its end.
pub(crate) fn document(points: &[Point], remarks: &[String]) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", points.len());
    // Writing to a string does not fail.
    for (at, point) in points.iter().enumerate() {
        let not = if point.ok { "" } else { "not " };
        let _ = write!(text, "{not}ok {} - {}", at + 1, escaped(&point.description));
        if let Some(why) = &point.skip {
            let _ = write!(text, " # SKIP {}", escaped(why));
        }
        text.push('\n');
        if !point.diagnostics.is_empty() {
            text += "  ---\n";
            for (name, value) in &point.diagnostics {
                // JSON is YAML, and on one line nothing in it ends the block.
                let _ = writeln!(text, "  {name}: {value}");
            }
            text += "  ...\n";
        }
    }
    for remark in remarks {
        let _ = writeln!(text, "# {}", printable(remark));
    }
    text
}

/// A text on the line of a point, where `#` would begin a directive.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('#', "\\#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_page_ends_a_point_or_gives_a_directive() {
        let point = |ok, skip: Option<&str>| Point {
            ok,
            description: "a # SKIP b\nnot ok 9".to_owned(),
            skip: skip.map(str::to_owned),
            diagnostics: if ok {
                Vec::new()
            } else {
                vec![("message", Value::from("x\n  ...\nok 3 \u{1b}"))]
            },
        };
        let text = document(
            &[point(true, Some("why\n#")), point(false, None)],
            &["end\nok".to_owned(), "bye".to_owned()],
        );
        assert_eq!(
            text,
            "TAP version 14\n1..2\n\
             ok 1 - a \\# SKIP b\\\\nnot ok 9 # SKIP why\\\\n\\#\n\
             not ok 2 - a \\# SKIP b\\\\nnot ok 9\n  ---\n  message: \"x\\n  ...\\nok 3 \\u001b\"\n  ...\n\
             # end\\nok\n# bye\n"
        );
    }
}
