//! Rules about examples that no annotation states: recognised ones, and those that
//! document no status.

use super::site::{Parsed, Site};
use crate::page::extract::CasePlaces;
use crate::text::finding::Diagnostic;
use crate::text::rules::{
    COMMAND_AND_DOCS_DIFFER, CURL_SYNTAX, REQUEST_WITHOUT_RESPONSE, STATUS_NOT_DOCUMENTED,
};
use crate::text::severity::Severity;
use crate::text::source::{Page, Span};

/// Checks a page.
pub(super) fn check(_: &Site<'_>, parsed: &Parsed<'_>, found: &mut Vec<Diagnostic>) {
    let page = parsed.page;
    let extracted = &parsed.extracted;
    let cases = extracted.cases.iter().zip(&extracted.places);
    found.extend(cases.filter_map(|(case, places)| {
        let status = case.response.as_ref()?.message.status;
        status_not_documented(page, status.code(), places, &status.to_string())
    }));
    let recognised = &extracted.recognised;
    found.extend(recognised.alone.iter().map(|block| {
        let message = "no response is recognised for this request, so it is not tested";
        Diagnostic::at(
            page,
            &REQUEST_WITHOUT_RESPONSE,
            first_line(page, *block),
            message,
        )
        .help("show the response below the request, or annotate both")
    }));
    found.extend(recognised.unreadable.iter().map(|unreadable| {
        Diagnostic::at(page, &CURL_SYNTAX, unreadable.span, &*unreadable.reason)
            // The page does not say that the command is an example.
            .severity(Severity::Warning)
    }));
    found.extend(recognised.differing.iter().map(|differing| {
        let line = page.line(differing.operation.start);
        Diagnostic::at(
            page,
            &COMMAND_AND_DOCS_DIFFER,
            differing.command,
            &*differing.message,
        )
        .help(format!(
            "correct the command, or the operation on line {line}"
        ))
    }));
}

/// Reports a response that is compared with a class of statuses only.
fn status_not_documented(
    page: &Page,
    code: Option<u16>,
    places: &CasePlaces,
    class: &str,
) -> Option<Diagnostic> {
    let block = places.response.as_ref().filter(|_| code.is_none())?.block;
    let message = format!("the status of this response is not documented; any {class} conforms");
    let finding = Diagnostic::at(
        page,
        &STATUS_NOT_DOCUMENTED,
        first_line(page, block),
        message,
    );
    Some(finding.help("write a status line above the body, such as `HTTP/1.1 200 OK`"))
}

/// The first line of a block.
fn first_line(page: &Page, block: Span) -> Span {
    let text = page.slice(block);
    let line = text.lines().next().unwrap_or_default().trim_end();
    Span::new(block.start, block.start + line.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::docs_files::Files;
    use crate::check::rules::settings::Settings;
    use crate::http::status::Status;
    use crate::page::recognise::{Differing, Unreadable};

    const PAGE: &str = "<!-- {\"blockType\": \"request\"} -->\n```http\nGET /a\n```\n\
                        <!-- {\"blockType\": \"response\"} -->\n```http\nHTTP/1.1 200 OK\n```\n\
                        ```sh\ncurl -X PUT /b\n```\n";

    /// Checks the findings of a page after a change of what was read: rule, place
    /// and message.
    #[track_caller]
    fn check(change: impl Fn(&Page, &mut Parsed<'_>), expected: &[(&str, usize, &str)]) {
        let page = Page::new("p.md", PAGE.to_owned());
        let mut parsed = Parsed::of(&page);
        change(&page, &mut parsed);
        let (files, settings, pages) = (Files::default(), Settings::default(), [parsed]);
        let site = Site::new(&pages, &files, &settings);
        let mut found = Vec::new();
        super::check(&site, &site.pages[0], &mut found);
        let found: Vec<_> = found
            .iter()
            .map(|finding| (finding.rule.name, finding.start.line, &*finding.message))
            .collect();
        assert_eq!(found, expected);
    }

    fn span(page: &Page, text: &str) -> Span {
        let start = page.text.find(text).expect("on the page");
        Span::new(start, start + text.len())
    }

    #[test]
    fn reports_responses_without_a_documented_status() {
        check(|_, _| {}, &[]);
        let message = "the status of this response is not documented; any 4xx conforms";
        check(
            |_, parsed| {
                let response = parsed.extracted.cases[0].response.as_mut();
                response.expect("a response").message.status = Status::Class(4);
            },
            &[("status-not-documented", 6, message)],
        );
    }

    #[test]
    fn reports_recognised_requests_without_a_response() {
        let message = "no response is recognised for this request, so it is not tested";
        check(
            |page, parsed| {
                let block = span(page, "```sh\ncurl -X PUT /b\n```");
                parsed.extracted.recognised.alone.push(block);
            },
            &[("request-without-response", 9, message)],
        );
    }

    #[test]
    fn reports_commands_that_cannot_be_read_or_differ() {
        check(
            |page, parsed| {
                let unreadable = Unreadable {
                    span: span(page, "-X PUT"),
                    reason: "unreadable".to_owned(),
                };
                let differing = Differing {
                    command: span(page, "/b"),
                    operation: span(page, "GET /a"),
                    message: "differs".to_owned(),
                };
                parsed.extracted.recognised.unreadable.push(unreadable);
                parsed.extracted.recognised.differing.push(differing);
            },
            &[
                ("curl-syntax", 10, "unreadable"),
                ("command-and-docs-differ", 10, "differs"),
            ],
        );
    }
}
