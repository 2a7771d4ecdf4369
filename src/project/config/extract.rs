//! `[extract]`: which examples are read from pages.

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::parse::Fault;
use crate::http::status::Status;
use crate::page::reader::{Extraction, Unannotated};
use crate::page::recognise::{Recognition, RecognitionRule};
use crate::text::finding::nearest;

/// Which examples are read from pages.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    rename = "Extract"
)]
pub(super) struct RawExtract {
    /// When examples without annotations are recognised: `auto` (if no page of the docs root has an
    /// annotation), `on` (always, beside annotations) or `off`. Default: `auto`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<UnannotatedWord>"))]
    unannotated: Option<Spanned<String>>,
    /// The rules of recognition. Default: all but `endpoint`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Vec<RuleWord>>"))]
    rules: Option<Vec<Spanned<String>>>,
    /// Texts that announce a response, in a heading or in the line above a block, beside the
    /// built-in ones. Case-insensitive.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    response_cues: Vec<Spanned<String>>,
    /// The status of a response for which the pages document none: `2xx` (any of the class) or a
    /// code such as `200`. A body that only describes an error is `4xx` in any case. Default: `2xx`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    default_status: Option<Spanned<String>>,
}

/// When examples without annotations are recognised.
#[cfg(feature = "cli")]
#[derive(JsonSchema)]
#[schemars(transparent, rename = "Unannotated")]
struct UnannotatedWord(
    #[schemars(extend("enum" = Unannotated::ALL.map(Unannotated::name)))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// Why a request and a response are an example. `status-line`: a request line, then a block with a
/// status line. `curl-status`: a curl command, then such a block. `response-cue`: a request line or
/// a curl command, then a body that its heading or the line above announces. `below`: the same
/// without an announcement, directly below. `one-block`: both in one block. `endpoint`: an endpoint
/// in a heading, a table or a component, then a response.
#[cfg(feature = "cli")]
#[derive(JsonSchema)]
#[schemars(transparent, rename = "RecognitionRule")]
struct RuleWord(
    #[schemars(extend("enum" = RecognitionRule::ALL.map(RecognitionRule::name)))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

impl RawExtract {
    pub(super) fn validate(&self) -> Result<Extraction, Fault> {
        let mut recognition = Recognition::default();
        if let Some(rules) = &self.rules {
            let rules = rules.iter().map(|name| {
                let all = RecognitionRule::ALL.map(RecognitionRule::name);
                word(name, "rule", &all, RecognitionRule::by_name)
            });
            recognition.rules = rules.collect::<Result<_, _>>()?;
        }
        for cue in &self.response_cues {
            if cue.get_ref().trim().is_empty() {
                let message = "`response-cues` has an empty text, which announces every block";
                return Err(Fault::new(cue.span(), message));
            }
            recognition.cues.push(cue.get_ref().clone());
        }
        if let Some(text) = &self.default_status {
            recognition.status = match text.get_ref().parse() {
                Ok(Status::Class(2)) => None,
                Ok(Status::Code(code)) => Some(code),
                _ => {
                    let message = format!(
                        "`{}` is not a default status; expected `2xx` or a code such as `200`",
                        text.get_ref().escape_debug()
                    );
                    return Err(Fault::new(text.span(), message));
                }
            };
        }
        let unannotated = self.unannotated.as_ref().map(|name| {
            let all = Unannotated::ALL.map(Unannotated::name);
            word(name, "value", &all, Unannotated::by_name)
        });
        Ok(Extraction {
            unannotated: unannotated.transpose()?.unwrap_or_default(),
            recognition,
        })
    }
}

/// Parses a word. The error of an unknown one names the nearest, or all.
fn word<T>(
    text: &Spanned<String>,
    kind: &str,
    all: &[&str],
    by_name: impl Fn(&str) -> Option<T>,
) -> Result<T, Fault> {
    let name = text.get_ref();
    by_name(name).ok_or_else(|| {
        let help = match nearest(name, all.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of `{}`", all.join("`, `")),
        };
        Fault::new(text.span(), format!("unknown {kind} `{name}`; {help}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses the keys of `[extract]`, and checks the settings or the error.
    #[track_caller]
    fn check(text: &str, expected: Result<(Unannotated, &[RecognitionRule], &[&str]), &str>) {
        let raw: RawExtract = toml::from_str(text).expect("TOML");
        match (raw.validate(), expected) {
            (Ok(found), Ok((unannotated, rules, cues))) => {
                assert_eq!(found.unannotated, unannotated);
                assert_eq!(found.recognition.rules, rules);
                assert_eq!(found.recognition.cues, cues);
            }
            (Err(fault), Err(message)) => assert_eq!(fault.message, message),
            (found, _) => panic!("{} is not {expected:?}", found.is_ok()),
        }
    }

    #[test]
    fn reads_the_settings() {
        check("", Ok((Unannotated::Auto, &RecognitionRule::DEFAULT, &[])));
        check(
            "unannotated = \"on\"\nrules = [\"below\", \"endpoint\"]\nresponse-cues = [\"Result of\"]",
            Ok((
                Unannotated::On,
                &[RecognitionRule::Below, RecognitionRule::Endpoint],
                &["Result of"],
            )),
        );
        check("rules = []", Ok((Unannotated::Auto, &[], &[])));
    }

    #[test]
    fn reads_the_default_status() {
        let status = |text: &str| {
            let raw: RawExtract = toml::from_str(text).expect("TOML");
            raw.validate().ok().map(|found| found.recognition.status)
        };
        assert_eq!(status("default-status = \"2xx\""), Some(None));
        assert_eq!(status("default-status = \"201\""), Some(Some(201)));
        for word in ["4xx", "ok", "99"] {
            assert_eq!(status(&format!("default-status = {word:?}")), None);
        }
    }

    #[test]
    fn refuses_unknown_words() {
        check(
            "unannotated = \"ofF\"",
            Err("unknown value `ofF`; did you mean `off`?"),
        );
        check(
            "unannotated = \"sometimes\"",
            Err("unknown value `sometimes`; expected one of `auto`, `on`, `off`"),
        );
        check(
            "rules = [\"status-lines\"]",
            Err("unknown rule `status-lines`; did you mean `status-line`?"),
        );
        check(
            "response-cues = [\"a\", \" \"]",
            Err("`response-cues` has an empty text, which announces every block"),
        );
    }
}
