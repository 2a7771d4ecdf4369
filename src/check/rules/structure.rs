//! `front-matter` and `heading-order`; also runs the heading outline.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser};

use super::site::{Parsed, Site};
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::{FRONT_MATTER, HEADING_ORDER};
use crate::text::severity::Severity;
use crate::text::source::{Edit, Page, Span};

/// Checks a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let page = parsed.page;
    let required = &site.settings.required_keys;
    let front_matter = if let Some(span) = parsed.document.front_matter {
        read(page, span, found)
    } else {
        no_front_matter(page, required, found);
        None
    };
    if let Some(front_matter) = &front_matter {
        required_keys(page, front_matter, required, found);
    }
    let headings = &parsed.document.headings;
    level_skipped(parsed, found);
    if !site.settings.outline.is_empty() {
        let doc_type = front_matter.as_ref().and_then(|front_matter| {
            let value = front_matter.keys.get("doc_type")?.value.as_deref()?;
            Some(value.trim())
        });
        site.settings.outline.check(page, doc_type, headings, found);
    }
}

/// The top-level keys of front matter.
struct FrontMatter {
    /// The YAML without the `---` lines.
    span: Span,
    keys: HashMap<String, KeyEntry>,
}

/// A key of front matter.
struct KeyEntry {
    key: Span,
    /// The value; nothing if it is a list or a mapping.
    value: Option<String>,
    /// Whether the key is a duplicate.
    is_repeated: bool,
}

/// Maximum size of front matter in bytes.
const LARGEST: usize = 256 * 1024;

/// Parses front matter. A YAML syntax error is one finding.
fn read(page: &Page, span: Span, found: &mut Vec<Diagnostic>) -> Option<FrontMatter> {
    let text = page.slice(span);
    if text.len() > LARGEST {
        let message = format!("front matter is too large to check: {} bytes", text.len());
        let start = Span::new(span.start, span.start);
        return refuse(
            page,
            found,
            start,
            message,
            "move everything that is not metadata into the page",
        );
    }
    let mut keys: HashMap<String, KeyEntry> = HashMap::new();
    let mut places = ByteOffsets {
        text,
        base: span.start,
        characters: 0,
        bytes: 0,
    };
    // The number of open collections, and the key whose value comes next.
    let mut depth = 0_usize;
    let mut key: Option<(String, Span)> = None;
    for event in Parser::new_from_str(text) {
        let (event, at) = match event {
            Ok(event) => event,
            Err(error) => {
                let fault = explain(page, span, places.of(error.marker()), error.info());
                let message = format!("front matter is not valid YAML: {}", fault.what);
                found.push(
                    Diagnostic::at(page, &FRONT_MATTER, fault.span, message)
                        .help(fault.help)
                        .fix(fault.fix),
                );
                return None;
            }
        };
        let value = match event {
            Event::MappingStart(..) if depth == 0 => {
                depth = 1;
                continue;
            }
            Event::MappingStart(..) | Event::SequenceStart(..) if depth > 0 => {
                depth += 1;
                if depth > 2 {
                    continue;
                }
                None
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth -= 1;
                continue;
            }
            Event::Scalar(text, ..) if depth == 1 => Some(text.into_owned()),
            Event::Alias(_) if depth == 1 => None,
            Event::Scalar(..) | Event::SequenceStart(..) | Event::Alias(_) if depth == 0 => {
                let first = page.line_span(page.line(span.start));
                let help = "add keys and values, such as `title: Pause a profile`";
                return refuse(page, found, first, "front matter has no keys", help);
            }
            _ => continue,
        };
        match (key.take(), value) {
            (Some((name, key)), value) => {
                let is_repeated = keys.contains_key(&name);
                keys.insert(
                    name,
                    KeyEntry {
                        key,
                        value,
                        is_repeated,
                    },
                );
            }
            (None, Some(name)) => {
                let span = Span::new(places.of(&at.start), places.of(&at.end));
                if let Some(first) = keys.get(&name).filter(|first| !first.is_repeated) {
                    let line = page.line(first.key.start);
                    let message = format!("duplicate key `{name}`; first on line {line}");
                    found.push(
                        Diagnostic::at(page, &FRONT_MATTER, span, message)
                            .help("remove one of them"),
                    );
                }
                key = Some((name, span));
            }
            (None, None) => {
                let at = places.of(&at.start);
                let message = "front matter key is not a string";
                return refuse(
                    page,
                    found,
                    Span::new(at, at),
                    message,
                    "use a string as the key",
                );
            }
        }
    }
    Some(FrontMatter { span, keys })
}

/// Reports why front matter cannot be read.
fn refuse(
    page: &Page,
    found: &mut Vec<Diagnostic>,
    span: Span,
    message: impl Into<String>,
    help: &str,
) -> Option<FrontMatter> {
    found.push(Diagnostic::at(page, &FRONT_MATTER, span, message).help(help));
    None
}

