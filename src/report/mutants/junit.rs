//! `JUnit`'s XML: a suite a page, a test case a case, whose failures are its
//! holes and false alarms. One more suite has the counts of all, in properties
//! as `JUnit` has no other place for them; its one test fails where the score is
//! not enough.

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use super::record::CaseRecord;
use super::{Run, became, percent};
use crate::report::printable;
use crate::tools::mutants::Counts;

/// The name of the report, and of the suite of the counts.
const NAME: &str = "docproof mutants";

/// The run.
pub(super) fn report(run: &Run<'_>) -> Result<String, SerializeError> {
    let mut report = Report::new(NAME);
    report.set_time(run.elapsed);
    for cases in run.cases.chunk_by(|a, b| a.page == b.page) {
        let page = &cases[0].page;
        let counts = run.tally.pages.get(page).copied().unwrap_or_default();
        let mut suite = TestSuite::new(&**page);
        add_counts(&mut suite, counts);
        suite.add_test_cases(cases.iter().map(|case| test_case(case, run)));
        report.add_test_suite(suite);
    }
    report.add_test_suite(all(run));
    report.to_string()
}

fn add_counts(suite: &mut TestSuite, counts: Counts) {
    suite.add_property(("proves", "comparison"));
    suite.add_property(("score", &*percent(counts)));
    for (name, value) in properties(counts) {
        suite.add_property((name, &*value));
    }
}

fn properties(counts: Counts) -> [(&'static str, String); 3] {
    [
        ("killed", counts.killed.to_string()),
        ("by-policy", counts.by_policy.to_string()),
        ("holes", counts.holes.to_string()),
    ]
}

/// What the whole run came to.
fn all(run: &Run<'_>) -> TestSuite {
    let mut suite = TestSuite::new(NAME);
    add_counts(&mut suite, run.tally.all);
    let alarms = run.tally.false_alarms.len().to_string();
    suite.add_property(("false-alarms", &*alarms));
    for (kind, counts) in run.kinds() {
        suite.add_property((kind.name(), &*became(counts)));
    }
    let status = match run.low {
        None => TestCaseStatus::success(),
        Some(why) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(why).set_type("score");
            status
        }
    };
    let mut score = TestCase::new("score", status);
    let lines: Vec<String> = run
        .remarks()
        .iter()
        .map(|line| printable(line).into_owned())
        .collect();
    score.set_classname(NAME).set_system_out(lines.join("\n"));
    suite.add_test_case(score);
    suite
}

fn test_case(case: &CaseRecord, run: &Run<'_>) -> TestCase {
    let file = (run.file)(&case.page);
    let mut test = TestCase::new(&*printable(&case.id), status(case, &file));
    test.set_classname(&*case.page)
        .add_property(Property::new("page", &*file))
        .add_property(Property::new("line", case.line.to_string()));
    if let Ok(judged) = &case.judged {
        for (name, value) in properties(judged.counts) {
            test.add_property(Property::new(name, value));
        }
        let survivors: Vec<String> = judged
            .survivors
            .iter()
            .map(|group| printable(&group.text(&file)).into_owned())
            .collect();
        if !survivors.is_empty() {
            test.set_system_out(survivors.join("\n"));
        }
    }
    test
}

fn status(case: &CaseRecord, file: &str) -> TestCaseStatus {
    if let Some(why) = case.unjudged() {
        let mut status = TestCaseStatus::skipped();
        status.set_message(&*printable(&why));
        return status;
    }
    let failures = case.failures();
    let Some(first) = failures.first() else {
        return TestCaseStatus::success();
    };
    let lines: Vec<String> = failures
        .iter()
        .map(|failure| {
            let name = failure.kind.name();
            let text = format!("{file}:{}  {name}  {}", failure.line, failure.message());
            printable(&text).into_owned()
        })
        .collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status
        .set_message(&*printable(&first.message()))
        .set_type(first.kind.name())
        .set_description(lines.join("\n"));
    status
}
