//! Rate limits: in total, and for each host.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::project::config::Rates;

/// Delays requests to the configured rates.
#[derive(Debug, Default)]
pub(super) struct Pace {
    all: Option<Lane>,
    per_host: Option<(Duration, Mutex<HashMap<String, Lane>>)>,
}

/// Slots at a fixed interval.
#[derive(Debug)]
struct Lane {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Lane {
    fn new(interval: Duration) -> Self {
        Self {
            interval,
            next: Mutex::new(Instant::now()),
        }
    }

    /// Takes the next slot: now, if the last one was more than an interval ago.
    fn turn(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(Instant::now());
        *next = turn + self.interval;
        turn
    }
}

impl Pace {
    /// Limits the requests a second.
    pub(super) fn new(rates: Rates) -> Self {
        let interval = |rate: f64| Duration::from_secs_f64(1.0 / rate);
        Self {
            all: rates.all.map(|rate| Lane::new(interval(rate))),
            per_host: rates
                .per_host
                .map(|rate| (interval(rate), Mutex::new(HashMap::new()))),
        }
    }

    /// Waits until a request to a host may be sent.
    pub(super) async fn wait(&self, host: &str) {
        // The host's slot comes first, so that a slow host does not delay
        // others.
        if let Some((interval, lanes)) = &self.per_host {
            let turn = {
                let mut lanes = lanes.lock().unwrap_or_else(PoisonError::into_inner);
                match lanes.get(host) {
                    Some(lane) => lane.turn(),
                    None => lanes
                        .entry(host.to_owned())
                        .or_insert_with(|| Lane::new(*interval))
                        .turn(),
                }
            };
            sleep_until(turn).await;
        }
        if let Some(lane) = &self.all {
            sleep_until(lane.turn()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number of requests admitted within `within` ms.
    #[track_caller]
    fn check(rates: Rates, hosts: &[&str], within: u64, expected: usize) {
        let pace = Pace::new(rates);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let count = runtime.block_on(async {
            let start = Instant::now();
            let mut count = 0;
            for host in hosts {
                pace.wait(host).await;
                if start.elapsed() > Duration::from_millis(within) {
                    break;
                }
                count += 1;
            }
            count
        });
        assert_eq!(count, expected);
    }

    #[test]
    fn delays_requests_to_the_configured_rates() {
        let rates = |all, per_host| Rates { all, per_host };
        check(rates(None, None), &["a"; 9], 0, 9);
        check(rates(Some(10.0), None), &["a"; 9], 450, 5);
        check(rates(None, Some(10.0)), &["a"; 9], 450, 5);
        check(rates(None, Some(10.0)), &["a", "b", "c"], 50, 3);
        check(rates(Some(10.0), Some(1.0)), &["a", "b", "c"], 150, 2);
    }
}
