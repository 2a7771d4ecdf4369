//! Runs a scenario: set-up, the documented request, tear-down.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{Method, header};
use url::Url;

use super::cookies::Jar;
use super::run::{Judged, Run, Scripts};
use super::schedule::Stop;
use crate::http::message::{ActualResponse, Content};
use crate::page::case::Case;
use crate::project::plan::{self, StepError};
use crate::project::scenario::{
    self, Context, Expectation, Poll, Retry, Scenario, Source, Step, StepRequest, Variable,
    Variables,
};
use crate::run::compare::{Difference, DifferenceKind, ScenarioPlace};
use crate::run::exchange::{BodyWait, Exchange, TransportError, TransportKind};
use crate::run::observation::status_line;

/// A running scenario.
struct Script<'a> {
    run: &'a Run,
    scripts: &'a Scripts,
    case: &'a Case,
    stop: Stop,
    variables: Variables,
    cookies: Jar,
    /// The first request that was not sent because of the request limit or a
    /// missing access token.
    halted: Option<Exchange>,
}

/// The result of sending a step.
struct Sent {
    /// The exchange of the request itself.
    exchange: Exchange,
    /// The last response of the polled operation.
    polled: Option<ActualResponse>,
}

impl Sent {
    /// The response to the last request that was sent.
    fn last(&self) -> Result<&ActualResponse, &TransportError> {
        match &self.polled {
            Some(actual) => Ok(actual),
            None => self.exchange.response.as_ref(),
        }
    }
}

/// Why a scenario ends early.
enum End {
    /// It was told to stop.
    Stopped,
    /// A step failed.
    Failed(Box<Difference>),
    /// A request needs a variable that no earlier step has set.
    Unset(Box<Difference>),
}

impl Run {
    /// Runs the scenario of a case. After the stop signal, only tear-down steps
    /// are sent.
    pub(super) async fn script(
        &self,
        scripts: &Scripts,
        case: &Case,
        scenario: &Scenario,
        stop: &Stop,
    ) -> Option<Judged> {
        let group = scenario.serial.as_ref();
        let _alone = match group.and_then(|group| scripts.serial.get(group)) {
            None => None,
            Some(lock) => tokio::select! {
                biased;
                () = stop.wait() => return None,
                guard = lock.lock() => Some(guard),
            },
        };
        let vars = scripts.target.live.vars.iter();
        let target = vars.map(|(name, value)| (name.clone(), Variable::text(value)));
        let mut script = Script {
            run: self,
            scripts,
            case,
            stop: stop.clone(),
            variables: Variables::new(target.collect(), &scenario.vars),
            cookies: Jar::default(),
            halted: None,
        };
        let start = Instant::now();
        let outcome = script.up_to_main(scenario).await;
        let is_whole = matches!(&outcome, Ok((_, found)) if found.is_empty());
        let left = script.tear_down(scenario, is_whole).await;
        let halted = script.halted.as_ref();
        if let Some(halted) = halted.and_then(|halted| self.halted(halted, Some(scenario))) {
            return Some(halted);
        }
        let (exchange, mut found) = match outcome {
            Ok((sent, found)) => (Some(sent.exchange), found),
            Err(End::Failed(difference) | End::Unset(difference)) => (None, vec![*difference]),
            Err(End::Stopped) => return None,
        };
        found.extend(left);
        Some(match exchange {
            Some(exchange) => self.sent(case, exchange, Some(scenario), found),
            None => Judged {
                result: Ok(self
                    .judge
                    .failed_before_main(found, scenario, start.elapsed())),
                is_sent: true,
                refusal: None,
            },
        })
    }
}

