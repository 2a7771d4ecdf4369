//! What is wrong with a documented body, in words: one finding a cause.

use super::body::Body;
use super::resource::is_unknown;
use super::words::{FEW, article, at_steps, in_annotation, list, near_word, opening, unknown_help};
use crate::check::rules::Site;
use crate::check::types::{
    PathStep, ShapeFinding, ShapeKind, TAG, is_ellipsis, lacks_offset, type_name,
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

/// What is needed to tell of a body.
struct Teller<'t> {
    site: &'t Site<'t>,
    body: &'t Body<'t>,
    root: &'t Node<'t>,
}

/// Puts the findings of a body into words.
pub(super) fn tell(
    site: &Site<'_>,
    body: &Body<'_>,
    root: &Node<'_>,
    findings: &[ShapeFinding],
    found: &mut Vec<Diagnostic>,
) {
    let teller = Teller { site, body, root };
    let of = |kind| findings.iter().filter(move |finding| finding.kind == kind);
    for group in groups(of(ShapeKind::MissingProperty), |one, other| {
        parent(one) == parent(other)
    }) {
        found.extend(teller.missing(&group));
    }
    let undocumented = of(ShapeKind::UndocumentedProperty).filter(|finding| {
        let listed = |id| site.table_words().list(site, id, key(finding));
        !finding.owner.is_some_and(listed)
    });
    for group in groups(undocumented, |one, other| parent(one) == parent(other)) {
        teller.undocumented(&group, found);
    }
    let says_null =
        |finding: &&ShapeFinding| finding.owner.is_some_and(|id| site.types.has_nullable(id));
    let (known, silent): (Vec<_>, Vec<_>) = of(ShapeKind::NullValue).partition(says_null);
    for group in groups(known, |_, _| false) {
        found.extend(teller.null(&group, Severity::Warning));
    }
    for group in groups(silent, |one, other| one.owner == other.owner) {
        found.extend(teller.null(&group, Severity::Info));
    }
    for finding in findings {
        found.extend(match finding.kind {
            ShapeKind::UnknownResource => teller.unknown(found.len()),
            _ => teller.wrong(finding),
        });
    }
    teller.tags(root, &mut Vec::new(), found);
}

/// Findings by what they have in common, in the order of the first of each.
/// There are never many.
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

/// The steps to the value that a finding's own stands in.
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

/// The value that a finding is about.
fn subject(finding: &ShapeFinding) -> String {
    match (finding.steps.last(), key(finding)) {
        (Some(PathStep::Key(key)), _) => format!("`{}`", cut(key)),
        (_, "") => "the body".to_owned(),
        (_, key) => format!("an element of `{}`", cut(key)),
    }
}

