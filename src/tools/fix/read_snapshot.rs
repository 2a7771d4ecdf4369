//! Converts an accepted observation to what its page should document.

use super::change::Observed;
use crate::http::message::{Headers, Response};
use crate::http::policy::Policies;
use crate::run::observation::{joined, observed_status, promised, renewed};

/// Parses an observation of a snapshot. If a header line equals the line that
/// the documented value would give, the documented value is used. Returns
/// `None` if the text is not an observation.
pub(crate) fn read_snapshot(
    text: &str,
    documented: &Response,
    policies: &Policies,
) -> Option<Observed> {
    let text = renewed(text, documented, policies);
    let status = observed_status(&text)?;
    let promised = promised(documented, policies, &text);
    let promised: Vec<&str> = promised.lines().skip(1).collect();
    let mut headers = Headers::default();
    // Differences of the body follow the header fields.
    for line in text
        .lines()
        .skip(1)
        .take_while(|line| !line.starts_with("body "))
    {
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
