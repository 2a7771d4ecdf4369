//! The run as a page: each case a row, and tables of the counts.

use super::record::CaseRecord;
use super::{Run, SENTENCE, became, percent, title};
use crate::report::html::{self, Cell, Detail, Row, Sheet, Table, bar};
use crate::report::pretty::plural;
use crate::report::printable;

/// The run.
pub(super) fn report(run: &Run<'_>) -> Result<String, askama::Error> {
    let rows: Vec<Row> = run.cases.iter().map(|case| row(case, run)).collect();
    let filters = html::filters(
        &rows,
        &[
            ("fail", "Failed"),
            ("policy", "With survivors by policy"),
            ("skip", "Not judged"),
            ("pass", "Passed"),
        ],
    );
    let all = run.tally.all;
    let has_failures = run.failures().next().is_some();
    let low = run.low.map(|why| format!("This run fails: {why}"));
    let warnings = [low, run.unread_pages()];
    html::document(Sheet {
        title: "docproof mutants".to_owned(),
        headline: headline(run),
        is_good: run.is_good(),
        counts: run.counts(),
        proves: Some("Comparison."),
        sentence: SENTENCE.to_owned(),
        warnings: warnings
            .into_iter()
            .flatten()
            .map(|text| printable(&format!("{text}.")).into_owned())
            .collect(),
        facts: facts(run),
        bar: bar(&[
            ("fail", all.holes),
            ("pass", all.killed),
            ("skip", all.by_policy),
        ]),
        tables: [kinds(run), groups(run)]
            .into_iter()
            .filter(|table| !table.rows.is_empty())
            .collect(),
        noun: "case",
        filters,
        start: if has_failures { "fail" } else { "all" },
        rows,
        footer: format!("Written by docproof {}.", env!("CARGO_PKG_VERSION")),
    })
}

fn headline(run: &Run<'_>) -> String {
    let tally = run.tally;
    let cases = plural(tally.judged, "case");
    let mut text = if tally.all.score().is_some() {
        let (score, holes) = (percent(tally.all), plural(tally.all.holes, "hole"));
        format!("Score {score}: {holes} in {cases}")
    } else {
        format!("Nothing was to be noticed in {cases}")
    };
    if !tally.false_alarms.is_empty() {
        text += &format!(", {}", plural(tally.false_alarms.len(), "false alarm"));
    }
    text
}

fn facts(run: &Run<'_>) -> Vec<(&'static str, String)> {
    let tally = run.tally;
    let all = tally.all;
    let facts = [
        ("Score", percent(all)),
        ("Mutants", all.made().to_string()),
        ("Killed", all.killed.to_string()),
        ("By policy", all.by_policy.to_string()),
        ("Holes", all.holes.to_string()),
        ("False alarms", tally.false_alarms.len().to_string()),
        (
            "Not judged",
            printable(&run.unjudged_reasons()).into_owned(),
        ),
        ("Left out", run.left_out().unwrap_or_default()),
        ("Took", format!("{:.2} s", run.elapsed.as_secs_f64())),
    ];
    let facts = facts.into_iter();
    facts.filter(|(_, value)| !value.is_empty()).collect()
}

fn kinds(run: &Run<'_>) -> Table {
    let rows = run.kinds().map(|(kind, counts)| {
        let name = Cell::Text(title(kind));
        let counts = [counts.made(), counts.killed, counts.by_policy, counts.holes];
        let counts = counts.into_iter().map(Cell::Number);
        [name].into_iter().chain(counts).collect()
    });
    Table {
        title: "How answers were broken",
        columns: &["Mutant", "Made", "Killed", "By policy", "Holes"],
        rows: rows.collect(),
    }
}

fn groups(run: &Run<'_>) -> Table {
    let rows = run.groups().map(|(kind, reason, count, example)| {
        vec![
            Cell::Number(count),
            Cell::Text(kind.name().to_owned()),
            Cell::Text(reason.describe().to_owned()),
            Cell::Text(printable(&example).into_owned()),
        ]
    });
    Table {
        title: "Survivors by policy, which are no holes",
        columns: &["Count", "Mutant", "Rule", "Such as"],
        rows: rows.collect(),
    }
}

fn row(case: &CaseRecord, run: &Run<'_>) -> Row {
    let file = (run.file)(&case.page);
    let failures = case.failures();
    let line = failures.first().map_or(case.line, |failure| failure.line);
    let (classes, word, said) = match (&case.judged, failures) {
        (Err(_), _) => ("skip", "Skip", case.unjudged().unwrap_or_default()),
        (Ok(judged), []) if judged.survivors.is_empty() => ("pass", "Pass", became(judged.counts)),
        (Ok(judged), []) => ("pass policy", "Pass", became(judged.counts)),
        (Ok(judged), [first, more @ ..]) => {
            let classes = if judged.survivors.is_empty() {
                "fail"
            } else {
                "fail policy"
            };
            let more = match more.len() {
                0 => String::new(),
                count => format!(" (and {count} more)"),
            };
            (classes, "Fail", format!("{}{more}", first.message()))
        }
    };
    let name = html::name(&case.id, &case.page, &case.target);
    Row {
        classes: classes.to_owned(),
        word,
        code: printable(&case.method).into_owned(),
        name: printable(name).into_owned(),
        place: printable(&format!("{file}:{line}")).into_owned(),
        said: printable(&said).into_owned(),
        details: details(case, &file),
        ..Row::default()
    }
}

/// The failures with their lines, and which rules let which mutants through.
fn details(case: &CaseRecord, file: &str) -> Vec<Detail> {
    let Ok(judged) = &case.judged else {
        return Vec::new();
    };
    let said = |label: &str, text: &str| Detail::Said {
        label: label.to_owned(),
        text: printable(text).into_owned(),
    };
    let mut details = Vec::new();
    if !judged.failures.is_empty() {
        details.push(said("case", &case.id));
        details.push(said("counts", &became(judged.counts)));
    }
    for failure in &judged.failures {
        details.push(said(failure.kind.name(), &failure.message()));
        if let Some(excerpt) = &failure.excerpt {
            details.push(Detail::excerpt(file, excerpt));
        }
    }
    let survivors = judged.survivors.iter();
    details.extend(survivors.map(|group| said("survived", &group.text(file))));
    details
}
