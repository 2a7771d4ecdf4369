//! Measures extraction of cases and exchanges, each beside a lower bound: a bare
//! pulldown-cmark pass over the same files, and a bare reqwest loop of the same
//! requests.
//!
//! - `cargo bench` runs the benchmarks; `DOCPROOF_BENCH_DOCS` names a folder of
//!   pages to use instead of generated ones.
//! - `cargo bench --bench pipeline -- ratios` runs the peers in turn (A B A B)
//!   and prints their ratios. Separate benchmarks cannot measure these on a machine
//!   whose speed drifts.
//! - `… -- generate N FOLDER [gets|lists]`, `… -- serve ADDRESS [lists]`,
//!   `… -- urls BASE FOLDER` and `… -- send FILE JOBS` are the steps of
//!   `benches/peers/run`, which measures whole processes: they generate pages, run a
//!   live service, print the URLs of the requests of the pages, and run the bare loop
//!   over a file of URLs.

mod pages;

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use docproof::internals::check::rules::{self, Files, Settings};
use docproof::internals::page::case::Case;
use docproof::internals::page::case_file;
use docproof::internals::page::case_file::store;
use docproof::internals::page::collect;
use docproof::internals::page::reader::{Extraction, Reader};
use docproof::internals::page::survey::{self, PageFile};
use docproof::internals::project::config::Config;
use docproof::internals::project::plan::{CASE_HEADER, Live, Planned, Step, Target, plan};
use docproof::internals::run::environment::outside;
use docproof::internals::run::mock::{Incoming, RunningMock, Settings as MockSettings, Table};
use docproof::internals::run::outcome::Exchanges;
use docproof::internals::run::{Bodies, Options, Repetition, Replay};
use docproof::internals::text::parallel::{self, cores};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use url::Url;

const PAGES: usize = 2_000;
const CASES: usize = 1_000;
/// The routes of a large reference.
const ROUTES: usize = 4_000;
const SEED: u64 = 0x0d0c;
const JOBS: NonZeroUsize = NonZeroUsize::new(16).expect("not zero");
/// The body of each response of the service.
const SMALL: &str = r#"{"id": "7"}"#;
/// The number of resources in a list of 4 KB.
const LISTED: usize = 13;
const SAMPLES: u32 = 15;
const ROUNDS: usize = 9;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["ratios"] => ratios(),
        ["generate", count, folder] => generate(count, folder, pages::Kind::Mixed),
        ["generate", count, folder, "gets"] => generate(count, folder, pages::Kind::Gets),
        ["generate", count, folder, "lists"] => generate(count, folder, pages::Kind::Lists),
        ["serve", address] => runtime().block_on(serve(address, SMALL.to_owned())),
        ["serve", address, "lists"] => runtime().block_on(serve(address, pages::list(LISTED))),
        ["urls", base, folder] => {
            let base = Url::parse(base).expect("a base URL");
            let cases = collect(Path::new(folder), cores()).into();
            for step in &*steps(&cases, &live(base).target(Vec::new(), &cases)) {
                println!("{}", step.url);
            }
        }
        ["send", file, jobs] => {
            let urls = fs::read_to_string(file).expect("a file of URLs");
            let jobs = jobs.parse().expect("a number of jobs");
            runtime().block_on(bare_loop(&urls.lines().map(get).collect(), jobs));
        }
        _ => divan::main(),
    }
}

fn generate(count: &str, folder: &str, kind: pages::Kind) {
    let count = count.parse().expect("a number of pages");
    pages::write(Path::new(folder), count, kind, SEED).expect("the pages are written");
}

/// A folder of pages. Generated pages are removed with it.
struct Corpus {
    root: PathBuf,
    files: Vec<PageFile>,
    bytes: u64,
    _generated: Option<TempDir>,
}

