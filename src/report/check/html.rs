//! The check as a page: each finding a row that opens.

use super::Check;
use crate::report::html::{Detail, Filter, Row, Sheet, bar, document};
use crate::report::pretty::plural;
use crate::report::printable;
use crate::report::record::Excerpt;
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

/// The check.
pub(super) fn report(check: &Check<'_>) -> Result<String, askama::Error> {
    let of = |severity: Severity| {
        let count = check.summary.severities.get(severity.name());
        count.copied().unwrap_or_default()
    };
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let mut filters = vec![Filter {
        key: "all",
        label: "All",
        count: check.findings.len(),
    }];
    for (severity, label) in [
        (Severity::Error, "Errors"),
        (Severity::Warning, "Warnings"),
        (Severity::Info, "Info"),
    ] {
        let findings = check.findings.iter();
        let count = findings.filter(|found| found.severity == severity).count();
        if count > 0 {
            filters.push(Filter {
                key: severity.name(),
                label,
                count,
            });
        }
    }
    let pages = plural(check.summary.pages, "page");
    document(Sheet {
        title: "docproof check".to_owned(),
        headline: match (errors, warnings) {
            (0, 0) => format!("Nothing is wrong on {pages}"),
            (0, warnings) => format!("{} on {pages}", plural(warnings, "warning")),
            (errors, _) => format!("{} on {pages}", plural(errors, "error")),
        },
        is_good: check.is_good(),
        counts: check.counts.to_owned(),
        proves: None,
        sentence: format!(
            "{}. Nothing was sent: this is about the pages alone.",
            check.counts
        ),
        warnings: Vec::new(),
        facts: Vec::new(),
        bar: bar(&[("fail", errors), ("skip", warnings)]),
        tables: Vec::new(),
        noun: "finding",
        start: if errors > 0 { "error" } else { "all" },
        filters,
        rows: check.findings.iter().map(row).collect(),
        footer: format!("Written by docproof {}.", env!("CARGO_PKG_VERSION")),
    })
}

fn row(finding: &Diagnostic) -> Row {
    let mut details = Vec::new();
    if let Some(snippet) = &finding.snippet {
        let file = &finding.file;
        details.push(Detail::excerpt(file, &Excerpt::of(snippet)));
    }
    if let Some(help) = &finding.help {
        details.push(Detail::Said {
            label: "help".to_owned(),
            text: printable(help).into_owned(),
        });
    }
    let (line, column) = (finding.start.line, finding.start.column);
    Row {
        classes: finding.severity.name().to_owned(),
        word: match finding.severity {
            Severity::Error => "Error",
            Severity::Warning => "Warning",
            Severity::Info => "Info",
        },
        name: finding.rule.name.to_owned(),
        place: printable(&format!("{}:{line}:{column}", finding.file)).into_owned(),
        said: printable(&finding.message).into_owned(),
        details,
        ..Row::default()
    }
}
