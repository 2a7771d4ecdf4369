//! Text that is split at values that are not known before the run, and at
//! secrets.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::text::secret::{Piece, Secrets};

/// Prefix of a mark. URLs and JSON leave each of its bytes unchanged.
const MARK: &str = "docproofmark";
/// Prefix of a mark that must be a URL.
const MARK_ORIGIN: &str = "http://docproof.invalid/";

/// A text split into literals, late values and secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeferredText(pub Vec<DeferredPart>);

/// A piece of a deferred text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeferredPart {
    /// Literal text.
    Literal(String),
    /// A value that is known only during the run, by the name of its variable.
    Late(String),
    /// A secret.
    Secret {
        /// Its name.
        name: String,
        /// The environment variable whose value is exactly this piece.
        variable: Option<String>,
    },
}

impl DeferredText {
    /// Whether it is literal text only.
    pub fn is_plain(&self) -> bool {
        self.0
            .iter()
            .all(|part| matches!(part, DeferredPart::Literal(_)))
    }
}

impl fmt::Display for DeferredText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                DeferredPart::Literal(text) => formatter.write_str(text)?,
                DeferredPart::Late(name) => write!(formatter, "${{{name}}}")?,
                DeferredPart::Secret { name, .. } => write!(formatter, "[secret:{name}]")?,
            }
        }
        Ok(())
    }
}

/// Returns the text that stands for a value that is not known yet.
pub(super) fn mark(name: &str) -> String {
    let digits: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{MARK}{digits}x")
}

/// The same, for a value that must be a URL.
pub(super) fn mark_as_url(name: &str) -> String {
    format!("{MARK_ORIGIN}{}", mark(name))
}

/// Splits texts at marks and secrets.
pub(super) struct Splitter<'a> {
    /// The secrets.
    pub secrets: &'a Secrets,
    /// Returns the environment variable whose value is exactly this text, by
    /// the name of the secret.
    pub source: &'a dyn Fn(&str, &str) -> Option<String>,
}

impl Splitter<'_> {
    /// Splits a text.
    pub(super) fn split(&self, text: &str) -> DeferredText {
        let mut parts = Vec::new();
        let encoded = marks_in_base64();
        let mut rest = text;
        while let Some((before, name, after)) = next_mark(rest) {
            self.add_encoded(before, &encoded, &mut parts);
            parts.push(DeferredPart::Late(name));
            rest = after;
        }
        self.add_encoded(rest, &encoded, &mut parts);
        DeferredText(parts)
    }

    /// Adds a text whose marks can only be in Base64. A Base64 run with a mark
    /// is deferred as a whole.
    fn add_encoded(&self, text: &str, encoded: &[String], parts: &mut Vec<DeferredPart>) {
        let mut from = 0;
        let mut at = 0;
        while at < text.len() {
            let run = &text[at..];
            let end = at + run.find(|c| !is_base64(c)).unwrap_or(run.len());
            if encoded.iter().any(|mark| text[at..end].contains(mark)) {
                self.add(&text[from..at], parts);
                parts.push(DeferredPart::Late("base64".to_owned()));
                from = end;
            }
            let outside = &text[end..];
            at = end + outside.find(is_base64).unwrap_or(outside.len());
        }
        self.add(&text[from..], parts);
    }

    /// Adds a text without marks.
    fn add(&self, text: &str, parts: &mut Vec<DeferredPart>) {
        for piece in self.secrets.pieces(text) {
            parts.push(match piece {
                Piece::Text("") => continue,
                Piece::Text(text) => DeferredPart::Literal(text.to_owned()),
                Piece::Secret { name, form } => DeferredPart::Secret {
                    variable: (self.source)(&name, form),
                    name,
                },
            });
        }
    }
}

/// Returns the first mark: the text before it, its name, and the text after it.
fn next_mark(text: &str) -> Option<(&str, String, &str)> {
    text.match_indices(MARK).find_map(|(at, _)| {
        let digits = &text[at + MARK.len()..];
        let end = digits.find(|c: char| !c.is_ascii_digit() && !('a'..='f').contains(&c))?;
        let after = digits[end..].strip_prefix('x')?;
        let name = name_of(&digits[..end])?;
        let before = &text[..at];
        let before = before.strip_suffix(MARK_ORIGIN).unwrap_or(before);
        Some((before, name, after))
    })
}

fn name_of(digits: &str) -> Option<String> {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let bytes = (0..digits.len()).step_by(2);
    let bytes: Option<Vec<u8>> = bytes
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect();
    String::from_utf8(bytes?).ok()
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/-_=".contains(c)
}

/// The part of the Base64 of a mark that does not depend on the text before it
/// (RFC 4648, 4), for each offset in a group of three bytes.
fn marks_in_base64() -> [String; 3] {
    [0, 1, 2].map(|shift| {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(MARK.as_bytes());
        let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        STANDARD_NO_PAD.encode(&bytes)[from..to].to_owned()
    })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let secrets = Secrets::default();
        secrets.add("KEY", "s3cret/value");
        let splitter = Splitter {
            secrets: &secrets,
            source: &|_, form| (form == "s3cret/value").then(|| "KEY".to_owned()),
        };
        assert_eq!(splitter.split(text).to_string(), expected);
    }

    #[test]
    fn finds_marks() {
        let id = mark("folder-id");
        check(&format!("/a/{id}/b/{id}"), "/a/${folder-id}/b/${folder-id}");
        check(&mark_as_url("u"), "${u}");
        check(&format!("{}?a=b", mark_as_url("ü")), "${ü}?a=b");
        check("docproofmark", "docproofmark");
        check("docproofmark6x", "docproofmark6x");
        check("docproofmarkx", "docproofmarkx");
        check(&format!("docproofmark{id}"), "docproofmark${folder-id}");
    }

    #[test]
    fn defers_whole_base64_text_with_a_mark() {
        for before in ["", "u", "us:", "user:"] {
            let encoded = STANDARD.encode(format!("{before}{}", mark("token")));
            check(&format!("Basic {encoded}, x"), "Basic ${base64}, x");
        }
        check(&format!("ä{}", STANDARD.encode(mark("t"))), "ä${base64}");
        check(
            &STANDARD.encode("docproofmar"),
            &STANDARD.encode("docproofmar"),
        );
    }

    #[test]
    fn names_the_variable_of_unencoded_secrets() {
        let secrets = Secrets::default();
        secrets.add("KEY", "s3cret/value");
        let splitter = Splitter {
            secrets: &secrets,
            source: &|name, form| (form == "s3cret/value").then(|| name.to_owned()),
        };
        let variable = |text: &str| match &splitter.split(text).0[..] {
            [
                DeferredPart::Literal(_),
                DeferredPart::Secret { variable, .. },
            ] => variable.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(variable("a s3cret/value"), Some("KEY".to_owned()));
        assert_eq!(variable("a s3cret%2Fvalue"), None);
        check("a s3cret%2fvalue", "a [secret:KEY]");
    }
}
