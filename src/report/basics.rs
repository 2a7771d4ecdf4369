//! Small helpers that several files of this wing share.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

/// `1 page`, `2 pages`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}

/// Escapes the control characters of a text from a page or a service: in a
/// terminal they could move the cursor or overwrite other lines.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| c.is_control() && c != '\t';
    if !text.contains(is_harmful) {
        return text.into();
    }
    let escape = |c: char| {
        if is_harmful(c) {
            c.escape_default().to_string()
        } else {
            c.to_string()
        }
    };
    text.chars().map(escape).collect::<String>().into()
}

/// Like [`printable`], but keeps line ends: a message of several lines is printed
/// as lines.
pub(crate) fn printable_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(printable).collect();
    lines.join("\n")
}

/// A value as one line of JSON.
pub(super) fn json_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a report is JSON")
}

/// A duration in milliseconds, to the nearest thousandth.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_messages_of_several_lines_as_lines() {
        let text = "the scenarios are invalid\nerror: a\u{1b}[2J\r\n  --> a.yaml:1\n";
        assert_eq!(
            printable_lines(text),
            "the scenarios are invalid\nerror: a\\u{1b}[2J\n  --> a.yaml:1"
        );
        assert_eq!(printable("a\nb"), "a\\nb");
    }
}
