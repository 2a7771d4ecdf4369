//! The request log of the mock server, on standard error. Logging never blocks a
//! request: lines are buffered in memory and written in batches by a thread. Lines
//! that do not fit the buffer are dropped and counted. A channel would wake the
//! thread for each line, which costs as much as a response.

use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::args::LogFormat;
use super::exit::{Exit, Failure};
use crate::report::printable;

/// Maximum size of the buffer, in bytes.
const BUFFER_SIZE: usize = 1 << 20;
/// How long lines are collected before a write.
const COLLECT: Duration = Duration::from_millis(10);
/// Interval between checks that the last lines are written.
const POLL: Duration = Duration::from_millis(20);
/// Maximum number of such checks: a full pipe may never be read.
const POLLS: usize = 50;

/// A running log.
pub(super) struct Log {
    lines: Arc<Lines>,
    thread: JoinHandle<()>,
}

/// The buffered lines.
#[derive(Default)]
struct Lines {
    buffer: Mutex<Buffer>,
    more: Condvar,
}

#[derive(Default)]
struct Buffer {
    text: Vec<u8>,
    dropped: usize,
    is_done: bool,
}

impl Log {
    /// Starts the log of the process, unless it is off.
    pub(super) fn start(format: LogFormat) -> Result<Option<Self>, Failure> {
        if format == LogFormat::Off {
            return Ok(None);
        }
        let failed = |error: &dyn fmt::Display| {
            Failure::new(Exit::NotDone, format!("failed to start the log: {error}"))
        };
        let lines = Arc::new(Lines::default());
        let for_thread = Arc::clone(&lines);
        let thread = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || for_thread.write_out(io::stderr()))
            .map_err(|error| failed(&error))?;
        let for_events = Arc::clone(&lines);
        let builder =
            tracing_subscriber::fmt().with_writer(move || Filler(Arc::clone(&for_events)));
        let set = if format == LogFormat::Json {
            let json = builder.json().flatten_event(true).with_target(false);
            let json = json.with_current_span(false).with_span_list(false);
            tracing::subscriber::set_global_default(json.finish())
        } else {
            tracing::subscriber::set_global_default(builder.event_format(Line).finish())
        };
        set.map_err(|error| failed(&error))?;
        Ok(Some(Self { lines, thread }))
    }

    /// Writes the buffered lines, and returns the number of dropped ones.
    pub(super) fn end(self) -> usize {
        self.lines.lock().is_done = true;
        self.lines.more.notify_one();
        for _ in 0..POLLS {
            if self.thread.is_finished() {
                break;
            }
            thread::sleep(POLL);
        }
        self.lines.lock().dropped
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line if it fits the buffer.
    fn add(&self, line: &[u8]) {
        let mut buffer = self.lock();
        if buffer.text.len() + line.len() > BUFFER_SIZE {
            buffer.dropped += 1;
            return;
        }
        let is_first = buffer.text.is_empty();
        buffer.text.extend_from_slice(line);
        drop(buffer);
        if is_first {
            self.more.notify_one();
        }
    }

    /// Writes lines until the log ends.
    fn write_out(&self, mut out: impl Write) {
        let mut text = Vec::new();
        loop {
            let buffer = self
                .more
                .wait_while(self.lock(), |buffer| {
                    buffer.text.is_empty() && !buffer.is_done
                })
                .unwrap_or_else(PoisonError::into_inner);
            let is_done = buffer.is_done;
            drop(buffer);
            if !is_done {
                thread::sleep(COLLECT);
            }
            text.clear();
            mem::swap(&mut text, &mut self.lock().text);
            // A closed standard error cannot be reported.
            let _ = out.write_all(&text);
            if is_done {
                return;
            }
        }
    }
}

/// Adds the lines of events to the buffer. Each write is a whole line.
struct Filler(Arc<Lines>);

impl Write for Filler {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Formats an event as its values, in order, on one line.
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
        writer.write_str(&printable(&values.0))?;
        writer.write_char('\n')
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
        // Writing to a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.0, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_and_counts_lines_that_do_not_fit() {
        let lines = Lines::default();
        let line = vec![b'x'; BUFFER_SIZE / 4];
        for _ in 0..6 {
            lines.add(&line);
        }
        let mut buffer = lines.lock();
        assert_eq!((buffer.dropped, buffer.text.len()), (2, BUFFER_SIZE));
        buffer.is_done = true;
        drop(buffer);
        let mut written = Vec::new();
        lines.write_out(&mut written);
        assert_eq!(written.len(), BUFFER_SIZE);
    }
}
