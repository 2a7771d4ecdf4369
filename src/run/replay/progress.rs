//! The results of a run in order, and whether the target can be reached at all.

use std::ops::ControlFlow;

use super::run::{Judged, Run};
use crate::page::case::Case;
use crate::run::error::RunError;
use crate::run::outcome::{CaseResult, Counts, KnownDeviation};

/// How many exchanges in turn must find nobody before the target counts as one
/// that cannot be reached. That is one error of the run, not a failure of each
/// case; one refused connection among answers is that case's.
const REFUSALS: usize = 3;

/// A run under way.
pub(super) struct Progress<'a, F> {
    pub run: &'a Run,
    pub done: F,
    pub counts: Counts,
    pub deviations: Vec<KnownDeviation>,
    pub error: Option<RunError>,
    /// Whether the target has answered.
    pub reached: bool,
    pub refused: usize,
    /// What came before it is known whether the target can be reached.
    pub held: Vec<(usize, Judged)>,
}

impl<F: FnMut(&Case, CaseResult) -> ControlFlow<()>> Progress<'_, F> {
    pub(super) fn take(&mut self, index: usize, judged: Judged) -> ControlFlow<()> {
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

    /// Hands over what was held back.
    fn release(&mut self) -> ControlFlow<()> {
        for (index, judged) in std::mem::take(&mut self.held) {
            self.hand_over(index, judged)?;
        }
        ControlFlow::Continue(())
    }

    pub(super) fn end(&mut self) -> Result<(), RunError> {
        if self.error.is_none() {
            // All that was held back are skips. Whoever ends the run here ends
            // nothing any more.
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
