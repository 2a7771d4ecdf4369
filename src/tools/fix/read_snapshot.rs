//! An accepted observation as what a page has to say.

use super::change::Observed;
use crate::http::message::{Headers, Response};
use crate::http::policy::Policies;
use crate::run::observation::{joined, promised};

/// Reads an observation, as snapshots keep it. What it keeps of a header is
/// perhaps all that it would keep of the documented one too: then that is what
/// was observed. `None` if it is no observation.
pub(crate) fn read_snapshot(
    text: &str,
    documented: &Response,
    policies: &Policies,
) -> Option<Observed> {
    let mut lines = text.lines();
    let status = lines.next()?.split(' ').next()?.parse().ok()?;
    let promised = promised(documented, policies);
    let promised: Vec<&str> = promised.lines().skip(1).collect();
    let mut headers = Headers::default();
    // Below the headers stands what was wrong with a body.
    for line in lines.take_while(|line| !line.starts_with("body ")) {
        let (name, value) = line.split_once(':')?;
        if promised.contains(&line) {
            headers.push(name, joined(&documented.headers, name));
        } else {
            headers.push(name, value.trim());
        }
    }
    Some(Observed {
        status,
        headers,
        ..Observed::default()
    })
}