/// Converts positions of the YAML parser, which counts characters, to bytes.
/// They mostly ascend, which makes one pass over the text enough.
struct ByteOffsets<'a> {
    text: &'a str,
    /// Offset of the text in the page.
    base: usize,
    characters: usize,
    bytes: usize,
}

impl ByteOffsets<'_> {
    fn of(&mut self, marker: &Marker) -> usize {
        if marker.index() < self.characters {
            (self.characters, self.bytes) = (0, 0);
        }
        let more = self.text[self.bytes..].chars();
        let more = more.take(marker.index() - self.characters);
        self.bytes += more.map(char::len_utf8).sum::<usize>();
        self.characters = marker.index();
        self.base + self.bytes
    }
}

/// A YAML syntax error.
struct YamlFault {
    span: Span,
    what: String,
    help: String,
    fix: Vec<Edit>,
}

/// Explains an error of the YAML parser.
fn explain(page: &Page, yaml: Span, at: usize, info: &str) -> YamlFault {
    let line = page.line_span(page.line(at));
    let fault = |span, what: &str, help: String| YamlFault {
        span,
        what: what.to_owned(),
        help,
        fix: Vec::new(),
    };
    if let Some(fault) = unquoted(page, line) {
        return fault;
    }
    let lines = page.line(yaml.start)..=page.line(at) + 1;
    let lines = lines
        .filter(|line| *line <= page.line_count())
        .map(|line| page.line_span(line))
        .filter(|line| line.start < yaml.end);
    if info.contains("found a tab")
        && let Some(tab) = lines
            .clone()
            .find(|line| page.slice(*line).starts_with('\t'))
    {
        let span = Span::new(tab.start, tab.start + 1);
        return fault(span, "tab in indentation", "indent with spaces".to_owned());
    }
    if info.contains("simple key")
        && let Some(line) = lines
            .clone()
            .filter(|line| {
                let text = page.slice(*line);
                !text.is_empty() && !text.contains(':') && !text.starts_with([' ', '#', '-'])
            })
            .last()
    {
        let help = format!("write `{}: …`", cut(page.slice(line).trim()));
        return fault(line, "missing colon after a key", help);
    }
    let next = page.text[at..yaml.end.max(at)].chars().next();
    let end = at + next.filter(|c| !c.is_control()).map_or(0, char::len_utf8);
    let span = Span::new(at, end);
    if info.contains("trailing content after double-quoted") {
        let help = "escape quotes inside the value as `\\\"`".to_owned();
        return fault(span, "text after the closing quote of a value", help);
    }
    if info.contains("trailing content after single-quoted") {
        let help = "escape quotes inside the value as `''`".to_owned();
        return fault(span, "text after the closing quote of a value", help);
    }
    if info.contains("quoted scalar") {
        let help = "close the quote at the end of the value".to_owned();
        return fault(span, "unclosed quote", help);
    }
    let help = "write one `key: value` per line, and quote values with special characters";
    fault(span, info.trim().trim_end_matches('.'), help.to_owned())
}

/// The most common fault: an unquoted value that contains a colon or starts
/// with a YAML indicator.
fn unquoted(page: &Page, line: Span) -> Option<YamlFault> {
    let text = page.slice(line);
    let (key, value) = text.split_once(": ")?;
    let value = value.trim();
    let start = line.start + key.len() + 2 + text[key.len() + 2..].find(value)?;
    let first = value.chars().next()?;
    let (at, what) = if "@`%*&!".contains(first) {
        (
            0,
            format!("a value that starts with `{first}` must be quoted"),
        )
    } else if "\"'[{|>#".contains(first) {
        return None;
    } else {
        let last = value.len() - 1;
        let at = value.find(": ").or(value.ends_with(':').then_some(last))?;
        (at, "a value with a colon must be quoted".to_owned())
    };
    let quoted = (!value.contains(['"', '\\'])).then(|| format!("\"{value}\""));
    let help = match &quoted {
        Some(quoted) => format!("write `{}`", cut(quoted)),
        None => "put the value in single quotes".to_owned(),
    };
    let edit = quoted.map(|text| Edit {
        span: Span::new(start, start + value.len()),
        text,
    });
    Some(YamlFault {
        span: Span::new(
            start + at,
            start + at + value[at..].chars().next().map_or(0, char::len_utf8),
        ),
        what,
        help,
        fix: edit.into_iter().collect(),
    })
}

/// Reports missing front matter where it is required, and front matter that is
/// not closed.
fn no_front_matter(page: &Page, required: &[String], found: &mut Vec<Diagnostic>) {
    let first = page.line_span(1);
    let opens = page.slice(first).trim_start_matches('\u{feff}').trim_end() == "---";
    let is_key = |line: usize| {
        line <= page.line_count()
            && page
                .slice(page.line_span(line))
                .split_once(": ")
                .is_some_and(|(key, _)| !key.is_empty() && !key.contains(char::is_whitespace))
    };
    let finding = if opens && is_key(2) && is_key(3) {
        let message = "front matter is not closed, so it renders as text";
        Diagnostic::at(page, &FRONT_MATTER, first, message).help("close it with a `---` line")
    } else if required.is_empty() {
        return;
    } else {
        let message = format!(
            "page has no front matter; required: {}",
            names(required.iter())
        );
        Diagnostic::at(page, &FRONT_MATTER, first, message)
            .help("start the page with these keys between two `---` lines")
    };
    found.push(finding);
}

