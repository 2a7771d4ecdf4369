//! Targets as tables of `docproof.toml`.

use thiserror::Error;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::accounts::{Auth, Grant, Target};

/// Errors of adding targets to a configuration.
#[derive(Debug, Error)]
pub(crate) enum TargetsError {
    /// The configuration is not valid TOML. Shows only the message: the full
    /// error has several lines.
    #[error("{}", .0.message().trim_end())]
    Syntax(#[from] toml_edit::TomlError),
    /// `target` is not a table.
    #[error("`target` is not a table")]
    NoTable,
}

/// Adds tables for the targets to a configuration and keeps the rest of its
/// text. Returns the names of targets that exist already; they are not added.
pub(crate) fn add_targets(
    text: &str,
    targets: &[Target],
) -> Result<(String, Vec<String>), TargetsError> {
    let mut document: DocumentMut = text.parse()?;
    let mut known = Vec::new();
    let tables = document.entry("target").or_insert_with(|| {
        let mut table = Table::new();
        // `[target]` itself is not written.
        table.set_implicit(true);
        Item::Table(table)
    });
    let tables = tables.as_table_like_mut().ok_or(TargetsError::NoTable)?;
    for target in targets {
        if tables.contains_key(&target.name) {
            known.push(target.name.clone());
        } else {
            tables.insert(&target.name, Item::Table(table(target)));
        }
    }
    Ok((document.to_string(), known))
}

fn table(target: &Target) -> Table {
    let mut table = Table::new();
    table.insert("base-url", value(&target.base_url));
    insert_list(&mut table, "scopes", &target.scopes);
    insert_list(&mut table, "tags", &target.tags);
    if !target.headers.is_empty() {
        let mut headers = Table::new();
        for (name, text) in &target.headers {
            headers.insert(name, value(text));
        }
        table.insert("headers", Item::Table(headers));
    }
    if let Some(auth) = &target.auth {
        table.insert("auth", Item::Table(auth_table(auth)));
    }
    table
}

fn auth_table(auth: &Auth) -> Table {
    let mut table = Table::new();
    let mut insert = |key: &str, text: &str| {
        table.insert(key, value(text));
    };
    match auth {
        Auth::Basic { username, password } => {
            insert("type", "basic");
            insert("username", username);
            insert("password", password);
        }
        Auth::OAuth2 {
            grant,
            token_url,
            client_id,
            client_secret,
            scopes,
        } => {
            insert("type", "oauth2");
            let name = match grant {
                Grant::RefreshToken(_) => "refresh-token",
                Grant::Password { .. } => "password",
            };
            insert("grant", name);
            insert("token-url", token_url);
            for (key, text) in [("client-id", client_id), ("client-secret", client_secret)] {
                if let Some(text) = text {
                    insert(key, text);
                }
            }
            match grant {
                Grant::RefreshToken(token) => insert("refresh-token", token),
                Grant::Password { username, password } => {
                    insert("username", username);
                    insert("password", password);
                }
            }
            insert_list(&mut table, "scopes", scopes);
        }
    }
    table
}

fn insert_list(table: &mut Table, key: &str, items: &[String]) {
    if !items.is_empty() {
        table.insert(key, value(items.iter().collect::<Array>()));
    }
}
