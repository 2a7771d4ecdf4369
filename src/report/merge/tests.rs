//! Tests of merging.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::report::record::{CaseRecord, OutcomeName, Tally};
use crate::run::outcome::Proven;
use crate::run::select::partition::PartitionKind;

fn case(number: usize, outcome: OutcomeName) -> CaseRecord {
    CaseRecord {
        id: format!("p{}::{number}", number % 3),
        scenario: None,
        page: format!("p{}.md", number % 3),
        line: 1 + number / 2,
        method: "GET".to_owned(),
        target: "/a".to_owned(),
        outcome,
        verdict: Some("conforms".to_owned()),
        reason: None,
        detail: None,
        deviation: None,
        replaced: None,
        differences: Vec::new(),
        warnings: Vec::new(),
        body: None,
        snapshot: "off".to_owned(),
        ms: 1.0,
        is_status_undocumented: false,
        flaky: false,
        earlier: Vec::new(),
        file: None,
        advice: None,
        diffs: Vec::new(),
        exchange: None,
        curl: None,
    }
}

fn part(partition: Option<(u32, u32)>, cases: Vec<CaseRecord>, ms: f64) -> Part {
    let partition = partition.map(|(index, count)| Partition {
        kind: PartitionKind::Hash,
        index: NonZeroU32::new(index).expect("from 1"),
        count: NonZeroU32::new(count).expect("from 1"),
    });
    let mut summary = Summary {
        cases: cases.len(),
        pass: 0,
        flaky: 0,
        fail: 0,
        skip: 0,
        no_response: 0,
        no_snapshot: 0,
        replaced: 0,
        orphaned_snapshots: 0,
        not_run: 0,
        bodies_compared: None,
        bodies_not_compared: Tally::new(),
        statuses_not_documented: 0,
        skip_reasons: Tally::new(),
        warnings: Tally::new(),
        snapshots: Tally::new(),
        verdicts: Tally::new(),
        deviations: Vec::new(),
        pages: 3,
        pages_unread: 0,
        recognised: Tally::new(),
        diagnostics: Tally::new(),
        errors: 0,
        target: "mock".to_owned(),
        proves: Proven::Parsing,
        interrupted: false,
        ms,
        docs: "docs".to_owned(),
        fallback: None,
        version: "1".to_owned(),
        partition,
        selection: None,
        missing_partitions: Vec::new(),
    };
    summary.count(&cases);
    Part {
        name: partition.map_or_else(|| "x".to_owned(), |part| part.to_string()),
        run: RunRecord { cases, summary },
    }
}

fn one(partition: Option<(u32, u32)>, number: usize) -> Part {
    part(partition, vec![case(number, OutcomeName::Pass)], 1.0)
}

#[track_caller]
fn check(parts: Vec<Part>, error: &str) {
    let merged = merge(parts).map(|run| run.lines());
    assert_eq!(
        merged.map_err(|error| error.to_string()),
        Err(error.to_owned())
    );
}

#[test]
fn refuses_parts_of_different_runs() {
    check(Vec::new(), "there is nothing to merge");
    check(
        vec![one(Some((1, 2)), 1), one(Some((1, 2)), 2)],
        "duplicate partition hash:1/2: `hash:1/2` and `hash:1/2`",
    );
    check(
        vec![one(Some((1, 2)), 1), one(Some((2, 2)), 1)],
        "duplicate case `p1::1` in `hash:1/2` and `hash:2/2`",
    );
    check(
        vec![one(None, 1), one(None, 1)],
        "duplicate case `p1::1` in `x` and `x`",
    );
    check(
        vec![one(Some((3, 2)), 1)],
        "`hash:3/2` has the invalid partition hash:3/2",
    );
    let mut other = one(Some((2, 2)), 2);
    other.run.summary.target = "http://a".to_owned();
    check(
        vec![one(Some((1, 2)), 1), other],
        "`hash:1/2` and `hash:2/2` belong to different runs: their targets differ (`mock`, `http://a`)",
    );
    check(
        vec![one(Some((1, 2)), 1), one(Some((2, 3)), 2)],
        "`hash:1/2` and `hash:2/3` belong to different runs: their partitions differ \
         (`hash:…/2`, `hash:…/3`)",
    );
}

#[test]
fn a_missing_partition_fails_the_run() {
    let run = merge(vec![one(Some((3, 3)), 1), one(Some((1, 3)), 2)]).expect("one run");
    let missing = &run.summary.missing_partitions;
    let missing: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["hash:2/3"]);
    assert!(run.summary.has_failed());
    let whole = merge(vec![one(Some((1, 1)), 1)]).expect("one run");
    assert!(!whole.summary.has_failed());
}

#[test]
fn reads_records_as_they_were_written() {
    let run = one(Some((1, 2)), 1).run;
    let text = run.lines();
    assert_eq!(RunRecord::read(&text).expect("a record"), run);
    let (cases, _) = text.rsplit_once("{\"summary\"").expect("a summary");
    let errors = [
        (cases.to_owned(), "the summary at the end is missing"),
        (format!("{text}{text}"), "expected one run only"),
        (format!("{{}}\n{text}"), "line 1 is neither a case nor"),
    ];
    for (text, expected) in errors {
        let error = RunRecord::read(&text).expect_err("no record").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// The results of some cases in partitions, and the same parts in another order.
fn dealt() -> impl Strategy<Value = (Vec<Part>, Vec<Part>)> {
    let outcome = prop_oneof![
        Just(OutcomeName::Pass),
        Just(OutcomeName::Fail),
        Just(OutcomeName::Skip)
    ];
    let cases = prop::collection::vec((outcome, 0..5_usize), 0..30);
    let here = subsequence(vec![0_usize, 1, 2, 3, 4], 1..=5);
    (cases, here, prop::collection::vec(0.0..1e4, 5)).prop_flat_map(|(cases, here, ms)| {
        let parts = here.into_iter().map(|index| {
            let own = cases.iter().enumerate().filter(|(_, (_, at))| *at == index);
            let own = own.map(|(number, (outcome, _))| case(number, *outcome));
            let turn = u32::try_from(index).expect("small") + 1;
            part(Some((turn, 5)), own.collect(), ms[index])
        });
        let parts: Vec<Part> = parts.collect();
        (Just(parts.clone()), Just(parts).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn the_order_of_parts_does_not_matter((parts, shuffled) in dealt()) {
        let total: usize = parts.iter().map(|part| part.run.cases.len()).sum();
        let one = merge(parts).expect("one run");
        let other = merge(shuffled).expect("one run");
        prop_assert_eq!(one.lines(), other.lines());
        prop_assert_eq!(one.cases.len(), total);
        let summary = &one.summary;
        prop_assert_eq!(summary.pass + summary.fail + summary.skip, total);
    }
}
