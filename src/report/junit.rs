//! `JUnit`'s XML: a suite per page, a test case per entry. A test of the run as a
//! whole is in a suite of its own.

use std::borrow::Cow;
use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report as JunitReport, SerializeError, TestCase, TestCaseStatus,
    TestRerun, TestSuite,
};

use super::basics::printable;
use super::model::{Attempts, Entry, EntryKind, Item, Report, Status, Total};
use super::terminal;

/// The report.
pub(crate) fn report(report: &Report<'_>) -> Result<String, SerializeError> {
    let mut junit = JunitReport::new(report.title);
    if let Some(ms) = report.summary.ms {
        junit.set_time(duration(ms));
    }
    for page in &report.pages {
        let mut suite = TestSuite::new(&*page.page);
        let times = page.entries.iter().map(|entry| entry.ms);
        if let Some(ms) = times.sum::<Option<f64>>() {
            suite.set_time(duration(ms));
        }
        for (name, value) in &page.properties {
            suite.add_property((*name, &*printable(value)));
        }
        suite.add_test_cases(page.entries.iter().map(test_case));
        junit.add_test_suite(suite);
    }
    if let Some(total) = &report.summary.total {
        junit.add_test_suite(whole(report, total));
    }
    junit.to_string()
}

/// A duration. A negative or infinite one, as a hand-written record may have, is
/// zero.
fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default()
}

/// The suite of the run as a whole.
fn whole(report: &Report<'_>, total: &Total) -> TestSuite {
    let mut suite = TestSuite::new(report.title);
    for (name, value) in &total.properties {
        suite.add_property((*name, &**value));
    }
    let status = match &total.failure {
        None => TestCaseStatus::success(),
        Some(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(why.as_str()).set_type(total.name);
            status
        }
    };
    let mut test = TestCase::new(total.name, status);
    let log = report.summary.log();
    let lines: Vec<Cow<'_, str>> = log.iter().map(|line| printable(line)).collect();
    test.set_classname(report.title)
        .set_system_out(lines.join("\n"));
    suite.add_test_case(test);
    suite
}

fn test_case(entry: &Entry<'_>) -> TestCase {
    let mut test = TestCase::new(name(entry), status(entry));
    test.set_classname(&*entry.page);
    if let Some(ms) = entry.ms {
        test.set_time(duration(ms));
    }
    if matches!(entry.kind, EntryKind::Case | EntryKind::MutatedCase) {
        test.add_property(Property::new("page", &*entry.place.file))
            .add_property(Property::new("line", entry.place.line.to_string()));
    }
    for (name, value) in &entry.properties {
        test.add_property(Property::new(*name, &**value));
    }
    let output = output(entry);
    if !output.is_empty() {
        test.set_system_out(output);
    }
    test
}

fn name(entry: &Entry<'_>) -> String {
    match (entry.kind, entry.place.range) {
        (EntryKind::Finding, Some((start, _))) => {
            format!("{}:{} {}", start.line, start.column, entry.id)
        }
        (EntryKind::CleanPage, _) => "no finding".to_owned(),
        _ => printable(&entry.id).into_owned(),
    }
}

fn status(entry: &Entry<'_>) -> TestCaseStatus {
    match entry.status {
        Status::Pass => {
            let mut status = TestCaseStatus::success();
            add_reruns(&mut status, &entry.attempts);
            status
        }
        Status::Skip => {
            let mut status = TestCaseStatus::skipped();
            if let Some(skip) = &entry.skip {
                status
                    .set_message(&*printable(&skip.to_string()))
                    .set_type(skip.reason.as_str());
            }
            status
        }
        Status::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            if let Some(first) = entry.errors().next() {
                status
                    .set_message(&*printable(&first.message))
                    .set_type(&*first.rule);
            }
            status.set_description(description(entry));
            add_reruns(&mut status, &entry.attempts);
            status
        }
    }
}

/// All that is wrong with an entry, as text.
fn description(entry: &Entry<'_>) -> String {
    let line = |item: &Item| match entry.kind {
        EntryKind::MutatedCase => {
            let text = format!("{}  {}  {}", item.place, item.rule, item.message);
            printable(&text).into_owned()
        }
        _ => terminal::short_item(item),
    };
    if entry.kind == EntryKind::Case {
        return plain(&terminal::failure(entry));
    }
    entry.errors().map(line).collect::<Vec<_>>().join("\n")
}

/// What is shown as the output of a test case.
fn output(entry: &Entry<'_>) -> String {
    let lines: Vec<String> = match (entry.kind, entry.status) {
        (EntryKind::Case, Status::Fail) => return plain(&terminal::exchange(entry)),
        (EntryKind::MutatedCase, _) => {
            let survivors = entry.notes.iter().filter(|(label, _)| label == "survived");
            survivors
                .map(|(_, text)| printable(text).into_owned())
                .collect()
        }
        (EntryKind::Finding, Status::Pass) => {
            entry.items.iter().map(terminal::short_item).collect()
        }
        _ => Vec::new(),
    };
    lines.join("\n")
}

/// A text without styles.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// Adds the failed attempts. Those of a case that passed are flaky failures.
fn add_reruns(status: &mut TestCaseStatus, attempts: &Attempts) {
    let failed = attempts.list.iter();
    for attempt in failed.filter(|attempt| attempt.status == Status::Fail) {
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_time(duration(attempt.ms));
        if let Some(first) = attempt.items.first() {
            rerun
                .set_message(&*printable(&first.message))
                .set_type(&*first.rule);
        }
        status.add_rerun(rerun);
    }
}
