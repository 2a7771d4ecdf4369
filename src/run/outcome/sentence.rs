//! The verdict of a run in one sentence.

use std::collections::BTreeMap;

use super::Proven;
use crate::run::compare::NotCompared;

/// The numbers that the verdict of a run states.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers<'n> {
    /// The number of cases that passed.
    pub passed: usize,
    /// The number of cases that failed.
    pub failed: usize,
    /// The number of failed cases without a response.
    pub no_response: usize,
    /// The number of cases that failed only because their accepted snapshot is
    /// missing.
    pub no_snapshot: usize,
    /// The number of selected cases that were not sent.
    pub unsent: usize,
    /// The number of passed cases with a known deviation.
    pub deviations: usize,
    /// The number of passed cases that were compared with their scenario instead
    /// of the page.
    pub replaced: usize,
    /// The response bodies, if they were counted.
    pub bodies: Option<BodyCounts<'n>>,
    /// The number of cases whose page documents no status.
    pub undocumented_statuses: usize,
    /// Whether all pages were read, and all selected cases were run or skipped.
    pub is_complete: bool,
}

/// How many response bodies were compared, and how many were not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyCounts<'n> {
    /// The number of those that were.
    pub compared: usize,
    /// The numbers of those that were not, by the name of the reason.
    pub not: &'n BTreeMap<String, usize>,
}

impl BodyCounts<'_> {
    /// `12 bodies compared, 5 not: 3 text, 2 not documented`, for a number of
    /// responses.
    fn describe(self, responses: usize) -> String {
        let bodies = if self.compared == 1 { "body" } else { "bodies" };
        let compared = format!("{} {bodies} compared", self.compared);
        let others = responses.saturating_sub(self.compared);
        if others == 0 {
            return compared;
        }
        let reasons = self.not.iter().map(|(name, number)| {
            NotCompared::of_name(name).map_or_else(
                || format!("{number} {name}"),
                |reason| reason.count(*number),
            )
        });
        let reasons: Vec<_> = reasons.collect();
        let colon = if reasons.is_empty() { "" } else { ": " };
        format!("{compared}, {others} not{colon}{}", reasons.join(", "))
    }
}

/// The verdict of a run in one sentence.
pub(crate) fn verdict(proven: Proven, numbers: Numbers<'_>, target: &str) -> String {
    let Numbers {
        passed,
        failed,
        unsent,
        is_complete,
        ..
    } = numbers;
    if passed + failed == 0 {
        let why = match (unsent, is_complete) {
            (0, _) => "no case was selected",
            (_, true) => "every case was skipped",
            (_, false) => "the run is incomplete",
        };
        return format!("No requests sent: {why}.");
    }
    if proven != Proven::Conformance {
        let run = if is_complete {
            "Mock run"
        } else {
            "Incomplete mock run"
        };
        return format!(
            "{run}: checks only that the examples parse and route. \
             Use `--base-url URL` to test the service."
        );
    }
    let claim = if failed > 0 {
        numbers.failure(target)
    } else {
        numbers.success(target)
    };
    let not_sent = match unsent {
        0 => String::new(),
        1 => "; 1 case was not sent".to_owned(),
        unsent => format!("; {unsent} cases were not sent"),
    };
    format!("{claim}{not_sent}.")
}

