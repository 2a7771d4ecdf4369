//! Compares tables of properties and relationships with the JSON of their
//! resource. A table belongs to the resource of its section, or to the only
//! resource of the page; unclear cases are not checked.

use std::collections::{HashMap, HashSet};

use super::titles::TableKind;
use super::type_text;
use crate::check::rules::json_text::JsonText;
use crate::check::rules::site::{Parsed, Site};
use crate::check::types::{TypeId, is_annotation, is_ellipsis, type_name};
use crate::json::{Member, Node, NodeValue};
use crate::page::extract::in_body;
use crate::page::markdown::{Cell, Heading, Row, Table};
use crate::page::resource::Resource;
use crate::text::finding::{Diagnostic, cut, is_slip};
use crate::text::rules::{PROPERTY_NOT_IN_RESOURCE, PROPERTY_NOT_IN_TABLE, TYPE_DISAGREES};
use crate::text::source::{Page, Span};

/// Checks the resources of a page.
pub(super) fn check(site: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let resources = site.resources_of(parsed.page);
    if resources.is_empty() || parsed.document.tables.is_empty() {
        return;
    }
    let listed = listed(site, parsed);
    if listed.is_empty() {
        return;
    }
    let sections = sections(&parsed.document.headings);
    let section_at = |offset: usize| {
        let heading = heading_at(&parsed.document.headings, offset)?;
        sections[heading]
    };
    let is_only = resources.len() == 1;
    let mut by_section: HashMap<Option<usize>, (Vec<&Resource>, Vec<&Listed<'_>>)> = HashMap::new();
    for resource in resources {
        let section = section_at(resource.block.start).filter(|_| !is_only);
        by_section.entry(section).or_default().0.push(resource);
    }
    for table in &listed {
        let section = sections[table.heading].filter(|_| !is_only);
        by_section.entry(section).or_default().1.push(table);
    }
    let described = described(&parsed.document.tables);
    for (resources, own) in by_section.into_values() {
        let [resource] = resources.as_slice() else {
            continue;
        };
        if !are_of_one(&own, &parsed.document.headings) {
            continue;
        }
        let id = type_name(&resource.keys).and_then(|name| site.types.find(name));
        if let Some(id) = id {
            let bound = Bound {
                resource,
                json: site.json_at(parsed, resource.block.start),
                id,
                own,
                described: &described,
            };
            compare(site, parsed.page, &bound, found);
        }
    }
}

/// The words in the first cells of all rows.
fn described(tables: &[Table]) -> HashSet<&str> {
    let rows = tables.iter().flat_map(|table| &table.rows);
    let cells = rows.filter_map(|row| row.cells.first());
    let is_within = |c: char| c.is_alphanumeric() || "_-".contains(c);
    cells
        .flat_map(|cell| cell.text.split(move |c| !is_within(c)))
        .collect()
}

/// A table of properties or relationships.
struct Listed<'p> {
    kind: TableKind,
    table: &'p Table,
    /// The index of its heading.
    heading: usize,
    name_column: usize,
    type_column: Option<usize>,
}

/// A resource with its tables.
struct Bound<'r, 'p> {
    resource: &'r Resource,
    json: Option<&'r JsonText<'r>>,
    id: TypeId,
    own: Vec<&'r Listed<'p>>,
    /// The names in all tables of the page.
    described: &'r HashSet<&'p str>,
}

/// The tables of properties and relationships of a page. Of several tables
/// under one heading, those with the header of the first.
fn listed<'p>(site: &Site<'_>, parsed: &'p Parsed<'_>) -> Vec<Listed<'p>> {
    let titles = &site.settings.tables;
    let headings = &parsed.document.headings;
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for table in &parsed.document.tables {
        let Some(heading) = heading_at(headings, table.span.start) else {
            continue;
        };
        let Some(kind) = titles.kind(&headings[heading].text) else {
            continue;
        };
        let Some(name_column) = titles.name_column(&table.header) else {
            continue;
        };
        let texts = |table: &'p Table| table.header.cells.iter().map(|cell| cell.text.trim());
        let is_other = listed.last().is_some_and(|before| {
            before.heading == heading && !texts(before.table).eq(texts(table))
        });
        if !is_other {
            listed.push(Listed {
                kind,
                table,
                heading,
                name_column,
                type_column: titles.type_column(&table.header),
            });
        }
    }
    listed
}

