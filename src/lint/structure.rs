//! Front matter and headings.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser};

use super::{Parsed, Site};
use crate::diagnostic::{Diagnostic, FRONT_MATTER, HEADING_ORDER, Severity};
use crate::source::{Page, Span};

/// Checks a page.
pub fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let page = parsed.page;
    let required = &site.settings.required_keys;
    let front_matter = match parsed.document.front_matter {
        Some(span) => read(page, span, found),
        None => {
            no_front_matter(page, required, found);
            None
        }
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

/// The top of a page's front matter.
struct FrontMatter {
    /// The YAML, without the lines around it.
    span: Span,
    keys: HashMap<String, Entry>,
}

/// A key of front matter.
struct Entry {
    key: Span,
    /// What stands there; none where it is a list or a mapping.
    value: Option<String>,
}

/// Larger front matter is not read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Reads front matter. What is wrong with it as YAML is one finding.
fn read(page: &Page, span: Span, found: &mut Vec<Diagnostic>) -> Option<FrontMatter> {
    let text = page.slice(span);
    let mut refuse = |span: Span, message: String, help: &str| {
        found.push(Diagnostic::at(page, &FRONT_MATTER, span, message).help(help));
        None
    };
    if text.len() > LARGEST {
        let message = format!("the front matter has {} bytes, and is not read", text.len());
        let start = Span::new(span.start, span.start);
        return refuse(start, message, "move what is no metadata into the page");
    }
    let mut keys: HashMap<String, Entry> = HashMap::new();
    // How many collections are open, and the key whose value is next.
    let mut depth = 0_usize;
    let mut key: Option<(String, Span)> = None;
    for event in Parser::new_from_str(text) {
        let (event, at) = match event {
            Ok(event) => event,
            Err(error) => {
                let (span, what, help) = explain(page, span, error.marker(), error.info());
                return refuse(span, format!("the front matter is no YAML: {what}"), &help);
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
                let help = "write keys and values, such as `title: Pause a profile`";
                return refuse(first, "the front matter has no keys".to_owned(), help);
            }
            _ => continue,
        };
        match (key.take(), value) {
            (Some((name, key)), value) => {
                keys.insert(name, Entry { key, value });
            }
            (None, Some(name)) => {
                let span = Span::new(place(page, span, &at.start), place(page, span, &at.end));
                if let Some(first) = keys.get(&name) {
                    let line = page.line(first.key.start);
                    let message = format!("`{name}` stands twice: in line {line}, and here");
                    refuse(span, message, "take one of them out");
                }
                key = Some((name, span));
            }
            (None, None) => {
                let at = place(page, span, &at.start);
                let message = "a key of the front matter is no text".to_owned();
                return refuse(Span::new(at, at), message, "write the key as text");
            }
        }
    }
    Some(FrontMatter { span, keys })
}

/// Where the YAML reader stood in the page.
fn place(page: &Page, yaml: Span, marker: &Marker) -> usize {
    let line = page.line(yaml.start) + marker.line().saturating_sub(1);
    if line > page.line_count() {
        return yaml.end;
    }
    let span = page.line_span(line);
    let text = page.slice(span);
    let column = text.char_indices().nth(marker.col());
    (span.start + column.map_or(text.len(), |(at, _)| at)).min(yaml.end)
}

/// What the YAML reader met, where, and what to write instead.
fn explain(page: &Page, yaml: Span, marker: &Marker, info: &str) -> (Span, String, String) {
    let at = place(page, yaml, marker);
    let line = page.line_span(page.line(at));
    let text = page.slice(line);
    let value = text.split_once(": ").map(|(_, value)| value.trim());
    // The most usual fault: a colon in a value without quotes.
    if let Some(value) = value.filter(|value| !value.starts_with(['"', '\'', '[', '{'])) {
        let inner = value
            .find(": ")
            .or(value.ends_with(':').then(|| value.len() - 1));
        if let Some(inner) = inner {
            let start = line.end - text.trim_end().len().min(text.len());
            let start = start + text.find(value).unwrap_or(0) + inner;
            let what = "a value with a colon in it needs quotes".to_owned();
            let quoted = format!("write `\"{}\"`", shown(value));
            return (Span::new(start, start + 1), what, quoted);
        }
    }
    let next = page.text[at..yaml.end.max(at)].chars().next();
    let end = at + next.filter(|c| !c.is_control()).map_or(0, char::len_utf8);
    let what = info.trim().trim_end_matches('.').to_owned();
    let help = "write one `key: value` a line, a value with special characters in quotes";
    (Span::new(at, end), what, help.to_owned())
}

fn shown(text: &str) -> String {
    const LIMIT: usize = 60;
    match text.char_indices().nth(LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// A page without front matter, that has to have some or was meant to.
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
        let message = "the front matter is not closed, so it is shown as text";
        Diagnostic::at(page, &FRONT_MATTER, first, message).help("close it with a line of `---`")
    } else if required.is_empty() {
        return;
    } else {
        let message = format!(
            "this page has no front matter, and needs {}",
            names(required.iter())
        );
        Diagnostic::at(page, &FRONT_MATTER, first, message)
            .help("begin the page with a line of `---`, the keys, and another such line")
    };
    found.push(finding);
}

/// The keys that the docs ask for; as API Doctor has it, one without a value is
/// there.
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
        let message = format!("the front matter has no {}", names(missing.iter().copied()));
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
                .help(format!("write one after `{key}: `")),
            );
        }
    }
}

/// Names, as a sentence has them.
fn names<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// A heading more than one level below the one before it. Many pages choose
/// levels for their look, so this is said once a page.
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
        1 => ", and so does one more heading of this page".to_owned(),
        more => format!(", and so do {more} more headings of this page"),
    };
    let message = format!(
        "a heading of level {} under one of level {} skips a level{more}",
        heading.level, before.level,
    );
    let marks = "#".repeat(before.level + 1);
    found.push(
        Diagnostic::at(parsed.page, &HEADING_ORDER, heading.span, message)
            .severity(Severity::Info)
            .help(format!("write `{marks} {}`", heading.text.trim())),
    );
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::super::tests::{check, check_with};

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
    fn front_matter_is_yaml() {
        check_yaml("title: é: b\nauthor: c", ":");
        check_yaml("title: \"a\" b\nauthor: c", "b");
        check_yaml("title: a\ntitle: b", "title");
        check_yaml("just text\nand more", "just text");
        check(
            "---\ntitle: \"a: b\"\nlist: [a, {b: c}]\nempty:\n---\n\n# A\n",
            &[],
        );
        check("\u{feff}---\r\ntitle: a\r\n---\r\n\r\n# A\r\n", &[]);
    }

    #[test]
    fn front_matter_is_closed() {
        check(
            "---\ntitle: a\nauthor: b\n\n# A\n",
            &[("front-matter", "---")],
        );
        check("---\n\ntitle: a\n\n# A\n", &[]);
    }

    #[test]
    fn required_keys_are_there_and_have_values() {
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
    fn a_level_that_is_skipped_is_said_once() {
        check("# A\n\n### B\n\n##### C\n", &[("heading-order", "### B")]);
        check("# A\n\n## B\n\n# C\n", &[]);
    }
}
