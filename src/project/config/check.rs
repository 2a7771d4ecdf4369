//! `[check]`: levels of rules, and requirements on pages.

use std::collections::BTreeMap;

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::parse::Fault;
use crate::check::levels::Levels;
use crate::page::globs::PageGlobs;
use crate::text::finding::rule_named;
use crate::text::rules::{RULES, Rule};
use crate::text::severity::Level;

/// The `[check]` settings of the project.
#[derive(Debug, Clone, Default)]
pub struct CheckConfig {
    /// The levels of the rules.
    pub levels: Levels,
    /// Keys that front matter must have.
    pub required_keys: Option<Vec<String>>,
    /// Prefixes of site-absolute links that are not checked.
    pub ignored_links: Option<Vec<String>>,
}

/// Levels as written, such as `broken-link = "warning"`.
type RawRules = BTreeMap<Spanned<String>, Spanned<String>>;

/// Levels of rules, for the schema.
type RuleWords = BTreeMap<String, LevelWord>;

/// The level of a rule: `error` fails the check, `warning` is shown, `info` only counts the
/// finding, `off` disables the rule. `warn` is accepted for `warning`.
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[cfg_attr(feature = "cli", schemars(transparent, rename = "Level"))]
struct LevelWord(
    #[cfg_attr(feature = "cli", schemars(extend("enum" = Level::WORDS)))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// How pages are checked.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    rename = "Check"
)]
pub(super) struct RawCheck {
    /// Levels by rule name. `docproof rules` lists all rules with their default levels. `"*"` is
    /// the level of all rules that are not named, also of those that are off by default.
    #[cfg_attr(feature = "cli", schemars(with = "RuleWords"))]
    rules: RawRules,
    /// Levels for some pages only. They override `rules`; a later entry overrides an earlier
    /// one.
    r#override: Vec<RawOverride>,
    /// Keys that the front matter of each page must have, with values.
    required_keys: Option<Vec<String>>,
    /// Prefixes of site-absolute links (`/graph/…`) that are not checked. Case-insensitive.
    ignored_links: Option<Vec<String>>,
}

/// Levels for some pages only, `[[check.override]]`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
#[serde(deny_unknown_fields, rename = "Override")]
struct RawOverride {
    /// Globs for page paths, such as `drafts/**`.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    pages: Vec<Spanned<String>>,
    /// Levels on these pages, by rule name.
    #[cfg_attr(feature = "cli", schemars(with = "RuleWords"))]
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

/// The name that stands for all rules.
const ALL: &str = "*";

/// The levels of the rules. The level of a rule wins over that of all rules.
fn rules(raw: &RawRules) -> Result<Vec<(&'static Rule, Level)>, Fault> {
    let mut levels = Vec::new();
    let (of_all, named): (Vec<_>, Vec<_>) = raw.iter().partition(|(name, _)| name.get_ref() == ALL);
    for (_, level) in of_all {
        let level = self::level(level)?;
        levels.extend(RULES.iter().map(|rule| (*rule, level)));
    }
    for (name, level) in named {
        levels.push((rule(name)?, self::level(level)?));
    }
    Ok(levels)
}

fn rule(name: &Spanned<String>) -> Result<&'static Rule, Fault> {
    let text = name.get_ref();
    rule_named(text)
        .map_err(|help| Fault::new(name.span(), format!("unknown rule `{text}`; {help}")))
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
