//! Mappings of hosts, URLs and placeholders that match nothing in the docs.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::http::sent_body::sent_body;
use crate::http::url::UrlTemplate;
use crate::page::case::Case;
use crate::project::config::Service;
use crate::project::scenario::{Scenario, placeholders};
use crate::text::finding::nearest;

/// Maximum number of names in a message.
const MOST_NAMES: usize = 10;

/// The mappings of one command, without those of the configuration, which all
/// commands share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mappings<'a> {
    /// The documented URLs of the service.
    pub services: &'a [Service],
    /// The documented hosts that have a base URL of their own.
    pub hosts: &'a [&'a str],
    /// The placeholders with a value.
    pub vars: &'a [&'a str],
}

/// A mapping that matches nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdleMapping {
    /// The option: `service`, `host` or `var`.
    pub option: &'static str,
    /// What it maps.
    pub name: String,
    /// What follows the name in a message: that it matches nothing, and what would.
    pub message: String,
    /// The name that may be meant.
    pub help: Option<String>,
}

impl Mappings<'_> {
    /// Whether there are no mappings.
    pub(crate) fn is_empty(&self) -> bool {
        self.services.is_empty() && self.hosts.is_empty() && self.vars.is_empty()
    }

    /// Returns the first mapping that matches nothing in these docs.
    pub(crate) fn first_idle(
        &self,
        cases: &[Case],
        scenarios: &[Arc<Scenario>],
    ) -> Option<IdleMapping> {
        if self.is_empty() {
            return None;
        }
        let urls = cases.iter();
        let urls = urls.filter_map(|case| UrlTemplate::of_request(&case.request).ok());
        let urls: Vec<UrlTemplate> = urls.collect();
        let hosts: BTreeSet<&str> = urls.iter().filter_map(host_of).collect();
        self.idle_service(&urls, &hosts)
            .or_else(|| self.idle_host(&hosts))
            .or_else(|| self.idle_var(cases, scenarios))
    }

    fn idle_service(&self, urls: &[UrlTemplate], hosts: &BTreeSet<&str>) -> Option<IdleMapping> {
        let is_mapped = |service: &Service, url: &UrlTemplate| {
            let origin = url.origin.as_ref();
            origin.is_some_and(|origin| service.has(origin, &url.path))
        };
        let mut services = self.services.iter();
        let service = services.find(|service| !urls.iter().any(|url| is_mapped(service, url)))?;
        let host = service.origin.authority.as_str();
        Some(IdleMapping {
            option: "service",
            name: service.to_string(),
            message: format!(
                "matches no documented URL; documented hosts: {}",
                list(hosts)
            ),
            help: if hosts.contains(host) {
                Some(format!(
                    "no documented URL on {host} is below `{}`",
                    service.path
                ))
            } else {
                did_you_mean(host, hosts)
            },
        })
    }

    fn idle_host(&self, hosts: &BTreeSet<&str>) -> Option<IdleMapping> {
        let host = self.hosts.iter().find(|host| !hosts.contains(**host))?;
        Some(IdleMapping {
            option: "host",
            name: (*host).to_owned(),
            message: format!(
                "matches no documented host; documented hosts: {}",
                list(hosts)
            ),
            help: did_you_mean(host, hosts),
        })
    }

    fn idle_var(&self, cases: &[Case], scenarios: &[Arc<Scenario>]) -> Option<IdleMapping> {
        if self.vars.is_empty() {
            return None;
        }
        let in_cases = cases.iter().flat_map(|case| {
            let mut names = placeholders(case);
            names.extend(body_placeholders(case));
            names
        });
        let in_cases: BTreeSet<String> = in_cases.collect();
        let in_scenarios = scenarios.iter().flat_map(|scenario| &scenario.references);
        let names = in_cases.iter().chain(in_scenarios).map(String::as_str);
        let names: BTreeSet<&str> = names.collect();
        let var = self.vars.iter().find(|var| !names.contains(**var))?;
        Some(IdleMapping {
            option: "var",
            name: (*var).to_owned(),
            message: format!(
                "matches no placeholder; documented placeholders: {}",
                list(&names)
            ),
            help: did_you_mean(var, &names),
        })
    }
}

