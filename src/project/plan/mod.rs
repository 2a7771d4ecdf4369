//! The requests of a run, in order, and why cases are skipped.
//!
//! A target is a base URL: steps for the mock and for a live service differ
//! only in two headers that only the mock reads.

mod credentials;
mod deferred;
mod mapping;
mod preview;
mod request;
mod script;
mod skip;
mod target;
mod unit;

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::http::sent_body::sent_body;
use crate::http::url::{Component, Template, UrlTemplate, encode_value};
use crate::page::alternatives::{Alternatives, Documented};
use crate::page::case::Case;
use crate::project::scenario::Scenario;
pub(crate) use credentials::Credentials;
pub(crate) use deferred::{DeferredPart, DeferredText};
pub(crate) use mapping::Mappings;
pub(crate) use preview::{Given, Preview, PreviewBody, PreviewRequest, preview, sent};
pub use request::{CASE_HEADER, Step};
pub(crate) use request::{MISS_HEADER, documented_host, is_safe};
use request::{bind_query, check_header, check_response, check_write, is_sent, sendable_method};
pub(crate) use script::{StepError, check_secrets, render};
use skip::skip;
pub(crate) use skip::{Skip, SkipReason};
pub(crate) use target::{Limits, LiveTarget, main_host};
pub use target::{Live, Target};
use target::{bind, join, place};
pub use unit::Planned;
pub(crate) use unit::{Unit, result_id, result_ids};

/// Plans the cases, in order. Scenarios refer to cases by their index in
/// `all_cases`. The mock gets the plain cases without scenarios. An alternative
/// runs only with a scenario, or if the target asks for its status.
pub fn plan(
    cases: &[Case],
    all_cases: &[Case],
    scenarios: &[Arc<Scenario>],
    target: &Target,
) -> Vec<Unit> {
    let mut by_case: HashMap<&str, Vec<&Arc<Scenario>>> = HashMap::new();
    if let Target::Live(_) = target {
        for scenario in scenarios {
            let id = all_cases[scenario.case].id.as_str();
            by_case.entry(id).or_default().push(scenario);
        }
    }
    let alternatives = Alternatives::of(all_cases);
    let mut units = Vec::with_capacity(cases.len());
    for (index, case) in cases.iter().enumerate() {
        let of_case = by_case.get(case.id.as_str()).map_or(&[][..], Vec::as_slice);
        if of_case.is_empty() {
            units.push(Unit {
                case: index,
                scenario: None,
                planned: match check_expected(case, &alternatives, target)
                    .and_then(|()| plan_case(case, target))
                {
                    Ok(mut step) => {
                        if alternatives.keeps_credentials(&case.id) {
                            step.settled.push(header::AUTHORIZATION);
                        }
                        Planned::Send(Box::new(step))
                    }
                    Err(skip) => Planned::Skip(skip),
                },
            });
        }
        for scenario in of_case {
            let skip = match target {
                Target::Live(target) => script::skip_of(scenario, all_cases, &target.live),
                Target::Mock { .. } => None,
            };
            units.push(Unit {
                case: index,
                scenario: Some(Arc::clone(scenario)),
                planned: skip.map_or(Planned::Script, Planned::Skip),
            });
        }
    }
    units
}

/// Checks that the response of a case is the one that the target sends unbidden,
/// among those of the same request.
fn check_expected(case: &Case, alternatives: &Alternatives, target: &Target) -> Result<(), Skip> {
    let Some((family, own)) = alternatives.family(&case.id) else {
        return Ok(());
    };
    let preferred = match target {
        Target::Live(target) => target.live.preferred_status(),
        Target::Mock { .. } => None,
    };
    let preferred = preferred.filter(|status| family.iter().any(|of| of.status.matches(*status)));
    let is_expected = |of: &Documented| match preferred {
        Some(status) => of.status.matches(status),
        None => of.is_expected,
    };
    if is_expected(own) {
        return Ok(());
    }
    let expected = family.iter().find(|of| is_expected(of)).unwrap_or(own);
    skip(
        SkipReason::AlternativeResponse,
        format!(
            "a run expects {} of this request ({}:{}); a scenario can provoke {}",
            expected.status, expected.page, expected.line, own.status
        ),
    )
}

fn plan_case(case: &Case, target: &Target) -> Result<Step, Skip> {
    let response = check_response(case)?;
    let method = sendable_method(&case.request.method)?;
    let url = match target {
        Target::Mock { .. } => UrlTemplate::parse(&case.request.target),
        Target::Live(_) => UrlTemplate::of_request(&case.request),
    };
    let url = match url {
        Ok(url) => url,
        Err(error) => return skip(SkipReason::InvalidUrl, error.to_string()),
    };
    let mut headers = documented_headers(case, target)?;
    let url = match target {
        Target::Mock { base } => {
            for header in &response.headers {
                check_header(&header.name, &header.value)?;
            }
            let id = utf8_percent_encode(&case.id, NON_ALPHANUMERIC).to_string();
            if let Ok(id) = HeaderValue::from_str(&id) {
                headers.insert(HeaderName::from_static(CASE_HEADER), id);
            }
            if let Some(host) = documented_host(case, &url)
                && let Ok(host) = HeaderValue::from_str(&host)
            {
                headers.insert(header::HOST, host);
            }
            // The mock gets placeholders as documented, since its routes accept
            // any value for them.
            let mut value = |name: &str| Ok::<_, Skip>(encode_value(&format!("{{{name}}}")));
            let path = bind(&url.path, Component::Path, &mut value)?;
            join(base, &path, bind_query(&url, &mut value)?.as_deref())?
        }
        Target::Live(target) => {
            let live = &target.live;
            check_write(&method, live)?;
            let url = url.named();
            let (base, from) = place(target, url.origin.as_ref(), &url.path)?;
            let mut value = |name: &str| match live.var(name).or(live.var_default.as_ref()) {
                Some(value) => Ok(encode_value(value)),
                None => skip(SkipReason::UnboundPlaceholder, format!("{{{name}}}")),
            };
            let path = bind(&url.path, Component::Path, &mut value)?;
            join(
                base,
                &path[from..],
                bind_query(&url, &mut value)?.as_deref(),
            )?
        }
    };
    Ok(Step {
        method,
        url,
        headers,
        body: case.request.body.as_ref().map(|body| {
            sent_body(&case.request.headers, body, |name| match target {
                Target::Live(target) => target.live.var(name).cloned(),
                Target::Mock { .. } => None,
            })
        }),
        settled: Vec::new(),
    })
}

/// The documented headers, without those that the client adds itself.
fn documented_headers(case: &Case, target: &Target) -> Result<HeaderMap, Skip> {
    let mut headers = HeaderMap::with_capacity(case.request.headers.0.len() + 2);
    for header in &case.request.headers {
        let (name, value) = check_header(&header.name, &header.value)?;
        if !is_sent(&header.name) {
            continue;
        }
        let value = match target {
            // The default value is only for placeholders in URLs: `Bearer
            // {token}` must not become `Bearer 7`.
            Target::Live(target) => {
                let bound = Template::bind(&header.value, |name| target.live.var(name).cloned());
                check_header(&header.name, &bound)?.1
            }
            Target::Mock { .. } => value,
        };
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests;
