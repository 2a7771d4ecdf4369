//! Handles the results of a run: prints them as they arrive, and keeps records for
//! the reports.

use std::io::{self, IsTerminal as _};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::progress::Progress;
use crate::cli::args::{Show, ShownArgs, Test};
use crate::cli::docs::Docs;
use crate::cli::output::Output;
use crate::cli::reports::Reports;
use crate::page::case::Case;
use crate::page::reader::{Reader, Reread};
use crate::page::survey::PageFile;
use crate::project::config::Config;
use crate::report::adapters;
use crate::report::place::Located;
use crate::report::record::made;
use crate::report::record::{CaseRecord, OutcomeName, Summary, case_line, summary_line};
use crate::report::terminal;
use crate::run::outcome::{CaseResult, Exchanges, Outcome, Proof};
use crate::text::secret::Secrets;

/// Which exchanges a run keeps for its output and reports.
pub(super) fn exchanges(args: &Test, reports: &Reports, has_history: bool) -> Exchanges {
    if args.shown.verbose {
        Exchanges::All
    } else if reports.are_any() || has_history {
        Exchanges::Failed
    } else {
        Exchanges::None
    }
}

/// Prints and records results.
pub(super) struct Results<'a> {
    shown: &'a ShownArgs,
    /// Whether results are printed human-readable or as JSON; neither if standard
    /// output is another report.
    is_pretty: bool,
    is_json: bool,
    docs: &'a Docs,
    reader: Reader,
    config: &'a Config,
    proof: Proof,
    /// The page of the last failure, read again to locate it.
    page: Option<(Arc<str>, Option<Reread>)>,
    /// Whether to keep all records.
    keeps: bool,
    cases: Vec<CaseRecord>,
    /// One line per failure, and the number of lines printed since the first.
    failed: Vec<String>,
    lines_since: usize,
    /// The progress bar.
    pub progress: Progress,
    /// The error that stopped the output.
    pub error: Option<io::Error>,
}

impl<'a> Results<'a> {
    pub(super) fn new(
        args: &'a Test,
        reports: &Reports,
        has_history: bool,
        proof: Proof,
        docs: &'a Docs,
        reader: Reader,
        config: &'a Config,
    ) -> Self {
        Self {
            shown: &args.shown,
            is_pretty: reports.is_pretty(),
            is_json: reports.is_json(),
            docs,
            reader,
            config,
            proof,
            page: None,
            keeps: reports.need_cases() || has_history || args.shown.slowest.is_some(),
            cases: Vec::new(),
            failed: Vec::new(),
            lines_since: 0,
            progress: Progress::default(),
            error: None,
        }
    }

    /// Prints and records a result. Stops the run if the result cannot be written.
    pub(super) fn take(
        &mut self,
        case: &Case,
        result: &CaseResult,
        output: &mut Output,
    ) -> ControlFlow<()> {
        self.progress.count(result);
        if let Some(finding) = &result.finding {
            let finding = std::slice::from_ref(finding);
            self.progress.aside(|| output.findings(finding, true));
        }
        let is_shown = match result.outcome {
            Outcome::Fail(_) => true,
            Outcome::Pass => {
                let is_reported =
                    result.is_flaky() && !self.shown.quiet && !self.shown.failures_only;
                is_reported || self.shown.show.contains(&Show::Pass)
            }
            Outcome::Skip(_) => self.shown.show.contains(&Show::Skip),
        };
        let is_shown = is_shown && self.is_pretty;
        if !is_shown && !self.is_json && !self.keeps {
            return ControlFlow::Continue(());
        }
        let record = self.record(case, result);
        let mut written = Ok(());
        if self.is_json {
            written = output.line(&case_line(&record));
        } else if is_shown {
            let text = self.text(&record);
            written = self.progress.aside(|| {
                output.text(&text)?;
                // Buffered output would overwrite the bar.
                if self.progress.is_shown() {
                    output.flush()?;
                }
                Ok(())
            });
        }
        // A live run can be slow; print each result at once.
        if self.proof == Proof::Conformance && written.is_ok() {
            written = output.flush();
        }
        if self.keeps {
            self.cases.push(record);
        }
        self.error = written.err();
        match self.error {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        }
    }

