//! Faults on purpose: delayed and broken responses, so that clients can be
//! tested with what happens in production.
//!
//! A seeded generator decides which requests are affected, in the order of
//! arrival. The same seed and order affect the same requests.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use http::{Method, StatusCode};
use jiff::fmt::friendly::SpanParser;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use thiserror::Error;

/// Maximum delay; clients do not wait longer.
const MAX_DELAY: Duration = Duration::from_secs(600);

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another status, without content.
    Status(StatusCode),
    /// The connection is reset, and nothing is sent.
    Reset,
    /// The connection ends after half of the content; before the response if
    /// there is no content.
    Truncate,
    /// The content is sent in pieces over some seconds.
    SlowBody,
    /// The media type of the response does not match its content.
    WrongMediaType,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "{}", status.as_u16()),
            Self::Reset => formatter.write_str("reset"),
            Self::Truncate => formatter.write_str("truncate"),
            Self::SlowBody => formatter.write_str("slow-body"),
            Self::WrongMediaType => formatter.write_str("wrong-media-type"),
        }
    }
}

/// A fault, its probability and its requests: `[[METHOD ]GLOB=][P%:]KIND`.
#[derive(Debug, Clone)]
pub(crate) struct FaultRule {
    route: Route,
    /// From 0 to 1.
    probability: f64,
    fault: Fault,
}

/// A delay of responses, and its requests: `[[METHOD ]GLOB=]SPEC`.
#[derive(Debug, Clone)]
pub(crate) struct LatencyRule {
    route: Route,
    latency: Latency,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Latency {
    Fixed(Duration),
    /// Uniformly distributed between the two.
    Uniform(Duration, Duration),
}

/// The requests that a rule applies to.
#[derive(Debug, Clone, Default)]
struct Route {
    method: Option<Method>,
    path: Option<GlobMatcher>,
}

/// Why a rule cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RuleError {
    /// The part before the `=`.
    #[error(
        "`{0}` is not a valid route; use 'GLOB=…' or 'METHOD GLOB=…' with a glob of paths, such as 'GET /users/*=…'"
    )]
    Route(String),
    /// The glob of a route.
    #[error("`{0}` is not a valid glob: {1}")]
    Glob(String, String),
    /// The percentage of requests.
    #[error("`{0}` is not a valid percentage; use a number above 0 and up to 100, such as 1%:500")]
    Share(String),
    /// The kind of a fault.
    #[error(
        "`{0}` is not a valid fault; use a status from 200 to 599, reset, truncate, slow-body or wrong-media-type"
    )]
    Kind(String),
    /// A duration.
    #[error("`{0}` is not a valid duration of at most 10 minutes; use one such as 50ms or 1.5s")]
    Duration(String),
    /// A range of durations.
    #[error("`{0}` ends before it begins")]
    Range(String),
}

impl FromStr for FaultRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (route, spec) = route(text)?;
        let (probability, kind) = match spec.split_once(':') {
            Some((share, kind)) => (probability(share)?, kind),
            None => (1.0, spec),
        };
        Ok(Self {
            route,
            probability,
            fault: fault(kind.trim())?,
        })
    }
}

impl FromStr for LatencyRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (route, spec) = route(text)?;
        let latency = latency(spec.trim())?;
        Ok(Self { route, latency })
    }
}

/// Splits a rule into route and specification at the last `=`. A path may
/// contain one, as in `f(a='b')`; a specification does not.
fn route(text: &str) -> Result<(Route, &str), RuleError> {
    let Some((written, spec)) = text.rsplit_once('=') else {
        return Ok((Route::default(), text));
    };
    let refused = || RuleError::Route(written.to_owned());
    let (method, glob) = match written.trim().split_once(' ') {
        Some((method, glob)) => {
            let method = Method::from_bytes(method.as_bytes()).map_err(|_| refused())?;
            (Some(method), glob.trim())
        }
        None => (None, written.trim()),
    };
    if !glob.starts_with(['/', '*']) {
        return Err(refused());
    }
    let matcher = GlobBuilder::new(glob).literal_separator(true).build();
    let matcher =
        matcher.map_err(|error| RuleError::Glob(glob.to_owned(), error.kind().to_string()))?;
    let path = Some(matcher.compile_matcher());
    Ok((Route { method, path }, spec))
}

