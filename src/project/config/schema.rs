//! The JSON Schema of `docproof.toml`, generated from the types that
//! deserialize it.

use super::raw::RawConfig;

/// The JSON Schema of `docproof.toml`.
pub(crate) fn schema() -> String {
    let schema = schemars::schema_for!(RawConfig);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value as Json;

    use super::*;
    use crate::project::config::raw::parse;

    /// Each table: its name in the schema, and a file with `KEY` as one of its
    /// keys.
    const TABLES: [(&str, &str); 8] = [
        ("", "KEY = 1"),
        ("Docs", "[docs]\nKEY = 1"),
        (
            "Target",
            "[target.a]\nbase-url = \"http://a.example\"\nKEY = 1",
        ),
        (
            "Auth",
            "[target.a]\nbase-url = \"http://a.example\"\n[target.a.auth]\ntype = \"bearer\"\nKEY = 1",
        ),
        ("Extract", "[extract]\nKEY = 1"),
        ("Check", "[check]\nKEY = 1"),
        ("Snapshots", "[snapshots]\nKEY = 1"),
        (
            "Override",
            "[[check.override]]\npages = []\nrules = {}\nKEY = 1",
        ),
    ];

    fn json() -> Json {
        serde_json::from_str(&schema()).expect("a schema")
    }

    fn table<'s>(schema: &'s Json, name: &str) -> &'s Json {
        match name {
            "" => schema,
            name => &schema["$defs"][name],
        }
    }

    fn keys(table: &Json) -> BTreeSet<String> {
        let properties = table["properties"].as_object().expect("a table");
        properties.keys().cloned().collect()
    }

    fn error(text: &str) -> String {
        let error = parse(Path::new("docproof.toml"), text).expect_err("refused");
        error.to_string()
    }

    #[test]
    fn schema_lists_all_known_keys() {
        let schema = json();
        for (name, text) in TABLES {
            // The deserializer lists all keys that it knows.
            let error = error(&text.replace("KEY", "\"0\""));
            let (_, expected) = error.split_once(", expected ").expect("the known keys");
            let read: BTreeSet<String> = expected
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect();
            assert!(!read.is_empty(), "{error}");
            assert_eq!(keys(table(&schema, name)), read, "[{name}]");
            assert_eq!(table(&schema, name)["additionalProperties"], false);
        }
        let tables = schema["$defs"].as_object().expect("definitions");
        let tables = tables
            .values()
            .filter(|def| def.get("properties").is_some());
        assert_eq!(tables.count() + 1, TABLES.len(), "a table is not looked at");
    }

    #[test]
    fn schema_describes_each_key() {
        let schema = json();
        for (name, _) in TABLES {
            for (key, property) in table(&schema, name)["properties"]
                .as_object()
                .expect("keys")
            {
                assert!(property["description"].is_string(), "[{name}] {key}");
            }
        }
    }

    #[test]
    fn suggests_the_nearest_key_for_unknown_keys() {
        let schema = json();
        for (name, text) in TABLES {
            for key in keys(table(&schema, name)) {
                let typo = format!("{}{}", key, "x");
                let error = error(&text.replace("KEY", &typo));
                let line = text.matches('\n').count() + 1;
                assert!(
                    error.contains(&format!("docproof.toml:{line}:1`: unknown field `{typo}`")),
                    "{error}"
                );
                assert!(
                    error.ends_with(&format!("did you mean `{key}`?")),
                    "{error}"
                );
            }
        }
    }

    #[track_caller]
    fn check(text: &str, is_valid: bool) {
        let validator = jsonschema::validator_for(&json()).expect("a schema");
        let file: Json = toml::from_str(text).expect("TOML");
        let errors: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors.is_empty(), is_valid, "{errors:?}: {text}");
    }

    #[test]
    fn schema_accepts_valid_files_and_rejects_invalid_ones() {
        for text in [
            "",
            "[docs]\nroot = \"docs\"\n[headers]\n\"X-*\" = \"media-type\"",
            "[target.a]\nbase-url = \"http://a.example\"\nrate = 1\ntimeout = 0.5\n\
             policies = { etag = \"exact\" }\nauth = { type = \"bearer\", token = \"${env:A}\" }",
            "[extract]\nunannotated = \"off\"\nrules = [\"below\"]\nresponse-cues = [\"Gives\"]",
            "[check.rules]\norphan-page = \"warn\"\nbroken-link = \"warning\"\n\
             [[check.override]]\npages = [\"a\"]\nrules = { broken-link = \"off\" }",
        ] {
            check(text, true);
            parse(Path::new("docproof.toml"), text).expect("read");
        }
        for text in [
            "root = \"docs\"",
            "[headers]\na = \"exakt\"",
            "[target.a]\nwrites = true",
            "[target.a]\nbase-url = \"http://a.example\"\nauth = { type = \"berer\" }",
            "[extract]\nunannotated = \"maybe\"",
            "[extract]\nrules = [\"prose\"]",
            "[check.rules]\norphan-page = \"warnings\"",
            "[[check.override]]\nrules = {}",
        ] {
            check(text, false);
        }
    }
}
