//! Markdown for a job summary or a comment, which GitHub takes up to a length.

use super::pretty::plural;

/// The longest text, in characters: GitHub takes 65,536 in a comment.
const LIMIT: usize = 65_000;
/// What is left for the line that says what was left out.
const RESERVE: usize = 200;

/// What is to be said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Digest {
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
pub(crate) fn document(digest: &Digest) -> String {
    let mut text = format!("### {}\n", digest.title);
    for paragraph in &digest.paragraphs {
        text += &format!("\n{paragraph}\n");
    }
    if digest.rows.is_empty() {
        return text;
    }
    text += &format!("\n{}", head(digest.columns));
    let mut length = text.chars().count();
    for (at, row) in digest.rows.iter().enumerate() {
        let row = line(row);
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

/// A whole table as a paragraph, each cell in Markdown.
pub(crate) fn table(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = head(columns);
    text.extend(rows.map(|row| line(&row)));
    text.truncate(text.trim_end().len());
    text
}

fn head(columns: &[&str]) -> String {
    format!(
        "| {} |\n|{}\n",
        columns.join(" | "),
        "---|".repeat(columns.len())
    )
}

fn line(row: &[String]) -> String {
    format!("| {} |\n", row.join(" | "))
}

/// A text as it is, on one line: nothing in it is Markdown, HTML, a mention, a
/// reference or a link. `longest` characters of it are shown.
pub(crate) fn escaped(text: &str, longest: usize) -> String {
    let text = text.trim();
    let mut shown = String::with_capacity(text.len());
    for (at, (start, c)) in text.char_indices().enumerate() {
        if at == longest {
            shown.push('…');
            break;
        }
        let rest = &text[start..];
        let is_link = match c {
            ':' => rest.starts_with("://"),
            '.' => text[..start].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        match c {
            '&' | '<' | '>' | '@' | '#' | '$' => shown += &format!("&#{};", u32::from(c)),
            ':' | '.' if is_link => shown += &format!("&#{};", u32::from(c)),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => {
                shown.push('\\');
                shown.push(c);
            }
            c if c.is_control() || c.is_whitespace() => shown.push(' '),
            c => shown.push(c),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// What a cell of a table shows, and whether all of it is text.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let table = format!("| a |\n|---|\n| {} |\n", escaped(text, 500));
        let mut shown = String::new();
        let parser = Parser::new_ext(&table, Options::all());
        for event in parser {
            match event {
                Event::Text(text) => shown += &text,
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
                | Event::End(_) => {}
                other => panic!("{other:?} in {table}"),
            }
        }
        assert_eq!(shown, format!("a{expected}"), "{table}");
    }

    #[test]
    fn a_text_of_a_page_is_no_markdown() {
        let text = "<b>x</b> @all #1 | [a](http://b.c) ![a](b) `d` **e** __f__ ~~g~~ $h$ \\| i\\";
        check(text, text);
        check("a\n\n# b\n| c |", "a  # b | c |");
        check("<script>alert(1)</script>", "<script>alert(1)</script>");
        assert_eq!(escaped("abcdef", 3), "abc…");
    }

    #[test]
    fn what_github_would_make_a_link_or_a_mention_of_is_broken() {
        let shown = escaped("http://a.b www.c.d @e #2", 500);
        for sign in ["://", "www.", "@", "#2"] {
            assert!(!shown.contains(sign), "{sign}: {shown}");
        }
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