fn host_of(url: &UrlTemplate) -> Option<&str> {
    Some(&url.origin.as_ref()?.authority)
}

/// The placeholders of a body that get values when it is sent.
fn body_placeholders(case: &Case) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(body) = &case.request.body {
        sent_body(&case.request.headers, body, |name| {
            names.push(name.to_owned());
            None
        });
    }
    names
}

fn did_you_mean(name: &str, names: &BTreeSet<&str>) -> Option<String> {
    let near = nearest(name, names.iter().copied())?;
    Some(format!("did you mean `{near}`?"))
}

fn list(names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).copied().collect();
    let more = if names.len() > MOST_NAMES {
        ", …"
    } else {
        ""
    };
    shown.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::extract;
    use crate::text::source::Page;

    /// The cases of a page with these requests.
    fn cases(requests: &[&str]) -> Vec<Case> {
        let block = |request: &&str| {
            format!("<!-- {{ \"blockType\": \"request\" }} -->\n```http\n{request}\n```\n\n")
        };
        let text: String = requests.iter().map(block).collect();
        extract::extract(&Page::new("a.md", text), None).cases
    }

    const REQUESTS: [&str; 5] = [
        "GET https://api.example.com/v1/users/{id}/notes/{id}\nX-Tenant: {tenant}",
        "GET https://Files.example.com/x?name={user | owner}",
        "GET /relative",
        "GET /with-host\nHost: named.example.com",
        "POST /form\nContent-Type: application/x-www-form-urlencoded\n\na={in_form}",
    ];

    #[track_caller]
    fn check(services: &[&str], hosts: &[&str], vars: &[&str], expected: Option<&str>) {
        let services = services.iter();
        let services = services.map(|url| Service::parse(url).expect("a service"));
        let services: Vec<Service> = services.collect();
        let mappings = Mappings {
            services: &services,
            hosts,
            vars,
        };
        let idle = mappings.first_idle(&cases(&REQUESTS), &[]);
        let said = idle.map(|idle| {
            let IdleMapping {
                option,
                name,
                message,
                ..
            } = idle;
            format!("{option} {name} {message}")
        });
        assert_eq!(said.as_deref(), expected);
    }

    const HOSTS: &str = "api.example.com, files.example.com, named.example.com";

    #[test]
    fn accepts_mappings_that_match() {
        check(&[], &[], &[], None);
        check(&["https://api.example.com"], &[], &[], None);
        check(&["https://api.example.com/v1"], &[], &[], None);
        check(&[], &["files.example.com", "named.example.com"], &[], None);
        check(
            &[],
            &[],
            &[
                "id",
                "id.2",
                "tenant",
                "user",
                "owner",
                "user | owner",
                "in_form",
            ],
            None,
        );
    }

    #[test]
    fn names_the_mapping_that_matches_nothing() {
        for service in [
            "https://api.example.com/v2",
            "https://api.example.com/v",
            "http://a.example",
        ] {
            let expected =
                format!("service {service} matches no documented URL; documented hosts: {HOSTS}");
            check(&[service], &[], &[], Some(&expected));
            check(
                &["https://api.example.com", service],
                &[],
                &[],
                Some(&expected),
            );
        }
        let expected =
            format!("host filez.example.com matches no documented host; documented hosts: {HOSTS}");
        check(
            &[],
            &["api.example.com", "filez.example.com"],
            &[],
            Some(&expected),
        );
        check(
            &[],
            &[],
            &["id", "id.3"],
            Some(
                "var id.3 matches no placeholder; documented placeholders: id, id.2, in_form, owner, \
                 tenant, user, user | owner",
            ),
        );
    }

    #[test]
    fn suggests_the_nearest_name() {
        let mappings = Mappings {
            services: &[],
            hosts: &["filez.example.com"],
            vars: &[],
        };
        let idle = mappings.first_idle(&cases(&REQUESTS), &[]).expect("idle");
        assert_eq!(
            idle.help.as_deref(),
            Some("did you mean `files.example.com`?")
        );
        let idle = mappings.first_idle(&cases(&["GET /a"]), &[]).expect("idle");
        assert!(idle.message.ends_with("documented hosts: none"));
    }
}
