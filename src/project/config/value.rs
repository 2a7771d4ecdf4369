//! Values of a target that may be secrets: the file contains references, not
//! the secrets.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use thiserror::Error;

use crate::text::secret::Secrets;
use crate::text::value_form::{contains_jwt, is_uuid};

/// Maximum size of a file with a secret, in bytes.
const FILE_LIMIT: u64 = 1 << 16;

/// A text with references, `${env:NAME}` and `${file:PATH}`, which are resolved
/// when the target is used. `$${` is a literal `${`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(Vec<ValuePart>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum ValuePart {
    Literal(String),
    Env(String),
    File(String),
}

/// A reference in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// An environment variable, by name.
    Variable(&'a str),
    /// A file, relative to the project.
    File(&'a str),
}

/// Errors of parsing a value. They do not contain the text, which may be a
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// An unclosed reference.
    #[error("unclosed `${{`; write `$${{` for a literal `${{`")]
    Open,
    /// An unknown kind of reference.
    #[error(
        "unknown reference; expected `${{env:NAME}}` or `${{file:PATH}}`; write `$${{` for a \
         literal `${{`"
    )]
    Unknown,
}

/// What references are resolved against.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The base folder for relative paths.
    pub project: &'a Path,
    /// Returns the value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// Collects the resolved secrets.
    pub secrets: &'a Secrets,
}

impl Value {
    /// Parses a text with references.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, after) = rest.split_at(at);
            let after = &after[2..];
            if let Some(before) = before.strip_suffix('$') {
                literal += before;
                literal += "${";
                rest = after;
                continue;
            }
            literal += before;
            let (inner, after) = after.split_once('}').ok_or(ValueError::Open)?;
            let (function, name) = inner.split_once(':').ok_or(ValueError::Unknown)?;
            let name = name.trim().to_owned();
            let part = match function.trim() {
                "env" if !name.is_empty() => ValuePart::Env(name),
                "file" if !name.is_empty() => ValuePart::File(name),
                _ => return Err(ValueError::Unknown),
            };
            if !literal.is_empty() {
                parts.push(ValuePart::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
            rest = after;
        }
        literal += rest;
        if !literal.is_empty() {
            parts.push(ValuePart::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// Returns its references.
    pub fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        self.0.iter().filter_map(|part| match part {
            ValuePart::Literal(_) => None,
            ValuePart::Env(name) => Some(Reference::Variable(name)),
            ValuePart::File(path) => Some(Reference::File(path)),
        })
    }

    /// Whether it contains a reference.
    pub fn is_reference(&self) -> bool {
        self.references().next().is_some()
    }

    /// Whether it consists of references and white space only.
    pub fn literal_is_empty(&self) -> bool {
        self.literals().all(|text| text.trim().is_empty())
    }

    /// Returns what kind of secret the literal text looks like, if any.
    pub fn looks_like_token(&self) -> Option<&'static str> {
        self.literals().find_map(looks_like_token)
    }

    /// Whether a literal part looks random.
    pub fn looks_random(&self) -> bool {
        self.literals().any(looks_random)
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            ValuePart::Literal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Resolves all references. The resolved values become secrets with the
    /// name of the variable or file.
    pub fn resolve(&self, sources: Sources<'_>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            text += &match part {
                ValuePart::Literal(literal) => literal.clone(),
                ValuePart::Env(name) => {
                    let value = variable(name, sources)?;
                    sources.secrets.add(name, &value);
                    value
                }
                ValuePart::File(name) => {
                    let value = file(name, sources.project)?;
                    sources.secrets.add(name, &value);
                    value
                }
            };
        }
        Ok(text)
    }
}

fn variable(name: &str, sources: Sources<'_>) -> Result<String, String> {
    let Some(value) = (sources.variable)(name) else {
        return Err(format!("the environment variable `{name}` is not set"));
    };
    let value = value
        .into_string()
        .map_err(|_| format!("the environment variable `{name}` is not UTF-8"))?;
    if value.trim().is_empty() {
        return Err(format!("the environment variable `{name}` is empty"));
    }
    Ok(value)
}

/// Reads a file without its trailing line ends.
fn file(name: &str, project: &Path) -> Result<String, String> {
    let path = project.join(name);
    let size = fs::metadata(&path).map_err(|error| format!("failed to read `{name}`: {error}"))?;
    if !size.is_file() || size.len() > FILE_LIMIT {
        return Err(format!(
            "`{name}` is not a regular file of at most {FILE_LIMIT} bytes"
        ));
    }
    let text =
        fs::read_to_string(&path).map_err(|error| format!("failed to read `{name}`: {error}"))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(format!("`{name}` is empty"));
    }
    Ok(text.to_owned())
}

