//! Strings that YAML 1.1 readers take for something else.
//!
//! `serde_yaml` writes what YAML 1.2 reads back, and leaves `on`, `2020-01-01` or
//! `12:30:45` plain. Most tools still read YAML 1.1, where those are a boolean,
//! a date and a number, so they are put in quotes.

use std::borrow::Cow;

/// Quotes the plain scalars of a document that `serde_yaml` wrote. Its numbers,
/// booleans and nulls stay: a string that looks like one is quoted already.
pub(super) fn quote(yaml: &str) -> String {
    let mut quoted = String::with_capacity(yaml.len());
    // The indentation of a block scalar's key, while in the scalar.
    let mut block: Option<usize> = None;
    for line in yaml.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let indent = content.len() - content.trim_start_matches(' ').len();
        // These end a line in YAML 1.1, so that a line may begin with one.
        let is_break = content.starts_with(['\u{85}', '\u{2028}', '\u{2029}']);
        if block.is_some_and(|key| indent > key || is_break || content.trim().is_empty()) {
            quoted.push_str(line);
            continue;
        }
        block = None;
        let scalar = scalar(content);
        if scalar.starts_with(['|', '>']) {
            // It is indented more than its key, or than the dash of its item.
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

/// A line up to its scalar, with its key in quotes where it is misread.
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

/// What stands after the key, or after the indicators of an item.
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

/// The length of the quoted scalar that `content` begins with.
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

/// The width of the indicators that begin an item, and a key or a value that
/// takes more than a line.
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

/// Whether a plain scalar is a string in YAML 1.2, and something else in 1.1
/// (its types `bool`, `int`, `float`, `timestamp`, `value` and `merge`).
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
    !is_number
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
    fn what_is_misread_is_quoted() {
        check("a: on\nb: 2020-01-01\n", "a: 'on'\nb: '2020-01-01'\n");
        check(
            "a:\n- yes\n- 12:30:45\n- - =\n",
            "a:\n- 'yes'\n- '12:30:45'\n- - '='\n",
        );
        check("'on': 1_000\n", "'on': '1_000'\n");
        check("- id: 0o7_1\n", "- id: '0o7_1'\n");
        check("2020-01-01: a\non:\n- b\n", "'2020-01-01': a\n'on':\n- b\n");
        check(
            "no: |-\n  on: a\n<<: yes\n",
            "'no': |-\n  on: a\n'<<': 'yes'\n",
        );
    }

    #[test]
    fn numbers_and_blocks_stay() {
        for yaml in [
            "a: 200\nb: -1.5e3\nc: true\nd: null\n",
            "a: |-\n  b: on\n\n  2020-01-01\nb: x\n",
            "- a: |\n    on: off\n  b: x\n",
            "a:\n- |2-\n\n  no\n- b\n",
            "a: '12:30'\nb: \"no\"\n",
        ] {
            check(yaml, yaml);
        }
    }
}
