//! Quotes strings that YAML 1.1 reads as other types.
//!
//! A workaround for `serde_yaml`, which writes YAML 1.2: there, the strings `on`,
//! `2020-01-01` and `12:30:45` need no quotes. Most tools read YAML 1.1, where
//! they are a boolean, a date and a number.

use std::borrow::Cow;

use crate::http::status::Status;

/// Quotes the plain strings of a document that `serde_yaml` wrote, where YAML 1.1
/// reads them as other types.
pub(super) fn quote(yaml: &str) -> String {
    let mut quoted = String::with_capacity(yaml.len());
    // The indentation of the key, while inside a block scalar.
    let mut block: Option<usize> = None;
    for line in yaml.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let indent = content.len() - content.trim_start_matches(' ').len();
        // Line breaks of YAML 1.1; a line of a block scalar can start with one.
        let is_break = content.starts_with(['\u{85}', '\u{2028}', '\u{2029}']);
        if block.is_some_and(|key| indent > key || is_break || content.trim().is_empty()) {
            quoted.push_str(line);
            continue;
        }
        block = None;
        let scalar = scalar(content);
        if scalar.starts_with(['|', '>']) {
            // A block scalar is indented more than its key, or the dash of its item.
            let key = indent + indicators(&content[indent..]);
            let is_item = content.len() - scalar.len() == key;
            block = Some(if is_item { key.saturating_sub(2) } else { key });
        }
        let (before, value) = content.split_at(content.len() - scalar.len());
        quoted.push_str(&quote_key(before));
        if is_misread(value) {
            quoted.push('\'');
            quoted.push_str(value);
            quoted.push('\'');
        } else {
            quoted.push_str(value);
        }
        quoted.push_str(&line[content.len()..]);
    }
    quoted
}

/// The part of a line before its scalar, with a misread key in quotes.
fn quote_key(before: &str) -> Cow<'_, str> {
    let indent = before.len() - before.trim_start_matches(' ').len();
    let start = indent + indicators(&before[indent..]);
    match before[start..].trim_end().strip_suffix(':') {
        Some(key) if is_misread(key) => {
            let (lead, rest) = before.split_at(start);
            format!("{lead}'{key}'{}", &rest[key.len()..]).into()
        }
        _ => before.into(),
    }
}

/// The part of a line after the key, or after the indicators of an item.
fn scalar(content: &str) -> &str {
    let content = content.trim_start_matches(' ');
    let content = &content[indicators(content)..];
    let key = quoted_length(content).unwrap_or_else(|| content.find(": ").unwrap_or(content.len()));
    match content[key..].strip_prefix(": ") {
        Some(value) => value,
        None if content.ends_with(':') => &content[content.len()..],
        None => content,
    }
}

/// The length of the quoted scalar at the start of `content`.
fn quoted_length(content: &str) -> Option<usize> {
    let bytes = content.as_bytes();
    let quote = *bytes.first().filter(|byte| matches!(byte, b'\'' | b'"'))?;
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        let is_escape = match quote {
            b'"' => byte == b'\\',
            _ => byte == b'\'' && bytes.get(at + 1) == Some(&b'\''),
        };
        if byte == quote && !is_escape {
            return Some(at + 1);
        }
        at += if is_escape { 2 } else { 1 };
    }
    None
}

/// The width of the indicators of an item, and of a key or a value with more than
/// one line.
fn indicators(content: &str) -> usize {
    let mut rest = content;
    while let Some(after) = ["- ", "? ", ": "]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))
    {
        rest = after;
    }
    content.len() - rest.len()
}

/// Whether a plain scalar is a string in YAML 1.2 and a `bool`, `int`, `float`,
/// `timestamp`, `value` or `merge` in YAML 1.1.
fn is_misread(scalar: &str) -> bool {
    const WORDS: [&str; 10] = [
        "y", "n", "yes", "no", "on", "off", "=", "<<", ".nan", ".inf",
    ];
    if WORDS.iter().any(|word| scalar.eq_ignore_ascii_case(word)) {
        return true;
    }
    let is_number = scalar.parse::<i64>().is_ok()
        || scalar.parse::<u64>().is_ok()
        || scalar.parse::<f64>().is_ok();
    // A class of statuses, `2xx`, is a string in both.
    !is_number
        && scalar.parse::<Status>().is_err()
        && scalar.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && scalar.contains(|c: char| c.is_ascii_digit())
        && scalar
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || b"+-.:_ xoTtZz".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(yaml: &str, expected: &str) {
        assert_eq!(quote(yaml), expected);
        let read = |yaml| serde_yaml::from_str::<serde_json::Value>(yaml).expect("YAML");
        assert_eq!(read(yaml), read(expected));
    }

    #[test]
    fn quotes_misread_scalars() {
        check("a: on\nb: 2020-01-01\n", "a: 'on'\nb: '2020-01-01'\n");
        check(
            "a:\n- yes\n- 12:30:45\n- - =\n",
            "a:\n- 'yes'\n- '12:30:45'\n- - '='\n",
        );
        check("'on': 1_000\n", "'on': '1_000'\n");
        check("- id: 0o7_1\n", "- id: '0o7_1'\n");
        check("a: 0xf_f\n", "a: '0xf_f'\n");
        check("2020-01-01: a\non:\n- b\n", "'2020-01-01': a\n'on':\n- b\n");
        check(
            "no: |-\n  on: a\n<<: yes\n",
            "'no': |-\n  on: a\n'<<': 'yes'\n",
        );
    }

    #[test]
    fn keeps_numbers_and_block_scalars() {
        for yaml in [
            "a: 200\nb: -1.5e3\nc: true\nd: null\n",
            "a: 2xx\n",
            "a: |-\n  b: on\n\n  2020-01-01\nb: x\n",
            "- a: |\n    on: off\n  b: x\n",
            "a:\n- |2-\n\n  no\n- b\n",
            "a: '12:30'\nb: \"no\"\n",
        ] {
            check(yaml, yaml);
        }
    }
}