impl Numbers<'_> {
    /// The number of responses.
    fn responses(&self) -> usize {
        (self.passed + self.failed).saturating_sub(self.no_response)
    }

    /// What a run with failed cases shows.
    fn failure(&self, target: &str) -> String {
        let responses = counted(self.responses(), "response");
        let explained = self.no_response + self.no_snapshot;
        let differing = self.failed.saturating_sub(explained);
        let requests = counted(self.no_response, "request");
        let lacking = self.no_snapshot;
        let has = verb(lacking, "has", "have");
        if differing == 0 && self.no_response == 0 {
            return format!(
                "Not accepted: {lacking} of {responses} from {target} {has} no accepted snapshot"
            );
        }
        let mut text = if differing == 0 {
            format!("Not conformant: {requests} to {target} got no response")
        } else {
            let differ = verb(differing, "differs", "differ");
            format!(
                "Not conformant: {differing} of {responses} from {target} {differ} from the docs"
            )
        };
        if differing > 0 && self.no_response > 0 {
            text += &format!(", {requests} got no response");
        }
        if lacking > 0 {
            text += &format!(", {lacking} {has} no accepted snapshot");
        }
        text
    }

    /// What a run without failed cases shows.
    fn success(&self, target: &str) -> String {
        let sent = self.responses();
        let responses = counted(sent, "response");
        let matching = self.passed.saturating_sub(self.deviations + self.replaced);
        let claim = match (self.is_complete, self.deviations) {
            (false, _) => "Incomplete run".to_owned(),
            (true, 0) if matching == 0 => "Not compared".to_owned(),
            (true, 0) => "Conformant".to_owned(),
            (true, 1) => "Conformant except for 1 known deviation".to_owned(),
            (true, count) => format!("Conformant except for {count} known deviations"),
        };
        let replaced = match self.replaced {
            0 => String::new(),
            1 => ", 1 matches its scenario instead".to_owned(),
            count => format!(", {count} match their scenarios instead"),
        };
        let undocumented = (self.undocumented_statuses > 0).then(|| {
            let statuses = self.undocumented_statuses;
            format!(
                "{statuses} {} not documented",
                verb(statuses, "status", "statuses")
            )
        });
        let bodies = self.bodies.map(|bodies| bodies.describe(sent));
        let counts: Vec<String> = bodies.into_iter().chain(undocumented).collect();
        let compared = match counts.as_slice() {
            [] => String::new(),
            counts => format!(" ({})", counts.join("; ")),
        };
        format!(
            "{claim}: {matching} of {responses} from {target} match the docs{replaced}{compared}"
        )
    }
}