impl Corpus {
    fn open(root: PathBuf, generated: Option<TempDir>) -> Self {
        let (files, _) = survey::find(&root).expect("a folder of pages");
        let length = |page: &PageFile| fs::metadata(&page.file).map_or(0, |file| file.len());
        Self {
            bytes: files.iter().map(length).sum(),
            root,
            files,
            _generated: generated,
        }
    }

    fn generate(count: usize, kind: pages::Kind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        pages::write(folder.path(), count, kind, SEED).expect("the pages are written");
        Self::open(folder.path().to_owned(), Some(folder))
    }
}

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| match env::var_os("DOCPROOF_BENCH_DOCS") {
    Some(root) => Corpus::open(root.into(), None),
    None => Corpus::generate(PAGES, pages::Kind::Mixed),
});

/// The cases to replay are always generated: only the mock could send the documented
/// responses of any other reference.
static REPLAYED: LazyLock<Arc<[Case]>> = LazyLock::new(|| {
    let corpus = Corpus::generate(CASES, pages::Kind::Gets);
    collect(&corpus.root, cores()).into()
});

/// A mock with many routes, and their requests.
static ROUTED: LazyLock<(Table, Vec<(Url, HeaderMap)>)> = LazyLock::new(|| {
    let corpus = Corpus::generate(ROUTES, pages::Kind::Gets);
    let cases: Arc<[Case]> = collect(&corpus.root, cores()).into();
    let base = Url::parse("http://127.0.0.1/").expect("a URL");
    let sent = steps(&cases, &Target::Mock { base });
    let request = |step: &Step| {
        let mut headers = step.headers.clone();
        headers.remove(CASE_HEADER);
        (Url::parse(&step.url).expect("a URL"), headers)
    };
    let requests = sent.iter().map(request).collect();
    (Table::new(cases, MockSettings::default()), requests)
});

/// Gets the reply to each request, with a changed path.
fn replies(bencher: Bencher<'_, '_>, is_hit: bool, changed: impl Fn(&str) -> String) {
    let (table, requests) = &*ROUTED;
    let requests: Vec<_> = requests
        .iter()
        .map(|(url, headers)| (changed(url.path()), url.query(), headers))
        .collect();
    bencher.counter(ItemsCount::new(requests.len())).bench(|| {
        for (path, query, headers) in &requests {
            let reply = table.reply(&Incoming {
                method: "GET",
                path,
                query: *query,
                headers,
                body: b"",
            });
            assert_eq!(reply.status == StatusCode::OK, is_hit, "{path}");
        }
    });
}

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("not zero")
}

/// Only reads and parses each page: the minimum cost of any tool that uses
/// pulldown-cmark. The paths are known before.
fn bare_pass(corpus: &Corpus, threads: usize) -> usize {
    let next = AtomicUsize::new(0);
    let pass = || {
        let mut events = 0;
        while let Some(page) = corpus.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = fs::read(&page.file).expect("a page");
            let text = String::from_utf8_lossy(&bytes);
            let options = pulldown_cmark::Options::empty();
            let parser = pulldown_cmark::Parser::new_ext(&text, options).into_offset_iter();
            events += parser.map(divan::black_box).count();
        }
        events
    };
    if threads == 1 {
        return pass();
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(pass)).collect();
        let events = workers
            .into_iter()
            .map(|worker| worker.join().expect("a pass"));
        events.sum()
    })
}

fn collect(root: &Path, threads: NonZeroUsize) -> Vec<Case> {
    let collected = collect::collect(root, &Extraction::default(), threads, |_| true);
    collected.expect("a folder of pages").cases
}

/// Pages to cases, to YAML, and back, in memory.
fn extract(corpus: &Corpus, threads: NonZeroUsize) -> usize {
    let (pages, _) = survey::find(&corpus.root).expect("a folder of pages");
    let counts = parallel::map(&pages, threads, |page| {
        let Ok(extracted) = Reader::default().extract_file(page) else {
            return 0;
        };
        if extracted.cases.is_empty() {
            return 0;
        }
        let text = case_file::write(&page.path, &extracted.cases);
        let (read, _) = case_file::read(&page.path, &text).expect("what was written");
        read.len()
    });
    counts.into_iter().sum()
}

