//! Placeholders in targets as authors write them.

use std::borrow::Cow;

/// A target with each placeholder as `{name}`: those written `:name`, `[name]`,
/// `$NAME`, `${NAME}`, `{{name}}`, or in capitals.
pub(crate) fn with_placeholders(target: &str) -> Cow<'_, str> {
    if !target.contains([':', '[', '$', '_']) && !target.contains("{{") && !has_capitals(target) {
        return Cow::Borrowed(target);
    }
    let (before, rest) = match target.find("://") {
        Some(at) => target.split_at(at + 3),
        None => ("", target),
    };
    let (path, query) = match rest.find('?') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let mut written = before.to_owned();
    for (at, segment) in path.split('/').enumerate() {
        if at > 0 {
            written.push('/');
        }
        let is_host = at == 0 && !before.is_empty();
        match placeholder(segment) {
            Some(whole) if !is_host => written.push_str(&whole),
            _ => written.push_str(segment),
        }
    }
    for (at, pair) in query.split('&').enumerate() {
        if at > 0 {
            written.push('&');
        }
        let value = pair
            .split_once('=')
            .map(|(name, value)| (name, placeholder(value).filter(|_| !is_constant(value))));
        match value {
            Some((name, Some(value))) => {
                written.push_str(name);
                written.push('=');
                written.push_str(&value);
            }
            _ => written.push_str(pair),
        }
    }
    if written == target {
        Cow::Borrowed(target)
    } else {
        Cow::Owned(written)
    }
}

fn has_capitals(target: &str) -> bool {
    target.split(['/', '=', '&']).any(is_capitals)
}

/// A segment or a value that is a placeholder, perhaps with text after it.
fn placeholder(text: &str) -> Option<String> {
    let name_length = |text: &str| {
        let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c));
        Some(end.unwrap_or(text.len())).filter(|end| starts && *end > 0)
    };
    let braced = |name: &str, rest: &str| Some(format!("{{{name}}}{rest}"));
    if let Some(rest) = text.strip_prefix(':') {
        let (name, rest) = rest.split_at(name_length(rest)?);
        // `:name:` is a path of OneDrive.
        return braced(name, rest).filter(|_| !rest.starts_with(':'));
    }
    if let Some(rest) = text.strip_prefix("${") {
        let (name, rest) = rest.split_once('}')?;
        return braced(name, rest);
    }
    if let Some(rest) = text.strip_prefix("{{") {
        let (name, rest) = rest.split_once("}}")?;
        return braced(name.trim(), rest);
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (name, rest) = rest.split_once(']')?;
        let is_name = name.starts_with(|c: char| c.is_alphabetic())
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || " _-".contains(c));
        return braced(name, rest).filter(|_| is_name);
    }
    if let Some(rest) = text.strip_prefix('$') {
        // `$count` is a segment of OData.
        let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let end = rest.find(|c| !is_capital(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && !rest.starts_with(char::is_alphanumeric);
        return braced(name, rest).filter(|_| is_name);
    }
    is_capitals(text).then(|| format!("{{{text}}}"))
}

/// Whether a text is a name in capitals: `USER_ID`, `YOURDOMAIN`, `ID`.
fn is_capitals(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && (text.contains('_') || names_a_value(text))
}

/// Whether a text in capitals says what belongs there.
fn names_a_value(text: &str) -> bool {
    const ENDS: [&str; 5] = ["ID", "NAME", "KEY", "TOKEN", "UUID"];
    text.starts_with("YOUR") || ENDS.iter().any(|it| text.ends_with(it))
}

/// Whether a value of a query is the name of a constant: `SECONDARY_PREFERRED`.
fn is_constant(text: &str) -> bool {
    is_capitals(text) && !names_a_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, expected: &str) {
        assert_eq!(with_placeholders(target), expected);
    }

    #[test]
    fn reads_placeholders_in_the_notations_of_authors() {
        check("/users/:id/keys", "/users/{id}/keys");
        check("/users/:id.json?page=:page", "/users/{id}.json?page={page}");
        check("/gems/[GEM NAME].json", "/gems/{GEM NAME}.json");
        check("$HOST/v1/${ID}", "{HOST}/v1/{ID}");
        check(
            "https://a.example/v1/USER_ID",
            "https://a.example/v1/{USER_ID}",
        );
        check("/{{id}}", "/{id}");
        check("/x?key=YOUR_API_KEY", "/x?key={YOUR_API_KEY}");
    }

    #[test]
    fn keeps_other_text() {
        for target in [
            "http://localhost:8500/v1",
            "/users/$count?$filter=a",
            "/drive/root:/a:/children",
            "/series?match[]=up",
            "/API/ERR",
            "/users/{id}/<key>",
            "/a_b",
            "/x?a=SECONDARY_PREFERRED",
        ] {
            check(target, target);
        }
    }
}
