//! The references of the file formats. They are generated from the schemas, and
//! their examples are read without findings.

mod examples;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;

use serde_json::{Map, Value as Json};
use snapbox::assert_data_eq;
use snapbox::data::DataFormat;

use crate::support::{Project, repository};
use examples::{CASE_EXAMPLES, CONFIG_EXAMPLES, SCENARIO_EXAMPLES};

/// A reference, with example files for its sections.
struct Reference {
    /// The page, in `docs`.
    page: &'static str,
    /// The name of the format in `docproof schema`.
    schema: &'static str,
    /// The title of the page.
    heading: &'static str,
    /// Describes the file.
    title: &'static str,
    language: &'static str,
    examples: &'static [(&'static str, &'static str)],
}

const REFERENCES: [Reference; 3] = [
    Reference {
        page: "case-files.md",
        schema: "case",
        heading: "Case files",
        title: "A case file, `specs/cases/**/*.yaml`",
        language: "yaml",
        examples: CASE_EXAMPLES,
    },
    Reference {
        page: "scenarios.md",
        schema: "scenario",
        heading: "Scenario files",
        title: "A scenario file, `specs/scenarios/**/*.yaml`",
        language: "yaml",
        examples: SCENARIO_EXAMPLES,
    },
    Reference {
        page: "configuration.md",
        schema: "config",
        heading: "Configuration",
        title: "The configuration, `docproof.toml`",
        language: "toml",
        examples: CONFIG_EXAMPLES,
    },
];

impl Reference {
    fn schema(&self) -> Json {
        let ran = Project::new().run(&["schema", self.schema]).exits(0);
        serde_json::from_str(&ran.out).expect("a schema")
    }

    /// The page, generated from the schema.
    fn text(&self) -> String {
        let schema = self.schema();
        let mut text = format!(
            "# {}\n\n{}.\n\n`docproof schema {}` prints the JSON Schema of this format, from which this page is\ngenerated. Editors use it to validate and complete such files.\n\n{}\n\n",
            self.heading,
            self.title,
            self.schema,
            description(&schema),
        );
        let mut shown = 0;
        let mut example = |text: &mut String, name: &str| {
            if let Some((_, example)) = self.examples.iter().find(|(of, _)| *of == name) {
                write!(text, "```{}\n{example}```\n\n", self.language).expect("text");
                shown += 1;
            }
        };
        text += &body(&schema);
        example(&mut text, "");
        for (name, part) in definitions(&schema) {
            let heading = words(name);
            let (says, body) = (description(part), body(part));
            write!(text, "## {heading}\n\n{says}\n\n{body}").expect("text");
            example(&mut text, name);
        }
        assert_eq!(shown, self.examples.len(), "an example of no section");
        text.trim_end().to_owned() + "\n"
    }
}

/// The types of a schema, breadth first from the type of the file.
fn definitions(schema: &Json) -> Vec<(&str, &Json)> {
    let all = schema["$defs"].as_object().expect("types");
    let mut found: Vec<&str> = Vec::new();
    let mut names: VecDeque<&str> = references(schema).into();
    while let Some(name) = names.pop_front() {
        if !found.contains(&name) {
            found.push(name);
            names.extend(references(&all[name]));
        }
    }
    assert_eq!(found.len(), all.len(), "a type that nothing names");
    found.iter().map(|name| (*name, &all[*name])).collect()
}

/// The types that a schema references, in its order.
fn references(schema: &Json) -> Vec<&str> {
    match schema {
        Json::Object(members) => members
            .iter()
            .filter(|(key, _)| *key != "$defs")
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("$ref", Json::String(name)) => vec![type_name(name)],
                _ => references(value),
            })
            .collect(),
        Json::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn type_name(reference: &str) -> &str {
    let name = reference.strip_prefix("#/$defs/");
    name.expect("a type of the same schema")
}

/// The heading of a type: `Retry on` for `RetryOn`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(c.to_lowercase());
        } else {
            words.push(c);
        }
    }
    words
}

fn description(schema: &Json) -> String {
    let text = schema["description"].as_str();
    let text = text.unwrap_or_else(|| panic!("no description: {schema}"));
    assert!(text.ends_with('.'), "no sentence: {text}");
    text.replace('\n', " ")
}

/// The keys of a mapping, the alternatives of a choice, or the values of an
/// enumeration.
fn body(schema: &Json) -> String {
    let mut rows = String::new();
    let alternatives = ["anyOf", "oneOf"]
        .iter()
        .find_map(|key| schema[*key].as_array());
    if let Some(properties) = schema["properties"].as_object() {
        rows += "| key | type | required | description |\n|---|---|---|---|\n";
        rows += &properties
            .iter()
            .map(|entry| row(entry, schema))
            .collect::<String>();
    } else if let Some(alternatives) = alternatives {
        rows += "| one of | description |\n|---|---|\n";
        for alternative in alternatives {
            let kind = match alternative["const"].as_str() {
                Some(value) => format!("`{value}`"),
                None => kind(alternative),
            };
            rows += &format!("| {kind} | {} |\n", cell(&description(alternative)));
        }
    } else if schema.get("enum").is_some() {
        rows += &format!("One of {}.\n", kind(schema));
    } else {
        rows += &format!("A {}.\n", kind(schema));
    }
    rows + "\n"
}

fn row((key, property): (&String, &Json), table: &Json) -> String {
    let is_required = table["required"]
        .as_array()
        .is_some_and(|required| required.iter().any(|name| name == key));
    let required = if is_required { "yes" } else { "" };
    format!(
        "| `{key}` | {} | {required} | {} |\n",
        kind(property),
        cell(&description(property)),
    )
}

