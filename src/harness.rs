//! Runs the documented examples as `cargo test` tests. Each example is a test named
//! by its id.
//!
//! In the repository of a service, `tests/docs.rs` contains:
//!
//! ```no_run
//! # fn start_service() -> String { String::new() }
//! fn main() -> std::process::ExitCode {
//!     docproof::harness::Harness::new(env!("CARGO_MANIFEST_DIR"))
//!         .base_url(start_service)
//!         .run()
//! }
//! ```
//!
//! and `Cargo.toml` contains:
//!
//! ```toml
//! [[test]]
//! name = "docs"
//! harness = false
//!
//! # Sends an apostrophe in a documented query as it is, not as %27, in debug
//! # builds too.
//! [profile.dev.package.url]
//! debug-assertions = false
//! ```

mod orphans;
mod tested;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::Runtime;
use url::Url;

use crate::check::rules::{self, is_error};
use crate::check::types::{Mode, Types};
use crate::http::message::is_framing;
use crate::page::case::{Case, page_of_id};
use crate::page::collect::{self, Collected};
pub use crate::page::reader::Unannotated;
use crate::page::reader::{self, Reader};
use crate::page::survey::{self, PageFile};
use crate::project::config::{Config, Service, Sources};
use crate::project::plan::{Live, Mappings, Planned, Target, Unit, plan};
use crate::project::scenario::{self, Scenario};
use crate::report::adapters;
use crate::report::place::Located;
use crate::report::recognition;
use crate::report::record::made;
use crate::report::terminal;
use crate::report::{printable, printable_lines};
use crate::run::environment::{
    UpdateWord, asks_for_snapshots, outside, requires_snapshots, today, update_variable, variable,
};
use crate::run::outcome::{CaseResult, Exchanges, Outcome, Proof, verdict};
use crate::run::snapshot::{Handling, State};
use crate::run::{Bodies, Options, Repetition, Replay};
use crate::text::finding::Diagnostic;
use crate::text::parallel::cores;
use crate::text::severity::Severity;
use tested::Tested;

/// The folder of scenarios in findings.
const SCENARIOS: &str = "specs/scenarios";

const TIMEOUT: Duration = Duration::from_secs(30);

type Start = Box<dyn FnOnce() -> String + Send>;

/// Runs the documented examples of a project as tests.
pub struct Harness {
    project: PathBuf,
    docs: Option<String>,
    services: Vec<String>,
    unannotated: Option<Unannotated>,
    start: Option<Start>,
    target: Option<String>,
    /// The settings of the service, without its base URL.
    live: Live,
    problems: Vec<String>,
}

impl Harness {
    /// Creates a harness for the project in this folder, usually
    /// `Harness::new(env!("CARGO_MANIFEST_DIR"))`. Reads `docproof.toml` if there is
    /// one. By default, the examples run against a mock generated from the pages.
    pub fn new(project: impl Into<PathBuf>) -> Self {
        let unknown = Url::parse("http://127.0.0.1/").expect("a URL");
        Self {
            project: project.into(),
            docs: None,
            services: Vec::new(),
            unannotated: None,
            start: None,
            target: None,
            live: Live::new(unknown),
            problems: Vec::new(),
        }
    }

    /// Sets the docs root, relative to the project.
    #[must_use]
    pub fn docs(mut self, folder: impl Into<String>) -> Self {
        self.docs = Some(folder.into());
        self
    }

    /// Sends the requests to a service instead of the mock. `start` starts the
    /// service and returns its base URL. It is called once, in the test process,
    /// before the first request; `--list` does not call it.
    #[must_use]
    pub fn base_url(mut self, start: impl FnOnce() -> String + Send + 'static) -> Self {
        self.start = Some(Box::new(start));
        self
    }

    /// Sends the requests to the service of `[target.NAME]` in `docproof.toml`. Other
    /// settings, such as the base URL, add to those of the target or override them.
    #[must_use]
    pub fn target(mut self, name: impl Into<String>) -> Self {
        self.target = Some(name.into());
        self
    }

