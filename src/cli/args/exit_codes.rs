//! The exit codes, as `--help` lists them.

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    something failed
  2    invalid arguments or configuration
  3    the run could not be completed: no docs, or an unreachable target
  4    no case was selected
  130  interrupted
  141  broken pipe";
