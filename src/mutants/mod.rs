//! Would anybody notice? Each documented answer is broken on purpose, one fact
//! at a time, and held against its page as a service's answer is.
