//! Values of a target that may hold secrets: those are named, and never stand
//! in the file.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use thiserror::Error;

use crate::text::secret::Secrets;
use crate::text::value_form::{contains_jwt, is_uuid};

/// The most bytes that a file with a secret may have.
const FILE_LIMIT: u64 = 1 << 16;

/// A text with references, `${env:NAME}` and `${file:PATH}`, that are resolved
/// when the target is used. `$${` is a literal `${`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Env(String),
    File(String),
}

/// What a value refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A variable of the environment, by its name.
    Variable(&'a str),
    /// A file, by its path from the project.
    File(&'a str),
}

/// A text that is no value; the text does not stand in the error, for it may
/// be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A reference without an end.
    #[error("a `${{` has no `}}`; a literal one is written `$${{`")]
    Open,
    /// A reference to something else.
    #[error(
        "only `${{env:NAME}}` and `${{file:PATH}}` can be referred to here; a literal `${{` is written `$${{`"
    )]
    Unknown,
}

/// What references are resolved with.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The folder that relative paths are meant from.
    pub project: &'a Path,
    /// Looks up an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// Learns what is resolved.
    pub secrets: &'a Secrets,
}

impl Value {
    /// Reads a text with references.
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
                "env" if !name.is_empty() => Part::Env(name),
                "file" if !name.is_empty() => Part::File(name),
                _ => return Err(ValueError::Unknown),
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
            rest = after;
        }
        literal += rest;
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self(parts))
    }

    /// What it refers to.
    pub fn references(&self) -> impl Iterator<Item = Reference<'_>> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Env(name) => Some(Reference::Variable(name)),
            Part::File(path) => Some(Reference::File(path)),
        })
    }

    /// Whether it is, or holds, a reference.
    pub fn is_reference(&self) -> bool {
        self.references().next().is_some()
    }

    /// Whether nothing but references and white space stands in it.
    pub fn literal_is_empty(&self) -> bool {
        self.literals().all(|text| text.trim().is_empty())
    }

    /// Why the literal part of it looks like a secret, if it does.
    pub fn looks_like_token(&self) -> Option<&'static str> {
        self.literals().find_map(looks_like_token)
    }

    /// Whether a literal part of it is long and without any order.
    pub fn looks_random(&self) -> bool {
        self.literals().any(looks_random)
    }

    fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The text with all references resolved. What they stand for is a secret
    /// from now on, under the name of the variable or of the file.
    pub fn resolve(&self, sources: Sources<'_>) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            text += &match part {
                Part::Literal(literal) => literal.clone(),
                Part::Env(name) => {
                    let value = variable(name, sources)?;
                    sources.secrets.add(name, &value);
                    value
                }
                Part::File(name) => {
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
        return Err(format!(
            "the environment variable `{name}` is not set; export it"
        ));
    };
    let value = value
        .into_string()
        .map_err(|_| format!("the environment variable `{name}` is not UTF-8"))?;
    if value.trim().is_empty() {
        return Err(format!("the environment variable `{name}` is empty"));
    }
    Ok(value)
}

/// The text of a file, without the line end that editors leave.
fn file(name: &str, project: &Path) -> Result<String, String> {
    let path = project.join(name);
    let size = fs::metadata(&path).map_err(|error| format!("failed to read `{name}`: {error}"))?;
    if !size.is_file() || size.len() > FILE_LIMIT {
        return Err(format!(
            "`{name}` is no file of at most {FILE_LIMIT} bytes, as a secret's is"
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

/// What issuers begin their tokens with, and how much follows at least.
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

/// Why a text looks like a secret, if it does: by the form of a JSON Web Token
/// (RFC 7519), or by the way in which an issuer begins its tokens.
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

/// Whether a text holds a word of at least 24 characters, letters and digits,
/// that no person would have chosen: Shannon's entropy is at least 3.5 bits a
/// character, or 3 of hexadecimal digits. A UUID is a name, not a secret.
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

/// Bits a byte.
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
    fn references_are_resolved_and_kept_secret() {
        check("a ${env:KEY} b", Ok("a from-variable b"));
        check("${file:key}${env:KEY}", Ok("from-filefrom-variable"));
        check("a$${env:KEY} $b {c}", Ok("a${env:KEY} $b {c}"));
        check("${env:OTHER}", Err("`OTHER` is not set"));
        check("${env:EMPTY}", Err("`EMPTY` is empty"));
        check("${file:other}", Err("failed to read `other`"));
        check("${file:empty}", Err("`empty` is empty"));
        check("${file:.}", Err("is no file"));
        check("${env:KEY", Err("has no `}`"));
        check("${KEY}", Err("only `${env:NAME}`"));
        check("${environment:KEY}", Err("only `${env:NAME}`"));
        check("${env:}", Err("only `${env:NAME}`"));
    }

    #[test]
    fn tokens_are_told_from_other_texts() {
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