/// Whether an object is not meant as a whole one: it says that there is more, is
/// one that was removed, or only refers to another (`OData` JSON Format 4.01, 14
/// and 15).
fn is_less(members: &[Member<'_>]) -> bool {
    let is_removed = |key: &str| matches!(key, "@removed" | "@odata.removed");
    let has = |test: &dyn Fn(&str) -> bool| members.iter().any(|member| test(&member.key));
    let refers = has(&|key| matches!(key, "@odata.id" | "@id"));
    has(&is_ellipsis) || has(&is_removed) || (refers && !has(&|key| !key.contains('@')))
}

impl Teller<'_> {
    fn at(
        &self,
        rule: &'static Rule,
        range: &std::ops::Range<usize>,
        message: String,
    ) -> Diagnostic {
        Diagnostic::at(self.body.page, rule, self.body.span(range), message)
    }

    /// Who says what a value has to be.
    fn owner(&self, finding: &ShapeFinding) -> String {
        let name = finding.owner.map(|id| self.site.types.name(id));
        name.map_or_else(
            || "the resource".to_owned(),
            |name| format!("`{}`", cut(name)),
        )
    }

    /// Members that an object has not.
    fn missing(&self, group: &[&ShapeFinding]) -> Option<Diagnostic> {
        let (object, _) = at_steps(self.root, parent(group[0]))?;
        if let NodeValue::Object(members) = &object.value
            && is_less(members)
        {
            return None;
        }
        let keys: Vec<&str> = group.iter().map(|finding| key(finding)).collect();
        let (owner, keys) = (self.owner(group[0]), list(&keys));
        let message = format!("{owner} has {keys}, which this example leaves out");
        let help = "add what is missing, or say in the annotation that the example is cut short: \
                    \"truncated\": true";
        let told = self.at(&MISSING_PROPERTY, &opening(object), message);
        Some(told.help(help))
    }

    /// Members of an object that nothing documents. Where most are of that
    /// kind, the object is likely of another type.
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
                    format!("{owner} has none of {}", list(&keys)),
                    "name the type that this is, or document the members or the `baseType` of its \
                     resource"
                        .to_owned(),
                )
            } else {
                (
                    format!("{owner} has no member `{}`", cut(key)),
                    match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "document it in the resource, or take it out".to_owned(),
                    },
                )
            };
            found.push(
                self.at(&UNDOCUMENTED_PROPERTY, &member.key_range, message)
                    .help(help),
            );
        }
    }

    /// Members that are `null`. What a resource does not say may well be so:
    /// properties are nullable unless they say otherwise (`OData` CSDL XML 4.01, 7.2.1).
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
            _ => ("are", "they"),
        };
        let subject = match group {
            [one] => subject(one),
            _ => list(&subjects),
        };
        let owner = self.owner(group[0]);
        let message = format!("{subject} {is} null, and {owner} does not say that {it} may be");
        let told = self
            .at(&NULL_VALUE, &node.range, message)
            .severity(severity);
        Some(told.help("show a value, or name it in the resource's `nullableProperties`"))
    }

    /// The annotation's type, which no page documents.
    fn unknown(&self, before: usize) -> Option<Diagnostic> {
        let name = type_name(self.body.keys)?;
        let page = self.body.page;
        let span = in_annotation(page, self.body.block.annotation.span, name);
        let message = format!(
            "no page documents the type `{}`, so this body is held against nothing",
            cut(name)
        );
        let told = Diagnostic::at(page, &UNKNOWN_RESOURCE, span, message);
        Some(told.help(unknown_help(&self.site.types, name, before)))
    }

    /// A value that is not what the page says.
    fn wrong(&self, finding: &ShapeFinding) -> Option<Diagnostic> {
        let subject = subject(finding);
        let owner = self.owner(finding);
        let documented = &*finding.documented;
        let observed = finding.observed.as_deref().unwrap_or("missing");
        let is_not = |what: &str| format!("{subject} is {observed}, which is no {what}");
        let (rule, message, help): (&'static Rule, String, String) = match finding.kind {
            ShapeKind::TypeMismatch => (
                &TYPE_MISMATCH,
                format!("{subject} is {}, and {owner} says {documented}", article(observed)),
                "write a value of that type, or mend the resource if it is the one that is wrong"
                    .to_owned(),
            ),
            ShapeKind::EnumValue => (
                &ENUM_VALUE,
                format!("{subject} is {observed}, and {owner} says {documented}"),
                "write one of these, or add it to them in the resource".to_owned(),
            ),
            ShapeKind::FormatDateTime if self.text(finding).is_some_and(lacks_offset) => (
                &FORMAT_DATE_TIME,
                format!("{subject} is {observed}, which has no offset from UTC"),
                "end it with an offset, such as `Z` or `+01:00`".to_owned(),
            ),
            ShapeKind::FormatDateTime => (
                &FORMAT_DATE_TIME,
                is_not("date or time"),
                "write a date and a time with its offset, such as \"2016-01-31T15:20:01Z\""
                    .to_owned(),
            ),
            ShapeKind::FormatUrl => (
                &FORMAT_URL,
                is_not("URL"),
                "write a whole URL, such as \"https://example.com/items\"".to_owned(),
            ),
            ShapeKind::FormatGuid => (
                &FORMAT_GUID,
                is_not("GUID"),
                "write 32 hexadecimal digits as 8-4-4-4-12, such as \
                 \"fa4aa5a2-a75b-4769-86f4-9e2742a18fda\""
                    .to_owned(),
            ),
            ShapeKind::CollectionExpected => (
                &COLLECTION_EXPECTED,
                format!("the annotation promises a collection, and {subject} is {}", article(observed)),
                self.collection_help(&subject),
            ),
            ShapeKind::CollectionEmpty => (
                &COLLECTION_EMPTY,
                format!("the annotation promises {documented}, and {subject} has {observed}"),
                "mend `isEmpty` in the annotation, or the example".to_owned(),
            ),
            ShapeKind::ErrorObjectExpected => (
                &ERROR_OBJECT_EXPECTED,
                format!(
                    "the annotation promises an error, and {subject} is {}",
                    article(observed)
                ),
                "write {\"error\": {\"code\": \"..\", \"message\": \"..\"}}, or take `expectError` out"
                    .to_owned(),
            ),
            _ => return None,
        };
        let Some((node, _)) = at_steps(self.root, &finding.steps) else {
            // It is not there, so what it should stand in is meant.
            let (inner, _) = at_steps(self.root, parent(finding))?;
            return Some(self.at(rule, &opening(inner), message).help(help));
        };
        let told = self.at(rule, &node.range, message);
        Some(match self.replacement(finding, node) {
            Some(text) => {
                let edit = Edit {
                    span: self.body.span(&node.range),
                    text: text.clone(),
                };
                told.help(format!("write {text}")).fix(vec![edit])
            }
            None => told.help(help),
        })
    }

    /// What to do about a collection that is not where it should be.
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
            _ => format!("write an array as {subject}, or mend the annotation"),
        }
    }

    /// The string that a finding is about.
    fn text(&self, finding: &ShapeFinding) -> Option<&str> {
        match &at_steps(self.root, &finding.steps)?.0.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a value is meant to be, where only one thing can be meant: a word of
    /// the list in another case, a number or a boolean in quotes.
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

    /// Objects that name types which no page documents.
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
                            let message = format!("no page documents the type `{}`", cut(name));
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
