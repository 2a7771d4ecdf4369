//! Captures and expectations.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::context::Lowering;
use crate::http::status::Status;
use crate::project::scenario::capture::{Capture, UrlPart, regex};
use crate::project::scenario::data::{
    BoundsData, CaptureData, CapturePartData, ExpectData, LengthData, OperatorsData,
};
use crate::project::scenario::expect::{Bound, Expectation, Operator};
use crate::project::scenario::places::At;
use crate::project::scenario::response::Source;
use crate::project::scenario::text::is_name;

/// Reads captures.
pub(crate) fn captures(
    lowering: &mut Lowering,
    around: At,
    captures: &IndexMap<String, CaptureData>,
) -> Vec<Capture> {
    let mut read = Vec::with_capacity(captures.len());
    for (name, capture) in captures {
        let at = lowering.within(around, name);
        if !is_name(name) {
            lowering.value(
                at,
                format!("`{}` is not a valid variable name", name.escape_debug()),
                "names consist of letters, digits, `-`, `_` and `.`",
            );
        }
        let plain;
        let part = match capture {
            CaptureData::Part(part) => part,
            CaptureData::Source(source) => {
                plain = CapturePartData {
                    from: source.clone(),
                    ..CapturePartData::default()
                };
                &plain
            }
        };
        let source = Source::parse(&part.from);
        let from_at = lowering.within(at, "from");
        let source = lowering.checked(from_at, source);
        let expression = part.matches.as_deref().map(regex).transpose();
        let matches_at = lowering.within(at, "matches");
        let matches = lowering.checked(matches_at, expression).flatten();
        let url = part.url.as_deref().map(UrlPart::parse).transpose();
        let url_at = lowering.within(at, "url");
        let url = lowering.checked(url_at, url).flatten();
        if let Some(source) = source {
            read.push(Capture {
                name: name.clone(),
                source,
                matches,
                url,
                secret: part.secret,
                line: lowering.line(at),
            });
        }
    }
    read
}

/// Reads expectations.
pub(super) fn expectations(
    lowering: &mut Lowering,
    around: At,
    expectations: &IndexMap<String, ExpectData>,
) -> Vec<Expectation> {
    let mut read = Vec::with_capacity(expectations.len());
    for (source, expectation) in expectations {
        let at = lowering.within(around, source);
        let source = Source::parse(source);
        let Some(source) = lowering.checked(at, source) else {
            continue;
        };
        let operators = match expectation {
            ExpectData::Equals(value) => vec![equals(lowering, at, &source, value)],
            ExpectData::Operators(data) => operators(lowering, at, &source, data),
        };
        read.push(Expectation {
            source,
            operators,
            line: lowering.line(at),
        });
    }
    read
}

fn equals(lowering: &mut Lowering, at: At, source: &Source, value: &Json) -> Operator {
    if *source == Source::Status {
        let values = match value {
            Json::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        return statuses(lowering, at, values);
    }
    if source.is_text() && matches!(value, Json::Null | Json::Array(_) | Json::Object(_)) {
        lowering.value(
            at,
            format!("`{source}` is text and never equal to `{value}`"),
            "for a missing value, use `{ exists: false }`; for alternatives, `{ one-of: [...] }`",
        );
    }
    lowering.json(at, value);
    Operator::Equals(value.clone())
}

/// Parses status codes and classes (`2xx`).
fn statuses(lowering: &mut Lowering, at: At, values: &[Json]) -> Operator {
    let mut read = Vec::with_capacity(values.len());
    for value in values {
        match status(value) {
            Some(status) => read.push(status),
            None => lowering.value(
                at,
                format!("`{value}` is not a status"),
                "use a code (`200`), a class (`2xx`), or a list of them",
            ),
        }
    }
    if values.is_empty() {
        lowering.value(
            at,
            "the list of statuses is empty",
            "add a status, such as `2xx`",
        );
    }
    Operator::Status(read)
}

fn status(value: &Json) -> Option<Status> {
    match value {
        Json::Number(number) => number.to_string().parse().ok(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn operators(
    lowering: &mut Lowering,
    at: At,
    source: &Source,
    data: &OperatorsData,
) -> Vec<Operator> {
    let mut read = Vec::new();
    let is_status = *source == Source::Status;
    if let Some(value) = &data.equals {
        let at = lowering.within(at, "equals");
        read.push(equals(lowering, at, source, value));
    }
    if let Some(values) = &data.one_of {
        let at = lowering.within(at, "one-of");
        if is_status {
            read.push(statuses(lowering, at, values));
        } else {
            if values.is_empty() {
                lowering.value(at, "the list is empty, so no value matches", "add a value");
            }
            for (index, value) in values.iter().enumerate() {
                let at = lowering.within(at, index);
                lowering.json(at, value);
            }
            read.push(Operator::OneOf(values.clone()));
        }
    }
    if let Some(expression) = &data.matches {
        let at = lowering.within(at, "matches");
        if expression.is_empty() {
            lowering.value(
                at,
                "an empty regular expression matches everything",
                "write the expected pattern",
            );
        }
        read.extend(
            lowering
                .checked(at, regex(expression))
                .map(Operator::Matches),
        );
    }
    if let Some(kind) = data.kind {
        read.push(Operator::Type(kind));
    }
    if let Some(length) = data.length {
        let at = lowering.within(at, "length");
        read.push(Operator::Length(bounds(lowering, at, length)));
    }
    for (bound, limit) in [
        (Bound::LessThan, &data.less_than),
        (Bound::AtMost, &data.at_most),
        (Bound::GreaterThan, &data.greater_than),
        (Bound::AtLeast, &data.at_least),
    ] {
        read.extend(limit.clone().map(|limit| Operator::Number(bound, limit)));
    }
    if let Some(schema) = &data.schema {
        read.push(Operator::Schema(schema.clone()));
    }
    if data.exists == Some(false) && !read.is_empty() {
        lowering.value(
            at,
            "`exists: false` excludes other operators",
            "remove `exists: false` or the other operators",
        );
    }
    read.extend(data.exists.map(Operator::Exists));
    if read.is_empty() && lowering.is_fine() {
        lowering.value(
            at,
            "no operators",
            "to compare with an object, write `{ equals: {} }`",
        );
    }
    if is_status && (data.kind.is_some() || data.length.is_some() || data.schema.is_some()) {
        lowering.value(
            at,
            "`type`, `length` and `schema` do not apply to `status`",
            "use a code (`200`), a class (`2xx`), or a list of them",
        );
    }
    read
}

fn bounds(lowering: &mut Lowering, at: At, length: LengthData) -> BoundsData {
    let bounds = match length {
        LengthData::Between(bounds) => bounds,
        LengthData::Exactly(length) => BoundsData {
            at_least: Some(length),
            at_most: Some(length),
        },
    };
    let holds_for_some = match (bounds.at_least, bounds.at_most) {
        (Some(least), Some(most)) => least <= most,
        (None, None) => false,
        _ => true,
    };
    if !holds_for_some {
        lowering.value(
            at,
            "invalid bounds of a length",
            "use `at-least`, `at-most`, or both; the minimum cannot exceed the maximum",
        );
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_status_codes_and_classes() {
        for (value, expected) in [
            (Json::from(200), Some(Status::Code(200))),
            (Json::from("2xx"), Some(Status::Class(2))),
            (Json::from("404"), Some(Status::Code(404))),
            (Json::from(99), None),
            (Json::from(1000), None),
            (Json::from("20x"), None),
            (Json::from(true), None),
        ] {
            assert_eq!(status(&value), expected, "{value}");
        }
    }
}
