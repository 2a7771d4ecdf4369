//! The exit codes, as `--help` lists them.

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    success; also an empty partition, no change and no earlier failure
  1    something failed
  2    invalid arguments or configuration; also a mapping that matches nothing
  3    the run could not be completed: no docs, or an unreachable target
  4    nothing was tested: no case or page was selected, or no request was sent
  130  interrupted
  141  broken pipe";
