//! JSON: one object per line, one per case, finding or mutant, then the summary
//! with the version of the report.

use serde::Serialize;

use super::basics::json_line;
use super::model::{Data, Item, Report};
use super::version::summary_line;
use crate::text::source::Position;

/// The report.
pub(crate) fn report(report: &Report<'_>) -> String {
    match &report.data {
        Data::Run(run) => run.lines(),
        Data::Lines(lines) => (*lines).to_owned(),
        Data::Items(counts) => {
            let items = report.items();
            let mut lines: String = items.map(|(_, item)| finding(item) + "\n").collect();
            lines += &summary_line(*counts);
            lines.push('\n');
            lines
        }
    }
}

/// A finding. Lines and columns count from 1, columns in characters. The end is
/// the position after the last character.
#[derive(Serialize)]
struct FindingLine<'a> {
    page: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    help: Option<&'a str>,
    case: Option<&'a str>,
}

fn finding(item: &Item) -> String {
    let place = &item.place;
    let (start, end) = place.range.unzip();
    let column = |position: Option<Position>| position.map_or(1, |position| position.column);
    json_line(&FindingLine {
        page: &place.file,
        line: place.line,
        column: column(start),
        end_line: end.map_or(place.line, |end| end.line),
        end_column: column(end),
        rule: &item.rule,
        severity: item.severity.name(),
        message: &item.message,
        help: item.help.as_deref(),
        case: item.case.as_deref(),
    })
}
