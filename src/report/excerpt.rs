//! A finding under the page's own lines, or on one line.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::printable;
use crate::text::finding::Diagnostic;
use crate::text::severity::Severity;

const RENDERER: Renderer = Renderer::styled();

/// The finding with the lines that it is about, carets under the characters,
/// and what to write instead. With ANSI styles.
pub(crate) fn full(finding: &Diagnostic) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message = printable(&finding.message);
    let file = printable(&finding.file);
    let title = level.primary_title(&*message).id(finding.rule.name);
    let mut group = match &finding.snippet {
        Some(snippet) => title.element(
            Snippet::source(&*snippet.text)
                .line_start(snippet.first_line)
                .path(&*file)
                .annotation(AnnotationKind::Primary.span(snippet.span.range())),
        ),
        None => Group::with_title(title).element(
            Origin::path(&*file)
                .line(finding.start.line)
                .char_column(finding.start.column),
        ),
    };
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    RENDERER.render(&[group])
}

/// `path:line:column: error[rule]: message; help`.
pub(crate) fn short(finding: &Diagnostic) -> String {
    let help = finding
        .help
        .as_ref()
        .map(|help| format!("; {help}"))
        .unwrap_or_default();
    let line = format!(
        "{}:{}:{}: {}[{}]: {}{help}",
        finding.file,
        finding.start.line,
        finding.start.column,
        finding.severity.name(),
        finding.rule.name,
        finding.message,
    );
    printable(&line).into_owned()
}
