//! Fixes the lines of a header field.

use super::change::{Fix, NESTED, Observed, contains_credential, range_in};
use crate::http::field::value::conforms;
use crate::http::field::{elements, parameter, parameters, split};
use crate::http::media_type::MediaType;
use crate::http::message::{Response, is_field_value};
use crate::http::policy::{Policies, Policy};
use crate::page::extract::Places;
use crate::run::observation::is_redacted;
use crate::text::source::{Page, Span};

/// A documented line of the field.
struct Line<'a> {
    span: Span,
    value: &'a str,
}

/// Finds the edits of the lines of the field `name`.
pub(super) fn fix(
    page: &Page,
    places: &Places,
    documented: &Response,
    observed: &Observed,
    name: &str,
    policies: &Policies,
    fix: &mut Fix,
) {
    let policy = policies.of(name);
    let mut values: Vec<&str> = observed.headers.get_all(name).map(str::trim).collect();
    // Empty list elements are dropped, unless the whole value is empty.
    if values.iter().any(|value| !value.is_empty()) {
        values.retain(|value| !value.is_empty());
    } else {
        values.truncate(1);
    }
    let lines: Vec<Line<'_>> = documented
        .headers
        .iter()
        .zip(&places.headers)
        .filter(|(header, _)| header.name.eq_ignore_ascii_case(name))
        .map(|(header, span)| Line {
            span: *span,
            value: &header.value,
        })
        .collect();
    let Some(first) = lines.first() else {
        return;
    };
    if policy == Policy::Ignore {
        return;
    }
    if values.is_empty() {
        for line in &lines {
            remove(page, line, name, fix);
        }
        return;
    }
    let promised: Vec<&str> = lines.iter().map(|line| line.value).collect();
    if conforms(name, policy, &promised, &values) {
        return;
    }
    let actual = values.join(", ");
    // The only field whose lines are not a list (RFC 9110, 5.3).
    let is_list = !name.eq_ignore_ascii_case("set-cookie");
    if let Some(value) = values.iter().find(|value| is_redacted(value)) {
        let message = format!("the actual value of `{name}` is only recorded as {value}");
        return fix.refuse(first.span, message);
    }
    if values.iter().any(|value| contains_credential(value)) {
        let message =
            format!("the actual value of `{name}` contains a credential; write an example by hand");
        return fix.refuse(first.span, message);
    }
    if !is_field_value(&actual) || actual.contains('\u{fffd}') {
        let message = format!("the actual value of `{name}` cannot be written as text");
        return fix.refuse(first.span, message);
    }
    if !is_list && values.len() > lines.len() {
        let message = format!(
            "the response has `{name}` {} times; document each",
            values.len()
        );
        return fix.refuse(first.span, message);
    }
    let mut pairs = lines.iter().zip(&values);
    if !is_list && pairs.any(|(line, value)| line.value != *value) {
        let message = format!("the actual value of `{name}` is a cookie; write an example by hand");
        return fix.refuse(first.span, message);
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(value) = values.get(at) else {
            remove(page, line, name, fix);
            continue;
        };
        let is_last = at + 1 == lines.len();
        let value = match policy {
            Policy::MediaType if lines.len() == 1 && values.len() == 1 => {
                media_type(line.value, &actual)
            }
            _ if is_last => values[at..].join(", "),
            _ => (*value).to_owned(),
        };
        if value != line.value {
            replace(page, line, name, &value, fix);
        }
    }
}

/// Replaces the value of a line.
fn replace(page: &Page, line: &Line<'_>, name: &str, value: &str, fix: &mut Fix) {
    let text = page.slice(line.span);
    let Some(old) = value_of(text, name).filter(|old| *old == line.value) else {
        return fix.refuse(line.span, format!("the header `{name}` {NESTED}"));
    };
    let range = range_in(text, old);
    let span = Span::new(line.span.start + range.start, line.span.start + range.end);
    // A line without a value has no space after its colon.
    let space = if old.is_empty() { " " } else { "" };
    fix.write(span, format!("{space}{value}"));
}

/// Removes a line with its line end.
fn remove(page: &Page, line: &Line<'_>, name: &str, fix: &mut Fix) {
    let number = page.line(line.span.start);
    let whole = page.line_span(number);
    let before = page.text.get(whole.start..line.span.start);
    let after = page.text.get(line.span.end..whole.end);
    // The prefix of a line in a list or quote is removed too.
    let is_whole = before.is_some_and(|before| before.trim_matches([' ', '\t', '>']).is_empty())
        && after.is_some_and(|after| after.trim().is_empty())
        && value_of(page.slice(line.span), name) == Some(line.value);
    if !is_whole || number == page.line_count() {
        return fix.refuse(line.span, format!("the header `{name}` {NESTED}"));
    }
    let next = page.line_span(number + 1).start;
    fix.write(Span::new(whole.start, next), "");
}

/// The value of a header line, if its name is `name`.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (found, value) = line.split_once(':')?;
    let is_it = found.trim().eq_ignore_ascii_case(name) && !line.contains('\n');
    is_it.then_some(value.trim())
}

/// Updates a documented media type in its own style: unchanged parts are kept
/// as written, missing parameters are removed.
fn media_type(documented: &str, actual: &str) -> String {
    let mut parts = split(documented, b';');
    let old = parts.next().unwrap_or_default();
    let (essence, _) = parameters(actual);
    let mut text = if old.trim().eq_ignore_ascii_case(essence) {
        old.to_owned()
    } else {
        essence.to_owned()
    };
    let sent: Vec<&str> = elements(actual, b';').skip(1).collect();
    let alone = |part: &str| MediaType::parse(&format!(";{part}"));
    for part in parts {
        let (name, _) = parameter(part);
        let value = sent
            .iter()
            .find(|sent| parameter(sent).0.eq_ignore_ascii_case(name));
        let Some(value) = value else {
            continue;
        };
        text += ";";
        if alone(part) == alone(value) {
            text += part;
        } else {
            // The name keeps the white space before it.
            let (name, _) = part.split_once('=').unwrap_or((part, ""));
            let (_, value) = value.split_once('=').unwrap_or((value, ""));
            text += &format!("{name}={}", value.trim());
        }
    }
    let text = text.trim().to_owned();
    if MediaType::parse(actual).conforms_to(&MediaType::parse(&text)) {
        text
    } else {
        actual.to_owned()
    }
}
