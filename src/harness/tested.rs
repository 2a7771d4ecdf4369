//! What the tests of a process have sent, and what that proves.

use libtest_mimic::Conclusion;

use crate::run::outcome::{KnownDeviation, Numbers, Proof, Proven};

/// The cases for which a request was sent so far.
#[derive(Debug, Default)]
pub(super) struct Tested {
    pub passed: usize,
    pub failed: usize,
    pub deviations: Vec<KnownDeviation>,
}

impl Tested {
    /// What the run has proved, and the numbers of its verdict. Tests of unreadable pages
    /// send nothing, and neither does a test whose service did not start.
    pub(super) fn numbers(
        &self,
        proof: Proof,
        unread: usize,
        run: &Conclusion,
    ) -> (Proven, Numbers) {
        let count = |tests: u64| usize::try_from(tests).unwrap_or(usize::MAX);
        let sent = self.passed + self.failed;
        let unsent = (count(run.num_passed) + count(run.num_failed)).saturating_sub(sent);
        let left_out = match sent {
            0 => 0,
            _ => count(run.num_filtered_out),
        };
        let numbers = Numbers {
            passed: self.passed,
            failed: self.failed,
            unsent: unsent + count(run.num_ignored) + left_out,
            deviations: self.deviations.len(),
            bodies: None,
            is_complete: unread == 0 && unsent == 0,
        };
        (Proven::of(proof, sent), numbers)
    }
}