/// Escapes pipes, which would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Describes the type of a value. Whether it is optional is described elsewhere.
fn kind(schema: &Json) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = type_name(reference);
        let name = words(name);
        return format!("[{name}](#{})", name.to_lowercase().replace(' ', "-"));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().filter_map(Json::as_str);
        return values
            .map(|value| format!("`{value}`"))
            .collect::<Vec<_>>()
            .join(", ");
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        // An optional key cannot be `null`; a value of a mapping can.
        let has_description = schema.get("description").is_some();
        let kinds = alternatives
            .iter()
            .filter(|kind| !(has_description && kind["type"] == "null"));
        return kinds.map(kind).collect::<Vec<_>>().join(" or ");
    }
    let name = match &schema["type"] {
        Json::String(name) => name,
        Json::Array(names) => names[0].as_str().expect("the name of a type"),
        _ => return "any value".to_owned(),
    };
    match name {
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "null" => "`null`".to_owned(),
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" => format!(
            "mapping of names to {}",
            kind(&schema["additionalProperties"])
        ),
        name => name.to_owned(),
    }
}

#[test]
fn references_match_the_schemas() {
    for reference in &REFERENCES {
        let path = repository().join("docs").join(reference.page);
        let written = snapbox::Data::read_from(&path, Some(DataFormat::Text));
        // SNAPSHOTS=overwrite rewrites the page.
        assert_data_eq!(reference.text(), written.raw());
    }
}

/// The keys of a schema that no example shows, by type.
fn not_shown(reference: &Reference) -> Vec<String> {
    let shown: String = reference.examples.iter().map(|(_, text)| *text).collect();
    let schema = reference.schema();
    let types = definitions(&schema).into_iter().chain([("", &schema)]);
    let keys = types.flat_map(|(name, part)| {
        let none = Map::new();
        let keys = part["properties"].as_object().unwrap_or(&none).clone();
        keys.into_iter().map(move |(key, _)| (name, key))
    });
    keys.filter(|(_, key)| {
        !shown.contains(&format!("{key}:"))
            && !shown.contains(&format!("{key} ="))
            && !shown.contains(&format!("{key}]"))
            && !shown.contains(&format!("[{key}."))
    })
    .map(|(name, key)| format!("{name}.{key}"))
    .collect()
}

#[test]
fn examples_show_each_key() {
    assert_eq!(not_shown(&REFERENCES[0]), [""; 0]);
    assert_eq!(not_shown(&REFERENCES[1]), [""; 0]);
    // A key of another grant, and one in the place of another key.
    assert_eq!(
        not_shown(&REFERENCES[2]),
        ["Auth.query", "Auth.refresh-token"]
    );
}

/// A page with the cases that the examples name.
fn page() -> String {
    let case = |name: &str, request: &str, response: &str| {
        format!(
            "<!-- {{ \"blockType\": \"request\", \"name\": \"{name}\" }} -->\n\n\
             ```http\n{request}\n```\n\n<!-- {{ \"blockType\": \"response\" }} -->\n\n\
             ```http\n{response}\n```\n\n"
        )
    };
    let json = "Content-Type: application/json\n\n{ \"name\": \"Summer\" }";
    "# Profiles\n\n".to_owned()
        + &case("get_profile", "GET /profiles/{id}", "HTTP/1.1 200 OK")
        + &case(
            "create_profile",
            &format!("POST /profiles\n{json}"),
            "HTTP/1.1 201 Created",
        )
        + &case(
            "rename_profile",
            &format!("PATCH /profiles/{{id}}\n{json}"),
            "HTTP/1.1 200 OK",
        )
        + &case(
            "delete_profile",
            "DELETE /profiles/{id}",
            "HTTP/1.1 204 No Content",
        )
}

#[track_caller]
fn check(path: &str, example: &str, arguments: &[&str]) {
    let project = Project::with(&[("profiles.md", &page())]);
    project.write(path, example);
    project.write("secrets/password", "s");
    let mut command = project.command(arguments);
    command
        .env("CLIENT_SECRET", "s")
        .env("API_KEY", "s")
        .env("STAGING_TOKEN", "s");
    let ran = crate::support::run(&mut command);
    let ran = ran.exits(0);
    for word in ["warning[", "warning:", "error[", "error:"] {
        assert!(
            !ran.err.contains(word) && !ran.out.contains(word),
            "{}{}\n{example}",
            ran.err,
            ran.out
        );
    }
}

#[test]
fn examples_are_read_without_findings() {
    for (_, example) in SCENARIO_EXAMPLES {
        let base = "http://127.0.0.1:1";
        check(
            "specs/scenarios/a.yaml",
            example,
            &["plan", "--base-url", base, "--var", "id=7"],
        );
    }
    for (_, example) in CONFIG_EXAMPLES {
        check("docproof.toml", example, &["config"]);
    }
    for (_, example) in CASE_EXAMPLES {
        let project = Project::new();
        project.write("a.yaml", example);
        let ran = project.run(&["list", "a.yaml"]).exits(0);
        assert!(ran.err.is_empty(), "{}", ran.err);
        ran.says("api/profile-rename::rename_profile");
    }
}

#[test]
fn reports_findings_in_examples() {
    let wrong = SCENARIO_EXAMPLES[0].1.replace("get_profile", "get_profil");
    let ran = std::panic::catch_unwind(|| {
        check(
            "specs/scenarios/a.yaml",
            &wrong,
            &["plan", "--base-url", "http://127.0.0.1:1"],
        );
    });
    assert!(ran.is_err(), "a scenario of no case was let through");
    let page = fs::read_to_string(repository().join("docs/scenarios.md")).expect("a page");
    assert!(
        page.contains("| `attempts` | whole number | yes |"),
        "{page}"
    );
}
