//! The content of a table by the heading above it, and its columns by their
//! names. The defaults can be changed by API Doctor's
//! `table-header-config.json`.

use serde_json::Value;

use crate::page::markdown::Row;

/// The content of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Properties, which the JSON of the resource contains.
    Properties,
    /// Relationships, which the JSON of the resource may contain.
    Relationships,
}

/// Headings above tables, and names of their columns, in lower case. `{x}` in a
/// heading matches any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTitles {
    properties: Vec<String>,
    relationships: Vec<String>,
    name_columns: Vec<String>,
    type_columns: Vec<String>,
}

impl Default for TableTitles {
    fn default() -> Self {
        let list = |titles: &[&str]| titles.iter().map(|title| (*title).to_owned()).collect();
        Self {
            properties: list(&[
                "properties",
                "property values",
                "instance attributes",
                "attributes",
                "fields",
            ]),
            relationships: list(&["relationships", "navigation properties"]),
            name_columns: list(&[
                "property",
                "property name",
                "name",
                "relationship",
                "relationship name",
                "navigation property",
                "attribute",
                "field",
            ]),
            type_columns: list(&["type", "data type", "property type"]),
        }
    }
}

impl TableTitles {
    /// Reads the `tableDefinitions` of `table-header-config.json`: the `tables`
    /// with their `type` and `titles`, and the `parsingRules` named by
    /// `parseAs` with their `columns`. Nothing if the JSON has another
    /// structure.
    pub fn read(definitions: &Value) -> Option<Self> {
        let tables = definitions.get("tables")?.as_array()?;
        let of_type = |wanted: &str| {
            tables
                .iter()
                .find(|table| table.get("type").and_then(Value::as_str) == Some(wanted))
        };
        let titles = |wanted: &str| {
            of_type(wanted)
                .map(|table| words(table.get("titles")))
                .unwrap_or_default()
        };
        let parsed_as = of_type("ResourcePropertyDescriptions").and_then(|table| {
            let rule = table.get("parseAs")?.as_str()?;
            let mut rules = definitions.get("parsingRules")?.as_array()?.iter();
            rules.find(|known| known.get("type").and_then(Value::as_str) == Some(rule))
        });
        let columns = |name: &str| {
            parsed_as.map(|rule| words(rule.get("columns").and_then(|columns| columns.get(name))))
        };
        let default = Self::default();
        Some(Self {
            properties: titles("ResourcePropertyDescriptions"),
            relationships: titles("ResourceNavigationPropertyDescriptions"),
            name_columns: columns("name").unwrap_or(default.name_columns),
            type_columns: columns("type").unwrap_or(default.type_columns),
        })
    }

    /// The content of tables under a heading.
    pub fn kind(&self, heading: &str) -> Option<TableKind> {
        let heading = normal(heading);
        let is_among = |titles: &[String]| titles.iter().any(|title| fits(title, &heading));
        if is_among(&self.properties) {
            return Some(TableKind::Properties);
        }
        is_among(&self.relationships).then_some(TableKind::Relationships)
    }

    /// The column with the names.
    pub fn name_column(&self, header: &Row) -> Option<usize> {
        column(header, &self.name_columns)
    }

    /// The column with the types.
    pub fn type_column(&self, header: &Row) -> Option<usize> {
        column(header, &self.type_columns)
    }
}

/// The column with the first of the names that a header row contains.
fn column(header: &Row, names: &[String]) -> Option<usize> {
    let cells: Vec<String> = header.cells.iter().map(|cell| normal(&cell.text)).collect();
    let mut places = names
        .iter()
        .map(|name| cells.iter().position(|cell| cell == name));
    places.find_map(|place| place)
}

/// Whether a lower-case heading matches a title.
fn fits(title: &str, heading: &str) -> bool {
    let Some((before, after)) = title.split_once("{x}") else {
        return title == heading;
    };
    heading.len() > before.len() + after.len()
        && heading.starts_with(before)
        && heading.ends_with(after)
}

fn words(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice);
    let words = list.unwrap_or_default().iter().filter_map(Value::as_str);
    words.map(normal).collect()
}

/// Normalizes a title: without emphasis and surrounding spaces, in lower case.
fn normal(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || "*_:".contains(c))
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::markdown::Cell;
    use serde_json::json;

    #[track_caller]
    fn check(titles: &TableTitles, heading: &str, expected: Option<TableKind>) {
        assert_eq!(titles.kind(heading), expected, "{heading}");
    }

    fn header(names: &[&str]) -> Row {
        let cells = names.iter().map(|name| Cell {
            text: (*name).to_owned(),
            ..Cell::default()
        });
        Row {
            cells: cells.collect(),
            ..Row::default()
        }
    }

    #[test]
    fn maps_headings_to_content() {
        let titles = TableTitles::default();
        check(&titles, "Properties", Some(TableKind::Properties));
        check(&titles, " PROPERTIES ", Some(TableKind::Properties));
        check(&titles, "Relationships", Some(TableKind::Relationships));
        check(&titles, "Extension properties", None);
        check(&titles, "", None);
    }

    #[test]
    fn reads_configured_titles() {
        let titles = TableTitles::read(&json!({
            "tables": [
                { "type": "ResourcePropertyDescriptions", "parseAs": "Row", "titles": ["{x} facets"] },
                { "type": "PathParameters", "titles": ["Properties"] },
            ],
            "parsingRules": [
                { "type": "Row", "columns": { "name": ["Facet", "Name"], "type": ["Kind"] } },
            ],
        }))
        .expect("a config");
        check(&titles, "Item facets", Some(TableKind::Properties));
        check(&titles, "facets", None);
        check(&titles, " facets", None);
        check(&titles, "Properties", None);
        check(&titles, "Relationships", None);
        let row = header(&["**Name**", "facet", "Type", "Kind"]);
        assert_eq!(titles.name_column(&row), Some(1));
        assert_eq!(titles.type_column(&row), Some(3));
        assert_eq!(titles.name_column(&header(&["Property"])), None);
    }

    #[test]
    fn uses_default_columns() {
        let titles = TableTitles::read(&json!({ "tables": [
            { "type": "ResourcePropertyDescriptions", "titles": "Properties" },
        ] }))
        .expect("a config");
        check(&titles, "Properties", None);
        assert_eq!(titles.name_column(&header(&["Type", "Property"])), Some(1));
    }

    #[test]
    fn rejects_other_json() {
        for config in [json!(null), json!([]), json!({"tables": {}})] {
            assert_eq!(TableTitles::read(&config), None, "{config}");
        }
    }
}
