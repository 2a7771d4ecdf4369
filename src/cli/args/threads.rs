//! The argument of commands that read pages on several threads.

use std::num::NonZeroUsize;

use clap::Args as ClapArgs;

/// How many threads read the pages.
#[derive(Debug, ClapArgs)]
pub(crate) struct ThreadsArgs {
    /// Number of threads [default: number of cores]
    #[arg(
        short,
        long,
        value_name = "N",
        env = "DOCPROOF_JOBS",
        hide_env_values = true
    )]
    pub jobs: Option<NonZeroUsize>,
}
