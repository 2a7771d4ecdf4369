//! `[check]`: the levels of the rules, and what pages have to keep.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::target::Fault;
use crate::check::rules::settings::Levels;
use crate::page::globs::PageGlobs;
use crate::text::finding::nearest;
use crate::text::rules::{RULES, Rule};
use crate::text::severity::Level;

/// How pages are checked, as far as the project says so.
#[derive(Debug, Clone, Default)]
pub struct CheckConfig {
    /// The levels of the rules.
    pub levels: Levels,
    /// The keys that front matter has to have.
    pub required_keys: Option<Vec<String>>,
    /// Site-absolute links that begin with one of these are not looked at.
    pub ignored_links: Option<Vec<String>>,
}

/// Levels as they are written, such as `broken-link = "warning"`.
type RawRules = BTreeMap<Spanned<String>, Spanned<String>>;

/// The levels of rules, for the schema.
type RuleWords = BTreeMap<String, LevelWord>;

/// The level of a rule. An `error` fails the check, a `warning` is shown, `info` is only counted,
/// and `off` disables the rule. `warn` is accepted for `warning`.
#[derive(JsonSchema)]
#[schemars(transparent, rename = "Level")]
struct LevelWord(
    #[schemars(extend("enum" = Level::WORDS))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// How pages are checked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    rename = "Check"
)]
pub(super) struct RawCheck {
    /// The levels of rules, by the rule's name; `docproof rules` lists them, with the levels that
    /// they have where none is written.
    #[schemars(with = "RuleWords")]
    rules: RawRules,
    /// Levels for some pages only, which come before `rules`; of several, a later one comes
    /// before an earlier one.
    r#override: Vec<RawOverride>,
    /// The keys that the front matter of each page has to have, with values.
    required_keys: Option<Vec<String>>,
    /// Links from the root of the site (`/graph/…`) that begin with one of these, case aside, are
    /// not looked at.
    ignored_links: Option<Vec<String>>,
}

/// Levels for some pages only, `[[check.override]]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename = "Override")]
struct RawOverride {
    /// Globs of the pages' paths, such as `drafts/**`.
    #[schemars(with = "Vec<String>")]
    pages: Vec<Spanned<String>>,
    /// The levels of rules on these pages, by the rule's name.
    #[schemars(with = "RuleWords")]
    rules: RawRules,
}

impl RawCheck {
    pub(super) fn validate(self) -> Result<CheckConfig, Fault> {
        let mut levels = Levels::default();
        levels.add(None, rules(&self.rules)?);
        for part in &self.r#override {
            levels.add(Some(globs(&part.pages)?), rules(&part.rules)?);
        }
        Ok(CheckConfig {
            levels,
            required_keys: self.required_keys,
            ignored_links: self.ignored_links,
        })
    }
}

fn rules(raw: &RawRules) -> Result<Vec<(&'static Rule, Level)>, Fault> {
    raw.iter()
        .map(|(name, level)| Ok((rule(name)?, self::level(level)?)))
        .collect()
}

fn rule(name: &Spanned<String>) -> Result<&'static Rule, Fault> {
    let text = name.get_ref();
    if let Some(rule) = RULES.iter().find(|rule| rule.name == text) {
        return Ok(rule);
    }
    let near = nearest(text, RULES.iter().map(|rule| rule.name));
    let help = near.map_or_else(
        || "`docproof rules` lists them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    let message = format!("`{text}` is no rule; {help}");
    Err(Fault::new(name.span(), message))
}

fn level(word: &Spanned<String>) -> Result<Level, Fault> {
    let text = word.get_ref();
    Level::parse(text).ok_or_else(|| {
        let message =
            format!("unknown level `{text}`; expected `error`, `warning`, `info` or `off`");
        Fault::new(word.span(), message)
    })
}

fn globs(patterns: &[Spanned<String>]) -> Result<PageGlobs, Fault> {
    let texts = patterns.iter().map(|pattern| pattern.get_ref().as_str());
    PageGlobs::new(texts).map_err(|(at, error)| {
        let span = patterns.get(at).map_or(0..0, Spanned::span);
        Fault::new(span, error.to_string())
    })
}
