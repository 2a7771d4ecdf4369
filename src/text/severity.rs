//! Severities of findings, and the levels that a configuration gives to rules.

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The page is wrong, or a page, block or case could not be read. Fails the
    /// check.
    Error,
    /// The page can be read, but probably does not mean what it says.
    Warning,
    /// A hint. Counted, but shown only with `--info`.
    Info,
}

impl Severity {
    /// The word for the severity in configuration and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// The level of a rule: the severity of its findings, or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Findings are reported with this severity.
    Report(Severity),
    /// The rule does not run.
    Off,
}

impl Level {
    /// The words that [`Level::parse`] accepts; `warn` is short for `warning`.
    pub const WORDS: [&str; 5] = ["error", "warning", "info", "off", "warn"];

    /// Parses a level as a configuration writes it.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "error" => Self::Report(Severity::Error),
            "warning" | "warn" => Self::Report(Severity::Warning),
            "info" => Self::Report(Severity::Info),
            "off" => Self::Off,
            _ => return None,
        })
    }

    /// The word for the level in a configuration and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Report(severity) => severity.name(),
            Self::Off => "off",
        }
    }
}