    /// Adds a documented URL that the base URL replaces. The default is `service` in
    /// `docproof.toml`, or the host that most cases use.
    #[must_use]
    pub fn service(mut self, url: impl Into<String>) -> Self {
        self.services.push(url.into());
        self
    }

    /// Sets when examples without annotations are recognised. The default is that of
    /// `[extract]` in `docproof.toml`.
    #[must_use]
    pub fn unannotated(mut self, unannotated: Unannotated) -> Self {
        self.unannotated = Some(unannotated);
        self
    }

    /// Sets the value of a placeholder.
    #[must_use]
    pub fn var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.live.vars.insert(name.into(), value.into());
        self
    }

    /// Sets the value of all other placeholders.
    #[must_use]
    pub fn var_default(mut self, value: impl Into<String>) -> Self {
        self.live.var_default = Some(value.into());
        self
    }

    /// Adds a header field to each request.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            (Ok(name), Ok(mut value)) if !is_framing(name.as_str()) => {
                value.set_sensitive(true);
                self.live.headers.insert(name, value);
            }
            _ => self
                .problems
                .push(format!("invalid header field `{}`", name.escape_debug())),
        }
        self
    }

    /// Sends requests of all methods, not only GET, HEAD and OPTIONS.
    #[must_use]
    pub fn allow_writes(mut self) -> Self {
        self.live.allow_writes = true;
        self
    }

    /// Runs the tests that the arguments of the process select.
    pub fn run(self) -> ExitCode {
        self.run_with(std::env::args_os())
    }

    /// Runs the tests that these arguments select. The first argument is the name of
    /// the program.
    pub fn run_with(self, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
        let arguments = Arguments::from_iter(arguments);
        let prepared = match self.prepare(&arguments) {
            Ok(prepared) => prepared,
            Err(message) => {
                eprintln!("docproof: {}", printable_lines(&message));
                return ExitCode::FAILURE;
            }
        };
        let proof = prepared.proof;
        if !arguments.list {
            if let Some(recognised) = &prepared.recognised {
                eprintln!("docproof: {recognised}");
            }
            for finding in &prepared.findings {
                eprintln!("{}", terminal::short_finding(finding));
            }
        }
        let conclusion = libtest_mimic::run(&arguments, prepared.trials);
        if !arguments.list {
            let tested = prepared.tested.lock();
            let tested = tested.unwrap_or_else(PoisonError::into_inner);
            for known in &tested.deviations {
                eprintln!("docproof: {}", terminal::deviation(known));
            }
            let (proven, numbers) =
                tested.numbers(proof, prepared.unread, prepared.orphans, &conclusion);
            eprintln!("docproof: {}", verdict(proven, numbers, "the service"));
            let new = tested.counts.snapshots.get(State::New.name());
            if let Some(new) = new.filter(|_| prepared.asks_for_snapshots) {
                eprintln!("docproof: {}", terminal::unaccepted(*new));
            }
        }
        conclusion.exit_code()
    }

    fn prepare(self, arguments: &Arguments) -> Result<Prepared, String> {
        if let Some(problem) = self.problems.first() {
            return Err(problem.clone());
        }
        let mut config = Config::load(&self.project).map_err(|error| error.to_string())?;
        if let Some(docs) = &self.docs {
            config.docs = self.project.join(docs);
            docs.trim_end_matches('/').clone_into(&mut config.docs_name);
        }
        if let Some(unannotated) = self.unannotated {
            config.extract.unannotated = unannotated;
        }
        if !self.services.is_empty() {
            let services = self.services.iter().map(|url| Service::parse(url));
            let services: Result<_, _> = services.collect();
            config.services = services.map_err(|error| error.to_string())?;
        }
        let update = UpdateWord::from_variable()
            .ok_or_else(|| format!("invalid value of {}", update_variable()))?
            .update(true);
        let is_required = update.is_some() && requires_snapshots(&config);
        let snapshots = update.map(|update| Handling {
            update,
            is_required,
        });
        let asks_for_snapshots = asks_for_snapshots(&config, snapshots);
        let is_live = self.start.is_some() || self.target.is_some();
        let own_vars: Vec<String> = self.live.vars.keys().cloned().collect();
        let (live, timeout) = match &self.target {
            Some(name) => with_target(self.live, name, &mut config)?,
            None => (self.live, TIMEOUT),
        };
        // Types and the cases of scenarios can be on any page.
        let needs_all = is_live;
        let (collected, is_alone) = collect(&config, arguments, needs_all)?;
        let recognised = recognition::of_run(&collected.cases).filter(|_| !is_alone);
        let cases: Arc<[Case]> = collected.cases.as_slice().into();
        let (types, _) = Types::new(&collected.resources);
        let known = is_live.then(|| live.vars.keys().cloned().collect());
        let (scenarios, findings) = if needs_all || !is_alone {
            scenario::load(&config.scenarios, SCENARIOS, &cases, known.as_ref())
        } else {
            (Vec::new(), Vec::new())
        };
        let mut findings_of_files = Vec::new();
        for finding in findings {
            if finding.severity == Severity::Error {
                let text = anstream::adapter::strip_str(&terminal::finding(&finding)).to_string();
                return Err(format!("invalid scenarios\n{text}"));
            }
            findings_of_files.push(finding);
        }
        if is_live && collected.unread().next().is_none() {
            let vars: Vec<&str> = own_vars.iter().map(String::as_str).collect();
            let mappings = Mappings {
                services: if self.services.is_empty() {
                    &[]
                } else {
                    &config.services
                },
                hosts: &[],
                vars: &vars,
            };
            if let Some(idle) = mappings.first_idle(&cases, &scenarios) {
                let (option, name) = (idle.option, idle.name);
                return Err(format!("`{option}` {name} {}", idle.message));
            }
        }
        let units = units(&cases, &scenarios, is_live.then_some(&live), &config);
        let unread = collected.unread().count();
        let read = |path: &str| {
            let path: Arc<str> = path.into();
            let file = config.docs.join(&*path);
            survey::read(&PageFile { path, file }).ok()
        };
        let mut findings = rules::reported(&collected.diagnostics, &config.check.levels, read);
        let mut trials = page_trials(&findings);
        let orphans = if is_required && !is_alone && unread == 0 {
            orphans::trial(arguments, &config, &cases, &scenarios)?
        } else {
            None
        };
        let of_orphans = orphans.iter().len();
        trials.extend(orphans);
        findings.append(&mut findings_of_files);
        let tested = Arc::default();
        let shared = Arc::new(Shared {
            tested: Arc::clone(&tested),
            cases: Arc::clone(&cases),
            scenarios,
            types: Arc::new(types),
            config,
            reader: collected.reader,
            snapshots,
            is_live,
            has_start: self.start.is_some(),
            live,
            timeout,
            start: Mutex::new(self.start),
            running: OnceLock::new(),
        });
        trials.extend(units.into_iter().enumerate().map(|(index, unit)| {
            let shared = Arc::clone(&shared);
            let name = unit.id(&cases[unit.case]);
            let skip = match unit.planned {
                Planned::Skip(skip) => Some(skip),
                Planned::Send(_) | Planned::Script => None,
            };
            let ignored = skip.is_some();
            Trial::test(printable(&name), move || match skip {
                Some(why) => {
                    let why = format!("case skipped: {why}");
                    Err(Failed::from(&*shared.live.secrets.masked(&why)))
                }
                None => shared.test(index, unit.case),
            })
            .with_ignored_flag(ignored)
        }));
        Ok(Prepared {
            trials,
            recognised,
            findings,
            unread,
            orphans: of_orphans,
            tested,
            asks_for_snapshots,
            proof: if is_live {
                Proof::Conformance
            } else {
                Proof::Parsing
            },
        })
    }
}

