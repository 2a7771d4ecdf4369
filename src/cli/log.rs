//! The log of a server, on standard error. It never keeps a request waiting:
//! what cannot be written in time is left out, and counted.

use std::fmt;
use std::io::{self, BufWriter};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::args::LogWord;
use super::{Exit, Failure};
use crate::report::printable;

/// How many lines may wait to be written.
const WAITING: usize = 1 << 14;

/// A log that is written, until it is ended.
pub struct Log {
    lost: ErrorCounter,
    writer: WorkerGuard,
}

impl Log {
    /// Begins the log of the process, if there is to be one.
    pub fn start(word: LogWord) -> Result<Option<Self>, Failure> {
        if word == LogWord::Off {
            return Ok(None);
        }
        // A line is written with those that wait behind it.
        let stderr = BufWriter::with_capacity(1 << 16, io::stderr());
        let (writer, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(WAITING)
            .finish(stderr);
        let log = Self {
            lost: writer.error_counter(),
            writer: guard,
        };
        let builder = tracing_subscriber::fmt().with_writer(move || writer.clone());
        if word == LogWord::Json {
            let json = builder.json().flatten_event(true).with_target(false);
            let json = json.with_current_span(false).with_span_list(false);
            set(json.finish())?;
        } else {
            set(builder.event_format(Line).finish())?;
        }
        Ok(Some(log))
    }

    /// Writes what waits; how many lines were left out.
    pub fn end(self) -> usize {
        drop(self.writer);
        self.lost.dropped_lines()
    }
}

fn set(subscriber: impl Subscriber + Send + Sync) -> Result<(), Failure> {
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::new(Exit::NotDone, format!("failed to start the log: {error}")))
}

/// Writes an event as its values on one line, in their order.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut values = Values(String::with_capacity(128));
        event.record(&mut values);
        writeln!(writer, "{}", printable(&values.0))
    }
}

struct Values(String);

impl Visit for Values {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, format_args!("{value:.2} {field}"));
    }
}

impl Values {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if !self.0.is_empty() {
            self.0 += if field.name() == "remarks" { ": " } else { " " };
        }
        // A string takes whatever is written to it.
        let _ = fmt::Write::write_fmt(&mut self.0, value);
    }
}
