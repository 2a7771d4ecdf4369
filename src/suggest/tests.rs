//! Rules of drafts, each beside a near miss.
