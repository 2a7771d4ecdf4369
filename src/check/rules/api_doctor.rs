//! Reads API Doctor's configuration files in the docs. As in API Doctor, a file
//! is identified by its key, not by its name.

use super::heading_outline::{self, Unexpected};
use super::settings::Settings;
use super::table::titles::TableTitles;
use crate::json::{self, Node, NodeValue};
use crate::text::finding::Diagnostic;
use crate::text::rules::API_DOCTOR_CONFIG;
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// Reads a kind of file from the value of its key and the key. A value of the
/// wrong type is an error with its span.
type Reader = fn(&Node<'_>, &str, &mut Settings) -> Result<(), Unexpected>;

/// The kinds of file by their key.
const KINDS: [(&str, Reader); 8] = [
    // schema-config.json
    ("schemaConfig", schema),
    // link-validation-config.json
    ("pathsToIgnore", links),
    // table-header-config.json
    ("tableDefinitions", tables),
    // document-outline.json
    (heading_outline::KEYS[0], headings),
    (heading_outline::KEYS[1], headings),
    (heading_outline::KEYS[2], headings),
    (heading_outline::KEYS[3], headings),
    (heading_outline::KEYS[4], headings),
];

/// Applies the files to the settings. If several files have the same key, the
/// first by path is used. Returns the paths of the files used, and the
/// findings.
pub(crate) fn read(files: &[Page], settings: &mut Settings) -> (Vec<String>, Vec<Diagnostic>) {
    let mut used = Vec::new();
    let mut findings = Vec::new();
    let mut known: [Option<&str>; KINDS.len()] = [None; KINDS.len()];
    for file in files {
        let text = file.text.trim_start_matches('\u{feff}');
        let base = file.text.len() - text.len();
        // Skips other JSON files without parsing them.
        if !KINDS.iter().any(|(key, _)| text.contains(&quoted(key))) {
            continue;
        }
        let at = |range: std::ops::Range<usize>| Span::new(base + range.start, base + range.end);
        let root = match json::read(text) {
            Ok(root) => root,
            Err(unreadable) => {
                let next = text[unreadable.at..].chars().next();
                let end = unreadable.at + next.map_or(0, char::len_utf8);
                let message = format!(
                    "API Doctor configuration is not valid JSON: {}",
                    unreadable.message
                );
                let span = at(unreadable.at..end);
                findings.push(
                    Diagnostic::at(file, &API_DOCTOR_CONFIG, span, message)
                        .help("fix it; its settings are not applied"),
                );
                continue;
            }
        };
        for (place, (key, reader)) in KINDS.iter().enumerate() {
            let Some(value) = member(&root, key) else {
                continue;
            };
            if let Some(first) = known[place] {
                let span = at(value.range.clone());
                let message = format!("duplicate `{key}`; the one in `{first}` is used");
                findings.push(
                    Diagnostic::at(file, &API_DOCTOR_CONFIG, span, message)
                        .severity(Severity::Info)
                        .help("keep only one of the two files"),
                );
                continue;
            }
            known[place] = Some(&file.path);
            if used.last().is_none_or(|last| *last != *file.path) {
                used.push(file.path.to_string());
            }
            if let Err(Unexpected { span, expected }) = reader(value, key, settings) {
                let message = format!("invalid API Doctor configuration: expected {expected}");
                let span = at(span.range());
                findings.push(
                    Diagnostic::at(file, &API_DOCTOR_CONFIG, span, message)
                        .help(format!("replace it with {expected}")),
                );
            }
        }
    }
    (used, findings)
}

fn quoted(key: &str) -> String {
    format!("\"{key}\"")
}

/// The value of a member of an object.
fn member<'n, 't>(node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    let NodeValue::Object(members) = &node.value else {
        return None;
    };
    let found = members.iter().find(|member| member.key == key)?;
    Some(&found.value)
}

/// The strings of a member; empty if it is missing.
fn strings(node: &Node<'_>, key: &str) -> Result<Vec<String>, Unexpected> {
    let Some(list) = member(node, key) else {
        return Ok(Vec::new());
    };
    list_of_strings(list)
}

fn list_of_strings(list: &Node<'_>) -> Result<Vec<String>, Unexpected> {
    let unexpected = |node: &Node<'_>, expected| Unexpected {
        span: node.range.clone().into(),
        expected,
    };
    let items = match &list.value {
        NodeValue::Array(items) => items,
        NodeValue::Null => return Ok(Vec::new()),
        _ => return Err(unexpected(list, "a list of strings")),
    };
    let text = |item: &Node<'_>| match &item.value {
        NodeValue::String(text) => Ok(text.to_string()),
        _ => Err(unexpected(item, "a string")),
    };
    items.iter().map(text).collect()
}