/// Prefixes of well-known tokens, and the minimum length of the rest.
const PREFIXES: [(&str, usize); 25] = [
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 16),
    ("sk-", 16),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("pk_live_", 10),
    ("whsec_", 16),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xapp-", 8),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("ya29.", 16),
    ("npm_", 30),
    ("hf_", 30),
];

/// Returns what kind of secret a text looks like: a JSON Web Token (RFC 7519),
/// or a token with a well-known prefix.
fn looks_like_token(text: &str) -> Option<&'static str> {
    let is_token_char = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if contains_jwt(text) {
        return Some("a JSON Web Token");
    }
    text.split(|c| !is_token_char(c)).find_map(|word| {
        PREFIXES
            .iter()
            .any(|(prefix, more)| {
                word.strip_prefix(prefix)
                    .is_some_and(|rest| rest.len() >= *more)
            })
            .then_some("an access token")
    })
}

/// Whether a text contains a random word: at least 24 characters with letters
/// and digits, and a Shannon entropy of at least 3.5 bits per character (3 for
/// hexadecimal digits). UUIDs are names, not secrets.
fn looks_random(text: &str) -> bool {
    const LENGTH: usize = 24;
    let is_word_char = |c: char| c.is_ascii_alphanumeric() || "_+/=-".contains(c);
    text.split(|c| !is_word_char(c)).any(|word| {
        let is_mixed = word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let least = if is_hex { 3.0 } else { 3.5 };
        word.len() >= LENGTH && is_mixed && !is_uuid(word) && entropy(word) >= least
    })
}

/// Shannon entropy in bits per byte.
fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let all = f64::from(u32::try_from(word.len()).unwrap_or(u32::MAX));
    counts
        .into_iter()
        .filter(|count| *count > 0)
        .map(|count| {
            let share = f64::from(count) / all;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("key"), "from-file\n").expect("written");
        fs::write(folder.path().join("empty"), "\n").expect("written");
        let secrets = Secrets::default();
        let sources = Sources {
            project: folder.path(),
            variable: &|name| match name {
                "KEY" => Some("from-variable".into()),
                "EMPTY" => Some(" ".into()),
                _ => None,
            },
            secrets: &secrets,
        };
        let resolved = Value::parse(text)
            .map_err(|error| error.to_string())
            .and_then(|value| value.resolve(sources));
        match (resolved, expected) {
            (Ok(found), Ok(expected)) => {
                assert_eq!(found, expected);
                for value in ["from-variable", "from-file"] {
                    assert_eq!(secrets.stand_in(value), found.contains(value));
                }
            }
            (Err(found), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (found, _) => panic!("{found:?} is not {expected:?}"),
        }
    }

    #[test]
    fn resolves_references_and_keeps_them_secret() {
        check("a ${env:KEY} b", Ok("a from-variable b"));
        check("${file:key}${env:KEY}", Ok("from-filefrom-variable"));
        check("a$${env:KEY} $b {c}", Ok("a${env:KEY} $b {c}"));
        check("${env:OTHER}", Err("`OTHER` is not set"));
        check("${env:EMPTY}", Err("`EMPTY` is empty"));
        check("${file:other}", Err("failed to read `other`"));
        check("${file:empty}", Err("`empty` is empty"));
        check("${file:.}", Err("not a regular file"));
        check("${env:KEY", Err("unclosed"));
        check("${KEY}", Err("unknown reference"));
        check("${environment:KEY}", Err("unknown reference"));
        check("${env:}", Err("unknown reference"));
    }

    #[test]
    fn detects_tokens_and_random_text() {
        for token in [
            "Bearer eyJhbGciOiJub25lIn0.eyJhIjoxfQ.",
            "ghp_0123456789abcdefABCD",
            "key=sk-0123456789abcdefABCD",
            "AKIA0123456789ABCDEF",
            "xoxb-1234-5678",
        ] {
            assert!(looks_like_token(token).is_some(), "{token}");
        }
        for text in ["eyJ", "sk-SK", "risk-averse-people-everywhere", "AKIA"] {
            assert!(looks_like_token(text).is_none(), "{text}");
        }
        for random in [
            "k 9fQz2LmX7vTb4RkW8cYdJ3nH",
            "0f3a9c5be7d1426887aa19cc04de52fb",
        ] {
            assert!(looks_random(random), "{random}");
        }
        for text in [
            "3d1f6c52-7a0e-4b7e-9c1d-52a8e06b4f10",
            "the quick brown fox jumps over the lazy dog 7 times",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
            "9fQz2LmX7vTb4Rk",
            "respond-async, wait=100",
        ] {
            assert!(!looks_random(text), "{text}");
        }
    }
}