/// Pages to a folder of case files, like `docproof extract`, and the folder to cases.
/// This also measures the file system. ext4 takes ten times as long to create files
/// in the minutes after many were removed, so set `TMPDIR` to a folder in memory.
fn extract_to_folder(corpus: &Corpus, threads: NonZeroUsize, folder: &Path) -> usize {
    let (pages, _) = survey::find(&corpus.root).expect("a folder of pages");
    let changes = parallel::map(&pages, threads, |page| {
        let extracted = Reader::default().extract_file(page).ok()?;
        store::compare_page(folder, &page.path, &extracted.cases).expect("a folder")
    });
    let changes: Vec<_> = changes.into_iter().flatten().collect();
    store::apply(folder, &changes, threads).expect("the files are written");
    let (read, _) = store::read_all(folder, threads).expect("what was written");
    read.len()
}

/// Pages to the findings of all rules.
fn check(corpus: &Corpus, threads: NonZeroUsize) -> usize {
    let survey = survey::survey(&corpus.root).expect("a folder of pages");
    let (pages, _) = survey::read_all(&survey.pages, threads);
    let paths = survey.pages.iter().map(|page| page.path.to_string());
    let files = Files::new(paths.chain(survey.others));
    let settings = Settings::default();
    rules::check(&pages, &files, &settings, |_| true, threads)
        .findings
        .len()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores().get())
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A service that sends the same JSON to each request.
async fn serve(address: &str, answer: String) {
    let address: SocketAddr = address.parse().expect("an address, such as 127.0.0.1:8080");
    let listener = TcpListener::bind(address).await.expect("a free port");
    serve_on(listener, answer).await;
}

async fn serve_on(listener: TcpListener, answer: String) {
    let answer = Bytes::from(answer);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], answer) };
    let service = Router::new().fallback(answer);
    axum::serve(listener, service).await.expect("it serves on");
}

/// Starts the service on a free port, in the given runtime.
async fn start_service() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(serve_on(listener, SMALL.to_owned()));
    Url::parse(&format!("http://{address}")).expect("a URL")
}

fn live(base: Url) -> Live {
    Live {
        var_default: Some("7".to_owned()),
        ..Live::new(base)
    }
}

fn steps(cases: &Arc<[Case]>, target: &Target) -> Arc<[Step]> {
    let units = plan(cases, cases, &[], target).into_iter();
    units
        .filter_map(|unit| match unit.planned {
            Planned::Send(step) => Some(*step),
            Planned::Script | Planned::Skip(_) => None,
        })
        .collect()
}

/// A request of the pages that only have GETs.
fn get(url: &str) -> Step {
    let accept = HeaderValue::from_static("application/json");
    Step {
        method: Method::GET,
        url: url.to_owned(),
        headers: HeaderMap::from_iter([(ACCEPT, accept)]),
        body: None,
        settled: Vec::new(),
    }
}

/// Sends the same requests as docproof, and reads the responses without comparing
/// them.
async fn bare_loop(steps: &Arc<[Step]>, jobs: NonZeroUsize) -> usize {
    // An error means that the process already has a provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client");
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..jobs.get() {
        let (client, steps, next) = (client.clone(), Arc::clone(steps), Arc::clone(&next));
        tasks.spawn(async move {
            let mut bytes = 0;
            while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut request = client
                    .request(step.method.clone(), &step.url)
                    .headers(step.headers.clone());
                if let Some(body) = &step.body {
                    request = request.body(body.clone());
                }
                let answer = request.send().await.expect("an answer");
                bytes += answer.bytes().await.expect("its body").len();
            }
            bytes
        });
    }
    tasks.join_all().await.into_iter().sum()
}

