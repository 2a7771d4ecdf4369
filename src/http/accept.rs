//! `Accept`: which response media types a client takes (RFC 9110, 12.5.1).

use http::{HeaderMap, header};

use super::field::{elements, parameters};
use super::media_type::MediaType;

/// Whether the client accepts a response of this media type: the most specific
/// range that matches it has a weight above zero. Without `Accept`, everything
/// is acceptable.
pub(crate) fn admits(headers: &HeaderMap, media_type: &str) -> bool {
    let media_type = MediaType::parse(media_type);
    let Some((kind, _)) = media_type.essence.split_once('/') else {
        return true;
    };
    let mut has_range = false;
    let mut best: Option<(usize, bool)> = None;
    for field in headers.get_all(header::ACCEPT) {
        let field = String::from_utf8_lossy(field.as_bytes());
        for range in elements(&field, b',') {
            has_range = true;
            let (name, parameters) = parameters(range);
            let name = name.to_ascii_lowercase();
            let mut specificity = match name.split_once('/') {
                // `*` alone is an old way to write `*/*`.
                Some(("*", "*")) | None if name.starts_with('*') => 1,
                Some((range, "*")) if range == kind => 2,
                Some(_) if name == media_type.essence => 3,
                _ => continue,
            };
            let mut weight = 1.0;
            let mut matches = true;
            for (name, value) in parameters {
                let name = name.to_ascii_lowercase();
                let value = value.unwrap_or_default();
                if name == "q" {
                    weight = value.parse().unwrap_or(1.0);
                    continue;
                }
                // A parameter that the page does not document is no reason to
                // reject the response.
                if let Some(own) = media_type.parameter(&name) {
                    matches &= own.eq_ignore_ascii_case(&value);
                    specificity += 1;
                }
            }
            if matches && best.is_none_or(|(known, _)| known < specificity) {
                best = Some((specificity, weight > 0.0));
            }
        }
    }
    !has_range || best.is_some_and(|(_, is_accepted)| is_accepted)
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
    fn uses_the_most_specific_range() {
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
    fn compares_parameters_of_ranges() {
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
}
