//! The response table of the mocks: both of them respond the same, and requests of
//! real pages get their documented responses.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use docproof::internals::check::types::Types;
use docproof::internals::http::message::Content;
use docproof::internals::page::case::Case;
use docproof::internals::page::collect::{self, Collected};
use docproof::internals::page::reader::Extraction;
use docproof::internals::project::plan::{Planned, Step, Target, plan};
use docproof::internals::run::exchange::{BodyWait, Client};
use docproof::internals::run::mock::{Incoming, Reply, RunningMock, Settings, Table, Verdict};
use docproof::internals::text::parallel::cores;
use serde_json::Value;
use url::Url;

use crate::support::repository;

/// The requests of a replay, by the index of the case.
fn steps(cases: &[Case], base: &str) -> Vec<(usize, Step)> {
    let base = Url::parse(base).expect("a URL");
    let units = plan(cases, cases, &[], &Target::Mock { base });
    units
        .into_iter()
        .filter_map(|unit| match unit.planned {
            Planned::Send(step) => Some((unit.case, *step)),
            Planned::Script | Planned::Skip(_) => None,
        })
        .collect()
}

fn replays() -> Settings {
    Settings {
        replays: true,
        ..Settings::default()
    }
}

fn send(table: &Table, step: &Step, body: &[u8]) -> Reply {
    let rest = step.url.splitn(4, '/').nth(3).unwrap_or_default();
    let target = format!("/{rest}");
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target.as_str(), None),
    };
    table.reply(&Incoming {
        method: step.method.as_str(),
        path,
        query,
        headers: &step.headers,
        body,
    })
}

fn collect(folder: &Path) -> Collected {
    collect::collect_with_resources(folder, &Extraction::default(), cores(), |_| true)
        .expect("a folder of pages")
}

#[tokio::test]
async fn both_mocks_respond_the_same() {
    let cases: Arc<[Case]> = collect(&repository().join("specs/docs")).cases.into();
    let mock = RunningMock::start(Arc::clone(&cases)).await;
    let table = Table::new(Arc::clone(&cases), replays());
    let base = Url::parse(&mock.base()).expect("a URL");
    let client = Client::new(&Target::Mock { base }, Duration::from_secs(30)).expect("a client");
    let steps = steps(&cases, &mock.base());
    assert_eq!(steps.len(), 17);
    let mut misses: Vec<(usize, Step)> = steps.clone();
    for (_, step) in &mut misses {
        step.url += "/none";
    }
    for (case, step) in steps.into_iter().chain(misses) {
        let reply = send(&table, &step, step.body.as_deref().unwrap_or_default());
        let response = client
            .exchange(&step, BodyWait::Whole)
            .await
            .response
            .expect("a response");
        let id = &cases[case].id;
        assert_eq!(response.status, reply.status.as_u16(), "{id}");
        // A response to HEAD ends with its header fields.
        if step.method != "HEAD" {
            assert_eq!(response.body, Content::Whole(reply.body.to_vec()), "{id}");
        }
        for (name, value) in &reply.headers {
            let found = response
                .headers
                .get_all(name.as_str())
                .any(|found| found == value);
            assert!(found, "{id}: {name}");
        }
    }
}

/// Each planned request gets the response of its own case, also with an additional
/// member where no other case matches.
#[track_caller]
fn check(name: &str, sent: usize, bodies: usize) {
    let folder = repository().join("../shared/corpus").join(name);
    if !folder.is_dir() {
        eprintln!("skipped: there is no corpus at {}", folder.display());
        return;
    }
    let collected = collect(&folder);
    let (types, _) = Types::new(&collected.resources);
    let types = Arc::new(types);
    let settings = || Settings {
        types: Arc::clone(&types),
        ..replays()
    };
    let cases: Arc<[Case]> = collected.cases.into();
    let table = Table::new(Arc::clone(&cases), settings());
    let steps = steps(&cases, "http://127.0.0.1:1/");
    assert_eq!(steps.len(), sent);
    let mut changed = 0;
    let mut refused = Vec::new();
    for (case, step) in &steps {
        let id = &cases[*case].id;
        let body = step.body.as_deref().unwrap_or_default();
        let matched = Verdict::Matched {
            case: *case,
            warnings: Vec::new(),
        };
        assert_eq!(send(&table, step, body).verdict, matched, "{id}");
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            continue;
        };
        changed += 1;
        members.insert("docproofMore".to_owned(), Value::Bool(true));
        let body = Value::Object(members).to_string();
        let alone = Table::new(Arc::new([cases[*case].clone()]), settings());
        if let Verdict::Missed { closest } = send(&alone, step, body.as_bytes()).verdict {
            refused.push(format!("{id}: {closest:?}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert_eq!(changed, bodies);
}

#[test]
fn requests_of_graph_get_their_own_responses() {
    // 4 of the 1477 cases are alternatives, which are not sent.
    check("graph-v1.0", 1473, 539);
}

#[test]
fn requests_of_onedrive_get_their_own_responses() {
    check("onedrive", 95, 19);
}
