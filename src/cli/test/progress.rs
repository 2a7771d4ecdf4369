//! The progress bar of a run, on standard error.

use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::cli::args::ShownArgs;
use crate::cli::reports::Reports;
use crate::report::printable;
use crate::run::environment::in_ci;
use crate::run::outcome::{CaseResult, Outcome};
use crate::run::{Replay, Running};

/// Interval between updates.
const TICK: Duration = Duration::from_millis(120);
/// Minimum time before the bar names a running case.
const SLOW: Duration = Duration::from_millis(500);

/// The progress bar, if it is visible.
#[derive(Debug, Default)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    pass: usize,
    fail: usize,
    skip: usize,
}

impl Progress {
    /// Creates the bar. It is hidden outside of a terminal, in CI and with `--quiet`.
    pub(super) fn new(shown: &ShownArgs, reports: &Reports, replay: &mut Replay) -> Self {
        let is_visible = std::io::stderr().is_terminal() && !in_ci();
        if !is_visible || shown.quiet || !reports.is_pretty() {
            return Self::default();
        }
        let Some(running) = replay.watch() else {
            return Self::default();
        };
        let count = u64::try_from(replay.units().len()).unwrap_or(u64::MAX);
        let bar = ProgressBar::new(count).with_style(style(running));
        bar.enable_steady_tick(TICK);
        Self {
            bar: Some(bar),
            ..Self::default()
        }
    }

    /// Counts a result.
    pub(super) fn count(&mut self, result: &CaseResult) {
        let Some(bar) = &self.bar else {
            return;
        };
        match result.outcome {
            Outcome::Pass => self.pass += 1,
            Outcome::Fail(_) => self.fail += 1,
            Outcome::Skip(_) => self.skip += 1,
        }
        bar.set_message(format!(
            "{} passed, {} failed, {} skipped",
            self.pass, self.fail, self.skip
        ));
        bar.inc(1);
    }

    /// Hides the bar while `write` prints.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes the bar.
    pub(super) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Whether the bar is visible.
    pub(super) fn is_shown(&self) -> bool {
        self.bar.is_some()
    }
}

fn style(running: Arc<Running>) -> ProgressStyle {
    let slowest = move |_: &ProgressState, into: &mut dyn std::fmt::Write| {
        if let Some((id, elapsed)) = running.slowest()
            && elapsed > SLOW
        {
            // Errors while drawing the bar are ignored.
            let _ = write!(into, "{} {:.0} s", printable(id), elapsed.as_secs_f64());
        }
    };
    ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}  {slowest}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
        .with_key("slowest", slowest)
}
