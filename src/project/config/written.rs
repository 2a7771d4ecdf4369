//! The values of `docproof.toml` with their lines.

use serde::Deserialize;
use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::value::Value;

/// A value in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The path of keys. Tables in an array have their index, from 0.
    pub keys: Vec<String>,
    /// The value. An array of plain values is one value.
    pub value: Json,
    /// Its line, from 1.
    pub line: usize,
}

impl Written {
    /// Returns the value with references, if its key allows references and it
    /// contains one.
    pub fn reference(&self) -> Option<Value> {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        let ["target", _, "headers" | "vars" | "auth", ..] = keys.as_slice() else {
            return None;
        };
        let value = Value::parse(self.value.as_str()?).ok()?;
        value.is_reference().then_some(value)
    }
}

/// Returns the values of a file in file order; empty if it is not valid TOML.
pub(super) fn written(text: &str) -> Vec<Written> {
    let Ok(table) = DeTable::parse(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    walk(table.get_ref(), &mut Vec::new(), &mut found);
    found.sort_by_key(|(start, _)| *start);
    let place = |(start, written): (usize, Written)| Written {
        line: text[..start].matches('\n').count() + 1,
        ..written
    };
    found.into_iter().map(place).collect()
}

fn walk(table: &DeTable<'_>, keys: &mut Vec<String>, found: &mut Vec<(usize, Written)>) {
    for (key, value) in table {
        keys.push(key.get_ref().to_string());
        add(value, keys, found);
        keys.pop();
    }
}

fn add(value: &Spanned<DeValue<'_>>, keys: &mut Vec<String>, found: &mut Vec<(usize, Written)>) {
    match value.get_ref() {
        DeValue::Table(table) => walk(table, keys, found),
        DeValue::Array(list) if list.iter().any(|item| item.get_ref().is_table()) => {
            for (index, item) in list.iter().enumerate() {
                keys.push(index.to_string());
                add(item, keys, found);
                keys.pop();
            }
        }
        _ => {
            let json = Json::deserialize(ValueDeserializer::from(value.clone()));
            let written = Written {
                keys: keys.clone(),
                value: json.unwrap_or_default(),
                line: 0,
            };
            found.push((value.span().start, written));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, usize)]) {
        let found: Vec<(String, String, usize)> = written(text)
            .into_iter()
            .map(|written| {
                (
                    written.keys.join("/"),
                    written.value.to_string(),
                    written.line,
                )
            })
            .collect();
        let found: Vec<(&str, &str, usize)> = found
            .iter()
            .map(|(keys, value, line)| (keys.as_str(), value.as_str(), *line))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn reads_values_with_keys_and_lines() {
        check(
            "[b]\nx = 1\n\n[a]\ny = { \"q.r\" = true, s = [\n  \"t\",\n] }\nz.w = 0.5\n",
            &[
                ("b/x", "1", 2),
                ("a/y/q.r", "true", 5),
                ("a/y/s", "[\"t\"]", 5),
                ("a/z/w", "0.5", 8),
            ],
        );
        check(
            "[[c.o]]\np = [\"x\"]\r\n[[c.o]]\np = []\n",
            &[("c/o/0/p", "[\"x\"]", 2), ("c/o/1/p", "[]", 4)],
        );
        check("[a\n", &[]);
    }

    #[test]
    fn finds_references_only_where_they_are_resolved() {
        let text = "[docs]\nroot = \"${env:A}\"\n[target.a]\nbase-url = \"${env:A}\"\n\
                    vars = { a = \"${env:A}\", b = \"$${env:A}\" }\n\
                    auth.token = \"${file:b}\"\n";
        let keys: Vec<String> = written(text)
            .iter()
            .filter(|written| written.reference().is_some())
            .map(|written| written.keys.join("/"))
            .collect();
        assert_eq!(keys, ["target/a/vars/a", "target/a/auth/token"]);
    }
}