impl Script<'_> {
    /// Runs the set-up and sends the documented request. Returns the
    /// expectations that its response does not meet.
    async fn up_to_main(&mut self, scenario: &Scenario) -> Result<(Sent, Vec<Difference>), End> {
        for step in &scenario.setup {
            self.step(step, DifferenceKind::Setup).await?;
        }
        let step = &scenario.main;
        let is_compared = self.run.judge.compares_body(self.case);
        let wait = self.wait(step, is_compared);
        let sent = self.send(step, wait, DifferenceKind::Setup).await?;
        let mut found = Vec::new();
        if let Ok(actual) = sent.last() {
            found.extend(self.unmet(step, &step.expect, actual));
            if let Err(End::Failed(difference)) = self.capture(step, actual) {
                found.push(*difference);
            }
        }
        Ok((sent, found))
    }

    /// Runs the tear-down, the last step first. If the scenario failed, steps
    /// that need a missing capture are skipped.
    async fn tear_down(&mut self, scenario: &Scenario, is_whole: bool) -> Vec<Difference> {
        // The stop signal does not stop the tear-down, and its unsent requests
        // do not change the result.
        self.stop = Stop::never();
        let halted = self.halted.take();
        let mut found = Vec::new();
        for step in scenario.teardown.iter().rev() {
            match self.step(step, DifferenceKind::Teardown).await {
                Err(End::Failed(difference)) => found.push(*difference),
                Err(End::Unset(difference)) if is_whole => found.push(*difference),
                Ok(()) | Err(End::Unset(_) | End::Stopped) => {}
            }
        }
        self.halted = halted;
        found
    }

    /// Runs a step of set-up or tear-down, whose response must be the expected
    /// one.
    async fn step(&mut self, step: &Step, kind: DifferenceKind) -> Result<(), End> {
        let wait = self.wait(step, false);
        let sent = self.send(step, wait, kind).await?;
        let actual = sent
            .last()
            .map_err(|error| broken(step, kind, &error.response()))?;
        // Captured first, so that created data can be torn down even if the
        // step fails.
        let captured = self.capture(step, actual);
        let is_expected = step.expect.iter().any(Expectation::is_about_status);
        if !is_expected {
            let (fits, expected) = self.documented_status(step, actual.status);
            // After polling, the last response is that of another request.
            if !fits && step.poll.is_none() {
                let observed = status_line(actual.status);
                return Err(failed(step, kind, &expected, &observed));
            }
        }
        if let Some(difference) = self.unmet(step, &step.expect, actual).into_iter().next() {
            return Err(failing(Difference { kind, ..difference }));
        }
        captured.map_err(|end| match end {
            End::Failed(difference) => failing(Difference {
                kind,
                ..*difference
            }),
            end @ (End::Unset(_) | End::Stopped) => end,
        })
    }

    /// Whether a status is the documented one; a status 2xx if none is
    /// documented. Also describes the expected status.
    fn documented_status(&self, step: &Step, status: u16) -> (bool, String) {
        let documented = match step.request {
            StepRequest::Case(index) => self.scripts.all_cases[index].response.as_ref(),
            StepRequest::Raw { .. } => None,
        };
        match documented {
            Some(documented) => {
                let expected = documented.message.status;
                (expected.matches(status), status_line(expected))
            }
            None => ((200..300).contains(&status), "status 2xx".to_owned()),
        }
    }

    /// How long to wait for the body of the response to a step.
    fn wait(&self, step: &Step, is_compared: bool) -> BodyWait {
        let captured = step.capture.iter().map(|capture| &capture.source);
        let expected = step.expect.iter().map(|expect| &expect.source);
        let is_used = is_compared || captured.chain(expected).any(Source::is_of_body);
        match step.request {
            StepRequest::Case(index) => BodyWait::of(&self.scripts.all_cases[index], is_used),
            StepRequest::Raw { .. } if is_used => BodyWait::Whole,
            StepRequest::Raw { .. } => BodyWait::Stream,
        }
    }

    /// Sends a step, with retries, and polls the operation that it started.
    async fn send(
        &mut self,
        step: &Step,
        wait: BodyWait,
        kind: DifferenceKind,
    ) -> Result<Sent, End> {
        if self.stop.is_set() {
            return Err(End::Stopped);
        }
        self.variables.start_step(&step.vars);
        let target = &self.scripts.target;
        let cases = &self.scripts.all_cases;
        let rendered = self.with_context(|context| {
            let request = plan::render(step, cases, target, context)?;
            plan::check_secrets(&request, &target.live, context)?;
            Ok(request)
        });
        let request = rendered.map_err(|error| {
            let is_unset = matches!(
                error,
                StepError::Render(scenario::RenderError::Unset { .. })
            );
            let difference = broken_difference(step, kind, &error.to_string());
            if is_unset {
                End::Unset(difference)
            } else {
                End::Failed(difference)
            }
        })?;
        let mut attempt = 1;
        let exchange = loop {
            let exchange = self.exchange(&request, wait).await;
            let Some(delay) = step
                .retry
                .as_ref()
                .and_then(|retry| again(retry, attempt, &exchange))
            else {
                break exchange;
            };
            self.pause(delay).await?;
            attempt += 1;
        };
        let polled = match (&exchange.response, &step.poll) {
            (Ok(actual), Some(poll)) if actual.status == 202 => {
                Some(self.poll(step, poll, actual, &exchange.url).await?)
            }
            _ => None,
        };
        Ok(Sent { exchange, polled })
    }

    /// Polls an operation until it finishes.
    async fn poll(
        &mut self,
        step: &Step,
        poll: &Poll,
        accepted: &ActualResponse,
        url: &str,
    ) -> Result<ActualResponse, End> {
        let give_up =
            |expected: &str, observed: &str| failed(step, DifferenceKind::Poll, expected, observed);
        let named = poll
            .headers
            .iter()
            .find_map(|name| accepted.headers.get(name));
        let Some(monitor) = named else {
            let names = poll.headers.join(" or ");
            return Err(give_up(&names, "a 202 response without that header"));
        };
        let monitor = Url::parse(url).and_then(|base| base.join(monitor));
        let monitor = monitor.map_err(|error| {
            let message = format!("the URL of the operation is invalid: {error}");
            broken(step, DifferenceKind::Poll, &message)
        })?;
        let request = plan::Step {
            method: Method::GET,
            url: monitor.to_string(),
            headers: http::HeaderMap::new(),
            body: None,
            settled: Vec::new(),
        };
        let start = Instant::now();
        loop {
            let exchange = self.exchange(&request, BodyWait::Whole).await;
            let actual = exchange
                .response
                .map_err(|error| broken(step, DifferenceKind::Poll, &error.response()))?;
            if self.unmet(step, &poll.until, &actual).is_empty() {
                return Ok(actual);
            }
            if !poll.fail_on.is_empty() && self.unmet(step, &poll.fail_on, &actual).is_empty() {
                return Err(give_up("the operation to succeed", "the operation failed"));
            }
            if start.elapsed() + poll.interval > poll.timeout {
                let unmet = self.unmet(step, &poll.until, &actual);
                let observed = unmet.first().and_then(|unmet| unmet.observed.clone());
                let expected = format!(
                    "the operation to finish within {} s",
                    poll.timeout.as_secs()
                );
                return Err(give_up(&expected, &observed.unwrap_or_default()));
            }
            let delay = retry_after(&actual).unwrap_or(poll.interval);
            self.pause(delay.clamp(poll.interval, poll.timeout)).await?;
        }
    }

    /// Sends a request with the scenario's cookies, and stores the cookies of
    /// the response.
    async fn exchange(&mut self, request: &plan::Step, wait: BodyWait) -> Exchange {
        let url = Url::parse(&request.url).ok();
        let settles = |name| request.headers.contains_key(name) || request.settled.contains(name);
        let cookies = url.as_ref().filter(|_| !settles(&header::COOKIE));
        let cookies = cookies.and_then(|url| {
            let client = &self.run.client;
            let given = client.own_header(url, &header::COOKIE);
            self.cookies.header(url, client.is_own(url), given)
        });
        let exchange = match cookies {
            Some(cookies) => {
                let mut request = request.clone();
                request.headers.insert(header::COOKIE, cookies);
                // The target's cookies are included.
                request.settled.push(header::COOKIE);
                self.run.client.exchange(&request, wait).await
            }
            None => self.run.client.exchange(request, wait).await,
        };
        if self.halted.is_none()
            && let Err(error) = &exchange.response
            && matches!(error.kind, TransportKind::Limit | TransportKind::Token)
        {
            self.halted = Some(exchange.clone());
        }
        if let (Ok(actual), Some(url)) = (&exchange.response, &url) {
            let is_own = self.run.client.is_own(url);
            self.cookies.store(url, is_own, &actual.headers);
        }
        exchange
    }

    /// Waits, unless the run is told to stop.
    async fn pause(&self, delay: Duration) -> Result<(), End> {
        tokio::select! {
            biased;
            () = self.stop.wait() => Err(End::Stopped),
            () = tokio::time::sleep(delay) => Ok(()),
        }
    }

    /// Sets the variables that a step captures from its response.
    fn capture(&mut self, step: &Step, actual: &ActualResponse) -> Result<(), End> {
        let seen = scenario::ParsedResponse::new(actual.status, &actual.headers, content(actual));
        for capture in &step.capture {
            let value = capture.take(&seen).map_err(|error| {
                let place = ScenarioPlace {
                    line: capture.line,
                    ..place(step)
                };
                failing(Difference {
                    scenario: Some(place),
                    ..Difference::new(
                        DifferenceKind::Capture,
                        &capture.name,
                        Some(error.to_string()),
                    )
                })
            })?;
            if value.secret {
                self.run
                    .judge
                    .keep_secret(&capture.name, &value.value.to_text());
            }
            self.variables.capture(&capture.name, value);
        }
        Ok(())
    }

    /// Returns the expectations that a response does not meet.
    fn unmet(
        &mut self,
        step: &Step,
        expect: &[Expectation],
        actual: &ActualResponse,
    ) -> Vec<Difference> {
        let seen = scenario::ParsedResponse::new(actual.status, &actual.headers, content(actual));
        let judge = &self.run.judge;
        let schema = |name: &str, value: &serde_json::Value| judge.fits_resource(name, value);
        let mut found = Vec::new();
        for expectation in expect {
            let unmet = self.with_context(|context| expectation.check(&seen, context, &schema));
            let at = |line| {
                Some(ScenarioPlace {
                    line,
                    ..place(step)
                })
            };
            match unmet {
                Ok(unmet) => found.extend(unmet.into_iter().map(|unmet| Difference {
                    scenario: at(unmet.line),
                    ..Difference::new(
                        DifferenceKind::Expectation,
                        format!("{} {}", unmet.source, unmet.expected),
                        Some(unmet.observed),
                    )
                })),
                Err(error) => found.push(Difference {
                    scenario: at(expectation.line),
                    ..Difference::new(
                        DifferenceKind::Expectation,
                        format!("cannot check `{}`: {error}", expectation.source),
                        None,
                    )
                }),
            }
        }
        found
    }

    /// Renders a template, and masks the secrets that it used.
    fn with_context<T>(&mut self, render: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let outside = &self.scripts.outside;
        let mut random = outside.random;
        let mut context = Context::new(
            &mut self.variables,
            &outside.env,
            &*outside.files,
            SystemTime::now(),
            &mut random,
        );
        let rendered = render(&mut context);
        for (name, secret) in std::mem::take(&mut context.secrets) {
            self.run.judge.keep_secret(&name, &secret);
        }
        rendered
    }
}

