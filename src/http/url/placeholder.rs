//! Placeholders in documented text: `{name}` and `<name>`.

/// A piece of text with placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// Text without placeholders; never empty.
    Text(&'t str),
    /// A placeholder.
    Placeholder {
        /// The text between its brackets, trimmed.
        name: &'t str,
        /// The placeholder with its brackets.
        written: &'t str,
    },
}

impl<'t> Piece<'t> {
    /// The piece as it is written.
    pub(super) fn written(self) -> &'t str {
        match self {
            Self::Text(written) | Self::Placeholder { written, .. } => written,
        }
    }
}

/// Whether text between brackets is a name. JSON and GraphQL are not, nor are
/// the URLs of a `Link` field.
pub(super) fn is_name(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || " -_|.#$@()'".contains(c))
}

/// Whether text between the brackets of a path is a name. It may have a
/// constraint: `{id:guid}`, `{id?}`.
pub(super) fn is_name_in_path(text: &str) -> bool {
    !text.contains('"')
}

/// The pieces of a text, in order.
pub(super) fn pieces(text: &str, is_name: fn(&str) -> bool) -> Pieces<'_> {
    Pieces {
        rest: text,
        is_name,
        open: 0,
        previous: None,
    }
}

/// The pieces of a text that are left.
#[derive(Debug)]
pub(super) struct Pieces<'t> {
    rest: &'t str,
    is_name: fn(&str) -> bool,
    /// The number of braces that are open in the text before.
    open: usize,
    /// The last character before that is not a space.
    previous: Option<char>,
}

impl<'t> Pieces<'t> {
    /// The length and the name of the placeholder at the start of `text`. Empty
    /// or unclosed brackets are literal text.
    fn placeholder(&self, text: &'t str) -> Option<(usize, &'t str)> {
        let close = match text.as_bytes().first()? {
            // The fields of a GraphQL object: `{user(id: 1){name}}`.
            b'{' if self.open > 0 && self.previous.is_some_and(ends_a_field) => return None,
            b'{' => '}',
            b'<' => '>',
            _ => return None,
        };
        let end = text[1..].find([close, '{', '<', '\n', '&'])? + 1;
        if !text[end..].starts_with(close) {
            return None;
        }
        let name = text[1..end].trim();
        (!name.is_empty() && (self.is_name)(name)).then_some((end + 1, name))
    }

    fn pass(&mut self, c: char) {
        match c {
            '{' => self.open += 1,
            '}' => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        if c != ' ' {
            self.previous = Some(c);
        }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let text = self.rest;
        if let Some((length, name)) = self.placeholder(text) {
            let (written, rest) = text.split_at(length);
            self.rest = rest;
            self.previous = Some('}');
            return Some(Piece::Placeholder { name, written });
        }
        let mut length = 0;
        for c in text.chars() {
            if length > 0 && self.placeholder(&text[length..]).is_some() {
                break;
            }
            self.pass(c);
            length += c.len_utf8();
        }
        let (written, rest) = text.split_at(length);
        self.rest = rest;
        (!written.is_empty()).then_some(Piece::Text(written))
    }
}

/// Whether a field of a GraphQL selection may end with this character.
fn ends_a_field(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = pieces(text, is_name).map(Piece::written).collect();
        assert_eq!(found, expected);
        assert_eq!(found.concat(), text);
    }

    #[test]
    fn splits_text_at_its_placeholders() {
        check("", &[]);
        check("a{b}<c>d", &["a", "{b}", "<c>", "d"]);
        check("{ a }{}", &["{ a }", "{}"]);
        check("{a", &["{a"]);
        check("{a&b}", &["{a&b}"]);
        check("{{a}}", &["{", "{a}", "}"]);
        check("</a?b>; rel=next", &["</a?b>; rel=next"]);
        check("{\"ä\": {b}}", &["{\"ä\": ", "{b}", "}"]);
        check("{a(b:{c}){d}}{e}", &["{a(b:", "{c}", "){d}}", "{e}"]);
    }
}