/// Replays the cases as `docproof test` does, and returns how many passed.
async fn replay(cases: &Arc<[Case]>, config: &Config, live: Option<Live>) -> usize {
    let options = Options {
        live,
        timeout: Duration::from_secs(30),
        snapshots: None,
        today: docproof::internals::run::environment::today(),
        keep_responses: false,
        exchanges: Exchanges::None,
        bodies: Bodies::default(),
        scenarios: Vec::new(),
        outside: outside(Path::new(".")),
        repetition: Repetition::default(),
    };
    let replay = Replay::start(Arc::clone(cases), cases, config, "", &options).await;
    let replay = replay.expect("a target");
    let finished = replay
        .run(JOBS, std::future::pending::<()>, |_, _| {
            ControlFlow::Continue(())
        })
        .await;
    let passed = finished.expect("a run").counts.pass;
    assert_eq!(passed, cases.len(), "a replay of failures measures nothing");
    passed
}

/// A project without a `docproof.toml`.
fn defaults() -> Config {
    let folder = tempfile::tempdir().expect("a folder");
    Config::load(folder.path()).expect("the defaults")
}

#[divan::bench(args = [1, 2], sample_count = SAMPLES, sample_size = 1)]
fn bare_pulldown_cmark(bencher: Bencher<'_, '_>, on: usize) {
    bencher
        .counter(BytesCount::new(CORPUS.bytes))
        .bench(|| bare_pass(&CORPUS, on));
}

#[divan::bench(args = [1, 2], sample_count = SAMPLES, sample_size = 1)]
fn pages_to_cases(bencher: Bencher<'_, '_>, on: usize) {
    bencher
        .counter(BytesCount::new(CORPUS.bytes))
        .bench(|| collect(&CORPUS.root, threads(on)));
}

#[divan::bench(args = [1, 2], sample_count = SAMPLES, sample_size = 1)]
fn pages_to_yaml_and_back(bencher: Bencher<'_, '_>, on: usize) {
    bencher
        .counter(BytesCount::new(CORPUS.bytes))
        .bench(|| extract(&CORPUS, threads(on)));
}

#[divan::bench(args = [1, 2], sample_count = SAMPLES, sample_size = 1)]
fn pages_to_case_files_and_back(bencher: Bencher<'_, '_>, on: usize) {
    bencher
        .counter(BytesCount::new(CORPUS.bytes))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_refs(|folder| extract_to_folder(&CORPUS, threads(on), folder.path()));
}

