//! One unit of a run: a case by itself, or with one of its scenarios.

use std::sync::atomic::Ordering;

use super::attempts;
use super::run::{Judged, Run};
use super::schedule::{Stop, Work};
use crate::project::plan::Planned;
use crate::run::exchange::BodyWait;
use crate::run::outcome::Outcome;

impl Run {
    /// Runs a unit once.
    async fn once(&self, index: usize, stop: &Stop) -> Option<Judged> {
        let unit = &self.units[index];
        let case = &self.cases[unit.case];
        let running = self.running.as_ref();
        let _under_way = running.map(|running| running.begin(index));
        match (&unit.planned, &unit.scenario, &self.scripts) {
            (Planned::Skip(skip), scenario, _) => {
                let skipped = self.judge.skipped(skip.clone(), scenario.as_deref());
                Some(Judged::unsent(Ok(skipped)))
            }
            (Planned::Send(step), ..) => {
                let wait = BodyWait::of(case, self.judge.compares_body(case));
                tokio::select! {
                    biased;
                    () = stop.wait() => None,
                    exchange = self.client.exchange(step, wait) => {
                        Some(self.sent(case, exchange, None, Vec::new()))
                    }
                }
            }
            (Planned::Script, Some(scenario), Some(scripts)) => {
                self.script(scripts, case, scenario, stop).await
            }
            (Planned::Script, ..) => unreachable!("a script is planned from its scenario"),
        }
    }
}

impl Work for Run {
    type Output = Judged;

    async fn piece(&self, index: usize, stop: &Stop) -> Option<Judged> {
        attempts::run(&self.repetition, || self.once(index, stop)).await
    }

    fn is_enough(&self, judged: &Judged) -> bool {
        let Some(most) = self.repetition.max_fail else {
            return false;
        };
        let result = judged.result.as_ref();
        let has_failed = result.is_ok_and(|result| matches!(result.outcome, Outcome::Fail(_)));
        has_failed && self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= most.get()
    }
}
