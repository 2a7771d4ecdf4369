//! Resources: whether they document a type, and whether the types they name are
//! documented.

use std::collections::HashSet;

use serde_json::Value;

use super::locate::{in_annotation, opening};
use super::phrase::{near_word, unknown_help};
use crate::check::rules::json_text::JsonText;
use crate::check::rules::site::Site;
use crate::check::types::{Types, type_name};
use crate::json::{Node, NodeValue};
use crate::page::extract::Annotated;
use crate::page::resource::Resource;
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::{ANNOTATION_VALUE, DUPLICATE_RESOURCE, RESOURCE_SYNTAX, UNKNOWN_RESOURCE};
use crate::text::severity::Severity;
use crate::text::source::Page;

/// Checks a resource.
pub(super) fn check(
    site: &Site<'_>,
    page: &Page,
    block: &Annotated<'_>,
    resource: &Resource,
    json: Option<&JsonText<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    if type_name(&resource.keys).is_none() {
        let message = "resource has no `@odata.type`, so it documents no type";
        found.push(
            Diagnostic::at(page, &RESOURCE_SYNTAX, resource.annotation, message)
                .help("add the type to the annotation, such as \"@odata.type\": \"example.user\""),
        );
    }
    if let Some(Value::String(base)) = resource.keys.get("baseType") {
        found.extend(base_type(&site.types, page, resource, base, found.len()));
    }
    found.extend(key_property(site, page, resource));
    // Invalid JSON is reported by `json-syntax`.
    let Some(node) = json.and_then(JsonText::node) else {
        return;
    };
    let object = match &node.value {
        NodeValue::Object(_) => Some(node),
        // Some pages show an array with the resource.
        NodeValue::Array(elements) => match elements.as_slice() {
            [one] if matches!(one.value, NodeValue::Object(_)) => Some(one),
            _ => None,
        },
        _ => None,
    };
    let span = |range| block.fence.text.span(range);
    if object.is_none() {
        found.push(
            Diagnostic::at(
                page,
                &RESOURCE_SYNTAX,
                span(opening(node)),
                "resource is not a JSON object, so it documents no members",
            )
            .help("write a JSON object whose values name types"),
        );
        return;
    }
    let mut names = Vec::new();
    declared_names(node, &mut names);
    let mut seen = HashSet::new();
    for (name, node) in names {
        if found.len() < MOST && is_unknown(&site.types, name) && seen.insert(name) {
            let written = &resource.text[node.range.clone()];
            let start = node.range.start + written.find(name).unwrap_or_default();
            found.push(
                Diagnostic::at(
                    page,
                    &UNKNOWN_RESOURCE,
                    span(start..start + name.len()),
                    format!("type `{name}` is not documented"),
                )
                .severity(Severity::Info)
                .help(unknown_help(&site.types, name, found.len())),
            );
        }
    }
}

/// Maximum number of findings on a page before unknown types are no longer
/// reported.
const MOST: usize = 1000;

/// Maximum inheritance depth; deeper is malicious.
const DEPTH: usize = 32;

/// Reports key members that the resource does not have.
fn key_property(site: &Site<'_>, page: &Page, resource: &Resource) -> Option<Diagnostic> {
    let id = type_name(&resource.keys).and_then(|name| site.types.find(name))?;
    let keys = resource.keys.get("keyProperty")?.as_str()?;
    if site.types.is_open(id) {
        return None;
    }
    let mut keys = keys.split(',').map(str::trim).filter(|key| !key.is_empty());
    let is_known =
        |key: &str| site.types.has(id, key) || site.table_members().has_row(&site.types, id, key);
    let unknown = keys.find(|key| !is_known(key))?;
    let span = in_annotation(page, resource.annotation, unknown);
    let message = format!("`keyProperty` is `{}`, which is not a member", cut(unknown));
    let near = near_word(unknown, site.types.keys(id));
    let finding = Diagnostic::at(page, &ANNOTATION_VALUE, span, message);
    Some(finding.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name the member that identifies the resource, or add it to the JSON".to_owned(),
    }))
}

/// Reports an invalid base type.
fn base_type(
    types: &Types,
    page: &Page,
    resource: &Resource,
    base: &str,
    before: usize,
) -> Option<Diagnostic> {
    let span = in_annotation(page, resource.annotation, base);
    let at = |message| Diagnostic::at(page, &UNKNOWN_RESOURCE, span, message);
    match types.find(base) {
        Some(id) if type_name(&resource.keys).and_then(|name| types.find(name)) == Some(id) => {
            Some(
                at(format!("`{base}` is its own base type"))
                    .help("use the type that it inherits from, or remove `baseType`"),
            )
        }
        Some(id) => {
            let own = type_name(&resource.keys).and_then(|name| types.find(name))?;
            let bases = std::iter::successors(Some(id), |id| types.base(*id));
            let mut line: Vec<_> = bases.take(DEPTH).collect();
            let end = line.iter().position(|base| *base == own)?;
            line.truncate(end + 1);
            let names = [own].into_iter().chain(line).map(|id| types.name(id));
            let names: Vec<String> = names.map(|name| format!("`{}`", cut(name))).collect();
            let message = format!("`baseType` is circular: {}", names.join(" → "));
            Some(at(message).help("use the type that it inherits from, or remove `baseType`"))
        }
        None => Some(
            at(format!(
                "base type `{base}` is not documented; inherited members are unknown"
            ))
            .help(unknown_help(types, base, before)),
        ),
    }
}

/// The values of a resource that may be type names.
fn declared_names<'n, 't>(node: &'n Node<'t>, names: &mut Vec<(&'n str, &'n Node<'t>)>) {
    match &node.value {
        NodeValue::Object(members) => {
            for member in members {
                declared_names(&member.value, names);
            }
        }
        NodeValue::Array(elements) => {
            for element in elements {
                declared_names(element, names);
            }
        }
        NodeValue::String(text) => {
            let name = text.trim();
            let element = name
                .strip_prefix("Collection(")
                .and_then(|name| name.strip_suffix(')'));
            names.push((element.unwrap_or(name), node));
        }
        _ => {}
    }
}

/// Whether a text is an undocumented type in a documented namespace.
/// `filename.txt` is not.
pub(super) fn is_unknown(types: &Types, name: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.#".contains(c);
    name.contains('.')
        && name.chars().all(is_name)
        && types.is_namespace_of(name)
        && types.find(name).is_none()
}

/// Reports types that several resources document.
pub(super) fn duplicates(site: &Site<'_>) -> Vec<Diagnostic> {
    let findings = site.type_findings.iter();
    findings
        .filter(|finding| *finding.rule == DUPLICATE_RESOURCE)
        .filter_map(|finding| {
            let page = site.page(&finding.file)?.page;
            let resources = site.resources_of(page);
            let line = finding.start.line;
            let at = resources.partition_point(|resource| resource.line < line);
            let resource = resources.get(at)?;
            let name = type_name(&resource.keys)?;
            let span = in_annotation(page, resource.annotation, name);
            let diagnostic = Diagnostic::at(page, &DUPLICATE_RESOURCE, span, &*finding.message);
            Some(diagnostic.help("document a type once, and link to it from elsewhere"))
        })
        .collect()
}