/// A number of things: `1 response`, `2 responses`.
fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// The form of a verb for a number of subjects.
fn verb(count: usize, singular: &'static str, plural: &'static str) -> &'static str {
    if count == 1 { singular } else { plural }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NO_REASONS: BTreeMap<String, usize> = BTreeMap::new();

    const WHOLE: Numbers<'static> = Numbers {
        passed: 17,
        failed: 0,
        no_response: 0,
        no_snapshot: 0,
        unsent: 0,
        deviations: 0,
        replaced: 0,
        bodies: Some(BodyCounts {
            compared: 12,
            not: &NO_REASONS,
        }),
        undocumented_statuses: 0,
        is_complete: true,
    };

    #[track_caller]
    fn check(numbers: Numbers<'_>, expected: &str) {
        assert_eq!(verdict(Proven::Conformance, numbers, "URL"), expected);
    }

    #[test]
    fn states_the_numbers_of_a_live_run() {
        check(
            WHOLE,
            "Conformant: 17 of 17 responses from URL match the docs (12 bodies compared, 5 not).",
        );
        check(
            Numbers {
                passed: 14,
                failed: 3,
                ..WHOLE
            },
            "Not conformant: 3 of 17 responses from URL differ from the docs.",
        );
        check(
            Numbers {
                deviations: 1,
                ..WHOLE
            },
            "Conformant except for 1 known deviation: 16 of 17 responses from URL match the docs \
             (12 bodies compared, 5 not).",
        );
        check(
            Numbers {
                passed: 13,
                is_complete: false,
                ..WHOLE
            },
            "Incomplete run: 13 of 13 responses from URL match the docs (12 bodies compared, \
             1 not).",
        );
    }

    #[test]
    fn says_why_bodies_were_not_compared() {
        let reasons = [
            ("text", 3),
            ("unreadable-documented-body", 1),
            ("unknown", 1),
        ];
        let not = reasons.map(|(name, count)| (name.to_owned(), count)).into();
        let of = |compared| Numbers {
            bodies: Some(BodyCounts {
                compared,
                not: &not,
            }),
            ..WHOLE
        };
        check(
            of(12),
            "Conformant: 17 of 17 responses from URL match the docs (12 bodies compared, 5 not: \
             3 text, 1 unknown, 1 unreadable documented body).",
        );
        check(
            of(17),
            "Conformant: 17 of 17 responses from URL match the docs (17 bodies compared).",
        );
    }

    #[test]
    fn counts_undocumented_statuses() {
        let numbers = |undocumented_statuses, bodies| Numbers {
            bodies,
            undocumented_statuses,
            ..WHOLE
        };
        check(
            numbers(3, WHOLE.bodies),
            "Conformant: 17 of 17 responses from URL match the docs (12 bodies compared, 5 not; \
             3 statuses not documented).",
        );
        check(
            numbers(1, None),
            "Conformant: 17 of 17 responses from URL match the docs (1 status not documented).",
        );
    }

    #[test]
    fn counts_the_cases_that_were_not_sent() {
        check(
            Numbers {
                passed: 13,
                unsent: 4,
                ..WHOLE
            },
            "Conformant: 13 of 13 responses from URL match the docs (12 bodies compared, 1 not); \
             4 cases were not sent.",
        );
        check(
            Numbers {
                passed: 0,
                failed: 1,
                unsent: 1,
                ..WHOLE
            },
            "Not conformant: 1 of 1 response from URL differs from the docs; 1 case was not sent.",
        );
    }

    #[test]
    fn counts_failures_without_a_difference_apart() {
        let check = |failed, no_response, no_snapshot, expected| {
            let numbers = Numbers {
                passed: 2,
                failed,
                no_response,
                no_snapshot,
                ..WHOLE
            };
            check(numbers, expected);
        };
        check(
            3,
            1,
            0,
            "Not conformant: 2 of 4 responses from URL differ from the docs, 1 request got no \
             response.",
        );
        check(
            2,
            2,
            0,
            "Not conformant: 2 requests to URL got no response.",
        );
        check(
            3,
            1,
            1,
            "Not conformant: 1 of 4 responses from URL differs from the docs, 1 request got no \
             response, 1 has no accepted snapshot.",
        );
        check(
            2,
            0,
            2,
            "Not accepted: 2 of 4 responses from URL have no accepted snapshot.",
        );
    }

    #[test]
    fn counts_replaced_responses_apart() {
        let check = |passed, replaced, expected| {
            let numbers = Numbers {
                passed,
                replaced,
                bodies: None,
                ..WHOLE
            };
            check(numbers, expected);
        };
        check(
            3,
            1,
            "Conformant: 2 of 3 responses from URL match the docs, 1 matches its scenario instead.",
        );
        check(
            2,
            2,
            "Not compared: 0 of 2 responses from URL match the docs, 2 match their scenarios \
             instead.",
        );
    }

    #[test]
    fn claims_nothing_if_nothing_was_sent() {
        let none = Numbers {
            passed: 0,
            unsent: 4,
            ..WHOLE
        };
        let checks = [
            (none, "No requests sent: every case was skipped."),
            (
                Numbers { unsent: 0, ..none },
                "No requests sent: no case was selected.",
            ),
            (
                Numbers {
                    is_complete: false,
                    ..none
                },
                "No requests sent: the run is incomplete.",
            ),
        ];
        for (numbers, expected) in checks {
            for proven in [Proven::Nothing, Proven::Parsing, Proven::Conformance] {
                assert_eq!(verdict(proven, numbers, "URL"), expected);
            }
        }
    }

    #[test]
    fn says_that_a_mock_run_is_incomplete() {
        let cut = Numbers {
            is_complete: false,
            ..WHOLE
        };
        let said = |numbers| verdict(Proven::Parsing, numbers, "mock");
        assert!(said(WHOLE).starts_with("Mock run: "));
        assert!(said(cut).starts_with("Incomplete mock run: "));
    }
}
