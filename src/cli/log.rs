//! The log of a server, on standard error. It never keeps a request waiting:
//! lines gather in memory and are written together by a thread, and what cannot
//! be written in time is left out, and counted. A channel that takes lines one
//! by one would wake its thread for each, which costs as much as an answer.

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

use super::args::LogWord;
use super::{Exit, Failure};
use crate::report::printable;

/// The most bytes that wait to be written.
const WAITING: usize = 1 << 20;
/// How long lines are gathered.
const GATHERED: Duration = Duration::from_millis(10);
/// How often is looked whether the last lines are written …
const LOOK: Duration = Duration::from_millis(20);
/// … and how often at most: nobody may read standard error.
const LOOKS: usize = 50;

/// A log that is written, until it is ended.
pub(super) struct Log {
    lines: Arc<Lines>,
    thread: JoinHandle<()>,
}

/// The lines that wait.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    more: Condvar,
}

#[derive(Default)]
struct Waiting {
    text: Vec<u8>,
    lost: usize,
    is_over: bool,
}

impl Log {
    /// Begins the log of the process, if there is to be one.
    pub(super) fn start(word: LogWord) -> Result<Option<Self>, Failure> {
        if word == LogWord::Off {
            return Ok(None);
        }
        let failed = |error: &dyn fmt::Display| {
            Failure::new(Exit::NotDone, format!("failed to start the log: {error}"))
        };
        let lines = Arc::new(Lines::default());
        let to_write = Arc::clone(&lines);
        let thread = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || to_write.write_out(io::stderr()))
            .map_err(|error| failed(&error))?;
        let to_fill = Arc::clone(&lines);
        let builder = tracing_subscriber::fmt().with_writer(move || Filler(Arc::clone(&to_fill)));
        let set = if word == LogWord::Json {
            let json = builder.json().flatten_event(true).with_target(false);
            let json = json.with_current_span(false).with_span_list(false);
            tracing::subscriber::set_global_default(json.finish())
        } else {
            tracing::subscriber::set_global_default(builder.event_format(Line).finish())
        };
        set.map_err(|error| failed(&error))?;
        Ok(Some(Self { lines, thread }))
    }

    /// Writes what waits; how many lines were left out.
    pub(super) fn end(self) -> usize {
        self.lines.lock().is_over = true;
        self.lines.more.notify_one();
        for _ in 0..LOOKS {
            if self.thread.is_finished() {
                break;
            }
            thread::sleep(LOOK);
        }
        self.lines.lock().lost
    }
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line, if there is room for it.
    fn add(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.text.len() + line.len() > WAITING {
            waiting.lost += 1;
            return;
        }
        let is_first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        drop(waiting);
        if is_first {
            self.more.notify_one();
        }
    }

    /// Writes lines as they come, until the log is over.
    fn write_out(&self, mut out: impl Write) {
        let mut text = Vec::new();
        loop {
            let waiting = self
                .more
                .wait_while(self.lock(), |waiting| {
                    waiting.text.is_empty() && !waiting.is_over
                })
                .unwrap_or_else(PoisonError::into_inner);
            let is_over = waiting.is_over;
            drop(waiting);
            if !is_over {
                thread::sleep(GATHERED);
            }
            text.clear();
            mem::swap(&mut text, &mut self.lock().text);
            // Where standard error is gone there is nobody to tell.
            let _ = out.write_all(&text);
            if is_over {
                return;
            }
        }
    }
}

/// Takes the lines of one event, each of which comes whole.
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
        // A string takes whatever is written to it.
        let _ = fmt::Write::write_fmt(&mut self.0, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_counted_and_keeps_nobody_waiting() {
        let lines = Lines::default();
        let line = vec![b'x'; WAITING / 4];
        for _ in 0..6 {
            lines.add(&line);
        }
        let mut waiting = lines.lock();
        assert_eq!((waiting.lost, waiting.text.len()), (2, WAITING));
        waiting.is_over = true;
        drop(waiting);
        let mut written = Vec::new();
        lines.write_out(&mut written);
        assert_eq!(written.len(), WAITING);
    }
}
