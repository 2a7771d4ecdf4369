//! Runs a case more than once: again after a failure, or to see whether it
//! always passes.

use std::future::Future;
use std::num::NonZeroU32;

use super::run::Judged;
use crate::run::options::Repetition;
use crate::run::outcome::{Attempt, CaseResult, Outcome};

/// Runs a case until it has passed `repeat` times, or failed after all retries.
/// Returns the last attempt, with the earlier ones.
pub(super) async fn run<F: Future<Output = Option<Judged>>>(
    repetition: &Repetition,
    once: impl Fn() -> F,
) -> Option<Judged> {
    let mut passes = repetition.repeat.map_or(1, NonZeroU32::get);
    let mut retries = repetition.retries;
    let mut last = once().await?;
    let mut earlier = Vec::new();
    loop {
        let Ok(result) = &mut last.result else {
            return Some(last);
        };
        let has_failed = match result.outcome {
            Outcome::Skip(_) => break,
            Outcome::Pass => {
                passes -= 1;
                if passes == 0 {
                    break;
                }
                retries = repetition.retries;
                false
            }
            Outcome::Fail(_) if retries == 0 => break,
            Outcome::Fail(_) => {
                retries -= 1;
                true
            }
        };
        let next = once().await;
        let is_sent = next.as_ref().is_some_and(|next| {
            !matches!(
                next.result,
                Ok(CaseResult {
                    outcome: Outcome::Skip(_),
                    ..
                })
            )
        });
        if has_failed && !is_sent {
            // If the case cannot be retried, the failure is final.
            break;
        }
        let mut next = next?;
        next.is_sent |= last.is_sent;
        earlier.push(Attempt {
            outcome: result.outcome.clone(),
            elapsed: result.elapsed,
        });
        last = next;
    }
    if let Ok(result) = &mut last.result {
        result.earlier = earlier;
    }
    Some(last)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::path::Path;

    use super::*;
    use crate::http::message::ActualResponse;
    use crate::project::plan::{Skip, SkipReason};
    use crate::run::judge::tests::{PAGE, judge, judge_in};
    use crate::run::outcome::Counts;
    use crate::run::snapshot::Update;

    /// An attempt: `p`ass, `f`ail, `s`kip, or cancelled.
    fn judged(letter: char) -> Option<Judged> {
        let judge = judge(None::<&Path>, Update::No, false);
        let status = if letter == 'p' { 404 } else { 500 };
        let response = ActualResponse {
            status,
            ..ActualResponse::default()
        };
        let mut result = judge_in(&judge, PAGE, response);
        match letter {
            'p' | 'f' => {}
            's' => {
                result.outcome = Outcome::Skip(Skip {
                    reason: SkipReason::RequestLimit,
                    detail: String::new(),
                });
            }
            _ => return None,
        }
        Some(Judged {
            result: Ok(result),
            is_sent: letter != 's',
            refusal: None,
        })
    }

    /// Checks how often a case ran, its outcome, how often it failed, and
    /// whether it is flaky.
    #[track_caller]
    fn check(retries: u32, repeat: u32, times: &str, expected: Option<(usize, &str, usize, bool)>) {
        let repetition = Repetition {
            retries,
            repeat: NonZeroU32::new(repeat),
            ..Repetition::default()
        };
        let at = Cell::new(0);
        let once = || async {
            let letter = times.chars().nth(at.get()).expect("not run so often");
            at.set(at.get() + 1);
            judged(letter)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let judged = runtime.expect("a runtime").block_on(run(&repetition, once));
        let outcome = judged.map(|judged| {
            let result = judged.result.expect("a result");
            let mut counts = Counts::default();
            counts.add(&result);
            assert_eq!(counts.flaky == 1, result.is_flaky());
            assert_eq!(counts.total(), 1);
            let outcome = result.outcome.name();
            (
                result.earlier.len() + 1,
                outcome,
                result.failures(),
                result.is_flaky(),
            )
        });
        assert_eq!(outcome, expected, "{times}");
        assert_eq!(at.get(), times.len(), "{times}");
    }

    #[test]
    fn retries_until_a_case_passes() {
        check(0, 1, "p", Some((1, "pass", 0, false)));
        check(0, 1, "f", Some((1, "fail", 1, false)));
        check(2, 1, "p", Some((1, "pass", 0, false)));
        check(2, 1, "fp", Some((2, "pass", 1, true)));
        check(2, 1, "ffp", Some((3, "pass", 2, true)));
        check(2, 1, "fff", Some((3, "fail", 3, false)));
        check(2, 1, "s", Some((1, "skip", 0, false)));
    }

    #[test]
    fn repeated_cases_must_always_pass() {
        check(0, 3, "ppp", Some((3, "pass", 0, false)));
        check(0, 3, "ppf", Some((3, "fail", 1, false)));
        check(0, 3, "f", Some((1, "fail", 1, false)));
        check(1, 3, "pfpfp", Some((5, "pass", 2, true)));
        check(1, 3, "pff", Some((3, "fail", 2, false)));
    }

    #[test]
    fn failures_are_final_if_a_retry_is_not_sent() {
        check(2, 1, "fx", Some((1, "fail", 1, false)));
        check(2, 1, "fs", Some((1, "fail", 1, false)));
        check(0, 2, "px", None);
        check(0, 2, "ps", Some((2, "skip", 0, false)));
        check(2, 1, "x", None);
    }
}
