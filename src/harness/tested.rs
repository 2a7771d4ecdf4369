//! What the tests of a process have sent, and what that proves.

use libtest_mimic::Conclusion;

use crate::run::outcome::{Counts, KnownDeviation, Numbers, Proof, Proven};

/// The cases for which a request was sent so far.
#[derive(Debug, Default)]
pub(super) struct Tested {
    pub counts: Counts,
    pub deviations: Vec<KnownDeviation>,
}

impl Tested {
    /// What the run has proved, and the numbers of its verdict. Tests of unreadable pages
    /// send nothing, and neither does a test whose service did not start. `orphans` is the
    /// number of tests for orphaned snapshots, which are of no case.
    pub(super) fn numbers(
        &self,
        proof: Proof,
        unread: usize,
        orphans: usize,
        run: &Conclusion,
    ) -> (Proven, Numbers<'static>) {
        let count = |tests: u64| usize::try_from(tests).unwrap_or(usize::MAX);
        let counts = &self.counts;
        let sent = counts.sent();
        let ran = count(run.num_passed) + count(run.num_failed);
        let unsent = ran.saturating_sub(sent + orphans);
        let left_out = match sent {
            0 => 0,
            _ => count(run.num_filtered_out),
        };
        let numbers = Numbers {
            passed: counts.pass,
            failed: counts.fail,
            no_response: counts.no_response,
            no_snapshot: counts.no_snapshot,
            replaced: counts.replaced,
            unsent: unsent + count(run.num_ignored) + left_out,
            deviations: self.deviations.len(),
            bodies: None,
            undocumented_statuses: counts.undocumented_statuses,
            is_complete: unread == 0 && unsent == 0,
        };
        (Proven::of(proof, sent), numbers)
    }
}