/// Reports missing required keys. A key without a value counts as present, as
/// in API Doctor.
fn required_keys(
    page: &Page,
    front_matter: &FrontMatter,
    required: &[String],
    found: &mut Vec<Diagnostic>,
) {
    let keys = &front_matter.keys;
    let missing: Vec<&String> = required
        .iter()
        .filter(|key| !keys.contains_key(*key))
        .collect();
    if !missing.is_empty() {
        let opening = page.line_span(page.line(front_matter.span.start) - 1);
        let message = format!("front matter is missing {}", names(missing.iter().copied()));
        let lines: Vec<String> = missing.iter().map(|key| format!("`{key}: …`")).collect();
        let help = format!("add {}", lines.join(", "));
        found.push(Diagnostic::at(page, &FRONT_MATTER, opening, message).help(help));
    }
    for key in required {
        let Some(entry) = keys.get(key) else {
            continue;
        };
        let is_empty = |value: &String| matches!(value.trim(), "" | "~" | "null");
        if entry.value.as_ref().is_some_and(is_empty) {
            found.push(
                Diagnostic::at(
                    page,
                    &FRONT_MATTER,
                    entry.key,
                    format!("`{key}` has no value"),
                )
                .severity(Severity::Warning)
                .help(format!("add a value after `{key}: `")),
            );
        }
    }
}

/// Joins names for a sentence.
fn names<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// Reports a heading more than one level below the heading before it, once per
/// page: many pages choose levels for their look.
fn level_skipped(parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let headings = &parsed.document.headings;
    let mut skips = headings
        .windows(2)
        .filter(|pair| pair[1].level > pair[0].level + 1);
    let Some([before, heading]) = skips.next() else {
        return;
    };
    let more = match skips.count() {
        0 => String::new(),
        more => format!(" ({more} more on this page)"),
    };
    let message = format!(
        "heading level jumps from {} to {}{more}",
        before.level, heading.level,
    );
    let marks = "#".repeat(before.level + 1);
    found.push(
        Diagnostic::at(parsed.page, &HEADING_ORDER, heading.span, message)
            .severity(Severity::Info)
            .help(format!("write `{marks} {}`", cut(heading.text.trim()))),
    );
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::super::test_support::{check, check_with};

    #[track_caller]
    fn check_required(text: &str, expected: &[(&str, &str)]) {
        let settings = Settings {
            required_keys: vec!["title".to_owned(), "author".to_owned()],
            ..Settings::default()
        };
        check_with(&settings, text, expected);
    }

    #[track_caller]
    fn check_yaml(yaml: &str, part: &str) {
        check(
            &format!("---\n{yaml}\n---\n\n# A\n"),
            &[("front-matter", part)],
        );
    }

    #[test]
    fn reports_invalid_yaml() {
        check_yaml("title: é: b\nauthor: c", ":");
        check_yaml("title: \"a\" b\nauthor: c", "b");
        check_yaml("title: @a\nauthor: c", "@");
        check_yaml("title: a\nauthor\nlist: c", "author");
        check_yaml("title: a\n\tauthor: c", "\t");
        check_yaml("title: a\ntitle: b", "title");
        check_yaml("just text\nand more", "just text");
        check(
            "---\ntitle: \"a: b\"\nlist: [a, {b: c}]\nempty:\n---\n\n# A\n",
            &[],
        );
        check("\u{feff}---\r\ntitle: a\r\n---\r\n\r\n# A\r\n", &[]);
        let twice = "---\r\ntitle: é\r\nauthor: a\r\nauthor: b\r\n---\r\n";
        check(twice, &[("front-matter", "author")]);
    }

    #[test]
    fn reports_unclosed_front_matter() {
        check(
            "---\ntitle: a\nauthor: b\n\n# A\n",
            &[("front-matter", "---")],
        );
        check("---\n\ntitle: a\n\n# A\n", &[]);
    }

    #[test]
    fn reports_missing_and_empty_required_keys() {
        check_required("---\ntitle: a\nauthor: b\n---\n", &[]);
        check_required("---\ntitle: a\nauthor: [b]\n---\n", &[]);
        check_required("---\ntitle: a\n---\n", &[("front-matter", "---")]);
        check_required(
            "---\ntitle: a\nauthor: \"\"\n---\n",
            &[("front-matter", "author")],
        );
        check_required("# A\n", &[("front-matter", "# A")]);
    }

    #[test]
    fn reports_skipped_levels_once() {
        check("# A\n\n### B\n\n##### C\n", &[("heading-order", "### B")]);
        check("# A\n\n## B\n\n# C\n", &[]);
    }
}
