//! Turns shape findings of a documented body into diagnostics, one for each
//! cause.

use super::locate::{DocumentedBody, at_steps, in_annotation, opening};
use super::phrase::{FEW, article, list, near_word, unknown_help};
use super::resource::is_unknown;
use crate::check::rules::site::Site;
use crate::check::types::{
    PathStep, ShapeFinding, ShapeKind, TAG, is_duration, is_ellipsis, lacks_offset, type_name,
};
use crate::json::{Member, Node, NodeValue};
use crate::text::finding::{Diagnostic, cut};
use crate::text::rules::{
    COLLECTION_EMPTY, COLLECTION_EXPECTED, ENUM_VALUE, ERROR_OBJECT_EXPECTED, FORMAT_DATE_TIME,
    FORMAT_GUID, FORMAT_URL, MISSING_PROPERTY, NULL_VALUE, Rule, TYPE_MISMATCH,
    UNDOCUMENTED_PROPERTY, UNKNOWN_RESOURCE,
};
use crate::text::severity::Severity;
use crate::text::source::Edit;

/// The context of a body.
struct Diagnoser<'t> {
    site: &'t Site<'t>,
    body: &'t DocumentedBody<'t>,
    root: &'t Node<'t>,
}

/// Turns the findings of a body into diagnostics.
pub(super) fn diagnose(
    site: &Site<'_>,
    body: &DocumentedBody<'_>,
    root: &Node<'_>,
    findings: &[ShapeFinding],
    found: &mut Vec<Diagnostic>,
) {
    let diagnoser = Diagnoser { site, body, root };
    let of = |kind| findings.iter().filter(move |finding| finding.kind == kind);
    for group in groups(of(ShapeKind::MissingProperty), |one, other| {
        parent(one) == parent(other)
    }) {
        found.extend(diagnoser.missing(&group));
    }
    let undocumented = of(ShapeKind::UndocumentedProperty).filter(|finding| {
        let listed = |id| site.table_members().list(&site.types, id, key(finding));
        !finding.owner.is_some_and(listed)
    });
    for group in groups(undocumented, |one, other| parent(one) == parent(other)) {
        diagnoser.undocumented(&group, found);
    }
    // A list in the annotation, even an empty one, names all nullable members.
    let has_list = body.keys.contains_key("nullableProperties");
    let says_null = |finding: &&ShapeFinding| {
        has_list || finding.owner.is_some_and(|id| site.types.has_nullable(id))
    };
    let (known, silent): (Vec<_>, Vec<_>) = of(ShapeKind::NullValue).partition(says_null);
    for group in groups(known, |_, _| false) {
        found.extend(diagnoser.null(&group, Severity::Warning));
    }
    for group in groups(silent, |one, other| one.owner == other.owner) {
        found.extend(diagnoser.null(&group, Severity::Info));
    }
    for finding in findings {
        found.extend(match finding.kind {
            ShapeKind::UnknownResource => diagnoser.unknown(found.len()),
            // The table is right; `type-disagrees` reports the resource.
            ShapeKind::TypeMismatch | ShapeKind::FormatDateTime
                if diagnoser.is_documented_duration(finding) =>
            {
                None
            }
            _ => diagnoser.wrong(finding),
        });
    }
    diagnoser.tags(root, &mut Vec::new(), found);
}

/// Groups similar findings, in the order of the first of each group. Quadratic,
/// but the number of findings is limited.
fn groups<'f>(
    findings: impl IntoIterator<Item = &'f ShapeFinding>,
    are_alike: impl Fn(&ShapeFinding, &ShapeFinding) -> bool,
) -> Vec<Vec<&'f ShapeFinding>> {
    let mut groups: Vec<Vec<&ShapeFinding>> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|group| are_alike(group[0], finding)) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// The path to the parent of a finding's value.
fn parent(finding: &ShapeFinding) -> &[PathStep] {
    finding.steps.split_last().map_or(&[], |(_, before)| before)
}

/// The key of the member that a finding is about.
fn key(finding: &ShapeFinding) -> &str {
    let keys = finding.steps.iter().rev().filter_map(|step| match step {
        PathStep::Key(key) => Some(key.as_str()),
        PathStep::Index(_) => None,
    });
    keys.clone().next().unwrap_or_default()
}

