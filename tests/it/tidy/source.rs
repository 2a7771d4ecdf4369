//! Reads the module structure, the imports and the paths of a Rust source text.
//!
//! This is not a full parser. It drops comments and literals, skips items under
//! `#[cfg(test)]`, and knows modules, `use` declarations and paths.

use std::collections::{BTreeMap, BTreeSet};

/// A word or a sign of a source text, without comments and literals.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    text: String,
    line: usize,
}

/// A path as it is written, such as `super::plan::Step`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
    /// Starts with `::`, so it names a crate.
    pub(super) is_global: bool,
    pub(super) origin: Origin,
}

/// Where a path was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// `use …;`
    Import,
    /// `pub use …;`, with any visibility.
    Reexport,
    /// In an expression, a type or an attribute.
    Inline,
}

/// A module: a file, or an inline `mod name { … }`.
#[derive(Clone, Debug, Default)]
pub(super) struct Module {
    /// Names that `use` declarations bring into scope.
    pub(super) imports: BTreeMap<String, Path>,
    /// Names that `pub use` declarations export.
    pub(super) reexports: BTreeMap<String, Path>,
    pub(super) paths: Vec<Path>,
    /// The modules that are declared here, without those under `#[cfg(test)]`.
    pub(super) children: BTreeSet<String>,
    /// The modules that are declared here under `#[cfg(test)]`.
    pub(super) tests: BTreeSet<String>,
    pub(super) inline: BTreeMap<String, Module>,
    /// The names of types and called functions outside `use` declarations.
    pub(super) names: BTreeSet<String>,
    /// The macros that are called here: `println` of `println!(…)`.
    pub(super) macros: BTreeSet<String>,
}

