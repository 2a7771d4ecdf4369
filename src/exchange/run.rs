//! A whole plan at once: bounded concurrency, results in the order of the
//! plan, and an end at any moment.

use std::collections::BTreeMap;
use std::future::Future;
use std::mem;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::{Client, Exchange};
use crate::plan::Planned;

/// How often results are looked at while requests are under way. To be woken
/// for each one would cost more than the exchange itself.
const TICK: Duration = Duration::from_millis(5);

/// Sends a plan's steps, at most `jobs` at a time. `done` gets the index of
/// each case in turn, with its exchange, or nothing for a skipped one, and may
/// end the run. Returns whether the plan was carried out to its end.
pub async fn run(
    plan: &Arc<[Planned]>,
    client: &Client,
    jobs: NonZeroUsize,
    cancel: impl Future<Output = ()>,
    mut done: impl FnMut(usize, Option<Exchange>) -> ControlFlow<()>,
) -> bool {
    let work = Arc::new(Work {
        plan: Arc::clone(plan),
        next: AtomicUsize::new(0),
        exchanges: Mutex::new(Vec::new()),
    });
    // Dropped, the set aborts its tasks: nothing more is sent.
    let mut tasks = JoinSet::new();
    for _ in 0..jobs.get().min(plan.len()) {
        tasks.spawn(Arc::clone(&work).send(client.clone()));
    }
    let mut order = Order {
        plan,
        at: 0,
        early: BTreeMap::new(),
    };
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(cancel);
    loop {
        let ended = tokio::select! {
            joined = tasks.join_next() => {
                // A task that panicked is a fault of this program, not an end.
                if let Some(Err(error)) = joined
                    && let Ok(panicked) = error.try_into_panic()
                {
                    panic::resume_unwind(panicked);
                }
                tasks.is_empty()
            }
            _ = tick.tick() => false,
            () = &mut cancel => {
                order.early.extend(work.take());
                order.rest(&mut done);
                return false;
            }
        };
        order.early.extend(work.take());
        if order.advance(&mut done).is_break() {
            return false;
        }
        if ended {
            return true;
        }
    }
}

/// What the tasks share.
struct Work {
    plan: Arc<[Planned]>,
    next: AtomicUsize,
    exchanges: Mutex<Vec<(usize, Exchange)>>,
}

impl Work {
    /// Sends one step after the other, until there is none left.
    async fn send(self: Arc<Self>, client: Client) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            match self.plan.get(index) {
                None => return,
                Some(Planned::Skip(_)) => {}
                Some(Planned::Send(step)) => {
                    let exchange = client.exchange(step).await;
                    self.lock().push((index, exchange));
                }
            }
        }
    }

    fn take(&self) -> Vec<(usize, Exchange)> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(usize, Exchange)>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts exchanges that end out of turn back into the order of the plan.
struct Order<'a> {
    plan: &'a [Planned],
    at: usize,
    early: BTreeMap<usize, Exchange>,
}

impl Order<'_> {
    /// Hands over what is in turn.
    fn advance(
        &mut self,
        done: &mut impl FnMut(usize, Option<Exchange>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        while let Some(planned) = self.plan.get(self.at) {
            let exchange = self.early.remove(&self.at);
            if exchange.is_none() && matches!(planned, Planned::Send(_)) {
                break;
            }
            self.at += 1;
            done(self.at - 1, exchange)?;
        }
        ControlFlow::Continue(())
    }

    /// Hands over all that is known, with gaps.
    fn rest(mut self, done: &mut impl FnMut(usize, Option<Exchange>) -> ControlFlow<()>) {
        for (index, planned) in self.plan.iter().enumerate().skip(self.at) {
            let exchange = self.early.remove(&index);
            let is_known = exchange.is_some() || matches!(planned, Planned::Skip(_));
            if is_known && done(index, exchange).is_break() {
                return;
            }
        }
    }
}
