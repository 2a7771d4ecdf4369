//! Describes what recognition found.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::basics::{plural, printable};
use crate::page::case::Case;
use crate::page::recognise::RecognitionRule;
use crate::page::totals::Totals;

/// Maximum number of names in a line.
const MOST_NAMES: usize = 8;

/// The examples by rule: `154 examples recognised (120 status-line, 34 below)`.
pub(crate) fn examples(totals: &Totals) -> String {
    let of = plural(totals.examples(), "example");
    if totals.pairs.is_empty() {
        return format!("{of} recognised");
    }
    format!("{of} recognised ({})", by_rule(&totals.pairs))
}

/// The pages and the examples of a docs root.
pub(crate) fn pages(totals: &Totals) -> String {
    let of = plural(totals.pages, "page");
    if totals.pages == totals.without_examples {
        return format!("no examples found in {of}: none is annotated, and none is recognised");
    }
    let mut line = format!("{of}, {}", examples(totals));
    if totals.without_examples > 0 {
        let without = plural(totals.without_examples, "page");
        line += &format!(", {without} without examples");
    }
    line
}

/// What a check says if the docs have annotations, and recognition is off because of
/// them: `found` are the numbers of the pages without annotations.
pub(crate) fn not_read(annotated: usize, pages: usize, found: &Totals) -> String {
    format!(
        "annotations on {annotated} of {}; {} on other pages were not read; set `unannotated = \"on\"` in `[extract]`, or use `--unannotated on`",
        plural(pages, "page"),
        plural(found.examples(), "recognisable example"),
    )
}

/// What a run on recognised examples says first; `None` if all are annotated.
pub(crate) fn of_run(cases: &[Case]) -> Option<String> {
    let counts = counts(cases);
    if counts.is_empty() {
        return None;
    }
    let found = plural(counts.values().sum(), "example");
    let rules = by_rule(&counts);
    let is_annotated = |case: &Case| case.recognised.is_none();
    Some(
        match cases.iter().filter(|case| is_annotated(case)).count() {
            0 => format!(
                "no annotations found; recognised {found} by rule ({rules}); pin them with `docproof annotate`"
            ),
            annotated => format!(
                "recognised {found} by rule ({rules}) beside {annotated} annotated; pin them with `docproof annotate`"
            ),
        },
    )
}

/// The number of recognised cases by rule.
pub(crate) fn counts(cases: &[Case]) -> BTreeMap<RecognitionRule, usize> {
    let mut counts = BTreeMap::new();
    for rule in cases.iter().filter_map(|case| case.recognised) {
        *counts.entry(rule).or_default() += 1;
    }
    counts
}

/// What a person can act on, a line each. `service` are the base URLs of the docs.
pub(crate) fn summary(totals: &Totals, service: &[String]) -> Vec<String> {
    let mut lines = vec![pages(totals)];
    if !totals.hosts.is_empty() {
        lines.push(format!("hosts: {}", counted(&totals.hosts, "")));
    }
    if !service.is_empty() {
        lines.push(format!(
            "to send the requests to another base URL, put into `[docs]` of docproof.toml: {}",
            service_line(service)
        ));
    }
    if !totals.placeholders.is_empty() {
        let names = counted(&totals.placeholders, "{}");
        lines.push(format!(
            "placeholders: {names}; set their values with `--var`"
        ));
    }
    if totals.undocumented > 0 {
        let count = plural(totals.undocumented, "example");
        lines.push(format!(
            "{count} without a documented status: any 2xx conforms"
        ));
    }
    if totals.alone > 0 {
        lines.push(format!(
            "{} without a response",
            plural(totals.alone, "request")
        ));
    }
    for (reason, count) in &totals.unreadable {
        let count = plural(*count, "command");
        lines.push(format!("{count} not read: {}", printable(reason)));
    }
    for (rule, count) in &totals.proposed {
        let (count, rule) = (plural(*count, "example"), rule.name());
        lines.push(format!(
            "{count} proposed by `{rule}`: not used unless `rules` in `[extract]` has it"
        ));
    }
    lines
}