/// Whether all tables can belong to one resource: there is a properties table,
/// and all headings differ.
fn are_of_one(tables: &[&Listed<'_>], headings: &[Heading]) -> bool {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    tables
        .iter()
        .any(|listed| listed.kind == TableKind::Properties)
        && tables.iter().all(|listed| {
            let text = headings[listed.heading].text.trim();
            *seen.entry(text).or_insert(listed.heading) == listed.heading
        })
}

fn heading_at(headings: &[Heading], offset: usize) -> Option<usize> {
    headings
        .partition_point(|heading| heading.span.start <= offset)
        .checked_sub(1)
}

/// For each heading, the index of its parent.
fn sections(headings: &[Heading]) -> Vec<Option<usize>> {
    let mut open: Vec<usize> = Vec::new();
    let mut sections = Vec::with_capacity(headings.len());
    for (at, heading) in headings.iter().enumerate() {
        while open
            .last()
            .is_some_and(|last| headings[*last].level >= heading.level)
        {
            open.pop();
        }
        sections.push(open.last().copied());
        open.push(at);
    }
    sections
}

/// A row that names a property.
struct Property<'p> {
    name: &'p str,
    row: &'p Row,
    cell: &'p Cell,
    listed: &'p Listed<'p>,
}

/// From this number on, members are summarized in one finding.
const MOST_MISSING: usize = 10;
/// Maximum number of rows to check for misspelled members.
const MOST_SLIPS: usize = 100;

fn compare(site: &Site<'_>, page: &Page, bound: &Bound<'_, '_>, found: &mut Vec<Diagnostic>) {
    let Some(node) = bound.json.and_then(JsonText::node) else {
        return;
    };
    let Some(members) = object(node) else {
        return;
    };
    let by_key: HashMap<&str, &Member<'_>> = members
        .iter()
        .filter(|member| !is_annotation(&member.key) && !is_ellipsis(&member.key))
        .map(|member| (&*member.key, member))
        .collect();
    let rows = bound.own.iter().flat_map(|listed| properties(listed));
    let mut seen = HashSet::new();
    let properties: Vec<Property<'_>> = rows.filter(|row| seen.insert(row.name)).collect();
    // If no row matches, the table is about something else.
    if !properties
        .iter()
        .any(|property| by_key.contains_key(property.name))
    {
        return;
    }
    for property in &properties {
        if let Some(member) = by_key.get(property.name) {
            found.extend(types(site, page, bound, property, member));
        }
    }
    let mut missing: Vec<&Member<'_>> = members
        .iter()
        .filter(|member| {
            !is_annotation(&member.key)
                && !is_ellipsis(&member.key)
                && !bound.described.contains(&*member.key)
                && !site.types.inherits(bound.id, &member.key)
        })
        .collect();
    let mut all_keys = HashSet::new();
    keys(node, &mut all_keys);
    let is_open = site.types.is_open(bound.id);
    let mut unknown = 0;
    for property in &properties {
        let is_known = site.types.has(bound.id, property.name)
            || all_keys.contains(property.name)
            || is_annotation(property.name)
            || property.listed.kind == TableKind::Relationships
            || is_inherited(property.row);
        if is_known {
            continue;
        }
        let may_miss = is_open || site.types.is_optional(bound.id, property.name);
        unknown += 1;
        let candidates = if unknown > MOST_SLIPS {
            0
        } else {
            MOST_MISSING
        };
        let near = missing
            .iter()
            .take(candidates)
            .position(|member| is_slip(property.name, &member.key));
        // A misspelled name is one finding, not two.
        let actual = near.map(|at| missing.remove(at));
        if actual.is_some() || !may_miss {
            found.push(not_in_resource(page, bound, property, actual));
        }
    }
    if missing.len() > MOST_MISSING {
        found.push(not_in_table(page, bound, &missing));
        return;
    }
    for member in missing {
        found.push(not_in_table(page, bound, &[member]));
    }
}

/// The members of a resource, or of the only element if it is an array.
fn object<'n, 'a>(node: &'n Node<'a>) -> Option<&'n [Member<'a>]> {
    match &node.value {
        NodeValue::Object(members) => Some(members),
        NodeValue::Array(elements) => match elements.as_slice() {
            [element] => object(element),
            _ => None,
        },
        _ => None,
    }
}

/// The keys of all objects in a value.
fn keys<'n>(node: &'n Node<'_>, into: &mut HashSet<&'n str>) {
    match &node.value {
        NodeValue::Object(members) => {
            for member in members {
                into.insert(&member.key);
                keys(&member.value, into);
            }
        }
        NodeValue::Array(elements) => {
            for element in elements {
                keys(element, into);
            }
        }
        _ => {}
    }
}

