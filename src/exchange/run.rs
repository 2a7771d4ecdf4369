//! A whole plan at once: bounded concurrency, results in the order of the
//! plan, and an end at any moment.

use std::collections::BTreeMap;
use std::future::Future;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Client, Exchange};
use crate::plan::Planned;

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
    let sends: Arc<[usize]> = plan
        .iter()
        .enumerate()
        .filter(|(_, planned)| matches!(planned, Planned::Send(_)))
        .map(|(index, _)| index)
        .collect();
    let next = Arc::new(AtomicUsize::new(0));
    let (sender, mut receiver) = mpsc::channel(jobs.get());
    let mut tasks = JoinSet::new();
    for _ in 0..jobs.get().min(sends.len()) {
        let (plan, sends, next) = (Arc::clone(plan), Arc::clone(&sends), Arc::clone(&next));
        let (client, sender) = (client.clone(), sender.clone());
        tasks.spawn(async move {
            while let Some(&index) = sends.get(next.fetch_add(1, Ordering::Relaxed)) {
                let Planned::Send(step) = &plan[index] else {
                    continue;
                };
                let exchange = client.exchange(step).await;
                if sender.send((index, exchange)).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut order = Order {
        plan,
        at: 0,
        early: BTreeMap::new(),
    };
    tokio::pin!(cancel);
    loop {
        if order.advance(&mut done).is_break() {
            return false;
        }
        tokio::select! {
            received = receiver.recv() => match received {
                Some((index, exchange)) => {
                    order.early.insert(index, exchange);
                }
                None => return order.at == plan.len(),
            },
            () = &mut cancel => {
                // Dropping the tasks stops the sending; what came back out of
                // turn is still known.
                tasks.abort_all();
                receiver.close();
                while let Ok((index, exchange)) = receiver.try_recv() {
                    order.early.insert(index, exchange);
                }
                let mut flow = order.advance(&mut done);
                for (index, exchange) in order.early {
                    if flow.is_continue() {
                        flow = done(index, Some(exchange));
                    }
                }
                return false;
            }
        }
    }
}

/// Puts exchanges that end out of turn back into the order of the plan.
struct Order<'a> {
    plan: &'a [Planned],
    at: usize,
    early: BTreeMap<usize, Exchange>,
}

impl Order<'_> {
    fn advance(
        &mut self,
        done: &mut impl FnMut(usize, Option<Exchange>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        while let Some(planned) = self.plan.get(self.at) {
            let exchange = match planned {
                Planned::Skip(_) => None,
                Planned::Send(_) => match self.early.remove(&self.at) {
                    Some(exchange) => Some(exchange),
                    None => break,
                },
            };
            self.at += 1;
            done(self.at - 1, exchange)?;
        }
        ControlFlow::Continue(())
    }
}
