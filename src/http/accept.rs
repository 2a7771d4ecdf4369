//! Media types: which a request may have, and which answers it accepts.

use http::{HeaderMap, header};

use super::field::{pair, pieces};
use crate::http::message::MediaType;

/// Whether the client admits an answer of this media type (RFC 9110, 12.5.1):
/// the most specific range that fits it has a weight above zero. A client that
/// says nothing admits everything.
pub(crate) fn admits(headers: &HeaderMap, media_type: &str) -> bool {
    let media_type = MediaType::parse(media_type);
    let Some((kind, _)) = media_type.essence.split_once('/') else {
        return true;
    };
    let mut says_something = false;
    let mut best: Option<(usize, bool)> = None;
    for field in headers.get_all(header::ACCEPT) {
        let field = String::from_utf8_lossy(field.as_bytes());
        for range in pieces(&field, b',') {
            says_something = true;
            let mut parts = pieces(range, b';');
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let mut specificity = match name.split_once('/') {
                // `*` alone is an old way to say `*/*`.
                Some(("*", "*")) | None if name.starts_with('*') => 1,
                Some((range, "*")) if range == kind => 2,
                Some(_) if name == media_type.essence => 3,
                _ => continue,
            };
            let mut weight = 1.0;
            let mut fits = true;
            for part in parts {
                let (name, value) = pair(part);
                let value = value.unwrap_or_default();
                if name.eq_ignore_ascii_case("q") {
                    weight = value.parse().unwrap_or(1.0);
                    continue;
                }
                let own = media_type
                    .parameters
                    .iter()
                    .find(|(own, _)| own.eq_ignore_ascii_case(name));
                // Of a parameter that the page does not document, nothing is
                // known that the client could not accept.
                if let Some((_, own)) = own {
                    fits &= own.eq_ignore_ascii_case(&value);
                    specificity += 1;
                }
            }
            if fits && best.is_none_or(|(known, _)| known < specificity) {
                best = Some((specificity, weight > 0.0));
            }
        }
    }
    !says_something || best.is_some_and(|(_, is_wanted)| is_wanted)
}

/// Whether a request's media type is the documented one: type and subtype, and
/// the documented parameters. A boundary belongs to one message; JSON is UTF-8,
/// whether that is said or not (RFC 8259, 8.1).
pub(crate) fn is_documented(documented: &str, sent: &str) -> bool {
    let documented = MediaType::parse(documented);
    let sent = MediaType::parse(sent);
    documented.essence == sent.essence
        && documented.parameters.iter().all(|(name, value)| {
            let own = sent.parameters.iter().find(|(own, _)| own == name);
            match own {
                _ if name == "boundary" => true,
                None => name == "charset",
                Some((_, own)) => own == value,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accept: &[&str], media_type: &str, expected: bool) {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, value.parse().expect("a value"));
        }
        assert_eq!(
            admits(&headers, media_type),
            expected,
            "{accept:?} {media_type}"
        );
    }

    #[test]
    fn the_most_specific_range_decides() {
        check(&[], "image/png", true);
        check(&[""], "image/png", true);
        check(&["*/*"], "image/png", true);
        check(&["*"], "image/png", true);
        check(&["image/*"], "image/png", true);
        check(&["image/*"], "text/png", false);
        check(&["text/html, application/JSON"], "application/json", true);
        check(&["text/html", "application/json"], "application/json", true);
        check(&["text/html"], "application/json", false);
        check(&["application/json;q=0, */*"], "application/json", false);
        check(&["*/*;q=0.000"], "application/json", false);
        check(&["*/*;q=0, text/*;q=0.1"], "text/csv", true);
        check(&["text/*;q=0, text/csv"], "text/csv", true);
        check(&["text"], "text/csv", false);
    }

    #[test]
    fn parameters_tell_ranges_apart() {
        check(&["text/csv;charset=UTF-8"], "text/csv;charset=utf-8", true);
        check(
            &["text/csv;charset=latin1"],
            "text/csv;charset=utf-8",
            false,
        );
        check(
            &["application/json;odata.metadata=\"full\""],
            "application/json",
            true,
        );
        check(
            &["text/csv;charset=utf-8;q=0, text/csv"],
            "text/csv; charset=utf-8",
            false,
        );
        check(
            &["text/csv, text/csv;charset=utf-8;q=0"],
            "text/csv; charset=utf-8",
            false,
        );
    }

    #[track_caller]
    fn check_sent(documented: &str, sent: &str, expected: bool) {
        assert_eq!(
            is_documented(documented, sent),
            expected,
            "{documented} {sent}"
        );
    }

    #[test]
    fn a_request_has_the_documented_media_type() {
        check_sent("application/json", "Application/JSON; charset=utf-8", true);
        check_sent("application/json; charset=utf-8", "application/json", true);
        check_sent("text/csv; charset=utf-8", "text/csv; charset=latin1", false);
        check_sent("application/json", "text/plain", false);
        check_sent(
            "application/json;IEEE754Compatible=true",
            "application/json",
            false,
        );
        check_sent(
            "multipart/mixed; boundary=a",
            "multipart/mixed; boundary=\"b\"",
            true,
        );
    }
}
