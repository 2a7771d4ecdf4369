//! `docproof mock`: serves the documented examples.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;

use super::args::Mock;
use super::docs::{Docs, threads};
use super::exit::{Exit, Failure};
use super::log::Log;
use super::output::Output;
use super::select::Selector;
use super::test::runtime;
use crate::page::case::Case;
use crate::project::config::Config;
use crate::report::plural;
use crate::report::{curl, terminal};
use crate::run::mock::{Settings, Table};
use crate::tools::serve::fault::{Faults, any_seed};
use crate::tools::serve::reload::{Pages, ReloadError, Reloaded, watch};
use crate::tools::serve::{About, Server, State, serve};

pub(super) fn run(args: &Mock, config: &Config, output: &mut Output) -> Result<Exit, Failure> {
    let docs = Docs::find(args.docs.as_deref(), config)?;
    docs.note_fallback(output);
    let runtime = runtime(threads(args.jobs))?;
    let address = SocketAddr::new(args.bind, args.port);
    let listener = runtime
        .block_on(TcpListener::bind(address))
        .and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = listener.map_err(|error| not_bound(address, &error))?;
    let settings = Settings {
        any_host: args.any_host,
        validate: args.validate.validate(),
        status: args.status,
        own_hosts: own_hosts(address),
        ..Settings::default()
    };
    let (table, pages) = read(args, &docs, settings, output)?;
    let count = table.cases().len();
    let about = About {
        docs: docs.shown.clone(),
        base: base(address),
        curl: curl::to_mock,
    };
    let state = Arc::new(State::new(table, about));
    let seed = args.seed.unwrap_or_else(any_seed);
    let faults = Faults::new(args.fault.clone(), args.latency.clone(), seed);
    let server = Arc::new(Server::new(Arc::clone(&state), faults, args.cors));
    let has_faults = !(args.fault.is_empty() && args.latency.is_empty());
    if has_faults && args.seed.is_none() {
        output.note(&format!("faults use --seed {seed}"));
    }
    if !address.ip().is_loopback() {
        output.note(&format!(
            "other machines can reach {address}; use --any-host to accept hosts that are not documented"
        ));
    }
    let log = Log::start(args.log)?;
    let watching = match pages {
        Some(pages) if !args.no_reload => watch(pages, state, log_reload)
            .inspect_err(|error| {
                output.note(&format!("{error}; changes to pages are not reloaded"));
            })
            .ok(),
        _ => None,
    };
    let served = runtime.block_on(async {
        let stop = stopped().map_err(|error| {
            Failure::new(Exit::NotDone, format!("failed to handle signals: {error}"))
        })?;
        let base = base(address);
        output.line(&format!(
            "serving {} of {} at {base}; browse at {base}/__docproof/; responses come from the \
             pages, not from the service",
            plural(count, "example"),
            if docs.shown.is_empty() {
                "."
            } else {
                &docs.shown
            },
        ))?;
        output.flush()?;
        serve(listener, server, stop).await;
        Ok(Exit::Passed)
    });
    drop(watching);
    // Open connections may still be running.
    runtime.shutdown_background();
    if let Some(lost) = log.map(Log::end).filter(|lost| *lost > 0) {
        output.note(&format!("{} dropped from the log", plural(lost, "line")));
    }
    served
}

/// Reads the examples, and the pages to watch for changes, if any.
fn read(
    args: &Mock,
    docs: &Docs,
    settings: Settings,
    output: &mut Output,
) -> Result<(Table, Option<Pages>), Failure> {
    let selector = Selector::of_cases(&args.selection)?;
    if docs.are_case_files {
        let wanted = |page: &str| docs.takes(page) && selector.takes_page(page);
        let collected = docs.collect(threads(args.jobs), wanted)?;
        output.findings(&collected.diagnostics, false);
        let cases = selector.cases(docs, collected.cases)?;
        return Ok((Table::new(cases, settings), None));
    }
    let docs_of_filter = docs.clone();
    let selector_of_filter = selector.clone();
    let wanted =
        move |case: &Case| docs_of_filter.takes(&case.page) && selector_of_filter.takes(case);
    let (pages, mut findings) = Pages::load(
        &docs.root,
        &docs.extraction,
        threads(args.jobs),
        Box::new(wanted),
    )?;
    docs.note_recognised(pages.cases(), output);
    docs.name_findings(&mut findings);
    output.findings(&findings, false);
    if pages.cases().is_empty() {
        return Err(selector.nothing(docs));
    }
    Ok((pages.table(settings), Some(pages)))
}

fn not_bound(address: SocketAddr, error: &io::Error) -> Failure {
    let failure = Failure::new(
        Exit::NotDone,
        format!("failed to serve at {address}: {error}"),
    );
    match error.kind() {
        io::ErrorKind::AddrInUse => failure.help("the port is in use; --port 0 picks a free one"),
        io::ErrorKind::AddrNotAvailable => {
            failure.help("--bind is not an address of this machine; 0.0.0.0 listens on all of them")
        }
        _ => failure,
    }
}

/// The base URL of a server. Uses loopback if the server listens on all addresses.
fn base(address: SocketAddr) -> String {
    let ip = address.ip();
    let host = match ip.is_unspecified() {
        true if ip.is_ipv4() => "127.0.0.1".to_owned(),
        true => "[::1]".to_owned(),
        false => return format!("http://{address}"),
    };
    format!("http://{host}:{}", address.port())
}

/// The values of `Host` that name this server rather than a documented host.
fn own_hosts(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let names = ["127.0.0.1", "localhost", "[::1]"];
    let mut hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
    hosts.push(address.to_string());
    if port == 80 {
        hosts.extend(names.map(str::to_owned));
        hosts.push(address.ip().to_string());
    }
    hosts
}

/// Logs the result of reloading changed pages.
fn log_reload(reloaded: Result<Reloaded, ReloadError>) {
    match reloaded {
        Ok(reloaded) => {
            let changed = reloaded.pages + reloaded.gone;
            tracing::info!(
                "reloaded {} in {} ms; serving {}",
                plural(changed, "page"),
                reloaded.elapsed.as_millis(),
                plural(reloaded.cases, "example")
            );
            for why in &reloaded.stale {
                tracing::warn!(
                    "serving the previous version (the page has errors): {}",
                    terminal::short_finding(why)
                );
            }
        }
        Err(error) => tracing::warn!("{error}"),
    }
}

/// Completes when the process receives a signal to stop. Handles signals from now
/// on.
#[cfg(unix)]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "fails on Unix")]
fn stopped() -> io::Result<impl Future<Output = ()>> {
    Ok(super::test::interrupted())
}
