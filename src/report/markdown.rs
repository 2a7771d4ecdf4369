//! Markdown for a job summary or a comment, which GitHub takes up to a length.

use super::pretty::plural;

/// The longest text, in characters: GitHub takes 65,536 in a comment.
const LIMIT: usize = 65_000;
/// What is left for the line that says what was left out.
const RESERVE: usize = 200;

/// What is to be said.
#[derive(Debug, Clone, Default)]
pub struct Digest {
    /// The heading.
    pub title: String,
    /// Paragraphs under it, which hold Markdown.
    pub paragraphs: Vec<String>,
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// The rows of the table, each cell in Markdown.
    pub rows: Vec<Vec<String>>,
    /// What a row is called, for those that are left out.
    pub noun: &'static str,
}

/// The digest, with as many rows as fit.
pub fn document(digest: &Digest) -> String {
    let mut text = format!("### {}\n", digest.title);
    for paragraph in &digest.paragraphs {
        text += &format!("\n{paragraph}\n");
    }
    if digest.rows.is_empty() {
        return text;
    }
    text += &format!("\n| {} |\n", digest.columns.join(" | "));
    text += &format!("|{}\n", "---|".repeat(digest.columns.len()));
    let mut length = text.chars().count();
    for (at, row) in digest.rows.iter().enumerate() {
        let row = format!("| {} |\n", row.join(" | "));
        length += row.chars().count();
        if length > LIMIT - RESERVE {
            let left = plural(digest.rows.len() - at, digest.noun);
            text += &format!("\n{left} more: left out here, for length.\n");
            break;
        }
        text += &row;
    }
    text
}

/// A text as it is, on one line: nothing in it is Markdown, HTML, a mention or
/// a link. `longest` characters of it are shown.
pub fn escaped(text: &str, longest: usize) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.trim().chars().enumerate() {
        if at == longest {
            shown.push('…');
            break;
        }
        match c {
            '&' => shown += "&amp;",
            '<' => shown += "&lt;",
            '>' => shown += "&gt;",
            // As an entity none begins a mention, a reference, a link or a cell.
            '@' | '#' | '|' | ':' | '.' | '`' => shown += &format!("&#{};", u32::from(c)),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' | '-' | '!' | '~' | '$'
            | '^' | '=' | '"' | '\'' => {
                shown += &format!("&#{};", u32::from(c));
            }
            c if c.is_control() || c.is_whitespace() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_page_is_no_markdown() {
        let text = "<b>x</b> @all #1 | [a](http://b.c) `d` **e**\n\n# f";
        let shown = escaped(text, 500);
        for sign in ['<', '>', '@', '|', '[', ']', '(', ')', '`', '*', '\n', ':', '.'] {
            assert!(!shown.contains(sign), "{sign}: {shown}");
        }
        let html = {
            let mut html = String::new();
            let parser = pulldown_cmark::Parser::new(&shown);
            for event in parser {
                if let pulldown_cmark::Event::Text(text) = event {
                    html += &text;
                }
            }
            html
        };
        assert_eq!(html, text.replace("\n\n", "  "));
        assert_eq!(escaped("abcdef", 3), "abc…");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let digest = Digest {
            title: "x".to_owned(),
            columns: &["a", "b"],
            rows: vec![vec!["ö".repeat(100), "y".repeat(900)]; 100],
            noun: "failure",
            ..Digest::default()
        };
        let text = document(&digest);
        assert!(text.chars().count() <= LIMIT, "{}", text.chars().count());
        assert!(text.contains("failures more: left out"), "no note");
        let rows = text.matches("| öö").count();
        assert!(text.contains(&format!("\n{} failures more", 100 - rows)));
    }
}
