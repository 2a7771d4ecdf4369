//! The output streams: results go to standard output, everything else to standard
//! error. Styles are kept only for terminals.

use std::io::{self, BufWriter, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::report::{printable_lines, terminal};
use crate::text::finding::{Diagnostic, counts};
use crate::text::secret::Secrets;
use crate::text::severity::Severity;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// Maximum number of warnings shown in full; more are only counted.
const WARNINGS_SHOWN: usize = 40;
/// Number of warnings shown per rule when there are more.
const WARNINGS_PER_RULE: usize = 2;

/// The streams of the command.
pub(super) struct Output {
    out: BufWriter<io::Stdout>,
    /// Whether standard output supports styles.
    styled: bool,
    secrets: Secrets,
}

impl Output {
    pub(super) fn new() -> Self {
        let stdout = io::stdout();
        let styled = AutoStream::choice(&stdout) != ColorChoice::Never;
        Self {
            out: BufWriter::with_capacity(1 << 16, stdout),
            styled,
            secrets: Secrets::default(),
        }
    }

    /// The secrets masked in all output. Callers mask text where they create it;
    /// this is the last line of defense.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Writes styled text to standard output.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        let text = &*self.secrets.masked(text);
        if self.styled {
            self.out.write_all(text.as_bytes())
        } else {
            write!(self.out, "{}", anstream::adapter::strip_str(text))
        }
    }

    /// Writes an unstyled line to standard output.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(self.secrets.masked(line).as_bytes())?;
        self.out.write_all(b"\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes an error and its help to standard error.
    pub(super) fn error(&mut self, message: &str, help: Option<&str>) {
        // Keeps the order of standard output and standard error.
        let _ = self.flush();
        // A closed standard error cannot be reported.
        let mut err = anstream::stderr().lock();
        let _ = writeln!(
            err,
            "{ERROR}error{ERROR:#}: {}",
            printable_lines(&self.secrets.masked(message))
        );
        if let Some(help) = help {
            let _ = writeln!(
                err,
                "{HELP}help{HELP:#}: {}",
                printable_lines(&self.secrets.masked(help))
            );
        }
    }

    /// Writes a note to standard error.
    pub(super) fn note(&mut self, text: &str) {
        let _ = self.flush();
        let _ = writeln!(
            anstream::stderr().lock(),
            "{}",
            printable_lines(&self.secrets.masked(text))
        );
    }

    /// Writes findings to standard error: errors with the lines of their page,
    /// others on one line each. Without `all`, many warnings are only counted.
    pub(super) fn findings(&mut self, found: &[Diagnostic], all: bool) {
        let _ = self.flush();
        findings(found, all, &self.secrets);
    }
}

/// Writes findings to standard error, without flushing standard output first.
pub(super) fn findings(findings: &[Diagnostic], all: bool, secrets: &Secrets) {
    let mut err = BufWriter::new(anstream::stderr().lock());
    let warnings = findings
        .iter()
        .filter(|finding| finding.severity != Severity::Error)
        .count();
    let few = all || warnings <= WARNINGS_SHOWN;
    let mut shown = std::collections::HashMap::new();
    for found in findings {
        if found.severity == Severity::Error {
            let _ = writeln!(err, "{}", secrets.masked(&terminal::finding(found)));
            continue;
        }
        let count = shown.entry(found.rule.name).or_insert(0);
        *count += 1;
        if few || *count <= WARNINGS_PER_RULE {
            let _ = writeln!(err, "{}", secrets.masked(&terminal::short_finding(found)));
        }
    }
    if !few {
        let rules: Vec<String> = counts(findings)
            .into_iter()
            .map(|(rule, count)| format!("{count} {rule}"))
            .collect();
        let _ = writeln!(
            err,
            "{} findings: {}; run `docproof list` to show all of them",
            findings.len(),
            rules.join(", ")
        );
    }
    let _ = err.flush();
}
