//! The rules as a table, and as JSON.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::basics::json_line;
use crate::text::rules::Rule;
use crate::text::severity::{Level, Severity};

const BOLD: Style = Style::new().bold();

/// A row per rule below its family: name, level, and what breaks it.
pub(crate) fn table<'r>(rules: impl Iterator<Item = &'r Rule>) -> String {
    let mut text = String::new();
    let mut family = None;
    for rule in rules {
        if family != Some(rule.family) {
            let gap = if family.is_some() { "\n" } else { "" };
            text += &format!("{gap}{BOLD}{}{BOLD:#}\n", rule.family.name());
            family = Some(rule.family);
        }
        let style = match rule.level {
            Level::Report(Severity::Error) => AnsiColor::Red.on_default(),
            Level::Report(Severity::Warning) => AnsiColor::Yellow.on_default(),
            Level::Report(Severity::Info) | Level::Off => Style::new().dimmed(),
        };
        text += &format!(
            "  {:<26} {style}{:<7}{style:#} {}\n",
            rule.name,
            rule.level.name(),
            rule.summary
        );
    }
    text
}

#[derive(Serialize)]
struct Row<'a> {
    rule: &'a str,
    family: &'a str,
    level: &'a str,
    summary: &'a str,
}

/// A rule as a JSON object.
pub(crate) fn json(rule: &Rule) -> String {
    json_line(&Row {
        rule: rule.name,
        family: rule.family.name(),
        level: rule.level.name(),
        summary: rule.summary,
    })
}