/// Reads the text of one source file.
pub(super) fn read(text: &str) -> Module {
    module(&tokens(text))
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let next = chars.get(at + 1).copied();
        match chars[at] {
            '/' if next == Some('/') => at = end_of_line(&chars, at),
            '/' if next == Some('*') => at = end_of_comment(&chars, at),
            '"' => at = end_of_string(&chars, at),
            '\'' => at = end_of_quote(&chars, at),
            c if is_word(c) => {
                if let Some(end) = end_of_prefixed_literal(&chars, at) {
                    at = end;
                } else {
                    // A raw identifier is the identifier.
                    if chars[at..].starts_with(&['r', '#']) {
                        at += 2;
                    }
                    let begin = at;
                    while at < chars.len() && is_word(chars[at]) {
                        at += 1;
                    }
                    let text = chars[begin..at].iter().collect();
                    tokens.push(Token { text, line });
                }
            }
            c if c.is_whitespace() => at += 1,
            c => {
                let text = if c == ':' && next == Some(':') {
                    "::".to_owned()
                } else {
                    c.to_string()
                };
                at += text.len().max(1).min(if text == "::" { 2 } else { 1 });
                tokens.push(Token { text, line });
            }
        }
        line += chars[start..at].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn end_of_line(chars: &[char], at: usize) -> usize {
    let length = chars[at..].iter().position(|c| *c == '\n');
    length.map_or(chars.len(), |length| at + length)
}

/// Block comments nest.
fn end_of_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < chars.len() {
        if chars[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if chars[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn end_of_string(chars: &[char], mut at: usize) -> usize {
    at += 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// The end of a character literal; of a lifetime, the quote alone.
fn end_of_quote(chars: &[char], at: usize) -> usize {
    match chars.get(at + 1) {
        Some('\\') => {
            let close = chars.iter().skip(at + 3).position(|c| *c == '\'');
            close.map_or(chars.len(), |length| at + 3 + length + 1)
        }
        Some(_) if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at + 1,
    }
}

/// The end of a literal with a prefix: `b"…"`, `b'…'`, `r#"…"#`, `br"…"`, `c"…"`.
fn end_of_prefixed_literal(chars: &[char], at: usize) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r"].into_iter().find(|prefix| {
        let after = at + prefix.len();
        let is_prefix = chars[at..]
            .iter()
            .copied()
            .take(prefix.len())
            .eq(prefix.chars());
        is_prefix && matches!(chars.get(after), Some('"' | '\'' | '#'))
    })?;
    let after = at + prefix.len();
    if !prefix.ends_with('r') {
        return match chars[after] {
            '"' => Some(end_of_string(chars, after)),
            '\'' if prefix == "b" => Some(end_of_quote(chars, after)),
            _ => None,
        };
    }
    let hashes = chars[after..].iter().take_while(|c| **c == '#').count();
    if chars.get(after + hashes) != Some(&'"') {
        return None;
    }
    let close: Vec<char> = std::iter::once('"')
        .chain(std::iter::repeat_n('#', hashes))
        .collect();
    let begin = after + hashes + 1;
    let length = chars[begin..]
        .windows(close.len())
        .position(|window| window == close)?;
    Some(begin + length + close.len())
}

fn module(tokens: &[Token]) -> Module {
    let mut found = Module::default();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut at = 0;
    while at < tokens.len() {
        match text(at) {
            "#" if text(at + 1) == "[" => {
                let end = closing(tokens, at + 1);
                let attribute: Vec<&str> = (at + 2..end).map(text).collect();
                if attribute.starts_with(&["cfg", "(", "test", ")"]) {
                    at = skip_item(tokens, end + 1, &mut found);
                } else {
                    at += 2;
                }
            }
            "mod" if text(at + 2) == ";" => {
                found.children.insert(text(at + 1).to_owned());
                at += 3;
            }
            "mod" if text(at + 2) == "{" => {
                let end = closing(tokens, at + 2);
                let inner = module(&tokens[at + 3..end]);
                found.children.insert(text(at + 1).to_owned());
                found.inline.insert(text(at + 1).to_owned(), inner);
                at = end + 1;
            }
            // `use<'a>` in a type is no declaration.
            "use" if text(at + 1) != "<" => {
                let end = (at..tokens.len())
                    .find(|at| text(*at) == ";")
                    .unwrap_or(tokens.len());
                let origin = if is_public(tokens, at) {
                    Origin::Reexport
                } else {
                    Origin::Import
                };
                import(&tokens[at + 1..end], &[], origin, false, &mut found);
                at = end + 1;
            }
            word if word.starts_with(is_word) => {
                if text(at + 1) == "!" && text(at + 2) != "=" {
                    found.macros.insert(word.to_owned());
                }
                let is_type = word.starts_with(char::is_uppercase);
                let is_called = text(at + 1) == "(" && !is_method_or_definition(tokens, at);
                if is_type || is_called {
                    found.names.insert(word.to_owned());
                }
                at = inline_path(tokens, at, &mut found);
            }
            _ => at += 1,
        }
    }
    found
}

fn is_method_or_definition(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| tokens[before].text.as_str());
    matches!(before, Some("." | "fn"))
}

/// Whether `pub` or `pub(…)` stands before a token.
fn is_public(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else {
        return false;
    };
    match tokens[before].text.as_str() {
        "pub" => true,
        ")" => {
            let open = (0..before).rev().find(|at| tokens[*at].text == "(");
            open.is_some_and(|open| open > 0 && tokens[open - 1].text == "pub")
        }
        _ => false,
    }
}

/// The place of the bracket that closes the one at `open`.
fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

/// The place after an item, a statement or a field; a module's name is kept.
fn skip_item(tokens: &[Token], mut at: usize, found: &mut Module) -> usize {
    while at < tokens.len() && tokens[at].text == "#" {
        at = closing(tokens, at + 1) + 1;
    }
    let mut is_item = false;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "," if !is_item => return at + 1,
            "}" => return at,
            "{" => return closing(tokens, at) + 1,
            "(" | "[" => at = closing(tokens, at) + 1,
            "mod" => {
                found.tests.insert(tokens[at + 1].text.clone());
                is_item = true;
                at += 2;
            }
            "fn" | "impl" | "struct" | "enum" | "trait" | "const" | "static" | "type" => {
                is_item = true;
                at += 1;
            }
            // A group of imports is closed before its `;`.
            "use" => {
                while at < tokens.len() && tokens[at].text != ";" {
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    at
}

/// Reads the tree of a `use` declaration below `prefix`.
fn import(tree: &[Token], prefix: &[String], origin: Origin, is_global: bool, found: &mut Module) {
    let mut segments = prefix.to_vec();
    let mut is_global = is_global;
    let mut at = 0;
    while at < tree.len() {
        match tree[at].text.as_str() {
            "::" => {
                is_global |= segments.is_empty();
                at += 1;
            }
            "{" => {
                let end = closing(tree, at);
                for part in parts(&tree[at + 1..end]) {
                    import(part, &segments, origin, is_global, found);
                }
                return;
            }
            "as" => break,
            "self" if !segments.is_empty() => at += 1,
            word => {
                segments.push(word.to_owned());
                at += 1;
            }
        }
    }
    let (Some(last), Some(first)) = (segments.last().cloned(), tree.first()) else {
        return;
    };
    let alias = tree.get(at + 1).map(|token| token.text.clone());
    let path = Path {
        segments,
        line: first.line,
        is_global,
        origin,
    };
    let name = alias.unwrap_or(last);
    if name != "*" {
        if origin == Origin::Reexport {
            found.reexports.insert(name.clone(), path.clone());
        }
        found.imports.insert(name, path.clone());
    }
    found.paths.push(path);
}

/// The parts of a group, split at its own commas.
fn parts(group: &[Token]) -> Vec<&[Token]> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < group.len() {
        match group[at].text.as_str() {
            "{" => at = closing(group, at),
            "," => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&group[start.min(group.len())..]);
    parts.retain(|part| !part.is_empty());
    parts
}

/// Reads a path of two or more segments; returns the place after it.
fn inline_path(tokens: &[Token], start: usize, found: &mut Module) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let before = |back: usize| start.checked_sub(back).map_or("", text);
    let mut segments = vec![text(start).to_owned()];
    let mut at = start + 1;
    while text(at) == "::" && text(at + 1).starts_with(is_word) {
        segments.push(text(at + 1).to_owned());
        at += 2;
    }
    // `<T as Trait>::name` goes on with a name, and `x.y` is a field.
    let goes_on = before(1) == "." || (before(1) == "::" && before(2) == ">");
    if segments.len() > 1 && !goes_on {
        found.paths.push(Path {
            segments,
            line: tokens[start].line,
            is_global: before(1) == "::",
            origin: Origin::Inline,
        });
    }
    at
}