/// A failing test for each page with an error: what the error loses is not tested.
fn page_trials(findings: &[Diagnostic]) -> Vec<Trial> {
    let pages = findings.chunk_by(|a, b| a.file == b.file);
    let pages = pages.filter(|findings| findings.iter().any(is_error));
    let pages = pages.map(|findings| {
        let errors = findings.iter().filter(|finding| is_error(finding));
        let text: String = errors
            .map(|finding| anstream::adapter::strip_str(&terminal::finding(finding)).to_string())
            .collect();
        Trial::test(findings[0].file.to_string(), move || {
            Err(Failed::from(text))
        })
    });
    pages.collect()
}

/// Merges a target of the configuration with the settings of the harness.
fn with_target(live: Live, name: &str, config: &mut Config) -> Result<(Live, Duration), String> {
    let target = config.target(name).map_err(|error| error.to_string())?;
    let target = target.clone();
    let sources = Sources {
        project: &config.project,
        variable: &variable,
        secrets: &live.secrets,
    };
    let mut merged = Live::of(&target, sources).map_err(|error| error.to_string())?;
    config.policies.override_with(&target.policies);
    merged.vars.extend(live.vars);
    merged.var_default = live.var_default;
    merged.allow_writes |= live.allow_writes;
    merged.headers.extend(live.headers);
    Ok((merged, target.timeout.unwrap_or(TIMEOUT)))
}