fn probability(share: &str) -> Result<f64, RuleError> {
    share
        .trim()
        .strip_suffix('%')
        .and_then(|number| number.trim().parse().ok())
        .filter(|share: &f64| *share > 0.0 && *share <= 100.0)
        .map(|share| share / 100.0)
        .ok_or_else(|| RuleError::Share(share.to_owned()))
}

fn fault(kind: &str) -> Result<Fault, RuleError> {
    let refused = || RuleError::Kind(kind.to_owned());
    Ok(match kind {
        "reset" => Fault::Reset,
        "truncate" => Fault::Truncate,
        "slow-body" => Fault::SlowBody,
        "wrong-media-type" => Fault::WrongMediaType,
        _ => {
            let status: u16 = kind.parse().map_err(|_| refused())?;
            let status = StatusCode::from_u16(status).map_err(|_| refused())?;
            if !(200..600).contains(&status.as_u16()) {
                return Err(refused());
            }
            Fault::Status(status)
        }
    })
}

fn latency(spec: &str) -> Result<Latency, RuleError> {
    match spec.split_once("..") {
        Some((from, to)) => {
            let (from, to) = (duration(from)?, duration(to)?);
            if to < from {
                return Err(RuleError::Range(spec.to_owned()));
            }
            Ok(Latency::Uniform(from, to))
        }
        None => duration(spec).map(Latency::Fixed),
    }
}

fn duration(text: &str) -> Result<Duration, RuleError> {
    SpanParser::new()
        .parse_unsigned_duration(text.trim())
        .ok()
        .filter(|duration| *duration <= MAX_DELAY)
        .ok_or_else(|| RuleError::Duration(text.to_owned()))
}

impl Route {
    fn matches(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|known| known == method)
            && self.path.as_ref().is_none_or(|glob| glob.is_match(path))
    }
}

/// The faults of a server.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
    latencies: Vec<LatencyRule>,
    random: Mutex<Xoshiro256PlusPlus>,
}

impl Faults {
    /// Creates the faults with a seed. The first latency rule that matches a
    /// request applies. Fault rules that match it are drawn in turn until one
    /// strikes.
    pub(crate) fn new(faults: Vec<FaultRule>, latencies: Vec<LatencyRule>, seed: u64) -> Self {
        Self {
            rules: faults,
            latencies,
            random: Mutex::new(Xoshiro256PlusPlus::seed_from_u64(seed)),
        }
    }

    /// Draws the delay and the fault of a response.
    pub(crate) fn draw(&self, method: &Method, path: &str) -> (Duration, Option<Fault>) {
        if self.rules.is_empty() && self.latencies.is_empty() {
            return (Duration::ZERO, None);
        }
        let mut random = self.random();
        let mut latencies = self.latencies.iter();
        let latency = latencies
            .find(|rule| rule.route.matches(method, path))
            .map_or(Duration::ZERO, |rule| rule.latency.draw(&mut random));
        let mut rules = self.rules.iter();
        let fault = rules
            .find(|rule| {
                rule.route.matches(method, path)
                    && (rule.probability >= 1.0 || random.random_bool(rule.probability))
            })
            .map(|rule| rule.fault);
        (latency, fault)
    }

    fn random(&self) -> MutexGuard<'_, Xoshiro256PlusPlus> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latency {
    fn draw(self, random: &mut Xoshiro256PlusPlus) -> Duration {
        match self {
            Self::Fixed(duration) => duration,
            Self::Uniform(from, to) => random.random_range(from..=to),
        }
    }
}

