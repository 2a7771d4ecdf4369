//! The expressions in C# that API Doctor compiles (`#DateTimeOffset.UtcNow`),
//! as far as a template of ours can say the same.
//!
//! *expression = term { `+` term }*, and a term is a string, `values["[name]"]`,
//! `Guid.NewGuid()`, `DateTimeOffset.UtcNow` with `.AddDays(3)` and the like,
//! base64 of an expression's UTF-8, or an expression in parentheses.

/// How deep expressions may stand in each other.
const DEPTH_LIMIT: usize = 8;

/// The template that says what `code` (what stands after the `#`) says, or
/// nothing. `stored` gives the template of a stored value, by its `[name]`.
pub(super) fn template(code: &str, stored: &dyn Fn(&str) -> String) -> Option<String> {
    let code = code.trim().trim_end_matches(';');
    let mut reader = Reader {
        rest: code,
        stored,
        depth: 0,
    };
    let (text, _) = reader.expression()?;
    reader.rest.trim().is_empty().then_some(text)
}

/// What a term is; a time is written by the culture once it is joined to text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Time,
}

struct Reader<'c> {
    rest: &'c str,
    stored: &'c dyn Fn(&str) -> String,
    depth: usize,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        match self.rest.trim_start().strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) -> Option<()> {
        self.take(text).then_some(())
    }

    fn expression(&mut self) -> Option<(String, Type)> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return None;
        }
        let (mut text, mut kind) = self.term()?;
        while self.take("+") {
            let (more, more_kind) = self.term()?;
            if kind == Type::Time || more_kind == Type::Time {
                return None;
            }
            text += &more;
            kind = Type::Text;
        }
        self.depth -= 1;
        Some((text, kind))
    }

    fn term(&mut self) -> Option<(String, Type)> {
        if self.take("(") {
            let inner = self.expression()?;
            self.expect(")")?;
            return Some(inner);
        }
        if self.rest.trim_start().starts_with('"') {
            return Some((self.string()?.replace("${", "$${"), Type::Text));
        }
        if self.take("values[") {
            let name = self.string()?;
            self.expect("]")?;
            let name = name.strip_prefix('[')?.strip_suffix(']')?;
            return Some(((self.stored)(name), Type::Text));
        }
        self.take("System.");
        if self.take("Convert.ToBase64String(") {
            self.take("System.");
            self.take("Text.");
            self.expect("Encoding.UTF8.GetBytes(")?;
            let (inner, kind) = self.expression()?;
            self.expect(")")?;
            self.expect(")")?;
            return (kind == Type::Text).then(|| (format!("${{base64:{inner}}}"), Type::Text));
        }
        if self.take("Guid.NewGuid()") {
            self.take(".ToString()");
            return Some(("${uuid}".to_owned(), Type::Text));
        }
        if self.take("DateTimeOffset.UtcNow") || self.take("DateTimeOffset.Now") {
            return Some((self.time()?, Type::Time));
        }
        None
    }

    /// Reads `.AddDays(3)` and the like, all of them one offset.
    fn time(&mut self) -> Option<String> {
        let mut seconds: i64 = 0;
        while self.take(".Add") {
            let unit = [
                ("Days(", 24 * 60 * 60),
                ("Hours(", 60 * 60),
                ("Minutes(", 60),
                ("Seconds(", 1),
            ];
            let (_, unit) = unit.into_iter().find(|(name, _)| self.take(name))?;
            let end = self.rest.find(')')?;
            let count: i64 = self.rest[..end].trim().parse().ok()?;
            self.rest = &self.rest[end + 1..];
            seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        }
        Some(now(seconds))
    }

    /// Reads a string, its escapes and all.
    fn string(&mut self) -> Option<String> {
        let rest = self.rest.trim_start().strip_prefix('"')?;
        let mut text = String::new();
        let mut chars = rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &rest[at + 1..];
                    return Some(text);
                }
                '\\' => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    c @ ('"' | '\\' | '\'') => c,
                    _ => return None,
                }),
                c => text.push(c),
            }
        }
        None
    }
}

/// The template of the time so many seconds from now, in the largest unit that
/// leaves nothing over.
fn now(seconds: i64) -> String {
    let units = [("d", 24 * 60 * 60), ("h", 60 * 60), ("m", 60), ("s", 1)];
    let sign = if seconds < 0 { '-' } else { '+' };
    let amount = seconds.unsigned_abs();
    match units
        .into_iter()
        .find(|(_, unit)| amount.is_multiple_of(*unit))
    {
        Some((name, unit)) if amount > 0 => format!("${{now {sign} {}{name}}}", amount / unit),
        _ => "${now}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &str, expected: Option<&str>) {
        let stored = |name: &str| format!("${{{name}}}");
        assert_eq!(template(code, &stored).as_deref(), expected, "{code}");
    }

    #[test]
    fn a_time_becomes_an_offset() {
        check("DateTimeOffset.UtcNow", Some("${now}"));
        check("DateTimeOffset.UtcNow.AddDays(3)", Some("${now + 3d}"));
        check(
            "System.DateTimeOffset.Now.AddHours( -36 );",
            Some("${now - 36h}"),
        );
        check(
            "DateTimeOffset.UtcNow.AddDays(1).AddMinutes(30)",
            Some("${now + 1470m}"),
        );
        check("DateTimeOffset.UtcNow.AddMonths(1)", None);
        check("DateTimeOffset.UtcNow.AddDays(1.5)", None);
        check("DateTimeOffset.UtcNow.ToString(\"o\")", None);
        // Json.NET's own form for it would be the culture's.
        check("DateTime.UtcNow", None);
        check("\"at \" + DateTimeOffset.UtcNow", None);
    }

    #[test]
    fn text_is_joined() {
        check(r#"values["[id]"]"#, Some("${id}"));
        check(
            r#""a\"b" + values["[id]"] + "${c}""#,
            Some("a\"b${id}$${c}"),
        );
        check(
            r#""u!" + System.Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(values["[url]"]))"#,
            Some("u!${base64:${url}}"),
        );
        check("Guid.NewGuid().ToString() + \".txt\"", Some("${uuid}.txt"));
        check(r#"("a" + ("b"))"#, Some("ab"));
        check(r#"values["[id]"].Substring(1)"#, None);
        check(r#"values["id"]"#, None);
        check("\"a", None);
        check("", None);
        check(&"(".repeat(10_000), None);
    }
}
