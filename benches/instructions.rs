//! Counts the instructions of each part on generated pages. A busy machine does not
//! change the counts, so a slower part is visible.
//!
//! `benches/history` runs these benchmarks and records the counts. It needs
//! valgrind, and installs the runner of gungraun. `cargo bench --bench pipeline`
//! runs the other benchmarks without either.

#![expect(missing_docs, reason = "gungraun writes functions without them")]

mod pages;

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

use docproof::internals::check::rules::{self, Files};
use docproof::internals::check::types::{Mode, Types};
use docproof::internals::http::message::{ActualResponse, Content, Headers};
use docproof::internals::page::case::Case;
use docproof::internals::page::collect::{self, Collected};
use docproof::internals::page::reader::Extraction;
use docproof::internals::page::survey;
use docproof::internals::page::{case_file as yaml, extract};
use docproof::internals::project::plan::{CASE_HEADER, Live, Planned, Step, Target, plan};
use docproof::internals::run::compare::compare_body;
use docproof::internals::run::mock::{Incoming, Settings, Table};
use docproof::internals::text::source::Page;
use gungraun::prelude::*;
use pages::Kind;
use tempfile::TempDir;
use url::Url;

const PAGES: usize = 200;
const SEED: u64 = 0x0d0c;
/// The number of resources in a list of 4 KB.
const LISTED: usize = 13;
const ONE: NonZeroUsize = NonZeroUsize::MIN;

/// Leaks a value, so that dropping it is not counted.
fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn generated(kind: Kind) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    pages::write(folder.path(), PAGES, kind, SEED).expect("the pages are written");
    folder
}

fn collected(kind: Kind) -> Collected {
    let folder = generated(kind);
    collect::collect_with_resources(folder.path(), &Extraction::default(), ONE, |_| true)
        .expect("a folder of pages")
}

fn mixed() -> &'static [Page] {
    let folder = generated(Kind::Mixed);
    let (files, _) = survey::find(folder.path()).expect("a folder of pages");
    kept(survey::read_all(&files, ONE).0)
}

#[library_benchmark]
#[bench::pages(mixed())]
fn extraction(pages: &[Page]) -> usize {
    let cases = pages
        .iter()
        .map(|page| extract::extract(page, None).cases.len());
    black_box(cases.sum())
}

#[library_benchmark]
#[bench::pages(mixed())]
fn check(pages: &[Page]) -> usize {
    let files = Files::new(pages.iter().map(|page| page.path.to_string()));
    let settings = rules::Settings::default();
    let checked = rules::check(pages, &files, &settings, |_| true, ONE);
    black_box(checked.findings.len())
}

fn case_files() -> &'static [(String, String)] {
    let cases = collected(Kind::Mixed).cases;
    let of_pages = cases.chunk_by(|a, b| a.page == b.page);
    let file = |cases: &[Case]| {
        (
            cases[0].page.to_string(),
            yaml::write(&cases[0].page, cases),
        )
    };
    kept(of_pages.map(file).collect::<Vec<_>>())
}

#[library_benchmark]
#[bench::files(case_files())]
fn case_file(files: &[(String, String)]) -> usize {
    let read =
        |(page, text): &(String, String)| yaml::read(page, text).map(|(cases, _)| cases.len());
    let counts = files
        .iter()
        .map(|file| read(file).expect("the case file is valid"));
    black_box(counts.sum())
}

fn planned() -> &'static (Arc<[Case]>, Target) {
    let cases: Arc<[Case]> = collected(Kind::Mixed).cases.into();
    let live = Live {
        var_default: Some("7".to_owned()),
        ..Live::new(Url::parse("https://api.example.com/").expect("a URL"))
    };
    let target = live.target(Vec::new(), &cases);
    kept((cases, target))
}

#[library_benchmark]
#[bench::live(planned())]
fn planning((cases, target): &(Arc<[Case]>, Target)) -> usize {
    black_box(plan(cases, cases, &[], target).len())
}

fn answered() -> &'static (Vec<Case>, Types, ActualResponse) {
    let collected = collected(Kind::Lists);
    let (types, _) = Types::new(&collected.resources);
    let mut headers = Headers::default();
    headers.push("Content-Type", "application/json");
    let actual = ActualResponse {
        status: 200,
        headers,
        body: Content::Whole(pages::list(LISTED).into()),
    };
    kept((collected.cases, types, actual))
}

#[library_benchmark]
#[bench::lists(answered())]
fn comparison((cases, types, actual): &(Vec<Case>, Types, ActualResponse)) {
    for case in cases {
        let response = case.response.as_ref().expect("a response");
        let found = compare_body(case, &response.message, actual, types, Mode::Shape);
        assert_eq!(found.0, [], "{}", case.id);
    }
}

fn routed() -> &'static (Table, Vec<(Url, Step)>) {
    let cases: Arc<[Case]> = collected(Kind::Gets).cases.into();
    let base = Url::parse("http://127.0.0.1/").expect("a URL");
    let units = plan(&cases, &cases, &[], &Target::Mock { base });
    let steps = units.into_iter().filter_map(|unit| match unit.planned {
        Planned::Send(mut step) => {
            // Without the header the mock has to look the path up.
            step.headers.remove(CASE_HEADER);
            Some((Url::parse(&step.url).expect("a URL"), *step))
        }
        Planned::Script | Planned::Skip(_) => None,
    });
    let steps = steps.collect();
    kept((Table::new(cases, Settings::default()), steps))
}

#[library_benchmark]
#[bench::routes(routed())]
fn reply((table, steps): &(Table, Vec<(Url, Step)>)) -> usize {
    let replies = steps.iter().map(|(url, step)| {
        let reply = table.reply(&Incoming {
            method: step.method.as_str(),
            path: url.path(),
            query: url.query(),
            headers: &step.headers,
            body: b"",
        });
        assert_eq!(reply.status, 200, "{url}");
        reply.body.len()
    });
    black_box(replies.sum())
}

library_benchmark_group!(
    name = parts,
    benchmarks = [extraction, check, case_file, planning, comparison, reply]
);

main!(library_benchmark_groups = parts);
