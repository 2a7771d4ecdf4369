//! What a table lists, by the heading above it, and in which of its columns,
//! by their names. The docs may say so themselves, in the file that API Doctor
//! reads for this (`table-header-config.json`).

use serde_json::Value;

use crate::page::markdown::Row;

/// What a table of a resource lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// The properties, which its JSON shows.
    Properties,
    /// The relationships, which its JSON may show.
    Relationships,
}

/// The titles of such tables, and the names of their columns; without case.
/// `{x}` in a title stands for any text.
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
    /// Reads the `tableDefinitions` of `table-header-config.json`: the `tables`,
    /// each with its `type`, its `titles` and the `parsingRules`
    /// that it is `parseAs`, each of which names its `columns`. Nothing, where
    /// the JSON is another.
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

    /// What the tables under a heading list.
    pub fn kind(&self, heading: &str) -> Option<TableKind> {
        let heading = normal(heading);
        let is_among = |titles: &[String]| titles.iter().any(|title| fits(title, &heading));
        if is_among(&self.properties) {
            return Some(TableKind::Properties);
        }
        is_among(&self.relationships).then_some(TableKind::Relationships)
    }

    /// The column that names what each row is about.
    pub fn name_column(&self, header: &Row) -> Option<usize> {
        column(header, &self.name_columns)
    }

    /// The column that says of what type it is.
    pub fn type_column(&self, header: &Row) -> Option<usize> {
        column(header, &self.type_columns)
    }
}

/// The first of the names that a header row has.
fn column(header: &Row, names: &[String]) -> Option<usize> {
    let cells: Vec<String> = header.cells.iter().map(|cell| normal(&cell.text)).collect();
    let mut places = names
        .iter()
        .map(|name| cells.iter().position(|cell| cell == name));
    places.find_map(|place| place)
}

/// Whether a heading, in lower case, is one that a title means.
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

/// A title for comparison: what emphasis and spaces stand around it make no
/// difference.
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
    fn headings_say_what_a_table_lists() {
        let titles = TableTitles::default();
        check(&titles, "Properties", Some(TableKind::Properties));
        check(&titles, " PROPERTIES ", Some(TableKind::Properties));
        check(&titles, "Relationships", Some(TableKind::Relationships));
        check(&titles, "Extension properties", None);
        check(&titles, "", None);
    }

    #[test]
    fn the_docs_own_titles_are_read() {
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
    fn columns_are_known_where_the_docs_do_not_name_them() {
        let titles = TableTitles::read(&json!({ "tables": [
            { "type": "ResourcePropertyDescriptions", "titles": "Properties" },
        ] }))
        .expect("a config");
        check(&titles, "Properties", None);
        assert_eq!(titles.name_column(&header(&["Type", "Property"])), Some(1));
    }

    #[test]
    fn what_is_no_such_config_is_none() {
        for config in [json!(null), json!([]), json!({"tables": {}})] {
            assert_eq!(TableTitles::read(&config), None, "{config}");
        }
    }
}