fn properties<'p>(listed: &'p Listed<'p>) -> impl Iterator<Item = Property<'p>> {
    listed.table.rows.iter().filter_map(move |row| {
        let cell = row.cells.get(listed.name_column)?;
        let name = name(&cell.text)?;
        // A row with a single cell is a heading.
        let others = row.cells.iter().enumerate();
        let is_row = others
            .filter(|(at, _)| *at != listed.name_column)
            .any(|(_, cell)| !cell.text.trim().is_empty());
        is_row.then_some(Property {
            name,
            row,
            cell,
            listed,
        })
    })
}

/// The property that a cell names, without a note in brackets.
fn name(text: &str) -> Option<&str> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "*`\"'".contains(c));
    let end = text
        .find(|c: char| c.is_whitespace() || c == '(' || c == '*')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || "_@$-.".contains(c))
        && (!name.contains('.') || name.contains('@'));
    let rest = rest.trim_start();
    (is_name && (rest.is_empty() || rest.starts_with(['(', '*']))).then_some(name)
}

/// Whether a row says that its property belongs to another type.
fn is_inherited(row: &Row) -> bool {
    row.cells
        .iter()
        .any(|cell| cell.text.to_ascii_lowercase().contains("inherited"))
}

fn not_in_resource(
    page: &Page,
    bound: &Bound<'_, '_>,
    property: &Property<'_>,
    actual: Option<&Member<'_>>,
) -> Diagnostic {
    let actual = actual.map(|member| &member.key);
    let line = bound.resource.line;
    let name = property.name;
    let message = match actual {
        Some(actual) => format!("`{name}` is named `{actual}` in the JSON on line {line}"),
        None => format!("`{name}` is not in the JSON on line {line}"),
    };
    let help = match actual {
        Some(actual) => format!("write `{actual}` here, or `{name}` in the JSON"),
        None => "add it to the JSON, or remove the row".to_owned(),
    };
    Diagnostic::at(
        page,
        &PROPERTY_NOT_IN_RESOURCE,
        text_of(page, property.cell),
        message,
    )
    .help(help)
}

