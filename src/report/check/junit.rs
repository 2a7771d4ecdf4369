//! `JUnit`'s XML: a suite a page, and a test case a finding. Only errors are
//! failures; what else was found stands in the output of a case that passed.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::report::excerpt::short;
use crate::report::printable;
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

/// The findings, which are sorted by page, of the pages with these names.
pub(super) fn report<'p>(
    pages: impl IntoIterator<Item = &'p str>,
    findings: &[Diagnostic],
) -> Result<String, SerializeError> {
    let mut report = Report::new("docproof check");
    let mut suites: Vec<(&str, Vec<TestCase>)> = Vec::new();
    for findings in findings.chunk_by(|a, b| a.file == b.file) {
        suites.push((&findings[0].file, findings.iter().map(test_case).collect()));
    }
    let found = suites.len();
    for page in pages {
        if suites[..found]
            .binary_search_by(|(name, _)| (*name).cmp(page))
            .is_err()
        {
            let mut passed = TestCase::new("no finding", TestCaseStatus::success());
            passed.set_classname(page);
            suites.push((page, vec![passed]));
        }
    }
    suites.sort_by_key(|(page, _)| *page);
    for (page, cases) in suites {
        let mut suite = TestSuite::new(page);
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    report.to_string()
}

fn test_case(finding: &Diagnostic) -> TestCase {
    let name = format!(
        "{}:{} {}",
        finding.start.line, finding.start.column, finding.rule.name
    );
    let mut case = if finding.severity == Severity::Error {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(&*printable(&finding.message))
            .set_type(finding.rule.name)
            .set_description(short(finding));
        TestCase::new(name, status)
    } else {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(short(finding));
        case
    };
    case.set_classname(&*finding.file);
    case
}
