//! Standard output for results, standard error for all else; styles only
//! where a terminal shows them.

use std::io::{self, BufWriter, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::report::{excerpt, printable_lines};
use crate::text::finding::{Diagnostic, counts};
use crate::text::secret::Secrets;
use crate::text::severity::Severity;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// How many warnings a run shows before it only counts them.
const WARNINGS_SHOWN: usize = 40;
/// How many warnings of each rule are shown then.
const WARNINGS_PER_RULE: usize = 2;

/// The streams of the command.
pub(super) struct Output {
    out: BufWriter<io::Stdout>,
    /// Whether standard output shows styles.
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

    /// What is masked in all that is written here. Who shows a text masks it
    /// where it is made; this is the last gate.
    pub(super) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Writes a result that has styles.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        let text = &*self.secrets.masked(text);
        if self.styled {
            self.out.write_all(text.as_bytes())
        } else {
            write!(self.out, "{}", anstream::adapter::strip_str(text))
        }
    }

    /// Writes a result that has no styles, to the byte, on a line of its own.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(self.secrets.masked(line).as_bytes())?;
        self.out.write_all(b"\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Writes an error of the command to standard error.
    pub(super) fn error(&mut self, message: &str, help: Option<&str>) {
        // What was printed before comes first.
        let _ = self.flush();
        // Where standard error is gone there is nobody to tell.
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

    /// Writes a remark to standard error.
    pub(super) fn note(&mut self, text: &str) {
        let _ = self.flush();
        let _ = writeln!(
            anstream::stderr().lock(),
            "{}",
            printable_lines(&self.secrets.masked(text))
        );
    }

    /// Writes findings to standard error: errors with their lines, the others
    /// on a line each. With `all` unset, many warnings are only counted.
    pub(super) fn findings(&mut self, found: &[Diagnostic], all: bool) {
        let _ = self.flush();
        findings(found, all, &self.secrets);
    }
}

/// Writes findings to standard error, where nothing was printed yet.
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
            let _ = writeln!(err, "{}", secrets.masked(&excerpt::full(found)));
            continue;
        }
        let count = shown.entry(found.rule.name).or_insert(0);
        *count += 1;
        if few || *count <= WARNINGS_PER_RULE {
            let _ = writeln!(err, "{}", secrets.masked(&excerpt::short(found)));
        }
    }
    if !few {
        let rules: Vec<String> = counts(findings)
            .into_iter()
            .map(|(rule, count)| format!("{count} {rule}"))
            .collect();
        let _ = writeln!(
            err,
            "{} findings: {}; `docproof list` of the same docs shows each",
            findings.len(),
            rules.join(", ")
        );
    }
    let _ = err.flush();
}