struct Prepared {
    trials: Vec<Trial>,
    findings: Vec<Diagnostic>,
    /// How many examples were recognised, if any.
    recognised: Option<String>,
    /// The number of pages that could not be read.
    unread: usize,
    /// The number of tests for orphaned snapshots.
    orphans: usize,
    tested: Arc<Mutex<Tested>>,
    /// Whether the user should be told how to accept the first snapshots.
    asks_for_snapshots: bool,
    proof: Proof,
}

/// Reads the pages that the arguments select. A test selected with `--exact` needs
/// only its own page, because some runners start a process for each test. Returns
/// whether only one page was read.
fn collect(
    config: &Config,
    arguments: &Arguments,
    needs_all: bool,
) -> Result<(Collected, bool), String> {
    let one = match (&arguments.filter, arguments.exact) {
        (Some(id), true) if !needs_all => page_of_id(id),
        _ => None,
    };
    if let Some(path) = one {
        let is_inside = !path
            .split(['/', '\\'])
            .any(|part| matches!(part, "" | "." | ".."));
        let page = PageFile {
            file: config.docs.join(&path),
            path: path.into(),
        };
        if is_inside
            && !has_twin(&page.file)
            && page
                .file
                .symlink_metadata()
                .is_ok_and(|file| file.is_file())
        {
            let mut collected = Collected::default();
            let reader = reader_of(&page, config);
            match reader.extract_file(&page) {
                Ok(extracted) => {
                    collected.cases = extracted.cases;
                    collected.diagnostics = extracted.diagnostics;
                }
                Err(finding) => collected.diagnostics.push(*finding),
            }
            return Ok((
                Collected {
                    reader,
                    ..collected
                },
                true,
            ));
        }
    }
    // Types are only needed to check the bodies of a service.
    let collected = if needs_all {
        collect::collect_with_resources(&config.docs, &config.extract, cores(), |_| true)
    } else {
        collect::collect(&config.docs, &config.extract, cores(), |_| true)
    };
    Ok((collected.map_err(|error| error.to_string())?, false))
}

/// The reader of a page. The other pages are searched for an annotation only if the
/// page has none.
fn reader_of(page: &PageFile, config: &Config) -> Reader {
    config.extract.reader_if(|| {
        !survey::read(page).is_ok_and(|page| reader::is_annotated(&page))
            && survey::find(&config.docs)
                .is_ok_and(|(pages, _)| !reader::has_annotations(&pages, cores()))
    })
}

/// Whether another file of the folder has the same name if case is ignored. The file
/// names of snapshots depend on it.
fn has_twin(file: &Path) -> bool {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else {
        return false;
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name());
    names.any(|other| other != name && other.eq_ignore_ascii_case(name))
}