/// `schemaConfig`. API Doctor does not treat the folders and files to skip as
/// pages.
fn schema(config: &Node<'_>, _: &str, settings: &mut Settings) -> Result<(), Unexpected> {
    if !matches!(config.value, NodeValue::Object(_)) {
        return Err(Unexpected {
            span: config.range.clone().into(),
            expected: "an object",
        });
    }
    let is_there = |text: &String| !text.trim().is_empty();
    settings.required_keys = strings(config, "requiredYamlHeaders")?;
    settings.skipped.folders = strings(config, "foldersToSkip")?;
    settings.skipped.folders.retain(is_there);
    settings.skipped.files = strings(config, "filesToSkip")?;
    settings.levels.lenient = strings(config, "treatErrorsAsWarningsWorkloads")?;
    settings.levels.lenient.retain(is_there);
    Ok(())
}

/// `pathsToIgnore`: prefixes of links that are not checked.
fn links(paths: &Node<'_>, _: &str, settings: &mut Settings) -> Result<(), Unexpected> {
    settings.ignored_links = list_of_strings(paths)?;
    settings.ignored_links.retain(|path| !path.is_empty());
    Ok(())
}

/// `tableDefinitions`: the content of tables by the headings above them.
fn tables(config: &Node<'_>, _: &str, settings: &mut Settings) -> Result<(), Unexpected> {
    let tables = TableTitles::read(&config.to_value());
    settings.tables = tables.ok_or_else(|| Unexpected {
        span: config.range.clone().into(),
        expected: "an object with a list of `tables`",
    })?;
    Ok(())
}

/// The required headings of a page type.
fn headings(list: &Node<'_>, key: &str, settings: &mut Settings) -> Result<(), Unexpected> {
    settings.outline.add(key, list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(files: &[(&str, &str)]) -> (Settings, Vec<String>, Vec<String>) {
        let files: Vec<Page> = files
            .iter()
            .map(|(path, text)| Page::new(*path, (*text).to_owned()))
            .collect();
        let mut settings = Settings::default();
        let (used, findings) = read(&files, &mut settings);
        let shown = |finding: &Diagnostic| {
            let at = finding.start;
            let severity = finding.severity.name();
            format!(
                "{}:{}:{} {severity} {}",
                finding.file, at.line, at.column, finding.message
            )
        };
        (settings, used, findings.iter().map(shown).collect())
    }

    #[test]
    fn applies_the_files() {
        let (settings, used, findings) = read_all(&[
            ("a.json", "{\"pages\": [\"pathsToIgnored\"]}"),
            (
                "b.json",
                "\u{feff}{\"schemaConfig\": {\"requiredYamlHeaders\": [\"title\"], \
                 \"foldersToSkip\": [\"includes\", \"\"], \"filesToSkip\": [\"index.md\"], \
                 \"treatErrorsAsWarningsWorkloads\": [\"intune\", \" \"],}} // as they write it",
            ),
            ("c.json", "{\"pathsToIgnore\": [\"/azure\", \"\"]}"),
            ("d.json", "{\"nested\": {\"pathsToIgnore\": 1}}"),
        ]);
        assert_eq!(used, ["b.json", "c.json"]);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(settings.required_keys, ["title"]);
        assert_eq!(settings.skipped.folders, ["includes"]);
        assert_eq!(settings.skipped.files, ["index.md"]);
        assert_eq!(settings.levels.lenient, ["intune"]);
        assert_eq!(settings.ignored_links, ["/azure"]);
    }

    #[test]
    fn reports_unreadable_files() {
        let (settings, used, findings) = read_all(&[
            ("a.json", "{\n  \"pathsToIgnore\": [\"/a\"\n"),
            ("b.json", "\u{feff}{\"pathsToIgnore\": \"/a\"}"),
            ("c.json", "{\"pathsToIgnore\": [\"/b\"]}"),
            (
                "d.json",
                "{\"schemaConfig\": {\"filesToSkip\": [\"a\", 1]}}",
            ),
            ("e.json", "no JSON, and not API Doctor's"),
        ]);
        assert_eq!(used, ["b.json", "d.json"]);
        assert!(settings.ignored_links.is_empty());
        let expected = [
            "a.json:2:20 warning API Doctor configuration is not valid JSON: ",
            "b.json:1:19 warning invalid API Doctor configuration: expected a list of strings",
            "c.json:1:19 info duplicate `pathsToIgnore`; the one in `b.json` is used",
            "d.json:1:40 warning invalid API Doctor configuration: expected a string",
        ];
        assert_eq!(findings.len(), expected.len(), "{findings:#?}");
        for (found, expected) in findings.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found} is not {expected}");
        }
    }
}