/// Returns a random seed.
pub(crate) fn any_seed() -> u64 {
    rand::random()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<R: FromStr<Err = RuleError> + fmt::Debug>(text: &str, refused: &str) {
        match (text.parse::<R>(), refused) {
            (Ok(_), "") => {}
            (Err(error), refused) if !refused.is_empty() => {
                let error = error.to_string();
                assert!(error.contains(refused), "{error}");
            }
            (read, _) => panic!("{text}: {read:?}"),
        }
    }

    #[test]
    fn rejects_invalid_rules() {
        for text in [
            "500",
            "1%:500",
            "0.5%: reset",
            "GET /users/*=truncate",
            "/f(a='b')=slow-body",
            "**=wrong-media-type",
        ] {
            check::<FaultRule>(text, "");
        }
        check::<FaultRule>("99", "a status from 200 to 599");
        check::<FaultRule>("101", "a status from 200 to 599");
        check::<FaultRule>("600", "a status from 200 to 599");
        check::<FaultRule>("explode", "reset, truncate, slow-body or wrong-media-type");
        check::<FaultRule>("0%:500", "above 0 and up to 100");
        check::<FaultRule>("101%:500", "above 0 and up to 100");
        check::<FaultRule>("1:500", "such as 1%:500");
        check::<FaultRule>("users=500", "`users` is not a valid route");
        check::<FaultRule>("G(T /users=500", "is not a valid route");
        check::<FaultRule>("/a[=500", "`/a[` is not a valid glob");

        for text in ["50ms", "50ms..200ms", "/a=1.5s", "0s"] {
            check::<LatencyRule>(text, "");
        }
        check::<LatencyRule>("50", "such as 50ms or 1.5s");
        check::<LatencyRule>("-50ms", "such as 50ms or 1.5s");
        check::<LatencyRule>("11m", "at most 10 minutes");
        check::<LatencyRule>("200ms..50ms", "ends before it begins");
        check::<LatencyRule>("50ms..", "such as 50ms or 1.5s");
        check::<LatencyRule>("normal:100ms,20ms", "is not a valid duration");
    }

    fn faults(faults: &[&str], latencies: &[&str], seed: u64) -> Faults {
        let read = |text: &&str| text.parse().expect("a rule");
        Faults::new(
            faults.iter().map(read).collect(),
            latencies
                .iter()
                .map(|text| text.parse().expect("a rule"))
                .collect(),
            seed,
        )
    }

    #[test]
    fn applies_rules_to_their_routes() {
        let faults = faults(&["DELETE /users/*=500", "/users/*/photo=reset"], &[], 1);
        let struck = |method: Method, path: &str| faults.draw(&method, path).1;
        let status = Fault::Status(StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(struck(Method::DELETE, "/users/7"), Some(status));
        assert_eq!(struck(Method::GET, "/users/7"), None);
        assert_eq!(struck(Method::DELETE, "/users/7/x"), None);
        assert_eq!(struck(Method::GET, "/users/7/photo"), Some(Fault::Reset));
    }

    #[test]
    fn seeds_are_deterministic() {
        let rules = ["10%:500", "10%:reset"];
        let drawn = |seed| {
            let faults = faults(&rules, &["1ms..900ms"], seed);
            let draws = (0..1000).map(|_| faults.draw(&Method::GET, "/"));
            draws.collect::<Vec<_>>()
        };
        let first = drawn(7);
        assert_eq!(first, drawn(7));
        assert_ne!(first, drawn(8));
        let struck = first.iter().filter(|(_, fault)| fault.is_some()).count();
        assert!((120..260).contains(&struck), "{struck} of 1000 at 19 %");
        let is_reset = |(_, fault): &&(_, Option<Fault>)| *fault == Some(Fault::Reset);
        assert!(first.iter().filter(is_reset).count() > 40);
    }

    #[test]
    fn draws_latencies_from_their_range() {
        let mean = |spec: &str| {
            let faults = faults(&[], &["/fast=0s", spec], 7);
            assert_eq!(faults.draw(&Method::GET, "/fast").0, Duration::ZERO);
            let all: Duration = (0..1000).map(|_| faults.draw(&Method::GET, "/").0).sum();
            all / 1000
        };
        assert_eq!(mean("50ms"), Duration::from_millis(50));
        let near = |mean: Duration, ms: u128| mean.as_millis().abs_diff(ms) < 6;
        assert!(near(mean("50ms..150ms"), 100));
    }
}
