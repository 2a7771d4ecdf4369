//! Delivers the results of a run in order, and detects a target that cannot be
//! reached.

use std::ops::ControlFlow;

use super::run::{Judged, Run};
use crate::page::case::Case;
use crate::run::error::RunError;
use crate::run::outcome::{CaseResult, Counts, KnownDeviation};

/// Number of consecutive refused connections after which the target counts as
/// unreachable. That is one error of the run; a single refused connection is a
/// failure of its case.
const REFUSALS: usize = 3;

/// The state of a run.
pub(super) struct Progress<'a, F> {
    pub run: &'a Run,
    pub done: F,
    pub counts: Counts,
    pub deviations: Vec<KnownDeviation>,
    pub error: Option<RunError>,
    /// Whether the target has responded.
    pub reached: bool,
    pub refused: usize,
    /// Results held back until it is known whether the target can be reached.
    pub held: Vec<(usize, Judged)>,
}

impl<F: FnMut(&Case, CaseResult) -> ControlFlow<()>> Progress<'_, F> {
    pub(super) fn add(&mut self, index: usize, judged: Judged) -> ControlFlow<()> {
        if let Err(RunError::Token(_)) = judged.result {
            return self.hand_over(index, judged);
        }
        if self.reached {
            return self.hand_over(index, judged);
        }
        if let Some(refusal) = &judged.refusal {
            self.refused += 1;
            self.error = Some(RunError::Unreachable {
                base: self.run.base.clone(),
                message: refusal.message.clone(),
            });
            if self.refused == REFUSALS {
                return ControlFlow::Break(());
            }
        } else if judged.is_sent {
            self.reached = true;
            self.error = None;
        }
        self.held.push((index, judged));
        if self.reached {
            self.release()
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Delivers the results that were held back.
    fn release(&mut self) -> ControlFlow<()> {
        for (index, judged) in std::mem::take(&mut self.held) {
            self.hand_over(index, judged)?;
        }
        ControlFlow::Continue(())
    }

    pub(super) fn end(&mut self) -> Result<(), RunError> {
        if self.error.is_none() {
            // Only skipped cases were held back, so stopping has no effect.
            let _ = self.release();
        }
        self.error.take().map_or(Ok(()), Err)
    }

    fn hand_over(&mut self, index: usize, judged: Judged) -> ControlFlow<()> {
        match judged.result {
            Ok(result) => {
                let case = &self.run.cases[self.run.units[index].case];
                self.counts.add(&result);
                self.deviations
                    .extend(result.known_deviation(&result.id(case)));
                (self.done)(case, result)
            }
            Err(error) => {
                self.error = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}