    /// A record as human-readable text.
    fn text(&mut self, record: &CaseRecord) -> String {
        let is_failure = record.outcome == OutcomeName::Fail;
        let entry = adapters::test::entry(record);
        if is_failure {
            self.failed.push(terminal::short(&entry));
        }
        let mut text = if is_failure && !self.shown.quiet {
            terminal::failure(&entry)
        } else if record.flaky {
            terminal::flaky(&entry)
        } else {
            terminal::short(&entry)
        };
        if self.shown.verbose {
            text += &terminal::exchange(&entry);
        }
        if !self.shown.quiet && (is_failure || self.shown.verbose) {
            text.push('\n');
        }
        if !self.failed.is_empty() {
            self.lines_since += text.lines().count();
        }
        text
    }

    /// Prints the summary of a run.
    pub(super) fn end(&mut self, summary: &Summary, output: &mut Output) -> io::Result<()> {
        if self.is_json {
            return output.line(&summary_line(summary));
        }
        if !self.is_pretty {
            return Ok(());
        }
        let summary = adapters::test::summary(summary);
        if self.shown.quiet {
            return output.text(&terminal::short_summary(&summary));
        }
        // Repeats the failures if the first has scrolled off the screen.
        if self.failed.len() > 1 && self.lines_since > screen() {
            for line in &self.failed {
                output.text(line)?;
            }
            output.text("\n")?;
        }
        if let Some(count) = self.shown.slowest {
            let mut slowest: Vec<&CaseRecord> = self.cases.iter().collect();
            slowest.sort_by(|a, b| b.ms.total_cmp(&a.ms));
            slowest.truncate(count.get());
            let slowest: Vec<_> = slowest.into_iter().map(adapters::test::entry).collect();
            output.text(&terminal::slowest(&slowest))?;
        }
        if self.shown.failures_only {
            return output.text(&terminal::short_summary(&summary));
        }
        output.text(&terminal::summary(&summary))
    }

    /// Returns the kept records. Masks them again, because a secret can become known
    /// after a case.
    pub(super) fn into_cases(mut self, secrets: &Secrets) -> Vec<CaseRecord> {
        for case in &mut self.cases {
            case.each_text(&mut |text| secrets.mask(text));
        }
        self.cases
    }

    /// The record of a result. A failed or flaky one is located in its page.
    fn record(&mut self, case: &Case, result: &CaseResult) -> CaseRecord {
        let (policies, proof) = (&self.config.policies, self.proof);
        if !matches!(result.outcome, Outcome::Fail(_)) && !result.is_flaky() {
            return made::case(case, result, None, policies, proof);
        }
        let known = self
            .page
            .as_ref()
            .is_some_and(|(page, _)| *page == case.page);
        if !known {
            let file = PageFile {
                path: Arc::clone(&case.page),
                file: self.docs.path(&case.page),
            };
            // The page may no longer exist, or its cases may come from a case file.
            self.page = Some((Arc::clone(&case.page), self.reader.reread(&file)));
        }
        let file = self.docs.file(&case.page);
        let reread = self.page.as_ref().and_then(|(_, page)| page.as_ref());
        let located = reread.and_then(|reread| {
            Some(Located {
                page: &reread.page,
                file: &file,
                places: reread.places(case)?,
            })
        });
        made::case(case, result, located, policies, proof)
    }
}

/// Height of the terminal in lines; unlimited for a file or a pipe.
fn screen() -> usize {
    if !io::stdout().is_terminal() {
        return usize::MAX;
    }
    terminal_size::terminal_size().map_or(24, |(_, height)| usize::from(height.0))
}