fn not_in_table(page: &Page, bound: &Bound<'_, '_>, members: &[&Member<'_>]) -> Diagnostic {
    let first = members[0];
    let span = in_json(page, bound.resource, first.key_range.clone());
    let others = match members.len() - 1 {
        0 => String::new(),
        others => format!(" ({others} more in this resource)"),
    };
    let message = format!("no table on this page documents `{}`{others}", first.key);
    Diagnostic::at(page, &PROPERTY_NOT_IN_TABLE, span, message)
        .help("add a row to the properties table, or remove the member from the JSON")
}

fn types(
    site: &Site<'_>,
    page: &Page,
    bound: &Bound<'_, '_>,
    property: &Property<'_>,
    member: &Member<'_>,
) -> Option<Diagnostic> {
    let cell = property.row.cells.get(property.listed.type_column?)?;
    if !type_text::disagree(&cell.text, &member.value, &site.types) {
        return None;
    }
    let json = &bound.resource.text[member.value.range.clone()];
    let words = json.split_whitespace().take(12).collect::<Vec<_>>();
    let message = format!(
        "`{}` is `{}` here, but `{}` in the JSON on line {}",
        property.name,
        cut(cell.text.trim()),
        cut(&words.join(" ")),
        bound.resource.line,
    );
    Some(
        Diagnostic::at(page, &TYPE_DISAGREES, text_of(page, cell), message)
            .help("use the same type in both"),
    )
}

/// The span of a cell's text without surrounding spaces.
fn text_of(page: &Page, cell: &Cell) -> Span {
    let text = page.slice(cell.span);
    let start = cell.span.start + text.len() - text.trim_start().len();
    Span::new(start, start + text.trim().len())
}

/// The span in the page of a range of a resource's JSON.
fn in_json(page: &Page, resource: &Resource, range: std::ops::Range<usize>) -> Span {
    let line = page.line(resource.block.start) + 1;
    let content = page.line_span(line.min(page.line_count()));
    in_body(page, content, &resource.text, range).unwrap_or(resource.block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::test_support::found;

    /// Checks the rules and texts of the findings of a page.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let page = Page::new("page.md", text.to_owned());
        let found = found(super::check, &page);
        let flagged: Vec<(&str, &str)> = found
            .iter()
            .map(|finding| {
                let span = finding.span.expect("a place");
                (finding.rule.name, page.slice(span))
            })
            .collect();
        assert_eq!(flagged, expected, "{text}");
    }

    fn table(title: &str, rows: &str) -> String {
        format!("{title}\n\n| Property | Type | Description |\n|---|---|---|\n{rows}\n")
    }

    fn resource(keys: &str, json: &str) -> String {
        format!("<!-- {{ \"blockType\": \"resource\", {keys} }} -->\n```json\n{json}\n```\n\n")
    }

    const USER: &str = r#""@odata.type": "example.user""#;

    #[track_caller]
    fn check_rows(rows: &str, keys: &str, json: &str, expected: &[(&str, &str)]) {
        let text = table("# Properties", rows) + &resource(&format!("{USER}{keys}"), json);
        check(&text, expected);
    }

    #[test]
    fn reports_rows_without_member() {
        const RULE: &str = "property-not-in-resource";
        let json = r#"{ "id": "String", "displayName": "String" }"#;
        let rows = "| id | String | x |\n| displayName | String | x |\n";
        let with = |row: &str| format!("{rows}{row}\n");
        check_rows(&with("| size | Int64 | x |"), "", json, &[(RULE, "size")]);
        check_rows(
            &with("| **size** (old) | Int64 | x |"),
            "",
            json,
            &[(RULE, "**size** (old)")],
        );
        for row in [
            "| size | Int64 | Inherited from item. |",
            "| **Others** | | |",
            "| Other things | x | y |",
            "| @odata.id | String | x |",
            "| id | Guid | x |",
        ] {
            check_rows(&with(row), "", json, &[]);
        }
        let size = with("| size | Int64 | x |");
        check_rows(&size, r#", "optionalProperties": ["size"]"#, json, &[]);
        check_rows(&size, r#", "openType": true"#, json, &[]);
        check_rows(&size, r#", "baseType": "example.other""#, json, &[]);
        let slip = "| id | String | x |\n| displyName | String | x |\n";
        check_rows(slip, r#", "openType": true"#, json, &[(RULE, "displyName")]);
        // No row matches, so the table is about something else.
        check_rows("| size | Int64 | x |\n", "", json, &[]);
        let relationships = table("# Properties", rows)
            + &table("# Relationships", "| owner | user | x |\n")
            + &resource(USER, json);
        check(&relationships, &[]);
    }

    #[test]
    fn reports_members_without_row() {
        const RULE: &str = "property-not-in-table";
        let rows = "| id | String | x |\n";
        let json = r#"{ "id": "String", "size": 1, "@odata.id": "String" }"#;
        check_rows(rows, "", json, &[(RULE, "\"size\"")]);
        check_rows(
            "| id / size | String | x |\n| id | String | x |",
            "",
            json,
            &[],
        );
        let many: String = (0..20).map(|n| format!(", \"p{n}x\": 1")).collect();
        let json = format!("{{ \"id\": \"String\"{many} }}");
        check_rows(rows, "", &json, &[(RULE, "\"p0x\"")]);
        let base = resource(r#""@odata.type": "example.item""#, r#"{ "size": 1 }"#);
        let json = r#"{ "id": "String", "size": 1 }"#;
        let derived = format!(r#"{USER}, "baseType": "example.item""#);
        let text = format!(
            "# Item\n\n## JSON\n\n{base}# User\n\n{}## JSON\n\n{}",
            table("## Properties", rows),
            resource(&derived, json),
        );
        check(&text, &[]);
    }

    #[test]
    fn matches_tables_and_resources_by_section() {
        let group = resource(r#""@odata.type": "example.group""#, r#"{ "id": "String" }"#);
        let user = resource(USER, r#"{ "id": "String", "size": 1 }"#);
        let rows = table("## Properties", "| id | Int32 | x |\n");
        let apart = format!("# User\n\n{rows}## JSON\n\n{user}# Group\n\n{rows}## JSON\n\n{group}");
        let both = ["type-disagrees", "type-disagrees", "property-not-in-table"];
        let page = Page::new("page.md", apart);
        let found = found(super::check, &page);
        let mut names: Vec<&str> = found.iter().map(|finding| finding.rule.name).collect();
        names.sort_unstable();
        names.reverse();
        assert_eq!(names, both);
        // Ambiguous: two resources or two tables in one section.
        check(&format!("# User\n\n{rows}## JSON\n\n{user}{group}"), &[]);
        check(&format!("# User\n\n{rows}{rows}## JSON\n\n{user}"), &[]);
    }
}
