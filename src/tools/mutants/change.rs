//! The changes of a response, one documented fact at a time.

use super::body;
use super::draft::{Change, Draft, RunSettings};
use super::kind::Kind;
use super::mutant::Place;
use crate::check::types::Mode;
use crate::http::field::elements;
use crate::http::field::table::Row;
use crate::http::media_type::MediaType;
use crate::http::message::Response;
use crate::http::policy::Policy;
use crate::http::status::Status;
use crate::run::observation::joined;

/// A header value that no page documents.
const OTHER_VALUE: &str = "docproof-changed";
const TEXT: &str = "text/plain";
const BINARY: &str = "application/octet-stream";
/// A header that no page documents.
const EXTRA_HEADER: &str = "x-docproof-extra";

/// The mutants of a response, and the number of facts that are left out of a long
/// body. If values are compared, an extra member is a difference and not a control.
pub(super) fn drafts(documented: &Response, body: &str, mode: Option<Mode>) -> (Vec<Draft>, usize) {
    let mut drafts = Vec::new();
    let stated = documented.status;
    // Any status of a documented class conforms.
    if let Status::Code(code) = stated {
        let other = same_class(code);
        drafts.push(status(Kind::StatusSameClass, stated, other));
        drafts.push(Draft {
            run: RunSettings::ExpectedClass,
            ..status(Kind::StatusWithExpectation, stated, other)
        });
    }
    drafts.push(status(Kind::StatusOtherClass, stated, other_class(stated)));
    for name in documented.headers.names() {
        let value = joined(&documented.headers, name);
        drafts.push(header(Kind::HeaderDropped, name, name, None));
        if name.eq_ignore_ascii_case("content-type") {
            media_type(name, &value, &mut drafts);
        } else {
            let other = Some(OTHER_VALUE.to_owned());
            drafts.push(header(Kind::HeaderChanged, name, name, other));
            if let Some(rest) = without_first_item(name, &value) {
                drafts.push(header(Kind::HeaderItemDropped, name, name, Some(rest)));
            }
        }
    }
    let left_out = body::drafts(body, mode != Some(Mode::Exact), &mut drafts);
    replaced_bodies(documented, body, &mut drafts);
    let mut extra = header(
        Kind::HeaderExtra,
        EXTRA_HEADER,
        EXTRA_HEADER,
        Some("1".to_owned()),
    );
    extra.place = Place::Nowhere;
    drafts.push(extra);
    (drafts, left_out)
}

fn status(kind: Kind, documented: Status, other: u16) -> Draft {
    Draft {
        kind,
        fact: format!("status {documented}"),
        place: Place::Status,
        change: Change::Status(other),
        steps: Vec::new(),
        run: RunSettings::Project,
    }
}

fn same_class(status: u16) -> u16 {
    let first = status - status % 100;
    if status == first { first + 1 } else { first }
}

fn other_class(status: Status) -> u16 {
    if status.class() == 5 { 200 } else { 500 }
}

fn header(kind: Kind, name: &str, fact: &str, value: Option<String>) -> Draft {
    Draft {
        kind,
        fact: fact.to_owned(),
        place: Place::Header(name.to_owned()),
        change: Change::Header(name.to_owned(), value),
        steps: Vec::new(),
        run: RunSettings::Project,
    }
}

/// The value of a list without its first item.
fn without_first_item(name: &str, value: &str) -> Option<String> {
    let separator = Row::of(name).syntax.separator()?;
    let items: Vec<&str> = elements(value, separator).skip(1).collect();
    let separator = char::from(separator);
    (!items.is_empty()).then(|| items.join(&format!("{separator} ")))
}

/// Adds another text in the place of a body.
fn replaced_bodies(documented: &Response, body: &str, drafts: &mut Vec<Draft>) {
    let length = body.trim_end().len();
    if length == 0 {
        return;
    }
    let draft = |kind, fact: &str, change, run| Draft {
        kind,
        fact: fact.to_owned(),
        place: Place::Body(0..length),
        change,
        steps: Vec::new(),
        run,
    };
    let text = || Change::Body(0..body.len(), OTHER_VALUE.to_owned());
    let media_type = MediaType::of(&documented.headers);
    let is_plain = media_type.as_ref().is_some_and(|it| it.essence == TEXT);
    let other = if is_plain { BINARY } else { TEXT };
    let kind = Kind::BodyReplaced;
    drafts.push(draft(kind, "the body", text(), RunSettings::Project));
    drafts.push(draft(
        kind,
        "the body and its media type",
        Change::Content(other, OTHER_VALUE),
        RunSettings::Project,
    ));
    if media_type.is_some() {
        for policy in [Policy::Ignore, Policy::Present] {
            drafts.push(draft(
                Kind::HeaderPolicy,
                &format!("the body with `Content-Type = \"{}\"`", policy.name()),
                text(),
                RunSettings::MediaType(policy),
            ));
        }
    }
}

/// Adds another media type, and another value for each parameter.
fn media_type(name: &str, value: &str, drafts: &mut Vec<Draft>) {
    let documented = MediaType::parse(value);
    let essence = if documented.essence == TEXT {
        BINARY
    } else {
        TEXT
    };
    let other = MediaType {
        essence: essence.to_owned(),
        ..documented.clone()
    };
    let other = Some(other.to_string());
    drafts.push(header(Kind::MediaTypeChanged, name, name, other));
    for (changed, _) in &documented.parameters {
        let mut other = documented.clone();
        for (parameter, value) in &mut other.parameters {
            if parameter == changed {
                OTHER_VALUE.clone_into(value);
            }
        }
        let fact = format!("{name}; {changed}");
        let other = Some(other.to_string());
        drafts.push(header(Kind::HeaderChanged, name, &fact, other));
    }
}