/// The examples that cannot be annotated for a reason.
pub(crate) fn apart(reason: &str, places: &[String]) -> String {
    let shown = places.iter().take(MOST_NAMES);
    let mut shown: Vec<_> = shown.map(|place| printable(place).into_owned()).collect();
    if places.len() > MOST_NAMES {
        shown.push(format!("{} more", places.len() - MOST_NAMES));
    }
    let count = plural(places.len(), "example");
    format!(
        "{count} cannot be annotated: {reason} ({})",
        shown.join(", ")
    )
}

/// The line of `service` in docproof.toml.
pub(crate) fn service_line(service: &[String]) -> String {
    let quoted: Vec<String> = service.iter().map(|url| format!("{url:?}")).collect();
    match quoted.as_slice() {
        [one] => format!("service = {one}"),
        all => format!("service = [{}]", all.join(", ")),
    }
}

fn by_rule(pairs: &BTreeMap<RecognitionRule, usize>) -> String {
    let pairs = pairs.iter();
    let counts = pairs.map(|(rule, count)| format!("{count} {}", rule.name()));
    counts.collect::<Vec<_>>().join(", ")
}

/// Names with their counts, the most frequent first. `around` encloses a name.
fn counted(counts: &BTreeMap<impl Display, usize>, around: &str) -> String {
    let (open, close) = around.split_at(around.len() / 2);
    let mut counts: Vec<_> = counts.iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let shown = counts.iter().take(MOST_NAMES);
    let mut shown: Vec<String> = shown
        .map(|(name, count)| format!("{open}{}{close} ({count})", printable(&name.to_string())))
        .collect();
    if counts.len() > MOST_NAMES {
        shown.push(format!("{} more", counts.len() - MOST_NAMES));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals() -> Totals {
        Totals {
            pages: 3,
            without_examples: 1,
            pairs: BTreeMap::from([
                (RecognitionRule::StatusLine, 4),
                (RecognitionRule::Below, 1),
            ]),
            ..Totals::default()
        }
    }

    #[test]
    fn counts_pages_and_examples() {
        assert_eq!(
            pages(&totals()),
            "3 pages, 5 examples recognised (4 status-line, 1 below), 1 page without examples"
        );
        let none = Totals {
            pages: 2,
            without_examples: 2,
            ..Totals::default()
        };
        assert_eq!(
            pages(&none),
            "no examples found in 2 pages: none is annotated, and none is recognised"
        );
    }

    #[test]
    fn lists_some_of_many_places() {
        let places: Vec<String> = (1..=9).map(|line| format!("a.md:{line}")).collect();
        assert_eq!(
            apart("why", &places[..2]),
            "2 examples cannot be annotated: why (a.md:1, a.md:2)"
        );
        assert!(apart("why", &places).ends_with("a.md:8, 1 more)"));
    }

    #[test]
    fn summary_names_what_was_found() {
        let hosts = [("https://a.example", 1), ("$API_URL", 4)];
        let found = Totals {
            hosts: hosts.map(|(host, count)| (host.to_owned(), count)).into(),
            placeholders: BTreeMap::from([("id".to_owned(), 2)]),
            undocumented: 2,
            alone: 1,
            unreadable: BTreeMap::from([("no\turl\u{7}".to_owned(), 2)]),
            proposed: BTreeMap::from([(RecognitionRule::Endpoint, 3)]),
            ..totals()
        };
        let service = ["$API_URL/v1".to_owned(), "https://a.example".to_owned()];
        assert_eq!(
            summary(&found, &service)[1..],
            [
                "hosts: $API_URL (4), https://a.example (1)",
                "to send the requests to another base URL, put into `[docs]` of docproof.toml: \
                 service = [\"$API_URL/v1\", \"https://a.example\"]",
                "placeholders: {id} (2); set their values with `--var`",
                "2 examples without a documented status: any 2xx conforms",
                "1 request without a response",
                "2 commands not read: no\turl\\u{7}",
                "3 examples proposed by `endpoint`: not used unless `rules` in `[extract]` has it",
            ]
        );
        assert_eq!(summary(&totals(), &[]).len(), 1);
    }
}
