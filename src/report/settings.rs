//! The settings of a run as a table, and as JSON.

use anstyle::Style;
use serde::Serialize;
use serde_json::Value as Json;

use super::basics::{json_line, printable};
use crate::project::config::{FILE, Setting, Shown, Source};

const BOLD: Style = Style::new().bold();
const DIMMED: Style = Style::new().dimmed();

/// The widest column. Longer cells shift the rest of their row.
const WIDEST: usize = 48;

/// A row per setting below the heading of its group: key, value, source.
pub(crate) fn table(groups: &[(String, Vec<Setting>)]) -> String {
    let groups: Vec<(&str, Vec<[String; 3]>)> = groups
        .iter()
        .filter(|(_, settings)| !settings.is_empty())
        .map(|(heading, settings)| (heading.as_str(), settings.iter().map(cells).collect()))
        .collect();
    let rows = || groups.iter().flat_map(|(_, rows)| rows);
    let width = |column: usize| {
        let widths = rows().map(|row| row[column].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let (keys, values) = (width(0), width(1));
    let mut text = String::new();
    for (heading, rows) in &groups {
        let gap = if text.is_empty() { "" } else { "\n" };
        text += &format!("{gap}{BOLD}{}{BOLD:#}\n", printable(heading));
        for [key, value, source] in rows {
            text += &format!("  {key:<keys$}  {value:<values$}  {DIMMED}{source}{DIMMED:#}\n");
        }
    }
    text
}

fn cells(setting: &Setting) -> [String; 3] {
    let value = match &setting.value {
        Shown::Plain(Json::Null) => "-".to_owned(),
        Shown::Plain(Json::String(text)) => text.clone(),
        Shown::Plain(value) => value.to_string(),
        Shown::Secret { by, problem: None } => format!("set, by {by}"),
        Shown::Secret {
            problem: Some(problem),
            ..
        } => format!("not set: {problem}"),
    };
    let source = match &setting.source {
        Source::Default => "default".to_owned(),
        Source::File(line) => format!("{FILE}:{line}"),
        Source::Variable(name) | Source::Argument(name) => name.clone(),
    };
    [setting.key.as_str(), &value, &source].map(|cell| printable(cell).replace('\t', " "))
}

#[derive(Serialize)]
struct Row<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Secret<'a>>,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct Secret<'a> {
    set: bool,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'a str>,
}

/// A setting as a JSON object. `source` is `default`, `file` (with its `line`),
/// `variable` or `argument` (with its `name`).
pub(crate) fn json(setting: &Setting) -> String {
    let (value, secret) = match &setting.value {
        Shown::Plain(value) => (Some(value), None),
        Shown::Secret { by, problem } => {
            let secret = Secret {
                set: problem.is_none(),
                by,
                problem: problem.as_deref(),
            };
            (None, Some(secret))
        }
    };
    let (source, at, name) = match &setting.source {
        Source::Default => ("default", None, None),
        Source::File(line) => ("file", Some(*line), None),
        Source::Variable(name) => ("variable", None, Some(name.as_str())),
        Source::Argument(name) => ("argument", None, Some(name.as_str())),
    };
    json_line(&Row {
        key: &setting.key,
        value,
        secret,
        source,
        line: at,
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, value: Shown, source: Source, row: &str, object: &str) {
        let setting = Setting {
            key: key.to_owned(),
            value,
            source,
        };
        assert_eq!(json(&setting), object);
        let text = table(&[
            ("run".to_owned(), vec![setting]),
            ("none".to_owned(), Vec::new()),
        ]);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(plain, format!("run\n  {row}\n"));
    }

    #[test]
    fn writes_a_setting_as_a_row_and_an_object() {
        check(
            "a",
            Shown::Plain(Json::Null),
            Source::Default,
            "a  -  default",
            r#"{"key":"a","value":null,"source":"default"}"#,
        );
        check(
            "a",
            Shown::Plain(Json::from(vec!["b", "c"])),
            Source::File(3),
            r#"a  ["b","c"]  docproof.toml:3"#,
            r#"{"key":"a","value":["b","c"],"source":"file","line":3}"#,
        );
        check(
            "a",
            Shown::Secret {
                by: "KEY".to_owned(),
                problem: None,
            },
            Source::Variable("KEY".to_owned()),
            "a  set, by KEY  KEY",
            r#"{"key":"a","secret":{"set":true,"by":"KEY"},"source":"variable","name":"KEY"}"#,
        );
    }

    #[test]
    fn escapes_control_chars_of_the_file() {
        check(
            "a",
            Shown::Plain("b\u{1b}[2J\n\tc".into()),
            Source::Argument("--a".to_owned()),
            r"a  b\u{1b}[2J\n c  --a",
            r#"{"key":"a","value":"b\u001b[2J\n\tc","source":"argument","name":"--a"}"#,
        );
    }
}