/// Plans the run. The plan does not depend on the base URL, which is not known before
/// the service starts.
fn units(
    cases: &[Case],
    scenarios: &[Arc<Scenario>],
    live: Option<&Live>,
    config: &Config,
) -> Vec<Unit> {
    let target = match live {
        Some(live) => live.target(config.services.clone(), cases),
        None => Target::unreached(),
    };
    plan(cases, cases, scenarios, &target)
}

/// State shared by the tests of a process.
struct Shared {
    cases: Arc<[Case]>,
    scenarios: Vec<Arc<Scenario>>,
    types: Arc<Types>,
    config: Config,
    reader: Reader,
    snapshots: Option<Handling>,
    is_live: bool,
    has_start: bool,
    live: Live,
    timeout: Duration,
    start: Mutex<Option<Start>>,
    tested: Arc<Mutex<Tested>>,
    running: OnceLock<Result<Running, String>>,
}

struct Running {
    runtime: Runtime,
    replay: Replay,
}

impl Shared {
    fn test(&self, index: usize, case: usize) -> Result<(), Failed> {
        let running = self.running.get_or_init(|| self.start());
        let Running { runtime, replay } = running.as_ref().map_err(Failed::from)?;
        let result = runtime.block_on(replay.run_one(index))?;
        let mut tested = self.tested.lock().unwrap_or_else(PoisonError::into_inner);
        tested.counts.add(&result);
        match &result.outcome {
            Outcome::Pass => {
                let known = result.known_deviation(&result.id(&self.cases[case]));
                tested.deviations.extend(known);
                Ok(())
            }
            Outcome::Skip(skip) => Err(Failed::from(skip.to_string())),
            Outcome::Fail(_) => {
                drop(tested);
                let mut text = self.failure(case, &result, replay.proof());
                if let Some(finding) = &result.finding {
                    text += &terminal::short_finding(finding);
                }
                Err(Failed::from(text))
            }
        }
    }

    fn start(&self) -> Result<Running, String> {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        let live = match start.take() {
            // Never falls back to the mock or the target if the service did not start.
            None if self.has_start => return Err("the service panicked while starting".to_owned()),
            None => self.is_live.then(|| self.live.clone()),
            Some(start) => {
                let base = start();
                let base = Url::parse(&base)
                    .map_err(|error| format!("invalid base URL `{base}`: {error}"))?;
                Some(Live {
                    base,
                    ..self.live.clone()
                })
            }
        };
        let options = Options {
            live,
            timeout: self.timeout,
            snapshots: self.snapshots,
            today: today(),
            keep_responses: false,
            exchanges: Exchanges::None,
            bodies: Bodies {
                mode: Some(Mode::Shape),
                types: Arc::clone(&self.types),
                strict: false,
            },
            scenarios: self.scenarios.clone(),
            outside: outside(&self.config.project),
            repetition: Repetition::default(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        let replay = runtime
            .block_on(Replay::start(
                Arc::clone(&self.cases),
                &self.cases,
                &self.config,
                &self.config.docs_name,
                &options,
            ))
            .map_err(|error| error.to_string())?;
        Ok(Running { runtime, replay })
    }

    /// Formats a failure with the lines of its page, without styles, because test
    /// runners store the output.
    fn failure(&self, index: usize, result: &CaseResult, proof: Proof) -> String {
        let case = &self.cases[index];
        let reread = self.reader.reread(&PageFile {
            path: Arc::clone(&case.page),
            file: self.config.docs.join(&*case.page),
        });
        let file = format!("{}/{}", self.config.docs_name, case.page);
        let located = reread.as_ref().and_then(|reread| {
            Some(Located {
                page: &reread.page,
                file: &file,
                places: reread.places(case)?,
            })
        });
        let record = made::case(case, result, located, &self.config.policies, proof);
        let text = terminal::failure(&adapters::test::entry(&record));
        anstream::adapter::strip_str(&text).to_string()
    }
}
