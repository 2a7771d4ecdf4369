//! Workflow commands of GitHub Actions, which show a finding beside its line.

use std::fmt::Write;

use crate::diagnostic::{Diagnostic, Severity};

/// A finding as a workflow command. Columns are left out where the finding
/// spans lines, as GitHub takes them for one line only.
pub fn finding(finding: &Diagnostic) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let (start, end) = (finding.start, finding.end);
    let mut text = format!(
        "::{command} file={},line={},endLine={}",
        property(&finding.file),
        start.line,
        end.line
    );
    if start.line == end.line {
        // Writing to a string does not fail.
        let _ = write!(text, ",col={},endColumn={}", start.column, end.column);
    }
    let _ = write!(text, ",title={}::", property(finding.rule.name));
    text += &data(&finding.message);
    if let Some(help) = &finding.help {
        text += "%0Ahelp: ";
        text += &data(help);
    }
    text
}

/// The message of a command, with what would end it escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command, with what would end it escaped.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::URL_SYNTAX;
    use crate::source::{Page, Span};

    #[test]
    fn what_a_page_says_ends_no_command() {
        let page = Page::new("a,b:c.md", "one\ntwo".to_owned());
        let found = Diagnostic::at(&page, &URL_SYNTAX, Span::new(0, 2), "50%\n::error::x");
        assert_eq!(
            finding(&found.clone().help("y\r")),
            "::error file=a%2Cb%3Ac.md,line=1,endLine=1,col=1,endColumn=3,title=url-syntax\
             ::50%25%0A::error::x%0Ahelp: y%0D"
        );
        let over = Diagnostic::at(&page, &URL_SYNTAX, Span::new(0, 6), "x");
        assert_eq!(
            finding(&over),
            "::error file=a%2Cb%3Ac.md,line=1,endLine=2,title=url-syntax::x"
        );
    }
}