fn content(actual: &ActualResponse) -> &[u8] {
    match &actual.body {
        Content::Whole(bytes) | Content::Endless(bytes) => bytes,
        Content::Unread | Content::Lost(_) => &[],
    }
}

fn place(step: &Step) -> ScenarioPlace {
    ScenarioPlace {
        file: Arc::clone(&step.file),
        line: step.line,
        step: step.label.clone(),
    }
}

fn failing(difference: Difference) -> End {
    End::Failed(Box::new(difference))
}

/// An error, where no value was observed.
fn broken(step: &Step, kind: DifferenceKind, message: &str) -> End {
    End::Failed(broken_difference(step, kind, message))
}

fn broken_difference(step: &Step, kind: DifferenceKind, message: &str) -> Box<Difference> {
    Box::new(Difference {
        scenario: Some(place(step)),
        ..Difference::new(kind, message, None)
    })
}

fn failed(step: &Step, kind: DifferenceKind, expected: &str, observed: &str) -> End {
    failing(Difference {
        scenario: Some(place(step)),
        ..Difference::new(kind, expected, Some(observed.to_owned()))
    })
}

/// The delay before a retry: exponential, with jitter, so that clients do not
/// retry in step. `None` if the exchange is not retried.
fn again(retry: &Retry, attempt: u32, exchange: &Exchange) -> Option<Duration> {
    if attempt >= retry.attempts {
        return None;
    }
    let requested = match &exchange.response {
        Ok(actual) if retry.statuses.contains(&actual.status) => retry_after(actual),
        Err(error) if retry.connect && error.is_connect() => None,
        _ => return None,
    };
    let longest = retry.delay.saturating_mul(1 << (attempt - 1).min(16));
    let longest = longest.min(retry.max_delay);
    let mut byte = [255];
    let _ = getrandom::fill(&mut byte);
    let jittered = longest.mul_f64(0.5 + f64::from(byte[0]) / 510.0);
    Some(requested.map_or(jittered, |requested| requested.min(retry.max_delay)))
}

/// The delay that a response requests, in seconds (RFC 9110, 10.2.3).
fn retry_after(actual: &ActualResponse) -> Option<Duration> {
    let seconds = actual.headers.get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
