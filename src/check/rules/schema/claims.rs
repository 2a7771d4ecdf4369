//! What an annotation says about its body, and what it leaves out: the type,
//! the collection, and that there is a body at all.

use serde_json::Value;

use super::locate::{DocumentedBody, in_annotation, opening};
use crate::check::rules::json_text::JsonText;
use crate::check::rules::site::Site;
use crate::check::types::{Expectation, TAG, Types, Undeclared, is_true, last_word, type_name};
use crate::http::media_type::MediaType;
use crate::http::message::Response;
use crate::json::{Node, NodeValue};
use crate::page::extract::{Annotated, BlockType};
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::{
    BODY_TYPE_MISMATCH, COLLECTION_UNDECLARED, RESOURCE_WRAPPED, RESPONSE_UNTYPED,
    TYPED_BODY_MISSING,
};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// Checks a body that the annotation gives a type.
pub(super) fn check(
    site: &Site<'_>,
    body: &DocumentedBody<'_>,
    root: &Node<'_>,
    expectation: &Expectation<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(name) = type_name(body.keys) else {
        return;
    };
    if body.block.annotation.block_type != BlockType::Request {
        let undeclared = expectation.undeclared();
        found.extend(undeclared.and_then(|it| undeclared_form(body, root, name, it)));
    }
    found.extend(other_type(&site.types, body, root, name));
}

/// The member that has the collection or the single value.
fn collection_property<'b>(body: &DocumentedBody<'b>) -> &'b str {
    let named = body.keys.get("collectionProperty").and_then(Value::as_str);
    named.unwrap_or("value")
}

/// Reports a collection or a wrapper that the annotation does not declare.
fn undeclared_form(
    body: &DocumentedBody<'_>,
    root: &Node<'_>,
    name: &str,
    undeclared: Undeclared,
) -> Option<Diagnostic> {
    let name = cut(name);
    let member = collection_property(body);
    let value = root.get(member);
    match undeclared {
        Undeclared::Collection => {
            let span = body.span(&opening(value.unwrap_or(root)));
            let message = format!("body is a collection, but annotation declares one `{name}`");
            let finding = Diagnostic::at(body.page, &COLLECTION_UNDECLARED, span, message);
            Some(finding.help("add `\"isCollection\": true` to the annotation"))
        }
        Undeclared::Wrapper => {
            let span = body.span(&opening(value?));
            let message =
                format!("`{member}` wraps one `{name}`; a single resource has no wrapper");
            let finding = Diagnostic::at(body.page, &RESOURCE_WRAPPED, span, message);
            Some(finding.help(format!(
                "write the members of `{name}` at the top of the body, or make `{member}` an array"
            )))
        }
    }
}

/// Reports the first object whose `@odata.type` is not the annotated type or
/// related to it.
fn other_type(
    types: &Types,
    body: &DocumentedBody<'_>,
    root: &Node<'_>,
    name: &str,
) -> Option<Diagnostic> {
    let declared = types.find(name)?;
    let member = collection_property(body);
    let is_own = types.has(declared, member) || root.get(TAG).is_some();
    let entity = root.get(member).filter(|_| !is_own).unwrap_or(root);
    let objects = match &entity.value {
        NodeValue::Array(elements) => elements.as_slice(),
        _ => std::slice::from_ref(entity),
    };
    let mut tags = objects
        .iter()
        .filter_map(|object| match &object.get(TAG)?.value {
            NodeValue::String(tag) => Some((tag, object.get(TAG)?)),
            _ => None,
        });
    let is_other = |tag: &str| {
        types.find(tag).is_some_and(|tagged| {
            // Few pages declare base types, but names hint at them.
            !types.are_kin(declared, tagged)
                && last_word(types.name(declared)) != last_word(types.name(tagged))
        })
    };
    let (tag, node) = tags.find(|(tag, _)| is_other(tag))?;
    let message = format!(
        "`{TAG}` is `{}`, but annotation declares `{}`",
        cut(tag),
        cut(name)
    );
    let span = body.span(&node.range);
    let finding = Diagnostic::at(body.page, &BODY_TYPE_MISMATCH, span, message);
    Some(finding.help(format!(
        "use the same type in both, or document `baseType` of `{}`",
        cut(tag.trim_start_matches('#'))
    )))
}

/// Checks a response whose annotation and body do not fit together: a type and
/// no body, or a JSON body and no type.
pub(super) fn response(
    site: &Site<'_>,
    page: &Page,
    block: &Annotated<'_>,
    response: &Response,
    start_line: Span,
    json: Option<&JsonText<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let keys = &block.annotation.keys;
    let is_error = response.status.class() >= 4 || is_true(keys.get("expectError"));
    let media_type = MediaType::of(&response.headers);
    let says_json = media_type.is_none_or(|media_type| media_type.is_json());
    let is_typeable =
        |json: &JsonText<'_>| says_json && !site.types.is_empty() && json.is_object_or_array();
    match (type_name(keys), json) {
        (Some(name), None) if !is_error => {
            let span = in_annotation(page, block.annotation.span, name);
            let message = format!(
                "annotation declares `{}`, but response has no body",
                cut(name)
            );
            let finding = Diagnostic::at(page, &TYPED_BODY_MISSING, span, message)
                .help("show the body, or remove the type");
            // A redirect and a status without content need no body.
            let is_empty = matches!(response.status.code(), Some(202 | 204 | 205 | 300..400));
            found.push(if is_empty {
                finding.severity(Severity::Info)
            } else {
                finding
            });
        }
        (None, Some(json)) if !is_error && is_typeable(json) => {
            let message = "body is not compared with a type: annotation has none";
            let finding = Diagnostic::at(page, &RESPONSE_UNTYPED, start_line, message);
            found.push(
                finding.help(
                    "add the type to the annotation, such as \"@odata.type\": \"example.user\"",
                ),
            );
        }
        _ => {}
    }
}
