//! Fixes a whole page from the responses to its cases.

use super::block::fix;
use super::change::{Fix, Observed};
use crate::http::message::Response;
use crate::http::policy::Policies;
use crate::page::case::Case;
use crate::page::extract::{Extracted, Places};
use crate::page::reader::Reader;
use crate::text::source::{Edit, Page, Span, apply};

/// The observed response of a case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ObservedCase<'a> {
    /// The id of the result; a case with named scenarios has several.
    pub id: String,
    /// The case.
    pub case: &'a Case,
    /// What its page should document.
    pub observed: Observed,
}

/// The fixes of one response block.
struct Block<'a> {
    span: Span,
    fix: Fix,
    /// The first result for the block.
    id: &'a str,
    /// Another result that requires different edits.
    other: Option<&'a str>,
}

/// What a response should document after the edits.
struct Written<'a> {
    span: Span,
    case: &'a Case,
    observed: &'a Observed,
    body: Option<String>,
}

/// Finds the fixes of a page. A response block for several cases is only edited
/// if they agree. If the edited page would not document what was observed, the
/// page is not edited.
pub(crate) fn fix_page(
    page: &Page,
    reader: &Reader,
    cases: &[ObservedCase<'_>],
    policies: &Policies,
) -> Fix {
    let extracted = reader.extract(page);
    let mut whole = Fix::default();
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut written: Vec<Written<'_>> = Vec::new();
    for ObservedCase { id, case, observed } in cases {
        let at = extracted.cases.iter().position(|found| found == *case);
        let Some((places, documented)) = at.and_then(|at| response(&extracted, at)) else {
            let message = format!("`{id}` changed since it was read");
            whole.refuse(Span::default(), message);
            continue;
        };
        let fix = fix(page, places, documented, observed, policies);
        written.push(Written {
            span: places.block,
            case,
            observed,
            body: fix.body.clone().or_else(|| documented.body.clone()),
        });
        match blocks.iter_mut().find(|block| block.span == places.block) {
            None => blocks.push(Block {
                span: places.block,
                fix,
                id,
                other: None,
            }),
            Some(block) if block.fix.edits == fix.edits => {
                for refusal in fix.refusals {
                    if !block.fix.refusals.contains(&refusal) {
                        block.fix.refusals.push(refusal);
                    }
                }
            }
            Some(block) => block.other = Some(id),
        }
    }
    for mut block in blocks {
        if let Some(other) = block.other {
            let id = block.id;
            let message = format!(
                "this response documents both `{id}` and `{other}`, but their actual responses differ"
            );
            whole.refuse(block.span, message);
            written.retain(|written| written.span != block.span);
        } else {
            whole.edits.append(&mut block.fix.edits);
            whole.refusals.append(&mut block.fix.refusals);
        }
    }
    whole.edits.sort();
    if !whole.edits.is_empty()
        && !reads_as(page, reader, &whole.edits, &extracted, &written, policies)
    {
        whole.edits.clear();
        let message = "the edited page would parse differently; edit it by hand";
        whole.refuse(Span::default(), message);
    }
    whole.refusals.sort_by_key(|refusal| refusal.span);
    whole
}

/// The places and the documented response of a case.
fn response(extracted: &Extracted, at: usize) -> Option<(&Places, &Response)> {
    let places = extracted.places.get(at)?.response.as_ref()?;
    let response = extracted.cases.get(at)?.response.as_ref()?;
    Some((places, &response.message))
}

/// Whether the edited page has the same cases, and documents what was observed.
fn reads_as(
    page: &Page,
    reader: &Reader,
    edits: &[Edit],
    before: &Extracted,
    written: &[Written<'_>],
    policies: &Policies,
) -> bool {
    let page = Page::new(page.path.clone(), apply(&page.text, edits));
    let after = reader.extract(&page);
    let keys = |extracted: &Extracted| -> Vec<_> {
        let cases = extracted.cases.iter();
        let keys = cases.map(|case| (case.id.clone(), case.request.clone()));
        keys.collect()
    };
    keys(before) == keys(&after)
        && written.iter().all(|written| {
            let id = &written.case.id;
            let at = after.cases.iter().position(|found| found.id == *id);
            // Byte ranges of members refer to the body before the edits.
            let observed = Observed {
                members: Vec::new(),
                ..written.observed.clone()
            };
            at.and_then(|at| response(&after, at))
                .is_some_and(|(places, documented)| {
                    let more = fix(&page, places, documented, &observed, policies);
                    more.edits.is_empty() && documented.body == written.body
                })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with one response to two requests.
    const SHARED: &str = "<!-- {\"blockType\": \"request\", \"name\": \"a\"} -->\n```\nGET /a\n```\n\
                          <!-- {\"blockType\": \"request\", \"name\": \"b\"} -->\n```\nGET /b\n```\n\
                          <!-- {\"blockType\": \"response\", \"name\": [\"a\", \"b\"]} -->\n```\nHTTP/1.1 200 OK\n```\n";

    fn observed_case(case: &Case, observed: Observed) -> ObservedCase<'_> {
        ObservedCase {
            id: case.id.clone(),
            case,
            observed,
        }
    }

    fn fixed(text: &str, statuses: &[u16]) -> Fix {
        let page = Page::new("p.md", text.to_owned());
        let cases = Reader::default().extract(&page).cases;
        let observed: Vec<ObservedCase<'_>> = cases
            .iter()
            .zip(statuses)
            .map(|(case, status)| {
                let status = *status;
                let observed = Observed {
                    status,
                    ..Observed::default()
                };
                observed_case(case, observed)
            })
            .collect();
        fix_page(&page, &Reader::default(), &observed, &Policies::default())
    }

    #[test]
    fn fixes_shared_responses_where_the_cases_agree() {
        let agreed = fixed(SHARED, &[202, 202]);
        assert_eq!((agreed.edits.len(), agreed.refusals), (2, vec![]));
        for statuses in [[202, 200], [200, 202], [202, 201]] {
            let disputed = fixed(SHARED, &statuses);
            assert_eq!(disputed.edits, []);
            let message = &disputed.refusals[0].message;
            assert!(message.contains("both `p::a` and `p::b`"), "{message}");
        }
    }

    #[test]
    fn refuses_cases_that_the_page_no_longer_has() {
        let page = Page::new("p.md", SHARED.to_owned());
        let cases = Reader::default().extract(&page).cases;
        let changed = Page::new("p.md", SHARED.replace("GET /a", "GET /c"));
        let observed = Observed {
            status: 202,
            ..Observed::default()
        };
        let done = fix_page(
            &changed,
            &Reader::default(),
            &[observed_case(&cases[0], observed)],
            &Policies::default(),
        );
        assert_eq!((done.edits.len(), done.refusals.len()), (0, 1));
    }
}
