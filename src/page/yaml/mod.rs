//! YAML, read and written with `serde_yaml`. No other module uses that crate.

mod quote;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text::finding::FILE_START;
use crate::text::source::Position;

/// Why a text is not valid YAML, or not of the expected shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlError {
    /// The place in the text.
    pub position: Position,
    /// The error of the parser, without the place.
    pub message: String,
}

impl From<serde_yaml::Error> for YamlError {
    fn from(error: serde_yaml::Error) -> Self {
        let position = error.location().map_or(FILE_START, |location| Position {
            line: location.line(),
            column: location.column(),
        });
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        Self {
            position,
            message: message.to_owned(),
        }
    }
}

/// Reads the only document of a text.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let mut documents = serde_yaml::Deserializer::from_str(text);
    // Even an empty text has a document, which is null.
    let Some(document) = documents.next() else {
        return Err(at_start("this file is empty"));
    };
    let value = T::deserialize(document)?;
    match documents.next() {
        None => Ok(value),
        Some(_) => Err(at_start("this file has more than one YAML document")),
    }
}

fn at_start(message: &str) -> YamlError {
    YamlError {
        position: FILE_START,
        message: message.to_owned(),
    }
}

/// Writes a value as YAML 1.2.
pub(crate) fn write(value: &impl Serialize) -> String {
    serde_yaml::to_string(value).expect("YAML can represent the value")
}

/// Writes a value as YAML that means the same in YAML 1.1, which most other
/// tools read.
pub(crate) fn write_portable(value: &impl Serialize) -> String {
    quote::quote(&write(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<u8, (usize, &str)>) {
        let found = read::<Option<u8>>(text).map(Option::unwrap_or_default);
        let found = found.map_err(|error| (error.position.line, error.message));
        match (&found, &expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err((line, message)), Err((expected_line, part))) => {
                assert!(message.contains(part), "{message}");
                assert!(!message.contains(" at line "), "{message}");
                assert_eq!(line, expected_line);
            }
            _ => panic!("{text:?}: {found:?}"),
        }
    }

    #[test]
    fn reads_one_document() {
        check("7", Ok(7));
        check("--- 7\n", Ok(7));
        check("", Ok(0));
        check("# a\n", Ok(0));
        check("--- 7\n--- 8\n", Err((1, "more than one YAML document")));
        check("\n[", Err((2, "")));
        check("\na: b", Err((2, "invalid type")));
    }
}