#[divan::bench(args = [1, 2], sample_count = SAMPLES, sample_size = 1)]
fn pages_to_findings(bencher: Bencher<'_, '_>, on: usize) {
    bencher
        .counter(BytesCount::new(CORPUS.bytes))
        .bench(|| check(&CORPUS, threads(on)));
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn replies_of_the_table(bencher: Bencher<'_, '_>) {
    replies(bencher, true, str::to_owned);
}

/// The paths with a changed last letter.
#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn misses_of_the_table(bencher: Bencher<'_, '_>) {
    replies(bencher, false, |path| {
        format!("{}~", &path[..path.len() - 1])
    });
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn table_of_the_mock(bencher: Bencher<'_, '_>) {
    let cases = ROUTED.0.cases();
    bencher
        .counter(ItemsCount::new(cases.len()))
        .bench(|| Table::new(Arc::clone(cases), MockSettings::default()));
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn bare_reqwest_on_the_mock(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let mock = runtime.block_on(RunningMock::start(Arc::clone(&REPLAYED)));
    let base = Url::parse(&mock.base()).expect("a URL");
    let steps = steps(&REPLAYED, &Target::Mock { base });
    bencher
        .counter(ItemsCount::new(steps.len()))
        .bench_local(|| runtime.block_on(bare_loop(&steps, JOBS)));
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn docproof_on_the_mock(bencher: Bencher<'_, '_>) {
    let (runtime, config) = (runtime(), defaults());
    bencher
        .counter(ItemsCount::new(REPLAYED.len()))
        .bench_local(|| runtime.block_on(replay(&REPLAYED, &config, None)));
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn bare_reqwest_on_a_service(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let base = runtime.block_on(start_service());
    let steps = steps(&REPLAYED, &live(base).target(Vec::new(), &REPLAYED));
    bencher
        .counter(ItemsCount::new(steps.len()))
        .bench_local(|| runtime.block_on(bare_loop(&steps, JOBS)));
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn docproof_on_a_service(bencher: Bencher<'_, '_>) {
    let (runtime, config) = (runtime(), defaults());
    let live = live(runtime.block_on(start_service()));
    bencher
        .counter(ItemsCount::new(REPLAYED.len()))
        .bench_local(|| runtime.block_on(replay(&REPLAYED, &config, Some(live.clone()))));
}

/// Prints the ratio of each part to its bare peer.
fn ratios() {
    println!(
        "{} pages, {} bytes; {} cases at {JOBS} at a time; medians of {ROUNDS} rounds",
        CORPUS.files.len(),
        CORPUS.bytes,
        REPLAYED.len(),
    );
    let runtime = runtime();
    let config = defaults();
    let base = runtime.block_on(start_service());
    let mock = runtime.block_on(RunningMock::start(Arc::clone(&REPLAYED)));
    let mock_base = Url::parse(&mock.base()).expect("a URL");
    let mock_steps = steps(&REPLAYED, &Target::Mock { base: mock_base });
    let live = live(base);
    let live_steps = steps(&REPLAYED, &live.target(Vec::new(), &REPLAYED));
    // Kept until the end, so that their removal is not measured.
    let mut folders = Vec::new();
    for on in [1, 2] {
        compare(
            &format!("pages to cases, {on} thread(s)"),
            &mut || bare_pass(&CORPUS, on),
            &mut || collect(&CORPUS.root, threads(on)).len(),
        );
        compare(
            &format!("pages to YAML and back, {on} thread(s)"),
            &mut || bare_pass(&CORPUS, on),
            &mut || extract(&CORPUS, threads(on)),
        );
        compare(
            &format!("pages to case files and back, {on} thread(s)"),
            &mut || bare_pass(&CORPUS, on),
            &mut || {
                let folder = tempfile::tempdir().expect("a folder");
                let count = extract_to_folder(&CORPUS, threads(on), folder.path());
                folders.push(folder);
                count
            },
        );
    }
    // The ratios are equal if the cost is linear in the number of pages.
    for times in [1, 4, 16] {
        let corpus = Corpus::generate(PAGES / 4 * times, pages::Kind::Mixed);
        compare(
            &format!("{} pages to findings, 2 threads", corpus.files.len()),
            &mut || bare_pass(&corpus, 2),
            &mut || check(&corpus, threads(2)),
        );
    }
    compare(
        "replay on the mock",
        &mut || runtime.block_on(bare_loop(&mock_steps, JOBS)),
        &mut || runtime.block_on(replay(&REPLAYED, &config, None)),
    );
    compare(
        "replay on a live service",
        &mut || runtime.block_on(bare_loop(&live_steps, JOBS)),
        &mut || runtime.block_on(replay(&REPLAYED, &config, Some(live.clone()))),
    );
}

/// Runs the two in turn, after one round that is not counted.
fn compare(name: &str, bare: &mut dyn FnMut() -> usize, work: &mut dyn FnMut() -> usize) {
    let time = |work: &mut dyn FnMut() -> usize| {
        let start = Instant::now();
        divan::black_box(work());
        start.elapsed().as_secs_f64()
    };
    let rounds: Vec<(f64, f64)> = (0..=ROUNDS).map(|_| (time(bare), time(work))).collect();
    let rounds = &rounds[1..];
    println!(
        "{name:38} {:8.1} ms, bare {:8.1} ms, ratio {:.2}",
        median(rounds.iter().map(|(_, work)| work * 1e3)),
        median(rounds.iter().map(|(bare, _)| bare * 1e3)),
        median(rounds.iter().map(|(bare, work)| work / bare)),
    );
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
