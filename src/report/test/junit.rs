//! `JUnit`'s XML: a suite a page, a test case a case.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestRerun,
    TestSuite,
};

use crate::report::pretty;
use crate::report::printable;
use crate::report::record::{CaseRecord, OutcomeName, RunRecord};

/// The run.
pub(super) fn report(run: &RunRecord) -> Result<String, SerializeError> {
    let mut report = Report::new("docproof test");
    report.set_time(duration(run.summary.ms));
    for cases in run.cases.chunk_by(|a, b| a.page == b.page) {
        let mut suite = TestSuite::new(&*cases[0].page);
        suite.set_time(duration(cases.iter().map(|case| case.ms).sum()));
        suite.add_property(("proves", run.summary.proves.name()));
        suite.add_property(("target", &*printable(&run.summary.target)));
        suite.add_test_cases(cases.iter().map(test_case));
        report.add_test_suite(suite);
    }
    report.to_string()
}

/// A time that is none, as only a hand-written record has it, is no time.
fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default()
}

/// Adds the times that a case failed before: a flaky failure of one that passed.
fn add_reruns(status: &mut TestCaseStatus, case: &CaseRecord) {
    for attempt in &case.earlier {
        if attempt.outcome != OutcomeName::Fail {
            continue;
        }
        let mut rerun = TestRerun::new(NonSuccessKind::Failure);
        rerun.set_time(duration(attempt.ms));
        if let Some(first) = attempt.differences.first() {
            rerun
                .set_message(&*printable(&first.message))
                .set_type(&*first.kind);
        }
        status.add_rerun(rerun);
    }
}

fn test_case(case: &CaseRecord) -> TestCase {
    let status = match case.outcome {
        OutcomeName::Pass => {
            let mut status = TestCaseStatus::success();
            add_reruns(&mut status, case);
            status
        }
        OutcomeName::Skip => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(&*printable(&case.skipped_for()));
            if let Some(reason) = &case.reason {
                status.set_type(reason.as_str());
            }
            status
        }
        OutcomeName::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            if let Some(first) = case.differences.first() {
                status
                    .set_message(&*printable(&first.message))
                    .set_type(&*first.kind);
            }
            let text = pretty::failure(case);
            status.set_description(anstream::adapter::strip_str(&text).to_string());
            add_reruns(&mut status, case);
            status
        }
    };
    let mut test = TestCase::new(&*printable(&case.id), status);
    test.set_classname(&*case.page)
        .set_time(duration(case.ms))
        .add_property(Property::new("page", case.file()))
        .add_property(Property::new("line", case.line.to_string()));
    if case.outcome == OutcomeName::Fail && case.exchange.is_some() {
        let text = pretty::exchange(case);
        test.set_system_out(anstream::adapter::strip_str(&text).to_string());
    }
    test
}