/// Describes the value that a finding is about.
fn subject(finding: &ShapeFinding) -> String {
    match (finding.steps.last(), key(finding)) {
        (Some(PathStep::Key(key)), _) => format!("`{}`", cut(key)),
        (_, "") => "the body".to_owned(),
        (_, key) => format!("an element of `{}`", cut(key)),
    }
}

/// Whether an object is intentionally incomplete: it contains an ellipsis, is
/// marked as removed, or is only a reference (`OData` JSON Format 4.01, 14 and
/// 15).
fn is_less(members: &[Member<'_>]) -> bool {
    let is_removed = |key: &str| matches!(key, "@removed" | "@odata.removed");
    let has = |test: &dyn Fn(&str) -> bool| members.iter().any(|member| test(&member.key));
    let refers = has(&|key| matches!(key, "@odata.id" | "@id"));
    has(&is_ellipsis) || has(&is_removed) || (refers && !has(&|key| !key.contains('@')))
}

impl Diagnoser<'_> {
    fn at(
        &self,
        rule: &'static Rule,
        range: &std::ops::Range<usize>,
        message: String,
    ) -> Diagnostic {
        Diagnostic::at(self.body.page, rule, self.body.span(range), message)
    }

    /// The name of the type that declares a value.
    fn owner(&self, finding: &ShapeFinding) -> String {
        let name = finding.owner.map(|id| self.site.types.name(id));
        name.map_or_else(
            || "the resource".to_owned(),
            |name| format!("`{}`", cut(name)),
        )
    }

    /// Reports missing members of an object.
    fn missing(&self, group: &[&ShapeFinding]) -> Option<Diagnostic> {
        let (object, _) = at_steps(self.root, parent(group[0]))?;
        if let NodeValue::Object(members) = &object.value
            && is_less(members)
        {
            return None;
        }
        let keys: Vec<&str> = group.iter().map(|finding| key(finding)).collect();
        let (owner, keys) = (self.owner(group[0]), list(&keys));
        let message = format!("example is missing {keys}, documented in {owner}");
        let help = "add what is missing, or mark the example as shortened in the annotation: \
                    \"truncated\": true";
        let diagnostic = self.at(&MISSING_PROPERTY, &opening(object), message);
        Some(diagnostic.help(help))
    }

    /// Reports undocumented members of an object. If most members are
    /// undocumented, the object probably has another type, which is one
    /// finding.
    fn undocumented(&self, group: &[&ShapeFinding], found: &mut Vec<Diagnostic>) {
        const SOME: usize = 3;
        let Some((object, _)) = at_steps(self.root, parent(group[0])) else {
            return;
        };
        let members = match &object.value {
            NodeValue::Object(members) => members.iter(),
            _ => return,
        };
        let own = members.filter(|member| !member.key.contains('@')).count();
        let is_other = group.len() > SOME && group.len() * 2 > own;
        for finding in &group[..if is_other { 1 } else { group.len() }] {
            let Some((_, Some(member))) = at_steps(self.root, &finding.steps) else {
                continue;
            };
            let owner = self.owner(finding);
            let key = key(finding);
            let near = finding
                .owner
                .filter(|_| !is_other && found.len() < FEW)
                .and_then(|id| near_word(key, self.site.types.keys(id)));
            let (message, help) = if is_other {
                let keys: Vec<&str> = group.iter().map(|finding| self::key(finding)).collect();
                (
                    format!("{} are not documented in {owner}", list(&keys)),
                    "use the right type, or document these members or the `baseType` in the \
                     resource"
                        .to_owned(),
                )
            } else {
                (
                    format!("`{}` is not documented in {owner}", cut(key)),
                    match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "document it in the resource, or remove it".to_owned(),
                    },
                )
            };
            found.push(
                self.at(&UNDOCUMENTED_PROPERTY, &member.key_range, message)
                    .help(help),
            );
        }
    }

    /// Reports `null` members. Only `info` where the resource does not say:
    /// properties are nullable by default (`OData` CSDL XML 4.01, 7.2.1).
    fn null(&self, group: &[&ShapeFinding], severity: Severity) -> Option<Diagnostic> {
        let (node, _) = at_steps(self.root, &group[0].steps)?;
        let mut subjects: Vec<&str> = Vec::new();
        for finding in group {
            if !subjects.contains(&key(finding)) {
                subjects.push(key(finding));
            }
        }
        let (is, it) = match subjects.len() {
            1 => ("is", "it"),
            _ => ("are", "them"),
        };
        let subject = match group {
            [one] => subject(one),
            _ => list(&subjects),
        };
        let owner = self.owner(group[0]);
        let message = format!("{subject} {is} null, but {owner} does not declare {it} nullable");
        let diagnostic = self
            .at(&NULL_VALUE, &node.range, message)
            .severity(severity);
        Some(diagnostic.help("show a value, or add it to `nullableProperties` of the resource"))
    }

    /// Reports an undocumented type in the annotation.
    fn unknown(&self, before: usize) -> Option<Diagnostic> {
        let name = type_name(self.body.keys)?;
        let page = self.body.page;
        let span = in_annotation(page, self.body.block.annotation.span, name);
        let message = format!("body not checked: type `{}` is not documented", cut(name));
        let diagnostic = Diagnostic::at(page, &UNKNOWN_RESOURCE, span, message);
        Some(diagnostic.help(unknown_help(&self.site.types, name, before)))
    }

    /// Reports a value that contradicts its declaration.
    fn wrong(&self, finding: &ShapeFinding) -> Option<Diagnostic> {
        let subject = subject(finding);
        let owner = self.owner(finding);
        let documented = &*finding.documented;
        let observed = finding.observed.as_deref().unwrap_or("missing");
        let is_not = |what: &str| format!("{subject} is {observed}, which is not a valid {what}");
        let (rule, message, help): (&'static Rule, String, String) = match finding.kind {
            ShapeKind::TypeMismatch => (
                &TYPE_MISMATCH,
                format!("{subject} is {}, but {owner} declares {}", article(observed), article(documented)),
                "use a value of that type, or fix the resource"
                    .to_owned(),
            ),
            ShapeKind::EnumValue => (
                &ENUM_VALUE,
                format!("{subject} is {observed}, but {owner} declares {documented}"),
                "use one of these values, or add this one to the resource".to_owned(),
            ),
            ShapeKind::FormatDateTime if self.text(finding).is_some_and(lacks_offset) => (
                &FORMAT_DATE_TIME,
                format!("{subject} is {observed}, which has no UTC offset"),
                "add an offset, such as `Z` or `+01:00`".to_owned(),
            ),
            ShapeKind::FormatDateTime if documented.ends_with("(duration)") => (
                &FORMAT_DATE_TIME,
                is_not("duration"),
                "use a duration of ISO 8601, such as \"PT30M\"".to_owned(),
            ),
            ShapeKind::FormatDateTime => (
                &FORMAT_DATE_TIME,
                is_not("date or time"),
                "use a date and time with an offset, such as \"2016-01-31T15:20:01Z\""
                    .to_owned(),
            ),
            ShapeKind::FormatUrl => (
                &FORMAT_URL,
                is_not("URL"),
                "use an absolute URL, such as \"https://example.com/items\"".to_owned(),
            ),
            ShapeKind::FormatGuid => (
                &FORMAT_GUID,
                is_not("GUID"),
                "use 32 hexadecimal digits grouped 8-4-4-4-12, such as \
                 \"fa4aa5a2-a75b-4769-86f4-9e2742a18fda\""
                    .to_owned(),
            ),
            ShapeKind::CollectionExpected => (
                &COLLECTION_EXPECTED,
                format!("annotation declares a collection, but {subject} is {}", article(observed)),
                self.collection_help(&subject),
            ),
            ShapeKind::CollectionEmpty => (
                &COLLECTION_EMPTY,
                format!("annotation declares {documented}, but {subject} has {observed}"),
                "fix `isEmpty` in the annotation, or fix the example".to_owned(),
            ),
            ShapeKind::ErrorObjectExpected => (
                &ERROR_OBJECT_EXPECTED,
                format!(
                    "annotation declares an error, but {subject} is {}",
                    article(observed)
                ),
                "write {\"error\": {\"code\": \"..\", \"message\": \"..\"}}, or remove `expectError`"
                    .to_owned(),
            ),
            _ => return None,
        };
        let Some((node, _)) = at_steps(self.root, &finding.steps) else {
            // The value is missing, so the finding points to its parent.
            let (inner, _) = at_steps(self.root, parent(finding))?;
            return Some(self.at(rule, &opening(inner), message).help(help));
        };
        let diagnostic = self.at(rule, &node.range, message);
        Some(match self.replacement(finding, node) {
            Some(text) => {
                let edit = Edit {
                    span: self.body.span(&node.range),
                    text: text.clone(),
                };
                diagnostic.help(format!("write {text}")).fix(vec![edit])
            }
            None => diagnostic.help(help),
        })
    }

    /// Help for a missing collection.
    fn collection_help(&self, subject: &str) -> String {
        let arrays = match &self.root.value {
            NodeValue::Object(members) => members.iter(),
            _ => [].iter(),
        };
        let mut arrays = arrays.filter(|member| matches!(member.value.value, NodeValue::Array(_)));
        match (arrays.next(), arrays.next()) {
            (Some(one), None) => format!(
                "name the member in the annotation: \"collectionProperty\": \"{}\"",
                cut(&one.key)
            ),
            _ => format!("make {subject} an array, or fix the annotation"),
        }
    }

    /// Whether a value is a duration, as the table of its member says.
    fn is_documented_duration(&self, finding: &ShapeFinding) -> bool {
        let says_duration = |id| {
            let members = self.site.table_members();
            members.is_duration(&self.site.types, id, key(finding))
        };
        self.text(finding).is_some_and(is_duration) && finding.owner.is_some_and(says_duration)
    }

    /// The string that a finding is about.
    fn text(&self, finding: &ShapeFinding) -> Option<&str> {
        match &at_steps(self.root, &finding.steps)?.0.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// The unambiguous replacement of a value: an enum member in another case,
    /// or a number or boolean in quotes.
    fn replacement(&self, finding: &ShapeFinding, node: &Node<'_>) -> Option<String> {
        let NodeValue::String(text) = &node.value else {
            return None;
        };
        match (finding.kind, &*finding.documented) {
            (ShapeKind::EnumValue, _) => {
                let choices = self.site.types.choices(finding.owner?, key(finding));
                let mut fitting = choices
                    .iter()
                    .filter(|choice| choice.eq_ignore_ascii_case(text));
                let one = fitting.next().filter(|_| fitting.next().is_none())?;
                Some(format!("\"{one}\""))
            }
            (ShapeKind::TypeMismatch, "boolean") => match &*text.to_ascii_lowercase() {
                word @ ("true" | "false") => Some(word.to_owned()),
                _ => None,
            },
            (ShapeKind::TypeMismatch, "number" | "integer") => {
                let number: serde_json::Number = text.parse().ok()?;
                (finding.documented == "number" || !number.is_f64()).then(|| number.to_string())
            }
            _ => None,
        }
    }

    /// Reports undocumented types of objects in the body.
    fn tags<'n>(&self, node: &'n Node<'_>, seen: &mut Vec<&'n str>, found: &mut Vec<Diagnostic>) {
        const MOST: usize = 20;
        match &node.value {
            NodeValue::Array(elements) => {
                for element in elements {
                    self.tags(element, seen, found);
                }
            }
            NodeValue::Object(members) => {
                for member in members {
                    match &member.value.value {
                        NodeValue::String(name)
                            if member.key == TAG
                                && seen.len() < MOST
                                && is_unknown(&self.site.types, name)
                                && !seen.contains(&&**name) =>
                        {
                            seen.push(name);
                            let message = format!("type `{}` is not documented", cut(name));
                            found.push(
                                self.at(&UNKNOWN_RESOURCE, &member.value.range, message)
                                    .severity(Severity::Info)
                                    .help(unknown_help(&self.site.types, name, found.len())),
                            );
                        }
                        _ => self.tags(&member.value, seen, found),
                    }
                }
            }
            _ => {}
        }
    }
}
