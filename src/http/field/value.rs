//! Whether the value of a response header field conforms to the documented one.

use super::form::has_form;
use super::policy::Policy;
use super::syntax::Syntax;
use super::table::Row;
use super::{equal, joined, placeholder};
use crate::http::media_type::MediaType;

/// Whether the lines of a response header field conform to the documented ones.
pub(crate) fn conforms(name: &str, policy: Policy, documented: &[&str], observed: &[&str]) -> bool {
    let syntax = Row::of(name).syntax;
    let whole = joined(documented.iter().copied());
    let sent = joined(observed.iter().copied());
    match policy {
        Policy::Ignore | Policy::Present => true,
        _ if whole == sent || (placeholder::is_any(&whole) && !sent.is_empty()) => true,
        _ if is_filled(&whole, &sent) => true,
        Policy::MediaType => MediaType::parse(&sent).conforms_to(&MediaType::parse(&whole)),
        Policy::Exact if syntax == Syntax::Cookies => equal::has_same_cookies(documented, observed),
        Policy::Exact => equal::is_same(syntax, &whole, &sent),
        Policy::Form if syntax == Syntax::Cookies => equal::has_cookies(documented, observed),
        Policy::Form => has_form(syntax, &whole, &sent),
    }
}

/// Whether an observed value is the documented one with text for its
/// placeholders, and with as many items and parameters.
fn is_filled(documented: &str, observed: &str) -> bool {
    let separators = |text: &str| text.matches([',', ';']).count();
    separators(documented) == separators(observed) && placeholder::fits(documented, observed)
}

#[cfg(test)]
mod tests;
