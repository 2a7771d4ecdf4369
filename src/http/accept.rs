//! `Accept`: which response media types a client takes (RFC 9110, 12.5.1).

use http::{HeaderMap, header};

use super::field::{elements, parameters};
use super::media_type::MediaType;

/// The weight that a client gives to a response of this media type, in
/// thousandths: that of the most specific range that matches it, and 0 if none
/// does. Without `Accept`, everything has the weight 1000.
pub(crate) fn weight(headers: &HeaderMap, media_type: &str) -> u16 {
    let media_type = MediaType::parse(media_type);
    let Some((kind, _)) = media_type.essence.split_once('/') else {
        return MOST;
    };
    let mut has_range = false;
    let mut best: Option<(usize, u16)> = None;
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
            let mut weight = MOST;
            let mut matches = true;
            for (name, value) in parameters {
                let name = name.to_ascii_lowercase();
                let value = value.unwrap_or_default();
                if name == "q" {
                    weight = thousandths(&value);
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
                best = Some((specificity, weight));
            }
        }
    }
    match best {
        Some((_, weight)) => weight,
        None if has_range => 0,
        None => MOST,
    }
}

/// The weight of what is preferred most.
pub(crate) const MOST: u16 = 1000;

/// A weight (RFC 9110, 12.4.2) in thousandths; an invalid one counts as 1.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_below_one = matches!(whole, "" | "0") && text.len() > whole.len() || text == "0";
    if !is_below_one || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return MOST;
    }
    let digits = fraction.chars().chain(['0'; 3]).take(3);
    digits.collect::<String>().parse().unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accept: &[&str], media_type: &str, expected: u16) {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, value.parse().expect("a value"));
        }
        let weight = weight(&headers, media_type);
        assert_eq!(weight, expected, "{accept:?} {media_type}");
    }

    #[test]
    fn uses_the_most_specific_range() {
        check(&[], "image/png", 1000);
        check(&[""], "image/png", 1000);
        check(&["*/*"], "image/png", 1000);
        check(&["*"], "image/png", 1000);
        check(&["image/*"], "image/png", 1000);
        check(&["image/*"], "text/png", 0);
        check(&["text/html, application/JSON"], "application/json", 1000);
        check(&["text/html", "application/json"], "application/json", 1000);
        check(&["text/html"], "application/json", 0);
        check(&["application/json;q=0, */*"], "application/json", 0);
        check(&["*/*;q=0.000"], "application/json", 0);
        check(&["*/*;q=0, text/*;q=0.1"], "text/csv", 100);
        check(&["text/*;q=0, text/csv"], "text/csv", 1000);
        check(&["text/csv;q=0.3, text/*;q=0.9"], "text/csv", 300);
        check(&["text"], "text/csv", 0);
    }

    #[test]
    fn parses_weights() {
        for (written, expected) in [
            ("1", 1000),
            ("1.000", 1000),
            ("0", 0),
            ("0.", 0),
            ("0.5", 500),
            (".25", 250),
            ("0.001", 1),
            ("0.0009", 0),
            ("", 1000),
            ("high", 1000),
            ("-1", 1000),
            ("0.x", 1000),
            ("NaN", 1000),
        ] {
            check(&[&format!("a/b;q={written}")], "a/b", expected);
        }
    }

    #[test]
    fn compares_parameters_of_ranges() {
        check(&["text/csv;charset=UTF-8"], "text/csv;charset=utf-8", 1000);
        check(&["text/csv;charset=latin1"], "text/csv;charset=utf-8", 0);
        check(
            &["application/json;odata.metadata=\"full\""],
            "application/json",
            1000,
        );
        check(
            &["text/csv;charset=utf-8;q=0, text/csv"],
            "text/csv; charset=utf-8",
            0,
        );
        check(
            &["text/csv, text/csv;charset=utf-8;q=0"],
            "text/csv; charset=utf-8",
            0,
        );
    }
}
