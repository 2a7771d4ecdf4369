//! The arguments that choose which examples are read from pages.

use clap::Args as ClapArgs;

use crate::page::reader::Unannotated;

/// Which examples are read from pages.
#[derive(Debug, Clone, Copy, Default, ClapArgs)]
pub(crate) struct ExtractionArgs {
    /// Recognise examples without annotations: auto, on or off [default: auto]
    ///
    /// auto: only if no page of the docs has an annotation. on: beside annotations.
    #[arg(long, value_name = "auto|on|off", env = "DOCPROOF_UNANNOTATED", hide_env_values = true,
        value_parser = unannotated)]
    pub unannotated: Option<Unannotated>,
}

fn unannotated(text: &str) -> Result<Unannotated, String> {
    Unannotated::by_name(text).ok_or_else(|| "expected auto, on or off".to_owned())
}
